"""The whole product with two carriers: the page and the command line show what happens, and the log tells no number."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.access.sessions import Sessions
from callcenter.calls.tables import Contact
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.own import OwnSystem, own_system
from callcenter.drill.run import Plan, drill
from tests.support.carrier import Carrier
from tests.web.people import CHROMIUM, PASSWORD, ROOT, person, tone

TRUNKS = """
demo:
  title: 演示线路
  hosts: 127.0.0.1:5080
  match: 127.0.0.0/8
  qualify: 0s
north:
  title: 北方电信
  title_en: North Telecom
  hosts: 127.0.0.1:{north}
  match: 192.0.2.10
  max_lines: 60
  priority: 1
  qualify: 1s
"""


async def ops_token(system: OwnSystem) -> str:
    """An operations account (login ops) and a bearer token of it."""
    database = Database(database_url(system.settings), pool_size=1)
    try:
        async with database.write() as session:
            hashed = await passwords.hash_password(PASSWORD)
            now = SystemClock().now()
            made = await accounts.create(
                session, now, login="ops", name="运维值班", role=Role.OPS, password_hash=hashed
            )
            token, _ = await Sessions(database, SystemClock(), system.settings).open(session, made.id, "bearer")
    finally:
        await database.close()
    return token


async def command(system: OwnSystem, token: str, *words: str) -> str:
    settings = system.settings
    environment = {
        "CALLCENTER_HTTP_BIND": settings.http_bind,
        "CALLCENTER_TRUNKS_FILE": str(settings.trunks_file),
        "CALLCENTER_TOKEN": token,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", *words, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.timeout(240)
async def test_a_trunks_death_is_seen_and_no_customers_number_is_in_the_log(tmp_path: Path) -> None:
    north = await Carrier().open()
    file = tmp_path / "trunks.yaml"
    file.write_text(TRUNKS.format(north=north.port), encoding="utf-8")
    async with own_system(trunks_file=str(file), web_dir=str(ROOT / "web" / "dist")) as system:
        token = await ops_token(system)
        report = await drill(system.settings, Plan(calls=2, agents=1, hold_s=0.3, at_once=1), lambda text: None)
        assert (report.answered, report.lost_calls) == (2, 0), report.notes
        async with person(system, "ops", tone(tmp_path / "tone.wav", 500)) as ops:
            page = await ops.open("/ops/health")
            row = page.locator("[data-trunk=north]")
            await row.locator("[data-state=up]").wait_for()
            await expect(page.locator("[data-part][data-ready=true]")).to_have_count(5)
            port = north.port
            north.close()
            await row.locator("[data-state=down]").wait_for(timeout=30_000)
            incident = page.locator("[data-kind=trunk_down][data-open=true]")
            await incident.get_by_text("接手").click()
            await incident.get_by_text("运维值班 已接手").wait_for()
            north = await Carrier().open(port)
            await row.locator("[data-state=up]").wait_for(timeout=30_000)
            await page.locator("[data-kind=trunk_down][data-open=false]").get_by_text("自行恢复").first.wait_for()
            await row.get_by_role("button").click()
            await page.get_by_role("dialog").get_by_role("textbox").fill("检修")
            await page.get_by_role("button", name="确定").click()
            await row.locator("[data-state=out]").wait_for()

        seen = json.loads(await command(system, token, "trunks", "--json"))
        assert [(one["name"], one["state"], one["in_service"]) for one in seen] == [
            ("demo", "up", True),
            ("north", "up", False),
        ]
        assert "in service" in await command(system, token, "trunks", "in", "north")
        file.write_text(TRUNKS.format(north=north.port).replace("max_lines: 60", "max_lines: 30"), encoding="utf-8")
        assert "live: demo, north" in await command(system, token, "trunks", "reload")
        table = await command(system, token, "trunks")
        assert re.search(r"^north +up .* 30 ", table, re.MULTILINE), table

        async with httpx.AsyncClient(base_url=f"http://{system.settings.http_bind}", trust_env=False) as client:
            metrics = {f.name: f for f in text_string_to_metric_families((await client.get("/metrics")).text)}
        limits = {s.labels["trunk"]: s.value for s in metrics["callcenter_trunk_lines_limit"].samples}
        assert limits == {"north": 30}
        assert next(s.value for s in metrics["callcenter_ari_request_seconds"].samples if s.name.endswith("_count")) > 0
        assert metrics["callcenter_loop_lag_seconds"].samples[0].value < 5

        database = Database(database_url(system.settings), pool_size=1)
        async with database.read() as session:
            numbers = {number for number in await session.scalars(select(Contact.caller_number)) if number}
        await database.close()
        log = (system.folder / "up.log").read_text(errors="replace")
        assert numbers, "the calls had callers"
        assert "trunk_state" in log, "the log is the service's"
        assert [number for number in numbers if number in log] == []
        assert token not in log
    north.close()
