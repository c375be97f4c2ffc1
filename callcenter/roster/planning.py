"""What a planner is asked and what it answers, and the verdict in words. Pure.

The planner itself is :mod:`callcenter.roster.solver`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import product
from math import ceil

from callcenter.roster.coverage import QUARTER, Minimum, Shortfall, Worker, quarters
from callcenter.roster.demand import Demand, Thin, anyone_of
from callcenter.roster.shifts import DAY, Absence, Assignment, ShiftKind, Span, day_span, days, span_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRules:
    """What the law and the house allow one person."""

    rest: timedelta = timedelta(hours=11)
    """Between the end of a shift and the begin of the next."""
    week_hours: float = 48.0
    """Most hours of shifts that begin in one calendar week (Monday to Sunday)."""
    days_in_row: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """``shift`` empty: a day off; else this shift on this day."""

    agent_id: str
    day: date
    shift: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTask:
    first: date
    last: date
    zone: tzinfo
    kinds: tuple[ShiftKind, ...]
    """Those that may be planned; kinds on call are left out."""
    minimums: tuple[Minimum, ...]
    workers: tuple[Worker, ...]
    demands: tuple[Demand, ...] = ()
    """What the forecast asks for beyond the minimums; empty: the minimums alone."""
    absences: tuple[Absence, ...] = ()
    wishes: tuple[Wish, ...] = ()
    worked_kinds: tuple[ShiftKind, ...] = ()
    """Further kinds that ``before`` may name: those that are not planned."""
    before: tuple[Assignment, ...] = ()
    """What is worked around the range: its last night still covers the first morning, rest and weeks count on."""
    rules: WorkRules = field(default_factory=WorkRules)
    time_limit_s: float = 40.0
    seed: int = 1

    @property
    def every_kind(self) -> dict[str, ShiftKind]:
        return {kind.code: kind for kind in (*self.kinds, *self.worked_kinds)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Of these (day, shift) pairs, so many agents who count for ``minimum``."""

    minimum: Minimum
    """The minimum, or what the forecast asks for written as one."""
    advised: bool = False
    """It is the forecast's: it may fall short, at a lower price, also where every minimum can be kept."""
    covering: frozenset[tuple[date, str]]
    need: int
    """What is left after those who work ``before``."""
    quarters: int
    """For so many quarters of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResult:
    assignments: tuple[Assignment, ...]
    short: tuple[Shortfall, ...]
    """Where minimums are not kept; empty: all are."""
    thin: tuple[Thin, ...] = ()
    """Where they are, and fewer are planned than the forecast asks for."""
    forecast: bool = False
    """Whether the forecast was asked."""
    people: int
    """Agents there are."""
    people_needed: int | None
    """How many would do, newcomers who can do everything included; None: not found within the time."""
    least_people: int
    """Fewer cannot do, by counting shifts and weeks alone."""
    proven: bool
    """The optimum, or as near to it as the limit allows; false: the best found when time was over."""
    seconds: float
    nights: tuple[int, int]
    """Fewest and most of one agent."""
    weekends: tuple[int, int]
    """Fewest and most weekend shifts of one agent."""
    wishes_kept: int
    wishes: int
    week_hours: float


def needs_of(task: PlanTask) -> tuple[Need, ...]:
    """Every minimum, and every demand of the forecast, of the range once for the shifts that cover it. Quarters that no
    shift of the range can cover (the first morning, which belongs to the night before) are left out."""
    kinds = task.every_kind
    slots = [
        (span_of(kind, day, task.zone), (day, kind.code))
        for day, kind in product(days(task.first, task.last), task.kinds)
        if not kind.on_call
    ]
    held = [(span_of(kinds[one.shift], one.day, task.zone), one.agent_id) for one in task.before if one.shift in kinds]
    workers = {worker.agent_id: worker for worker in task.workers}
    most: dict[tuple[Minimum, bool, frozenset[tuple[date, str]]], tuple[int, int]] = {}
    for day in days(task.first, task.last):
        whole = day_span(day, task.zone)
        near = [slot for slot in slots if slot[0].meets(whole)]
        around = [entry for entry in held if entry[0].meets(whole)]
        for at in quarters(whole):
            until = at + QUARTER
            covering = frozenset(key for span, key in near if span.begins <= at and until <= span.ends)
            if not covering:
                continue
            wall = at.astimezone(task.zone).time()
            law = [minimum for minimum in task.minimums if minimum.applies(wall)]
            for minimum, advised in [*((one, False) for one in law), *((one, True) for one in _beyond(law, task, at))]:
                there = sum(
                    span.begins <= at and until <= span.ends and who in workers and workers[who].counts_for(minimum)
                    for span, who in around
                )
                key = (minimum, advised, covering)
                need, length = most.get(key, (0, 0))
                most[key] = (max(need, minimum.need - there), length + 1)
    return tuple(
        Need(minimum=minimum, advised=advised, covering=covering, need=need, quarters=length)
        for (minimum, advised, covering), (need, length) in most.items()
        if need > 0
    )


def _beyond(law: Sequence[Minimum], task: PlanTask, at: datetime) -> Iterator[Minimum]:
    """What the forecast asks for at an instant, where that is more than the minimums for the same people."""
    for demand in task.demands:
        asked = demand.at(at, task.zone) or 0
        if asked > max((one.need for one in law if (one.queue, one.skill) == (demand.queue, "")), default=0):
            yield anyone_of(demand.queue, asked)


def shifts_a_week(kind_hours: float, rules: WorkRules) -> int:
    """How many shifts of that length one person may work in a week."""
    return min(int(rules.week_hours / kind_hours + 1e-9), 7 * rules.days_in_row // (rules.days_in_row + 1))


def least_people(slots_by_week: Sequence[int], days_by_week: Sequence[int], hours: float, rules: WorkRules) -> int:
    """A floor by counting alone: so many shifts in a week, so many a person may work in it."""
    found = 0
    for slots, length in zip(slots_by_week, days_by_week, strict=True):
        each = min(shifts_a_week(hours, rules), length)
        found = max(found, ceil(slots / each) if each else slots)
    return found


def rest_breaks(a: Span, b: Span, rest: timedelta) -> bool:
    """Whether one person cannot work both: they overlap or are too close."""
    first, second = sorted((a, b))
    return second.begins < first.ends + rest


def weeks_of(first: date, last: date) -> list[list[date]]:
    """The calendar weeks of a range, Monday to Sunday, cut at its ends."""
    found: list[list[date]] = []
    for day in days(first, last):
        if not found or day.weekday() == 0:
            found.append([])
        found[-1].append(day)
    return found


def weekend(day: date) -> bool:
    return day.weekday() >= 5


def is_night(kind: ShiftKind) -> bool:
    return kind.over_midnight


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month that a day lies in."""
    first = day.replace(day=1)
    after = (first + DAY * 31).replace(day=1)
    return first, after - DAY


Titles = Mapping[str, tuple[str, str]]
"""Queue → its Chinese and its English title."""


def verdict(result: PlanResult, zone: tzinfo, titles: Titles) -> tuple[str, str]:
    """What came of it, in Chinese and in English: of the minimums first, then of the forecast if it was asked."""
    zh, en = _of_minimums(result, zone, titles)
    if result.forecast:
        more_zh, more_en = _of_forecast(result.thin, zone, titles)
        zh, en = zh + more_zh, f"{en} {more_en}"
    return zh, en


def _of_minimums(result: PlanResult, zone: tzinfo, titles: Titles) -> tuple[str, str]:
    if not result.short:
        nights, weekends = result.nights, result.weekends
        zh = (
            f"可以排满：{result.people} 名坐席，最低人数全部满足。"
            f"每人夜班 {_range(nights)} 个、周末班 {_range(weekends)} 个"
        )
        en = (
            f"It can be covered: {result.people} agents keep every minimum. Each works {_range(nights)} nights and "
            f"{_range(weekends)} weekend shifts"
        )
        if result.wishes:
            zh += f"；满足意愿 {result.wishes_kept}/{result.wishes}"
            en += f"; {result.wishes_kept} of {result.wishes} wishes are met"
        if not result.proven:
            zh += "。时间用完，公平程度可能还能更好"
            en += ". Time ran out: it might be shared out a little more evenly"
        return zh + "。", en + "."
    hours = sum(short.missing * short.span.seconds for short in result.short) / 3600
    worst = max(result.short, key=lambda short: (short.missing / short.minimum.need, short.span.seconds))
    when_zh, when_en = _from_to(worst.span, zone)
    what_zh, what_en = _whose(worst.minimum.queue, worst.minimum.skill, titles)
    zh = (
        f"排不满：{result.people} 名坐席、每周最多 {result.week_hours:g} 小时，共缺 {hours:,.0f} 人时，"
        f"分 {len(result.short)} 段；最严重的是 {when_zh}{what_zh}，"
        f"需要 {worst.minimum.need} 人，只有 {worst.have} 人。"
    )
    en = (
        f"It cannot be covered: {result.people} agents with at most {result.week_hours:g} hours a week leave "
        f"{hours:,.0f} agent hours short in {_stretches(len(result.short))}; the worst is "
        f"{when_en}{what_en}: {worst.minimum.need} are needed and {worst.have} are there."
    )
    if result.people_needed is not None:
        more = result.people_needed - result.people
        zh += f"要排满需要 {result.people_needed} 人（再加 {more} 人）。"
        en += f" {result.people_needed} people would do ({more} more)."
    else:
        zh += f"至少需要 {result.least_people} 人；确切人数在限定时间内没有算出。"
        en += f" At least {result.least_people} are needed; the exact number was not found in the time given."
    return zh, en


def _of_forecast(thin: Sequence[Thin], zone: tzinfo, titles: Titles) -> tuple[str, str]:
    if not thin:
        return "来电预测所需的人数也全部满足。", "What the forecast asks for is met as well."
    hours = sum(one.agent_hours for one in thin)
    worst = max(thin, key=lambda one: (one.missing, one.agent_hours))
    when_zh, when_en = _from_to(worst.span, zone)
    what_zh, what_en = _whose(worst.queue, "", titles)
    spare = worst.asked - worst.on_calls
    of_zh = f"（接电话 {worst.on_calls} + 小休与缺勤 {spare}）" if spare else ""
    of_en = f" ({worst.on_calls} on calls + {spare} for breaks and absence)" if spare else ""
    zh = (
        f"按来电预测还差 {hours:,.0f} 人时，分 {len(thin)} 段（这些时段最低人数已满足）；"
        f"差得最多的是 {when_zh}{what_zh}，预测需 {worst.asked} 人{of_zh}，排了 {worst.have} 人。"
    )
    en = (
        f"By the forecast {hours:,.0f} agent hours more would be needed, in {_stretches(len(thin))} in which the "
        f"minimums are kept; most are missing on {when_en}{what_en}: {worst.asked} asked for"
        f"{of_en}, {worst.have} planned."
    )
    return zh, en


def _from_to(span: Span, zone: tzinfo) -> tuple[str, str]:
    """The clock alone says when a night ends; of what lasts longer than a day the day is told too."""
    at, until = span.begins.astimezone(zone), span.ends.astimezone(zone)
    zh, en = ("%m-%d ", "%d %b ") if span.ends - span.begins > DAY else ("", "")
    return f"{at:%m-%d %H:%M}–{until:{zh}%H:%M}", f"{at:%d %b %H:%M} to {until:{en}%H:%M}"


def _whose(queue: str, skill: str, titles: Titles) -> tuple[str, str]:
    """Of whom it is told, in brackets; empty: of everybody."""
    zh, en = titles.get(queue, (queue, queue))
    return "".join(f"（{one}）" for one in (zh, skill) if one), "".join(f" ({one})" for one in (en, skill) if one)


def _stretches(number: int) -> str:
    return "1 stretch" if number == 1 else f"{number} stretches"


def _range(pair: tuple[int, int]) -> str:
    return f"{pair[0]}" if pair[0] == pair[1] else f"{pair[0]}–{pair[1]}"
