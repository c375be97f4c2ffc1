"""The roster page in a real browser on a running system: setting, moving, the coverage strip, a plan's verdict."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, async_playwright, expect

from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.own import OwnSystem, own_system
from tests.web.people import CHROMIUM, NEEDS_PAGES, ROOT

PASSWORD = "correct-horse-7"
NAMES = ("林晓", "王芳", "陈杰", "赵敏", "孙立", "周宁", "吴强", "郑洁", "冯超", "蒋丽", "沈涛", "韩雪")

pytestmark = list(NEEDS_PAGES)


@pytest.fixture
async def system() -> AsyncIterator[OwnSystem]:
    async with own_system(web_dir=str(ROOT / "web" / "dist")) as made:
        database = Database(database_url(made.settings), pool_size=1)
        hashed = await passwords.hash_password(PASSWORD)
        async with database.write() as session:
            for number, name in enumerate(NAMES):
                await accounts.create(
                    session,
                    SystemClock().now(),
                    login=f"rostered{number}",
                    name=name,
                    role=Role.AGENT,
                    password_hash=hashed,
                    extension=f"31{number:02}",
                )
            await accounts.create(
                session, SystemClock().now(), login="lead", name="组长", role=Role.LEAD, password_hash=hashed
            )
        await database.close()
        yield made


@pytest.fixture
async def page(system: OwnSystem) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 1500, "height": 900})
        origin = f"http://{system.settings.http_bind}"
        answer = await context.request.post(
            f"{origin}/api/v1/session", data={"login": "lead", "password": PASSWORD}, headers={"Origin": origin}
        )
        assert answer.ok
        made = await context.new_page()
        made.set_default_timeout(10_000)
        await made.goto(f"{origin}/roster")
        yield made
        await browser.close()


async def shot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    folder = os.environ.get("CALLCENTER_SHOTS")
    if folder:
        await page.screenshot(path=f"{folder}/roster-{name}.png")


def next_monday(system: OwnSystem) -> list[str]:
    """The days of next week at the site."""
    today = datetime.now(system.settings.zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    return [(monday + timedelta(days=n)).isoformat() for n in range(7)]


async def test_a_lead_sets_moves_plans_and_sees_what_is_short(page: Page, system: OwnSystem) -> None:
    days = next_monday(system)

    def cell(name: str, day: int) -> str:
        return f'[data-cell="{name} {days[day]}"]'

    await expect(page.get_by_test_id("calendar")).to_be_visible()
    await page.get_by_test_id("after").click()
    await expect(page.get_by_test_id("when")).to_contain_text(days[0])
    await page.locator(cell("林晓", 0)).click()
    await page.locator('[data-set="early"]').click()
    await expect(page.locator(f'{cell("林晓", 0)} [data-shift="early"]')).to_be_visible()

    await page.locator(f'{cell("林晓", 0)} [data-shift="early"]').drag_to(page.locator(cell("王芳", 1)))
    await expect(page.locator(f'{cell("王芳", 1)} [data-shift="early"]')).to_be_visible()
    await expect(page.locator(f"{cell('林晓', 0)} [data-shift]")).to_have_count(0)

    await page.locator(cell("陈杰", 2)).focus()
    await page.keyboard.press("3")
    await expect(page.locator(f'{cell("陈杰", 2)} [data-shift="night"]')).to_be_visible()
    await page.locator(cell("陈杰", 2)).focus()
    await page.keyboard.press("Delete")
    await expect(page.locator(f"{cell('陈杰', 2)} [data-shift]")).to_have_count(0)

    strips = page.get_by_test_id("cover").locator("svg")
    await expect(strips.first).to_have_attribute("data-missing", "8")
    await shot(page, "before-zh")

    await page.get_by_test_id("plan").click()
    await page.get_by_test_id("plan-start").click()
    verdict = page.get_by_test_id("verdict")
    await expect(verdict).to_contain_text("排不满：12 名坐席", timeout=90_000)
    await expect(verdict).to_contain_text(re.compile(r"要排满需要 \d+ 人"))
    await shot(page, "verdict-zh")
    await page.get_by_test_id("plan-apply").click()
    await expect(page.get_by_test_id("calendar").locator("[data-shift]").nth(40)).to_be_visible()
    await shot(page, "week-zh")
    await page.get_by_text("EN", exact=True).click()
    await expect(page.get_by_test_id("said")).to_contain_text("short of people")
    await shot(page, "week-en")
    await page.get_by_text("Month", exact=True).click()
    await shot(page, "month-en")


async def test_requests_are_decided_and_refusals_say_why(page: Page, system: OwnSystem) -> None:
    days = next_monday(system)
    origin = f"http://{system.settings.http_bind}"
    agent = await page.context.browser.new_context()  # type: ignore[union-attr]
    headers = {"Origin": origin}
    entered = {"login": "rostered0", "password": PASSWORD}
    assert (await agent.request.post(f"{origin}/api/v1/session", data=entered, headers=headers)).ok
    leave = {"kind": "leave", "first_day": days[0], "last_day": days[1]}
    assert (await agent.request.post(f"{origin}/api/v1/roster/absences", data=leave, headers=headers)).ok

    await page.get_by_test_id("after").click()
    await expect(page.get_by_test_id("when")).to_contain_text(days[0])
    await page.get_by_test_id("requests").click()
    await expect(page.locator("[data-request]")).to_contain_text("林晓 申请休假")
    await shot(page, "requests-zh")
    await page.locator("[data-request] .ant-btn-primary").click()
    await expect(page.locator("[data-request]")).to_have_count(0)
    await page.locator(".ant-drawer-close").click()
    await page.locator(f'[data-cell="林晓 {days[0]}"]').click()
    await page.locator('[data-set="early"]').click()
    await expect(page.locator(".ant-message")).to_contain_text("休假，不能排 早班")
