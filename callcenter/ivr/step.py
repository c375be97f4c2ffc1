"""The interpreter: walks one caller through compiled flows. Pure.

``begin`` and ``step`` return a new :class:`Run` and what is to be done. Every (phase, input) pair is listed
in :data:`TABLE`; what belongs to a step already left is an explicit ignore, because keys, time-outs and ends
of playback cross each other on a real line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from callcenter.ivr import flow as f
from callcenter.ivr import messages as m
from callcenter.ivr.flow import FlowSet


class Phase(StrEnum):
    SAYING = "saying"
    """A step that only speaks."""
    ASKING = "asking"
    """A menu or gather speaks; a key interrupts it."""
    LISTENING = "listening"
    """A menu or gather has spoken and waits for keys."""
    AWAY = "away"
    """In a queue, being recorded or the like: waiting for Returned."""
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where a caller is in the flows. JSON-serialisable, so that a call survives a restart."""

    flow: str
    step: str
    phase: Phase
    language: str
    attempts: int = 0
    digits: str = ""
    say: int | None = None
    timer: int | None = None
    counter: int = 0
    variables: dict[str, m.Value] = field(default_factory=dict)


Outcome = tuple[Run, tuple[m.Action, ...]]
Handler = Callable[[FlowSet, Run, m.Input, datetime], Outcome]


def begin(flows: FlowSet, flow: str, variables: dict[str, m.Value], now: datetime) -> Outcome:
    """Start ``flow``; the flow must exist (the loader checked it)."""
    start = flows.flows[flow]
    run = Run(flow=flow, step=start.start, phase=Phase.SAYING, language=start.language, variables=dict(variables))
    return _enter(flows, run, start.start, now)


def step(flows: FlowSet, run: Run, event: m.Input, now: datetime) -> Outcome:
    """Let one input act. Never raises for what comes late or twice."""
    handler = TABLE[run.phase, type(event)]
    return (run, ()) if handler is None else handler(flows, run, event, now)


def _current(flows: FlowSet, run: Run) -> f.Step:
    return flows.flows[run.flow].steps[run.step]


def _trace(run: Run, step: f.Step, event: str, now: datetime, detail: str = "") -> m.TraceEntry:
    return m.TraceEntry(at=now, flow=run.flow, step=step.name, label=step.label, event=event, detail=detail)


def _enter(flows: FlowSet, run: Run, name: str, now: datetime) -> Outcome:
    """Walk to a step; an empty name is the end of the flow."""
    if not name:
        return replace(run, phase=Phase.OVER), (m.EndCall(),)
    run = replace(run, step=name, attempts=0, digits="")
    here = _current(flows, run)
    entered = _trace(run, here, "entered", now)
    match here:
        case f.Play():
            run, actions = _say(run, here.text, Phase.SAYING)
        case f.Menu() | f.Gather():
            run, actions = _say(run, here.text, Phase.ASKING)
        case f.Voicemail():
            run, actions = _say(run, here.text, Phase.SAYING)
        case f.HangUp():
            if here.text:
                run, actions = _say(run, here.text, Phase.SAYING)
            else:
                run, actions = replace(run, phase=Phase.OVER), (m.EndCall(),)
        case f.EnterQueue():
            run = replace(run, phase=Phase.AWAY)
            actions = (
                m.EnterQueue(
                    queue=here.queue, priority=here.priority, skills=dict(here.skills), max_wait_s=here.max_wait_s
                ),
            )
        case _:
            assert_never(here)
    return run, (entered, *actions)


def _say(run: Run, text: str, phase: Phase) -> Outcome:
    number = run.counter + 1
    prompt = m.Prompt(text=text, language=run.language)
    return replace(run, counter=number, say=number, phase=phase), (m.Say(say=number, prompts=(prompt,)),)


def _listen(run: Run, seconds: float) -> Outcome:
    number = run.counter + 1
    run = replace(run, counter=number, timer=number, say=None, phase=Phase.LISTENING)
    return run, (m.StartTimer(timer=number, seconds=seconds),)


def _hush(run: Run) -> Outcome:
    """Stop speaking and waiting: a key came."""
    actions: list[m.Action] = []
    if run.say is not None:
        actions.append(m.StopSaying(say=run.say))
    if run.timer is not None:
        actions.append(m.CancelTimer(timer=run.timer))
    return replace(run, say=None, timer=None), tuple(actions)


def _said(flows: FlowSet, run: Run, event: m.Input, now: datetime) -> Outcome:
    assert isinstance(event, m.SayDone)
    if event.say != run.say:
        return run, ()
    run = replace(run, say=None)
    here = _current(flows, run)
    match here:
        case f.Play():
            return _enter(flows, run, here.next if event.ok else here.on_error or here.next, now)
        case f.HangUp():
            return replace(run, phase=Phase.OVER), (m.EndCall(),)
        case f.Voicemail():
            return replace(run, phase=Phase.AWAY), (m.TakeMessage(purpose="voicemail", max_seconds=here.max_s),)
        case f.Menu() | f.Gather():
            # Even when the prompt could not be played the caller may know the key.
            return _listen(run, here.timeout_s)
        case f.EnterQueue():
            return run, ()
        case _:
            assert_never(here)


def _key(flows: FlowSet, run: Run, event: m.Input, now: datetime) -> Outcome:
    assert isinstance(event, m.KeyPressed)
    here = _current(flows, run)
    match here:
        case f.Menu():
            run, hushed = _hush(run)
            target = here.keys.get(event.key)
            if target is None:
                run, actions = _again(flows, run, here, "invalid", event.key, now)
            else:
                run, actions = _enter(flows, run, target, now)
                # The key belongs to the step it was pressed in, so it is told before the next is entered.
                actions = (_trace(replace(run, step=here.name), here, "key", now, event.key), *actions)
            return run, (*hushed, *actions)
        case f.Gather():
            run, hushed = _hush(run)
            if event.key == here.end_key:
                run, actions = _gathered(flows, run, here, now)
            else:
                run = replace(run, digits=run.digits + event.key)
                if len(run.digits) >= here.max_digits:
                    run, actions = _gathered(flows, run, here, now)
                else:
                    run, actions = _listen(run, here.between_s)
            return run, (*hushed, *actions)
        case _:
            return run, ()


def _silence(flows: FlowSet, run: Run, event: m.Input, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    if event.timer != run.timer:
        return run, ()
    run = replace(run, timer=None)
    here = _current(flows, run)
    if isinstance(here, f.Gather) and run.digits:
        return _gathered(flows, run, here, now)
    assert isinstance(here, f.Menu | f.Gather)
    return _again(flows, run, here, "timeout", "", now)


def _gathered(flows: FlowSet, run: Run, here: f.Gather, now: datetime) -> Outcome:
    shown = "•" * len(run.digits) if here.secret else run.digits
    if len(run.digits) < here.min_digits:
        return _again(flows, run, here, "invalid", shown, now)
    digits = run.digits
    run = replace(run, variables={**run.variables, here.store: digits})
    next_run, actions = _enter(flows, run, here.next, now)
    return next_run, (_trace(run, here, "key", now, shown), *actions)


def _again(flows: FlowSet, run: Run, here: f.Menu | f.Gather, why: str, detail: str, now: datetime) -> Outcome:
    """A silent or wrong answer: say it again, or give up towards ``on_fail``."""
    told = _trace(run, here, why, now, detail)
    attempts = run.attempts + 1
    if attempts >= here.attempts:
        run, actions = _enter(flows, run, here.on_fail, now)
        return run, (told, *actions)
    text = f"{here.on_invalid}{here.text}" if why == "invalid" and here.on_invalid else here.text
    run, actions = _say(replace(run, attempts=attempts, digits=""), text, Phase.ASKING)
    return run, (told, *actions)


def _returned(flows: FlowSet, run: Run, event: m.Input, now: datetime) -> Outcome:
    assert isinstance(event, m.Returned)
    here = _current(flows, run)
    run = replace(run, variables={**run.variables, **event.values})
    failed = event.reason in (m.ReturnReason.OVERFLOW, m.ReturnReason.FAILED)
    match here:
        case f.EnterQueue():
            target = here.on_overflow if failed else here.next
        case f.Voicemail():
            target = here.on_error if failed else here.next
        case _:
            target = ""
    left = _trace(run, here, "left", now, event.reason.value)
    run, actions = _enter(flows, run, target, now)
    return run, (left, *actions)


# None: listed as an ignore. Rows are inputs; columns SAYING, ASKING, LISTENING, AWAY, OVER.
_ROWS: dict[type, tuple[Handler | None, ...]] = {
    m.Started: (None,) * 5,
    m.KeyPressed: (None, _key, _key, None, None),
    m.SayDone: (_said, _said, None, None, None),
    m.TimerFired: (None, None, _silence, None, None),
    m.LookUpDone: (None,) * 5,
    m.Returned: (None, None, None, _returned, None),
}
TABLE: dict[tuple[Phase, type], Handler | None] = {
    (phase, kind): handler for kind, row in _ROWS.items() for phase, handler in zip(Phase, row, strict=True)
}
