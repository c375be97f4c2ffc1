"""What goes into a cell of a sheet that is taken away."""

from __future__ import annotations

from typing import Final

_FORMULAS_BEGIN: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """A text that a spreadsheet would take for a formula is only shown: names and notes are whatever somebody typed."""
    return f"'{text}" if text.startswith(_FORMULAS_BEGIN) else text
