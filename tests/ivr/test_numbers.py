"""A number that may not be dialled is found where it is written, before a caller is to be put through to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from callcenter.ivr import site
from callcenter.ivr.commands import flows as flows_commands
from callcenter.ivr.loader import FlowErrors
from callcenter.ivr.registry import FlowRegistry
from callcenter.outbound.rules import DEFAULT_ALLOW, why_not
from tests.ivr.support import HOTLINES, QUEUES

FLOW = """\
flow: main
start: ask
steps:
  ask: {menu: 请按键, keys: {1: out, 2: back, 3: asked}, on_fail: end}
  out: {transfer: {number: "NUMBER"}, on_error: end}
  back: {callback: {queue: general, number: "02161234567"}}
  asked: {transfer: {number: "{caller}"}}
"""
CASES = [
    ("13800000001", None),
    ("01012345678", None),
    ("+12125550123", "`+12125550123` may not be dialled: the setting dial_out_allow does not hold it; add US:fixed to"),
    ("8008100000", "`8008100000` may not be dialled: the setting dial_out_allow does not hold it; add CN:tollfree to"),
    ("95588", "`95588` may not be dialled: the setting dial_out_allow does not hold it; add 95588 to"),
    ("110", "`110` is an emergency number: the caller must dial it; say so instead"),
    ("4008001", '`4008001` is a hotline of ours; write `hotline: "4008001"`: its flow is entered at once'),
    ("1", "`1` is no number that exists; write it as it is dialled here, or with + and the country"),
]


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queues.yaml").write_bytes(QUEUES)
    (tmp_path / "hotlines.yaml").write_bytes(HOTLINES)
    return tmp_path


def write(folder: Path, number: str) -> None:
    (folder / "main.yaml").write_text(FLOW.replace("NUMBER", number), encoding="utf-8")


@pytest.mark.parametrize(("number", "said"), CASES)
def test_the_check_tells_each_number_that_may_not_be_dialled(folder: Path, number: str, said: str | None) -> None:
    write(folder, number)
    done = CliRunner().invoke(flows_commands, ["check", str(folder)])
    if said is None:
        assert done.exit_code == 0, done.output
    else:
        assert f"main.yaml:5:28: step `out`: {said}" in done.output
        assert done.exit_code == 1


def test_the_number_of_a_callback_is_judged_and_the_callers_own_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "13800000001")
    monkeypatch.setenv("CALLCENTER_DIAL_OUT_ALLOW", "CN:mobile")
    told = json.loads(CliRunner().invoke(flows_commands, ["check", "--json", str(folder)]).output)
    assert [(each["line"], each["column"], each["severity"]) for each in told] == [(6, 45, "error")]


def test_warnings_are_in_the_list_and_fail_only_the_strict(folder: Path) -> None:
    write(folder, "13800000001")
    path = folder / "main.yaml"
    path.write_text(path.read_text().replace("3: asked}, on_fail: end", "3: asked}, on_fail: ask"))
    told = CliRunner().invoke(flows_commands, ["check", "--json", str(folder)])
    assert [each["severity"] for each in json.loads(told.output)] == ["warning"]
    assert told.exit_code == 0
    assert CliRunner().invoke(flows_commands, ["check", "--strict", str(folder)]).exit_code == 1


def test_a_hotlines_trunk_that_is_not_there_is_a_warning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "13800000001")
    (folder / "hotlines.yaml").write_text('"4008001": {flow: main, trunk: nroth}\n')
    trunks = folder / "trunks" / "trunks.yaml"
    trunks.parent.mkdir()
    trunks.write_text("north: {title: N, title_en: N, hosts: '192.0.2.1:5060', match: 192.0.2.1}\n")
    monkeypatch.setenv("CALLCENTER_TRUNKS_FILE", str(trunks))
    done = CliRunner().invoke(flows_commands, ["check", str(folder)])
    said = "warning: hotlines.yaml:1:32: hotline 4008001: there is no trunk `nroth`; did you mean `north`?"
    assert said in done.output
    assert done.exit_code == 0


async def test_a_reload_is_refused_for_it_but_neither_a_start_nor_the_way_back(folder: Path) -> None:
    """Who narrows the setting must still be able to start, and whoever goes back is in a hurry."""
    write(folder, "+12125550123")
    allowed = ["US:fixed", *DEFAULT_ALLOW]

    def registry() -> FlowRegistry:
        judge = partial(why_not, allowed)
        return FlowRegistry(
            folder, clock=Clock(), zone=ZoneInfo("UTC"), site=lambda flows: site.problems(flows, judge, ())
        )

    flows = registry()
    await flows.start()
    assert flows.warnings(flows.current) == ()
    write(folder, "13800000001")
    await flows.reload(author="x")
    allowed.remove("US:fixed")
    back = await flows.rollback(1, author="x")
    assert [(each.line, each.severity) for each in back.warnings] == [(5, "warning")]
    with pytest.raises(FlowErrors, match=r"main\.yaml:5:28: step `out`: `\+12125550123` may not be dialled"):
        await flows.reload(author="x")
    assert (await flows.validate({}))[1][0].severity == "error"
    again = registry()
    await again.start()
    assert [each.line for each in again.warnings(again.current)] == [5]
