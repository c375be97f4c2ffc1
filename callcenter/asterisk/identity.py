"""Who is calling, in the one text that Asterisk reads a name and a number from. Pure."""

from __future__ import annotations

import re
from typing import Final

_NOT_IN_A_NAME: Final = re.compile(r"[\x00-\x1f\x7f\"<>\\]+")
_NOT_IN_A_NUMBER: Final = re.compile(r"[^0-9A-Za-z+*#._-]+")
_LONGEST: Final = 80


def caller_id(name: str, number: str) -> str:
    """``"name" <number>``. What would end either early is left out: callers and carriers say what they like of
    themselves, and nobody may be shown a number that another part of the text made."""
    shown = " ".join(_NOT_IN_A_NAME.sub(" ", name).split())
    return f'"{shown[:_LONGEST]}" <{_NOT_IN_A_NUMBER.sub("", number)[:_LONGEST]}>'
