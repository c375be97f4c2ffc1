"""Trying a flow without a telephone: the same interpreter, with time that jumps. Pure.

``keys`` is a line of words: ``1`` or ``123#`` are keys pressed, ``w5`` waits five seconds, ``done`` lets what
is under way end well (words are heard, the agent hangs up, the message is recorded), ``overflow`` and ``fail``
let it end badly, ``hangup`` ends the call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from callcenter.errors import BadRequest
from callcenter.ivr import messages as m
from callcenter.ivr.flow import FlowSet, FlowTest
from callcenter.ivr.nodes import Problem
from callcenter.ivr.run import HIDDEN, Phase
from callcenter.ivr.step import begin, hears_secret, public_variables, step

WORD: Final = re.compile(r"w(\d{1,5}(?:\.\d{1,3})?)|([0-9*#]{1,40})|(done|overflow|fail|hangup)")
MAX_WORDS: Final = 500
_SECONDS_A_CHARACTER: Final = {"zh-CN": 0.22, "en": 0.065}
_RECORDED_S: Final = 3.0

Lookups = Mapping[str, Mapping[str, m.Value] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happens. ``seconds`` since the call began; ``kind``: step, says, key, asks, ends, note."""

    seconds: float
    kind: str
    flow: str
    step: str
    text: str
    text_en: str = ""
    """Of a step: what English screens call it; empty: ``text`` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    lines: tuple[Line, ...]
    steps: tuple[str, ...]
    """Names of the steps entered, in order."""
    end: str
    """``ended:CAUSE``, ``hung_up``, ``queue:NAME``, ``transfer:TARGET``, ``callback:NUMBER``, ``recording:PURPOSE``
    or ``waits:STEP``."""
    variables: Mapping[str, m.Value] = field(default_factory=dict)


def simulate(
    flows: FlowSet,
    flow: str,
    *,
    keys: str = "",
    at: datetime | str = "",
    caller: str = "13800000001",
    dialled: str = "",
    language: str = "",
    variables: Mapping[str, m.Value] | None = None,
    lookups: Lookups | None = None,
) -> Simulation:
    """Walk ``flow``. ``at``: naive times are the site's; ``dialled``: else the first hotline that runs it. Raises
    BadRequest for an unknown flow, key or time."""
    if flow not in flows.flows:
        raise BadRequest(f"there is no flow {flow}; there are: {', '.join(flows.flows)}")
    words = keys.split()
    wrong = [word for word in words if not WORD.fullmatch(word)]
    if wrong or len(words) > MAX_WORDS:
        shown = wrong[0] if wrong else "too many words"
        raise BadRequest(f"keys: {shown}; write keys such as 1 or 123#, w5 to wait, done, overflow, fail or hangup")
    dialled = dialled or next((line.number for line in flows.hotlines.values() if line.flow == flow), "")
    walker = _Simulator(flows, _instant(at, flows), lookups or {})
    given: dict[str, m.Value] = {"caller": caller, "dialled": dialled, **(variables or {})}
    if language:
        given["language"] = language
    walker.begin(flow, given)
    for word in words:
        if walker.over:
            break
        walker.word(word)
    return walker.result()


def _instant(at: datetime | str, flows: FlowSet) -> datetime:
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at) if at else datetime(2026, 1, 5, 10, 0)  # noqa: DTZ001 - the site's, below
        except ValueError:
            raise BadRequest(f"at: {at} is no time; write 2026-11-23T21:30") from None
    return (at if at.tzinfo else at.replace(tzinfo=flows.zone)).astimezone(UTC)


class _Simulator:
    def __init__(self, flows: FlowSet, now: datetime, lookups: Lookups) -> None:
        self.flows, self.now, self.start, self.lookups = flows, now, now, lookups
        self.lines: list[Line] = []
        self.steps: list[str] = []
        self.says: dict[int, datetime] = {}
        self.timers: dict[int, datetime] = {}
        self.place = ""
        self.end = ""
        self.at = ("", "")

    @property
    def over(self) -> bool:
        return self.end != ""

    def begin(self, flow: str, variables: dict[str, m.Value]) -> None:
        self.run, actions = begin(self.flows, flow, variables, self.now)
        self._take(actions)

    def give(self, event: m.Input) -> None:
        self.run, actions = step(self.flows, self.run, event, self.now)
        self._take(actions)

    def word(self, word: str) -> None:
        match = WORD.fullmatch(word)
        assert match is not None
        if match[1]:
            self._pass(self.now + timedelta(seconds=float(match[1])))
        elif match[2]:
            for key in word:
                if not self.over:
                    shown = HIDDEN if hears_secret(self.flows, self.run) else key
                    self._line("key", shown)
                    self.give(m.KeyPressed(key=key))
        elif word == "hangup":
            self.end = "hung_up"
            self._line("ends", "the caller hangs up")
        else:
            self._settle(word)

    def _settle(self, word: str) -> None:
        if self.run.phase is not Phase.AWAY:
            if self.says:
                self._pass(max(self.says.values()))
            return
        queue = self.place.startswith("queue:")
        reason = m.ReturnReason.AGENT_LEFT if queue else m.ReturnReason.DONE
        if word == "overflow":
            reason = m.ReturnReason.OVERFLOW
        elif word == "fail":
            reason = m.ReturnReason.FAILED
        self._line("note", f"{self.place} → {reason.value}")
        self.place = ""
        self.give(m.Returned(reason=reason))

    def _pass(self, until: datetime) -> None:
        """Let time pass; what ends on the way ends in its order."""
        while not self.over:
            due = [(at, "say", number) for number, at in self.says.items()]
            due += [(at, "timer", number) for number, at in self.timers.items()]
            if not due or min(due)[0] > until:
                break
            at, kind, number = min(due)
            self.now = max(self.now, at)
            if kind == "say":
                del self.says[number]
                self.give(m.SayDone(say=number, ok=True))
            else:
                del self.timers[number]
                self.give(m.TimerFired(timer=number))
        self.now = max(self.now, until) if not self.over else self.now

    def _take(self, actions: tuple[m.Action, ...]) -> None:
        for action in actions:
            match action:
                case m.TraceEntry():
                    self._traced(action)
                case m.Say():
                    self.says[action.say] = self.now + timedelta(seconds=sum(map(_seconds, action.prompts)))
                    self._line("says", " ".join(prompt.text or f"[{prompt.file}]" for prompt in action.prompts))
                case m.StopSaying():
                    self.says.pop(action.say, None)
                case m.StartTimer():
                    self.timers[action.timer] = self.now + timedelta(seconds=action.seconds)
                case m.CancelTimer():
                    self.timers.pop(action.timer, None)
                case m.LookUp():
                    self._look_up(action)
                case m.EnterQueue():
                    self.place = f"queue:{action.queue}"
                    self._line("asks", f"waits in the queue {action.queue}, priority {action.priority}")
                case m.LeaveQueue():
                    self.place = ""
                    self._line("note", f"leaves the queue {action.queue}")
                case m.TransferTo():
                    self.place = f"transfer:{action.target}"
                    self._line("asks", f"is transferred to {action.kind} {action.target}")
                case m.RequestCallback():
                    self.place = f"callback:{action.number}"
                    when = f", not before {action.earliest:%Y-%m-%d %H:%M} UTC" if action.earliest else ""
                    self._line("asks", f"is to be called back on {action.number}{when}")
                case m.TakeMessage():
                    self.place = f"recording:{action.purpose}"
                    self._line("asks", f"is recorded ({action.purpose}, at most {action.max_seconds} s)")
                case m.RecordRating():
                    self._line("note", f"rates {action.question}: {action.score}")
                case m.SetLanguage():
                    self._line("note", f"language {action.language}")
                case m.EndCall():
                    self.end = f"ended:{action.cause}"
                    self._line("ends", action.cause)
                case _:
                    assert_never(action)

    def _traced(self, entry: m.TraceEntry) -> None:
        self.at = (entry.flow, entry.step)
        match entry.event:
            case "entered":
                self.steps.append(entry.step)
                self._line("step", entry.label, entry.label_en)
            case "key":
                pass
            case _:
                self._line("note", f"{entry.event}{': ' if entry.detail else ''}{entry.detail}")

    def _look_up(self, asked: m.LookUp) -> None:
        values = self.lookups.get(asked.kind)
        self._line("note", f"looks up {asked.kind}: {'found' if values is not None else 'not found'}")
        self.give(m.LookUpDone(request=asked.request, found=values is not None, values=dict(values or {})))

    def _line(self, kind: str, text: str, text_en: str = "") -> None:
        seconds = round((self.now - self.start).total_seconds(), 1)
        self.lines.append(
            Line(seconds=seconds, kind=kind, flow=self.at[0], step=self.at[1], text=text, text_en=text_en)
        )

    def result(self) -> Simulation:
        end = self.end
        if not end:
            end = self.place if self.run.phase is Phase.AWAY else f"waits:{self.run.step}"
        return Simulation(
            lines=tuple(self.lines), steps=tuple(self.steps), end=end, variables=public_variables(self.run)
        )


def _seconds(prompt: m.Prompt) -> float:
    """About how long a prompt takes to be said."""
    if prompt.file:
        return _RECORDED_S
    return 0.3 + len(prompt.text) * _SECONDS_A_CHARACTER.get(prompt.language, 0.1)


# --- tests that stand in the flow files ----------------------------------------------------


def run_tests(flows: FlowSet) -> tuple[int, list[Problem]]:
    """Run every test of every flow; how many there were and what failed."""
    problems: list[Problem] = []
    count = 0
    for flow in flows.flows.values():
        for test in flow.tests:
            count += 1
            said = _run_test(flows, flow.name, test)
            if said:
                hint = "correct the flow or the test"
                problems.append(Problem(flow.file, test.line, 1, f"test `{test.name}`: {said}", hint))
    return count, problems


def _run_test(flows: FlowSet, flow: str, test: FlowTest) -> str:
    try:
        done = simulate(
            flows,
            flow,
            keys=test.keys,
            at=test.at,
            caller=test.caller,
            variables=test.variables,
            lookups=test.lookups,
        )
    except BadRequest as error:
        return error.message
    rest = iter(done.steps)
    missing = next((name for name in test.steps if name not in rest), None)
    if missing is not None:
        return f"step `{missing}` was not passed in its place; the way was {' → '.join(done.steps)}"
    if test.end and done.end != test.end:
        return f"it ended in `{done.end}`, not `{test.end}`; the way was {' → '.join(done.steps)}"
    return ""
