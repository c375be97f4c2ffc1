"""``queues.yaml`` → queue definitions, with every mistake at its place.

:data:`QUEUE_KEYS` is the whole language of a queue: the reader knows no other keys and the editor's schema is
made of it. The one name that is no queue is ``desk``: what holds for all queues together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from callcenter.acd.model import Overflow, OverflowWhen, QueueOrder, RelaxStep, Strategy
from callcenter.acd.skills import TOP_LEVEL
from callcenter.ivr import flow as f
from callcenter.ivr.nodes import Node, Problem, Scalar
from callcenter.ivr.reader import Fields, Reader, Worded, Words, near
from callcenter.ivr.spec import NAME, Schema, document
from callcenter.ivr.wording import Phrase

DESK: Final = "desk"
MAX_RULES: Final = 20


def _time(doc: str) -> Schema:
    return {"$ref": "#/$defs/duration", "description": doc}


def _whole(low: int, high: int, doc: str) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high, "description": doc}


def _number(low: float, high: float, doc: str) -> Schema:
    return {"type": "number", "minimum": low, "maximum": high, "description": doc}


RELAX_KEYS: Final[Mapping[str, Schema]] = {
    "after": _time("Waited since the call first entered a queue"),
    "by": _whole(1, TOP_LEVEL, "So many levels less are asked for"),
    "to": _whole(0, TOP_LEVEL, "At most this level is asked for; 0: the skill no longer matters"),
    "skills": {"type": "array", "items": {"type": "string"}, "description": "Only these; else all"},
}
OVERFLOW_KEYS: Final[Mapping[str, Schema]] = {
    "when": {"enum": [str(when) for when in OverflowWhen], "description": "What is looked at"},
    "over": {
        "anyOf": [{"$ref": "#/$defs/duration"}, {"type": "integer"}],
        "description": "The limit: a time, for length a number of calls",
    },
    "to": {"type": "string", "pattern": NAME, "description": "A queue; else the queue step's overflow"},
}
QUEUE_KEYS: Final[Mapping[str, Schema]] = {
    "title": {"type": "string", "description": "Its name on the screens"},
    "title_en": {"type": "string", "description": "The same in English"},
    "music": {"type": "string", "pattern": NAME, "description": "Music class"},
    "ring_timeout": _time("How long an agent's telephone rings"),
    "wrap_up": _time("After each conversation, unless the agent has a time of their own"),
    "max_missed": _whole(1, 20, "Missed offers in a row that pause an agent"),
    "strategy": {"enum": [str(strategy) for strategy in Strategy], "description": "Which free agent takes a call"},
    "weight": _whole(1, 100, "How fast its time counts when the desk's order is weight"),
    "service_level": _time("Within which a call should be answered"),
    "announce_position_every": _time("0s: never"),
    "comfort": {"$ref": "#/$defs/phrase", "description": "Said to those who wait; per language if need be"},
    "comfort_every": _time("How long after the last one"),
    "max_length": _whole(1, 10_000, "With so many waiting the next one goes to overflow"),
    "max_wait": _time("Then the caller goes to overflow; 0s: no limit"),
    "skills": {
        "type": "object",
        "additionalProperties": _whole(1, TOP_LEVEL, "At least this level; 10 is best"),
        "description": "What every call of this queue asks for",
    },
    "relax_every": _time("Each time one level less is asked for in every skill; 0s: never"),
    "relax": {
        "type": "array",
        "maxItems": MAX_RULES,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["after"],
            "properties": dict(RELAX_KEYS),
        },
        "description": "Less is asked for as the wait grows, in order of time",
    },
    "ageing": _number(0, 10, "Points of priority that a call gains each second it waits"),
    "vip_bonus": _number(0, 100, "Points of priority that a VIP has on top"),
    "sticky": _time("How long a call is kept for the agent who knows the customer; 0s: not at all"),
    "language_level": _whole(0, TOP_LEVEL, "Level asked for in the caller's language as a skill; 0: none"),
    "overflow": {
        "type": "array",
        "maxItems": MAX_RULES,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["when"],
            "properties": dict(OVERFLOW_KEYS),
        },
        "description": "When a call leaves for another queue or the flow; the first rule that holds decides",
    },
    "drill": {"type": "boolean", "description": "Kept apart from real calls and figures"},
}
DESK_KEYS: Final[Mapping[str, Schema]] = {
    "order": {
        "enum": [str(order) for order in QueueOrder],
        "description": "How calls of different queues compare for an agent who serves several",
    },
}


def schema() -> Schema:
    """Of ``queues.yaml``."""
    queue: Schema = {"type": "object", "additionalProperties": False, "properties": dict(QUEUE_KEYS)}
    desk: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict(DESK_KEYS),
        "description": "What holds for all queues together",
    }
    return document("Queues", propertyNames={"pattern": NAME}, properties={DESK: desk}, additionalProperties=queue)


def read_queues(
    root: Node | None, file: str, problems: list[Problem], music: Collection[str] | None = None
) -> tuple[dict[str, f.QueueDefinition], str, Words]:
    """The queues by name, the desk's order, and the queues' words. ``music``: the classes there are; None: not looked
    at."""
    reader = Reader(file, problems)
    top = reader.fields(root, "queues")
    entries = dict(top.entries) if top else {}
    order = str(QueueOrder.LONGEST_WAIT)
    if DESK in entries:
        desk = reader.fields(entries.pop(DESK)[1], DESK, DESK_KEYS)
        if desk is not None:
            order = reader.one_of(desk.get("order"), f"{DESK}: order", [str(o) for o in QueueOrder], order)
    queues: dict[str, f.QueueDefinition] = {}
    words: dict[str, Worded] = {}
    for key, value in entries.values():
        name = reader.name(key, "queue")
        what = f"queue `{key.text}`"
        fields = reader.fields(value, what, QUEUE_KEYS)
        if fields is not None and name:
            before = len(reader.worded)
            queues[name] = _queue(reader, fields, what, name, list(entries))
            words.update((name, said) for said in reader.worded[before:])
            played = queues[name].music
            place = fields.get("music")
            if music is not None and place is not None and played not in music:
                there = ", ".join(sorted(music))
                hint = str(near(played, music)) or f"there are: {there}; or put recordings in music/{played}/"
                reader.complain(place, f"{what}: there is no music `{played[:40]}`", hint)
    return queues, order, Words(reader, words)


def _queue(reader: Reader, fields: Fields, what: str, name: str, names: list[str]) -> f.QueueDefinition:
    def seconds(key: str, default: float) -> float:
        return reader.seconds(fields.get(key), f"{what}: {key}", default)

    skills = reader.fields(fields.get("skills"), f"{what}: skills")
    strategies = [str(strategy) for strategy in Strategy]
    return f.QueueDefinition(
        name=name,
        title=reader.text(fields.get("title"), f"{what}: title", name),
        title_en=reader.text(fields.get("title_en"), f"{what}: title_en"),
        music=reader.name(fields.get("music"), f"{what}: music", "default"),
        ring_timeout_s=reader.seconds(fields.get("ring_timeout"), f"{what}: ring_timeout", 20, 3, 120),
        wrap_up_s=seconds("wrap_up", 30),
        max_missed=reader.whole(fields.get("max_missed"), f"{what}: max_missed", 1, 1, 20),
        strategy=reader.one_of(fields.get("strategy"), f"{what}: strategy", strategies, strategies[0]),
        weight=reader.whole(fields.get("weight"), f"{what}: weight", 1, 1, 100),
        service_level_s=seconds("service_level", 20),
        announce_position_every_s=seconds("announce_position_every", 30),
        comfort=_comfort(reader, fields, what),
        comfort_every_s=reader.seconds(fields.get("comfort_every"), f"{what}: comfort_every", 60, 15, 3600),
        max_length=reader.whole(fields.get("max_length"), f"{what}: max_length", 90, 1, 10_000),
        max_wait_s=seconds("max_wait", 0),
        skills={
            key.text: reader.whole(value, f"{what}: skill {key.text}", 1, 1, TOP_LEVEL)
            for key, value in (skills.entries.values() if skills else ())
        },
        relax_every_s=seconds("relax_every", 0),
        drill=reader.flag(fields.get("drill"), f"{what}: drill", False),
        relax=_relax(reader, fields.get("relax"), f"{what}: relax"),
        ageing=_decimal(reader, fields.get("ageing"), f"{what}: ageing", 0.0, 10.0),
        vip_bonus=_decimal(reader, fields.get("vip_bonus"), f"{what}: vip_bonus", 2.0, 100.0),
        sticky_s=seconds("sticky", 0),
        language_level=reader.whole(fields.get("language_level"), f"{what}: language_level", 0, 0, TOP_LEVEL),
        overflow=_overflow(reader, fields.get("overflow"), f"{what}: overflow", name, names),
    )


def _comfort(reader: Reader, fields: Fields, what: str) -> Phrase | None:
    node = fields.get("comfort")
    if node is None:
        return None
    phrase = reader.phrase(node, f"{what}: comfort")
    if any(words.fixed is None for words in phrase.wordings.values()):
        reader.complain(node, f"{what}: comfort is the same for everybody", "leave {variables} out")
        return None
    return phrase


def _decimal(reader: Reader, node: Node | None, what: str, default: float, high: float) -> float:
    if node is None:
        return default
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        reader.complain(node, f"{what}: a number from 0 to {high:g} is expected")
        return default
    return float(value)


def _rules(reader: Reader, node: Node | None, what: str) -> list[Node]:
    items = reader.items(node, what)
    if node is not None and len(items) > MAX_RULES:
        reader.complain(node, f"{what}: more than {MAX_RULES}", "keep the important ones")
    return items[:MAX_RULES]


def _relax(reader: Reader, node: Node | None, what: str) -> tuple[RelaxStep, ...]:
    steps: list[RelaxStep] = []
    for item in _rules(reader, node, what):
        fields = reader.fields(item, what, RELAX_KEYS, ("after",))
        if fields is None:
            continue
        if ("by" in fields) == ("to" in fields):
            reader.complain(fields.node, f"{what}: exactly one of `by` and `to` is needed", "e.g. `by: 2`")
            continue
        after = reader.seconds(fields.get("after"), f"{what}: after", 0)
        if steps and after <= steps[-1].after_s:
            reader.complain(
                fields.key("after"), f"{what}: {after:g} s is not later than the step before", "list them in order"
            )
        steps.append(
            RelaxStep(
                after_s=after,
                by=reader.whole(fields.get("by"), f"{what}: by", 0, 1, TOP_LEVEL),
                to=reader.whole(fields.get("to"), f"{what}: to", 0, 0, TOP_LEVEL) if "to" in fields else None,
                skills=tuple(
                    reader.text(skill, f"{what}: skills")
                    for skill in reader.items(fields.get("skills"), f"{what}: skills")
                ),
            )
        )
    return tuple(steps)


def _overflow(reader: Reader, node: Node | None, what: str, name: str, names: list[str]) -> tuple[Overflow, ...]:
    rules: list[Overflow] = []
    for item in _rules(reader, node, what):
        fields = reader.fields(item, what, OVERFLOW_KEYS, ("when",))
        if fields is None or "when" not in fields:
            continue
        kinds = [str(when) for when in OverflowWhen]
        when = OverflowWhen(reader.one_of(fields.get("when"), f"{what}: when", kinds, OverflowWhen.WAIT))
        limit = fields.get("over")
        if limit is None and when is not OverflowWhen.NO_AGENT:
            reader.complain(fields.node, f"{what}: `over` is missing", "add `over: 60s`, for length `over: 20`")
            continue
        if when is OverflowWhen.LENGTH:
            over = float(reader.whole(limit, f"{what}: over", 0, 0, 10_000))
        else:
            over = reader.seconds(limit, f"{what}: over", 0)
        target = reader.text(fields.get("to"), f"{what}: to")
        place = fields.get("to")
        if place is not None and target and target not in names:
            reader.complain(place, f"{what}: no queue `{target[:40]}` in queues.yaml", near(target, names))
        elif place is not None and target == name:
            reader.complain(place, f"{what}: a queue cannot overflow into itself", "name another, or leave `to` out")
        rules.append(Overflow(when=when, over=over, to=target))
    return tuple(rules)
