"""The pages of whoever runs the house: its people, customers, return visits, reports, and the screen on the wall.

One house for all of them, with some calls behind it.
"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from openpyxl import load_workbook
from playwright.async_api import Locator, Page, expect
from sqlalchemy import update

from callcenter.access.roles import Role
from callcenter.business.customers import Phone, create
from callcenter.cases.escalation_tables import CaseNotice
from callcenter.clock import SystemClock
from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.own import OwnSystem, own_system
from callcenter.ids import new_id
from callcenter.reporting.monthly import last_month
from callcenter.visits.tables import ReturnVisit
from tests.business.calls import contact
from tests.databases import database_of_its_own
from tests.reporting.past import MENU, MIDNIGHT, call, ring, talk, wait
from tests.web.looks import faults
from tests.web.people import AGENT_HZ, NEEDS_PAGES, PASSWORD, ROOT, VIEWPORT, Person, hire, person, sounds, staff, tone

pytestmark = [*NEEDS_PAGES, pytest.mark.asyncio(loop_scope="module")]
PAGES = (
    "/agent", "/supervisor", "/wallboard", "/contacts", "/customers", "/cases", "/messages", "/visits", "/callbacks",
    "/roster", "/reports", "/reports?view=monthly", "/reports?view=forecast", "/staff", "/audit", "/ops", "/ops/health",
    "/phone",
)  # fmt: skip
LATE_DAYS = 3
PAPER_PX = round((297 - 2 * 12) / 25.4 * 96)
"""What is printed on, of an A4 sheet that lies on its side."""


@dataclass
class Office:
    system: OwnSystem
    ids: dict[str, str]
    boss: Person
    anna: Person

    def day(self, n: int) -> date:
        """The site's date in ``n`` days."""
        return datetime.now(self.system.settings.zone).date() + timedelta(days=n)

    async def calls(self, database: Database, fates_of: Mapping[int, Sequence[bool]]) -> dict[date, Sequence[bool]]:
        """Callers of some days, counted from today, each answered by anna or giving up; the same by date."""
        for n, fates in fates_of.items():
            at = datetime.combine(self.day(n), datetime.min.time(), self.system.settings.zone) + timedelta(hours=10)
            for turn, taken in enumerate(fates):
                parts = (ring(5, self.ids["anna"]), talk(120, self.ids["anna"])) if taken else ()
                begins = (at - MIDNIGHT).total_seconds() + 600 * turn
                more = {"answered_at": at, "answered_by": self.ids["anna"]} if taken else {"end_reason": "abandoned"}
                await call(
                    database, MENU, wait(8 if taken else 40, None if taken else "abandoned"), *parts, at=begins,
                    hotline="4008001", trunk="trunk-demo", caller_number=f"1380000001{turn}", queue="general", **more,
                )  # fmt: skip
        return {self.day(n): fates for n, fates in fates_of.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    postgres: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    async with (
        database_of_its_own(postgres, like=migrated_template) as url,
        own_system(web_dir=str(ROOT / "web" / "dist"), database_url=url) as system,
    ):
        ids = await staff(system.settings)
        await hire(system.settings, boss=Role.SUPERVISOR)
        voice = tone(tmp_path_factory.mktemp("voices") / "a.wav", AGENT_HZ)
        async with person(system, "boss", voice) as boss:
            yield Office(system, ids, boss, await boss.beside("anna"))


@pytest_asyncio.fixture(loop_scope="module")
async def database(office: Office) -> AsyncIterator[Database]:
    opened = Database(database_url(office.system.settings), pool_size=1)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def quiet(office: Office) -> Iterator[None]:
    """No page complains in the browser's console."""
    yield
    assert office.boss.complaints + office.anna.complaints == []


async def speak(page: Page, language: str) -> None:
    await page.get_by_test_id("lang-switch").get_by_text(language, exact=True).click()


async def chosen(page: Page, test_id: str, words: str) -> None:
    """Choose from a list as one does with the mouse."""
    await page.get_by_test_id(test_id).click()
    await page.locator(".ant-select-dropdown:visible .ant-select-item-option").get_by_text(words, exact=True).click()


async def printed(page: Page, table: Locator) -> None:
    """On paper there is the report alone, and none of its columns is cut off at the edge."""
    await page.set_viewport_size({"width": PAPER_PX, "height": 700})
    await page.emulate_media(media="print")
    await page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    for control in page.locator(".shell-head"), page.get_by_test_id("views"), page.get_by_role("button"):
        await expect(control.filter(visible=True)).to_have_count(0)
    await expect(table).to_have_count(1)
    assert await table.evaluate("(one) => one.getBoundingClientRect().right") <= PAPER_PX
    await page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    await page.emulate_media(media="screen")
    await page.set_viewport_size(VIEWPORT)


async def days_are_typed(page: Page, first: date, last: date) -> None:
    """With Enter at once, without looking. The calendar's weeks begin on Monday, in the page's language."""
    fields = page.locator(".ant-picker-range input")
    for language, monday in (("EN", "Mo"), ("中文", "一")):
        await speak(page, language)
        await fields.first.click()
        await expect(page.locator(".ant-picker-dropdown:visible th").first).to_have_text(monday)
    for day in first, last:
        await page.keyboard.press("Control+a")
        await page.keyboard.type(f"{day:%Y-%m-%d}")
        await page.keyboard.press("Enter")
    for field, day in ((fields.first, first), (fields.last, last)):
        await expect(field).to_have_value(f"{day:%Y-%m-%d}")


async def test_signing_in_by_the_keyboard_leads_to_ones_own_page(office: Office) -> None:
    nobody = await office.boss.beside()
    page = await nobody.open("/reports")
    await expect(page.get_by_test_id("login-name")).to_be_focused()
    await page.keyboard.type("boss")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("ranges")).to_be_visible()
    assert nobody.complaints == [], "asking who is signed in is no error while nobody is"
    await page.close()


async def test_a_new_agent_can_work_at_once_and_a_queue_given_shows_on_a_running_page(office: Office) -> None:
    boss, anna = office.boss, office.anna
    desk = await anna.open("/agent")
    await expect(desk.locator(".agent-queues")).to_contain_text("人工服务")
    await expect(desk.locator(".agent-queues")).not_to_contain_text("投诉建议")
    page = await boss.open("/staff")
    await page.get_by_test_id("edit-anna").click()
    await page.get_by_test_id("queue-complaint").check()
    await page.get_by_test_id("save-person").click()
    await expect(page.locator("[data-person=anna]")).to_contain_text("投诉建议")
    await expect(desk.locator(".agent-queues")).to_contain_text("投诉建议")  # without loading it again
    await desk.close()
    await page.get_by_test_id("add-person").click()
    await page.get_by_test_id("person-name").fill("新同事")
    await page.get_by_test_id("person-login").fill("newbie")
    await page.get_by_test_id("queue-general").check()
    await page.get_by_test_id("save-person").click()
    password = await page.get_by_test_id("first-password").inner_text()
    newcomer = await boss.beside()
    origin = {"Origin": boss.origin}
    login = await newcomer.context.request.post(
        f"{boss.origin}/api/v1/session", data={"login": "newbie", "password": password}, headers=origin
    )
    assert login.ok
    seat = await newcomer.context.request.post(f"{boss.origin}/api/v1/agent/seat", headers=origin)
    assert seat.ok, "account, extension, queues and telephone: one action"
    entry = await boss.context.request.get(f"{boss.origin}/api/v1/accounts")
    newbie = next(one for one in await entry.json() if one["login"] == "newbie")
    assert (newbie["queues"], bool(newbie["extension"])) == ({"general": 1}, True)
    await page.close()

    # What was done stands in the audit, in both languages; the address keeps what was asked.
    trail = await boss.open("/audit?kind=account")
    changed = trail.locator("[data-action='account.changed']")
    await expect(changed).to_contain_text("坐席anna")
    await expect(changed).to_contain_text("→ 投诉建议 1")
    await speak(trail, "EN")
    await expect(changed).to_contain_text("Account changed")
    await chosen(trail, "filter-kind", "Sign-ins")
    await expect(trail.locator("[data-action='session.opened']").first).to_contain_text("新同事")
    assert trail.url.endswith("/audit?kind=session")
    async with trail.expect_download() as waiting:
        await trail.get_by_test_id("export").click()
    assert "Signed in" in Path(await (await waiting.value).path()).read_text(encoding="utf-8-sig")
    await speak(trail, "中文")
    await trail.close()


async def test_a_customer_is_found_by_number_and_by_name_and_kept_up(office: Office) -> None:
    page = await office.boss.open("/customers")
    await expect(page.get_by_test_id("customer-line")).to_have_text(["示例客户松01"])
    await page.get_by_test_id("customer-new").click()
    await page.get_by_test_id("new-name").fill("王小明")
    await page.get_by_test_id("new-number").fill("138 0000 0001")
    await page.get_by_test_id("new-number").press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("号码 13800000001 属于另一位客户")
    await page.get_by_test_id("new-number").fill("13900000002")
    await page.get_by_test_id("new-number").press("Enter")
    await expect(page.get_by_test_id("customer-name")).to_have_value("王小明")

    await page.goto(f"{office.boss.origin}/customers")
    await page.keyboard.press("/")
    for typed, found in (("0000002", ["王小明"]), ("客户松", ["示例客户松01"]), ("没有此人", [])):
        await page.get_by_test_id("customer-search").fill(typed)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("customer-line")).to_have_text(found)
        await page.keyboard.press("/")
    await expect(page.locator("tbody")).to_contain_text("没有符合条件的客户")
    await page.get_by_test_id("customer-search").fill("小明")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("customer-line")).to_have_text(["王小明"])
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")

    await page.get_by_test_id("customer-company").fill("小明印刷厂")
    await page.keyboard.press("Tab")
    await page.get_by_test_id("customer-notes").fill("周三下午方便")
    await page.get_by_test_id("customer-no-calls").click()
    await page.get_by_test_id("number").fill("12")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("customer-refused")).to_contain_text("号码不正确")
    await page.keyboard.press("Escape")
    office.boss.complaints[:] = [one for one in office.boss.complaints if not re.search(r"40[09]|422", one)]
    await speak(page, "EN")
    await expect(page.locator("header .ant-tag")).to_have_text("No calls")
    await page.reload()
    await expect(page.get_by_test_id("customer-company")).to_have_value("小明印刷厂")
    await expect(page.get_by_test_id("customer-notes")).to_have_value("周三下午方便")
    await expect(page.get_by_test_id("customer-contacts")).to_have_text("No calls")
    await page.goto(f"{office.boss.origin}/customers?q=%E5%8D%B0%E5%88%B7")
    await expect(page.locator("tbody tr.ant-table-row")).to_have_count(1)
    await expect(page.locator("tbody tr.ant-table-row")).to_contain_text("Chinese")
    await speak(page, "中文")
    await page.close()


async def test_return_visits_that_are_due_are_ticked_off_with_what_came_of_them(
    office: Office, database: Database
) -> None:
    now, customers = SystemClock().now(), []
    talked = await contact(database, now, answered_at=now, ended_at=now, answered_by=office.ids["bert"])
    async with database.write() as session:
        for n, (name, late) in enumerate((("晚了的客户", LATE_DAYS), ("今天的客户", 0), ("下周的客户", -7))):
            phones = (Phone(number=f"1370000000{n}"),)
            made = await create(session, now, name=name, phones=phones, owner_account_id=office.ids["anna"])
            session.add(ReturnVisit(id=new_id(), customer_id=made, due_on=office.day(-late), created_at=now))
            customers.append(made)
    page = await office.anna.open("/visits")
    rows = page.get_by_test_id("visit")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_contain_text(re.compile(f"逾期 {LATE_DAYS} 天.*晚了的客户.*13700000000.*坐席anna"))
    await expect(rows.nth(1)).to_contain_text(re.compile("今天.*今天的客户.*待回访"))
    called = update(ReturnVisit).where(ReturnVisit.customer_id == customers[1])
    async with database.write() as session:
        await session.execute(called.values(contact_id=talked, calling_since=now))
    await page.reload()
    await expect(rows.nth(1)).to_contain_text("坐席bert已通话，结果未填")
    await expect(page.get_by_test_id("visit-figures")).to_have_count(0)  # they are for leads
    await rows.nth(0).get_by_test_id("visit-close").click()
    await page.get_by_role("dialog").get_by_text("客户谢绝").click()
    await page.get_by_test_id("visit-note").fill("暂时不需要")
    await page.get_by_role("dialog").get_by_role("button", name="保存").click()
    await expect(rows).to_have_count(1)
    await page.get_by_test_id("visit-views").get_by_text("未来两周").click()
    await expect(rows).to_contain_text(["下周的客户"])
    await page.get_by_test_id("visit-views").get_by_text("已结束").click()
    await expect(rows).to_contain_text([re.compile("晚了的客户.*客户谢绝.*坐席anna.*暂时不需要")])
    assert page.url.endswith("/visits?view=closed")
    await speak(page, "EN")
    await expect(rows).to_contain_text(["Declined"])
    await page.get_by_test_id("visit-views").get_by_text("My customers").click()
    await expect(rows).to_contain_text([re.compile("Today.*今天的客户.*坐席bert talked; no result yet")])
    await speak(page, "中文")
    await page.close()
    board = await office.boss.open("/visits")
    month = board.get_by_test_id("visit-figures").locator("tr")
    await expect(month.nth(1)).to_contain_text("100 %")
    await expect(month.filter(has_text="谢绝")).to_contain_text("1")
    await board.close()


async def test_the_day_the_month_and_the_weeks_to_come_are_read_and_taken_away(
    office: Office, database: Database
) -> None:
    month, origin = last_month(office.day(0)), office.boss.origin
    made = await office.boss.context.request.post(
        f"{origin}/api/v1/reports/monthly", data={"month": f"{month:%Y-%m}"}, headers={"Origin": origin}
    )
    assert made.ok, await made.text()
    came = await office.calls(database, {-7: (True,), -1: (True, True, False)})
    page = await office.boss.open("/reports")
    rows = page.get_by_test_id("rows")
    await expect(rows).to_contain_text("这段时间没有记录")
    await page.keyboard.press("2")  # yesterday
    for tile, said in (("offered", "3"), ("answered", "2"), ("connect_rate", "66.6%"), ("abandoned", "1")):
        await expect(page.get_by_test_id(f"tile-{tile}").locator("b")).to_have_text(said)
    await printed(page, rows.locator("table"))
    await chosen(page, "interval", "合计")
    await expect(rows.locator("tr.ant-table-row")).to_contain_text([re.compile("人工服务.*3.*2.*66.6%")])
    await speak(page, "EN")
    await expect(page.get_by_test_id("tile-connect_rate")).to_contain_text("Connect rate")
    await expect(rows.locator("tr.ant-table-row")).to_contain_text(["General"])
    await speak(page, "中文")
    async with page.expect_download() as waiting:
        await page.get_by_text("导出 XLSX").click()
    sheet = load_workbook(io.BytesIO(Path(await (await waiting.value).path()).read_bytes())).active
    assert sheet is not None
    assert "人工服务" in [cell.value for row in sheet.iter_rows() for cell in row]
    await rows.get_by_role("link", name="人工服务").click()
    await expect(page.locator("tbody tr.ant-table-row")).to_have_count(3)
    assert page.url.endswith(f"/contacts?queue=general&from={office.day(-1)}&to={office.day(-1)}")
    await page.go_back()
    for by, named in (("热线", "客服热线"), ("线路", "演示线路")):
        await chosen(page, "by", by)
        await rows.locator("tr.ant-table-row").filter(has_text=named).get_by_role("link", name="2", exact=True).click()
        await expect(page.locator("tbody tr.ant-table-row")).to_have_count(2)
        await expect(page.locator(".contact-filter")).to_contain_text(re.compile(f"来电已接.*{named}"))
        await page.go_back()
    await days_are_typed(page, office.day(-7), office.day(-2))
    await expect(page.get_by_test_id("tile-offered").locator("b")).to_have_text("1")

    await page.get_by_test_id("views").get_by_text("预测与人力").click()
    days = page.get_by_test_id("forecast").locator("tr.ant-table-row")
    await expect(days).to_have_count(14)
    await expect(page.get_by_test_id("forecast")).to_contain_text("按最近 1 周同一时段的来电推算；平均处理 2:00")
    # What yesterday brought comes again in six days.
    await expect(days.nth(6).locator("td").nth(1)).to_have_text("3")
    await days.nth(6).get_by_role("button").press("Enter")
    await expect(page.get_by_role("link", name="去排班")).to_have_attribute("href", f"/roster?day={office.day(6)}")
    # Nothing is on record yet of breaks and absence; then the house says how much of its time nobody can take calls.
    lost = page.get_by_test_id("shrinkage")
    await expect(lost).to_contain_text("人力损耗 19.2%：在岗 15.0% (默认值；记录不足（0 天）)")
    await expect(days.nth(6).locator("td").nth(3)).to_contain_text(re.compile(r"接电话 1 \+ 小休与缺勤 1 = 2$"))
    await lost.get_by_role("button", name="明细").click()
    for part in ("在岗损耗", "缺勤损耗"):
        await page.get_by_role("spinbutton", name=part).fill("0")
    await page.get_by_role("dialog").get_by_role("button", name="保存").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(lost).to_contain_text("人力损耗 0.0%：在岗 0.0% (本中心设定)")
    await expect(days.nth(6).locator("td").nth(3)).to_have_text("1")
    await speak(page, "EN")
    await expect(lost).to_contain_text("Shrinkage 0.0%: in office 0.0% (as the house set it)")
    await expect(page.get_by_test_id("forecast")).to_contain_text("Busiest half hour")
    await speak(page, "中文")

    came |= await office.calls(database, {(month + timedelta(days=14) - office.day(0)).days: (True,)})
    await page.get_by_test_id("views").get_by_text("月报").click()
    kept = page.get_by_test_id("monthly").locator("tr.ant-table-row", has_text=f"{month:%Y-%m}")
    await expect(kept.locator("td").nth(2)).to_have_text("0")
    await kept.get_by_role("button", name="重新生成").click()
    await page.get_by_role("dialog").get_by_role("button", name="重新生成").click()
    of_month = [fate for day, fates in came.items() if f"{day:%Y-%m}" == f"{month:%Y-%m}" for fate in fates]
    await expect(kept.locator("td").nth(2)).to_have_text(str(len(of_month)))
    await kept.get_by_role("link", name="全中心").click()
    sections = page.get_by_test_id("monthly-report").locator("section")
    await expect(sections).to_have_count(7)
    figures = sections.first.locator("tbody tr")
    await expect(figures).to_have_count(1)
    await expect(figures.locator("td").nth(3)).to_have_text(str(sum(of_month)))
    await speak(page, "EN")
    await expect(sections.locator("h3").first).to_have_text("Overview")
    await speak(page, "中文")
    await printed(page, sections.locator("table").nth(1))
    await page.close()


async def test_the_wall_shows_who_waits_and_that_nobody_is_there(office: Office) -> None:
    wall = await office.boss.open("/wallboard")
    waiting = wall.get_by_test_id("wall-tile-waiting")
    await expect(waiting.locator("b")).to_have_text("0")
    await expect(wall.get_by_test_id("wall-general")).to_contain_text("0 / 0")
    desk = await office.anna.open("/agent")
    await expect(desk.get_by_test_id("phone-line")).to_have_attribute("data-line", "registered", timeout=20_000)
    await expect(wall.get_by_test_id("wall-agents-away")).to_be_visible()
    phone = await office.boss.open("/phone")
    await phone.get_by_test_id("phone-dial").click()
    await expect(phone.get_by_test_id("phone-state")).to_have_attribute("data-state", "talking", timeout=20_000)
    await expect(wall.get_by_test_id("wall-tile-lines").locator("b")).to_have_text("1/ 90")
    await sounds(phone)
    await phone.get_by_test_id("key-0").click()
    await expect(waiting.locator("b")).to_have_text("1")
    await expect(wall.get_by_test_id("wall-general").locator("td").nth(1)).to_have_text("1")
    some_time = re.compile(r"^0:(0[1-9]|[1-5]\d)$")
    await expect(wall.get_by_test_id("wall-general").locator("td").nth(2)).to_have_text(some_time)
    await wall.get_by_role("button", name="English").click()
    await expect(waiting).to_contain_text(re.compile("Waiting.*Longest wait 0:"))
    await wall.get_by_role("button", name="中文").click()
    await desk.get_by_test_id("ready").click()
    await desk.get_by_test_id("answer").click()
    await expect(wall.get_by_test_id("wall-agents-talking").locator("b")).to_have_text("1")
    await expect(waiting.locator("b")).to_have_text("0")
    await phone.get_by_test_id("phone-hang-up").click()
    await expect(wall.get_by_test_id("wall-agents-wrap_up").locator("b")).to_have_text("1")
    await expect(wall.get_by_test_id("wall-tile-connect")).to_contain_text("放弃 0 / 1")
    for page in (phone, desk, wall):
        await page.close()
    stranger = await office.boss.beside()
    unknown = await stranger.open("/wallboard#token=nobody")
    await expect(unknown.get_by_role("status")).to_have_text("此大屏的令牌已失效，请联系运维")


async def escalated(office: Office, database: Database) -> None:
    """The boss is told of a case that stands still."""
    request, origin = office.boss.context.request, office.boss.origin
    me = await (await request.get(f"{origin}/api/v1/session")).json()
    body = {"subject": "三号机不出纸", "kind": "fault"}
    case = await (await request.post(f"{origin}/api/v1/cases", data=body, headers={"Origin": origin})).json()
    async with database.write() as session:
        about = {"number": case["number"], "trigger": "reply", "level": 1, "after_minutes": 30}
        session.add(CaseNotice(id=new_id(), account_id=me["account_id"], at=SystemClock().now(), **about))


async def test_all_that_is_on_each_page_can_be_read_has_a_name_and_comes_in_its_turn(
    office: Office, database: Database
) -> None:
    await escalated(office, database)
    page, wrong = await office.boss.open("/staff"), {}
    notice = page.get_by_test_id("case-notice")
    for path in PAGES:
        await page.goto(f"{office.boss.origin}{path}")
        await expect(page.locator(".shell-page > *, main.wall tbody tr").first).to_be_visible()
        await expect(page.locator(".ant-spin-spinning, .ant-skeleton")).to_have_count(0)
        wrong[path] = await faults(page)
        if path != "/wallboard":
            await expect(page.locator(".shell-head").locator(notice)).to_contain_text("三号机不出纸")
    assert wrong == {path: [] for path in PAGES}
    await page.keyboard.press("Alt+g")
    await expect(notice).to_have_count(0)
