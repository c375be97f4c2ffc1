"""Cases that stand still: each level speaks once, in its time, whatever happens to the service meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.cases.escalation import Level, Trigger, due_at, speaks
from callcenter.cases.escalation_tables import WebhookDelivery
from callcenter.cases.keeper import EscalationKeeper
from callcenter.cases.rules import State, Times, begin, move
from callcenter.cases.webhook import GIVE_UP_AFTER, WebhookSender, pause, signature
from callcenter.db.direct import Direct
from callcenter.errors import Unavailable
from tests.house import House

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TIMES = Times(reply=timedelta(minutes=15), resolve=timedelta(hours=4))
LEVELS = [
    Level(trigger=trigger, level=level, after=timedelta(minutes=minutes))
    for trigger, level, minutes in (
        (Trigger.REPLY, 1, 15),
        (Trigger.REPLY, 2, 30),
        (Trigger.RESOLVE, 1, 240),
        (Trigger.RESOLVE, 2, 300),
    )
]


@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from([None, *State])), max_size=15))
def test_a_level_speaks_once_for_each_opening_and_never_before_its_time(steps: list[tuple[int, State | None]]) -> None:
    case, now = begin(NOW, TIMES), NOW
    told: set[tuple[Trigger, int]] = set()
    for minutes, wanted in steps:
        now += timedelta(minutes=minutes)
        for one in speaks(case, LEVELS, told, now):
            at = due_at(case, one)
            assert at is not None and at <= now
            assert (one.trigger, one.level) not in told
            assert one.level == 1 or (one.trigger, one.level - 1) in told, "level by level"
            told.add((one.trigger, one.level))
        assert speaks(case, LEVELS, told, now) == []
        if wanted is not None:
            try:
                opened = case.reopened
                case = move(case, wanted, now, TIMES)
            except ValueError:
                continue
            if case.reopened != opened:
                told.clear()


class Desk:
    """Somebody's cases, the people who are told of them, and the keeper, which may be another one at any time."""

    def __init__(self, house: House, hook: bool) -> None:
        self.house, self.hook = house, hook
        self.people: dict[str, tuple[httpx.AsyncClient, str]] = {}

    async def named(self, name: str, role: Role) -> None:
        self.people[name] = await self.house.signed_in(role, name)

    async def look(self) -> int:
        return await EscalationKeeper(self.house.db, self.house.clock, hook=self.hook).look()

    async def told(self, name: str) -> list[tuple[str, int]]:
        answer = await self.people[name][0].get("/api/v1/case-notices")
        return [(one["trigger"], one["level"]) for one in answer.json()]

    async def open(self, kind: str = "major_fault") -> str:
        made = await self.people["anna"][0].post("/api/v1/cases", json={"subject": "停机", "kind": kind})
        assert made.status_code == 201, made.text
        return f"/api/v1/cases/{made.json()['number']}"

    async def move(self, case: str, state: str) -> None:
        assert (await self.people["anna"][0].patch(case, json={"state": state})).status_code == 200


@asynccontextmanager
async def desk_of(house: House, hook: bool = False) -> AsyncIterator[Desk]:
    desk = Desk(house, hook)
    for name, role in (("anna", Role.AGENT), ("lead", Role.LEAD), ("boss", Role.SUPERVISOR)):
        await desk.named(name, role)
    (keeper, boss), (_, lead) = desk.people["boss"], desk.people["lead"]
    steps = [
        {"trigger": "resolve", "after_minutes": 240, "people": [lead, boss]},
        {"trigger": "reply", "after_minutes": 30, "people": [boss]},
        {"trigger": "reply", "after_minutes": 15, "people": [lead]},
    ]
    kept = await keeper.put("/api/v1/escalations/major_fault", json={"steps": steps})
    assert [step["after_minutes"] for step in kept.json()["steps"]] == [15, 30, 240], kept.text
    yield desk


async def test_people_are_told_level_by_level_and_each_once(house: House) -> None:
    async with desk_of(house) as desk:
        case, _ = await desk.open(), await desk.open("inquiry")
        assert await desk.look() == 0
        house.clock.advance(minutes=15)
        assert (await desk.look(), await desk.look()) == (1, 0), "a keeper after a restart says nothing again"
        assert (await desk.told("lead"), await desk.told("boss")) == ([("reply", 1)], [])
        house.clock.advance(minutes=15)
        assert sum(await asyncio.gather(*(desk.look() for _ in range(4)))) == 1, "nor do several at once"
        assert await desk.told("boss") == [("reply", 2)]
        whole = (await desk.people["anna"][0].get(case)).json()
        told = [entry for entry in whole["history"] if entry["what"] == "escalated"]
        assert [(one["by"], one["detail"]["level"], one["detail"]["people"]) for one in told] == [
            ("", 1, ["Lead"]),
            ("", 2, ["Boss"]),
        ]
        async with house.db.read() as session:
            query = select(func.count()).where(AuditEntry.action == "case.escalated")
            assert await session.scalar(query) == 2


async def test_an_answer_silences_one_clock_and_the_customer_stops_the_other(house: House) -> None:
    async with desk_of(house) as desk:
        case = await desk.open()
        house.clock.advance(minutes=10)
        await desk.move(case, "waiting_customer")
        house.clock.advance(hours=5)
        assert await desk.look() == 0
        await desk.move(case, "working")
        house.clock.advance(minutes=229)
        assert await desk.look() == 0
        house.clock.advance(minutes=1)
        assert await desk.look() == 1
        assert await desk.told("lead") == await desk.told("boss") == [("resolve", 1)]
        await desk.move(case, "resolved")
        assert await desk.told("lead") == [], "what is done is no news"
        await desk.move(case, "open")
        house.clock.advance(minutes=15)
        assert await desk.look() == 1, "it was opened again"


async def test_what_came_due_while_the_service_was_away_is_told_at_once_and_put_away_by_each(house: House) -> None:
    async with desk_of(house) as desk:
        await desk.open()
        house.clock.advance(hours=9)
        assert await desk.look() == 3
        boss, _ = desk.people["boss"]
        notices = (await boss.get("/api/v1/case-notices")).json()
        assert Counter(one["trigger"] for one in notices) == {"reply": 1, "resolve": 1}
        ids = [one["id"] for one in notices]
        lead, _ = desk.people["lead"]
        assert (await lead.post("/api/v1/case-notices/seen", json={"ids": ids})).status_code == 204
        assert len(await desk.told("boss")) == 2, "nobody puts away another's"
        assert (await boss.post("/api/v1/case-notices/seen", json={"ids": ids})).status_code == 204
        assert await desk.told("boss") == []


async def test_a_copy_without_the_desk_tells_nobody(house: House) -> None:
    async def fence(_: Direct) -> None:
        raise Unavailable("another copy has the desk")

    async with desk_of(house) as desk:
        await desk.open()
        house.clock.advance(hours=1)
        with pytest.raises(Unavailable):
            await EscalationKeeper(house.db, house.clock, fence=fence).look()
        assert await desk.told("lead") == []
        assert await desk.look() == 2


async def test_nobody_is_named_who_would_not_see_it(house: House) -> None:
    keeper, keeper_id = await house.signed_in(Role.SUPERVISOR)
    _, ops = await house.signed_in(Role.OPS)
    step = {"trigger": "reply", "after_minutes": 5, "people": [keeper_id, ops]}
    assert (await keeper.put("/api/v1/escalations/fault", json={"steps": [step]})).status_code == 422
    assert (await keeper.put("/api/v1/escalations/nonsense", json={"steps": []})).status_code == 404


class Receiver:
    """Another system on this machine, which takes nothing until it is told to."""

    def __init__(self) -> None:
        self.answer, self.got = 500, list[tuple[dict[str, str], bytes]]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
        self.got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"HTTP/1.1 {self.answer} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


async def test_another_system_is_told_signed_and_again_until_it_takes_it(house: House) -> None:
    there, alarms = Receiver(), list[str]()
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"

    def alarm(kind: str, text: str, *, facts: Any) -> None:
        alarms.append(kind)

    async with desk_of(house, hook=True) as desk, server, httpx.AsyncClient(trust_env=False) as client:
        sender = WebhookSender(house.db, house.clock, url, "s3cret", alarm=alarm)
        await desk.open()
        house.clock.advance(minutes=15)
        await desk.look()
        assert (await sender.send_due(client), await sender.send_due(client)) == (0, 0)
        assert len(there.got) == 1, "it is not asked again at once"
        there.answer = 204
        house.clock.advance(seconds=pause(1).total_seconds())
        sender = WebhookSender(house.db, house.clock, url, "s3cret", alarm=alarm)
        assert (await sender.send_due(client), await sender.send_due(client)) == (1, 0)
        (_, first), (headers, body) = there.got
        assert headers["x-callcenter-signature"] == signature("s3cret", headers["x-callcenter-timestamp"], body)
        told = orjson.loads(body)
        assert (first, told["event"], told["data"]["level"], told["data"]["kind"]) == (
            body,
            "case.escalated",
            1,
            "major_fault",
        )
        house.clock.advance(minutes=15)
        await desk.look()
        there.answer = 500
        house.clock.advance(seconds=GIVE_UP_AFTER.total_seconds())
        assert (await sender.send_due(client), alarms) == (0, ["webhook_given_up"])
        async with house.db.read() as session:
            assert await session.scalar(select(func.count()).where(WebhookDelivery.done_at.is_(None))) == 0
