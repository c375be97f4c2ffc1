"""A service whose rules are others takes calls up as they stand; what it cannot follow it takes as it finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.acd import messages as acd
from callcenter.asterisk.events import BridgeView, ChannelView
from callcenter.calls import messages as m
from callcenter.calls import standing
from callcenter.calls.adopting import DeskWord, adopted, word_of
from callcenter.calls.columns import Ignored
from callcenter.calls.journal import CallJournal
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.replay import NOTHING_LEFT, Replayed, noted, replay, salvage
from callcenter.calls.seen import seen
from callcenter.calls.table import TABLE
from callcenter.continuity import waiting_ones
from callcenter.ids import CallId
from callcenter.ivr.flow import FlowSet
from callcenter.spool.store import Spool
from tests.calls.test_figures_over_a_restart import FLOWS, QUEUES, A, B
from tests.world import World

STANDINGS = Path(__file__).parent / "standings"
"""``vN.jsonl``: how live calls of every kind stood, ``journals.jsonl``: their events in the format of that time. Both
were written by services with calls on a real Asterisk."""


def world() -> tuple[World, CallId]:
    w = World(FLOWS, QUEUES)
    w.agent(1, ("drill",), wrap_up_s=60)
    w.agent(2, ("general",), wrap_up_s=60)
    return w, w.arrive(1, flow="drill")


def stands(w: World, call_id: CallId) -> Replayed:
    number, at, _ = w.journal[call_id][-1]
    return Replayed(call=w.calls[call_id], seq=number, last_at=at, left=w.left[call_id])


ASKED: tuple[Callable[[CallId], m.Event], ...] = (
    lambda _: m.Key(digit="1"),
    lambda _: m.AgentHold(agent_id=A),
    lambda _: m.AgentResume(agent_id=A),
    lambda _: m.AgentConsult(agent_id=A, to_agent=B),
    lambda _: m.AgentSwap(agent_id=A),
    lambda _: m.AgentCancel(agent_id=A),
    lambda _: m.AgentComplete(agent_id=A),
    lambda _: m.AgentTransfer(agent_id=A, queue="general"),
    lambda _: m.AgentHangUp(agent_id=B),
    lambda _: m.CallerKnown(customer_id="c", vip=True, preferred_agent=B),
    lambda call_id: m.Directed(command=acd.CallDirected(call_id=call_id, by="S", priority=8)),
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_how_a_call_stands_and_what_is_younger_gives_what_the_whole_journal_gives(data: st.DataObject) -> None:
    w, call_id = world()
    were = [stands(w, call_id)]
    for choice in data.draw(st.lists(st.integers(0, 200), max_size=25)):
        w.now += timedelta(seconds=1)
        things = w.pending()
        if choice % 2 and things:
            things[choice // 2 % len(things)][1]()
        else:
            w.send(call_id, ASKED[choice // 2 % len(ASKED)](call_id))
        were.append(stands(w, call_id))
    whole = replay(FLOWS, w.journal[call_id])
    assert whole == were[-1]
    for each in were:
        kept = standing.decode(standing.encode(replace(each, call=noted(each.call))))
        assert kept == each
        assert replay(FLOWS, w.journal[call_id], kept) == whole


@pytest.mark.parametrize("path", sorted(STANDINGS.glob("v*.jsonl")), ids=lambda path: path.name)
def test_what_earlier_versions_wrote_is_read_and_nothing_of_it_is_passed_over(path: Path) -> None:
    """Should this fail, a field was renamed or is gone: raise ``standing.FORMAT`` and say in ``UPGRADES`` what becomes
    of it; the calls of those lines are live while the new version starts."""
    for line in path.read_bytes().splitlines():
        told = orjson.loads(line)
        found = standing.decode(line)
        if told["version"] == standing.FORMAT:
            assert_holds(orjson.loads(standing.encode(found))["standing"], told["standing"], "standing")


def assert_holds(now: object, then: object, where: str) -> None:
    """All that ``then`` says, ``now`` says too."""
    if isinstance(then, dict):
        assert isinstance(now, dict), where
        for name, value in then.items():
            assert name in now, f"{where}.{name}"
            assert_holds(now[name], value, f"{where}.{name}")
    elif isinstance(then, list):
        assert isinstance(now, list), where
        assert len(now) == len(then), where
        for number, (one, other) in enumerate(zip(now, then, strict=True)):
            assert_holds(one, other, f"{where}[{number}]")
    else:
        assert now == then, where


async def test_journals_of_earlier_versions_are_taken_up_with_and_without_how_their_calls_stood(tmp_path: Path) -> None:
    """They were recorded with the flows of their day, which are not to be had any more."""
    entries = [orjson.loads(line) for line in (STANDINGS / "journals.jsonl").read_bytes().splitlines()]
    stood = {standing.decode(line).call.id: line for line in (STANDINGS / "v1.jsonl").read_bytes().splitlines()}
    assert {standing.decode(line).call.phase for line in stood.values()} >= {
        Phase.MENU, Phase.WAITING, Phase.OFFERED, Phase.TALKING, Phase.CONSULTING,
    }  # fmt: skip
    for told in ({}, stood):
        spool = Spool(tmp_path / str(len(told)))
        for one in entries:
            spool.put("event", one["call"], datetime.fromisoformat(one["at"]), orjson.dumps(one["entry"]))
        spool.set_standings(told)
        live, broken = await CallJournal(spool).load(flows_of)
        over = {call_id for call_id, line in stood.items() if standing.is_over(line)}
        assert ({one.call.id for one in live}, broken) == (stood.keys() - over, [])
        for one in live:
            there = standing.decode(stood[one.call.id])
            assert (one.call.channel, one.call.phase, one.seq) == (there.call.channel, there.call.phase, there.seq)
            if told:
                assert one == there


def test_there_are_standings_of_every_version() -> None:
    assert {path.stem for path in STANDINGS.glob("v*.jsonl")} == {f"v{n}" for n in range(1, standing.FORMAT + 1)}


def test_another_version_s_standing_is_upgraded_step_by_step_and_a_newer_one_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    w, call_id = world()
    told = orjson.loads(standing.encode(stands(w, call_id)))
    told["standing"]["call"]["phase"] = "greeting"
    with pytest.raises(ValueError, match=r"does not fit at call\.phase"):
        standing.decode(orjson.dumps(told))
    with pytest.raises(ValueError, match="newer version"):
        standing.decode(orjson.dumps(told | {"version": standing.FORMAT + 1}))
    with pytest.raises(ValueError):
        standing.decode(b"[]")

    def no_greeting(raw: dict[str, object]) -> dict[str, object]:
        call = raw["call"]
        assert isinstance(call, dict)
        return {**raw, "call": {**call, "phase": "menu"}}

    monkeypatch.setattr(standing, "UPGRADES", {standing.FORMAT: no_greeting})
    monkeypatch.setattr(standing, "FORMAT", standing.FORMAT + 1)
    assert standing.decode(orjson.dumps(told)) == stands(w, call_id)


def test_a_service_of_a_version_before_passes_over_what_it_does_not_know() -> None:
    w, call_id = world()
    told = orjson.loads(standing.encode(stands(w, call_id)))
    told["standing"]["call"]["mood"] = "sunny"
    assert standing.decode(orjson.dumps(told)) == stands(w, call_id)


# --- rules that are others ---


def raises(*_: object) -> None:
    raise KeyError("this version has no such phase")


def change(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """The same events would lead elsewhere now."""
    if rule == "raises":
        monkeypatch.setitem(TABLE, (Phase.WAITING, m.Offered), raises)
        monkeypatch.setitem(TABLE, (Phase.MENU, m.Key), raises)
    else:
        monkeypatch.setitem(TABLE, (Phase.OFFERED, m.LegAnswered), Ignored("calls pass another phase now"))


def to(phase: Phase) -> tuple[World, CallId]:
    w, call_id = world()
    if phase is Phase.MENU:
        return w, call_id
    if phase is Phase.WAITING:
        w.tell(acd.AgentBreak(agent_id=A, reason="rest"))
    w.send(call_id, m.Key(digit="1"))
    if phase in (Phase.WAITING, Phase.OFFERED):
        return w, call_id
    pick_up(w, call_id)
    if phase is Phase.HELD:
        w.send(call_id, m.AgentHold(agent_id=A))
    if phase is Phase.CONSULTING:
        w.send(call_id, m.AgentConsult(agent_id=A, to_agent=B))
        pick_up(w, call_id)
    assert w.calls[call_id].phase is phase
    return w, call_id


def pick_up(w: World, call_id: CallId) -> None:
    leg = next(leg for leg in w.calls[call_id].legs if leg not in w.up)
    w.up.add(leg)
    w.send(call_id, m.LegAnswered(channel=leg))


async def flows_of(_: str) -> FlowSet:
    return FLOWS


def written(folder: Path, w: World) -> None:
    """What one service wrote, and was killed."""
    journal = CallJournal(Spool(folder))
    entries = sorted(
        (at, number, call_id, event) for call_id, all_of in w.journal.items() for number, at, event in all_of
    )
    for at, number, call_id, event in entries:
        so_far = replay(FLOWS, w.journal[call_id][:number])
        journal.append(so_far.call, event, at, so_far.left)


@pytest.mark.parametrize("rule", ["raises", "leads elsewhere"])
@pytest.mark.parametrize("phase", [Phase.MENU, Phase.WAITING, Phase.OFFERED, Phase.TALKING, Phase.CONSULTING])
async def test_calls_are_taken_up_as_they_stood_whatever_the_rules_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: Phase, rule: str
) -> None:
    w, call_id = to(phase)
    written(tmp_path, w)
    change(monkeypatch, rule)
    second = CallJournal(Spool(tmp_path))
    live, broken = await second.load(flows_of)
    assert (live, broken) == ([stands(w, call_id)], [])
    second.append(w.calls[call_id], m.Abort(reason="x"), w.now, NOTHING_LEFT)
    numbers = [orjson.loads(entry.payload)["seq"] for entry in Spool(tmp_path).kept("event")]
    assert numbers == list(range(1, len(w.journal[call_id]) + 2)), "and their journals go on without a hole"


async def test_one_call_that_cannot_be_followed_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an earlier version wrote it: the events alone."""
    w, waits = to(Phase.WAITING)
    menu = w.arrive(2, flow="drill")
    written(tmp_path, w)
    spool = Spool(tmp_path)
    spool.set_standings({waits: None, menu: b'{"version": 99}'})
    monkeypatch.setitem(TABLE, (Phase.MENU, m.Key), raises)
    live, broken = await CallJournal(spool).load(flows_of)
    assert broken == []
    assert [(one.call.id, one.call.phase, one.doubtful) for one in live] == [
        (waits, Phase.MENU, True),
        (menu, Phase.MENU, True),
    ]
    assert live[1].call == w.calls[menu]


async def test_a_torn_entry_costs_the_call_what_it_held_and_nothing_else(tmp_path: Path) -> None:
    w, call_id = to(Phase.TALKING)
    written(tmp_path, w)
    spool = Spool(tmp_path)
    last = list(spool.kept("event"))[-1]
    spool.drop([last])
    spool.put("event", call_id, last.at, last.payload[:20])
    assert await CallJournal(spool).load(flows_of) == ([stands(w, call_id)], []), "it stands all the same"
    spool.set_standings({call_id: None})
    (found,), broken = await CallJournal(spool).load(flows_of)
    assert (found.call.phase, found.doubtful, broken) == (Phase.OFFERED, True, [])


# --- a call that is taken as it is found ---


def there(w: World) -> tuple[list[ChannelView], list[BridgeView]]:
    seats = {leg.channel: leg.agent.seat for call in w.calls.values() for leg in (call.talk,) if leg is not None}
    seats |= {ring.channel: ring.offer.agent.seat for call in w.calls.values() for ring in call.rings}
    channels = [
        ChannelView(
            channel=name,
            state="Up" if name in w.up else "Ring",
            caller_number="",
            created=w.now,
            seat=seats.get(name),
        )
        for name in sorted(w.channels)
    ]
    return channels, [BridgeView(bridge=name, channels=frozenset(members)) for name, members in w.bridges.items()]


def lost_after(w: World, call_id: CallId, events: int) -> Replayed:
    """What these rules make of the journal ends after so many events."""
    found = salvage(FLOWS, w.journal[call_id][:events])
    assert found is not None
    return replace(found, seq=w.journal[call_id][-1][0])


def desk_of(w: World, call_id: CallId) -> DeskWord:
    return word_of(w.desk.snapshot(), call_id)


@pytest.mark.parametrize("phase", [Phase.TALKING, Phase.HELD])
def test_two_who_talk_stay_together_and_are_credited(phase: Phase) -> None:
    w, call_id = to(phase)
    truth, found = w.calls[call_id], lost_after(w, call_id, 1)
    assert found.call.phase is Phase.MENU
    call, left = adopted(FLOWS, found, desk_of(w, call_id), *there(w), w.now)
    assert (call.phase, call.talk, call.bridge) == (phase, truth.talk, truth.bridge)
    assert (call.answered_by, call.queue) == (A, "drill")
    assert (call.segments[-1].kind, call.segments[-1].agent_id) == (truth.segments[-1].kind, A)
    assert call.counter > truth.counter, "no name is given twice"
    assert call.captured
    w.calls[call_id], w.left[call_id] = call, left
    told = seen(call, *there(w), unsure=True, lived_on=False)
    before = {name: set(members) for name, members in w.bridges.items()}
    for event in told:
        w.send(call_id, event)
    assert w.bridges == before, "nobody is taken from anybody"
    w.send(call_id, m.AgentHangUp(agent_id=A))
    w.settle()
    assert w.calls[call_id].phase is Phase.ENDED
    assert w.calls[call_id].end_reason == "completed"
    assert not w.channels


def test_who_waits_keeps_rank_and_place() -> None:
    w, call_id = to(Phase.WAITING)
    behind = w.arrive(2, flow="drill")
    w.send(behind, m.Key(digit="1"))
    w.now += timedelta(seconds=30)
    truth, found = w.calls[call_id], lost_after(w, call_id, 1)
    call, left = adopted(FLOWS, found, desk_of(w, call_id), *there(w), w.now)
    assert (call.phase, call.wait) == (Phase.WAITING, truth.wait)
    assert left.queued == w.left[call_id].queued
    assert [segment.kind for segment in call.segments] == [SegmentKind.MENU, SegmentKind.WAIT]
    assert call.segments[-1].started_at == truth.segments[-1].started_at
    w.calls[call_id], w.left[call_id] = call, left
    w.tell(acd.AgentReady(agent_id=A))
    assert w.calls[call_id].phase is Phase.OFFERED, "the first in line is the first to be offered"
    assert w.calls[behind].phase is Phase.WAITING


def test_who_was_put_through_to_another_queue_waits_there_though_the_journal_knows_of_the_first_alone() -> None:
    w, call_id = to(Phase.TALKING)
    w.tell(acd.AgentBreak(agent_id=B, reason="rest"))
    w.send(call_id, m.AgentTransfer(agent_id=A, queue="general"))
    truth = w.calls[call_id]
    assert truth.phase is Phase.WAITING
    w.drop(next(iter(w.channels - {truth.channel})))
    found = lost_after(w, call_id, 2)
    assert (found.call.phase, found.call.queue) == (Phase.WAITING, "drill")
    call, left = adopted(FLOWS, found, desk_of(w, call_id), *there(w), w.now)
    assert (call.phase, call.queue, left.queued) == (Phase.WAITING, "general", w.left[call_id].queued)
    (waits,) = waiting_ones([found], {call_id: desk_of(w, call_id)})
    assert waits.queued == w.left[call_id].queued


@pytest.mark.parametrize("phase", [Phase.MENU, Phase.WAITING, Phase.OFFERED, Phase.TALKING, Phase.HELD])
def test_what_nothing_contradicts_is_left_as_it_is(phase: Phase) -> None:
    w, call_id = to(phase)
    found = replace(stands(w, call_id), doubtful=True)
    assert adopted(FLOWS, found, desk_of(w, call_id), *there(w), w.now) == (found.call, found.left)


def test_an_agent_who_is_with_the_caller_by_the_journal_is_found_without_the_desk() -> None:
    """What the desk had kept may be unreadable too."""
    w, call_id = to(Phase.TALKING)
    rung = next(number for number, _, event in w.journal[call_id] if isinstance(event, m.Offered))
    found = lost_after(w, call_id, rung)
    assert found.call.phase is Phase.OFFERED
    call, _ = adopted(FLOWS, found, DeskWord(), *there(w), w.now)
    assert (call.phase, call.answered_by) == (Phase.TALKING, A)


def test_who_answers_while_nobody_listens_is_joined_as_in_any_call() -> None:
    w, call_id = to(Phase.OFFERED)
    w.up.add(w.calls[call_id].legs[0])
    found = replace(stands(w, call_id), doubtful=True)
    w.calls[call_id], _ = adopted(FLOWS, found, desk_of(w, call_id), *there(w), w.now)
    assert w.calls[call_id] == found.call
    for event in seen(found.call, *there(w), unsure=True, lived_on=False):
        w.send(call_id, event)
    assert w.calls[call_id].phase is Phase.TALKING
