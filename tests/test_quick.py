"""Values that are cheap to make are the frozen dataclasses that they claim to be."""

from __future__ import annotations

import copy
import inspect
from dataclasses import FrozenInstanceError, asdict, dataclass, field, replace

import orjson
import pytest

from callcenter.quick import maker, picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    at: int
    name: str = "x"
    more: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    one: int
    two: int = 2


named, placed = maker(Named), maker(Placed)


def test_it_is_made_shown_and_compared_like_any_other() -> None:
    made = named(at=1)
    assert type(made) is Named
    assert repr(made) == repr(Named(at=1))
    assert made == Named(at=1, name="x", more={})
    assert made != named(at=2)
    assert made.more is not named(at=1).more, "each has a default of its own"
    assert asdict(replace(made, name="y")) == {"at": 1, "name": "y", "more": {}}
    assert orjson.dumps(made) == orjson.dumps(Named(at=1))
    assert copy.deepcopy(made) == made
    assert placed(1) == Placed(1, 2)
    assert hash(placed(1)) == hash(Placed(1, 2))


def test_nobody_changes_it() -> None:
    made = placed(1)
    with pytest.raises(FrozenInstanceError):
        made.one = 2  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        made.three = 3  # type: ignore[attr-defined]


def test_what_is_missing_or_unknown_is_refused() -> None:
    for wrong in (lambda: named(), lambda: named(at=1, other=2), lambda: named(1), lambda: placed(1, 2, 3)):  # type: ignore[call-arg,misc]
        with pytest.raises(TypeError):
            wrong()
    assert list(inspect.signature(named).parameters) == list(inspect.signature(Named).parameters)


@dataclass(slots=True)
class Changing:
    at: int
    name: str
    more: dict[str, int]
    apart: int = 0


def test_a_picture_keeps_what_was_true_when_it_was_taken() -> None:
    changing = Changing(at=1, name="y", more={"z": 2}, apart=3)
    taken = picture(Changing, Named)(changing)
    changing.at = 2
    assert type(taken) is Named
    assert taken == Named(at=1, name="y", more={"z": 2})
    with pytest.raises(FrozenInstanceError):
        taken.at = 3  # type: ignore[misc]


def test_a_picture_of_what_is_not_there_is_refused_when_it_is_defined() -> None:
    with pytest.raises(TypeError, match="Placed has no at, more, name"):
        picture(Placed, Named)
