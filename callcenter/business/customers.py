"""Customers: found by number, made, changed. SQL only; endpoints and outcomes call these."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from callcenter.business.numbers import normalise, variants
from callcenter.business.tables import PARTS_OF_NAME, PARTS_OF_NUMBER, Customer, CustomerPhone
from callcenter.calls.tables import Contact
from callcenter.db.direct import Direct, Fixed
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest, Conflict, NotFound
from callcenter.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    number: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    id: str
    name: str
    company: str
    vip: bool
    language: str
    notes: str
    owner_account_id: str | None
    phones: tuple[Phone, ...]
    customer_since: date | None
    no_calls: bool
    created_at: datetime
    updated_at: datetime


def _record(row: Customer, phones: tuple[Phone, ...]) -> CustomerRecord:
    return CustomerRecord(
        id=row.id,
        name=row.name,
        company=row.company,
        vip=row.vip,
        language=row.language,
        notes=row.notes,
        owner_account_id=row.owner_account_id,
        phones=phones,
        customer_since=row.customer_since,
        no_calls=row.no_calls,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def _phones(session: ReadSession, ids: list[str]) -> dict[str, tuple[Phone, ...]]:
    found: dict[str, tuple[Phone, ...]] = {}
    query = select(CustomerPhone).where(CustomerPhone.customer_id.in_(ids)).order_by(CustomerPhone.number)
    for row in await session.scalars(query):
        found[row.customer_id] = (*found.get(row.customer_id, ()), Phone(number=row.number, label=row.label))
    return found


_WHOLE: Final = tuple(field.name for field in fields(CustomerRecord) if field.name != "phones")
_BY_NUMBER: Final = Fixed(
    select(CustomerPhone.number, CustomerPhone.label, *(getattr(Customer, name) for name in _WHOLE))
    .join(Customer, CustomerPhone.customer_id == Customer.id)
    .where(
        Customer.id
        == select(CustomerPhone.customer_id).where(CustomerPhone.number == bindparam("number")).scalar_subquery()
    )
    .order_by(CustomerPhone.number)
)


async def find_by_number(asked: ReadSession | Direct, raw: str) -> CustomerRecord | None:
    """The customer whose number this is, in any of its spellings. One query."""
    number = normalise(raw)
    if not number:
        return None
    direct = asked if isinstance(asked, Direct) else await asked.direct()
    rows = await direct.rows(_BY_NUMBER, {"number": number})
    if not rows:
        return None
    phones = tuple(Phone(number=number, label=label) for number, label, *_ in rows)
    return CustomerRecord(**dict(zip(_WHOLE, rows[0][2:], strict=True)), phones=phones)


async def get(session: ReadSession, customer_id: str) -> CustomerRecord:
    """Raises NotFound."""
    row = await session.get(Customer, customer_id)
    if row is None:
        raise NotFound("no such customer")
    return _record(row, (await _phones(session, [row.id])).get(row.id, ()))


def _named(text: str) -> ColumnElement[bool]:
    """Whose name or company holds it. By the index of its parts; read again, for parts may stand apart."""
    size = min(len(text), 2)
    parts = sorted({text.lower()[at : at + size] for at in range(len(text) - size + 1)})
    holds = or_(Customer.name.icontains(text, autoescape=True), Customer.company.icontains(text, autoescape=True))
    return and_(literal_column(PARTS_OF_NAME).op("@>")(cast(parts, ARRAY(Text))), holds)


def _digits(text: str) -> str | None:
    """Of a text that may be part of a number."""
    digits = text.replace(" ", "").replace("-", "").removeprefix("+")
    return digits if digits.isdecimal() and digits.isascii() else None


def _numbered(text: str, digits: str) -> ColumnElement[bool]:
    """Whose number holds the digits, or whose name or company holds the text."""
    phones = select(CustomerPhone.customer_id)
    if len(digits) < 3:  # so many that the newest come at once by asking from one to the next
        mine = phones.where(CustomerPhone.customer_id == Customer.id, CustomerPhone.number.contains(digits))
        return or_(_named(text), mine.exists())
    parts = sorted({digits[at : at + 3] for at in range(len(digits) - 2)})
    holders = phones.where(
        literal_column(PARTS_OF_NUMBER).op("@>")(cast(parts, ARRAY(Text))), CustomerPhone.number.contains(digits)
    )
    whole = phones.where(CustomerPhone.number == normalise(text))
    named = select(Customer.id).where(_named(text))
    return Customer.id.in_(union(holders, whole, named))


async def search(session: ReadSession, text: str, *, before: str | None, limit: int) -> list[CustomerRecord]:
    """Newest first, ids below ``before``. ``text`` is part of a name, a company or a number; empty: all."""
    query = select(Customer).order_by(Customer.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Customer.id < before)
    text = text.strip()
    if text:
        query = query.where(_named(text) if (digits := _digits(text)) is None else _numbered(text, digits))
    rows = list(await session.scalars(query))
    phones = await _phones(session, [row.id for row in rows])
    return [_record(row, phones.get(row.id, ())) for row in rows]


async def create(
    session: WriteSession,
    now: datetime,
    *,
    name: str,
    company: str = "",
    vip: bool = False,
    language: str = "zh-CN",
    notes: str = "",
    owner_account_id: str | None = None,
    customer_since: date | None = None,
    no_calls: bool = False,
    phones: tuple[Phone, ...] = (),
) -> str:
    """Add a customer and claim the earlier calls from its numbers. Returns the id.

    Raises BadRequest (not a number), Conflict (a number belongs to somebody else: their id is in the details).
    """
    row = Customer(
        id=new_id(),
        name=name,
        company=company,
        vip=vip,
        language=language,
        notes=notes,
        owner_account_id=owner_account_id,
        customer_since=customer_since,
        no_calls=no_calls,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    await set_phones(session, row.id, phones)
    return row.id


async def set_phones(session: WriteSession, customer_id: str, phones: tuple[Phone, ...]) -> None:
    """Replace a customer's numbers. Raises BadRequest, Conflict."""
    wanted: dict[str, str] = {}
    for phone in phones:
        number = normalise(phone.number)
        if not number:
            raise BadRequest(f"{phone.number!r} is not a telephone number: digits, with + and country code if abroad")
        wanted[number] = phone.label
    gone = delete(CustomerPhone).where(CustomerPhone.customer_id == customer_id, CustomerPhone.number.not_in(wanted))
    await session.execute(gone)
    # In one order everywhere, so that two people saving the same numbers wait for each other instead of deadlocking.
    for number, label in sorted(wanted.items()):
        await _claim(session, customer_id, number, label)


async def _claim(session: WriteSession, customer_id: str, number: str, label: str) -> None:
    row = insert(CustomerPhone).values(number=number, customer_id=customer_id, label=label)
    row = row.on_conflict_do_update(
        index_elements=[CustomerPhone.number],
        set_={"label": label},
        where=CustomerPhone.customer_id == customer_id,
    )
    claimed = await session.scalar(row.returning(CustomerPhone.customer_id))
    if claimed is None:
        query = select(CustomerPhone.customer_id).where(CustomerPhone.number == number)
        other = await session.scalar(query)
        raise Conflict(f"{number} belongs to another customer", details={"number": number, "customer_id": other})
    await session.execute(
        update(Contact)
        .where(Contact.customer_id.is_(None), Contact.caller_number.in_(variants(number)))
        .values(customer_id=customer_id)
        .execution_options(synchronize_session=False)
    )
