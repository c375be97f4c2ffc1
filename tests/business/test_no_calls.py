"""Who wants no calls is called only by who says that they do it all the same, and that is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.ids import CallId, new_id
from callcenter.outbound.click import ClickToCall
from callcenter.outbound.dialler import DialRefused
from tests.business.calls import contact
from tests.house import House

NUMBER = "+8613800000001"


class Telephones:
    def __init__(self, refusal: str = "") -> None:
        self.called: list[tuple[str, str | None]] = []
        self.refusal = refusal

    def call(self, profile: Any, number: str, purpose: str, hotline: str = "", call_id: CallId | None = None) -> CallId:
        if self.refusal:
            raise DialRefused(self.refusal)
        self.called.append((number, call_id))
        return call_id or CallId(new_id())


def telephones(house: House, refusal: str = "") -> Telephones:
    made = Telephones(refusal)
    house.app.state.outbound = replace(house.app.state.outbound, click=cast(ClickToCall, made))
    return made


async def unwilling(client: httpx.AsyncClient) -> str:
    body = {"name": "客户", "no_calls": True, "phones": [{"number": "13800000001"}]}
    return str((await client.post("/api/v1/customers", json=body)).json()["id"])


async def kept(house: House) -> list[tuple[str, str | None, str]]:
    async with house.db.read() as session:
        found = await session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.called_anyway"))
        return [(one.subject, one.account_id, one.detail["contact"]) for one in found]


@pytest.mark.parametrize("by", ["number", "customer_id", "contact_id"])
async def test_who_wants_no_calls_is_not_rung_however_they_are_named(house: House, by: str) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    phones, customer = telephones(house), await unwilling(agent)
    call = await contact(house.db, house.clock.now(), number=NUMBER)
    asked = {by: {"number": "138 0000 0001", "customer_id": customer, "contact_id": call}[by]}
    refused = await agent.post("/api/v1/calls", json=asked)
    assert (refused.status_code, refused.json()["error"]["details"]) == (409, {"reason": "no_calls"})
    assert (phones.called, await kept(house)) == ([], [])
    made = await agent.post("/api/v1/calls", json={**asked, "despite_no_calls": True})
    assert made.status_code == 201, made.text
    call_id = made.json()["call_id"]
    assert [one[1] for one in phones.called] == [call_id]
    assert await kept(house) == [(customer, agent_id, call_id)]


async def test_a_call_that_is_refused_for_another_reason_is_not_kept_as_made(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    telephones(house, "outside_hours")
    await unwilling(agent)
    refused = await agent.post("/api/v1/calls", json={"number": "13800000001", "despite_no_calls": True})
    assert refused.json()["error"]["details"] == {"reason": "outside_hours"}
    assert await kept(house) == []


async def test_others_are_called_without_a_word_in_the_audit(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    phones = telephones(house)
    await unwilling(agent)
    for despite in (False, True):
        made = await agent.post("/api/v1/calls", json={"number": "13800000002", "despite_no_calls": despite})
        assert made.status_code == 201
    assert (len(phones.called), await kept(house)) == (2, [])
