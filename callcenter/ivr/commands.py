"""``callcenter flows``: check, schema, simulate offline; reload, rollback and versions through the running service."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from callcenter.errors import CallCenterError
from callcenter.ivr import site
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import FlowErrors, load
from callcenter.ivr.nodes import Problem
from callcenter.ivr.schemas import SCHEMAS
from callcenter.ivr.simulate import Line, run_tests, simulate
from callcenter.outbound.rules import why_not
from callcenter.service import SERVER_OPTIONS, ask
from callcenter.settings import Settings, load_settings
from callcenter.trunks.reader import TrunkErrors, load_trunks

_MARKS = {"step": "●", "says": "♪", "key": "⌨", "asks": "→", "ends": "■", "note": " "}
_path = click.argument("path", type=click.Path(path_type=Path), required=False)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def flows() -> None:
    """Check, try, reload and roll back the call flows."""


@flows.command()
@_path
@_json
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
def check(path: Path | None, as_json: bool, strict: bool) -> None:
    """Check all flows of a folder (or the one a file lies in) and run their own tests. Exit 1 on errors."""
    folder, settings = _folder(path), load_settings()
    try:
        made = load(folder, settings.zone)
        count, problems = run_tests(made)
        refused = site.problems(made, partial(why_not, settings.dial_out_allow), _trunks(settings))
        problems += site.errors(refused)
        warnings = [*made.warnings, *(each for each in refused if each.severity == "warning")]
    except FlowErrors as error:
        made, count, problems, warnings = None, 0, list(error.problems), []
    if as_json:
        click.echo(json.dumps([asdict(each) for each in (*problems, *warnings)], ensure_ascii=False, indent=2))
    else:
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
        for problem in problems:
            click.echo(str(problem))
        if made is not None and not problems:
            steps = sum(len(flow.steps) for flow in made.flows.values())
            click.echo(
                f"{folder}: {len(made.flows)} flows, {steps} steps, {count} tests passed, version {made.version}"
            )
        elif problems:
            click.echo(f"{len(problems)} error{'s' if len(problems) > 1 else ''}", err=True)
    if problems or (strict and warnings):
        sys.exit(1)


@flows.command("schema")
@click.argument("kind", type=click.Choice(tuple(SCHEMAS)), default="flow")
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), help="Write all of them into this folder instead."
)
def schema_command(kind: str, into: Path | None) -> None:
    """Print a JSON Schema for an editor: of a flow file, or of hotlines.yaml, queues.yaml, hours.yaml."""
    if into is None:
        click.echo(json.dumps(SCHEMAS[kind](), ensure_ascii=False, indent=2))
        return
    into.mkdir(parents=True, exist_ok=True)
    for name, schema in SCHEMAS.items():
        path = into / f"{name}.schema.json"
        path.write_text(json.dumps(schema(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        click.echo(str(path))


@flows.command("simulate")
@click.argument("flow")
@click.option("--keys", default="", help="E.g. '1 w5 2': keys, w5 waits 5 s; done, overflow, fail, hangup.")
@click.option("--at", default="", help="The site's time, e.g. 2026-11-23T21:30; else now.")
@click.option("--caller", default="13800000001", help="The caller's number.")
@click.option("--language", default="", help="zh-CN or en; else the flow's.")
@click.option("--lookup", "lookups", multiple=True, help="""What a lookup finds, e.g. 'customer={"vip": true}'.""")
@click.option("--folder", type=click.Path(path_type=Path), help="The flows folder; else that of the settings.")
@_json
def simulate_command(
    flow: str,
    keys: str,
    at: str,
    caller: str,
    language: str,
    lookups: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Walk a flow offline and print what the caller hears and does."""
    found = dict(_lookup(text) for text in lookups)
    settings = load_settings()
    try:
        made = load(_folder(folder), settings.zone)
        at = at or _now(made)
        done = simulate(made, flow, keys=keys, at=at, caller=caller, language=language, lookups=found)
    except CallCenterError as error:
        raise click.ClickException(error.message) from error
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False, indent=2))
        return
    for line in done.lines:
        click.echo(_told(line, english=language == "en"))
    click.echo(f"= {done.end}")


@flows.command("reload")
@click.option("--note", default="", help="Why, for the list of versions.")
@_json
def reload_command(note: str, as_json: bool, url: str | None, token: str | None) -> None:
    """Make the folder's files the live flows of the running service."""
    answer = ask(url, token, "POST", "/api/v1/flows/reload", {"note": note})
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    state = "live" if answer["changed"] else "were live already"
    click.echo(f"version {answer['version']['number']} ({answer['version']['version']}): {state}")
    for warning in answer["warnings"]:
        click.echo(f"warning: {Problem(**warning)}", err=True)


@flows.command()
@click.argument("number", type=click.IntRange(1))
@_json
def rollback(number: int, as_json: bool, url: str | None, token: str | None) -> None:
    """Make an earlier version live again."""
    answer = ask(url, token, "POST", f"/api/v1/flows/versions/{number}/rollback", {})
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    click.echo(f"version {answer['version']['number']} is live ({answer['version']['note']})")


@flows.command()
@_json
def versions(as_json: bool, url: str | None, token: str | None) -> None:
    """List the versions that were live, newest first."""
    answer = ask(url, token, "GET", "/api/v1/flows/versions", None)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for item in answer["versions"]:
        mark = "*" if item["active"] else " "
        click.echo(f"{mark} {item['number']:>4}  {item['created_at'][:19]}  {item['author']:<20}  {item['note']}")


@flows.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--live", "to_live", is_flag=True, help="Rather what going back to it would change.")
def diff(number: int, to_live: bool, url: str | None, token: str | None) -> None:
    """Print what a version changed when it went live."""
    answer = ask(url, token, "GET", f"/api/v1/flows/versions/{number}", None)
    click.echo(answer["diff_from_live" if to_live else "diff"] or "no difference")


def _with_server(command: Callable[..., Any]) -> None:
    for option in SERVER_OPTIONS:
        option(command)


for _command in (reload_command, rollback, versions, diff):
    _with_server(_command)


def _trunks(settings: Settings) -> list[str] | None:
    """The trunks' names; None where their file cannot be read here, as on a machine without their passwords."""
    try:
        return [trunk.name for trunk in load_trunks(settings.trunks_file, demo_host=settings.demo_trunk)]
    except TrunkErrors:
        return None


def _folder(path: Path | None) -> Path:
    if path is None:
        return load_settings().flows_dir
    return path.parent if path.is_file() else path


def _now(made: FlowSet) -> str:
    from callcenter.clock import SystemClock

    return SystemClock().now().astimezone(made.zone).isoformat()


def _lookup(text: str) -> tuple[str, dict[str, Any] | None]:
    kind, _, values = text.partition("=")
    try:
        found = json.loads(values) if values else None
    except ValueError:
        found = 0
    if not (found is None or isinstance(found, dict)):
        raise click.BadParameter(f"""{text}: write KIND={{"field": "value"}} or KIND for not found""")
    return kind, found


def _told(line: Line, *, english: bool) -> str:
    text = line.text_en if english and line.text_en else line.text
    minutes, seconds = divmod(line.seconds, 60)
    place = f"  ({line.flow}/{line.step})" if line.kind == "step" else ""
    indent = "" if line.kind == "step" else "  "
    return f"{int(minutes):02}:{seconds:04.1f} {indent}{_MARKS[line.kind]} {text}{place}"
