"""A consultation's beginnings and ends, whoever is asked: a colleague or somebody outside. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.handlers_talk import release, talk_state
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Consult, Outcome, Outside, Talk, beside, open_segment
from callcenter.ids import AgentId

UNBLAMED: Final = acd.OfferFailure.CALLER_GONE
LONGEST_OUTSIDE_S: Final = 4 * 3600.0
"""A conversation in which nobody of ours is ends after so long: nobody would notice two lines left open."""
OUTSIDE_TIMER: Final = "outside"


def three(call: Call) -> tuple[Consult, Talk, str]:
    """The colleague, the agent who asks and the conversation's bridge: all there while a consultation lasts."""
    assert call.consult is not None
    assert call.talk is not None
    assert call.bridge is not None
    return call.consult, call.talk, call.bridge


def caller_aside(call: Call) -> tuple[m.Action, ...]:
    assert call.bridge is not None
    leave = m.LeaveBridge(bridge=call.bridge, channel=call.channel)
    return (leave, m.StartMusic(channel=call.channel, music=call.music))


def taken_over(call: Call, asked: Consult, giver: AgentId, since: datetime, result: str, now: datetime) -> Outcome:
    """Who was asked has the caller from here on, and ``giver`` is out of it."""
    call = replace(call, consult=None, transfers=call.transfers + 1, transferred_by=giver)
    if asked.agent is None:
        outside = Outside(number=asked.number, channel=asked.channel, since=since, by=giver, answered=True)
        call = replace(call, phase=Phase.OUTSIDE, outside=outside)
        call = open_segment(call, SegmentKind.OUTSIDE, now, result=result, queue=call.queue, number=asked.number)
        return call, (m.SetTimer(name=OUTSIDE_TIMER, seconds=LONGEST_OUTSIDE_S),)
    agent_id = asked.agent.agent_id
    call = replace(call, phase=Phase.TALKING, talk=Talk(agent=asked.agent, channel=asked.channel, since=since))
    call = open_segment(call, SegmentKind.TALK, now, result=result, agent_id=agent_id, queue=call.queue)
    return call, talk_state(call, agent_id, acd.AgentState.TALKING)


def hand_over(call: Call, now: datetime, *, leg_up: bool = True) -> Outcome:
    """Who was asked has the caller; who asked is in wrap-up."""
    asked, talk, bridge = three(call)
    apart: tuple[m.Action, ...] = ()
    if not asked.with_caller:
        apart = (m.LeaveBridge(bridge=asked.bridge, channel=asked.channel),)
    taken = (asked.channel,) if asked.with_caller else (call.channel, asked.channel)
    # The asker leaves the conversation's bridge before the other enters, or all three would be in it a moment.
    call, released = release(call, leg_up=leg_up)
    call, told = taken_over(call, asked, talk.agent.agent_id, now, "transferred", now)
    joined = (m.Join(bridge=bridge, channels=taken), m.DestroyBridge(bridge=asked.bridge))
    return beside(call, now, "transferred"), (*released, *apart, *joined, *told)


def let_consulted_go(
    call: Call, now: datetime, failure: acd.OfferFailure | None, *, leg_up: bool, why: str = ""
) -> Outcome:
    """End the part of who was asked, and with it their bridge. ``failure`` None: the desk took its offer back and
    knows; ``why``, if given, says it better.

    They get no wrap-up: they never met the caller.
    """
    asked = call.consult
    assert asked is not None
    result = why or (failure.value if failure is not None else "withdrawn")
    actions: list[m.Action] = [m.HangUp(channel=asked.channel)] if leg_up else []
    call = beside(replace(call, consult=None), now, "consulted" if asked.answered else result)
    if not asked.answered:
        actions.append(m.DropTimer(name=f"ring{asked.channel}"))
    if asked.offer is not None:
        agent_id, offer_id = asked.offer.agent.agent_id, asked.offer.offer_id
        if asked.answered:
            ended = acd.TalkEnded(call_id=call.id, agent_id=agent_id, met_caller=False)
            actions += [m.TellDesk(command=ended), m.ShowCall(agent_id=agent_id)]
        else:
            actions.append(m.OfferOver(agent_id=agent_id, offer_id=offer_id, reason=result))
            if failure is not None:
                actions.append(m.TellDesk(command=acd.OfferFailed(offer_id=offer_id, failure=failure)))
    return call, (*actions, m.DestroyBridge(bridge=asked.bridge))


def consult_over(
    call: Call,
    now: datetime,
    failure: acd.OfferFailure | None,
    *,
    leg_up: bool = True,
    resume: bool = False,
    why: str = "",
) -> Outcome:
    """Who was asked is gone; the agent has the caller again, on hold unless they asked for it (``resume``).

    ``why`` is what the agent is told, when that is more than ``failure`` says.
    """
    asked, talk, bridge = three(call)
    agent_id = talk.agent.agent_id
    moves: list[m.Action] = []
    if asked.answered and not asked.with_caller:
        moves.append(m.LeaveBridge(bridge=asked.bridge, channel=talk.channel))
    if not asked.answered:
        moves.append(m.StopRinging(channel=talk.channel))
    resume = resume or asked.with_caller
    if not asked.with_caller:
        moves.append(m.Join(bridge=bridge, channels=(call.channel, talk.channel) if resume else (talk.channel,)))
    call, let_go = let_consulted_go(call, now, failure, leg_up=leg_up, why=why)
    call = replace(call, phase=Phase.TALKING if resume else Phase.HELD)
    kind, state = (SegmentKind.TALK, acd.AgentState.TALKING) if resume else (SegmentKind.HOLD, acd.AgentState.HOLD)
    if not asked.with_caller:
        call = open_segment(call, kind, now, result=why or "consulted", agent_id=agent_id, queue=call.queue)
    told = (m.RefuseAgent(agent_id=agent_id, code=why or _why(asked, failure)),) if why or not resume else ()
    return call, (*moves, *let_go, *talk_state(call, agent_id, state), *told)


def _why(asked: Consult, failure: acd.OfferFailure | None) -> str:
    if asked.agent is None:
        return "outside_left" if asked.answered else f"outside_{failure.value if failure else 'unreachable'}"
    return "consulted_left" if asked.answered else f"consult_{failure.value if failure else 'withdrawn'}"
