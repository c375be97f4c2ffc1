"""How long a month's roster for 40 agents takes to plan, and how good it is.

The rival, in the same run on the same task, fills the roster as a person with a list does: day by day, the agents in
turn, the first who may work (rest, hours of the week, days in a row) gets the shift. Run: python -m bench.roster
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.machine import table, what_it_ran_on
from callcenter.roster.coverage import HOUSE_MINIMUMS, Shortfall, Worker, coverage, shortfalls
from callcenter.roster.planning import PlanTask, Wish, WorkRules, month_of, rest_breaks, verdict, weekend
from callcenter.roster.shifts import DAY, EARLY, HOUSE, NIGHT, Absence, Assignment, Span, days, instant, span_of
from callcenter.roster.solver import plan

ZONE = ZoneInfo("Asia/Shanghai")
KINDS = {kind.code: kind for kind in HOUSE}


def month_task(agents: int, first: date, hours: float, limit: float, seed: int) -> PlanTask:
    """A month as it is: a tenth of the agents on a week's leave, and a wish for each second of them."""
    pick = random.Random(seed)
    begin, end = month_of(first)
    workers = tuple(Worker(agent_id=f"a{n:03}", name=f"Agent {n}") for n in range(agents))
    away = tuple(
        Absence(agent_id=worker.agent_id, first=(at := begin + DAY * pick.randrange(20)), last=at + DAY * 6)
        for worker in workers[:: max(1, min(10, agents))]
        if agents >= 20
    )
    wishes = tuple(
        Wish(agent_id=worker.agent_id, day=begin + DAY * pick.randrange(28), shift=pick.choice(("", "", "early")))
        for worker in workers[1::2]
    )
    return PlanTask(
        first=begin,
        last=end,
        zone=ZONE,
        kinds=HOUSE,
        minimums=HOUSE_MINIMUMS,
        workers=workers,
        absences=away,
        wishes=wishes,
        rules=WorkRules(week_hours=hours),
        time_limit_s=limit,
        seed=seed,
    )


def in_turn(task: PlanTask) -> list[Assignment]:
    """The rival."""
    found: list[Assignment] = []
    worked: dict[str, dict[date, Span]] = defaultdict(dict)
    turn = 0
    for day in days(task.first, task.last):
        for kind, number in ((EARLY, 8), (NIGHT, 2)):
            span = span_of(kind, day, task.zone)
            placed = 0
            for step in range(len(task.workers)):
                worker = task.workers[(turn + step) % len(task.workers)]
                if placed == number:
                    break
                if not may_work(task, worker.agent_id, worked[worker.agent_id], day, span):
                    continue
                worked[worker.agent_id][day] = span
                found.append(Assignment(agent_id=worker.agent_id, day=day, shift=kind.code))
                placed += 1
            turn += number
    return found


def may_work(task: PlanTask, who: str, own: dict[date, Span], day: date, span: Span) -> bool:
    if day in own or any(one.agent_id == who and one.holds(day) for one in task.absences):
        return False
    if any(rest_breaks(span, other, task.rules.rest) for other in own.values()):
        return False
    monday = day - DAY * day.weekday()
    hours = sum(other.seconds for at, other in own.items() if at >= monday) + span.seconds
    if hours > task.rules.week_hours * 3600:
        return False
    return not all(day - timedelta(days=n) in own for n in range(1, task.rules.days_in_row + 1))


def judge(task: PlanTask, roster: list[Assignment]) -> dict[str, Any]:
    """The same measures for both, taken from the roster alone."""
    spans = [(one.agent_id, span_of(KINDS[one.shift], one.day, ZONE)) for one in roster]
    within = Span(span_of(EARLY, task.first, ZONE).begins, instant(task.last + DAY, EARLY.begins.min, ZONE))
    short: tuple[Shortfall, ...] = shortfalls(
        coverage(spans, {w.agent_id: w for w in task.workers}, task.minimums, within, ZONE)
    )
    worked = {(one.agent_id, one.day): one.shift for one in roster}
    full = [w.agent_id for w in task.workers if not any(a.agent_id == w.agent_id for a in task.absences)]
    nights = [sum(o.shift == "night" for o in roster if o.agent_id == who) for who in full]
    ends = [sum(weekend(o.day) for o in roster if o.agent_id == who) for who in full]
    kept = sum(worked.get((wish.agent_id, wish.day), "") == wish.shift for wish in task.wishes)
    return {
        "shifts": len(roster),
        "short_agent_hours": round(sum(s.missing * s.span.seconds for s in short) / 3600, 1),
        "nights_spread": max(nights) - min(nights),
        "nights_deviation": round(statistics.pstdev(nights), 2),
        "weekends_spread": max(ends) - min(ends),
        "wishes_kept": kept,
        "wishes": len(task.wishes),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--agents", type=int, default=40)
    options.add_argument("--month", type=date.fromisoformat, default=date(2026, 12, 1), help="any day of it")
    options.add_argument("--hours", type=float, default=48.0, help="a week, at most")
    options.add_argument("--limit", type=float, default=50.0, help="seconds the planner may take")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    task = month_task(asked.agents, asked.month, asked.hours, asked.limit, asked.seed)
    begin = time.perf_counter()
    rival_roster = in_turn(task)
    rival_s = time.perf_counter() - begin
    begin = time.perf_counter()
    result = plan(task)
    ours_s = time.perf_counter() - begin
    ours, rival = judge(task, list(result.assignments)), judge(task, rival_roster)
    zh, en = verdict(result, ZONE, {})
    answer = {
        "machine": what_it_ran_on(),
        "agents": asked.agents,
        "days": len(days(task.first, task.last)),
        "week_hours": asked.hours,
        "planner": {"seconds": round(ours_s, 2), **ours},
        "in_turn": {"seconds": round(rival_s, 4), **rival},
        "wishes_ratio": round(ours["wishes_kept"] / max(1, rival["wishes_kept"]), 2),
        "time_ratio": round(ours_s / rival_s, 1),
        "people_needed": result.people_needed,
        "optimal_within_gap": result.proven,
        "target_s": 60.0,
        "within_target": ours_s <= 60.0,
        "verdict": {"zh": zh, "en": en},
    }
    if asked.json:
        print(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    print(answer["machine"])
    print(f"{asked.agents} agents, {answer['days']} days, {asked.hours:g} h a week, {len(task.absences)} on leave\n")
    names = {
        "seconds": "seconds (target: at most 60)",
        "shifts": "shifts",
        "short_agent_hours": "agent hours below the minimum",
        "nights_spread": "nights: most less fewest",
        "nights_deviation": "nights: standard deviation",
        "weekends_spread": "weekend shifts: most less fewest",
        "wishes_kept": f"wishes met, of {len(task.wishes)}",
    }
    mine = {"seconds": round(ours_s, 2), **ours}
    theirs = {"seconds": round(rival_s, 4), **rival}
    print(table(["", "planner", "in turn"], [[text, str(mine[key]), str(theirs[key])] for key, text in names.items()]))
    print(
        f"\nThe planner meets {answer['wishes_ratio']} times as many wishes in {answer['time_ratio']} times the time."
    )
    print(zh)
    print(en)


if __name__ == "__main__":
    main()
