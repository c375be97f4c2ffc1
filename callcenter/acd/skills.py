"""Skill levels as bits, so that "has all that is asked for" is one AND. Pure.

A level is written in unary: level 3 of a skill sets the skill's lowest three bits of ten. What is asked for is
one bit a skill (level 3: the third), and an agent is able if none of these is among the bits they lack. Two
more bits keep fire drills and real calls apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TOP_LEVEL: Final = 10
_DRILL: Final = 1
_REAL: Final = 2
_FIRST: Final = 2
"""Bits taken by drill and real."""


class SkillCodes:
    """Which bits stand for which skill: grows as names are met, never shrinks."""

    def __init__(self) -> None:
        self._offsets: dict[str, int] = {}

    def _offset(self, skill: str) -> int:
        return self._offsets.setdefault(skill, _FIRST + TOP_LEVEL * len(self._offsets))

    def needs(self, levels: Mapping[str, int], *, drill: bool) -> int:
        """The bits that a call asks for."""
        bits = _DRILL if drill else _REAL
        for skill, level in levels.items():
            if level > 0:
                bits |= 1 << (self._offset(skill) + min(level, TOP_LEVEL) - 1)
        return bits

    def lacks(self, skills: Mapping[str, int], *, drill: bool) -> int:
        """The bits that an agent has not (a negative number: endlessly many)."""
        bits = _DRILL if drill else _REAL
        for skill, level in skills.items():
            if level > 0:
                bits |= ((1 << min(level, TOP_LEVEL)) - 1) << self._offset(skill)
        return ~bits
