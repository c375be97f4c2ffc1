"""What a real Asterisk once told (two callers; a hold, a consultation, a swap, a conference), told again out of order,
doubled, in part, and for calls that nobody knows: nothing breaks, every call ends, every agent is free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.rules import DeskRules
from callcenter.asterisk import events as e
from callcenter.asterisk.parse import parse_event
from callcenter.calls import messages as m
from callcenter.calls import runner as running
from callcenter.calls.messages import Phase
from callcenter.calls.runner import CallRunner
from callcenter.calls.state import Call
from callcenter.clock import SystemClock
from callcenter.errors import GatewayError, NoAnswer
from callcenter.ids import AgentId, CallId
from callcenter.ivr.loader import load
from callcenter.ivr.messages import Prompt
from tests.asterisk.test_first_call import Notebook

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
_HEAD, *_TOLD = (Path(__file__).parent / "streams" / "conference.jsonl").read_bytes().splitlines()
CALLS: dict[str, CallId] = orjson.loads(_HEAD)["calls"]
STREAM = [event for line in _TOLD if (event := parse_event(orjson.loads(line), "a")) is not None]
A, B = AgentId("agent1"), AgentId("agent2")
WISHES: tuple[Callable[[], m.Event], ...] = (
    lambda: m.AgentHold(agent_id=A),
    lambda: m.AgentResume(agent_id=A),
    lambda: m.AgentConsult(agent_id=A, to_agent=B),
    lambda: m.AgentSwap(agent_id=A),
    lambda: m.AgentConference(agent_id=A),
    lambda: m.AgentHangUp(agent_id=A),
)
_FREE = {acd.AgentState.READY, acd.AgentState.NOT_RESPONDING}


class Told:
    """A switch that does what it is asked without a word, refuses, or does not answer; and tells what it is given."""

    connected = True

    def __init__(self, answers: Sequence[int]) -> None:
        self.queue: asyncio.Queue[e.SwitchEvent] = asyncio.Queue()
        self._answers, self._asked = answers, 0

    async def events(self) -> AsyncIterator[e.SwitchEvent]:
        while True:
            yield await self.queue.get()

    async def channels(self) -> tuple[e.ChannelView, ...]:
        return ()

    async def bridges(self) -> tuple[e.BridgeView, ...]:
        return ()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*_arguments: object, **_options: object) -> None:
            self._asked += 1
            match self._answers[self._asked % len(self._answers)]:
                case 0:
                    raise NoAnswer("no answer")
                case 500:
                    raise GatewayError("no", http_status=500)
                case _:
                    pass

        return ask


class Speech:
    async def media(self, prompt: Prompt) -> str:
        return "sound:beep"


async def _settle() -> None:
    """Whatever may follow without time passing follows."""
    for _ in range(30):
        await asyncio.sleep(0)


async def _live(picks: Sequence[int], answers: Sequence[int]) -> tuple[Notebook, CallRunner, DeskRules]:
    notes, rules, switch = Notebook(), DeskRules(), Told(answers)
    runner: CallRunner
    desk = Desk(rules, SystemClock(), lambda action: runner.decided(action))
    runner = CallRunner(
        clock=SystemClock(), desk=desk, journal=notes, pages=notes, prompts=Speech(), flows=lambda: FLOWS
    )
    desk.tell(acd.QueuesDefined(queues=(acd.QueueSettings(name="drill", title="D", drill=True, wrap_up_s=0.0),)))
    for number, agent_id in enumerate((A, B), 1):
        profile = acd.AgentProfile(
            agent_id=agent_id,
            name=agent_id,
            extension=f"100{number}",
            seat=f"seat-100{number}",
            queues={"drill": 1} if agent_id == A else {"general": 1},
            drill=True,
            wrap_up_s=0,
        )
        desk.tell(acd.AgentLoggedIn(profile=profile))
        desk.tell(acd.AgentPresence(agent_id=agent_id, phone=True, page=True))
        desk.tell(acd.AgentReady(agent_id=agent_id))
    tasks = [asyncio.create_task(desk.run()), asyncio.create_task(runner.follow(switch))]
    try:
        switch.queue.put_nowait(_up())
        for pick in picks:
            if pick < len(STREAM):
                switch.queue.put_nowait(STREAM[pick])
            else:
                for call in runner.live.calls:
                    runner.post(call.id, WISHES[pick - len(STREAM)]())
            await _settle()
        # The switch has none of it any more: a reconnect settles what is left.
        switch._answers = (200,)
        switch.queue.put_nowait(_up())
        async with asyncio.timeout(20):
            while runner.live.calls:  # noqa: ASYNC110 - calls end one by one
                await asyncio.sleep(0.01)
        await _settle()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return notes, runner, rules


def _up() -> e.SwitchUp:
    return e.SwitchUp(
        node="a",
        at=datetime.now(UTC),
        version="22.10.1",
        channels=(),
        bridges=(),
        seats_online=frozenset(),
        boot="once",
    )


def _arrival_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorded caller's call gets the id it had, so that what was told of its legs is about this call."""
    arrive = CallRunner._arrive

    def known(runner: CallRunner, gateway: Any, event: e.CallerArrived) -> None:
        monkeypatch.setattr(running, "new_id", lambda: CALLS[event.channel])
        arrive(runner, gateway, event)

    monkeypatch.setattr(CallRunner, "_arrive", known)


def _last(notes: Notebook) -> list[Call]:
    return list({call.id: call for call, _ in notes.events}.values())


ALL = range(len(STREAM) + len(WISHES))


def _late_and_doubled(jumps: list[int]) -> list[int]:
    """The stream, each event up to three places late; those that are, twice."""
    told = [n for n in range(len(STREAM)) for _ in range(2 if jumps[n] == 3 else 1)]
    return sorted(told, key=lambda n: n + jumps[n])


ORDER = st.one_of(
    st.lists(st.sampled_from(ALL), max_size=60),
    st.lists(st.integers(0, 3), min_size=len(STREAM), max_size=len(STREAM)).map(_late_and_doubled),
)
ANSWERS = st.one_of(st.just([200]), st.lists(st.sampled_from([200, 200, 200, 500, 0]), min_size=1, max_size=7))


def test_a_recorded_stream_shuffled_doubled_and_in_part_loses_no_call_and_no_agent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _arrival_ids(monkeypatch)

    @settings(max_examples=60, deadline=None)
    @given(picks=ORDER, answers=ANSWERS)
    def check(picks: list[int], answers: list[int]) -> None:
        notes, runner, rules = asyncio.run(_live(picks, answers))
        assert not runner.live.calls
        assert all(call.phase is Phase.ENDED and call.ended_at and call.end_reason for call in _last(notes))
        assert not any(call.end_reason == "internal_error" for call in _last(notes))
        assert {agent.state for agent in rules.agents()} <= _FREE
        assert not rules.waiting("drill")

    check()


def test_in_its_own_order_it_is_the_call_that_was(monkeypatch: pytest.MonkeyPatch) -> None:
    _arrival_ids(monkeypatch)
    notes, _, _ = asyncio.run(_live(range(len(STREAM)), [200]))
    first, second = _last(notes)
    assert (first.id, first.answered_by) == (CALLS[first.channel], A)
    assert second.end_reason == "abandoned"
