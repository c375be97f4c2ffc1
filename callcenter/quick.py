"""Frozen values that are cheap to make. Pure.

A frozen dataclass sets each field through ``object.__setattr__``, which costs five times an ordinary store. The
interpreter makes several such values for every step of every caller, the desk for every change of an agent.
:func:`maker` answers with a function that makes the same value: it fills an object of an unfrozen twin and then turns
that into what it is. The class itself stays what ``@dataclass(frozen=True, slots=True)`` made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """A function of the same signature as the frozen, slotted dataclass ``cls``, which has no ``__post_init__``."""
    every = fields(cls)  # type: ignore[arg-type]
    twin = type("_Open", (), {"__slots__": tuple(field.name for field in every)})
    known: dict[str, Any] = {"_new": object.__new__, "_twin": twin, "_frozen": cls, "_MISSING": MISSING}
    positional, keyword, body = list[str](), list[str](), list[str]()
    for field in every:
        name = field.name
        text, value = name, name
        if field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            text = f"{name}=_default_{name}"
        elif field.default_factory is not MISSING:
            known[f"_make_{name}"] = field.default_factory
            text = f"{name}=_MISSING"
            value = f"_make_{name}() if {name} is _MISSING else {name}"
        (keyword if field.kw_only else positional).append(text)
        body.append(f"    _made.{name} = {value}")
    signature = ", ".join([*positional, *(["*", *keyword] if keyword else [])])
    lines = [f"def make({signature}):", "    _made = _new(_twin)", *body, "    _made.__class__ = _frozen"]
    exec("\n".join([*lines, "    return _made"]), known)  # noqa: S102 - of the class's own field names, as dataclass does
    made: Callable[P, T] = known["make"]
    return made
