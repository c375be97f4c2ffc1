"""The forecast against the roster: advice beside the law, over nights and changes of the clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from callcenter.roster.coverage import Minimum, Worker, tracks
from callcenter.roster.demand import Demand, Thin, thin_stretches
from callcenter.roster.planning import PlanTask, needs_of, verdict
from callcenter.roster.shifts import EARLY, HOUSE, Assignment, Span, day_span, span_of
from callcenter.roster.solver import plan

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 2)
WORKERS = {
    "a": Worker(agent_id="a", queues=frozenset({"general"})),
    "b": Worker(agent_id="b", queues=frozenset({"general", "repairs"})),
}
EIGHT_TO_EIGHT = [(name, span_of(EARLY, DAY, SHANGHAI)) for name in WORKERS]
ONE_BY_DAY = Minimum(begins=time(8), ends=time(20), need=1)


def asked(queue: str = "", **agents: int) -> Demand:
    """Agents from that half hour on, up to the next that is named (``at_1030``); none before the first."""
    slots = [0] * 48
    for at, number in agents.items():
        first = int(at[3:5]) * 2 + int(at[5:7]) // 30
        slots[first:] = [number] * (48 - first)
    return Demand(queue=queue, days={DAY: slots})


def told(thin: tuple[Thin, ...], zone: tzinfo = SHANGHAI) -> list[tuple[str, str, str, int, int, float]]:
    def wall(at: datetime) -> str:
        return f"{at.astimezone(zone):%H:%M}"

    return [(t.queue, wall(t.span.begins), wall(t.span.ends), t.asked, t.have, t.agent_hours) for t in thin]


@pytest.mark.parametrize(
    ("demand", "minimums", "expected"),
    [
        (asked(at_0900=2, at_1800=1, at_2000=0), [ONE_BY_DAY], []),
        # Two halves of one stretch; its worst half hour is told, and the agent hours of both.
        (asked(at_0900=3, at_1000=4, at_1030=0), [ONE_BY_DAY], [("", "09:00", "10:30", 4, 2, 2.0)]),
        (asked(at_0900=3, at_1000=2, at_1100=3, at_1130=0), [],
         [("", "09:00", "10:00", 3, 2, 1.0), ("", "11:00", "11:30", 3, 2, 0.5)]),
        # Short of the minimum: told as that, louder, and not here.
        (asked(at_0900=5, at_1000=0), [replace(ONE_BY_DAY, need=3)], []),
        (asked(at_0900=5, at_1000=0), [replace(ONE_BY_DAY, need=3, skill="en")], [("", "09:00", "10:00", 5, 2, 3.0)]),
        # No minimum at that time, and nobody there.
        (asked(at_2300=1), [ONE_BY_DAY], [("", "23:00", "00:00", 1, 0, 1.0)]),
        (asked("repairs", at_0900=2, at_1000=0), [ONE_BY_DAY], [("repairs", "09:00", "10:00", 2, 1, 1.0)]),
        (asked("repairs", at_0900=2, at_1000=0), [Minimum(begins=time(9), ends=time(18), need=2, queue="repairs")], []),
    ],
)  # fmt: skip
def test_where_only_the_forecast_asks_for_more(
    demand: Demand, minimums: list[Minimum], expected: list[tuple[str, str, str, int, int, float]]
) -> None:
    found = thin_stretches([demand], EIGHT_TO_EIGHT, WORKERS, minimums, day_span(DAY, SHANGHAI), SHANGHAI)
    assert told(found) == expected


def test_a_day_that_is_not_forecast_asks_for_nothing() -> None:
    week = Span(day_span(DAY, SHANGHAI).begins, day_span(DAY + timedelta(days=6), SHANGHAI).ends)
    demand = asked(at_0000=9)
    assert demand.over(week, SHANGHAI) == (9,) * 96 + (None,) * (6 * 96)
    (one,) = thin_stretches([demand], [], WORKERS, [], week, SHANGHAI)
    assert one.span == day_span(DAY, SHANGHAI)


@pytest.mark.parametrize(
    ("day", "quarters", "hours"),
    [(date(2026, 3, 29), 92, 1.0), (date(2026, 10, 25), 100, 3.0)],  # 2 o'clock is skipped; 2 o'clock comes twice
)
def test_the_forecast_is_by_the_clock_on_the_wall(day: date, quarters: int, hours: float) -> None:
    slots = [1 if number in (2, 3, 4, 5) else 0 for number in range(48)]  # from 1 to 3
    found = thin_stretches([Demand(days={day: slots})], [], {}, [], day_span(day, BERLIN), BERLIN)
    assert len(Demand(days={day: slots}).over(day_span(day, BERLIN), BERLIN)) == quarters
    assert [one.agent_hours for one in found] == [hours]


def test_a_track_counts_its_people_also_where_no_minimum_applies() -> None:
    repairing = Minimum(begins=time(9), ends=time(10), need=1, queue="repairs")
    minimums = [ONE_BY_DAY, replace(ONE_BY_DAY, begins=time(9), need=2), repairing]
    whole, repairs = tracks(EIGHT_TO_EIGHT, WORKERS, minimums, day_span(DAY, SHANGHAI), SHANGHAI)
    assert (whole.need[31:33], whole.need[36:37], whole.have[31:33]) == ((0, 1), (2,), (0, 2))
    assert (repairs.queue, sum(repairs.need), sum(repairs.have)) == ("repairs", 4, 48)


def task(people: int, **more: object) -> PlanTask:
    values: dict[str, object] = {
        "first": DAY,
        "last": DAY + timedelta(days=1),
        "zone": SHANGHAI,
        "kinds": HOUSE,
        "minimums": (ONE_BY_DAY,),
        "workers": tuple(Worker(agent_id=f"a{n}", name=f"A{n}") for n in range(people)),
        "time_limit_s": 5.0,
    }
    return PlanTask(**{**values, **more})  # type: ignore[arg-type]


def test_a_demand_within_the_minimum_asks_for_nothing_more() -> None:
    law = needs_of(task(3))
    assert needs_of(task(3, demands=(asked(at_0800=1, at_2000=0),))) == law
    more = [need for need in needs_of(task(3, demands=(asked(at_0930=3, at_1000=0),))) if need.advised]
    assert [(need.need, need.quarters, {code for _, code in need.covering}) for need in more] == [
        (3, 2, {"early", "middle"})
    ]


def test_a_plan_follows_the_forecast_as_far_as_people_go_and_says_what_is_left() -> None:
    demand = asked(at_0900=3, at_1700=0)
    alone = plan(task(3))
    assert (alone.short, alone.thin, alone.forecast) == ((), (), False)
    assert "预测" not in verdict(alone, SHANGHAI, {})[0]
    enough = plan(task(4, demands=(demand,)))
    assert (enough.short, enough.thin, enough.forecast) == ((), (), True)
    assert sum(one.day == DAY for one in enough.assignments) >= 3
    assert verdict(enough, SHANGHAI, {})[0].endswith("来电预测所需的人数也全部满足。")
    few = plan(task(2, demands=(demand,)))
    assert few.short == ()
    assert told(few.thin) == [("", "09:00", "17:00", 3, 2, 8.0)]
    zh, en = verdict(few, SHANGHAI, {})
    assert "最低人数全部满足" in zh
    assert "按来电预测还差 8 人时，分 1 段" in zh
    assert "差得最多的是 03-02 09:00–17:00，预测需 3 人，排了 2 人" in zh
    assert "By the forecast 8 agent hours more would be needed, in 1 stretch in which" in en


def test_a_thin_stretch_says_how_many_are_asked_for_breaks_and_absence() -> None:
    calls = asked(at_0900=3, at_1700=0)
    demand = replace(asked(at_0900=4, at_1700=0), on_calls=calls.days)
    few = plan(task(2, demands=(demand,)))
    assert [(one.asked, one.on_calls, one.have) for one in few.thin] == [(4, 3, 2)]
    zh, en = verdict(few, SHANGHAI, {})
    assert "预测需 4 人（接电话 3 + 小休与缺勤 1），排了 2 人" in zh
    assert "4 asked for (3 on calls + 1 for breaks and absence), 2 planned" in en


def test_the_verdict_calls_a_queue_by_its_title() -> None:
    few = plan(task(1, demands=(asked("repairs", at_0900=2, at_1000=0),)))
    zh, en = verdict(few, SHANGHAI, {"repairs": ("报修", "Repairs")})
    assert "09:00–10:00（报修），预测需 2 人，排了 0 人" in zh
    assert "to 10:00 (Repairs): 2 asked for, 0 planned" in en


def test_a_stretch_of_days_is_told_with_the_day_on_which_it_ends() -> None:
    days = {DAY + timedelta(days=n): [1] * 48 for n in range(2)}
    zh, en = verdict(plan(task(1, demands=(Demand(queue="repairs", days=days),))), SHANGHAI, {})
    assert "–03-04 00:00（repairs），预测需 1 人" in zh
    assert "to 04 Mar 00:00 (repairs)" in en


def test_the_law_goes_before_the_forecast() -> None:
    """One person and two days: Monday's forecast of many cannot buy what Tuesday's minimum needs."""
    rules = task(1, minimums=(replace(ONE_BY_DAY, ends=time(9)),), demands=(asked(at_0900=9, at_2100=0),))
    (monday, tuesday) = plan(rules).assignments
    assert (monday.shift, tuesday.shift) == ("early", "early")
    assert isinstance(monday, Assignment)


def test_the_utc_day_is_not_the_sites() -> None:
    assert asked(at_0000=1).at(datetime(2026, 3, 1, 16, tzinfo=UTC), SHANGHAI) == 1
    assert asked(at_0000=1).at(datetime(2026, 3, 2, 16, tzinfo=UTC), SHANGHAI) is None
