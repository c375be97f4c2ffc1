"""``hotlines.yaml`` → the numbers that callers dial, with every mistake at its place.

:data:`HOTLINE_KEYS` is the whole language of a hotline: the reader knows no other keys and the editor's schema is
made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callcenter.ivr import flow as f
from callcenter.ivr.check import BUILT_IN
from callcenter.ivr.nodes import Map, Node, Problem
from callcenter.ivr.phrases import LANGUAGES
from callcenter.ivr.reader import Fields, Reader, Worded, Words, near
from callcenter.ivr.spec import NAME, Schema, document

HOTLINE_KEYS: Final[Mapping[str, Schema]] = {
    "name": {"type": "string", "pattern": NAME, "description": "A short name for figures; else the flow's"},
    "title": {"type": "string", "description": "Its name on the screens"},
    "title_en": {"type": "string", "description": "The same in English"},
    "flow": {"type": "string", "pattern": NAME, "description": "The flow that its callers enter"},
    "language": {"$ref": "#/$defs/language", "description": "What its callers hear first; else the flow's language"},
    "greeting": {"$ref": "#/$defs/phrase", "description": "Said before the flow begins"},
    "trunk": {
        "type": "string",
        "pattern": NAME,
        "description": "The carrier's trunk that it comes in by; calls that show this number go out by it first",
    },
    "drill": {"type": "boolean", "description": "Kept apart from real calls and figures"},
    "busy_flow": {
        "type": "string",
        "pattern": NAME,
        "description": "The flow of callers for whom no line is left: play, menu, callback, language and hangup only",
    },
    "reserved_lines": {
        "type": "integer",
        "minimum": 0,
        "maximum": 10_000,
        "description": "Lines that only this hotline may use",
    },
}
_WITHOUT_AGENT: Final = (f.Play, f.Menu, f.Callback, f.HangUp, f.Language)


def schema() -> Schema:
    """Of ``hotlines.yaml``."""
    hotline: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["flow"],
        "properties": dict(HOTLINE_KEYS),
    }
    return document("Hotlines", propertyNames={"pattern": r"^\+?[0-9]{1,20}$"}, additionalProperties=hotline)


def numbers(root: Node | None) -> dict[str, object]:
    """The hotlines' numbers, before the hotlines themselves can be read (flows may name them)."""
    return {key.text: None for key, _ in root.items} if isinstance(root, Map) else {}


def read_hotlines(
    root: Node | None, file: str, flows: Mapping[str, f.Flow], problems: list[Problem], *, whole: bool
) -> tuple[dict[str, f.Hotline], Words, tuple[f.Named, ...]]:
    """The hotlines by number, their words, and the trunks that they name. ``whole``: every flow could be read, so that
    one that is not there is missing."""
    reader = Reader(file, problems)
    top = reader.fields(root, "hotlines")
    hotlines: dict[str, f.Hotline] = {}
    words: dict[str, Worded] = {}
    trunks: list[f.Named] = []
    for key, value in top.entries.values() if top else ():
        number, what = key.text, f"hotline {key.text}"
        if not number.lstrip("+").isdigit() or len(number) > 20:
            reader.complain(key, f"`{number[:40]}` is no hotline number", 'digits only, e.g. "4008001":')
            continue
        fields = reader.fields(value, what, HOTLINE_KEYS, ("flow",))
        if fields is not None:
            before = len(reader.worded)
            hotlines[number] = _hotline(reader, fields, number, what, flows, whole)
            words.update((number, said) for said in reader.worded[before:])
            place = fields.get("trunk")
            if place is not None and hotlines[number].trunk:
                trunks.append(f.Named("trunk", hotlines[number].trunk, what, file, place.line, place.column))
    for name, place in reader.used:
        if name not in BUILT_IN:
            reader.complain(place, f"variable `{name}` is not known before the flow begins", near(name, BUILT_IN))
    return hotlines, Words(reader, words), tuple(trunks)


def _hotline(
    reader: Reader, fields: Fields, number: str, what: str, flows: Mapping[str, f.Flow], whole: bool
) -> f.Hotline:
    flow = reader.name(fields.get("flow"), f"{what}: flow")
    node = fields.get("flow")
    # A flow whose file could not be read has been complained of already.
    if node is not None and flow and flow not in flows and whole:
        reader.complain(node, f"{what}: there is no flow `{flow}`", near(flow, flows))
    home = flows[flow].language if flow in flows else "zh-CN"
    reader.language = reader.one_of(fields.get("language"), f"{what}: language", LANGUAGES, home)
    return f.Hotline(
        number=number,
        name=reader.name(fields.get("name"), f"{what}: name", flow),
        title=reader.text(fields.get("title"), f"{what}: title", number),
        title_en=reader.text(fields.get("title_en"), f"{what}: title_en"),
        flow=flow,
        language=reader.language,
        greeting=reader.phrase(fields.get("greeting"), f"{what}: greeting") if "greeting" in fields else None,
        trunk=reader.text(fields.get("trunk"), f"{what}: trunk"),
        drill=reader.flag(fields.get("drill"), f"{what}: drill", False),
        busy_flow=_busy_flow(reader, fields, what, flows, whole),
        reserved_lines=reader.whole(fields.get("reserved_lines"), f"{what}: reserved_lines", 0, 0, 10_000),
    )


def _busy_flow(reader: Reader, fields: Fields, what: str, flows: Mapping[str, f.Flow], whole: bool) -> str:
    """The flow for callers without a line: it must hold neither an agent nor a place in a queue."""
    node = fields.get("busy_flow")
    if node is None:
        return ""
    name = reader.name(node, f"{what}: busy_flow")
    found = flows.get(name)
    if found is None:
        if name and whole:
            reader.complain(node, f"{what}: there is no flow `{name}`", near(name, flows))
        return name
    for step in found.steps.values():
        if not isinstance(step, _WITHOUT_AGENT):
            said = f"{what}: busy_flow `{name}` has a {step.kind} step, `{step.name}`"
            reader.complain(node, said, "use play, menu, callback, language and hangup only")
    return name
