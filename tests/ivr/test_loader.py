"""The loader tells every mistake with its place, and never falls over whatever the bytes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ivr.commands import flows as flows_commands
from callcenter.ivr.loader import MAX_PROBLEMS, FlowErrors, compile_files, load
from callcenter.ivr.said import static_prompts
from callcenter.ivr.schemas import SCHEMAS
from callcenter.ivr.simulate import run_tests, simulate

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
        compile_files({"main.yaml": data, "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES}, recorded=())
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


CASES = [
    ("next: ask", "next: aks", "main.yaml:6:11: there is no step `aks`; did you mean `ask`?"),
    ("start: hello", "start: hallo", "main.yaml:2:8: there is no step `hallo`; did you mean `hello`?"),
    ("queue: general", "queue: genral", "main.yaml:12:12: step `wait`: queue: no queue `genral` in queues.yaml"),
    ("{1: wait}", "{1: wait, 1: wait}", "main.yaml:9:21: step `ask`: keys: `1` stands twice (first in line 9)"),
    ("{1: wait}", "{11: wait}", "main.yaml:9:12: step `ask`: keys: `11` is no key; keys are 0 to 9, * and #"),
    ("    next: ask", "    netx: ask", "main.yaml:6:5: step `hello`: `netx` is not known here; did you mean `next`?"),
    ("    next: ask\n", "", "main.yaml:5:5: step `hello`: `next` is missing"),
    ("play: Hello.", "pley: Hello.", "main.yaml:4:3: step `hello`: does not say what it does; did you mean `play`?"),
    ("play: Hello.", "play: Hello.\n    queue: general", "main.yaml:4:3: step `hello`: says both `play` and `queue`"),
    ("on_fail: wait", "attempts: many", "main.yaml:10:15: step `ask`: attempts: a whole number from 1 to 10"),
    ("on_fail: wait", "timeout: soon", "main.yaml:10:14: step `ask`: timeout: a time is expected"),
    ("on_fail: wait", "timeout: 5h", "18000 s is out of range"),
    ("    next: ask", "    next: hello", "main.yaml:4:3: step `hello`: goes round without ever asking the caller"),
    ("flow: main", "flow: &a main", "main.yaml:1:7: anchors are not allowed"),
    ("flow: main", "flow: !!python/name:os.system main", "main.yaml:1:7: tags such as"),
    ("steps:", "steps: [", "main.yaml:5:9: not valid YAML"),
    ("Hello.", "Hello {name}.", "main.yaml:5:11: variable `name` is never set"),
    ("Hello.", "您好 {caller|numbers}", "main.yaml:5:11: step `hello`: `|numbers` is not known"),
    ("Hello.", "{file: hello.wav}", "main.yaml:5:18: there is no recorded prompt `hello.wav` in prompts/"),
    ("Hello.", "{file: ../../etc/passwd}", "leaves the prompts folder"),
    ("Hello.", "{fr: Bonjour.}", "`fr` is not known here"),
    ("    next: ask", "    label: {}\n    next: ask", "main.yaml:6:12: step `hello`: label: no words"),
    ("    next: ask", "    label: {fr: Bon}\n    next: ask", "main.yaml:6:13: step `hello`: label: `fr` is not known"),
    ("    next: ask", "    label: [a]\n    next: ask", "main.yaml:6:12: step `hello`: label: a text is expected"),
    ("queue: general", "branch: [{when: caller = 1, go: ask}]\n    else: ask", "compare with =="),
    (
        "queue: general",
        "branch: [{when: caller > 1, go: ask}]\n    else: ask",
        "12:21: step `wait`: when: a text is compared",
    ),
    ("queue: general", "branch: [{when: open('x'), go: ask}]\n    else: ask", "`open` is not a function here"),
    ("queue: general", "hours: office\n    open: ask\n    closed: ask", "no calendar `office`"),
    ("queue: general", "hours: {week: {mon-fri: 9-25}}\n    open: ask\n    closed: ask", "hours are expected"),
    ("queue: general", "subflow: main\n    next: end", "flow `main` calls itself through `main`"),
    ("queue: general", "subflow: other\n    next: end", "there is no flow `other`"),
    ("queue: general", "transfer: {hotline: 123}", "no hotline 123 in hotlines.yaml"),
    ("queue: general", "lookup: {weather: x}\n    found: ask\n    not_found: ask", "what is looked up is not clear"),
    (
        "queue: general",
        "gather: x\n    store: pin\n    secret: true\n    confirm: true\n    next: ask",
        "secret digits must not be read back",
    ),
    (
        "queue: general",
        "gather: x\n    store: pin\n    secret: true\n    next: b\n  b: {hangup: 'It was {pin}.'}",
        "variable `pin` is secret",
    ),
    (
        "queue: general",
        "gather: x\n    store: pin\n    secret: true\n    next: b\n  b: {set: {copy: '{pin}'}, next: ask}",
        "variable `pin` is secret",
    ),
]


@pytest.mark.parametrize(("old", "new", "says"), CASES, ids=[says[-40:] for _, _, says in CASES])
def test_each_mistake_is_told_with_its_place_and_its_mend(old: str, new: str, says: str) -> None:
    lines = errors_of(GOOD.replace(old, new, 1))
    assert any(says in line for line in lines), "\n".join(lines)


def test_all_mistakes_are_told_at_once() -> None:
    broken = GOOD.replace("next: ask", "next: aks").replace("queue: general", "queue: no").replace("{1:", "{x:")
    lines = errors_of(broken)
    assert sum(any(part in line for line in lines) for part in ("`aks`", "`no`", "`x`")) == 3


def test_a_step_that_nothing_leads_to_is_an_error() -> None:
    assert any("step `lost`: no step leads here" in line for line in errors_of(GOOD + "  lost:\n    hangup: Bye.\n"))


def test_columns_count_characters_not_bytes() -> None:
    line = next(line for line in errors_of(GOOD.replace("{1: wait}", "{1: wait, 您好: wait}")) if "您好" in line)
    assert line.startswith("main.yaml:9:21:")


def test_yes_no_and_times_are_texts() -> None:
    flows = compile_files(
        {"main.yaml": GOOD.replace("Hello.", "no").encode(), "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES}
    )
    assert [prompt.text for prompt in static_prompts(flows) if prompt.text == "no"] == ["no"]


def test_a_caller_who_presses_nothing_and_never_gets_out_is_a_warning() -> None:
    text = GOOD.replace("on_fail: wait", "on_fail: hello")
    flows = compile_files({"main.yaml": text.encode(), "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES})
    assert any("a caller who presses nothing goes round here (hello → ask)" in str(line) for line in flows.warnings)


def test_a_loop_through_a_subflow_that_asks_is_no_loop() -> None:
    asking = "flow: sub\nstart: s\nsteps:\n  s: {menu: x, keys: {1: end}, on_fail: bye}\n  bye: {hangup: }\n"
    telling = "flow: sub\nstart: s\nsteps:\n  s: {play: x, next: end}\n"
    main = "flow: main\nstart: a\nsteps:\n  a: {subflow: sub, next: a}\n"
    base = {"main.yaml": main.encode(), "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES}
    compile_files({**base, "sub.yaml": asking.encode()})
    with pytest.raises(FlowErrors, match="goes round without ever asking"):
        compile_files({**base, "sub.yaml": telling.encode()})


def test_a_yml_file_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "main.yml").write_text(GOOD)
    with pytest.raises(FlowErrors, match=r"flow files end in \.yaml; rename it to main\.yaml"):
        load(tmp_path)


WRONG = {
    "flow": GOOD.replace("next: ask", "netx: ask").replace("{1:", "{'1':"),
    "hotlines": "'4008001': {flow: main, trunks: north}",
    "queues": "general: {ring_timeot: 20s}",
    "hours": "calendars: {day: {shift: [early]}}",
}


def with_text_keys(value: Any) -> Any:
    """JSON's keys are texts; YAML's may be numbers and dates."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(inner) for key, inner in value.items()}
    return [with_text_keys(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_editors_schemas_take_what_we_ship_and_refuse_a_wrong_key(kind: str) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS[kind]())
    validator.check_schema(SCHEMAS[kind]())
    for path in (Path(__file__).parents[2] / "ivr_flows").glob("*.yaml"):
        if path.stem == kind or (kind == "flow" and path.stem not in SCHEMAS):
            data = with_text_keys(yaml.safe_load(path.read_text(encoding="utf-8")))
            assert not list(validator.iter_errors(data)), path.name
    assert list(validator.iter_errors(yaml.safe_load(WRONG[kind])))


def test_the_schemas_are_printed_and_written_for_editors(tmp_path: Path) -> None:
    runner = CliRunner()
    assert json.loads(runner.invoke(flows_commands, ["schema"]).output)["title"] == "Call flow"
    assert json.loads(runner.invoke(flows_commands, ["schema", "queues"]).output)["title"] == "Queues"
    assert runner.invoke(flows_commands, ["schema", "--into", str(tmp_path / "schemas")]).exit_code == 0
    assert {path.name for path in (tmp_path / "schemas").iterdir()} == {f"{kind}.schema.json" for kind in SCHEMAS}


@pytest.mark.parametrize("broken", ["queues.yaml", "hotlines.yaml", "hours.yaml"])
def test_a_file_that_cannot_be_read_is_told_once_and_not_at_each_name_of_it(broken: str) -> None:
    with pytest.raises(FlowErrors) as caught:
        compile_files({**{name: "\n".join(text).encode() for name, text in _FILES.items()}, broken: b"a: [\n"})
    assert [problem.file for problem in caught.value.problems] == [broken]


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


@pytest.mark.parametrize(
    "damaged",
    [
        "".join(f"  s{n}: {{play: x, next: m{n}x}}\n" for n in range(12_000)),
        "  s0: {menu: x, keys: {1: s0}, branch: ["
        + ", ".join(f"{{when: a{n} > 1, go: b{n}}}" for n in range(9_000))
        + "]}",
        "  s0: {" + ", ".join(f"k{n}: 1" for n in range(20_000)) + "}\n",
        "  s0: {play: '" + "{a}{b|c}" * 100 + "', next: end}\n" * 3_000,
        "".join(f"  s{n}: {{play: x, next: s{n + 1}}}\n" for n in range(12_000)),
    ],
    ids=["steps that lead nowhere", "branches", "keys", "slots", "a long chain"],
)
def test_a_file_that_is_wrong_everywhere_is_told_in_seconds(damaged: str) -> None:
    began = time.process_time()
    found = errors_of(f"flow: main\nstart: s0\nsteps:\n{damaged}")
    assert time.process_time() - began < 10
    assert 0 < len(found) <= MAX_PROBLEMS + 1


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


_FILES = {
    path.name: path.read_text(encoding="utf-8").splitlines()
    for path in (Path(__file__).parents[2] / "ivr_flows").glob("*.yaml")
}
_ODD = st.sampled_from(
    ["", "[]", "{}", "null", "true", "-1", "1e9", "[[1]]", "{a: {b: c}}", "'{x}'", "= 1 +", "*", "é" * 2000]
)


@st.composite
def _damaged(draw: st.DrawFn) -> dict[str, bytes]:
    """The flows we ship with a few lines gone, doubled, moved, indented otherwise or given another value."""
    lines = {name: list(text) for name, text in _FILES.items()}
    for _ in range(draw(st.integers(1, 6))):
        text = lines[draw(st.sampled_from(sorted(lines)))]
        at = draw(st.integers(0, len(text) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "indent", "value"])):
            case "drop" if len(text) > 1:
                del text[at]
            case "double":
                text.insert(at, text[at])
            case "swap":
                text[at], text[at - 1] = text[at - 1], text[at]
            case "indent":
                text[at] = draw(st.sampled_from(["  ", "    ", ""])) + text[at].strip()
            case _:
                text[at] = text[at].partition(":")[0] + ": " + draw(_ODD)
    return {name: "\n".join(text).encode() for name, text in lines.items()}


@given(_damaged())
def test_a_damaged_flow_is_told_with_places_or_still_walks(files: dict[str, bytes]) -> None:
    try:
        flows = compile_files(files)
    except FlowErrors as error:
        assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in error.problems)
        return
    run_tests(flows)
    for flow in flows.flows:
        assert simulate(flows, flow, keys="w5 1 2 w30 0 done hangup").end
