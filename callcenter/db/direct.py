"""Statements that every call runs, given to the driver itself.

A unit of work of one statement takes SQLAlchemy's session six times the processor time that the driver needs for it
(0.85 and 0.14 ms, measured). What is run for every call is therefore compiled once, from the same tables, and goes to
asyncpg as text; ids stay the strings that they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, TypeVar

import asyncpg
import orjson
from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from callcenter.db.base import HexId
from callcenter.errors import CallCenterError, Unavailable

T = TypeVar("T")
Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]
_NOTHING: Final[Mapping[str, object]] = {}


def dumps(value: object) -> str:
    """JSON as the driver takes it."""
    return orjson.dumps(value).decode()


_DIALECT: Final[Dialect] = asyncpg_dialect(  # type: ignore[no-untyped-call]
    json_serializer=dumps, json_deserializer=orjson.loads
)


class Refused(CallCenterError):
    """PostgreSQL does not take this. ``sqlstate`` says why; the values, which are customers', are not told."""

    code = "database_refused"

    def __init__(self, error: Exception) -> None:
        self.sqlstate = str(getattr(error, "sqlstate", None) or "")
        constraint = str(getattr(error, "constraint_name", None) or "")
        super().__init__(f"the database refuses this: {type(error).__name__} {constraint}".rstrip())


class Fixed:
    """A statement whose text never changes. ``names``: of an insert, the columns that each row gives."""

    def __init__(self, statement: Executable, *names: str) -> None:
        self._statement, self._names = statement, names

    @cached_property
    def _made(self) -> tuple[str, tuple[tuple[str, object, _Convert | None], ...], tuple[_Convert | None, ...]]:
        """Text; of each argument its name, what it is if nothing is given, and what makes it the driver's; what makes
        each column ours. Raises TypeError for a statement whose text depends on its values."""
        assert isinstance(self._statement, ClauseElement)
        compiled: Any = self._statement.compile(dialect=_DIALECT, column_keys=list(self._names) or None)
        if compiled.post_compile_params or compiled.literal_execute_params:
            raise TypeError("an IN list has a text for each length: use = ANY(:array)")
        arguments = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            arguments.append((name, bind.effective_value, _binder(bind.type)))
        columns = getattr(self._statement, "exported_columns", ())
        return str(compiled), tuple(arguments), tuple(_reader(column.type) for column in columns)

    @property
    def text(self) -> str:
        return self._made[0]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """In the order of the text's ``$1``, ``$2`` … Raises KeyError for a name that is not given."""
        found = []
        for name, default, convert in self._made[1]:
            value = values[name] if default is None else values.get(name, default)
            found.append(value if convert is None else convert(value))
        return found

    def read(self, rows: Sequence[Any]) -> list[Row]:
        readers = self._made[2]
        if not any(readers):
            return [tuple(row) for row in rows]
        return [
            tuple(value if reader is None else reader(value) for reader, value in zip(readers, row, strict=True))
            for row in rows
        ]


def _binder(kind: TypeEngine[Any]) -> _Convert | None:
    if isinstance(kind, HexId):
        return None  # the driver takes 32 hex digits for a UUID, and refuses what is none
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _reader(kind: TypeEngine[Any]) -> _Convert | None:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)


class Direct:
    """One connection of the driver, to read. ``broken`` is awaited when it turns out to be of no more use."""

    def __init__(self, driver: Any, broken: Callable[[], Awaitable[None]] | None = None) -> None:
        self._driver, self._broken = driver, broken

    async def rows(self, fixed: Fixed, values: Mapping[str, object] = _NOTHING) -> list[Row]:
        """What a statement gives. Raises Unavailable, Refused."""
        arguments = fixed.arguments(values)
        return fixed.read(await self.trying(self._driver.fetch(fixed.text, *arguments)))

    async def trying(self, work: Awaitable[T]) -> T:
        """What the driver does, its errors told in our words; a connection that is left in the middle of it is given to
        nobody again. Raises Unavailable, Refused."""
        try:
            return await work
        except BaseException as error:
            if isinstance(error, Exception) and not _is_gone(self._driver, error):
                if isinstance(error, _IN_THE_WAY):
                    raise Unavailable(f"another was in the way ({type(error).__name__}); try again") from error
                raise Refused(error) from error
            self._driver.terminate()
            if self._broken is not None:
                await self._broken()
            if not isinstance(error, Exception):
                raise  # who asked waits no longer
            raise Unavailable(f"the database does not answer ({type(error).__name__})") from error


class DirectWrite(Direct):
    """One connection of the driver within a unit of work."""

    async def put(self, fixed: Fixed, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement for each row, in one round trip. Raises Unavailable, Refused."""
        arguments = [fixed.arguments(row) for row in rows]
        if len(arguments) == 1:
            await self.trying(self._driver.fetch(fixed.text, *arguments[0]))
        else:
            await self.trying(self._driver.executemany(fixed.text, arguments))


_SERVERS_OWN: Final = (
    OSError,
    TimeoutError,
    asyncpg.OperatorInterventionError,  # class 57: cancelled, shut down, crashed, starting up
    asyncpg.PostgresConnectionError,  # 08
    asyncpg.InsufficientResourcesError,  # 53
    asyncpg.PostgresSystemError,  # 58
)
"""What says nothing of what was asked. A server that is killed still says so by an ordinary error, on a connection that
is open for a moment longer."""


_IN_THE_WAY: Final = (asyncpg.TransactionRollbackError, asyncpg.LockNotAvailableError)
"""Class 40 (a deadlock's victim, for one) and 55P03: PostgreSQL would take the same in a moment."""
IN_THE_WAY: Final = frozenset({"40000", "40001", "40002", "40003", "40P01", "55P03"})
"""The same by their SQLSTATE."""


def _is_gone(driver: Any, error: BaseException) -> bool:
    """Whether an error is the connection's or the server's own, and not what was asked."""
    return driver.is_closed() or isinstance(error, _SERVERS_OWN)
