"""A caller for tests: feeds inputs to the real interpreter and keeps what it asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.ivr import messages as m
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import compile_files, load
from callcenter.ivr.run import Run
from callcenter.ivr.step import begin, step

SHIPPED = load(Path(__file__).parents[2] / "ivr_flows")
QUEUES = b"general: {title: General}\nsecond: {title: Second}\n"
HOTLINES = b'"4008001": {title: Line, flow: main}\n'
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Monday, 12:00 in Shanghai."""


def flows_of(main: str, **more: str | bytes) -> FlowSet:
    """A flow set of one flow called main, and further files by name without ending."""
    files = {"main.yaml": main.encode(), "queues.yaml": QUEUES, "hotlines.yaml": HOTLINES}
    for name, text in more.items():
        files[f"{name}.yaml"] = text.encode() if isinstance(text, str) else text
    return compile_files(files)


class Caller:
    """One run; ``done`` holds all actions so far, ``last`` those of the newest input."""

    def __init__(self, flows: FlowSet, flow: str = "main", now: datetime = NOON, **variables: m.Value) -> None:
        self.flows, self.now = flows, now
        given: dict[str, m.Value] = {"caller": "13800000001", "dialled": "4008001", **variables}
        self.run, self.last = begin(flows, flow, given, now)
        self.done: list[m.Action] = list(self.last)

    def give(self, event: m.Input) -> tuple[m.Action, ...]:
        self.now += timedelta(seconds=1)
        self.run, self.last = step(self.flows, self.run, event, self.now)
        self.done.extend(self.last)
        return self.last

    def press(self, keys: str) -> Caller:
        for key in keys:
            self.give(m.KeyPressed(key=key))
        return self

    def hear(self, *, ok: bool = True) -> Caller:
        """What is being said is said to its end."""
        self.give(m.SayDone(say=self.run.say, ok=ok))
        return self

    def wait(self) -> Caller:
        """The time runs out; what is said before is heard first."""
        if self.run.say:
            self.hear()
        self.give(m.TimerFired(timer=self.run.timer))
        return self

    def find(self, found: bool = True, error: str = "", **values: m.Value) -> Caller:
        self.give(m.LookUpDone(request=self.run.request, found=found, values=values, error=error))
        return self

    def back(self, reason: m.ReturnReason, **values: m.Value) -> Caller:
        self.give(m.Returned(reason=reason, values=values))
        return self

    def all(self, kind: type[m.Action]) -> list[m.Action]:
        return [action for action in self.done if isinstance(action, kind)]

    @property
    def said(self) -> str:
        """The words of the newest Say."""
        says = [action for action in self.done if isinstance(action, m.Say)]
        return " ".join(prompt.text or prompt.file for prompt in says[-1].prompts) if says else ""

    @property
    def path(self) -> list[str]:
        return [a.step for a in self.done if isinstance(a, m.TraceEntry) and a.event == "entered"]

    @property
    def ended(self) -> str | None:
        ends = [action.cause for action in self.done if isinstance(action, m.EndCall)]
        assert len(ends) <= 1, "the end comes once"
        return ends[0] if ends else None


def outstanding(run: Run) -> bool:
    """Whether the run waits for something that can come."""
    return bool(run.say or run.timer or run.request) or run.phase.value == "away"
