"""The journal's payloads: events as JSON and back, by version. An old version is brought up step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

import orjson

from callcenter import frozen
from callcenter.calls import messages as m
from callcenter.calls import standing
from callcenter.calls.replay import Journalled, Noted

FORMAT: Final = 2
"""Version of the payloads written now."""
HIDDEN_KEY: Final = "•"

_KINDS: Final[dict[str, type]] = {kind.__name__: kind for kind in (*get_args(m.Event), Noted)}


def _one_to_two(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """In version 1 all keys were hidden; what is written is the same."""
    return payload


UPCASTERS: Final[Mapping[int, Callable[[str, dict[str, Any]], dict[str, Any]]]] = {1: _one_to_two}
"""Version → what makes a payload of the next version out of it."""


def encode(event: Journalled) -> bytes:
    return frozen.dumps(event)


def decode(kind: str, version: int, payload: bytes | dict[str, Any]) -> Journalled:
    """The event of a payload. Raises ValueError for an unknown kind, a newer version or a payload that does not
    fit."""
    if kind not in _KINDS:
        raise ValueError(f"no event is called {kind}")
    if not 1 <= version <= FORMAT:
        raise ValueError(f"written by a newer version ({version}); this one reads up to {FORMAT}")
    raw = orjson.loads(payload) if isinstance(payload, bytes) else payload
    for old in range(version, FORMAT):
        raw = UPCASTERS[old](kind, raw)
    event: Journalled = frozen.adapter(_KINDS[kind]).validate_python(raw)
    return event


def make_adapters() -> None:
    """Make them all, where there is time for it."""
    for kind in _KINDS:
        frozen.adapter(_KINDS[kind])
    standing.make_adapter()
