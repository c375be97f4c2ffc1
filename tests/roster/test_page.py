"""The roster page in a real browser on a running system: setting, moving, the coverage strip, a plan's verdict."""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from bench.year import fill
from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.access.tables import Account
from callcenter.acd.tables import AgentStateLog
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.own import OwnSystem, own_system
from callcenter.ids import new_id
from callcenter.roster.tables import AssignmentRow
from tests.web.looks import faults
from tests.web.people import NEEDS_PAGES, PASSWORD, ROOT, hire, person

NAMES = ("林晓", "王芳", "陈杰", "赵敏", "孙立", "周宁", "吴强", "郑洁", "冯超", "蒋丽", "沈涛", "韩雪")

pytestmark = list(NEEDS_PAGES)


@pytest.fixture
async def system(migrated: str) -> AsyncIterator[OwnSystem]:
    async with own_system(web_dir=str(ROOT / "web" / "dist"), database_url=migrated) as made:
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
        await database.close()
        await hire(made.settings, lead=Role.LEAD, boss=Role.SUPERVISOR)
        yield made


@pytest.fixture
async def past(system: OwnSystem) -> None:
    """A week of calls and a day."""
    today = datetime.now(system.settings.zone).date()
    crew = [uuid.uuid4() for _ in NAMES]
    await fill(database_url(system.settings), contacts=8_000, days=8, until=today, agents=crew)


@pytest.fixture
async def page(system: OwnSystem) -> AsyncIterator[Page]:
    async with person(system, "lead", viewport={"width": 1500, "height": 900}) as lead:
        yield await lead.open("/roster")


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


@pytest.mark.usefixtures("past")  # before any page asks for a forecast: it is kept for a while
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
    for key in ("1", "2", "Delete"):  # faster than the answers: each counts from what the last one left
        await page.keyboard.press(key)
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
    # Two at night keep the minimum, and the callers expected ask for more: advice, beside the law.
    await expect(page.get_by_test_id("thin")).to_contain_text("低于来电预测")
    await expect(strips.nth(1)).not_to_have_attribute("data-thin", "0")
    await page.locator(f'[data-day="{days[1]}"]').click()
    hours = page.get_by_test_id("hours")
    await expect(hours.locator('[data-row="asked"] td')).to_have_count(24)
    sums = re.compile(r"^(\d+) 人：接电话 (\d+) \+ 小休与缺勤 (\d+)$")
    await expect(hours.locator('[data-row="asked"] td').nth(10)).to_have_attribute("title", sums)
    await expect(hours.locator('[data-row="spare"] td')).to_have_count(24)
    await expect(hours.locator('[data-row="have"] .thin').first).to_have_attribute("title", "低于预测所需")
    await expect(hours.locator('[data-row="have"] .short').first).to_have_attribute("title", "低于最低人数")
    await shot(page, "hours-zh")
    await page.locator(".ant-modal-close").click()  # by Escape only once it has the keys, some moments after it is seen
    await expect(hours).to_have_count(0)
    await page.get_by_text("EN", exact=True).click()
    await expect(page.get_by_test_id("said")).to_contain_text("short of people")
    await shot(page, "week-en")
    assert await faults(page) == []
    await page.get_by_text("Month", exact=True).click()
    await expect(page.locator("[data-cell]").first).to_have_attribute("data-cell", re.compile("-01$"))
    await shot(page, "month-en")


async def a_day_with_a_long_meal(system: OwnSystem) -> str:
    """Yesterday's early shift of the first agent, with two hours of meal in it. The day."""
    day = datetime.now(system.settings.zone).date() - timedelta(days=1)
    database, now = Database(database_url(system.settings), pool_size=1), SystemClock().now()
    async with database.write() as session:
        agent = (await session.scalars(select(Account.id).where(Account.login == "rostered0"))).one()
        session.add(
            AssignmentRow(id=new_id(), account_id=agent, day=day, shift="early", created_at=now, updated_at=now)
        )
        for epoch, (state, reason, begins, ends) in enumerate(
            (("ready", "", 8, 12), ("break", "meal", 12, 14), ("talking", "", 14, 20))
        ):
            at, until = (datetime.combine(day, time(hour), system.settings.zone) for hour in (begins, ends))
            session.add(
                AgentStateLog(
                    id=new_id(),
                    account_id=agent,
                    state=state,
                    reason=reason,
                    epoch=epoch,
                    started_at=at,
                    ended_at=until,
                )
            )
    await database.close()
    return day.isoformat()


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

    yesterday = await a_day_with_a_long_meal(system)
    # Somebody types faster than the page gets its answer: that must not take from the field what stands in it.
    typed = asyncio.Event()

    async def late(asked: Route) -> None:
        await typed.wait()
        await asked.continue_()

    await page.route("**/api/v1/roster/adherence*", late, times=1)
    await page.get_by_test_id("open-adherence").click()
    await page.get_by_role("textbox", name="到岗情况").fill(yesterday)
    typed.set()
    await expect(page.locator(".ant-drawer .ant-skeleton")).to_have_count(0)
    await page.keyboard.press("Enter")
    row = page.get_by_test_id("adherence").locator('[data-agent="林晓"] td')
    await expect(row).to_have_text(["林晓", "92%", "92%", "12.0", "10.0", "120", "60", "", "", ""])
    await shot(page, "adherence-zh")


async def test_leave_shifts_on_call_and_sheets(page: Page, system: OwnSystem, tmp_path: Path) -> None:
    days = next_monday(system)
    # A supervisor defines a shift and a minimum; a lead reads them.
    await page.get_by_test_id("open-rules").click()
    await expect(page.get_by_test_id("add-shift")).to_have_count(0)
    async with person(system, "boss", viewport={"width": 1500, "height": 900}) as boss:
        rules = await boss.open("/roster")
        await rules.get_by_test_id("open-rules").click()
        await rules.get_by_test_id("add-shift").click()
        line = rules.locator("[data-kind]").nth(3)
        for label, value in (("代码", "standby"), ("名称", "备班"), ("英文名称", "Standby")):
            await line.get_by_label(label, exact=True).fill(value)
        for label, value in (("开始", "20:00"), ("结束", "20:00")):
            await line.get_by_label(label, exact=True).fill(value)
            await rules.keyboard.press("Enter")
        await line.get_by_role("checkbox").check()
        await rules.get_by_test_id("save-rules").click()
        await expect(rules.get_by_text("长度为零")).to_be_visible()
        await line.get_by_label("结束", exact=True).fill("08:00")
        await rules.keyboard.press("Enter")
        await expect(line.get_by_text("次日")).to_be_visible()
        await rules.get_by_test_id("add-minimum").click()
        minimum = rules.locator("[data-minimum]").nth(2)
        await minimum.get_by_label("人数", exact=True).fill("3")
        await minimum.locator(".ant-select").first.click()
        await rules.locator(".ant-select-item-option").nth(1).click()
        await shot(rules, "rules-zh")
        await rules.get_by_test_id("save-rules").click()
        await expect(rules.get_by_test_id("save-rules")).to_have_count(0, timeout=20_000)
        await expect(rules.get_by_test_id("cover")).to_have_count(2)
    await page.reload()
    await page.get_by_test_id("after").click()
    await expect(page.get_by_test_id("when")).to_contain_text(days[0])

    # On call: set by its key, shown as what it is, counted for no minimum and no hours.
    await page.locator(f'[data-cell="吴强 {days[0]}"]').focus()
    await page.keyboard.press("4")
    await expect(page.locator(f'[data-cell="吴强 {days[0]}"] .call')).to_be_visible()
    await expect(page.locator('[data-agent="吴强"] td.sum')).to_have_text("")
    await expect(page.get_by_test_id("cover").locator("svg").first).to_have_attribute("data-missing", "8")

    # Leave entered by the lead takes the shift away.
    await page.locator(f'[data-cell="郑洁 {days[1]}"]').focus()
    await page.keyboard.press("1")
    await expect(page.locator(f'[data-cell="郑洁 {days[1]}"] [data-shift]')).to_be_visible()
    await page.locator(f'[data-cell="郑洁 {days[1]}"]').click()
    await page.locator(".roster-menu button", has_text="登记休假").click()
    await shot(page, "leave-zh")
    await page.locator("#save-leave").click()
    await expect(page.locator(f'[data-cell="郑洁 {days[1]}"] .roster-leave')).to_be_visible()
    await expect(page.locator(f'[data-cell="郑洁 {days[1]}"] [data-shift]')).to_have_count(0)

    # A sheet goes out, is changed as people do, and comes back.
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="导出 Excel").click()
    download = await waiting.value
    path = tmp_path / "roster.xlsx"
    await download.save_as(path)
    book = load_workbook(path)
    table = book.worksheets[0]
    row = next(row for row in table.iter_rows(min_row=2) if row[1].value == "林晓")
    row[2].value, row[3].value = "早班", "夜班"
    book.save(path)
    await page.locator('input[type="file"]').set_input_files(path)
    await expect(page.locator(".ant-message")).to_contain_text("个班次")
    await expect(page.locator(f'[data-cell="林晓 {days[1]}"] [data-shift="night"]')).to_be_visible()
    await shot(page, "sheets-zh")

    # One that cannot be worked is refused as a whole, with what is wrong.
    bad = tmp_path / "bad.csv"
    bad.write_text(f"工号,姓名,{days[0]}\n3100,林晓,night\n9999,无名,early\n", encoding="utf-8")
    await page.locator('input[type="file"]').set_input_files(bad)
    await expect(page.locator(".ant-message-error")).to_contain_text("A3：没有工号为“9999”的坐席")
    await shot(page, "refused-zh")
    await expect(page.locator(f'[data-cell="林晓 {days[0]}"] [data-shift="early"]')).to_be_visible()
    await page.get_by_text("EN", exact=True).click()
    await expect(page.locator(f'[data-cell="吴强 {days[0]}"]')).to_contain_text("Standby")
    await shot(page, "sheets-en")


async def test_the_alarm_of_the_coming_hours_is_seen_at_once(page: Page, system: OwnSystem) -> None:
    await expect(page.get_by_test_id("soon")).to_contain_text("未来 12 小时人数不足")
    await expect(page.get_by_test_id("short-of-people")).to_have_text(re.compile("[28]"))
    await shot(page, "alarm-zh")
    await page.get_by_test_id("said").get_by_text("查看全部").click()
    await expect(page.locator(".ant-popover .roster-list li").first).to_contain_text("需")
    await shot(page, "alarm-all-zh")

    # An incident from the first shift on, and over when nobody is planned here any more.
    health = await page.context.new_page()
    await health.goto(f"http://{system.settings.http_bind}/ops/health")
    alarm = health.locator("[data-kind=roster_short]").first
    cell = f'[data-cell="林晓 {next_monday(system)[0]}"]'
    await page.keyboard.press("Escape")
    await page.get_by_test_id("after").click()
    await page.locator(cell).focus()
    await page.keyboard.press("1")
    await expect(alarm).to_have_attribute("data-open", "true", timeout=20_000)
    await expect(alarm).to_contain_text(re.compile(r"排班 0 人，最低 [28] 人"))
    await shot(health, "alarm-incident-zh")
    await page.locator(cell).focus()
    await page.keyboard.press("Delete")
    await expect(alarm).to_have_attribute("data-open", "false", timeout=20_000)
