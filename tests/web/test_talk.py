"""Talking in real browsers: a consultation between two agents, and a page that is reloaded in mid-call."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import httpx
from playwright.async_api import Page, expect
from sqlalchemy import select

from callcenter.access.tables import AuditEntry
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.found import service_pid
from callcenter.drill.own import OwnSystem
from callcenter.secrets_store import load_secrets
from tests.web.people import AGENT_HZ, CUSTOMER_HZ, NEEDS_PAGES, hears, person, tone
from tests.web.test_pages import SHOTS, Scene, answered, at_work, dial, scene, shot, state  # noqa: F401 - a fixture

COLLEAGUE_HZ, NOBODYS_HZ = 1300, 700

pytestmark = list(NEEDS_PAGES)


async def in_phase(desk: Page, wanted: str, within_s: float = 20) -> None:
    await expect(desk.get_by_test_id("call-note")).to_have_attribute("data-phase", wanted, timeout=within_s * 1000)


async def test_a_reload_in_mid_call_brings_the_agent_back_to_the_caller(scene: Scene) -> None:  # noqa: F811
    desk = await at_work(scene)
    phone = await dial(scene, "0")
    await answered(desk)
    assert await hears(phone, AGENT_HZ) > 0.5
    call_id = await scene.last_call()
    await desk.reload(wait_until="load")
    loaded = time.monotonic()
    await in_phase(desk, "talking")
    back_s = time.monotonic() - loaded
    assert await hears(phone, AGENT_HZ) > 0.5, "the customer hears the agent again"
    assert await hears(desk, CUSTOMER_HZ) > 0.5
    assert back_s < 10, f"{back_s:.1f} s from the page's load"
    await desk.get_by_test_id("hang-up").click()
    await state(desk, "wrap_up")
    await phone.get_by_test_id("phone-hang-up").click()
    async with asyncio.timeout(20):
        while (kinds := [s["kind"] for s in (await scene.contact(call_id))["segments"]])[-1:] != ["menu"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # the database tells nobody when it has a call's last segment
    assert kinds[-4:-1] == ["talk", "hold", "talk"], "it was kept, not transferred"


async def in_both(page: Page, name: str) -> None:
    """Pictures in both languages, for those who want them."""
    if SHOTS:
        for suffix, word in (("en", "EN"), ("zh", "中文")):
            await page.get_by_test_id("lang-switch").get_by_text(word, exact=True).click()
            await shot(page, f"{name}-{suffix}")


async def at_the_call(floor: Page, mode: str) -> None:
    await expect(floor.get_by_test_id("ear")).to_have_attribute("data-mode", mode, timeout=20_000)


async def supervised(system: OwnSystem) -> list[tuple[str, str | None]]:
    """What the audit has of supervisors' sessions: what, and why it ended."""
    database = Database(database_url(system.settings), pool_size=1)
    try:
        async with database.read() as session:
            query = select(AuditEntry).where(AuditEntry.action.startswith("supervision.")).order_by(AuditEntry.at)
            rows = (await session.scalars(query)).all()
        return [(row.action.removeprefix("supervision."), row.detail.get("reason")) for row in rows]
    finally:
        await database.close()


async def in_asterisk(system: OwnSystem) -> list[str]:
    """The channels of supervisors' sessions."""
    settings = system.settings
    password = load_secrets(settings.data_dir).asterisk_password
    async with httpx.AsyncClient(trust_env=False, auth=(settings.asterisk_user, password)) as client:
        listed = (await client.get(f"{settings.asterisk_base_url}/ari/channels")).json()
    return [channel["id"] for channel in listed if channel["id"].startswith("sv-")]


async def mixed(page: Page, hz: int) -> float:
    """The share of a tone among others."""
    return await hears(page, hz, enough=0.2)


async def test_a_supervisor_listens_whispers_and_joins_until_the_service_or_the_agent_is_lost(
    scene: Scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    desk = await at_work(scene)
    async with person(scene.system, "lead", tone(tmp_path / "s.wav", NOBODYS_HZ)) as lead:
        floor = await lead.open("/supervisor")
        phone = await dial(scene)
        await floor.get_by_test_id("hear-caller").first.click()
        await at_the_call(floor, "listen")
        assert await mixed(floor, CUSTOMER_HZ) > 0.2, "the caller is heard in the menu"
        await in_both(floor, "supervisor-menu")
        await phone.get_by_test_id("key-0").click()
        await answered(desk)
        await expect(floor.get_by_test_id("ear")).to_have_attribute("data-reason", "answered", timeout=20_000)
        await floor.get_by_test_id("ear-next").click()
        await at_the_call(floor, "listen")
        assert min(await mixed(floor, CUSTOMER_HZ), await mixed(floor, AGENT_HZ)) > 0.2, "both at once"
        assert max(await hears(desk, NOBODYS_HZ, 0.6), await hears(phone, NOBODYS_HZ, 0.6)) < 0.05, "nobody hears them"
        await expect(desk.get_by_test_id("supervised")).to_have_count(0)
        await in_both(floor, "supervisor-listens")
        await floor.keyboard.press("Alt+w")
        await at_the_call(floor, "whisper")
        assert await mixed(desk, NOBODYS_HZ) > 0.2
        assert await hears(phone, NOBODYS_HZ, 0.6) < 0.05, "the agent alone hears it"
        await expect(desk.get_by_test_id("supervised")).to_have_attribute("data-mode", "whisper")
        await in_both(desk, "agent-whispered")
        await floor.keyboard.press("Alt+j")
        await at_the_call(floor, "join")
        assert min(await mixed(desk, NOBODYS_HZ), await mixed(phone, NOBODYS_HZ)) > 0.2
        await in_both(floor, "supervisor-joined")
        os.kill(service_pid(scene.system.settings) or 0, signal.SIGKILL)
        await expect(floor.get_by_test_id("ear")).to_have_attribute("data-reason", "connection_lost", timeout=30_000)
        async with asyncio.timeout(20):
            while await in_asterisk(scene.system):  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # Asterisk is asked: there is nobody to tell
        assert await hears(phone, AGENT_HZ) > 0.5, "the call goes on"
        await in_both(floor, "supervisor-cut")
        again = floor.get_by_test_id("ear-again")
        await expect(again).to_be_visible(timeout=30_000)
        await again.click()
        await at_the_call(floor, "listen")
        assert await mixed(floor, CUSTOMER_HZ) > 0.2
        await scene.agent.browser.close()
        await asyncio.sleep(1.0)  # what is promised to the customer of an agent whose browser dies: one second
        assert await hears(phone, AGENT_HZ, 1.0) < 0.3
        await expect(phone.get_by_test_id("phone-state")).to_have_attribute("data-state", "talking")
        await expect(floor.get_by_test_id("ear")).to_have_attribute("data-state", "waiting", timeout=20_000)
        await floor.keyboard.press("Alt+s")
        await expect(floor.get_by_test_id("ear")).to_have_attribute("data-reason", "stopped")
        async with asyncio.timeout(20):
            while await in_asterisk(scene.system):  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # the page is told before Asterisk has done it
    async with asyncio.timeout(20):
        while (told := await supervised(scene.system))[-1:] != [("ended", "stopped")]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # the audit goes by the spool
    assert told == [
        ("listen", None),
        ("ended", "answered"),
        ("listen", None),
        ("whisper", None),
        ("join", None),
        ("ended", "service_restarted"),
        ("listen", None),
        ("ended", "stopped"),
    ]


async def test_a_colleague_is_asked_swapped_with_and_joined_in(scene: Scene, tmp_path: Path) -> None:  # noqa: F811
    desk = await at_work(scene)
    phone = await dial(scene, "0")
    await answered(desk)
    async with person(scene.system, "bert", tone(tmp_path / "b.wav", COLLEAGUE_HZ)) as bert:
        other = await bert.open("/agent")
        await expect(other.get_by_test_id("phone-line")).to_have_attribute("data-line", "registered", timeout=20_000)
        await other.get_by_test_id("ready").click()
        await state(other, "ready")
        await desk.get_by_test_id("consult").click()
        await desk.get_by_test_id("consult-to").click()
        await shot(desk, "agent-consult-choose")
        await desk.locator(".ant-select-item-option", has_text="坐席bert").click()
        await desk.get_by_test_id("consult-go").click()
        await in_phase(desk, "consulting")
        await expect(other.locator(".agent-caller")).to_contain_text("坐席anna")
        await shot(other, "agent-asked")
        await expect(other.get_by_test_id("answer")).to_be_enabled(timeout=20_000)
        await other.get_by_test_id("answer").click()
        await in_phase(other, "consulted")
        heard = {hz: await hears(desk, hz, 12 if hz == COLLEAGUE_HZ else 1) for hz in (COLLEAGUE_HZ, 425, CUSTOMER_HZ)}
        assert heard[COLLEAGUE_HZ] > 0.5, heard
        assert await hears(other, AGENT_HZ) > 0.5
        assert await hears(phone, AGENT_HZ, 1.0) < 0.3, "the customer hears music"
        await shot(desk, "agent-consulting")
        await shot(other, "agent-consulted")
        await desk.keyboard.press("Alt+s")
        assert await hears(phone, AGENT_HZ) > 0.5, "swapped to the customer"
        assert await hears(other, AGENT_HZ, 1.0) < 0.3
        await desk.get_by_test_id("conference").click()
        await in_phase(desk, "conference")
        for page, voices in (
            (phone, (COLLEAGUE_HZ, AGENT_HZ)),
            (other, (CUSTOMER_HZ, AGENT_HZ)),
            (desk, (CUSTOMER_HZ, COLLEAGUE_HZ)),
        ):
            heard = {hz: await mixed(page, hz) for hz in voices}
            assert min(heard.values()) > 0.2, heard
            assert await hears(page, NOBODYS_HZ, 0.6) < 0.05
        await desk.get_by_test_id("lang-switch").get_by_text("EN").click()
        await shot(desk, "agent-conference-en")
        await desk.get_by_test_id("hang-up").click()
        await state(desk, "wrap_up")
        await in_phase(other, "talking")
        assert await hears(phone, COLLEAGUE_HZ) > 0.5, "the colleague goes on"
        await phone.get_by_test_id("phone-hang-up").click()
        await state(other, "wrap_up")
