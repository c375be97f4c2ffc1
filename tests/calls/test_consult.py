"""Consultation, conference and a lost browser: whoever hangs up first, the rest of the call lives as people expect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState as S
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.cti.pages import call_frame
from callcenter.cti.watch import truth_of
from callcenter.ids import AgentId
from callcenter.ivr.loader import load
from tests.calls.test_call import happen, talking
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
QUEUES = tuple(
    acd.QueueSettings(name=name, title=name, wrap_up_s=30, ring_timeout_s=20, announce_position_every_s=0)
    for name in ("general", "consult", "complaint")
)
A, B = AgentId("agent1"), AgentId("agent2")


class Scene:
    """Agent A talks to caller 1 about a call that came by ``general``; B serves ``complaint`` and is free."""

    def __init__(self, *, browser: bool = False) -> None:
        self.w = World(FLOWS, QUEUES)
        self.w.agent(1, browser=browser)
        self.w.agent(2, ("complaint",), browser=browser)
        self.call = talking(self.w)

    @property
    def c(self) -> m.Phase:
        return self.w.calls[self.call].phase

    def state(self, agent: AgentId) -> S:
        found = self.w.desk.agent(agent)
        assert found is not None
        return found.state

    def states(self) -> tuple[S, S]:
        return self.state(A), self.state(B)

    def leg(self, who: str) -> str:
        call = self.w.calls[self.call]
        part = {"asker": call.talk, "consulted": call.consult}[who]
        assert part is not None
        return part.channel

    def ask(self) -> None:
        self.w.send(self.call, m.AgentConsult(agent_id=A, to_agent=B))

    def consulting(self) -> Scene:
        self.ask()
        happen(self.w, "LegAnswered")
        return self

    def does(self, kind: type, agent: AgentId = A) -> None:
        self.w.send(self.call, kind(agent_id=agent))

    def together(self) -> list[set[str]]:
        """Who hears whom: the bridges with two and more in them."""
        names = {self.w.calls[self.call].channel: "caller"}
        call = self.w.calls[self.call]
        for part in (call.talk, call.consult):
            if part is not None:
                names[part.channel] = part.agent.agent_id
        return sorted(
            ({names.get(c, c) for c in members} for members in self.w.bridges.values() if len(members) > 1), key=sorted
        )

    def refusals(self) -> list[str]:
        return [a.code for _, a in self.w.log if isinstance(a, m.RefuseAgent)]

    def kinds(self) -> list[tuple[str, AgentId | None]]:
        return [(s.kind.value, s.agent_id) for s in self.w.calls[self.call].segments[-3:]]


def test_a_colleague_sees_who_asks_before_their_telephone_rings_and_the_caller_hears_music() -> None:
    scene = Scene()
    scene.ask()
    actions = [a for _, a in scene.w.log]
    pop = next(a for a in actions if isinstance(a, m.SendPop) and a.offer.consult_by == A)
    dial = next(a for a in actions if isinstance(a, m.DialAgent) and a.offer is pop.offer)
    assert actions.index(m.StartMusic(channel="caller1", music="default")) < actions.index(pop) < actions.index(dial)
    assert (scene.c, scene.states()) == (Phase.CONSULTING, (S.CONSULTING, S.RESERVED))


def test_the_two_agents_talk_apart_and_swap_to_the_caller_and_back() -> None:
    scene = Scene().consulting()
    assert (scene.together(), scene.states()) == ([{A, B}], (S.CONSULTING, S.CONSULTING))
    scene.does(m.AgentSwap)
    assert scene.together() == [{"caller", A}]
    scene.does(m.AgentSwap)
    assert scene.together() == [{A, B}]


@pytest.mark.parametrize("swapped", [False, True])
def test_completing_gives_the_caller_to_the_colleague(swapped: bool) -> None:
    scene = Scene().consulting()
    if swapped:
        scene.does(m.AgentSwap)
    scene.does(m.AgentComplete)
    call = scene.w.calls[scene.call]
    assert call.talk is not None
    assert (scene.c, call.talk.agent.agent_id, call.transferred_by, call.transfers) == (Phase.TALKING, B, A, 1)
    assert scene.states() == (S.WRAP_UP, S.TALKING)
    while scene.w.gone:
        scene.w.drop(scene.w.gone[0])
    assert [members for members in scene.w.bridges.values() if members] == [{"caller1", call.talk.channel}]
    scene.w.drop("caller1")
    assert scene.states() == (S.WRAP_UP, S.WRAP_UP), "both spoke with the caller"


@pytest.mark.parametrize("answered", [False, True])
def test_cancelling_brings_the_agent_back_to_the_caller_and_frees_the_colleague_without_blame(answered: bool) -> None:
    scene = Scene()
    scene.ask()
    if answered:
        happen(scene.w, "LegAnswered")
    scene.does(m.AgentCancel)
    assert (scene.c, scene.states()) == (Phase.TALKING, (S.TALKING, S.READY))
    assert scene.together() == [{"caller", A}]


Deed = Callable[[Scene], None]
WHO_ENDS_IT: dict[str, tuple[Deed, Phase, tuple[S, S]]] = {
    "the colleague hangs up": (lambda s: s.w.drop(s.leg("consulted")), Phase.HELD, (S.HOLD, S.READY)),
    "the colleague presses hang-up": (lambda s: s.does(m.AgentHangUp, B), Phase.HELD, (S.HOLD, S.READY)),
    "the agent hangs up": (lambda s: s.w.drop(s.leg("asker")), Phase.TALKING, (S.WRAP_UP, S.TALKING)),
    "the agent presses hang-up": (lambda s: s.does(m.AgentHangUp), Phase.TALKING, (S.WRAP_UP, S.TALKING)),
    "the caller hangs up": (lambda s: s.w.drop("caller1"), Phase.ENDED, (S.WRAP_UP, S.READY)),
    "Asterisk restarts": (lambda s: s.w.send(s.call, m.SwitchLost()), Phase.ENDED, (S.WRAP_UP, S.READY)),
}
WHILE_RINGING: dict[str, tuple[Deed, Phase, tuple[S, S]]] = {
    "the colleague declines": (
        lambda s: s.w.drop(s.leg("consulted"), cause=21),
        Phase.HELD,
        (S.HOLD, S.NOT_RESPONDING),
    ),
    "nobody picks up": (lambda s: happen(s.w, "timer ring"), Phase.HELD, (S.HOLD, S.NOT_RESPONDING)),
    "the colleague's page goes": (
        lambda s: s.w.tell(acd.AgentPresence(agent_id=B, page=False)),
        Phase.HELD,
        (S.HOLD, S.READY),
    ),
    "the agent presses hang-up": (lambda s: s.does(m.AgentHangUp), Phase.TALKING, (S.TALKING, S.READY)),
    "the agent's telephone hangs up": (lambda s: s.w.drop(s.leg("asker")), Phase.WAITING, (S.WRAP_UP, S.READY)),
    "the caller hangs up": (lambda s: s.w.drop("caller1"), Phase.ENDED, (S.WRAP_UP, S.READY)),
}
IN_CONFERENCE: dict[str, tuple[Deed, Phase, tuple[S, S]]] = {
    "the colleague hangs up": (lambda s: s.w.drop(s.leg("consulted")), Phase.TALKING, (S.TALKING, S.WRAP_UP)),
    "the colleague presses hang-up": (lambda s: s.does(m.AgentHangUp, B), Phase.TALKING, (S.TALKING, S.WRAP_UP)),
    "the agent hangs up": (lambda s: s.w.drop(s.leg("asker")), Phase.TALKING, (S.WRAP_UP, S.TALKING)),
    "the agent presses hang-up": (lambda s: s.does(m.AgentHangUp), Phase.TALKING, (S.WRAP_UP, S.TALKING)),
    "the caller hangs up": (lambda s: s.w.drop("caller1"), Phase.ENDED, (S.WRAP_UP, S.WRAP_UP)),
}


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("who", WHO_ENDS_IT)
def test_in_a_consultation(who: str, swapped: bool) -> None:
    scene = Scene().consulting()
    if swapped:
        scene.does(m.AgentSwap)
    deed, phase, states = WHO_ENDS_IT[who]
    deed(scene)
    if swapped and phase is Phase.HELD:  # the caller is with the agent already
        phase, states = Phase.TALKING, (S.TALKING, states[1])
    assert (scene.c, scene.states()) == (phase, states)


@pytest.mark.parametrize("who", WHILE_RINGING)
def test_while_the_colleague_is_rung(who: str) -> None:
    scene = Scene()
    scene.ask()
    deed, phase, states = WHILE_RINGING[who]
    deed(scene)
    assert (scene.c, scene.states()) == (phase, states)


@pytest.mark.parametrize("who", IN_CONFERENCE)
def test_in_a_conference(who: str) -> None:
    scene = Scene().consulting()
    scene.does(m.AgentConference)
    assert (scene.c, scene.states(), scene.together()) == (Phase.CONFERENCE, (S.TALKING, S.TALKING), [{"caller", A, B}])
    deed, phase, states = IN_CONFERENCE[who]
    deed(scene)
    assert (scene.c, scene.states()) == (phase, states)


def test_who_loses_their_agent_while_a_colleague_is_rung_is_next_in_line() -> None:
    scene = Scene()
    scene.ask()
    scene.w.drop(scene.leg("asker"))
    (waits,) = scene.w.desk.waiting("general")
    assert (waits.request.priority, scene.w.calls[scene.call].transferred_by) == (9, A)


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda w: w.tell(acd.AgentBreak(agent_id=B, reason="meal")), "consult_break"),
        (lambda w: w.tell(acd.AgentPresence(agent_id=B, page=False)), "consult_page_away"),
        (lambda w: w.tell(acd.AgentPresence(agent_id=B, phone=False)), "consult_phone_not_registered"),
        (lambda w: w.tell(acd.AgentLoggedOut(agent_id=B)), "consult_offline"),
    ],
)
def test_a_colleague_who_is_not_ready_is_not_rung_and_the_agent_is_told_why(
    prepare: Callable[[World], None], code: str
) -> None:
    scene = Scene()
    prepare(scene.w)
    scene.ask()
    assert (scene.c, scene.refusals()) == (Phase.TALKING, [code])


def test_a_queue_gives_its_best_free_agent_or_says_that_nobody_is_free() -> None:
    scene = Scene()
    scene.w.send(scene.call, m.AgentConsult(agent_id=A, queue="complaint"))
    consult = scene.w.calls[scene.call].consult
    assert consult is not None
    assert (consult.agent.agent_id, consult.offer.queue) == (B, "complaint")
    scene.does(m.AgentCancel)
    scene.w.tell(acd.AgentBreak(agent_id=B, reason="meal"))
    scene.w.send(scene.call, m.AgentConsult(agent_id=A, queue="complaint"))
    assert scene.refusals() == ["nobody_free"]


def test_everybody_is_credited_with_their_time_and_the_callers_segments_have_no_gap() -> None:
    scene = Scene().consulting()
    scene.w.pass_time(10)
    scene.does(m.AgentConference)
    scene.w.pass_time(20)
    scene.does(m.AgentHangUp)
    scene.w.pass_time(5)
    scene.w.drop("caller1")
    call = scene.w.calls[scene.call]
    assert [(s.kind.value, s.agent_id) for s in call.segments[3:]] == [
        ("talk", A),
        ("consult", A),
        ("conference", A),
        ("talk", B),
    ]
    assert [(s.kind.value, s.agent_id, s.result) for s in call.beside] == [
        ("ring", B, "answered"),
        ("consult", B, "conference"),
        ("conference", B, "took_over"),
    ]
    for one, two in zip(call.segments, call.segments[1:], strict=False):
        assert one.ended_at == two.started_at
    assert all(s.ended_at is not None for s in (*call.segments, *call.beside))


def test_only_the_asking_agent_commands_the_consultation() -> None:
    scene = Scene().consulting()
    for kind in (m.AgentSwap, m.AgentComplete, m.AgentCancel, m.AgentConference):
        scene.does(kind, B)
    assert scene.refusals() == ["not_your_call"] * 4


def test_nothing_but_cancelling_is_possible_before_the_colleague_answers() -> None:
    scene = Scene()
    scene.ask()
    for kind in (m.AgentSwap, m.AgentComplete, m.AgentConference):
        scene.does(kind)
    assert scene.refusals() == ["not_answered_yet"] * 3


def test_the_comparison_with_the_calls_frees_nobody_who_is_in_a_consultation() -> None:
    scene = Scene().consulting()
    scene.w.pass_time(10)
    scene.w.tell(truth_of(scene.w.calls.values()))
    assert scene.states() == (S.CONSULTING, S.CONSULTING)


def test_each_of_the_two_sees_the_other_on_their_page() -> None:
    scene = Scene().consulting()
    call = scene.w.calls[scene.call]
    frames = {agent: call_frame(agent, call) for agent in (A, B)}
    assert {a: f["phase"] for a, f in frames.items()} == {A: "consulting", B: "consulted"}
    assert frames[B]["consult"]["name"] == "Agent 1"  # type: ignore[index]


# --- the agent's browser is lost ---


def test_a_browser_that_is_lost_leaves_the_caller_with_music_and_the_call_is_kept() -> None:
    scene = Scene(browser=True)
    scene.w.drop(scene.leg("asker"))
    assert (scene.c, scene.states()) == (Phase.PARKED, (S.HOLD, S.READY))
    assert m.StartMusic(channel="caller1", music="default") in [a for _, a in scene.w.log]
    assert call_frame(A, scene.w.calls[scene.call])["phase"] == "parked"
    scene.w.pass_time(10)
    scene.w.tell(truth_of(scene.w.calls.values()))
    assert scene.state(A) is S.HOLD, "the desk keeps the agent too"


def test_an_agent_who_comes_back_is_rung_and_has_the_caller_again() -> None:
    scene = Scene(browser=True)
    scene.w.drop(scene.leg("asker"))
    scene.does(m.AgentBack)
    assert [a.agent.agent_id for _, a in scene.w.log if isinstance(a, m.RedialAgent)] == [A]
    happen(scene.w, "LegAnswered")
    assert (scene.c, scene.state(A), scene.together()) == (Phase.TALKING, S.TALKING, [{"caller", A}])
    assert not scene.w.timers
    assert scene.kinds() == [("talk", A), ("hold", A), ("talk", A)]


def test_a_second_return_gives_up_the_leg_of_the_first() -> None:
    scene = Scene(browser=True)
    scene.w.drop(scene.leg("asker"))
    scene.does(m.AgentBack)
    parked = scene.w.calls[scene.call].parked
    assert parked is not None
    scene.does(m.AgentBack)
    assert m.HangUp(channel=parked.channel or "") in [a for _, a in scene.w.log]
    scene.w.drop(parked.channel or "")
    happen(scene.w, "LegAnswered")
    assert scene.c is Phase.TALKING


def test_an_agent_who_stays_away_loses_the_call_to_the_next_at_the_front() -> None:
    scene = Scene(browser=True)
    scene.w.agent(3)
    scene.w.drop(scene.leg("asker"))
    happen(scene.w, "timer cc-")
    call = scene.w.calls[scene.call]
    assert call.ringing is not None
    assert (call.phase, call.ringing.offer.agent.agent_id) == (Phase.OFFERED, AgentId("agent3"))
    assert (call.transferred_by, call.wait.priority if call.wait else 0, scene.state(A)) == (A, 9, S.WRAP_UP)


def test_page_and_telephone_both_gone_count_as_lost_though_the_leg_is_still_listed() -> None:
    scene = Scene(browser=True)
    leg = scene.leg("asker")
    scene.does(m.AgentAway)
    assert (scene.c, leg in scene.w.gone) == (Phase.PARKED, True)


def test_a_desk_phone_that_hangs_up_means_it() -> None:
    scene = Scene()
    scene.does(m.AgentAway)
    assert scene.c is Phase.TALKING
    scene.w.drop(scene.leg("asker"))
    assert scene.c in (Phase.MENU, Phase.LEAVING)


@pytest.mark.parametrize(
    ("deed", "phase"),
    [(lambda s: s.w.drop("caller1"), Phase.ENDED), (lambda s: s.does(m.AgentHangUp), Phase.MENU)],
)
def test_a_kept_call_ends_cleanly(deed: Deed, phase: Phase) -> None:
    scene = Scene(browser=True)
    scene.w.drop(scene.leg("asker"))
    deed(scene)
    assert scene.c in (phase, Phase.LEAVING)
    assert (scene.state(A), [t for t in scene.w.timers if "park" in t[1]]) == (S.WRAP_UP, [])


def test_whose_browser_is_lost_in_a_consultation_leaves_the_caller_to_the_colleague() -> None:
    scene = Scene(browser=True).consulting()
    scene.w.drop(scene.leg("asker"))
    assert (scene.c, scene.states()) == (Phase.TALKING, (S.WRAP_UP, S.TALKING))


def test_a_blind_transfer_that_crosses_the_desks_answer_gives_the_colleague_back() -> None:
    scene = Scene()
    offer = next(a.offer for _, a in scene.w.log if isinstance(a, m.SendPop))
    crossed = m.Offered(offer=acd.OfferMade(**{f: getattr(offer, f) for f in offer.__slots__} | {"consult_by": B}))
    scene.w.send(scene.call, crossed)
    assert scene.c is Phase.TALKING
    assert isinstance(scene.w.log[-1][1], m.TellDesk)
