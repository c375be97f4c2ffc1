"""How long a reload of 100 flows of 50 steps takes, and how long a running service stands still meanwhile.

``python -m bench.reload [--flows 100] [--steps 50] [--json]``. The whole way but speech: reading the folder,
compiling, every check, the files' own tests, noting the version, the swap. Beside it, in the same run, PyYAML's C
loader only reads the same files. While it runs, a task that wakes
every 5 ms measures how late it wakes: that is what a call would feel.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
import yaml

from bench.machine import table, what_it_ran_on
from callcenter.clock import SystemClock
from callcenter.ivr.registry import FlowRegistry

TICK_S = 0.005
ROUNDS = 5


def write(folder: Path, flows: int, steps: int, turn: int) -> None:
    """A folder of flows in which every step is different in each turn, so that nothing can be kept."""
    (folder / "queues.yaml").write_text("general: {title: 人工服务}\n", encoding="utf-8")
    (folder / "hotlines.yaml").write_text('"4008001": {flow: flow0, title: 客服热线}\n', encoding="utf-8")
    for number in range(flows):
        lines = [f"flow: flow{number}", f"title: 流程{number}", "start: s0", "keys: {0: last}", "steps:"]
        for at in range(steps - 1):
            following = f"s{at + 1}" if at < steps - 2 else "last"
            lines.append(f"  s{at}:")
            match at % 4:
                case 0:
                    lines.append(f"    play: {{zh-CN: 第{at}步第{turn}版。, en: 'Step {at} of turn {turn}.'}}")
                    lines.append(f"    next: {following}")
                case 1:
                    lines.append(f"    menu: 请按一或二，第{turn}版。")
                    lines.append(f"    keys: {{1: {following}, 2: s{at // 2}}}")
                    lines.append("    on_fail: last")
                case 2:
                    lines.append(f"    branch: [{{when: number(caller) > {at} and language == 'en', go: last}}]")
                    lines.append(f"    else: {following}")
                case _:
                    lines.append(f"    set: {{v{at}: '{turn}'}}")
                    lines.append(f"    next: {following}")
        lines += ["  last: {queue: general}", "tests:", "  - {keys: w2 0, steps: [last], end: 'queue:general'}", ""]
        (folder / f"flow{number}.yaml").write_text("\n".join(lines), encoding="utf-8")


def read_only(folder: Path) -> float:
    """Seconds in which PyYAML's own C loader only reads the same files: no check, no flow, no place of a mistake."""
    began = time.perf_counter()
    for path in folder.glob("*.yaml"):
        yaml.load(path.read_bytes(), yaml.CSafeLoader)
    return time.perf_counter() - began


async def measure(flows: int, steps: int) -> tuple[list[float], list[float], list[float], list[float]]:
    """Seconds of each reload, its processor seconds, the rival's seconds, how late the ticker woke meanwhile."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK_S)
            late.append(time.perf_counter() - before - TICK_S)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, flows, steps, 0)
        registry = FlowRegistry(folder, clock=SystemClock(), zone=ZoneInfo("Asia/Shanghai"))
        await registry.start()
        took, worked, rival = list[float](), list[float](), list[float]()
        for turn in range(1, ROUNDS + 1):
            write(folder, flows, steps, turn)
            ticker = asyncio.create_task(tick())
            began, busy = time.perf_counter(), time.process_time()
            done = await registry.reload(author="bench")
            took.append(time.perf_counter() - began)
            worked.append(time.process_time() - busy)
            await asyncio.sleep(TICK_S)  # a wake-up that the reload held up is still counted
            ticker.cancel()
            rival.append(read_only(folder))
            assert done.changed
            assert done.tests == flows
            assert sum(len(flow.steps) for flow in registry.current.flows.values()) == flows * steps
    return took, worked, rival, late


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--flows", type=int, default=100)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.flows < 1 or given.steps < 2:
        parser.error("at least 1 flow of 2 steps: the last one is a queue")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    took, worked, rival, late = asyncio.run(measure(given.flows, given.steps))
    late.sort()
    found = {
        "ran_on": what_it_ran_on(),
        "flows": given.flows,
        "steps_each": given.steps,
        "reload_s": {"median": round(statistics.median(took), 3), "worst": round(max(took), 3)},
        "processor_s": {"median": round(statistics.median(worked), 3), "worst": round(max(worked), 3)},
        "yaml_reading_only_s": {"median": round(statistics.median(rival), 3), "worst": round(max(rival), 3)},
        "times_the_reading": round(statistics.median(took) / statistics.median(rival), 2),
        "loop_late_ms": {
            "p99": round(1000 * late[int(0.99 * (len(late) - 1))], 1),
            "worst": round(1000 * late[-1], 1),
        },
        "wanted_s": 1.0,
    }
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(found["ran_on"])
    rows = [
        ["reload, by the clock", f"{statistics.median(took):.3f} s", f"{max(took):.3f} s", "1 s"],
        ["of it the processor's time", f"{statistics.median(worked):.3f} s", f"{max(worked):.3f} s", ""],
        ["beside it: PyYAML only reads the files", f"{statistics.median(rival):.3f} s", f"{max(rival):.3f} s", ""],
        ["event loop woke late by", f"{1000 * statistics.median(late):.1f} ms", f"{1000 * late[-1]:.1f} ms", ""],
    ]
    head = (f"{given.flows} flows of {given.steps} steps", f"median of {ROUNDS}", "worst", "wanted")
    print(table(head, rows))
    print(f"a reload takes {found['times_the_reading']:g} times as long as only reading the YAML")


if __name__ == "__main__":
    main()
