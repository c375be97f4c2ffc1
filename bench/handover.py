"""How soon a free agent's telephone has the next waiting caller: ours, and app_queue on the same Asterisk.

Both are measured at the telephones, from the BYE that frees one until the INVITE of the next caller, while callers wait
all the time. ``python -m bench.handover [--json]``
"""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from bench.console import console
from bench.machine import what_it_ran_on
from callcenter.drill.own import own_system
from callcenter.drill.phone import Talk
from callcenter.drill.report import Spread, spread
from callcenter.drill.run import Plan, Stage, play, stage
from callcenter.secrets_store import load_secrets

AGENTS, HOLD_S = 4, 1.0
WAITING = 4 * AGENTS
"""Callers in app_queue, those who talk included: enough that some always wait, and no more, for they cost Asterisk
what it should spend on the queue."""
QUEUE = "bench"


def add_queue(folder: Path) -> None:
    """The rival, in the configuration of this run's Asterisk."""
    with (folder / "queues.conf").open("a") as queues, (folder / "extensions.conf").open("a") as dialplan:
        queues.write(f"\n[{QUEUE}]\nstrategy = rrmemory\nautofill = yes\nringinuse = no\ntimeout = 20\nretry = 1\n")
        dialplan.write(f"\n[{QUEUE}]\nexten => s,1,Answer()\n same => n,Queue({QUEUE})\n")


def gaps(talks: list[Talk]) -> Spread:
    """From each telephone's hang-up to its next INVITE."""
    by_seat: dict[str, list[Talk]] = {}
    for talk in sorted(talks, key=lambda one: one.invited_at):
        by_seat.setdefault(talk.seat, []).append(talk)
    return spread(
        (after.invited_at - before.ended_at) * 1000
        for mine in by_seat.values()
        for before, after in pairwise(mine)
        if before.ended_at is not None and before.answered_at is not None
    )


async def app_queue(made: Stage, calls: int) -> Spread:
    """A queue of ``app_queue`` with the same telephones: each call is ended from outside after the same time.

    It is a queue of its own: the members of the fallback's are the service's to say.
    """
    for phone in made.bank.phones.values():
        phone.talks.clear()
    seats = list(made.bank.phones)
    password = load_secrets(made.settings.data_dir).asterisk_password
    done = asyncio.Event()
    work: set[asyncio.Task[None]] = set()
    async with httpx.AsyncClient(
        base_url=f"{made.settings.asterisk_base_url}/ari",
        auth=(made.settings.asterisk_user, password),
        trust_env=False,
    ) as ari:

        async def end(talk: Talk) -> None:
            await asyncio.sleep(HOLD_S)
            while talk.ended_at is None:  # Asterisk closes a connection it is tired of, with a request on its way
                with suppress(httpx.TransportError):
                    for channel in (await ari.get("/channels")).json():
                        if channel["name"].startswith(f"PJSIP/{talk.seat}-"):
                            await ari.delete(f"/channels/{channel['id']}")
                await asyncio.sleep(0.1)

        def answered(talk: Talk) -> None:
            task = asyncio.create_task(end(talk))
            work.add(task)
            task.add_done_callback(work.discard)

        def ended(talk: Talk) -> None:
            if sum(one.ended_at is not None for one in made.talks) >= calls:
                done.set()

        made.bank.answered, made.bank.ended = answered, ended
        folder = made.settings.data_dir / "asterisk" / "etc"
        await asyncio.to_thread(add_queue, folder)
        await console(made.settings, "dialplan reload", "module reload app_queue.so")
        await console(made.settings, *(f"queue add member PJSIP/{seat} to {QUEUE}" for seat in seats))

        async def arrive() -> None:
            # Both halves of a local channel wait in the queue: two callers each, with no telephone to pay for. They
            # come all the time, because the service's sweep ends channels that belong to no call of its own.
            both = {"endpoint": f"Local/s@{QUEUE}/n", "context": QUEUE, "extension": "s", "priority": "1"}
            while not done.is_set():
                with suppress(httpx.TransportError):
                    there = (await ari.get("/channels")).json()
                    if sum(channel["name"].startswith("Local/") for channel in there) < WAITING:
                        (await ari.post("/channels", params=both)).raise_for_status()
                await asyncio.sleep(HOLD_S / AGENTS)

        arriving = asyncio.create_task(arrive())
        try:
            await asyncio.wait_for(done.wait(), 30 + calls)
        finally:
            for task in (arriving, *work):
                task.cancel()
            await console(made.settings, *(f"queue remove member PJSIP/{seat} from {QUEUE}" for seat in seats))
            made.bank.answered = made.bank.ended = lambda talk: None
    return gaps(made.talks)


async def measure(calls: int) -> dict[str, Any]:
    async with own_system() as system:
        plan = Plan(calls=calls, agents=AGENTS, hold_s=HOLD_S, at_once=AGENTS * 3)
        async with stage(system.settings, plan, lambda text: None) as made:
            report, _ = await play(made, plan, lambda text: None)
            rival = await app_queue(made, calls)
    ours = report.handover_ms
    if not report.ok:
        raise SystemExit(f"calls were lost, so the figures mean nothing: {report.notes}")
    if not ours.p50 or not rival.p50:
        raise SystemExit(f"too little to measure: ours {ours}, app_queue {rival}")
    shown = {name: {"p50": one.p50, "p99": one.p99, "n": one.n} for name, one in (("ours", ours), ("app_queue", rival))}
    wanted = {"p50": 10, "p99": 15}
    return {
        **shown,
        "wanted": wanted,
        "ratio_p50": round(rival.p50 / ours.p50, 1),
        "unit": "ms",
        "ran_on": what_it_ran_on(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=240)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = asyncio.run(measure(asked.calls))
    if asked.json:
        print(json.dumps(found))
        return
    print(f"agent free -> next INVITE, {AGENTS} agents, callers always waiting; {found['ran_on']}")
    print(f"{'':<12}{'p50 ms':>10}{'p99 ms':>10}{'n':>6}")
    for name in ("ours", "app_queue"):
        print(f"{name:<12}{found[name]['p50']:>10}{found[name]['p99']:>10}{found[name]['n']:>6}")
    print(f"app_queue takes {found['ratio_p50']} times as long")


if __name__ == "__main__":
    main()
