"""What is asked first in a transaction that only the machine with the desk may make."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from callcenter.db.direct import Direct

Fence = Callable[[Direct], Awaitable[None]]
"""Raises Unavailable when another copy has the desk, and its journal is the one that counts."""


async def no_fence(_direct: Direct) -> None:
    pass
