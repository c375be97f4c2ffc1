"""Cases as they are read: by what callers ask for, as lists, and one with all that happened to it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy import case as sql_case

from callcenter.access.tables import Account
from callcenter.business.customers import find_by_number
from callcenter.business.numbers import variants
from callcenter.business.tables import Customer, CustomerPhone, Outcome
from callcenter.calls.tables import Contact
from callcenter.cases import rules
from callcenter.cases.changes import progress_of
from callcenter.cases.tables import Case, CaseContact, CaseEntry, DepartmentMember
from callcenter.db.base import UtcDateTime
from callcenter.db.engine import ReadSession
from callcenter.errors import BadRequest

SAID: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("已经受理，等待处理", "received, and waiting to be worked on"),
    "working": ("正在处理", "being worked on"),
    "waiting_customer": ("等待您的答复", "waiting for your answer"),
    "waiting_department": ("已经转给有关部门", "with the department concerned"),
    "resolved": ("已经办结", "resolved"),
    "closed": ("已经结案", "closed"),
}
"""State → what a caller is told of it, in Chinese and in English."""

_UNANSWERED: Final = func.least(Case.reply_due_at, Case.due_at)
_DUE: Final = sql_case((Case.replied_at.is_(None), _UNANSWERED), else_=Case.due_at)
_URGENCY: Final = (Case.waiting_since.is_not(None), _DUE, Case.number)
"""By what must be done next; what waits for the customer comes after all that does not."""

View = Literal["mine", "department", "overdue", "open", "all"]


async def of_outcomes(session: ReadSession, outcomes: Collection[str]) -> dict[str, Case]:
    """Outcome id → the case that was opened with it."""
    found = await session.scalars(select(Case).where(Case.outcome_id.in_(outcomes)))
    return {case.outcome_id: case for case in found if case.outcome_id}


async def of_contact(session: ReadSession, contact_id: str) -> tuple[Case, ...]:
    """The cases that a call is about."""
    about = select(CaseContact.number).where(CaseContact.contact_id == contact_id)
    return tuple(await session.scalars(select(Case).where(Case.number.in_(about)).order_by(Case.number)))


async def by_number(session: ReadSession, number: str) -> tuple[Case, Outcome | None] | None:
    """The case that a caller's digits name, and what it was opened with."""
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    query = select(Case, Outcome).outerjoin(Outcome, Outcome.id == Case.outcome_id).where(Case.number == int(number))
    row = (await session.execute(query)).first()
    return None if row is None else (row[0], row[1])


async def departments_of(session: ReadSession, account_id: str) -> list[str]:
    query = select(DepartmentMember.department).where(DepartmentMember.account_id == account_id)
    return list(await session.scalars(query))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who looks. ``all``: they see every case; else those of their departments and their own."""

    account_id: str
    departments: tuple[str, ...]
    all: bool

    def sees(self, case: Case) -> bool:
        return self.all or case.owner_id == self.account_id or case.department in self.departments

    @property
    def visible(self) -> ColumnElement[bool]:
        if self.all:
            return literal(True)
        return or_(Case.owner_id == self.account_id, Case.department.in_(self.departments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; None and empty are any. ``caller``: a number, in any of its spellings."""

    view: View = "open"
    state: str | None = None
    kind: str | None = None
    department: str | None = None
    owner: str | None = None
    customer: str | None = None
    caller: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    case: Case
    owner_name: str | None
    customer_name: str | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    lines: tuple[Line, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call about a case, and what was written about it."""

    contact: Contact
    agent_name: str | None
    outcomes: tuple[tuple[Outcome, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    line: Line
    history: tuple[CaseEntry, ...]
    calls: tuple[Call, ...]
    names: dict[str, str]
    """Account id → name, of all who appear in the history."""


def _undone() -> ColumnElement[bool]:
    return Case.state.not_in(("resolved", "closed"))


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """As ``rules.overdue`` judges it."""
    unanswered = and_(Case.replied_at.is_(None), Case.reply_due_at <= now)
    return and_(_undone(), or_(unanswered, and_(Case.waiting_since.is_(None), Case.due_at <= now)))


async def page(
    session: ReadSession, wanted: Filter, scope: Scope, now: datetime, *, cursor: str | None, limit: int
) -> Page:
    """What is still to be done by when it is due, the most urgent first; ``all``: newest first. Raises BadRequest."""
    query = _lines().where(scope.visible)
    match wanted.view:
        case "mine":
            query = query.where(Case.owner_id == scope.account_id, _undone())
        case "department":
            query = query.where(Case.department.in_(scope.departments), _undone())
        case "overdue":
            query = query.where(is_overdue(now))
        case "open":
            query = query.where(_undone())
        case "all":
            pass
    for column, value in (
        (Case.state, wanted.state),
        (Case.kind, wanted.kind),
        (Case.department, wanted.department),
        (Case.owner_id, wanted.owner),
        (Case.customer_id, wanted.customer),
    ):
        if value:
            query = query.where(column == value)
    if wanted.caller is not None:
        query = query.where(await _callers(session, wanted.caller))
    if wanted.text.strip():
        query = query.where(_matches(wanted.text.strip()))
    newest = wanted.view == "all"
    if cursor is not None:
        paused, at, number = _place(cursor)
        place = tuple_(literal(paused), literal(at, UtcDateTime()), literal(number, BigInteger()))
        query = query.where(Case.number < number if newest else tuple_(*_URGENCY) > place)
    order = (Case.number.desc(),) if newest else _URGENCY
    rows = (await session.execute(query.order_by(*order).limit(limit + 1))).all()
    lines = tuple(_line(row, now) for row in rows[:limit])
    last = lines[-1].case if len(rows) > limit else None
    return Page(lines=lines, next=_cursor(last) if last else None)


def _lines() -> Select[Case, str, str]:
    return (
        select(Case, Account.display_name, Customer.name)
        .outerjoin(Account, Account.id == Case.owner_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
    )


def _line(row: Any, now: datetime) -> Line:
    case, owner, customer = row
    return Line(case=case, owner_name=owner, customer_name=customer, overdue=rules.overdue(progress_of(case), now))


async def _callers(session: ReadSession, number: str) -> ColumnElement[bool]:
    spellings = variants(number)
    if not spellings:
        return literal(False)
    customer = await find_by_number(session, number)
    by_number = Case.caller_number.in_(spellings)
    return or_(Case.customer_id == customer.id, by_number) if customer else by_number


def _matches(text: str) -> ColumnElement[bool]:
    found = [Case.subject.icontains(text, autoescape=True), Customer.name.icontains(text, autoescape=True)]
    digits = text.replace(" ", "").replace("-", "")
    if digits.removeprefix("+").isdigit() and digits.isascii():
        if digits.isdigit() and len(digits) <= 18:
            found.append(Case.number == int(digits))
        spellings = variants(digits)
        if spellings:
            holders = select(CustomerPhone.customer_id).where(CustomerPhone.number.in_(spellings))
            found += [Case.caller_number.in_(spellings), Case.customer_id.in_(holders)]
    return or_(*found)


def _cursor(last: Case) -> str:
    due = last.due_at if last.replied_at else min(last.reply_due_at, last.due_at)
    place = f"{int(last.waiting_since is not None)}|{due.isoformat()}|{last.number}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(cursor: str) -> tuple[bool, datetime, int]:
    try:
        paused, at, number = base64.urlsafe_b64decode(cursor).decode().split("|")
        moment, place = datetime.fromisoformat(at), int(number)
        if moment.tzinfo is None or not 0 <= place < 2**63:
            raise ValueError(cursor)
    except (binascii.Error, ValueError):
        raise BadRequest("this cursor is not one of ours; take `next` from the page before") from None
    return paused == "1", moment, place


async def counts(session: ReadSession, scope: Scope, now: datetime) -> dict[str, int]:
    """How many are to be done: mine, my departments', and of both those that are late."""
    mine = Case.owner_id == scope.account_id
    theirs = Case.department.in_(scope.departments)
    query = select(
        func.count().filter(mine),
        func.count().filter(theirs),
        func.count().filter(or_(mine, theirs), is_overdue(now)),
    ).where(_undone(), or_(mine, theirs))
    row = (await session.execute(query)).one()
    return dict(zip(("mine", "department", "overdue"), row, strict=True))


async def line(session: ReadSession, number: int, now: datetime) -> Line | None:
    row = (await session.execute(_lines().where(Case.number == number))).first()
    return None if row is None else _line(row, now)


async def whole(session: ReadSession, found: Line) -> Whole:
    """All that is known of one case."""
    number = found.case.number
    entries = await session.scalars(
        select(CaseEntry).where(CaseEntry.number == number).order_by(CaseEntry.at, CaseEntry.id)
    )
    history = tuple(entries)
    rows = await session.execute(
        select(Contact, Account.display_name)
        .join(CaseContact, CaseContact.contact_id == Contact.id)
        .outerjoin(Account, Account.id == Contact.answered_by)
        .where(CaseContact.number == number)
        .order_by(Contact.started_at)
    )
    calls = rows.all()
    written: dict[str, tuple[tuple[Outcome, str | None], ...]] = {}
    told = (
        select(Outcome, Account.display_name)
        .outerjoin(Account, Account.id == Outcome.agent_id)
        .where(Outcome.contact_id.in_([contact.id for contact, _ in calls]))
        .order_by(Outcome.created_at)
    )
    for outcome, name in await session.execute(told):
        written[outcome.contact_id] = (*written.get(outcome.contact_id, ()), (outcome, name))
    ids = {one.account_id for one in history if one.account_id}
    ids |= {str(one.detail[side]) for one in history if one.what == "owner" for side in ("before", "after")} - {"None"}
    names = await session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return Whole(
        line=found,
        history=history,
        calls=tuple(
            Call(contact=contact, agent_name=name, outcomes=written.get(contact.id, ())) for contact, name in calls
        ),
        names=dict(names.all()),
    )
