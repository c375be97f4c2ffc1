"""Click to call over real SIP: the agent's telephone first, then the one outside; every end of it, at every moment."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.outbound.dialler import DialRefused
from tests.outbound.scene import AGENT, NUMBER, scene
from tests.support.switch import Switch

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_answered_call_shows_the_hotline_and_is_recorded(shared_switch: Switch) -> None:
    async with scene(shared_switch) as s:
        call_id = s.call()
        assert s.state is AgentState.TALKING, "the desk offers nothing meanwhile"
        call = await s.notes.until(Phase.TALKING)
        assert call.id == call_id
        assert s.far.numbers == [NUMBER]
        assert "4008009" in s.far.invites[0].get("From")
        assert (call.direction, call.purpose, call.answered_by) == ("outbound", "call", AGENT)
        await s.until(lambda: s.notes.events[-1][0].trunk == "demo")
        await s.until(lambda: len(s.notes.told) > 0 and s.notes.told[0] == "pop")
        await asyncio.sleep(1.0)  # some sound to record
        s.far.hang_up()
        call = await s.ended()
        assert (call.end_reason, call.ended_by) == ("completed", "caller")
        assert [each.kind for each in call.segments] == [SegmentKind.RING, SegmentKind.DIAL, SegmentKind.TALK]
        assert all(each.agent_id == AGENT for each in call.segments)
        assert await s.left() == (0, 0, 0)
        raw = shared_switch.data / "asterisk" / "monitor" / f"cc-{call.id}-capture.raw"
        assert raw.stat().st_size > 16_000, "half a second of two channels"


@pytest.mark.parametrize(("manner", "reason"), [("busy", "busy"), ("reject", "rejected")])
async def test_an_unanswered_call_says_why_and_frees_the_agent(shared_switch: Switch, manner: str, reason: str) -> None:
    async with scene(shared_switch, manner=manner) as s:
        s.call()
        call = await s.ended()
        assert (call.end_reason, call.answered_at) == (reason, None)
        assert await s.left() == (0, 0, 0)
        await s.becomes(AgentState.READY)  # no wrap-up in the drill's queue


async def test_nobody_answers(shared_switch: Switch) -> None:
    async with scene(shared_switch, manner="silent") as s:
        call_id = s.call()
        await asyncio.wait_for(s.far.rang.wait(), 20)
        s.runner.post(call_id, m.TimerFired(name="answer"))
        assert (await s.ended()).end_reason == "no_answer"
        await asyncio.wait_for(s.far.over.wait(), 20)
        assert await s.left() == (0, 0, 0)


async def test_the_agent_gives_up_while_it_rings_outside(shared_switch: Switch) -> None:
    async with scene(shared_switch, manner="silent") as s:
        call_id = s.call()
        await asyncio.wait_for(s.far.rang.wait(), 20)
        s.runner.post(call_id, m.AgentHangUp(agent_id=AGENT))
        call = await s.ended()
        assert (call.end_reason, call.ended_by) == ("agent_ended", "agent")
        await asyncio.wait_for(s.far.over.wait(), 20)
        assert await s.left() == (0, 0, 0)


async def test_the_agent_gives_up_before_their_own_telephone_is_answered(shared_switch: Switch) -> None:
    async with scene(shared_switch) as s:
        call_id = s.call()
        await asyncio.wait_for(s.rang.wait(), 20)
        s.runner.post(call_id, m.AgentHangUp(agent_id=AGENT))
        assert (await s.ended()).end_reason == "agent_declined"
        assert await s.left() == (0, 0, 0)
        assert s.far.numbers == [], "nobody outside was rung"
        await s.becomes(AgentState.READY)


async def test_the_agent_hangs_up_after_talking(shared_switch: Switch) -> None:
    async with scene(shared_switch) as s:
        call_id = s.call()
        await s.notes.until(Phase.TALKING)
        s.runner.post(call_id, m.AgentHangUp(agent_id=AGENT))
        call = await s.ended()
        assert (call.end_reason, call.ended_by) == ("completed", "agent")
        await asyncio.wait_for(s.far.over.wait(), 20)
        assert await s.left() == (0, 0, 0)


async def test_whom_the_agent_called_and_put_through_comes_back_when_nobody_answers(shared_switch: Switch) -> None:
    async with scene(shared_switch) as s:
        call_id = s.call()
        await s.notes.until(Phase.TALKING)
        s.far.manner = "mute"
        s.runner.post(call_id, m.AgentTransfer(agent_id=AGENT, number="+8613800000002"))
        await s.until(lambda: len(s.far.invites) == 2)
        s.far.ring()
        await s.notes.until(Phase.FORWARDING)
        await s.until(lambda: s.state is not AgentState.TALKING)  # the agent is out of it while it rings
        s.far.decline()
        call = await s.notes.until(Phase.TALKING)
        assert call.talk is not None
        assert call.talk.agent.agent_id == AGENT
        await s.becomes(AgentState.TALKING)
        together = {call.channel, call.talk.channel}
        async with asyncio.timeout(20):
            while not any(set(bridge.channels) == together for bridge in await s.node.bridges()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # what a command did in Asterisk is told by no event of ours
        s.runner.post(call_id, m.AgentHangUp(agent_id=AGENT))
        assert (await s.ended()).end_reason == "completed"
        assert await s.left() == (0, 0, 0)


async def test_an_agent_on_a_break_may_call_and_is_on_the_break_again(shared_switch: Switch) -> None:
    async with scene(shared_switch, manner="busy", ready=False) as s:
        s.call()
        await s.ended()
        assert await s.left() == (0, 0, 0)
        await s.becomes(AgentState.BREAK)


@pytest.mark.parametrize(
    ("number", "reason"), [("110", "number_emergency"), ("01012345678", "number_not_allowed"), ("x", "number_invalid")]
)
async def test_what_is_not_allowed_rings_nobody(shared_switch: Switch, number: str, reason: str) -> None:
    async with scene(shared_switch) as s:
        with pytest.raises(DialRefused) as refused:
            s.call(number)
        assert refused.value.reason == reason
        assert (s.runner.live.calls, s.state) == ((), AgentState.READY)


async def test_one_call_at_a_time(shared_switch: Switch) -> None:
    async with scene(shared_switch, manner="silent") as s:
        s.call()
        with pytest.raises(DialRefused) as refused:
            s.call()
        assert refused.value.reason == "busy"
        s.runner.post(s.runner.live.calls[0].id, m.Abort(reason="test"))
        assert await s.left() == (0, 0, 0)


async def test_a_telephone_that_is_away_is_said_beforehand(shared_switch: Switch) -> None:
    async with scene(shared_switch) as s:
        s.desk.tell(acd.AgentPresence(agent_id=AGENT, phone=False))
        with pytest.raises(DialRefused) as refused:
            s.call()
        assert refused.value.reason == "phone_not_registered"
