"""What is said: fixed prompts, or templates filled from a call's variables. Pure.

``{name}`` in a text is replaced by the variable; ``{name|digits}`` is read one character at a time and
``{name|date}`` as a date. A value takes at most 200 characters, so that nobody's data can talk for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.ivr.expr import Expr
from callcenter.ivr.messages import Prompt, Value

FORMS: Final = ("text", "digits", "date")
SLOT: Final = re.compile(r"\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|\s*([a-z]+)\s*)?\}")
_DATE: Final = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
MAX_SPOKEN: Final = 200


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    form: str = "text"


@dataclass(frozen=True, slots=True)
class Template:
    """Text and slots in turn."""

    parts: tuple[str | Slot, ...]

    def fill(self, variables: Mapping[str, Value], language: str) -> str:
        return "".join(
            part if isinstance(part, str) else spoken(variables.get(part.name), part.form, language)
            for part in self.parts
        )

    def plain(self, variables: Mapping[str, Value]) -> str:
        """Filled without reading aids, for a lookup or a number."""
        return "".join(
            part if isinstance(part, str) else shown(variables.get(part.name)) for part in self.parts
        ).strip()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(part.name for part in self.parts if isinstance(part, Slot))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A template in the language it is written in."""

    template: Template
    language: str


Piece = Prompt | Spoken


@dataclass(frozen=True, slots=True)
class Wording:
    """The pieces said one after the other in one language; ``fixed`` when none of them has a slot."""

    pieces: tuple[Piece, ...]
    fixed: tuple[Prompt, ...] | None


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same thing said in one or more languages; ``default`` is used when the caller's is missing."""

    wordings: Mapping[str, Wording]
    default: str

    def prompts(self, language: str, variables: Mapping[str, Value]) -> tuple[Prompt, ...]:
        wording = self.wordings.get(language) or self.wordings[self.default]
        if wording.fixed is not None:
            return wording.fixed
        return tuple(
            piece
            if isinstance(piece, Prompt)
            else Prompt(text=piece.template.fill(variables, piece.language), language=piece.language)
            for piece in wording.pieces
        )

    def fixed_prompts(self) -> Iterator[Prompt]:
        """The prompts that are known before any call."""
        for wording in self.wordings.values():
            yield from (piece for piece in wording.pieces if isinstance(piece, Prompt))

    @property
    def names(self) -> frozenset[str]:
        """The variables that are said."""
        return frozenset(
            name
            for wording in self.wordings.values()
            for piece in wording.pieces
            if isinstance(piece, Spoken)
            for name in piece.template.names
        )


Source = Value | Template | Expr
"""Where a value comes from: a literal, a filled text, or an expression."""


def value_of(source: Source, variables: Mapping[str, Value]) -> Value:
    if isinstance(source, Template):
        return source.plain(variables)[:500]
    if isinstance(source, Expr):
        return source.value(variables)
    return source


def names_of(source: Source) -> frozenset[str]:
    return source.names if isinstance(source, Template | Expr) else frozenset()


def template(text: str) -> Template:
    """Split a text at its slots. Forms are not checked here (the reader does)."""
    parts: list[str | Slot] = []
    at = 0
    for match in SLOT.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()])
        parts.append(Slot(match[1], match[2] or "text"))
        at = match.end()
    if at < len(text) or not parts:
        parts.append(text[at:])
    return Template(tuple(parts))


def wording(pieces: tuple[Piece, ...]) -> Wording:
    prompts = tuple(piece for piece in pieces if isinstance(piece, Prompt))
    return Wording(pieces, prompts if len(prompts) == len(pieces) else None)


def phrase_of(texts: Mapping[str, str]) -> Phrase:
    """A phrase of one text per language (the system's own)."""
    wordings: dict[str, Wording] = {}
    for language, text in texts.items():
        made = template(text)
        piece: Piece = Spoken(made, language) if made.names else Prompt(text=text, language=language)
        wordings[language] = wording((piece,))
    return Phrase(wordings, "en" if "en" in wordings else next(iter(wordings)))


def shown(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def spoken(value: Value, form: str, language: str) -> str:
    """A value as it is read aloud."""
    text = "".join(c for c in shown(value) if c.isprintable())[:MAX_SPOKEN]
    if form == "digits":
        return " ".join(text.replace(" ", ""))
    if form == "date":
        match = _DATE.match(text)
        if match and 1 <= int(match[2]) <= 12:
            if language == "zh-CN":
                return f"{int(match[1])}年{int(match[2])}月{int(match[3])}日"
            return f"{_MONTHS[int(match[2]) - 1]} {int(match[3])}, {match[1]}"
    return text
