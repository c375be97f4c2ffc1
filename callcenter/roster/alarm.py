"""The alarm: too few people are here, or will be. It is an incident as long as it lasts, and ends by itself.

``staff_short``: those who are here have been fewer than a minimum for five minutes (coming within them is on time).
``roster_short``: a stretch of the next twelve hours has fewer on the roster than its minimum. One incident a stretch;
what it tells follows the roster. A house without a roster has minimums that nobody chose: there is no alarm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final, Protocol

from callcenter.acd.messages import AgentSnapshot
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.ids import AgentId
from callcenter.roster import repository
from callcenter.roster.adherence import GRACE, HERE
from callcenter.roster.coverage import Minimum, Shortfall, ShortNow, next_quarter, short_now
from callcenter.roster.edges import at_edges
from callcenter.roster.room import RosterRoom
from callcenter.watch.incidents import Report

NOW: Final = "staff_short"
AHEAD: Final = "roster_short"
"""Kinds of incidents, and families of their keys."""


class Incidents(Protocol):
    def only(self, family: str, wrong: Mapping[str, Report]) -> None: ...


class CoverageAlarm:
    """Give :meth:`seen` every AgentSnapshot and :meth:`roster_changed` every change; run :meth:`run` as a task."""

    def __init__(self, room: RosterRoom, database: Database, clock: Clock, incidents: Incidents) -> None:
        self._room, self._database, self._clock, self._incidents = room, database, clock, incidents
        self._wake = asyncio.Event()
        self._here: set[AgentId] = set()
        self._short_since: dict[str, datetime] = {}
        self._judged = False
        """Whether it was known once since the start who is missing: until then what an earlier process said stands."""
        self._minimums: Sequence[Minimum] = ()
        self._coming: Sequence[Shortfall] = ()
        self._read_again: datetime | None = None

    def seen(self, snapshot: AgentSnapshot) -> None:
        """Somebody's state has changed; only coming and going matter here."""
        agent_id, here = snapshot.profile.agent_id, snapshot.state.value in HERE
        if here != (agent_id in self._here):
            (self._here.add if here else self._here.discard)(agent_id)
            self._wake.set()

    def roster_changed(self) -> None:
        self._read_again = None
        self._wake.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        await at_edges(self._look, self._wake, self._clock)

    async def _look(self) -> datetime:
        """Tell what is wrong now; when to look again."""
        now = self._clock.now()
        if self._read_again is None or now >= self._read_again:
            await self._read(now)
        again, zone = self._read_again or now, self._room.settings.zone
        short = {_key(one.minimum): one for one in short_now(self._room.here(), self._minimums, now, zone)}
        self._short_since = {key: self._short_since.get(key, now) for key in short}
        due = {key: since + GRACE for key, since in self._short_since.items()}
        late = [at for at in due.values() if at > now]
        self._judged = self._judged or not late
        if self._judged:
            self._incidents.only(NOW, {key: _now(one) for key, one in short.items() if due[key] <= now})
        self._incidents.only(AHEAD, {_stretch(one): _ahead(one, zone) for one in self._coming})
        return min(again, *late) if late else again

    async def _read(self, now: datetime) -> None:
        """At each quarter of an hour, for the hours ahead move on, and when the roster is another one."""
        self._read_again = next_quarter(now)
        try:
            async with self._database.read() as session:
                used = await repository.in_use(session, self._room.today())
                self._minimums = await repository.minimums(session) if used else ()
                self._coming = await self._room.coming(session, now) if used else ()
        except BaseException:
            self._read_again = None
            raise


def _key(minimum: Minimum) -> str:
    return f"{minimum.queue}:{minimum.skill}:{minimum.level}"


def _stretch(short: Shortfall) -> str:
    return f"{_key(short.minimum)}:{short.span.begins:%Y%m%d%H%M}"


def _of(minimum: Minimum) -> str:
    what = [f"queue {minimum.queue}" if minimum.queue else "", f"skill {minimum.skill}" if minimum.skill else ""]
    return "".join(f" for {one}" for one in what if one)


def _now(short: ShortNow) -> Report:
    need = short.minimum.need
    return Report(
        kind=NOW,
        text=f"{short.here} here now{_of(short.minimum)}, of at least {need}",
        facts={"here": short.here, "need": need, "queue": short.minimum.queue, "skill": short.minimum.skill},
    )


def _ahead(short: Shortfall, zone: tzinfo) -> Report:
    """A stretch of the coming hours, told in the site's time."""
    begins, ends = (at.astimezone(zone) for at in (short.span.begins, short.span.ends))
    need, when = short.minimum.need, f"{begins:%m-%d %H:%M} to {ends:%H:%M}"
    return Report(
        kind=AHEAD,
        severity="warning",
        text=f"{when}: {short.have} on the roster{_of(short.minimum)}, of at least {need}",
        facts={
            "begins": short.span.begins.isoformat(),
            "ends": short.span.ends.isoformat(),
            "have": short.have,
            "need": need,
            "queue": short.minimum.queue,
            "skill": short.minimum.skill,
        },
    )
