"""Frozen dataclasses as JSON, and what reads them back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter


def dumps(value: object) -> bytes:
    """A set becomes a sorted list. Raises TypeError for what has no JSON."""
    return orjson.dumps(value, default=_plain)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Reads a ``kind``. Made when first needed: all of them together would cost a start some hundred milliseconds."""
    return TypeAdapter(kind)


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
