"""What the operations page counts: callers at a step, passed, given up; from live calls and finished ones."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from callcenter.access.roles import Role
from callcenter.calls import messages as m
from callcenter.calls.following import begin_inbound as begin
from callcenter.calls.following import menu_input
from callcenter.calls.messages import Phase
from callcenter.calls.projection import write_contacts
from callcenter.calls.state import Call
from callcenter.ids import CallId, new_id
from callcenter.ivr import messages as ivr
from callcenter.ivr.counts import places
from tests.ops.conftest import Room


def arrive(room: Room, *, flow: str = "main", drill: bool = False) -> Call:
    flows = room.registry.current
    arrived = m.Arrived(
        call_id=CallId(new_id()), node="a", channel="c", caller_number="13800000001", dialled="4008001", trunk="t",
        hotline="4008001", flow=flow, flow_version=flows.version, language="zh-CN", drill=drill,
    )  # fmt: skip
    return begin(flows, arrived, room.house.clock.now())[0]


def press(room: Room, call: Call, keys: str) -> Call:
    for key in keys:
        call, _ = menu_input(room.registry.current, call, ivr.KeyPressed(key=key), room.house.clock.now())
    return call


def over(call: Call, at: datetime, by: str = "caller", answered: datetime | None = None) -> Call:
    return replace(call, phase=Phase.ENDED, ended_at=at, ended_by=by, end_reason="x", answered_at=answered)


async def kept(room: Room, *calls: Call) -> None:
    async with room.house.db.write() as session:
        await write_contacts(await session.direct(), calls)


async def counted(room: Room) -> dict[tuple[str, str], tuple[int, int, int]]:
    room.counts._good_until = 0.0  # the figures may be a second old; here time does not pass
    return {(c.flow, c.step): (c.now, c.passed, c.hung_up) for c in await room.counts.step_counts()}


async def test_each_caller_is_counted_where_they_are_and_where_they_gave_up(room: Room) -> None:
    now = room.house.clock.now()
    waiting = press(room, arrive(room), "1")
    listening = arrive(room)
    gave_up = over(press(room, arrive(room), "1"), now + timedelta(seconds=40))
    answered = over(press(room, arrive(room), "1"), now + timedelta(seconds=90), answered=now + timedelta(seconds=5))
    ended_by_us = over(press(room, arrive(room), "1"), now, by="system")
    drill = over(arrive(room, drill=True), now)
    room.live += [waiting, listening]
    await kept(room, gave_up, answered, ended_by_us, drill)
    found = await counted(room)
    assert found["main", "welcome"] == (1, 4, 0)
    assert found["main", "main_menu"] == (0, 4, 0)
    assert found["main", "consult"] == (1, 2, 1)


async def test_a_caller_in_a_subflow_is_also_at_the_step_that_runs_it(room: Room) -> None:
    call = press(room, arrive(room), "3")
    version = room.registry.current.version
    assert list(places(call)) == [(version, "progress", "ask_number"), (version, "main", "progress")]
    room.live.append(call)
    found = await counted(room)
    assert (found["progress", "ask_number"], found["main", "progress"]) == ((1, 0, 0), (1, 0, 0))


async def test_a_new_day_begins_at_the_sites_midnight(room: Room) -> None:
    room.house.clock.at = room.house.clock.at.replace(hour=15, minute=59)  # 23:59 in Shanghai
    call = arrive(room)
    await kept(room, over(call, room.house.clock.now()))
    assert (await counted(room))["main", "welcome"] == (0, 0, 1)
    room.house.clock.advance(minutes=2)
    assert await counted(room) == {}


async def test_where_callers_give_up_comes_with_its_share_and_its_seconds(room: Room) -> None:
    now = room.house.clock.now()
    calls = [over(press(room, arrive(room), "1"), now + timedelta(seconds=s)) for s in (10, 30, 50)]
    await kept(room, *calls, over(press(room, arrive(room), "1"), now, by="system"))
    lead = await room.browser(Role.LEAD)
    first = (await lead.get("/api/v1/flows/give-ups", params={"days": 1})).json()["steps"][0]
    assert first == {
        "flow": "main", "step": "consult", "label": "业务咨询", "label_en": "Advice", "entered": 4, "hung_up": 3,
        "median_s": 30.0, "share": 0.75,
    }  # fmt: skip
    flow = (await lead.get("/api/v1/flows/main/counts")).json()
    assert {c["step"] for c in flow["steps"]} == {"welcome", "main_menu", "consult"}
    assert (await lead.get("/api/v1/flows/nothing/counts")).status_code == 404


async def test_the_day_is_read_once_however_many_look(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0
    read = room.counts._read

    async def counted_read() -> object:
        nonlocal reads
        reads += 1
        return await read()

    monkeypatch.setattr(room.counts, "_read", counted_read)
    room.counts._good_until = 0.0
    many = await asyncio.gather(*(room.counts.step_counts() for _ in range(20)))
    assert reads == 1
    assert {tuple(map(str, map(asdict, one))) for one in many} == {()}
