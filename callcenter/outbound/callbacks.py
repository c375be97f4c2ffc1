"""Call-backs: written before the caller hears that their place is kept, given to the desk, taken up again after a
restart. The desk decides when a turn has come; here it is kept what was promised and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.business.numbers import normalise
from callcenter.calls import messages as m
from callcenter.calls.state import Call
from callcenter.calls.tables import Contact
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import BadRequest, CallCenterError, Conflict, Unavailable
from callcenter.ids import AgentId, CallId, name_of, new_id
from callcenter.ivr.hours import Calendar
from callcenter.outbound.results import Results
from callcenter.outbound.rules import DialRules, judge_number, permitted
from callcenter.outbound.tables import OPEN, CallbackRow

DAYS = 30
"""How far ahead a call-back may be dialled; after that it is given up."""
SWEEP_S = 15.0
PATIENCE_S = 2.0
WRITTEN_WITHIN_S = 5.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What must be known of an open place when its turn comes, without asking the database."""

    id: CallId
    number: str
    hotline: str
    language: str
    queue: str
    note: str
    """What the agent who promised it wanted said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A call-back that an agent promised."""

    agent_id: AgentId
    purpose: Literal["callback", "return_visit"] = "callback"
    note: str = ""


class CallbackRoom:
    """``rules`` are the present dial-out rules; ``live`` says whether a call lives now; ``abort`` ends the calls that
    are made for a place."""

    def __init__(
        self,
        db: Database,
        desk: Desk,
        clock: Clock,
        rules: Callable[[], DialRules],
        results: Results,
        *,
        flow_version: Callable[[], str],
        live: Callable[[CallId], bool],
        abort: Callable[[CallId], None],
        attempts: int = 3,
        pause_s: int = 300,
    ) -> None:
        self._attempts, self._pause_s = attempts, pause_s
        self._db, self._desk, self._clock, self._rules, self._results = db, desk, clock, rules, results
        self._flow_version, self._live, self._abort = flow_version, live, abort
        self._open: dict[CallId, Place] = {}
        self._changes = 0
        """Counts what the desk has decided about places."""
        self._closing: dict[CallId, str] = {}
        """Places that somebody is cancelling, and who."""
        self._hours: tuple[Calendar, ZoneInfo] | None = None
        """By which the open places are permitted; None: not looked at since the start."""

    # --- keeping a place ---

    async def keep(self, call: Call, asked: m.SaveCallback) -> bool:
        """For a caller; see :class:`callcenter.calls.runner.Callbacks`."""
        try:
            await self.add(
                number=asked.number,
                queue=asked.queue,
                hotline=call.hotline,
                language=call.language,
                priority=asked.priority,
                since=asked.since,
                earliest=asked.earliest,
                contact_id=call.id,
                created_by="caller",
            )
        except CallCenterError as error:
            _log.warning("callback_not_kept", call_id=call.id, reason=error.message)
            return False
        except Exception:  # the caller must hear something
            _log.exception("callback_not_kept", call_id=call.id)
            return False
        return True

    async def add(
        self,
        *,
        number: str,
        queue: str,
        hotline: str,
        language: str = "zh-CN",
        priority: int = 5,
        since: datetime | None = None,
        earliest: datetime | None = None,
        contact_id: str | None = None,
        created_by: str = "staff",
        promise: Promise | None = None,
    ) -> CallId:
        """Make a place durable and give it to the desk. ``promise``: an agent's, one for each call.

        Raises BadRequest (the number may not be called, no such hotline), Conflict (the queue takes no more),
        Unavailable.
        """
        rules, now = self._rules(), self._clock.now()
        verdict = judge_number(rules.allow, number, rules.hotlines)
        refusal = verdict.refusal or ("" if hotline in rules.hotlines else "unknown_hotline")
        stretches = permitted(rules.hours, rules.zone, max(now, earliest or now), DAYS)
        if refusal or not stretches:
            reason = refusal or "outside_hours"
            raise BadRequest(f"no call-back to this number: {reason}", details={"reason": reason})
        facts = {
            "number": verdict.number,
            "queue": queue,
            "priority": priority,
            "hotline": hotline,
            "language": language,
            "permitted": [[begin.isoformat(), end.isoformat()] for begin, end in stretches],
        }
        async with self._db.write() as session:
            earlier = select(CallbackRow).where(CallbackRow.contact_id == contact_id, CallbackRow.state.in_(OPEN))
            row = await session.scalar(earlier.with_for_update()) if contact_id else None
            if row is not None and promise is not None:
                raise Conflict("a call-back is kept for this call already", details={"reason": "kept_already"})
            if row is None:
                row = CallbackRow(
                    id=new_id(), since=since or now, contact_id=contact_id, created_by=created_by, created_at=now,
                    max_attempts=self._attempts, pause_s=self._pause_s, state="open", attempts=0,
                    purpose=promise.purpose if promise else "callback", note=promise.note if promise else "",
                    agent_id=promise.agent_id if promise else None, **facts,
                )  # fmt: skip
                session.add(row)
            else:
                row.number = verdict.number
            await session.flush()
            session.expunge(row)
        self._give(row)
        if CallId(row.id) not in self._open:
            raise Conflict("the queue is full or unknown", details={"reason": "refused"})
        return CallId(row.id)

    def _give(self, row: CallbackRow, *, again: bool = False) -> None:
        """Let the desk have the place of an open row."""
        place = CallId(row.id)
        self._open[place] = Place(
            id=place,
            number=row.number,
            hotline=row.hotline,
            language=row.language,
            queue=row.queue,
            note=row.note,
        )
        terms = acd.CallbackTerms(
            number=row.number, permitted=_stretches(row), attempts=row.max_attempts, pause_s=float(row.pause_s)
        )
        queued = acd.CallQueued(
            call_id=place,
            queue=row.queue,
            since=row.since,
            priority=row.priority,
            language=row.language,
            preferred_agent=AgentId(row.agent_id) if row.agent_id else None,
        )
        kept = acd.CallbackKept(
            place=queued,
            terms=terms,
            attempt=row.attempts,
            not_before=row.next_attempt_at,
            again=again,
        )
        self._desk.tell(kept)

    # --- its turn ---

    def note_of(self, place: CallId) -> str:
        """What is to be said then; empty when nothing was noted or the place is over."""
        found = self._open.get(place)
        return found.note if found else ""

    def dial(self, offer: acd.OfferMade, call_id: CallId, node: str) -> m.DialAsked | None:
        place = self._open.get(offer.call_id)
        if place is None:
            return None
        return m.DialAsked(
            call_id=call_id,
            node=node,
            channel=name_of(call_id, "out"),
            agent=offer.agent,
            number=place.number,
            hotline=place.hotline,
            flow_version=self._flow_version(),
            language=place.language,
            purpose="callback",
            queue=offer.queue,
            ring_s=offer.ring_timeout_s,
            offer=offer,
        )

    async def attempting(self, place: CallId, call_id: CallId) -> None:
        """Note that a place is being called. Raises Conflict when it is over, Unavailable when the database does not
        take it in time: an agent hears ringing meanwhile, and can do nothing else."""
        statement = (
            update(CallbackRow)
            .where(CallbackRow.id == place, CallbackRow.state.in_(OPEN))
            .values(state="dialling", last_contact_id=call_id)
            .returning(CallbackRow.id)
        )
        try:
            async with asyncio.timeout(PATIENCE_S), self._db.write() as session:
                noted = await session.scalar(statement)
        except TimeoutError:
            raise Unavailable("the database does not take that this call-back is being made") from None
        if noted is None or place not in self._open:
            raise Conflict("this call-back is over", details={"reason": "callback_over"})

    def seen(self, action: acd.Action) -> None:
        """Follow what the desk decides about places."""
        match action:
            case acd.CallbackPaused():
                self._changes += 1
                if action.call_id in self._open:
                    values = {"state": "open", "attempts": action.attempt, "last_result": action.reason}
                    self._results.keep(action.call_id, {**values, "next_attempt_at": action.until})
            case acd.CallbackOver():
                self._changes += 1
                if self._open.pop(action.call_id, None) is not None:
                    closed = {"closed_at": self._clock.now(), "closed_by": self._closing.pop(action.call_id, None)}
                    values = {"state": action.result, "attempts": action.attempts, "next_attempt_at": None, **closed}
                    self._results.keep(action.call_id, values)
                    if action.result == "cancelled":
                        self._abort(action.call_id)
            case _:
                pass

    def answered(self, call: Call) -> None:
        """A customer who speaks with somebody now need not be called back."""
        number = normalise(call.caller_number)
        if call.purpose == "callback" or not number:
            return
        for place in [each.id for each in self._open.values() if each.number == number]:
            self.cancel(place, "caller")

    # --- what people do ---

    def cancel(self, place: CallId, by: str) -> bool:
        """End a place; a call that is being made for it ends too. False: it is over already."""
        if place not in self._open:
            return False
        self._closing[place] = by
        self._desk.tell(acd.CallLeft(call_id=place, cause=acd.LeaveCause.CALLBACK))
        if place in self._open:  # kept, but not with the desk: nobody else would close it
            self.seen(acd.CallbackOver(call_id=place, result="cancelled", attempts=0))
        return True

    async def hurry(self, place: CallId) -> bool:
        """Put a place at the front and end its pause; permitted hours stay. False: it is over."""
        async with self._db.read() as session:
            row = await session.get(CallbackRow, place)
            if row is None or row.state not in OPEN or place not in self._open:
                return False
            session.expunge(row)
        row.priority, row.next_attempt_at = 9, None
        self._results.keep(place, {"priority": 9, "next_attempt_at": None})
        self._give(row, again=True)
        return True

    # --- living on ---

    async def run(self) -> None:
        """Look after the places that the desk has lost; ends by cancellation."""
        while True:
            try:
                await self.take_up()
            except CallCenterError as error:
                _log.warning("callbacks_not_read", reason=error.message)
            await asyncio.sleep(SWEEP_S)

    async def take_up(self) -> None:
        """Give the desk every open place that it does not hold: all of them after a start.

        An attempt that was under way when the service died has failed unless its call was answered; one whose call
        lives is left to it. So nobody is rung twice for one answer.
        """
        changes = self._changes
        if not await self._results.written(WRITTEN_WITHIN_S):
            return  # the rows are not yet what they will be
        await self._permit_anew()
        async with self._db.read() as session:
            query = (
                select(CallbackRow, Contact.answered_at)
                .outerjoin(Contact, Contact.id == CallbackRow.last_contact_id)
                .where(CallbackRow.state.in_(OPEN))
                .order_by(CallbackRow.since)
            )
            rows = [(row, answered) for row, answered in await session.execute(query)]
            session.expunge_all()
        now = self._clock.now()
        for row, answered in rows:
            if self._changes != changes:
                return  # these rows are of the past; the next look sees the present
            place = CallId(row.id)
            if (waits := self._desk.rules.waits(place)) is not None:
                if place not in self._open:
                    self._give(row)  # restored with the desk: only our own note of it is missing
                if waits.terms is not None and _ahead(waits.terms.permitted, now) != _ahead(_stretches(row), now):
                    self._give(row, again=True)
                continue
            if row.state == "dialling":
                if row.last_contact_id and self._live(CallId(row.last_contact_id)):
                    continue
                self._open.pop(place, None)
                row.attempts += answered is None
                row.next_attempt_at = now + timedelta(seconds=row.pause_s)
                result = "reached" if answered else "gave_up" if row.attempts >= row.max_attempts else "open"
                row.state = result
                values: dict[str, Any] = {"state": result, "attempts": row.attempts, "last_result": "interrupted"}
                values |= {"next_attempt_at": row.next_attempt_at if result == "open" else None}
                values |= {} if result == "open" else {"closed_at": now}
                self._results.keep(place, values)
                if result != "open":
                    continue
            self._give(row)

    async def _permit_anew(self) -> None:
        """Open places follow the hours as they are now: a holiday that was added after the promise counts."""
        rules, now = self._rules(), self._clock.now()
        if self._hours == (rules.hours, rules.zone):
            return
        async with self._db.write() as session:
            for row in await session.scalars(select(CallbackRow).where(CallbackRow.state.in_(OPEN)).with_for_update()):
                until = max(row.created_at, row.since) + timedelta(days=DAYS)
                found = permitted(rules.hours, rules.zone, max(now, row.since), DAYS)
                row.permitted = [[begin.isoformat(), end.isoformat()] for begin, end in found if begin < until]
        self._hours = (rules.hours, rules.zone)


Stretches = tuple[tuple[datetime, datetime], ...]


def _stretches(row: CallbackRow) -> Stretches:
    return tuple((datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in row.permitted)


def _ahead(stretches: Stretches, now: datetime) -> Stretches:
    """What of them is still to come."""
    return tuple((max(begin, now), end) for begin, end in stretches if end > now)
