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

Works = Mapping[str, Coroutine[Any, Any, None]]


def vital(works: Works) -> list[asyncio.Task[None]]:
    """Begin what calls cannot do without. Should one of these die, the process ends at once, as if killed: all that
    counts is on disk, and the one that follows takes the calls up again within a moment. Living on without a desk,
    or deaf to Asterisk, would cost every caller."""
    return _begun(works, _end_process)


def beside(works: Works) -> list[asyncio.Task[None]]:
    """Begin what calls can go on without; a death is told to the log."""
    return _begun(works, _tell)


def _begun(works: Works, then: Callable[[asyncio.Task[None]], object]) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(work, name=name) for name, work in works.items()]
    for task in tasks:
        task.add_done_callback(then)
    return tasks


def _tell(task: asyncio.Task[None]) -> bool:
    """Whether it died."""
    if task.cancelled() or task.exception() is None:
        return False
    _log.error("task_died", task=task.get_name(), exc_info=task.exception())
    return True


def _end_process(task: asyncio.Task[None]) -> None:
    if _tell(task):
        os._exit(TASK_DIED)
