"""The compiled flows: what :mod:`callcenter.ivr.loader` makes of YAML and the interpreter walks. Pure, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from callcenter.ivr.messages import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Say something and go on; ``next`` empty ends the flow."""

    name: str
    label: str
    text: str
    next: str = ""
    on_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """One key chooses. After ``attempts`` silent or wrong answers the flow goes to ``on_fail``."""

    name: str
    label: str
    text: str
    keys: Mapping[str, str]
    timeout_s: float = 5.0
    attempts: int = 3
    on_fail: str = ""
    on_invalid: str = ""
    """What is said after a wrong key, before the menu is said again; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """Collect digits into a variable. ``secret`` digits never reach a trace."""

    name: str
    label: str
    text: str
    store: str
    next: str
    min_digits: int = 1
    max_digits: int = 20
    end_key: str = "#"
    timeout_s: float = 8.0
    between_s: float = 4.0
    """Silence after a digit that ends the entry."""
    attempts: int = 3
    on_fail: str = ""
    on_invalid: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterQueue:
    """Wait for an agent. ``next`` is where the caller goes when the agent has left (a survey), or the end."""

    name: str
    label: str
    queue: str
    priority: int = 5
    skills: Mapping[str, int] = field(default_factory=dict)
    max_wait_s: float | None = None
    on_overflow: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """Say something, then record the caller."""

    name: str
    label: str
    text: str
    max_s: int = 120
    next: str = ""
    on_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """Say something (or nothing) and end the call."""

    name: str
    label: str
    text: str = ""


Step = Play | Menu | Gather | EnterQueue | Voicemail | HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    name: str
    title: str
    language: str
    start: str
    steps: Mapping[str, Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotline:
    number: str
    name: str
    title: str
    title_en: str
    flow: str
    language: str
    drill: bool = False
    """Reserved for the fire drill: its calls stay out of the figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDefinition:
    name: str
    title: str
    title_en: str = ""
    music: str = "default"
    ring_timeout_s: float = 20.0
    wrap_up_s: float = 30.0
    max_missed: int = 1
    service_level_s: float = 20.0
    announce_position_every_s: float = 30.0
    max_length: int = 90
    max_wait_s: float = 0.0
    drill: bool = False


_REFUSALS = {
    "zh-CN": {
        "lines_busy": "对不起,现在线路全忙,请您稍后再拨。",
        "unknown_number": "对不起,您拨打的号码没有开通。",
    },
    "en": {
        "lines_busy": "All our lines are busy. Please call again in a few minutes.",
        "unknown_number": "The number you have dialled is not in service.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSet:
    """Everything callers can meet, of one version. ``version`` is a hash of the files' bytes."""

    version: str
    flows: Mapping[str, Flow]
    hotlines: Mapping[str, Hotline]
    """By dialled number."""
    queues: Mapping[str, QueueDefinition]

    def refusal_prompt(self, reason: str, language: str) -> Prompt:
        """What a caller hears whom we cannot serve; ``reason`` as in ``calls.messages.Arrived.refusal``."""
        language = language if language in _REFUSALS else "zh-CN"
        return Prompt(text=_REFUSALS[language][reason], language=language)

    def static_prompts(self) -> Iterator[Prompt]:
        """Every text known beforehand, so that it can be spoken before a call needs it."""
        for language, texts in _REFUSALS.items():
            for text in texts.values():
                yield Prompt(text=text, language=language)
        for flow in self.flows.values():
            for step in flow.steps.values():
                texts_of = (getattr(step, "text", ""), getattr(step, "on_invalid", ""))
                for text in filter(None, texts_of):
                    yield Prompt(text=text, language=flow.language)
