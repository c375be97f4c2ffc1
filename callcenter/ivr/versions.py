"""Where versions of the flows are kept: in the database, or in memory when there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from callcenter.db.engine import Database, WriteSession
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.tables import FlowVersionRow, QueueTargetRow


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
    async def make_live(self, flows: FlowSet, author: str, note: str, at: datetime) -> Version:
        """Note that these flows are the live ones now, and what their queues promise from now on. The same files as the
        live ones make no new version."""
        ...

    async def get(self, number: int) -> Version | None: ...

    async def find(self, version: str) -> Version | None:
        """The newest with this hash."""
        ...

    async def live(self) -> Version | None: ...

    async def newest(self, limit: int) -> Sequence[Version]:
        """Newest first, without their files."""
        ...


class MemoryVersions:
    """For tests, and for running without a database."""

    def __init__(self) -> None:
        self._all: list[Version] = []

    async def make_live(self, flows: FlowSet, author: str, note: str, at: datetime) -> Version:
        live = await self.live()
        if live is not None and live.version == flows.version:
            return live
        made = Version(
            number=len(self._all) + 1, version=flows.version, created_at=at, author=author, note=note, active=True,
            files=dict(flows.files),
        )  # fmt: skip
        self._all = [*(replace(old, active=False) for old in self._all), made]
        return made

    async def get(self, number: int) -> Version | None:
        return next((version for version in self._all if version.number == number), None)

    async def find(self, version: str) -> Version | None:
        return next((each for each in reversed(self._all) if each.version == version), None)

    async def live(self) -> Version | None:
        return next((version for version in self._all if version.active), None)

    async def newest(self, limit: int) -> Sequence[Version]:
        return [replace(version, files={}) for version in reversed(self._all[-limit:])]


class SqlVersions:
    """In PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make_live(self, flows: FlowSet, author: str, note: str, at: datetime) -> Version:
        async with self._database.write() as session:
            # Two reloads at once would give two versions the same number.
            await session.execute(text("LOCK TABLE flow_versions IN SHARE ROW EXCLUSIVE MODE"))
            await _keep_targets(session, flows, at)
            live = await session.scalar(select(FlowVersionRow).where(FlowVersionRow.active))
            if live is not None and live.version == flows.version:
                return _version(live)
            await session.execute(update(FlowVersionRow).where(FlowVersionRow.active).values(active=False))
            number = (await session.scalar(select(func.coalesce(func.max(FlowVersionRow.number), 0)))) or 0
            row = FlowVersionRow(
                number=number + 1, version=flows.version, created_at=at, author=author, note=note,
                files=dict(flows.files),
                active=True,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            return _version(row)

    async def get(self, number: int) -> Version | None:
        async with self._database.read() as session:
            row = await session.scalar(select(FlowVersionRow).where(FlowVersionRow.number == number))
            return None if row is None else _version(row)

    async def find(self, version: str) -> Version | None:
        query = select(FlowVersionRow).where(FlowVersionRow.version == version)
        async with self._database.read() as session:
            row = await session.scalar(query.order_by(FlowVersionRow.number.desc()).limit(1))
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


async def _keep_targets(session: WriteSession, flows: FlowSet, at: datetime) -> None:
    """Reports judge each stay by the seconds that held when it began."""
    newest = select(QueueTargetRow).ext(distinct_on(QueueTargetRow.queue))
    rows = await session.scalars(newest.order_by(QueueTargetRow.queue, QueueTargetRow.since.desc()))
    known = {row.queue: row.within_s for row in rows}
    for queue in flows.queues.values():
        if known.get(queue.name) != queue.service_level_s:
            row = insert(QueueTargetRow).values(queue=queue.name, since=at, within_s=queue.service_level_s)
            another = {"within_s": row.excluded.within_s}
            await session.execute(row.on_conflict_do_update(index_elements=["queue", "since"], set_=another))


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
