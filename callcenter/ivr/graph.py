"""A flow as a picture: nodes, edges and what stands on them, for the page that draws it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callcenter.ivr import flow as f
from callcenter.ivr.messages import Prompt
from callcenter.ivr.wording import Phrase, Spoken

_CHINESE: Final = {"number": "号码", "agent": "坐席", "hotline": "热线"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    id: str
    kind: str
    label: str
    label_en: str = ""
    """Empty: ``label`` too."""
    line: int
    """In the flow's file, from 1."""
    text: str
    """What the caller hears, or what the step does; in Chinese where it is said in Chinese."""
    text_en: str = ""
    """The same for English screens; empty: ``text`` too."""
    flow: str = ""
    """Of a subflow step: the flow it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    start: str


def graph(flow: f.Flow) -> Graph:
    """Steps as nodes, ways as edges; edges between the same two steps are drawn as one. ``end`` is a node when used."""
    nodes = [
        Node(
            id=step.name,
            kind=step.kind,
            label=step.label,
            label_en=step.label_en,
            line=step.line,
            text=_text(step, "zh-CN"),
            text_en=_text(step, "en"),
            flow=step.flow if isinstance(step, f.Subflow) else "",
        )
        for step in flow.steps.values()
    ]
    ways: dict[tuple[str, str], list[str]] = {}
    for step in flow.steps.values():
        for why, target in f.exits(step):
            labels = ways.setdefault((step.name, target), [])
            if why not in labels:
                labels.append(why)
    for key, target in flow.keys.items():
        ways.setdefault(("*", target), []).append(f"key {key}")
    if any(source == "*" for source, _ in ways):
        nodes.append(Node(id="*", kind="anywhere", label="anywhere", line=0, text=""))
    if any(target == f.END for _, target in ways):
        nodes.append(Node(id=f.END, kind="end", label="end", line=0, text=""))
    edges = tuple(
        Edge(source=source, target=target, label=", ".join(labels)) for (source, target), labels in ways.items()
    )
    return Graph(nodes=tuple(nodes), edges=edges, start=flow.start)


def _text(step: f.Step, language: str) -> str:
    match step:
        case f.Queue():
            return step.queue
        case f.Transfer():
            to = _CHINESE[step.to] if language == "zh-CN" else step.to
            return f"{to} {step.target}" if isinstance(step.target, str) else to
        case f.Callback():
            return step.queue
        case f.Lookup():
            return step.lookup
        case f.Hours():
            return step.calendar.name
        case f.Branch():
            return "; ".join(case.text for case, _ in step.cases)
        case f.Assign():
            return ", ".join(name for name, _ in step.values)
        case f.Language():
            return step.language
        case f.Subflow():
            return step.flow
        case f.HangUp():
            return _words(step.phrase, language) if step.phrase else ""
        case _:
            return _words(step.phrase, language)


def _words(phrase: Phrase, language: str) -> str:
    wording = phrase.wordings.get(language) or phrase.wordings[phrase.default]
    said = []
    for piece in wording.pieces:
        match piece:
            case Prompt():
                said.append(piece.text or f"[{piece.file}]")
            case Spoken():
                parts = piece.template.parts
                said.append("".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in parts))
    return " ".join(said)
