"""Every deed that the code writes has its words, in both languages, and so has every field it tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from callcenter.access.audit import changes
from callcenter.access.deeds import Deed
from callcenter.acd.messages import AgentState
from callcenter.roster.coverage import HOUSE_MINIMUMS, Minimum
from callcenter.roster.tables import AbsenceRow, AssignmentRow
from callcenter.roster.told import absence_facts, minimum_facts, shifts_facts
from callcenter.trail.telling import Entry, Language, Line, Names, deed, lines, whom
from callcenter.trail.words import DEEDS, FIELDS, GROUPS, VALUES
from callcenter.watch.kinds import TITLES

SOURCE = Path(__file__).parents[2] / "callcenter"
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ANNA, BERT, CALL = "a" * 32, "b" * 32, "c" * 32
TOLD_ELSEWHERE = {"agent", "agent_id", "contact", "changes", "before", "after"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name not in ("deeds.py", "words.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_deed_has_words_and_a_group_and_somebody_who_writes_it() -> None:
    deeds = set(get_args(Deed))
    assert set(DEEDS) == deeds
    assert {one.partition(".")[0] for one in deeds} == set(GROUPS)
    written = {
        node.value
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in deeds
    }
    assert deeds - written == set(), "words for what nobody writes"
    for words in (
        *DEEDS.values(),
        *GROUPS.values(),
        *FIELDS.values(),
        *(w for of in VALUES.values() for w in of.values()),
    ):
        assert all(words)
        assert words[1].isascii()
    assert {state.value for state in AgentState} <= VALUES["state"].keys()


def test_every_field_that_an_entry_tells_has_words() -> None:
    told = {
        keyword.arg
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr, getattr(node.func.value, "id", "")) == ("record", "audit")
        for keyword in node.keywords
        if keyword.arg is not None
    }
    assert len(told) > 10
    assert told - TOLD_ELSEWHERE <= FIELDS.keys()


def test_every_kind_of_incident_has_a_title_that_the_audit_tells() -> None:
    page = (SOURCE.parent / "web" / "src" / "health" / "incidentText.ts").read_text(encoding="utf-8")
    told_there = set(re.findall(r"^  (\w+): \[\[", page, re.MULTILINE))
    assert told_there == TITLES.keys(), "what the health page says in Chinese, by kind"
    closed = entry("incident.resolved", "e" * 32, kind="trunk_down", note="")
    assert told(closed) == [("种类", None, "线路中断")]
    assert told(closed, "en") == [("Kind", None, "Trunk down")]


def entry(action: str, subject: str = "x", **detail: object) -> Entry:
    return Entry(id="1" * 32, at=AT, account_id=BERT, action=action, subject=subject, detail=detail)


NAMES = Names(
    accounts={ANNA: "安娜", BERT: "伯特"},
    contacts={CALL: "+8613800000001"},
    shifts={"early": ("早班", "Early")},
    queues={"general": ("人工服务", "General")},
)


def told(of: Entry, language: Language = "zh-CN") -> list[tuple[str, str | None, str]]:
    shown: list[Line] = lines(of, NAMES, language, ZoneInfo("Asia/Shanghai"))
    return [(one.field, one.before, one.after) for one in shown]


def test_a_change_is_told_before_and_after_in_words() -> None:
    before = {"role": "agent", "queues": {"general": 1}, "wrap_up_s": None, "active": True, "name": "安娜"}
    after = {**before, "role": "lead", "queues": {}, "wrap_up_s": 45, "active": False}
    changed = entry("account.changed", ANNA, changes=changes(before, after))
    assert whom(changed, NAMES, "zh-CN") == "安娜"
    assert told(changed) == [
        ("角色", "坐席", "班组长"),
        ("服务队列", "人工服务 1", "无"),
        ("话后秒数", "无", "45"),
        ("在用", "是", "否"),
    ]
    assert told(changed, "en")[:2] == [("Role", "agent", "team lead"), ("Queues", "General 1", "none")]
    assert deed("account.changed", "en") == "Account changed"


def test_who_was_listened_to_and_for_how_long() -> None:
    modes = [{"mode": "listen", "from": AT.isoformat(), "to": AT.replace(minute=5).isoformat()}]
    left = entry("supervision.ended", "d" * 32, agent=ANNA, contact=CALL, modes=modes, reason="call_over")
    assert (whom(left, NAMES, "zh-CN"), left.contact) == ("安娜", CALL)
    assert told(left) == [("经过", None, "监听 09:00:00–09:05:00"), ("原因", None, "通话结束")]


def test_the_roster_is_told_by_people_days_and_shifts() -> None:
    first, second = (
        AssignmentRow(id=str(n) * 32, account_id=who, day=date(2026, 3, n), shift="early", note="")
        for n, who in ((1, ANNA), (2, BERT))
    )
    assert told(entry("roster.set", **shifts_facts([first]))) == [("日期", None, "2026-03-01"), ("班次", None, "早班")]
    many = entry("roster.set", **shifts_facts([first, second]))
    assert told(many) == [("数量", None, "2"), ("班次", None, "安娜 2026-03-01 早班、伯特 2026-03-02 早班")]
    assert many.accounts == {ANNA, BERT}
    moved = entry("roster.moved", **shifts_facts([first]), changes={"shift": ["early", "late"]})
    assert told(moved) == [("班次", "早班", "late"), ("日期", None, "2026-03-01")], "what changed is told once"
    leave = AbsenceRow(account_id=ANNA, kind="sick", first_day=date(2026, 3, 1), last_day=date(2026, 3, 2))
    assert told(entry("roster.absence", **absence_facts(leave)), "en")[0] == ("Kind", None, "sick leave")
    fewer = changes(minimum_facts(HOUSE_MINIMUMS), minimum_facts([Minimum(begins=time(8), ends=time(20), need=6)]))
    assert told(entry("roster.minimums", changes=fewer)) == [
        ("最低人数", "08:00–20:00 ≥ 8、20:00–08:00 ≥ 2", "08:00–20:00 ≥ 6")
    ]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_another_version_wrote_is_shown_as_it_was_written(language: Language) -> None:
    strange = entry("teapot.warmed", cups=3, pot={"size": "big"}, changes="lots", before="cold", after="hot")
    assert deed(strange.action, language) == "teapot.warmed"
    assert (whom(strange, NAMES, language), strange.contact) == ("", None)
    assert [each[2] for each in told(strange, language)] == ["hot", "3", "big"]
    assert [each[2] for each in told(entry("roster.deleted", before="anna 2026-03-01 early"), language)] == [
        "anna 2026-03-01 early"
    ]
