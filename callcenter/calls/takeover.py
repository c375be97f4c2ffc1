"""The calls of another machine, taken up from the database: what a standby has instead of that machine's spool."""

from __future__ import annotations

from datetime import timedelta

import orjson
import structlog
from sqlalchemy import select

from callcenter.calls.journal import EVENT
from callcenter.calls.tables import Contact, JournalRow
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.spool.store import Entry, Spool

LONGEST_CALL = timedelta(hours=12)
_OF_THE_OLD_DESK = ("boot", "seat", "pop", "agent", "wait", "desk", "session")
"""Notes of a time when this machine had the desk: another has had it since, and knows better."""
_log = structlog.get_logger()


async def take_journals(db: Database, spool: Spool, clock: Clock) -> int:
    """Put the journals of all live calls into the spool, as PostgreSQL has them; returns how many events those are.

    What the spool itself still remembers of calls is forgotten: the other machine has gone on with them. Its events of
    the last moment, which it had not shipped, are lost with it: those calls are settled by what Asterisk lists.
    Raises Unavailable.
    """
    query = (
        select(JournalRow)
        .join(Contact, Contact.id == JournalRow.call_id)
        .where(Contact.ended_at.is_(None), Contact.started_at > clock.now() - LONGEST_CALL)
        .order_by(JournalRow.call_id, JournalRow.seq)
    )
    async with db.read() as session:
        rows = (await session.scalars(query)).all()
    spool.forget({entry.key for entry in spool.kept(EVENT)})
    for kind in _OF_THE_OLD_DESK:
        spool.set_notes(kind, dict.fromkeys(spool.notes(kind)))
    unshipped = {entry.key for entry in spool.kept(EVENT)}
    there: list[Entry] = []
    for row in rows:
        if row.call_id in unshipped:
            continue
        told = {"seq": row.seq, "kind": row.kind, "version": row.version, "event": row.payload}
        payload = orjson.dumps(told)
        number = spool.put(EVENT, row.call_id, row.at, payload)
        there.append(Entry(number, EVENT, row.call_id, row.at, payload))
    spool.shipped(there)
    _log.info("journals_taken_over", calls=len({entry.key for entry in there}), events=len(there))
    return len(there)
