"""Follows the switch's events and keeps how each answered leg sounded when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from callcenter import frozen
from callcenter.asterisk import events as e
from callcenter.clock import Clock
from callcenter.errors import CallCenterError
from callcenter.facts import Facts
from callcenter.ids import AgentId, CallId, call_of
from callcenter.quality.leg import Leg
from callcenter.spool.store import Spool
from callcenter.trunks.model import trunk_of

SOUND: Final = "sound"
"""The kind of these entries in the spool."""
NO_SOUND: Final = "no_sound"
"""The kind of incident."""
QUIET_FOR: Final = timedelta(minutes=10)
"""A carrier, or an agent, without sound is told of once in so long: every one of its calls has the same fault."""
_TEST_PHONE: Final = "phone"
_log = structlog.get_logger()


class LiveCalls(Protocol):
    """What is asked about the calls that live."""

    def of_caller(self, channel: str) -> CallId | None: ...

    def is_drill(self, call_id: CallId) -> bool: ...


class Incident(Protocol):
    def __call__(
        self, kind: str, text: str, call_id: str | None = None, agent_id: str | None = None, *, facts: Facts
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class _Answered:
    at: datetime
    call_id: CallId
    customer: bool
    drill: bool


class LegWatch:
    """Give :meth:`hear` every event of the switch, after the calls have had it."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        calls: LiveCalls,
        *,
        agent_of: Callable[[str], AgentId | None],
        incident: Incident,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """``agent_of``: whose telephone a seat is. ``wake`` is told that there is something new in the spool."""
        self._spool, self._clock, self._calls, self._agent_of = spool, clock, calls, agent_of
        self._incident, self._wake = incident, wake
        self.on_over: Callable[[Leg], None] = lambda leg: None
        """Told of each leg that was answered, when it is over."""
        self._answered: dict[str, _Answered] = {}
        self._told: dict[str, datetime] = {}
        """When an incident was opened last about each source."""

    def hear(self, event: e.SwitchEvent) -> None:
        match event:
            case e.CallerArrived() | e.LegAnswered():
                self._begin(event.channel, event.at)
            case e.SwitchUp():
                self._answered = {
                    view.channel: known
                    for view in event.channels
                    if (known := self._answered.get(view.channel)) is not None
                }
                for view in event.channels:  # since when one talks that was answered unheard, nobody knows
                    if view.state == "Up":
                        self._begin(view.channel, event.at)
            case e.ChannelGone():
                self._gone(event)
            case _:
                pass

    def _begin(self, channel: str, at: datetime) -> None:
        of_caller = self._calls.of_caller(channel)
        call_id = of_caller or call_of(channel)
        if call_id is not None and channel not in self._answered:
            drill = self._calls.is_drill(call_id)
            self._answered[channel] = _Answered(at, call_id, of_caller is not None, drill)

    def _gone(self, event: e.ChannelGone) -> None:
        answered = self._answered.pop(event.channel, None)
        if answered is None or event.sound is None:
            return
        trunk = trunk_of(event.endpoint)
        test_phone = event.endpoint.startswith(f"{_TEST_PHONE}-")
        agent = self._agent_of(event.endpoint) if trunk is None and not test_phone else None
        leg = Leg(
            call_id=answered.call_id,
            channel=event.channel,
            party="customer" if answered.customer else "outside" if trunk is not None else "agent",
            agent_id=agent,
            trunk=trunk or (_TEST_PHONE if test_phone else ""),
            drill=answered.drill,
            answered_at=answered.at,
            ended_at=max(event.at, answered.at),
            sound=event.sound,
        )
        try:
            self._spool.put(SOUND, "", self._clock.now(), frozen.dumps(leg))
        except CallCenterError as error:
            _log.error("leg_sound_not_kept", call_id=leg.call_id, reason=error.message)
        self._wake()
        self.on_over(leg)
        if leg.silent and not leg.drill:
            self._tell(leg)

    def _tell(self, leg: Leg) -> None:
        source = leg.trunk or leg.agent_id or ""
        last = self._told.get(source)
        if last is not None and leg.ended_at - last < QUIET_FOR:
            return
        self._told[source] = leg.ended_at
        whom = f"the {leg.party} on trunk {leg.trunk}" if leg.trunk else "the agent's telephone"
        heard = "nor did it hear us" if not leg.sound.sent else f"{leg.sound.sent} packets went there"
        text = f"no sound from {whom}: in {leg.seconds:.0f} s not one packet came, {heard}"
        facts: Facts = {"party": leg.party, "trunk": leg.trunk, "seconds": round(leg.seconds), "sent": leg.sound.sent}
        self._incident(NO_SOUND, text, leg.call_id, leg.agent_id, facts=facts)
