"""What Python's cycle collector is spared."""

from __future__ import annotations

import asyncio
import gc
from typing import Final

EVERY_S: Final = 30.0
_YOUNG: Final = 20_000
"""Objects made, and not freed by their last user, after which the youngest are looked through between times."""


def set_apart() -> None:
    """Put all that is there now beyond the collector's reach: what is loaded stays, and copies of it stay shared.

    ``gc.freeze`` alone leaves the collector counting what it no longer looks at: a full collection would wait until a
    quarter as many new objects have grown old, some hundred thousand here, and what died in cycles meanwhile (a lost
    database connection with all its statements, say) would stay for hours. A full collection right afterwards has
    nothing to walk, and counts anew.
    """
    gc.freeze()
    gc.collect()


def come_seldom() -> None:
    """Let the collector's own counts call it rarely; for who makes many objects that their last user frees."""
    gc.set_threshold(_YOUNG, 20, 20)


async def collect_regularly() -> None:
    """Look for garbage by the clock, until cancelled.

    Left to its counts the collector comes too often when many calls begin (a tenth of the processor's time), or, with
    larger counts, not for hours when few do: the service then grows by whatever died in cycles. Once in half a minute
    it walks what was made since the start, some ten milliseconds with fifty thousand objects.
    """
    come_seldom()
    while True:
        await asyncio.sleep(EVERY_S)
        gc.collect()
