"""The calls as the database has them, for who cannot take them from the spool: a standby, which has not the spool of
the machine before it, and a machine whose power failed before its disk was told everything."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import orjson
import structlog
from sqlalchemy import select

from callcenter.calls.journal import EVENT
from callcenter.calls.tables import Contact, JournalRow
from callcenter.clock import Clock
from callcenter.db.engine import Database, ReadSession
from callcenter.errors import Unavailable
from callcenter.spool.store import Entry, Spool
from callcenter.spool.tables import SpoolMark

LONGEST_CALL = timedelta(hours=12)
_OF_THE_OLD_DESK = ("boot", "away", "seat", "pop", "agent", "wait", "desk", "session")
"""Notes of a time when this machine had the desk: another has had it since, and knows better."""
_TAKING = "taking"
_log = structlog.get_logger()


def begin_taking(spool: Spool) -> None:
    """From here until :func:`taking_done` the spool is neither what it was nor what the database has: should this
    process die in between, the next one takes everything again."""
    spool.set_notes("spool", {_TAKING: b"yes"})


def taking_done(spool: Spool) -> None:
    spool.set_notes("spool", {_TAKING: None})


def half_taken(spool: Spool) -> bool:
    """Whether a process died between the two."""
    return spool.note("spool", _TAKING) is not None


async def left_behind(db: Database, spool: Spool) -> bool:
    """Whether PostgreSQL has what this spool wrote and has lost: the machine's power failed within the half second in
    which the disk is not told yet, or the spool's file could not be read.

    Calls rebuilt from what is left would be older than their journal: one that is over would live again, and new events
    would meet numbers that are given. False when the database is away.
    """
    if spool.found_broken:
        return True
    with suppress(Unavailable):
        async with db.read() as session:
            mark = await _mark(session, spool)
        if mark > spool.had:
            _log.warning("spool_left_behind", had=spool.had, database_has=mark)
            return True
    return False


async def _mark(session: ReadSession, spool: Spool) -> int:
    return await session.scalar(select(SpoolMark.number).where(SpoolMark.spool == spool.id)) or 0


async def take_journals(db: Database, spool: Spool, clock: Clock) -> int:
    """Put the journals of all live calls into the spool, as PostgreSQL has them; returns how many events those are.

    What the spool itself still remembers of calls is forgotten, but for what the database has not. Events of the last
    moment that another machine had not shipped are lost with it: those calls are settled by what Asterisk lists.
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
        mark = await _mark(session, spool)
    newest = {row.call_id: row.seq for row in rows}  # in the order of the rows: the last one stays
    spool.shipped([entry for entry in spool.pending(10_000_000) if entry.number <= mark])
    spool.drop([entry for entry in spool.pending(10_000_000) if _known(entry, newest)])
    spool.forget({entry.key for entry in spool.kept(EVENT)})
    for kind in _OF_THE_OLD_DESK:
        spool.set_notes(kind, dict.fromkeys(spool.notes(kind)))
    taken = []
    for row in rows:
        told = {"seq": row.seq, "kind": row.kind, "version": row.version, "event": row.payload}
        taken.append((row.call_id, row.at, orjson.dumps(told)))
    spool.keep_shipped(EVENT, taken)
    _log.info("journals_taken_over", calls=len(newest), events=len(taken))
    return len(taken)


def _known(entry: Entry, newest: Mapping[str, int]) -> bool:
    """Whether the database has the call's journal up to this event or further: another desk went on with it."""
    return entry.kind == EVENT and int(orjson.loads(entry.payload)["seq"]) <= newest.get(entry.key, 0)
