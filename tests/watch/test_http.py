"""Incidents from beginning to end on a real database, metrics that a Prometheus can read, and who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.asterisk.events import LegAnswered
from callcenter.context import Services
from callcenter.db.engine import Database
from callcenter.recording.repository import report
from callcenter.settings import Settings
from callcenter.trunks.tally import TallyWriter
from callcenter.watch.incidents import IncidentBook
from tests.house import ORIGIN, House


@asynccontextmanager
async def writing(book: IncidentBook) -> AsyncIterator[None]:
    """The book's writer runs; the block ends when all that was said is written."""
    task = asyncio.create_task(book.run())
    try:
        yield
        async with asyncio.timeout(5):
            while book.waiting:  # noqa: ASYNC110 - the writer tells nobody
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def incidents(client: httpx.AsyncClient) -> list[dict[str, object]]:
    answer = await client.get("/api/v1/incidents")
    assert answer.status_code == 200
    return list(answer.json()["incidents"])


async def test_what_is_wrong_is_one_incident_however_often_it_is_said_and_ends_by_itself(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    book = IncidentBook(house.db, house.clock)
    async with writing(book):
        for _ in range(3):
            book.open("trunk:north", "trunk_down", "trunk north is down")
    (one,) = await incidents(ops)
    assert (one["kind"], one["resolved_at"]) == ("trunk_down", None)
    # Another process after a restart finds it open still, and says so again.
    again = IncidentBook(house.db, house.clock)
    async with writing(again):
        again.open("trunk:north", "trunk_down", "trunk north is down")
    assert len(await incidents(ops)) == 1
    house.clock.advance(minutes=3)
    async with writing(again):
        again.close("trunk:north")
    (one,) = await incidents(ops)
    assert (one["by_itself"], one["resolved_by"]) == (True, None)
    async with writing(again):
        again.open("trunk:north", "trunk_down", "trunk north is down")
    assert [bool(row["resolved_at"]) for row in await incidents(ops)] == [False, True], "open ones first"


async def test_the_first_word_after_a_start_may_be_that_all_is_well(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    before, after = IncidentBook(house.db, house.clock), IncidentBook(house.db, house.clock)
    async with writing(before):
        before.open("watch:disk_low", "disk_low", "4% free")
    async with writing(after):
        after.close("watch:disk_low")
    (one,) = await incidents(ops)
    assert one["resolved_at"] is not None


async def test_operations_take_an_incident_and_close_it_with_a_note(house: House) -> None:
    ops, account = await house.signed_in(Role.OPS, "oscar")
    async with house.db.write() as session:
        await report(
            session, "recording_lost", "file missing", None, house.clock.now(), facts={"reason": "file missing"}
        )
    (one,) = await incidents(ops)
    assert (one["text"], one["facts"]) == ("file missing", {"reason": "file missing"})
    path = f"/api/v1/incidents/{one['id']}"
    assert (await ops.post(f"{path}/acknowledge")).status_code == 200
    (one,) = await incidents(ops)
    assert one["acknowledged_by"] == "Oscar"
    assert (await ops.post(f"{path}/resolve", json={"note": "disk replaced"})).status_code == 200
    (one,) = await incidents(ops)
    assert (one["resolved_by"], one["note"], one["by_itself"]) == ("Oscar", "disk replaced", False)
    assert (await ops.post(f"{path}/resolve", json={"note": ""})).status_code == 409
    async with house.db.read() as session:
        entries = await session.execute(select(AuditEntry.action, AuditEntry.account_id).order_by(AuditEntry.id))
    assert [tuple(row) for row in entries] == [("incident.acknowledged", account), ("incident.resolved", account)]


async def test_leads_see_incidents_and_may_not_close_them(house: House) -> None:
    lead, _ = await house.signed_in(Role.LEAD)
    async with house.db.write() as session:
        await report(session, "recording_lost", "file missing", None, house.clock.now())
    (one,) = await incidents(lead)
    assert (await lead.post(f"/api/v1/incidents/{one['id']}/resolve", json={})).status_code == 403


async def test_prometheus_can_read_the_metrics(house: House) -> None:
    answer = await (await house.client()).get("/metrics")
    assert answer.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert {"callcenter_calls", "callcenter_agents", "callcenter_trunk_up", "callcenter_ari_request_seconds"} <= set(
        families
    )
    (trunk,) = families["callcenter_trunk_up"].samples
    assert (trunk.labels, trunk.value) == ({"trunk": "demo"}, 1.0)
    phases = {sample.labels["phase"]: sample.value for sample in families["callcenter_calls"].samples}
    assert phases["talking"] == 0


@pytest.mark.parametrize(
    ("token", "headers", "host", "status"),
    [
        (None, {}, "127.0.0.1", 200),
        (None, {}, "192.0.2.7", 401),
        (None, {"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 401),
        (None, {"Authorization": "Bearer guess"}, "192.0.2.7", 401),
        ("s3cret", {"Authorization": "Bearer s3cret"}, "192.0.2.7", 200),
        ("s3cret", {"Authorization": "Bearer wrong"}, "127.0.0.1", 401),
        ("s3cret", {}, "192.0.2.7", 401),
    ],
)
async def test_metrics_are_for_this_machine_or_with_the_token(
    house: House, token: str | None, headers: dict[str, str], host: str, status: int
) -> None:
    settings = Settings(data_dir=house.services.settings.data_dir, metrics_token=SecretStr(token) if token else None)
    s = house.services
    house.app.state.services = Services(settings=settings, clock=s.clock, db=s.db, sessions=s.sessions)
    transport = httpx.ASGITransport(house.app, client=(host, 40000))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        assert (await client.get("/metrics")).status_code == status


async def test_a_trunk_is_taken_out_and_put_back_and_that_is_kept(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    assert (await ops.post("/api/v1/trunks/demo/out", json={"note": "carrier works"})).status_code == 200
    (demo,) = (await ops.get("/api/v1/trunks")).json()["trunks"]
    assert (demo["in_service"], demo["state"]) == (False, "up")
    assert (await ops.post("/api/v1/trunks/nowhere/out", json={})).status_code == 404
    assert (await ops.post("/api/v1/trunks/demo/in")).status_code == 200
    (demo,) = (await ops.get("/api/v1/trunks")).json()["trunks"]
    assert demo["in_service"] is True
    async with house.db.read() as session:
        actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["trunk.taken_out", "trunk.put_back"]


async def test_calls_of_ours_are_counted_by_trunk_and_day_and_add_up_while_the_database_is_away(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    keeper = house.app.state.trunks.keeper
    zone = house.services.settings.zone
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:9/none", pool_size=1)
    for channel in ("a", "b"):
        keeper.dialled(channel, "demo")
    await TallyWriter(keeper, away, house.clock, zone).write()
    await away.close()
    keeper.hear(LegAnswered(node="a", at=house.clock.now(), channel="b"))
    for _ in range(2):
        await TallyWriter(keeper, house.db, house.clock, zone).write()
    (demo,) = (await ops.get("/api/v1/trunks")).json()["trunks"]
    assert (demo["today"]["outbound"], demo["today"]["asr"]) == (2, 0.5)
    assert demo["in_use"] == {"inbound": 0, "outbound": 2}
    house.clock.advance(days=1)
    ops, _ = await house.signed_in(Role.OPS, "next-day")
    (demo,) = (await ops.get("/api/v1/trunks")).json()["trunks"]
    assert (demo["today"]["outbound"], demo["today"]["asr"]) == (0, None)
