"""Who may be at whose call, what is refused and why, and that a session has its page's life."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from callcenter.access.roles import LEADS, Role
from callcenter.acd.messages import AgentProfile, AgentSnapshot, AgentState
from callcenter.asterisk.gateway import Dial, Seat
from callcenter.calls.state import Call, Talk
from callcenter.ids import AgentId, CallId
from callcenter.supervision.endpoints import router
from callcenter.supervision.room import SupervisionRoom
from tests.cti.test_socket import Line
from tests.house import House
from tests.supervisor.test_watch import a_call

ANNA, CALL = AgentId("anna"), CallId("c" * 32)
PATH = "/api/v1/supervision"


@dataclass
class Silent:
    """An Asterisk that does as it is told and tells nothing."""

    seats: list[Seat] = field(default_factory=list)

    async def provision_seat(self, seat: Seat) -> None:
        self.seats.append(seat)

    async def dial(self, request: Dial) -> None: ...

    def __getattr__(self, name: str) -> Any:
        async def done(*_: object, **__: object) -> None: ...

        return done


@dataclass
class Scene:
    house: House
    room: SupervisionRoom
    switch: Silent
    agents: dict[AgentId, AgentSnapshot]
    audited: list[tuple[str | None, str]] = field(default_factory=list)

    def has(self, agent_id: AgentId, call_id: CallId | None, state: AgentState = AgentState.TALKING) -> None:
        profile = AgentProfile(agent_id=agent_id, name="Anna", extension="1001", seat="seat-1001", queues={})
        self.agents[agent_id] = AgentSnapshot(
            profile=profile,
            state=state,
            since=self.house.clock.now(),
            epoch=1,
            cause="",
            call_id=call_id,
            phone=True,
            page=True,
        )

    async def page(self, client: httpx.AsyncClient) -> Line:
        name = self.house.services.sessions.cookie_name
        line = Line(self.house, f"{name}={client.cookies[name]}", "/ws/supervision")
        await line.until("snapshot")
        return line


@pytest.fixture
def scene(house: House) -> Scene:
    agents: dict[AgentId, AgentSnapshot] = {}
    switch = Silent()
    talk = a_call().talk
    assert talk is not None

    def call(call_id: CallId) -> Call | None:
        who = next((one for one in agents.values() if one.call_id == call_id), None)
        if who is None:
            return None
        return replace(a_call(), id=call_id, talk=Talk(agent=who.profile, channel="leg", since=talk.since))

    made = Scene(house, None, switch, agents)  # type: ignore[arg-type]
    made.room = SupervisionRoom(
        switch,
        agent=agents.get,
        call=call,
        post=lambda call_id, event: True,
        tell_agent=lambda agent_id, frame: None,
        audit=lambda account_id, action, subject, detail: made.audited.append((account_id, action)),
        clock=house.clock,
    )
    house.app.state.supervision = made.room
    house.app.include_router(router)
    return made


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["details"]["reason"]


@pytest.mark.parametrize("role", list(Role))
async def test_leads_and_supervisors_alone_may_listen(scene: Scene, role: Role) -> None:
    scene.has(ANNA, CALL)
    client, _ = await scene.house.signed_in(role)
    answer = await client.post(PATH, json={"agent_id": ANNA})
    if role in LEADS:
        assert reason(answer) == (409, "page_away"), "a session lives with its page"
    else:
        assert answer.status_code == 403
        assert (await client.get(PATH)).status_code == 403


async def test_what_cannot_be_is_refused_with_its_reason(scene: Scene) -> None:
    client, account_id = await scene.house.signed_in(Role.LEAD)
    page = await scene.page(client)
    assert reason(await client.post(PATH, json={"agent_id": ANNA})) == (404, "agent_offline")
    scene.has(ANNA, None, AgentState.READY)
    assert reason(await client.post(PATH, json={"agent_id": ANNA})) == (409, "no_call")
    scene.has(AgentId(account_id), CALL)
    assert reason(await client.post(PATH, json={"agent_id": account_id})) == (409, "own_call")
    assert (await client.post(PATH, json={"agent_id": ANNA, "mode": "shout"})).status_code == 422
    assert (await client.post(PATH, json={"agent_id": ANNA, "call_id": CALL})).status_code == 422
    assert (await client.post(PATH, json={"call_id": CALL, "mode": "join"})).status_code == 422
    assert reason(await client.post(PATH, json={"call_id": CALL})) == (409, "no_call"), "an agent has them"
    await page.leave()


async def test_a_session_is_its_own_supervisors_and_ends_with_the_page(scene: Scene) -> None:
    scene.has(ANNA, CALL)
    lead, account_id = await scene.house.signed_in(Role.LEAD, "lead")
    other, _ = await scene.house.signed_in(Role.SUPERVISOR, "other")
    page, others = await scene.page(lead), await scene.page(other)
    seat = (await lead.post(f"{PATH}/seat")).json()
    assert (seat["seat"], seat["password"]) == (scene.switch.seats[0].name, scene.switch.seats[0].password)
    assert seat["seat"] not in {f"seat-{number}" for number in range(9999)}, "not the one by which they take calls"
    begun = await lead.post(PATH, json={"agent_id": ANNA, "mode": "whisper"})
    session = begun.json()
    assert (begun.status_code, session["state"], session["wanted"], session["mode"]) == (201, "asked", "whisper", None)
    assert reason(await lead.post(PATH, json={"agent_id": ANNA})) == (409, "already_there")
    assert [one["id"] for one in (await other.get(PATH)).json()] == [session["id"]]
    for answer in (
        await other.put(f"{PATH}/{session['id']}/mode", json={"mode": "join"}),
        await other.delete(f"{PATH}/{session['id']}"),
        await other.post(f"{PATH}/{session['id']}/take-over"),
    ):
        assert reason(answer) == (404, "session_over"), "another's session is none"
    assert reason(await lead.post(f"{PATH}/{session['id']}/take-over")) == (409, "not_ready")
    assert (await lead.put(f"{PATH}/{session['id']}/mode", json={"mode": "join"})).status_code == 200
    await page.until("session", after=2)
    assert page.said[-1]["session"]["wanted"] == "join"
    await page.leave()
    async with asyncio.timeout(20):
        while scene.room.sessions:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # its end is looked at from outside
    assert (account_id, "supervision.ended") in scene.audited
    await others.leave()
