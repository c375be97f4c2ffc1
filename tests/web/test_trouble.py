"""The Chinese of the service's sentences: each is one that the service still says."""

from __future__ import annotations

import re

from tests.web.people import ROOT


def test_every_sentence_put_into_chinese_is_one_of_the_service() -> None:
    pages = (ROOT / "web/src/shared/trouble.ts").read_text(encoding="utf-8")
    table = pages.partition("const SAID")[2].partition("};")[0]
    known = re.findall(r'^  "([^"]+)": ', table, re.MULTILINE)
    said = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "callcenter").rglob("*.py"))
    assert len(known) > 20
    assert [sentence for sentence in known if f'"{sentence}' not in said] == []
