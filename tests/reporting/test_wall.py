"""The wall's socket: figures alone, for everybody, and by a token that a browser can give."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from fastapi import FastAPI
from starlette.types import Message

from callcenter.access.guard import CLOSE_SIGNED_OUT, SUBPROTOCOL
from callcenter.access.roles import Role
from callcenter.acd.live import View
from callcenter.acd.wall import router, wall
from tests.house import House

AGENT = {"drill": False, "page": True, "phone": True, "name": "王芳", "caller_number": "13800000001"}
VIEW = View(
    lines={"max": 90, "in_use": 2, "peak": 7, "trunks": [{"trunk": "north"}], "phases": {}},
    today={"available": True, "all": None, "queues": {}, "target": 0.8},
    queues={
        name: {
            "name": name, "title": name, "title_en": "", "drill": name == "drill", "service_level_s": 20.0,
            "on_duty": 3, "ready": 1, "waiting": 1, "since": None, "calls": [{"caller_number": "13800000001"}],
        }
        for name in ("general", "drill")
    },
    agents={
        "a": AGENT | {"state": "ready"}, "b": AGENT | {"state": "ready", "phone": False},
        "c": AGENT | {"state": "hold"},
        "d": AGENT | {"state": "not_responding"}, "e": AGENT | {"state": "talking", "drill": True},
    },
    callers={}, decisions={},
)  # fmt: skip


class Desk:
    async def view(self) -> View:
        return VIEW


async def opened(app: FastAPI, *offered: str) -> list[Message]:
    """What a browser that offers these subprotocols gets, until it goes after the first frame."""
    said: list[Message] = []
    came: list[Message] = [{"type": "websocket.connect"}]

    async def receive() -> Message:
        return came.pop() if came else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        said.append(message)

    scope = {
        "type": "websocket", "path": "/ws/wall", "headers": [], "query_string": b"", "subprotocols": list(offered),
        "app": app, "scheme": "ws", "server": ("desk.test", 8080), "client": ("127.0.0.1", 1), "path_params": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return said


def test_the_wall_tells_of_nobody_by_name() -> None:
    told = wall(VIEW)
    assert told["agents"] == {"ready": 1, "ringing": 0, "talking": 1, "wrap_up": 0, "break": 0, "away": 2}
    assert [queue["name"] for queue in told["queues"]] == ["general"]
    assert b"1380000" not in orjson.dumps(told)
    assert "王芳" not in str(told)


@pytest.mark.parametrize("role", [Role.AGENT, Role.OPS])
async def test_a_screen_comes_by_a_token(house: House, role: Role) -> None:
    house.app.include_router(router)
    house.app.state.live_desk = Desk()
    account = await house.account(Role.ADMIN)
    async with house.db.write() as session:
        token, _ = await house.services.sessions.open(
            session, account, "bearer", role=role, label="wall", lifetime=timedelta(days=9)
        )
    accepted, first, *_ = await opened(house.app, SUBPROTOCOL, f"bearer.{token}")
    assert (accepted["type"], accepted["subprotocol"]) == ("websocket.accept", SUBPROTOCOL)
    frame = orjson.loads(first["text"])
    assert (frame["type"], frame["lines"]["in_use"], frame["zone"]) == ("wall", 2, "Asia/Shanghai")
    accepted, closed = await opened(house.app, SUBPROTOCOL, "bearer.no-such-token")
    assert (accepted["subprotocol"], closed["code"]) == (SUBPROTOCOL, CLOSE_SIGNED_OUT)
