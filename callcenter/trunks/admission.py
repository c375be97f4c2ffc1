"""Whether one more caller is let in on a trunk. Pure."""

from __future__ import annotations

from typing import Literal

from callcenter.trunks.model import Trunk

Refusal = Literal["trunk_full", "trunk_unknown"]


def admit(trunk: Trunk | None, in_use: int, hotline: str) -> Refusal | None:
    """None: come in. ``in_use`` counts the trunk's lines in both directions without this caller's.

    A trunk that ``trunks.yaml`` no longer knows is refused: Asterisk may go on recognising its address. One that is
    out of service still takes callers: the carrier sends them, and a person waits at the other end.
    """
    if trunk is None:
        return "trunk_unknown"
    if not trunk.max_lines:
        return None
    kept = 0 if hotline in trunk.reserve_for else trunk.reserve
    return "trunk_full" if in_use >= trunk.max_lines - kept else None
