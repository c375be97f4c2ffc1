"""The command line: ``callcenter up``, ``serve``, ``flows check``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from callcenter.errors import CallCenterError
from callcenter.settings import load_settings


@click.group()
def cli() -> None:
    """A virtual call centre on Asterisk. Settings are CALLCENTER_* variables."""


@cli.command()
def up() -> None:
    """Start PostgreSQL, Asterisk and the service; Ctrl-C stops what was started."""
    from callcenter.parent import run

    asyncio.run(run(load_settings()))


@cli.command()
def serve() -> None:
    """The service alone, with a database and an Asterisk that run elsewhere."""
    from callcenter.app import run

    run(load_settings())


@cli.group()
def flows() -> None:
    """The menus in the flows folder."""


@flows.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
def check(folder: Path | None) -> None:
    """Tell every mistake with file, line and column; exit 1 if there is one."""
    from callcenter.ivr.loader import FlowErrors, load

    try:
        found = load(folder or load_settings().flows_dir)
    except FlowErrors as error:
        click.echo(error.message)
        sys.exit(1)
    click.echo(f"{len(found.flows)} flows, {len(found.hotlines)} hotlines, {len(found.queues)} queues: no mistakes")


def main() -> None:
    """Run a command; an error of ours is one message and exit code 2, never a traceback."""
    try:
        cli()
    except CallCenterError as error:
        click.echo(error.message, err=True)
        sys.exit(2)
