"""The calls as the database has them, for who cannot take them from the spool: a standby, which has not the spool of
the machine before it, and a machine whose power failed before its disk was told everything."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import orjson
import structlog
from sqlalchemy import select

from callcenter.calls.journal import EVENT
from callcenter.calls.standing import is_over
from callcenter.calls.tables import CallStanding, Contact, JournalRow
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

    What the spool itself still remembers of calls is forgotten, but for what the database has not: where another desk
    went on with a call, or ended it, that counts. Events of the last moment that another machine had not shipped are
    lost with it: those calls are settled by what Asterisk lists. Raises Unavailable.
    """
    live = (Contact.ended_at.is_(None), Contact.started_at > clock.now() - LONGEST_CALL)
    journals = (
        select(JournalRow)
        .join(Contact, Contact.id == JournalRow.call_id)
        .where(*live)
        .order_by(JournalRow.call_id, JournalRow.seq)
    )
    standings = select(CallStanding).join(Contact, Contact.id == CallStanding.call_id).where(*live)
    own = {entry.key for entry in spool.pending(10_000_000) if entry.kind == EVENT}
    async with db.read() as session:
        rows = (await session.scalars(journals)).all()
        stands = (await session.scalars(standings)).all()
        there = set(await session.scalars(select(Contact.id).where(Contact.id.in_(own)))) if own else set()
        mark = await _mark(session, spool)
    newest = {row.call_id: row.seq for row in rows}  # in the order of the rows: the last one stays
    standing = spool.standings()
    # Ended by another desk, unless it ended here and that is not written to its last event yet.
    over = {key for key in there - newest.keys() if not is_over(standing.get(key, b""))}
    spool.shipped([entry for entry in spool.pending(10_000_000) if entry.number <= mark])
    pending = [entry for entry in spool.pending(10_000_000) if entry.kind == EVENT]
    stale = [entry for entry in pending if entry.key in over or _number(entry) <= newest.get(entry.key, 0)]
    spool.drop(stale)
    ours = {entry.key for entry in pending} - {entry.key for entry in stale}
    spool.forget({entry.key for entry in spool.kept(EVENT)})
    spool.set_standings(dict.fromkeys(standing.keys() - ours))
    for kind in _OF_THE_OLD_DESK:
        spool.set_notes(kind, dict.fromkeys(spool.notes(kind)))
    taken = []
    for row in rows:
        told = {"seq": row.seq, "kind": row.kind, "version": row.version, "event": row.payload}
        taken.append((row.call_id, row.at, orjson.dumps(told)))
    spool.keep_shipped(EVENT, taken)
    spool.set_standings({row.call_id: row.standing.encode() for row in stands if row.call_id not in ours})
    _log.info("journals_taken_over", calls=len(newest), events=len(taken))
    return len(taken)


def _number(entry: Entry) -> int:
    return int(orjson.loads(entry.payload)["seq"])
