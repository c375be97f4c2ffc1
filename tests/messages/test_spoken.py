"""Callers who speak to nobody, over a real Asterisk: what they said is kept, however they end it."""

from __future__ import annotations

import asyncio
import hashlib
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.rules import DeskRules
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls import messages as m
from callcenter.calls.call import Call
from callcenter.calls.messages import Phase
from callcenter.calls.replay import Journalled, Left
from callcenter.calls.runner import CallRunner
from callcenter.calls.tables import Rating
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.drill.own import free_ports
from callcenter.ids import AgentId, OfferId
from callcenter.ivr.effects import FlowEffects
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import load
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.queues import queues_defined
from callcenter.ivr.said import static_prompts
from callcenter.messages.room import MessageRoom
from callcenter.messages.tables import Message
from tests.messages.flows import write_flows
from tests.support.caller import Caller
from tests.support.sipp import sipp
from tests.support.switch import Switch, desk_seat, real_asterisk

AGENT = AgentId("a" * 32)
SEAT = desk_seat(1)


class Quiet:
    """Stands where pages are."""

    async def prepare(self, call: Call) -> None: ...

    async def pop(self, call: Call, offer: acd.OfferMade) -> None: ...

    def offer_over(self, agent_id: AgentId, offer_id: OfferId, reason: str) -> None: ...

    def show_call(self, agent_id: AgentId, call: Call) -> None: ...

    def refuse(self, agent_id: AgentId, code: str) -> None: ...


@dataclass
class Centre:
    switch: Switch
    node: AsteriskNode
    runner: CallRunner
    desk: Desk
    room: MessageRoom
    db: Database
    recordings: Path
    calls: list[Call] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def append(self, call: Call, event: Journalled, at: datetime, left: Left) -> None:
        self.calls.append(call)
        self.news.set()

    async def until(self, phase: Phase, *, step: str = "", stage: str = "", timeout_s: float = 20.0) -> Call:
        """Wait until the newest event left its call in this phase (and place in the flow)."""
        async with asyncio.timeout(timeout_s):
            while True:
                self.news.clear()
                if self.calls:
                    call = self.calls[-1]
                    here = call.run
                    placed = (not step or (here is not None and here.step == step)) and (
                        not stage or (here is not None and here.stage == stage)
                    )
                    if call.phase is phase and placed:
                        return call
                await self.news.wait()

    async def messages(self) -> list[Message]:
        async with asyncio.timeout(20):
            while self.runner.live.calls:  # noqa: ASYNC110 - what an event leads to is done after it was written
                await asyncio.sleep(0.02)
        await self.room.settled()
        async with self.db.read() as session:
            return list(await session.scalars(select(Message).order_by(Message.recorded_at)))

    @asynccontextmanager
    async def caller(self, number: str) -> AsyncIterator[Caller]:
        caller = Caller(self.switch.sip, number)
        await caller.open()
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        try:
            yield caller
        finally:
            if not caller.over.is_set():
                caller.hang_up()
            caller.close()


@pytest.fixture
async def centre(tmp_path: Path, db: Database) -> AsyncIterator[Centre]:
    flows: FlowSet = load(write_flows(tmp_path / "flows"))
    async with real_asterisk(tmp_path) as switch, switch.node() as node:
        await asyncio.wait_for(node.wait_connected(), 20)
        prompts = PromptStore(switch.settings.cache_dir, switch.toolbox.command("espeak-ng"), switch.toolbox.env)
        await prompts.prepare(static_prompts(flows))
        runner: CallRunner
        made: Centre
        desk = Desk(DeskRules(), SystemClock(), lambda action: runner.decided(action))
        asterisk = tmp_path / "asterisk"
        room = MessageRoom(
            db,
            tmp_path / "recordings",
            asterisk / "spool" / "recording",
            asterisk / "voicemail",
            SystemClock(),
            ZoneInfo("Asia/Shanghai"),
        )
        made = Centre(switch, node, runner=None, desk=desk, room=room, db=db, recordings=tmp_path / "recordings")  # type: ignore[arg-type]
        runner = made.runner = CallRunner(
            clock=SystemClock(),
            desk=desk,
            journal=made,
            pages=Quiet(),
            prompts=prompts,
            messages=room,
            effects=FlowEffects(db, SystemClock()),
            flows=lambda: flows,
        )
        desk.tell(queues_defined(flows))
        tasks = [asyncio.create_task(desk.run()), asyncio.create_task(runner.follow(node))]
        yield made
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def sound_of(centre: Centre, message: Message) -> tuple[int, int, int]:
    """(channels, rate, frames) of a kept message, after its checksum was compared."""
    path = centre.recordings / message.path
    assert hashlib.sha256(path.read_bytes()).hexdigest() == message.sha256
    with wave.open(str(path)) as file:
        return file.getnchannels(), file.getframerate(), file.getnframes()


async def test_a_voicemail_ended_by_hash_is_kept_and_the_flow_goes_on(centre: Centre) -> None:
    async with centre.caller("4008001") as caller:
        await centre.until(Phase.MESSAGE, step="message")
        await caller.speak(3.5)
        caller.press("#")
        call = await centre.until(Phase.MENU, step="bye")
        await asyncio.wait_for(caller.over.wait(), 20)
    (message,) = await centre.messages()
    assert (message.contact_id, message.purpose, message.state) == (call.id, "voicemail", "new")
    assert (message.caller_number, message.hotline, message.language) == ("13800000009", "4008001", "zh-CN")
    assert (message.queue, message.drill) == (None, False)
    channels, rate, frames = sound_of(centre, message)
    assert (channels, rate) == (1, 8000)
    assert 1500 <= message.duration_ms <= 4000, "what was said, less the tone before it"
    assert frames * 1000 // rate == message.duration_ms
    assert not list((centre.switch.data / "asterisk" / "spool" / "recording").glob("*")), "nothing is left behind"


async def test_who_hangs_up_while_speaking_has_said_what_they_said(centre: Centre) -> None:
    async with centre.caller("4008001") as caller:
        await centre.until(Phase.MESSAGE, step="message")
        await caller.speak(3.0)
        caller.hang_up()
        call = await centre.until(Phase.ENDED)
    assert (call.ended_by, call.end_reason) == ("caller", "message_left")
    (message,) = await centre.messages()
    assert message.contact_id == call.id
    assert 1000 <= message.duration_ms <= 4000
    sound_of(centre, message)


async def test_who_says_nothing_leaves_nothing(centre: Centre) -> None:
    async with centre.caller("4008001") as caller:
        await centre.until(Phase.MESSAGE, step="message")
        await caller.speak(2.0, amplitude=40)
        caller.hang_up()
        await centre.until(Phase.ENDED)
    assert await centre.messages() == []
    assert not list((centre.switch.data / "asterisk" / "spool" / "recording").glob("*"))


async def test_after_the_agent_leaves_the_caller_rates_and_comments(centre: Centre, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    await centre.node.provision_seat(SEAT)
    login = ("-s", SEAT.name, "-au", SEAT.name, "-ap", SEAT.password, "-p", str(port), "-m", "1")
    await sipp(centre.switch.toolbox, "register.xml", centre.switch.sip, tmp_path / "register", *login)
    profile = acd.AgentProfile(agent_id=AGENT, name="Agent", extension="1001", seat=SEAT.name, queues={"general": 1})
    centre.desk.tell(acd.AgentLoggedIn(profile=profile))
    centre.desk.tell(acd.AgentPresence(agent_id=AGENT, phone=True, page=True))
    centre.desk.tell(acd.AgentReady(agent_id=AGENT))
    phone = asyncio.create_task(
        sipp(centre.switch.toolbox, "agent.xml", centre.switch.sip, tmp_path / "agent", "-p", str(port), "-m", "1")
    )
    async with centre.caller("4008002") as caller:
        talking = await centre.until(Phase.TALKING)
        centre.runner.post(talking.id, m.AgentHangUp(agent_id=AGENT))
        await centre.until(Phase.MENU, step="rate")
        caller.press("4")
        await centre.until(Phase.MESSAGE, step="rate", stage="recording")
        await caller.speak(3.0)
        caller.press("#")
        call = await centre.until(Phase.MENU, step="rate", stage="thanks")
        await asyncio.wait_for(caller.over.wait(), 20)
    await phone
    (comment,) = await centre.messages()
    assert (comment.contact_id, comment.purpose, comment.queue) == (call.id, "comment", "general")
    async with centre.db.read() as session:
        (rating,) = await session.scalars(select(Rating))
    assert (rating.contact_id, rating.question, rating.score) == (call.id, "service", 4)


async def test_what_the_fallback_recorded_while_we_were_away_is_in_the_same_list(tmp_path: Path, db: Database) -> None:
    asterisk = tmp_path / "asterisk"
    folder = asterisk / "voicemail"
    places = (tmp_path / "recordings", asterisk / "spool" / "recording", folder)
    room = MessageRoom(db, *places, SystemClock(), ZoneInfo("Asia/Shanghai"))
    before = datetime.now(UTC)
    async with real_asterisk(tmp_path) as switch:
        caller = Caller(switch.sip, "4008001")
        await caller.open()
        caller.dial()
        async with asyncio.timeout(30):
            await caller.answered.wait()  # by the dialplan: nobody serves the application
            while not list(folder.glob("*.wav")):
                await caller.speak(0.1)
            await caller.speak(3.0)
            assert await room.sweep() == 0, "it is still being recorded"
            caller.hang_up()
            await caller.over.wait()
            while not await room.sweep():
                pass
            await room.settled()
        caller.close()
    async with db.read() as session:
        (message,) = await session.scalars(select(Message))
    assert (message.contact_id, message.purpose, message.queue) == (None, "voicemail", None)
    assert (message.caller_number, message.hotline) == ("13800000009", "4008001")
    assert abs((message.recorded_at - before).total_seconds()) < 60
    assert message.duration_ms >= 1000
    assert (tmp_path / "recordings" / message.path).is_file()
    assert not list(folder.glob("*.wav"))
