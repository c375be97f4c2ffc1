"""The thin shell around the call table: one mailbox and one task a call, and the switch's events sorted to them.

A handler that raises ends its own call (everything of it is hung up, the desk is told) and no other.
Failures of the switch come back to the call as :class:`callcenter.calls.messages.ActionFailed`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, assert_never

import structlog

from callcenter.acd import messages as acd
from callcenter.asterisk import events as e
from callcenter.calls import messages as m
from callcenter.calls.admission import admit
from callcenter.calls.call import Call, First, begin, step
from callcenter.calls.doing import Doer, LiveCall
from callcenter.calls.live import LiveCalls
from callcenter.calls.messages import Phase
from callcenter.calls.ports import Callbacks, Desk, Effects, Journal, Messages, Pages, Prompts
from callcenter.calls.replay import Replayed, noted
from callcenter.calls.switch import CallGateway, Dialler, Lines
from callcenter.clock import Clock
from callcenter.errors import CallCenterError, Unavailable
from callcenter.ids import AgentId, CallId, OfferId, call_of, new_id
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.step import Run, hears_secret

_log = structlog.get_logger()
MAILBOX_SIZE = 1000
UNSURE_FOR: Final = timedelta(seconds=1)
"""Whose last event lies no further before the death of the last service may have had it interrupted."""
_HIDDEN: Final = "•"


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
        self._dialler, self._lines, self._last_sign = dialler, lines, last_sign
        self._callbacks = callbacks
        self._gateways: dict[str, CallGateway] = {}
        self._offers: dict[OfferId, CallId] = {}
        """Offers of call-backs: which call serves each."""
        self._on_answered: list[Callable[[Call], None]] = []
        self._on_cut: list[Callable[[Call], None]] = []
        self._clock, self._desk, self._journal = clock, desk, journal
        self._flows, self._max_lines = flows, max_lines
        self._doer = Doer(
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
        self._overflow_lines = overflow_lines
        self.live = LiveCalls()
        self._boots: dict[str, str] = {}
        self._listeners: list[Callable[[e.SwitchEvent], None]] = []
        self._switch_heard = asyncio.Event()

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
    ) -> None:
        """Take up the calls of the service before this one, in the order of their arrival.

        They go on when the switch has said what it has of them. ``boots`` is what the switches called themselves
        then, ``died_at`` the last instant of which anything is known. Call it before :meth:`follow`.
        """
        self._boots |= boots
        for replayed, flows in sorted(found, key=lambda pair: pair[0].call.id):
            call = replayed.call
            live = LiveCall(
                call=call, flows=flows, gateway=gateway, mailbox=asyncio.Queue(MAILBOX_SIZE), found=replayed
            )
            live.unsure = died_at is None or died_at - replayed.last_at <= UNSURE_FOR
            self.live.add(live)

    @property
    def reconciled(self) -> bool:
        """No call of the service before this one waits for the switch any more."""
        return not self.live.untaken

    async def taken_up(self, within_s: float) -> None:
        """Return when the calls of the service before this one go on, or after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self.reconciled:
                    self._switch_heard.clear()
                    await self._switch_heard.wait()

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
            self._lose(live, "mailbox_full")
            return False
        return True

    def on_answered(self, listener: Callable[[Call], None]) -> None:
        """Have every call told to ``listener`` when its two parties first speak."""
        self._on_answered.append(listener)

    def on_cut(self, listener: Callable[[Call], None]) -> None:
        """Have every call told to ``listener`` that ends because its switch was started anew."""
        self._on_cut.append(listener)

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
            case acd.CallMoved() | acd.CallbackOver() | acd.CallbackPaused():
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
                if not self._post_ours(event.channel, m.LegAnswered(channel=event.channel)):
                    self._hang_up_stray(gateway, event.channel)
            case e.LegRinging():
                self._post_ours(event.channel, m.LegRang(channel=event.channel))
            case e.PlaybackFinished():
                self._post_ours(event.playback, m.SayFinished(playback=event.playback, ok=event.ok))
            case e.RecordingFinished():
                recorded = m.MessageRecorded(recording=event.recording, seconds=event.seconds, ok=event.ok)
                self._post_ours(event.recording, recorded)
            case e.SwitchUp():
                self._gateways[event.node] = gateway
                self._reconcile(gateway, event)
                self._switch_heard.set()
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

    def _hang_up_stray(self, gateway: CallGateway, channel: str) -> None:
        """An agent answered for a call that is over."""
        task = asyncio.create_task(gateway.hang_up(channel))
        task.add_done_callback(lambda t: t.cancelled() or t.exception())

    def _reconcile(self, gateway: CallGateway, up: e.SwitchUp) -> None:
        """After a (re)connect: go on with the calls of the journal, end what ended while nobody listened."""
        restarted = self._boots.get(up.node, up.boot) != up.boot
        self._boots[up.node] = up.boot
        first = self.live.untaken
        there = {view.channel: view for view in up.channels}
        for live in self.live:
            call = live.call
            if call.node != up.node:
                continue
            found, live.found = live.found, None
            if found is not None:
                live.task = asyncio.create_task(self._run(live, ()), name=f"call-{call.id}")
            if restarted:
                self.post(call.id, m.SwitchLost(), self._last_sign(call))
                for listener in self._on_cut:
                    listener(call)
                continue
            for leg in call.settled_legs if found else call.legs:
                if leg not in there:
                    self.post(call.id, m.LegGone(channel=leg, cause=16), self._last_sign(call) if found else None)
            if call.outside_there and call.channel not in there:
                self.post(call.id, m.CallerGone(cause=16), self._last_sign(call))
            elif found is not None:
                self._take_up(live, found, up)
        if first:
            for channel in there:
                self._end_forgotten(gateway, channel)
        for view in up.channels:
            # Callers who came in the moment in which nobody listened.
            if view.app_args[:1] == ("inbound",) and len(view.app_args) >= 2 and not self.live.has_caller(view.channel):
                args = view.app_args
                arrived = e.CallerArrived(
                    node=up.node,
                    at=up.at,
                    channel=view.channel,
                    caller_number=view.caller_number,
                    caller_name="",
                    dialled=args[1],
                    trunk=args[2] if len(args) > 2 else "",
                )
                self._arrive(gateway, arrived)

    def _take_up(self, live: LiveCall, found: Replayed, up: e.SwitchUp) -> None:
        call = live.call
        mine = [v for v in up.channels if v.channel == call.channel or call_of(v.channel) == call.id]
        bridge = next((view for view in up.bridges if view.bridge == call.bridge), None)
        taken_up = m.TakenUp(
            channels=tuple(view.channel for view in mine),
            up=tuple(view.channel for view in mine if view.state == "Up"),
            together=tuple(sorted(bridge.channels)) if bridge else (),
            bridged=bridge is not None,
            unsure=live.unsure,
        )
        self.post(call.id, taken_up)
        loop, now = asyncio.get_running_loop(), self._clock.now()
        for name, due in found.timers.items():
            # Those of a menu begin anew with its prompt.
            if not name.startswith("menu"):
                left = max(0.0, (due - now).total_seconds())
                live.timers[name] = loop.call_later(left, self.post, call.id, m.TimerFired(name=name))

    def _end_forgotten(self, gateway: CallGateway, channel: str) -> None:
        """A leg whose hang-up was decided but not done any more: it must not ring on."""
        call_id = call_of(channel)
        if call_id is None:
            return
        live = self.live.get(call_id)
        if live is None or channel not in live.call.legs:
            self._hang_up_stray(gateway, channel)

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
        live = LiveCall(call=call, flows=flows, gateway=gateway, mailbox=asyncio.Queue(MAILBOX_SIZE))
        self.live.add(live)
        self._journal.append(call, first, now)
        live.task = asyncio.create_task(self._run(live, actions), name=f"call-{call.id}")

    def _trunk_full(self, event: e.CallerArrived) -> bool:
        reason = self._lines.refuses(event.channel, event.trunk, event.dialled) if self._lines is not None else ""
        if reason:
            _log.warning("caller_refused", trunk=event.trunk, reason=reason)
        return bool(reason)

    # --- one call ---

    async def _run(self, live: LiveCall, actions: tuple[m.Action, ...]) -> None:
        try:
            await self._doer.do_all(live, actions)
            while live.call.phase is not Phase.ENDED:
                live.at_work = False
                event, at = await live.mailbox.get()
                live.at_work = True
                now = max(min(at or self._clock.now(), self._clock.now()), live.call.segments[-1].started_at)
                before = live.call
                live.call, actions = step(live.flows, before, event, now)
                self._write_down(live, before.run, event, now)
                await self._doer.do_all(live, actions)
                if before.answered_at is None and live.call.answered_at is not None:
                    for listener in self._on_answered:
                        listener(live.call)
        except Exception:
            _log.exception("call_failed", call_id=live.call.id)
            await self._abort(live)
        finally:
            self._answer_late(live)
            for timer in live.timers.values():
                timer.cancel()
            self.live.remove(live)
            for offer_id in [each for each, call_id in self._offers.items() if call_id == live.call.id]:
                del self._offers[offer_id]

    def _write_down(self, live: LiveCall, before: Run | None, event: m.Event, now: datetime) -> None:
        """The event to the journal. Secret digits are never written: what they led to is, beside them."""
        run = live.call.run
        secret = before is not None and hears_secret(live.flows, before)
        if secret and isinstance(event, m.Key):
            event = m.Key(digit=_HIDDEN)
        self._journal.append(live.call, event, now)
        if secret or (run is not None and not run.secrets.isdisjoint(run.variables)):
            self._journal.append(live.call, noted(live.call), now)

    def _answer_late(self, live: LiveCall) -> None:
        """What came while the call ended: an offer must be given back, or its agent stays reserved for ever."""
        while not live.mailbox.empty():
            event, _ = live.mailbox.get_nowait()
            if isinstance(event, m.Offered):
                self._give_back(event.offer)

    def _lose(self, live: LiveCall, reason: str) -> None:
        if live.task is not None:
            live.task.cancel()
        task = asyncio.create_task(self._abort(live), name=f"abort-{live.call.id}-{reason}")
        task.add_done_callback(lambda t: t.cancelled() or t.exception())

    async def _abort(self, live: LiveCall) -> None:
        """End a call whose own handling failed, by the table's own way of ending."""
        now = self._clock.now()
        abort = m.Abort(reason="internal_error")
        live.call, actions = step(live.flows, live.call, abort, now)
        self._journal.append(live.call, abort, now)
        await self._doer.do_all(live, actions)
