"""What agents promise: a call-back or return visit at an hour, once for its call, seen with who promised it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from callcenter.access.roles import Role
from callcenter.ids import new_id
from tests.house import House


async def promise(house: House, **more: object) -> tuple[httpx.AsyncClient, str, httpx.Response]:
    """An agent in a call promises; (agent, call, answer)."""
    agent, account = await house.signed_in(Role.AGENT)
    call = new_id()
    house.live_calls.add((call, account))
    body = {"number": "13800000001", "queue": "general", "hotline": "4008001", "contact_id": call, **more}
    return agent, call, await agent.post("/api/v1/callbacks", json=body)


async def test_a_return_visit_is_kept_for_its_hour_and_seen_with_who_promised_it(house: House) -> None:
    at = house.clock.now() + timedelta(days=30)
    _, call, answer = await promise(house, purpose="return_visit", note="问问是否修好", earliest=at.isoformat())
    assert answer.status_code == 201, answer.text
    assert answer.json()["due_at"] == at.isoformat().replace("+00:00", "Z")
    lead, _ = await house.signed_in(Role.LEAD)
    (row,) = (await lead.get("/api/v1/callbacks")).json()
    assert (row["purpose"], row["note"], row["contact_id"], row["created_by"]) == (
        "return_visit", "问问是否修好", call, "staff",
    )  # fmt: skip
    assert row["agent_name"]
    assert row["due_at"] == answer.json()["due_at"]


async def test_a_call_has_one_promise(house: House) -> None:
    agent, call, answer = await promise(house)
    assert answer.status_code == 201
    body = {"number": "13800000001", "queue": "general", "hotline": "4008001", "contact_id": call}
    again = await agent.post("/api/v1/callbacks", json=body)
    assert (again.status_code, again.json()["error"]["details"]["reason"]) == (409, "kept_already")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"number": "110"}, 422),
        ({"hotline": "999"}, 422),
        ({"queue": "nobody"}, 409),
        ({"contact_id": "f" * 32}, 404),
        ({"earliest": "2026-03-02T10:00:00"}, 422),
        ({"earliest": "2027-03-02T10:00:00Z"}, 422),
        ({"note": "x" * 501}, 422),
    ],
)
async def test_what_cannot_be_promised_is_refused(house: House, wrong: dict[str, object], status: int) -> None:
    assert (await promise(house, **wrong))[2].status_code == status
