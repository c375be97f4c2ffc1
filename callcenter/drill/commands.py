"""``callcenter drill``: the fire drill from the command line."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING

import click

from callcenter.drill.chaos_report import KINDS, ChaosReport
from callcenter.drill.report import DrillReport, Spread
from callcenter.settings import Settings, load_settings

if TYPE_CHECKING:
    from callcenter.drill.run import Plan
    from callcenter.drill.scene import ChaosPlan


@click.command()
@click.option("--calls", type=click.IntRange(1, 100_000), default=10, show_default=True)
@click.option("--agents", type=click.IntRange(1, 500), default=5, show_default=True)
@click.option(
    "--hold",
    "hold_s",
    type=click.FloatRange(0.2, 3600),
    default=3.0,
    show_default=True,
    metavar="S",
    help="Seconds that each conversation lasts.",
)
@click.option(
    "--spread",
    type=click.FloatRange(0, 0.99),
    default=0.0,
    show_default=True,
    metavar="SHARE",
    help="Each conversation lasts --hold times 1 ± this, so that not all end in the same second.",
)
@click.option("--at-once", type=click.IntRange(1, 1000), default=None, help="Calls at a time; else as many as agents.")
@click.option("--rate", type=click.FloatRange(0.1, 100), default=10.0, show_default=True, help="New calls a second.")
@click.option("--own", is_flag=True, help="On a throw-away system instead of the one that runs.")
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON.")
@click.option(
    "--chaos", "kind", type=click.Choice(KINDS), default=None, help="Kill this part in the middle; see what is lost."
)
@click.option(
    "--outage",
    "outage_s",
    type=click.FloatRange(1, 3600),
    default=10.0,
    show_default=True,
    metavar="S",
    help="With --chaos postgres or trunk: how long it is away.",
)
@click.option("--service-too", is_flag=True, help="With --chaos postgres: the service is killed meanwhile.")
def drill(
    calls: int,
    agents: int,
    hold_s: float,
    spread: float,
    at_once: int | None,
    rate: float,
    own: bool,
    as_json: bool,
    kind: str | None,
    outage_s: float,
    service_too: bool,
) -> None:
    """Real SIP calls through the running system to agents of its own; exit 1 when anything is lost.

    Uses the hotline, queue and accounts that are reserved for it and counts in no figure.
    """
    # A drill that is ended from outside takes its agents and its own system away too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Here, so that the other commands (and the service, which must be back at once) start without it.
    from callcenter.drill.run import Plan
    from callcenter.drill.scene import ChaosPlan

    plan: Plan | ChaosPlan
    if kind is None:
        plan = Plan(
            calls=calls, agents=agents, hold_s=hold_s, at_once=at_once or agents, per_second=rate, spread=spread
        )
    else:
        plan = ChaosPlan(kind=kind, calls=calls, outage_s=outage_s, service_too=service_too)
    report = asyncio.run(_run(plan, own=own))
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else table(report))
    sys.exit(0 if report.ok else 1)


async def _run(plan: Plan | ChaosPlan, *, own: bool) -> DrillReport | ChaosReport:
    from callcenter.drill.chaos import chaos
    from callcenter.drill.own import own_system
    from callcenter.drill.run import drill as ordinary
    from callcenter.drill.scene import ChaosPlan

    def say(text: str) -> None:
        click.echo(f"… {text}", err=True)

    async def play(settings: Settings) -> DrillReport | ChaosReport:
        if isinstance(plan, ChaosPlan):
            return await chaos(settings, plan, say)
        return await ordinary(settings, plan, say)

    if not own:
        return await play(load_settings())
    say("a system of its own")
    carriers = isinstance(plan, ChaosPlan) and plan.kind == "trunk"
    async with own_system(carriers=carriers) as system:
        return await play(system.settings)


def table(report: DrillReport | ChaosReport) -> str:
    """The figures, one a line."""
    lines = []
    for name, value in report.as_json().items():
        if isinstance(value, dict) and "p50" in value:
            spread = Spread(**value)
            lines.append(f"{name:18} p50 {spread.p50}  p99 {spread.p99}  n {spread.n}")
        else:
            lines.append(f"{name:18} {value}")
    return "\n".join(lines)
