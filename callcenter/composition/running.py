"""The order in which the parts begin and end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from callcenter.acd.takeover import take_agents
from callcenter.calls.takeover import begin_taking, half_taken, left_behind, take_journals, taking_done
from callcenter.composition.business import outlives_calls
from callcenter.composition.parts import Parts
from callcenter.reporting.monthly import MonthlyReports
from callcenter.reporting.summing import Summing
from callcenter.tasks import beside, vital, within
from callcenter.watch.endpoints import WatchRoom

CALLS_FIRST_S: Final = 2.0
"""Pages wait no longer than this for an Asterisk that says nothing."""

LAST_WORDS_S: Final = 1.0
"""What is not written by then is in the spool, or is found by the next process: callers wait for that one, also where
the database hangs or a recording takes long."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def lifespan_of(parts: Parts) -> Lifespan:
    """Starts and ends all tasks."""
    settings, lease, sessions = parts.settings, parts.lease, parts.sessions
    kept, phones, staff, live = parts.kept, parts.phones, parts.staff, parts.live
    spool, database, clock = kept.spool, kept.database, kept.clock
    node, registry, runner, desk = phones.node, phones.registry, live.runner, staff.desk

    def alarm(part: str, error: Exception) -> None:
        text = f"a part of the service ({part}) failed and is begun again: {type(error).__name__}, see the log"
        kept.counter.incident("task_died", text, facts={"part": part, "reason": type(error).__name__})

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        spool.open()  # not before: it belongs to one process at a time, and this may have been a spare
        if (last := spool.newest()) is not None:
            clock.hold(last)
        watched: WatchRoom = app.state.watch
        watched.started_at = clock.now()
        if lease.taken_from or half_taken(spool) or (lease.asked and await left_behind(database, spool)):
            begin_taking(spool)
            await take_journals(database, spool, clock)
            await take_agents(database, spool)
            if lease.taken_from:
                await lease.taken()
            taking_done(spool)
        kept.continuity.know_seats(node)
        await phones.lines.begin()
        sessions.recall()
        # Asterisk and the database are asked while the flows are loaded.
        tasks = vital({"asterisk": node.run()})
        await asyncio.gather(registry.start(), phones.ami.connect(), phones.out_of_service())
        alive = await kept.continuity.restore(
            journal=kept.journal, runner=runner, desk=desk, node=node, pages=live.pages, registry=registry
        )
        for found in kept.continuity.alarms:
            kept.counter.incident(*found)
        tasks += vital({"spool": kept.shipper.run(), "desk": desk.run(), "calls": runner.follow(node)})
        # Calls first: pages come in, and figures are read, when the calls of the last run have been taken up.
        await runner.taken_up(CALLS_FIRST_S)
        tasks += beside(
            {
                "sessions": sessions.run,
                "states": staff.states.run,
                "duty": staff.duty.run,
                "coverage alarm": staff.alarm.run,
                "sweep": live.sweeper.run,
                "fallback": staff.fallback.run,
                "messages": live.messages.run,
                "watch": live.watch.run,
                "pages": live.console.await_pages,
                "trunks": phones.lines.run,
                "tally": phones.tally.run,
                "captures": lambda: kept.recordings.keep_recovering(alive),
                "watcher": watched.watcher.run,
                "callbacks": live.callbacks.run,
                "cut customers": live.cut.run,
                "monthly reports": MonthlyReports(app.state.reports).run,
                "summing": Summing(database, clock, settings.zone).run,
                "forecast": staff.expected.run,
                "connections": database.warm_up,
                **outlives_calls(settings, kept),
                **({"flows": registry.watch} if settings.flows_watch else {}),
            },
            alarm,
        )
        yield
        kept.keeper.keep()
        await live.supervision.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        phones.tally.keep()
        await within(LAST_WORDS_S, kept.shipper.drain(), staff.states.drain())
        await asyncio.gather(kept.recordings.close(timeout_s=LAST_WORDS_S), live.messages.close(timeout_s=LAST_WORDS_S))
        await staff.roster.planner.close()
        phones.ami.close()
        await database.close()
        spool.close()

    return lifespan
