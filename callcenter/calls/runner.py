"""The thin shell around the call table: the switch's events and the desk's decisions, sorted to the calls' mailboxes.

Failures of the switch come back to the call as :class:`callcenter.calls.messages.ActionFailed`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import assert_never

import structlog

from callcenter.acd import messages as acd
from callcenter.asterisk import events as e
from callcenter.calls import messages as m
from callcenter.calls.admission import admit
from callcenter.calls.adopting import NO_WORDS, DeskWord
from callcenter.calls.call import Call, First, begin
from callcenter.calls.doing import Doer, LiveCall
from callcenter.calls.life import MAILBOX_SIZE, Life
from callcenter.calls.live import LiveCalls
from callcenter.calls.looking import hang_up_stray
from callcenter.calls.ports import Callbacks, Desk, Effects, Journal, Messages, Pages, Prompts
from callcenter.calls.replay import NOTHING_LEFT, Replayed
from callcenter.calls.switch import CallGateway, Dialler, Lines
from callcenter.calls.taking_up import TakingUp
from callcenter.clock import Clock
from callcenter.errors import CallCenterError, Unavailable
from callcenter.ids import AgentId, CallId, OfferId, call_of, new_id
from callcenter.ivr.flow import FlowSet

_log = structlog.get_logger()


class CallRunner:
    """Runs all calls of all nodes."""

    def __init__(
        self,
        *,
        clock: Clock,
        desk: Desk,
        journal: Journal,
        pages: Pages,
        prompts: Prompts,
        flows: Callable[[], FlowSet],
        effects: Effects | None = None,
        messages: Messages | None = None,
        dialler: Dialler | None = None,
        lines: Lines | None = None,
        callbacks: Callbacks | None = None,
        max_lines: int = 90,
        overflow_lines: int = 10,
        last_sign: Callable[[Call], datetime | None] = lambda call: None,
    ) -> None:
        """``last_sign``: when a call's caller was heard last, for calls that ended while nobody listened."""
        self._dialler, self._lines = dialler, lines
        self._callbacks = callbacks
        self._gateways: dict[str, CallGateway] = {}
        self._offers: dict[OfferId, CallId] = {}
        """Offers of call-backs: which call serves each."""
        self._clock, self._desk, self._journal = clock, desk, journal
        self._flows, self._max_lines = flows, max_lines
        self.live = LiveCalls()
        doer = Doer(
            post=self.post,
            desk=desk,
            pages=pages,
            prompts=prompts,
            effects=effects,
            messages=messages,
            dialler=dialler,
            callbacks=callbacks,
            line_free=lambda: self.live.lines_in_use <= self._max_lines,
        )
        self._life = Life(
            clock=clock, journal=journal, doer=doer, live=self.live, give_back=self._give_back, over=self._over
        )
        self._taking_up = TakingUp(
            clock=clock,
            live=self.live,
            life=self._life,
            post=self.post,
            arrive=self._arrive,
            last_sign=last_sign,
        )
        self._overflow_lines = overflow_lines
        self._listeners: list[Callable[[e.SwitchEvent], None]] = []

    @property
    def max_lines(self) -> int:
        """Real calls that are let in at once."""
        return self._max_lines

    def tell_of(self, agent_id: AgentId, *, here: bool) -> None:
        """An agent's page and telephone are both here again, or both gone: the call they are in must know."""
        for live in self.live:
            if agent_id in live.call.engaged:
                event = m.AgentBack(agent_id=agent_id) if here else m.AgentAway(agent_id=agent_id)
                self.post(live.call.id, event)

    def listen(self, listener: Callable[[e.SwitchEvent], None]) -> None:
        """Have every switch event told to ``listener`` too, after the calls (who is registered, for one)."""
        self._listeners.append(listener)

    def restore(
        self,
        found: Sequence[tuple[Replayed, FlowSet]],
        gateway: CallGateway,
        *,
        boots: Mapping[str, str],
        died_at: datetime | None,
        words: Mapping[CallId, DeskWord] = NO_WORDS,
    ) -> None:
        """See :meth:`callcenter.calls.taking_up.TakingUp.restore`. Call it before :meth:`follow`."""
        self._taking_up.restore(found, gateway, boots=boots, died_at=died_at, words=words)

    @property
    def reconciled(self) -> bool:
        """No call of the service before this one waits for the switch any more."""
        return not self.live.untaken

    async def taken_up(self, within_s: float) -> None:
        """Return when the calls of the service before this one go on, or after so long."""
        await self._taking_up.done(within_s)

    def post(self, call_id: CallId, event: m.Event, at: datetime | None = None) -> bool:
        """Put an event into a call's mailbox; False when there is no such call (any more).

        ``at``: when it happened, if that was not just now.
        """
        live = self.live.get(call_id)
        if live is None:
            return False
        try:
            live.mailbox.put_nowait((event, at))
        except asyncio.QueueFull:
            _log.error("mailbox_full", call_id=call_id)
            self._life.lose(live, "mailbox_full")
            return False
        return True

    def on_answered(self, listener: Callable[[Call], None]) -> None:
        """Have every call told to ``listener`` when its two parties first speak."""
        self._life.on_answered.append(listener)

    def on_changed(self, listener: Callable[[Call], None]) -> None:
        """Have every call told to ``listener`` after each of its events, before what follows is done: be quick."""
        self._life.on_changed.append(listener)

    def on_cut(self, listener: Callable[[Call], None]) -> None:
        """Have every call told to ``listener`` that ends because its switch was started anew."""
        self._taking_up.on_cut.append(listener)

    def call_of_offer(self, offer_id: OfferId) -> CallId:
        """The call that an offer belongs to: the waiting caller's, or the one that is made for a call-back."""
        return self._offers.get(offer_id) or CallId(offer_id.rpartition("-")[0])

    def dial(self, asked: m.DialAsked) -> None:
        """Begin a call that we make. Raises Unavailable when its node was never connected."""
        gateway = self._gateways.get(asked.node)
        if gateway is None:
            raise Unavailable("not connected to Asterisk")
        self._begin(asked, self._flows(), gateway)
        if asked.offer is not None:
            self._offers[asked.offer.offer_id] = asked.call_id

    @property
    def node(self) -> str:
        """Where calls are made; empty: nowhere yet."""
        return next(iter(self._gateways), "")

    def _call_back(self, offer: acd.OfferMade) -> None:
        """The turn of a call-back has come: a call is made for it, or its agent is given back."""
        asked = self._callbacks.dial(offer, CallId(new_id()), self.node) if self._callbacks else None
        try:
            if asked is not None:
                self.dial(asked)
                return
        except CallCenterError as error:
            _log.warning("callback_not_dialled", place=offer.call_id, reason=error.message)
        self._give_back(offer)
        if asked is None:
            self._desk.tell(acd.CallLeft(call_id=offer.call_id, cause=acd.LeaveCause.ENDED))

    def _give_back(self, offer: acd.OfferMade) -> None:
        """Nobody is there for this offer: its agent is free again, without blame."""
        self._desk.tell(acd.OfferFailed(offer_id=offer.offer_id, failure=acd.OfferFailure.CALLER_GONE))

    def _over(self, call_id: CallId) -> None:
        for offer_id in [each for each, served_by in self._offers.items() if served_by == call_id]:
            del self._offers[offer_id]

    def end_callback(self, place: CallId) -> None:
        """End the call that is being made for a call-back place which is over."""
        for live in self.live:
            if live.call.callback is not None and live.call.callback.call_id == place:
                self.post(live.call.id, m.Abort(reason="callback_cancelled"))

    def decided(self, action: acd.Action) -> None:
        """Sort the desk's decisions to the calls they concern."""
        match action:
            case acd.OfferMade() if action.callback is not None:
                self._call_back(action)
            case acd.OfferMade():
                if not self.post(action.call_id, m.Offered(offer=action)):
                    self._desk.tell(acd.CallLeft(call_id=action.call_id, cause=acd.LeaveCause.ENDED))
                    self._give_back(action)
            case acd.OfferWithdrawn():
                withdrawn = m.Withdrawn(offer_id=action.offer_id, reason=action.reason)
                self.post(self.call_of_offer(action.offer_id), withdrawn)
            case acd.QueueRefused():
                self.post(action.call_id, m.QueueEnded(queue=action.queue, reason=action.reason))
            case acd.WaitExpired():
                self.post(action.call_id, m.QueueEnded(queue=action.queue, reason="expired"))
            case acd.PositionChanged():
                self.post(action.call_id, m.PositionDue(position=action))
            case acd.ConsultRefused():
                self.post(action.call_id, m.ConsultRefused(agent_id=action.agent_id, code=action.code))
            case acd.CallMoved() | acd.WaitOver() | acd.CallbackOver() | acd.CallbackPaused():
                pass  # the call goes on waiting as before; call-backs have no channel
            case acd.AgentSnapshot() | acd.CommandRefused() | acd.IncidentFound():
                pass  # the pages' and the state log's business
            case _:
                assert_never(action)

    # --- the switch's events ---

    async def follow(self, gateway: CallGateway) -> None:
        """Sort one node's events to their calls; ends only by cancellation."""
        async for event in gateway.events():
            try:
                self._sort(gateway, event)
                for listener in self._listeners:
                    listener(event)
            except Exception:
                _log.exception("switch_event_failed", switch_event=type(event).__name__)

    def _sort(self, gateway: CallGateway, event: e.SwitchEvent) -> None:
        if self._lines is not None:
            self._lines.hear(event)
        if self._dialler is not None and self._dialler.hear(event, lambda: self._channel_gone(event)):
            return
        match event:
            case e.CallerArrived():
                self._arrive(gateway, event)
            case e.DigitPressed():
                self._post_caller(event.channel, m.Key(digit=event.digit))
            case e.ChannelGone():
                self._channel_gone(event)
            case e.LegAnswered():
                known = self._post_ours(event.channel, m.LegAnswered(channel=event.channel))
                if not known and call_of(event.channel) is not None:
                    hang_up_stray(gateway, event.channel)
            case e.LegRinging():
                if not self._taking_up.end_forgotten(gateway, event.channel):
                    self._post_ours(event.channel, m.LegRang(channel=event.channel))
            case e.PlaybackFinished():
                self._post_ours(event.playback, m.SayFinished(playback=event.playback, ok=event.ok))
            case e.RecordingFinished():
                recorded = m.MessageRecorded(recording=event.recording, seconds=event.seconds, ok=event.ok)
                self._post_ours(event.recording, recorded)
            case e.SwitchUp():
                self._gateways[event.node] = gateway
                self._taking_up.up(gateway, event)
            case _:
                pass  # presence and holds are others' business; what left is told by ChannelGone

    def _channel_gone(self, event: e.SwitchEvent) -> None:
        """The caller's channel or a leg of ours; of other events nothing is lost."""
        if isinstance(event, e.ChannelGone) and not self._post_caller(event.channel, m.CallerGone(cause=event.cause)):
            self._post_ours(event.channel, m.LegGone(channel=event.channel, cause=event.cause))

    def _post_caller(self, channel: str, event: m.Event) -> bool:
        call_id = self.live.of_caller(channel)
        return call_id is not None and self.post(call_id, event)

    def _post_ours(self, name: str, event: m.Event) -> bool:
        call_id = call_of(name)
        return call_id is not None and self.post(call_id, event)

    def _arrive(self, gateway: CallGateway, event: e.CallerArrived) -> None:
        if self.live.has_caller(event.channel):
            return  # told twice
        flows = self._flows()
        hotline = flows.hotlines.get(event.dialled)
        refusal = admit(
            hotline,
            flows.hotlines,
            self.live.lines_by_hotline(),
            self.live.refused,
            max_lines=self._max_lines,
            overflow_lines=self._overflow_lines,
        )
        if not refusal and hotline is not None and not hotline.drill and self._trunk_full(event):
            refusal = "lines_busy" if self.live.refused < self._overflow_lines else "lines_full"
        flow = "" if hotline is None else hotline.busy_flow if refusal else hotline.flow
        arrived = m.Arrived(
            call_id=CallId(new_id()),
            node=event.node,
            channel=event.channel,
            caller_number=event.caller_number,
            dialled=event.dialled,
            trunk=event.trunk,
            hotline=hotline.number if hotline else "",
            flow=flow,
            flow_version=flows.version,
            language=hotline.language if hotline else "zh-CN",
            drill=bool(hotline and hotline.drill),
            refusal=refusal,
        )
        self._begin(arrived, flows, gateway)

    def _begin(self, first: First, flows: FlowSet, gateway: CallGateway) -> None:
        now = self._clock.now()
        call, actions = begin(flows, first, now)
        left = NOTHING_LEFT.after(call, first, actions, now)
        live = LiveCall(call=call, flows=flows, gateway=gateway, mailbox=asyncio.Queue(MAILBOX_SIZE), left=left)
        self.live.add(live)
        self._journal.append(call, first, now, left)
        self._life.start(live, actions)

    def _trunk_full(self, event: e.CallerArrived) -> bool:
        reason = self._lines.refuses(event.channel, event.trunk, event.dialled) if self._lines is not None else ""
        if reason:
            _log.warning("caller_refused", trunk=event.trunk, reason=reason)
        return bool(reason)
