"""The legs' part of the database: written from the spool, read for a call and for a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert

from callcenter import frozen
from callcenter.access.tables import Account
from callcenter.calls.tables import Contact
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.db.engine import ReadSession
from callcenter.quality.leg import Leg
from callcenter.quality.mos import Verdict
from callcenter.quality.tables import LegSoundRow
from callcenter.spool.store import Entry

_PLAIN: Final = ("call_id", "channel", "party", "agent_id", "trunk", "answered_at", "ended_at")
_COUNTED: Final = ("received", "received_lost", "received_jitter_ms", "sent", "sent_lost", "sent_jitter_ms", "rtt_ms")
_JUDGED: Final = ("mos_from", "mos_to", "verdict_from", "verdict_to")
_KEEP: Final = Fixed(
    insert(LegSoundRow.metadata.tables["leg_sounds"]).on_conflict_do_nothing(), *_PLAIN, *_COUNTED, *_JUDGED
)


async def write_sounds(direct: DirectWrite, entries: Sequence[Entry]) -> None:
    """The spool's handler."""
    await direct.put(_KEEP, [row_of(frozen.adapter(Leg).validate_json(entry.payload)) for entry in entries])


def row_of(leg: Leg) -> dict[str, Any]:
    return {
        **{name: getattr(leg, name) for name in (*_PLAIN, *_JUDGED)},
        **{name: getattr(leg.sound, name) for name in _COUNTED},
    }


async def of_call(session: ReadSession, call_id: str) -> list[LegSoundRow]:
    """In the order of their answers."""
    query = select(LegSoundRow).where(LegSoundRow.call_id == call_id)
    return list(await session.scalars(query.order_by(LegSoundRow.answered_at, LegSoundRow.channel)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounded:
    """The legs of a carrier, or of an agent, over some time. Drills are not among them."""

    trunk: str
    """Empty: an agent's telephone."""
    agent_id: str | None
    agent_name: str | None
    legs: int
    """Those of which it can be said: not the shortest."""
    poor: int
    """Poor in one direction at least; those without sound apart."""
    silent: int
    mos_from: float | None
    mos_to: float | None
    """Means; None: never told."""
    lost_from: float
    lost_to: float | None
    """Shares of all packets."""


async def sounded(session: ReadSession, since: datetime, until: datetime) -> list[Sounded]:
    """By carrier and by agent, of the legs that ended in that time: the worst first."""
    row = LegSoundRow
    silent = row.verdict_from == Verdict.NONE.value
    poor = ~silent & ((row.verdict_from == Verdict.POOR.value) | (row.verdict_to == Verdict.POOR.value))
    told_sent = func.sum(case((row.sent_lost.is_not(None), row.sent)))
    agent = case((row.trunk == "", row.agent_id))
    query = (
        select(
            row.trunk,
            agent.label("agent"),
            func.count(),
            func.count().filter(poor),
            func.count().filter(silent),
            func.avg(row.mos_from),
            func.avg(row.mos_to),
            func.sum(row.received_lost),
            func.sum(row.received),
            func.sum(row.sent_lost),
            told_sent,
        )
        .outerjoin(Contact, Contact.id == row.call_id)
        .where(row.ended_at >= since, row.ended_at < until, row.verdict_from.is_not(None))
        .where(Contact.drill.is_not(True))
        .group_by(row.trunk, agent)
    )
    found = (await session.execute(query)).all()
    names = await _names(session, {str(one[1]) for one in found if one[1]})
    made = [
        Sounded(
            trunk=trunk,
            agent_id=agent_id,
            agent_name=names.get(agent_id or ""),
            legs=legs,
            poor=many_poor,
            silent=many_silent,
            mos_from=mos_from,
            mos_to=mos_to,
            lost_from=_share(lost, received + lost),
            lost_to=None if sent is None else _share(lost_there, sent),
        )
        for trunk, agent_id, legs, many_poor, many_silent, mos_from, mos_to, lost, received, lost_there, sent in found
    ]
    return sorted(made, key=lambda one: (-one.silent, -one.poor, one.trunk == "", one.trunk, one.agent_name or ""))


def _share(part: int, whole: int) -> float:
    return min(1.0, part / whole) if whole else 0.0


async def _names(session: ReadSession, ids: set[str]) -> Mapping[str, str]:
    rows = await session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return dict(rows.all())
