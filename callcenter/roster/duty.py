"""Routing follows the roster: tells the desk who is on shift, off shift or draining, whenever that changes.

It sleeps until the next edge (a shift begins, drains, ends; a minimum changes) and wakes when somebody logs in or out
or the roster is another one. Nothing is polled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import chain
from typing import Final

from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentProfile, AgentSnapshot, AgentState, DutyMarked
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.ids import AgentId
from callcenter.roster import repository
from callcenter.roster.coverage import Minimum, Worker, minimums_at, worker_of
from callcenter.roster.edges import at_edges
from callcenter.roster.handover import HandoverRules, duties, next_edge
from callcenter.roster.shifts import DAY, Span, instant

_AGAIN: Final = timedelta(hours=1)
"""The roster is read anew at least so often: the day moves on."""


class DutyKeeper:
    """Give :meth:`seen` every AgentSnapshot and :meth:`roster_changed` every change; run :meth:`run` as a task."""

    def __init__(
        self, desk: Desk, database: Database, clock: Clock, zone: tzinfo, rules: HandoverRules | None = None
    ) -> None:
        self._desk, self._database, self._clock, self._zone = desk, database, clock, zone
        self._rules = rules or HandoverRules()
        self._wake = asyncio.Event()
        self._present: dict[AgentId, AgentProfile] = {}
        self._spans: Mapping[str, Sequence[Span]] = {}
        self._minimums: Sequence[Minimum] = ()
        self._read_at: datetime | None = None
        self._stale = True
        """The roster is another one than was read, or none was read yet."""

    def seen(self, snapshot: AgentSnapshot) -> None:
        """Somebody's state has changed; only coming, going and serving something else matter here."""
        profile = snapshot.profile
        if snapshot.state is AgentState.OFFLINE:
            if self._present.pop(profile.agent_id, None) is not None:
                self._wake.set()
        elif self._present.get(profile.agent_id) is not profile:
            self._present[profile.agent_id] = profile
            self._wake.set()

    def roster_changed(self) -> None:
        self._stale = True
        self._wake.set()

    async def run(self) -> None:
        """Keep the desk informed until cancelled; without a database it goes on by the marks it has."""
        await at_edges(self._mark, self._wake, self._clock)

    async def _mark(self) -> datetime:
        """Tell the desk what has changed; when to look again."""
        now = self._clock.now()
        if self._stale or self._read_at is None or now - self._read_at >= _AGAIN:
            self._stale = False  # what changes while it is read is read again
            try:
                await self._read(now)
            except Unavailable:
                self._stale = True
                raise
            now = self._clock.now()
        again = (self._read_at or now) + _AGAIN
        # Where nobody has a shift the roster is not in use, and says nothing of anybody.
        present: dict[str, Worker] = {agent_id: worker_of(profile) for agent_id, profile in self._present.items()}
        marks = duties(present, self._spans, minimums_at(self._minimums, now, self._zone), now, self._rules)
        for mark in marks:
            duty = mark.duty.value if self._spans else ""
            self._desk.tell(DutyMarked(agent_id=AgentId(mark.agent_id), duty=duty))
        edge = next_edge(chain.from_iterable(self._spans.values()), self._bands(now), now, self._rules)
        return min(again, edge) if edge else again

    def _bands(self, now: datetime) -> list[datetime]:
        """When a minimum begins or ends, today and tomorrow."""
        today = now.astimezone(self._zone).date()
        return [
            instant(day, wall, self._zone)
            for day in (today, today + DAY)
            for minimum in self._minimums
            for wall in (minimum.begins, minimum.ends)
        ]

    async def _read(self, now: datetime) -> None:
        today = now.astimezone(self._zone).date()
        async with self._database.read() as session:
            kinds = await repository.kinds(session, all_=True)
            rows = await repository.assignments(session, today - DAY, today + DAY)
            minimums = await repository.minimums(session)
        spans: dict[str, list[Span]] = {}
        for row, span in repository.on_duty(rows, kinds, self._zone):
            spans.setdefault(row.account_id, []).append(span)
        self._spans, self._minimums, self._read_at = spans, minimums, now
