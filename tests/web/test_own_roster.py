"""An agent's own roster on the desk: a swap asked, agreed to and approved, leave asked for, the calendar link read."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from callcenter.drill.own import OwnSystem, own_system
from tests.web.people import AGENT_HZ, NEEDS_PAGES, ROOT, Person, person, staff, tone

SHOTS = os.environ.get("SCREENSHOTS")
pytestmark = list(NEEDS_PAGES)


@dataclass
class Scene:
    system: OwnSystem
    anna: Person
    bert: Person
    lead: Person
    ids: dict[str, str]
    today: date
    """At the site, when the test began."""

    def day(self, n: int) -> str:
        """The date in ``n`` days."""
        return (self.today + timedelta(days=n)).isoformat()

    async def rostered(self, *wanted: tuple[str, int, str]) -> None:
        shifts = [{"account_id": self.ids[who], "day": self.day(n), "shift": kind} for who, n, kind in wanted]
        answer = await self.lead.context.request.post(
            f"{self.lead.origin}/api/v1/roster/assignments",
            data={"assignments": shifts},
            headers={"Origin": self.lead.origin},
        )
        assert answer.ok, await answer.text()


@pytest.fixture
async def scene(migrated: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(own_system(web_dir=str(ROOT / "web" / "dist"), database_url=migrated))
        ids = await staff(system.settings)
        voice = tone(tmp_path / "a.wav", AGENT_HZ)
        people = [await stack.enter_async_context(person(system, login, voice)) for login in ("anna", "bert", "lead")]
        yield Scene(system, *people, ids, datetime.now(system.settings.zone).date())


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


async def opened(person: Person) -> Page:
    desk = await person.open("/agent")
    await desk.get_by_test_id("my-roster").click()
    await expect(desk.get_by_test_id("my-requests")).to_be_attached()
    return desk


async def leave_is_asked_for_and_the_calendar_link_shows_own_shifts_alone(scene: Scene, desk: Page) -> None:
    await expect(desk.get_by_test_id("with-me")).to_contain_text("坐席bert")
    await desk.get_by_test_id("ask-leave").click()
    await desk.get_by_test_id("leave-note").fill("家中有事")
    await desk.locator("#ask-leave").click()
    await expect(desk.get_by_test_id("my-leave")).to_have_attribute("data-state", "requested")
    await desk.get_by_test_id("ask-leave").click()
    await desk.get_by_test_id("leave-kind").click()
    await desk.locator(".ant-select-item-option", has_text="希望上班").click()
    await desk.get_by_test_id("wished-shift").click()
    await desk.locator(".ant-select-item-option", has_text="夜班").click()
    await desk.locator("#ask-leave").click()
    await expect(desk.get_by_test_id("my-leave").last).to_contain_text("夜班")
    await desk.get_by_test_id("feed-make").click()
    link = await desk.get_by_test_id("feed-link").input_value()
    calendar = await (await scene.bert.context.request.get(link)).text()
    assert calendar.count("BEGIN:VEVENT") == 3
    assert "早班" in calendar
    await shot(desk, "own-roster-zh")
    await desk.locator(".ant-drawer-close").click()
    await expect(desk.get_by_test_id("my-shift")).to_contain_text("班")
    await shot(desk, "own-roster-desk-zh")
    await desk.get_by_test_id("lang-switch").get_by_text("EN").click()
    await desk.keyboard.press("Alt+d")
    await expect(desk.get_by_test_id("my-requests")).to_contain_text("to be decided")
    await shot(desk, "own-roster-en")


async def test_a_swap_is_asked_for_agreed_to_and_approved_and_then_leave(scene: Scene) -> None:
    # From tomorrow on: what of today is over depends on when this runs.
    await scene.rostered(
        ("anna", 1, "early"), ("bert", 1, "middle"), ("anna", 3, "night"), ("bert", 5, "early"), ("anna", 7, "middle")
    )  # fmt: skip
    desk = await opened(scene.anna)
    shifts = desk.get_by_test_id("my-shifts")
    await expect(shifts.locator("li")).to_have_count(3)
    await desk.locator('[data-shift="middle"]').get_by_test_id("swap").click()
    await desk.get_by_test_id("swap-who").click()
    await desk.locator(".ant-select-item-option", has_text="坐席bert").click()
    await expect(desk.get_by_text("我替对方上")).to_be_visible()
    await desk.get_by_text("我替对方上").click()
    await shot(desk, "own-roster-swap-zh")
    await desk.locator("#ask-swap").click()
    swap = desk.get_by_test_id("my-swap")
    await expect(swap).to_have_attribute("data-state", "open")
    await expect(shifts).to_contain_text("换班审批中")

    other = await opened(scene.bert)
    await expect(other.get_by_test_id("asked-swap")).to_contain_text("坐席anna 想用")
    await shot(other, "own-roster-asked-zh")
    await other.get_by_test_id("agree").click()
    await expect(other.get_by_test_id("my-swap")).to_have_attribute("data-state", "agreed")

    board = await scene.lead.open("/roster")
    await board.get_by_test_id("requests").click()
    asked = board.locator("[data-request]")
    await expect(asked).to_contain_text("同事已同意")
    await expect(asked).to_contain_text(f"坐席anna 的 {scene.day(7)[5:]} 中班 与 坐席bert 的 {scene.day(5)[5:]} 早班")
    await shot(board, "roster-requests-zh")
    await board.locator("[data-request] .ant-btn-primary").click()
    await expect(board.locator("[data-request]")).to_have_count(0)

    await desk.reload()
    await desk.get_by_test_id("my-roster").click()
    await expect(desk.get_by_test_id("my-swap")).to_have_attribute("data-state", "approved")
    await expect(desk.locator('[data-shift="middle"]')).to_have_count(0)
    await leave_is_asked_for_and_the_calendar_link_shows_own_shifts_alone(scene, desk)
