"""How fast the interpreter walks: steps entered a second of processor time, beside two simpler interpreters.

``python -m bench.ivr [--json]``. One step is one step of a flow entered, with its trace; callers press keys in
menus, wait through prompts and pass conditions. The rivals walk the same YAML by the same keys and do less: no
trace, no barge-in rules, no languages, no time-outs.

- *parsing*: reads the YAML again for each step, as a script that keeps nothing in memory does;
- *lambdas*: a dictionary of functions made once, the least that any interpreter in Python can do.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import yaml

from bench.machine import table, what_it_ran_on
from callcenter.ivr import messages as m
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import compile_files
from callcenter.ivr.run import Run
from callcenter.ivr.step import begin, step

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FLOW = """\
flow: main
start: hello
keys: {0: person}
steps:
  hello: {set: {tries: 0}, next: ask}
  ask: {menu: {zh-CN: 请按一或二。, en: Press one or two.}, keys: {1: count, 2: known}, on_fail: person}
  count: {set: {tries: "= tries + 1"}, next: weigh}
  weigh: {branch: [{when: "tries > 3 and caller != ''", go: known}], else: ask}
  known: {branch: [{when: "starts_with(caller, '138')", go: clear}], else: person}
  clear: {set: {tries: 0, topic: "{caller}"}, next: ask}
  person: {queue: general}
"""
FILES = {
    "main.yaml": FLOW.encode(),
    "queues.yaml": b"general: {title: General}\n",
    "hotlines.yaml": b'"4008001": {flow: main}\n',
}
KEYS = "1211"
WANTED = 200_000
ROUNDS = 7
ROUND_S = 0.4


def ours(flows: FlowSet, variables: dict[str, m.Value]) -> Callable[[], int]:
    """One caller for ever: each turn presses the keys and counts the steps entered."""
    pressed = [m.KeyPressed(key=key) for key in KEYS]
    first, _ = begin(flows, "main", variables, NOW)
    run: Run = first

    def turn() -> int:
        nonlocal run
        if run.walked > 4000:  # a caller who never ends is ended by the interpreter: here comes the next one
            run = first
        before = run.walked
        for key in pressed:
            run, _ = step(flows, run, key, NOW)
        return run.walked - before

    return turn


def parsing(variables: dict[str, Any]) -> Callable[[], int]:
    state = {"at": "ask", **variables, "tries": 0}

    def turn() -> int:
        entered = 0
        for key in KEYS:
            here = _read()["steps"][state["at"]]
            state["at"] = here["keys"][int(key)]
            while True:
                entered += 1
                here = _read()["steps"][state["at"]]
                if "menu" in here:
                    break
                state["at"] = _follow(here, state)
        return entered

    return turn


def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(FLOW, yaml.CSafeLoader)
    return found


def _follow(here: dict[str, Any], state: dict[str, Any]) -> str:
    if "branch" in here:
        when = here["branch"][0]["when"]
        true = state["tries"] > 3 and state["caller"] != "" if "tries" in when else state["caller"].startswith("138")
        return str(here["branch"][0]["go"] if true else here["else"])
    state["tries"] = 0 if "topic" in here["set"] else state["tries"] + 1
    return str(here["next"])


def lambdas(variables: dict[str, Any]) -> Callable[[], int]:
    state = {**variables, "tries": 0}

    def count() -> str:
        state["tries"] += 1
        return "weigh"

    def clear() -> str:
        state.update(tries=0, topic=state["caller"])
        return "ask"

    steps: dict[str, Callable[[], str]] = {
        "count": count,
        "weigh": lambda: "known" if state["tries"] > 3 and state["caller"] != "" else "ask",
        "known": lambda: "clear" if state["caller"].startswith("138") else "person",
        "clear": clear,
    }
    keys = {"1": "count", "2": "known"}

    def turn() -> int:
        entered = 0
        for key in KEYS:
            at = keys[key]
            entered += 1
            while at != "ask":
                at = steps[at]()
                entered += 1
        return entered

    return turn


def rate(turn: Callable[[], int]) -> float:
    """Steps a second of processor time over one round: other programs on the machine do not count."""
    entered, began = 0, time.process_time()
    while (passed := time.process_time() - began) < ROUND_S:
        for _ in range(20):
            entered += turn()
    return entered / passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    variables: dict[str, m.Value] = {"caller": "13800000001", "dialled": "4008001"}
    turns = {
        "ours": ours(compile_files(FILES), variables),
        "parsing": parsing(dict(variables)),
        "lambdas": lambdas(dict(variables)),
    }
    # In turn, so that a slower minute of the machine is a slower minute for all three.
    rounds = [{name: rate(turn) for name, turn in turns.items()} for _ in range(ROUNDS)]
    rates = {name: statistics.median(each[name] for each in rounds) for name in turns}
    found = {
        "ran_on": what_it_ran_on(),
        "steps_a_second": {name: round(value) for name, value in rates.items()},
        "slowest_round": {name: round(min(each[name] for each in rounds)) for name in turns},
        "times_faster_than_parsing": round(rates["ours"] / rates["parsing"], 1),
        "share_of_lambdas": round(rates["ours"] / rates["lambdas"], 3),
        "wanted": WANTED,
    }
    if as_json:
        print(json.dumps(found, indent=2))
        return
    print(found["ran_on"])
    rows = [
        [name, f"{value:,.0f}", f"{min(each[name] for each in rounds):,.0f}", f"{rates['ours'] / value:.2f}"]
        for name, value in rates.items()
    ]
    print(table(("interpreter", f"steps/s (median of {ROUNDS})", "slowest round", "ours / this"), rows))
    print(f"wanted: {WANTED:,} steps/s")


if __name__ == "__main__":
    main()
