"""How a call and each part of it ended is shown to people: never as a code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAID = re.compile(
    r'(?:\b(?:result|reason|end_reason)=|\b(?:end|end_by_us|_not_reached|beside)\(call, (?:now, )?)"([a-z_]+)"'
)
ENDS = re.compile(r"ends: \{(.*?)\}", re.DOTALL)


def test_the_codes_are_found() -> None:
    assert {"completed", "switch_lost", "agent_ended", "exit_key", "took_over"} <= codes()


def codes() -> set[str]:
    return {code for file in (ROOT / "callcenter" / "calls").glob("*.py") for code in SAID.findall(file.read_text())}


@pytest.mark.parametrize("language", [0, 1], ids=["zh-CN", "en"])
def test_every_end_has_words(language: int) -> None:
    words = ENDS.findall((ROOT / "web" / "src" / "contacts" / "text.ts").read_text())[language]
    assert codes() - set(re.findall(r"(\w+):", words)) == set()
