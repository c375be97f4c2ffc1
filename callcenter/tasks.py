"""The service's tasks, none of which may end by itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

import structlog

_log = structlog.get_logger()
TASK_DIED: Final = 70
"""Exit code (sysexits' EX_SOFTWARE) of a service that cannot go on."""
PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
TELL_EVERY_S: Final = 3600.0

Work = Coroutine[Any, Any, None]


def vital(works: Mapping[str, Work]) -> list[asyncio.Task[None]]:
    """Begin what calls cannot do without. Should one of these die, the process ends at once, as if killed: all that
    counts is on disk, and the one that follows takes the calls up again within a moment. Living on without a desk,
    or deaf to Asterisk, would cost every caller."""
    tasks = [asyncio.create_task(work, name=name) for name, work in works.items()]
    for task in tasks:
        task.add_done_callback(_end_process)
    return tasks


def _end_process(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("task_died", task=task.get_name(), exc_info=task.exception())
        os._exit(TASK_DIED)


def beside(
    works: Mapping[str, Callable[[], Work]], alarm: Callable[[str, Exception], object], *, pause_s: float = PAUSE_S
) -> list[asyncio.Task[None]]:
    """Begin what calls can go on without. What dies of a bug is begun again, after a pause that grows to a minute, and
    ``alarm`` is told of it, once an hour at most."""
    return [asyncio.create_task(_kept_up(name, work, alarm, pause_s), name=name) for name, work in works.items()]


async def _kept_up(
    name: str, work: Callable[[], Work], alarm: Callable[[str, Exception], object], pause_s: float
) -> None:
    clock = asyncio.get_running_loop().time
    pause, told = pause_s, float("-inf")
    while True:
        began = clock()
        try:
            await work()
        except Exception as error:
            _log.exception("task_died", task=name)
            if clock() - told >= TELL_EVERY_S:
                told = clock()
                alarm(name, error)
        else:
            return
        pause = pause_s if clock() - began > LONGEST_PAUSE_S else min(2 * pause, LONGEST_PAUSE_S)
        await asyncio.sleep(pause)


async def within(seconds: float, *works: Work) -> None:
    """Do these beside each other; who is not done by then is stopped. What they raise is logged."""
    tasks = [asyncio.create_task(work) for work in works]
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    for found in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(found, Exception):
            _log.error("last_words_failed", exc_info=found)
