"""``callcenter reports``: the sums that reports are read from, made anew."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import click

from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.errors import CallCenterError
from callcenter.reporting.summing import forget_from, sum_next_day
from callcenter.settings import load_settings


@click.group()
def reports() -> None:
    """What reports over months are read from."""


@reports.command()
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="This day and all after it; else everything.")
def rebuild(first: datetime | None) -> None:
    """Sum days anew from their calls, while everything runs. Reports of days that are not there yet say so."""
    try:
        asyncio.run(_rebuild(first.date() if first else date.min))
    except CallCenterError as error:
        raise click.ClickException(error.message) from None


async def _rebuild(first: date) -> None:
    settings, clock = load_settings(), SystemClock()
    database = Database(database_url(settings), pool_size=1, statement_timeout_s=600)
    try:
        async with database.write() as session:
            await forget_from(session, first, settings.zone)
        days = 0
        while True:
            async with database.write() as session:
                day = await sum_next_day(session, clock.now(), settings.zone)
            if day is None:
                break
            days += 1
            click.echo(day.isoformat())
        click.echo(f"{days} days summed")
    finally:
        await database.close()
