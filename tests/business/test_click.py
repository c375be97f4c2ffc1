"""Click to call over HTTP: who wants no calls is called only by who says so again, and that is kept; shown is the
number that the customer knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.acd.messages import AgentProfile
from callcenter.calls.tables import Contact
from callcenter.ids import AgentId, CallId, new_id
from callcenter.ivr.loader import load
from callcenter.outbound.click import ClickToCall
from callcenter.outbound.dialler import DialRefused, OutsideDialler
from callcenter.outbound.rules import Verdict
from tests.business.calls import contact
from tests.house import House

NUMBER = "+8613800000001"


FLOWS = load(Path(__file__).parents[2] / "ivr_flows")


class Telephones:
    def __init__(self, refusal: str = "") -> None:
        self.called: list[tuple[str, str | None]] = []
        self.shown: list[tuple[str, str]] = []
        """(hotline asked for, the last one that was used)"""
        self.refusal = refusal

    def call(
        self, profile: Any, number: str, purpose: str, hotline: str = "", *, last: str = "", call_id: str | None = None
    ) -> CallId:
        if self.refusal:
            raise DialRefused(self.refusal)
        self.called.append((number, call_id))
        self.shown.append((hotline, last))
        return CallId(call_id or new_id())


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


async def test_the_hotline_that_they_last_used_is_named_for_the_call(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    phones, now = telephones(house), house.clock.now()
    async with house.db.write() as session:
        for hours, hotline, drill in ((3, "4008001", False), (2, "4008002", False), (1, "4008009", True)):
            at = now - timedelta(hours=hours)
            session.add(Contact(id=new_id(), caller_number="013800000003", hotline=hotline, started_at=at, drill=drill))
    for asked in (
        {"number": "13800000003"},
        {"number": "13800000003", "hotline": "4008001"},
        {"number": "13800000004"},
    ):
        assert (await agent.post("/api/v1/calls", json=asked)).status_code == 201
    assert phones.shown == [("", "4008002"), ("4008001", "4008002"), ("", "")]


class Asked:
    """Says no to everything, and what it was asked."""

    hotline = ""

    def judge(self, number: str, hotline: str) -> Verdict:
        self.hotline = hotline
        return Verdict(number, "number_invalid")


@pytest.mark.parametrize(
    ("hotline", "last", "shown"),
    [("", "4008002", "4008002"), ("4008003", "4008002", "4008003"), ("", "", "4008001"), ("", "4007777", "4008001")],
)
def test_shown_is_what_was_asked_for_else_the_last_one_if_it_is_still_ours(hotline: str, last: str, shown: str) -> None:
    asked = Asked()
    click = ClickToCall(cast(Any, None), cast(Any, None), cast(OutsideDialler, asked), lambda: FLOWS)
    profile = AgentProfile(agent_id=AgentId("a"), name="A", extension="1", seat="s", queues={})
    with pytest.raises(DialRefused):
        click.call(profile, "13800000001", "call", hotline, last=last)
    assert asked.hotline == shown
