"""Sessions: browsers hold them in a cookie, machines as a bearer token. The database keeps only hashes."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import orjson
import structlog
from sqlalchemy import bindparam, delete, select, update

from callcenter.access.roles import Role
from callcenter.access.tables import Account, SessionRow
from callcenter.clock import Clock
from callcenter.db.direct import Fixed
from callcenter.db.engine import Database, WriteSession
from callcenter.errors import Unavailable
from callcenter.ids import new_id
from callcenter.settings import Settings, split_bind

SessionKind = Literal["cookie", "bearer"]

_SEEN_EVERY = timedelta(minutes=1)
"""How exact ``last_seen_at`` is: a write for each request would be waste."""
_TOKEN_MAX = 200
_REMEMBERED = 2000
"""Sessions that are known without the database."""
_SWEEP_EVERY_S = 30.0
_PATIENCE_S = 1.0
"""How long a request of a known session waits for a database that does not answer."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whoever makes a request."""

    account_id: str
    login: str
    name: str
    role: Role
    language: str
    session_id: str
    session_kind: SessionKind
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    session_id: str
    account_id: str


class SessionMemory(Protocol):
    """Where sessions are remembered over a restart: by the hash of their token, never by the token."""

    def set_notes(self, kind: str, values: dict[str, bytes | None]) -> bool: ...

    def notes(self, kind: str) -> dict[str, bytes]: ...


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_WHOSE = Fixed(
    select(
        SessionRow.last_seen_at,
        SessionRow.role.label("session_role"),
        Account.role,
        SessionRow.id,
        SessionRow.account_id,
        SessionRow.expires_at,
        Account.login,
        Account.display_name,
        Account.language,
    )
    .join(Account, Account.id == SessionRow.account_id)
    .where(
        SessionRow.token_hash == bindparam("token_hash"),
        SessionRow.kind == bindparam("kind"),
        SessionRow.expires_at > bindparam("now"),
        Account.active,
    )
)


class Sessions:
    """Opens, finds and ends sessions. ``on_end`` is called after the end is committed (sockets close then)."""

    def __init__(self, db: Database, clock: Clock, settings: Settings, memory: SessionMemory | None = None) -> None:
        self._db = db
        self._memory = memory
        self._known: OrderedDict[str, Principal] = OrderedDict()
        """Sessions found lately: whoever is signed in stays so while the database is away."""
        self._clock = clock
        self._hours = settings.session_hours
        # Browsers share cookies between the ports of a host: two copies side by side must not sign each other out.
        # By https one name for all machines behind a proxy, whatever their ports, which no neighbouring domain can
        # set; without it the port, for cookies of one host are the same at all its ports.
        port = split_bind(settings.http_bind)[1]
        self.cookie_name = "__Host-callcenter" if settings.cookie_secure else f"callcenter_{port}"
        self.on_end: list[Callable[[SessionEnded], None]] = []

    def recall(self) -> None:
        """Take up what an earlier service remembered."""
        for key, value in (self._memory.notes("session") if self._memory else {}).items():
            fields = orjson.loads(value)
            expires_at = datetime.fromisoformat(fields.pop("expires_at"))
            self._known[key] = Principal(**{**fields, "role": Role(fields["role"]), "expires_at": expires_at})

    async def open(
        self,
        session: WriteSession,
        account_id: str,
        kind: SessionKind,
        *,
        role: Role | None = None,
        user_agent: str = "",
        label: str = "",
        lifetime: timedelta | None = None,
    ) -> tuple[str, SessionRow]:
        """A new session within the caller's unit of work: (secret to hand out once, row)."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        row = SessionRow(
            token_hash=_hash(token),
            id=new_id(),
            account_id=account_id,
            kind=kind,
            role=role,
            created_at=now,
            expires_at=now + (lifetime or timedelta(hours=self._hours)),
            last_seen_at=now,
            user_agent=user_agent[:300],
            label=label,
        )
        session.add(row)
        await session.flush()
        return token, row

    async def resolve(self, token: str, kind: SessionKind) -> Principal | None:
        """Whose token this is; None when unknown, expired, or its account is out of service."""
        if not token or len(token) > _TOKEN_MAX:
            return None
        known = self._known.get(f"{kind}:{_hash(token)}")
        if known is None:
            return await self._look_up(token, kind)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._look_up(token, kind)
        except (Unavailable, TimeoutError):
            return known if known.expires_at > self._clock.now() else None

    async def _look_up(self, token: str, kind: SessionKind) -> Principal | None:
        now = self._clock.now()
        hashed = _hash(token)
        async with self._db.direct() as direct:
            found = await direct.rows(_WHOSE, {"token_hash": hashed, "kind": kind, "now": now})
        if not found:
            self._forget([f"{kind}:{hashed}"])
            return None
        last_seen_at, session_role, role, *whose = found[0]
        if now - last_seen_at >= _SEEN_EVERY:
            async with self._db.write() as session:
                seen = update(SessionRow).where(SessionRow.token_hash == hashed).values(last_seen_at=now)
                await session.execute(seen)
        facts = dict(zip(("session_id", "account_id", "expires_at", "login", "name", "language"), whose, strict=True))
        principal = Principal(**facts, role=Role(session_role or role), session_kind=kind)
        self._remember(f"{kind}:{hashed}", principal)
        return principal

    def _remember(self, key: str, principal: Principal) -> None:
        if self._known.get(key) == principal:
            self._known.move_to_end(key)
            return
        self._known[key] = principal
        if self._memory is not None:
            self._memory.set_notes("session", {key: orjson.dumps(asdict(principal))})
        if len(self._known) > _REMEMBERED:
            self._forget([next(iter(self._known))])

    def _forget(self, keys: Iterable[str]) -> None:
        gone: dict[str, bytes | None] = {key: None for key in keys if self._known.pop(key, None)}
        if gone and self._memory is not None:
            self._memory.set_notes("session", gone)

    async def end(self, session_id: str) -> bool:
        """End one session. False when there was none."""
        async with self._db.write() as session:
            ended = await self.end_within(session, session_id=session_id)
        self.tell(ended)
        return bool(ended)

    async def end_within(
        self, session: WriteSession, *, session_id: str | None = None, account_id: str | None = None, keep: str = ""
    ) -> list[SessionEnded]:
        """Delete one session, or all of an account but ``keep``; call :meth:`tell` after the commit."""
        query = delete(SessionRow).where(SessionRow.id != keep) if keep else delete(SessionRow)
        if session_id is not None:
            query = query.where(SessionRow.id == session_id)
        elif account_id is not None:
            query = query.where(SessionRow.account_id == account_id)
        else:
            raise TypeError("name a session or an account")
        rows = await session.execute(query.returning(SessionRow.id, SessionRow.account_id))
        return [SessionEnded(session_id=row.id, account_id=row.account_id) for row in rows]

    def tell(self, ended: list[SessionEnded]) -> None:
        """Tell every listener; one that fails does not keep the news from the others."""
        over = {one.session_id for one in ended}
        self._forget([key for key, principal in self._known.items() if principal.session_id in over])
        for one in ended:
            for listener in self.on_end:
                try:
                    listener(one)
                except Exception:
                    log.exception("session_listener_failed", session_id=one.session_id)

    async def run(self) -> None:
        """Sweep for as long as the service lives."""
        while True:
            await asyncio.sleep(_SWEEP_EVERY_S)
            with suppress(Unavailable):  # the next sweep ends what this one could not
                await self.sweep()

    async def sweep(self) -> int:
        """End sessions whose time is over, and tell of those that another process ended. Returns how many."""
        known = {principal.session_id: principal.account_id for principal in self._known.values()}
        query = delete(SessionRow).where(SessionRow.expires_at <= self._clock.now())
        async with self._db.write() as session:
            rows = await session.execute(query.returning(SessionRow.id, SessionRow.account_id))
            ended = {row.id: row.account_id for row in rows}
            there = set(await session.scalars(select(SessionRow.id).where(SessionRow.id.in_(known))))
        ended |= {session_id: account_id for session_id, account_id in known.items() if session_id not in there}
        self.tell([SessionEnded(session_id=one, account_id=account_id) for one, account_id in ended.items()])
        return len(ended)
