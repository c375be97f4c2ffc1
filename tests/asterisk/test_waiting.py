"""A caller who waits on a real Asterisk: the comfort message, music again, and the key that leads elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.call import Call
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.ivr.loader import compile_files
from tests.asterisk import test_first_call as first
from tests.asterisk.test_first_call import Notebook, centre
from tests.support.caller import Caller
from tests.support.switch import Switch, nothing_left, real_asterisk

FLOWS = compile_files(
    {
        "queues.yaml": "general: {title: G, comfort: 请稍候, comfort_every: 15s}\nnight: {title: N}\n".encode(),
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"flow: main\nstart: wait\nsteps:\n  wait: {queue: general, keys: {1: night}}\n"
        b"  night: {queue: night}\n",
    }
)


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[Switch]:
    async with real_asterisk(tmp_path) as running:
        yield running


class Read(Notebook):
    """A notebook that is read on from where the last reading ended: two events may come in one breath."""

    async def on_to(self, holds: Callable[[m.Event], bool], timeout_s: float = 30.0) -> tuple[Call, m.Event]:
        async with asyncio.timeout(timeout_s):
            while True:
                while self._read < len(self.events):
                    found = self.events[self._read]
                    self._read += 1
                    if holds(found[1]):
                        return found
                self._news.clear()
                await self._news.wait()


async def test_who_waits_hears_a_comfort_message_then_music_and_may_leave_by_key(
    switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues = tuple(
        acd.QueueSettings(name=name, title=name, announce_position_every_s=0) for name in ("general", "night")
    )
    monkeypatch.setattr(first, "QUEUES", queues)
    # Sooner than a file may say, so that nobody waits here for long.
    general = replace(FLOWS.queues["general"], comfort_every_s=1.0)
    flows = replace(FLOWS, queues={**FLOWS.queues, "general": general})
    notes, caller = Read(), Caller(switch.sip, "4008001")
    async with switch.node() as node, centre(switch, node, notes, flows=flows) as (_, desk):
        await asyncio.wait_for(node.wait_connected(), 20)
        await caller.open()
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        await notes.on_to(lambda event: isinstance(event, m.TimerFired) and event.name == "comfort")
        said, finished = await notes.on_to(lambda event: isinstance(event, m.SayFinished))
        assert said.phase is Phase.WAITING
        assert isinstance(finished, m.SayFinished)
        assert finished.ok, "Asterisk played it to the end"
        assert desk.rules.waiting("general")
        caller.press("1")
        moved, _ = await notes.on_to(lambda event: isinstance(event, m.Key))
        assert moved.wait is not None
        assert moved.wait.queue == "night"
        async with asyncio.timeout(20):
            while not desk.rules.waiting("night"):
                await desk._changed.wait()
        assert not desk.rules.waiting("general")
        caller.hang_up()
        ended = await notes.until(Phase.ENDED)
        caller.close()
        await nothing_left(node)
    kinds = [(segment.kind, segment.queue, segment.result) for segment in ended.segments]
    assert (SegmentKind.WAIT, "general", "exit_key") in kinds
    assert kinds[-1][:2] == (SegmentKind.WAIT, "night")
