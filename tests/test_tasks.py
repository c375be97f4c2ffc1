"""A task of the service that dies: without the vital ones the process must not live on, the others begin again."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from callcenter.tasks import TASK_DIED, beside, within

PROGRAM = """
import asyncio
from callcenter.tasks import vital

async def dies(): raise ValueError("a bug")
async def lives(): await asyncio.Event().wait()

async def main():
    tasks = vital({{"one": {what}(), "other": lives()}})
    await asyncio.sleep(0.05)
    for task in tasks: task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)

asyncio.run(main())
"""


@pytest.mark.parametrize(("what", "code"), [("dies", TASK_DIED), ("lives", 0)])
def test_a_vital_task_takes_its_process_with_it(what: str, code: int) -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM.format(what=what)], capture_output=True, text=True, timeout=30)
    assert ran.returncode == code
    assert ("task_died" in ran.stdout + ran.stderr) is bool(code)


async def test_another_one_is_begun_again_and_told_of_once() -> None:
    lives, begun, told = asyncio.Event(), 0, list[str]()

    async def dies_twice() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ValueError("a bug")
        lives.set()
        await asyncio.Event().wait()

    async def is_done() -> None:
        pass

    dying, done = beside({"dying": dies_twice, "done": is_done}, lambda name, _: told.append(name), pause_s=0.0)
    async with asyncio.timeout(10):
        await lives.wait()
        await done
    assert (begun, told) == (3, ["dying"])
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying


async def test_who_ends_waits_for_no_last_words_longer_than_that() -> None:
    done = []

    async def quick() -> None:
        done.append("quick")

    async def refused() -> None:
        raise ValueError("no")

    async with asyncio.timeout(20):
        await within(0.05, asyncio.Event().wait(), refused(), quick())
    assert done == ["quick"]
