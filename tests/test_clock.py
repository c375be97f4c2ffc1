"""The service's clock: the machine's, but it never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcenter.clock import SLEW_S, SteadyClock

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC).timestamp()


class Machine:
    def __init__(self) -> None:
        self.wall, self.steady = T0, 100.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> float:
        """Time passes; what the clock shows then, in seconds since the beginning."""
        self.wall += seconds
        self.steady += seconds
        return self.shown()

    def shown(self) -> float:
        return self.clock.now().timestamp() - T0


def test_an_hour_set_back_is_not_followed_until_the_machine_has_caught_up() -> None:
    machine = Machine()
    assert machine.passes(10) == 10
    machine.wall -= 3600
    assert machine.shown() == 10
    assert machine.passes(60) == 70, "and it goes on at the right pace"
    machine.wall += 3700
    assert machine.shown() == 170, "set forward again, it is followed"


def test_a_clock_set_forward_is_followed_at_once() -> None:
    machine = Machine()
    machine.wall += 3600
    assert machine.passes(1) == 3601


def test_a_small_correction_back_lets_the_time_stand_still() -> None:
    machine = Machine()
    machine.passes(10)
    machine.wall -= 0.4
    assert machine.passes(0.1) == 10
    assert abs(machine.passes(1) - 10.7) < 0.001, "it has caught up"


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(-7200, 7200)), max_size=50))
def test_it_never_goes_back_and_never_lags_behind_the_machine(steps: list[tuple[float, float]]) -> None:
    machine, before = Machine(), 0.0
    for seconds, jump in steps:
        machine.wall += jump
        now = machine.passes(seconds)
        assert now >= before
        assert now >= machine.wall - T0 - 0.001
        assert now >= before + seconds - SLEW_S - 0.001
        before = now


def test_a_restart_goes_on_where_a_clock_that_was_set_back_would_not_but_not_into_a_far_future() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    wall, steady = noon.timestamp() - 3600, 0.0
    clock = SteadyClock(lambda: wall, lambda: steady)
    clock.hold(noon)
    assert clock.now() == noon
    wall, steady = wall + 10, 10.0
    assert clock.now() == noon + timedelta(seconds=10)
    wall, steady = noon.timestamp() + 20, 3700.0
    assert clock.now() >= noon + timedelta(seconds=20)
    astray = SteadyClock(lambda: noon.timestamp(), lambda: 0.0)
    astray.hold(noon + timedelta(days=400))
    assert astray.now() == noon


def test_a_process_that_stood_by_for_hours_has_no_clock_that_is_hours_ahead() -> None:
    machine = Machine()
    machine.wall += 3 * 3600
    machine.steady += 3 * 3600
    machine.clock.hold(datetime.fromtimestamp(machine.wall - 0.5, UTC))
    assert machine.shown() == 3 * 3600
    assert machine.passes(10) == 3 * 3600 + 10
