"""The command line: ``callcenter up``, ``serve``, ``flows``, ``accounts``."""

from __future__ import annotations

import asyncio
import sys

import click

from callcenter.access.commands import accounts
from callcenter.drill.commands import drill
from callcenter.errors import CallCenterError
from callcenter.ivr.commands import flows
from callcenter.settings import load_settings
from callcenter.trunks.commands import trunks


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


cli.add_command(flows)
cli.add_command(accounts)
cli.add_command(drill)
cli.add_command(trunks)


def main() -> None:
    """Run a command; an error of ours is one message and exit code 2, never a traceback."""
    try:
        cli()
    except CallCenterError as error:
        click.echo(error.message, err=True)
        sys.exit(2)
