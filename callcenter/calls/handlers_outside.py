"""The caller and a telephone outside, with nobody of ours (any more). Pure; listed in ``table.TABLE``.

An agent's blind transfer to a number is a consultation in which nothing is asked: the caller hears music and the
agent the ringing until the telephone outside rings. What is refused, busy or not reached before comes back to the
agent, who still has the caller; what fails afterwards brings the caller to the front of their queue, and whom we
called back to the agent who called them. A flow's transfer has no agent to come back to: it goes its ``on_error`` way.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.consulting import LONGEST_OUTSIDE_S, OUTSIDE_TIMER, caller_aside, three
from callcenter.calls.following import menu_input
from callcenter.calls.handlers_dial import reason_of
from callcenter.calls.handlers_queue import late_answer
from callcenter.calls.handlers_talk import agent_transfers as to_ours
from callcenter.calls.handlers_talk import is_mine, not_yours, release, talk_state
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import RING_OUTSIDE_S, Call, Consult, Outcome, Outside, end_by_us, fresh, open_segment
from callcenter.calls.waiting import to_the_front
from callcenter.ids import AgentId
from callcenter.ivr import messages as ivr
from callcenter.ivr.flow import FlowSet


def agent_transfers(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentTransfer)
    if event.number is None:
        return to_ours(flows, call, event, now)
    if not is_mine(call, event):
        return call, not_yours(event)
    return ask_outside(call, event.number, event.agent_id, now, blind=True)


def ask_outside(call: Call, number: str, agent_id: AgentId, now: datetime, *, blind: bool = False) -> Outcome:
    """The caller hears music, the agent the ringing of a telephone outside."""
    assert call.talk is not None
    assert call.bridge is not None
    held, conversation, leg = call.phase is Phase.HELD, call.bridge, call.talk.channel
    call, channel = fresh(call, "out")
    call, bridge = fresh(call, "consult")
    asked = Consult(number=number, channel=channel, bridge=bridge, since=now, blind=blind)
    call = replace(call, phase=Phase.CONSULTING, consult=asked)
    call = open_segment(
        call, SegmentKind.CONSULT, now, result="consult", agent_id=agent_id, queue=call.queue, number=number
    )
    dial = m.DialOutside(
        channel=channel, number=number, hotline=call.hotline, timeout_s=RING_OUTSIDE_S, second=True
    )  # fmt: skip
    return call, (
        *(() if held else caller_aside(call)),
        m.LeaveBridge(bridge=conversation, channel=leg),
        m.StartRinging(channel=leg),
        m.CreateBridge(bridge=bridge),
        dial,
        m.SetTimer(name=f"ring{channel}", seconds=RING_OUTSIDE_S),
        *talk_state(call, agent_id, acd.AgentState.CONSULTING),
    )


def forward(call: Call, now: datetime, *, leg_up: bool = True) -> Outcome:
    """The agent leaves while it rings outside: from here on the caller hears the ringing."""
    asked, talk, _ = three(call)
    giver = talk.agent.agent_id
    call, released = release(call, leg_up=leg_up)
    outside = Outside(number=asked.number, channel=asked.channel, since=now, by=giver)
    call = replace(
        call,
        phase=Phase.FORWARDING,
        consult=None,
        outside=outside,
        transfers=call.transfers + 1,
        transferred_by=giver,
    )
    call = open_segment(call, SegmentKind.DIAL, now, result="transferred", queue=call.queue, number=asked.number)
    return call, (
        *released,
        m.DestroyBridge(bridge=asked.bridge),
        m.StopMusic(channel=call.channel),
        m.StartRinging(channel=call.channel),
    )


# --- it rings ---------------------------------------------------------------------------------------


def answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegAnswered)
    outside = call.outside
    if outside is None or call.bridge is None or event.channel != outside.channel:
        return late_answer(flows, call, event, now)
    call = replace(call, phase=Phase.OUTSIDE, outside=replace(outside, answered=True, since=now))
    call = open_segment(
        call, SegmentKind.OUTSIDE, now, result="answered", queue=call.queue, number=outside.number
    )  # fmt: skip
    return call, (
        m.DropTimer(name=f"ring{outside.channel}"),
        m.StopRinging(channel=call.channel),
        m.Join(bridge=call.bridge or "", channels=(call.channel, outside.channel)),
        m.SetTimer(name=OUTSIDE_TIMER, seconds=LONGEST_OUTSIDE_S),
    )


def ring_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    if call.outside is None or event.name != f"ring{call.outside.channel}":
        return call, ()
    return not_reached(flows, call, "no_answer", now)


def ringing_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegGone)
    if call.outside is None or event.channel != call.outside.channel:
        return call, ()
    return not_reached(flows, call, reason_of(event.cause), now, leg_up=False)


def not_reached(flows: FlowSet, call: Call, reason: str, now: datetime, *, leg_up: bool = True) -> Outcome:
    """Whom the flow put through goes on by its ``on_error``, whom an agent did goes to the front of their queue."""
    outside = call.outside
    assert outside is not None
    over: tuple[m.Action, ...] = (
        m.DropTimer(name=f"ring{outside.channel}"),
        m.DropTimer(name=OUTSIDE_TIMER),
        m.StopRinging(channel=call.channel),
        *((m.HangUp(channel=outside.channel),) if leg_up else ()),
    )
    call = replace(call, outside=None)
    if outside.by is None:
        call = open_segment(replace(call, phase=Phase.MENU), SegmentKind.MENU, now, result=reason)
        call, actions = menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.FAILED), now)
    else:
        call, actions = to_the_front(call, now, reason, back_to=outside.by if call.direction == "outbound" else None)
    return call, (*over, *actions)


# --- they talk --------------------------------------------------------------------------------------


def leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegGone)
    if call.outside is None or event.channel != call.outside.channel:
        return call, ()
    return _left(flows, call, now, leg_up=False)


def too_long(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    return _left(flows, call, now, leg_up=True) if event.name == OUTSIDE_TIMER else (call, ())


def _left(flows: FlowSet, call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    """The conversation is over and the caller still there: back to the flow, as when an agent has left."""
    outside = call.outside
    assert outside is not None
    over: tuple[m.Action, ...] = (
        m.DropTimer(name=OUTSIDE_TIMER),
        *((m.HangUp(channel=outside.channel),) if leg_up else ()),
        m.LeaveBridge(bridge=call.bridge or "", channel=call.channel),
    )
    call = replace(call, phase=Phase.MENU, outside=None, wait=None, end_reason=None, ended_by=None)
    call = open_segment(call, SegmentKind.MENU, now, result="outside_left")
    if call.run is None:
        call, actions = end_by_us(call, "completed", "system")
    else:
        call, actions = menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.AGENT_LEFT), now)
    if call.phase is Phase.LEAVING:
        call = replace(call, end_reason="completed", ended_by="system")
    return call, (*over, *actions)


# --- what the switch or a rule refuses ---------------------------------------------------------------


REFUSALS_OF_THE_SWITCH: Final = ("", "switch_refused")


def why_failed(event: m.ActionFailed) -> str:
    """As the agent is told it: a rule's own code, or that it was not reached."""
    return "outside_unreachable" if event.code in REFUSALS_OF_THE_SWITCH else event.code
