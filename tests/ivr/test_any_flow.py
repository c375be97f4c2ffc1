"""Random flows under random callers: every run waits for something or ends once, and nothing ever raises."""

from __future__ import annotations

import json
from collections.abc import Sequence

import yaml
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ivr import messages as m
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import FlowErrors, compile_files
from callcenter.ivr.run import Phase, dump, load
from callcenter.ivr.step import resume
from tests.ivr.support import HOTLINES, NOON, QUEUES, SHIPPED, Caller, outstanding

NAMES = [f"s{number}" for number in range(7)]
_NAME = st.sampled_from(NAMES)
_TARGET = st.sampled_from([*NAMES, "end"])
_KEYS = st.dictionaries(st.sampled_from("01239*#"), _TARGET, min_size=1, max_size=3)
_TEXT = st.sampled_from(["Hello.", "You are {caller|digits}.", "{v} and {customer_name}"])


def _step(
    fields: dict[str, st.SearchStrategy[object]], **optional: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    return st.fixed_dictionaries(fields, optional=optional)


_STEPS = st.one_of(
    _step({"play": _TEXT, "next": _TARGET}, barge_in=st.booleans(), on_error=_TARGET),
    _step({"menu": _TEXT, "keys": _KEYS}, on_fail=_TARGET, on_timeout=_TARGET, attempts=st.integers(1, 3)),
    _step(
        {"gather": _TEXT, "store": st.just("v"), "next": _TARGET},
        confirm=st.booleans(),
        digits=st.just({"min": 2, "max": 3}),
        on_fail=_TARGET,
    ),
    _step(
        {"gather": st.just("Pin."), "store": st.just("pin"), "next": _TARGET},
        secret=st.just(True),
        digits=st.just({"min": 2, "max": 4}),
    ),
    _step({"hours": st.just({"week": {"mon-fri": "09:00-18:00"}}), "open": _TARGET, "closed": _TARGET}),
    _step({"lookup": st.just({"customer": "{caller}"}), "found": _TARGET, "not_found": _TARGET}, on_error=_TARGET),
    _step({"branch": st.just([{"when": "v == '12'", "go": "s0"}]), "else": _TARGET}),
    _step({"set": st.just({"v": "= length(caller)"}), "next": _TARGET}),
    _step({"queue": st.just("general")}, next=_TARGET, overflow=_TARGET, keys=_KEYS, announce=_TEXT),
    _step({"transfer": st.sampled_from([{"number": "10086"}, {"hotline": "4008001"}])}, next=_TARGET, on_error=_TARGET),
    _step({"callback": st.just({"queue": "general"})}, next=_TARGET, on_error=_TARGET),
    _step({"voicemail": _TEXT}, next=_TARGET, on_error=_TARGET),
    _step({"survey": _TEXT, "question": st.just("q")}, comment=_TEXT, next=_TARGET),
    _step({"subflow": st.just("sub"), "next": _TARGET}, **{"with": st.just({"v": "x"})}),
    _step({"language": st.sampled_from(["en", "zh-CN"]), "next": _TARGET}),
    _step({"hangup": st.sampled_from([None, "Bye."])}),
)
_FLOW = st.fixed_dictionaries(
    {"flow": st.just("main"), "start": st.just("s0"), "steps": st.fixed_dictionaries(dict.fromkeys(NAMES, _STEPS))},
    optional={"keys": st.dictionaries(st.sampled_from("08"), _NAME, max_size=1)},
)
SUB = b"flow: sub\nstart: a\nsteps:\n  a: {menu: Sub., keys: {1: end}, on_fail: end}\n"
_DO = st.sampled_from(
    [*"0123456789*#", "hear", "unheard", "wait", "found", "not found", "error", *m.ReturnReason, "late"]
)


def compiled(flow: dict[str, object]) -> FlowSet | None:
    """The flow with unreachable steps removed, since most random ones have some; None when it is refused."""
    steps = flow["steps"]
    assert isinstance(steps, dict)
    for _ in range(len(NAMES)):
        files = {
            "main.yaml": yaml.safe_dump(flow, allow_unicode=True).encode(),
            "sub.yaml": SUB,
            "queues.yaml": QUEUES,
            "hotlines.yaml": HOTLINES,
        }
        try:
            return compile_files(files)
        except FlowErrors as error:
            dead = [p.message.split("`")[1] for p in error.problems if "no step leads here" in p.message]
            if not dead:
                return None
            for name in dead:
                steps.pop(name, None)
    return None


def live(caller: Caller, doings: Sequence[str]) -> None:
    for doing in doings:
        run = caller.run
        match doing:
            case "hear" | "unheard":
                caller.give(m.SayDone(say=run.say, ok=doing == "hear"))
            case "wait":
                caller.give(m.TimerFired(timer=run.timer))
            case "found" | "not found" | "error":
                failed = "down" if doing == "error" else ""
                found = doing == "found"
                caller.give(m.LookUpDone(request=run.request, found=found, values={"name": "W"}, error=failed))
            case "late":
                caller.give(m.SayDone(say=run.say - 1, ok=True))
                caller.give(m.TimerFired(timer=run.timer + 1))
            case m.ReturnReason():
                caller.give(m.Returned(reason=doing))
            case _:
                caller.give(m.KeyPressed(key=doing))
        holds(caller)


def holds(caller: Caller) -> None:
    run = caller.run
    if run.phase is Phase.ENDED:
        assert caller.ended is not None
        assert isinstance(caller.done[-1], m.EndCall), "nothing follows the end"
    else:
        assert caller.ended is None
        assert outstanding(run), f"waits for nothing in {run.phase} of {run.step}"
    ids = [a.say for a in caller.done if isinstance(a, m.Say)]
    ids += [a.timer for a in caller.done if isinstance(a, m.StartTimer)]
    ids += [a.request for a in caller.done if isinstance(a, m.LookUp)]
    assert len(ids) == len(set(ids)), "an id was given twice"
    for name in run.secrets:
        assert name not in dump(run)["variables"]


@given(_FLOW, st.lists(_DO, max_size=40))
def test_every_run_waits_or_ends_once(flow: dict[str, object], doings: list[str]) -> None:
    flows = compiled(flow)
    if flows is None:
        return
    caller = Caller(flows)
    holds(caller)
    live(caller, doings)
    if not caller.run.secrets and caller.run.stage != "secret":
        assert load(json.loads(json.dumps(dump(caller.run)))) == caller.run
    resumed, actions = resume(flows, caller.run, NOON)
    if resumed.phase is not Phase.ENDED:
        assert outstanding(resumed)
    if caller.run.phase is Phase.ENDED:
        assert actions == ()


@given(st.sampled_from(sorted(SHIPPED.flows)), st.lists(_DO, max_size=60))
def test_the_flows_we_ship_stand_any_caller(flow: str, doings: list[str]) -> None:
    caller = Caller(SHIPPED, flow)
    holds(caller)
    live(caller, doings)
