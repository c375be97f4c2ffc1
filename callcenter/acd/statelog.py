"""What each agent did and does, kept in the database: every change of state with its cause, and how they stand now.

The log has one row for each stretch of time in one state; the present row of ``agent_states`` holds all that the desk
needs to go on with the agent after a restart. Writing never holds up the desk: changes are lined up at once and
committed in groups; a database that is away is tried again until it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, bindparam, select, text
from sqlalchemy.dialects.postgresql import UUID as PgUuid
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from callcenter.acd.messages import AgentSnapshot, AgentState
from callcenter.acd.tables import AgentStateLog, AgentStateRow
from callcenter.db.base import Base
from callcenter.db.engine import Database, ReadSession, WriteSession
from callcenter.errors import Unavailable
from callcenter.ids import AgentId, new_id

_log = structlog.get_logger()
GATHER_S: Final = 0.05
LARGEST_BATCH: Final = 500
MAX_BACKLOG: Final = 100_000
"""Changes kept while the database is away; beyond it new ones are lost, loudly."""
_RETRY_S: Final = 0.5
# Built once: a group is written some times a second, and building statements costs more than running them.
_AGENTS: Final = bindparam("agents", type_=ARRAY(PgUuid(as_uuid=True)))
_OPEN: Final = text(
    "SELECT account_id, started_at, state, reason FROM agent_state_log"
    " WHERE account_id = ANY(:agents) AND ended_at IS NULL ORDER BY started_at"
).bindparams(_AGENTS)
_CLOSE: Final = text(
    "UPDATE agent_state_log SET ended_at = :at WHERE account_id = :agent AND ended_at IS NULL AND started_at <= :at"
)
_log_rows, _present_rows = (Base.metadata.tables[table.__tablename__] for table in (AgentStateLog, AgentStateRow))
_begin = insert(_log_rows)
_BEGIN: Final = _begin.on_conflict_do_update(
    index_elements=["account_id", "started_at", "epoch"],
    set_={"ended_at": _begin.excluded.ended_at},
    where=_log_rows.c.ended_at.is_(None),
)
_THERE: Final = text("SELECT id FROM accounts WHERE id = ANY(:agents)").bindparams(_AGENTS)
_keep = insert(_present_rows)
_KEEP: Final = _keep.on_conflict_do_update(
    index_elements=["account_id"],
    set_={column.name: _keep.excluded[column.name] for column in _present_rows.c if column.name != "account_id"},
)


class StateLog:
    """Give :meth:`seen` every AgentSnapshot; run :meth:`run` as a task; :meth:`drain` at the end."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._last: dict[AgentId, AgentSnapshot] = {}
        self._changes: list[AgentSnapshot] = []
        self._present: dict[AgentId, AgentSnapshot] = {}
        """Newest face of each agent that is not written yet."""
        self._news = asyncio.Event()

    @property
    def backlog(self) -> int:
        """Changes of state not yet committed."""
        return len(self._changes)

    def seen(self, agent: AgentSnapshot) -> None:
        """Line up what is new about an agent."""
        agent_id = agent.profile.agent_id
        before = self._last.get(agent_id)
        self._last[agent_id] = self._present[agent_id] = agent
        if before is None or (before.state, before.reason, before.since) != (agent.state, agent.reason, agent.since):
            if len(self._changes) < MAX_BACKLOG:
                self._changes.append(agent)
            else:
                _log.error("state_log_full", agent_id=agent_id, lost=agent.state.value)
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled; what is still waiting then is written by :meth:`drain`."""
        while True:
            await self._news.wait()
            await asyncio.sleep(GATHER_S)
            if not await self._write_some():
                await asyncio.sleep(_RETRY_S)

    async def drain(self) -> None:
        """Write all that is waiting. Returns when it is committed or the database refuses."""
        while (self._changes or self._present) and await self._write_some():
            pass

    async def _write_some(self) -> bool:
        batch, present = self._changes[:LARGEST_BATCH], dict(self._present)
        try:
            async with self._db.write() as session:
                await _append(session, batch)
                await _keep_present(session, present)
        except IntegrityError:
            # An account was deleted in this moment: its present state goes with it, the facts stay.
            self._present.clear()
            _log.warning("state_log_account_gone")
            return True
        except (Unavailable, DBAPIError) as error:
            _log.warning("state_log_waits", backlog=len(self._changes), error=type(error).__name__)
            return False
        del self._changes[: len(batch)]
        for agent_id, written in present.items():
            if self._present.get(agent_id) is written:
                del self._present[agent_id]
        if not self._changes and not self._present:
            self._news.clear()
        return True


async def _append(session: WriteSession, changes: Sequence[AgentSnapshot]) -> None:
    """Each change ends the stretch before it and begins its own; told twice (a restart goes on with a state) it stays
    one."""
    if not changes:
        return
    agents = {agent.profile.agent_id for agent in changes}
    there = await session.execute(_OPEN, {"agents": [UUID(agent_id) for agent_id in agents]})
    last: dict[str, tuple[datetime, str, str]] = {row[0].hex: (row[1], row[2], row[3]) for row in there}
    rows: dict[str, list[dict[str, Any]]] = {}
    for agent in changes:
        agent_id, face = agent.profile.agent_id, (agent.since, agent.state.value, agent.reason)
        if last.get(agent_id) == face:
            continue
        last[agent_id] = face
        mine = rows.setdefault(agent_id, [])
        if mine:
            mine[-1]["ended_at"] = agent.since
        mine.append(_stretch(agent))
    if not rows:
        return
    closed = [{"at": mine[0]["started_at"], "agent": UUID(agent_id)} for agent_id, mine in rows.items()]
    await session.execute(_CLOSE, closed)
    await session.execute(_BEGIN, [row for mine in rows.values() for row in mine])


def _stretch(agent: AgentSnapshot) -> dict[str, Any]:
    return {
        "id": new_id(),
        "account_id": agent.profile.agent_id,
        "state": agent.state.value,
        "reason": agent.reason,
        "cause": agent.cause,
        "epoch": agent.epoch,
        "by": agent.by,
        "call_id": agent.call_id,
        "started_at": agent.since,
        "ended_at": None,
    }


async def _keep_present(session: WriteSession, present: dict[AgentId, AgentSnapshot]) -> None:
    there = {row[0].hex for row in await session.execute(_THERE, {"agents": [UUID(one) for one in present]})}
    rows = [_present_row(agent) for agent_id, agent in sorted(present.items()) if agent_id in there]
    if rows:
        await session.execute(_KEEP, rows)


def _present_row(agent: AgentSnapshot) -> dict[str, Any]:
    return {
        "account_id": agent.profile.agent_id,
        "state": agent.state.value,
        "reason": agent.reason,
        "cause": agent.cause,
        "epoch": agent.epoch,
        "since": agent.since,
        "call_id": agent.call_id,
        "until": agent.until,
        "pending": agent.pending,
        "by": agent.by,
        "desk": {
            "profile": asdict(agent.profile),
            "offer_id": agent.offer_id,
            "ready_since": _iso(agent.ready_since),
            "allowance_until": _iso(agent.allowance_until),
            "overdue": agent.overdue,
            "duty": agent.duty,
            "queue": agent.queue,
            "missed": agent.missed,
            "calls": agent.calls,
            "busy_s": agent.busy_s,
            "idle_s": agent.idle_s,
        },
    }


async def last_states(session: ReadSession) -> Sequence[AgentStateRow]:
    """How everybody stood who was not offline: what a restart goes on with."""
    rows = await session.scalars(select(AgentStateRow).where(AgentStateRow.state != AgentState.OFFLINE.value))
    return rows.all()


async def states_since(session: ReadSession, since: datetime) -> Sequence[tuple[str, str, str, datetime]]:
    """(agent id, state, reason, when it began) of every state that began since then, in order of time."""
    log = AgentStateLog
    rows = await session.execute(
        select(log.account_id, log.state, log.reason, log.started_at)
        .where(log.started_at >= since)
        .order_by(log.started_at, log.epoch)
    )
    return [(agent_id, state, reason, at) for agent_id, state, reason, at in rows]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
