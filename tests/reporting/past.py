"""Calls of the past, as contacts and segments, by the parts they went through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from callcenter.acd.tables import AgentStateLog
from callcenter.calls.tables import Contact, SegmentRow
from callcenter.db.engine import Database
from callcenter.ids import new_id
from callcenter.ivr.tables import QueueTargetRow

MIDNIGHT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
"""Of the site's day, in Shanghai."""
NOON = MIDNIGHT + timedelta(hours=12)
ANNA, BEN = new_id(), new_id()

Part = tuple[str, float, str | None, str | None, str | None]
"""Kind, seconds, queue, agent, result."""


async def call(
    db: Database, *parts: Part, at: float = 0, by: str | None = "caller", live: bool = False, **more: object
) -> str:
    """A call that began ``at`` seconds past midnight and went through these parts; its id. ``live``: the last lasts."""
    began = MIDNIGHT + timedelta(seconds=at)
    contact_id, now = new_id(), began
    rows = []
    for number, (kind, seconds, queue, agent, result) in enumerate(parts, start=1):
        end = now + timedelta(seconds=seconds)
        over = not (live and number == len(parts))
        rows.append(
            SegmentRow(
                id=new_id(), contact_id=contact_id, seq=number, kind=kind, queue=queue, agent_id=agent,
                started_at=now, ended_at=end if over else None, result=result if over else None,
            )
        )  # fmt: skip
        now = end
    values = {"trunk": "a", "end_reason": "hang_up", **more}
    if live:
        values["end_reason"] = None
    async with db.write() as session:
        session.add(
            Contact(
                id=contact_id, started_at=began, ended_at=None if live else now, ended_by=None if live else by, **values
            )
        )
        await session.flush()
        session.add_all(rows)
    return contact_id


def wait(seconds: float, result: str | None = None, queue: str = "general") -> Part:
    return ("wait", seconds, queue, None, result)


def ring(seconds: float, agent: str = ANNA, result: str = "answered", queue: str = "general") -> Part:
    return ("ring", seconds, queue, agent, result)


def talk(seconds: float, agent: str = ANNA, queue: str = "general") -> Part:
    return ("talk", seconds, queue, agent, None)


MENU: Part = ("menu", 10, None, None, None)


async def states(db: Database, agent: str, *stretches: tuple[str, float, float], call: str | None = None) -> None:
    """State (``break:meal`` with its reason), from and until: seconds past midnight."""
    async with db.write() as session:
        for state, begin, end in stretches:
            name, _, reason = state.partition(":")
            session.add(
                AgentStateLog(
                    id=new_id(), account_id=agent, state=name, reason=reason, epoch=int(begin) + 10**6, call_id=call,
                    started_at=MIDNIGHT + timedelta(seconds=begin), ended_at=MIDNIGHT + timedelta(seconds=end),
                )
            )  # fmt: skip


async def target(db: Database, queue: str, within_s: float, since: float = 0) -> None:
    """What the queue promises from then on: ``since`` seconds past midnight."""
    async with db.write() as session:
        begins = MIDNIGHT + timedelta(seconds=since)
        await session.merge(QueueTargetRow(queue=queue, since=begins, within_s=within_s))
