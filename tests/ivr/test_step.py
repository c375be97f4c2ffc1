"""What a caller lives through, step by step, and what can never happen whatever they do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from callcenter.ivr import messages as m
from callcenter.ivr.flow import Step
from callcenter.ivr.graph import graph
from callcenter.ivr.run import Phase, dump, load
from callcenter.ivr.step import TABLE, begin, hears_secret, public_variables, resume, step
from callcenter.ivr.walk import ENTER
from tests.ivr.support import NOON, SHIPPED, Caller, flows_of

MENU = """\
flow: main
start: hello
keys: {0: person}
steps:
  hello: {play: Hello., next: ask}
  ask:
    menu: {zh-CN: 请按键, en: Press a key.}
    keys: {1: wait, 9: english}
    attempts: 2
    on_timeout: silent
    on_invalid: wrong
    say_invalid: Wrong.
  english: {language: en, next: ask}
  wait: {queue: {name: general, priority: 7, max_wait: 1m}, next: rate, overflow: full}
  rate: {survey: Rate us., question: score, comment: Say more., thanks: Thanks.}
  person: {queue: second}
  full: {voicemail: Speak., max: 30s, next: end}
  silent: {hangup: Nobody there.}
  wrong: {hangup: , cause: wrong_keys}
"""
FLOWS = flows_of(MENU)


def test_a_key_interrupts_the_prompt_and_chooses() -> None:
    caller = Caller(FLOWS).hear().press("1")
    assert [type(a).__name__ for a in caller.last] == ["StopSaying", "TraceEntry", "TraceEntry", "EnterQueue"]
    assert caller.all(m.EnterQueue) == [m.EnterQueue(queue="general", priority=7, max_wait_s=60.0)]
    assert caller.path == ["hello", "ask", "wait"]


LABELS = """\
flow: main
start: hello
steps:
  hello: {label: {zh-CN: 欢迎语, en: Welcome}, play: Hello., next: ask}
  ask: {label: 主菜单, menu: Press a key., keys: {1: bye}, on_fail: bye}
  bye: {label: {en: Goodbye}, hangup: }
"""


def test_a_trace_holds_what_each_languages_screens_call_the_step() -> None:
    caller = Caller(flows_of(LABELS)).hear().press("1")
    entered = [(a.label, a.label_en) for a in caller.done if isinstance(a, m.TraceEntry) and a.event == "entered"]
    assert entered == [("欢迎语", "Welcome"), ("主菜单", ""), ("Goodbye", "")]
    shown = graph(caller.flows.flows["main"])
    assert [(node.label, node.label_en) for node in shown.nodes] == entered


CASE = """\
flow: main
start: ask
steps:
  ask: {gather: Number?, store: wanted, secret: %s, next: find}
  find: {lookup: {case: "{wanted}"}, found: bye, not_found: bye}
  bye: {hangup: }
"""


@pytest.mark.parametrize(("secret", "told"), [("false", ["100001"]), ("true", [""])])
def test_a_trace_names_the_case_that_was_found_unless_its_number_is_secret(secret: str, told: list[str]) -> None:
    caller = Caller(flows_of(CASE % secret)).hear().press("100001#").find(number="100001", state="open")
    assert [a.detail for a in caller.done if isinstance(a, m.TraceEntry) and a.event == "found"] == told


def test_a_key_in_the_greeting_is_taken_by_the_menu_that_follows() -> None:
    caller = Caller(FLOWS).press("1")
    assert caller.path == ["hello", "ask", "wait"]
    assert len(caller.all(m.Say)) == 1, "the menu was not said"


def test_a_key_in_the_greeting_that_the_menu_does_not_know_only_skips_the_greeting() -> None:
    caller = Caller(FLOWS).press("5")
    assert (caller.run.step, caller.run.attempts, caller.said) == ("ask", 0, "请按键")


def test_zero_reaches_a_person_from_everywhere() -> None:
    assert Caller(FLOWS).press("0").run.step == "person"
    assert Caller(FLOWS).hear().press("0").run.step == "person"


def test_wrong_keys_and_silence_part_ways_when_the_attempts_are_used_up() -> None:
    wrong = Caller(FLOWS).hear().press("7")
    assert wrong.said == "Wrong. 请按键"
    assert wrong.press("7").ended == "wrong_keys"
    silent = Caller(FLOWS).hear().wait().wait()
    assert (silent.run.step, silent.run.phase, silent.said) == ("silent", Phase.CLOSING, "Nobody there.")
    assert silent.hear().ended == "flow_ended"


def test_the_language_changes_what_is_said_from_then_on() -> None:
    caller = Caller(FLOWS).hear().press("9")
    assert caller.said == "Press a key."
    assert m.SetLanguage(language="en") in caller.done
    assert Caller(FLOWS, language="en").hear().said == "Press a key."


def test_after_the_agent_comes_the_survey_then_the_comment_then_thanks() -> None:
    caller = Caller(FLOWS).press("1").back(m.ReturnReason.AGENT_LEFT)
    assert caller.said == "Rate us."
    caller.press("4")
    assert m.RecordRating(question="score", score=4) in caller.done
    assert caller.hear().all(m.TakeMessage) == [m.TakeMessage(purpose="survey_comment", max_seconds=60)]
    assert caller.back(m.ReturnReason.DONE, recording="r").said == "Thanks."
    assert caller.hear().ended == "flow_ended"


def test_silence_in_the_survey_is_no_answer_and_no_failure() -> None:
    caller = Caller(FLOWS).press("1").back(m.ReturnReason.AGENT_LEFT).wait().wait()
    assert (caller.ended, caller.all(m.RecordRating)) == ("flow_ended", [])


def test_a_full_queue_leads_to_its_overflow_and_without_one_to_an_apology() -> None:
    caller = Caller(FLOWS).press("1").back(m.ReturnReason.OVERFLOW)
    assert caller.hear().all(m.TakeMessage) == [m.TakeMessage(purpose="voicemail", max_seconds=30)]
    assert caller.back(m.ReturnReason.DONE).ended == "flow_ended"
    apology = Caller(FLOWS).press("0").back(m.ReturnReason.OVERFLOW)
    assert apology.run.phase is Phase.CLOSING
    assert apology.hear().ended == "queue_overflow"


GATHER = """\
flow: main
start: ask
keys: {0: person}
steps:
  ask:
    gather: Number.
    digits: {min: 3, max: 6, end: "#"}
    store: number_given
    confirm: true
    attempts: 2
    next: find
    on_fail: person
  find:
    lookup: {case: "{number_given}", phone: "{caller}"}
    timeout: 2s
    found: tell
    not_found: person
    on_error: sorry
  tell: {play: "Case {number_given|digits} is {case_status}.", next: weigh}
  weigh:
    branch:
      - {when: case_age > 3 and case_status != 'closed', go: person}
    else: sorry
  sorry: {hangup: Sorry.}
  person: {queue: general}
"""
CASES = flows_of(GATHER)


def test_digits_are_gathered_read_back_and_looked_up() -> None:
    caller = Caller(CASES).press("1234#")
    assert "1 2 3 4" in caller.said
    caller.press("1")
    (asked,) = caller.all(m.LookUp)
    assert isinstance(asked, m.LookUp)
    assert (asked.kind, asked.query) == ("case", {"number": "1234", "phone": "13800000001"})
    caller.find(status="open", age=5)
    assert caller.said == "Case 1 2 3 4 is open."
    assert caller.hear().run.step == "person"


def test_digits_end_by_number_by_key_and_by_silence() -> None:
    assert Caller(CASES).press("123456").run.stage == "confirm"
    assert Caller(CASES).press("123#").run.stage == "confirm"
    assert Caller(CASES).press("123").wait().run.stage == "confirm"


def test_two_in_the_confirmation_asks_again() -> None:
    caller = Caller(CASES).press("1234#").press("2")
    assert (caller.run.stage, caller.run.digits, caller.run.attempts) == ("digits", "", 1)


def test_a_lone_zero_is_the_person_and_no_number_that_is_too_short() -> None:
    assert Caller(CASES).press("0#").run.step == "person"
    assert Caller(CASES).press("01#").run.attempts == 1


def test_a_lookup_that_is_slow_or_down_goes_its_error_way() -> None:
    late = Caller(CASES).press("1234#1")
    late.give(m.TimerFired(timer=late.run.timer))
    assert late.run.step == "sorry"
    assert late.find(status="open").run.step == "sorry", "an answer that comes late changes nothing"
    assert Caller(CASES).press("1234#1").find(error="down").run.step == "sorry"
    assert Caller(CASES).press("1234#1").find(found=False).run.step == "person"


SECRET = flows_of(
    """\
flow: main
start: ask
steps:
  ask: {gather: Pin., store: pin, secret: true, digits: {min: 4, max: 4}, next: find, attempts: 1}
  find: {lookup: {customer: "{caller}", pin: "{pin}"}, found: wait, not_found: wait}
  wait: {queue: general}
"""
)


def test_secret_digits_reach_no_trace_no_dump_and_no_pop() -> None:
    caller = Caller(SECRET)
    assert hears_secret(SECRET, caller.run)
    caller.press("97")
    assert (caller.run.digits, dump(caller.run)["digits"]) == ("97", "")
    caller.press("53")
    assert not hears_secret(SECRET, caller.run)
    assert "9753" not in repr(caller.all(m.TraceEntry))
    assert "pin" not in public_variables(caller.run)
    assert "9753" not in json.dumps(dump(caller.run))
    (asked,) = caller.all(m.LookUp)
    assert isinstance(asked, m.LookUp)
    assert asked.query["pin"] == "9753", "the business side may check it"


CALLBACK = flows_of(
    """\
flow: main
start: wait
steps:
  wait: {queue: general, keys: {1: again}}
  again: {callback: {queue: second, priority: 8, hours: {week: {daily: 09:00-18:00}}}, on_error: bye}
  bye: {hangup: Bye.}
"""
)


def test_a_waiting_caller_presses_a_key_and_is_called_back() -> None:
    caller = Caller(CALLBACK).press("5")
    assert caller.last == (), "a key that the queue does not offer"
    caller.press("1")
    assert m.LeaveQueue(queue="general", key="1") in caller.last
    assert "1 3 8 0 0 0 0 0 0 0 1" in caller.said
    caller.press("1")
    assert caller.all(m.RequestCallback) == [m.RequestCallback(queue="second", number="13800000001", priority=8)]
    caller.back(m.ReturnReason.DONE).hear()
    assert caller.ended == "flow_ended"


def test_a_call_back_waits_for_the_hours_in_which_customers_may_be_called() -> None:
    night = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    caller = Caller(CALLBACK, now=night).press("1").press("1")
    (asked,) = caller.all(m.RequestCallback)
    assert isinstance(asked, m.RequestCallback)
    assert asked.earliest == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_another_number_is_checked_before_it_is_promised() -> None:
    caller = Caller(CALLBACK, caller="anonymous").press("1")
    assert caller.run.stage == "number", "a caller without a number is asked for one"
    caller.press("123#")
    assert caller.run.stage == "number"
    caller.press("13911112222#")
    assert "1 3 9 1 1 1 1 2 2 2 2" in caller.said


def test_a_subflow_takes_parameters_and_comes_back() -> None:
    flows = flows_of(
        "flow: main\nstart: a\nsteps:\n"
        "  a: {subflow: sub, with: {topic: '{caller}'}, next: b}\n  b: {play: 'Done {result}.', next: end}\n",
        sub="flow: sub\nparameters: [topic]\nstart: s\nsteps:\n"
        "  s: {menu: 'On {topic}.', keys: {1: t}}\n  t: {set: {result: '= length(topic) + 1'}, next: end}\n",
    )
    caller = Caller(flows)
    assert caller.said == "On 13800000001."
    assert caller.press("1").said == "Done 12."
    assert caller.hear().ended == "flow_ended"


def test_a_transfer_to_a_hotline_runs_its_flow_and_a_failed_one_goes_its_error_way() -> None:
    flows = flows_of(
        "flow: main\nstart: a\nsteps:\n  a: {menu: x, keys: {1: h, 2: n}}\n"
        "  h: {transfer: {hotline: '4008001'}}\n  n: {transfer: {number: '10086'}, on_error: q}\n"
        "  q: {queue: general}\n"
    )
    assert Caller(flows).press("1").path == ["a", "h", "a"]
    caller = Caller(flows).press("2")
    assert caller.all(m.TransferTo) == [m.TransferTo(kind="number", target="10086")]
    assert caller.back(m.ReturnReason.FAILED).run.step == "q"


def test_the_hotline_greets_before_its_flow() -> None:
    flows = flows_of(MENU, hotlines='"4008001": {flow: main, greeting: Good day.}\n')
    assert Caller(flows).said == "Good day. Hello."


def test_a_caller_is_greeted_before_anything_is_looked_up() -> None:
    flows = flows_of(
        "flow: main\nstart: who\nsteps:\n  who: {lookup: {customer: '{caller}'}, found: ask, not_found: ask}\n"
        "  ask: {menu: Hello., keys: {1: ask}}\n",
        hotlines='"4008001": {flow: main, greeting: Good day.}\n',
    )
    caller = Caller(flows)
    assert (caller.said, caller.run.phase, caller.all(m.LookUp)) == ("Good day.", Phase.SAYING, [])
    caller.hear()
    assert caller.run.phase is Phase.LOOKING_UP
    assert caller.find(found=True).said == "Hello."
    in_a_hurry = Caller(flows).press("1")
    assert in_a_hurry.run.phase is Phase.LOOKING_UP, "a key ends the greeting"
    assert in_a_hurry.find(found=True).path == ["who", "ask", "ask"], "and the menu takes it"


def test_a_prompt_that_cannot_be_played_does_not_stop_the_flow() -> None:
    assert Caller(FLOWS).hear(ok=False).run.step == "ask"
    assert Caller(FLOWS).hear().hear(ok=False).run.phase is Phase.LISTENING


def test_what_belongs_to_a_step_already_left_is_ignored() -> None:
    caller = Caller(FLOWS).hear().press("1")
    for late in (
        m.SayDone(say=2, ok=True),
        m.TimerFired(timer=1),
        m.KeyPressed(key="1"),
        m.KeyPressed(key="A"),
        m.KeyPressed(key=""),
        m.LookUpDone(request=1, found=True),
    ):
        assert caller.give(late) == ()


def test_every_kind_of_step_can_be_entered() -> None:
    assert ENTER.keys() == set(get_args(Step))


def test_every_pair_of_phase_and_input_is_listed() -> None:
    kinds = set(m.Input.__args__)
    assert {phase: set(row) for phase, row in TABLE.items()} == dict.fromkeys(Phase, kinds)


@pytest.mark.parametrize("keys", ["", "1", "9", "91", "7"])
def test_a_run_survives_a_restart(keys: str) -> None:
    caller = Caller(FLOWS).press(keys)
    again = load(json.loads(json.dumps(dump(caller.run))))
    assert again == caller.run
    run, actions = resume(FLOWS, again, NOON)
    if run.phase is Phase.AWAY:
        assert actions == ()
    else:
        assert [a.prompts for a in actions if isinstance(a, m.Say)], "the current question is said again"
        assert run.say > caller.run.say
        assert (run.step, run.language) == (caller.run.step, caller.run.language)


def test_a_run_whose_flow_is_gone_ends_with_an_apology() -> None:
    run, actions = resume(replace(SECRET, hotlines={}), Caller(FLOWS).run, NOON)
    assert run.phase is Phase.CLOSING
    run, actions = begin(FLOWS, "no_such_flow", {}, NOON)
    assert isinstance(actions[0], m.Say)
    assert run.phase is Phase.CLOSING


def test_a_caller_whose_step_is_gone_begins_anew_and_who_waits_or_was_served_does_not() -> None:
    """The flows that they began with are not to be had any more, and the live ones have no such step."""
    begun, _ = begin(SHIPPED, "drill", {"dialled": "4008009"}, NOON)
    run, actions = resume(SHIPPED, replace(begun, step="gone"), NOON)
    assert (run.flow, run.step) == ("drill", "ask")
    assert any(isinstance(action, m.Say) for action in actions)
    waits = replace(begun, step="gone", phase=Phase.AWAY)
    assert step(SHIPPED, waits, m.KeyPressed(key="1"), NOON) == (waits, ())
    left, _ = step(SHIPPED, waits, m.Returned(reason=m.ReturnReason.AGENT_LEFT), NOON)
    assert left.ended
    again, _ = step(SHIPPED, waits, m.Returned(reason=m.ReturnReason.OVERFLOW), NOON)
    assert again.step == "ask"


@pytest.mark.parametrize("number", sorted(SHIPPED.hotlines))
def test_every_hotline_we_ship_lets_a_silent_caller_reach_somebody_or_an_end(number: str) -> None:
    caller = Caller(SHIPPED, SHIPPED.hotlines[number].flow, dialled=number)
    for _ in range(40):
        if caller.run.request:
            caller.find(found=False)
        elif caller.run.say or caller.run.timer:
            caller.wait() if caller.run.timer or caller.run.phase is Phase.ASKING else caller.hear()
    assert caller.ended or caller.run.phase is Phase.AWAY
