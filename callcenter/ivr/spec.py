"""The language in one table: every kind of step, every key, what it takes and what it is for.

The reader refuses what does not stand here, ``callcenter flows schema`` makes the editor's JSON Schema of it,
and so the two can never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from callcenter.ivr.phrases import LANGUAGES

Schema = dict[str, Any]

NAME: Final = "^[A-Za-z_][A-Za-z0-9_-]{0,63}$"


def _ref(name: str, doc: str) -> Schema:
    return {"$ref": f"#/$defs/{name}", "description": doc}


def _whole(low: int, high: int, doc: str) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high, "description": doc}


_FLAG: Final = {"type": "boolean"}
_TIMEOUT: Final = _ref("duration", "How long to wait for a key after the words, e.g. 5s")
_ATTEMPTS: Final = _whole(1, 10, "How many times the question is asked")
_NEXT: Final = _ref("target", "The step that follows; `end` ends the flow")
_ON_ERROR: Final = _ref("target", "Where to go when this step fails")
_WAYS: Final[Mapping[str, Schema]] = {
    "on_fail": _ref("target", "Where to go when no attempt succeeded"),
    "on_timeout": _ref("target", "… when the last attempt was silence"),
    "on_invalid": _ref("target", "… when the last attempt was wrong"),
    "say_invalid": _ref("phrase", "Said after a wrong answer, before the question"),
    "say_timeout": _ref("phrase", "Said after silence, before the question"),
}

COMMON: Final[Mapping[str, Schema]] = {
    "label": _ref("label", "What people call this step, on the screens; per language if need be"),
    "on_error": _ON_ERROR,
}
"""Keys that every step may carry."""

KINDS: Final[Mapping[str, tuple[Schema, Mapping[str, Schema], tuple[str, ...]]]] = {
    "play": (
        _ref("phrase", "Say something and go on"),
        {"next": _NEXT, "barge_in": {**_FLAG, "description": "false: a key does not cut it short"}},
        ("next",),
    ),
    "menu": (
        _ref("phrase", "Ask for one key"),
        {"keys": _ref("keys", "Key → step"), "timeout": _TIMEOUT, "attempts": _ATTEMPTS, **_WAYS},
        ("keys",),
    ),
    "gather": (
        _ref("phrase", "Ask for digits"),
        {
            "digits": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "min": _whole(1, 40, "At least so many"),
                    "max": _whole(1, 40, "Done when so many are in"),
                    "end": {"type": "string", "enum": ["#", "*", ""], "description": "The key that ends the entry"},
                    "between": _ref("duration", "Silence after a digit that ends the entry"),
                },
            },
            "store": _ref("variable", "The variable that takes the digits"),
            "next": _NEXT,
            "timeout": _TIMEOUT,
            "attempts": _ATTEMPTS,
            "confirm": {
                "anyOf": [_FLAG, {"$ref": "#/$defs/phrase"}],
                "description": "Read back {digits|digits}; 1 keeps them, 2 asks again",
            },
            "secret": {**_FLAG, "description": "true: never written to a log, a trace or a pop"},
            **_WAYS,
        },
        ("store", "next"),
    ),
    "hours": (
        {
            "anyOf": [{"type": "string"}, {"$ref": "#/$defs/calendar"}],
            "description": "A calendar of hours.yaml by name, or one written here",
        },
        {
            "open": _ref("target", "Open now"),
            "closed": _ref("target", "Closed now"),
            "holiday": _ref("target", "Closed for a public holiday; else as closed"),
        },
        ("open", "closed"),
    ),
    "lookup": (
        {
            "type": "object",
            "description": "Ask the business database, e.g. {customer: '{caller}'} or {case: '{case_number}'}",
            "minProperties": 1,
        },
        {
            "found": _ref("target", "There is one"),
            "not_found": _ref("target", "There is none"),
            "store": _ref("variable", "Results are stored as <store>_<field>; else the kind's name"),
            "timeout": _ref("duration", "How long the caller waits for the answer at most"),
        },
        ("found", "not_found"),
    ),
    "branch": (
        {
            "type": "array",
            "description": "The first condition that holds decides",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["when", "go"],
                "properties": {"when": {"type": "string"}, "go": _ref("target", "Where to go then")},
            },
            "minItems": 1,
        },
        {"else": _ref("target", "Where to go when no condition holds")},
        ("else",),
    ),
    "set": (
        {"type": "object", "description": "Variable → value; a text with {names}, or a sum such as '= tries + 1'"},
        {"next": _NEXT},
        ("next",),
    ),
    "queue": (
        {
            "description": "Wait for an agent",
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "priority": {"anyOf": [_whole(1, 9, "9 is served first"), {"type": "string"}]},
                        "skills": {"type": "object", "additionalProperties": _whole(0, 10, "Least level; 10 is best")},
                        "max_wait": _ref("duration", "Then the caller goes to overflow"),
                        "max_length": _whole(1, 1000, "With more waiting the caller goes to overflow"),
                    },
                },
            ],
        },
        {
            "announce": _ref("phrase", "Said before the wait"),
            "keys": _ref("keys", "Keys by which a waiting caller leaves the queue"),
            "overflow": _ref("target", "Full, or waited too long"),
            "on_timeout": _ref("target", "The same as overflow"),
            "on_overflow": _ref("target", "The same as overflow"),
            "next": _ref("target", "The agent has left and the caller is still there (a survey)"),
        },
        (),
    ),
    "transfer": (
        {
            "type": "object",
            "additionalProperties": False,
            "description": "Hand the caller over: to one of number, agent, hotline",
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {name: {"type": ["string", "integer"]} for name in ("number", "agent", "hotline")},
        },
        {"announce": _ref("phrase", "Said before"), "next": _NEXT},
        (),
    ),
    "callback": (
        {
            "type": "object",
            "additionalProperties": False,
            "description": "Keep my place and call me back",
            "required": ["queue"],
            "properties": {
                "queue": {"type": "string"},
                "number": {"type": "string", "description": "The number offered first; else the caller's own"},
                "priority": {"anyOf": [_whole(1, 9, "9 is served first"), {"type": "string"}]},
                "hours": {
                    "anyOf": [{"type": "string"}, {"$ref": "#/$defs/calendar"}],
                    "description": "When customers may be called; else the calendar `callback`, else 09:00-21:00",
                },
            },
        },
        {
            "check": _ref("phrase", "Reads {number|digits}; 1 is right, 2 is another number"),
            "ask": _ref("phrase", "Asks for another number"),
            "saved": _ref("phrase", "Said when it is noted"),
            "later": _ref("phrase", "Said instead outside the hours"),
            "timeout": _TIMEOUT,
            "attempts": _ATTEMPTS,
            "next": _NEXT,
        },
        (),
    ),
    "voicemail": (
        _ref("phrase", "Say something, then record the caller"),
        {"max": _ref("duration", "At most so long"), "next": _NEXT},
        (),
    ),
    "survey": (
        _ref("phrase", "Ask for a mark from 1 to 5"),
        {
            "question": _ref("variable", "The name under which the marks are counted"),
            "timeout": _TIMEOUT,
            "attempts": _ATTEMPTS,
            "comment": _ref("phrase", "Asks for a spoken comment after the mark"),
            "comment_max": _ref("duration", "At most so long"),
            "thanks": _ref("phrase", "Said at the end"),
            "next": _NEXT,
        },
        ("question",),
    ),
    "subflow": (
        {"type": "string", "description": "Run another flow, then go on here"},
        {"with": {"type": "object", "description": "Its parameters"}, "next": _NEXT},
        ("next",),
    ),
    "language": (
        _ref("language", "Speak this language from now on"),
        {"next": _NEXT},
        ("next",),
    ),
    "hangup": (
        {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/phrase"}], "description": "Say something or nothing, and end"},
        {"cause": {"type": "string", "pattern": NAME}},
        (),
    ),
}
"""Kind → what stands beside its name, its further keys, which of these are required."""

FLOW_KEYS: Final[Mapping[str, Schema]] = {
    "flow": {"type": "string", "pattern": NAME, "description": "The flow's name"},
    "title": {"type": "string"},
    "title_en": {"type": "string"},
    "language": _ref("language", "The language of texts that name none"),
    "start": _ref("target", "The first step"),
    "keys": _ref("keys", "Keys that work in every step (0: a person)"),
    "parameters": {"type": "array", "items": {"type": "string"}, "description": "Variables that a caller of it sets"},
    "steps": {"type": "object", "description": "Name → step"},
    "tests": {"type": "array", "description": "Run by `callcenter flows check`"},
}

TEST_KEYS: Final[Mapping[str, Schema]] = {
    "name": {"type": "string"},
    "keys": {"type": ["string", "integer"], "description": "As for simulate: 1, w5 (wait 5 s), 123#, done, overflow"},
    "at": {"type": "string", "description": "The site's time, e.g. 2026-11-23T21:30"},
    "caller": {"type": ["string", "integer"]},
    "variables": {"type": "object"},
    "lookups": {"type": "object", "description": "Kind → fields, or null for not found"},
    "steps": {"type": "array", "items": {"type": "string"}, "description": "Steps that must be passed in this order"},
    "end": {"type": "string", "description": "How it must end: waits, queue:NAME, ended:CAUSE …"},
}

CALENDAR_KEYS: Final[Mapping[str, Schema]] = {
    "week": {"type": "object", "description": "mon-fri: 09:00-18:00, or a list; closed"},
    "shifts": {"type": "array", "items": {"type": "string"}, "description": "Shifts of hours.yaml, instead of week"},
    "holidays": {"enum": ["china", "none"], "description": "china: public holidays with their make-up workdays"},
    "holiday_hours": _ref("times", "Hours on public holidays; else closed"),
    "special": {"type": "object", "additionalProperties": _ref("times", "Hours of a date such as 2026-12-31")},
}


HOURS_KEYS: Final[Mapping[str, Schema]] = {
    "shifts": {
        "type": "object",
        "additionalProperties": _ref("times", "Hours such as 08:00-20:00; an end before its start is on the next day"),
        "description": "Name → hours of a shift",
    },
    "calendars": {
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/calendar"},
        "description": "Name → when it is open",
    },
}


def definitions() -> Schema:
    """What the schemas of all files refer to."""
    texts = {"type": ["string", "number"]}
    piece = {
        "anyOf": [
            texts,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["file"],
                "properties": {"file": {"type": "string", "description": "A recording in prompts/"}},
            },
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["text"],
                "properties": {"text": texts, "language": {"$ref": "#/$defs/language"}},
            },
        ]
    }
    one = {"anyOf": [*piece["anyOf"], {"type": "array", "items": piece}]}
    return {
        "duration": {"type": ["string", "number"], "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)?$"},
        "target": {"type": "string", "pattern": NAME},
        "variable": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "language": {"enum": list(LANGUAGES)},
        "keys": {
            "type": "object",
            "propertyNames": {"pattern": "^[0-9*#]$"},
            "additionalProperties": {"$ref": "#/$defs/target"},
        },
        "times": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "calendar": {"type": "object", "additionalProperties": False, "properties": dict(CALENDAR_KEYS)},
        "phrase": {
            "anyOf": [
                *one["anyOf"],
                {
                    "type": "object",
                    "additionalProperties": False,
                    "minProperties": 1,
                    "properties": dict.fromkeys(LANGUAGES, one),
                },
            ]
        },
        "label": {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "minProperties": 1,
                    "properties": {language: {"type": "string"} for language in LANGUAGES},
                },
            ]
        },
    }


def document(title: str, **shape: Any) -> Schema:
    """The JSON Schema (draft 2020-12) of one kind of file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        **shape,
        "$defs": definitions(),
    }


def flow_schema() -> Schema:
    """Of a flow file."""
    steps = []
    for kind, (value, keys, required) in KINDS.items():
        steps.append(
            {
                "type": "object",
                "title": kind,
                "additionalProperties": False,
                "required": [kind, *required],
                "properties": {kind: value, **keys, **COMMON},
            }
        )
    properties = dict(FLOW_KEYS)
    properties["steps"] = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": {"anyOf": steps},
    }
    properties["tests"] = {
        "type": "array",
        "items": {"type": "object", "additionalProperties": False, "properties": dict(TEST_KEYS)},
    }
    return document(
        "Call flow",
        additionalProperties=False,
        required=["flow", "start", "steps"],
        properties=properties,
    )


def hours_schema() -> Schema:
    """Of ``hours.yaml``."""
    return document("Hours", additionalProperties=False, properties=dict(HOURS_KEYS))
