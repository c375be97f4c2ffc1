"""The interpreter: walks one caller through compiled flows. Pure.

``begin``, ``step`` and ``resume`` return a new :class:`Run` and what is to be done. Every (phase, input) pair
is listed in :data:`TABLE`; what belongs to a step already left is an explicit ignore, because keys, time-outs
and ends of playback cross each other on a real line. Nothing is said or asked after EndCall.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from callcenter.ivr import flow as f
from callcenter.ivr import messages as m
from callcenter.ivr import reactions as on
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.messages import Action, Input, Value
from callcenter.ivr.run import Phase, Run, dump, load, public_variables
from callcenter.ivr.walk import Walk

__all__ = ["Phase", "Run", "begin", "dump", "hears_secret", "load", "public_variables", "resume", "step"]

Outcome = tuple[Run, tuple[Action, ...]]

KEYS: Final = frozenset("0123456789*#")
"""A to D exist on no telephone that a caller has; they and anything else are ignored."""


def begin(flows: FlowSet, flow: str, variables: dict[str, Value], now: datetime) -> Outcome:
    """Start ``flow``. ``variables["language"]``, when set, is the caller's language, else the flow's.

    A flow that does not exist ends the call with an apology: the caller must never hear silence.
    """
    found = flows.flows.get(flow)
    language = str(variables.get("language") or (found.language if found else "zh-CN"))
    hotline = flows.hotlines.get(str(variables.get("dialled") or ""))
    greeting = hotline.greeting if hotline and hotline.flow == flow else None
    known = {**variables, "language": language}
    prefix = greeting.prompts(language, known) if greeting else ()
    run = Run(
        flows.version, flow, "", Phase.SAYING, "", 0, 0, 0, 0, "", known, frozenset(), language, (), 0, 0, "", prefix
    )
    walk = Walk(flows, run, now)
    if found is None:
        walk.close(f.FAILED, "unknown_flow")
        return walk.freeze(flow, ""), tuple(walk.actions)
    walk.start(found)
    return walk.freeze(walk.flow.name, walk.step.name), tuple(walk.actions)


def step(flows: FlowSet, run: Run, event: Input, now: datetime) -> Outcome:
    """Let one input act. Never raises for what comes late or twice: it is then ``(run, ())``."""
    reaction = TABLE[run.phase][type(event)]
    if reaction is None or (type(event) is m.KeyPressed and event.key not in KEYS):
        return run, ()
    walk = Walk(flows, run, now)
    if run.step:
        here = flows.flows.get(run.flow)
        if here is None or run.step not in here.steps:  # the flows that it began with are not to be had any more
            return _begin_anew(flows, run, walk, event)
        walk.flow, walk.step = here, here.steps[run.step]
    if not reaction(walk, event):
        return run, ()
    if not run.step:
        return walk.freeze(run.flow, run.step), tuple(walk.actions)
    return walk.freeze(walk.flow.name, walk.step.name), tuple(walk.actions)


def resume(flows: FlowSet, run: Run, now: datetime) -> Outcome:
    """After a restart: say the current question again. Ids are new, so what was outstanding is stale.

    In a queue or a recording nothing is to be done here: the call itself knows where it stands.
    """
    if run.phase in (Phase.ENDED, Phase.AWAY):
        return run, ()
    walk = Walk(flows, run, now)
    walk.say_id = walk.timer = walk.request = 0
    flow = flows.flows.get(run.flow)
    here = flow.steps.get(run.step) if flow else None
    if flow is None or here is None:
        return _begin_anew(flows, run, walk)
    walk.flow, walk.step = flow, here
    walk.digits = ""
    if run.phase is Phase.CLOSING:
        walk.end(run.cause)
    elif isinstance(here, f.Callback) and run.phase in (Phase.ASKING, Phase.LISTENING):
        walk.ask(here.ask if run.stage == "number" else here.check, here.timeout_s)
    elif isinstance(here, f.Callback | f.Survey) and run.phase is Phase.SAYING:
        on.after_words(walk)
    else:
        attempts = run.attempts
        walk.go(here.name)
        if walk.step is here:
            walk.attempts = attempts
    return walk.freeze(walk.flow.name, walk.step.name), tuple(walk.actions)


def _begin_anew(flows: FlowSet, run: Run, walk: Walk, event: Input | None = None) -> Outcome:
    """The caller's step is in none of these flows: from the beginning of what their number leads to now, or an apology
    where that is nothing. Who was served already is let go; who waits, waits on."""
    if event is not None and run.phase is Phase.AWAY and not isinstance(event, m.Returned):
        return run, ()
    walk.say_id = walk.timer = walk.request = 0
    walk.digits, walk.stack = "", ()
    hotline = flows.hotlines.get(str(run.variables.get("dialled") or ""))
    entry = flows.flows.get(hotline.flow) if hotline is not None else None
    if isinstance(event, m.Returned) and event.reason in (m.ReturnReason.AGENT_LEFT, m.ReturnReason.DONE):
        walk.end("flow_ended")
    elif entry is None:
        walk.close(f.FAILED, "flow_gone")
    else:
        walk.start(entry)
        return walk.freeze(walk.flow.name, walk.step.name), tuple(walk.actions)
    return walk.freeze(run.flow, ""), tuple(walk.actions)


def hears_secret(flows: FlowSet, run: Run) -> bool:
    """Whether the next key belongs to a secret entry: whoever logs keys must hide it."""
    return run.stage == "secret" and run.phase in (Phase.ASKING, Phase.LISTENING)


Reaction = Callable[[Walk, Input], bool]

# None: listed as an ignore. Inputs: Started, KeyPressed, SayDone, TimerFired, LookUpDone, Returned.
_INPUTS: Final = (m.Started, m.KeyPressed, m.SayDone, m.TimerFired, m.LookUpDone, m.Returned)
_ROWS: Final[dict[Phase, tuple[Reaction | None, ...]]] = {
    Phase.SAYING: (None, on.skip, on.said, None, None, None),
    Phase.ASKING: (None, on.key, on.asked, None, None, None),
    Phase.LISTENING: (None, on.key, None, on.silence, None, None),
    Phase.LOOKING_UP: (None, None, None, on.lookup_late, on.looked_up, None),
    Phase.AWAY: (None, on.waiting_key, None, None, None, on.returned),
    Phase.CLOSING: (None, None, on.closed, None, None, None),
    Phase.ENDED: (None, None, None, None, None, None),
}
TABLE: Final[dict[Phase, dict[type, Reaction | None]]] = {
    phase: dict(zip(_INPUTS, row, strict=True)) for phase, row in _ROWS.items()
}
"""Phase → input → reaction; None is a listed ignore."""
