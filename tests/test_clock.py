"""The service's clock: the machine's, but it never goes back."""

from __future__ import annotations

from datetime import UTC, datetime

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
