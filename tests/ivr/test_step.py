"""The interpreter, walked as a caller would."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from callcenter.ivr import messages as m
from callcenter.ivr.loader import compile_files, load
from callcenter.ivr.step import TABLE, Phase, Run, begin, step

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
GATHERING = compile_files(
    {
        "queues.yaml": b"general: {title: General}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: pin}\n',
        "pin.yaml": b"""\
flow: pin
start: ask
steps:
  ask:
    gather: Your PIN.
    digits: {min: 4, max: 6}
    store: pin
    secret: true
    next: wait
    on_fail: bye
  wait: {queue: general, on_overflow: leave, next: bye}
  leave: {voicemail: Speak., next: bye}
  bye: {hangup: Goodbye.}
""",
    }
)


class Caller:
    """Drives a run and remembers what was heard."""

    def __init__(self, flows: object = FLOWS, flow: str = "main") -> None:
        self.flows = flows if isinstance(flows, type(FLOWS)) else FLOWS
        self.done: list[m.Action] = []
        run, actions = begin(self.flows, flow, {}, NOW)
        self.run: Run = run
        self.done += actions

    def give(self, event: m.Input) -> tuple[m.Action, ...]:
        self.run, actions = step(self.flows, self.run, event, NOW)
        self.done += actions
        return actions

    def press(self, *keys: str) -> tuple[m.Action, ...]:
        return tuple(action for key in keys for action in self.give(m.KeyPressed(key=key)))

    def hear(self) -> tuple[m.Action, ...]:
        assert self.run.say is not None
        return self.give(m.SayDone(say=self.run.say, ok=True))

    def stay_silent(self) -> tuple[m.Action, ...]:
        assert self.run.timer is not None
        return self.give(m.TimerFired(timer=self.run.timer))


def queues_in(actions: tuple[m.Action, ...] | list[m.Action]) -> list[str]:
    return [a.queue for a in actions if isinstance(a, m.EnterQueue)]


def test_a_key_interrupts_the_menu_and_leads_on() -> None:
    caller = Caller()
    caller.hear()
    actions = caller.press("2")
    assert any(isinstance(a, m.StopSaying) for a in actions)
    assert queues_in(actions) == ["complaint"]


def test_three_silences_lead_to_a_person() -> None:
    caller = Caller()
    caller.hear()
    for _ in range(3):
        caller.hear()
        caller.stay_silent()
    assert queues_in(caller.done) == ["general"]


def test_a_wrong_key_is_told_before_the_menu_is_said_again() -> None:
    caller = Caller()
    caller.hear()
    (said,) = (a for a in caller.press("9") if isinstance(a, m.Say))
    assert said.prompts[0].text.startswith("对不起,您按的键不正确。业务咨询请按一")


def test_the_trace_tells_the_way() -> None:
    caller = Caller()
    caller.hear()
    caller.press("1")
    told = [(a.step, a.event, a.detail) for a in caller.done if isinstance(a, m.TraceEntry)]
    assert told == [
        ("welcome", "entered", ""),
        ("main_menu", "entered", ""),
        ("main_menu", "key", "1"),
        ("consult", "entered", ""),
    ]


def test_secret_digits_reach_the_variable_and_no_trace() -> None:
    caller = Caller(GATHERING, "pin")
    caller.press("7", "3", "9", "1", "#")
    assert caller.run.variables["pin"] == "7391"
    assert not any("7391" in repr(a) or "'7'" in repr(a) for a in caller.done)
    assert queues_in(caller.done) == ["general"]


def test_digits_end_by_silence_and_too_few_are_asked_for_again() -> None:
    caller = Caller(GATHERING, "pin")
    caller.press("1", "2")
    caller.stay_silent()
    assert caller.run.phase is Phase.ASKING
    assert caller.run.digits == ""


def test_an_overflow_leads_to_voicemail_and_then_to_the_end() -> None:
    caller = Caller(GATHERING, "pin")
    caller.press(*"123456")
    caller.give(m.Returned(reason=m.ReturnReason.OVERFLOW))
    assert any(isinstance(a, m.TakeMessage) for a in caller.hear())
    caller.give(m.Returned(reason=m.ReturnReason.DONE))
    assert isinstance(caller.hear()[-1], m.EndCall)


def test_every_pair_of_phase_and_input_is_listed() -> None:
    kinds = m.Input.__args__  # type: ignore[attr-defined]
    assert TABLE.keys() == {(phase, kind) for phase in Phase for kind in kinds}


_NUMBERS = st.integers(0, 12)
_INPUTS = st.one_of(
    st.builds(m.KeyPressed, key=st.sampled_from("0123456789*#")),
    st.builds(m.SayDone, say=_NUMBERS, ok=st.booleans()),
    st.builds(m.TimerFired, timer=_NUMBERS),
    st.builds(m.Returned, reason=st.sampled_from(m.ReturnReason)),
    st.builds(m.LookUpDone, request=_NUMBERS, found=st.booleans()),
)


@given(st.sampled_from([(FLOWS, "main"), (FLOWS, "drill"), (GATHERING, "pin")]), st.lists(_INPUTS, max_size=60))
def test_whatever_comes_the_run_waits_for_something_or_ends_once(
    which: tuple[object, str], given_: list[m.Input]
) -> None:
    caller = Caller(*which)
    for event in given_:
        before = len(caller.done)
        caller.give(event)
        if any(isinstance(a, m.EndCall) for a in caller.done[:before]):
            assert len(caller.done) == before, "nothing follows the end"
    ends = sum(isinstance(a, m.EndCall) for a in caller.done)
    assert ends == (caller.run.phase is Phase.OVER)
    ids = [a.say for a in caller.done if isinstance(a, m.Say)] + [
        a.timer for a in caller.done if isinstance(a, m.StartTimer)
    ]
    assert len(ids) == len(set(ids))
    if caller.run.phase is Phase.LISTENING:
        assert caller.run.timer is not None
    if caller.run.phase in (Phase.SAYING, Phase.ASKING):
        assert caller.run.say is not None
