"""Who is on duty now, who takes no new calls any more, and when that changes next. Pure.

Towards the end of a shift its agents drain: they are offered a call only when it needs them. Not more of them drain
at once than the minimums allow, of all and of each queue and skill, counted over those who are really there; who
stays is who leaves last. When a shift is over its agents go on draining until they log out: nobody is rung who is
about to stand up. Only while the next shift comes, late by some minutes, are so many of them kept as the minimum lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from callcenter.roster.coverage import Minimum, Worker
from callcenter.roster.shifts import Span


class Duty(StrEnum):
    ON = "on_shift"
    DRAINING = "draining"
    OFF = "off_shift"
    """At work without a shift: served as anybody, and marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRules:
    drain: timedelta = timedelta(minutes=10)
    """Before the end of a shift."""
    relief: timedelta = timedelta(minutes=10)
    """After it: for so long who is still there is kept, where those of the next shift are too few."""
    overrun: timedelta = timedelta(hours=2)
    """For so long after it who is still there counts as leaving, not as come for extra work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDuty:
    agent_id: str
    duty: Duty
    shift: Span | None = None
    """The one that runs, or has just ended."""


def duties(
    present: Mapping[str, Worker],
    spans: Mapping[str, Iterable[Span]],
    needs: Iterable[Minimum],
    now: datetime,
    rules: HandoverRules = HandoverRules(),
) -> tuple[AgentDuty, ...]:
    """The duty of everybody present (logged in). ``needs``: the minimums at this moment."""
    marks: list[AgentDuty] = []
    leaving: list[tuple[Span, str]] = []
    staying: list[Worker] = []
    for agent_id in sorted(present):
        shift = _shift_of(tuple(spans.get(agent_id, ())), now, rules)
        if shift is None:
            marks.append(AgentDuty(agent_id=agent_id, duty=Duty.OFF))
        elif shift.holds(now) and shift.ends - now > rules.drain:
            staying.append(present[agent_id])
            marks.append(AgentDuty(agent_id=agent_id, duty=Duty.ON, shift=shift))
        elif now < shift.ends + rules.relief:
            leaving.append((shift, agent_id))
        else:
            marks.append(AgentDuty(agent_id=agent_id, duty=Duty.DRAINING, shift=shift))
    # Who leaves last is kept first.
    leaving.sort(key=lambda entry: (-entry[0].ends.timestamp(), entry[1]))
    missing = {one: one.need - sum(worker.counts_for(one) for worker in staying) for one in needs}
    for shift, agent_id in leaving:
        mine = [one for one in missing if present[agent_id].counts_for(one)]
        kept = any(missing[one] > 0 for one in mine)
        if kept:
            missing |= {one: missing[one] - 1 for one in mine}
        marks.append(AgentDuty(agent_id=agent_id, duty=Duty.ON if kept else Duty.DRAINING, shift=shift))
    return tuple(sorted(marks, key=lambda mark: mark.agent_id))


def _shift_of(spans: tuple[Span, ...], now: datetime, rules: HandoverRules) -> Span | None:
    """The shift that runs, else the one that ended not long ago. Of two that meet, the later one counts: who goes
    straight on into the next shift does not drain."""
    running = [span for span in spans if span.holds(now)]
    if running:
        last = max(running, key=lambda span: span.ends)
        onward = [span for span in spans if span.begins <= last.ends < span.ends]
        return Span(last.begins, max(span.ends for span in onward)) if onward else last
    ended = [span for span in spans if span.ends <= now < span.ends + rules.overrun]
    return max(ended, key=lambda span: span.ends, default=None)


def next_edge(
    spans: Iterable[Span],
    bands: Iterable[datetime],
    now: datetime,
    rules: HandoverRules = HandoverRules(),
) -> datetime | None:
    """The next instant at which a duty may change by itself: a shift begins, drains, ends, is relieved or long over,
    or the minimum changes (``bands``)."""
    edges = chain.from_iterable(
        (span.begins, span.ends - rules.drain, span.ends, span.ends + rules.relief, span.ends + rules.overrun)
        for span in spans
    )
    return min((at for at in chain(edges, bands) if at > now), default=None)
