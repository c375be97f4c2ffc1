"""What is forecast from a known past, and how many agents Erlang C asks for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callcenter.reporting.erlang import MOST_BUSY, required, staffing, waits
from callcenter.reporting.forecast import HALF_HOURS, forecast

FIRST = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("agents", "share_waits", "level", "asa", "occupancy"),
    [
        # 100 calls in half an hour, 3 minutes each, 20 seconds: the worked example of callcentrehelper.com's "Erlang C
        # Formula", which asks for 14 agents.
        (11, 0.6821, 0.390, 122.8, 0.909),
        (12, 0.4494, 0.640, 40.4, 0.833),
        (13, 0.2853, 0.796, 17.1, 0.769),
        (14, 0.1741, 0.888, 7.8, 0.714),
    ],
)
def test_a_published_table(agents: int, share_waits: float, level: float, asa: float, occupancy: float) -> None:
    found = staffing(agents, 100, 1800, 180, 20)
    assert waits(agents, 10) == pytest.approx(share_waits, abs=5e-4)
    assert (found.service_level, found.occupancy) == pytest.approx((level, occupancy), abs=1e-3)
    assert found.asa_s == pytest.approx(asa, abs=0.06)
    assert required(100, 1800, 180, share=0.8, within_s=20).agents == 14


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
