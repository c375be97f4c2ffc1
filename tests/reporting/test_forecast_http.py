"""The forecast over HTTP: from the calls of whole weeks, beside the roster."""

from __future__ import annotations

from datetime import date

from callcenter.access.roles import Role
from callcenter.ids import new_id
from callcenter.roster.tables import AssignmentRow
from tests.house import House
from tests.reporting.past import MENU, call, ring, talk, wait

FORECAST = "/api/v1/reports/forecast"


async def test_two_weeks_ahead_beside_the_roster(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    little = await ops.get(FORECAST)
    assert (little.status_code, little.json()["error"]["details"]["reason"]) == (404, "too_little")
    for week in range(2):
        for day in range(7):
            for n in range(12):  # from 9:00 on, of the site's days before the 2nd of March
                at = -86400 * (7 * week + day + 1) + 9 * 3600 + 60 * n
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
    assert (nine["calls"], nine["agents"], nine["rostered"]) == (12.0, 4, 1)
    assert slots["2026-03-02T02:00:00Z"] == {"at": "2026-03-02T02:00:00Z", "calls": 0.0, "agents": 0, "rostered": 1}
    other = (await ops.get(f"{FORECAST}?queue=general")).json()
    assert other["slots"][18]["rostered"] == 1
    assert told["aht_s"] == 290.0
