"""A waiting call that a supervisor has directed: what its caller hears, its figures, and that a death loses nothing."""

from __future__ import annotations

from datetime import timedelta

from callcenter.acd import messages as acd
from callcenter.acd.rebuild import WaitingOne, rebuild
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.replay import replay
from callcenter.ids import AgentId, CallId
from callcenter.ivr.loader import compile_files
from tests.world import World

FLOWS = compile_files(
    {
        "queues.yaml": "general: {title: G, comfort: {zh-CN: 请稍候, en: Please wait}}\n"
        "other: {title: O, music: night}\n".encode(),
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"flow: main\nstart: wait\nsteps:\n  wait: {queue: general}\n",
    },
    music=("default", "night"),
)
QUEUES = tuple(acd.QueueSettings(name=name, title=name, announce_position_every_s=0) for name in ("general", "other"))


def direct(w: World, call: CallId, *, queue: str | None = None, priority: int | None = None) -> None:
    """As the service does it: the call is told, then the desk."""
    command = acd.CallDirected(call_id=call, by="Lea", queue=queue, priority=priority)
    assert w.desk.refusal(command) == ""
    w.send(call, m.Directed(command=command))
    w.tell(command)


def test_the_caller_hears_the_other_queues_music_and_each_queue_counts_its_part_of_the_wait() -> None:
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1)
    w.now += timedelta(seconds=40)
    direct(w, call_id, queue="other", priority=8)
    call = w.calls[call_id]
    assert call.wait is not None
    assert (call.wait.queue, call.wait.priority, call.wait.music) == ("other", 8, "night")
    done = [action for _, action in w.log]
    assert done[-2:] == [m.StartMusic(channel="caller1", music="night"), m.DropTimer(name="comfort")]
    waits = [one for one in call.segments if one.kind is SegmentKind.WAIT]
    assert [(one.queue, one.result) for one in waits] == [("general", "moved"), ("other", None)]
    assert (waits[0].ended_at, waits[1].started_at) == (w.now, w.now)


def test_who_serves_the_other_queue_rings_at_once_and_the_offer_is_of_that_queue() -> None:
    w = World(FLOWS, QUEUES)
    w.agent(1, ("other",))
    call_id = w.arrive(1)
    direct(w, call_id, queue="other")
    ringing = w.calls[call_id].ringing
    assert ringing is not None
    assert (ringing.offer.agent.agent_id, ringing.offer.queue) == ("agent1", "other")


def test_whoever_it_was_given_to_is_told_by_whom_until_it_is_for_anyone_again() -> None:
    w = World(FLOWS, QUEUES)
    agent_id = w.agent(1, ("other",))
    call_id = w.arrive(1)
    command = acd.CallDirected(call_id=call_id, by="Lea", agent_id=agent_id)
    w.send(call_id, m.Directed(command=command))
    wait = w.calls[call_id].wait
    assert wait is not None
    assert (wait.given_to, wait.given_by) == (agent_id, "Lea")
    w.send(call_id, m.Directed(command=acd.CallDirected(call_id=call_id, by="Leo", queue="general")))
    wait = w.calls[call_id].wait
    assert wait is not None
    assert (wait.given_to, wait.given_by) == (None, "")


def test_after_a_death_the_desk_goes_on_with_the_very_place_of_whoever_was_directed_or_recognised() -> None:
    w = World(FLOWS, QUEUES)
    calls = [w.arrive(number) for number in (1, 2, 3)]
    w.now += timedelta(seconds=40)
    w.send(calls[1], m.CallerKnown(vip=True, preferred_agent=AgentId("agent7")))
    direct(w, calls[2], priority=9)
    direct(w, calls[0], queue="other")
    kept = w.desk.snapshot()
    found = [replay(FLOWS, w.journal[call_id]) for call_id in calls]
    assert all(one.call.phase is Phase.WAITING for one in found)
    waiting = [WaitingOne(queued=one.left.queued) for one in found if one.left.queued is not None]
    restored, _ = rebuild(kept, (), waiting)
    assert restored.waiting == kept.waiting


def test_what_comes_too_late_changes_nothing() -> None:
    w = World(FLOWS, QUEUES)
    w.agent(1)
    call_id = w.arrive(1)
    before = w.calls[call_id]
    assert before.phase is Phase.OFFERED
    w.send(call_id, m.Directed(command=acd.CallDirected(call_id=call_id, by="Lea", queue="other")))
    assert w.calls[call_id] == before
