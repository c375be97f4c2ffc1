"""The promise to call again, made on the desk during a call and seen by the lead."""

from __future__ import annotations

from playwright.async_api import expect

from tests.web.people import NEEDS_PAGES
from tests.web.test_pages import Scene, answered, at_work, dial, scene, shot

pytestmark = list(NEEDS_PAGES)
__all__ = ["scene"]


async def test_a_return_visit_is_promised_during_the_call(scene: Scene) -> None:
    desk = await at_work(scene)
    await dial(scene, "0")
    await answered(desk)
    await desk.get_by_test_id("later").click()
    await desk.get_by_title("回访", exact=True).click()
    await desk.get_by_test_id("later-note").fill("问问是否修好")
    await shot(desk, "later-zh")
    await desk.get_by_test_id("lang-switch").get_by_text("EN").click()
    await shot(desk, "later-en")
    await desk.get_by_test_id("lang-switch").get_by_text("中文").click()
    await desk.get_by_test_id("later-keep").click()
    await expect(desk.get_by_test_id("later-kept")).to_contain_text("已登记回访")
    board = await scene.customer.open("/callbacks")  # signed in as a lead
    await expect(board.get_by_test_id("return-visit")).to_be_visible()
    await expect(board.get_by_test_id("callback")).to_contain_text("坐席anna")
    await shot(board, "callbacks-zh")
    await board.get_by_test_id("lang-switch").get_by_text("EN").click()
    await shot(board, "callbacks-en")
