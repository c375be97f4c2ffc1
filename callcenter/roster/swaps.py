"""Which swaps of a shift can be worked at all, so that nobody asks for one that cannot be approved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from callcenter.roster.planning import WorkRules, rest_breaks
from callcenter.roster.shifts import Absence, Assignment, Problem, ShiftKind, check, span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What one colleague could do about a shift."""

    agent_id: str
    takes: bool
    """They could work it beside all that they have."""
    returns: tuple[str, ...]
    """Ids of their shifts that could be worked against it, each by the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What swaps are judged by."""

    assignments: Mapping[str, Assignment]
    """By id: all that lie around the days in question."""
    kinds: Mapping[str, ShiftKind]
    names: Mapping[str, str]
    zone: tzinfo
    absences: Sequence[Absence] = ()
    rest: timedelta = WorkRules().rest
    """Between two shifts of one person; being on call is rest."""

    def reasons(self, agent_id: str, new: Assignment, without: Iterable[str] = ()) -> tuple[Problem, ...]:
        """Why the agent could not work a shift, rested, if those ``without`` were theirs no more; empty: they could."""
        gone = set(without)
        kept = [one for id_, one in self.assignments.items() if one.agent_id == agent_id and id_ not in gone]
        given = Assignment(agent_id=agent_id, day=new.day, shift=new.shift)
        problems = check([*kept, given], self.kinds, self.names, self.zone, self.absences)
        found = tuple(replace(problem, row=0) for problem in problems if problem.row > len(kept))
        return found or tuple(self._tired(given, other) for other in kept if self._too_close(given, other))

    def _too_close(self, one: Assignment, other: Assignment) -> bool:
        both = [(self.kinds.get(each.shift), each.day) for each in (one, other)]
        spans = [span_of(kind, day, self.zone) for kind, day in both if kind is not None and not kind.on_call]
        return len(spans) == 2 and rest_breaks(spans[0], spans[1], self.rest)

    def _tired(self, one: Assignment, other: Assignment) -> Problem:
        first, second = sorted((one, other), key=lambda each: span_of(self.kinds[each.shift], each.day, self.zone))
        a, b = self.kinds[first.shift], self.kinds[second.shift]
        gap = span_of(b, second.day, self.zone).begins - span_of(a, first.day, self.zone).ends
        name = self.names[one.agent_id]
        has, needs = (f"{span / timedelta(hours=1):g}" for span in (gap, self.rest))
        return Problem(
            code="too_little_rest",
            zh=f"{name}：{first.day} {a.title} 到 {second.day} {b.title} 只休息 {has} 小时，至少要 {needs} 小时",
            en=f"{name}: only {has} h of rest between {a.title_en or a.title} of {first.day} and "
            f"{b.title_en or b.title} of {second.day}; at least {needs} h are needed",
        )

    def fits(self, agent_id: str, new: Assignment, without: Iterable[str] = ()) -> bool:
        return not self.reasons(agent_id, new, without)


def swap_problems(roster: Roster, given: str, to_agent: str, in_return: str | None = None) -> tuple[Problem, ...]:
    """Why a swap cannot be: of either person all that speaks against it. ``given`` and ``in_return`` are ids."""
    mine = roster.assignments[given]
    if in_return is None:
        return roster.reasons(to_agent, mine)
    theirs = roster.assignments[in_return]
    return roster.reasons(to_agent, mine, (in_return,)) + roster.reasons(mine.agent_id, theirs, (given,))


def swap_options(roster: Roster, assignment_id: str, now: datetime) -> tuple[Option, ...]:
    """What every colleague could do about a shift, by name; who can do nothing is not among them. Shifts that have
    begun are never given in return."""
    mine = roster.assignments[assignment_id]
    found = []
    for agent_id in sorted(roster.names, key=lambda one: roster.names[one]):
        if agent_id == mine.agent_id:
            continue
        takes = roster.fits(agent_id, mine)
        returns = tuple(
            id_
            for id_, theirs in sorted(roster.assignments.items(), key=lambda entry: entry[1].day)
            if theirs.agent_id == agent_id
            and (theirs.day, theirs.shift) != (mine.day, mine.shift)
            and theirs.shift in roster.kinds
            and span_of(roster.kinds[theirs.shift], theirs.day, roster.zone).begins > now
            and roster.fits(agent_id, mine, (id_,))
            and roster.fits(mine.agent_id, theirs, (assignment_id,))
        )
        if takes or returns:
            found.append(Option(agent_id=agent_id, takes=takes, returns=returns))
    return tuple(found)
