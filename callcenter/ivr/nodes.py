"""YAML as nodes that know where they stand, made safe for files of any bytes.

Only the parser's events are used: no object is ever built from a tag, anchors and aliases are refused (they
are how a small file becomes a huge one, and nobody who reads a flow aloud needs them), and depth and size are
bounded before anything is kept. Plain scalars follow YAML 1.2: ``no`` and ``12:30`` are texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

MAX_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 24
MAX_NODES: Final = 60_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_FLOAT: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. ``line`` and ``column`` count from 1; ``hint`` says what to do. A ``warning`` keeps nothing from
    going live; what does is an ``error``."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}" + (f"; {self.hint}" if self.hint else "")


@dataclass(slots=True)
class Scalar:
    line: int
    column: int
    text: str
    plain: bool

    @property
    def null(self) -> bool:
        return self.plain and self.text in ("", "~", "null")

    @property
    def value(self) -> str | int | float | bool | None:
        if not self.plain:
            return self.text
        if self.null:
            return None
        if self.text in ("true", "false"):
            return self.text == "true"
        if _INT.fullmatch(self.text):
            return int(self.text)
        if _FLOAT.fullmatch(self.text):
            return float(self.text)
        return self.text


@dataclass(slots=True)
class Map:
    line: int
    column: int
    items: list[tuple[Scalar, Node]]


@dataclass(slots=True)
class Seq:
    line: int
    column: int
    items: list[Node]


Node = Scalar | Map | Seq


def read(data: bytes, file: str, problems: list[Problem]) -> Node | None:
    """The file's one document. None, with the reason added to ``problems``, when there is none to use."""

    def complain(line: int, column: int, message: str, hint: str = "") -> None:
        problems.append(Problem(file, line, column, message, hint))

    if len(data) > MAX_BYTES:
        complain(1, 1, f"larger than {MAX_BYTES // 1024} KiB", "split it into several flows")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        complain(line, 1, "not UTF-8 text", "save the file as UTF-8")
        return None
    try:
        return _build(text, complain)
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
        complain(line, column, f"not valid YAML: {said}", "check indentation, colons and quotes here")
        return None


def _build(text: str, complain: Any) -> Node | None:
    """Fold the parser's events into nodes without recursion."""
    root: Node | None = None
    open_nodes: list[Map | Seq] = []
    keys: list[Scalar | None] = []
    count = 0
    # The stubs know events only by their common base.
    events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
    for event in events:
        kind = type(event)
        if kind is yaml.ScalarEvent or kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            mark = event.start_mark
            line, column = mark.line + 1, mark.column + 1
            count += 1
            if event.anchor is not None:
                complain(line, column, "anchors are not allowed", "write it out")
                return None
            if event.tag is not None and event.tag != "!":
                complain(line, column, f"tags such as {event.tag} are not allowed", "remove it")
                return None
            if count > MAX_NODES or len(open_nodes) >= MAX_DEPTH:
                complain(line, column, "too large or nested too deeply", "split it into several flows")
                return None
            node: Node
            holder: Map | Seq | None = None
            if kind is yaml.ScalarEvent:
                node = Scalar(line, column, event.value, event.implicit[0])
            else:
                node = holder = Map(line, column, []) if kind is yaml.MappingStartEvent else Seq(line, column, [])
            if not open_nodes:
                root = node
            else:
                parent = open_nodes[-1]
                if type(parent) is Seq:
                    parent.items.append(node)
                elif keys[-1] is None:
                    if type(node) is not Scalar:
                        complain(line, column, "a name is expected before the colon", "put the text in quotes")
                        return None
                    keys[-1] = node
                else:
                    assert type(parent) is Map
                    parent.items.append((keys[-1], node))
                    keys[-1] = None
            if holder is not None:
                open_nodes.append(holder)
                keys.append(None)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            open_nodes.pop()
            keys.pop()
        elif kind is yaml.AliasEvent:
            complain(event.start_mark.line + 1, event.start_mark.column + 1, "aliases are not allowed", "write it out")
            return None
        elif kind is yaml.DocumentStartEvent and root is not None:
            complain(event.start_mark.line + 1, 1, "a second document begins here", "one flow a file: remove the ---")
            return None
    if root is None or (type(root) is Scalar and root.null):
        complain(1, 1, "the file is empty", "remove it or write a flow")
        return None
    return root
