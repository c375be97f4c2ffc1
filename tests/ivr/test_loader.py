"""The loader tells every mistake with its place, and never falls over whatever the bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ivr.loader import FlowErrors, compile_files, load

QUEUES = b"general: {title: General}\n"
HOTLINES = b'"4008001": {title: Line, flow: main}\n'
GOOD = """\
flow: main
start: hello
steps:
  hello:
    play: Hello.
    next: ask
  ask:
    menu: Press one.
    keys: {1: wait}
    on_fail: wait
  wait:
    queue: general
"""


def errors_of(flow: str | bytes) -> list[str]:
    data = flow.encode() if isinstance(flow, str) else flow
    with pytest.raises(FlowErrors) as caught:
        compile_files({"main.yaml": data, "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES})
    return [str(problem) for problem in caught.value.problems]


def test_the_flows_we_ship_load() -> None:
    flows = load(Path(__file__).parents[2] / "ivr_flows")
    assert {"4008001", "4008009"} <= flows.hotlines.keys()
    assert flows.hotlines["4008009"].drill


def test_the_version_follows_the_bytes() -> None:
    files = {"main.yaml": GOOD.encode(), "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES}
    first = compile_files(files).version
    assert compile_files(dict(reversed(files.items()))).version == first
    assert compile_files({**files, "main.yaml": GOOD.encode() + b"\n"}).version != first


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("next: ask", "next: aks", "main.yaml:5:5: step `hello`: there is no step `aks`; did you mean `ask`?"),
        ("start: hello", "start: hallo", "main.yaml:2:8: flow: there is no step `hallo`; did you mean `hello`?"),
        ("queue: general", "queue: genral", "there is no queue `genral` in queues.yaml; did you mean `general`?"),
        ("{1: wait}", "{1: wait, 1: wait}", "`1` stands twice (first in line 9); keep one"),
        ("{1: wait}", "{11: wait}", "a key is one of 0-9, * or #, not `11`"),
        ("    next: ask", "    netx: ask", "`netx` is not known; did you mean `next`?"),
        ("play: Hello.", "say: Hello.", "must have exactly one of play, menu"),
        ("on_fail: wait", "attempts: many", "`attempts` must be a whole number from 1 to 10"),
        ("on_fail: wait", "timeout: soon", "`timeout` must be a time such as 5s"),
        ("    next: ask", "    next: hello", "loops without ever asking the caller"),
        ("flow: main", "flow: &a main", "anchors and aliases are not allowed"),
        ("steps:", "steps: [", "not valid YAML"),
    ],
)
def test_each_mistake_is_told_with_its_place_and_its_mend(old: str, new: str, says: str) -> None:
    assert any(says in line for line in errors_of(GOOD.replace(old, new, 1)))


def test_all_mistakes_are_told_at_once() -> None:
    broken = GOOD.replace("next: ask", "next: aks").replace("queue: general", "queue: no")
    assert len(errors_of(broken)) >= 3  # two wrong targets, and `ask` that nothing leads to any more


def test_a_step_that_nothing_leads_to_is_an_error() -> None:
    assert any("no other step leads here" in line for line in errors_of(GOOD + "  lost:\n    hangup: Bye.\n"))


def test_a_missing_hotlines_file_is_told() -> None:
    with pytest.raises(FlowErrors, match=r"hotlines\.yaml:1:1: this file is missing"):
        compile_files({"main.yaml": GOOD.encode(), "queues.yaml": QUEUES})


def test_a_bomb_is_refused() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert errors_of(bomb)
    assert errors_of("[" * 100_000)
    assert errors_of(b"x" * 600_000)


_SCRAPS = st.sampled_from(
    [
        "flow: main\n",
        "steps:\n",
        "  a:\n",
        "    play: x\n",
        "    keys: {1: a}\n",
        "{",
        "]",
        "? ",
        "&a ",
        "*a",
        "\x00",
        "- ",
        "!!python/x ",
        "\t",
    ]
)


@given(st.binary(max_size=300) | st.lists(_SCRAPS, max_size=30).map(lambda parts: "".join(parts).encode()))
def test_whatever_the_bytes_the_answer_is_a_flow_set_or_a_list_of_problems(data: bytes) -> None:
    for name in ("main.yaml", "queues.yaml", "hotlines.yaml"):
        files = {"main.yaml": GOOD.encode(), "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES, name: data}
        try:
            compile_files(files)
        except FlowErrors as error:
            assert error.problems
