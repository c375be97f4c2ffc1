"""The command line: ``callcenter up``, ``serve``, ``restart``, ``flows``, ``accounts`` …"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from callcenter.errors import CallCenterError, SettingsError
from callcenter.settings import Settings, load_settings

if TYPE_CHECKING:
    from callcenter.serve import Made


class _Rooms(click.Group):
    """The rooms' own commands are loaded when they are asked for: the service must be back at once without them."""

    rooms: Final = {
        "accounts": "callcenter.access.commands",
        "backup": "callcenter.db.commands",
        "drill": "callcenter.drill.commands",
        "flows": "callcenter.ivr.commands",
        "reports": "callcenter.reporting.commands",
        "restore": "callcenter.db.commands",
        "trunks": "callcenter.trunks.commands",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.rooms})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.rooms:
            found: click.Command = getattr(import_module(self.rooms[cmd_name]), cmd_name)
            return found
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Rooms)
def cli() -> None:
    """A virtual call centre on Asterisk. Settings are CALLCENTER_* variables."""


@cli.command()
def up() -> None:
    """Start PostgreSQL, Asterisk and the service; Ctrl-C stops what was started."""
    from callcenter.parent.main import run

    asyncio.run(run(load_settings()))


@cli.command()
@click.option("--standby", is_flag=True, help="Wait while another machine has the desk, and take over from it.")
@click.option("--http-fd", type=int, hidden=True, help="The listening socket, handed on by the parent.")
@click.option("--tell-fd", type=int, hidden=True, help="A pipe to the parent.")
@click.option("--spare-fd", type=int, hidden=True, help="A socket to the parent, by which it sends the listening one.")
@click.option("--gently", is_flag=True, hidden=True, help="A spare is loaded with low priority.")
def serve(standby: bool, http_fd: int | None, tell_fd: int | None, spare_fd: int | None, gently: bool) -> None:
    """The service alone, with a database and an Asterisk that run elsewhere."""
    settings, made, first = load_settings(), None, True
    if spare_fd is not None and tell_fd is not None:
        from callcenter.spare import wait_for_turn

        turn, made = wait_for_turn(spare_fd, tell_fd, lambda: _warm(settings), gently=gently)
        http_fd, tell_fd, first = turn
    from callcenter.serve import run

    run(settings, standby=standby or not first, http_fd=http_fd, tell_fd=tell_fd, made=made, first=first)


def _warm(settings: Settings) -> Made:
    from callcenter.serve import warm

    return warm(settings)


@cli.command()
def switch() -> None:
    """Asterisk alone, kept alive: for a unit or container of its own, so that calls outlive every service."""
    from callcenter.parent.main import run

    asyncio.run(run(load_settings(), only_switch=True))


@cli.command()
def migrate() -> None:
    """Bring the database (CALLCENTER_DATABASE_URL) to the schema of this version."""
    from callcenter.db.migrate import upgrade_blocking

    url = load_settings().database_url
    if url is None:
        raise SettingsError("`migrate` needs CALLCENTER_DATABASE_URL; `up` migrates its own database itself")
    upgrade_blocking(url.get_secret_value())


@cli.command()
def restart() -> None:
    """Have the running `up` put the code as it is now in the place of its service; calls go on."""
    from callcenter.parent.control import ask

    done = ask(load_settings().data_dir, "restart")
    click.echo(f"the service was replaced (process {done['pid']}); nobody was at the desk for {done['gap_s']:g} s")


@cli.command()
def status() -> None:
    """The parts of the running `up`: process and how often each was started again."""
    from callcenter.parent.control import ask

    for name, part in ask(load_settings().data_dir, "status").items():
        click.echo(f"{name:<12}process {part['pid'] or '-':<9}restarts {part['restarts']}")


def main() -> None:
    """Run a command; an error of ours is one message and exit code 1, never a traceback."""
    try:
        cli()
    except CallCenterError as error:
        click.echo(error.message, err=True)
        sys.exit(1)
