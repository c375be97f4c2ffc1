"""Everything that callers can hear, and where in the flows it is said. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callcenter.ivr import flow as f
from callcenter.ivr.messages import Prompt
from callcenter.ivr.phrases import TEXTS, system_prompts
from callcenter.ivr.wording import Phrase

SYSTEM: Final = "*"
"""The place of the system's own words, which no flow names."""


def static_prompts(flows: f.FlowSet) -> tuple[Prompt, ...]:
    """Every prompt that is known beforehand, once, so that it can be spoken before a call needs it."""
    return tuple(places(flows))


def places(flows: f.FlowSet) -> dict[Prompt, tuple[str, ...]]:
    """Every prompt that is known beforehand, and where it is said: ``flow/step``, a hotline's number, a queue."""
    found: dict[Prompt, dict[str, None]] = {}
    for language in TEXTS:
        for prompt in system_prompts(language):
            found.setdefault(prompt, {})[SYSTEM] = None
    for place, phrase in _phrases(flows):
        for prompt in phrase.fixed_prompts():
            where = found.setdefault(prompt, {})
            if SYSTEM not in where:
                where[place] = None
    return {prompt: tuple(where) for prompt, where in found.items()}


def _phrases(flows: f.FlowSet) -> Iterator[tuple[str, Phrase]]:
    for hotline in flows.hotlines.values():
        if hotline.greeting:
            yield hotline.number, hotline.greeting
    for queue in flows.queues.values():
        if queue.comfort:
            yield queue.name, queue.comfort
    for flow in flows.flows.values():
        for step in flow.steps.values():
            for phrase in phrases_of(step):
                yield f"{flow.name}/{step.name}", phrase


def phrases_of(step: f.Step) -> Iterator[Phrase]:
    """Everything that a step can say."""
    match step:
        case f.Play() | f.Voicemail():
            yield step.phrase
        case f.Menu():
            yield from (step.phrase, step.invalid, step.silent)
        case f.Gather():
            yield from (step.phrase, step.invalid, step.silent)
            if step.confirm:
                yield step.confirm
        case f.Queue() | f.Transfer():
            if step.announce:
                yield step.announce
        case f.Callback():
            yield from (step.check, step.ask, step.saved, step.later)
        case f.Survey():
            yield from filter(None, (step.phrase, step.comment, step.thanks))
        case f.HangUp():
            if step.phrase:
                yield step.phrase
        case _:
            return
