"""Reading nodes into values: every method answers with something usable and notes what is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from callcenter.ivr.expr import Expr, ExprError, Kind, parse
from callcenter.ivr.hours import DAY, HOLIDAYS_ALSO, Calendar, Interval
from callcenter.ivr.messages import Prompt, Value
from callcenter.ivr.nodes import Map, Node, Problem, Scalar, Seq
from callcenter.ivr.phrases import LANGUAGES
from callcenter.ivr.spec import CALENDAR_KEYS
from callcenter.ivr.wording import FORMS, Phrase, Piece, Slot, Source, Spoken, Template, template, wording

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_DURATION: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h)?")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIMES: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_TEXT: Final = 1000


HINTED: Final = 200
"""So many mistakes get a hint that must be looked for: with more of them a file is no flow, and reading it must end."""
COMPARED: Final = 1000
"""Among more names than that, no nearest one is looked for."""


@dataclass(frozen=True, slots=True)
class Near:
    """A hint that names the nearest known word. Looking for it takes time, so it is done when it is read."""

    word: str
    known: Collection[str]

    def __str__(self) -> str:
        if len(self.known) > COMPARED:
            return f"there are {len(self.known)}"
        choices = sorted(self.known)
        found = difflib.get_close_matches(self.word, choices, n=1)
        if found:
            return f"did you mean `{found[0]}`?"
        return f"there are: {', '.join(choices[:20])}" if choices else "there are none"


def near(word: str, known: Collection[str]) -> Near:
    return Near(word, known)


@dataclass(frozen=True, slots=True)
class Worded:
    """Something that callers hear, or a label that people see: where it is written and in which languages."""

    what: str
    node: Node
    languages: frozenset[str]
    label: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one file by what they belong to: a hotline's number, a queue's name."""

    reader: Reader
    of: Mapping[str, Worded]


class Fields:
    """A mapping's entries by name, duplicates and unknown names already complained of."""

    __slots__ = ("entries", "node")

    def __init__(self, node: Node, entries: dict[str, tuple[Scalar, Node]]) -> None:
        self.node, self.entries = node, entries

    def get(self, name: str) -> Node | None:
        entry = self.entries.get(name)
        return entry[1] if entry else None

    def key(self, name: str) -> Node:
        entry = self.entries.get(name)
        return entry[0] if entry else self.node

    def __contains__(self, name: str) -> bool:
        return name in self.entries


class Reader:
    """Reads one file; knows the set's calendars and shifts."""

    def __init__(
        self,
        file: str,
        problems: list[Problem],
        calendars: Mapping[str, Calendar] | None = None,
        shifts: Mapping[str, tuple[Interval, ...]] | None = None,
        *,
        hours_read: bool = True,
    ) -> None:
        """``hours_read`` False: ``hours.yaml`` could not be read, which has been complained of already."""
        self.file, self.problems, self.hours_read = file, problems, hours_read
        self.calendars: Mapping[str, Calendar] = calendars or {}
        self.shifts: Mapping[str, tuple[Interval, ...]] = shifts or {}
        self.language = "zh-CN"
        self.files: dict[str, Scalar] = {}
        """Recorded files named so far, and where."""
        self.used: list[tuple[str, Scalar]] = []
        """Variables used so far, and where."""
        self.said: list[tuple[str, Scalar]] = []
        """Variables that are said or copied: none of them may be secret."""
        self.worded: list[Worded] = []
        """All words read so far."""
        self.kinds: dict[str, Kind] = {}

    def complain(self, node: Node, message: str, hint: str | Near = "", *, shift: int = 0) -> None:
        if isinstance(hint, Near):
            hint = str(hint) if len(self.problems) < HINTED else ""
        self.problems.append(Problem(self.file, node.line, node.column + shift, message, hint))

    # --- structure -------------------------------------------------------------------------

    def fields(
        self, node: Node | None, what: str, known: Collection[str] | None = None, required: Iterable[str] = ()
    ) -> Fields | None:
        """The entries of a mapping. ``known`` None: any names."""
        if node is None:
            return None
        if not isinstance(node, Map):
            self.complain(node, f"{what}: a list of `name: value` is expected", "write one below the other, indented")
            return None
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.items:
            name = key.text
            if name in entries:
                first = entries[name][0].line
                self.complain(key, f"{what}: `{name}` stands twice (first in line {first})", "keep one")
            elif known is not None and name not in known:
                self.complain(key, f"{what}: `{name}` is not known here", near(name, known))
            else:
                entries[name] = (key, value)
        for name in required:
            if name not in entries:
                self.complain(node, f"{what}: `{name}` is missing", f"add `{name}: …`")
        return Fields(node, entries)

    def items(self, node: Node | None, what: str) -> list[Node]:
        if node is None:
            return []
        if not isinstance(node, Seq):
            self.complain(node, f"{what}: a list is expected", "begin each line with a dash")
            return []
        return node.items

    # --- scalars ---------------------------------------------------------------------------

    def text(self, node: Node | None, what: str, default: str = "") -> str:
        if node is None:
            return default
        if not isinstance(node, Scalar) or node.null:
            self.complain(node, f"{what}: a text is expected", "write it on the same line")
            return default
        if len(node.text) > MAX_TEXT:
            self.complain(node, f"{what}: longer than {MAX_TEXT} characters", "split it into several steps")
            return default
        return node.text

    def name(self, node: Node | None, what: str, default: str = "") -> str:
        text = self.text(node, what, default)
        if node is not None and text and not _NAME.fullmatch(text):
            self.complain(node, f"{what}: `{text[:40]}` is not a name", "use letters, digits, _ and -, a letter first")
            return default
        return text

    def variable(self, node: Node | None, what: str, default: str = "") -> str:
        text = self.text(node, what, default)
        if node is not None and text and not _VARIABLE.fullmatch(text):
            self.complain(node, f"{what}: `{text[:40]}` is not a variable's name", "use letters, digits and _")
            return default
        return text

    def whole(self, node: Node | None, what: str, default: int, low: int, high: int) -> int:
        if node is None:
            return default
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.complain(node, f"{what}: a whole number from {low} to {high} is expected")
            return default
        return value

    def flag(self, node: Node | None, what: str, default: bool) -> bool:
        if node is None:
            return default
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, bool):
            self.complain(node, f"{what}: true or false is expected")
            return default
        return value

    def seconds(self, node: Node | None, what: str, default: float, low: float = 0.0, high: float = 86400.0) -> float:
        if node is None:
            return default
        match = _DURATION.fullmatch(node.text.strip()) if isinstance(node, Scalar) else None
        if not match:
            self.complain(node, f"{what}: a time is expected", "write it as 5s, 2m or 1h")
            return default
        seconds = float(match[1]) * _UNITS[match[2] or "s"]
        if not low <= seconds <= high:
            self.complain(node, f"{what}: {seconds:g} s is out of range", f"from {low:g} s to {high:g} s")
            return default
        return seconds

    def one_of(self, node: Node | None, what: str, choices: Collection[str], default: str) -> str:
        text = self.text(node, what, default)
        if node is not None and text not in choices:
            self.complain(node, f"{what}: `{text[:40]}` is not known", near(text, choices))
            return default
        return text

    # --- words and values --------------------------------------------------------------------

    def phrase(self, node: Node | None, what: str) -> Phrase:
        """A text, a recorded file, a list of both, or one of these per language."""
        made = self._phrase(node, what)
        if node is not None:
            said = frozenset(language for language, words in made.wordings.items() if words.pieces)
            self.worded.append(Worded(what, node, said))
        return made

    def _phrase(self, node: Node | None, what: str) -> Phrase:
        if node is None:
            return Phrase({self.language: wording(())}, self.language)
        if isinstance(node, Map) and not any(key.text in ("file", "text") for key, _ in node.items):
            fields = self.fields(node, what, LANGUAGES)
            wordings = {}
            for language, (_, value) in (fields.entries if fields else {}).items():
                wordings[language] = wording(self._pieces(value, what, language))
            if not wordings:
                self.complain(node, f"{what}: no words", f"write a text, or one each for {' and '.join(LANGUAGES)}")
                wordings[self.language] = wording(())
            default = self.language if self.language in wordings else next(iter(wordings))
            return Phrase(wordings, default)
        return Phrase({self.language: wording(self._pieces(node, what, self.language))}, self.language)

    def _pieces(self, node: Node, what: str, language: str) -> tuple[Piece, ...]:
        if isinstance(node, Seq):
            return tuple(piece for item in node.items for piece in self._pieces(item, what, language))
        if isinstance(node, Map):
            fields = self.fields(node, what, ("file", "text", "language"))
            if fields and "text" in fields:
                spoken_in = self.one_of(fields.get("language"), f"{what}: language", LANGUAGES, language)
                return self._pieces(fields.entries["text"][1], what, spoken_in)
            target = fields.get("file") if fields else None
            name = self.text(target, f"{what}: file")
            if not name or not isinstance(target, Scalar):
                return ()
            if name.startswith(("/", ".")) or ".." in name or "\\" in name or "\0" in name:
                self.complain(target, f"{what}: `{name[:60]}` leaves the prompts folder", "name a file inside it")
                return ()
            self.files.setdefault(name, target)
            return (Prompt(file=name, language=language),)
        text = self.text(node, what).strip()
        if not text:
            if not node.null:
                self.complain(node, f"{what}: nothing is said", "write the words")
            return ()
        made = self.template(node, text, what)
        for name in made.names:
            self.said.append((name, node))
        return (Spoken(made, language) if made.names else Prompt(text=text, language=language),)

    def template(self, node: Scalar, text: str, what: str) -> Template:
        made = template(text)
        for part in made.parts:
            if isinstance(part, Slot):
                self.used.append((part.name, node))
                if part.form not in FORMS:
                    self.complain(node, f"{what}: `|{part.form}` is not known", near(part.form, FORMS))
            elif "{" in part or "}" in part:
                self.complain(node, f"{what}: a brace that is no variable", "write {name} or {name|digits}")
        return made

    def expression(self, node: Node | None, what: str, text: str | None = None, shift: int = 0) -> Expr | None:
        if not isinstance(node, Scalar):
            if node is not None:
                self.complain(node, f"{what}: a condition is expected")
            return None
        try:
            made = parse(node.text if text is None else text, self.kinds)
        except ExprError as error:
            at = error.offset + shift + (0 if node.plain else 1)
            self.complain(node, f"{what}: {error}", shift=at if "\n" not in node.text else 0)
            return None
        self.used.extend((name, node) for name in made.names)
        return made

    def source(self, node: Node | None, what: str, default: Value = None) -> Source:
        """A literal, a text with ``{names}``, or a sum after ``=``."""
        if node is None:
            return default
        if not isinstance(node, Scalar):
            self.complain(node, f"{what}: one value is expected")
            return default
        if node.text.startswith("="):
            return self.expression(node, what, node.text[1:], 1)
        value = node.value
        if isinstance(value, str) and "{" in value:
            return self.template(node, value, what)
        if isinstance(value, str) and len(value) > 500:
            self.complain(node, f"{what}: longer than 500 characters")
        return value

    # --- hours -------------------------------------------------------------------------------

    def times(self, node: Node | None, what: str) -> tuple[Interval, ...]:
        """``09:00-18:00``, a list of such, or ``closed``. An end before its start is on the next day."""
        if node is None:
            return ()
        if isinstance(node, Seq):
            return tuple(interval for item in node.items for interval in self.times(item, what))
        text = self.text(node, what).strip()
        if text == "closed":
            return ()
        match = _TIMES.fullmatch(text)
        if not match:
            self.complain(node, f"{what}: hours are expected", "write 09:00-18:00, 20:00-08:00 or closed")
            return ()
        start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if int(match[2]) > 59 or int(match[4]) > 59 or start >= DAY or end > DAY:
            self.complain(node, f"{what}: `{text}` is no time of day", "from 00:00 to 24:00")
            return ()
        return (Interval(start, end if end > start else end + DAY),)

    def calendar(self, node: Node | None, what: str, name: str = "") -> Calendar:
        """A calendar by name or written out."""
        empty = Calendar(name=name, week=((),) * 7)
        if isinstance(node, Scalar):
            found = self.calendars.get(node.text)
            if found is None and self.hours_read:
                self.complain(node, f"{what}: no calendar `{node.text[:40]}`", near(node.text, self.calendars))
            return found or empty
        fields = self.fields(node, what, CALENDAR_KEYS)
        if fields is None:
            return empty
        week: list[tuple[Interval, ...]] = [()] * 7
        shifts = fields.get("shifts")
        if shifts is not None:
            for item in self.items(shifts, f"{what}: shifts"):
                shift = self.one_of(item, f"{what}: shifts", self.shifts, "")
                week = [(*day, *self.shifts.get(shift, ())) for day in week]
        elif "week" not in fields:
            self.complain(fields.node, f"{what}: `week` or `shifts` is missing", "add `week: {mon-fri: 09:00-18:00}`")
        days = self.fields(fields.get("week"), f"{what}: week")
        for key, value in days.entries.values() if days else ():
            intervals = self.times(value, f"{what}: {key.text}")
            for day in self._days(key, what):
                week[day] = intervals
        special: dict[date, tuple[Interval, ...]] = {}
        dates = self.fields(fields.get("special"), f"{what}: special")
        for key, value in dates.entries.values() if dates else ():
            try:
                special[date.fromisoformat(key.text)] = self.times(value, f"{what}: {key.text}")
            except ValueError:
                self.complain(key, f"{what}: `{key.text[:40]}` is no date", "write 2026-12-31")
        return Calendar(
            name=name,
            week=tuple(week),
            holidays=self.one_of(fields.get("holidays"), f"{what}: holidays", HOLIDAYS_ALSO, "none"),
            holiday_hours=self.times(fields.get("holiday_hours"), f"{what}: holiday_hours"),
            special=special,
        )

    def _days(self, key: Scalar, what: str) -> list[int]:
        first, _, last = key.text.lower().partition("-")
        if first == "daily" and not last:
            return list(range(7))
        if first not in _DAYS or (last and last not in _DAYS):
            self.complain(key, f"{what}: `{key.text[:40]}` is no day", "write mon, mon-fri, sat-sun or daily")
            return []
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        return [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]
