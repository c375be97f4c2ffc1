"""Incidents from beginning to end on a real database, metrics that a Prometheus can read, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.asterisk.events import LegAnswered
from callcenter.context import Services
from callcenter.recording.repository import report
from callcenter.settings import Settings
from callcenter.spool.shipping import Shipper
from callcenter.spool.store import Spool
from callcenter.trunks.tally import TALLY, TallyWriter, write_tallies
from callcenter.watch.incidents import SAID, IncidentBook, Report, write_said
from tests.house import ORIGIN, House


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool")
    yield made
    made.close()


async def written(house: House, spool: Spool) -> None:
    await Shipper(spool, house.db, house.clock, {SAID: write_said, TALLY: write_tallies}).drain()
    assert spool.unshipped == 0


async def incidents(client: httpx.AsyncClient) -> list[dict[str, object]]:
    answer = await client.get("/api/v1/incidents")
    assert answer.status_code == 200
    return list(answer.json()["incidents"])


async def test_what_is_wrong_is_one_incident_however_often_it_is_said_and_ends_by_itself(
    house: House, spool: Spool
) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    book = IncidentBook(spool, house.clock)
    for _ in range(3):
        book.open("trunk:north", "trunk_down", "trunk north is down")
    await written(house, spool)
    (one,) = await incidents(ops)
    assert (one["kind"], one["resolved_at"]) == ("trunk_down", None)
    # Another process after a restart finds it open still, and says so again.
    again = IncidentBook(spool, house.clock)
    again.open("trunk:north", "trunk_down", "trunk north is down")
    await written(house, spool)
    assert len(await incidents(ops)) == 1
    house.clock.advance(minutes=3)
    again.close("trunk:north")
    await written(house, spool)
    (one,) = await incidents(ops)
    assert (one["by_itself"], one["resolved_by"]) == (True, None)
    again.open("trunk:north", "trunk_down", "trunk north is down")
    await written(house, spool)
    assert [bool(row["resolved_at"]) for row in await incidents(ops)] == [False, True], "open ones first"


async def test_the_first_word_after_a_start_may_be_that_all_is_well(house: House, spool: Spool) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    IncidentBook(spool, house.clock).open("watch:disk_low", "disk_low", "4% free")
    await written(house, spool)
    IncidentBook(spool, house.clock).close("watch:disk_low")
    await written(house, spool)
    (one,) = await incidents(ops)
    assert one["resolved_at"] is not None


async def test_an_outage_in_which_the_service_was_killed_is_told_with_its_beginning_and_end(
    house: House, spool: Spool
) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    began = house.clock.now()
    first = IncidentBook(spool, house.clock)
    first.open("watch:journal_lag", "journal_lag", "events wait 10 s", facts={"value": 10.5})
    first.only("trunk", {"north": Report(kind="trunk_down", text="trunk north is down")})
    house.clock.advance(minutes=1)  # and it is killed, while the database is still away
    after = IncidentBook(spool, house.clock)
    after.open("watch:journal_lag", "journal_lag", "events wait 70 s")
    after.only("trunk", {})
    house.clock.advance(minutes=4)
    after.close("watch:journal_lag")
    await written(house, spool)
    found = {str(one["kind"]): one for one in await incidents(ops)}
    assert found.keys() == {"journal_lag", "trunk_down"}
    assert datetime.fromisoformat(str(found["journal_lag"]["at"])) == began
    assert datetime.fromisoformat(str(found["journal_lag"]["resolved_at"])) == began + timedelta(minutes=5)
    assert datetime.fromisoformat(str(found["trunk_down"]["resolved_at"])) == began + timedelta(minutes=1)


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


async def test_an_incident_of_which_nobody_knows_whether_it_was_written_is_told_again_and_stays_one(
    house: House,
) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    for _ in range(2):
        async with house.db.write() as session:
            at = house.clock.now()
            await report(session, "part_restarted", "the service is back", None, at, incident_id="0" * 32)
    assert [one["kind"] for one in await incidents(ops)] == ["part_restarted"]


async def test_leads_see_incidents_and_may_not_close_them(house: House) -> None:
    lead, _ = await house.signed_in(Role.LEAD)
    async with house.db.write() as session:
        await report(session, "recording_lost", "file missing", None, house.clock.now())
    (one,) = await incidents(lead)
    assert (await lead.post(f"/api/v1/incidents/{one['id']}/resolve", json={})).status_code == 403


async def test_prometheus_can_read_the_metrics(house: House) -> None:
    watcher = house.app.state.watch.watcher
    await watcher.measure_disk()
    watcher.look(0.0)
    answer = await (await house.client()).get("/metrics")
    assert answer.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert {"callcenter_calls", "callcenter_agents", "callcenter_trunk_up", "callcenter_ari_request_seconds"} <= set(
        families
    )
    watched = ("loop_lag_seconds", "call_mailbox_depth_max", "journal_lag_seconds", "journal_backlog_events")
    watched += ("spool_bytes", "spool_filled_ratio", "clock_jump_seconds", "disk_free_bytes", "disk_free_ratio")
    assert {f"callcenter_{name}" for name in watched} <= set(families)
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


async def test_calls_of_ours_are_counted_by_trunk_and_day_once_also_when_the_service_dies_in_an_outage(
    house: House, spool: Spool
) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    keeper = house.app.state.trunks.keeper
    zone = house.services.settings.zone
    for channel in ("a", "b"):
        keeper.dialled(channel, "demo")
    TallyWriter(keeper, spool, house.clock, zone).keep()
    # What is in the spool now is all that is left of this service, and the next one counts on.
    keeper.hear(LegAnswered(node="a", at=house.clock.now(), channel="b"))
    for _ in range(2):
        TallyWriter(keeper, spool, house.clock, zone).keep()
        await written(house, spool)
    (demo,) = (await ops.get("/api/v1/trunks")).json()["trunks"]
    assert (demo["today"]["outbound"], demo["today"]["asr"]) == (2, 0.5)
    assert demo["in_use"] == {"inbound": 0, "outbound": 2}
    house.clock.advance(days=1)
    ops, _ = await house.signed_in(Role.OPS, "next-day")
    (demo,) = (await ops.get("/api/v1/trunks")).json()["trunks"]
    assert (demo["today"]["outbound"], demo["today"]["asr"]) == (0, None)
