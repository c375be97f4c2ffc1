"""The planner: fills a range of days with shifts by constraint programming (OR-Tools CP-SAT).

Hard for everybody: one shift a day, rest between shifts, hours a week, days in a row, no shift on leave. Minimums
may fall short, at a price above all others, so that there is always a best plan and a word about what is missing.
Then, in this order of weight: what the forecast asks for beyond them (if it is asked), wishes, as few shifts as do,
nights, weekends and hours shared evenly.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from datetime import time as clock
from itertools import product
from threading import Timer
from typing import Any, Final

from ortools.sat.python import cp_model

from callcenter.roster.coverage import Shortfall, Worker, coverage, shortfalls
from callcenter.roster.demand import Thin, thin_stretches
from callcenter.roster.planning import (
    Need,
    PlanResult,
    PlanTask,
    is_night,
    least_people,
    needs_of,
    rest_breaks,
    weekend,
    weeks_of,
)
from callcenter.roster.shifts import DAY, Absence, Assignment, Span, days, instant, span_of

_SHORT: Final = 100
"""An agent missing for a quarter of an hour."""
_WORST: Final = 4000
"""Each percent of a minimum that is missing where it is worst."""
_THIN: Final = 5
"""An agent whom the forecast asks for and who is missing for a quarter of an hour: an hour weighs more than a wish."""
_WISH: Final = 12
_NIGHTS: Final = 10
_WEEKENDS: Final = 6
_TOTALS: Final = 8
_MOST_MORE: Final = 60
"""Newcomers that are tried at most."""
_GAP: Final = 0.02
_GAP_COVERED: Final = 0.06
"""Near enough to the best where only fairness is left to gain: about one night more or less for somebody."""
_GAP_FORECAST: Final = 0.005
"""Where the forecast is followed: what it lacks is most of the price, and fairness is to count beside it."""

_TO_BEGIN: Final = 0.4
"""Share of the time within which a plan without shortages must be found; else one with shortages is looked for."""
_TO_PLAN: Final = 0.7
"""Share of what is then left for that; the rest is for how many people would do."""

Slot = tuple[str, date, str]


@dataclass
class _Model:
    task: PlanTask
    cp: Any
    x: dict[Slot, Any]
    short: list[tuple[Any, Need]] = field(default_factory=list)
    """What a minimum lacks beyond what everybody together could not give it."""
    thin: list[tuple[Any, Need]] = field(default_factory=list)
    """The same of a demand of the forecast."""


def plan(task: PlanTask) -> PlanResult:
    """Blocking and busy on all cores it may have: run it in a process of its own."""
    begin = time.monotonic()
    needs = needs_of(task)
    law = tuple(need for need in needs if not need.advised)
    floor = _least(task, law)
    solver: Any = None
    status: Any = cp_model.UNKNOWN
    if floor <= len(task.workers):
        # Without room for shortages the best plan is found many times as fast.
        made = _build(task, needs, soft=False)
        _share_evenly(made)
        left = begin + task.time_limit_s - time.monotonic()
        gap = _GAP_FORECAST if task.demands else _GAP_COVERED
        solver, status = _solve(made.cp, left, task.seed, gap, first_within_s=left * _TO_BEGIN)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        made = _build(task, needs, soft=True)
        _share_evenly(made)
        left = begin + task.time_limit_s - time.monotonic()
        gap = _GAP_FORECAST if task.demands else _GAP
        solver, status = _solve(made.cp, left * _TO_PLAN, task.seed, gap)
    chosen: tuple[Assignment, ...] = ()
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        chosen = tuple(
            sorted(
                Assignment(agent_id=who, day=day, shift=shift)
                for (who, day, shift), used in made.x.items()
                if solver.boolean_value(used)
            )
        )
    short, below = _short(task, chosen)
    people = len(task.workers)
    needed: int | None = people
    if short:
        needed = _needed(task, law, floor, begin + task.time_limit_s)
    kinds = {kind.code: kind for kind in task.kinds}
    nights = [sum(is_night(kinds[one.shift]) for one in chosen if one.agent_id == w.agent_id) for w in task.workers]
    ends = [sum(weekend(one.day) for one in chosen if one.agent_id == w.agent_id) for w in task.workers]
    worked = {(one.agent_id, one.day): one.shift for one in chosen}
    kept = sum(worked.get((wish.agent_id, wish.day), "") == wish.shift for wish in task.wishes)
    return PlanResult(
        assignments=chosen,
        short=short,
        thin=below,
        forecast=bool(task.demands),
        people=people,
        people_needed=needed,
        least_people=floor,
        proven=status == cp_model.OPTIMAL,
        seconds=time.monotonic() - begin,
        nights=(min(nights, default=0), max(nights, default=0)),
        weekends=(min(ends, default=0), max(ends, default=0)),
        wishes_kept=kept,
        wishes=len(task.wishes),
        week_hours=task.rules.week_hours,
    )


class _AnySolution(cp_model.CpSolverSolutionCallback):
    """Knows whether there is a plan yet."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def on_solution_callback(self) -> None:
        self.found = True


def _solve(
    cp: Any, seconds: float, seed: int, gap: float = 0.0, *, first_within_s: float | None = None
) -> tuple[Any, Any]:
    """(solver, status). Gives up early when there is no plan at all ``first_within_s`` seconds after the beginning."""
    solver, any_yet = cp_model.CpSolver(), _AnySolution()
    solver.parameters.max_time_in_seconds = max(1.0, seconds)
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = max(1, min(8, os.cpu_count() or 1))
    solver.parameters.relative_gap_limit = gap
    if first_within_s is None:
        return solver, solver.solve(cp)

    def give_up() -> None:
        if not any_yet.found:
            solver.stop_search()

    early = Timer(first_within_s, give_up)
    early.start()
    try:
        return solver, solver.solve(cp, any_yet)
    finally:
        early.cancel()


def _build(task: PlanTask, needs: tuple[Need, ...], *, soft: bool) -> _Model:
    cp = cp_model.CpModel()
    every = days(task.first, task.last)
    kinds = [kind for kind in task.kinds if not kind.on_call]
    useful = {key for need in needs for key in need.covering} | {(w.day, w.shift) for w in task.wishes if w.shift}
    away: dict[str, list[Absence]] = defaultdict(list)
    for absence in task.absences:
        away[absence.agent_id].append(absence)
    made = _Model(task=task, cp=cp, x={})
    for worker, day, kind in product(task.workers, every, kinds):
        if (day, kind.code) in useful and not any(one.holds(day) for one in away[worker.agent_id]):
            made.x[worker.agent_id, day, kind.code] = cp.new_bool_var("")
    spans = {(day, kind.code): span_of(kind, day, task.zone) for day, kind in product(every, kinds)}
    for worker in task.workers:
        _for_one(made, worker, spans)
    for need in needs:
        can = {
            (worker.agent_id, day, shift): made.x[worker.agent_id, day, shift]
            for worker in task.workers
            if worker.counts_for(need.minimum)
            for day, shift in need.covering
            if (worker.agent_id, day, shift) in made.x
        }
        if soft or need.advised:
            # What nobody can give has no price. It is the same in every plan, and the search, which ends near enough to
            # the best price, would end before the minimums that can be kept.
            within_reach = min(need.need, len({who for who, _, _ in can}))
            missing = cp.new_int_var(0, within_reach, "")
            (made.thin if need.advised else made.short).append((missing, need))
            cp.add(sum(can.values()) + missing >= within_reach)
        else:
            cp.add(sum(can.values()) >= need.need)
    return made


def _for_one(made: _Model, worker: Worker, spans: dict[tuple[date, str], Span]) -> None:
    """What one person may work."""
    task, cp, x = made.task, made.cp, made.x
    rules, every = task.rules, days(task.first, task.last)
    kinds = task.every_kind
    mine = worker.agent_id
    codes = sorted({code for _, code in spans})
    held = [(one, span_of(kinds[one.shift], one.day, task.zone)) for one in task.before if one.agent_id == mine]
    of_day = {day: [x[mine, day, code] for code in codes if (mine, day, code) in x] for day in every}
    for variables in of_day.values():
        if len(variables) > 1:
            cp.add_at_most_one(variables)
    # Two shifts of days that follow each other, and what is worked around the range.
    for day in every:
        for code in codes:
            used = x.get((mine, day, code))
            if used is None:
                continue
            span = spans[day, code]
            if any(rest_breaks(span, other, rules.rest) for _, other in held):
                cp.add(used == 0)
            for later in codes:
                following = x.get((mine, day + DAY, later))
                if following is not None and rest_breaks(span, spans[day + DAY, later], rules.rest):
                    cp.add_implication(used, ~following)
    worked_before = {one.day for one, _ in held}
    for week in weeks_of(task.first, task.last):
        monday = week[0] - DAY * week[0].weekday()
        spent = sum(span.seconds for one, span in held if monday <= one.day < monday + DAY * 7 and one.day not in week)
        minutes = [
            (x[mine, day, code], round(spans[day, code].seconds / 60))
            for day in week
            for code in codes
            if (mine, day, code) in x
        ]
        if minutes:
            limit = max(0, round(rules.week_hours * 60 - spent / 60))
            cp.add(sum(used * length for used, length in minutes) <= limit)
    reach = rules.days_in_row + 1
    for n in range(-(reach - 1), len(every)):  # what is worked before the range and after it counts on
        window = [task.first + DAY * (n + offset) for offset in range(reach)]
        fixed = sum(day in worked_before for day in window)
        free = [used for day in window for used in of_day.get(day, ())]
        if free:
            cp.add(sum(free) + fixed <= rules.days_in_row)


def _share_evenly(made: _Model) -> None:
    """The price of a plan."""
    task, cp, x = made.task, made.cp, made.x
    every = days(task.first, task.last)
    night = {kind.code for kind in task.kinds if is_night(kind)}
    price: list[Any] = [_SHORT * need.quarters * missing for missing, need in made.short]
    price += [_THIN * need.quarters * missing for missing, need in made.thin]
    if made.short:
        # What cannot be avoided is spread over days and nights: two missing of eight is bearable, of two it is not.
        worst = cp.new_int_var(0, 100, "")
        for missing, need in made.short:
            cp.add(missing * 100 <= worst * need.minimum.need)
        price.append(_WORST * worst)
    price += x.values()
    away: dict[str, int] = defaultdict(int)
    for absence, day in product(task.absences, every):
        away[absence.agent_id] += absence.holds(day)
    # Who is away for most of the time cannot be expected to bear a full share.
    sharing = [worker.agent_id for worker in task.workers if away[worker.agent_id] * 3 < len(every)]
    measures: tuple[tuple[int, Callable[[date, str], bool]], ...] = (
        (_NIGHTS, lambda day, code: code in night),
        (_WEEKENDS, lambda day, code: weekend(day)),
        (_TOTALS, lambda day, code: True),
    )
    of_agent: dict[str, list[tuple[date, str, Any]]] = defaultdict(list)
    for (who, day, code), used in x.items():
        of_agent[who].append((day, code, used))
    for weight, counts in measures:
        most, least = cp.new_int_var(0, len(every), ""), cp.new_int_var(0, len(every), "")
        for who in sharing:
            own = sum(used for day, code, used in of_agent[who] if counts(day, code))
            cp.add(own <= most)
            cp.add(own >= least)
        price.append(weight * (most - least))
    for wish in task.wishes:
        if wish.shift:
            used = x.get((wish.agent_id, wish.day, wish.shift))
            if used is not None:
                price.append(_WISH * (1 - used))
        else:
            price += [_WISH * used for day, _, used in of_agent[wish.agent_id] if day == wish.day]
    cp.minimize(sum(price))


def _least(task: PlanTask, needs: tuple[Need, ...]) -> int:
    """By counting alone: how many shifts each week needs whoever works them, over what one may work in it."""
    kinds = [kind for kind in task.kinds if not kind.on_call]
    cp = cp_model.CpModel()
    slots = {key: cp.new_int_var(0, 1000, "") for need in needs for key in need.covering}
    for need in needs:
        cp.add(sum(slots[key] for key in need.covering) >= need.need)
    cp.minimize(sum(slots.values()))
    solver, status = _solve(cp, 5.0, task.seed)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE) or not kinds:
        return 0
    shortest = min(span_of(kind, task.first, task.zone).seconds / 3600 for kind in kinds)
    weeks = weeks_of(task.first, task.last)
    count = [sum(solver.value(used) for (day, _), used in slots.items() if day in week) for week in weeks]
    a_day = max((sum(solver.value(slots[d, c]) for d, c in slots if d == day) for day, _ in slots), default=0)
    return max(a_day, least_people(count, [len(week) for week in weeks], shortest, task.rules))


def _needed(task: PlanTask, needs: tuple[Need, ...], floor: int, until: float) -> int | None:
    """The smallest number of people that covers everything, newcomers able to do whatever is asked."""
    queues = frozenset(minimum.queue for minimum in task.minimums if minimum.queue)
    skills = {minimum.skill: 10 for minimum in task.minimums if minimum.skill}
    people = len(task.workers)
    for number in range(max(people + 1, floor), max(people + 1, floor) + _MOST_MORE):
        left = until - time.monotonic()
        if left <= 0:
            return None
        more = tuple(Worker(agent_id=f"+{n}", queues=queues, skills=skills) for n in range(number - people))
        staffed = replace(task, workers=(*task.workers, *more), wishes=())
        _, status = _solve(_build(staffed, needs, soft=False).cp, left, task.seed)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return number
        if status == cp_model.UNKNOWN:
            return None
    return None


def _short(task: PlanTask, chosen: tuple[Assignment, ...]) -> tuple[tuple[Shortfall, ...], tuple[Thin, ...]]:
    """Where the plan leaves a minimum, and where only the forecast, looked at with the same eyes as any roster."""
    kinds = task.every_kind
    both = [one for one in (*task.before, *chosen) if one.shift in kinds and not kinds[one.shift].on_call]
    spans = [(one.agent_id, span_of(kinds[one.shift], one.day, task.zone)) for one in both]
    begins = instant(task.first, clock.min, task.zone)
    if not any(one.day < task.first for one in task.before):
        # The morning of the first day belongs to a night that is not planned here.
        begins = min(span_of(kind, task.first, task.zone).begins for kind in task.kinds if not kind.on_call)
    within = Span(begins, instant(task.last + DAY, clock.min, task.zone))
    workers = {worker.agent_id: worker for worker in task.workers}
    short = shortfalls(coverage(spans, workers, task.minimums, within, task.zone))
    return short, thin_stretches(task.demands, spans, workers, task.minimums, within, task.zone)
