"""A caller who hangs up in the middle of any step of a flow leaves nothing behind, whatever was under way."""

from __future__ import annotations

import pytest

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import compile_files
from callcenter.ivr.spec import KINDS
from tests.world import World

FILES = {
    "queues.yaml": b"general: {title: General}\n",
    "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
    "inner.yaml": b"flow: inner\nstart: ask\nsteps:\n  ask: {menu: Press 1., keys: {1: end}}\n",
}
QUEUES = (
    acd.QueueSettings(name="general", title="general", wrap_up_s=30, ring_timeout_s=20, announce_position_every_s=0),
)
CALLBACK = "callback: {queue: general, hours: {week: {daily: 00:00-24:00}}}"
GATHER = "gather: Digits., digits: {min: 2, max: 6}, store: number_given, next: end"

# What the step is, and what the caller does in it before hanging up; "said" lets the words end, "left" is who waits.
PLACES = [
    ("play: Hello., next: end", ""),
    ("menu: Press 1., keys: {1: end}", ""),
    ("menu: Press 1., keys: {1: end}", "said"),
    ("menu: Press 1., keys: {1: end}", "said 7"),
    (GATHER, "1"),
    (GATHER, "said 1 2"),
    (GATHER + ", confirm: true", "1 2 #"),
    (GATHER + ", secret: true", "said 4 7 1"),
    ("lookup: {customer: '{caller}'}, found: end, not_found: end", ""),
    ("queue: general, announce: Wait.", ""),
    ("queue: general", ""),
    ("queue: general, keys: {1: again}", ""),
    ("transfer: {number: '01012345678'}, announce: Wait.", ""),
    (CALLBACK, ""),
    (CALLBACK, "said 2"),
    (CALLBACK, "said 2 1 3 9"),
    (CALLBACK, "said 1"),
    ("voicemail: Speak.", ""),
    ("voicemail: Speak.", "said"),
    ("survey: Rate., question: score, comment: Say more., thanks: Thanks.", ""),
    ("survey: Rate., question: score, comment: Say more., thanks: Thanks.", "5"),
    ("survey: Rate., question: score, comment: Say more., thanks: Thanks.", "5 said"),
    ("subflow: inner, next: end", ""),
    ("language: en, next: again", ""),
    ("hours: {week: {daily: 00:00-24:00}}, open: again, closed: again", ""),
    ("set: {tries: 1}, next: again", ""),
    ("branch: [{when: language == 'en', go: again}], else: again", ""),
    ("hangup: Bye.", ""),
]


def flows_of(step: str) -> FlowSet:
    """A flow that begins with the step; one that does not wait leads on to a menu."""
    again = "  again: {menu: Press 1., keys: {1: end}}\n" if "again" in step else ""
    main = f"flow: main\nstart: here\nsteps:\n  here: {{{step}}}\n{again}"
    return compile_files({**FILES, "main.yaml": main.encode()})


def test_every_kind_of_step_is_tried() -> None:
    assert {step.split(":")[0] for step, _ in PLACES} == KINDS.keys()


@pytest.mark.parametrize(("step", "doings"), PLACES, ids=[f"{s.split(':')[0]}-{d or 'at once'}" for s, d in PLACES])
def test_hanging_up_leaves_nothing_behind(step: str, doings: str) -> None:
    flows = flows_of(step)
    w = World(flows, QUEUES)
    call = w.arrive(1)
    for doing in doings.split():
        if doing == "said":
            next(thing for label, thing in w.pending() if label.startswith("played"))()
        else:
            w.send(call, m.Key(digit=doing))
    before = w.calls[call]
    assert before.phase is not Phase.ENDED
    outstanding = before.run
    assert outstanding is not None

    w.drop("caller1")
    ended = w.calls[call]
    assert (ended.phase, ended.ended_by) == (Phase.ENDED, "caller")
    assert (w.timers, w.playbacks, w.recordings, w.bridges, w.channels) == ({}, {}, {}, {}, set())
    assert w.ended == [call]
    assert w.desk.waiting("general") == ()

    sent = len(w.log)
    for late in (
        m.Key(digit="1"),
        m.SayFinished(playback=before.playback or "none", ok=True),
        m.LookedUp(request=outstanding.request, found=True, values={"name": "W"}),
        m.CallbackSaved(ok=True),
        m.QueueEnded(queue="general", reason="expired"),
        m.MessageRecorded(recording=before.recording or "none", seconds=2.0, ok=True),
        m.TimerFired(name="menu"),
        m.CallerGone(cause=16),
    ):
        w.send(call, late)
    assert w.calls[call].phase is Phase.ENDED
    again = [action for _, action in w.log[sent:] if not isinstance(action, m.KeepMessage)]
    assert again == [], "who has gone is told nothing and asked for nothing"
