"""The agents of another machine, taken up from the database: what a standby has instead of that machine's spool."""

from __future__ import annotations

import orjson
import structlog
from pydantic import ValidationError

from callcenter import frozen
from callcenter.acd import messages as m
from callcenter.acd.statelog import last_states
from callcenter.acd.tables import AgentStateRow
from callcenter.db.engine import Database
from callcenter.spool.store import Spool

_log = structlog.get_logger()


async def take_agents(db: Database, spool: Spool) -> int:
    """Put into the spool how everybody stood who was not offline; returns how many those are.

    They keep their state as over a restart: who was ready need not say so again. Page and telephone are awaited.
    Raises Unavailable.
    """
    async with db.read() as session:
        rows = await last_states(session)
    found: dict[str, bytes | None] = {}
    for row in rows:
        try:
            agent = _of(row)
        except ValidationError as error:
            _log.error("agent_not_taken_over", agent_id=row.account_id, errors=error.error_count())
            continue
        found[row.account_id] = orjson.dumps(agent)
    spool.set_notes("agent", found)
    _log.info("agents_taken_over", agents=len(found))
    return len(found)


def _of(row: AgentStateRow) -> m.RestoredAgent:
    """Raises ValidationError for what another version wrote otherwise and an agent cannot do without."""
    found, foreign = frozen.read_what_fits(
        m.RestoredAgent,
        {
            "state": row.state,
            "since": row.since,
            "epoch": row.epoch,
            "cause": row.cause,
            "reason": row.reason,
            "call_id": row.call_id,
            "until": row.until,
            "pending": row.pending,
            "phone": True,
            "page": True,
            **{name: value for name, value in row.desk.items() if value is not None},
        },
    )
    if foreign:
        _log.error("agent_taken_over_in_part", agent_id=row.account_id, fields=foreign)
    agent: m.RestoredAgent = found
    return agent
