"""What flows ask of the business side: look-ups and ratings. A look-up that fails or is late is told, never raised."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, timedelta, tzinfo
from typing import Final

import structlog
from sqlalchemy.dialects.postgresql import insert

from callcenter.business.caller import familiar
from callcenter.business.customers import find_by_number
from callcenter.calls.messages import CallerKnown, LookedUp
from callcenter.calls.tables import Rating
from callcenter.cases import repository as cases
from callcenter.cases.tables import Department
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import CallCenterError
from callcenter.ids import AgentId, CallId
from callcenter.ivr.messages import LookUp, Value

RECOGNISE_WITHIN_S: Final = 2.0
LAST_SPOKE_WITHIN: Final = timedelta(days=7)
"""Who spoke with a number longer ago does not count as knowing the caller; the customer's owner always does."""
log = structlog.get_logger(__name__)

Finder = Callable[[Mapping[str, Value]], Awaitable[dict[str, Value] | None]]
"""Fields asked with → fields found; None: there is none."""


class FlowEffects:
    """Answers the flows' questions. ``finders`` adds kinds of look-up, or stands in for one of ours."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        finders: Mapping[str, Finder] | None = None,
        *,
        rate: Callable[[CallId, str, int], Awaitable[None]] | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        """``rate`` keeps a caller's mark; without it the database does, if it is there. ``zone``: of the days told."""
        self._database, self._clock, self._rate, self._zone = database, clock, rate, zone
        self._finders: dict[str, Finder] = {
            "customer": self._customer,
            "case": self._case,
            **(finders or {}),
        }

    async def look_up(self, asked: LookUp) -> LookedUp:
        """The answer within ``asked.timeout_s``, or what went wrong in ``error`` (the flow's ``on_error``)."""
        finder = self._finders.get(asked.kind)
        if finder is None:
            return LookedUp(request=asked.request, found=False, error=f"no {asked.kind} can be looked up here")
        try:
            values = await asyncio.wait_for(finder(asked.query), asked.timeout_s)
        except TimeoutError:
            error = f"no answer within {asked.timeout_s:g} s"
        except CallCenterError as failed:
            error = failed.message
        except Exception as failed:  # a finder's bug must not leave a caller in silence
            log.exception("look_up_crashed", kind=asked.kind)
            error = type(failed).__name__
        else:
            return LookedUp(request=asked.request, found=values is not None, values=values or {})
        log.warning("look_up_failed", kind=asked.kind, reason=error)
        return LookedUp(request=asked.request, found=False, error=error)

    async def recognise(self, number: str) -> CallerKnown | None:
        """Whose number this is and which agent knows them, within two seconds; None when that cannot be told."""
        try:
            async with asyncio.timeout(RECOGNISE_WITHIN_S), self._database.direct() as direct:
                known = await familiar(direct, number, self._clock.now() - LAST_SPOKE_WITHIN)
        except (TimeoutError, CallCenterError) as failed:
            log.warning("caller_not_recognised", reason=type(failed).__name__)
            return None
        if known is None:
            return None
        return CallerKnown(
            customer_id=known.customer_id,
            vip=known.vip,
            preferred_agent=AgentId(known.agent_id) if known.agent_id else None,
        )

    async def rate(self, call_id: CallId, question: str, score: int) -> None:
        """Keep a caller's mark; a second answer to the same question replaces the first. Raises Unavailable."""
        if self._rate is not None:
            await self._rate(call_id, question, score)
            return
        values = {"score": score, "at": self._clock.now()}
        row = insert(Rating).values(contact_id=call_id, question=question, **values)
        async with self._database.write() as session:
            await session.execute(row.on_conflict_do_update(index_elements=["contact_id", "question"], set_=values))

    async def _customer(self, query: Mapping[str, Value]) -> dict[str, Value] | None:
        number = query.get("number")
        async with self._database.read() as session:
            found = await find_by_number(session, str(number)) if number else None
        if found is None:
            return None
        return {
            "id": found.id,
            "name": found.name,
            "company": found.company,
            "vip": found.vip,
            "language": found.language,
        }

    async def _case(self, query: Mapping[str, Value]) -> dict[str, Value] | None:
        async with self._database.read() as session:
            found = await cases.by_number(session, str(query.get("number") or ""))
            if found is None:
                return None
            case, _ = found
            department = await session.get(Department, case.department) if case.department else None
        chinese, english = cases.SAID[case.state]
        # What the agent wrote stays inside: whoever has the number may not be who called.
        return {
            "number": str(case.number),
            "state": case.state,
            "status": chinese,
            "status_en": english,
            "opened": case.opened_at.astimezone(self._zone).date().isoformat(),
            "updated": case.updated_at.astimezone(self._zone).date().isoformat(),
            "department": department.title if department else "",
        }
