"""Dials the outside: the rules are asked in the very moment of dialling, then a trunk is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from callcenter.asterisk.gateway import Dial
from callcenter.calls.switch import CallGateway
from callcenter.clock import Clock
from callcenter.errors import Conflict
from callcenter.ivr.flow import FlowSet
from callcenter.outbound.rules import DEFAULT_HOURS, DialRules, Verdict, as_dialled, may_dial
from callcenter.settings import Settings

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
    """A way out: the endpoint to dial and the trunk it leads over."""

    endpoint: str
    trunk: str


class Routes(Protocol):
    def route(self, number: str) -> Route:
        """The way out for a number in normal form. Raises Unavailable when every trunk is down or full."""
        ...


class DemoRoutes:
    """All over the one demo trunk."""

    def route(self, number: str) -> Route:
        return Route(endpoint=f"PJSIP/{as_dialled(number)}@trunk-demo", trunk="trunk-demo")


def rules_of(settings: Settings, flows: FlowSet) -> DialRules:
    """The rules as they are at this moment: the hours are a calendar of the flows, which may be reloaded."""
    return DialRules(
        allow=settings.dial_out_allow,
        hours=flows.calendars.get(settings.dial_out_hours, DEFAULT_HOURS),
        zone=settings.zone,
        hotlines=frozenset(flows.hotlines),
    )


class OutsideDialler:
    """What calls dial with (:class:`callcenter.calls.switch.Dialler`)."""

    def __init__(self, rules: Callable[[], DialRules], routes: Routes, clock: Clock) -> None:
        self._rules, self._routes, self._clock = rules, routes, clock

    def judge(self, number: str, hotline: str) -> Verdict:
        """Whether it may be dialled now; asked beforehand, so that nobody is rung in vain."""
        return may_dial(self._rules(), number, hotline, self._clock.now())

    async def dial(self, gateway: CallGateway, channel: str, number: str, hotline: str, timeout_s: float) -> str:
        verdict = self.judge(number, hotline)
        if verdict.refusal:
            raise DialRefused(verdict.refusal)
        way = self._routes.route(verdict.number)
        await gateway.dial(
            Dial(
                channel=channel,
                endpoint=way.endpoint,
                caller_id_number=hotline,
                caller_id_name="",
                timeout_s=int(timeout_s) + SAFETY_S,
            )
        )
        return way.trunk
