"""What came of a conversation. Outcome, customer and the call's link to them are saved together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Select, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from callcenter.access import audit
from callcenter.acd.tables import AgentStateRow
from callcenter.business import contacts, customers
from callcenter.business.numbers import normalise
from callcenter.business.tables import Customer, Disposition, Outcome
from callcenter.calls.tables import Contact
from callcenter.cases import changes as cases
from callcenter.db.direct import Fixed
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest, Conflict, NotFound
from callcenter.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeWish:
    """``customer`` holds the fields to change or, for an unknown caller, to begin a record with."""

    disposition: str
    note: str = ""
    department: str | None = None
    open_case: bool = False
    """Give the caller a number to ask by. A case that is open stays open without it."""
    case: cases.Opening | None = None
    """What that case is about."""
    about_case: int | None = None
    """The case that this call is about."""
    customer: Mapping[str, Any] | None = None
    seen: datetime | None = None
    """``updated_at`` of the outcome the writer was looking at; None: do not compare."""


async def belongs_to(session: ReadSession, contact_id: str, agent_id: str) -> bool:
    """Whether the agent may write about this call, by what the database knows of past and present."""
    if await contacts.has_part(session, contact_id, agent_id):
        return True
    query = select(AgentStateRow.account_id).where(
        AgentStateRow.account_id == agent_id, AgentStateRow.call_id == contact_id
    )
    return await session.scalar(query) is not None


async def save(
    session: WriteSession, now: datetime, contact_id: str, agent_id: str, wish: OutcomeWish, *, by: str
) -> Outcome:
    """Write one agent's outcome of one call, within the caller's unit of work. ``by`` is who writes it.

    The call's row is locked, so that two who save at once come one after the other. Raises NotFound (call),
    BadRequest (disposition, customer without a name), Conflict (somebody saved in between; number taken).
    """
    found = await session.execute(_locked(), {"contact_id": contact_id, "disposition": wish.disposition})
    row = found.one_or_none()
    if row is None:
        raise NotFound("no such call; if it has only just begun, save again in a moment")
    contact, usable = row
    if not usable:
        raise BadRequest(f"there is no disposition {wish.disposition}; see GET /api/v1/dispositions")
    if wish.seen is not None:
        await _see_unchanged(session, contact_id, agent_id, wish.seen)
    if wish.customer:
        await _save_customer(session, now, contact, wish.customer)
    elif contact.customer_id is None:
        # The pop showed whom this number belongs to, and the agent wrote the outcome on that record.
        known = await customers.find_by_number(session, contact.caller_number)
        contact.customer_id = known.id if known else None
    opens = wish.case.department if wish.open_case and wish.case else None
    values = {
        "id": new_id(),
        "contact_id": contact_id,
        "agent_id": agent_id,
        "disposition": wish.disposition,
        "note": wish.note,
        "department": wish.department or await cases.department_title(session, opens),
        "created_at": now,
        "updated_at": now,
    }
    await session.flush()
    written = await (await session.direct()).rows(_WRITTEN, {f"new_{name}": value for name, value in values.items()})
    outcome = Outcome(**dict(zip((*_BEGUN, *_CHANGED), written[0], strict=True)))
    if wish.about_case is not None:
        await cases.attach(session, now, wish.about_case, contact, by=by)
    elif wish.open_case:
        await cases.open_for(session, now, outcome, contact, by=by, wish=wish.case)
    if by != agent_id:
        audit.record(session, now, by, "outcome.written", contact_id, agent_id=agent_id)
    return outcome


@cache
def _locked() -> Select[Contact, bool]:
    """The call, locked, and whether the disposition may be used."""
    usable = select(Disposition.code).where(Disposition.code == bindparam("disposition"), Disposition.active).exists()
    return select(Contact, usable).where(Contact.id == bindparam("contact_id")).with_for_update(of=Contact)


_BEGUN: Final = ("id", "contact_id", "agent_id", "created_at")
_CHANGED: Final = ("disposition", "note", "department", "updated_at")


def _written() -> Executable:
    """The agent's outcome of the call, begun or written over."""
    there = Outcome.metadata.tables["outcomes"]
    row = insert(there).values({name: bindparam(f"new_{name}") for name in (*_BEGUN, *_CHANGED)})
    written = row.on_conflict_do_update(
        index_elements=["contact_id", "agent_id"], set_={name: row.excluded[name] for name in _CHANGED}
    )
    return written.returning(*(there.c[name] for name in (*_BEGUN, *_CHANGED)))


_WRITTEN: Final = Fixed(_written())


async def _see_unchanged(session: ReadSession, contact_id: str, agent_id: str, seen: datetime) -> None:
    """Raises Conflict when somebody saved after what the writer looked at."""
    before = await session.scalar(select(Outcome).where(Outcome.contact_id == contact_id, Outcome.agent_id == agent_id))
    if before is not None and before.updated_at != seen:
        raise Conflict(
            "this outcome was changed meanwhile; look at it again before saving",
            details={"updated_at": before.updated_at.isoformat(), "note": before.note},
        )


async def _save_customer(session: WriteSession, now: datetime, contact: Contact, fields: Mapping[str, Any]) -> None:
    customer_id = contact.customer_id
    if customer_id is None:
        known = await customers.find_by_number(session, contact.caller_number)
        customer_id = known.id if known else None
    if customer_id is not None:
        await session.execute(update(Customer).where(Customer.id == customer_id).values({**fields, "updated_at": now}))
    elif fields.get("name"):
        number = normalise(contact.caller_number)
        phones = (customers.Phone(number=number),) if number else ()
        values = {"language": contact.language, **fields}
        customer_id = await customers.create(session, now, phones=phones, **values)
    else:
        raise BadRequest("this caller is not known yet: give a name to begin their record with")
    contact.customer_id = customer_id
    await session.flush()
