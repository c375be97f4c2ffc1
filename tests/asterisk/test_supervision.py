"""A supervisor at an agent's call on a real Asterisk, heard by tones: who hears whom in each mode, what is recorded,
and that nothing is left, whichever way it ends."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.asterisk.node import AsteriskNode
from callcenter.asterisk.reconcile import Reconciler
from callcenter.calls import messages as m
from callcenter.calls.call import Call
from callcenter.calls.messages import Phase
from callcenter.calls.runner import CallRunner
from callcenter.clock import SystemClock
from callcenter.cti.pages import PageSocket
from callcenter.drill.phone import Phone, PhoneBank
from callcenter.errors import Conflict
from callcenter.ids import AgentId, CallId, session_of
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import compile_files
from callcenter.supervision.model import Mode, Session, State, Supervisor
from callcenter.supervision.room import SupervisionRoom
from tests.asterisk.test_first_call import FLOWS, Notebook, centre
from tests.support.caller import Caller
from tests.support.switch import Switch, desk_seat, nothing_left
from tests.support.voice import AGENT_HZ, CALLER_HZ, COLLEAGUE_HZ, SUPERVISOR_HZ, Voice, loudness

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
AGENT = AgentId("agent1")
BOSS = Supervisor(account_id="f" * 32, name="主管")
LEAD = Supervisor(account_id="e" * 32, name="组长")


@dataclass
class Scene:
    switch: Switch
    node: AsteriskNode
    notes: Notebook
    runner: CallRunner
    desk: Desk
    caller: Caller
    voices: dict[str, Voice]
    bank: PhoneBank
    audited: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    told: list[object] = field(default_factory=list)
    """What the agent's page was told of supervisors, in order."""
    frames: list[dict[str, Any]] = field(default_factory=list)
    """What the supervisors' pages were told."""

    writers: list[asyncio.Task[None]] = field(default_factory=list)
    room: SupervisionRoom = field(init=False)

    @property
    def call(self) -> Call:
        return self.notes.events[-1][0]

    def listening(self, *, shown: bool) -> SupervisionRoom:
        """The room, told what Asterisk tells from the first word."""
        made = SupervisionRoom(
            self.node,
            agent=self.desk.rules.agent,
            call=self.live,
            post=self.runner.post,
            tell_agent=lambda agent_id, frame: self.told.append(frame.get("by")),
            audit=lambda account_id, action, subject, detail: self.audited.append((action, detail)),
            clock=SystemClock(),
            shown=shown,
        )
        self.runner.listen(made.hear)
        self.runner.on_changed(made.call_changed)
        self.notes.shown = made.call_shown  # type: ignore[attr-defined]
        return made

    def live(self, call_id: CallId) -> Call | None:
        found = self.runner.live.get(call_id)
        return found.call if found else None

    async def at_page(self, room: SupervisionRoom, who: Supervisor = BOSS, voice: str = "boss") -> Phone:
        """A supervisor's page is open and its telephone registered."""

        async def send(text: str) -> None:
            self.frames.append(orjson.loads(text))

        async def close(code: int) -> None: ...

        self.socket = PageSocket(send, close)
        self.writers.append(asyncio.create_task(self.socket.write()))
        room.enter(who, self.socket)
        seat = await room.seat(who, "desk_phone")
        return await telephone(self.bank, seat.name, seat.password, self.voices[voice])

    async def dial(self) -> None:
        """The caller is in the menu, and says their tone."""
        self.caller.dial(self.voices["caller"].port)
        await asyncio.wait_for(self.caller.answered.wait(), 20)
        self.voices["caller"].talk(self.caller.sound)
        await self.notes.until(Phase.MENU)

    async def ended(self, session: Session) -> str:
        """Why it ended, as the page was told."""
        async with asyncio.timeout(20):
            while True:
                for frame in self.frames:
                    told = frame.get("session")
                    if told and told["id"] == session.id and told["state"] == "ended":
                        return str(told["reason"])
                await asyncio.sleep(0.02)  # the page is told in its own time

    async def everybody_hears(self, **wanted: tuple[int, ...]) -> None:
        await asyncio.gather(*(self.voices[who].hears(*tones) for who, tones in wanted.items()))

    @property
    def recorded(self) -> int:
        """Bytes of the call's recording so far."""
        return self.capture.stat().st_size

    @property
    def capture(self) -> Any:
        return self.switch.data / "asterisk" / "monitor" / f"cc-{self.call.id}-capture.raw"


class Watched(Notebook):
    """A notebook that passes on what agents' pages are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: Any = lambda agent_id, call: None

    def show_call(self, agent_id: AgentId, call: Call) -> None:
        super().show_call(agent_id, call)
        self.shown(agent_id, call)


async def telephone(bank: PhoneBank, seat: str, password: str, voice: Voice) -> Phone:
    phone = Phone(bank, seat, password, voice)  # type: ignore[arg-type]
    bank.phones[seat] = phone
    await phone.register()
    return phone


@asynccontextmanager
async def at_work(switch: Switch, *, shown: bool = False, flows: FlowSet = FLOWS) -> AsyncIterator[Scene]:
    """A caller who has not dialled yet, and an agent at their telephone. ``shown``: the site shows who listens."""
    notes, bank, caller = Watched(), PhoneBank(switch.sip), Caller(switch.sip, "4008009")
    tones = {"caller": CALLER_HZ, "agent": AGENT_HZ, "boss": SUPERVISOR_HZ, "lead": COLLEAGUE_HZ}
    voices = {who: Voice(hz) for who, hz in tones.items()}
    async with switch.node() as node, centre(switch, node, notes, flows=flows) as (runner, desk):
        made = Scene(switch, node, notes, runner, desk, caller, voices, bank)
        made.room = made.listening(shown=shown)
        await asyncio.gather(bank.open(), caller.open(), *(voice.open() for voice in voices.values()))
        await asyncio.wait_for(node.wait_connected(), 20)
        seat = desk_seat(1)
        await node.provision_seat(seat)
        await telephone(bank, seat.name, seat.password, voices["agent"])
        drill = flows is FLOWS
        queues = {"drill" if drill else "general": 1}
        profile = acd.AgentProfile(
            agent_id=AGENT, name="坐席", extension="1001", seat=seat.name, queues=queues, drill=drill
        )
        desk.tell(acd.AgentLoggedIn(profile=profile))
        desk.tell(acd.AgentPresence(agent_id=AGENT, phone=True, page=True))
        try:
            yield made
            await nothing_left(node)
        finally:
            for writer in made.writers:
                writer.cancel()
            caller.close()
            await bank.close()
            for voice in voices.values():
                voice.close()


@asynccontextmanager
async def talking(switch: Switch, *, shown: bool = False) -> AsyncIterator[Scene]:
    """The agent in conversation with the caller, each saying their tone."""
    async with at_work(switch, shown=shown) as scene:
        scene.desk.tell(acd.AgentReady(agent_id=AGENT))
        await scene.dial()
        scene.caller.press("1")
        await scene.notes.until(Phase.TALKING)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,))
        yield scene


async def test_each_mode_is_heard_by_whom_it_is_for_and_recorded_when_all_hear(shared_switch: Switch) -> None:
    async with talking(shared_switch) as scene:
        room = scene.room
        await scene.at_page(room)
        session = room.begin(BOSS, AGENT, Mode.LISTEN)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,), boss=(CALLER_HZ, AGENT_HZ))
        room.change(BOSS, session.id, Mode.WHISPER)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ, SUPERVISOR_HZ), boss=(CALLER_HZ, AGENT_HZ))
        before_join, joined_at = scene.recorded, time.monotonic()
        room.change(BOSS, session.id, Mode.JOIN)
        await scene.everybody_hears(
            caller=(AGENT_HZ, SUPERVISOR_HZ), agent=(CALLER_HZ, SUPERVISOR_HZ), boss=(CALLER_HZ, AGENT_HZ)
        )
        room.change(BOSS, session.id, Mode.LISTEN)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,), boss=(CALLER_HZ, AGENT_HZ))
        joined_s = time.monotonic() - joined_at
        assert scene.runner.live.lines_in_use == 0, "a drill's call, and no line for the supervisor"
        sweeper = Reconciler(scene.node, scene.runner.live.lives, SystemClock(), owns_session=room.lives, every_s=3600)
        assert await sweeper.sweep() == await sweeper.sweep() == (), "it belongs to somebody"
        scene.caller.hang_up()
        call = await scene.notes.until(Phase.ENDED)
        assert await scene.ended(session) == "call_over"
        assert not room.lives(session.id)
        await nothing_left(scene.node)
        assert call.end_reason == "completed"
        assert [name for name, _ in scene.audited] == [
            "supervision.listen",
            "supervision.whisper",
            "supervision.join",
            "supervision.listen",
            "supervision.ended",
        ]
        account = scene.audited[-1][1]
        assert (account["agent"], account["contact"], account["reason"]) == (AGENT, call.id, "call_over")
        assert [one["mode"] for one in account["modes"]] == ["listen", "whisper", "join", "listen"]
        assert all(one["from"] < one["to"] for one in account["modes"])
        shown = [[one["mode"] for one in by] for by in scene.told if isinstance(by, list)]
        assert shown == [[], ["whisper"], ["join"], [], []], "who only listens is not shown"
    left, right = (heard_windows(scene.capture.read_bytes(), side) for side in (0, 1))
    assert not left, "the caller says nothing of the sort"
    assert right, "the supervisor is in the recording"
    assert min(right) >= before_join - 8000, "neither while listening nor while whispering"
    assert 0.5 <= len(right) * 0.25 <= joined_s + 0.25, "no longer than they had joined"


def heard_windows(raw: bytes, side: int) -> list[int]:
    """The beginnings, in bytes, of the quarters of a second in which one side holds the supervisor's tone."""
    samples = array("h", raw[: len(raw) // 4 * 4])[side::2]
    return [
        start * 4
        for start in range(0, len(samples) - 2000, 2000)
        if loudness(list(samples[start : start + 2000]), SUPERVISOR_HZ) > 1000
    ]


async def test_several_at_one_call_hear_who_of_them_speaks_and_one_speaks_at_a_time(shared_switch: Switch) -> None:
    async with talking(shared_switch) as scene:
        room, call = scene.room, (CALLER_HZ, AGENT_HZ)
        await scene.at_page(room)
        await scene.at_page(room, LEAD, "lead")
        boss, lead = room.begin(BOSS, AGENT, Mode.LISTEN), room.begin(LEAD, AGENT, Mode.LISTEN)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,), boss=call, lead=call)
        room.change(BOSS, boss.id, Mode.WHISPER)
        to_agent = (CALLER_HZ, SUPERVISOR_HZ)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=to_agent, boss=call, lead=(*call, SUPERVISOR_HZ))
        for mode in (Mode.WHISPER, Mode.JOIN):
            with pytest.raises(Conflict) as refused:
                room.change(LEAD, lead.id, mode)
            assert (refused.value.details["reason"], refused.value.details["name"]) == ("colleague_speaks", "主管")
        room.change(BOSS, boss.id, Mode.JOIN)
        to_caller = (AGENT_HZ, SUPERVISOR_HZ)
        await scene.everybody_hears(caller=to_caller, agent=to_agent, boss=call, lead=(*call, SUPERVISOR_HZ))
        room.change(BOSS, boss.id, Mode.LISTEN)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,), boss=call, lead=call)
        room.change(LEAD, lead.id, Mode.JOIN)
        await scene.everybody_hears(
            caller=(AGENT_HZ, COLLEAGUE_HZ), agent=(CALLER_HZ, COLLEAGUE_HZ), boss=(*call, COLLEAGUE_HZ), lead=call
        )
        room.stop(LEAD, lead.id)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,), boss=call)
        assert await scene.ended(lead) == "stopped"
        again = room.begin(LEAD, AGENT, Mode.WHISPER)
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ, COLLEAGUE_HZ), boss=(*call, COLLEAGUE_HZ))
        scene.caller.hang_up()
        await scene.notes.until(Phase.ENDED)
        assert await scene.ended(boss) == await scene.ended(again) == "call_over"


SECRET = compile_files(
    {
        "queues.yaml": b"general: {title: G, announce_position_every: 0s}\n",
        "hotlines.yaml": b'"4008009": {title: Line, flow: main}\n',
        "main.yaml": b"flow: main\nstart: ask\nsteps:\n"
        b"  ask: {menu: One, keys: {1: pin}, timeout: 20s, attempts: 2, on_fail: end}\n"
        b"  pin: {gather: Pin, store: pin, secret: true, digits: {min: 2, max: 2}, timeout: 20s, next: line}\n"
        b"  line: {queue: general}\n",
    }
)


async def test_a_caller_whom_no_agent_has_is_heard_but_not_their_secret_digits(shared_switch: Switch) -> None:
    async with at_work(shared_switch, flows=SECRET) as scene:
        room, boss = scene.room, scene.voices["boss"]
        await scene.at_page(room)
        await scene.dial()
        session = room.begin_at_caller(BOSS, scene.call.id)
        await boss.hears(CALLER_HZ)
        with pytest.raises(Conflict) as refused:
            room.change(BOSS, session.id, Mode.JOIN)
        assert refused.value.details["reason"] == "nobody_to_speak_to"
        scene.caller.press("1")
        await boss.hears()
        async with asyncio.timeout(20):
            while not scene.frames[-1]["session"]["veiled"]:  # noqa: ASYNC110 - the page is told in its own time
                await asyncio.sleep(0.02)
        scene.caller.press("4")
        await boss.hears()
        scene.caller.press("7")
        await scene.notes.until(Phase.WAITING)
        await boss.hears(CALLER_HZ)
        scene.desk.tell(acd.AgentReady(agent_id=AGENT))
        assert await scene.ended(session) == "answered"
        assert [name for name, _ in scene.audited] == ["supervision.listen", "supervision.listen", "supervision.ended"]
        assert all("agent" not in detail for _, detail in scene.audited)
        await scene.notes.until(Phase.TALKING)
        with pytest.raises(Conflict):
            room.begin_at_caller(BOSS, scene.call.id)
        room.begin(BOSS, AGENT, Mode.LISTEN)
        await boss.hears(CALLER_HZ, AGENT_HZ)
        scene.caller.hang_up()
        await scene.notes.until(Phase.ENDED)


async def test_it_goes_with_the_call_through_hold_and_ends_when_the_agent_is_out_of_it(shared_switch: Switch) -> None:
    async with talking(shared_switch) as scene:
        room = scene.room
        await scene.at_page(room)
        session = room.begin(BOSS, AGENT, Mode.WHISPER)
        await scene.everybody_hears(agent=(CALLER_HZ, SUPERVISOR_HZ), boss=(CALLER_HZ, AGENT_HZ))
        scene.runner.post(scene.call.id, m.AgentHold(agent_id=AGENT))
        await scene.everybody_hears(agent=(SUPERVISOR_HZ,), boss=(AGENT_HZ,))
        scene.runner.post(scene.call.id, m.AgentResume(agent_id=AGENT))
        await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ, SUPERVISOR_HZ), boss=(CALLER_HZ, AGENT_HZ))
        scene.runner.post(scene.call.id, m.AgentTransfer(agent_id=AGENT, queue="drill"))
        assert await scene.ended(session) == "transferred"
        scene.caller.hang_up()
        await scene.notes.until(Phase.ENDED)


async def test_the_supervisor_leaves_and_the_call_goes_on(shared_switch: Switch) -> None:
    async with talking(shared_switch, shown=True) as scene:
        room = scene.room
        phone = await scene.at_page(room)
        first = room.begin(BOSS, AGENT, Mode.LISTEN)
        await scene.voices["boss"].hears(CALLER_HZ, AGENT_HZ)
        room.stop(BOSS, first.id)
        assert [{"name": "主管", "mode": "listen"}] in scene.told, "this site shows it"
        assert await scene.ended(first) == "stopped"  # and the next one at once, while the telephone is being let go
        for leave, reason in (
            (lambda session: room.stop(BOSS, session.id), "stopped"),
            (lambda session: room.leave(BOSS, scene.socket), "page_gone"),
        ):
            session = room.begin(BOSS, AGENT, Mode.JOIN)
            await scene.everybody_hears(caller=(AGENT_HZ, SUPERVISOR_HZ))
            leave(session)
            await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,))
            if reason == "stopped":
                assert await scene.ended(session) == reason
        assert [detail["reason"] for name, detail in scene.audited if name == "supervision.ended"] == [
            "stopped",
            "stopped",
            "page_gone",
        ]
        assert (len(phone.talks), phone.doubled) == (3, 0), "never rung while it is busy"
        assert scene.call.phase is Phase.TALKING
        await taken_over(scene, room)
        scene.caller.hang_up()
        await scene.notes.until(Phase.ENDED)


async def taken_over(scene: Scene, room: SupervisionRoom) -> None:
    """The supervisor takes the call to a desk of their own, where they must be ready."""
    await scene.at_page(room)
    await scene.at_page(room, LEAD, "lead")
    session, other = room.begin(BOSS, AGENT, Mode.LISTEN), room.begin(LEAD, AGENT, Mode.LISTEN)
    await scene.everybody_hears(boss=(CALLER_HZ, AGENT_HZ), lead=(CALLER_HZ, AGENT_HZ))
    with pytest.raises(Conflict) as refused:
        room.take_over(BOSS, session.id)
    assert refused.value.details["reason"] == "not_ready"
    seat, boss = desk_seat(2), AgentId(BOSS.account_id)
    await scene.node.provision_seat(seat)
    await scene.bank.add(seat.name, seat.password)
    own = acd.AgentProfile(
        agent_id=boss, name="主管", extension="1002", seat=seat.name, queues={"general": 1}, drill=True
    )
    scene.desk.tell(acd.AgentLoggedIn(profile=own))
    scene.desk.tell(acd.AgentPresence(agent_id=boss, phone=True, page=True))
    scene.desk.tell(acd.AgentReady(agent_id=boss))
    room.take_over(BOSS, session.id)
    assert await scene.ended(session) == "taken_over"
    assert await scene.ended(other) == "transferred", "another agent is another one to listen to"
    async with asyncio.timeout(20):
        while scene.call.talk is None or scene.call.talk.agent.agent_id != boss:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # the call's journal is looked at from outside
    assert "主管" in scene.told, "the agent is told by whom"
    agent = scene.desk.rules.agent(AGENT)
    assert agent is not None
    assert agent.call_id is None or agent.state is acd.AgentState.WRAP_UP


async def test_what_a_service_that_died_left_is_ended_as_soon_as_the_next_one_hears_asterisk(
    shared_switch: Switch,
) -> None:
    async with talking(shared_switch) as scene:
        dead = scene.room
        await scene.at_page(dead)
        session = dead.begin(BOSS, AGENT, Mode.JOIN)
        await scene.everybody_hears(caller=(AGENT_HZ, SUPERVISOR_HZ))
        assert session.state is State.ASKED, "what was asked is what was answered"
        dead.hear = lambda event: None  # type: ignore[method-assign]
        after: list[str] = []
        async with shared_switch.node() as node:  # takes the application from the first
            fresh = SupervisionRoom(
                node,
                agent=lambda agent_id: None,
                call=lambda call_id: None,
                post=lambda call_id, event: False,
                tell_agent=lambda agent_id, frame: None,
                audit=lambda account_id, action, subject, detail: after.append(f"{action} {detail['reason']}"),
                clock=SystemClock(),
            )
            fresh.hear(await anext(node.events()))
            await scene.everybody_hears(caller=(AGENT_HZ,), agent=(CALLER_HZ,))
            channels, bridges = await node.channels(), await node.bridges()
            assert not [view for view in channels if session_of(view.channel)]
            assert not [view for view in bridges if session_of(view.bridge)]
            assert after == ["supervision.ended service_restarted"]
        scene.caller.hang_up()
        await scene.notes.until(Phase.ENDED)
