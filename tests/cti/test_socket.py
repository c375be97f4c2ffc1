"""The agent's socket: what is no frame is told so and costs nobody anything; too much of it ends that socket alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from starlette.types import Message

from callcenter.access.guard import CLOSE_SIGNED_OUT
from callcenter.access.roles import Role
from callcenter.acd.desk import Desk
from callcenter.acd.messages import Action, AgentSnapshot, AgentState, TalkEnded, TalkStarted
from callcenter.acd.rules import DeskRules
from callcenter.asterisk.gateway import Seat
from callcenter.cti.breaks import BreakTimes
from callcenter.cti.console import Console
from callcenter.cti.endpoints import CLOSE_BAD_FRAMES, MAX_BAD_FRAMES, MAX_FRAME_BYTES, cti_router
from callcenter.cti.pages import AgentPages
from callcenter.ids import AgentId, CallId
from tests.house import ORIGIN, House

Sent = str | bytes
"""Bytes are a binary frame."""
HELLO = '{"type":"hello"}'
GARBAGE: tuple[Sent, ...] = (
    "",
    "{",
    "null",
    "[]",
    '"ready"',
    '{"type":',
    b"\xff\xfe",
    b'{"type":"ready"}',
    "x" * (MAX_FRAME_BYTES + 1),
)
NONSENSE: tuple[dict[str, object], ...] = (
    {},
    {"type": None},
    {"type": ["ready"]},
    {"type": {"type": "ready"}},
    {"type": "nothing"},
    {"type": "hold"},
    {"type": "hold", "call_id": 17},
    {"type": "hold", "call_id": "x" * 201},
    {"type": "break", "reason": []},
    {"type": "transfer", "call_id": "a", "to": "b"},
    {"type": "transfer", "call_id": "a", "to": {}},
    {"type": "wrap_up_extend", "seconds": "many"},
    {"type": "decline", "offer_id": None},
    {"type": "pop_received", "offer_id": {}},
)


class NoTelephones:
    """An Asterisk that is asked to know seats and to forget them."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.removed: list[str] = []

    async def provision_seat(self, seat: Seat) -> None:
        self.made.append(seat.name)

    async def remove_seat(self, name: str) -> None:
        self.removed.append(name)


class Line:
    """One browser's socket to the application."""

    desk: Desk
    node: NoTelephones
    agent: AgentId
    cookie: tuple[str, str]

    def __init__(self, house: House, cookie: str, path: str = "/ws/agent") -> None:
        self.said: list[dict[str, Any]] = []
        self.closed: int | None = None
        self._news = asyncio.Event()
        self._frames: asyncio.Queue[Message] = asyncio.Queue()
        self._frames.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "scheme": "ws",
            "subprotocols": [],
            "headers": [(b"host", b"desk.test:8080"), (b"origin", ORIGIN.encode()), (b"cookie", cookie.encode())],
        }
        self.task = asyncio.create_task(house.app(scope, self._frames.get, self._take))

    async def _take(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            self.said.append(orjson.loads(message["text"]))
        elif message["type"] == "websocket.close":
            self.closed = message["code"]
        self._news.set()

    def send(self, *frames: Sent) -> None:
        for frame in frames:
            kind = "text" if isinstance(frame, str) else "bytes"
            self._frames.put_nowait({"type": "websocket.receive", kind: frame})

    async def until(self, kind: str, after: int = 0) -> None:
        """Return when the newest of more than so many frames is of that kind."""
        async with asyncio.timeout(20):
            while len(self.said) <= after or self.said[-1]["type"] != kind:
                self._news.clear()
                await self._news.wait()

    async def leave(self) -> None:
        self._frames.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.task


@pytest.fixture
async def line(house: House) -> Line:
    def decided(action: Action) -> None:
        if isinstance(action, AgentSnapshot):
            pages.show_agent(action)
            console.seen(action)

    desk = Desk(DeskRules(), house.clock, decided)
    node = NoTelephones()

    async def no_pop(*_: object) -> Mapping[str, object]:
        return {}

    runner = SimpleNamespace(
        live=SimpleNamespace(calls=()),
        post=lambda *_: False,
        tell_of=lambda *_, **__: None,
        call_of_offer=lambda one: one,
    )
    pages = AgentPages(cast(Any, no_pop))
    console = Console(
        desk, cast(Any, runner), pages, cast(Any, node), clock=house.clock, breaks=BreakTimes(),
        day_of=lambda agent: {}, judge=cast(Any, lambda number, hotline: None),
    )  # fmt: skip
    house.app.include_router(cti_router(console, pages, cast(Any, None), cast(Any, None)))
    account = await house.account(Role.AGENT, "anna", extension="1001")
    async with house.db.write() as session:
        token, _ = await house.services.sessions.open(session, account, "cookie")
    house.services.sessions.on_end.append(console.session_over)
    made = Line(house, f"{house.services.sessions.cookie_name}={token}")
    made.desk, made.node, made.agent = desk, node, AgentId(account)
    made.cookie = (house.services.sessions.cookie_name, token)
    made.send(HELLO)
    await made.until("snapshot")
    return made


async def replies(line: Line, frames: Sequence[Sent]) -> list[str]:
    """What is answered to each, and then to a ping: the socket still serves."""
    before = len(line.said)
    line.send(*frames, '{"type":"ping"}')
    await line.until("pong", before)
    return [frame.get("code", frame["type"]) for frame in line.said[before:-1]]


async def test_what_is_no_frame_is_told_so_and_the_socket_serves_on(line: Line) -> None:
    for frame in GARBAGE:
        assert await replies(line, [frame]) == ["bad_frame"], frame[:20]
    await line.leave()


async def test_a_frame_that_says_nothing_sensible_is_told_so_and_changes_nothing(line: Line) -> None:
    for frame in NONSENSE:
        answers = await replies(line, [orjson.dumps(frame).decode()])
        assert answers == ([] if frame.get("type") == "pop_received" else ["bad_frame"]), frame
    await line.leave()


async def test_too_much_of_it_ends_this_socket_and_no_other(line: Line) -> None:
    line.send(*["{"] * MAX_BAD_FRAMES)
    async with asyncio.timeout(20):
        await line.task
    assert line.closed == CLOSE_BAD_FRAMES


async def test_a_tab_that_comes_back_has_its_desk_while_its_old_socket_still_looks_open(
    house: House, line: Line
) -> None:
    named, other = (orjson.dumps({"type": "hello", "tab_id": tab}).decode() for tab in ("one", "two"))
    cookie = "=".join(line.cookie)
    await line.leave()
    before, back, second = (Line(house, cookie) for _ in range(3))
    before.send(named)
    await before.until("snapshot")
    second.send(other)
    await second.until("occupied")
    back.send(named)
    await back.until("snapshot")
    assert before.said[-1]["type"] == "displaced"
    for each in (before, back, second):
        await each.leave()


async def sign_out(house: House, line: Line) -> None:
    browser = await house.client()
    browser.cookies.set(*line.cookie)
    assert (await browser.delete("/api/v1/session")).status_code == 204


def state(line: Line) -> AgentState:
    agent = line.desk.rules.agent(line.agent)
    assert agent is not None
    return agent.state


async def test_who_signs_out_leaves_the_desk_at_once_and_the_telephone_is_void(house: House, line: Line) -> None:
    await sign_out(house, line)
    await line.until("signed_out")
    assert state(line) is AgentState.OFFLINE
    assert line.node.removed == ["seat-1001"]
    await line.leave()
    assert line.closed == CLOSE_SIGNED_OUT


async def test_a_session_that_ends_in_a_conversation_is_over_after_it(house: House, line: Line) -> None:
    line.desk.tell(TalkStarted(call_id=CallId("c1"), agent_id=line.agent))
    await sign_out(house, line)
    answers = await replies(line, ['{"type":"ready"}', '{"type":"break","reason":"meal"}'])
    assert [one for one in answers if one != "agent"] == ["signed_out"] * 2
    assert (state(line), line.node.removed) == (AgentState.TALKING, [])
    line.desk.tell(TalkEnded(call_id=CallId("c1"), agent_id=line.agent, met_caller=False))
    await line.until("signed_out")
    assert (state(line), line.node.removed) == (AgentState.OFFLINE, ["seat-1001"])
    await line.leave()
    assert line.closed == CLOSE_SIGNED_OUT


async def test_who_signs_in_again_keeps_the_telephone_of_the_new_session_when_the_old_one_is_over(
    house: House, line: Line
) -> None:
    line.desk.tell(TalkStarted(call_id=CallId("c1"), agent_id=line.agent))
    await sign_out(house, line)
    async with house.db.write() as session:
        token, _ = await house.services.sessions.open(session, line.agent, "cookie")
    browser = await house.client()
    browser.cookies.set(house.services.sessions.cookie_name, token)
    assert (await browser.post("/api/v1/agent/seat")).status_code == 200
    told = len(line.said)
    line.desk.tell(TalkEnded(call_id=CallId("c1"), agent_id=line.agent, met_caller=False))
    await line.until("agent", after=told)  # the new page is not here yet
    assert (state(line), line.node.made, line.node.removed) == (AgentState.OFFLINE, ["seat-1001"], [])
    await line.leave()


async def test_another_session_of_theirs_that_ends_leaves_an_agent_at_the_desk(house: House, line: Line) -> None:
    async with house.db.write() as session:
        _, other = await house.services.sessions.open(session, line.agent, "cookie")
    assert await house.services.sessions.end(other.id)
    assert await replies(line, []) == []
    assert (state(line), line.node.removed) == (AgentState.BREAK, [])
    await line.leave()
