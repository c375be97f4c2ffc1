"""What each agent did and does, kept in the database: every change of state with its cause, and how they stand now.

The log has one row for each stretch of time in one state. It is made of facts, and goes through the spool: a change is
on the local disk before anybody acts on it, and in PostgreSQL once and in order. The present row of ``agent_states``
holds all that another machine's desk needs to go on with the agent; only its newest face counts, so it is written
straight to the database, in groups, and tried again until that is back.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from sqlalchemy import ARRAY, DateTime, bindparam, select, text
from sqlalchemy.dialects.postgresql import UUID as PgUuid
from sqlalchemy.dialects.postgresql import insert

from callcenter.acd.messages import AgentSnapshot, AgentState
from callcenter.acd.model import StateBegun
from callcenter.acd.tables import AgentStateLog, AgentStateRow
from callcenter.clock import Clock
from callcenter.db.base import Base
from callcenter.db.direct import DirectWrite, Fixed, Refused
from callcenter.db.engine import Database, ReadSession
from callcenter.errors import CallCenterError, Unavailable
from callcenter.ids import AgentId, new_id
from callcenter.spool.fence import Fence, no_fence
from callcenter.spool.store import Entry, Spool

_log = structlog.get_logger()
STATE: Final = "state"
"""The kind of the log's entries in the spool."""
GATHER_S: Final = 0.2
"""How old a present state may be in the database: nobody here reads it, and a standby waits for the lease first."""
_NO_SUCH_ROW: Final = "23503"
"""SQLSTATE of a foreign key that points to nothing."""
_RETRY_S: Final = 0.5
_LEAST: Final = timedelta(microseconds=1)
# Built once: a group is written some times a second, and building statements costs more than running them.
_AGENTS: Final = bindparam("agents", type_=ARRAY(PgUuid(as_uuid=True)))
_THERE_SINCE: Final = Fixed(
    text(
        "SELECT id, account_id, epoch, state, reason, started_at, ended_at FROM agent_state_log"
        " WHERE account_id = ANY(:agents) AND (ended_at IS NULL OR ended_at > :since OR started_at >= :since)"
        " ORDER BY started_at, epoch"
    ).bindparams(_AGENTS, bindparam("since", type_=DateTime(timezone=True)))
)
_END: Final = Fixed(text("UPDATE agent_state_log SET ended_at = :at WHERE id = :id"))
_log_rows, _present_rows = (Base.metadata.tables[table.__tablename__] for table in (AgentStateLog, AgentStateRow))
_BEGIN: Final = Fixed(
    insert(_log_rows).on_conflict_do_nothing(),
    *("id", "account_id", "state", "reason", "cause", "epoch", "by", "call_id", "started_at", "ended_at"),
)
_THERE: Final = Fixed(text("SELECT id FROM accounts WHERE id = ANY(:agents)").bindparams(_AGENTS))
_keep = insert(_present_rows)
_KEEP: Final = Fixed(
    _keep.on_conflict_do_update(
        index_elements=["account_id"],
        set_={column.name: _keep.excluded[column.name] for column in _present_rows.c if column.name != "account_id"},
    ),
    *(column.name for column in _present_rows.c),
)


class StateLog:
    """Give :meth:`seen` every AgentSnapshot; run :meth:`run` as a task; :meth:`drain` at the end."""

    def __init__(
        self,
        db: Database,
        spool: Spool,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
        *,
        fence: Fence = no_fence,
    ) -> None:
        """``wake`` is told that there is something new in the spool; ``fence`` is asked before agents' present states
        are written: those of the machine that has the desk are the ones that count."""
        self._db, self._spool, self._clock, self._wake, self._fence = db, spool, clock, wake, fence
        self._last: dict[AgentId, tuple[AgentState, str, datetime]] = {}
        self._present: dict[AgentId, AgentSnapshot] = {}
        """Newest face of each agent that is not written yet."""
        self._news = asyncio.Event()

    def seen(self, agent: AgentSnapshot) -> None:
        """Keep what is new about an agent. A change has reached the spool when this returns."""
        agent_id, face = agent.profile.agent_id, (agent.state, agent.reason, agent.since)
        self._present[agent_id] = agent
        if self._last.get(agent_id) != face:
            self._last[agent_id] = face
            self._put(agent)
        self._news.set()

    def _put(self, agent: AgentSnapshot) -> None:
        told = {
            "account_id": agent.profile.agent_id,
            "state": agent.state,
            "reason": agent.reason,
            "cause": agent.cause,
            "epoch": agent.epoch,
            "by": agent.by,
            "call_id": agent.call_id,
            "since": agent.since,
        }
        try:
            self._spool.put(STATE, "", self._clock.now(), orjson.dumps(told))
        except CallCenterError as error:
            _log.error("state_not_kept", agent_id=agent.profile.agent_id, lost=agent.state.value, reason=error.message)
        self._wake()

    async def run(self) -> None:
        """Write how agents stand until cancelled; what is still waiting then is written by :meth:`drain`."""
        while True:
            await self._news.wait()
            await asyncio.sleep(GATHER_S)
            if not await self._write_present():
                await asyncio.sleep(_RETRY_S)

    async def drain(self) -> None:
        """Write how everybody stands. Returns when it is committed or the database refuses."""
        while self._present and await self._write_present():
            pass

    async def _write_present(self) -> bool:
        present = dict(self._present)
        try:
            async with self._db.direct_write() as direct:
                await self._fence(direct)
                await _keep_present(direct, present)
        except (Unavailable, Refused) as error:
            if isinstance(error, Refused) and error.sqlstate == _NO_SUCH_ROW:
                # An account was deleted in this moment: its present state goes with it, the facts stay.
                self._present.clear()
                _log.warning("state_log_account_gone")
                return True
            _log.warning("agent_states_wait", agents=len(present), error=type(error).__name__)
            return False
        for agent_id, written in present.items():
            if self._present.get(agent_id) is written:
                del self._present[agent_id]
        if not self._present:
            self._news.clear()
        return True


# --- the log ---


@dataclass(slots=True)
class _Stretch:
    """Time spent in one state. ``id`` None: not in the database yet."""

    id: UUID | None
    epoch: int
    state: str
    reason: str
    begin: datetime
    end: datetime | None
    row: dict[str, Any] | None = None
    cut: bool = False
    """Its end is another than the database has."""

    def end_at(self, at: datetime) -> None:
        if self.end is None or self.end > at:
            self.end, self.cut = at, True


async def write_states(direct: DirectWrite, entries: Sequence[Entry]) -> None:
    """The spool's handler: each change ends the stretch before it and begins its own."""
    told = [(entry.at, orjson.loads(entry.payload)) for entry in entries]
    changes = [(at, {**one, "since": datetime.fromisoformat(one["since"])}) for at, one in told]
    asked = {
        "agents": list({one["account_id"] for _, one in changes}),
        "since": min(one["since"] for _, one in changes),
    }
    lines: dict[str, list[_Stretch]] = {}
    for row_id, account_id, epoch, state, reason, begin, end in await direct.rows(_THERE_SINCE, asked):
        lines.setdefault(account_id.hex, []).append(_Stretch(row_id, epoch, state, reason, begin, end))
    for at, one in changes:
        _go_on(lines.setdefault(one["account_id"], []), one, at)
    every = [stretch for line in lines.values() for stretch in line]
    ended = [{"id": stretch.id, "at": stretch.end} for stretch in every if stretch.cut and stretch.id is not None]
    begun = [{**each.row, "started_at": each.begin, "ended_at": each.end} for each in every if each.row is not None]
    if ended:
        await direct.put(_END, ended)
    if begun:
        await direct.put(_BEGIN, begun)


def _go_on(line: list[_Stretch], one: dict[str, Any], told_at: datetime) -> None:
    """Put a change into an agent's line, in which no two stretches overlap.

    Told again (a restart goes on with a state) it stays one. A desk that was restored from a note some milliseconds
    older than the log tells of a state that began before the last: from then on it holds. Word of a machine that had
    the desk before and could not tell it in time is put where it belongs.
    """
    begin, last = one["since"], line[-1] if line else None
    if last is not None and (begin, one["epoch"]) <= (last.begin, last.epoch) and told_at >= last.begin:
        if (last.state, last.reason) == (one["state"], one["reason"]):
            return
        begin = max(begin, last.begin + _LEAST)
    elif last is not None and (last.begin, last.state, last.reason) == (begin, one["state"], one["reason"]):
        return
    place = bisect_right(line, begin, key=lambda stretch: stretch.begin)
    for before in line[:place]:
        before.end_at(begin)
    end = line[place].begin if place < len(line) else None
    values = {name: one[name] for name in ("account_id", "state", "reason", "cause", "epoch", "by", "call_id")}
    made = _Stretch(None, one["epoch"], one["state"], one["reason"], begin, end, {"id": new_id(), **values})
    line.insert(place, made)


async def _keep_present(direct: DirectWrite, present: dict[AgentId, AgentSnapshot]) -> None:
    there = {row[0].hex for row in await direct.rows(_THERE, {"agents": list(present)})}
    rows = [_present_row(agent) for agent_id, agent in sorted(present.items()) if agent_id in there]
    if rows:
        await direct.put(_KEEP, rows)


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
            "pending_allowance_s": agent.pending_allowance_s,
            "pending_by": agent.pending_by,
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


async def states_since(session: ReadSession, spool: Spool, since: datetime) -> Sequence[StateBegun]:
    """Every state that began since then, in order of time: what the database has and what is on its way there."""
    waiting = [_begun(orjson.loads(entry.payload)) for entry in spool.kept(STATE)]
    log = AgentStateLog
    rows = await session.execute(
        select(log.account_id, log.state, log.reason, log.started_at, log.epoch).where(log.started_at >= since)
    )
    there = {
        StateBegun(AgentId(agent_id), AgentState(state), reason, at, epoch)
        for agent_id, state, reason, at, epoch in rows
    }
    # What was written between the two looks is in both.
    there.update(begun for begun in waiting if begun.at >= since)
    return sorted(there, key=lambda begun: (begun.at, begun.epoch))


def _begun(told: dict[str, Any]) -> StateBegun:
    at = datetime.fromisoformat(told["since"])
    return StateBegun(AgentId(told["account_id"]), AgentState(told["state"]), told["reason"], at, told["epoch"])


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
