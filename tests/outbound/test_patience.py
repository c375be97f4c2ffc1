"""What an agent waits for while a telephone is being rung."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from callcenter.errors import Unavailable
from callcenter.ids import CallId
from callcenter.outbound import callbacks
from callcenter.outbound.callbacks import CallbackRoom


async def test_a_database_that_hangs_keeps_no_agent_in_the_ringing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hangs:
        @asynccontextmanager
        async def write(self) -> AsyncIterator[None]:
            await asyncio.Event().wait()
            yield

    monkeypatch.setattr(callbacks, "PATIENCE_S", 0.02)
    nobody: dict[str, Any] = dict.fromkeys(("desk", "clock", "rules", "results", "flow_version", "live", "abort"))
    hangs: Any = Hangs()
    room = CallbackRoom(hangs, **nobody)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(room.attempting(CallId("place"), CallId("call")), 20)
