"""Callers whom a flow puts through: to a telephone outside, to an agent it names, to another hotline."""

from __future__ import annotations

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState as S
from callcenter.calls import messages as m
from callcenter.calls.call import step
from callcenter.calls.messages import Phase
from callcenter.calls.replay import replay
from callcenter.ids import CallId
from callcenter.ivr.loader import compile_files
from tests.calls.test_call import QUEUES, happen
from tests.calls.test_consult import A
from tests.calls.test_outside import dialled
from tests.world import World

PUT_THROUGH = compile_files(
    {
        "queues.yaml": b"general: {title: General}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"""\
flow: main
start: ask
steps:
  ask: {menu: Press 1., keys: {1: there}}
  there: {transfer: {number: "13800000002"}, announce: One moment., next: bye, on_error: wait}
  wait: {queue: general}
  bye: {hangup: Thank you.}
""",
    }
)

# --- to a telephone outside ---


def put_through() -> tuple[World, CallId]:
    w = World(PUT_THROUGH, QUEUES)
    call = w.arrive(1)
    happen(w, "played")
    w.send(call, m.Key(digit="1"))
    happen(w, "played")
    return w, call


def test_a_flow_puts_the_caller_through_and_goes_on_when_they_hang_up() -> None:
    w, call = put_through()
    (dial,) = dialled(w)
    assert (dial.number, dial.hotline, w.calls[call].phase) == ("13800000002", "4008001", Phase.FORWARDING)
    happen(w, "LegAnswered")
    outside = w.calls[call].outside
    assert outside is not None
    assert [room for room in w.bridges.values() if len(room) > 1] == [{"caller1", outside.channel}]
    w.drop(outside.channel)
    run = w.calls[call].run
    assert (w.calls[call].phase, run.step if run else "") == (Phase.MENU, "bye")


@pytest.mark.parametrize("how", ["refuses", "timer ring", "a rule"])
def test_what_is_not_reached_goes_the_flows_error_way(how: str) -> None:
    w, call = put_through()
    outside = w.calls[call].outside
    assert outside is not None
    if how == "a rule":
        w.channels.discard(outside.channel)
        w.send(call, m.ActionFailed(action="dial_outside", target=outside.channel, message="no", code="outside_hours"))
    else:
        happen(w, how)
    assert (w.calls[call].phase, w.calls[call].outside) == (Phase.WAITING, None)
    w.settle()
    assert w.calls[call].phase is Phase.ENDED


def test_who_gives_up_while_it_rings_is_an_abandoned_call() -> None:
    w, call = put_through()
    w.drop("caller1")
    assert (w.calls[call].end_reason, len(w.gone)) == ("abandoned", 1)


@pytest.mark.parametrize("fate", ["rings on", "answered meanwhile", "never dialled"])
def test_after_a_restart_it_rings_on_is_joined_or_goes_the_error_way(fate: str) -> None:
    w, call_id = put_through()
    call = replay(PUT_THROUGH, w.journal[call_id]).call
    assert call == w.calls[call_id]
    assert call.outside is not None
    far = call.outside.channel
    there = ("caller1",) if fate == "never dialled" else ("caller1", far)
    up = ("caller1", far) if fate == "answered meanwhile" else ("caller1",)
    taken = m.TakenUp(channels=there, up=up, together=(), bridged=True)
    after, actions = step(PUT_THROUGH, call, taken, w.now)
    expected = {"rings on": Phase.FORWARDING, "answered meanwhile": Phase.OUTSIDE, "never dialled": Phase.WAITING}
    assert after.phase is expected[fate]
    assert not any(isinstance(action, m.DialOutside) for action in actions), "nobody is rung twice"


# --- to one of ours or another hotline ---

TO_OURS = compile_files(
    {
        "queues.yaml": b"general: {title: General}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n"4008002": {title: Other, flow: other}\n',
        "main.yaml": b"""\
flow: main
start: ask
steps:
  ask: {menu: Press., keys: {1: her, 2: there}}
  her: {transfer: {agent: "1001"}, next: bye, on_error: sorry}
  there: {transfer: {hotline: "4008002"}}
  bye: {hangup: Thank you.}
  sorry: {voicemail: Nobody is there., next: bye}
""",
        "other.yaml": b"flow: other\nstart: hello\nsteps:\n  hello: {queue: general}\n",
    }
)


def to_ours(*, key: str = "1", here: bool = True, others: int = 0) -> tuple[World, CallId]:
    w = World(TO_OURS, QUEUES)
    if here:
        w.agent(1)
    for number in range(others):
        w.agent(2 + number)
    call = w.arrive(1)
    w.send(call, m.Key(digit=key))
    return w, call


def step_of(w: World, call: CallId) -> str:
    run = w.calls[call].run
    return run.step if run else ""


def test_a_flow_gives_the_caller_to_the_agent_it_names_and_goes_on_when_they_have_left() -> None:
    w, call = to_ours(others=2)
    ringing = w.calls[call].ringing
    assert ringing is not None
    assert ringing.offer.agent.extension == "1001"
    happen(w, "LegAnswered")
    assert w.calls[call].phase is Phase.TALKING
    w.send(call, m.AgentHangUp(agent_id=A))
    assert step_of(w, call) == "bye"


def test_the_caller_waits_for_that_agent_alone_however_many_others_are_free() -> None:
    w, first = to_ours()
    happen(w, "LegAnswered")
    w.agent(2)
    second = w.arrive(2)
    w.send(second, m.Key(digit="1"))
    assert (w.calls[first].phase, w.calls[second].phase) == (Phase.TALKING, Phase.WAITING)
    w.drop("caller1")
    w.tell(acd.WrapUpDone(agent_id=A))
    ringing = w.calls[second].ringing
    assert ringing is not None
    assert ringing.offer.agent.agent_id == A


@pytest.mark.parametrize("how", ["not here", "on a break", "leaves", "does not answer"])
def test_an_agent_who_cannot_be_had_sends_the_caller_the_flows_error_way(how: str) -> None:
    if how == "leaves":
        w, _ = to_ours(others=1)
        happen(w, "LegAnswered")
        call = w.arrive(2)
        w.send(call, m.Key(digit="1"))
        assert w.calls[call].phase is Phase.WAITING
        w.tell(acd.ForceState(agent_id=A, state=S.OFFLINE, by="lead"))
        w.drop("caller1")
        w.tell(acd.WrapUpDone(agent_id=A))
    elif how == "on a break":
        w = World(TO_OURS, QUEUES)
        w.agent(1)
        w.tell(acd.AgentBreak(agent_id=A, reason="meal"))
        call = w.arrive(1)
        w.send(call, m.Key(digit="1"))
    else:
        w, call = to_ours(here=how != "not here", others=1)
        if how == "does not answer":
            happen(w, "timer ring")
    assert step_of(w, call) == "sorry", w.calls[call].phase
    assert not w.desk.waiting("general")


def test_another_hotlines_flow_is_entered_at_once() -> None:
    w, call = to_ours(key="2", here=False)
    run = w.calls[call].run
    assert (run.flow if run else "", w.calls[call].phase) == ("other", Phase.WAITING)
