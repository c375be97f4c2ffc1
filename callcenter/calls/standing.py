"""How a call stands after an event, as JSON and back, by version: what the next service takes it up from.

The rules that made it so are not asked again: they may be others by then. A version that changes what is here (a phase
that is gone, a field of another meaning) says by :data:`UPGRADES` what becomes of a call of the version before; a field
that is new and has a default needs no new version, and an older service passes it over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from pydantic import ValidationError

from callcenter import frozen
from callcenter.calls.phases import Phase
from callcenter.calls.replay import Replayed

FORMAT: Final = 1
"""Version of what is written now."""

UPGRADES: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""Version → what makes of its JSON that of the next version."""


def encode(standing: Replayed) -> bytes:
    return frozen.dumps({"version": FORMAT, "standing": standing})


def decode(payload: bytes) -> Replayed:
    """Raises ValueError for what a newer version wrote otherwise, or what does not fit; no customer's data is in its
    text."""
    try:
        told = orjson.loads(payload)
        version, raw = int(told["version"]), told["standing"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no call's standing: {type(error).__name__}") from None
    if not 1 <= version <= FORMAT:
        raise ValueError(f"written by a newer version ({version}); this one reads up to {FORMAT}")
    for old in range(version, FORMAT):
        raw = UPGRADES[old](raw)
    try:
        found: Replayed = frozen.adapter(Replayed).validate_python(raw)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
        raise ValueError(f"does not fit at {', '.join(places[:5])}") from None
    return found


def is_over(payload: bytes) -> bool:
    """Whether the call had ended; False for what cannot be read."""
    try:
        return decode(payload).call.phase is Phase.ENDED
    except ValueError:
        return False


def make_adapter() -> None:
    """Make it where there is time for it."""
    frozen.adapter(Replayed)
