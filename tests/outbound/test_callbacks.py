"""Call-backs from the key in the menu to the customer's answer, over real SIP and a real database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import NoResultFound

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.db.engine import Database
from callcenter.errors import BadRequest
from callcenter.ids import CallId
from callcenter.ivr.flow import Callback, FlowSet
from callcenter.ivr.hours import ALWAYS
from callcenter.ivr.loader import compile_files
from callcenter.outbound.tables import CallbackRow
from tests.asterisk.test_first_call import FLOWS
from tests.outbound.scene import AGENT, Scene, scene
from tests.support.caller import Caller
from tests.support.switch import Switch

pytestmark = pytest.mark.asyncio(loop_scope="module")
FROM = "+8613800000009"
"""Who tests/support/caller.py is."""


async def row_of(db: Database) -> CallbackRow:
    async with db.read() as session:
        row = (await session.scalars(select(CallbackRow))).one()
        session.expunge(row)
    return row


async def until_row(s: Scene, db: Database, state: str, *, timeout_s: float = 20.0) -> CallbackRow:
    async with asyncio.timeout(timeout_s):
        while True:
            with suppress(NoResultFound):  # written in a moment
                if (row := await row_of(db)).state == state:
                    return row
            await asyncio.sleep(0.05)


def at_any_hour(flows: FlowSet = FLOWS, name: str = "busy") -> FlowSet:
    """Flows with a call-back whatever the time of the test; by default the shipped ones and their busy flow."""
    flow = flows.flows[name]
    step = flow.steps["call_me"]
    assert isinstance(step, Callback)
    steps = {**flow.steps, "call_me": replace(step, calendar=ALWAYS)}
    return replace(flows, flows={**flows.flows, name: replace(flow, steps=steps)})


async def keep(s: Scene) -> CallId:
    """A place in the drill's queue, for an agent of the drill."""
    assert s.callbacks is not None
    return await s.callbacks.add(number="13800000001", queue="general", hotline="4008009")


def ordinary(s: Scene) -> None:
    """The agent serves the general queue, where customers wait."""
    profile = acd.AgentProfile(agent_id=AGENT, name="Agent", extension="1001", seat="seat-1001", queues={"general": 1})
    s.desk.tell(acd.AgentLoggedIn(profile=profile))


async def test_its_turn_rings_the_agent_then_the_customer_once(shared_switch: Switch, places: Database) -> None:
    async with scene(shared_switch, db=places) as s:
        ordinary(s)
        place = await keep(s)
        call = await s.notes.until(Phase.TALKING)
        assert (call.purpose, call.caller_number, call.hotline) == ("callback", "+8613800000001", "4008009")
        assert s.notes.told[0] == "pop"
        await s.becomes(AgentState.TALKING)
        row = await until_row(s, places, "reached")
        assert (row.id, row.last_contact_id, row.number) == (place, call.id, "+8613800000001")
        s.far.hang_up()
        await s.ended()
        assert await s.left() == (0, 0, 0)
        await s.becomes(AgentState.WRAP_UP)
        s.desk.tell(acd.WrapUpDone(agent_id=AGENT))
        await s.becomes(AgentState.READY)
        assert s.callbacks is not None
        await s.callbacks.take_up()
        assert len(s.far.invites) == 1, "never twice for one answer"
        assert s.state is AgentState.READY


async def test_a_busy_customer_is_tried_again_after_the_pause(shared_switch: Switch, places: Database) -> None:
    async with scene(shared_switch, db=places, manner="busy") as s:
        ordinary(s)
        place = await keep(s)
        assert (await s.ended()).end_reason == "busy"
        await s.becomes(AgentState.READY)
        async with asyncio.timeout(20):
            while (row := await row_of(places)).attempts != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert (row.state, row.last_result) == ("open", "busy")
        assert row.next_attempt_at is not None
        assert len(s.far.invites) == 1
        # Somebody will not wait for the pause.
        s.far.manner = "answer"
        assert s.callbacks is not None
        assert await s.callbacks.hurry(place)
        await s.notes.until(Phase.TALKING)
        assert len(s.far.invites) == 2
        s.runner.post(s.runner.live.calls[0].id, m.AgentHangUp(agent_id=AGENT))
        await s.ended()
        assert await s.left() == (0, 0, 0)


async def test_an_open_place_survives_the_service(shared_switch: Switch, places: Database) -> None:
    async with scene(shared_switch, db=places, ready=False) as s:
        await keep(s)
        assert s.far.invites == []
    before = await row_of(places)
    async with scene(shared_switch, db=places) as s:
        ordinary(s)
        call = await s.notes.until(Phase.TALKING)
        assert call.caller_number == "+8613800000001"
        row = await until_row(s, places, "reached")
        assert (row.id, row.since) == (before.id, before.since)
        s.far.hang_up()
        await s.ended()
        assert await s.left() == (0, 0, 0)


async def test_an_attempt_that_a_death_cut_off_is_not_repeated_at_once(shared_switch: Switch, places: Database) -> None:
    async with scene(shared_switch, db=places, ready=False) as s:
        await keep(s)
    async with places.write() as session:
        await session.execute(update(CallbackRow).values(state="dialling", last_contact_id="0" * 32))
    async with scene(shared_switch, db=places) as s:
        ordinary(s)
        row = await until_row(s, places, "open")
        assert (row.attempts, row.last_result) == (1, "interrupted")
        assert row.next_attempt_at is not None
        assert row.next_attempt_at > row.created_at + timedelta(minutes=4)
        assert s.far.invites == []


async def test_a_cancelled_place_rings_nobody_even_in_the_last_moment(shared_switch: Switch, places: Database) -> None:
    async with scene(shared_switch, db=places, manner="silent") as s:
        ordinary(s)
        place = await keep(s)
        await asyncio.wait_for(s.far.rang.wait(), 20)
        assert s.callbacks is not None
        assert s.callbacks.cancel(place, "caller")
        assert (await s.ended()).end_reason == "callback_cancelled"
        await asyncio.wait_for(s.far.over.wait(), 20)
        assert await s.left() == (0, 0, 0)
        row = await until_row(s, places, "cancelled")
        assert row.closed_by == "caller"
        await s.becomes(AgentState.READY)
        assert not s.callbacks.cancel(place, "caller")


@pytest.mark.parametrize(
    ("number", "reason"),
    [("110", "number_emergency"), ("+12125550123", "number_international"), ("", "number_invalid")],
)
async def test_no_place_for_a_number_that_may_not_be_called(
    shared_switch: Switch, places: Database, number: str, reason: str
) -> None:
    async with scene(shared_switch, db=places) as s:
        assert s.callbacks is not None
        with pytest.raises(BadRequest) as refused:
            await s.callbacks.add(number=number, queue="general", hotline="4008009")
        assert refused.value.details["reason"] == reason


# --- pressing a key in line ---------------------------------------------------------------------


IN_LINE = compile_files(
    {
        "queues.yaml": b"general: {title: G, announce_position_every: 0s}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"flow: main\nstart: wait\nsteps:\n"
        b"  wait: {queue: general, keys: {1: call_me, 2: message}}\n"
        b"  call_me: {callback: {queue: general}, on_error: wait, next: end}\n"
        b"  message: {voicemail: Please, max: 30s, next: end}\n",
    }
)


async def test_a_key_in_line_keeps_the_place_and_its_turn_comes_before_those_who_came_later(
    shared_switch: Switch, places: Database
) -> None:
    async with scene(shared_switch, db=places, flows=at_any_hour(IN_LINE, "main"), ready=False) as s:
        ordinary(s)
        first, second = Caller(s.bank.registrar, "4008001"), Caller(s.bank.registrar, "4008001")
        await first.open()
        await second.open()
        first.dial()
        waiting = await s.notes.until(Phase.WAITING)
        assert waiting.wait is not None
        second.dial()
        await s.until(lambda: len(s.desk.rules.waiting("general")) == 2)
        later = next(call for call in s.desk.rules.waiting("general") if call.call_id != waiting.id)
        first.press("1")
        await s.until(lambda: waiting.id in stepping(s, "call_me"))
        await s.until(lambda: [call.call_id for call in s.desk.rules.waiting("general")] == [later.call_id])
        first.press("1")  # the number is right
        row = await until_row(s, places, "open")
        assert (row.number, row.queue, row.contact_id) == (FROM, "general", waiting.id)
        assert row.since == waiting.wait.since, "the wait counts from when it began"
        await asyncio.wait_for(first.over.wait(), 20)
        await s.until(lambda: len(s.desk.rules.waiting("general")) == 2)
        place, behind = s.desk.rules.waiting("general")
        assert (place.call_id, behind.call_id) == (row.id, later.call_id)

        # The next free agent is reserved for the place, sees it before the telephone rings, and only then is the
        # customer called; who stands behind goes on waiting.
        s.desk.tell(acd.AgentReady(agent_id=AGENT))
        call = await s.notes.until(Phase.TALKING)
        assert (call.purpose, call.caller_number) == ("callback", FROM)
        assert s.far.numbers == ["13800000009"]
        assert [one.call_id for one in s.desk.rules.waiting("general")] == [later.call_id]
        assert (await until_row(s, places, "reached")).attempts <= 1
        s.far.hang_up()
        await s.becomes(AgentState.WRAP_UP)
        s.desk.tell(acd.WrapUpDone(agent_id=AGENT))
        await s.becomes(AgentState.TALKING)
        await s.until(lambda: [call.id for call in s.runner.live.calls] == [later.call_id])
        second.hang_up()
        await asyncio.wait_for(second.over.wait(), 20)
        assert len(s.far.invites) == 1
        assert await s.left() == (0, 0, 0)
        first.close()
        second.close()


async def test_a_key_in_line_leads_to_the_voicemail(shared_switch: Switch, places: Database) -> None:
    async with scene(shared_switch, db=places, flows=at_any_hour(IN_LINE, "main"), ready=False) as s:
        ordinary(s)
        caller = Caller(s.bank.registrar, "4008001")
        await caller.open()
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        await s.notes.until(Phase.WAITING)
        caller.press("2")
        call = await s.notes.until(Phase.MESSAGE)
        assert s.desk.rules.waiting("general") == ()
        assert call.recording is not None
        caller.hang_up()
        await asyncio.wait_for(caller.over.wait(), 20)
        await s.ended()
        assert await s.left() == (0, 0, 0)
        caller.close()


# --- the caller for whom no line is left ----------------------------------------------------------


async def test_the_caller_beyond_the_last_line_is_offered_a_call_back(shared_switch: Switch, places: Database) -> None:
    async with scene(shared_switch, db=places, flows=at_any_hour(), max_lines=0, overflow_lines=1) as s:
        ordinary(s)
        caller, third = Caller(s.bank.registrar, "4008001"), Caller(s.bank.registrar, "4008001")
        await caller.open()
        await third.open()
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        call = await s.notes.until(Phase.MENU)
        assert (call.refused, call.flow) == (True, "busy")
        third.dial()
        await asyncio.wait_for(third.over.wait(), 20)
        assert not third.answered.is_set(), "the busy tone, once even the words have no line"
        caller.press("1")
        await s.until(lambda: s.runner.live.calls[0].run is not None and s.runner.live.calls[0].run.step == "call_me")
        caller.press("1")
        await asyncio.wait_for(s.far.rang.wait(), 20)
        row = await row_of(places)
        assert (row.number, row.queue, row.created_by, row.contact_id) == (FROM, "general", "caller", call.id)
        assert s.far.numbers == ["13800000009"]
        caller.hang_up()
        await asyncio.wait_for(caller.over.wait(), 20)
        await until_row(s, places, "reached")
        s.far.hang_up()
        assert await s.left() == (0, 0, 0)
        caller.close()
        third.close()


async def test_ordinary_callers_fill_their_lines_and_a_vip_still_gets_in(
    shared_switch: Switch, places: Database
) -> None:
    """Three lines, one of them kept for the hotline that must be reached."""
    kept = IN_LINE.hotlines["4008001"]
    hotlines = {
        "4008001": replace(kept, busy_flow="busy"),
        "4008002": replace(kept, number="4008002", reserved_lines=1),
    }
    busy = at_any_hour()
    flows = replace(at_any_hour(IN_LINE, "main"), hotlines=hotlines)
    flows = replace(flows, flows={**flows.flows, "busy": busy.flows["busy"]})
    async with scene(shared_switch, db=places, flows=flows, max_lines=3, overflow_lines=2) as s:
        ordinary(s)
        numbers = ("4008001", "4008001", "4008001", "4008002")
        first, second, third, vip = callers = [Caller(s.bank.registrar, number) for number in numbers]
        for caller in callers:
            await caller.open()
        first.dial()
        await s.notes.until(Phase.TALKING)
        # The desk hears of it a moment later; until then the first is counted among those who wait.
        await s.until(lambda: s.state is AgentState.TALKING and not s.desk.rules.waiting("general"))
        second.dial()
        await s.until(lambda: len(s.desk.rules.waiting("general")) == 1)
        third.dial()
        await asyncio.wait_for(third.answered.wait(), 20)
        await s.until(lambda: any(one.refused for one in s.runner.live.calls))
        refused = next(one for one in s.runner.live.calls if one.refused)
        assert (refused.hotline, refused.flow) == ("4008001", "busy")
        assert s.runner.live.lines_in_use == 2, "the third line is free, and not for an ordinary caller"

        third.press("1")
        await s.until(lambda: refused.id in stepping(s, "call_me"))
        third.press("1")
        row = await until_row(s, places, "open")
        assert (row.number, row.contact_id) == (FROM, refused.id)
        await asyncio.wait_for(third.over.wait(), 20)
        await s.until(lambda: len(s.desk.rules.waiting("general")) == 2)

        vip.dial()
        await s.until(lambda: len(s.desk.rules.waiting("general")) == 3)
        inside = next(one for one in s.runner.live.calls if one.hotline == "4008002")
        assert (inside.refused, inside.phase) == (False, Phase.WAITING)
        assert s.runner.live.lines_in_use == 3
        second.hang_up()
        await s.until(lambda: len(s.desk.rules.waiting("general")) == 2)  # else the agent would have them next
        first.hang_up()
        await s.becomes(AgentState.WRAP_UP)

        # Who was sent away came before, and is called back first; then who is on the kept line.
        for served in ("callback", ""):
            s.desk.tell(acd.WrapUpDone(agent_id=AGENT))
            await s.becomes(AgentState.TALKING)
            talking = await s.notes.until(Phase.TALKING)
            assert talking.purpose == served
            (s.far if served else vip).hang_up()
            await s.becomes(AgentState.WRAP_UP)
        await until_row(s, places, "reached")
        assert await s.left() == (0, 0, 0)
        for caller in callers:
            caller.close()


def stepping(s: Scene, step: str) -> set[CallId]:
    """The calls that are in this step of their flow."""
    return {one.id for one in s.runner.live.calls if one.run is not None and one.run.step == step}


async def test_a_customer_who_calls_again_and_is_answered_is_not_called_back(
    shared_switch: Switch, places: Database
) -> None:
    async with scene(shared_switch, db=places, ready=False) as s:
        assert s.callbacks is not None
        await s.callbacks.add(number="13800000009", queue="general", hotline="4008009")
        s.desk.tell(acd.AgentReady(agent_id=AGENT))
        caller = Caller(s.bank.registrar, "4008009")
        await caller.open()
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        caller.press("1")
        await s.notes.until(Phase.TALKING)
        row = await until_row(s, places, "cancelled")
        assert row.closed_by == "caller"
        caller.hang_up()
        await asyncio.wait_for(caller.over.wait(), 20)
        await s.ended()
        assert await s.left() == (0, 0, 0)
        assert s.far.invites == []
        caller.close()


async def test_the_flow_for_callers_without_a_line_holds_no_agent() -> None:
    assert all(hotline.busy_flow == "busy" for hotline in FLOWS.hotlines.values() if not hotline.drill)
