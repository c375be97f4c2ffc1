"""Frozen values that are cheap to make. Pure.

A frozen dataclass sets each field through ``object.__setattr__``, which costs five times an ordinary store; the
interpreter makes several such values for every step of every caller. :func:`quick` gives a class an ``__init__``
that fills the object while it is of an unfrozen twin and then turns it into what it is. To everybody else the class is
what ``@dataclass(frozen=True, slots=True)`` made: same signature, equality, hash, ``replace``, and frozen.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Decorates a frozen, slotted dataclass without ``__post_init__`` whose bases have no slots of their own."""
    known: dict[str, Any] = {"_become": object.__setattr__, "_frozen": cls, "_MISSING": MISSING}
    positional, keyword, body = ["self"], list[str](), list[str]()
    for field in fields(cls):  # type: ignore[arg-type]
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
        body.append(f"    self.{name} = {value}")
    known["_open"] = type(f"_Open{cls.__name__}", (), {"__slots__": tuple(field.name for field in fields(cls))})  # type: ignore[arg-type]
    signature = ", ".join([*positional, *(["*", *keyword] if keyword else [])])
    lines = [
        f"def __init__({signature}):",
        "    _become(self, '__class__', _open)",
        *body,
        "    self.__class__ = _frozen",
    ]
    exec("\n".join(lines), known)  # noqa: S102 - made of the class's own field names, as dataclass itself does
    made = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__annotations__ = dict(cls.__init__.__annotations__)
    setattr(cls, "__init__", made)  # noqa: B010 - a checker is right to mind it everywhere else
    return cls
