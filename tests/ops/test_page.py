"""The operations page in a real browser on a running system: a mistake, its mend, going live, going back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from callcenter.db.embedded import EmbeddedPostgres
from callcenter.drill.own import OwnSystem
from tests.web.people import NEEDS_PAGES, ops_system, person

pytestmark = [*NEEDS_PAGES, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(
    postgres: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OwnSystem]:
    """One for the file."""
    async with ops_system(tmp_path_factory.mktemp("ops"), postgres, migrated_template) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def page(system: OwnSystem) -> AsyncIterator[Page]:
    async with person(system, "ops", viewport={"width": 1500, "height": 900}) as ops:
        yield await ops.open("/ops")


async def confirm(page: Page) -> None:
    """Say yes to the question that is open, and wait until it is gone."""
    asked = page.locator(".ant-popconfirm:not(.ant-popover-hidden)")
    await asked.locator(".ant-btn-primary").click()
    await expect(asked).to_have_count(0)


async def type_at(page: Page, line: int, text: str) -> None:
    """Put the cursor at the end of a line and type."""
    content = page.locator(".cm-content")
    await content.click()
    await page.keyboard.press("Control+Home")
    for _ in range(line - 1):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("End")
    await page.keyboard.type(text)
    await page.keyboard.press("Escape")


async def test_a_flow_is_edited_refused_mended_made_live_and_rolled_back(page: Page, system: OwnSystem) -> None:
    await expect(page.locator('[data-step="main_menu"]')).to_be_visible()
    version = page.get_by_test_id("version")
    first = await version.inner_text()

    await type_at(page, 14, "x")
    problems = page.get_by_test_id("problems")
    await expect(problems).to_contain_text("main.yaml:14:11")
    await expect(problems).to_contain_text("main_menux")
    await expect(page.locator(".cm-lint-marker-error")).to_be_visible()
    await expect(page.get_by_test_id("save")).to_be_disabled()

    await page.keyboard.press("Backspace")
    await type_at(page, 3, " today")
    await expect(page.get_by_test_id("save")).to_be_enabled()
    await page.get_by_test_id("save").click()
    await expect(page.locator(".ops-diff .add")).to_contain_text(["+title_en: Service hotline today"])
    await page.locator("#confirm-save").click()
    await expect(version).not_to_have_text(first)
    flows = Path(system.settings.flows_dir)
    assert "Service hotline today" in (flows / "main.yaml").read_text(encoding="utf-8")

    # The other files are completed and marked as flows are.
    await page.locator(".ops-tools .ant-select").click()
    await page.locator(".ant-select-item-option", has_text="queues.yaml").click()
    await expect(page.locator(".cm-content")).to_contain_text("service_level")
    await type_at(page, 3, "")
    await page.keyboard.press("Enter")
    await page.keyboard.type("strat")
    # Clicked: the editor takes no key for a list that has only just come up.
    await page.locator(".cm-tooltip-autocomplete li", has_text="strategy").first.click()
    await expect(page.locator(".cm-content")).to_contain_text("strategy:")
    await page.keyboard.type("fastest")
    await page.keyboard.press("Escape")
    await expect(problems).to_contain_text("queues.yaml:4:13")
    await expect(page.locator(".cm-lint-marker-error")).to_be_visible()
    await page.locator(".ops-tools .ant-btn", has_text=re.compile("放弃修改|Discard")).click()
    await confirm(page)

    await page.get_by_role("tab", name=re.compile("历史版本|Versions")).click()
    await page.get_by_test_id("roll-back-1").click()
    await confirm(page)
    await expect(version).to_have_text(first)
    assert "Service hotline today" not in (flows / "main.yaml").read_text(encoding="utf-8")


async def test_a_prompt_is_spoken_into_the_browser_and_the_simulator_walks(page: Page) -> None:
    await page.get_by_role("tab", name=re.compile("提示音|Prompts")).click()
    row = page.locator("tr.ant-table-row").first
    await row.get_by_role("button", name=re.compile("录\\s*音|Record")).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name=re.compile("^录\\s*音$|^Record$")).click()
    await expect(dialog).to_contain_text(re.compile("录音中 [1-9] 秒|Recording, [1-9] s"))
    await dialog.get_by_role("button", name=re.compile("停\\s*止|Stop")).click()
    await dialog.get_by_role("button", name=re.compile("使用这段录音|Use this recording")).click()
    await expect(row).to_contain_text(re.compile("人工录音|recording"))

    await page.get_by_role("tab", name=re.compile("试走|Try it")).click()
    for name in ("0", re.compile("完\\s*成|done")):
        await page.get_by_role("button", name=name, exact=isinstance(name, str)).click()
    await expect(page.get_by_test_id("path").locator("li.step")).to_have_count(3)
    await expect(page.get_by_test_id("end")).to_have_text("waits:rate")
