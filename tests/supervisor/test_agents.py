"""Who can be given a call: everybody in service who takes calls, with their state."""

from __future__ import annotations

import pytest

from callcenter.access.roles import Role
from callcenter.acd import messages as m
from callcenter.acd.desk import Desk
from callcenter.acd.rules import DeskRules
from callcenter.cti.agents import agents_router
from callcenter.ids import AgentId
from tests.house import House


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_signed_in_sees_the_agents_and_their_states(house: House, role: Role) -> None:
    desk = Desk(DeskRules(), house.clock, lambda action: None)
    house.app.include_router(agents_router(desk.rules.agents))
    anna = AgentId(await house.account(Role.AGENT, "anna", extension="7001"))
    await house.account(Role.AGENT, "ben", extension="7002")
    await house.account(Role.AGENT, "robot", extension="7003", drill=True)
    profile = m.AgentProfile(agent_id=anna, name="Anna", extension="7001", seat="seat-7001", queues={}, skills={})
    desk.tell(m.AgentLoggedIn(profile=profile))
    client, own = await house.signed_in(role)
    seen = [one for one in (await client.get("/api/v1/agents")).json() if one["agent_id"] != own]
    assert [(one["name"], one["extension"], one["state"], one["reason"]) for one in seen] == [
        ("Anna", "7001", "break", "logged_in"),
        ("Ben", "7002", "offline", ""),
    ]
    assert seen[0]["since"] and seen[1]["since"] is None


async def test_nobody_sees_them_signed_out(house: House) -> None:
    house.app.include_router(agents_router(tuple))
    assert (await (await house.client()).get("/api/v1/agents")).status_code == 401
