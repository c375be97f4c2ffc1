"""An agent dials from the page: the own telephone answers by itself, the customer is on the line, the outcome is there
to write; a busy line says so; a lead sees who is to be called back and cancels it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from array import array
from pathlib import Path

from playwright.async_api import Page, expect

from callcenter.drill.own import free_ports, own_system
from callcenter.recording.wav import header
from tests.support.far import Far
from tests.web.people import AGENT_HZ, CUSTOMER_HZ, NEEDS_PAGES, ROOT, Person, hears, person, staff, tone

pytestmark = list(NEEDS_PAGES)
SHOTS = os.environ.get("CALLCENTER_SHOTS")
"""A folder for pictures, for those who want to look."""


WAYLESS = """(() => {
  const told = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, "localDescription").get;
  Object.defineProperty(RTCPeerConnection.prototype, "localDescription", { get() {
    const said = told.call(this);
    if (!said || !window.wayless) return said;
    const name = /a=ice-ufrag:(\\S+)/.exec(said.sdp)[1];
    this.firstName ??= name;
    if (name !== this.firstName) return said;
    return { type: said.type, sdp: said.sdp.replace(/a=ice-pwd:\\S+/g, "a=ice-pwd:" + "x".repeat(24)) };
  } });
})()"""
"""A page that, once ``wayless`` is set, tells the switch a wrong word at first: the sound of its calls finds no way
until another is agreed on."""


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        for language, word in (("zh", "中文"), ("en", "EN")):
            await page.get_by_test_id("lang-switch").get_by_text(word, exact=True).click()
            await page.screenshot(path=f"{SHOTS}/{name}-{language}.png")
        await page.get_by_test_id("lang-switch").get_by_text("中文", exact=True).click()


def at_any_hour(folder: Path) -> Path:
    """The shipped flows, but customers may be called whenever the test runs."""
    shutil.copytree(ROOT / "ivr_flows", folder)
    hours = folder / "hours.yaml"
    text = hours.read_text(encoding="utf-8")
    assert "daily: 09:00-20:30" in text
    hours.write_text(text.replace("daily: 09:00-20:30", "daily: 00:00-24:00"), encoding="utf-8")
    return folder


def message_is_left(data_dir: Path) -> None:
    """As the fallback leaves it."""
    sound, folder = array("h", [9000, -9000] * 12000).tobytes(), data_dir / "asterisk" / "voicemail"
    part = folder / "1767574800-17675748007-4008001-13800000001.wav.part"
    part.write_bytes(header(len(sound), 1) + sound)
    part.rename(part.with_suffix(""))


async def message_is_called_back(anna: Person, desk: Page, far: Far) -> None:
    """What a caller left is called back from its list: the agent's own telephone, the customer, the outcome, done."""
    far.manner = "answer"
    far.answered.clear()
    far.over.clear()
    await desk.evaluate("window.wayless = true")
    listed = await anna.open("/messages")
    await listed.locator("tbody tr.ant-table-row").filter(has_text="13800000001").click(timeout=60_000)
    message = listed.get_by_test_id("message")
    await message.get_by_test_id("call-back").click()
    await asyncio.wait_for(far.answered.wait(), 20)
    await expect(desk.get_by_test_id("state")).to_have_attribute("data-state", "talking")
    await expect(desk.locator(".agent-caller header")).to_contain_text("示例客户松01")
    assert far.numbers[-1] == "13800000001"
    assert "4008001" in far.invites[-1].get("From"), "the hotline that the caller had dialled is shown"
    speaking = asyncio.create_task(far.speak(60, CUSTOMER_HZ))
    fault = desk.get_by_test_id("sound-fault")
    await expect(fault).to_have_attribute("data-fault", "closed")
    assert await hears(desk, CUSTOMER_HZ, 30) > 0.5, "a way is looked for once more: the customer is heard"
    await expect(fault).to_have_count(0)
    speaking.cancel()
    await desk.get_by_test_id("hang-up").click()
    await asyncio.wait_for(far.over.wait(), 20)
    await desk.locator(".agent-dispositions label").first.click()
    await desk.get_by_test_id("note").fill("已回电，问题已解决")
    await desk.get_by_test_id("save-outcome").click()
    await expect(desk.get_by_test_id("outcome-saved")).to_be_visible()
    await message.get_by_role("textbox").fill("已回电")
    await message.get_by_test_id("mark-done").click()
    await expect(message.get_by_test_id("message-note")).to_have_text("已回电")
    await shot(listed, "message-called-back")


async def what_was_not_heard_is_seen(lead: Person) -> None:
    """The call of whose customer nothing came: an incident that leads to it, how each side sounded, the day of all."""
    health = await lead.open("/ops/health")
    await expect(health.locator("[data-source=demo]")).to_be_visible()
    incident = health.locator("[data-kind=no_sound]")
    await expect(incident).to_have_count(1)
    await expect(incident).to_contain_text("线路 demo 上的客户没有声音")
    await shot(health, "no-sound")
    await incident.get_by_role("link").click()
    # No outcome was written: whose number was called is known all the same.
    await expect(health.get_by_test_id("contact-customer")).to_have_text("示例客户松01")
    sounds = health.get_by_test_id("sounds")
    await expect(sounds.locator("[data-party=customer]")).to_have_attribute("data-sound", "none")
    await expect(sounds.locator("[data-party=agent]")).to_have_attribute("data-sound", re.compile("good|fair|poor"))
    await shot(health, "sounds")


async def who_wants_no_calls_is_called_only_by_a_second_word(anna: Person, desk: Page, far: Far) -> None:
    """The service refuses; the page asks, and the answer that calls is not the one a hasty Enter gives."""
    body = {"name": "示例客户勿扰", "no_calls": True, "phones": [{"number": "13800000025"}]}
    made = await anna.context.request.post(
        f"{anna.origin}/api/v1/customers", data=body, headers={"Origin": anna.origin}
    )
    assert made.status == 201, await made.text()
    for sure in (False, True):
        await desk.get_by_test_id("dial-number").fill("13800000025")
        await desk.get_by_test_id("dial-number").press("Enter")
        asked = desk.get_by_role("dialog")
        await expect(asked).to_contain_text("不希望接到电话")
        await expect(asked.get_by_role("button", name="不打")).to_be_focused()
        if sure:
            await asked.get_by_role("button", name="仍要拨打").click()
        else:
            await desk.keyboard.press("Enter")
            await expect(asked).to_have_count(0)
            assert "13800000025" not in far.numbers
    called = desk.get_by_test_id("dialled").locator("li").first
    await expect(called).to_contain_text("0025")
    await expect(called).to_contain_text("对方忙")
    assert far.numbers[-1] == "13800000025"
    await desk.get_by_test_id("wrap-up-done").click()


async def test_an_agent_calls_a_customer_and_a_lead_looks_after_call_backs(migrated: str, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    far = Far(port)
    await far.open()
    settings = {"web_dir": str(ROOT / "web" / "dist"), "demo_trunk": f"127.0.0.1:{port}"}
    async with own_system(**settings, database_url=migrated, flows_dir=str(at_any_hour(tmp_path / "flows"))) as system:
        await staff(system.settings)
        message_is_left(system.settings.data_dir)  # looked for every 20 s, so that it is there when it is wanted
        voice = tone(tmp_path / "a.wav", AGENT_HZ)
        async with person(system, "anna", voice) as anna, person(system, "lead", voice) as lead:
            await anna.context.add_init_script(WAYLESS)
            page = await anna.open("/agent")
            await expect(page.get_by_test_id("phone-line")).to_have_attribute("data-line", "registered")
            await expect(page.get_by_test_id("dial-hotline")).to_contain_text("显示上次联系的热线，或 4008001")
            await page.get_by_test_id("dial-number").fill("138 0000 0001")
            await page.get_by_test_id("dial-number").press("Enter")
            await asyncio.wait_for(far.answered.wait(), 20)
            await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "talking")
            await expect(page.locator(".agent-caller header")).to_contain_text("示例客户松01")
            await expect(page.get_by_test_id("call-time")).not_to_be_empty()
            assert far.numbers == ["13800000001"]
            assert "4008001" in far.invites[0].get("From"), "the hotline's number is shown"
            # The telephone outside is silent until it is called again: the agent is told in the call, and what to do.
            await expect(page.get_by_test_id("sound-fault")).to_have_attribute("data-fault", "deaf")
            await shot(page, "talking")
            await page.get_by_test_id("hang-up").click()
            await asyncio.wait_for(far.over.wait(), 20)
            await expect(page.get_by_test_id("dialled")).to_contain_text("已接通")
            await expect(page.locator(".agent-outcome")).to_be_visible()
            await page.get_by_test_id("wrap-up-done").click()

            far.manner = "busy"
            await page.get_by_test_id("dialled").get_by_role("button").first.click()
            await expect(page.get_by_test_id("dialled")).to_contain_text("对方忙")
            await page.get_by_test_id("wrap-up-done").click()
            await page.get_by_test_id("dial-number").fill("110")
            await page.get_by_test_id("dial").click()
            await expect(page.locator(".ant-message")).to_contain_text("紧急号码")
            await shot(page, "refused")

            await who_wants_no_calls_is_called_only_by_a_second_word(anna, page, far)
            await message_is_called_back(anna, page, far)

            # Nobody serves this queue now: the place waits.
            made = await lead.context.request.post(
                f"{lead.origin}/api/v1/callbacks",
                data={"number": "13800000001", "queue": "complaint", "hotline": "4008002"},
                headers={"Origin": lead.origin},
            )
            assert made.status == 201, await made.text()
            listed = await lead.open("/callbacks")
            await expect(listed.get_by_test_id("callback")).to_contain_text("示例客户松01")
            await listed.get_by_test_id("callback-now").click()
            await expect(listed.locator(".ant-message")).to_contain_text("队首")
            await shot(listed, "callbacks")
            await listed.get_by_test_id("callback-cancel").click()
            await listed.get_by_role("button", name="取消回电").click()
            await expect(listed.get_by_text("没有待回电的客户")).to_be_visible()
            calls = await anna.open("/contacts")
            await expect(calls.get_by_text("13800000001").first).to_be_visible()
            await what_was_not_heard_is_seen(lead)
    far.close()
