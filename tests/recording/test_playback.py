"""Recordings heard over HTTP: whole, by byte range, by those who may."""

from __future__ import annotations

import hashlib
from array import array
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.ids import new_id
from callcenter.recording import repository
from callcenter.recording.playback import kept_file
from callcenter.recording.wav import Sealed, header
from tests.business.calls import contact, segment
from tests.house import House

LOUD, SILENT = 16384, 0


async def recorded(house: House, *, agent_id: str, state: str = "sealed") -> str:
    """A call of that agent with one second of recording: the caller loud, the agent silent. Gives its id."""
    at = house.clock.now() - timedelta(minutes=5)
    call_id = await contact(house.db, at)
    await segment(house.db, call_id, 0, "talk", at, agent_id=agent_id)
    path = house.services.settings.recordings_dir / "2026" / f"{call_id}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = array("h", [LOUD, SILENT] * 8000).tobytes()
    body = header(len(sound)) + sound
    path.write_bytes(body)
    async with house.db.write() as session:
        place = repository.Place(call_id=call_id, path=f"2026/{call_id}.wav", node="a", started_at=at)
        await repository.add(await session.direct(), [place])
        if state == "sealed":
            sealed = Sealed(frames=8000, size=len(body), sha256=hashlib.sha256(body).hexdigest())
            await repository.mark_sealed(await session.direct(), place, sealed, at)
    return call_id


async def test_an_agent_finds_and_hears_their_own_call(house: House) -> None:
    client, me = await house.signed_in(Role.AGENT)
    call_id = await recorded(house, agent_id=me)
    (line,) = (await client.get(f"/api/v1/contacts/{call_id}/recordings")).json()
    assert (line["status"], line["seconds"], line["channels"]) == ("sealed", 1.0, 2)
    whole = await client.get(f"/api/v1/recordings/{line['id']}/audio")
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.content[:4] == b"RIFF"
    part = await client.get(f"/api/v1/recordings/{line['id']}/audio", headers={"Range": "bytes=44-143"})
    assert part.status_code == 206
    assert part.content == whole.content[44:144]
    assert part.headers["content-range"] == f"bytes 44-143/{len(whole.content)}"


async def test_the_waveform_shows_each_voice_on_its_own_channel(house: House) -> None:
    client, me = await house.signed_in(Role.AGENT)
    call_id = await recorded(house, agent_id=me)
    shape = (await client.get(f"/api/v1/recordings/{call_id}/waveform")).json()
    assert shape["seconds"] == 1.0
    assert (min(shape["left"]), max(shape["right"])) == (0.5, 0.0)


async def test_another_agents_call_is_for_leads_to_hear_and_that_is_written_down(house: House) -> None:
    _, owner = await house.signed_in(Role.AGENT)
    call_id = await recorded(house, agent_id=owner)
    other, _ = await house.signed_in(Role.AGENT)
    for path in (f"contacts/{call_id}/recordings", f"recordings/{call_id}/audio", f"recordings/{call_id}/waveform"):
        assert (await other.get(f"/api/v1/{path}")).status_code == 403
    lead, lead_id = await house.signed_in(Role.LEAD)
    assert (await lead.get(f"/api/v1/recordings/{call_id}/audio")).status_code == 200
    await lead.get(f"/api/v1/recordings/{call_id}/audio", headers={"Range": "bytes=5000-"})
    async with house.db.read() as session:
        heard = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "recording.heard")))
    assert [(entry.account_id, entry.subject) for entry in heard] == [(lead_id, call_id)], "seeking is not hearing anew"


async def test_what_cannot_be_heard_says_why(house: House) -> None:
    client, me = await house.signed_in(Role.AGENT)
    under_way = await recorded(house, agent_id=me, state="capturing")
    answer = await client.get(f"/api/v1/recordings/{under_way}/audio")
    assert answer.status_code == 409
    assert "still being recorded" in answer.json()["error"]["message"]
    assert (await client.get(f"/api/v1/recordings/{new_id()}/audio")).status_code == 404
    gone = await recorded(house, agent_id=me)
    (house.services.settings.recordings_dir / "2026" / f"{gone}.wav").unlink()
    answer = await client.get(f"/api/v1/recordings/{gone}/audio")
    assert answer.status_code == 404
    assert "no longer there" in answer.json()["error"]["message"]


def test_no_row_of_the_database_leads_out_of_the_folder_and_old_files_may_lie_behind_a_link(tmp_path: Path) -> None:
    kept, elsewhere = tmp_path / "kept", tmp_path / "elsewhere"
    for folder in (kept, elsewhere):
        folder.mkdir()
        (folder / "a.wav").touch()
    (kept / "2025").symlink_to(elsewhere)
    assert kept_file(kept, "a.wav") == kept / "a.wav"
    assert kept_file(kept, "2025/a.wav") == kept / "2025" / "a.wav"
    for out in ("../elsewhere/a.wav", "2025/../../elsewhere/a.wav", str(elsewhere / "a.wav"), "..", "", "b.wav"):
        assert kept_file(kept, out) is None, out
