"""Where versions of the flows are kept: in the database, or in memory when there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select, text, update

from callcenter.db.engine import Database
from callcenter.ivr.tables import FlowVersionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """``number`` counts from 1; ``version`` is the hash of ``files`` (name → text)."""

    number: int
    version: str
    created_at: datetime
    author: str
    note: str
    active: bool
    files: Mapping[str, str] = field(default_factory=dict, repr=False)


class Versions(Protocol):
    async def make_live(self, version: str, files: Mapping[str, str], author: str, note: str, at: datetime) -> Version:
        """Note that these files are the live ones now. The same files as the live ones make no new version."""
        ...

    async def get(self, number: int) -> Version | None: ...

    async def live(self) -> Version | None: ...

    async def newest(self, limit: int) -> Sequence[Version]:
        """Newest first, without their files."""
        ...


class MemoryVersions:
    """For tests, and for running without a database."""

    def __init__(self) -> None:
        self._all: list[Version] = []

    async def make_live(self, version: str, files: Mapping[str, str], author: str, note: str, at: datetime) -> Version:
        live = await self.live()
        if live is not None and live.version == version:
            return live
        made = Version(
            number=len(self._all) + 1, version=version, created_at=at, author=author, note=note, active=True,
            files=dict(files),
        )  # fmt: skip
        self._all = [*(replace(old, active=False) for old in self._all), made]
        return made

    async def get(self, number: int) -> Version | None:
        return next((version for version in self._all if version.number == number), None)

    async def live(self) -> Version | None:
        return next((version for version in self._all if version.active), None)

    async def newest(self, limit: int) -> Sequence[Version]:
        return [replace(version, files={}) for version in reversed(self._all[-limit:])]


class SqlVersions:
    """In PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make_live(self, version: str, files: Mapping[str, str], author: str, note: str, at: datetime) -> Version:
        async with self._database.write() as session:
            # Two reloads at once would give two versions the same number.
            await session.execute(text("LOCK TABLE flow_versions IN SHARE ROW EXCLUSIVE MODE"))
            live = await session.scalar(select(FlowVersionRow).where(FlowVersionRow.active))
            if live is not None and live.version == version:
                return _version(live)
            await session.execute(update(FlowVersionRow).where(FlowVersionRow.active).values(active=False))
            number = (await session.scalar(select(func.coalesce(func.max(FlowVersionRow.number), 0)))) or 0
            row = FlowVersionRow(
                number=number + 1, version=version, created_at=at, author=author, note=note, files=dict(files),
                active=True,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            return _version(row)

    async def get(self, number: int) -> Version | None:
        async with self._database.read() as session:
            row = await session.scalar(select(FlowVersionRow).where(FlowVersionRow.number == number))
            return None if row is None else _version(row)

    async def live(self) -> Version | None:
        async with self._database.read() as session:
            row = await session.scalar(select(FlowVersionRow).where(FlowVersionRow.active))
            return None if row is None else _version(row)

    async def newest(self, limit: int) -> Sequence[Version]:
        columns = (
            FlowVersionRow.number, FlowVersionRow.version, FlowVersionRow.created_at, FlowVersionRow.author,
            FlowVersionRow.note, FlowVersionRow.active,
        )  # fmt: skip
        async with self._database.read() as session:
            rows = await session.execute(select(*columns).order_by(FlowVersionRow.number.desc()).limit(limit))
            return [
                Version(number=number, version=version, created_at=at, author=author, note=note, active=active)
                for number, version, at, author, note, active in rows
            ]


def _version(row: FlowVersionRow) -> Version:
    return Version(
        number=row.number,
        version=row.version,
        created_at=row.created_at,
        author=row.author,
        note=row.note,
        active=row.active,
        files={str(name): str(content) for name, content in row.files.items()},
    )
