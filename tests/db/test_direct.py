"""Statements given to the driver: values come back as they were, errors in our words, and no connection is spoilt."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.dialects import postgresql

from callcenter.calls.tables import Incident
from callcenter.db.direct import Fixed, Refused
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.ids import new_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
_incidents = Incident.metadata.tables["incidents"]
PUT = Fixed(insert(_incidents), "id", "at", "kind", "text", "facts", "call_id")
GET = Fixed(
    select(Incident.id, Incident.at, Incident.text, Incident.facts, Incident.call_id).where(
        Incident.id == bindparam("id")
    )
)
COUNT = Fixed(select(func.count()).select_from(Incident))
SLEEP = Fixed(text("SELECT pg_sleep(5)"))
CUT = Fixed(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def incident(**more: object) -> dict[str, object]:
    return {"id": new_id(), "at": AT, "kind": "test", "text": "一", "facts": {"n": [1]}, "call_id": None, **more}


async def test_what_is_written_is_read_back_as_it_was(db: Database) -> None:
    one, other = incident(call_id=new_id()), incident()
    async with db.direct_write() as direct:
        await direct.put(PUT, [one])
        await direct.put(PUT, [incident(), other])
    async with db.direct() as direct:
        for row in (one, other):
            assert await direct.rows(GET, row) == [(row["id"], AT, "一", {"n": [1]}, row["call_id"])]


async def test_within_a_session_it_is_the_same_unit_of_work(db: Database) -> None:
    with pytest.raises(KeyError):
        async with db.write() as session:
            await (await session.direct()).put(PUT, [incident()])
            assert await session.scalar(select(func.count()).select_from(Incident)) == 1
            raise KeyError
    async with db.write() as session:
        session.add(Incident(id=new_id(), at=AT, kind="test", text="x"))
        await session.flush()
        assert await (await session.direct()).rows(COUNT) == [(1,)]
    async with db.read() as session:
        assert await (await session.direct()).rows(COUNT) == [(1,)]
        with pytest.raises(Refused, match="ReadOnly"):
            await (await session.direct()).rows(PUT, incident())


async def test_what_is_refused_leaves_nothing_and_says_no_value(db: Database) -> None:
    one = incident(text="kept to ourselves")
    for bad in ({**one, "kind": None}, one, {**one, "id": "no-id"}):
        with pytest.raises(Refused) as refused:
            async with db.direct_write() as direct:
                await direct.put(PUT, [one, bad])
        assert refused.value.sqlstate and "kept" not in refused.value.message
    with pytest.raises(ValueError, match="naive"):
        async with db.direct_write() as direct:
            await direct.put(PUT, [{**one, "at": datetime(2026, 3, 1)}])  # noqa: DTZ001
    async with db.direct() as direct:
        assert await direct.rows(COUNT) == [(0,)]


async def test_a_server_that_is_slow_or_gone_is_unavailable_and_harms_nobody_after(migrated: str) -> None:
    database = Database(migrated, statement_timeout_s=0.5, pool_size=1)
    for statement in (SLEEP, CUT):
        with pytest.raises(Unavailable):
            async with database.direct() as direct:
                await direct.rows(statement)
        with pytest.raises(Unavailable):
            async with database.direct_write() as direct:
                await direct.put(PUT, [incident()])
                await direct.rows(statement)
        with pytest.raises(Unavailable):
            async with database.write() as session:
                await (await session.direct()).put(PUT, [incident()])
                await (await session.direct()).rows(statement)
        async with database.direct() as direct:
            assert await direct.rows(COUNT) == [(0,)]
    await database.close()


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
async def test_who_met_another_in_the_way_may_try_again_and_is_not_refused(db: Database, state: str) -> None:
    raised = Fixed(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))
    for unit in (db.direct, db.direct_write):
        with pytest.raises(Unavailable):
            async with unit() as direct:
                await direct.rows(raised)
    with pytest.raises(Unavailable):
        async with db.write() as session:
            await session.execute(text(raised.text))


async def test_a_server_that_is_starting_up_is_unavailable() -> None:
    async def says_so(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(1024)
        if asked[4:8] == b"\x04\xd2\x16\x2f":  # SSLRequest
            writer.write(b"N")
            await reader.read(1024)
        fields = b"SFATAL\0C57P03\0Mthe database system is starting up\0\0"
        writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
        writer.close()

    server = await asyncio.start_server(says_so, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    database = Database(f"postgresql://callcenter:x@{host}:{port}/callcenter")
    for unit in (database.direct, database.direct_write, database.read):
        with pytest.raises(Unavailable, match=r"starting up|asked again in a moment"):
            async with unit():
                pytest.fail("there is no connection")
    await database.close()
    server.close()


async def test_who_stops_waiting_leaves_a_clean_pool(migrated: str) -> None:
    database = Database(migrated, pool_size=1)
    for unit in (database.direct, database.direct_write):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), unit() as direct:
                await direct.rows(SLEEP)
        async with database.direct_write() as direct:
            assert await direct.rows(COUNT) == [(0,)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), database.write() as session:
            await (await session.direct()).rows(SLEEP)
    async with database.direct() as direct:
        assert await direct.rows(COUNT) == [(0,)]
    await database.close()


def test_a_statement_whose_text_depends_on_its_values_is_none_of_these() -> None:
    with pytest.raises(TypeError):
        _ = Fixed(select(Incident.id).where(Incident.id.in_(bindparam("ids", expanding=True)))).text
    upsert = postgresql.insert(_incidents).on_conflict_do_nothing()
    assert Fixed(upsert, "id", "kind").text.count("$") == 2
    with pytest.raises(KeyError):
        GET.arguments({})
