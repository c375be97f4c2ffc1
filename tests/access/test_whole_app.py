"""The application as it is served: every address and every socket of it asks who comes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from inspect import iscoroutinefunction

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from pydantic import TypeAdapter
from starlette.types import Message

from callcenter.access.guard import CLOSE_BAD_ORIGIN, CLOSE_SIGNED_OUT, guards_of
from callcenter.api_examples import EXAMPLES
from callcenter.openapi import described, served
from callcenter.pages import PAGES
from callcenter.serve import make
from callcenter.settings import Settings, load_settings
from tests.house import ORIGIN

OPEN = {
    ("post", "/api/v1/session"),
    ("get", "/api/v1/session"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
    ("get", "/api/v1/roster/feed/{token}.ics"),
    ("get", "/assets/{name}"),
    ("get", "/{mistyped}"),
}
"""What answers without a session, beside the pages' one document. Think twice before you add to it."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """Put together as for serving; nothing of it runs."""
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path_factory.mktemp("whole"),
            "cache_dir": load_settings().cache_dir,
            "database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
            "asterisk_password": "none",
        }
    )
    return make(settings).app


def test_all_there_is_are_endpoints_and_sockets(app: FastAPI) -> None:
    """A mount or a plain route would have no guard that anybody could see."""
    kinds = {type(context.original_route) for context in iter_route_contexts(app.routes)}
    assert kinds == {APIRoute, APIWebSocketRoute}


def test_no_request_waits_for_a_thread(app: FastAPI) -> None:
    """FastAPI runs plain functions in threads, a hop for each of them at each request."""

    def within(dependant: Dependant) -> Iterator[Dependant]:
        for one in dependant.dependencies:
            yield one
            yield from within(one)

    plain = {
        f"{one.call}"
        for _, _, route in served(app)
        for one in within(route.dependant)
        if not any(iscoroutinefunction(way) for way in (one.call, getattr(one.call, "__call__", None)))  # noqa: B004
    }
    assert plain == set()


def test_what_is_open_to_everybody_is_on_a_short_list(app: FastAPI) -> None:
    stated = [(method, path, list(guards_of(route.dependant))) for method, path, route in served(app)]
    assert len(stated) > 100
    assert [f"{method} {path}" for method, path, found in stated if len(found) != 1] == []
    pages = {("get", path) for page in PAGES for path in (f"/{page}", f"/{page}/{{rest:path}}")}
    assert {(method, path) for method, path, (guard,) in stated if guard.roles is None} - pages == OPEN


async def test_nobody_gets_anything_without_a_session(app: FastAPI) -> None:
    wrong = []
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as nobody:
        for method, path, route in served(app):
            (guard,) = guards_of(route.dependant)
            address = re.sub(r"\{[^}]+\}", "0" * 32, path)
            if guard.roles is not None and (await nobody.request(method, address, json={})).status_code != 401:
                wrong.append(f"{method} {path}")
    assert wrong == []


async def knock(app: FastAPI, path: str, origin: str) -> list[Message]:
    """What a page of that origin that is not signed in gets from a socket."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        said.append(message)

    headers = [(b"host", b"desk.test:8080"), (b"origin", origin.encode())]
    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b""}
    await app({**scope, "scheme": "ws", "subprotocols": [], "headers": headers}, receive, send)
    return said


async def test_no_socket_opens_for_another_site_or_without_a_session(app: FastAPI) -> None:
    sockets = [
        str(context.path)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIWebSocketRoute)
    ]
    assert {"/ws/agent", "/ws/desk", "/ws/ops"} <= set(sockets)
    for path in sockets:
        closed = await knock(app, path, "http://evil.test")
        assert [(one["type"], one.get("code")) for one in closed] == [("websocket.close", CLOSE_BAD_ORIGIN)], path
        closed = await knock(app, path, ORIGIN)
        assert [one["type"] for one in closed] == ["websocket.accept", "websocket.close"], path
        assert closed[1]["code"] == CLOSE_SIGNED_OUT, path


def test_the_description_of_the_api_is_whole_and_its_examples_are_true(app: FastAPI) -> None:
    made = described(app)
    taken = {(method, path): route.body_field for method, path, route in served(app)}
    wrong = []
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            if operation["description"].startswith(("Roles", "Needs")):
                wrong.append(f"{name}: says nothing of what it does")
            if operation["security"] and not {"401", "403"} <= operation["responses"].keys():
                wrong.append(f"{name}: no word of who is refused")
            json_body = operation.get("requestBody", {}).get("content", {}).get("application/json", {"example": None})
            if "example" not in json_body:
                wrong.append(f"{name}: no example")
    assert wrong == []
    for (method, path), example in EXAMPLES.items():
        field = taken[method, path]
        assert field is not None
        TypeAdapter(field.field_info.annotation).validate_json(json.dumps(example))
    assert "HTTPValidationError" not in json.dumps(made)
