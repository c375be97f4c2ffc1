"""The desk over HTTP, for team leads: queues and agents live, why somebody waited, why somebody got it, forcing an
agent's state, and directing a call that waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import HTTPConnection

from callcenter.access import audit
from callcenter.access.agents import load_profiles
from callcenter.access.guard import LeadOrAbove
from callcenter.acd import archive
from callcenter.acd import messages as m
from callcenter.acd.desk import Desk
from callcenter.acd.explain import Explanation, Names, why_agent, why_waited
from callcenter.acd.gaps import find_gaps
from callcenter.acd.queue import WaitingCall
from callcenter.context import ServicesDep
from callcenter.errors import BadRequest, Conflict, NotFound, Unavailable
from callcenter.ids import AgentId, CallId, OfferId, is_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRoom:
    """What these endpoints need; ``composition`` puts it on ``app.state.desk``."""

    desk: Desk
    directed: Callable[[m.CallDirected], object] = lambda command: None
    """Tells the call itself, before the desk goes by it."""


async def room(connection: HTTPConnection) -> DeskRoom:
    found: DeskRoom = connection.app.state.desk
    return found


router = APIRouter(prefix="/api/v1/desk", tags=["desk"])

Room = Annotated[DeskRoom, Depends(room)]
Id = Annotated[str, Path(min_length=1, max_length=100)]
SHOWN: Final = 200
"""Waiting calls of one queue that are listed; all are counted."""


class ForceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["ready", "break", "offline"]
    reason: str = Field("", max_length=60)
    epoch: int | None = Field(None, ge=0)
    """Of the state that the supervisor saw: somebody else's change in between is refused."""


class DirectIn(BaseModel):
    """What is left out stays as it is; something must be said."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    queue: str | None = Field(None, min_length=1, max_length=60)
    """It waits there from now on, for anyone of that queue; its own queue: for anyone of it again."""
    priority: int | None = Field(None, ge=1, le=9)
    """1 (last) … 9 (first)."""
    agent_id: str | None = Field(None, min_length=1, max_length=100)
    """It waits for this agent, as long as they are on duty."""

    @model_validator(mode="after")
    def _something(self) -> DirectIn:
        if self.queue is None and self.priority is None and self.agent_id is None:
            raise ValueError("say a queue, a priority or an agent")
        return self


@router.get("")
async def live(who: LeadOrAbove, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Every queue with its callers in serving order and why each waits, and every agent."""
    rules, now = made.desk.rules, services.clock.now()
    queues = []
    for queue in rules.queues():
        calls = rules.waiting(queue.name)
        shown = [shown_call(made.desk, call, place, now) for place, call in enumerate(calls[:SHOWN], start=1)]
        queues.append(
            {
                "name": queue.name,
                "title": queue.title,
                "title_en": queue.title_en,
                "drill": queue.drill,
                "service_level_s": queue.service_level_s,
                "on_duty": rules.on_duty(queue.name),
                "waiting": len(calls),
                "longest_wait_s": max(((now - call.request.since).total_seconds() for call in calls), default=0.0),
                "calls": shown,
            }
        )
    agents = [shown_agent(agent) for agent in rules.agents() if agent.state is not m.AgentState.OFFLINE]
    return {"queues": queues, "agents": agents, "order": rules.order, "server_time": now}


def shown_call(desk: Desk, call: WaitingCall, place: int, now: datetime) -> dict[str, Any]:
    """One waiting call as JSON, with the reason why nobody takes it at this moment."""
    request = call.request
    return {
        "call_id": call.call_id,
        "place": place,
        "since": request.since,
        "waited_s": max(0.0, (now - request.since).total_seconds()),
        "priority": request.priority,
        "vip": request.vip,
        "needs": call.levels,
        "held_for": call.held_for,
        "callback": call.terms is not None,
        "offer_id": call.offer,
        "reason": desk.rules.blocked_by(call.call_id),
    }


def shown_agent(agent: m.AgentSnapshot) -> dict[str, Any]:
    profile = agent.profile
    return {
        "agent_id": profile.agent_id,
        "name": profile.name,
        "extension": profile.extension,
        "queues": profile.queues,
        "skills": profile.skills,
        "drill": profile.drill,
        "state": agent.state,
        "since": agent.since,
        "cause": agent.cause,
        "reason": agent.reason,
        "by": agent.by,
        "call_id": agent.call_id,
        "until": agent.until,
        "allowance_until": agent.allowance_until,
        "overdue": agent.overdue,
        "pending": agent.pending,
        "phone": agent.phone,
        "page": agent.page,
        "epoch": agent.epoch,
        "duty": agent.duty,
    }


@router.get("/calls/{call_id}/why")
async def why_did_this_caller_wait(call_id: Id, who: LeadOrAbove, made: Room, services: ServicesDep) -> dict[str, Any]:
    """The story of a call's waits, one after the other, lasting or over; without reasons when it never came to a queue.

    ``queue`` and ``ended_at`` are of the last one.
    """
    rules, now, names = made.desk.rules, services.clock.now(), desk_names(made.desk)
    last = rules.story(CallId(call_id))
    if last is None and not is_id(call_id):
        raise NotFound("no such call")
    reasons: list[dict[str, Any]] = []
    shown = last
    try:
        async with services.db.read() as session:
            for story in await archive.waits_of(session, CallId(call_id)) if is_id(call_id) else ():
                if last is None or story.ended_at != last.ended_at:
                    others = await archive.decided_meanwhile(session, story)
                    reasons += _told(why_waited(story, others, now, names))["reasons"]
                    shown = last or story
    except Unavailable:
        if last is None:
            raise  # who waits now is told about all the same
    if last is not None:
        blocked = rules.blocked_by(CallId(call_id))
        reasons += _told(why_waited(last, rules.decisions(), now, names, blocked))["reasons"]
    queue, ended_at = (shown.request.queue, shown.ended_at) if shown else (None, None)
    return {"call_id": call_id, "queue": queue, "ended_at": ended_at, "reasons": reasons}


@router.get("/offers/{offer_id}/why")
async def why_did_this_agent_get_it(
    offer_id: Id, who: LeadOrAbove, made: Room, services: ServicesDep
) -> dict[str, Any]:
    """One decision. 404: there was no such offer."""
    decision = made.desk.rules.decision(OfferId(offer_id))
    if decision is None:
        async with services.db.read() as session:
            decision = await archive.decision_of(session, OfferId(offer_id))
    if decision is None:
        raise NotFound("no such offer")
    return shown_decision(decision, desk_names(made.desk))


@router.get("/decisions")
async def decisions(
    who: LeadOrAbove,
    made: Room,
    services: ServicesDep,
    call_id: Annotated[str, Query(max_length=100)] = "",
    agent_id: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The last decisions, newest first; of one call or one agent if asked."""
    found = [
        decision
        for decision in reversed(made.desk.rules.decisions())
        if (not call_id or decision.call_id == call_id) and (not agent_id or decision.agent_id == agent_id)
    ]
    if len(found) < limit and all(is_id(one) for one in (call_id, agent_id) if one):
        # What the desk no longer remembers, or decided before it was started anew
        known = {decision.offer_id for decision in found}
        async with services.db.read() as session:
            kept = await archive.last_decisions(session, call_id=call_id, agent_id=agent_id, limit=limit)
        found += [decision for decision in kept if decision.offer_id not in known]
    names = desk_names(made.desk)
    return {"decisions": [shown_decision(decision, names) for decision in found[:limit]]}


@router.get("/gaps")
async def gaps(who: LeadOrAbove, made: Room, services: ServicesDep) -> dict[str, Any]:
    """What queues ask for that nobody in service can give. The fire drill brings its own people."""
    async with services.db.read() as session:
        profiles = await load_profiles(session)
    queues = (queue for queue in made.desk.rules.queues() if not queue.drill)
    return {"gaps": [asdict(gap) for gap in find_gaps(queues, profiles)]}


@router.post("/agents/{agent_id}/state")
async def force_state(
    agent_id: Id, body: ForceIn, who: LeadOrAbove, made: Room, services: ServicesDep
) -> dict[str, Any]:
    """Set an agent ready, on a break or offline; during a conversation it takes effect afterwards."""
    command = m.ForceState(
        agent_id=AgentId(agent_id),
        state=m.AgentState(body.state),
        by=who.name,
        reason=body.reason,
        epoch=body.epoch,
    )
    before = made.desk.rules.agent(AgentId(agent_id))
    for action in made.desk.ask(command):
        if isinstance(action, m.CommandRefused) and action.command == command:
            if action.code == "not_logged_in":
                raise NotFound(action.message)
            raise Conflict(action.message, details={"reason": action.code})
    seen = made.desk.rules.agent(AgentId(agent_id))
    assert seen is not None
    async with services.db.write() as session:
        audit.record(
            session,
            services.clock.now(),
            who.account_id,
            "agent.forced",
            agent_id,
            changes={"state": [before.state.value if before else None, body.state]},
            reason=body.reason,
        )
    return shown_agent(seen)


@router.post("/calls/{call_id}/direct")
async def direct_call(
    call_id: Id, body: DirectIn, who: LeadOrAbove, made: Room, services: ServicesDep
) -> dict[str, Any]:
    """Give a call that waits another queue, priority or agent; its wait goes on counting.

    409 with ``reason``: ``not_waiting`` (any more), ``ringing`` (with an agent already), ``agent_off_duty``,
    ``drill_apart``; 422: no such queue.
    """
    agent_id = AgentId(body.agent_id) if body.agent_id else None
    command = m.CallDirected(
        call_id=CallId(call_id), by=who.name, queue=body.queue, priority=body.priority, agent_id=agent_id
    )
    refused = made.desk.rules.refusal(command)
    if refused == "unknown_queue":
        raise BadRequest("there is no such queue", details={"reason": refused})
    if refused:
        raise Conflict(f"this call cannot be directed: {refused}", details={"reason": refused})
    waits = made.desk.rules.waits(command.call_id)
    assert waits is not None
    was, before, now = waits.queue, waits.request, services.clock.now()
    made.directed(command)
    made.desk.ask(command)
    changes: dict[str, list[Any]] = {}
    if body.queue is not None and body.queue != was:
        changes["queue"] = [was, body.queue]
    if body.priority is not None:
        changes["priority"] = [before.priority, body.priority]
    if agent_id is not None or (body.queue is not None and before.target_agent is not None):
        changes["agent"] = [before.target_agent, agent_id]
    async with services.db.write() as session:
        audit.record(session, now, who.account_id, "call.directed", call_id, contact=call_id, changes=changes)
    place = made.desk.rules.position(command.call_id)
    waits = made.desk.rules.waits(command.call_id)
    return shown_call(made.desk, waits, place[0] if place else 0, now) if waits else {"call_id": call_id}


def desk_names(desk: Desk) -> Names:
    queues = desk.rules.queues()
    return Names(
        agents={agent.profile.agent_id: agent.profile.name for agent in desk.rules.agents()},
        queues={queue.name: queue.title for queue in queues},
        queues_en={queue.name: queue.title_en for queue in queues},
    )


def _told(told: Explanation) -> dict[str, Any]:
    """Reasons and their sentences side by side."""
    return {
        "reasons": [
            {"code": reason.code, "at": reason.at, "details": reason.details, "zh": zh, "en": en}
            for reason, zh, en in zip(told.reasons, told.zh, told.en, strict=True)
        ]
    }


def shown_decision(decision: m.Decision, names: Names) -> dict[str, Any]:
    return {
        "offer_id": decision.offer_id,
        "call_id": decision.call_id,
        "agent_id": decision.agent_id,
        "queue": decision.queue,
        "at": decision.at,
        "waited_s": decision.waited_s,
        "points": decision.points,
        "reason": decision.reason,
        "candidates": [
            {"agent_id": agent_id, "name": names.agents.get(agent_id, agent_id), "score": score}
            for agent_id, score in zip(decision.candidates, decision.scores, strict=False)
        ],
        "excluded": [
            {"agent_id": agent_id, "name": names.agents.get(agent_id, agent_id), "reason": code}
            for agent_id, code in decision.excluded
        ],
        **_told(why_agent(decision, names)),
    }
