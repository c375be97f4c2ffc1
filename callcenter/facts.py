"""What is told to operations: a kind, a sentence, and what the sentence is about by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

Facts = Mapping[str, str | int | float]
"""Pages say an incident in their own language, out of its kind and these."""


class Alarm(Protocol):
    """Tells operations, and holds nobody up."""

    def __call__(self, kind: str, text: str, *, facts: Facts) -> None: ...
