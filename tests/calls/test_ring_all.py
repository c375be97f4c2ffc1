"""A queue in which all who are free ring at once: the first answer has the caller, the others are left in peace."""

from __future__ import annotations

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState as S
from callcenter.calls import messages as m
from callcenter.calls.call import step
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.replay import replay
from callcenter.cti.pages import call_frame
from callcenter.ids import AgentId, CallId
from tests.calls.test_call import happen
from tests.calls.test_consult import FLOWS
from tests.world import World

AGENTS = tuple(AgentId(f"agent{number}") for number in (1, 2, 3))
QUEUES = (acd.QueueSettings(name="general", title="G", strategy=acd.Strategy.RING_ALL, announce_position_every_s=0),)


def ringing(agents: int = 3) -> tuple[World, CallId]:
    """A call that rings the first so many agents, who are all there are."""
    w = World(FLOWS, QUEUES)
    for number in range(1, agents + 1):
        w.agent(number)
    call = w.arrive(1)
    happen(w, "played")
    w.send(call, m.Key(digit="0"))
    assert [ring.offer.agent.agent_id for ring in w.calls[call].rings] == list(AGENTS[:agents])
    return w, call


def states(w: World) -> list[S]:
    return [agent.state for agent in w.desk.agents()]


def leg(w: World, call: CallId, agent: int) -> str:
    return next(r.channel for r in w.calls[call].rings if r.offer.agent.agent_id == AGENTS[agent])


def test_each_has_a_pop_before_their_telephone_and_sees_it_ring() -> None:
    w, call = ringing()
    done = [a for _, a in w.log if isinstance(a, m.SendPop | m.DialAgent)]
    assert [type(action) for action in done] == [m.SendPop, m.DialAgent] * 3
    assert all(call_frame(agent, w.calls[call])["phase"] == "ringing" for agent in AGENTS)
    happen(w, f"LegRang {leg(w, call, 1)}")
    assert states(w) == [S.RESERVED, S.RINGING, S.RESERVED]


def test_the_first_answer_has_the_caller_and_the_others_are_told() -> None:
    w, call = ringing()
    others = {leg(w, call, 0), leg(w, call, 2)}
    happen(w, f"LegAnswered {leg(w, call, 1)}")
    assert states(w) == [S.READY, S.TALKING, S.READY]
    assert set(w.gone) == others
    over = {a.agent_id: a.reason for _, a in w.log if isinstance(a, m.OfferOver)}
    assert over == {AGENTS[0]: "answered_elsewhere", AGENTS[1]: "answered", AGENTS[2]: "answered_elsewhere"}
    assert [t for t in w.timers if "ring" in t[1]] == []
    now = w.calls[call]
    assert [(one.kind, one.agent_id) for one in now.segments[-2:]] == [
        (SegmentKind.RING, None),
        (SegmentKind.TALK, AGENTS[1]),
    ], "the ring is nobody's own: a miss of none"
    assert replay(FLOWS, w.journal[call]).call == now


def test_two_who_answer_in_the_same_instant() -> None:
    w, call = ringing()
    first, second = leg(w, call, 2), leg(w, call, 0)
    happen(w, f"LegAnswered {first}")
    w.up.add(second)
    w.send(call, m.LegAnswered(channel=second))
    assert second in w.gone
    assert states(w) == [S.READY, S.READY, S.TALKING]
    assert w.bridges[w.calls[call].bridge or ""] == {"caller1", first}


def test_who_declines_or_is_not_reached_leaves_it_ringing_for_the_others() -> None:
    w, call = ringing()
    w.send(call, m.AgentDecline(agent_id=AGENTS[0], offer_id=w.calls[call].rings[0].offer.offer_id))
    w.drop(leg(w, call, 1), cause=20)
    assert (w.calls[call].phase, len(w.calls[call].rings)) == (Phase.OFFERED, 1)
    assert states(w) == [S.NOT_RESPONDING, S.NOT_RESPONDING, S.RESERVED]
    happen(w, "timer ring")
    assert (w.calls[call].phase, states(w)[2]) == (Phase.OFFERED, S.RESERVED), "it rings there again, and alone now"
    happen(w, "timer ring")
    assert (w.calls[call].phase, states(w)[2]) == (Phase.WAITING, S.NOT_RESPONDING)


def test_when_nobody_answers_in_time_all_ring_again_and_nobody_is_to_blame() -> None:
    w, call = ringing()
    first = {ring.channel for ring in w.calls[call].rings}
    for _ in AGENTS:
        happen(w, "timer ring")
    assert states(w) == [S.RESERVED] * 3
    again = {ring.channel for ring in w.calls[call].rings}
    assert (len(again), again & first) == (3, set())
    assert first <= set(w.gone)
    over = [a.reason for _, a in w.log if isinstance(a, m.OfferOver)]
    assert over == ["rang_out"] * 3
    assert replay(FLOWS, w.journal[call]).call == w.calls[call]


def test_who_becomes_free_while_it_rings_joins_in_and_may_have_it() -> None:
    w, call = ringing(1)
    w.agent(2)
    assert [ring.offer.agent.agent_id for ring in w.calls[call].rings] == list(AGENTS[:2])
    w.agent(3)
    assert w.calls[call].segments[-1].agent_id is None, "the ring is nobody's own any more"
    happen(w, f"LegAnswered {leg(w, call, 2)}")
    assert states(w) == [S.READY, S.READY, S.TALKING]
    assert replay(FLOWS, w.journal[call]).call == w.calls[call]


def test_the_only_one_who_is_rung_has_missed_it() -> None:
    w, _ = ringing(1)
    happen(w, "timer ring")
    assert states(w) == [S.NOT_RESPONDING]


def test_a_caller_who_hangs_up_blames_nobody() -> None:
    w, call = ringing()
    w.drop("caller1")
    assert (w.calls[call].phase, states(w)) == (Phase.ENDED, [S.READY] * 3)
    assert len(w.gone) == 3


@pytest.mark.parametrize("target", ["bridge", "leg"])
def test_what_the_switch_refuses(target: str) -> None:
    w, call = ringing()
    now = w.calls[call]
    if target == "bridge":
        refused = m.ActionFailed(action="create_bridge", target=now.bridge or "", message="no")
    else:
        w.channels.discard(leg(w, call, 1))
        refused = m.ActionFailed(action="dial_agent", target=leg(w, call, 1), message="no")
    w.send(call, refused)
    if target == "bridge":
        assert states(w).count(S.NOT_RESPONDING) == 1
    else:
        assert len(w.calls[call].rings) == 2


def test_after_a_restart_those_who_ring_ring_on_and_who_answered_has_the_caller() -> None:
    w, call = ringing()
    now = w.calls[call]
    legs = [ring.channel for ring in now.rings]
    taken = m.TakenUp(channels=("caller1", *legs[:2]), up=("caller1",), together=(), bridged=True)
    after, actions = step(FLOWS, now, taken, w.now)
    assert [ring.channel for ring in after.rings] == legs
    dialled = [action.channel for action in actions if isinstance(action, m.DialAgent)]
    assert dialled == legs[2:], "the third was to be dialled"
    taken = m.TakenUp(channels=("caller1", *legs), up=("caller1", legs[1]), together=(), bridged=True)
    after, _ = step(FLOWS, now, taken, w.now)
    assert after.talk is not None
    assert (after.phase, after.talk.channel, after.rings) == (Phase.TALKING, legs[1], ())
