"""What the interpreter is told and what it asks for. Frozen, pure, and free of Asterisk.

The call (``calls/call.py``) turns actions into requests to the switch and feeds back inputs.
Ids (``say``, ``timer``, ``request``) are small integers, unique and growing within one call's run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Something to be heard: a text in a language (spoken and cached), or a recorded file's name."""

    text: str = ""
    language: str = "zh-CN"
    file: str = ""


# --- inputs ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The call was answered; ``variables`` holds caller, dialled, hotline and the like."""

    flow: str
    variables: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed:
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayDone:
    """A Say ended by itself. ``ok`` False: it could not be played (goes to the step's ``on_error``)."""

    say: int
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    timer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpDone:
    request: int
    found: bool
    values: dict[str, Value] = field(default_factory=dict)
    error: str = ""
    """Non-empty: the lookup failed or timed out."""


class ReturnReason(StrEnum):
    """How a call came back to its flow from a queue, transfer, callback or recording step."""

    AGENT_LEFT = "agent_left"
    """The conversation is over and the caller is still there (survey)."""
    OVERFLOW = "overflow"
    """Refused or waited too long."""
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    reason: ReturnReason
    values: dict[str, Value] = field(default_factory=dict)


Input = Started | KeyPressed | SayDone | TimerFired | LookUpDone | Returned


# --- actions ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Play prompts one after the other; a later StopSaying (barge-in) ends them without a SayDone."""

    say: int
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSaying:
    say: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTimer:
    timer: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer:
    timer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Ask the business side: ``kind`` is customer or case, ``query`` its key values."""

    request: int
    kind: str
    query: dict[str, Value]
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterQueue:
    """Wait for an agent; answered by Returned. Until then keys are still told to the interpreter."""

    queue: str
    priority: int = 5
    skills: dict[str, int] = field(default_factory=dict)
    max_wait_s: float | None = None
    max_length: int | None = None
    """The flow's own limit of callers waiting; None: the queue's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveQueue:
    """The caller pressed a key to leave the queue; no Returned follows. Only steps with ``keys`` ask for it."""

    queue: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTo:
    """``kind`` is number or agent (a hotline's flow is entered without asking); answered by Returned."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCallback:
    """Keep my place and call me back on ``number``; answered by Returned."""

    queue: str
    number: str
    priority: int = 5
    earliest: datetime | None = None
    """Aware UTC; outside the hours in which customers may be called, when these begin again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMessage:
    """Record the caller (voicemail or survey comment); answered by Returned with ``recording``."""

    purpose: str
    max_seconds: int
    prompt_tone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRating:
    """A survey answer for this call."""

    question: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall:
    cause: str = "flow_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage:
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceEntry:
    """One step walked: kept with the call, shown as "how they got here". Never holds secret digits."""

    at: datetime
    flow: str
    step: str
    label: str
    event: str
    """entered, key, timeout, invalid, found, not_found, open, closed, case, rated, error, warning, left."""
    detail: str = ""
    label_en: str = ""
    """What English screens call the step; empty: ``label`` too."""


Action = (
    Say
    | StopSaying
    | StartTimer
    | CancelTimer
    | LookUp
    | EnterQueue
    | LeaveQueue
    | TransferTo
    | RequestCallback
    | TakeMessage
    | RecordRating
    | EndCall
    | SetLanguage
    | TraceEntry
)
