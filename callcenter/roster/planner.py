"""Planning as a job in a process of its own, so that neither calls nor pages wait for it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

import structlog

from callcenter.errors import Conflict, NotFound
from callcenter.ids import new_id
from callcenter.roster.planning import PlanResult, PlanTask

_KEPT: Final = 20
_GRACE_S: Final = 30.0
_log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Job:
    id: str
    task: PlanTask
    result: PlanResult | None = None
    error: str = ""

    @property
    def running(self) -> bool:
        return self.result is None and not self.error


class Planner:
    """One plan at a time; the last few are kept."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._running: asyncio.Task[None] | None = None

    def start(self, task: PlanTask) -> Job:
        """Raises Conflict while another plan is being made."""
        if self._running is not None and not self._running.done():
            raise Conflict("another plan is being made; wait until it is done")
        job = Job(id=new_id(), task=task)
        self._jobs[job.id] = job
        while len(self._jobs) > _KEPT:
            self._jobs.popitem(last=False)
        self._running = asyncio.create_task(self._run(job), name="roster-plan")
        return job

    def job(self, job_id: str) -> Job:
        """Raises NotFound."""
        job = self._jobs.get(job_id)
        if job is None:
            raise NotFound("there is no such plan (any more): plans are kept until the service restarts")
        return job

    async def wait(self) -> None:
        """Until nothing is being planned."""
        if self._running is not None:
            await asyncio.shield(self._running)

    async def close(self) -> None:
        """End what runs."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _run(self, job: Job) -> None:
        try:
            job.result = await solve_apart(job.task)
        except asyncio.CancelledError:
            job.error = "the service was stopped"
            raise
        except Exception as error:
            _log.exception("plan_failed", plan=job.id)
            job.error = str(error) or type(error).__name__


async def solve_apart(task: PlanTask) -> PlanResult:
    """Plan in a child process of low priority. Raises RuntimeError when it fails, TimeoutError when it hangs."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(send, task), daemon=True, name="roster-plan")
    await asyncio.to_thread(process.start)
    send.close()
    try:
        async with asyncio.timeout(task.time_limit_s + _GRACE_S):
            answer = await asyncio.to_thread(receive.recv)
    except EOFError:
        raise RuntimeError("the planner ended without an answer") from None
    finally:
        # A cancelled wait leaves its thread in ``recv``: with the child gone it ends at once.
        process.kill()
        await asyncio.to_thread(process.join)
        receive.close()
    if isinstance(answer, PlanResult):
        return answer
    raise RuntimeError(str(answer))


def _work(send: Connection, task: PlanTask) -> None:
    """The child."""
    os.nice(10)  # calls come first
    try:
        from callcenter.roster.solver import plan  # the service itself need not load it

        send.send(plan(task))
    except Exception as error:
        send.send(f"{type(error).__name__}: {error}")
