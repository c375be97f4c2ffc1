"""The way to PostgreSQL: one pool, and a unit of work for each read or write.

``async with db.read() as session`` gives a transaction that PostgreSQL itself refuses to write in;
``async with db.write() as session`` commits when the block ends and rolls back when it raises. The two
sessions have different types, so that a function says by its signature whether it writes.

What runs for every call goes past the session, to the driver (:mod:`callcenter.db.direct`): ``async with db.direct()``
for statements that stand alone, ``db.direct_write()`` for a unit of work of them, ``session.direct()`` within another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, TypeVar

import orjson
from sqlalchemy import event, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from callcenter.db.direct import IN_THE_WAY, Direct, DirectWrite, dumps
from callcenter.errors import SettingsError, Unavailable

CONNECT_TIMEOUT_S = 5.0
STATEMENT_TIMEOUT_S = 10.0
POOL_SIZE = 15
"""All that there are: a connection beyond the pool is closed after one use, and making one costs PostgreSQL a process
and us an authentication, just when both are busiest. It is cheaper to wait a moment for one that is there."""
CHECKOUT_TIMEOUT_S = 3.0
"""A server that accepts and says nothing is away: nobody waits longer for a connection that answers."""
GOODBYE_S = 1.0
REST_S = 0.25
"""After a failure everybody else is told at once, for so long, instead of each trying for themselves."""
FRESH_S = 1.0
"""A database that gave somebody a connection so lately is busy, not away: only who waited too long is told so."""

PING_AFTER_S = 10.0
"""A connection that rested so long is asked for a sign of life before it is used."""
_RESTING = "resting_since"

STATEMENTS_KEPT = 50
"""Prepared statements that each connection keeps (6.5 kB each, measured). A call from its first ring to its outcome
needs some thirty; with SQLAlchemy's hundred the service grows for an hour by what each connection met only once."""

_CANCELLED = "57014"
"""SQLSTATE of a statement that ran into ``statement_timeout``."""
T = TypeVar("T")
CONNECTION_FAILURES = (OSError, TimeoutError, PoolTimeout, DBAPIError, AsyncAdapt_asyncpg_dbapi.Error)
"""The last is what a raw connection raises: a server that is starting up, say, in the dialect's own words."""


class ReadSession(AsyncSession):
    """A session in a read-only transaction."""

    async def direct(self) -> Direct:
        """The driver, within this unit of work. What the session itself has not flushed yet, it does not see."""
        return Direct(*await self._driver())

    async def _driver(self) -> tuple[Any, Callable[[], Awaitable[None]]]:
        connection = await self.connection()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if not driver.is_in_transaction():
            await connection.exec_driver_sql("SELECT 1")  # SQLAlchemy begins the transaction with its first statement
        return driver, connection.invalidate


class WriteSession(ReadSession):
    """A session whose work is committed, all or nothing, at the end of its block."""

    async def direct(self) -> DirectWrite:
        """As above, also to write."""
        return DirectWrite(*await self._driver())


def parse_url(url: str) -> URL:
    """Accept ``postgres://``, ``postgresql://`` and ``postgresql+asyncpg://``. Raises SettingsError."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "CALLCENTER_DATABASE_URL is not a URL: expected postgresql+asyncpg://user:password@host:5432/name"
        ) from None
    if parsed.drivername not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise SettingsError(
            f"CALLCENTER_DATABASE_URL names {parsed.drivername}; only PostgreSQL is supported: "
            "postgresql+asyncpg://user:password@host:5432/name"
        )
    return parsed.set(drivername="postgresql+asyncpg")


def connect_args(statement_timeout_s: float) -> dict[str, Any]:
    """asyncpg's arguments. ``statement_timeout_s`` 0 means no limit (migrations)."""
    milliseconds = str(int(statement_timeout_s * 1000))
    return {
        "timeout": CONNECT_TIMEOUT_S,
        "prepared_statement_cache_size": STATEMENTS_KEPT,  # SQLAlchemy's own, beside
        "statement_cache_size": STATEMENTS_KEPT,  # the driver's: both hold the same statements
        # A server that hangs never sends its own time-out: give up on this side a little later.
        "command_timeout": statement_timeout_s + 5 if statement_timeout_s else None,
        "server_settings": {
            "application_name": "callcenter",
            "timezone": "UTC",
            "jit": "off",
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds,
            "idle_in_transaction_session_timeout": "60000",
        },
    }


def unavailable(url: URL, error: BaseException) -> Unavailable:
    """What to tell people when the database is away; never holds the password."""
    where = url.render_as_string(hide_password=True)
    cause = getattr(error, "orig", None) or error
    reason = str(cause) or type(cause).__name__
    return Unavailable(
        f"the database {where} does not answer ({reason}); check that PostgreSQL runs there and that "
        "CALLCENTER_DATABASE_URL is right"
    )


def _rests(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info[_RESTING] = time.monotonic()


class Database:
    """The connection pool. Made once by the composition root, closed by it.

    ``url`` as for ``CALLCENTER_DATABASE_URL``. Nothing is connected before the first use.
    """

    def __init__(
        self, url: str, *, pool_size: int = POOL_SIZE, statement_timeout_s: float = STATEMENT_TIMEOUT_S
    ) -> None:
        self._url = parse_url(url)
        self._pool_size = pool_size
        self._rests_until = 0.0
        self._answered_at = float("-inf")
        self._engine: AsyncEngine = create_async_engine(
            self._url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=CHECKOUT_TIMEOUT_S,
            # The connection given back last is given out first: each has to prepare each statement anew, and keeps it.
            pool_use_lifo=True,
            connect_args=connect_args(statement_timeout_s),
            hide_parameters=True,  # an error is logged, and what a statement carries is customers' data
            json_serializer=dumps,
            json_deserializer=orjson.loads,
        )
        event.listen(self._engine.sync_engine, "checkin", _rests)
        event.listen(self._engine.sync_engine, "checkout", self._see_alive)
        read_only = self._engine.execution_options(postgresql_readonly=True)
        self._readers = async_sessionmaker(read_only, class_=ReadSession, expire_on_commit=False)
        self._writers = async_sessionmaker(self._engine, class_=WriteSession, expire_on_commit=False)

    def _see_alive(self, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        """A connection that died while it rested is not given out: a restart of PostgreSQL fails no request.

        SQLAlchemy's own ``pool_pre_ping`` asks the server each time, in a transaction of its own: three round trips
        before each unit of work. The driver has heard of a connection that was closed; only one that rested long
        may have died in silence.
        """
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        rested_s = time.monotonic() - record.info.get(_RESTING, float("-inf"))
        if PING_AFTER_S < rested_s < float("inf"):
            dialect = self._engine.dialect
            try:
                dialect.do_ping(connection)
            except dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[ReadSession]:
        """A read-only unit of work. Raises Unavailable when PostgreSQL is away or too slow."""
        async with self._readers() as session, self._guarded(session):
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[WriteSession]:
        """One unit of work: commits at the end of the block, rolls back if it raises.

        Raises Unavailable when PostgreSQL is away or too slow. After that it is known that nothing was
        committed, unless the connection broke during the commit itself: write so that a repeat does no harm.
        """
        async with self._writers() as session, self._guarded(session):
            yield session
            await session.commit()

    @asynccontextmanager
    async def direct(self) -> AsyncGenerator[Direct]:
        """The driver, for statements that stand alone. Raises Unavailable when PostgreSQL is away or too slow."""
        lent = await self._given(self._engine.raw_connection)
        driver: Any = lent.driver_connection
        try:
            yield Direct(driver)
        finally:
            lent.close()

    @asynccontextmanager
    async def direct_write(self) -> AsyncGenerator[DirectWrite]:
        """The driver within one unit of work: commits at the end of the block, rolls back if it raises. As
        :meth:`write`."""
        lent = await self._given(self._engine.raw_connection)
        driver: Any = lent.driver_connection
        made = DirectWrite(driver)
        try:
            transaction = driver.transaction()
            await made.trying(transaction.start())
            try:
                yield made
            except Exception:
                if not driver.is_closed():
                    await made.trying(transaction.rollback())
                raise
            await made.trying(transaction.commit())
        except BaseException as error:
            if not isinstance(error, Exception):
                driver.terminate()  # stopped from outside: the transaction may be open
            raise
        finally:
            lent.close()

    async def _given(self, ask: Callable[[], Awaitable[T]]) -> T:
        """A connection. Raises Unavailable."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            raise Unavailable("the database does not answer; it is asked again in a moment")
        try:
            async with asyncio.timeout(CHECKOUT_TIMEOUT_S):
                given = await ask()
        except CONNECTION_FAILURES as error:
            if loop.time() - self._answered_at > FRESH_S:
                self._rests_until = loop.time() + REST_S
            raise unavailable(self._url, error) from error
        self._answered_at = loop.time()
        return given

    @asynccontextmanager
    async def _guarded(self, session: AsyncSession) -> AsyncGenerator[None]:
        await self._given(session.connection)
        # From here on only what SQLAlchemy reports is the database's doing: an OSError is the block's own.
        try:
            yield
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            if error.connection_invalidated or state == _CANCELLED or state in IN_THE_WAY:
                raise unavailable(self._url, error) from error
            raise

    async def ping(self) -> None:
        """Ask PostgreSQL for a sign of life. Raises Unavailable."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def warm_up(self) -> None:
        """Open the pool's connections before they are wanted: a burst of work that has to wait for fifteen
        authentications takes the database to be away. Gives up quietly where it is."""
        with suppress(*CONNECTION_FAILURES):
            async with AsyncExitStack() as opened:
                for _ in range(self._pool_size):
                    await opened.enter_async_context(self._engine.connect())

    async def close(self) -> None:
        """Give back every connection; those of a server that does not answer are left to the operating system."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await self._engine.dispose()
