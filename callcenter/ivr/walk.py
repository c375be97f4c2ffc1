"""One input's worth of walking: a run taken apart, moved on and put together again. Pure.

:class:`Walk` is local to one call of :func:`callcenter.ivr.step.step`; it exists because changing a frozen
value field by field costs more than the walk itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import phonenumbers

from callcenter.ivr import flow as f
from callcenter.ivr import messages as m
from callcenter.ivr.flow import END, Flow, FlowSet
from callcenter.ivr.hours import judge, next_open
from callcenter.ivr.run import Frame, Phase, Run
from callcenter.ivr.wording import Phrase, value_of
from callcenter.quick import maker

MAX_WALKED: Final = 5000
"""Steps in one call, and the end of a flow that goes round for ever in spite of every check."""
MAX_AT_ONCE: Final = 500
"""Steps without waiting for anything."""
MAX_DEPTH: Final = 20

# Made for every step of every caller.
_run = maker(Run)
_traced = maker(m.TraceEntry)
_say = maker(m.Say)
_stop = maker(m.StopSaying)
_timer = maker(m.StartTimer)
_cancel = maker(m.CancelTimer)


class Walk:
    """The mutable twin of :class:`Run`, with the actions so far."""

    __slots__ = (
        "actions", "attempts", "cause", "counter", "digits", "flow", "flows", "language", "now", "phase", "prefix",
        "request", "say_id", "secrets", "stack", "stage", "step", "timer", "typed", "variables", "version", "walked",
    )  # fmt: skip

    flow: Flow
    step: f.Step

    def __init__(self, flows: FlowSet, run: Run, now: datetime) -> None:
        self.flows = flows
        self.now = now
        self.actions: list[m.Action] = []
        self.typed = ""
        self.version = run.version
        self.phase = run.phase
        self.stage = run.stage
        self.say_id = run.say
        self.timer = run.timer
        self.request = run.request
        self.attempts = run.attempts
        self.digits = run.digits
        self.variables: Mapping[str, m.Value] = run.variables
        self.secrets = run.secrets
        self.language = run.language
        self.stack = run.stack
        self.counter = run.counter
        self.walked = run.walked
        self.cause = run.cause
        self.prefix = run.prefix

    def freeze(self, flow: str, step: str) -> Run:
        return _run(
            self.version, flow, step, self.phase, self.stage, self.say_id, self.timer, self.request, self.attempts,
            self.digits, self.variables, self.secrets, self.language, self.stack, self.counter, self.walked,
            self.cause, self.prefix,
        )  # fmt: skip

    # --- saying, waiting, ending ---------------------------------------------------------

    def trace(self, event: str, detail: str = "") -> None:
        step = self.step
        self.actions.append(
            _traced(
                at=self.now, flow=self.flow.name, step=step.name, label=step.label, label_en=step.label_en,
                event=event, detail=detail,
            )
        )  # fmt: skip

    def say(self, prompts: tuple[m.Prompt, ...], phase: Phase) -> bool:
        """Say something and be in ``phase``; False when there is nothing to say."""
        if self.prefix:
            prompts, self.prefix = (*self.prefix, *prompts), ()
        if not prompts:
            return False
        self.phase = phase
        self.counter = self.say_id = self.counter + 1
        self.actions.append(_say(say=self.say_id, prompts=prompts))
        return True

    def ask(self, phrase: Phrase, seconds: float, before: Phrase | None = None) -> None:
        """Say a question and take keys; with nothing to say, take keys at once."""
        prompts = phrase.prompts(self.language, self.variables)
        if before is not None:
            prompts = (*before.prompts(self.language, self.variables), *prompts)
        if not self.say(prompts, Phase.ASKING):
            self.listen(seconds)

    def listen(self, seconds: float) -> None:
        self.phase = Phase.LISTENING
        self.counter = self.timer = self.counter + 1
        self.actions.append(_timer(timer=self.timer, seconds=seconds))

    def hush(self) -> None:
        """Stop what is said and what is waited for."""
        if self.say_id:
            self.actions.append(_stop(say=self.say_id))
            self.say_id = 0
        if self.timer:
            self.actions.append(_cancel(timer=self.timer))
            self.timer = 0

    def away(self, action: m.Action) -> None:
        """Hand the caller over until Returned comes."""
        self.phase = Phase.AWAY
        self.actions.append(action)

    def end(self, cause: str) -> None:
        self.hush()
        self.phase, self.cause, self.request = Phase.ENDED, cause, 0
        self.actions.append(m.EndCall(cause=cause))

    def close(self, phrase: Phrase | None, cause: str) -> None:
        """Say the last words, then end."""
        self.cause = cause
        if phrase is None or not self.say(phrase.prompts(self.language, self.variables), Phase.CLOSING):
            self.end(cause)

    def put(self, name: str, value: m.Value) -> None:
        self.variables = {**self.variables, name: value}
        if name in self.secrets:
            self.secrets = self.secrets - {name}

    def fail(self, detail: str) -> None:
        """What the step needs failed: ``on_error``, or an apology and the end."""
        self.trace("error", detail)
        if self.step.on_error:
            self.go(self.step.on_error)
        else:
            self.close(f.FAILED, "failed")

    # --- from step to step -----------------------------------------------------------------

    def start(self, flow: Flow) -> None:
        self.flow = flow
        self.go(flow.start)

    def go(self, target: str) -> None:
        """Walk until a step waits for something."""
        self.say_id = self.timer = self.request = 0
        first = self.walked
        onward: str | None = target
        while onward is not None:
            if onward == END:
                if not self.stack:
                    self.end(self.cause or "flow_ended")
                    return
                frame, self.stack = self.stack[-1], self.stack[:-1]
                self.flow, onward = self.flows.flows[frame.flow], frame.next
                continue
            self.walked += 1
            if self.walked > MAX_WALKED or self.walked - first > MAX_AT_ONCE:
                self.end("flow_too_long")
                return
            self.step = self.flow.steps[onward]
            self.attempts = 0
            self.digits = self.stage = ""
            step = self.step
            self.actions.append(
                _traced(
                    at=self.now, flow=self.flow.name, step=step.name, label=step.label, label_en=step.label_en,
                    event="entered",
                )
            )  # fmt: skip
            onward = ENTER[type(step)](self, step)
        self.typed = ""

    # --- entering a step: the next step's name when it does not wait --------------------------

    def _menu(self, step: f.Menu) -> str | None:
        if self.typed and self.typed in step.keys:
            self.trace("key", self.typed)
            key, self.typed = self.typed, ""
            return step.keys[key]
        self.ask(step.phrase, step.timeout_s)
        return None

    def _play(self, step: f.Play) -> str | None:
        if self.typed and step.barge_in:
            return step.next  # a key ends words, also those that were still to come
        said = self.say(step.phrase.prompts(self.language, self.variables), Phase.SAYING)
        return None if said else step.next

    def _gather(self, step: f.Gather) -> str | None:
        self.stage = "secret" if step.secret else "digits"
        if self.typed.isdigit():
            self.digits, self.typed = self.typed, ""
            self.listen(step.between_s)
        else:
            self.ask(step.phrase, step.timeout_s)
        return None

    def _branch(self, step: f.Branch) -> str:
        for case, target in step.cases:
            if case.run(self.variables):
                self.trace("case", case.text)
                return target
        self.trace("case", "else")
        return step.otherwise

    def _assign(self, step: f.Assign) -> str:
        values = dict(self.variables)
        for name, source in step.values:
            values[name] = value_of(source, values)
        self.variables = values
        if self.secrets:
            self.secrets = self.secrets.difference(name for name, _ in step.values)
        return step.next

    def _hours(self, step: f.Hours) -> str:
        verdict = judge(step.calendar, self.now.astimezone(self.flows.zone))
        if verdict.warning:
            self.trace("warning", verdict.warning)
        self.trace("open" if verdict.open else "closed", verdict.holiday)
        if verdict.open:
            return step.open
        return step.holiday if verdict.holiday else step.closed

    def _look_up(self, step: f.Lookup) -> None:
        # Who has heard nothing yet is greeted first: a finder may take seconds.
        if not self.say((), Phase.SAYING):
            self.hand_over(step)

    def _ask_finder(self, step: f.Lookup) -> None:
        self.phase = Phase.LOOKING_UP
        request, timer = self.counter + 1, self.counter + 2
        self.request, self.timer, self.counter = request, timer, timer
        query: dict[str, m.Value] = {name: made.plain(self.variables) for name, made in step.query}
        ask = m.LookUp(request=request, kind=step.lookup, query=query, timeout_s=step.timeout_s)
        # The flow keeps its own time, whatever becomes of the one who looks up.
        self.actions += (ask, _timer(timer=timer, seconds=step.timeout_s))

    def _subflow(self, step: f.Subflow) -> str:
        for name, source in step.arguments:
            self.put(name, value_of(source, self.variables))
        if len(self.stack) >= MAX_DEPTH:
            return END
        self.stack = (*self.stack, Frame(self.flow.name, step.next))
        self.flow = self.flows.flows[step.flow]
        return self.flow.start

    def _language(self, step: f.Language) -> str:
        self.speak(step.language)
        return step.next

    def _announce(self, step: f.Queue | f.Transfer) -> str | None:
        prompts = () if step.announce is None else step.announce.prompts(self.language, self.variables)
        self.stage = "announce"
        return None if self.say(prompts, Phase.SAYING) else self.hand_over(step)

    def _voicemail(self, step: f.Voicemail) -> None:
        self.stage = "greeting"
        if not self.say(step.phrase.prompts(self.language, self.variables), Phase.SAYING):
            self.hand_over(step)

    def _callback(self, step: f.Callback) -> None:
        self.put("number", value_of(step.number, self.variables))
        self.check_number(step)

    def _survey(self, step: f.Survey) -> None:
        self.stage = "rating"
        self.ask(step.phrase, step.timeout_s)

    def _hang_up(self, step: f.HangUp) -> None:
        self.close(step.phrase, step.cause)

    def speak(self, language: str) -> None:
        self.language = language
        self.put("language", language)
        self.actions.append(m.SetLanguage(language=language))

    # --- steps that hand the caller over ---------------------------------------------------

    def hand_over(self, step: f.Queue | f.Transfer | f.Voicemail | f.Lookup) -> str | None:
        """What comes after the words before it. A hotline's name leads on inside the interpreter."""
        match step:
            case f.Lookup():
                self._ask_finder(step)
                return None
            case f.Queue():
                self.stage = "waiting"
                priority = value_of(step.priority, self.variables)
                self.away(
                    m.EnterQueue(
                        queue=step.queue,
                        priority=min(9, max(1, int(priority))) if isinstance(priority, int | float) else 5,
                        skills=dict(step.skills),
                        max_wait_s=step.max_wait_s,
                        max_length=step.max_length,
                    )
                )
                return None
            case f.Transfer():
                target = str(value_of(step.target, self.variables) or "")
                self.stage = "transfer"
                if step.to == "hotline":
                    hotline = self.flows.hotlines.get(target)
                    if hotline is None:
                        self.close(f.FAILED, "unknown_hotline")
                        return None
                    self.stack = ()
                    self.flow = self.flows.flows[hotline.flow]
                    return self.flow.start
                self.away(m.TransferTo(kind=step.to, target=target))
                return None
            case f.Voicemail():
                self.stage = "recording"
                self.away(m.TakeMessage(purpose="voicemail", max_seconds=step.max_s))
                return None

    def check_number(self, step: f.Callback) -> None:
        """Read the number back; ask for another when it cannot be called."""
        if callable_number(self.variables.get("number")):
            self.stage = "check"
            self.ask(step.check, step.timeout_s)
        else:
            self.stage, self.digits = "number", ""
            self.ask(step.ask, step.timeout_s)

    def request_callback(self, step: f.Callback) -> None:
        local = self.now.astimezone(self.flows.zone)
        opens = next_open(step.calendar, local)
        if opens is None:
            self.fail("no opening hours within a month")
            return
        earliest = None if opens == local else opens.astimezone(UTC)
        priority = value_of(step.priority, self.variables)
        self.stage = "saving" if earliest is None else "saving later"
        self.away(
            m.RequestCallback(
                queue=step.queue,
                number=str(self.variables.get("number") or ""),
                priority=min(9, max(1, int(priority))) if isinstance(priority, int | float) else 5,
                earliest=earliest,
            )
        )


ENTER: Final[Mapping[type[f.Step], Callable[[Walk, Any], str | None]]] = {
    f.Play: Walk._play,
    f.Menu: Walk._menu,
    f.Gather: Walk._gather,
    f.Hours: Walk._hours,
    f.Lookup: Walk._look_up,
    f.Branch: Walk._branch,
    f.Assign: Walk._assign,
    f.Queue: Walk._announce,
    f.Transfer: Walk._announce,
    f.Callback: Walk._callback,
    f.Voicemail: Walk._voicemail,
    f.Survey: Walk._survey,
    f.Subflow: Walk._subflow,
    f.Language: Walk._language,
    f.HangUp: Walk._hang_up,
}
"""Kind of step → what entering it does. A table, because a caller's every step goes through here."""


def callable_number(value: m.Value) -> bool:
    """Whether a number can be called back: one that the numbering plan allows (mainland China when no + is given)."""
    text = str(value or "").strip()
    if not text or len(text) > 20:
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, "CN"))
    except phonenumbers.NumberParseException:
        return False
