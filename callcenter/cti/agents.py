"""Who can be called or given a call: everybody in service who takes calls, with their state now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from callcenter.access.agents import load_profiles
from callcenter.access.guard import SignedIn
from callcenter.acd.messages import AgentSnapshot, AgentState
from callcenter.context import ServicesDep


class AgentOut(BaseModel):
    agent_id: str
    name: str
    extension: str
    state: AgentState
    reason: str
    since: datetime | None
    """None: not signed in since the service began."""


def agents_router(live: Callable[[], Iterable[AgentSnapshot]]) -> APIRouter:
    """``live`` gives the agents whom the desk knows."""
    router = APIRouter(tags=["cti"])

    @router.get("/api/v1/agents")
    async def agents(who: SignedIn, made: ServicesDep) -> list[AgentOut]:
        """Everybody in service who takes calls, by extension; the fire drill's agents are left out."""
        async with made.db.read() as session:
            profiles = await load_profiles(session)
        known = {agent.profile.agent_id: agent for agent in live()}
        found = []
        for profile in profiles:
            if profile.drill:
                continue
            agent = known.get(profile.agent_id)
            found.append(
                AgentOut(
                    agent_id=profile.agent_id,
                    name=profile.name,
                    extension=profile.extension,
                    state=agent.state if agent else AgentState.OFFLINE,
                    reason=agent.reason if agent else "",
                    since=agent.since if agent else None,
                )
            )
        return found

    return router
