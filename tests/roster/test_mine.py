"""The roster as an agent sees it: one's own and nobody else's, swaps that can be worked, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from callcenter.access.roles import Role
from callcenter.acd.tables import AgentStateLog
from callcenter.business.tables import BreakReason
from callcenter.ids import new_id
from tests.house import House
from tests.roster.test_http import AT, Crew

SITE_NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
async def crew(house: House) -> Crew:
    lead, _ = await house.signed_in(Role.LEAD)
    agents = [await house.account(Role.AGENT, f"agent{n}", extension=f"10{n:02}") for n in range(4)]
    return Crew(house=house, lead=lead, agents=agents)


async def mine(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(f"{AT}/mine")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_agent_sees_own_shifts_and_who_is_on_with_them(crew: Crew) -> None:
    await crew.set((0, "02", "early"), (1, "02", "middle"), (2, "02", "night"), (0, "05", "night"), (3, "04", "early"))
    found = await mine(await crew.agent(0))
    assert [(one["day"], one["shift"]) for one in found["mine"]] == [("2026-03-02", "early"), ("2026-03-05", "night")]
    assert found["beside"] == found["mine"][0]["id"]
    assert [(one["name"], one["shift"], one["state"]) for one in found["with_me"]] == [("Agent1", "middle", "offline")]
    assert (await mine(await crew.agent(3)))["with_me"] == []


async def test_last_nights_shift_is_still_shown_in_the_morning_and_is_yesterdays(crew: Crew) -> None:
    await crew.set((0, "01", "night"))
    crew.house.clock.advance(hours=-2)  # 7:00 at the site
    found = await mine(await crew.agent(0))
    assert [(one["day"], one["shift"]) for one in found["mine"]] == [("2026-03-01", "night")]
    assert found["adherence"]["day"] == "2026-03-01"
    assert found["adherence"]["late_s"] == found["adherence"]["scheduled_s"] == 11 * 3600


async def test_adherence_and_breaks_are_ones_own(crew: Crew) -> None:
    await crew.set((0, "02", "early"), (1, "02", "early"))
    async with crew.house.db.write() as session:
        session.add(BreakReason(code="tea", title="茶歇", title_en="Tea", allowance_minutes=12, position=99))
        for n, state, begin, end in (
            (0, "ready", 0, 30),
            (0, "break", 30, 45),
            (0, "ready", 45, None),
            (1, "ready", 0, 5),
        ):
            begins = SITE_NINE - timedelta(hours=1) + timedelta(minutes=begin)
            ends = None if end is None else SITE_NINE - timedelta(hours=1) + timedelta(minutes=end)
            session.add(
                AgentStateLog(
                    id=new_id(),
                    account_id=crew.agents[n],
                    state=state,
                    epoch=begin,
                    started_at=begins,
                    ended_at=ends,
                    reason="tea" if state == "break" else "",
                )
            )
    told = (await mine(await crew.agent(0)))["adherence"]
    assert (told["scheduled_s"], told["present_s"], told["break_s"], told["overdue_s"]) == (3600, 2700, 900, 180)
    assert told["adherence"] == pytest.approx(57 / 60), "three minutes of the break were beyond its allowance"
    assert (await mine(await crew.agent(1)))["adherence"]["adherence"] == pytest.approx(1 / 12)
    assert (await mine(await crew.agent(2)))["adherence"] is None


async def test_only_swaps_that_can_be_worked_are_offered(crew: Crew) -> None:
    early, busy, other = (await crew.set((0, "03", "early"), (1, "03", "middle"), (2, "06", "night"))).json()
    leave = {"account_id": crew.agents[3], "kind": "leave", "first_day": "2026-03-03", "last_day": "2026-03-03"}
    await crew.lead.post(f"{AT}/absences", json=leave)
    answer = await (await crew.agent(0)).get(f"{AT}/mine/swaps/{early['id']}")
    told = [(one["name"], one["takes"], [shift["id"] for shift in one["returns"]]) for one in answer.json()]
    # agent1 works at that time, but may exchange the one for the other; agent3 is on leave.
    assert told == [("Agent1", False, [busy["id"]]), ("Agent2", True, [other["id"]])]
    assert (await (await crew.agent(1)).get(f"{AT}/mine/swaps/{early['id']}")).status_code == 404


async def test_nobody_is_offered_a_shift_without_eleven_hours_of_rest(crew: Crew) -> None:
    early, night, _ = (await crew.set((0, "04", "early"), (1, "03", "night"), (2, "04", "night"))).json()
    answer = await (await crew.agent(0)).get(f"{AT}/mine/swaps/{early['id']}")
    told = {one["name"]: (one["takes"], [shift["id"] for shift in one["returns"]]) for one in answer.json()}
    # agent1 comes from the night at eight in the morning, and agent2 would go on into it; the first may exchange.
    assert told["Agent1"] == (False, [night["id"]])
    assert not told.get("Agent2", (False,))[0]
    assert told["Agent3"] == (True, [])


async def test_a_swap_is_asked_agreed_to_and_decided_and_both_see_it(crew: Crew) -> None:
    given, other = (await crew.set((0, "03", "early"), (1, "06", "night"))).json()
    asking, asked, third = await crew.agent(0), await crew.agent(1), await crew.agent(2)
    body = {"assignment_id": given["id"], "to_account_id": crew.agents[1], "other_assignment_id": other["id"]}
    swap = (await asking.post(f"{AT}/swaps", json=body)).json()["id"]
    (seen,) = (await mine(asked))["swaps"]
    assert (seen["colleague"], seen["asked_by_me"], seen["agreed"], seen["state"]) == (
        "Agent0",
        False,
        False,
        "requested",
    )
    assert (await mine(asking))["mine"][0]["swapping"]
    for nobody in (third, asking):
        assert (await nobody.post(f"{AT}/swaps/{swap}/answer", json={"agree": True})).status_code == 404
    assert (await third.delete(f"{AT}/swaps/{swap}")).status_code == 403
    assert (await mine(third))["swaps"] == []
    assert (await asked.post(f"{AT}/swaps/{swap}/answer", json={"agree": True})).json()["agreed"]
    board = await crew.lead.get(AT, params={"first": "2026-03-02", "last": "2026-03-08"})
    assert board.json()["swaps"][0]["agreed_at"] is not None
    await crew.lead.post(f"{AT}/swaps/{swap}/decision", json={"approve": True})
    (seen,) = (await mine(asking))["swaps"]
    assert (seen["state"], seen["colleague"]) == ("approved", "Agent1")
    assert [(one["day"], one["shift"]) for one in (await mine(asking))["mine"]] == [("2026-03-06", "night")]


async def test_a_colleague_declines_and_one_may_take_back_what_one_asked(crew: Crew) -> None:
    (given,) = (await crew.set((0, "03", "early"))).json()
    asking, asked = await crew.agent(0), await crew.agent(1)
    body = {"assignment_id": given["id"], "to_account_id": crew.agents[1]}
    swap = (await asking.post(f"{AT}/swaps", json=body)).json()["id"]
    assert (await asked.post(f"{AT}/swaps/{swap}/answer", json={"agree": False})).json()["state"] == "refused"
    assert (await asked.post(f"{AT}/swaps/{swap}/answer", json={"agree": True})).status_code == 409
    second = (await asking.post(f"{AT}/swaps", json=body)).json()["id"]
    assert (await asking.delete(f"{AT}/swaps/{second}")).status_code == 204
    assert [one["state"] for one in (await mine(asking))["swaps"]] == ["refused"]


async def test_leave_and_swaps_of_others_are_not_on_an_agents_board(crew: Crew) -> None:
    await (await crew.agent(0)).post(
        f"{AT}/absences", json={"kind": "sick", "first_day": "2026-03-03", "last_day": "2026-03-03", "note": "private"}
    )
    week = {"first": "2026-03-02", "last": "2026-03-08"}
    assert (await (await crew.agent(1)).get(AT, params=week)).json()["absences"] == []
    assert len((await (await crew.agent(0)).get(AT, params=week)).json()["absences"]) == 1
    assert len((await crew.lead.get(AT, params=week)).json()["absences"]) == 1
    assert [one["state"] for one in (await mine(await crew.agent(0)))["absences"]] == ["requested"]
