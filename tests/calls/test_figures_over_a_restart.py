"""The service dies after each event of a call's life: what figures are made of is what it is without that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from callcenter.acd import messages as acd
from callcenter.asterisk.events import BridgeView, ChannelView
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.replay import replay
from callcenter.calls.seen import forgotten, seen
from callcenter.ids import AgentId, CallId
from callcenter.ivr.loader import load
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
QUEUES = (
    acd.QueueSettings(name="general", title="General", wrap_up_s=30, announce_position_every_s=0),
    acd.QueueSettings(name="drill", title="D", announce_position_every_s=0),
)
A, B = AgentId("agent1"), AgentId("agent2")
Act = Callable[[World, CallId], None]


def key(w: World, call: CallId) -> None:
    w.send(call, m.Key(digit="1"))


def picks_up(w: World, call: CallId) -> None:
    leg = next(leg for leg in w.calls[call].legs if leg not in w.up)
    w.send(call, m.LegRang(channel=leg))
    w.up.add(leg)
    w.send(call, m.LegAnswered(channel=leg))


def does(event: m.Event) -> Act:
    return lambda w, call: w.send(call, event)


def caller_leaves(w: World, call: CallId) -> None:
    w.drop(w.calls[call].channel)


CONSULTS = (key, picks_up, does(m.AgentConsult(agent_id=A, to_agent=B)), picks_up)
LIVES: dict[str, tuple[Act, ...]] = {
    "held": (key, picks_up, does(m.AgentHold(agent_id=A)), does(m.AgentResume(agent_id=A)), caller_leaves),
    "transferred": (key, picks_up, does(m.AgentTransfer(agent_id=A, to_agent=B)), picks_up, caller_leaves),
    "consulted": (*CONSULTS, does(m.AgentSwap(agent_id=A)), does(m.AgentComplete(agent_id=A)), caller_leaves),
    "conference": (*CONSULTS, does(m.AgentConference(agent_id=A)), does(m.AgentHangUp(agent_id=A)), caller_leaves),
    "abandoned in the menu": (caller_leaves,),
    "abandoned while it rang": (key, caller_leaves),
}


def lived(acts: tuple[Act, ...], *, dies: bool, unsure: bool = True) -> World:
    w = World(FLOWS, QUEUES)
    for number in (1, 2):
        w.agent(number, ("drill",) if number == 1 else ("general",), wrap_up_s=60)
    call = w.arrive(1, flow="drill")
    for act in acts:
        w.now += timedelta(seconds=7)
        act(w, call)
        if dies and w.calls[call].phase is not Phase.ENDED:
            restart(w, call, unsure=unsure)
    w.settle()
    return w


def restart(w: World, call: CallId, *, unsure: bool) -> None:
    """Another process: the call from its journal, and what the switch has of it."""
    w.calls[call] = replay(FLOWS, w.journal[call]).call
    channels = [
        ChannelView(channel=name, state="Up" if name in w.up else "Ring", caller_number="", created=w.now)
        for name in sorted(w.channels - set(w.gone))
    ]
    bridges = [BridgeView(bridge=name, channels=frozenset(members)) for name, members in w.bridges.items()]
    for event in seen(w.calls[call], channels, bridges, unsure=unsure, lived_on=False):
        w.send(call, event)


@pytest.mark.parametrize("unsure", [False, True], ids=["sure", "unsure"])
@pytest.mark.parametrize("life", LIVES)
def test_figures_are_made_of_the_same(life: str, unsure: bool) -> None:
    undisturbed, disturbed = lived(LIVES[life], dies=False), lived(LIVES[life], dies=True, unsure=unsure)
    (before,), (after,) = undisturbed.calls.values(), disturbed.calls.values()
    assert before.phase is after.phase is Phase.ENDED
    assert after.segments == before.segments
    assert after.beside == before.beside
    for fact in ("answered_at", "answered_by", "ended_at", "end_reason", "ended_by", "transfers", "queue"):
        assert getattr(after, fact) == getattr(before, fact), fact
    assert disturbed.causes == undisturbed.causes, "the same agents have the same to write up"
    assert any(isinstance(event, m.TakenUp) for _, _, event in disturbed.journal[after.id]) or len(LIVES[life]) == 1


@pytest.mark.parametrize("life", LIVES)
def test_a_call_whose_last_record_was_torn_goes_on_and_comes_to_its_end(life: str) -> None:
    """The journal is one event behind what was done: what the switch lists is the truth."""
    acts = LIVES[life]
    for torn_after in range(len(acts)):
        w = World(FLOWS, QUEUES)
        for number in (1, 2):
            w.agent(number, ("drill",) if number == 1 else ("general",), wrap_up_s=60)
        call = w.arrive(1, flow="drill")
        for number, act in enumerate(acts):
            w.now += timedelta(seconds=7)
            act(w, call)
            if w.calls[call].phase is Phase.ENDED:
                break
            if number == torn_after and len(w.journal[call]) > 1:
                w.journal[call].pop()
                restart(w, call, unsure=True)
                for leg in [leg for leg in w.channels - set(w.gone) if forgotten(w.calls[call], leg)]:
                    w.drop(leg)  # as whoever takes calls up does
                break
        if w.calls[call].phase is not Phase.ENDED:
            w.now += timedelta(seconds=7)
            caller_leaves(w, call)
        w.settle()
        (after,) = w.calls.values()
        assert after.phase is Phase.ENDED, (life, torn_after)
        assert after.end_reason in ("completed", "abandoned", "abandoned_in_menu"), (life, torn_after)
        assert all(segment.ended_at is not None for segment in (*after.segments, *after.beside))
        assert not w.channels - set(w.gone), (life, torn_after, "nothing is left in the switch")
