"""What goes through the spool beside the calls' events: incidents, marks, outcomes, waits, states, sounds, audit …"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import orjson
import structlog
from sqlalchemy.dialects.postgresql import insert

from callcenter.access.deeds import Deed
from callcenter.access.tables import AuditEntry
from callcenter.acd.archive import DECISION, WAIT, write_decisions, write_waits
from callcenter.acd.statelog import STATE, write_states
from callcenter.business import outcomes
from callcenter.calls.tables import Incident, Rating
from callcenter.cases.changes import Opening
from callcenter.clock import Clock
from callcenter.db.direct import DirectWrite
from callcenter.db.engine import WriteSession
from callcenter.errors import CallCenterError
from callcenter.facts import Facts
from callcenter.ids import CallId, new_id
from callcenter.outbound.results import RESULT, write_results
from callcenter.quality.repository import write_sounds
from callcenter.quality.watch import SOUND
from callcenter.spool.shipping import INCIDENT, Handler, Straight
from callcenter.spool.store import Entry, Spool
from callcenter.trunks.tally import TALLY, write_tallies
from callcenter.watch.incidents import SAID, write_said

RATING: Final = "rating"
OUTCOME: Final = "outcome"
AUDIT: Final = "audit"
APART: Final = (INCIDENT, WAIT, DECISION, STATE, SAID, TALLY, AUDIT, RESULT, SOUND)
"""What may be written before or after anything else."""
_log = structlog.get_logger()


class Counter:
    """Where the rest of the product hands in what must not be lost; nothing here waits for the database."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
        *,
        hurry: Callable[[], None] = lambda: None,
    ) -> None:
        """``wake`` is told of what is new, ``hurry`` of what others wait for."""
        self._spool, self._clock, self._wake, self._hurry = spool, clock, wake, hurry

    def incident(
        self,
        kind: str,
        text: str,
        call_id: str | None = None,
        agent_id: str | None = None,
        *,
        facts: Facts | None = None,
    ) -> None:
        """Tell operations."""
        _log.error("incident", kind=kind, text=text, call_id=call_id)
        told: dict[str, Any] = {"id": new_id(), "kind": kind, "text": text, "call_id": call_id, "agent_id": agent_id}
        told |= {"facts": dict(facts or {})}
        try:
            self._put(INCIDENT, told)
        except CallCenterError:
            _log.error("incident_not_kept", kind=kind)

    def audit(self, account_id: str | None, action: Deed, subject: str, detail: Mapping[str, Any]) -> None:
        """Who did what, where a call goes on meanwhile: it does not wait for the database, nor is it lost with it."""
        told = {"id": new_id(), "account_id": account_id, "action": action, "subject": subject, "detail": dict(detail)}
        try:
            self._put(AUDIT, told)
        except CallCenterError:
            _log.error("audit_not_kept", action=action, subject=subject)

    async def rate(self, call_id: CallId, question: str, score: int) -> None:
        """Keep a caller's mark; a second answer to the same question replaces the first."""
        self._put(RATING, {"contact_id": call_id, "question": question, "score": score})

    def outcome(self, contact_id: str, agent_id: str, wish: outcomes.OutcomeWish, by: str) -> datetime:
        """Keep what an agent wrote while the database is away. Raises SpoolLost: then it must stay on the page."""
        fields = {
            "contact_id": contact_id,
            "agent_id": agent_id,
            "by": by,
            "disposition": wish.disposition,
            "note": wish.note,
            "department": wish.department,
            "open_case": wish.open_case,
            "case": asdict(wish.case) if wish.case else None,
            "about_case": wish.about_case,
            "customer": dict(wish.customer) if wish.customer else None,
        }
        at = self._put(OUTCOME, fields)
        self._hurry()  # until it is written, others are kept behind it
        return at

    def _put(self, kind: str, fields: Mapping[str, Any]) -> datetime:
        at = self._clock.now()
        self._spool.put(kind, "", at, orjson.dumps(fields))
        self._wake()
        return at


async def _incidents(session: WriteSession, entries: Sequence[Entry]) -> None:
    # An earlier version told no facts.
    rows = [{"facts": {}, **orjson.loads(entry.payload), "at": entry.at} for entry in entries]
    await session.execute(insert(Incident).on_conflict_do_nothing(), rows)


async def _audit(session: WriteSession, entries: Sequence[Entry]) -> None:
    rows = [{**orjson.loads(entry.payload), "at": entry.at} for entry in entries]
    await session.execute(insert(AuditEntry).on_conflict_do_nothing(), rows)


async def _ratings(session: WriteSession, entries: Sequence[Entry]) -> None:
    for entry in entries:
        told = orjson.loads(entry.payload)
        values = {"score": told["score"], "at": entry.at}
        row = insert(Rating).values(contact_id=told["contact_id"], question=told["question"], **values)
        await session.execute(row.on_conflict_do_update(index_elements=["contact_id", "question"], set_=values))


async def _outcomes(session: WriteSession, entries: Sequence[Entry]) -> None:
    for entry in entries:
        told = orjson.loads(entry.payload)
        wish = outcomes.OutcomeWish(
            disposition=told["disposition"],
            note=told["note"],
            department=told["department"],
            open_case=told.get("open_case", False),
            case=Opening(**told["case"]) if told.get("case") else None,
            about_case=told.get("about_case"),
            customer=told["customer"],
        )
        await outcomes.save(session, entry.at, told["contact_id"], told["agent_id"], wish, by=told["by"])


def handlers(events: Callable[[DirectWrite, Sequence[Entry]], Awaitable[None]]) -> dict[str, Handler | Straight]:
    """What writes each kind of entry; ``events`` those of the calls' journal."""
    return {
        "event": Straight(events),
        INCIDENT: _incidents,
        RATING: _ratings,
        OUTCOME: _outcomes,
        AUDIT: _audit,
        WAIT: Straight(write_waits),
        DECISION: Straight(write_decisions),
        STATE: Straight(write_states),
        SAID: write_said,
        TALLY: write_tallies,
        RESULT: write_results,
        SOUND: Straight(write_sounds),
    }
