"""Frozen dataclasses as JSON, and what reads them back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError


def dumps(value: object) -> bytes:
    """A set becomes a sorted list. Raises TypeError for what has no JSON."""
    return orjson.dumps(value, default=_plain)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Reads a ``kind``. Made when first needed: all of them together would cost a start some hundred milliseconds."""
    return TypeAdapter(kind)


def read_what_fits(kind: Any, raw: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """A ``kind`` of what another version may have written, and the names of the fields that were left out because they
    do not fit. Raises ValidationError where it cannot do without one of them."""
    try:
        return adapter(kind).validate_python(raw), []
    except ValidationError as error:
        foreign = sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]})
        rest = {name: value for name, value in raw.items() if name not in foreign}
        return adapter(kind).validate_python(rest), foreign


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
