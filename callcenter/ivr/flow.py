"""The compiled flows: what :mod:`callcenter.ivr.loader` makes of YAML and the interpreter walks. Pure, frozen.

Targets are names of steps in the same flow, or :data:`END`: back to the flow that called this one, else the
end of the call. The loader fills in every default, so that the interpreter never has to choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from callcenter.acd.model import QueueSettings
from callcenter.ivr.expr import Expr
from callcenter.ivr.hours import Calendar
from callcenter.ivr.messages import Prompt, Value
from callcenter.ivr.nodes import Problem
from callcenter.ivr.phrases import TEXTS, system_prompt
from callcenter.ivr.wording import Phrase, Source, Template, phrase_of

END: Final = "end"
UTC_ZONE: Final = ZoneInfo("UTC")


def _system(name: str) -> Phrase:
    return phrase_of({language: texts[name] for language, texts in TEXTS.items()})


INVALID: Final = _system("invalid")
SILENT: Final = _system("silent")
TOO_SHORT: Final = _system("too_short")
GOODBYE: Final = _system("goodbye")
FAILED: Final = _system("failed")
QUEUE_FULL: Final = _system("queue_full")
THANKS: Final = _system("thanks")
CONFIRM: Final = _system("confirm")
CALLBACK_CHECK: Final = _system("callback_check")
CALLBACK_NUMBER: Final = _system("callback_number")
CALLBACK_INVALID: Final = _system("callback_invalid")
CALLBACK_SAVED: Final = _system("callback_saved")
CALLBACK_LATER: Final = _system("callback_later")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseStep:
    kind: ClassVar[str] = ""
    name: str
    label: str
    label_en: str = ""
    """What English screens call it; empty: ``label`` too."""
    line: int = 0
    on_error: str = ""
    """Where to go when what the step needs fails; empty: the step's own default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(BaseStep):
    """Say something and go on. A key goes on at once (unless ``barge_in`` is false) and is kept for the next menu."""

    kind: ClassVar[str] = "play"
    phrase: Phrase
    next: str
    barge_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(BaseStep):
    """One key chooses. After ``attempts`` silent or wrong answers the way is ``on_timeout`` or ``on_invalid``."""

    kind: ClassVar[str] = "menu"
    phrase: Phrase
    keys: Mapping[str, str]
    timeout_s: float = 5.0
    attempts: int = 3
    on_timeout: str = END
    on_invalid: str = END
    invalid: Phrase = INVALID
    silent: Phrase = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather(BaseStep):
    """Collect digits into a variable, if wished with a confirmation. Secret digits reach no trace and no prompt."""

    kind: ClassVar[str] = "gather"
    phrase: Phrase
    store: str
    next: str
    min_digits: int = 1
    max_digits: int = 20
    end_key: str = "#"
    between_s: float = 4.0
    timeout_s: float = 8.0
    attempts: int = 3
    confirm: Phrase | None = None
    """Said with the variable ``digits`` set; key 1 keeps them, key 2 asks again."""
    secret: bool = False
    on_timeout: str = END
    on_invalid: str = END
    invalid: Phrase = TOO_SHORT
    silent: Phrase = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(BaseStep):
    kind: ClassVar[str] = "hours"
    calendar: Calendar
    open: str
    closed: str
    holiday: str
    """Closed because of a public holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(BaseStep):
    """Ask the business side. What it answers is stored as ``<store>_<field>``."""

    kind: ClassVar[str] = "lookup"
    lookup: str
    query: tuple[tuple[str, Template], ...]
    store: str
    timeout_s: float
    found: str
    not_found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(BaseStep):
    kind: ClassVar[str] = "branch"
    cases: tuple[tuple[Expr, str], ...]
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(BaseStep):
    kind: ClassVar[str] = "set"
    values: tuple[tuple[str, Source], ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(BaseStep):
    """Wait for an agent. ``next``: when the agent has left and the caller is still there."""

    kind: ClassVar[str] = "queue"
    queue: str
    priority: Source = 5
    skills: Mapping[str, int] = field(default_factory=dict)
    max_wait_s: float | None = None
    max_length: int | None = None
    announce: Phrase | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by which a waiting caller leaves the queue (to a callback, a voicemail)."""
    overflow: str = ""
    """Empty: apologise and end."""
    next: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(BaseStep):
    """``to`` is number, agent or hotline. A hotline's flow is entered without leaving the interpreter."""

    kind: ClassVar[str] = "transfer"
    to: str
    target: Source
    announce: Phrase | None = None
    next: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(BaseStep):
    """Keep the caller's place and call back. Outside ``calendar`` the call back waits until it opens."""

    kind: ClassVar[str] = "callback"
    queue: str
    number: Source
    calendar: Calendar
    priority: Source = 5
    check: Phrase = CALLBACK_CHECK
    ask: Phrase = CALLBACK_NUMBER
    saved: Phrase = CALLBACK_SAVED
    later: Phrase = CALLBACK_LATER
    timeout_s: float = 8.0
    between_s: float = 4.0
    attempts: int = 3
    next: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail(BaseStep):
    """Say something, then record the caller."""

    kind: ClassVar[str] = "voicemail"
    phrase: Phrase
    max_s: int = 120
    next: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(BaseStep):
    """A key 1 to 5, then if wished a spoken comment. Silence is no answer and no failure."""

    kind: ClassVar[str] = "survey"
    phrase: Phrase
    question: str
    timeout_s: float = 6.0
    attempts: int = 2
    comment: Phrase | None = None
    comment_max_s: int = 60
    thanks: Phrase | None = None
    next: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Subflow(BaseStep):
    kind: ClassVar[str] = "subflow"
    flow: str
    arguments: tuple[tuple[str, Source], ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(BaseStep):
    kind: ClassVar[str] = "language"
    language: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(BaseStep):
    kind: ClassVar[str] = "hangup"
    phrase: Phrase | None = None
    cause: str = "flow_ended"


Step = (
    Play
    | Menu
    | Gather
    | Hours
    | Lookup
    | Branch
    | Assign
    | Queue
    | Transfer
    | Callback
    | Voicemail
    | Survey
    | Subflow
    | Language
    | HangUp
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTest:
    """A test written in a flow's file: who calls when and presses what, and what must happen."""

    name: str
    line: int
    keys: str = ""
    at: str = ""
    caller: str = "13800000001"
    variables: Mapping[str, Value] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, Value] | None] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    name: str
    title: str
    title_en: str
    language: str
    start: str
    steps: Mapping[str, Step]
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys that work in every step of the flow (0: a person), where the step itself does not use them."""
    parameters: frozenset[str] = frozenset()
    tests: tuple[FlowTest, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotline:
    number: str
    name: str
    title: str
    title_en: str
    flow: str
    language: str
    greeting: Phrase | None = None
    """Said before the flow begins."""
    trunk: str = ""
    drill: bool = False
    """Reserved for the fire drill: its calls stay out of the figures."""
    busy_flow: str = ""
    """What a caller meets for whom no line is left; empty: the words that all lines are busy."""
    reserved_lines: int = 0
    """Lines that only this hotline may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDefinition(QueueSettings):
    """A queue of the files: what the desk goes by, and what those who wait are told."""

    comfort: Phrase | None = None
    """Said to those who wait, over and over."""
    comfort_every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the site that the files name: a ``number`` outside or a ``trunk``, and where it is written."""

    kind: str
    name: str
    what: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSet:
    """Everything callers can meet, of one version. ``version`` is a hash of the files' bytes."""

    version: str
    flows: Mapping[str, Flow]
    hotlines: Mapping[str, Hotline]
    """By dialled number."""
    queues: Mapping[str, QueueDefinition]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    zone: ZoneInfo = UTC_ZONE
    """The site's zone, in which opening hours are read."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The sources, by file name."""
    warnings: tuple[Problem, ...] = ()
    """What does not keep the flows from going live."""
    named: tuple[Named, ...] = ()
    """What the files name and only the site knows; see :mod:`callcenter.ivr.site`."""
    queue_order: str = "longest_wait"
    """How the desk compares calls of different queues."""

    def refusal_prompt(self, reason: str, language: str) -> Prompt:
        """What a caller hears whom we cannot serve; ``reason`` as in ``calls.messages.Arrived.refusal``."""
        return system_prompt(reason, language)


def exits(step: Step) -> Iterator[tuple[str, str]]:
    """(why, target) of every way out of a step, defaults included; what hangs up by itself has none."""
    match step:
        case Play() | Assign() | Language() | Subflow():
            yield "next", step.next
        case Menu():
            yield from ((f"key {key}", target) for key, target in step.keys.items())
            yield from (("timeout", step.on_timeout), ("invalid", step.on_invalid))
        case Gather():
            yield from (("next", step.next), ("timeout", step.on_timeout), ("invalid", step.on_invalid))
        case Hours():
            yield from (("open", step.open), ("closed", step.closed), ("holiday", step.holiday))
        case Lookup():
            yield from (("found", step.found), ("not found", step.not_found))
        case Branch():
            yield from ((case.text, target) for case, target in step.cases)
            yield "else", step.otherwise
        case Queue():
            yield from ((f"key {key}", target) for key, target in step.keys.items())
            yield "agent left", step.next
            if step.overflow:
                yield "overflow", step.overflow
        case Transfer() | Callback() | Voicemail() | Survey():
            yield "next", step.next
        case HangUp():
            return
    if step.on_error:
        yield "error", step.on_error
