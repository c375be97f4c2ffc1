"""The forecast over HTTP: from the calls of whole weeks, beside the roster."""

from __future__ import annotations

import asyncio
from datetime import date

from httpx import AsyncClient

from callcenter.access.roles import Role
from callcenter.ids import new_id
from callcenter.reporting.expected import EVERY_S
from callcenter.roster.tables import AssignmentRow
from tests.house import House
from tests.reporting.past import MENU, call, ring, talk, wait

FORECAST = "/api/v1/reports/forecast"
SHRINKAGE = "/api/v1/reports/shrinkage"
ROSTER = "/api/v1/roster"


async def test_two_weeks_ahead_beside_the_roster(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    little = await ops.get(FORECAST)
    assert (little.status_code, little.json()["error"]["details"]["reason"]) == (404, "too_little")
    for week in range(2):
        for day in range(7):
            for n in range(12):  # from 9:00 on, of the site's days before the 2nd of March
                at = -86400 * (7 * week + day + 1) + 9 * 3600 + 300 * n
                await call(house.db, MENU, wait(5), ring(5), talk(290), at=at)
    agent = await house.account(Role.AGENT, extension="1001", queues={"general": 1})
    async with house.db.write() as session:
        now = house.clock.now()
        on = {"account_id": agent, "day": date(2026, 3, 2), "shift": "early"}
        session.add(AssignmentRow(id=new_id(), **on, created_at=now, updated_at=now))
    told = (await ops.get(FORECAST)).json()
    slots = {slot["at"]: slot for slot in told["slots"]}
    assert (len(slots), told["weeks"], told["trend"], told["error"]) == (14 * 48, 2, 1.0, 0.0)
    nine = slots["2026-03-02T01:00:00Z"]
    # Nothing is on record of breaks and absence: 3 / (0.85 × 0.95) is nearly four.
    assert (nine["calls"], nine["agents"], nine["scheduled"], nine["rostered"]) == (6.0, 3, 4, 1)
    quiet = {"calls": 0.0, "agents": 0, "scheduled": 0, "rostered": 1}
    assert slots["2026-03-02T02:00:00Z"] == {"at": "2026-03-02T02:00:00Z", **quiet}
    nothing_known = {"source": "default", "measured": None, "days": 0}
    assert told["shrinkage"]["in_office"] == {"share": 0.15, **nothing_known}
    assert told["shrinkage"]["out_of_office"] == {"share": 0.05, **nothing_known}
    other = (await ops.get(f"{FORECAST}?queue=general")).json()
    assert other["slots"][18]["rostered"] == 1
    assert told["aht_s"] == 290.0
    await the_house_has_its_own_word(house, ops)
    await it_is_made_before_anybody_asks(house)
    await advice_beside_the_law(house)


async def the_house_has_its_own_word(house: House, ops: AsyncClient) -> None:
    """Supervisors enter it, it counts at once, and taken away again the default does."""
    keeper, _ = await house.signed_in(Role.SUPERVISOR)
    lead, _ = await house.signed_in(Role.LEAD)
    own = {"in_office": 0.4, "out_of_office": 0.0}
    assert (await lead.put(SHRINKAGE, json=own)).status_code == 403
    assert (await keeper.put(SHRINKAGE, json={**own, "in_office": 0.51})).status_code == 422
    assert (await keeper.put(SHRINKAGE, json=own)).json() == own
    told = (await ops.get(FORECAST)).json()
    assert (told["shrinkage"]["whole"], told["shrinkage"]["in_office"]["source"]) == (0.4, "house")
    assert next(slot["scheduled"] for slot in told["slots"] if slot["agents"] == 3) == 5
    assert (await keeper.put(SHRINKAGE, json=dict.fromkeys(own, 0.0))).status_code == 200
    told = (await ops.get(FORECAST)).json()
    assert all(slot["scheduled"] == slot["agents"] for slot in told["slots"])
    assert (await keeper.put(SHRINKAGE, json=dict.fromkeys(own))).status_code == 200
    assert (await ops.get(FORECAST)).json()["shrinkage"]["in_office"]["source"] == "default"
    (first, *_) = reversed((await keeper.get("/api/v1/audit", params={"kind": "roster"})).json()["entries"])
    assert first["what"] == "修改人力损耗"
    assert [(line["field"], line["after"]) for line in first["lines"]] == [("在岗损耗", "40.0%"), ("缺勤损耗", "0.0%")]


async def it_is_made_before_anybody_asks(house: House) -> None:
    """At 9:00 of the site for an hour, half past eleven at night until the day is over: then no page waits for it."""
    expected = house.app.state.reports.expected
    assert await expected.renew() == EVERY_S
    house.clock.advance(hours=14.5)
    assert await expected.renew() == 1801
    house.clock.advance(minutes=30, seconds=1)  # another day: what was made yesterday is of no use
    await expected.renew()
    ops, _ = await house.signed_in(Role.OPS)
    async with expected.one_at_a_time:  # a report is being made
        async with asyncio.timeout(20):
            assert (await ops.get(FORECAST)).json()["slots"][0]["at"] == "2026-03-02T16:00:00Z"
    house.clock.advance(days=-1, hours=9, seconds=-1)


async def advice_beside_the_law(house: House) -> None:
    """The same forecast on the roster, and taken up by the planner."""
    keeper, _ = await house.signed_in(Role.SUPERVISOR)
    lead, _ = await house.signed_in(Role.LEAD)
    days = {"first": "2026-03-01", "last": "2026-03-02"}
    short_anyway = (await lead.get(f"{ROSTER}/forecast", params=days)).json()
    assert [track["queue"] for track in short_anyway["tracks"]] == [""]
    assert short_anyway["thin"] == []  # eight are the minimum by day: what is missing is told as that
    night = {"begins": "20:00", "ends": "08:00", "need": 1}
    both = [night, {"begins": "09:00", "ends": "18:00", "need": 1, "queue": "general"}]
    assert (await keeper.put(f"{ROSTER}/minimums", json={"minimums": both})).status_code == 200
    advice = (await lead.get(f"{ROSTER}/forecast", params=days)).json()
    assert [track["queue"] for track in advice["tracks"]] == ["", "general"]
    (whole, _) = [track["asked"] for track in advice["tracks"]]
    assert (whole[:96], whole[96 + 35 : 96 + 41]) == ([None] * 96, [0, 4, 4, 4, 4, 0])
    assert advice["tracks"][0]["on_calls"][96 + 35 : 96 + 41] == [0, 3, 3, 3, 3, 0]
    said = ("begins", "asked", "on_calls", "have", "agent_hours")
    assert [(one["queue"], *(one[name] for name in said)) for one in advice["thin"]] == [
        ("", "2026-03-02T01:00:00Z", 4, 3, 1, 3.0),
        ("general", "2026-03-02T01:00:00Z", 4, 3, 1, 3.0),
    ]
    planner = house.app.state.roster.planner
    begun = await lead.post(
        f"{ROSTER}/plans", json={"first_day": "2026-03-03", "last_day": "2026-03-04", "forecast": True}
    )
    await planner.close()
    demands = planner.job(begun.json()["id"]).task.demands
    assert [one.queue for one in demands] == ["", "general"]
    assert [max(one.days[date(2026, 3, 3)]) for one in demands] == [4, 4]  # it plans with breaks and absence
    far = await lead.post(
        f"{ROSTER}/plans", json={"first_day": "2026-06-01", "last_day": "2026-06-02", "forecast": True}
    )
    assert [one["code"] for one in far.json()["error"]["details"]["problems"]] == ["no_forecast"]
