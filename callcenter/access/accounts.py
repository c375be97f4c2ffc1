"""Accounts: making, changing and taking them out of service. SQL and rules; HTTP and console call these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, delete, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import insert

from callcenter.access.roles import Role
from callcenter.access.tables import Account, AgentQueue, AgentSkill, SessionRow
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest, Conflict, NotFound
from callcenter.ids import new_id

FIRST_EXTENSION = 1001
LAST_EXTENSION = 99999
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_EXTENSION = re.compile(r"[1-9][0-9]{2,4}")
_EXTENSION_LOCK = 0x65787465


def check_login(login: str) -> str:
    """The login in its stored form. Raises BadRequest."""
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise BadRequest("a login has 2 to 32 of a-z, 0-9, dot, dash and underscore, and begins with a letter or digit")
    return login


async def get(session: ReadSession, account_id: str) -> Account:
    """Raises NotFound."""
    account = await session.get(Account, account_id)
    if account is None:
        raise NotFound("no such account")
    return account


async def by_login(session: ReadSession, login: str) -> Account:
    """Raises NotFound."""
    account = (await session.scalars(select(Account).where(Account.login == login.strip().lower()))).one_or_none()
    if account is None:
        raise NotFound(f"no account has the login {login}")
    return account


async def listed(session: ReadSession, *, drill: bool = False) -> list[Account]:
    """All accounts by login; those of the fire drill only when asked."""
    query = select(Account).order_by(Account.login)
    return list(await session.scalars(query if drill else query.where(~Account.drill)))


async def levels(
    session: ReadSession, account_id: str | None = None
) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Account id → (queue → level, skill → level), for one account or all."""
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    queues, skills = select(AgentQueue).order_by(AgentQueue.queue), select(AgentSkill).order_by(AgentSkill.skill)
    if account_id is not None:
        queues = queues.where(AgentQueue.account_id == account_id)
        skills = skills.where(AgentSkill.account_id == account_id)
    for queue in await session.scalars(queues):
        found.setdefault(queue.account_id, ({}, {}))[0][queue.queue] = queue.level
    for skill in await session.scalars(skills):
        found.setdefault(skill.account_id, ({}, {}))[1][skill.skill] = skill.level
    return found


async def free_extension(session: WriteSession) -> str:
    """The lowest free number from 1001 on. Held by a lock until the unit of work ends."""
    await session.execute(select(func.pg_advisory_xact_lock(_EXTENSION_LOCK)))
    number = sql_cast(Account.extension, BigInteger)
    taken = set(await session.scalars(select(number).where(Account.extension.is_not(None))))
    for candidate in range(FIRST_EXTENSION, LAST_EXTENSION + 1):
        if candidate not in taken:
            return str(candidate)
    raise Conflict("all extensions are taken; free some by removing old accounts")


async def create(
    session: WriteSession,
    now: datetime,
    *,
    login: str,
    name: str,
    role: Role,
    password_hash: str,
    language: str = "zh-CN",
    extension: str | None = None,
    takes_calls: bool | None = None,
    seat_kind: str = "browser",
    queues: Mapping[str, int] | None = None,
    skills: Mapping[str, int] | None = None,
    wrap_up_s: float | None = None,
    drill: bool = False,
) -> Account:
    """Add an account; agents get the next extension. Raises BadRequest, Conflict (login or extension taken)."""
    login = check_login(login)
    if takes_calls is None:
        takes_calls = role is Role.AGENT or bool(queues)
    if extension is not None and not _EXTENSION.fullmatch(extension):
        raise BadRequest("an extension has 3 to 5 digits and does not begin with 0")
    if extension is None and takes_calls:
        extension = await free_extension(session)
    values = {
        "id": new_id(),
        "login": login,
        "display_name": name,
        "role": role.value,
        "password_hash": password_hash,
        "language": language,
        "active": True,
        "extension": extension,
        "seat_kind": seat_kind,
        "wrap_up_s": wrap_up_s,
        "drill": drill,
        "created_at": now,
    }
    made = (
        await session.scalars(insert(Account).values(values).on_conflict_do_nothing().returning(Account))
    ).one_or_none()
    if made is None:
        raise Conflict(f"the login {login} or the extension {extension} is taken already")
    await set_levels(session, made.id, queues or {}, skills or {})
    return made


async def set_levels(
    session: WriteSession, account_id: str, queues: Mapping[str, int] | None, skills: Mapping[str, int] | None
) -> None:
    """Replace what an agent serves and can do; None leaves that as it is."""
    if queues and not all(1 <= level <= 9 for level in queues.values()):
        raise BadRequest("queue levels go from 1 (served first) to 9")
    if skills and not all(1 <= level <= 10 for level in skills.values()):
        raise BadRequest("skill levels go from 1 to 10 (best)")
    if queues is not None:
        await session.execute(delete(AgentQueue).where(AgentQueue.account_id == account_id))
        session.add_all(AgentQueue(account_id=account_id, queue=name, level=level) for name, level in queues.items())
    if skills is not None:
        await session.execute(delete(AgentSkill).where(AgentSkill.account_id == account_id))
        session.add_all(AgentSkill(account_id=account_id, skill=name, level=level) for name, level in skills.items())
    await session.flush()


async def end_sessions(session: WriteSession, account_id: str) -> None:
    """For a process that is not the service: that one finds them gone at its next sweep, and closes their sockets."""
    await session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))


async def keep_an_admin(session: WriteSession, leaving: Account) -> None:
    """Raises Conflict if nobody could keep accounts afterwards."""
    # Locks the admins: two of them taking each other out at once must not both succeed.
    query = select(Account.id).where(Account.role == Role.ADMIN, Account.active).order_by(Account.id).with_for_update()
    if set(await session.scalars(query)) == {leaving.id}:
        raise Conflict("this is the last active administrator; make another first")
