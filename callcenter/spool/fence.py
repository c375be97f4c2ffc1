"""What is asked first in a transaction that only the machine with the desk may make."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from callcenter.db.engine import WriteSession

Fence = Callable[[WriteSession], Awaitable[None]]
"""Raises Unavailable when another copy has the desk, and its journal is the one that counts."""


async def no_fence(_session: WriteSession) -> None:
    pass
