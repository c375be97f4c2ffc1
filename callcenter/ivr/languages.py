"""Which languages a caller can have arrived in at each step, and which words are missing in them. Pure.

A caller begins in the hotline's language and takes it along until a ``language`` step; a flow that no hotline leads to
is walked in its own. Words that are missing are a warning, not an error: the caller hears those there are, and a notice
that must go out at night is not held up by its translation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callcenter.ivr import flow as f
from callcenter.ivr.nodes import Problem
from callcenter.ivr.phrases import LANGUAGES
from callcenter.ivr.reader import Reader, Worded

Place = tuple[str, str]
"""Flow, step."""
NAMES: Final[Mapping[str, str]] = {"zh-CN": "Chinese", "en": "English"}


def arrivals(flows: Mapping[str, f.Flow], hotlines: Mapping[str, f.Hotline]) -> dict[Place, frozenset[str]]:
    """Step → the languages that callers can be in when they come to it."""
    known: dict[Place, set[str]] = {}
    todo: list[tuple[str, str, str]] = []
    leaving: dict[str, set[str]] = {}
    """Flow → the languages in which callers come out of it."""
    waiting: dict[str, set[Place]] = {}
    """Flow → where those who called it go on."""

    def come(flow: str, step: str, language: str) -> None:
        if flow not in flows:
            return
        if step == f.END:
            if language not in leaving.setdefault(flow, set()):
                leaving[flow].add(language)
                for caller, target in waiting.get(flow, ()):
                    come(caller, target, language)
        elif step in flows[flow].steps and language not in known.setdefault((flow, step), set()):
            known[flow, step].add(language)
            todo.append((flow, step, language))

    def enter(flow: str, language: str) -> None:
        if flow in flows:
            come(flow, flows[flow].start, language)

    def walk() -> None:
        while todo:
            name, at, language = todo.pop()
            flow, step = flows[name], flows[name].steps[at]
            then = step.language if isinstance(step, f.Language) else language
            if isinstance(step, f.Subflow):
                waiting.setdefault(step.flow, set()).add((name, step.next))
                enter(step.flow, language)
                for heard in tuple(leaving.get(step.flow, ())):
                    come(name, step.next, heard)
                targets = [step.on_error] if step.on_error else []
            else:
                targets = [target for _, target in f.exits(step)]
            if isinstance(step, f.Transfer) and step.to == "hotline" and (line := hotlines.get(str(step.target))):
                enter(line.flow, language)
            for target in (*targets, *flow.keys.values()):
                come(name, target, then)

    for hotline in hotlines.values():
        enter(hotline.flow, hotline.language)
        enter(hotline.busy_flow, hotline.language)
    walk()
    for name, flow in flows.items():
        if (name, flow.start) not in known:
            enter(name, flow.language)
            walk()
    return {place: frozenset(languages) for place, languages in known.items()}


def missing(reader: Reader, worded: Worded, heard: frozenset[str]) -> Iterator[Problem]:
    """A warning for each language that is heard here and has no words."""
    for language in LANGUAGES:
        if language in heard and language not in worded.languages and worded.languages:
            other = NAMES[next(each for each in LANGUAGES if each in worded.languages)]
            what = "sees it" if worded.label else "hears it"
            yield Problem(
                reader.file,
                worded.node.line,
                worded.node.column,
                f"{worded.what}: nothing in {NAMES[language]}, which callers can have chosen here",
                f"add `{language}: …`; until then one {what} in {other}",
                "warning",
            )
