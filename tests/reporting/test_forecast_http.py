"""The forecast over HTTP: from the calls of whole weeks, beside the roster."""

from __future__ import annotations

from datetime import date

from callcenter.access.roles import Role
from callcenter.ids import new_id
from callcenter.roster.tables import AssignmentRow
from tests.house import House
from tests.reporting.past import MENU, call, ring, talk, wait

FORECAST = "/api/v1/reports/forecast"
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
    assert (nine["calls"], nine["agents"], nine["rostered"]) == (6.0, 3, 1)
    assert slots["2026-03-02T02:00:00Z"] == {"at": "2026-03-02T02:00:00Z", "calls": 0.0, "agents": 0, "rostered": 1}
    other = (await ops.get(f"{FORECAST}?queue=general")).json()
    assert other["slots"][18]["rostered"] == 1
    assert told["aht_s"] == 290.0
    await advice_beside_the_law(house)


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
    assert (whole[:96], whole[96 + 35 : 96 + 41]) == ([None] * 96, [0, 3, 3, 3, 3, 0])
    assert [(one["queue"], one["begins"], one["asked"], one["have"], one["agent_hours"]) for one in advice["thin"]] == [
        ("", "2026-03-02T01:00:00Z", 3, 1, 2.0),
        ("general", "2026-03-02T01:00:00Z", 3, 1, 2.0),
    ]
    planner = house.app.state.roster.planner
    begun = await lead.post(
        f"{ROSTER}/plans", json={"first_day": "2026-03-03", "last_day": "2026-03-04", "forecast": True}
    )
    await planner.close()
    assert [one.queue for one in planner.job(begun.json()["id"]).task.demands] == ["", "general"]
    far = await lead.post(
        f"{ROSTER}/plans", json={"first_day": "2026-06-01", "last_day": "2026-06-02", "forecast": True}
    )
    assert [one["code"] for one in far.json()["error"]["details"]["problems"]] == ["no_forecast"]
