"""A service that runs for months gives back what died in cycles, though what it loaded is set apart."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import weakref

import pytest

from callcenter import collector

_PROGRAM = """
import gc, sys, weakref
from callcenter.collector import set_apart

class Connection:
    def __init__(self): self.me = self

loaded = [[] for _ in range(300_000)]
gc.collect()
gc.freeze() if sys.argv[1] == "freeze" else set_apart()
lived = [Connection() for _ in range(30_000)]  # long enough to grow old
one = weakref.ref(lived[0])
del lived
for _ in range(200_000):
    Connection()
print(one() is None)
"""


def _given_back(how: str) -> str:
    done = subprocess.run([sys.executable, "-c", _PROGRAM, how], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_what_died_in_cycles_is_given_back_after_much_was_set_apart() -> None:
    assert _given_back("set_apart") == "True"


def test_freezing_alone_would_keep_it() -> None:
    assert _given_back("freeze") == "False"


async def test_the_clock_gives_back_what_counts_alone_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        def __init__(self) -> None:
            self.me = self

    before, gone = gc.get_threshold(), asyncio.Event()
    monkeypatch.setattr(collector, "EVERY_S", 0.01)
    one = weakref.ref(Connection(), lambda _: gone.set())
    collecting = asyncio.create_task(collector.collect_regularly())
    try:
        await asyncio.wait_for(gone.wait(), 20)
    finally:
        collecting.cancel()
        gc.set_threshold(*before)
    assert one() is None
