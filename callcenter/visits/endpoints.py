"""Return visits over HTTP: which are due, the call, what came of it, and how many took place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from callcenter.access import audit
from callcenter.access.agents import load_profile
from callcenter.access.guard import LeadOrAbove, ServiceStaff
from callcenter.access.schemas import HEX_ID, Strict
from callcenter.access.tables import Account
from callcenter.business.tables import Customer, CustomerPhone
from callcenter.calls.tables import Contact
from callcenter.context import ServicesDep
from callcenter.errors import Conflict, NotFound
from callcenter.outbound.endpoints import Room, last_hotline
from callcenter.visits.rules import TRIES, months_later, rate
from callcenter.visits.tables import ReturnVisit

router = APIRouter(prefix="/api/v1", tags=["visits"])

Id = Annotated[str, Path(pattern=HEX_ID)]


class VisitOut(BaseModel):
    """``due_on`` is a day of the site; ``next_try_at``: not before, after a try that came to nothing. ``calling``: a
    colleague calls the customer now; ``unwritten``: they have talked, and what came of it is not written yet."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    customer_id: str
    customer_name: str = ""
    vip: bool = False
    number: str | None = None
    owner_name: str | None = None
    due_on: date
    state: Literal["due", "done", "declined", "missed", "cancelled"]
    tries: int
    max_tries: int = TRIES
    next_try_at: datetime | None
    contact_id: str | None
    calling: bool = False
    unwritten: bool = False
    called_by_name: str | None = None
    """Who talked, of a visit that is ``unwritten``."""
    note: str
    closed_at: datetime | None
    closed_by_name: str | None = None


class VisitCallIn(Strict):
    hotline: Annotated[str, Field(max_length=20)] = ""


class VisitCallOut(BaseModel):
    call_id: str


class VisitCloseIn(Strict):
    """``no_calls``: the customer wants no more calls; no further visits are made."""

    result: Literal["done", "declined", "missed"]
    note: Annotated[str, Field(max_length=1000)] = ""
    no_calls: bool = False


class MonthOut(BaseModel):
    """``late``: due before today and still open. ``rate``: of those that were due, how many took place."""

    month: str
    done: int
    declined: int
    missed: int
    late: int
    rate: float | None


@router.get("/visits")
async def list_visits(
    who: ServiceStaff,
    made: ServicesDep,
    view: Literal["due", "mine", "ahead", "closed", "all"] = "due",
    customer: Annotated[str | None, Query(pattern=HEX_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[VisitOut]:
    """``due``: today's and earlier ones, the oldest first; ``mine``: of those, my own customers'; ``ahead``: the days
    to come; ``closed``: what became of the last; ``all``: whatever their state, those due last first. ``customer``: one
    customer's alone."""
    today = made.clock.now().astimezone(made.settings.zone).date()
    number = (
        select(CustomerPhone.number)
        .where(CustomerPhone.customer_id == Customer.id)
        .order_by(CustomerPhone.number)
        .limit(1)
        .scalar_subquery()
    )
    names = [
        select(Account.display_name).where(Account.id == column).scalar_subquery()
        for column in (Customer.owner_account_id, ReturnVisit.closed_by, Contact.answered_by)
    ]
    talked = and_(Contact.answered_at.is_not(None), Contact.ended_at.is_not(None))
    query = (
        select(ReturnVisit, Customer.name, Customer.vip, number, talked, *names)
        .join(Customer, Customer.id == ReturnVisit.customer_id)
        .outerjoin(Contact, Contact.id == ReturnVisit.contact_id)
    )
    due = ReturnVisit.state == "due"
    first: ColumnElement[Any] = ReturnVisit.due_on.asc()
    match view:
        case "due":
            query = query.where(due, ReturnVisit.due_on <= today)
        case "mine":
            query = query.where(due, ReturnVisit.due_on <= today, Customer.owner_account_id == who.account_id)
        case "ahead":
            query = query.where(due, ReturnVisit.due_on > today)
        case "closed":
            query, first = query.where(~due), ReturnVisit.closed_at.desc()
        case "all":
            first = ReturnVisit.due_on.desc()
    if customer is not None:
        query = query.where(ReturnVisit.customer_id == customer)
    async with made.db.read() as session:
        rows = (await session.execute(query.order_by(first, ReturnVisit.id).limit(limit))).all()
    return [
        VisitOut.model_validate(visit).model_copy(
            update={
                "customer_name": name,
                "vip": vip,
                "number": phone,
                "owner_name": owner,
                "closed_by_name": closer,
                "calling": visit.calling_since is not None and not talked,
                "unwritten": visit.calling_since is not None and talked,
                "called_by_name": caller if visit.calling_since is not None and talked else None,
            }
        )
        for visit, name, vip, phone, talked, owner, closer, caller in rows
    ]


@router.post("/visits/{visit_id}/call")
async def call_customer(
    visit_id: Id, body: VisitCallIn, who: ServiceStaff, made: ServicesDep, here: Room
) -> VisitCallOut:
    """Ring the agent, then the customer, as every call outside: in permitted hours, to numbers that may be dialled.

    Once the call was answered, its outcome closes the visit; a call that nobody answered counts as a try.
    """
    async with made.db.write() as session:
        # Held while the call is begun: two agents never call one customer for one visit.
        visit = await session.get(ReturnVisit, visit_id, with_for_update=True)
        if visit is None:
            raise NotFound("there is no such visit")
        customer = await session.get(Customer, visit.customer_id)
        if visit.state != "due" or customer is None:
            raise Conflict("this visit is over", details={"reason": "visit_over"})
        if customer.no_calls:
            raise Conflict("this customer wants no calls", details={"reason": "no_calls"})
        if visit.calling_since is not None:
            lives = await session.scalar(
                select(Contact.id).where(Contact.id == visit.contact_id, Contact.ended_at.is_not(None))
            )
            if lives is None:
                raise Conflict("a colleague calls this customer now", details={"reason": "visit_calling"})
        query = select(CustomerPhone.number).where(CustomerPhone.customer_id == customer.id)
        number = await session.scalar(query.order_by(CustomerPhone.number).limit(1))
        if number is None:
            raise NotFound("there is no number to call")
        profile = await load_profile(session, who.account_id)
        await here.prepare(number)
        last = await last_hotline(session, number)
        call_id = here.click.call(profile, number, "return_visit", body.hotline, last=last)
        visit.contact_id, visit.calling_since = call_id, made.clock.now()
    return VisitCallOut(call_id=call_id)


@router.post("/visits/{visit_id}/close")
async def close_visit(visit_id: Id, body: VisitCloseIn, who: ServiceStaff, made: ServicesDep) -> VisitOut:
    """Say by hand what became of it: it took place elsewhere, the customer declined, or it is given up."""
    now = made.clock.now()
    async with made.db.write() as session:
        visit = await session.get(ReturnVisit, visit_id, with_for_update=True)
        if visit is None:
            raise NotFound("there is no such visit")
        if visit.state != "due":
            raise Conflict("this visit is over", details={"reason": "visit_over"})
        visit.state, visit.note = body.result, body.note
        visit.closed_at, visit.closed_by, visit.calling_since = now, who.account_id, None
        if body.no_calls:
            customer = await session.get(Customer, visit.customer_id, with_for_update=True)
            assert customer is not None
            customer.no_calls, customer.updated_at = True, now
        await session.flush()
        audit.record(
            session, now, who.account_id, "visit.closed", visit.customer_id, result=body.result, no_calls=body.no_calls
        )
        return VisitOut.model_validate(visit)


@router.get("/visits/figures")
async def visit_figures(
    who: LeadOrAbove, made: ServicesDep, months: Annotated[int, Query(ge=1, le=36)] = 6
) -> list[MonthOut]:
    """For each of the last months, by the day they were due: how many visits took place. Newest first."""
    today = made.clock.now().astimezone(made.settings.zone).date()
    first = months_later(today.replace(day=1), 1 - months)
    month = func.to_char(ReturnVisit.due_on, "YYYY-MM")
    late = and_(ReturnVisit.state == "due", ReturnVisit.due_on < today)
    counted = case((late, "late"), else_=ReturnVisit.state)
    query = (
        select(month, counted, func.count())
        .where(ReturnVisit.due_on >= first, or_(late, ReturnVisit.state.in_(("done", "declined", "missed"))))
        .group_by(month, counted)
    )
    found: dict[str, dict[str, int]] = {}
    async with made.db.read() as session:
        for name, what, number in await session.execute(query):
            found.setdefault(name, {})[what] = number
    names = [f"{months_later(first, n):%Y-%m}" for n in range(months)]
    # A visit of this month may have been closed before its day.
    names += sorted(found.keys() - set(names))
    shown = []
    for name in reversed(names):
        counts = {what: found.get(name, {}).get(what, 0) for what in ("done", "declined", "missed", "late")}
        shown.append(MonthOut(month=name, rate=rate(**counts), **counts))
    return shown
