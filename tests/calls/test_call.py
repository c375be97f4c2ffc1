"""One call after the other through the real menu, desk and table, as people live it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.table import TABLE
from callcenter.ids import CallId
from callcenter.ivr.loader import compile_files, load
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
SURVEY = compile_files(
    {
        "queues.yaml": b"general: {title: General}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"""\
flow: main
start: wait
steps:
  wait: {queue: general, next: thanks, on_overflow: message}
  thanks: {hangup: Thank you.}
  message: {voicemail: Speak., next: thanks}
""",
    }
)
PLAIN = compile_files(
    {
        "queues.yaml": b"general: {title: General}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"""\
flow: main
start: ask
steps:
  ask: {menu: Press 0., keys: {0: wait}}
  wait: {queue: general}
""",
    }
)
QUEUES = tuple(
    acd.QueueSettings(name=name, title=name, wrap_up_s=30, ring_timeout_s=20, announce_position_every_s=0)
    for name in ("general", "consult", "complaint")
)


def world(flows: object = FLOWS) -> World:
    return World(flows if isinstance(flows, type(FLOWS)) else FLOWS, QUEUES)


def happen(w: World, name: str) -> None:
    """Let the pending thing whose name begins so happen."""
    for label, thing in w.pending():
        if label.startswith(name):
            thing()
            return
    raise AssertionError(f"nothing pending is called {name!r}: {[label for label, _ in w.pending()]}")


def talking(w: World, number: int = 1) -> CallId:
    call = w.arrive(number)
    happen(w, "played")
    w.send(call, m.Key(digit="0"))
    happen(w, "LegRang")
    happen(w, "LegAnswered")
    assert w.calls[call].phase is Phase.TALKING
    return call


def names(w: World, call: CallId) -> list[str]:
    return [type(action).__name__ for owner, action in w.log if owner == call]


def test_every_pair_of_phase_and_event_is_listed() -> None:
    kinds = m.Event.__args__  # type: ignore[attr-defined]
    assert TABLE.keys() == {(phase, kind) for phase in Phase for kind in kinds}


def test_the_pop_leaves_before_the_telephone_rings() -> None:
    w = world()
    w.agent(1)
    call = talking(w)
    order = names(w, call)
    assert order.index("SendPop") < order.index("DialAgent")


def test_a_whole_call_from_greeting_to_goodbye() -> None:
    w = world()
    agent = w.agent(1)
    call = talking(w)
    w.now = w.calls[call].arrived_at.replace(minute=5)
    w.drop("caller1")
    ended = w.calls[call]
    assert (ended.end_reason, ended.ended_by, ended.answered_by) == ("completed", "caller", agent)
    assert [s.kind for s in ended.segments] == [SegmentKind.MENU, SegmentKind.WAIT, SegmentKind.RING, SegmentKind.TALK]
    snapshot = w.desk.agent(agent)
    assert snapshot is not None
    assert snapshot.state is AgentState.WRAP_UP


def test_a_missed_ring_moves_on_to_the_next_agent_and_marks_the_silent_one() -> None:
    w = world()
    silent, second = w.agent(1), w.agent(2)
    w.desk.apply(acd.TimePassed(), w.now)
    call = w.arrive(1)
    happen(w, "played")
    w.send(call, m.Key(digit="0"))
    happen(w, "LegRang")
    happen(w, "timer ring")
    states = {a.profile.agent_id: a.state for a in w.desk.agents()}
    assert states == {silent: AgentState.NOT_RESPONDING, second: AgentState.RESERVED}
    assert w.gone, "the silent telephone stops ringing"
    assert next(s.result for s in w.calls[call].segments if s.kind is SegmentKind.RING) == "no_answer"


def test_hold_and_resume() -> None:
    w = world()
    agent = w.agent(1)
    call = talking(w)
    (bridge,) = w.bridges
    w.send(call, m.AgentHold(agent_id=agent))
    assert (w.calls[call].phase, "caller1" in w.bridges[bridge]) == (Phase.HELD, False)
    w.send(call, m.AgentResume(agent_id=agent))
    assert (w.calls[call].phase, "caller1" in w.bridges[bridge]) == (Phase.TALKING, True)


def test_only_the_agent_in_the_call_may_act_on_it() -> None:
    w = world()
    w.agent(1)
    other = w.agent(2)
    call = talking(w)
    for event in (m.AgentHold(agent_id=other), m.AgentHangUp(agent_id=other)):
        w.send(call, event)
        assert w.log[-1][1] == m.RefuseAgent(agent_id=other, code="not_your_call")
    assert w.calls[call].phase is Phase.TALKING


def test_a_blind_transfer_frees_the_agent_and_credits_each_with_their_part() -> None:
    w = world()
    first, second = w.agent(1), w.agent(2, ("complaint",))
    call = talking(w)
    w.send(call, m.AgentTransfer(agent_id=first, queue="complaint"))
    happen(w, "LegAnswered")
    w.drop("caller1")
    talks = [(s.agent_id, s.queue) for s in w.calls[call].segments if s.kind is SegmentKind.TALK]
    assert talks == [(first, "general"), (second, "complaint")]
    snapshots = {a.profile.agent_id: a.state for a in w.desk.agents()}
    assert snapshots == {first: AgentState.WRAP_UP, second: AgentState.WRAP_UP}


def test_a_transfer_to_a_person_reaches_them_though_they_serve_another_queue() -> None:
    w = world()
    first, second = w.agent(1), w.agent(2, ("complaint",))
    call = talking(w)
    w.send(call, m.AgentTransfer(agent_id=first, to_agent=second))
    happen(w, "LegAnswered")
    talk = w.calls[call].talk
    assert talk is not None
    assert talk.agent.agent_id == second


def test_after_the_agent_leaves_the_flow_goes_on() -> None:
    w = world(SURVEY)
    agent = w.agent(1)
    call = w.arrive(1)
    happen(w, "LegAnswered")
    w.send(call, m.AgentHangUp(agent_id=agent))
    assert w.calls[call].phase is Phase.MENU
    happen(w, "played")
    assert w.calls[call].phase is Phase.LEAVING
    w.settle()
    assert w.calls[call].phase is Phase.ENDED


def test_when_the_agent_hangs_up_and_nothing_follows_the_call_is_completed() -> None:
    w = world(PLAIN)
    w.agent(1)
    call = talking(w)
    leg = w.calls[call].talk
    assert leg is not None
    w.drop(leg.channel)
    w.settle()
    assert (w.calls[call].end_reason, w.calls[call].ended_by) == ("completed", "agent")


def test_an_answer_that_comes_after_the_ring_timed_out_is_hung_up() -> None:
    w = world()
    w.agent(1)
    call = w.arrive(1)
    happen(w, "played")
    w.send(call, m.Key(digit="0"))
    ringing = w.calls[call].ringing
    assert ringing is not None
    happen(w, "timer ring")
    w.send(call, m.LegAnswered(channel=ringing.channel))
    assert w.calls[call].phase is Phase.WAITING
    assert w.log[-1][1] == m.HangUp(channel=ringing.channel)


def test_a_dial_that_the_switch_refuses_goes_to_the_next_agent() -> None:
    w = world()
    first, second = w.agent(1), w.agent(2)
    call = w.arrive(1)
    happen(w, "played")
    w.send(call, m.Key(digit="0"))
    ringing = w.calls[call].ringing
    assert ringing is not None
    assert ringing.offer.agent.agent_id == first
    w.bridges.clear()
    w.send(call, m.ActionFailed(action="dial_agent", target=ringing.channel, message="no such endpoint"))
    ringing = w.calls[call].ringing
    assert ringing is not None
    assert ringing.offer.agent.agent_id == second


def test_a_switch_that_restarts_ends_the_call_and_frees_the_agent() -> None:
    w = world()
    agent = w.agent(1)
    call = talking(w)
    w.send(call, m.SwitchLost())
    assert w.calls[call].end_reason == "switch_lost"
    snapshot = w.desk.agent(agent)
    assert snapshot is not None
    assert snapshot.state is AgentState.WRAP_UP


@pytest.mark.parametrize("refusal", ["lines_busy", "unknown_number"])
def test_a_caller_we_cannot_serve_is_told_so_and_hung_up(refusal: str) -> None:
    w = world()
    call = w.arrive(1)
    from callcenter.calls.call import begin

    arrived = m.Arrived(
        call_id=call,
        node="a",
        channel="caller1",
        caller_number="1",
        dialled="1",
        trunk="t",
        hotline="",
        flow="",
        flow_version="",
        language="en",
        refusal=refusal,
    )
    refused, actions = begin(FLOWS, arrived, w.now)
    (play,) = (a for a in actions if isinstance(a, m.Play))
    assert play.prompts[0].text
    w.calls[call] = refused
    w.send(call, m.SayFinished(playback=play.playback, ok=True))
    assert w.calls[call].phase is Phase.LEAVING
    assert w.calls[call].end_reason == refusal


def test_who_calls_is_asked_aside_and_told_to_the_desk_when_it_is_known_late() -> None:
    w = world(PLAIN)
    call_id = w.arrive(1)
    asked = [action for _, action in w.log if isinstance(action, m.Recognise)]
    assert [one.number for one in asked] == ["13800000001"]
    w.send(call_id, m.Key(digit="0"))
    assert w.calls[call_id].phase is Phase.WAITING
    w.send(call_id, m.CallerKnown(vip=True))
    waits = w.desk.waits(call_id)
    assert waits is not None
    assert waits.request.vip


def test_a_caller_known_in_the_menu_is_known_in_every_queue_after_a_transfer_too() -> None:
    w = world(PLAIN)
    first = w.agent(1)
    call_id = w.arrive(1)
    w.send(call_id, m.CallerKnown(customer_id="c" * 32, vip=True, preferred_agent=first))
    w.send(call_id, m.Key(digit="0"))
    happen(w, "LegAnswered")
    assert w.calls[call_id].talk is not None
    w.send(call_id, m.AgentTransfer(agent_id=first, queue="general"))
    waits = w.desk.waits(call_id)
    assert waits is not None
    assert (waits.request.vip, waits.request.preferred_agent) == (True, first)
    assert w.desk.agent(first) is not None
    assert first in waits.request.excluded_agents, "and is not rung again at once"


COMFORTED = compile_files(
    {
        "queues.yaml": "general: {title: G, comfort: {zh-CN: 请稍候, en: Please wait}, comfort_every: 40s}\n".encode(),
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"flow: main\nstart: wait\nsteps:\n  wait: {queue: general}\n",
    }
)


def test_who_waits_is_comforted_again_and_again_with_music_between_and_not_once_they_talk() -> None:
    w = world(COMFORTED)
    call_id = w.arrive(1)

    def said() -> list[str]:
        plays = [action for _, action in w.log if isinstance(action, m.Play)]
        return [prompt.text for play in plays for prompt in play.prompts if prompt.text == "请稍候"]

    for heard in (1, 2):
        happen(w, "timer comfort")
        assert len(said()) == heard
        assert not isinstance(w.log[-1][1], m.StartMusic)
        happen(w, "played")
        assert isinstance(w.log[-1][1], m.StartMusic), "then music again"
    w.agent(1)
    happen(w, "timer comfort")
    assert len(said()) == 2, "a ringing agent is nearer than a message"
    happen(w, "LegAnswered")
    assert w.calls[call_id].phase is Phase.TALKING
    assert not w.timers, "nothing more is said once they talk"
    w.settle()
    assert not w.timers, "no timer outlives its call"


def test_a_bridge_that_could_not_be_joined_is_taken_down_before_another_is_made() -> None:
    w = world()
    w.agent(1)
    call = talking(w)
    bridge = w.calls[call].bridge
    assert bridge is not None
    w.send(call, m.ActionFailed(action="join", target=bridge, message="Channel not found"))
    assert w.calls[call].phase is Phase.WAITING
    assert bridge not in w.bridges


def test_a_caller_who_leaves_in_the_instant_of_the_answer_was_served() -> None:
    w = world()
    agent = w.agent(1)
    call = talking(w)
    w.send(call, m.ActionFailed(action="join", target="caller1", message="gone", gone=True))
    assert (w.calls[call].phase, w.calls[call].end_reason, w.calls[call].ended_by) == (
        Phase.ENDED,
        "completed",
        "caller",
    )
    snapshot = w.desk.agent(agent)
    assert snapshot is not None
    assert snapshot.state is AgentState.WRAP_UP
    assert not w.desk.waiting("general")


def test_a_leg_of_ours_that_is_gone_at_the_join_is_told_by_its_own_end() -> None:
    w = world()
    w.agent(1)
    call = talking(w)
    leg = w.calls[call].talk
    assert leg is not None
    w.send(call, m.ActionFailed(action="join", target=leg.channel, message="gone", gone=True))
    assert w.calls[call].phase is Phase.TALKING
    w.drop(leg.channel)
    assert w.calls[call].phase is not Phase.TALKING


def test_a_bridge_that_fails_is_given_up_and_the_caller_goes_to_the_front() -> None:
    w = world()
    w.agent(1)
    call = talking(w)
    bridge = w.calls[call].bridge
    assert bridge is not None
    w.send(call, m.ActionFailed(action="join", target=bridge, message="no"))
    assert (w.calls[call].phase, bridge in w.bridges) == (Phase.WAITING, False)
