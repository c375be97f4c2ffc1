"""How a call goes on in each phase after something may have been missed: a restart, a lost connection, a request that
nobody answered. Pure; listed in ``table.TABLE``.

The journal says where the call stood and the event what the switch has of it. Who is gone was told before, as
``CallerGone`` or ``LegGone``. Here everything that may be missing is done again, and only what does no harm when it
was done already: two people who talk hear nothing of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.consulting import consult_over
from callcenter.calls.following import comfort_timer, follow_menu
from callcenter.calls.handlers_consult import consulted_answered
from callcenter.calls.handlers_dial import agent_answered, agent_failed, outside_answered
from callcenter.calls.handlers_outside import answered as put_through
from callcenter.calls.handlers_outside import not_reached
from callcenter.calls.handlers_parked import back_answered
from callcenter.calls.handlers_queue import leg_answered
from callcenter.calls.state import Call, Outcome, end_by_us, keep_message
from callcenter.ivr import messages as ivr
from callcenter.ivr import step as interpreter
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.run import Phase as MenuPhase


def menu(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The step's prompt is said again; what was typed of a number is typed again. Keys may have been missed even if the
    service lived on."""
    assert isinstance(event, m.TakenUp)
    first = (*_alone(call, event), *_stop(call))
    if call.run is None:  # a refusal was being said
        call, actions = end_by_us(replace(call, playback=None, say=None), "refused", "system")
        return call, (*first, *actions)
    # Asked of us and never answered (a call-back to note): the flow goes its way for that.
    if event.lived_on and call.run.phase in (MenuPhase.AWAY, MenuPhase.LOOKING_UP) and call.channel in event.up:
        return call, first
    if call.run.phase is MenuPhase.AWAY:
        run, asked = interpreter.step(flows, call.run, ivr.Returned(reason=ivr.ReturnReason.FAILED), now)
    else:
        run, asked = interpreter.resume(flows, call.run, now)
    call, actions = follow_menu(flows, replace(call, run=run, playback=None, say=None), asked, now)
    return call, (*first, *_answered(call, event), m.StopMusic(channel=call.channel), *actions)


def message(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """What was said is kept, and the caller is asked to speak again: whether it was all, nobody can tell. As long as
    somebody listens, they speak on."""
    assert isinstance(event, m.TakenUp)
    if event.lived_on and not event.unsure:
        return call, ()
    stop: tuple[m.Action, ...] = (m.StopRecording(recording=call.recording),) if call.recording else ()
    call, kept = keep_message(call)
    assert call.run is not None
    stage = "comment" if call.run.stage == "recording" else call.run.stage
    run = replace(call.run, phase=MenuPhase.SAYING, stage=stage)
    call, actions = menu(flows, replace(call, run=run, phase=m.Phase.MENU), event, now)
    return call, (*stop, *kept, *actions)


def waiting(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The desk was told of the wait; the music plays on in the switch unless something was being announced."""
    assert isinstance(event, m.TakenUp)
    assert call.wait is not None
    strangers, answer = _alone(call, event), _answered(call, event)
    comfort = () if event.lived_on else comfort_timer(flows, call.wait.queue)
    if call.playback is None and not event.unsure and not strangers:
        return call, (*answer, *comfort)
    first = (*_stop(call), *answer, *comfort)
    music = m.StartMusic(channel=call.channel, music=call.wait.music)
    return replace(call, playback=None, say=None), (*strangers, *first, music)


def offered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """A telephone that rings goes on ringing; one that was answered meanwhile is in the call; one that is not there is
    dialled, as it was to be. The leg has the name it had: a request that is still on its way does not ring it twice."""
    assert isinstance(event, m.TakenUp)
    up = next((ring for ring in call.rings if ring.channel in event.up), None)
    if up is not None:
        prepare = _bridge(call, event)
        call, actions = leg_answered(flows, call, m.LegAnswered(channel=up.channel), now)
        return call, (*prepare, *actions)
    done: list[m.Action] = [*_bridge(call, event)]
    for ring in call.rings:
        if ring.channel in event.channels:
            done.append(m.ShowCall(agent_id=ring.offer.agent.agent_id))
        else:
            dial = m.DialAgent(channel=ring.channel, offer=ring.offer, caller_number=call.caller_number)
            done += (m.SendPop(offer=ring.offer), dial)
    return call, tuple(done)


_NOT_DIALLED = acd.OfferFailure.CALLER_GONE
"""No blame, no pause: the agent is free again and the call the next to be offered."""


def talking(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TakenUp)
    assert call.talk is not None
    apart = tuple(c for c in (call.channel, call.talk.channel) if c not in event.together)
    join = (m.Join(bridge=call.bridge or "", channels=apart),) if apart else ()
    return call, (*_bridge(call, event), *join, m.ShowCall(agent_id=call.talk.agent.agent_id))


def held(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TakenUp)
    assert call.talk is not None
    actions: list[m.Action] = [*_bridge(call, event)]
    if call.channel in event.together:
        actions.append(m.LeaveBridge(bridge=call.bridge or "", channel=call.channel))
    if call.channel in event.together or event.unsure:
        actions.append(m.StartMusic(channel=call.channel, music=call.music))
    if call.talk.channel not in event.together:
        actions.append(m.Join(bridge=call.bridge or "", channels=(call.talk.channel,)))
    return call, (*actions, m.ShowCall(agent_id=call.talk.agent.agent_id))


def consulting(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """As when a telephone rings for a caller; of two who talk, only what may be missing is joined again."""
    assert isinstance(event, m.TakenUp)
    asked, talk = call.consult, call.talk
    assert asked is not None
    assert talk is not None
    shown = tuple(m.ShowCall(agent_id=each.agent_id) for each in (talk.agent, asked.agent) if each is not None)
    prepare = _bridge(call, event)
    if event.unsure and not asked.with_caller:
        prepare = (*prepare, *_alone(call, event), m.StartMusic(channel=call.channel, music=call.music))
    room = m.CreateBridge(bridge=asked.bridge)
    if not asked.answered and asked.channel in event.up:
        call, actions = consulted_answered(flows, call, m.LegAnswered(channel=asked.channel), now)
        return call, (*prepare, room, *actions)
    if not asked.answered and asked.channel not in event.channels:
        call, actions = consult_over(call, now, _NOT_DIALLED, leg_up=False)
        return call, (*prepare, *actions)
    if event.unsure and not asked.answered:
        apart = tuple(m.LeaveBridge(bridge=call.bridge or "", channel=c) for c in event.together if c == talk.channel)
        return call, (*prepare, *apart, room, m.StartRinging(channel=talk.channel), *shown)
    if event.unsure:
        if asked.with_caller:
            again = m.Join(bridge=call.bridge or "", channels=(call.channel, talk.channel))
            return call, (*prepare, again, m.StartMusic(channel=asked.channel, music=call.music), *shown)
        return call, (*prepare, room, m.Join(bridge=asked.bridge, channels=(talk.channel, asked.channel)), *shown)
    return call, (*prepare, *shown)


def forwarding(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """As for an agent's telephone; one outside is never rung again."""
    assert isinstance(event, m.TakenUp)
    assert call.outside is not None
    channel, prepare = call.outside.channel, _bridge(call, event)
    if channel in event.up:
        call, actions = put_through(flows, call, m.LegAnswered(channel=channel), now)
    elif channel in event.channels:
        call, actions = call, (m.StartRinging(channel=call.channel),)
    else:
        call, actions = not_reached(flows, call, "unreachable", now, leg_up=False)
    return call, (*prepare, *actions)


def outside(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TakenUp)
    apart = tuple(c for c in (call.channel, *call.settled_legs) if c not in event.together)
    join = (m.Join(bridge=call.bridge or "", channels=apart),) if apart else ()
    return call, (*_bridge(call, event), *join)


def conference(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TakenUp)
    apart = tuple(c for c in (call.channel, *call.settled_legs) if c not in event.together)
    join = (m.Join(bridge=call.bridge or "", channels=apart),) if apart else ()
    return call, (
        *_bridge(call, event, for_many=True),
        *join,
        *(m.ShowCall(agent_id=agent_id) for agent_id in call.engaged),
    )


def parked(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The agent's sign of life comes again, with their page and telephone."""
    assert isinstance(event, m.TakenUp)
    kept, bridge, asked = call.parked, call.bridge or "", call.consult
    assert kept is not None
    if kept.channel in event.up:
        prepare = _bridge(call, event)
        call, actions = back_answered(flows, call, m.LegAnswered(channel=kept.channel or ""), now)
        return call, (*prepare, *actions)
    if kept.channel not in event.channels:
        call = replace(call, parked=replace(kept, channel=None))
    apart = (m.LeaveBridge(bridge=bridge, channel=call.channel),) if call.channel in event.together else ()
    music = (m.StartMusic(channel=call.channel, music=call.music),) if apart or event.unsure else ()
    if asked is not None and event.unsure:
        music = (*music, m.StartMusic(channel=asked.channel, music=call.music))
    return call, (*_bridge(call, event), *apart, *music, m.ShowCall(agent_id=kept.agent.agent_id))


def calling_agent(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """As for an offer: who rings rings on, who answered meanwhile is asked to wait for the telephone outside."""
    assert isinstance(event, m.TakenUp)
    part = call.ringing or call.talk
    assert part is not None
    if part.channel in event.up:
        prepare = _bridge(call, event)
        call, actions = agent_answered(flows, call, m.LegAnswered(channel=part.channel), now)
        return call, (*prepare, *actions)
    if part.channel in event.channels:
        return call, _bridge(call, event)
    gone = m.ActionFailed(action="dial_agent", target=part.channel, message="not dialled")
    return agent_failed(flows, call, gone, now)


def dialling(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """A telephone outside that is not there any more was told before, and is never rung again for this attempt."""
    assert isinstance(event, m.TakenUp)
    assert call.talk is not None
    talk, prepare = call.talk, _bridge(call, event)
    if call.channel in event.up:
        call, actions = outside_answered(flows, call, m.LegAnswered(channel=call.channel), now)
        return call, (*prepare, *actions)
    return call, (
        *prepare,
        m.StartRinging(channel=talk.channel),
        m.ShowCall(agent_id=talk.agent.agent_id),
    )


def leaving(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    return call, (m.HangUp(channel=call.channel),)


def _bridge(call: Call, event: m.TakenUp, *, for_many: bool = False) -> tuple[m.Action, ...]:
    if event.bridged or call.bridge is None:
        return ()
    return (m.CreateBridge(bridge=call.bridge, for_many=for_many),)


def _alone(call: Call, event: m.TakenUp) -> tuple[m.Action, ...]:
    """The caller is with nobody, whatever could not be said to the switch."""
    if call.bridge is None or call.channel not in event.together:
        return ()
    return (m.LeaveBridge(bridge=call.bridge, channel=call.channel),)


def _answered(call: Call, event: m.TakenUp) -> tuple[m.Action, ...]:
    """A caller who was not answered hears ringing, whatever is played. To be asked after what is played was stopped:
    Asterisk answers a channel when its playback has ended, and hears nobody on our connection until then."""
    if call.channel in event.up:
        return ()
    answer = m.Answer(channel=call.channel)
    return (answer,) if event.lived_on else (answer, m.Capture(channel=call.channel))


def _stop(call: Call) -> tuple[m.Action, ...]:
    return () if call.playback is None else (m.StopPlay(playback=call.playback),)
