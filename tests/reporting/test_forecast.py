"""What is forecast from a known past, and how many agents Erlang C asks for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callcenter.reporting.erlang import MOST_BUSY, Staffing, required, staffing, waits
from callcenter.reporting.expected import of_24_hours
from callcenter.reporting.forecast import HALF_HOURS, forecast

FIRST = date(2026, 3, 2)


def erlang_c(agents: int, calls: int, interval_s: int, aht_s: int, within_s: int) -> Staffing:
    """The same from the ground up, in 28 digits: how likely it is to find n calls in the house follows from the
    balance of coming and going, and whoever finds n ≥ ``agents`` waits until n - agents + 1 calls of all there are have
    ended, each after ``aht_s / agents`` in the mean. Neither the recursion nor the closed forms that are tried.

    M/M/c as in A. O. Allen, *Probability, Statistics, and Queueing Theory* (1978), pages 274 to 276, where Erlang's C
    formula is derived so; the chain is also at wirelesscommunication.nl/reference/chaptr04/erlang/erlangc.htm.
    """
    load = Decimal(calls * aht_s) / interval_s
    found = [Decimal(1)]
    while len(found) <= agents or found[-1] > Decimal("1e-15"):
        found.append(found[-1] * load / min(len(found), agents))
    every = sum(found)
    ended = Decimal(agents * within_s) / aht_s  # calls that end within the seconds, in the mean
    too_late, wait_s = Decimal(0), Decimal(0)
    term, fewer = (-ended).exp(), Decimal(0)
    for ahead, share in enumerate(found[agents:]):
        fewer += term  # how likely it is that no more than ``ahead`` calls have ended by then
        term *= ended / (ahead + 1)
        too_late += fewer * share / every
        wait_s += share / every * (ahead + 1) * aht_s / agents
    return Staffing(
        agents=agents, service_level=float(1 - too_late), asa_s=float(wait_s), occupancy=float(load / agents)
    )


def near(expected: Staffing) -> object:
    return pytest.approx((expected.service_level, expected.asa_s, expected.occupancy), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(
    ("agents", "calls", "interval_s", "aht_s", "within_s"),
    [
        *((agents, 100, 1800, 180, 20) for agents in (11, 12, 13, 14, 20)),
        (1, 1, 1800, 900, 0),
        (2, 3, 1800, 600, 20),
        (6, 20, 900, 240, 30),
        (90, 500, 1800, 300, 10),
        (50, 2, 1800, 120, 20),
    ],
)
def test_what_the_queues_theory_says(agents: int, calls: int, interval_s: int, aht_s: int, within_s: int) -> None:
    found = staffing(agents, calls, interval_s, aht_s, within_s)
    assert (found.service_level, found.asa_s, found.occupancy) == near(
        erlang_c(agents, calls, interval_s, aht_s, within_s)
    )


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(5, 95), st.integers(30, 900), st.integers(0, 120))
def test_what_the_queues_theory_says_of_any_load(agents: int, busy: int, aht_s: int, within_s: int) -> None:
    calls, interval_s = agents * busy, 100 * aht_s
    found = staffing(agents, calls, interval_s, aht_s, within_s)
    assert (found.service_level, found.asa_s, found.occupancy) == near(
        erlang_c(agents, calls, interval_s, aht_s, within_s)
    )


@given(st.fractions(Fraction(1, 100), Fraction(99, 100)))
def test_one_agent_and_two_as_one_can_reckon_by_hand(busy: Fraction) -> None:
    """Of one agent everybody who finds them busy waits; of two, 2 b² / (1 + b)."""
    assert waits(1, float(busy)) == pytest.approx(float(busy))
    assert waits(2, float(2 * busy)) == pytest.approx(float(2 * busy**2 / (1 + busy)))
    assert staffing(1, float(busy), 60, 60, 0).asa_s == pytest.approx(float(60 * busy / (1 - busy)))


@pytest.mark.parametrize(("calls", "aht_s", "within_s"), [(100, 180, 20), (3, 600, 20), (400, 240, 60), (1, 30, 0)])
def test_the_required_are_the_fewest_of_whom_the_theory_says_so(calls: int, aht_s: int, within_s: int) -> None:
    enough = next(
        agents
        for agents in count(calls * aht_s // 1800 + 1)
        if (of := erlang_c(agents, calls, 1800, aht_s, within_s)).service_level >= 0.8 and of.occupancy <= MOST_BUSY
    )
    assert required(calls, 1800, aht_s, share=0.8, within_s=within_s).agents == enough


@given(st.floats(0, 500), st.floats(30, 900), st.floats(0.5, 0.95))
@example(5e-324, 30.0, 0.5)  # so few that their load is nothing at all
def test_the_fewest_agents_that_do_it(calls: float, aht: float, share: float) -> None:
    found = required(calls, 1800, aht, share=share, within_s=20)
    assert found.service_level >= share
    assert found.occupancy <= MOST_BUSY
    if found.agents > 0:
        fewer = staffing(found.agents - 1, calls, 1800, aht, 20)
        assert fewer.service_level < share or fewer.occupancy > MOST_BUSY


def past(weeks: int, growth: float = 1.0) -> dict[date, list[float]]:
    """Each weekday has calls of its own, at noon; a week has ``growth`` times those of the week before."""
    found = {}
    for n in range(1, weeks * 7 + 1):
        day = FIRST - timedelta(days=n)
        slots = [0.0] * HALF_HOURS
        slots[24] = 10.0 * (1 + day.weekday()) * growth ** -((n - 1) // 7)
        found[day] = slots
    return found


@pytest.mark.parametrize(
    ("day", "came", "usual"),
    [
        (date(2026, 3, 28), {3: 7.0, 4: 8.0, 5: 9.0, 6: 1.0}, [7, 8, 9, 1]),
        (date(2026, 3, 29), {3: 7.0, 6: 1.0}, [7, 7, 1, 1]),  # 2 to 3 o'clock was left out
        (date(2026, 10, 25), {3: 7.0, 4: 8.0, 5: 9.0, 6: 1.0}, [7, 4, 4.5, 1]),  # and came twice
    ],
)
def test_a_day_of_23_or_25_hours_tells_other_weeks_of_one_of_24(
    day: date, came: dict[int, float], usual: list[float]
) -> None:
    told = of_24_hours(day, [came.get(number, 0.0) for number in range(HALF_HOURS)], ZoneInfo("Europe/Berlin"))
    assert list(told) == [0, 0, 0, *usual, *[0] * 41]


def test_what_repeats_itself_is_foreseen() -> None:
    made = forecast(past(8), FIRST, 14)
    assert made is not None
    assert [made.days[FIRST + timedelta(days=n)][24] for n in range(14)] == [10, 20, 30, 40, 50, 60, 70] * 2
    assert (made.trend, made.weeks, made.error) == (1.0, 8, 0.0)


def test_growth_is_carried_on_within_bounds() -> None:
    made = forecast(past(8, growth=1.03), FIRST, 7)
    assert made is not None
    assert 1.0 < made.trend <= 1.15
    assert abs(made.days[FIRST][24] - 10.3) < 0.6
    wild = forecast(past(8, growth=2.0), FIRST, 7)
    assert wild is not None
    assert wild.trend == 1.15


def test_less_than_a_week_is_no_ground_for_a_forecast() -> None:
    assert (
        forecast({day: calls for day, calls in past(1).items() if day != FIRST - timedelta(days=3)}, FIRST, 7) is None
    )
    short = forecast(past(1), FIRST, 7)
    assert short is not None
    assert (short.weeks, short.trend, short.error) == (1, 1.0, None)
