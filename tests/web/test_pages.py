"""The whole centre tried as a newcomer does: a telephone in one tab, an agent's desk in another."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from callcenter.asterisk.packages import ensure
from callcenter.cases import repository as cases
from callcenter.drill.own import OwnSystem, own_system
from callcenter.ivr.messages import Prompt
from callcenter.ivr.prompts import PromptStore
from tests.support.heard import likeness
from tests.web.people import (
    AGENT_HZ,
    CUSTOMER_HZ,
    NEEDS_PAGES,
    ROOT,
    Person,
    channel_share,
    hears,
    person,
    sounds,
    staff,
    tone,
)

SHOTS = os.environ.get("SCREENSHOTS")
"""A folder to keep pictures of the screens in."""

pytestmark = list(NEEDS_PAGES)


@dataclass
class Scene:
    system: OwnSystem
    agent: Person
    customer: Person
    ids: dict[str, str]

    async def contact(self, call_id: str) -> dict[str, Any]:
        answer = await self.agent.context.request.get(f"{self.agent.origin}/api/v1/contacts/{call_id}")
        assert answer.ok, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found

    async def recording(self, call_id: str) -> Path:
        """The call's sealed recording, once it is sealed."""
        async with asyncio.timeout(20):
            while True:
                answer = await self.agent.context.request.get(
                    f"{self.agent.origin}/api/v1/contacts/{call_id}/recordings"
                )
                lines = await answer.json()
                if lines and lines[0]["status"] == "sealed":
                    return next(self.system.settings.recordings_dir.rglob(f"*{call_id}*.wav"))
                await asyncio.sleep(0.1)  # sealing tells nobody when it is done

    async def walked_to(self, step: str) -> str:
        """The customer's call, once its caller has come to this step."""
        async with asyncio.timeout(40):
            while True:
                call_id = await self.last_call()
                if any(entry["step"] == step for entry in (await self.contact(call_id))["menu_trace"]):
                    return call_id
                await asyncio.sleep(0.2)  # the database tells nobody when a call's trace has grown

    async def spoken(self, words: str) -> Path:
        """The sound of a prompt, as the service makes it."""
        toolbox = ensure(self.system.settings.cache_dir)
        store = PromptStore(self.system.settings.cache_dir, toolbox.command("espeak-ng"), toolbox.env)
        return await store.path(Prompt(text=words, language="zh-CN"))

    async def last_call(self) -> str:
        answer = await self.agent.context.request.get(f"{self.agent.origin}/api/v1/contacts?number=13800000001")
        found: str = (await answer.json())["contacts"][0]["id"]
        return found


@pytest.fixture
async def scene(migrated: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(own_system(web_dir=str(ROOT / "web" / "dist"), database_url=migrated))
        ids = await staff(system.settings)
        voices = {name: tone(tmp_path / f"{name}.wav", hz) for name, hz in (("a", AGENT_HZ), ("c", CUSTOMER_HZ))}
        agent = await stack.enter_async_context(person(system, "anna", voices["a"]))
        customer = await stack.enter_async_context(person(system, "lead", voices["c"]))
        yield Scene(system, agent, customer, ids)


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


async def state(page: Page, wanted: str) -> None:
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", wanted, timeout=20_000)


async def at_work(scene: Scene) -> Page:
    """The agent's desk, telephone registered, ready."""
    desk = await scene.agent.open("/agent")
    await expect(desk.get_by_test_id("phone-line")).to_have_attribute("data-line", "registered", timeout=20_000)
    await desk.get_by_test_id("ready").click()
    await state(desk, "ready")
    return desk


async def dial(scene: Scene, *keys: str) -> Page:
    """The customer's telephone, put through, keys pressed."""
    phone = await scene.customer.open("/phone")
    await expect(phone.get_by_test_id("phone-dial")).to_be_enabled()
    await phone.get_by_test_id("phone-dial").click()
    await expect(phone.get_by_test_id("phone-state")).to_have_attribute("data-state", "talking", timeout=20_000)
    await sounds(phone)
    for key in keys:
        await phone.get_by_test_id(f"key-{key}").click()
    return phone


async def answered(desk: Page) -> None:
    await expect(desk.get_by_test_id("answer")).to_be_enabled(timeout=30_000)
    await desk.get_by_test_id("answer").click()
    await state(desk, "talking")
    # The call comes to the page after the agent's state, and the keys that act on it with it.
    await expect(desk.get_by_test_id("call-note")).to_have_attribute("data-phase", "talking")


async def saved(desk: Page, note: str) -> None:
    await desk.locator(".agent-dispositions label").first.click()
    await desk.get_by_test_id("note").fill(note)
    await desk.get_by_test_id("save-outcome").click()
    await expect(desk.get_by_test_id("outcome-saved")).to_be_visible()


async def test_a_call_goes_from_a_telephone_to_an_agent_and_into_the_database(scene: Scene) -> None:
    desk = await at_work(scene)
    await shot(desk, "agent-ready")
    # What is on the screen when the telephone rings is noted by the page itself, in the moment of the ring.
    await desk.evaluate("""() => {
      const seen = () => document.querySelector('[data-testid="pop-customer"]')?.textContent ?? '';
      new MutationObserver(() => {
        const button = document.querySelector('[data-testid="answer"]');
        if (button && !button.disabled && window.atRing === undefined) window.atRing = seen();
      }).observe(document.body, {subtree: true, childList: true, attributes: true});
    }""")
    phone = await dial(scene, "1")
    await expect(desk.get_by_test_id("answer")).to_be_enabled(timeout=30_000)
    assert await desk.evaluate("window.atRing") == "示例客户松01", "the caller's record was there before the ring"
    await expect(desk.get_by_test_id("pop-path")).to_contain_text("业务咨询")
    await shot(desk, "agent-ringing")
    await answered(desk)

    assert await hears(desk, CUSTOMER_HZ) > 0.5, "the agent hears the customer"
    assert await hears(phone, AGENT_HZ) > 0.5, "the customer hears the agent"
    await desk.keyboard.press("Alt+m")
    await expect(desk.get_by_test_id("muted")).to_contain_text("客户听不到您")
    await desk.keyboard.press("Alt+m")
    await expect(desk.get_by_test_id("muted")).to_have_count(0)
    await desk.keyboard.press("Alt+k")
    await expect(desk.locator(".keypad")).to_be_focused()
    await desk.keyboard.press("Escape")
    await expect(desk.locator(".keypad")).to_have_count(0)
    await desk.get_by_test_id("hold").click()
    await state(desk, "hold")
    await desk.get_by_test_id("hold").click()
    await state(desk, "talking")
    assert await hears(phone, AGENT_HZ) > 0.5, "the customer hears the agent again"

    for key in ("Alt+1", "Alt+n"):
        await desk.keyboard.press(key)
    await desk.keyboard.type("首次来电，已答复。")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.get_by_test_id("outcome-saved")).to_be_visible()
    call_id = await scene.last_call()
    written = await scene.contact(call_id)
    assert [(one["note"], one["agent_id"]) for one in written["outcomes"]] == [
        ("首次来电，已答复。", scene.ids["anna"])
    ], "the outcome is there while the call still goes on"
    await shot(desk, "agent-talking")
    await desk.get_by_test_id("hang-up").click()
    await state(desk, "wrap_up")
    await desk.get_by_test_id("open-case").click()
    await desk.get_by_test_id("save-outcome").click()
    await expect(desk.get_by_test_id("case-number")).to_contain_text("100 001")
    await shot(desk, "agent-wrap-up")
    await desk.get_by_test_id("wrap-up-done").click()
    await state(desk, "ready")
    await phone.get_by_test_id("phone-hang-up").click()
    await expect(phone.get_by_test_id("phone-state")).to_have_attribute("data-state", "none")

    path = await scene.recording(call_id)
    assert channel_share(path, 0, CUSTOMER_HZ) > 0.5, "the customer is on the left"
    assert channel_share(path, 1, AGENT_HZ) > 0.5, "the agent is on the right"
    assert channel_share(path, 0, AGENT_HZ) < 0.1
    assert channel_share(path, 1, CUSTOMER_HZ) < 0.1

    record = await scene.agent.open(f"/contacts/{call_id}")
    await expect(record.get_by_test_id("contact-customer")).to_have_text("示例客户松01")
    await expect(record.get_by_test_id("trace")).to_contain_text("主菜单")
    await expect(record.get_by_test_id("outcome")).to_contain_text("首次来电，已答复。")
    await expect(record.get_by_test_id("case")).to_contain_text("100001")
    case = await scene.agent.open("/cases/100001")
    await case.get_by_test_id("case-to-working").click()
    await expect(case.get_by_test_id("case-state")).to_have_attribute("data-state", "working")
    await case.get_by_test_id("case-comment").fill("已派工程师")
    await case.keyboard.press("Control+Enter")
    await expect(case.get_by_test_id("case-history").locator("li").first).to_contain_text("已派工程师")
    await expect(case.get_by_test_id("case-calls")).to_contain_text("首次来电，已答复。")
    await shot(case, "case")
    await case.close()
    await expect(record.get_by_test_id("recording")).to_be_visible()
    await record.get_by_test_id("play").click()
    await expect(record.get_by_test_id("played")).not_to_have_text(re.compile(r"^0:00 /"))
    await shot(record, "contact")
    await record.get_by_test_id("lang-switch").get_by_text("EN").click()
    await expect(record.get_by_test_id("segments")).to_contain_text("Talk")
    await shot(record, "contact-en")
    await record.get_by_test_id("lang-switch").get_by_text("中文").click()
    await expect(record.get_by_test_id("routing")).to_have_count(0)
    led = await scene.customer.open(f"/contacts/{call_id}")
    await expect(led.get_by_test_id("routing")).to_contain_text("坐席anna接到")
    await shot(led, "contact-lead")
    await led.get_by_test_id("contact-customer").get_by_role("link").click()
    await expect(led.get_by_test_id("customer-contacts")).to_contain_text("13800000001")
    await expect(led.get_by_test_id("customer-cases")).to_contain_text("100001")
    await led.get_by_test_id("customer-company").fill("松木五金")
    await led.get_by_test_id("customer-vip").click()  # leaving the field keeps it; the switch comes after it
    await expect(led.locator("header .ant-tag")).to_contain_text("VIP")
    await led.goto(f"{scene.agent.origin}/customers?q=0000001")
    await expect(led.locator("tbody")).to_contain_text("松木五金")
    await shot(led, "customers")
    await led.keyboard.press("j")
    await led.keyboard.press("Enter")
    await expect(led.get_by_test_id("customer-company")).to_have_value("松木五金")
    await shot(led, "customer")
    await led.close()
    await record.goto(f"{scene.agent.origin}/contacts")
    await expect(record.locator("tbody")).to_contain_text("13800000001")
    await shot(record, "contacts")
    await record.close()

    kept = await (await scene.agent.context.request.get(f"{scene.agent.origin}/api/v1/cases/100001")).json()
    changed = datetime.fromisoformat(kept["updated_at"]).astimezone(scene.system.settings.zone)
    await phone.close()
    again = await dial(scene, "3", *"100001", "hash", "1")
    asked_id = await scene.walked_to("further")
    await again.get_by_test_id("key-0").click()
    await answered(desk)
    await expect(desk.get_by_test_id("pop-last")).to_contain_text("首次来电，已答复。")
    await expect(desk.get_by_test_id("pop-case")).to_contain_text(re.compile("100001.*处理中.*首次来电，已答复。"))
    await expect(desk.get_by_test_id("pop-path")).to_contain_text(
        re.compile("进度查询.*查询.*100001.*播报进度.*人工服务")
    )
    await expect(desk.get_by_test_id("about-case")).to_contain_text("100001")
    await desk.keyboard.press("Alt+l")
    await expect(desk.get_by_test_id("about-case")).to_have_attribute("aria-pressed", "true")
    await desk.keyboard.press("Alt+1")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.get_by_test_id("outcome-saved")).to_be_visible()
    attached = [case["number"] for case in (await scene.contact(asked_id))["cases"]]
    assert attached == [100001], "the later call is about the same case"
    await shot(desk, "agent-case")
    await desk.get_by_test_id("lang-switch").get_by_text("EN").click()
    await expect(desk.get_by_test_id("pop-case")).to_contain_text("Working")
    assert re.findall(r"[\u4e00-\u9fff]+", await desk.get_by_test_id("pop-path").inner_text()) == []
    await shot(desk, "agent-case-en")
    await again.get_by_test_id("phone-hang-up").click()
    await state(desk, "wrap_up")

    heard = await scene.recording(asked_id)
    told = "编号 1 0 0 0 0 1 的事项{}，最近一次更新是" + f"{changed.year}年{changed.month}月{changed.day}日。"
    alike = {said: likeness(heard, 1, await scene.spoken(told.format(said))) for said, _ in cases.SAID.values()}
    assert max(alike, key=alike.__getitem__) == "正在处理", alike
    assert alike["正在处理"] > 0.6, "the caller was told how far the case is"


async def test_a_second_tab_takes_the_desk_over_and_the_lead_gives_it_a_caller_of_another_queue(scene: Scene) -> None:
    first = await at_work(scene)
    second = await scene.agent.open("/agent")
    await expect(second.get_by_test_id("take-over")).to_be_visible()
    await shot(second, "agent-occupied")
    await state(first, "ready")
    await second.get_by_test_id("take-over").click()
    await expect(first.get_by_test_id("take-over")).to_be_visible()
    await expect(second.get_by_test_id("phone-line")).to_have_attribute("data-line", "registered", timeout=20_000)
    if await second.get_by_test_id("ready").is_enabled():
        await second.get_by_test_id("ready").click()
    await state(second, "ready")

    # Nobody serves the queue, and a team lead decides who is to have the caller.
    floor = await scene.customer.open("/supervisor")
    await dial(scene, "2")
    await floor.get_by_test_id("caller").first.click()
    await floor.get_by_test_id("direct-first").click()
    await expect(floor.get_by_test_id("caller").first).to_contain_text("9")
    await floor.get_by_test_id("direct-queue").click()
    await floor.locator(".ant-select-item-option", has_text="夜间值班").click()
    await floor.get_by_test_id("direct-move").click()
    await expect(floor.get_by_role("dialog")).to_contain_text(re.compile("后由坐席lead转入“夜间值班"))
    await floor.get_by_test_id("direct-agent").click()
    await floor.locator(".ant-select-item-option", has_text="anna").click()
    await shot(floor, "supervisor-direct")
    await floor.get_by_test_id("direct-give").click()
    await answered(second)
    await expect(second.locator(".agent-caller")).to_contain_text("坐席lead")
    await expect(floor.get_by_test_id("direct")).to_have_count(0)
    await expect(floor.get_by_role("dialog")).to_contain_text("坐席lead指定由坐席anna接听")
    await second.get_by_test_id("lang-switch").get_by_text("EN").click()
    await expect(second.get_by_test_id("hang-up")).to_have_text("Hang up")
    await expect(second.get_by_test_id("state")).to_have_text("Talking")
    await shot(second, "agent-talking-en")
    assert re.findall(r"[\u4e00-\u9fff]+", await second.locator(".agent-side").inner_text()) == []


async def asks_before_it_closes(page: Page, asks: bool) -> None:
    """Until it does, or does not: the page changes that after it has shown the agent's state."""
    asked = "(asks) => dispatchEvent(new Event('beforeunload', {cancelable: true})) !== asks"
    await page.wait_for_function(asked, arg=asks)


async def return_visit_is_promised(scene: Scene, desk: Page) -> None:
    """During the call; the lead sees it."""
    await desk.get_by_test_id("later").click()
    await desk.get_by_title("回访", exact=True).click()
    await desk.get_by_test_id("later-note").fill("问问是否修好")
    await shot(desk, "later-zh")
    await desk.get_by_test_id("lang-switch").get_by_text("EN").click()
    await shot(desk, "later-en")
    await desk.get_by_test_id("lang-switch").get_by_text("中文").click()
    await desk.get_by_test_id("later-keep").click()
    await expect(desk.get_by_test_id("later-kept")).to_contain_text("已登记回访")
    board = await scene.customer.open("/callbacks")
    await expect(board.get_by_test_id("return-visit")).to_be_visible()
    await expect(board.get_by_test_id("callback")).to_contain_text("坐席anna")
    await shot(board, "callbacks-zh")
    await board.get_by_test_id("lang-switch").get_by_text("EN").click()
    await shot(board, "callbacks-en")
    await board.close()


async def test_the_desk_is_not_left_by_mistake_and_what_was_typed_outlives_a_reload(scene: Scene) -> None:
    desk = await at_work(scene)
    await asks_before_it_closes(desk, False)
    phone = await dial(scene, "0")
    await answered(desk)
    await desk.get_by_test_id("note").fill("要回访")
    await asks_before_it_closes(desk, True)  # the page carries the conversation
    async with desk.context.expect_page() as opened:
        await desk.get_by_role("link", name="来往记录").click()
    beside = await opened.value
    await expect(beside.locator("tbody")).to_contain_text("13800000001")
    await beside.close()
    await state(desk, "talking")
    await return_visit_is_promised(scene, desk)
    await phone.get_by_test_id("phone-hang-up").click()
    await state(desk, "wrap_up")
    await asks_before_it_closes(desk, False)
    await desk.reload()
    await state(desk, "wrap_up")
    await expect(desk.get_by_test_id("note")).to_have_value("要回访")
    await saved(desk, "要回访，周五前")
    written = await scene.contact(await scene.last_call())
    assert [one["note"] for one in written["outcomes"]] == ["要回访，周五前"]


async def test_a_call_is_handed_to_another_queue_and_the_story_goes_with_it(scene: Scene, tmp_path: Path) -> None:
    desk = await at_work(scene)
    async with person(scene.system, "bert", tmp_path / "a.wav") as bert:
        await dial(scene, "1")
        await answered(desk)
        other = await bert.open("/agent")
        await expect(other.get_by_test_id("phone-line")).to_have_attribute("data-line", "registered", timeout=20_000)
        await other.get_by_test_id("ready").click()
        await state(other, "ready")
        await desk.get_by_test_id("transfer").click()
        await desk.get_by_test_id("transfer-to").click()
        await desk.locator(".ant-select-item-option", has_text="人工服务").click()
        await desk.get_by_test_id("transfer-go").click()
        await state(desk, "wrap_up")
        await answered(other)
        await expect(other.locator(".agent-caller")).to_contain_text("坐席anna")
        await expect(other.get_by_test_id("pop-path")).to_contain_text("业务咨询")
