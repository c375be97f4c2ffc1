"""Values that are cheap to make are frozen dataclasses all the same."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, asdict, dataclass, field, replace

import orjson
import pytest

from callcenter.ivr.quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Quick:
    at: int
    name: str = "x"
    more: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    at: int
    name: str = "x"
    more: dict[str, int] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True)
class Placed:
    one: int
    two: int = 2


def test_it_is_made_shown_and_compared_like_any_other() -> None:
    made = Quick(at=1)
    assert type(made) is Quick
    assert repr(made) == repr(Plain(at=1)).replace("Plain", "Quick")
    assert made == Quick(at=1, name="x", more={})
    assert made != Quick(at=2)
    assert made.more is not Quick(at=1).more, "each has a default of its own"
    assert asdict(replace(made, name="y")) == {"at": 1, "name": "y", "more": {}}
    assert orjson.dumps(made) == orjson.dumps(Plain(at=1))
    assert Placed(1) == Placed(1, 2)
    assert hash(Placed(1)) == hash(Placed(1, 2))


def test_nobody_changes_it() -> None:
    made = Placed(1)
    with pytest.raises(FrozenInstanceError):
        made.one = 2  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        made.three = 3  # type: ignore[attr-defined]


def test_what_is_missing_or_unknown_is_refused() -> None:
    for wrong in (lambda: Quick(), lambda: Quick(at=1, other=2), lambda: Quick(1), lambda: Placed(1, 2, 3)):  # type: ignore[call-arg,misc]
        with pytest.raises(TypeError):
            wrong()
    assert list(inspect.signature(Quick).parameters) == list(inspect.signature(Plain).parameters)
