"""Calls and random faults for an hour: nothing may be lost, and the service's memory must stay flat.

``python -m bench.soak [--minutes 60] [--calls 30] [--json]``, or ``make soak MINUTES=60``. The service itself is killed
in the first quarter only: in the other three the same process must serve, so that its memory means something. Exit 1
when anything was lost, or when memory in the last quarter is more than 5 % above that of the second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from typing import Any

from bench.machine import what_it_ran_on
from callcenter.drill.chaos import chaos
from callcenter.drill.chaos_report import ChaosReport
from callcenter.drill.own import own_system
from callcenter.drill.scene import ChaosPlan
from callcenter.errors import CallCenterError

ALWAYS = ("ari", "postgres", "browser", "asterisk", "trunk")
FIRST_QUARTER = ("service", *ALWAYS)
GROWTH_ALLOWED = 0.05
BROKEN_ALLOWED = 5
"""Rounds one after the other that could not even be set up: the machine is broken, and more of them tell nothing."""


async def soak(minutes: float, calls: int, seed: int) -> dict[str, Any]:
    pick, began, length = random.Random(seed), time.monotonic(), minutes * 60
    rounds: list[tuple[float, ChaosReport]] = []
    broken: list[str] = []
    in_a_row = 0
    async with own_system(carriers=True) as system:
        while (share := (time.monotonic() - began) / length) < 1:
            kind = pick.choice(FIRST_QUARTER if share < 0.25 else ALWAYS)
            plan = ChaosPlan(kind=kind, calls=calls, outage_s=pick.uniform(2, 10))
            try:
                report = await chaos(system.settings, plan, lambda text: None)
            except (CallCenterError, OSError) as error:  # the hour goes on: what else it finds is wanted too
                broken.append(f"{kind}: {error}")
                print(f"{share:4.0%} {kind:<9} NOT OK {error}", file=sys.stderr)
                in_a_row += 1
                if in_a_row == BROKEN_ALLOWED:
                    break
                continue
            in_a_row = 0
            rounds.append((share, report))
            state = "ok" if report.ok else f"NOT OK {report.as_json()}"
            print(f"{share:4.0%} {kind:<9} {report.service.get('rss_mb')} MB {state}", file=sys.stderr)
    return summary(rounds, broken, minutes)


def summary(rounds: list[tuple[float, ChaosReport]], broken: list[str], minutes: float) -> dict[str, Any]:
    quarters = [
        [report.service["rss_mb"] for share, report in rounds if share // 0.25 == n and "rss_mb" in report.service]
        for n in range(4)
    ]
    medians = [round(statistics.median(each), 1) if each else None for each in quarters]
    growth = medians[3] / medians[1] - 1 if medians[1] and medians[3] else None
    bad = [report.as_json() for _, report in rounds if not report.ok]
    return {
        "ran_on": what_it_ran_on(),
        "minutes": minutes,
        "rounds": len(rounds) + len(broken),
        "calls": sum(report.calls for _, report in rounds),
        "lost_calls": sum(report.lost_calls for _, report in rounds),
        "lost_records": sum(report.lost_records for _, report in rounds),
        "memory_mb_by_quarter": medians,
        "memory_growth": None if growth is None else round(growth, 3),
        "bad_rounds": bad,
        "broken_rounds": broken,
        "ok": bool(rounds) and not bad and not broken and growth is not None and growth <= GROWTH_ALLOWED,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = asyncio.run(soak(asked.minutes, asked.calls, asked.seed))
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:<22} {value}")
    sys.exit(0 if found["ok"] else 1)


if __name__ == "__main__":
    main()
