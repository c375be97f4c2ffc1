"""``callcenter accounts``: accounts from the command line, also when nobody can sign in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import click

from callcenter.access import accounts as store
from callcenter.access import audit, passwords
from callcenter.access.roles import MACHINE_KEEPERS, Role
from callcenter.access.sessions import Sessions
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.errors import BadRequest, CallCenterError
from callcenter.settings import load_settings

T = TypeVar("T")


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    async def with_database() -> T:
        database = Database(database_url(load_settings()), pool_size=1)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(with_database())
    except CallCenterError as error:
        raise click.ClickException(error.message) from None


def _read_password(given: bool) -> tuple[str, bool]:
    """(password, whether it was made up here). Read from a terminal without echo, or one line of a pipe."""
    if not given:
        return passwords.generate(), True
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True), False
    return sys.stdin.readline().rstrip("\n"), False


def _queues(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    found = {}
    for value in values:
        name, _, level = value.partition(":")
        if not name or (level and not level.isdigit()):
            raise click.BadParameter(f"{value}: expected a queue, or queue:level with a level from 1 to 9")
        found[name] = int(level or 1)
    return found


@click.group()
def accounts() -> None:
    """Add and list accounts, set passwords, take out of service, make tokens for machines."""


@accounts.command()
@click.argument("login")
@click.option("--name", required=True, help="As colleagues and callers' records show it.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="agent", show_default=True)
@click.option("--queue", "queues", multiple=True, callback=_queues, help="A queue served: NAME or NAME:LEVEL.")
@click.option("--language", type=click.Choice(["zh-CN", "en"]), default="zh-CN", show_default=True)
@click.option("--password", "given", is_flag=True, help="Ask for the password (or read it from a pipe).")
def add(login: str, name: str, role: str, queues: dict[str, int], language: str, given: bool) -> None:
    """Add an account; agents get an extension. Prints the password unless it was given."""

    async def work(database: Database) -> None:
        password, made_up = _read_password(given)
        passwords.check_strength(password)
        hashed = await passwords.hash_password(password)
        now = SystemClock().now()
        async with database.write() as session:
            account = await store.create(
                session,
                now,
                login=login,
                name=name,
                role=Role(role),
                password_hash=hashed,
                language=language,
                queues=queues,
            )
            audit.record(session, now, None, "account.created", account.id, login=account.login, role=role)
        shown = f"  password {password}" if made_up else ""
        click.echo(f"{account.login}  {role}  extension {account.extension or '-'}{shown}")

    _run(work)


@accounts.command("list")
def list_() -> None:
    """All accounts: login, role, extension, whether in service, name, queues."""

    async def work(database: Database) -> None:
        async with database.read() as session:
            levels = await store.levels(session)
            for account in await store.listed(session):
                queues = " ".join(levels.get(account.id, ({}, {}))[0])
                service = "in service" if account.active else "out of service"
                fields = (account.login, account.role, account.extension or "-", service, account.display_name, queues)
                click.echo("\t".join(fields))

    _run(work)


@accounts.command()
@click.argument("login")
@click.option("--password", "given", is_flag=True, help="Ask for the password (or read it from a pipe).")
def passwd(login: str, given: bool) -> None:
    """Set a new password and print it unless it was given. Sessions that are open end, in a minute at most."""

    async def work(database: Database) -> None:
        password, made_up = _read_password(given)
        passwords.check_strength(password)
        hashed = await passwords.hash_password(password)
        async with database.write() as session:
            account = await store.by_login(session, login)
            account.password_hash = hashed
            await store.end_sessions(session, account.id)
            audit.record(session, SystemClock().now(), None, "account.password_set", account.id, own=False)
        click.echo(f"{account.login}  password {password}" if made_up else f"{account.login}  password set")

    _run(work)


@accounts.command()
@click.argument("login")
@click.option("--label", required=True, help="What it is for, as /api/v1/tokens lists it.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), help="May do no more than this role.")
def token(login: str, label: str, days: int, role: str | None) -> None:
    """Make a token for a machine that acts as this operations or administrator's account, and print it this once."""

    async def work(database: Database) -> None:
        settings, clock = load_settings(), SystemClock()
        async with database.write() as session:
            account = await store.by_login(session, login)
            if not account.active or account.role not in MACHINE_KEEPERS:
                raise BadRequest("tokens are for accounts in service of the roles ops and admin")
            of = Role(role or account.role)
            if of != account.role and account.role != Role.ADMIN:
                raise BadRequest("only an administrator's account has tokens for another role")
            made, row = await Sessions(database, clock, settings).open(
                session, account.id, "bearer", role=of, label=label, lifetime=timedelta(days=days)
            )
            audit.record(session, clock.now(), None, "token.made", row.id, label=label, role=of)
        click.echo(made)

    _run(work)


def _put_in_service(login: str, *, active: bool) -> None:
    async def work(database: Database) -> None:
        async with database.write() as session:
            account = await store.by_login(session, login)
            if not active:
                if account.role == Role.ADMIN:
                    await store.keep_an_admin(session, account)
                await store.end_sessions(session, account.id)
            changed = audit.changes({"active": account.active}, {"active": active})
            account.active = active
            audit.record(session, SystemClock().now(), None, "account.changed", account.id, changes=changed)
        click.echo(f"{account.login}  {'in service' if active else 'out of service'}")

    _run(work)


@accounts.command()
@click.argument("login")
def out(login: str) -> None:
    """Take an account out of service: it cannot sign in, its sessions end in a minute at most. It is kept."""
    _put_in_service(login, active=False)


@accounts.command("in")
@click.argument("login")
def in_(login: str) -> None:
    """Put an account back into service, with the password it had."""
    _put_in_service(login, active=True)
