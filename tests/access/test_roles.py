"""Every endpoint states who may call it, and keeps to it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from callcenter.access.guard import Guard, guards_of, require
from callcenter.access.roles import Role
from callcenter.ids import new_id
from tests.house import House


def endpoints(app: FastAPI) -> list[tuple[str, str, list[Guard]]]:
    """(method, path, guards) of everything an application answers; a mount or plain route has no guards."""
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        stated = list(guards_of(route.dependant)) if isinstance(route, APIRoute) else []
        found += [(method, context.path, stated) for method in sorted(context.methods or {"GET"})]
    return found


async def test_every_endpoint_states_who_may_call_it(house: House) -> None:
    found = endpoints(house.app)
    assert len(found) >= 20
    assert [f"{method} {path}" for method, path, stated in found if len(stated) != 1] == []


async def test_the_walk_finds_an_endpoint_that_says_nothing(house: House) -> None:
    @house.app.get("/forgotten")
    async def forgotten() -> None:
        return None

    assert [path for _, path, stated in endpoints(house.app) if not stated] == ["/forgotten"]


async def test_every_endpoint_admits_exactly_the_roles_it_states(house: House) -> None:
    wrong = []
    for method, path, (guard,) in endpoints(house.app):
        address = path.replace("{", "").replace("}", "")
        ids = (
            "account_id",
            "token_id",
            "customer_id",
            "contact_id",
            "recording_id",
            "incident_id",
            "callback_id",
            "visit_id",
        )
        for name in ids:
            address = address.replace(name, new_id())
        address = address.replace("/cases/number", "/cases/99")
        nobody = await house.client()
        answer = await nobody.request(method, address, json={})
        if (answer.status_code == 401) != (guard.roles is not None):
            wrong.append((method, path, "nobody", answer.status_code))
        for role in Role:
            client, _ = await house.signed_in(role)
            answer = await client.request(method, address, json={})
            refused = answer.status_code == 403 and "not for the role" in answer.json()["error"]["message"]
            if refused != (guard.roles is not None and role not in guard.roles) or answer.status_code in (401, 500):
                wrong.append((method, path, role, answer.status_code))
    assert wrong == []


def test_a_guard_without_roles_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one role"):
        require()
