"""Which trunk a call takes, who is let in, and what takes a trunk out: pure rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.trunks import health as h
from callcenter.trunks.admission import admit
from callcenter.trunks.model import Trunk, endpoint_base, renewed, trunk_of
from callcenter.trunks.routing import Candidate, Ending, Health, ending, route

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def trunk(name: str, **fields: object) -> Trunk:
    return replace(Trunk(name=name, title=name, title_en=name, hosts=("192.0.2.1:5060",), match=()), **fields)  # type: ignore[arg-type]


def names(*candidates: Candidate, number: str = "01012345678", spread: str = "call") -> list[str]:
    return [one.name for one in route(number, candidates, spread)]


NORTH, SOUTH = trunk("north", priority=1), trunk("south", priority=2)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([Candidate(trunk=SOUTH), Candidate(trunk=NORTH)], ["north", "south"]),
        ([Candidate(trunk=NORTH, health=Health.DOWN), Candidate(trunk=SOUTH)], ["south"]),
        ([Candidate(trunk=NORTH, health=Health.UNKNOWN), Candidate(trunk=SOUTH)], ["south", "north"]),
        ([Candidate(trunk=NORTH, in_service=False), Candidate(trunk=SOUTH)], ["south"]),
        ([Candidate(trunk=replace(NORTH, max_lines=2), in_use=2), Candidate(trunk=SOUTH)], ["south"]),
        ([Candidate(trunk=replace(NORTH, max_lines=2, reserve=1), in_use=1), Candidate(trunk=SOUTH)], ["south"]),
        ([Candidate(trunk=replace(NORTH, outbound=False)), Candidate(trunk=SOUTH)], ["south"]),
        ([Candidate(trunk=replace(NORTH, prefixes=("021",))), Candidate(trunk=SOUTH)], ["south"]),
        ([Candidate(trunk=replace(NORTH, prefixes=("021", "010")))], ["north"]),
        ([Candidate(trunk=trunk("dear", cost=9)), Candidate(trunk=trunk("cheap", cost=1))], ["cheap", "dear"]),
        ([Candidate(trunk=NORTH, health=Health.DOWN), Candidate(trunk=SOUTH, in_service=False)], []),
    ],
)
def test_the_order_of_ways_out(candidates: list[Candidate], expected: list[str]) -> None:
    assert names(*candidates) == expected


def test_the_trunk_of_the_hotline_that_is_shown_goes_first_while_it_is_there() -> None:
    def order(*candidates: Candidate) -> list[str]:
        return [one.name for one in route("01012345678", candidates, "call", "south")]

    assert order(Candidate(trunk=NORTH), Candidate(trunk=SOUTH)) == ["south", "north"]
    assert order(Candidate(trunk=NORTH), Candidate(trunk=SOUTH, health=Health.DOWN)) == ["north"]
    assert order(Candidate(trunk=NORTH), Candidate(trunk=SOUTH, health=Health.UNKNOWN)) == ["north", "south"]


def test_weight_shares_calls_in_proportion_and_the_same_call_always_goes_the_same_way() -> None:
    heavy, light = Candidate(trunk=trunk("heavy", weight=3)), Candidate(trunk=trunk("light"))
    first = Counter(names(heavy, light, spread=f"call{n}")[0] for n in range(2000))
    assert 1400 < first["heavy"] < 1600
    assert names(heavy, light, spread="x") == names(light, heavy, spread="x")


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        trunk=st.builds(
            trunk,
            st.sampled_from([f"t{n}" for n in range(8)]),
            priority=st.integers(1, 3),
            cost=st.integers(0, 2),
            weight=st.integers(1, 5),
            max_lines=st.integers(0, 4),
            outbound=st.booleans(),
        ),
        health=st.sampled_from(Health),
        in_service=st.booleans(),
        in_use=st.integers(0, 5),
    ),
    unique_by=lambda one: one.trunk.name,
)


@given(CANDIDATES, st.text("0123456789", min_size=1, max_size=12), st.text(max_size=8))
def test_whatever_the_trunks_no_dead_full_or_withdrawn_one_is_tried_and_none_twice(
    candidates: list[Candidate], number: str, spread: str
) -> None:
    order = route(number, candidates, spread)
    by_name = {one.trunk.name: one for one in candidates}
    assert len({one.name for one in order}) == len(order)
    usable = {n for n, c in by_name.items() if c.health != "down" and c.in_service and c.free and c.trunk.outbound}
    assert {one.name for one in order} == usable
    keys = [(by_name[one.name].health == "unknown", one.priority, one.cost) for one in order]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("cause", "rang", "answered", "expected"),
    [
        (34, False, False, Ending.FAILED),
        (38, False, False, Ending.FAILED),
        (18, False, False, Ending.FAILED),
        (18, True, False, Ending.WENT),
        (34, False, True, Ending.WENT),
        (17, False, False, Ending.WENT),
        (19, True, False, Ending.WENT),
        (21, False, False, Ending.WENT),
        (1, False, False, Ending.NOT_HERE),
        (16, False, False, Ending.WENT),
    ],
)
def test_busy_is_an_answer_and_congestion_is_none(cause: int, rang: bool, answered: bool, expected: Ending) -> None:
    assert ending(cause, rang=rang, answered=answered) is expected


@pytest.mark.parametrize(
    ("one", "in_use", "hotline", "expected"),
    [
        (None, 0, "4008001", "trunk_unknown"),
        (trunk("a"), 5000, "4008001", None),
        (trunk("a", max_lines=2), 1, "4008001", None),
        (trunk("a", max_lines=2), 2, "4008001", "trunk_full"),
        (trunk("a", max_lines=3, reserve=1, reserve_for=("4008003",)), 2, "4008001", "trunk_full"),
        (trunk("a", max_lines=3, reserve=1, reserve_for=("4008003",)), 2, "4008003", None),
        (trunk("a", max_lines=3, reserve=1, reserve_for=("4008003",)), 3, "4008003", "trunk_full"),
    ],
)
def test_who_is_let_in(one: Trunk | None, in_use: int, hotline: str, expected: str | None) -> None:
    assert admit(one, in_use, hotline) == expected


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_trunk_that_is_not_heard_of_is_down_after_one_round_of_options() -> None:
    one = trunk("a", qualify_s=15)
    unknown = h.connected(one, False, NOW)
    assert unknown.state is Health.UNKNOWN
    assert h.tick(unknown, later(17)).state is Health.UNKNOWN
    down = h.tick(unknown, later(18))
    assert (down.state, down.reason, down.since) == (Health.DOWN, "no_answer", later(18))
    assert h.heard(down, "c", True, 3.0, later(20)).state is Health.UP


def test_a_trunk_is_down_when_no_contact_answers_and_up_when_one_does() -> None:
    state = h.connected(trunk("a"), True, NOW)
    state = h.heard(state, "a", True, 4.0, later(1))
    state = h.heard(state, "b", False, None, later(2))
    assert (state.state, state.rtt_ms, state.since) == (Health.UP, 4.0, NOW)
    state = h.heard(state, "a", False, None, later(3))
    assert (state.state, state.reason, state.rtt_ms) == (Health.DOWN, "no_answer", None)
    assert h.heard(state, "b", True, 9.0, later(4)).state is Health.UP


def test_calls_that_find_no_way_take_a_trunk_out_for_a_time_whatever_options_say() -> None:
    state = h.heard(h.connected(trunk("a"), True, NOW), "a", True, 4.0, NOW)
    for second in range(3):
        assert state.state is Health.UP
        state = h.call_failed(state, later(second))
    assert (state.state, state.reason) == (Health.DOWN, "calls_failed")
    state = h.heard(state, "a", True, 4.0, later(10))
    assert state.state is Health.DOWN
    assert h.tick(state, later(31)).state is Health.DOWN
    state = h.tick(state, later(32))
    assert state.state is Health.UP
    assert h.call_failed(state, later(33)).state is Health.DOWN, "one more failure is enough then"
    assert h.call_went(state, later(33)).failures == 0


def test_a_trunk_without_options_is_up_until_calls_fail() -> None:
    state = h.connected(trunk("a", qualify_s=0), False, NOW)
    assert h.tick(state, later(999)).state is Health.UP


def test_a_trunk_renewed_in_a_running_asterisk_is_still_the_same_trunk() -> None:
    assert trunk_of(renewed(NORTH)) == "north"
    assert endpoint_base(renewed(NORTH)) == "trunk-north"
    assert (trunk_of("seat-1001"), endpoint_base("phone-3")) == (None, "phone-3")


def test_its_print_changes_with_what_asterisk_must_know_and_with_nothing_else() -> None:
    assert replace(NORTH, priority=7, title="x", max_lines=3).print == NORTH.print
    assert replace(NORTH, hosts=("192.0.2.9:5060",)).print != NORTH.print
    assert replace(NORTH, password="new").print != NORTH.print
    assert "new" not in repr(replace(NORTH, password="new"))
