"""Frozen values that are cheap to make. Pure.

A frozen dataclass sets each field through ``object.__setattr__``, which costs five times an ordinary store. The
interpreter makes several such values for every step of every caller, the desk for every change of an agent.
:func:`maker` answers with a function that makes the same value: it fills an object of an unfrozen twin and then turns
that into what it is; :func:`picture` with one that takes all fields from an object that has them too. The class itself
stays what ``@dataclass(frozen=True, slots=True)`` made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """A function of the same signature as the frozen, slotted dataclass ``cls``, which has no ``__post_init__``."""
    every = fields(cls)  # type: ignore[arg-type]
    known: dict[str, Any] = {"_MISSING": MISSING}
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
    made: Callable[P, T] = _function(cls, signature, body, known)
    return made


def picture(source: type[S], cls: type[T]) -> Callable[[S], T]:
    """A function that makes the frozen, slotted dataclass ``cls`` of an object of the dataclass ``source``, whose
    fields of the same names it takes. Raises TypeError when ``source`` lacks one."""
    wanted = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    lacking = set(wanted) - {field.name for field in fields(source)}  # type: ignore[arg-type]
    if lacking:
        raise TypeError(f"{source.__name__} has no {', '.join(sorted(lacking))}, which {cls.__name__} asks for")
    made: Callable[[S], T] = _function(cls, "_of", [f"    _made.{name} = _of.{name}" for name in wanted], {})
    return made


def _function(cls: Any, signature: str, body: list[str], known: dict[str, Any]) -> Any:
    """``body`` fills the twin ``_made``; ``known`` are the names it uses."""
    twin = type("_Open", (), {"__slots__": tuple(field.name for field in fields(cls))})
    known |= {"_new": object.__new__, "_twin": twin, "_frozen": cls}
    lines = [f"def make({signature}):", "    _made = _new(_twin)", *body, "    _made.__class__ = _frozen"]
    exec("\n".join([*lines, "    return _made"]), known)  # noqa: S102 - of the class's own field names, as dataclass does
    return known["make"]
