"""Does what calls ask for. A failure of the switch comes back to its call as an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, assert_never

import structlog

from callcenter.calls import messages as m
from callcenter.calls.asked import dial_of, name_of_action, redial_of, target_of
from callcenter.calls.call import Call
from callcenter.calls.ports import Callbacks, Desk, Effects, Messages, Pages, Prompts
from callcenter.calls.replay import NOTHING_LEFT, Left, Replayed
from callcenter.calls.saying import sounds_of
from callcenter.calls.switch import CallGateway, Dialler
from callcenter.errors import CallCenterError, Conflict, GatewayError, NoAnswer
from callcenter.ids import CallId, name_of
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.messages import LookUp

_log = structlog.get_logger()
MESSAGE_SILENCE_S: Final = 6
"""Silence that ends a spoken message: long enough to look for a number, short enough to be let go."""


CAPTURE_AGAIN_S: Final = 1.0

AFTER_RETURN_S: Final = 0.5
"""A switch that is back has told by then what happened meanwhile."""


class Look:
    """Stands in a mailbox among the events: ask the switch what it has of the call before what comes after."""


@dataclass(slots=True)
class LiveCall:
    """One call with all that only a running service has of it."""

    call: Call
    flows: FlowSet
    gateway: CallGateway
    mailbox: asyncio.Queue[tuple[m.Event | Look, datetime | None]]
    """Events, and when they happened if that was not just now."""
    left: Left = NOTHING_LEFT
    """What its actions left behind, as the journal has it."""
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    found: Replayed | None = None
    """Out of the journal; waits to hear what the switch has of it."""
    unsure: bool = False
    """Whether the switch did all that was asked is not known."""
    looking: bool = False
    """A :class:`Look` is in the mailbox, or will be soon."""
    at_work: bool = True
    """An event acts on it, or what it asked for is being done."""

    @property
    def in_motion(self) -> bool:
        """It may be about to ask for something."""
        return self.at_work or not self.mailbox.empty()

    def set_timer(self, name: str, seconds: float, post: Callable[[CallId, m.Event], object]) -> None:
        """Post ``TimerFired`` after so long. While the switch is away no timer acts: who is to press a key or to answer
        cannot be heard, and has not let it ring. What is due then acts soon after its return."""
        loop = asyncio.get_running_loop()

        def fire(was_away: bool = False) -> None:
            here = self.gateway.connected
            if here and not was_away:
                post(self.call.id, m.TimerFired(name=name))
            else:
                self.timers[name] = loop.call_later(AFTER_RETURN_S, fire, not here)

        self.timers[name] = loop.call_later(seconds, fire)


class Doer:
    """``post`` puts an event into a call's mailbox; ``line_free``: the lines in use, the one asked for among them,
    are not too many."""

    def __init__(
        self,
        *,
        post: Callable[[CallId, m.Event], object],
        desk: Desk,
        pages: Pages,
        prompts: Prompts,
        effects: Effects | None,
        messages: Messages | None,
        dialler: Dialler | None,
        callbacks: Callbacks | None,
        line_free: Callable[[], bool] = lambda: True,
    ) -> None:
        self._line_free = line_free
        self._post, self._desk, self._pages, self._prompts = post, desk, pages, prompts
        self._effects, self._messages, self._dialler, self._callbacks = effects, messages, dialler, callbacks
        self._background: set[asyncio.Task[None]] = set()

    async def do_all(self, live: LiveCall, actions: tuple[m.Action, ...]) -> None:
        for action in actions:
            try:
                await self._do(live, action)
            except NoAnswer as error:
                # Neither done nor failed: what is there tells, as soon as the switch can be asked.
                live.unsure = True
                _log.warning(
                    "call_action_unsure", call_id=live.call.id, action=name_of_action(action), reason=error.message
                )
            except CallCenterError as error:
                gone = isinstance(error, GatewayError) and error.http_status == 404
                failed = m.ActionFailed(
                    action=name_of_action(action),
                    target=str(error.details.get("target") or target_of(action)),
                    message=error.message,
                    gone=gone,
                    code=str(error.details.get("reason") or error.code),
                    status=error.http_status if isinstance(error, GatewayError) else 0,
                )
                _log.warning("call_action_failed", call_id=live.call.id, action=failed.action, reason=error.message)
                self._post(live.call.id, failed)

    async def _do(self, live: LiveCall, action: m.Action) -> None:
        call, switch = live.call, live.gateway
        match action:
            case m.Answer():
                await switch.answer(action.channel)
            case m.Capture():
                await self._capture(live, action.channel)
            case m.Play():
                media = await sounds_of(action.prompts, self._prompts)
                await switch.play(action.channel, action.playback, media)
            case m.StopPlay():
                await switch.stop_playback(action.playback)
            case m.StartMusic():
                await switch.start_music(action.channel, action.music)
            case m.StopMusic():
                await switch.stop_music(action.channel)
            case m.CreateBridge():
                await switch.create_bridge(action.bridge, for_many=action.for_many)
            case m.Join():
                await switch.join(action.bridge, action.channels)
            case m.LeaveBridge():
                await switch.leave(action.bridge, action.channel)
            case m.DestroyBridge():
                await switch.destroy_bridge(action.bridge)
            case m.DialAgent():
                await switch.dial(dial_of(action))
            case m.DialOutside() if self._dialler is not None:
                if action.callback is not None and self._callbacks is not None:
                    await self._callbacks.attempting(action.callback, call.id)
                if action.second and not call.drill and not self._line_free():
                    raise Conflict("all lines are in use", details={"reason": "lines_busy"})
                await self._dial_outside(self._dialler, live, action)
            case m.RedialAgent():
                await switch.dial(redial_of(action))
            case m.StartRinging():
                await switch.start_ringing(action.channel)
            case m.StopRinging():
                await switch.stop_ringing(action.channel)
            case m.HangUp():
                if self._dialler is not None:
                    self._dialler.forget(action.channel)
                await switch.hang_up(action.channel, cause=action.cause)
            case m.TellDesk():
                self._desk.tell(action.command)
            case m.PreparePop():
                self._aside(self._pages.prepare(call))
            case m.SendPop():
                await self._pages.pop(call, action.offer)
            case m.OfferOver():
                self._pages.offer_over(action.agent_id, action.offer_id, action.reason)
            case m.ShowCall():
                self._pages.show_call(action.agent_id, call)
            case m.RefuseAgent():
                self._pages.refuse(action.agent_id, action.code)
            case m.SetTimer():
                live.set_timer(action.name, action.seconds, self._post)
            case m.DropTimer():
                timer = live.timers.pop(action.name, None)
                if timer is not None:
                    timer.cancel()
            case m.Ask() if self._effects is not None:
                self._aside(self._look_up(self._effects, call.id, action.look_up))
            case m.FindAgent():
                agent_id, queue = self._desk.on_duty(action.extension, drill=call.drill) or (None, "")
                self._post(call.id, m.AgentFound(agent_id=agent_id, queue=queue))
            case m.Recognise():
                if self._effects is not None:
                    self._aside(self._recognise(self._effects, call.id, action.number))
            case m.SaveRating() if self._effects is not None:
                self._aside(self._effects.rate(call.id, action.question, action.score))
            case m.SaveCallback() if self._callbacks is not None:
                self._aside(self._keep_callback(self._callbacks, call, action))
            case m.RecordMessage():
                await switch.record(
                    action.channel,
                    action.recording,
                    max_seconds=action.max_seconds,
                    max_silence_seconds=MESSAGE_SILENCE_S,
                    end_keys="#",
                )
            case m.StopRecording():
                await switch.stop_recording(action.recording)
            case m.KeepMessage():
                if self._messages is not None:
                    self._messages.keep_soon(call, action)
            case m.DialOutside() | m.Ask() | m.SaveRating() | m.SaveCallback():
                # The flow learns at once that this cannot be done here, and goes on by its on_error.
                raise CallCenterError(f"{type(action).__name__} is not available on this system yet")
            case _:
                assert_never(action)

    async def _capture(self, live: LiveCall, channel: str) -> None:
        try:
            await live.gateway.start_capture(channel, name_of(live.call.id, "capture"))
        except GatewayError as error:
            if error.http_status != 404:
                self._aside(self._capture_later(live, channel))
            raise

    async def _capture_later(self, live: LiveCall, channel: str) -> None:
        """All calls are recorded: one that began while the switch's manager was away is, as soon as that is back."""
        while True:
            await asyncio.sleep(CAPTURE_AGAIN_S)
            if live.call.phase is m.Phase.ENDED:
                return
            try:
                await live.gateway.start_capture(channel, name_of(live.call.id, "capture"))
            except GatewayError as error:
                if error.http_status == 404:
                    return
            else:
                _log.warning("capture_begun_late", call_id=live.call.id)
                return

    async def _dial_outside(self, dialler: Dialler, live: LiveCall, asked: m.DialOutside) -> None:
        call_id, channel = live.call.id, asked.channel

        def over(trunk: str) -> None:
            self._post(call_id, m.DialledOver(channel=channel, trunk=trunk))

        await dialler.dial(live.gateway, channel, asked.number, asked.hotline, asked.timeout_s, over)

    async def _keep_callback(self, callbacks: Callbacks, call: Call, asked: m.SaveCallback) -> None:
        self._post(call.id, m.CallbackSaved(ok=await callbacks.keep(call, asked)))

    async def _look_up(self, effects: Effects, call_id: CallId, asked: LookUp) -> None:
        self._post(call_id, await effects.look_up(asked))

    async def _recognise(self, effects: Effects, call_id: CallId, number: str) -> None:
        known = await effects.recognise(number)
        if known is not None:
            self._post(call_id, known)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that a call does not wait for: keys and a hang-up count meanwhile."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._done_aside)

    def _done_aside(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and task.exception():
            _log.error("call_effect_failed", exc_info=task.exception())
