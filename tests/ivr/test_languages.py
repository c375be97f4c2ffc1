"""Words that are missing in a language that callers can have chosen are told, exactly where they will be heard."""

from __future__ import annotations

import pytest

from callcenter.ivr.languages import arrivals
from tests.ivr.support import HOTLINES, SHIPPED, flows_of

MAIN = """\
flow: main
start: hello
language: zh-CN
keys: {0: person}
steps:
  hello: {play: 您好, next: ask}
  ask:
    menu: {zh-CN: 请按键, en: Press a key}
    keys: {1: help, 9: english}
    on_fail: bye
  english: {language: en, next: ask}
  help: {subflow: sub, next: told}
  told: {play: 好的, next: end}
  person: {queue: general, announce: {zh-CN: 请稍候, en: Please hold}}
  bye: {hangup: {zh-CN: 再见, en: Goodbye}}
"""
SUB = """\
flow: sub
start: say
steps:
  say: {label: {zh-CN: 播报}, play: {zh-CN: 说, en: Say}, next: end}
"""
SEEN = "add `en: …`; until then one sees it in Chinese"
HEARD = "add `en: …`; until then one hears it in Chinese"


def warnings_of(main: str, **more: str | bytes) -> list[str]:
    return [str(warning) for warning in flows_of(main, **more).warnings]


def test_only_what_is_heard_in_the_other_language_is_told() -> None:
    """The greeting comes before the choice: nobody hears it in English."""
    assert warnings_of(MAIN, sub=SUB) == [
        f"main.yaml:13:16: step `told`: nothing in English, which callers can have chosen here; {HEARD}",
        f"sub.yaml:4:16: step `say`: label: nothing in English, which callers can have chosen here; {SEEN}",
    ]


def test_a_hotline_in_english_hears_the_whole_flow_in_it() -> None:
    found = warnings_of(MAIN, sub=SUB, hotlines='"4008001": {flow: main, language: en, greeting: {zh-CN: 您好}}')
    assert [warning.partition(": ")[0] for warning in found] == [
        "hotlines.yaml:1:49", "main.yaml:6:17", "main.yaml:13:16", "sub.yaml:4:16",
    ]  # fmt: skip


def test_the_words_of_a_wait_are_needed_where_callers_wait() -> None:
    comfort = "general: {comfort: {zh-CN: 请等候}}\nsecond: {comfort: 请等候}\n"
    assert [w for w in warnings_of(MAIN, sub=SUB, queues=comfort) if w.startswith("queues")] == [
        f"queues.yaml:1:20: queue `general`: comfort: nothing in English, which callers can have chosen here; {HEARD}"
    ]


def test_a_language_goes_along_into_another_hotlines_flow() -> None:
    other = "flow: other\nstart: a\nsteps:\n  a: {play: 这里, next: end}\n"
    lines = HOTLINES.decode() + '"4008002": {flow: other}\n'
    away = MAIN.replace("help: {subflow: sub, next: told}", 'help: {transfer: {hotline: "4008002"}}').replace(
        "  told: {play: 好的, next: end}\n", ""
    )
    assert [w.split(": ")[0] for w in warnings_of(away, other=other, hotlines=lines)] == ["other.yaml:4:13"]


def test_a_language_chosen_in_a_subflow_is_brought_back() -> None:
    sub = "flow: sub\nstart: a\nsteps:\n  a: {language: en, next: end}\n"
    main = "flow: main\nstart: s\nsteps:\n  s: {subflow: sub, next: b}\n  b: {hangup: 再见}\n"
    flows = flows_of(main, sub=sub)
    assert arrivals(flows.flows, flows.hotlines)["main", "b"] == {"en"}
    assert [str(w).split(": ")[0] for w in flows.warnings] == ["main.yaml:5:15"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_everything_we_ship_is_said_and_shown_in_both(language: str) -> None:
    assert SHIPPED.warnings == ()
    places = arrivals(SHIPPED.flows, SHIPPED.hotlines)
    assert all(language in places[flow, "bye"] for flow in ("main", "complaints"))
    for flow in SHIPPED.flows.values():
        assert all(step.label and step.label_en for step in flow.steps.values()), flow.name
