"""Telephones outside: asked, swapped with, joined in, handed the caller; put through blindly; and by the flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState as S
from callcenter.calls import messages as m
from callcenter.calls.call import step
from callcenter.calls.messages import Phase
from callcenter.calls.replay import replay
from callcenter.calls.state import Call
from callcenter.continuity import held_agents
from callcenter.cti.pages import call_frame
from callcenter.ids import CallId
from callcenter.ivr.loader import compile_files
from tests.calls.test_call import QUEUES, happen
from tests.calls.test_consult import FLOWS, A, Scene
from tests.world import World

NUMBER = "+8613800000002"
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


class Out(Scene):
    """Agent A talks to caller 1 and turns to a telephone outside."""

    def ask(self, *, blind: bool = False) -> Out:
        kind = m.AgentTransfer if blind else m.AgentConsult
        self.w.send(self.call, kind(agent_id=A, number=NUMBER))
        return self

    def asked(self, *, swapped: bool = False) -> Out:
        self.ask()
        happen(self.w, "LegAnswered")
        if swapped:
            self.does(m.AgentSwap)
        return self

    @property
    def now(self) -> Call:
        return self.w.calls[self.call]

    @property
    def far(self) -> str:
        part = self.now.consult or self.now.outside
        assert part is not None
        return part.channel

    def together(self) -> list[set[str]]:
        names = {self.now.channel: "caller"}
        if self.now.talk is not None:
            names[self.now.talk.channel] = A
        part = self.now.consult or self.now.outside
        if part is not None:
            names[part.channel] = "outside"
        return sorted(
            ({names.get(c, c) for c in room} for room in self.w.bridges.values() if len(room) > 1), key=sorted
        )

    def last(self) -> list[tuple[str, object, str | None]]:
        return [(s.kind.value, s.agent_id, s.number) for s in self.now.segments[-3:]]


def dialled(w: World) -> list[m.DialOutside]:
    return [action for _, action in w.log if isinstance(action, m.DialOutside)]


def test_somebody_outside_is_dialled_with_the_hotlines_number_while_the_caller_hears_music() -> None:
    scene = Out().ask()
    (dial,) = dialled(scene.w)
    assert (dial.number, dial.hotline, dial.second) == (NUMBER, "4008001", True)
    actions = [a for _, a in scene.w.log]
    assert actions.index(m.StartMusic(channel="caller1", music="default")) < actions.index(dial)
    assert (scene.c, scene.state(A), scene.now.lines) == (Phase.CONSULTING, S.CONSULTING, 2)
    happen(scene.w, "LegAnswered")
    assert scene.together() == [{A, "outside"}]


def test_swapped_with_and_handed_over() -> None:
    scene = Out().asked(swapped=True)
    assert scene.together() == [{"caller", A}]
    scene.does(m.AgentSwap)
    assert scene.together() == [{A, "outside"}]
    scene.does(m.AgentComplete)
    assert (scene.c, scene.state(A), scene.together()) == (Phase.OUTSIDE, S.WRAP_UP, [{"caller", "outside"}])
    assert (scene.now.transfers, scene.now.transferred_by) == (1, A)
    assert scene.last()[-2:] == [("consult", A, NUMBER), ("outside", None, NUMBER)]


Deed = Callable[[Out], None]
ASKED: dict[str, tuple[Deed, Phase, S]] = {
    "they hang up": (lambda s: s.w.drop(s.far), Phase.HELD, S.HOLD),
    "the agent presses hang-up": (lambda s: s.does(m.AgentHangUp), Phase.OUTSIDE, S.WRAP_UP),
    "the agent's desk phone hangs up": (lambda s: s.w.drop(s.leg("asker")), Phase.OUTSIDE, S.WRAP_UP),
    "the agent cancels": (lambda s: s.does(m.AgentCancel), Phase.TALKING, S.TALKING),
    "the caller hangs up": (lambda s: s.w.drop("caller1"), Phase.ENDED, S.WRAP_UP),
    "Asterisk restarts": (lambda s: s.w.send(s.call, m.SwitchLost()), Phase.ENDED, S.WRAP_UP),
}


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("who", ASKED)
def test_whoever_hangs_up_first_in_a_consultation(who: str, swapped: bool) -> None:
    scene = Out().asked(swapped=swapped)
    deed, phase, state = ASKED[who]
    deed(scene)
    if swapped and phase is Phase.HELD:
        phase, state = Phase.TALKING, S.TALKING
    assert (scene.c, scene.state(A)) == (phase, state)


def test_an_agent_whose_browser_is_lost_does_not_leave_the_caller_to_a_stranger() -> None:
    scene = Out(browser=True).asked()
    far = scene.far
    scene.w.drop(scene.leg("asker"))
    assert (scene.c, far in scene.w.gone) == (Phase.WAITING, True)


JOINED: dict[str, tuple[Deed, Phase, S]] = {
    "they hang up": (lambda s: s.w.drop(s.far), Phase.TALKING, S.TALKING),
    "the agent presses hang-up": (lambda s: s.does(m.AgentHangUp), Phase.OUTSIDE, S.WRAP_UP),
    "the agent's leg ends": (lambda s: s.w.drop(s.leg("asker")), Phase.OUTSIDE, S.WRAP_UP),
    "the caller hangs up": (lambda s: s.w.drop("caller1"), Phase.ENDED, S.WRAP_UP),
}


@pytest.mark.parametrize("who", JOINED)
def test_whoever_leaves_a_conference_the_other_two_go_on(who: str) -> None:
    scene = Out().asked()
    scene.does(m.AgentConference)
    assert scene.together() == [{"caller", A, "outside"}]
    deed, phase, state = JOINED[who]
    deed(scene)
    assert (scene.c, scene.state(A)) == (phase, state)
    if phase is not Phase.ENDED:
        assert len(scene.together()) == 1


@pytest.mark.parametrize(
    ("code", "told"), [("outside_hours", "outside_hours"), ("no_trunk", "no_trunk"), ("", "outside_unreachable")]
)
@pytest.mark.parametrize("blind", [False, True])
def test_what_a_rule_or_the_switch_refuses_is_told_and_the_agent_keeps_the_caller(
    blind: bool, code: str, told: str
) -> None:
    scene = Out().ask(blind=blind)
    far = scene.far
    scene.w.channels.discard(far)
    scene.w.send(scene.call, m.ActionFailed(action="dial_outside", target=far, message="no", code=code))
    assert (scene.c, scene.state(A), scene.refusals()) == (Phase.HELD, S.HOLD, [told])
    assert not [name for _, name in scene.w.timers if name == f"ring{far}"]


@pytest.mark.parametrize(
    ("cause", "told"), [(17, "outside_busy"), (1, "outside_unallocated"), (38, "outside_unreachable")]
)
def test_a_blind_transfer_that_does_not_even_ring_leaves_the_caller_with_the_agent(cause: int, told: str) -> None:
    scene = Out().ask(blind=True)
    scene.w.drop(scene.far, cause=cause)
    assert (scene.c, scene.state(A), scene.refusals()) == (Phase.HELD, S.HOLD, [told])


def test_a_blind_transfer_frees_the_agent_when_it_rings_and_the_caller_hears_the_ringing() -> None:
    scene = Out().ask(blind=True)
    happen(scene.w, "LegRang")
    assert (scene.c, scene.state(A)) == (Phase.FORWARDING, S.WRAP_UP)
    assert m.StartRinging(channel="caller1") in [a for _, a in scene.w.log]
    assert call_frame(A, scene.now)["phase"] == "ended"
    happen(scene.w, "LegAnswered")
    assert (scene.c, scene.together()) == (Phase.OUTSIDE, [{"caller", "outside"}])
    assert scene.last() == [("consult", A, NUMBER), ("dial", None, NUMBER), ("outside", None, NUMBER)]
    assert held_agents(scene.now) == []


def test_a_telephone_that_answers_without_ringing_has_the_caller_too() -> None:
    scene = Out().ask(blind=True)
    happen(scene.w, "LegAnswered")
    assert (scene.c, scene.state(A), scene.together()) == (Phase.OUTSIDE, S.WRAP_UP, [{"caller", "outside"}])


@pytest.mark.parametrize("press", [m.AgentComplete, m.AgentHangUp])
def test_who_does_not_want_to_wait_for_the_answer_lets_it_ring_for_the_caller(press: type) -> None:
    scene = Out().ask(blind=press is m.AgentHangUp)
    scene.does(press)
    assert (scene.c, scene.state(A)) == (Phase.FORWARDING, S.WRAP_UP)


@pytest.mark.parametrize("how", ["no answer", "refuses"])
def test_who_is_put_through_and_not_answered_is_next_in_their_queue(how: str) -> None:
    scene = Out().ask(blind=True)
    happen(scene.w, "LegRang")
    happen(scene.w, "timer ring" if how == "no answer" else "refuses")
    (waits,) = scene.w.desk.waiting("general")
    assert scene.c in (Phase.WAITING, Phase.OFFERED)
    assert (waits.request.priority, scene.now.transferred_by) == (9, A)
    assert scene.now.outside is None


def test_when_they_hang_up_the_caller_is_back_in_the_flow_and_the_call_is_completed() -> None:
    scene = Out().asked()
    scene.does(m.AgentComplete)
    scene.w.drop(scene.far)
    assert scene.c in (Phase.MENU, Phase.LEAVING)
    scene.w.settle()
    assert (scene.c, scene.now.end_reason) == (Phase.ENDED, "completed")
    assert not scene.w.bridges
    assert not scene.w.timers


def test_two_lines_are_not_left_open_for_ever() -> None:
    scene = Out().asked()
    scene.does(m.AgentComplete)
    far = scene.far
    happen(scene.w, "timer outside")
    assert far in scene.w.gone
    assert scene.c in (Phase.MENU, Phase.LEAVING)


def test_the_page_shows_the_number_that_is_asked() -> None:
    frame = call_frame(A, Out().asked().now)
    assert frame["phase"] == "consulting"
    assert frame["consult"]["number"] == NUMBER  # type: ignore[index]


def test_the_trunk_of_the_callers_line_stays_the_contacts() -> None:
    scene = Out().ask()
    scene.w.send(scene.call, m.DialledOver(channel=scene.far, trunk="trunk-north"))
    assert scene.now.trunk == "t"


# --- the flow ---


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


# --- the flow, to one of ours or another hotline ---

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


# --- a restart of the service ---


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


def test_two_who_talk_outside_are_left_alone_by_a_restart() -> None:
    scene = Out().asked()
    scene.does(m.AgentComplete)
    call = replay(FLOWS, scene.w.journal[scene.call]).call
    assert call == scene.now
    both = ("caller1", scene.far)
    taken = m.TakenUp(channels=both, up=both, together=both, bridged=True)
    assert step(FLOWS, call, taken, scene.w.now) == (call, ())
    apart = replace(taken, together=("caller1",))
    assert step(FLOWS, call, apart, scene.w.now)[1] == (m.Join(bridge=call.bridge or "", channels=(scene.far,)),)


@pytest.mark.parametrize("fate", ["rings on", "answered meanwhile", "gone"])
def test_a_consultation_outside_goes_on_after_a_restart(fate: str) -> None:
    scene = Out().ask()
    leg, far = scene.leg("asker"), scene.far
    there = ("caller1", leg) if fate == "gone" else ("caller1", leg, far)
    up = ("caller1", leg, far) if fate == "answered meanwhile" else ("caller1", leg)
    taken = m.TakenUp(channels=there, up=up, together=(), bridged=True)
    call, _ = step(FLOWS, scene.now, taken, scene.w.now)
    answered = call.consult is not None and call.consult.answered
    assert (call.phase, answered) == (
        Phase.HELD if fate == "gone" else Phase.CONSULTING,
        fate == "answered meanwhile",
    )
