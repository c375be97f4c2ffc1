"""Signing in: wrong passwords are counted for each login and address, and too many are answered by a pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.access import audit, passwords
from callcenter.access.tables import Account, LoginFailure
from callcenter.context import Services
from callcenter.db.engine import WriteSession
from callcenter.errors import NotAuthenticated, TooManyRequests

WINDOW = timedelta(minutes=15)
"""How long a wrong password is remembered, and how long the pause after too many."""
MAX_FAILURES = 8
"""For one login from one address."""
MAX_FAILURES_ADDRESS = 200
"""From one address, whatever the login: a whole call centre may sit behind one."""
MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    token: str
    account: Account
    session_id: str
    expires_at: datetime


async def sign_in(made: Services, login: str, password: str, address: str, user_agent: str) -> SignedIn:
    """Open a cookie session.

    Raises NotAuthenticated (the same words for a wrong password, an unknown login and an account out of
    service) and TooManyRequests, also for the right password, until the pause is over.
    """
    login, now = login.strip().lower(), made.clock.now()
    async with made.db.read() as session:
        account = (await session.scalars(select(Account).where(Account.login == login))).one_or_none()
    active = account is not None and account.active
    right = await is_right(
        made, login, address, account.password_hash if account is not None and active else None, password
    )
    if account is None or not right:
        raise NotAuthenticated("login or password is wrong")
    async with made.db.write() as session:
        await forget_failures(session, login, address)
        token, row = await made.sessions.open(session, account.id, "cookie", user_agent=user_agent)
        audit.record(session, now, account.id, "session.opened", row.id, address=address)
    return SignedIn(token=token, account=account, session_id=row.id, expires_at=row.expires_at)


async def is_right(made: Services, login: str, address: str, stored: str | None, password: str) -> bool:
    """Whether a password is the one whose hash is ``stored`` (None: nobody's). Each question counts as a failure until
    :func:`forget_failures`, whoever asks: at the login, or signed in for a new password.

    Raises TooManyRequests, also for the right password, until the pause is over.
    """
    now = made.clock.now()
    async with made.db.read() as session:
        recent = LoginFailure.last_at > now - WINDOW
        mine = await session.scalar(
            select(LoginFailure.failures).where(LoginFailure.login == login, LoginFailure.address == address, recent)
        )
        theirs = await session.scalar(
            select(func.coalesce(func.sum(LoginFailure.failures), 0)).where(LoginFailure.address == address, recent)
        )
    # Counted before it is looked at: guesses that are sent all at once must not all find the count as it was.
    paused = (mine or 0) >= MAX_FAILURES or (theirs or 0) >= MAX_FAILURES_ADDRESS
    if paused or await _count_attempt(made, login, address, now) > MAX_FAILURES:
        seconds = int(WINDOW.total_seconds())
        raise TooManyRequests(
            f"too many wrong passwords; wait {seconds // 60} minutes or ask a supervisor for a new one",
            details={"retry_after_s": seconds},
        )
    return await passwords.verify(stored, password)


async def forget_failures(session: WriteSession, login: str, address: str) -> None:
    """The right password followed."""
    await session.execute(delete(LoginFailure).where(LoginFailure.login == login, LoginFailure.address == address))


async def _count_attempt(made: Services, login: str, address: str, now: datetime) -> int:
    """How many there are now that no right password has followed."""
    row = insert(LoginFailure).values(login=login, address=address, failures=1, last_at=now)
    async with made.db.write() as session:
        await session.execute(delete(LoginFailure).where(LoginFailure.last_at <= now - WINDOW))
        # Guessing logins must not fill the table: the oldest give way.
        kept = select(LoginFailure.last_at).order_by(LoginFailure.last_at.desc()).offset(MAX_ROWS).limit(1)
        await session.execute(delete(LoginFailure).where(LoginFailure.last_at <= kept.scalar_subquery()))
        counted = await session.scalar(
            row.on_conflict_do_update(
                index_elements=[LoginFailure.login, LoginFailure.address],
                set_={"failures": LoginFailure.failures + 1, "last_at": now},
            ).returning(LoginFailure.failures)
        )
    return counted or 0
