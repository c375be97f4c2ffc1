"""A caller who leaves a message: it is kept once, whatever ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.ids import CallId
from callcenter.ivr.loader import compile_files
from tests.calls.test_call import QUEUES, SURVEY, happen, names
from tests.world import World

AGAIN = compile_files(
    {
        "queues.yaml": b"general: {title: General}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"""\
flow: main
start: message
steps:
  message: {voicemail: Speak., next: wait}
  wait: {queue: general}
""",
    }
)


def speaking() -> tuple[World, CallId]:
    """A caller whom the full queue sent on to the voicemail, and who speaks now."""
    w = World(SURVEY, QUEUES)
    call = w.arrive(1)
    w.tell(acd.CallLeft(call_id=call, cause=acd.LeaveCause.OVERFLOW))
    w.send(call, m.QueueEnded(queue="general", reason="expired"))
    happen(w, "played")
    assert w.calls[call].phase is Phase.MESSAGE
    return w, call


def test_the_message_is_for_those_of_the_queue_that_the_caller_waited_in() -> None:
    w, call = speaking()
    happen(w, "recorded")
    (kept,) = w.kept
    assert kept.queue == "general"
    assert kept.recording.startswith(f"cc-{call}-voicemail")
    assert w.calls[call].phase is Phase.MENU, "the flow goes on"


def test_a_caller_who_hangs_up_while_speaking_is_kept() -> None:
    w, call = speaking()
    w.drop("caller1")
    assert len(w.kept) == 1
    assert (w.calls[call].phase, w.calls[call].end_reason) == (Phase.ENDED, "message_left")


@pytest.mark.parametrize("how", ["in the words after it", "before them"])
def test_who_hangs_up_after_the_message_has_left_one_and_ended_the_call(how: str) -> None:
    """Asterisk tells of the recording's end before the caller's, so that the flow may have gone on already."""
    w, call = speaking()
    happen(w, "recorded")
    if how == "before them":
        said = w.calls[call].playback or ""
        w.send(call, m.ActionFailed(action="play", target=said, message="no channel", gone=True))
    w.drop("caller1")
    ended = w.calls[call]
    assert (ended.phase, ended.end_reason, ended.ended_by) == (Phase.ENDED, "message_left", "caller")


def test_who_waits_again_after_a_message_and_gives_up_has_abandoned() -> None:
    w = World(AGAIN, QUEUES)
    call = w.arrive(1)
    happen(w, "played")
    happen(w, "recorded")
    assert w.calls[call].phase is Phase.WAITING
    w.drop("caller1")
    assert w.calls[call].end_reason == "abandoned"


def test_a_message_told_twice_is_kept_once() -> None:
    w, call = speaking()
    recording = w.calls[call].recording
    assert recording is not None
    happen(w, "recorded")
    w.send(call, m.MessageRecorded(recording=recording, seconds=3.0, ok=True))
    w.drop("caller1")
    assert len(w.kept) == 1


def test_a_recording_that_fails_keeps_nothing_and_the_flow_says_so() -> None:
    w, call = speaking()
    recording = w.calls[call].recording
    assert recording is not None
    w.send(call, m.ActionFailed(action="record_message", target="caller1", message="no space"))
    assert w.kept == []
    assert w.calls[call].phase is Phase.MENU
    assert w.calls[call].trace[-1].event == "error"


def test_when_the_switch_never_tells_of_the_end_the_caller_is_not_left_in_silence() -> None:
    w, call = speaking()
    due = w.timers[call, "message"]
    assert due == w.now + timedelta(seconds=130)
    happen(w, "timer message")
    assert "StopRecording" in names(w, call)
    assert len(w.kept) == 1
    assert w.calls[call].phase is Phase.MENU


def test_a_lost_switch_keeps_what_was_said() -> None:
    w, call = speaking()
    w.send(call, m.SwitchLost())
    assert len(w.kept) == 1


def test_a_restart_keeps_what_was_said_so_far_and_asks_to_speak_again() -> None:
    w, call = speaking()
    w.send(call, m.TakenUp(channels=("caller1",), up=("caller1",), together=(), bridged=False, unsure=False))
    assert len(w.kept) == 1
    assert w.calls[call].phase is Phase.MENU
    happen(w, "played")
    assert w.calls[call].phase is Phase.MESSAGE
    happen(w, "recorded")
    assert len(w.kept) == 2
