"""Talking in real browsers: a consultation between two agents, and a page that is reloaded in mid-call."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.web.people import AGENT_HZ, CUSTOMER_HZ, NEEDS_PAGES, hears, person, tone
from tests.web.test_pages import Scene, answered, at_work, dial, scene, shot, state  # noqa: F401 - a fixture

COLLEAGUE_HZ, NOBODYS_HZ = 1300, 700

pytestmark = [
    pytest.mark.timeout(240),
    *NEEDS_PAGES,
]


async def in_phase(desk: Page, wanted: str, within_s: float = 15) -> None:
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
    assert back_s < 5, f"{back_s:.1f} s from the page's load"
    await desk.get_by_test_id("hang-up").click()
    await state(desk, "wrap_up")
    await phone.get_by_test_id("phone-hang-up").click()
    async with asyncio.timeout(10):
        while (kinds := [s["kind"] for s in (await scene.contact(call_id))["segments"]])[-1:] != ["menu"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # the database tells nobody when it has a call's last segment
    assert kinds[-4:-1] == ["talk", "hold", "talk"], "it was kept, not transferred"


async def test_a_browser_that_is_killed_leaves_the_customer_with_music(scene: Scene) -> None:  # noqa: F811
    desk = await at_work(scene)
    phone = await dial(scene, "0")
    await answered(desk)
    assert await hears(phone, AGENT_HZ) > 0.5
    await scene.agent.browser.close()
    await asyncio.sleep(1.0)  # what is promised to the customer: one second
    assert await hears(phone, AGENT_HZ, 1.0) < 0.3
    await expect(phone.get_by_test_id("phone-state")).to_have_attribute("data-state", "talking")


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
            heard = {hz: await hears(page, hz, 5) for hz in (*voices, NOBODYS_HZ)}
            assert min(heard[hz] for hz in voices) > 0.2, heard
            assert heard[NOBODYS_HZ] < 0.05, heard
        await desk.get_by_test_id("lang-switch").get_by_text("EN").click()
        await shot(desk, "agent-conference-en")
        await desk.get_by_test_id("hang-up").click()
        await state(desk, "wrap_up")
        await in_phase(other, "talking")
        assert await hears(phone, COLLEAGUE_HZ) > 0.5, "the colleague goes on"
        await phone.get_by_test_id("phone-hang-up").click()
        await state(other, "wrap_up")
