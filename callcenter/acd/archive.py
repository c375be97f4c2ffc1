"""Why callers waited and why agents got them, kept for good: it goes through the spool into PostgreSQL.

The desk itself remembers only who waits and the last of who did. What is asked about somebody of last week, or after a
restart, is answered from here. The fire drill's own calls are not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
import structlog
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from callcenter import frozen
from callcenter.acd.history import WaitStory
from callcenter.acd.messages import Action, Decision, OfferMade, WaitOver
from callcenter.acd.tables import RoutingDecision, Wait
from callcenter.clock import Clock
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.db.engine import ReadSession
from callcenter.errors import CallCenterError
from callcenter.ids import CallId, OfferId
from callcenter.spool.store import Entry, Spool

WAIT: Final = "wait"
DECISION: Final = "decision"
_MOST_OF_A_QUEUE: Final = 2000
"""Decisions looked through for those who were served before a caller."""
_WAITED: Final = Fixed(
    insert(Wait.metadata.tables["waits"]).on_conflict_do_nothing(),
    *("call_id", "ended_at", "since", "queue", "story"),
)
_DECIDED: Final = Fixed(
    insert(RoutingDecision.metadata.tables["routing_decisions"]).on_conflict_do_nothing(),
    *("offer_id", "call_id", "agent_id", "queue", "at", "decision"),
)
_log = structlog.get_logger()
T = TypeVar("T")


class RoutingArchive:
    """Give :meth:`seen` every action of the desk."""

    def __init__(self, spool: Spool, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        self._spool, self._clock, self._wake = spool, clock, wake

    def seen(self, action: Action) -> None:
        match action:
            case OfferMade() if not action.agent.drill:
                self._put(DECISION, action.decision)
            case WaitOver() if not action.request.drill:
                self._put(WAIT, action)
            case _:
                pass

    def _put(self, kind: str, told: Decision | WaitOver) -> None:
        try:
            self._spool.put(kind, "", self._clock.now(), frozen.dumps(told))
        except CallCenterError as error:
            _log.error("routing_not_kept", kind=kind, reason=error.message)
        self._wake()


async def write_waits(direct: DirectWrite, entries: Sequence[Entry]) -> None:
    told = [orjson.loads(entry.payload) for entry in entries]
    rows = [
        {
            "call_id": one["request"]["call_id"],
            "ended_at": datetime.fromisoformat(one["ended_at"]),
            "since": datetime.fromisoformat(one["request"]["since"]),
            "queue": one["request"]["queue"],
            "story": one,
        }
        for one in told
    ]
    await direct.put(_WAITED, rows)


async def write_decisions(direct: DirectWrite, entries: Sequence[Entry]) -> None:
    told = [orjson.loads(entry.payload) for entry in entries]
    rows = [
        {
            **{name: one[name] for name in ("offer_id", "call_id", "agent_id", "queue")},
            "at": datetime.fromisoformat(one["at"]),
            "decision": one,
        }
        for one in told
    ]
    await direct.put(_DECIDED, rows)


async def waits_of(session: ReadSession, call_id: CallId) -> list[WaitStory]:
    """The waits of a call that are over, oldest first: who was transferred, or sent on, has waited more than once."""
    found = await session.scalars(select(Wait.story).where(Wait.call_id == call_id).order_by(Wait.ended_at))
    return [_read(WaitStory, one) for one in found]


async def decided_meanwhile(session: ReadSession, story: WaitStory) -> tuple[Decision, ...]:
    """Who was offered to an agent that might have taken this caller, while they waited, oldest first."""
    row = RoutingDecision
    queues = {story.request.queue, *(str(one.details["to"]) for one in story.events if one.code == "moved")}
    beside = (row.decision.contains({"passed": [[queue]]}) for queue in sorted(queues))
    query = select(row.decision).where(or_(row.queue.in_(queues), *beside), row.at >= story.request.since)
    if story.ended_at is not None:
        query = query.where(row.at <= story.ended_at)
    found = await session.scalars(query.order_by(row.at).limit(_MOST_OF_A_QUEUE))
    return tuple(_read(Decision, one) for one in found)


async def decision_of(session: ReadSession, offer_id: OfferId) -> Decision | None:
    found = await session.scalar(select(RoutingDecision.decision).where(RoutingDecision.offer_id == offer_id))
    return None if found is None else _read(Decision, found)


async def last_decisions(session: ReadSession, *, call_id: str, agent_id: str, limit: int) -> list[Decision]:
    """Newest first; empty ids: of all."""
    row = RoutingDecision
    query = select(row.decision).order_by(row.at.desc()).limit(limit)
    if call_id:
        query = query.where(row.call_id == call_id)
    if agent_id:
        query = query.where(row.agent_id == agent_id)
    return [_read(Decision, one) for one in await session.scalars(query)]


def _read(kind: Callable[..., T], value: dict[str, Any]) -> T:
    found: T = frozen.adapter(kind).validate_python(value)
    return found
