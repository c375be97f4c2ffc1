"""How a case goes on: every pair of states, what is due when, and who may give a case to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.cases.repository import SAID
from callcenter.cases.rules import (
    MOVES,
    UNDONE,
    State,
    Times,
    WrongMove,
    begin,
    judged_anew,
    may_assign,
    move,
    overdue,
    replied,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
COMPLAINT = Times(reply=timedelta(hours=1), resolve=timedelta(days=1))
FAULT = Times(reply=timedelta(minutes=15), resolve=timedelta(hours=4))


def later(**delta: float) -> datetime:
    return NOW + timedelta(**delta)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("wanted", State)
def test_every_pair_of_states_is_a_way_or_is_refused(state: State, wanted: State) -> None:
    case = begin(NOW, COMPLAINT)
    way: dict[State, tuple[State, ...]] = {
        State.OPEN: (),
        State.CLOSED: (State.RESOLVED, State.CLOSED),
    }
    for step in way.get(state, (state,)):
        case = move(case, step, NOW, COMPLAINT)
    assert case.state is state
    if wanted is state:
        assert move(case, wanted, NOW, COMPLAINT) == case
    elif wanted in MOVES[state]:
        assert move(case, wanted, NOW, COMPLAINT).state is wanted
    else:
        with pytest.raises(WrongMove):
            move(case, wanted, NOW, COMPLAINT)


def test_a_caller_is_told_every_state() -> None:
    assert SAID.keys() == set(State)


def test_what_waits_for_the_customer_does_not_use_up_its_time() -> None:
    case = move(begin(NOW, COMPLAINT), State.WAITING_CUSTOMER, later(hours=2), COMPLAINT)
    assert not overdue(case, later(days=30)), "nobody here can do anything"
    case = move(case, State.WORKING, later(hours=50), COMPLAINT)
    assert case.due_at == later(days=1, hours=48)
    assert (overdue(case, later(hours=71)), overdue(case, later(hours=72))) == (False, True)


def test_the_first_answer_counts_and_lateness_with_it_ends() -> None:
    case = begin(NOW, COMPLAINT)
    assert (overdue(case, later(minutes=59)), overdue(case, later(hours=1))) == (False, True)
    case = replied(replied(case, later(hours=2)), later(hours=3))
    assert case.replied_at == later(hours=2)
    assert not overdue(case, later(hours=4))


def test_a_case_that_is_reopened_begins_anew_and_remembers_how_often() -> None:
    case = move(begin(NOW, FAULT), State.RESOLVED, later(hours=1), FAULT)
    assert not overdue(case, later(days=9)), "what is done is not late"
    case = move(move(case, State.CLOSED, later(hours=2), FAULT), State.OPEN, later(days=2), FAULT)
    assert (case.reopened, case.due_at, case.replied_at) == (1, later(days=2, hours=4), None)
    assert (case.resolved_at, case.closed_at) == (None, None)


moves = st.lists(st.tuples(st.sampled_from(State), st.integers(1, 5000)), max_size=12)


@given(moves)
def test_a_case_is_never_due_sooner_than_its_kind_says_whatever_happens(steps: list[tuple[State, int]]) -> None:
    case, now = begin(NOW, COMPLAINT), NOW
    for wanted, minutes in steps:
        now += timedelta(minutes=minutes)
        if wanted in MOVES[case.state]:
            case = move(case, wanted, now, COMPLAINT)
        assert case.due_at >= case.since + COMPLAINT.resolve
        assert (case.waiting_since is not None) == (case.state is State.WAITING_CUSTOMER)
        assert (case.state in UNDONE) == (case.resolved_at is None)
        assert judged_anew(judged_anew(case, FAULT), COMPLAINT) == case


def test_who_took_a_case_first_owns_it() -> None:
    assert may_assign(leads=False, me="a", owner=None, wanted="a")
    assert not may_assign(leads=False, me="a", owner=None, wanted="b")
    assert not may_assign(leads=False, me="a", owner="b", wanted="a")
    assert not may_assign(leads=False, me="a", owner="a", wanted=None)
    assert may_assign(leads=True, me="a", owner="b", wanted="c")
