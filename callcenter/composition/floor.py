"""Who works and when, put together: the desk, the agents' states, breaks and shifts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from callcenter.acd.desk import Desk
from callcenter.acd.messages import Action, AgentSnapshot, AgentState
from callcenter.acd.statelog import StateLog
from callcenter.asterisk.fallback import FallbackQueue
from callcenter.composition.storage import Storage
from callcenter.composition.telephony import Telephony
from callcenter.cti.breaks import BreakTimes
from callcenter.ids import AgentId
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.queues import queues_defined
from callcenter.reporting.expected import Expectations
from callcenter.roster.alarm import CoverageAlarm
from callcenter.roster.duty import DutyKeeper
from callcenter.roster.handover import HandoverRules
from callcenter.roster.room import RosterRoom
from callcenter.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    desk: Desk
    states: StateLog
    breaks: BreakTimes
    duty: DutyKeeper
    alarm: CoverageAlarm
    fallback: FallbackQueue
    roster: RosterRoom
    expected: Expectations

    def seen(self, agent: AgentSnapshot) -> None:
        """An agent's state is another one."""
        self.states.seen(agent)
        self.breaks.follow(agent)
        self.duty.seen(agent)
        self.alarm.seen(agent)
        self.fallback.changed()


def floor(settings: Settings, kept: Storage, phones: Telephony, decided: Callable[[Action], None]) -> Floor:
    """``decided`` is told what the desk decides."""
    desk = Desk(kept.desk, kept.clock, decided)
    breaks = BreakTimes()
    duty = DutyKeeper(
        desk, kept.database, kept.clock, settings.zone, HandoverRules(drain=timedelta(minutes=settings.drain_minutes))
    )

    def signed_in() -> dict[str, str]:
        agents = (each for each in desk.rules.agents() if each.state is not AgentState.OFFLINE)
        return {each.profile.seat: each.profile.name for each in agents if not each.profile.drill}

    def flows_swapped(flows: FlowSet) -> None:
        desk.tell(queues_defined(flows))

    phones.registry.on_swap(flows_swapped)
    expected = Expectations(
        kept.database,
        kept.clock,
        settings.zone,
        levels=lambda: {queue.name: queue.service_level_s for queue in desk.rules.queues()},
    )
    roster = RosterRoom(
        settings=settings,
        clock=kept.clock,
        agents=desk.rules.agents,
        demand=expected.demand,
        queues=lambda: {q.name: (q.title, q.title_en or q.title) for q in desk.rules.queues()},
        break_used=lambda agent_id, now: breaks.used_s(AgentId(agent_id), now),
    )
    alarm = CoverageAlarm(roster, kept.database, kept.clock, phones.incidents)
    roster.on_changed.extend((duty.roster_changed, alarm.roster_changed))
    return Floor(
        desk=desk,
        states=StateLog(kept.database, kept.spool, kept.clock, kept.shipper.wake, fence=kept.fence),
        breaks=breaks,
        duty=duty,
        alarm=alarm,
        fallback=FallbackQueue(phones.ami, signed_in),
        roster=roster,
        expected=expected,
    )
