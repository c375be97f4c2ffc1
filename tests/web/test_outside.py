"""An agent turns to a number outside by the keyboard alone: asks, swaps, joins all three, hands the caller over."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Page, expect

from callcenter.drill.own import free_ports, own_system
from tests.support.far import Far
from tests.web.people import AGENT_HZ, CUSTOMER_HZ, NEEDS_PAGES, ROOT, hears, person, staff, tone
from tests.web.test_dial import SHOTS, at_any_hour, shot
from tests.web.test_pages import Scene, answered, at_work, dial, state

pytestmark = list(NEEDS_PAGES)
OUTSIDE_HZ = 1300
NUMBER = "13800000002"


async def in_phase(desk: Page, wanted: str) -> None:
    await expect(desk.get_by_test_id("call-note")).to_have_attribute("data-phase", wanted, timeout=20_000)


async def choose(desk: Page, key: str, typed: str) -> None:
    """The picker by its key, the number, Enter to take it, Enter to go."""
    await desk.keyboard.press(f"Alt+{key}")
    kind = "consult" if key == "c" else "transfer"
    await expect(desk.get_by_test_id(f"{kind}-to").locator("input")).to_be_focused()
    await desk.keyboard.type(typed)
    await expect(desk.locator(".ant-select-item-option-active")).to_contain_text(typed)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_test_id(f"{kind}-go")).to_be_focused()
    await desk.keyboard.press("Enter")


async def test_a_number_outside_is_asked_joined_in_and_given_the_caller(migrated: str, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    far = Far(port)
    await far.open()
    settings = {"web_dir": str(ROOT / "web" / "dist"), "demo_trunk": f"127.0.0.1:{port}"}
    async with own_system(**settings, database_url=migrated, flows_dir=str(at_any_hour(tmp_path / "flows"))) as system:
        ids = await staff(system.settings)
        voices = [tone(tmp_path / f"{hz}.wav", hz) for hz in (AGENT_HZ, CUSTOMER_HZ)]
        async with person(system, "anna", voices[0]) as anna, person(system, "lead", voices[1]) as lead:
            scene = Scene(system, anna, lead, ids)
            desk = await at_work(scene)
            phone = await dial(scene, "0")
            await answered(desk)
            await choose(desk, "t", "110")
            await expect(desk.locator(".ant-message")).to_contain_text("紧急号码")
            await in_phase(desk, "talking")
            if SHOTS:
                for word in ("EN", "中文"):
                    await desk.get_by_test_id("lang-switch").get_by_text(word, exact=True).click()
                    await desk.keyboard.press("Alt+c")
                    await expect(desk.get_by_test_id("consult-to").locator("input")).to_be_focused()
                    await desk.keyboard.type(NUMBER)
                    await desk.screenshot(path=f"{SHOTS}/outside-picker-{word}.png")
                    await desk.keyboard.press("Alt+c")
                    await desk.get_by_test_id("consult").click()
            await choose(desk, "c", NUMBER)
            await asyncio.wait_for(far.answered.wait(), 20)
            await expect(desk.get_by_test_id("call-note")).to_contain_text("与 13800000002 通话")
            assert far.numbers == [NUMBER]
            await shot(desk, "outside-consulting")
            speaking = asyncio.create_task(far.speak(120, OUTSIDE_HZ))
            assert await hears(desk, OUTSIDE_HZ) > 0.5
            assert await hears(phone, OUTSIDE_HZ, 1) < 0.3, "the customer hears music"
            await desk.reload(wait_until="load")
            await in_phase(desk, "consulting")
            await expect(desk.get_by_test_id("call-note")).to_contain_text("与 13800000002 通话")
            assert await hears(desk, OUTSIDE_HZ) > 0.5, "a reload finds the consultation as it was"
            assert not far.over.is_set()
            await desk.keyboard.press("Alt+t")
            await state(desk, "wrap_up")
            assert await hears(phone, OUTSIDE_HZ) > 0.5, "the customer has them"
            await phone.get_by_test_id("phone-hang-up").click()
            await asyncio.wait_for(far.over.wait(), 20)
            speaking.cancel()
            call_id = await scene.last_call()
            page = await anna.open(f"/contacts/{call_id}")
            await expect(page.get_by_test_id("segments")).to_contain_text("13800000002")
            await shot(page, "outside-contact")
            told = (await scene.contact(call_id))["segments"]
            assert [(s["kind"], s["number"]) for s in told[-2:]] == [
                ("consult", "+8613800000002"),
                ("outside", "+8613800000002"),
            ]
    far.close()
