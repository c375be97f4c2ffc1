"""Which swaps of a shift can be worked at all, so that nobody asks for one that cannot be approved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from callcenter.roster.shifts import Absence, Assignment, ShiftKind, check, span_of


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

    def fits(self, agent_id: str, new: Assignment, without: Iterable[str] = ()) -> bool:
        """Whether the agent could work a shift, if those ``without`` were theirs no more."""
        gone = set(without)
        kept = [one for id_, one in self.assignments.items() if one.agent_id == agent_id and id_ not in gone]
        given = Assignment(agent_id=agent_id, day=new.day, shift=new.shift)
        problems = check([*kept, given], self.kinds, self.names, self.zone, self.absences)
        return not any(problem.row > len(kept) for problem in problems)


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
