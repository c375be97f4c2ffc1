"""Messages over HTTP: who sees them, who hears them, what came of them."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AgentQueue, AuditEntry
from callcenter.business import customers
from callcenter.ids import CallId, name_of, new_id
from callcenter.messages import files
from callcenter.messages.repository import Facts
from callcenter.messages.room import MessageRoom
from callcenter.recording.wav import header
from tests.business.calls import contact, segment
from tests.house import House

LOUD = array("h", [9000, -9000] * 8000).tobytes()
"""Two seconds."""


def room(house: House) -> MessageRoom:
    data = house.services.settings.data_dir
    for name in ("spool", "fallback"):
        (data / name).mkdir(exist_ok=True)
    return MessageRoom(
        house.db,
        house.services.settings.recordings_dir,
        data / "spool",
        data / "fallback",
        house.clock,
        ZoneInfo("Asia/Shanghai"),
    )


async def left(
    house: House, *, queue: str | None = None, number: str = "13800000001", kind: str = "voicemail", call: str = ""
) -> str:
    """A message of two seconds, left now; gives its id."""
    keeper = room(house)
    path = house.services.settings.data_dir / "spool" / f"{name_of(call or new_id(), f'{kind}1')}.wav"
    path.write_bytes(header(len(LOUD), 1) + LOUD)
    found = files.of_call(path, house.clock.now())
    assert found is not None
    assert await keeper.keep(found, Facts(number=number, hotline="4008001", queue=queue))
    house.clock.advance(seconds=1)
    return found.id


async def give_queue(house: House, agent: str, queue: str) -> None:
    async with house.db.write() as session:
        session.add(AgentQueue(account_id=agent, queue=queue, level=1))


async def listed(client: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/api/v1/messages{query}")
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in answer.json()["messages"]]


async def test_agents_see_the_messages_of_their_queues_and_leads_see_all(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    lead, _ = await house.signed_in(Role.LEAD)
    await give_queue(house, agent_id, "general")
    own, other, anybodys = [await left(house, queue=queue) for queue in ("general", "complaint", None)]
    assert await listed(agent) == [anybodys, own], "newest first"
    assert await listed(lead) == [anybodys, other, own]
    assert (await agent.get("/api/v1/messages/new")).json() == {"new": 2}
    for path in (f"{other}/audio", f"{other}/waveform"):
        assert (await agent.get(f"/api/v1/messages/{path}")).status_code == 403
    assert (await agent.post(f"/api/v1/messages/{other}/done", json={})).status_code == 403


async def test_hearing_it_is_written_down_and_it_is_no_longer_new(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    message = await left(house)
    part = await agent.get(f"/api/v1/messages/{message}/audio", headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    rest = await agent.get(f"/api/v1/messages/{message}/audio", headers={"Range": "bytes=100-"})
    assert len(part.content + rest.content) == 44 + len(LOUD)
    async with house.db.read() as session:
        query = select(AuditEntry).where(AuditEntry.action == "message.heard")
        (entry,) = await session.scalars(query)
    assert (entry.account_id, entry.subject) == (agent_id, message)
    assert (await agent.get("/api/v1/messages/new")).json() == {"new": 0}
    assert await listed(agent, "?state=heard") == [message]
    shape = (await agent.get(f"/api/v1/messages/{message}/waveform")).json()
    assert shape["seconds"] == 2.0
    assert min(shape["left"]) > 0.2
    assert "right" not in shape


async def test_one_person_sees_to_it_and_a_slower_colleague_is_told(house: House) -> None:
    first, _ = await house.signed_in(Role.AGENT)
    second, _ = await house.signed_in(Role.AGENT)
    message = await left(house)
    done = await first.post(f"/api/v1/messages/{message}/done", json={"note": "已回电"})
    assert (done.json()["state"], done.json()["note"]) == ("done", "已回电")
    assert (await second.post(f"/api/v1/messages/{message}/done", json={"note": "x"})).status_code == 409
    assert await listed(first, "?state=open") == []
    again = (await second.post(f"/api/v1/messages/{message}/reopen")).json()
    assert (again["state"], again["note"], again["handled_by"]) == ("heard", "已回电", None)
    assert await listed(first, "?state=open") == [message]


async def test_the_list_names_the_customer_whichever_way_the_number_came(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    async with house.db.write() as session:
        phone = customers.Phone(number="13800000001", label="")
        await customers.create(session, house.clock.now(), name="示例客户", phones=(phone,))
    message = await left(house, number="+8613800000001")
    await left(house, number="02161000000")
    (line,) = (await agent.get("/api/v1/messages?number=13800000001")).json()["messages"]
    assert (line["id"], line["customer_name"]) == (message, "示例客户")


async def test_comments_on_a_call_are_for_leads_and_for_the_agent_who_answered(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    other, other_id = await house.signed_in(Role.AGENT)
    lead, _ = await house.signed_in(Role.LEAD)
    for one in (agent_id, other_id):
        await give_queue(house, one, "general")
    call = await contact(house.db, house.clock.now())
    await segment(house.db, call, 0, "talk", house.clock.now(), agent_id=agent_id)
    comment = await left(house, queue="general", kind="comment", call=call)
    assert await listed(other) == []
    assert await listed(agent) == await listed(lead, "?purpose=comment") == [comment]
    assert [line["id"] for line in (await agent.get(f"/api/v1/contacts/{call}/messages")).json()] == [comment]
    assert (await lead.get("/api/v1/messages/new")).json() == {"new": 0}, "nobody has to answer a comment"


async def test_pages_follow_each_other_without_gap(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    made = [await left(house) for _ in range(5)]
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        page = (await agent.get(f"/api/v1/messages?limit=2{cursor}")).json()
        found += [line["id"] for line in page["messages"]]
        cursor = f"&cursor={page['next']}"
    assert found == made[::-1]
    assert page["next"] is None
    assert (await agent.get("/api/v1/messages?cursor=nonsense")).status_code == 422


async def test_a_message_that_a_crash_left_is_found_with_what_the_database_knows_of_its_call(house: House) -> None:
    """Asterisk was killed as well: the header says that there are no samples."""
    call = await contact(house.db, house.clock.now(), queue="complaint")
    keeper = room(house)
    path = house.services.settings.data_dir / "spool" / f"{name_of(call, 'voicemail2')}.wav"
    path.write_bytes(header(0, 1) + LOUD + b"\x07")
    house.clock.at = max(house.clock.at, _now(path) + timedelta(seconds=1))
    assert await keeper.sweep() == 0, "its call may be about to ask for it"
    house.clock.advance(seconds=60)
    assert await keeper.sweep() == 1
    await keeper.settled()
    lead, _ = await house.signed_in(Role.LEAD)
    (line,) = (await lead.get("/api/v1/messages")).json()["messages"]
    assert (line["contact_id"], line["queue"], line["caller_number"]) == (call, "complaint", "13800000001")
    assert line["seconds"] == 2.0
    assert not path.exists()


async def test_keeping_twice_keeps_one(house: House) -> None:
    keeper = room(house)
    path = house.services.settings.data_dir / "spool" / f"{name_of(CallId(new_id()), 'voicemail1')}.wav"
    for _ in range(2):  # a crash between the row and the removal of the file
        path.write_bytes(header(len(LOUD), 1) + LOUD)
        found = files.of_call(path, house.clock.now())
        assert found is not None
        await keeper.keep(found, Facts(number="", hotline=""))
    lead, _ = await house.signed_in(Role.LEAD)
    assert len(await listed(lead)) == 1


def _now(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
