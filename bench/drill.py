"""270 real calls by SIP through a system of its own, 90 at a time, all recorded: what was lost, and what it cost.

``python -m bench.drill [--calls 270] [--agents 90] [--hold 5] [--spread 0] [--json]``. Exit 1 when a target is missed.
Times are read at the callers, at the agents' telephones and on their pages, the processor and memory from the kernel.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from bench.machine import table, what_it_ran_on
from callcenter.drill.own import own_system
from callcenter.drill.report import DrillReport
from callcenter.drill.run import Plan, drill


async def measure(plan: Plan) -> DrillReport:
    async with own_system() as system:
        return await drill(system.settings, plan, lambda text: print(f"… {text}", file=sys.stderr))


def against_targets(report: DrillReport) -> list[tuple[str, float | None, str, bool]]:
    """(what, measured, wanted, reached)."""
    cpu, memory = report.service.get("cpu_percent"), report.service.get("rss_mb")
    lost = report.lost_calls + report.failed
    records = 2 * report.placed - report.recorded - report.outcomes
    left = report.leftover_channels + report.leftover_bridges + report.leftover_agents
    return [
        ("calls lost or failed", lost, "0", lost == 0),
        ("recordings and outcomes missing", records, "0", records == 0),
        ("channels, bridges, agents left over", left, "0", left == 0),
        ("rings before the pop was shown", report.rings - report.pop_before_ring, "0", report.ok),
        ("service, % of one core", cpu, "< 20", cpu is not None and cpu < 20),
        ("service, MB", memory, "< 200", memory is not None and memory < 200),
        ("offer → ring p99, ms", report.offer_ms.p99, "≤ 30", (report.offer_ms.p99 or 1e9) <= 30),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=270)
    parser.add_argument("--agents", type=int, default=90)
    parser.add_argument("--hold", type=float, default=5.0)
    parser.add_argument("--spread", type=float, default=0.0, help="each lasts --hold times 1 ± this share")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    ran_on = what_it_ran_on()
    plan = Plan(calls=asked.calls, agents=asked.agents, hold_s=asked.hold, at_once=asked.agents, spread=asked.spread)
    report = asyncio.run(measure(plan))
    targets = against_targets(report)
    if asked.json:
        found: dict[str, Any] = {
            "ran_on": ran_on,
            **report.as_json(),
            "targets": {name: {"measured": value, "wanted": want, "ok": ok} for name, value, want, ok in targets},
        }
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print(f"{asked.calls} calls, {asked.agents} at a time, {asked.hold:g} s each ± {asked.spread:.0%}; {ran_on}\n")
        rows = [[name, str(value), want, "yes" if ok else "NO"] for name, value, want, ok in targets]
        for name in ("answer_ms", "pop_lead_ms", "bridge_ms"):
            spread = getattr(report, name)
            rows.append([f"{name} p50 / p99", f"{spread.p50} / {spread.p99}", "", ""])
        rows.append(["longest hole in the sound, ms", str(report.media_gap_ms.get("max")), "", ""])
        print(table(["", "measured", "wanted", "reached"], rows))
        for note in report.notes:
            print(note)
    sys.exit(0 if all(ok for *_, ok in targets) else 1)


if __name__ == "__main__":
    main()
