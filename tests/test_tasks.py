"""A task of the service that dies: without the vital ones the process must not live on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from callcenter.tasks import TASK_DIED

PROGRAM = """
import asyncio
from callcenter.tasks import beside, vital

async def dies(): raise ValueError("a bug")
async def lives(): await asyncio.Event().wait()

async def main():
    tasks = {how}({{"one": {what}(), "other": lives()}})
    await asyncio.sleep(0.05)
    for task in tasks: task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("how", "what", "code", "told"),
    [("vital", "dies", TASK_DIED, True), ("vital", "lives", 0, False), ("beside", "dies", 0, True)],
)
def test_a_vital_task_takes_its_process_with_it(how: str, what: str, code: int, told: bool) -> None:
    program = PROGRAM.format(how=how, what=what)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ran.returncode == code
    assert ("task_died" in ran.stdout + ran.stderr) is told
