"""A site as the public sees it: HAProxy with TLS, an agent's browser with its telephone, and a machine that dies."""

from __future__ import annotations

import asyncio
import signal
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.settings import split_bind
from tests.lease.machine import Machine
from tests.support.caller import Caller
from tests.support.edge import NAME, ORIGIN, Edge, haproxy, settings_behind_it
from tests.support.switch import Switch
from tests.support.voice import AGENT_HZ, CALLER_HZ, Voice
from tests.web.people import NEEDS_PAGES, PASSWORD, PLAIN_MICROPHONE, hears, tone

CALLER = "13800000009"

pytestmark = [pytest.mark.timeout(300), *NEEDS_PAGES]


async def hire(db: Database) -> None:
    hashed = await passwords.hash_password(PASSWORD)
    async with db.write() as session:
        await accounts.create(
            session,
            SystemClock().now(),
            login="anna",
            name="坐席anna",
            role=Role.AGENT,
            password_hash=hashed,
            queues={"general": 1},
        )


async def state(page: Page, wanted: str, within_s: float = 20) -> None:
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", wanted, timeout=within_s * 1000)


async def registered(page: Page) -> None:
    await expect(page.get_by_test_id("phone-line")).to_have_attribute("data-line", "registered", timeout=20_000)


async def looked_at_from_outside(edge: Edge) -> None:
    """What somebody without a login finds at the edge."""
    trusting = ssl.create_default_context(cafile=str(edge.authority))
    resolved = {"host": NAME}
    base = f"https://127.0.0.1:{edge.https}"
    async with httpx.AsyncClient(verify=trusting, trust_env=False, headers=resolved) as outside:

        async def ask(method: str, path: str, **more: object) -> httpx.Response:
            extensions = {"sni_hostname": NAME}
            return await outside.request(method, base + path, extensions=extensions, **more)  # type: ignore[arg-type]

        page = await ask("GET", "/agent")
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        assert f"connect-src 'self' wss://{NAME};" in page.headers["content-security-policy"]
        login = {"login": "nobody", "password": "wrong-horse-7"}
        for origin, status in ((ORIGIN, 401), (f"http://{NAME}", 403), ("https://elsewhere.example", 403)):
            answer = await ask("POST", "/api/v1/session", json=login, headers={"origin": origin})
            assert answer.status_code == status, origin
        # Whoever says an address of their own is not believed: the pause after too many wrong passwords holds.
        for number in range(9):
            forged = {"origin": ORIGIN, "x-forwarded-for": f"198.51.100.{number}"}
            answer = await ask("POST", "/api/v1/session", json=login, headers=forged)
        assert answer.status_code == 429
        assert (await ask("GET", "/metrics")).status_code == 401
        assert (await ask("GET", "/sip/../ari/asterisk/info")).status_code != 200
        plain = await outside.get(f"http://127.0.0.1:{edge.http}/agent")
        assert (plain.status_code, plain.headers["location"]) == (301, f"{ORIGIN}/agent")
    with pytest.raises(InvalidStatus, match="403"):
        await connect(
            f"wss://{NAME}/ws/agent",
            host="127.0.0.1",
            port=edge.https,
            ssl=trusting,
            origin=f"http://{NAME}",  # type: ignore[arg-type]
            additional_headers={"Cookie": "__Host-callcenter=guessed"},
            proxy=None,
        )


async def test_an_agent_behind_haproxy_with_tls_keeps_the_call_when_the_machine_dies(
    switch: Switch, migrated: str, db: Database, tmp_path: Path
) -> None:
    await hire(db)
    machines = [
        Machine(tmp_path / name, switch, migrated, settings_behind_it() | {"CALLCENTER_LOG_LEVEL": "DEBUG"})
        for name in ("one", "two")
    ]
    one, two = machines
    async with AsyncExitStack() as stack:
        for each in machines:
            stack.push_async_callback(each.end)
        await one.start()
        _, asterisk = split_bind(switch.settings.asterisk_http_bind)
        edge = await stack.enter_async_context(
            haproxy(tmp_path / "edge", switch.settings.cache_dir, one.http, two.http, asterisk)
        )
        browser = await stack.enter_async_context(edge.browser(tone(tmp_path / "agent.wav", AGENT_HZ)))
        await one.becomes(200)
        await two.start()
        context = await browser.new_context(permissions=["microphone"])
        await context.add_init_script(PLAIN_MICROPHONE)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await page.goto(f"{ORIGIN}/agent")
        await page.get_by_test_id("login-name").fill("anna")
        await page.get_by_test_id("login-password").fill(PASSWORD)
        await page.get_by_test_id("login-submit").click()
        await registered(page)
        (cookie,) = await context.cookies()
        kept = {name: cookie.get(name) for name in ("name", "secure", "httpOnly", "sameSite", "path")}
        assert kept == {
            "name": "__Host-callcenter",
            "secure": True,
            "httpOnly": True,
            "sameSite": "Strict",
            "path": "/",
        }
        await looked_at_from_outside(edge)
        await page.get_by_test_id("ready").click()
        await state(page, "ready")
        voice = await Voice(CALLER_HZ).open()
        stack.callback(voice.close)
        caller = Caller(switch.sip, "4008001")
        await caller.open()
        stack.callback(caller.close)
        caller.dial(voice.port)
        await asyncio.wait_for(caller.answered.wait(), 20)
        voice.talk(caller.sound)
        caller.press("0")
        await expect(page.get_by_test_id("answer")).to_be_enabled(timeout=30_000)
        await page.get_by_test_id("answer").click()
        await state(page, "talking")
        await voice.hears(AGENT_HZ)
        assert await hears(page, CALLER_HZ) > 0.5
        assert not [each for each in complaints if "401" not in each], complaints
        await page.evaluate("window.same = true")
        await two.becomes(503)
        two.process.send_signal(signal.SIGSTOP)  # nobody has the desk for as long as is looked at
        one.process.send_signal(signal.SIGKILL)
        await expect(page.get_by_test_id("line-lost")).to_be_visible()
        await page.get_by_test_id("hang-up").click()
        await expect(page.locator(".ant-message")).to_contain_text("没有生效")
        await voice.hears(AGENT_HZ)
        two.process.send_signal(signal.SIGCONT)
        await two.becomes(200)
        await expect(page.get_by_test_id("line-lost")).to_have_count(0, timeout=20_000)
        await expect(page.get_by_test_id("call-note")).to_have_attribute("data-phase", "talking", timeout=20_000)
        await registered(page)
        await voice.hears(AGENT_HZ)
        assert await hears(page, CALLER_HZ) > 0.5
        await expect(page.get_by_test_id("hang-up")).to_be_enabled(timeout=20_000)
        await page.get_by_test_id("hang-up").click()
        await state(page, "wrap_up")
        assert await page.evaluate("window.same"), "nobody loaded the page anew"
        caller.hang_up()
        await asyncio.wait_for(caller.over.wait(), 20)
    for log in (one.log, two.log, *(tmp_path / "logs").glob("*")):
        said = log.read_text()
        assert not [word for word in (CALLER, PASSWORD, "__Host-callcenter=") if word in said], log
