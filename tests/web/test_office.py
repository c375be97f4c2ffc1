"""Somebody new is one action on the staff page; what is changed there of an agent counts while they work."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from callcenter.access.roles import Role
from callcenter.drill.own import own_system
from tests.web.looks import faults
from tests.web.people import AGENT_HZ, NEEDS_PAGES, ROOT, hire, person, staff, tone

pytestmark = list(NEEDS_PAGES)
PAGES = (
    "/agent", "/supervisor", "/roster", "/staff", "/audit", "/contacts", "/customers", "/callbacks", "/messages",
    "/ops", "/ops/health", "/phone",
)  # fmt: skip


async def test_a_new_agent_can_work_at_once_and_a_queue_given_shows_on_a_running_page(
    migrated: str, tmp_path: Path
) -> None:
    async with own_system(web_dir=str(ROOT / "web" / "dist"), database_url=migrated) as system:
        await staff(system.settings)
        await hire(system.settings, boss=Role.SUPERVISOR)
        voice = tone(tmp_path / "a.wav", AGENT_HZ)
        async with person(system, "anna", voice) as anna, person(system, "boss", voice) as boss:
            desk = await anna.open("/agent")
            await expect(desk.locator(".agent-queues")).to_contain_text("人工服务")
            await expect(desk.locator(".agent-queues")).not_to_contain_text("投诉建议")
            page = await boss.open("/staff")
            await page.get_by_test_id("edit-anna").click()
            await page.get_by_test_id("queue-complaint").check()
            await page.get_by_test_id("save-person").click()
            await expect(page.locator("[data-person=anna]")).to_contain_text("投诉建议")
            await expect(desk.locator(".agent-queues")).to_contain_text("投诉建议")  # without loading it again
            await page.get_by_test_id("add-person").click()
            await page.get_by_test_id("person-name").fill("新同事")
            await page.get_by_test_id("person-login").fill("newbie")
            await page.get_by_test_id("queue-general").check()
            await page.get_by_test_id("save-person").click()
            password = await page.get_by_test_id("first-password").inner_text()
            made = await anna.browser.new_context()
            origin = {"Origin": anna.origin}
            login = await made.request.post(
                f"{anna.origin}/api/v1/session", data={"login": "newbie", "password": password}, headers=origin
            )
            assert login.ok
            seat = await made.request.post(f"{anna.origin}/api/v1/agent/seat", headers=origin)
            assert seat.ok, "account, extension, queues and telephone: one action"
            entry = await boss.context.request.get(f"{boss.origin}/api/v1/accounts")
            newbie = next(one for one in await entry.json() if one["login"] == "newbie")
            assert (newbie["queues"], bool(newbie["extension"])) == ({"general": 1}, True)

            # What was done stands in the audit, in both languages; the address keeps what was asked.
            trail = await boss.open("/audit?kind=account")
            changed = trail.locator("[data-action='account.changed']")
            await expect(changed).to_contain_text("坐席anna")
            await expect(changed).to_contain_text("→ 投诉建议 1")
            await trail.get_by_text("EN", exact=True).click()
            await expect(changed).to_contain_text("Account changed")
            await trail.get_by_test_id("filter-kind").click()
            await trail.locator(".ant-select-item-option", has_text="Sign-ins").click()
            await expect(trail.locator("[data-action='session.opened']").first).to_contain_text("新同事")
            assert trail.url.endswith("/audit?kind=session")
            async with trail.expect_download() as waiting:
                await trail.get_by_test_id("export").click()
            assert "Signed in" in Path(await (await waiting.value).path()).read_text(encoding="utf-8-sig")
            await trail.get_by_text("中文", exact=True).click()

            # All that is on each page can be read, has a name, and comes in its turn.
            wrong = {}
            for path in PAGES:
                await page.goto(f"{boss.origin}{path}")
                await expect(page.locator(".shell-page > *").first).to_be_visible()
                await expect(page.locator(".ant-spin-spinning, .ant-skeleton")).to_have_count(0)
                wrong[path] = await faults(page)
            assert wrong == {path: [] for path in PAGES}
