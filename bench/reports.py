"""How long reports take over a year of calls, and how long its days take to sum. Run: python -m bench.reports

A million calls with their segments, agents' states, outcomes and ratings are made up first (some minutes). Every
question is asked three times; the slowest counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
import uuid
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bench.machine import table, what_it_ran_on
from bench.year import QUEUES, fill
from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from callcenter.db.migrate import upgrade
from callcenter.ivr.tables import QueueTargetRow
from callcenter.reporting.expected import Expectations
from callcenter.reporting.history import By, Interval, Selection
from callcenter.reporting.room import ReportRoom
from callcenter.reporting.summing import sum_next_day
from callcenter.roster.shifts import DAY, day_span

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 10, tzinfo=ZONE)


class At:
    def now(self) -> datetime:
        return NOW


def questions() -> dict[str, Selection]:
    def over(days: int, by: By, interval: Interval = Interval.WHOLE, **more: str) -> Selection:
        since, until = day_span(TODAY - days * DAY, ZONE).begins, day_span(TODAY, ZONE).begins
        return Selection(since=since, until=until, by=by, interval=interval, **more)

    return {
        "a year by month": over(364, By.TIME, Interval.MONTH),
        "a year by queue": over(364, By.QUEUE),
        "a year by queue and month": over(364, By.QUEUE, Interval.MONTH),
        "a year by queue and day": over(364, By.QUEUE, Interval.DAY),
        "a year by hotline and day": over(364, By.HOTLINE, Interval.DAY),
        "a year by agent": over(364, By.AGENT),
        "a year by agent and month": over(364, By.AGENT, Interval.MONTH),
        "a year by outcome": over(364, By.OUTCOME),
        "a month by queue and day": over(30, By.QUEUE, Interval.DAY),
        "a month by agent and day": over(30, By.AGENT, Interval.DAY),
        "two weeks by queue and quarter of an hour": over(13, By.QUEUE, Interval.QUARTER),
        "yesterday by queue and half an hour, from the calls": over(1, By.QUEUE, Interval.HALF),
        "yesterday by agent, from the calls": over(1, By.AGENT),
    }


async def measure(url: str, contacts: int, days: int) -> dict[str, float]:
    agents = [uuid.UUID(int=number + 1) for number in range(max(12, contacts // days // 55))]
    database = Database(url)
    async with database.read() as session:
        there = await session.scalar(text("SELECT 1 FROM contacts LIMIT 1"))
    if there is None:
        await fill(url, contacts=contacts, days=days, until=TODAY, agents=agents)
    async with database.write() as session:  # each queue has promised something else each month
        for month in range(14):
            since = day_span(TODAY - month * 30 * DAY, ZONE).begins
            for queue, _ in QUEUES:
                await session.merge(QueueTargetRow(queue=queue, since=since, within_s=20.0 + month))
    found: dict[str, float] = {}
    began, summed, slowest = time.perf_counter(), 0, 0.0
    while True:
        at = time.perf_counter()
        async with database.write() as session:
            if await sum_next_day(session, NOW, ZONE) is None:
                break
        summed, slowest = summed + 1, max(slowest, time.perf_counter() - at)
    found[f"{summed} days summed"] = time.perf_counter() - began
    found["the slowest of them"] = slowest
    async with database.write() as session:
        await session.execute(text("ANALYZE"))

    def levels() -> dict[str, float]:
        return {"general": 20.0}

    room = ReportRoom(
        database=database,
        clock=At(),
        zone=ZONE,
        expected=Expectations(database, At(), ZONE, levels),
        queues=dict,
        hotlines=dict,
        trunks=dict,
    )
    for name, asked in questions().items():
        times = []
        for _ in range(3):
            at = time.perf_counter()
            report = await room.report(asked)
            times.append(time.perf_counter() - at)
        found[f"{name} ({len(report.lines)} rows)"] = max(times)
    at = time.perf_counter()
    await room.arrivals(questions()["a year by month"])
    found["when callers come, over a year"] = time.perf_counter() - at
    at = time.perf_counter()
    await room.expected.read()
    found["the forecast of nine weeks, made anew"] = time.perf_counter() - at
    await database.close()
    return found


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--contacts", type=int, default=1_000_000)
    asked.add_argument("--days", type=int, default=365)
    asked.add_argument("--folder", help="Keep the calls there, and take them from there the next time")
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="callcenter-reports-", ignore_cleanup_errors=True) as gone_after:
        server = EmbeddedPostgres(Path(given.folder or gone_after) / "postgres", ("fsync=off", "max_wal_size=4GB"))
        await server.start()
        try:
            await upgrade(server.url())
            found = await measure(server.url(), given.contacts, given.days)
        finally:
            await server.stop()
    if given.json:
        print(json.dumps({"ran_on": what_it_ran_on(), "seconds": found}))
    else:
        print(table(["question", "seconds"], [[name, f"{seconds:.2f}"] for name, seconds in found.items()]))


if __name__ == "__main__":
    asyncio.run(main())
