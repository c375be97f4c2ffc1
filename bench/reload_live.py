"""A hundred reloads while ninety calls are up: how many calls felt it. The figure wanted is none.

``python -m bench.reload_live [--calls 90] [--reloads 100] [--json]``. A system of its own, the fire drill's real SIP
calls, and meanwhile one reload after the other over the API, each of flows that differ from the last. A call is
affected when it fails, is cut, is answered by nobody, hears nothing, or is missing or doubled in the records.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import func, select

from bench.machine import table, what_it_ran_on
from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.calls.tables import Contact
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.own import OwnSystem, own_system
from callcenter.drill.report import DrillReport
from callcenter.drill.run import Plan, play, stage

ROOT = Path(__file__).parents[1]


@dataclass(slots=True)
class Reloads:
    took_s: list[float] = field(default_factory=list)
    live: list[int] = field(default_factory=list)
    """Calls that were up when each began."""
    refused: list[str] = field(default_factory=list)


async def operator(system: OwnSystem) -> httpx.AsyncClient:
    """Somebody of operations, signed in."""
    password = secrets.token_urlsafe(12)
    database = Database(database_url(system.settings), pool_size=1)
    hashed = await passwords.hash_password(password)
    async with database.write() as session:
        await accounts.create(
            session, SystemClock().now(), login="bench", name="bench", role=Role.ADMIN, password_hash=hashed
        )
    await database.close()
    origin = f"http://{system.settings.http_bind}"
    client = httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, trust_env=False, timeout=60)
    (await client.post("/api/v1/session", json={"login": "bench", "password": password})).raise_for_status()
    return client


async def reload_again_and_again(
    client: httpx.AsyncClient, database: Database, flows: Path, times: int, over_s: float
) -> Reloads:
    """Spread over the drill; each changes the flow that its callers are in, and another."""
    made = Reloads()
    files = {name: (flows / name).read_text(encoding="utf-8") for name in ("drill.yaml", "main.yaml")}
    for number in range(times):
        began = time.monotonic()
        for name, text in files.items():
            (flows / name).write_text(f"{text}# {number}\n", encoding="utf-8")
        async with database.read() as session:
            query = select(func.count()).select_from(Contact).where(Contact.ended_at.is_(None))
            made.live.append(await session.scalar(query) or 0)
        asked = time.monotonic()
        answer = await client.post("/api/v1/flows/reload", json={"note": f"reload {number}"})
        made.took_s.append(time.monotonic() - asked)
        if answer.status_code != 200 or not answer.json()["changed"]:
            made.refused.append(f"{answer.status_code} {answer.text[:200]}")
        await asyncio.sleep(max(0.0, over_s / times - (time.monotonic() - began)))
    return made


async def measure(calls: int, reloads: int, hold_s: float) -> tuple[DrillReport, Reloads]:
    plan = Plan(calls=calls, agents=min(calls, 90), hold_s=hold_s, at_once=90)
    with tempfile.TemporaryDirectory() as name:
        flows = Path(name) / "flows"
        shutil.copytree(ROOT / "ivr_flows", flows)
        async with own_system(flows_dir=str(flows)) as system, stage(system.settings, plan, _say) as made:
            client = await operator(system)
            over_s = calls / plan.per_second + hold_s * -(-calls // 90)
            (report, _), found = await asyncio.gather(
                play(made, plan, _say), reload_again_and_again(client, made.db, flows, reloads, over_s)
            )
            await client.aclose()
    return report, found


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=90)
    parser.add_argument("--reloads", type=int, default=100)
    parser.add_argument("--hold", type=float, default=60.0, help="seconds of each conversation")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    report, reloads = asyncio.run(measure(given.calls, given.reloads, given.hold))
    lost = max(report.placed - report.answered, report.lost_calls, report.failed)
    unwritten = max(report.placed - report.recorded, report.placed - report.outcomes)
    affected = max(lost, unwritten) + report.silent + report.double_offers
    found = {
        "ran_on": what_it_ran_on(),
        "calls": report.placed,
        "calls_affected": affected,
        "drill_ok": report.ok,
        "reloads": len(reloads.took_s) - len(reloads.refused),
        "refused": reloads.refused[:3],
        "most_calls_up_at_a_reload": max(reloads.live, default=0),
        "reload_s": {
            "median": round(statistics.median(reloads.took_s), 3),
            "worst": round(max(reloads.took_s), 3),
        },
        "drill": report.as_json(),
        "wanted": 0,
    }
    if given.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print(found["ran_on"])
        done, slowest = statistics.median(reloads.took_s), max(reloads.took_s)
        rows = [
            ["calls affected", str(affected), "0"],
            ["calls placed", str(report.placed), ""],
            ["most calls up at a reload", str(found["most_calls_up_at_a_reload"]), ""],
            ["reloads that went live", str(found["reloads"]), str(given.reloads)],
            ["a reload takes, median / worst", f"{done:.3f} / {slowest:.3f} s", ""],
        ]
        print(table(("", "measured", "wanted"), rows))
        if not report.ok:
            print(f"the drill found besides: {report.notes or report.as_json()}")
        for line in reloads.refused[:3]:
            print(line)
    sys.exit(0 if not affected and not reloads.refused else 1)


if __name__ == "__main__":
    main()
