"""What agents, their supervisors and their telephones do to their states. Pure; acts on the floor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd import offers, waiting
from callcenter.acd.agent import ASKED, IN_CALL, OFFERED, START_TALK, Agent, Answer
from callcenter.acd.floor import Floor
from callcenter.acd.messages import AgentState as S
from callcenter.ids import AgentId, CallId

MAX_EXTENSION_S: Final = 600.0
"""By which one request may lengthen a wrap-up."""

Asked = m.AgentLoggedOut | m.AgentReady | m.AgentBreak | m.WrapUpDone | m.WrapUpExtended


def log_in(floor: Floor, command: m.AgentLoggedIn, now: datetime) -> None:
    agent = admit(floor, command.profile, now)
    if agent.state is S.OFFLINE:
        agent.calls, agent.busy_s, agent.idle_s, agent.missed = 0, 0.0, 0.0, 0
        agent.since = now
        floor.set_state(agent, S.BREAK, now, "logged_in", "logged_in")
    else:
        if agent.pending == "offline":
            agent.later("")
        floor.show(agent)


def profile_changed(floor: Floor, command: m.ProfileChanged, now: datetime) -> None:
    agent = floor.agents.get(command.profile.agent_id)
    if agent is None or agent.state is S.OFFLINE or agent.profile == command.profile:
        return  # the next log-in brings it
    floor.show(admit(floor, command.profile, now))


def admit(floor: Floor, profile: m.AgentProfile, now: datetime) -> Agent:
    """The agent with this profile, found by the queues and skills it names."""
    agent = floor.agents.get(profile.agent_id)
    if agent is None:
        agent = floor.agents[profile.agent_id] = Agent(profile=profile, state=S.OFFLINE, since=now)
    else:
        floor.unindex(agent)
        floor.count(agent, -1)
        floor.thinned.update(dict.fromkeys(agent.profile.queues))
    agent.profile = profile
    agent.lacks = floor.codes.lacks(profile.skills, drill=profile.drill)
    floor.count(agent, +1)
    floor.index(agent)
    return agent


def presence(floor: Floor, command: m.AgentPresence, now: datetime) -> None:
    agent = floor.agents.get(command.agent_id)
    if agent is None:
        return
    before = (agent.phone, agent.page)
    awaited = command.page is not None and floor.awaited.pop(agent.agent_id, None) is not None
    agent.phone = agent.phone if command.phone is None else command.phone
    agent.page = agent.page if command.page is None else command.page
    if (agent.phone, agent.page) == before and not awaited:
        return
    if agent.offer_id and not (agent.phone and (agent.page or agent.agent_id in floor.awaited)):
        offers.withdraw(floor, agent, now, "agent_away")
        floor.settle_pending(agent, now)
        return
    floor.show(agent)
    floor.index(agent)
    if agent.state is S.READY and not agent.offerable:
        floor.thinned.update(dict.fromkeys(agent.profile.queues))


def duty(floor: Floor, command: m.DutyMarked, now: datetime) -> None:
    """The roster marks an agent; who drains leaves the ranks of the ready ones."""
    agent = floor.agents.get(command.agent_id)
    if agent is None or agent.state is S.OFFLINE or agent.duty == command.duty:
        return
    floor.unindex(agent)
    agent.duty = command.duty
    if agent.draining:
        floor.draining[agent.agent_id] = agent
    else:
        floor.draining.pop(agent.agent_id, None)
    floor.show(agent)
    floor.index(agent)
    if agent.draining:
        for call in [call for call in floor.calls.values() if call.offer is None]:
            waiting.refresh(floor, call, now)  # it may come to need them


def asked(floor: Floor, command: Asked, now: datetime, by: str = "") -> None:
    """An agent, or a supervisor (``by``) for them, asks for a state, or for more or less time."""
    agent = floor.agents.get(command.agent_id)
    if agent is None:
        floor.refuse(command, "not_logged_in", "log in first")
        return
    answer = ASKED[agent.state, type(command)]
    if answer is Answer.NO:
        floor.refuse(command, f"not_while_{agent.state.value}", f"not possible while {agent.state.value}")
    elif answer is Answer.LATER:
        if isinstance(command, m.AgentBreak):
            agent.later(f"break:{command.reason}", allowance_s=command.allowance_s, by=by)
        else:
            agent.later("offline" if isinstance(command, m.AgentLoggedOut) else "", by=by)
        floor.show(agent)
    elif answer is Answer.NOW:
        _do(floor, agent, command, now)


def _do(floor: Floor, agent: Agent, command: Asked, now: datetime, by: str = "") -> None:
    match command:
        case m.AgentLoggedOut():
            agent.later("")
            floor.set_state(agent, S.OFFLINE, now, command.cause, by=by)
        case m.AgentBreak():
            agent.later("")
            floor.take_break(agent, now, command.cause, command.reason, command.allowance_s, by)
        case m.AgentReady():
            if not agent.phone:
                floor.refuse(command, "phone_not_registered", "the telephone is not registered yet")
            elif not agent.page:
                floor.refuse(command, "page_away", "the agent's page is not connected")
            else:
                agent.later("")
                agent.missed = 0
                floor.set_state(agent, S.READY, now, command.cause, by=by)
        case m.WrapUpDone():
            floor.after_wrap_up(agent, now, "wrap_up_done")
        case m.WrapUpExtended() if agent.until:
            agent.until += timedelta(seconds=max(0.0, min(command.seconds, MAX_EXTENSION_S)))
            floor.watch(agent)
            floor.show(agent)
        case _:
            pass


def force(floor: Floor, command: m.ForceState, now: datetime) -> None:
    """A supervisor decides. A conversation is never cut."""
    agent = floor.agents.get(command.agent_id)
    if agent is None:
        floor.refuse(command, "not_logged_in", "this agent is not logged in")
        return
    if command.epoch is not None and command.epoch != agent.epoch:
        floor.refuse(command, "state_changed", "the agent's state has changed meanwhile; look again")
        return
    wish: Asked
    match command.state:
        case S.READY:
            wish = m.AgentReady(agent_id=command.agent_id, cause="forced")
        case S.BREAK:
            wish = m.AgentBreak(agent_id=command.agent_id, reason=command.reason or "supervisor", cause="forced")
        case S.OFFLINE:
            wish = m.AgentLoggedOut(agent_id=command.agent_id, cause="forced")
        case _:
            floor.refuse(command, "bad_state", f"{command.state.value} cannot be forced")
            return
    if agent.state in OFFERED and command.state is not S.READY:
        offers.withdraw(floor, agent, now, "forced")
    answer = ASKED[agent.state, type(wish)]
    if answer is Answer.LATER:
        asked(floor, wish, now, command.by)
    elif answer is Answer.NO:
        floor.refuse(command, f"not_while_{agent.state.value}", f"not possible while {agent.state.value}")
    elif answer is Answer.NOW:
        before = len(floor.out)
        _do(floor, agent, wish, now, command.by)
        floor.out[before:] = [
            m.CommandRefused(command=command, code=a.code, message=a.message) if isinstance(a, m.CommandRefused) else a
            for a in floor.out[before:]
        ]


# --- conversation ---


def in_call(floor: Floor, agent_id: AgentId, call_id: CallId) -> Agent | None:
    agent = floor.agents.get(agent_id)
    return agent if agent and agent.state in IN_CALL and agent.call_id == call_id else None


def talk_changed(floor: Floor, command: m.TalkChanged, now: datetime) -> None:
    agent = in_call(floor, command.agent_id, command.call_id)
    if agent and command.state in IN_CALL and command.state is not agent.state:
        floor.set_state(agent, command.state, now, "call")


def talk_ended(floor: Floor, command: m.TalkEnded, now: datetime) -> None:
    """However the call goes on (transfer, survey, hang-up), the agent who met the caller gets their wrap-up."""
    agent = in_call(floor, command.agent_id, command.call_id)
    if agent:
        offers.give_up_dialling(floor, agent, now, "agent_ended")
        if command.met_caller:
            floor.wrap_up(agent, now, "call_ended")
        else:
            floor.after_wrap_up(agent, now, "consulted")


def talk_started(floor: Floor, command: m.TalkStarted, now: datetime) -> None:
    agent = floor.agents.get(command.agent_id)
    if agent is None or agent.state is S.OFFLINE:
        floor.refuse(command, "not_logged_in", "log in first")
    elif not START_TALK[agent.state]:
        floor.refuse(command, "busy", f"not possible while {agent.state.value}")
    else:
        if agent.state is S.BREAK and not agent.pending:
            left = (agent.allowance_until - now).total_seconds() if agent.allowance_until else None
            agent.later(f"break:{agent.reason}", allowance_s=left, by=agent.by)  # the break goes on afterwards
        agent.call_id, agent.queue = command.call_id, command.queue
        floor.set_state(agent, S.TALKING, now, "call_started")


def restore_talk(floor: Floor, command: m.TalkRestored, now: datetime) -> None:
    agent = floor.agents.get(command.agent_id)
    if agent is None or agent.offer_id or command.state not in IN_CALL:
        return
    agent.call_id, agent.queue = command.call_id, command.queue
    floor.set_state(agent, command.state, now, "restored")
    agent.since = command.since


def timer(floor: Floor, agent_id: AgentId, now: datetime) -> None:
    agent = floor.agents.get(agent_id)
    if agent is None:
        return
    if agent.until and agent.until <= now:
        floor.after_wrap_up(agent, now, "wrap_up_over")
    elif agent.allowance_until and agent.allowance_until <= now and not agent.overdue:
        agent.overdue = True
        floor.show(agent)
