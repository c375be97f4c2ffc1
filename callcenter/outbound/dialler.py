"""Dials the outside: the rules are asked in the very moment of dialling, then a trunk is chosen, and the next one
when the carrier finds no way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from callcenter.asterisk.events import ChannelGone, LegAnswered, LegRinging, SwitchEvent, SwitchUp
from callcenter.asterisk.gateway import Dial
from callcenter.calls.switch import CallGateway
from callcenter.clock import Clock
from callcenter.errors import Conflict, GatewayError, Unavailable
from callcenter.ids import call_of
from callcenter.ivr.flow import FlowSet
from callcenter.outbound.rules import DEFAULT_HOURS, DialRules, Verdict, as_dialled, may_dial
from callcenter.settings import Settings
from callcenter.trunks.routing import Ending, ending

_log = structlog.get_logger()

SAFETY_S = 10
"""The call's own timer ends the ringing; the switch's is a net behind it."""


class DialRefused(Conflict):
    """A rule forbids the call. ``details["reason"]`` is one of :class:`callcenter.outbound.rules.Verdict`'s."""

    code = "dial_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"this number may not be called now: {reason}", details={"reason": reason})
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way out: the endpoint to dial, the trunk it leads over, and the number the carrier wants shown, if any."""

    endpoint: str
    trunk: str
    caller_id: str = ""


class Routes(Protocol):
    """See :class:`callcenter.trunks.ways.TrunkWays`."""

    def routes(self, number: str, spread: str, own: str = "") -> Sequence[Route]:
        """The ways out for a number as it is dialled, best first; none when every trunk is down or full. ``own`` is the
        trunk of the hotline that is shown, if it has one."""
        ...

    def dialled(self, channel: str, trunk: str) -> None:
        """A leg begins on this trunk. Said before dialling: its end may come at once."""
        ...

    def not_dialled(self, channel: str) -> None:
        """Asterisk refused to dial that leg."""
        ...


@dataclass(slots=True)
class _Attempt:
    """A leg under way that may still go by another trunk: it has neither rung nor been answered."""

    gateway: CallGateway
    request: Dial
    hotline: str
    ways: list[Route]
    over: Callable[[str], object]
    """Told of each trunk that it is tried by."""
    task: asyncio.Task[None] | None = None


def rules_of(settings: Settings, flows: FlowSet) -> DialRules:
    """The rules as they are at this moment: the hours are a calendar of the flows, which may be reloaded."""
    return DialRules(
        allow=settings.dial_out_allow,
        hours=flows.calendars.get(settings.dial_out_hours, DEFAULT_HOURS),
        zone=settings.zone,
        hotlines=frozenset(flows.hotlines),
        trunks={hotline.number: hotline.trunk for hotline in flows.hotlines.values() if hotline.trunk},
    )


class OutsideDialler:
    """What calls dial with (:class:`callcenter.calls.switch.Dialler`)."""

    def __init__(self, rules: Callable[[], DialRules], routes: Routes, clock: Clock) -> None:
        self._rules, self._routes, self._clock = rules, routes, clock
        self._attempts: dict[str, _Attempt] = {}

    def judge(self, number: str, hotline: str) -> Verdict:
        """Whether it may be dialled now; asked beforehand, so that nobody is rung in vain."""
        return may_dial(self._rules(), number, hotline, self._clock.now())

    async def dial(
        self,
        gateway: CallGateway,
        channel: str,
        number: str,
        hotline: str,
        timeout_s: float,
        over: Callable[[str], object] = lambda trunk: None,
    ) -> str:
        rules = self._rules()
        verdict = may_dial(rules, number, hotline, self._clock.now())
        if verdict.refusal:
            raise DialRefused(verdict.refusal)
        own = rules.trunks.get(hotline, "")
        ways = list(self._routes.routes(as_dialled(verdict.number), channel, own))
        if not ways:
            raise Unavailable(
                "no trunk is free to call outside: see `callcenter trunks`", details={"reason": "no_trunk"}
            )
        request = Dial(
            channel=channel,
            endpoint="",
            caller_id_number=hotline,
            caller_id_name="",
            timeout_s=int(timeout_s) + SAFETY_S,
        )
        self._attempts[channel] = attempt = _Attempt(gateway, request, hotline, ways, over)
        try:
            return await self._next(attempt)
        except BaseException:
            self._attempts.pop(channel, None)
            raise

    async def _next(self, attempt: _Attempt) -> str:
        """Dial over the first of the ways that are left. Raises the last one's GatewayError."""
        channel = attempt.request.channel
        while True:
            way = attempt.ways.pop(0)
            shown = way.caller_id or attempt.hotline
            self._routes.dialled(channel, way.trunk)
            try:
                await attempt.gateway.dial(replace(attempt.request, endpoint=way.endpoint, caller_id_number=shown))
            except GatewayError as error:
                self._routes.not_dialled(channel)
                # Without an answer from Asterisk nobody knows whether it dials: it is not asked twice.
                if not error.http_status or not attempt.ways:
                    raise
                _log.warning("trunk_passed_over", trunk=way.trunk, call_id=call_of(channel), reason=error.message)
                continue
            attempt.over(way.trunk)
            return way.trunk

    def hear(self, event: SwitchEvent, lost: Callable[[], object]) -> bool:
        """An event of the switch, before calls hear of it. True: the leg goes on by another trunk, and the call need
        not know; ``lost`` is called if that comes to nothing after all."""
        match event:
            case LegRinging() | LegAnswered():
                self._attempts.pop(event.channel, None)
            case ChannelGone() if (attempt := self._attempts.pop(event.channel, None)) is not None:
                if not attempt.ways or ending(event.cause, rang=False, answered=False) is Ending.WENT:
                    return False
                _log.info("leg_goes_on", call_id=call_of(event.channel), cause=event.cause, left=len(attempt.ways))
                self._attempts[event.channel] = attempt
                attempt.task = asyncio.create_task(self._again(attempt, lost), name=f"dial-again-{event.channel}")
                return True
            case SwitchUp():
                there = {view.channel for view in event.channels}
                # What ended while nobody listened is settled by looking; those being dialled anew are not there yet.
                for channel in [name for name, one in self._attempts.items() if name not in there and one.task is None]:
                    del self._attempts[channel]
            case _:
                pass
        return False

    async def _again(self, attempt: _Attempt, lost: Callable[[], object]) -> None:
        channel = attempt.request.channel
        try:
            await self._next(attempt)
        except GatewayError as error:
            _log.warning("no_way_left", call_id=call_of(channel), reason=error.message)
            if self._attempts.pop(channel, None) is not None:
                lost()
            return
        if self._attempts.get(channel) is not attempt:  # given up meanwhile
            await attempt.gateway.hang_up(channel)

    def forget(self, channel: str) -> None:
        """The call gives this leg up: it is not dialled again."""
        self._attempts.pop(channel, None)
