"""A call centre's past, made up: calls, segments, agents' states, outcomes, ratings as the service would have written
them, by a small simulation of each day (arrivals by weekday and hour, whoever is free takes the next caller).

``fill`` writes it into an empty database of the present schema; ``python -m bench.year URL --contacts N --days N`` too.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from callcenter.db.engine import parse_url

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = (1, 1, 1, 1, 1, 2, 4, 9, 22, 34, 36, 30, 22, 26, 33, 34, 30, 24, 16, 13, 11, 8, 5, 2)
WEEKDAYS = (1.25, 1.1, 1.05, 1.0, 1.05, 0.75, 0.65)
QUEUES = (("general", 60), ("consult", 25), ("complaint", 15))
HOTLINES = (("4008001", 65), ("4008002", 25), ("4008003", 10))
TRUNKS = (("trunk-north", 70), ("trunk-south", 30))
OUTCOMES = (("consultation", 50), ("complaint", 15), ("fault", 15), ("order", 20))
_CONTACTS = (
    "id", "direction", "hotline", "trunk", "caller_number", "flow", "started_at", "answered_at", "ended_at",
    "end_reason", "ended_by", "queue", "answered_by", "transfers", "menu_trace",
)  # fmt: skip
_SEGMENTS = ("id", "contact_id", "track", "seq", "kind", "agent_id", "queue", "started_at", "ended_at", "result")
_STATES = ("id", "account_id", "state", "reason", "epoch", "call_id", "started_at", "ended_at")
_OUTCOMES = ("id", "contact_id", "agent_id", "disposition", "department", "created_at", "updated_at")
_MENU = '[{"step": "welcome"}, {"step": "main_menu", "key": "0"}]'
_RATINGS = ("contact_id", "question", "score", "at")


@dataclass
class Rows:
    contacts: list[Sequence[Any]] = field(default_factory=list)
    segments: list[Sequence[Any]] = field(default_factory=list)
    states: list[Sequence[Any]] = field(default_factory=list)
    outcomes: list[Sequence[Any]] = field(default_factory=list)
    ratings: list[Sequence[Any]] = field(default_factory=list)


def _pick(random_: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    return random_.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]


class Day:
    """One day of the site, minute by minute as far as callers and agents are concerned."""

    def __init__(
        self, day: date, calls: int, agents: Sequence[uuid.UUID], dispositions: Sequence[str], seed: int
    ) -> None:
        self._random, self._rows, self._dispositions = random.Random(f"{seed}{day}"), Rows(), dispositions
        self._midnight = datetime.combine(day, time(), ZONE).astimezone(UTC)
        self._calls = round(calls * WEEKDAYS[day.weekday()] / (sum(WEEKDAYS) / 7))
        night = max(2, len(agents) // 8)
        turn = day.toordinal() % len(agents)
        order = [*agents[turn:], *agents[:turn]]
        # Early, middle, night until morning and from evening on.
        shifts = [(order[:night], 0, 8), (order[-night:], 20, 24)]
        day_crew = order[night:-night]
        shifts += [(day_crew[: len(day_crew) // 2], 8, 20), (day_crew[len(day_crew) // 2 :], 9, 21)]
        self._free: list[tuple[float, int, uuid.UUID, float]] = []
        for crew, begins, ends in shifts:
            for agent in crew:
                heapq.heappush(self._free, (begins * 3600.0, len(self._free), agent, ends * 3600.0))
        self._turn = len(self._free)
        self._epoch = (day - date(2020, 1, 1)).days * 100_000
        self._since = {agent: at for at, _, agent, _ in self._free}

    def rows(self) -> Rows:
        arrivals = sorted(
            hour * 3600 + self._random.random() * 3600 for hour in self._random.choices(range(24), HOURS, k=self._calls)
        )
        for at in arrivals:
            self._call(at)
        for at, _, agent, ends in self._free:
            self._state(agent, "ready", at, max(at, ends))
        return self._rows

    def _at(self, seconds: float) -> datetime:
        return self._midnight + timedelta(seconds=seconds)

    def _state(self, agent: uuid.UUID, state: str, begin: float, end: float, call: uuid.UUID | None = None) -> None:
        if end <= begin:
            return
        self._epoch += 1
        reason = "" if state != "break" else self._random.choice(("meal", "rest", "training"))
        self._rows.states.append(
            (uuid.uuid4(), agent, state, reason, self._epoch, call, self._at(begin), self._at(end))
        )

    def _call(self, at: float) -> None:
        pick, rows, contact = self._random, self._rows, uuid.uuid4()
        hotline, trunk, queue = _pick(pick, HOTLINES), _pick(pick, TRUNKS), _pick(pick, QUEUES)
        menu = pick.uniform(6, 25)
        entered = at + menu
        parts: list[tuple[str, float, uuid.UUID | None, str | None]] = [("menu", menu, None, None)]
        agent = None
        ended_by, reason, transfers = "caller", "completed", 0
        if pick.random() < 0.12:
            queue = ""
            reason, ended_by = ("flow_ended", "system") if pick.random() < 0.5 else ("abandoned_in_menu", "caller")
        else:
            patience = pick.expovariate(1 / 150)
            free = self._next_free(entered)
            wait = max(0.05, (free[0] if free else 1e9) - entered)
            if free is None or wait > min(patience, 600):
                if free is not None:
                    heapq.heappush(self._free, free)
                parts.append(("wait", min(patience, 600), None, None if patience < 600 else "expired"))
                reason, ended_by = ("abandoned", "caller") if patience < 600 else ("flow_ended", "system")
            else:
                agent = free[2]
                parts += self._talk(free, contact, entered, wait)
        now, answered = at, None
        for seq, (kind, seconds, who, result) in enumerate(parts, start=1):
            if kind == "talk" and answered is None:
                answered = self._at(now)
            rows.segments.append(
                (uuid.uuid4(), contact, 0, seq, kind, who, queue if kind != "menu" else None, self._at(now),
                 self._at(now + seconds), result)
            )  # fmt: skip
            now += seconds
        number = f"+861380{pick.randrange(10**7):07}"
        ends = (answered, self._at(now), reason, ended_by)
        rows.contacts.append(
            (
                contact,
                "inbound",
                hotline,
                trunk,
                number,
                "main",
                self._at(at),
                *ends,
                queue or None,
                agent,
                transfers,
                _MENU,
            )
        )
        if agent is not None and pick.random() < 0.95:
            department = pick.choice((None, None, "售后", "财务"))
            rows.outcomes.append(
                (uuid.uuid4(), contact, agent, pick.choice(self._dispositions), department, self._at(now + 10),
                 self._at(now + 10))
            )  # fmt: skip
        if agent is not None and pick.random() < 0.3:
            score = pick.choices((1, 2, 3, 4, 5), (2, 3, 10, 30, 55))[0]
            rows.ratings.append((contact, "service", score, self._at(now)))

    def _next_free(self, entered: float) -> tuple[float, int, uuid.UUID, float] | None:
        """Who is free first and still on shift then."""
        while self._free:
            free = heapq.heappop(self._free)
            if max(free[0], entered) < free[3]:
                return free
            self._state(free[2], "ready", free[0], free[3])
        return None

    def _talk(
        self, free: tuple[float, int, uuid.UUID, float], contact: uuid.UUID, entered: float, wait: float
    ) -> Iterator[tuple[str, float, uuid.UUID | None, str | None]]:
        pick = self._random
        since, _, agent, ends = free
        ring = pick.uniform(1, 6)
        talk = pick.lognormvariate(4.9, 0.55)
        hold = pick.uniform(10, 60) if pick.random() < 0.15 else 0.0
        wrap = min(60.0, pick.expovariate(1 / 25))
        begin = entered + wait
        self._state(agent, "ready", since, begin)
        self._state(agent, "ringing", begin, begin + ring, contact)
        talked = begin + ring
        yield "wait", wait, None, "offered"
        yield "ring", ring, agent, "answered"
        yield "talk", talk, agent, "held" if hold else "agent_left"
        self._state(agent, "talking", talked, talked + talk, contact)
        talked += talk
        if hold:
            yield "hold", hold, agent, "resumed"
            yield "talk", 30.0, agent, "agent_left"
            self._state(agent, "hold", talked, talked + hold, contact)
            self._state(agent, "talking", talked + hold, talked + hold + 30, contact)
            talked += hold + 30
        self._state(agent, "wrap_up", talked, talked + wrap, contact)
        talked += wrap
        if pick.random() < 0.02:
            pause = pick.uniform(300, 1800)
            self._state(agent, "break", talked, talked + pause)
            talked += pause
        self._turn += 1
        heapq.heappush(self._free, (talked, self._turn, agent, ends))


async def fill(url: str, *, contacts: int, days: int, until: date, agents: Sequence[uuid.UUID], seed: int = 1) -> None:
    """So many calls over the days before ``until``, spread as days are."""
    admin = await asyncpg.connect(parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        dispositions = [row["code"] for row in await admin.fetch("SELECT code FROM dispositions WHERE active")]
        for before in range(days, 0, -1):
            rows = Day(until - timedelta(days=before), contacts // days, agents, dispositions, seed).rows()
            async with admin.transaction():
                for table, records, columns in (
                    ("contacts", rows.contacts, _CONTACTS),
                    ("segments", rows.segments, _SEGMENTS),
                    ("agent_state_log", rows.states, _STATES),
                    ("outcomes", rows.outcomes, _OUTCOMES),
                    ("ratings", rows.ratings, _RATINGS),
                ):
                    await admin.copy_records_to_table(table, records=records, columns=columns)
        await admin.execute("ANALYZE")
    finally:
        await admin.close()


async def _main() -> None:
    asked = argparse.ArgumentParser(description="Fill a database with a made-up past")
    asked.add_argument("url")
    asked.add_argument("--contacts", type=int, default=60_000)
    asked.add_argument("--days", type=int, default=60)
    given = asked.parse_args()
    admin = await asyncpg.connect(given.url.replace("+asyncpg", ""))
    crew = [row["id"] for row in await admin.fetch("SELECT id FROM accounts WHERE role = 'agent' AND NOT drill")]
    await admin.close()
    today = datetime.now(ZONE).date()
    await fill(given.url, contacts=given.contacts, days=given.days, until=today, agents=crew)


if __name__ == "__main__":
    asyncio.run(_main())
