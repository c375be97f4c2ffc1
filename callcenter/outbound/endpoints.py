"""Calls that people make and call-backs that are kept, over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import or_, select
from starlette.requests import HTTPConnection

from callcenter.access import audit
from callcenter.access.agents import load_profile
from callcenter.access.guard import LeadOrAbove, ServiceStaff
from callcenter.access.tables import Account
from callcenter.business.numbers import normalise, variants
from callcenter.business.tables import Customer, CustomerPhone
from callcenter.calls.tables import Contact
from callcenter.context import ServicesDep
from callcenter.db.engine import ReadSession
from callcenter.errors import BadRequest, Conflict, NotFound
from callcenter.ids import AgentId, CallId, new_id
from callcenter.outbound.callbacks import CallbackRoom, Promise
from callcenter.outbound.click import ClickToCall
from callcenter.outbound.dialler import DialRefused
from callcenter.outbound.tables import OPEN, CallbackRow

HexId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
PathId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
LONGEST_DAYS = 60
"""How far ahead a call-back may be promised."""
Number = Annotated[str, Field(min_length=1, max_length=40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRoom:
    """What these endpoints need; ``composition`` puts it on ``app.state.outbound``."""

    click: ClickToCall
    prepare: Callable[[str], Awaitable[None]]
    """Told the number before it is dialled."""
    callbacks: CallbackRoom


async def room(connection: HTTPConnection) -> OutboundRoom:
    found: OutboundRoom = connection.app.state.outbound
    return found


Room = Annotated[OutboundRoom, Depends(room)]
router = APIRouter(prefix="/api/v1", tags=["outbound"])


class CallIn(BaseModel):
    """Exactly one of number, customer_id (their first number) and contact_id (the number of that call)."""

    model_config = ConfigDict(extra="forbid")

    number: Number | None = None
    customer_id: HexId | None = None
    contact_id: HexId | None = None
    purpose: Literal["call", "callback", "return_visit"] = "call"
    hotline: str = Field("", max_length=20)
    """Shown to them; by default the one by which they last spoke with us."""
    despite_no_calls: bool = False
    """Call somebody who wants no calls all the same; kept in the audit."""


class CallOut(BaseModel):
    call_id: str


class PromiseOut(CallOut):
    due_at: datetime | None
    """From when on it may be dialled: the hour asked for, or the first permitted one after it."""


class CallbackIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Number
    queue: str = Field("", max_length=60)
    """By default the first of one's own."""
    hotline: str = Field(max_length=20)
    priority: int = Field(5, ge=1, le=9)
    earliest: AwareDatetime | None = None
    purpose: Literal["callback", "return_visit"] = "callback"
    note: str = Field("", max_length=500)
    contact_id: HexId | None = None
    """The call in which it was promised: it has one call-back, and who promised it goes before others."""


class CallbackOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    number: str
    queue: str
    hotline: str
    since: datetime
    priority: int
    state: str
    attempts: int
    max_attempts: int
    next_attempt_at: datetime | None
    last_result: str | None
    contact_id: str | None
    last_contact_id: str | None
    created_by: str
    purpose: str
    note: str
    agent_name: str | None = None
    """Who promised it."""
    created_at: datetime
    closed_at: datetime | None
    customer_name: str | None = None
    due_at: datetime | None = None
    """The earliest instant at which it may be dialled; past: it waits for its turn."""


@router.post("/calls", status_code=201)
async def call(who: ServiceStaff, asked: CallIn, made: ServicesDep, here: Room) -> CallOut:
    """The agent's telephone rings, then the customer's. 409 with ``details.reason`` when it may not be.

    ``no_calls``: the customer wants no calls. Who calls all the same says so with ``despite_no_calls``.
    """
    async with made.db.read() as session:
        profile = await load_profile(session, who.account_id)
        number = await _number(session, asked)
        unwilling = await _who_wants_no_calls(session, number)
        last = await last_hotline(session, number, asked.contact_id)
    if unwilling is not None and not asked.despite_no_calls:
        raise DialRefused("no_calls")
    await here.prepare(normalise(number))
    purpose = "call" if asked.purpose == "callback" else asked.purpose
    if unwilling is None:
        return CallOut(call_id=here.click.call(profile, number, purpose, asked.hotline, last=last))
    async with made.db.write() as session:  # what cannot be kept in the audit is not done
        call_id = new_id()
        audit.record(session, made.clock.now(), who.account_id, "customer.called_anyway", unwilling, contact=call_id)
        await session.flush()
        here.click.call(profile, number, purpose, asked.hotline, last=last, call_id=CallId(call_id))
    return CallOut(call_id=call_id)


async def last_hotline(session: ReadSession, number: str, contact_id: str | None = None) -> str:
    """By which hotline that call came, else the last call with this number; empty: there was none."""
    query = select(Contact.hotline)
    if contact_id is not None:
        query = query.where(Contact.id == contact_id)
    else:
        query = query.where(Contact.caller_number.in_(variants(number)), ~Contact.drill)
    return await session.scalar(query.order_by(Contact.started_at.desc()).limit(1)) or ""


async def _who_wants_no_calls(session: ReadSession, number: str) -> str | None:
    """The customer whose number this is, if they want no calls."""
    query = select(Customer.id).join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
    found = await session.scalar(query.where(CustomerPhone.number == normalise(number), Customer.no_calls))
    return None if found is None else str(found)


async def _number(session: ReadSession, asked: CallIn) -> str:
    given = [each for each in (asked.number, asked.customer_id, asked.contact_id) if each]
    if len(given) != 1:
        raise BadRequest("name exactly one of number, customer_id and contact_id")
    if asked.number:
        return asked.number
    if asked.customer_id:
        query = select(CustomerPhone.number).where(CustomerPhone.customer_id == asked.customer_id)
        found = await session.scalar(query.order_by(CustomerPhone.number).limit(1))
    else:
        found = await session.scalar(select(Contact.caller_number).where(Contact.id == asked.contact_id))
    if not found:
        raise NotFound("there is no number to call")
    return str(found)


@router.get("/callbacks")
async def callbacks(
    who: LeadOrAbove,
    made: ServicesDep,
    state: Annotated[Literal["open", "all"], Query()] = "open",
) -> list[CallbackOut]:
    """Open call-backs in the order of their waits; ``all``: those closed in the last seven days as well."""
    now = made.clock.now()
    name = (
        select(Customer.name)
        .join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
        .where(CustomerPhone.number == CallbackRow.number)
        .limit(1)
        .scalar_subquery()
    )
    since = now - timedelta(days=7) if state == "all" else now
    promised = select(Account.display_name).where(Account.id == CallbackRow.agent_id).scalar_subquery()
    query = select(CallbackRow, name, promised).where(or_(CallbackRow.state.in_(OPEN), CallbackRow.closed_at > since))
    async with made.db.read() as session:
        rows = (await session.execute(query.order_by(*_ORDER).limit(500))).all()
    found = []
    for row, customer, agent in rows:
        shown = CallbackOut.model_validate(row)
        due = _due(row, now) if row.state in OPEN else None
        found.append(shown.model_copy(update={"customer_name": customer, "agent_name": agent, "due_at": due}))
    return found


_ORDER = (CallbackRow.closed_at.desc().nulls_first(), CallbackRow.priority.desc(), CallbackRow.since)


def _due(row: CallbackRow, now: datetime) -> datetime | None:
    """The first permitted instant that is not in a pause."""
    earliest = max(row.since, row.next_attempt_at or row.since)
    stretches = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in row.permitted]
    return min((max(earliest, begin) for begin, end in stretches if end > max(now, earliest)), default=None)


@router.post("/callbacks", status_code=201)
async def add(who: ServiceStaff, asked: CallbackIn, made: ServicesDep, here: Room) -> PromiseOut:
    """Promise a customer a call-back; it waits in the queue like any other."""
    if asked.earliest is not None and asked.earliest.tzinfo is None:
        raise BadRequest("earliest needs a time zone")
    if asked.earliest is not None and asked.earliest > made.clock.now() + timedelta(days=LONGEST_DAYS):
        raise BadRequest(f"earliest lies more than {LONGEST_DAYS} days ahead")
    queue, contact = asked.queue, asked.contact_id
    if not queue:
        async with made.db.read() as session:
            queue = next(iter((await load_profile(session, who.account_id)).queues), "")
    if contact is not None and not made.in_call(contact, who.account_id):
        async with made.db.read() as session:
            if await session.get(Contact, contact) is None:
                raise NotFound("there is no such call")
    place = await here.callbacks.add(
        number=asked.number,
        queue=queue,
        hotline=asked.hotline,
        priority=asked.priority,
        since=asked.earliest,
        earliest=asked.earliest,
        contact_id=contact,
        promise=Promise(agent_id=AgentId(who.account_id), purpose=asked.purpose, note=asked.note),
    )
    async with made.db.read() as session:
        row = await session.get(CallbackRow, place)
    return PromiseOut(call_id=place, due_at=_due(row, made.clock.now()) if row else None)


@router.post("/callbacks/{callback_id}/cancel")
async def cancel(who: LeadOrAbove, callback_id: PathId, made: ServicesDep, here: Room) -> dict[str, str]:
    """Nobody calls this customer back any more."""
    if not here.callbacks.cancel(CallId(callback_id), who.account_id):
        raise Conflict("this call-back is over already")
    async with made.db.write() as session:
        audit.record(session, made.clock.now(), who.account_id, "callback.cancelled", callback_id)
    return {"state": "cancelled"}


@router.post("/callbacks/{callback_id}/now")
async def now(who: LeadOrAbove, callback_id: PathId, made: ServicesDep, here: Room) -> dict[str, str]:
    """To the front of its queue, without waiting for its pause to end; permitted hours stay."""
    if not await here.callbacks.hurry(CallId(callback_id)):
        raise Conflict("this call-back is over already")
    async with made.db.write() as session:
        audit.record(session, made.clock.now(), who.account_id, "callback.hurried", callback_id)
    return {"state": "open"}
