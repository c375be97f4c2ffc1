"""What agents promise: a call-back or return visit at an hour, once for its call, seen with who promised it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from callcenter.access.roles import Role
from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.rules import DeskRules
from callcenter.ids import AgentId, CallId, new_id
from callcenter.ivr.hours import ALWAYS
from callcenter.outbound import callbacks
from callcenter.outbound.callbacks import CallbackRoom
from callcenter.outbound.rules import DialRules
from callcenter.outbound.tables import CallbackRow
from tests.house import House
from tests.support.results import ResultsWay


async def promise(house: House, **more: object) -> tuple[httpx.AsyncClient, str, httpx.Response]:
    """An agent in a call promises; (agent, call, answer)."""
    agent, account = await house.signed_in(Role.AGENT)
    call = new_id()
    house.live_calls.add((call, account))
    body = {"number": "13800000001", "queue": "general", "hotline": "4008001", "contact_id": call, **more}
    return agent, call, await agent.post("/api/v1/callbacks", json=body)


async def test_a_return_visit_is_kept_for_its_hour_and_seen_with_who_promised_it(house: House) -> None:
    at = house.clock.now() + timedelta(days=30)
    _, call, answer = await promise(house, purpose="return_visit", note="问问是否修好", earliest=at.isoformat())
    assert answer.status_code == 201, answer.text
    assert answer.json()["due_at"] == at.isoformat().replace("+00:00", "Z")
    lead, _ = await house.signed_in(Role.LEAD)
    (row,) = (await lead.get("/api/v1/callbacks")).json()
    assert (row["purpose"], row["note"], row["contact_id"], row["created_by"]) == (
        "return_visit", "问问是否修好", call, "staff",
    )  # fmt: skip
    assert row["agent_name"]
    assert row["due_at"] == answer.json()["due_at"]


async def test_a_call_has_one_promise(house: House) -> None:
    agent, call, answer = await promise(house)
    assert answer.status_code == 201
    body = {"number": "13800000001", "queue": "general", "hotline": "4008001", "contact_id": call}
    again = await agent.post("/api/v1/callbacks", json=body)
    assert (again.status_code, again.json()["error"]["details"]["reason"]) == (409, "kept_already")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"number": "110"}, 422),
        ({"hotline": "999"}, 422),
        ({"queue": "nobody"}, 409),
        ({"contact_id": "f" * 32}, 404),
        ({"earliest": "2026-03-02T10:00:00"}, 422),
        ({"earliest": "2027-03-02T10:00:00Z"}, 422),
        ({"note": "x" * 501}, 422),
    ],
)
async def test_what_cannot_be_promised_is_refused(house: House, wrong: dict[str, object], status: int) -> None:
    assert (await promise(house, **wrong))[2].status_code == status


class Callbacks:
    """The room and the desk of the call-backs, under hours that change; one agent is free. ``folder``: of the spool."""

    def __init__(self, house: House, folder: str = "") -> None:
        self.house, self.hours = house, ALWAYS
        self.desk = Desk(DeskRules(), house.clock, lambda action: self.room.seen(action))
        self.desk.tell(acd.QueuesDefined(queues=(acd.QueueSettings(name="general", title="general"),)))
        self.way = ResultsWay(house.services.settings.data_dir / (folder or new_id()), house.db, house.clock)
        self.room = CallbackRoom(
            house.db, self.desk, house.clock, self.rules, self.way.results, flow_version=lambda: "v",
            live=lambda call_id: False, abort=lambda place: None, attempts=4, pause_s=600,
        )  # fmt: skip

    def rules(self) -> DialRules:
        zone = ZoneInfo("Asia/Shanghai")
        return DialRules(allow=("CN:mobile",), hours=self.hours, zone=zone, hotlines=frozenset({"4008001"}))

    def terms(self, place: CallId) -> tuple[tuple[datetime, datetime], ...]:
        waits = self.desk.rules.waits(place)
        assert waits is not None
        assert waits.terms is not None
        return waits.terms.permitted


async def test_a_holiday_that_is_added_after_the_promise_counts(house: House) -> None:
    made = Callbacks(house)
    await made.room.take_up()
    place = await made.room.add(number="13800000001", queue="general", hotline="4008001")
    assert made.terms(place)[0][0] == house.clock.now(), "it may be dialled at once"
    closed = date(2026, 3, 2)  # the house's day
    made.hours = replace(ALWAYS, special={closed: ()})
    await made.room.take_up()
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert made.terms(place)[0][0] == midnight
    waits = made.desk.rules.waits(place)
    assert waits is not None
    assert waits.asleep
    # One that is open over a restart, and hours that changed meanwhile.
    made.hours = ALWAYS
    again = Callbacks(house)
    again.desk.tell(made.desk.rules.snapshot())
    assert again.terms(place)[0][0] == midnight
    await again.room.take_up()
    assert again.terms(place)[0][0] == house.clock.now()
    # What was promised for thirty days is not prolonged by a change of hours.
    house.clock.advance(days=29)
    again.hours = replace(ALWAYS, special={closed: ()})
    await again.room.take_up()
    assert again.terms(place)[-1][0] < house.clock.now() + timedelta(days=1)


async def test_a_pause_between_two_attempts_outlives_a_change_of_hours_and_not_a_hurry(house: House) -> None:
    made = Callbacks(house)
    await made.room.take_up()
    place = await made.room.add(number="13800000001", queue="general", hotline="4008001")
    profile = acd.AgentProfile(agent_id=AgentId("a"), name="A", extension="1", seat="s", queues={"general": 1})
    for command in (
        acd.AgentLoggedIn(profile=profile),
        acd.AgentPresence(agent_id=profile.agent_id, phone=True, page=True),
        acd.AgentReady(agent_id=profile.agent_id),
    ):
        made.desk.tell(command)
    (offer,) = [one.offer_id for one in made.desk.rules.decisions()]
    assert offer is not None
    made.desk.tell(acd.CallbackFailed(offer_id=offer, reason="busy"))
    await made.way.shipper.drain()
    made.hours = replace(ALWAYS, special={date(2026, 3, 3): ()})
    await made.room.take_up()
    assert len(made.desk.rules.decisions()) == 1, "the pause goes on"
    async with house.db.read() as session:
        row = await session.get_one(CallbackRow, place)
    assert (row.max_attempts, row.attempts, row.next_attempt_at) == (4, 1, house.clock.now() + timedelta(minutes=10))
    assert await made.room.hurry(place)
    assert len(made.desk.rules.decisions()) == 2


async def test_who_was_reached_in_an_outage_is_not_rung_again_though_the_service_died_in_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "WRITTEN_WITHIN_S", 0.01)
    made = Callbacks(house, "spool-a")
    place = await made.room.add(number="13800000001", queue="general", hotline="4008001")
    await made.room.attempting(place, CallId(new_id()))
    # The customer answers; nothing of it comes to the database, and the service dies.
    made.room.seen(acd.CallbackOver(call_id=place, result="reached", attempts=1))
    again = Callbacks(house, "spool-a")
    await again.room.take_up()  # the database has the past still
    assert again.desk.rules.waits(place) is None
    await again.way.shipper.drain()
    await again.room.take_up()
    assert again.desk.rules.waits(place) is None
    async with house.db.read() as session:
        row = await session.get_one(CallbackRow, place)
    assert (row.state, row.attempts, row.closed_at) == ("reached", 1, house.clock.now())
