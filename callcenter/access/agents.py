"""Accounts as the desk knows them."""

from __future__ import annotations

from sqlalchemy import select

from callcenter.access import accounts
from callcenter.access.tables import Account
from callcenter.acd.messages import AgentProfile
from callcenter.db.engine import ReadSession
from callcenter.errors import Conflict, NotFound
from callcenter.ids import AgentId


def seat_of(extension: str) -> str:
    """The PJSIP endpoint of an extension."""
    return f"seat-{extension}"


def _profile(account: Account, queues: dict[str, int], skills: dict[str, int]) -> AgentProfile:
    assert account.extension is not None
    return AgentProfile(
        agent_id=AgentId(account.id),
        name=account.display_name,
        extension=account.extension,
        seat=seat_of(account.extension),
        queues=queues,
        skills=skills,
        wrap_up_s=account.wrap_up_s,
        drill=account.drill,
        browser=not account.drill or account.seat_kind == "browser",
    )


async def load_profile(session: ReadSession, account_id: str) -> AgentProfile:
    """Raises NotFound (unknown or out of service), Conflict (has no extension: takes no calls)."""
    account = await accounts.get(session, account_id)
    if not account.active:
        raise NotFound("this account is out of service")
    if account.extension is None:
        raise Conflict("this account has no extension and takes no calls; give it one under accounts")
    queues, skills = (await accounts.levels(session, account_id)).get(account_id, ({}, {}))
    return _profile(account, queues, skills)


async def find_profile(session: ReadSession, account_id: str) -> AgentProfile | None:
    """As :func:`load_profile`; None for whoever takes no calls (any more)."""
    try:
        return await load_profile(session, account_id)
    except (NotFound, Conflict):
        return None


async def load_profiles(session: ReadSession) -> list[AgentProfile]:
    """Everybody in service who takes calls, by extension."""
    found = await session.scalars(
        select(Account).where(Account.active, Account.extension.is_not(None)).order_by(Account.extension)
    )
    levels = await accounts.levels(session)
    return [_profile(account, *levels.get(account.id, ({}, {}))) for account in found]
