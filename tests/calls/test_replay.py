"""From the journal back to the call: whatever was written is read again, and gives the same call."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.call import step
from callcenter.calls.journal_format import FORMAT, decode, encode
from callcenter.calls.messages import Phase
from callcenter.calls.replay import Noted, noted, replay
from callcenter.calls.seen import forgotten
from callcenter.ids import AgentId, CallId, name_of
from callcenter.ivr.loader import load
from callcenter.ivr.run import Phase as MenuPhase
from callcenter.ivr.step import public_variables
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
QUEUES = (acd.QueueSettings(name="general", title="General", wrap_up_s=30), acd.QueueSettings(name="drill", title="D"))
HERE = Path(__file__).parent / "payloads"


def talked(phase: Phase = Phase.TALKING) -> tuple[World, CallId]:
    """A call up to a phase, by the shortest way."""
    w = World(FLOWS, QUEUES)
    w.agent(1, ("general", "drill"))
    call_id = w.arrive(1, flow="drill")
    w.send(call_id, m.Key(digit="1"))
    if phase is Phase.OFFERED:
        return w, call_id
    ringing = w.calls[call_id].ringing
    assert ringing is not None
    w.send(call_id, m.LegRang(channel=ringing.channel))
    w.send(call_id, m.LegAnswered(channel=ringing.channel))
    if phase is Phase.HELD:
        w.send(call_id, m.AgentHold(agent_id=AgentId("agent1")))
    assert w.calls[call_id].phase is phase
    return w, call_id


@pytest.mark.parametrize("phase", [Phase.OFFERED, Phase.TALKING, Phase.HELD])
def test_events_that_went_through_json_give_the_same_call(phase: Phase) -> None:
    w, call_id = talked(phase)
    read = [(n, at, decode(type(e).__name__, FORMAT, encode(e))) for n, at, e in w.journal[call_id]]
    assert [event for _, _, event in read] == [event for _, _, event in w.journal[call_id]]
    found = replay(FLOWS, read)
    assert found.call == w.calls[call_id]
    assert found.left.offer_count == 1
    assert set(found.left.timers) == {f"ring{found.call.ringing.channel}" for _ in range(1) if found.call.ringing}


def test_a_whole_call_goes_through_json() -> None:
    w, call_id = talked()
    call = w.calls[call_id]
    assert decode("Noted", FORMAT, encode(Noted(call=noted(call)))) == Noted(call=call)


def test_every_event_is_read_by_the_name_it_is_written_with() -> None:
    for kind in get_args(m.Event):
        with pytest.raises(ValueError):
            decode(kind.__name__, FORMAT + 1, b"{}")


@pytest.mark.parametrize("path", sorted(HERE.glob("v*.jsonl")), ids=lambda path: path.name)
def test_payloads_of_every_version_are_still_read(path: Path) -> None:
    version = int(path.stem[1:])
    for line in path.read_bytes().splitlines():
        told = orjson.loads(line)
        assert type(decode(told["kind"], version, told["payload"])).__name__ == told["kind"]


def test_there_are_payloads_of_every_version() -> None:
    assert {path.stem for path in HERE.glob("v*.jsonl")} == {f"v{n}" for n in range(1, FORMAT + 1)}


@pytest.mark.parametrize(
    ("kind", "version", "payload"),
    [("Nothing", 2, b"{}"), ("Key", 99, b'{"digit":"1"}'), ("Key", 2, b'{"digit":{}}'), ("Key", 2, b"{")],
)
def test_what_cannot_be_read_is_refused(kind: str, version: int, payload: bytes) -> None:
    with pytest.raises(ValueError):
        decode(kind, version, payload)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_real_events_shuffled_doubled_and_late_never_break_a_call(data: st.DataObject) -> None:
    w, call_id = talked()
    w.send(call_id, m.AgentHold(agent_id=AgentId("agent1")))
    w.drop("caller1")
    events = [event for _, _, event in w.journal[call_id][1:]]
    call = replay(FLOWS, w.journal[call_id][: data.draw(st.integers(1, len(events)))]).call
    for event in data.draw(st.lists(st.sampled_from(events), max_size=12)):
        call, _ = step(FLOWS, call, event, w.now)
    here = m.TakenUp(channels=(call.channel,), up=(call.channel,), together=(), bridged=False)
    again, _ = step(FLOWS, call, here, w.now)
    assert (again.phase is Phase.ENDED) == (call.phase is Phase.ENDED)


def test_a_journal_with_a_hole_or_without_its_beginning_is_refused() -> None:
    w, call_id = talked()
    with pytest.raises(ValueError, match="2 is missing"):
        replay(FLOWS, [w.journal[call_id][0], w.journal[call_id][2]])
    with pytest.raises(ValueError):
        replay(FLOWS, w.journal[call_id][1:])
    doubled = [entry for entry in w.journal[call_id] for _ in range(2)]
    assert replay(FLOWS, doubled).call == w.calls[call_id]


# --- what is done again ---


def here(w: World, call_id: CallId, *, unsure: bool = False) -> m.TakenUp:
    call = w.calls[call_id]
    mine = tuple(sorted(w.channels))
    members = tuple(sorted(w.bridges.get(call.bridge or "", ())))
    return m.TakenUp(
        channels=mine,
        up=tuple(sorted(w.up)),
        together=members,
        bridged=call.bridge in w.bridges,
        unsure=unsure,
    )


def test_two_who_talk_are_left_alone() -> None:
    w, call_id = talked()
    call, actions = step(FLOWS, w.calls[call_id], here(w, call_id), w.now)
    assert call == w.calls[call_id]
    assert [type(action) for action in actions] == [m.ShowCall]


def test_who_was_to_be_joined_is_joined() -> None:
    w, call_id = talked()
    talk = w.calls[call_id].talk
    assert talk is not None
    bare = replace(here(w, call_id), together=(talk.channel,))
    _, actions = step(FLOWS, w.calls[call_id], bare, w.now)
    assert m.Join(bridge=w.calls[call_id].bridge or "", channels=("caller1",)) in actions


def test_a_telephone_that_rings_rings_on_and_one_never_dialled_is_by_the_name_it_was_to_have() -> None:
    w, call_id = talked(Phase.OFFERED)
    _, actions = step(FLOWS, w.calls[call_id], here(w, call_id), w.now)
    assert not any(isinstance(action, m.DialAgent) for action in actions)
    undialled = replace(here(w, call_id), channels=("caller1",))
    call, actions = step(FLOWS, w.calls[call_id], undialled, w.now)
    assert (call.phase, call.ringing) == (Phase.OFFERED, w.calls[call_id].ringing)
    assert call.ringing is not None
    told = [action for action in actions if isinstance(action, m.SendPop | m.DialAgent | m.TellDesk)]
    assert [type(action) for action in told] == [m.SendPop, m.DialAgent]
    assert isinstance(told[1], m.DialAgent)
    assert told[1].channel == call.ringing.channel


def test_one_who_answered_meanwhile_is_in_the_call() -> None:
    w, call_id = talked(Phase.OFFERED)
    ringing = w.calls[call_id].ringing
    assert ringing is not None
    w.up.add(ringing.channel)
    call, actions = step(FLOWS, w.calls[call_id], here(w, call_id), w.now)
    assert call.phase is Phase.TALKING
    assert any(isinstance(action, m.Join) for action in actions)


def test_a_menu_says_its_prompt_again() -> None:
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1)
    before = w.calls[call_id]
    call, actions = step(FLOWS, before, here(w, call_id), w.now)
    assert call.run is not None
    assert before.run is not None
    assert call.run.step == before.run.step
    said = [action for action in actions if isinstance(action, m.Play)]
    assert [play.playback for play in said] == [call.playback]
    assert call.playback != before.playback
    assert public_variables(call.run) == public_variables(before.run)


def test_waiting_goes_on_to_the_same_music() -> None:
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1, flow="drill")
    w.send(call_id, m.Key(digit="1"))
    assert w.calls[call_id].phase is Phase.WAITING
    assert step(FLOWS, w.calls[call_id], here(w, call_id), w.now) == (w.calls[call_id], ())
    _, actions = step(FLOWS, w.calls[call_id], here(w, call_id, unsure=True), w.now)
    assert [type(action) for action in actions] == [m.StartMusic], "silence would be worse than music that begins anew"


# --- a connection that was lost while the service lived on ---


def test_a_call_whose_flow_awaits_a_word_of_ours_waits_on_when_only_the_connection_was_lost() -> None:
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1)
    run = w.calls[call_id].run
    assert run is not None
    away = replace(w.calls[call_id], run=replace(run, phase=MenuPhase.AWAY), playback=None)
    lived_on = replace(here(w, call_id), lived_on=True)
    assert step(FLOWS, away, lived_on, w.now) == (away, ())


def test_who_leaves_a_message_speaks_on_when_only_the_connection_was_lost() -> None:
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1)
    speaking = replace(w.calls[call_id], phase=Phase.MESSAGE, recording="cc-message", playback=None)
    assert step(FLOWS, speaking, replace(here(w, call_id), lived_on=True), w.now) == (speaking, ())


def test_a_caller_whose_answer_was_refused_is_answered_after_the_prompt_was_stopped_and_hears_it_anew() -> None:
    """Asterisk answers a channel when its playback has ended, and hears nobody until then."""
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1)
    before = w.calls[call_id]
    refused = m.ActionFailed(action="answer", target=before.channel, message="no", status=500)
    call, actions = step(FLOWS, before, refused, w.now)
    kinds = [type(action) for action in actions]
    assert kinds.index(m.StopPlay) < kinds.index(m.Answer) < kinds.index(m.Play)
    assert m.Capture not in kinds, "two of them would write one file"
    assert call.switch_failures == 1


def test_a_consultation_whose_beginning_is_unsure_is_brought_about() -> None:
    w, call_id = talked()
    w.agent(2, ("general", "drill"))
    before = w.calls[call_id]
    w.send(call_id, m.AgentConsult(agent_id=AgentId("agent1"), to_agent=AgentId("agent2")))
    asking = w.calls[call_id]
    assert asking.phase is Phase.CONSULTING
    assert asking.consult is not None
    assert before.talk is not None
    undone = m.TakenUp(
        channels=(*before.legs, asking.channel, asking.consult.channel),
        up=(*before.legs, asking.channel),
        together=(*before.legs, asking.channel),
        bridged=True,
        lived_on=True,
    )
    call, actions = step(FLOWS, asking, undone, w.now)
    assert call == asking
    room = asking.bridge or ""
    assert {m.LeaveBridge(bridge=room, channel=c) for c in (asking.channel, before.talk.channel)} <= set(actions)
    assert m.StartRinging(channel=before.talk.channel) in actions


def test_what_a_call_holds_is_not_forgotten_and_what_it_gave_up_is() -> None:
    """A call that we make has a channel of ours for its customer too."""
    w, call_id = talked()
    call = replace(w.calls[call_id], channel=name_of(call_id, "out"), direction="outbound")
    assert not forgotten(call, call.channel)
    assert not any(forgotten(call, leg) for leg in call.legs)
    assert forgotten(call, name_of(call_id, "agent9"))
    assert forgotten(None, call.channel)
