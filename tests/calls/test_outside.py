"""Telephones outside: asked, swapped with, joined in, handed the caller; put through blindly."""

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
from tests.calls.test_call import QUEUES, happen
from tests.calls.test_consult import FLOWS, A, B, Scene
from tests.world import World

NUMBER = "+8613800000002"


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


# --- the asking agent's browser is lost ---


def lost(*, swapped: bool = False) -> Out:
    """In a consultation with somebody outside; both of the others are there still."""
    scene = Out(browser=True).asked(swapped=swapped)
    scene.w.drop(scene.leg("asker"))
    return scene


@pytest.mark.parametrize("swapped", [False, True])
def test_a_lost_browser_leaves_caller_and_number_with_music_and_both_are_there_on_its_return(swapped: bool) -> None:
    scene = lost(swapped=swapped)
    assert (scene.c, scene.state(A), scene.together()) == (Phase.PARKED, S.HOLD, [])
    assert scene.far not in scene.w.gone
    for channel in ("caller1", scene.far):
        assert m.StartMusic(channel=channel, music="default") in [action for _, action in scene.w.log]
    scene.does(m.AgentBack)
    happen(scene.w, "LegAnswered")
    assert (scene.c, scene.state(A)) == (Phase.CONSULTING, S.CONSULTING)
    assert scene.together() == [{A, "caller" if swapped else "outside"}]
    assert not scene.w.timers
    scene.does(m.AgentSwap)
    assert scene.together() == [{A, "outside" if swapped else "caller"}]
    scene.does(m.AgentComplete)
    scene.w.drop(scene.w.gone[0])
    assert (scene.c, scene.together()) == (Phase.OUTSIDE, [{"caller", "outside"}])


GIVEN_UP: dict[str, tuple[Deed, tuple[Phase, ...]]] = {
    "the agent does not come back": (lambda s: happen(s.w, "timer cc-"), (Phase.WAITING, Phase.OFFERED)),
    "the page says good-bye": (lambda s: s.does(m.AgentHangUp), (Phase.MENU, Phase.LEAVING)),
    "the caller hangs up": (lambda s: s.w.drop("caller1"), (Phase.ENDED,)),
}


@pytest.mark.parametrize("how", GIVEN_UP)
def test_a_call_that_is_kept_no_longer_leaves_nobody_outside_with_music(how: str) -> None:
    scene = lost()
    far = scene.far
    deed, phases = GIVEN_UP[how]
    deed(scene)
    assert scene.c in phases
    assert far in scene.w.gone
    assert scene.now.consult is None


def test_who_has_enough_of_the_music_leaves_and_the_agent_comes_back_to_the_caller() -> None:
    scene = lost()
    scene.w.drop(scene.far)
    assert scene.c is Phase.PARKED
    scene.does(m.AgentBack)
    happen(scene.w, "LegAnswered")
    assert (scene.c, scene.together()) == (Phase.TALKING, [{"caller", A}])


def test_a_number_that_only_rings_is_let_go_and_the_caller_kept() -> None:
    scene = Out(browser=True).ask()
    far = scene.far
    scene.w.drop(scene.leg("asker"))
    assert (scene.c, far in scene.w.gone) == (Phase.PARKED, True)


def test_two_who_are_kept_hear_music_again_after_a_restart() -> None:
    scene = lost()
    call = replay(FLOWS, scene.w.journal[scene.call]).call
    assert call == scene.now
    there = ("caller1", scene.far)
    taken = m.TakenUp(channels=there, up=there, together=(), bridged=True, unsure=True)
    _, actions = step(FLOWS, call, taken, scene.w.now)
    assert {action.channel for action in actions if isinstance(action, m.StartMusic)} == set(there)


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


@pytest.mark.parametrize("how", ["no answer", "refuses"])
def test_whom_we_called_and_put_through_comes_back_to_the_agent_when_nobody_answers(how: str) -> None:
    w, call = called_out()
    w.send(call, m.AgentTransfer(agent_id=A, number=NUMBER))
    happen(w, "LegRang")
    assert (w.calls[call].phase, w.desk.agent(A).state) == (Phase.FORWARDING, S.WRAP_UP)  # type: ignore[union-attr]
    happen(w, "timer ring" if how == "no answer" else "refuses")
    # In wrap-up of this very call, so that there is nothing to wait for; others of the queue are free.
    (offer,) = (one for one in offers_of(w, call)[1:] if one.decision.reason == "came_back")
    assert (offer.agent.agent_id, offer.queue) == (A, "general")
    happen(w, "LegAnswered")
    assert (w.calls[call].phase, w.desk.agent(A).state) == (Phase.TALKING, S.TALKING)  # type: ignore[union-attr]
    assert w.calls[call].answered_by == A


def test_whom_we_called_and_gave_to_a_colleague_who_does_not_answer_comes_back() -> None:
    w, call = called_out()
    w.send(call, m.AgentTransfer(agent_id=A, to_agent=B))
    assert offers_of(w, call)[-1].agent.agent_id == B
    happen(w, "timer ring")
    assert offers_of(w, call)[-1].agent.agent_id == A
    happen(w, "LegAnswered")
    assert w.calls[call].phase is Phase.TALKING


def called_out() -> tuple[World, CallId]:
    """Agent A, who serves ``general`` like agent 3 and not like B, talks to somebody whom they called."""
    w = World(FLOWS, QUEUES)
    w.agent(1)
    w.agent(2, ("complaint",))
    w.agent(3)
    call = w.dial_out(1)
    assert call is not None
    happen(w, "LegAnswered")
    happen(w, "LegAnswered")
    assert w.calls[call].phase is Phase.TALKING
    return w, call


def offers_of(w: World, call: CallId) -> list[acd.OfferMade]:
    return [action.offer for call_id, action in w.log if call_id == call and isinstance(action, m.SendPop)]


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


# --- a restart of the service ---


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
