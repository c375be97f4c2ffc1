"""How a process of the service shows its parent that its event loop runs."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Final

BEAT_S: Final = 1.0
ALIVE: Final = b"alive\n"


async def beat(tell_fd: int) -> None:
    """Say so for ever. A parent that does not read holds nothing up."""
    os.set_blocking(tell_fd, False)
    while True:
        with suppress(OSError):
            os.write(tell_fd, ALIVE)
        await asyncio.sleep(BEAT_S)
