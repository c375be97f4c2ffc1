"""Which callers are let in: lines in all, lines kept for hotlines that must always be reached. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.ivr.flow import Hotline


def admit(
    hotline: Hotline | None,
    hotlines: Mapping[str, Hotline],
    in_use: Mapping[str, int],
    refused: int,
    *,
    max_lines: int,
    overflow_lines: int,
) -> str:
    """Empty: come in. ``lines_busy``: hear so, and be offered a call-back. ``lines_full``: the busy tone.

    ``in_use`` are the lines of each hotline now (calls that we make count by the hotline they show), ``refused`` the
    callers who hear just now that all lines are busy: they hold no line, but there must be an end to them too.
    """
    if hotline is None:
        return "unknown_number" if refused < overflow_lines else "lines_full"
    if hotline.drill:
        return ""
    kept = sum(
        max(0, other.reserved_lines - in_use.get(other.number, 0))
        for other in hotlines.values()
        if other.number != hotline.number
    )
    if sum(in_use.values()) + kept < max_lines:
        return ""
    return "lines_busy" if refused < overflow_lines else "lines_full"
