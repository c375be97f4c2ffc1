"""How a call and each part of it ended is shown to people: never as a code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAID = re.compile(
    r"\b(?:(?:result|reason|end_reason)=|(?:end|end_by_us|_not_reached|beside)\(call, (?:now, )?)\"([a-z_]+)\""
    r"|\bwalk\.(?:end\(|close\([\w.]+, )\"([a-z_]+)\""
    r"|\bcause: str = \"([a-z_]+)\""
)
NOT_ENDS = {"asked"}
ENDS = re.compile(r"ends: \{(.*?)\}", re.DOTALL)


def test_the_codes_are_found() -> None:
    assert {"completed", "agent_ended", "exit_key", "took_over", "queue_overflow", "flow_ended"} <= codes()


def codes() -> set[str]:
    files = [file for room in ("calls", "ivr") for file in (ROOT / "callcenter" / room).glob("*.py")]
    return {code for file in files for found in SAID.findall(file.read_text()) for code in found if code} - NOT_ENDS


@pytest.mark.parametrize("language", [0, 1], ids=["zh-CN", "en"])
def test_every_end_has_words(language: int) -> None:
    words = ENDS.findall((ROOT / "web" / "src" / "contacts" / "text.ts").read_text())[language]
    assert codes() - set(re.findall(r"(\w+):", words)) == set()
