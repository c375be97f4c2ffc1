"""What keeps people from reading or reaching something on a page, as the browser shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.async_api import Page

_FAULTS: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").partition("\n")[2]
_STILL: Final = """async () => {
  const ends = (one) => one.playState === "running" && one.effect.getComputedTiming().endTime !== Infinity;
  const under = () => document.getAnimations().filter(ends);
  for (let times = 0; times < 9; times++) {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    if (!under().length) return;
    await Promise.allSettled(under().map((one) => one.finished));
  }
}"""
"""What is only on its way to its colour is looked at when it is there."""


async def faults(page: Page) -> list[str]:
    """Text with less contrast than WCAG 2.1 AA asks for (4.5, large 3), what can be used and has no name, and whatever
    puts itself before its turn in the order of the Tab key. What is disabled, and text on stripes, is left out."""
    await page.evaluate(_STILL)
    return list(await page.evaluate(_FAULTS))
