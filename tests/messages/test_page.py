"""The messages' page in a browser: what is new is counted, heard, seen to, and found again."""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from callcenter.drill.own import OwnSystem, own_system
from callcenter.recording.wav import header
from tests.web.people import AGENT_HZ, NEEDS_PAGES, ROOT, Person, person, staff, tone

SHOTS = os.environ.get("SCREENSHOTS")

pytestmark = list(NEEDS_PAGES)


@dataclass
class Scene:
    system: OwnSystem
    agent: Person

    async def shot(self, page: Page, name: str) -> None:
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}.png")


def messages_are_left(folder: Path) -> None:
    """As the fallback leaves them: by somebody with a number and by somebody without. The service looks for them every
    20 s, so they are there before a browser starts."""
    sound = array("h", [9000, -9000] * 12000).tobytes()
    for number in ("13800000001", ""):
        name = f"1767574800-1767574800{len(number)}-4008001-{number}.wav"
        (folder / f"{name}.part").write_bytes(header(len(sound), 1) + sound)
        (folder / f"{name}.part").rename(folder / name)


@pytest.fixture
async def scene(migrated: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(own_system(web_dir=str(ROOT / "web" / "dist"), database_url=migrated))
        await staff(system.settings)
        messages_are_left(system.settings.data_dir / "asterisk" / "voicemail")
        agent = await stack.enter_async_context(person(system, "anna", tone(tmp_path / "a.wav", AGENT_HZ)))
        yield Scene(system, agent)


async def test_a_message_left_while_the_service_was_away_is_heard_and_seen_to(scene: Scene) -> None:
    page = await scene.agent.open("/messages")
    badge = page.get_by_test_id("new-messages")
    rows = page.locator("tbody tr.ant-table-row")
    await scene.shot(page, "messages-none-zh")
    await expect(rows).to_have_count(2, timeout=60_000)
    await page.reload()
    await expect(badge).to_contain_text("2")
    row = rows.filter(has_text="13800000001")
    await expect(row).to_contain_text("示例客户松01")
    await scene.shot(page, "messages-zh")
    await row.click()
    message = page.get_by_test_id("message")
    await expect(row.get_by_test_id("message-state")).to_have_text("未听")
    await message.get_by_test_id("play").click()
    await expect(message.get_by_test_id("played")).to_contain_text("0:03 / 0:03", timeout=20_000)
    await expect(row.get_by_test_id("message-state")).to_have_text("已听")
    await expect(badge).to_contain_text("1")
    await message.get_by_test_id("call-back").click()
    refused = page.locator(".ant-message-warning")
    await expect(refused).to_contain_text(
        re.compile("请先打开坐席页面|不在允许致电客户的时间")  # asked for: there is no telephone here, or it is night
    )
    await message.get_by_role("textbox").fill("已回电，客户已知晓")
    await scene.shot(page, "messages-open-zh")
    await message.get_by_test_id("mark-done").click()
    await expect(message.get_by_test_id("message-note")).to_have_text("已回电，客户已知晓")
    await page.get_by_text("EN", exact=True).click()
    await page.reload()
    await expect(badge).to_contain_text("1")
    await expect(rows).to_have_count(1)
    await scene.shot(page, "messages-en")
    await page.get_by_text("Done", exact=True).first.click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("13800000001")
