"""Two carriers at a real Asterisk: one dies, is noticed, is passed over, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callcenter.asterisk import events as e
from callcenter.asterisk.node import AsteriskNode
from callcenter.clock import SystemClock
from callcenter.errors import Unavailable
from callcenter.ids import name_of, new_id
from callcenter.ivr.hours import Calendar, Interval
from callcenter.outbound.dialler import OutsideDialler
from callcenter.outbound.rules import DialRules
from callcenter.trunks.keeper import TrunkKeeper
from callcenter.trunks.model import Trunk
from callcenter.trunks.routing import Health
from callcenter.trunks.ways import TrunkWays
from tests.support.carrier import Carrier
from tests.support.switch import Switch, real_asterisk

RULES = DialRules(
    allow=("CN:mobile", "CN:fixed"),
    hours=Calendar(name="always", week=((Interval(0, 24 * 60),),) * 7),
    zone=ZoneInfo("Asia/Shanghai"),
    hotlines=frozenset({"4008001"}),
)
NUMBER = "13800000001"


class Told:
    """Where incidents would be written."""

    def __init__(self) -> None:
        self.open_now: set[str] = set()
        self.kinds: list[str] = []

    def open(self, key: str, kind: str, text: str, *, facts: object) -> None:
        if key not in self.open_now:
            self.open_now.add(key)
            self.kinds.append(kind)

    def close(self, key: str) -> None:
        self.open_now.discard(key)


class Exchange:
    """A node, its trunks and the way outside, with every event told in the order of the service."""

    def __init__(self, node: AsteriskNode, trunks: list[Trunk]) -> None:
        self.node, self.file, self.told = node, trunks, Told()
        self.keeper = TrunkKeeper(trunks, gateway=node, clock=SystemClock(), incidents=self.told, load=self._load)
        self.dialler = OutsideDialler(lambda: RULES, TrunkWays(self.keeper), SystemClock())
        self.heard: list[e.SwitchEvent] = []
        self.lost: list[str] = []
        self._news = asyncio.Event()

    async def _load(self) -> list[Trunk]:
        return self.file

    async def follow(self) -> None:
        async for event in self.node.events():
            self.keeper.hear(event)
            self.dialler.hear(event, lambda event=event: self.lost.append(getattr(event, "channel", "")))  # type: ignore[misc]
            self.heard.append(event)
            self._news.set()

    async def until(self, truth: Callable[[], bool], timeout_s: float = 30) -> None:
        async with asyncio.timeout(timeout_s):
            while not truth():
                self._news.clear()
                await self._news.wait()

    def state(self, name: str) -> Health:
        return self.keeper.find(name).health.state

    def answered(self, channel: str) -> bool:
        return any(isinstance(one, e.LegAnswered) and one.channel == channel for one in self.heard)

    async def call(self, number: str = NUMBER) -> tuple[str, str]:
        channel = name_of(new_id(), "out1")
        return channel, await self.dialler.dial(self.node, channel, number, "4008001", 20)


def trunk(carrier: Carrier, name: str, **fields: object) -> Trunk:
    facts: dict[str, object] = {"qualify_s": 1, "match": (f"127.0.0.{40 + ord(name[0]) % 50}",), **fields}
    return Trunk(name=name, title=name, title_en=name, hosts=(f"127.0.0.1:{carrier.port}",), **facts)  # type: ignore[arg-type]


@asynccontextmanager
async def exchange(folder: Path, trunks: list[Trunk]) -> AsyncIterator[Exchange]:
    async with real_asterisk(folder) as switch, switch.node() as node:
        made = Exchange(node, trunks)
        await made.keeper.begin()
        tasks = [asyncio.create_task(made.follow()), asyncio.create_task(made.keeper.run())]
        try:
            await made.until(lambda: any(isinstance(one, e.SwitchUp) for one in made.heard))
            yield made
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_carrier_that_dies_is_taken_out_passed_over_told_of_and_comes_back(tmp_path: Path) -> None:
    north, south = await Carrier().open(), await Carrier().open()
    trunks = [trunk(north, "north", priority=1, strip=1, add="0086"), trunk(south, "south", priority=2)]
    try:
        async with exchange(tmp_path, trunks) as at:
            await at.until(lambda: at.state("north") == at.state("south") == Health.UP)
            assert at.keeper.find("north").health.rtt_ms is not None
            channel, way = await at.call()
            await at.until(lambda: at.answered(channel))
            assert (way, north.invited, south.invited) == ("trunk-north", ["00863800000001"], [])
            assert "4008001" in north.shown[0]
            assert at.keeper.find("north").in_use == 1

            port = north.port
            north.close()
            began = asyncio.get_running_loop().time()
            await at.until(lambda: at.state("north") is Health.DOWN)
            assert asyncio.get_running_loop().time() - began < 1 + 3 + 5, "within its interval and the time-out"
            assert at.told.open_now == {"trunk:north"}
            channel, way = await at.call()
            await at.until(lambda: at.answered(channel))
            assert (way, south.invited) == ("trunk-south", [NUMBER])

            north = await Carrier().open(port)
            await at.until(lambda: at.state("north") is Health.UP)
            assert at.told.open_now == set()
            _, way = await at.call()
            assert way == "trunk-north"
    finally:
        north.close()
        south.close()


async def test_a_call_that_finds_no_way_goes_by_the_next_trunk_and_three_of_them_take_one_out(tmp_path: Path) -> None:
    north, south = await Carrier(status=503).open(), await Carrier().open()
    trunks = [trunk(north, "north", priority=1), trunk(south, "south", priority=2)]
    try:
        async with exchange(tmp_path, trunks) as at:
            await at.until(lambda: at.state("north") == at.state("south") == Health.UP)
            for _ in range(3):
                channel, way = await at.call()
                assert way == "trunk-north"
                await at.until(lambda: at.answered(channel))  # noqa: B023
            assert (len(north.invited), len(south.invited), at.lost) == (3, 3, [])
            tally = at.keeper.take_tally()
            assert tally == {("north", False): 3, ("south", False): 3, ("south", True): 3}, "each attempt where it was"
            view = at.keeper.find("north").health
            assert (view.state, view.reason) == (Health.DOWN, "calls_failed")
            assert at.told.kinds == ["trunk_down"]
            _, way = await at.call()
            assert way == "trunk-south"
            at.keeper.take_out("south", SystemClock().now())
            with pytest.raises(Unavailable, match="no trunk is free"):
                await at.call()
    finally:
        north.close()
        south.close()


async def test_a_busy_line_is_an_answer_and_nobody_is_called_twice(tmp_path: Path) -> None:
    north, south = await Carrier(status=486).open(), await Carrier().open()
    trunks = [trunk(north, "north", priority=1), trunk(south, "south", priority=2)]
    try:
        async with exchange(tmp_path, trunks) as at:
            await at.until(lambda: at.state("north") == at.state("south") == Health.UP)
            channel, _ = await at.call()
            await at.until(lambda: any(isinstance(x, e.ChannelGone) and x.channel == channel for x in at.heard))
            assert (north.invited, south.invited) == ([NUMBER], [])
            assert at.keeper.find("north").in_use == 0
    finally:
        north.close()
        south.close()


async def test_trunks_change_while_asterisk_runs_and_calls_go_on(tmp_path: Path) -> None:
    first, second = await Carrier().open(), await Carrier().open()
    try:
        async with exchange(tmp_path, [trunk(first, "north")]) as at:
            await at.until(lambda: at.state("north") is Health.UP)
            channel, _ = await at.call()
            await at.until(lambda: at.answered(channel))
            # The demo trunk is one that Asterisk read from its files: it gets a name of its own.
            demo = trunk(second, "demo", match=("127.0.0.0/8",), priority=1)
            at.file = [trunk(second, "north", priority=5), demo]
            await at.keeper.reload()
            assert at.node.trunk_endpoint("demo") == f"trunk-demo~{demo.print}"
            await at.until(lambda: at.state("north") == at.state("demo") == Health.UP)
            other, way = await at.call()
            await at.until(lambda: at.answered(other))
            assert (way, len(second.invited), len(first.invited)) == ("trunk-demo", 1, 1)
            assert {view.channel for view in await at.node.channels()} >= {channel, other}
            at.file = [demo]
            await at.keeper.reload()
            assert [view.trunk.name for view in at.keeper.views] == ["demo"]
    finally:
        first.close()
        second.close()


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[Switch]:
    async with real_asterisk(tmp_path) as running:
        yield running


async def test_asterisk_starts_with_the_files_trunks_so_that_callers_meet_the_fallback_without_us(
    switch: Switch,
) -> None:
    told = await switch.asterisk.console("pjsip show identifies")
    assert "trunk-demo/trunk-demo" in told
    assert "127.0.0.0/8" in told
