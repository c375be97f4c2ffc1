"""Where one caller is in the flows: a small frozen value that can be written down and read back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from callcenter.ivr.messages import Prompt, Value

HIDDEN: Final = "•"
"""What a trace shows for each digit that is secret."""


class Phase(StrEnum):
    SAYING = "saying"
    """Something is said; when it ends the flow goes on by itself."""
    ASKING = "asking"
    """A question is said; a key interrupts and answers it."""
    LISTENING = "listening"
    """The question was said; a key or the time-out comes."""
    LOOKING_UP = "looking_up"
    AWAY = "away"
    """In a queue, a transfer, a recording: waiting for Returned."""
    CLOSING = "closing"
    """The last words; then the call ends."""
    ENDED = "ended"

    __hash__ = str.__hash__  # an enum's own is written in Python, and every input looks a phase up


@dataclass(frozen=True, slots=True)
class Frame:
    """A flow that called a subflow: where it goes on."""

    flow: str
    next: str


@dataclass(frozen=True, slots=True)
class Run:
    """One caller's walk. 0 stands for no say, timer or request outstanding."""

    version: str
    """The flow set's version that it began with and finishes on."""
    flow: str
    step: str
    phase: Phase
    stage: str
    """Which part of a composite step (gather: digits, confirm; callback: check, number, saved …)."""
    say: int
    timer: int
    request: int
    attempts: int
    digits: str
    variables: Mapping[str, Value]
    secrets: frozenset[str]
    """Names of variables that hold secret digits."""
    language: str
    stack: tuple[Frame, ...]
    counter: int
    """The last id given to a say, timer or request."""
    walked: int
    cause: str
    """Why the call is to end, once it is CLOSING or ENDED."""
    prefix: tuple[Prompt, ...]
    """What is still to be said before the next prompt (the hotline's greeting)."""

    @property
    def ended(self) -> bool:
        return self.phase is Phase.ENDED


def public_variables(run: Run) -> dict[str, Value]:
    """The variables without secret ones: for a trace, a log or a screen-pop."""
    return {name: value for name, value in run.variables.items() if name not in run.secrets}


def dump(run: Run) -> dict[str, Any]:
    """A JSON-serialisable form. Secret digits stay out of it: after a restart they are null and the flow asks
    again or goes its ``not_found`` way."""
    hide = run.stage == "secret"
    return {
        "version": run.version,
        "flow": run.flow,
        "step": run.step,
        "phase": run.phase.value,
        "stage": run.stage,
        "say": run.say,
        "timer": run.timer,
        "request": run.request,
        "attempts": run.attempts,
        "digits": "" if hide else run.digits,
        "variables": public_variables(run),
        "secrets": sorted(run.secrets),
        "language": run.language,
        "stack": [[frame.flow, frame.next] for frame in run.stack],
        "counter": run.counter,
        "walked": run.walked,
        "cause": run.cause,
        "prefix": [[prompt.text, prompt.language, prompt.file] for prompt in run.prefix],
    }


def load(data: Mapping[str, Any]) -> Run:
    """The reverse of :func:`dump`. Raises KeyError or ValueError for what was not made by it."""
    return Run(
        version=str(data["version"]),
        flow=str(data["flow"]),
        step=str(data["step"]),
        phase=Phase(data["phase"]),
        stage=str(data["stage"]),
        say=int(data["say"]),
        timer=int(data["timer"]),
        request=int(data["request"]),
        attempts=int(data["attempts"]),
        digits=str(data["digits"]),
        variables=dict(data["variables"]),
        secrets=frozenset(data["secrets"]),
        language=str(data["language"]),
        stack=tuple(Frame(flow, target) for flow, target in data["stack"]),
        counter=int(data["counter"]),
        walked=int(data["walked"]),
        cause=str(data["cause"]),
        prefix=tuple(Prompt(text=t, language=lang, file=f) for t, lang, f in data["prefix"]),
    )
