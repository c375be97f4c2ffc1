"""``callcenter trunks``: how the running service sees the carriers' lines; ``check`` needs no service."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from callcenter.service import SERVER_OPTIONS, ask
from callcenter.settings import Settings, load_settings
from callcenter.trunks.reader import load_trunks

_COLUMNS = ("trunk", "state", "since", "rtt ms", "in", "out", "limit", "peak", "in today", "out today", "asr")


def _server(command: Callable[..., None]) -> Callable[..., None]:
    for option in SERVER_OPTIONS:
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_server
@click.pass_context
def trunks(context: click.Context, as_json: bool, url: str | None, token: str | None) -> None:
    """The carriers' trunks: state, lines in use, today's calls."""
    context.obj = (url, token)
    if context.invoked_subcommand is not None:
        return
    answer = ask(url, token, "GET", "/api/v1/trunks", None)
    if as_json:
        click.echo(json.dumps(answer["trunks"], ensure_ascii=False, indent=2))
        return
    rows = [_COLUMNS, *(_row(trunk, load_settings()) for trunk in answer["trunks"])]
    widths = [max(len(row[n]) for row in rows) for n in range(len(_COLUMNS))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@trunks.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
def check(path: Path | None) -> None:
    """Read trunks.yaml and tell every mistake."""
    settings = load_settings()
    file = path or settings.trunks_file
    found = load_trunks(file)
    click.echo(f"{file}: {len(found)} trunks: {', '.join(trunk.name for trunk in found)}")


@trunks.command()
@click.pass_obj
def reload(server: tuple[str | None, str | None]) -> None:
    """Have the running service read trunks.yaml again. No call is touched, Asterisk is not restarted."""
    answer = ask(*server, "POST", "/api/v1/trunks/reload", None)
    click.echo(f"live: {', '.join(answer['trunks'])}")


@trunks.command()
@click.argument("name")
@click.option("--note", default="", help="Why; it is kept.")
@click.pass_obj
def out(server: tuple[str | None, str | None], name: str, note: str) -> None:
    """Take a trunk out of service: no further call of ours goes by it."""
    ask(*server, "POST", f"/api/v1/trunks/{name}/out", {"note": note})
    click.echo(f"{name} is out of service")


@trunks.command("in")
@click.argument("name")
@click.pass_obj
def put_back(server: tuple[str | None, str | None], name: str) -> None:
    """Put a trunk back into service."""
    ask(*server, "POST", f"/api/v1/trunks/{name}/in", None)
    click.echo(f"{name} is in service")


def _row(trunk: dict[str, Any], settings: Settings) -> tuple[str, ...]:
    today = trunk["today"] or {}
    state = trunk["state"] if trunk["in_service"] else "out"
    since = datetime.fromisoformat(trunk["since"]).astimezone(settings.zone)
    asr = today.get("asr")
    return (
        trunk["name"],
        state + (f" ({trunk['reason']})" if trunk["reason"] else ""),
        f"{since:%m-%d %H:%M:%S}",
        "-" if trunk["rtt_ms"] is None else f"{trunk['rtt_ms']:g}",
        str(trunk["in_use"]["inbound"]),
        str(trunk["in_use"]["outbound"]),
        str(trunk["max_lines"] or "-"),
        *(str(today.get(key, "?")) for key in ("peak", "inbound", "outbound")),
        "-" if asr is None else f"{asr:.0%}",
    )
