"""Trying a flow offline, by function and from the command line; and what the commands print."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from callcenter.errors import BadRequest
from callcenter.ivr.commands import flows
from callcenter.ivr.simulate import run_tests, simulate
from tests.ivr.support import SHIPPED, flows_of

FOLDER = Path(__file__).parents[2] / "ivr_flows"


def test_the_path_is_what_a_person_would_hear() -> None:
    done = simulate(SHIPPED, "main", keys="w30 2 done", at="2026-11-23T10:00", caller="13800000001")
    heard = [line.text for line in done.lines if line.kind == "says"]
    assert heard[0].startswith("您好，欢迎致电")
    assert heard[1].startswith("业务咨询请按一")
    assert done.steps == ("welcome", "main_menu", "complaint")
    assert done.end == "queue:complaint"
    assert [line.seconds for line in done.lines] == sorted(line.seconds for line in done.lines)


@pytest.mark.parametrize(("word", "step"), [("done", "after"), ("fail", "instead")])
def test_a_transfer_is_printed_and_ends_as_told(word: str, step: str) -> None:
    flows = flows_of(
        "flow: main\nstart: out\nsteps:\n"
        "  out: {transfer: {number: '13800000002'}, announce: One moment., next: her, on_error: instead}\n"
        "  her: {transfer: {agent: '1003'}, next: after}\n  after: {hangup: Bye.}\n  instead: {hangup: Sorry.}\n"
    )
    there = simulate(flows, "main", keys="done")
    assert there.end == "transfer:13800000002"
    assert [line.text for line in there.lines if line.kind == "asks"] == ["is transferred to number 13800000002"]
    gone_on = simulate(flows, "main", keys=f"done {word} done done")
    assert gone_on.steps[-1] == step


def test_the_time_is_the_sites_and_decides_the_way() -> None:
    assert simulate(SHIPPED, "duty", keys="w60", at="2026-11-23T21:30").steps[1] == "night_menu"
    assert "day_menu" in simulate(SHIPPED, "duty", keys="w20", at="2026-11-23T10:00").steps


def test_a_lookup_answers_as_told() -> None:
    known = simulate(SHIPPED, "complaints", keys="w9", lookups={"customer": {"name": "王女士", "vip": True}})
    assert any("王女士" in line.text for line in known.lines if line.kind == "says")
    assert simulate(SHIPPED, "complaints", keys="w9").steps == ("who", "choose")


def test_secret_digits_are_not_shown() -> None:
    made = flows_of(
        "flow: main\nstart: a\nsteps:\n  a: {gather: x, store: pin, secret: true, digits: {min: 4, max: 4}, next: b}\n"
        "  b: {queue: general}\n"
    )
    done = simulate(made, "main", keys="9753")
    assert "9753" not in repr(done)
    assert [line.text for line in done.lines if line.kind == "key"] == ["•"] * 4


@pytest.mark.parametrize(
    ("flow", "keys", "at"), [("none", "", ""), ("main", "x1", ""), ("main", "", "soon"), ("main", "1 " * 501, "")]
)
def test_what_cannot_be_tried_is_told(flow: str, keys: str, at: str) -> None:
    with pytest.raises(BadRequest):
        simulate(SHIPPED, flow, keys=keys, at=at)


def test_a_test_that_fails_tells_the_way_that_was_walked() -> None:
    made = flows_of(
        "flow: main\nstart: a\nsteps:\n  a: {menu: x, keys: {1: b}, on_fail: b}\n  b: {queue: general}\n"
        "tests:\n  - {name: wrong, keys: 1, steps: [b, a]}\n  - {keys: 1, end: 'queue:second'}\n  - {keys: w1 q}\n"
    )
    count, problems = run_tests(made)
    assert count == 3
    assert [(problem.file, problem.line) for problem in problems] == [("main.yaml", n) for n in (7, 8, 9)]
    assert "the way was a → b" in problems[0].message
    assert "it ended in `queue:general`" in problems[1].message


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(flows, words)
    return done.exit_code, done.output


def test_check_prints_every_mistake_and_exits_one(tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    shutil.copytree(FOLDER, folder)
    assert run("check", str(folder))[0] == 0
    path = folder / "main.yaml"
    path.write_text(path.read_text().replace("next: main_menu", "next: mian_menu", 1).replace(": bye", ": gone", 1))
    code, said = run("check", str(path))
    assert code == 1
    assert "main.yaml:14:11: there is no step `mian_menu`; did you mean `main_menu`?" in said
    code, said = run("check", str(folder), "--json")
    assert code == 1
    assert [problem["line"] for problem in json.loads(said)] == [14, 82]


def test_simulate_prints_what_is_heard_or_json() -> None:
    words = ("simulate", "main", "--keys", "w1 1 done", "--at", "2026-11-23T21:30", "--folder", str(FOLDER))
    code, said = run(*words)
    assert code == 0
    assert "正在为您转接业务咨询" in said
    assert said.rstrip().endswith("= queue:consult")
    assert json.loads(run(*words, "--json")[1])["end"] == "queue:consult"
    assert run("simulate", "nothing", "--folder", str(FOLDER))[0] == 1


def test_the_schema_is_json() -> None:
    code, said = run("schema")
    assert code == 0
    assert json.loads(said)["title"] == "Call flow"
