"""The SQL of messages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.access.tables import Account, AgentQueue
from callcenter.business.contacts import took_part
from callcenter.business.numbers import normalise, variants
from callcenter.business.tables import Customer, CustomerPhone
from callcenter.calls.tables import Contact
from callcenter.db.cursor import cursor_of, older
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.ids import CallId
from callcenter.messages.files import Found
from callcenter.messages.tables import Message
from callcenter.recording.wav import Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the call knows of its message."""

    number: str
    hotline: str
    queue: str | None = None
    language: str = "zh-CN"
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; None is any. ``listener``: an agent, who sees what is theirs to answer; None sees all."""

    listener: str | None = None
    state: str | None = None
    purpose: str | None = None
    queue: str | None = None
    number: str | None = None
    contact_id: str | None = None
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    message: Message
    customer_id: str | None
    customer_name: str | None
    handled_by_name: str | None


async def add(session: WriteSession, found: Found, facts: Facts, path: str, sealed: Sealed) -> None:
    """List a message; one that is listed already stays as it is."""
    row = {
        "id": found.id,
        "contact_id": found.call_id,
        "purpose": found.purpose,
        "caller_number": facts.number,
        "hotline": facts.hotline,
        "queue": facts.queue,
        "language": facts.language,
        "drill": facts.drill,
        "path": path,
        "recorded_at": found.at,
        "duration_ms": sealed.duration_ms,
        "bytes": sealed.size,
        "sha256": sealed.sha256,
    }
    await session.execute(insert(Message).values(row).on_conflict_do_nothing())


async def facts_of(session: ReadSession, call_id: CallId) -> Facts | None:
    """What the database knows of the call."""
    contact = await session.get(Contact, call_id)
    if contact is None:
        return None
    return Facts(
        number=contact.caller_number,
        hotline=contact.hotline,
        queue=contact.queue,
        language=contact.language,
        drill=contact.drill,
    )


async def get(session: ReadSession, message_id: str) -> Message | None:
    return await session.get(Message, message_id)


def _theirs(agent_id: str) -> ColumnElement[bool]:
    """A voicemail of the agent's queues or of none; a comment on a call in which they had a part."""
    queues = select(AgentQueue.queue).where(AgentQueue.account_id == agent_id)
    voicemail = and_(Message.purpose == "voicemail", or_(Message.queue.is_(None), Message.queue.in_(queues)))
    part = select(Contact.id).where(Contact.id == Message.contact_id, took_part(agent_id))
    return or_(voicemail, part.exists())


def _matching(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not wanted.drill:
        found.append(~Message.drill)
    if wanted.listener is not None:
        found.append(_theirs(wanted.listener))
    if wanted.state == "open":
        found.append(Message.state != "done")
    elif wanted.state is not None:
        found.append(Message.state == wanted.state)
    if wanted.purpose is not None:
        found.append(Message.purpose == wanted.purpose)
    if wanted.queue is not None:
        found.append(Message.queue == wanted.queue)
    if wanted.number is not None:
        found.append(Message.caller_number.in_(variants(wanted.number)))
    if wanted.contact_id is not None:
        found.append(Message.contact_id == wanted.contact_id)
    return found


async def may_hear(session: ReadSession, message_id: str, agent_id: str) -> bool:
    query = select(Message.id).where(Message.id == message_id, _theirs(agent_id))
    return await session.scalar(query) is not None


async def count_new(session: ReadSession, listener: str | None) -> int:
    """Voicemails that nobody has heard."""
    wanted = Filter(listener=listener, state="new", purpose="voicemail")
    return await session.scalar(select(func.count()).select_from(Message).where(*_matching(wanted))) or 0


async def page(
    session: ReadSession, wanted: Filter, *, cursor: str | None, limit: int
) -> tuple[list[Line], str | None]:
    """Newest first, and the cursor of the next page. Raises BadRequest (cursor)."""
    query = (
        select(Message)
        .where(*_matching(wanted))
        .order_by(Message.recorded_at.desc(), Message.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(older(cursor, Message.recorded_at, Message.id))
    found = list(await session.scalars(query))
    lines = await lines_of(session, found[:limit])
    if len(found) <= limit:
        return lines, None
    last = found[limit - 1]
    return lines, cursor_of(last.recorded_at, last.id)


async def lines_of(session: ReadSession, messages: list[Message]) -> list[Line]:
    """With the names that go with them."""
    handlers = {message.handled_by for message in messages if message.handled_by}
    accounts = await session.execute(select(Account.id, Account.display_name).where(Account.id.in_(handlers)))
    names = dict(accounts.all())
    numbers = {normalise(message.caller_number) for message in messages} - {""}
    query = (
        select(CustomerPhone.number, Customer.id, Customer.name)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .where(CustomerPhone.number.in_(numbers))
    )
    customers = {number: (customer, name) for number, customer, name in await session.execute(query)}
    made = []
    for message in messages:
        customer, name = customers.get(normalise(message.caller_number), (None, None))
        made.append(
            Line(
                message=message,
                customer_id=customer,
                customer_name=name,
                handled_by_name=names.get(message.handled_by or ""),
            )
        )
    return made
