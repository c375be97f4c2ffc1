"""One entry of the audit as a sentence of parts: what, to whom, and each thing before → after. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Final, Literal

from callcenter.trail.words import DEEDS, FIELDS, GROUPS, MODES, NO, NOTHING, VALUES, YES, Words

Language = Literal["zh-CN", "en"]

PEOPLE: Final = ("agent", "agent_id", "colleague", "owner_account_id", "owner_id", "person")
"""Fields that hold an account's id."""
_IN_LINE: Final = ("agent", "agent_id", "contact", "changes")
"""What is told in a place of its own."""
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_LEVELS: Final = ("queues", "skills")
_TURNS: Final = {name: number for number, name in enumerate(FIELDS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """As it was written; see :class:`callcenter.access.tables.AuditEntry`."""

    id: str
    at: datetime
    account_id: str | None
    action: str
    subject: str
    detail: Mapping[str, Any]

    @property
    def group(self) -> str:
        return self.action.partition(".")[0]

    @property
    def contact(self) -> str | None:
        """The call that it was about."""
        found = self.subject if self.group == "outcome" else self.detail.get("contact")
        return str(found) if found else None

    @property
    def agent(self) -> str | None:
        """Whose account, state, shift or conversation it was."""
        if self.group in ("account", "agent"):
            return self.subject
        found = self.detail.get("agent") or self.detail.get("agent_id")
        return str(found) if found else None

    @property
    def accounts(self) -> set[str]:
        """All accounts that it names, by id."""
        inner = [each for each in self.detail.get("shifts", ()) if isinstance(each, Mapping)]
        values = [found.get(name) for found in (self.detail, *inner) for name in PEOPLE]
        values += [each for name, pair in self.changes.items() if name in PEOPLE for each in pair]
        return {str(each) for each in (self.account_id, self.agent, *values) if each}

    @property
    def changes(self) -> Mapping[str, list[Any]]:
        """Field → [before, after]."""
        if "before" in self.detail and "after" in self.detail:
            return {"state": [self.detail["before"], self.detail["after"]]}
        found = self.detail.get("changes")
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What ids and codes are called; what is not in here is shown as it is."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    """Call → its caller's number."""
    callbacks: Mapping[str, str] = field(default_factory=dict)
    shifts: Mapping[str, Words] = field(default_factory=dict)
    queues: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``before`` None: it is told, and nothing changed."""

    field: str
    before: str | None
    after: str


def deed(action: str, language: Language) -> str:
    """What was done; one that an earlier version wrote, and this one does not know, by its code."""
    return _in(DEEDS.get(action), language) or action  # type: ignore[call-overload]


def whom(entry: Entry, names: Names, language: Language) -> str:
    """The person or thing that it was done to, by name; empty where that is who did it."""
    agent = entry.agent
    if agent is not None:
        return names.accounts.get(agent, agent)
    if entry.group in ("customer", "visit"):
        return names.customers.get(entry.subject, "")
    if entry.group == "callback":
        return names.callbacks.get(entry.subject, "")
    if entry.group in ("case", "trunk", "flows"):
        return entry.subject
    if entry.action in ("roster.shift", "roster.shift_retired"):
        return _in(names.shifts.get(entry.subject), language) or entry.subject
    contact = entry.contact
    return names.contacts.get(contact, "") if contact else ""


def lines(entry: Entry, names: Names, language: Language, zone: tzinfo) -> list[Line]:
    """What changed, then what else is known."""
    telling = _Telling(names, language, zone)
    changed = [
        Line(field=telling.field(name), before=telling.value(name, pair[0]), after=telling.value(name, pair[1]))
        for name, pair in sorted(entry.changes.items(), key=_turn)
    ]
    told = {*_IN_LINE, *entry.changes, *(("before", "after") if "after" in entry.detail else ())}
    rest = sorted((each for each in entry.detail.items() if each[0] not in told and each[1] not in _EMPTY), key=_turn)
    facts = [Line(field=telling.field(name), before=None, after=telling.value(name, value)) for name, value in rest]
    return changed + facts


def _turn(told: tuple[str, Any]) -> int:
    return _TURNS.get(told[0], len(_TURNS))


def _in(words: Words | None, language: Language) -> str:
    return "" if words is None else words[language == "en"]


@dataclass(frozen=True, slots=True)
class _Telling:
    names: Names
    language: Language
    zone: tzinfo

    def field(self, name: str) -> str:
        return _in(FIELDS.get(name), self.language) or name

    def value(self, name: str, value: Any) -> str:
        """A value in words: codes and ids by what they are called, instants as the site's clocks show them."""
        if value in _EMPTY:
            return _in(NOTHING, self.language)
        if isinstance(value, bool):
            return _in(YES if value else NO, self.language)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, Mapping):
            return self._several(name, value)
        if isinstance(value, list | tuple):
            return self._comma.join(self.value(name, each) for each in value)
        return self._word(name, str(value))

    @property
    def _comma(self) -> str:
        return ", " if self.language == "en" else "、"

    def _several(self, name: str, value: Mapping[str, Any]) -> str:
        if name in _LEVELS:
            called = self.names.queues if name == "queues" else {}
            levels = sorted(value.items())
            return self._comma.join(f"{_in(called.get(one), self.language) or one} {level}" for one, level in levels)
        if name == "modes":
            span = "–".join(self._clock(str(value[end])) for end in ("from", "to") if value.get(end))
            return f"{_in(MODES.get(str(value.get('mode'))), self.language)} {span}"
        return " ".join(self._word(one, str(each)) for one, each in sorted(value.items(), key=_turn))

    def _word(self, name: str, value: str) -> str:
        if name in PEOPLE:
            return self.names.accounts.get(value, value)
        if name in ("from", "to"):
            return self._clock(value)
        named = {"shift": self.names.shifts, "queue": self.names.queues, "group": GROUPS}
        called = named.get(name) or VALUES.get(name, {})
        return _in(called.get(value), self.language) or value

    def _clock(self, at: str) -> str:
        try:
            return datetime.fromisoformat(at).astimezone(self.zone).strftime("%H:%M:%S")
        except ValueError:
            return at
