"""The flows over HTTP: edited with mistakes and without, tried, made live, taken back; and who may."""

from __future__ import annotations

import asyncio
import io
import wave
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.errors import CallCenterError
from callcenter.ivr.loader import FlowErrors
from callcenter.ivr.messages import Prompt
from callcenter.ivr.prompts import PromptError, PromptStore
from callcenter.ivr.tables import QueueTargetRow
from tests.ops.conftest import Room


async def test_a_mistake_is_told_with_its_place_and_nothing_changes(room: Room) -> None:
    ops = await room.browser(Role.OPS)
    before = (await ops.get("/api/v1/flows/files")).json()
    broken = before["files"]["main.yaml"].replace("next: main_menu", "next: mian_menu", 1).replace(": bye", ": gone", 1)
    checked = (await ops.post("/api/v1/flows/validate", json={"files": {"main.yaml": broken}})).json()
    assert not checked["ok"]
    lines = [broken[: broken.index(wrong)].count("\n") + 1 for wrong in ("mian_menu", ": gone")]
    assert [(p["file"], p["line"]) for p in checked["problems"]] == [("main.yaml", line) for line in lines]
    assert "did you mean `main_menu`?" in checked["problems"][0]["hint"]
    assert "-    next: main_menu\n+    next: mian_menu" in checked["diff"]
    refused = await ops.put("/api/v1/flows/files", json={"files": {"main.yaml": broken}})
    assert refused.status_code == 422
    assert len(refused.json()["error"]["details"]["problems"]) == 2
    assert (await ops.get("/api/v1/flows/files")).json()["version"] == before["version"]
    assert "mian_menu" not in (room.folder / "main.yaml").read_text()


async def test_a_change_goes_live_for_the_next_call_and_back_in_one_action(room: Room) -> None:
    ops = await room.browser(Role.OPS)
    swapped: list[str] = []
    room.registry.on_swap(lambda flows: swapped.append(flows.version))
    first = room.registry.current
    text = first.files["main.yaml"].replace("attempts: 3", "attempts: 2", 1)
    longer = first.files["queues.yaml"].replace("service_level: 20s", "service_level: 30s", 1)
    files = {"main.yaml": text, "queues.yaml": longer}
    room.house.clock.advance(hours=1)
    made = (await ops.put("/api/v1/flows/files", json={"files": files, "note": "fewer"})).json()
    assert (made["changed"], made["version"]["number"], made["version"]["note"]) == (True, 2, "fewer")
    assert "attempts: 2" in (room.folder / "main.yaml").read_text()
    assert room.registry.get(first.version) is first, "a call under way keeps its version"
    shown = (await ops.get("/api/v1/flows/versions/1")).json()
    assert "+    attempts: 3" in shown["diff_from_live"]
    assert shown["diff"] == "", "the first changed nothing"
    changed = (await ops.get("/api/v1/flows/versions/2")).json()
    assert "-    attempts: 3" in changed["diff"]
    assert "+    attempts: 2" in changed["diff"]
    room.house.clock.advance(hours=1)
    back = (await ops.post("/api/v1/flows/versions/1/rollback", json={})).json()
    assert (back["version"]["number"], back["version"]["version"]) == (3, first.version)
    assert swapped == [made["version"]["version"], first.version]
    assert (room.folder / "main.yaml").read_text() == first.files["main.yaml"]
    listed = (await ops.get("/api/v1/flows/versions")).json()["versions"]
    assert [(v["number"], v["active"]) for v in listed] == [(3, True), (2, False), (1, False)]
    async with room.house.db.read() as session:
        promised = await session.scalars(
            select(QueueTargetRow.within_s).where(QueueTargetRow.queue == "general").order_by(QueueTargetRow.since)
        )
        assert list(promised) == [20.0, 30.0, 20.0]
        actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert [a for a in actions if a.startswith("flows.")] == ["flows.published", "flows.rolled_back"]


async def test_a_test_in_a_file_that_fails_refuses_the_reload(room: Room) -> None:
    path = room.folder / "main.yaml"
    path.write_text(path.read_text().replace("keys: {1: consult, 2:", "keys: {1: operator, 4: consult, 2:", 1))
    with pytest.raises(FlowErrors, match="按一转业务咨询"):
        await room.registry.reload(author="somebody")
    assert len(room.registry.problems) == 1
    ops = await room.browser(Role.OPS)
    shown = (await ops.get("/api/v1/flows")).json()
    assert len(shown["problems"]) == 1, "whoever opens the page sees why the folder is not what runs"
    assert list((await ops.get("/api/v1/flows/files")).json()["changed_in_folder"]) == ["main.yaml"]


async def test_a_draft_is_tried_before_it_is_live(room: Room) -> None:
    lead = await room.browser(Role.LEAD)
    text = room.registry.current.files["main.yaml"].replace("1: consult", "4: consult", 1)
    text = text[: text.index("tests:")]
    asked = {"flow": "main", "keys": "w1 4 done done", "files": {"main.yaml": text}}
    done = (await lead.post("/api/v1/flows/simulate", json=asked)).json()
    assert done["end"] == "waits:rate"
    assert done["steps"] == ["welcome", "main_menu", "consult", "rate"]
    assert (await lead.post("/api/v1/flows/simulate", json={"flow": "main", "keys": "x"})).status_code == 422


async def test_reading_is_for_leads_and_changing_for_operations(room: Room) -> None:
    for role, read, change in ((Role.AGENT, 403, 403), (Role.LEAD, 200, 403), (Role.OPS, 200, 200)):
        browser = await room.browser(role)
        assert (await browser.get("/api/v1/flows")).status_code == read
        assert (await browser.get("/api/v1/flows/counts")).status_code == read
        assert (await browser.post("/api/v1/flows/reload", json={})).status_code == change


async def test_two_reloads_at_once_come_one_after_the_other(room: Room) -> None:
    text = room.registry.current.files["main.yaml"]
    drafts = [text.replace("timeout: 5s", f"timeout: {n}s", 1) for n in (2, 3, 4, 6)]
    done = await asyncio.gather(
        *(room.registry.publish({"main.yaml": draft}, author=str(n)) for n, draft in enumerate(drafts))
    )
    assert sorted(item.version.number for item in done) == [2, 3, 4, 5]
    assert (room.folder / "main.yaml").read_text() == room.registry.current.files["main.yaml"]


async def test_a_broken_folder_starts_with_what_was_live_last(room: Room) -> None:
    (room.folder / "main.yaml").write_bytes(b"\xff\xfe\x00")
    version = room.registry.current.version
    again = type(room.registry)(
        room.folder,
        clock=room.house.clock,
        zone=room.registry.current.zone,
        versions=room.registry._versions,
    )
    assert (await again.start()).version == version
    assert again.problems


async def test_a_changed_file_is_reloaded_when_watched(room: Room) -> None:
    stop, swapped = asyncio.Event(), asyncio.Event()
    room.registry.on_swap(lambda _: swapped.set())
    watching = asyncio.create_task(room.registry.watch(stop))
    path = room.folder / "main.yaml"
    text = path.read_text().replace("attempts: 3", "attempts: 2", 1)

    async def write_until_seen() -> None:
        # The watcher tells nobody when it has begun to look: write until it has seen one.
        while not swapped.is_set():
            path.write_text(text)
            await asyncio.wait({asyncio.create_task(swapped.wait())}, timeout=0.5)

    async with asyncio.timeout(20):
        await write_until_seen()
    stop.set()
    await watching
    assert "attempts: 2" in room.registry.current.files["main.yaml"]


async def test_a_recording_that_is_replaced_in_the_folder_is_heard_when_watched(room: Room) -> None:
    recorded = room.folder / "prompts" / "welcome.wav"
    recorded.parent.mkdir(exist_ok=True)
    recorded.write_bytes(tone(1))
    path = room.folder / "main.yaml"
    path.write_text(path.read_text().replace("Please listen to the following choices.", "{file: welcome.wav}", 1))
    await room.registry.reload(author="x")
    prompt = Prompt(file="welcome.wav", language="en")
    first = await room.made.prompts.media(prompt)
    stop = asyncio.Event()
    watching = asyncio.create_task(room.registry.watch(stop))
    async with asyncio.timeout(30):
        while await room.made.prompts.media(prompt) == first:
            recorded.write_bytes(tone(2))  # again, until the watcher has begun to look
            await asyncio.wait({watching}, timeout=0.5)
    stop.set()
    await watching
    assert len(await room.registry.versions()) == 2, "the files are the same: no new version"


def tone(seconds: float) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(44100)
        wobble = (int(9000 * ((n // 50) % 2 * 2 - 1)).to_bytes(2, "little", signed=True) for n in range(44100))
        out.writeframes(b"".join(wobble) * int(seconds))
    return made.getvalue()


async def test_a_prompt_is_heard_replaced_by_a_recording_and_restored(room: Room) -> None:
    ops = await room.browser(Role.OPS)
    prompts = (await ops.get("/api/v1/flows/prompts")).json()["prompts"]
    one = next(p for p in prompts if p["text"].startswith("业务咨询请按一"))
    assert (one["source"], one["ready"], one["said_in"]) == ("spoken", True, ["main/main_menu"])
    assert one["seconds"] > 3
    spoken = (await ops.get(f"/api/v1/flows/prompts/{one['id']}/audio")).content
    recording = tone(16)
    assert len(recording) > 1 << 20, "longer than what other requests may be"
    made = await ops.put(f"/api/v1/flows/prompts/{one['id']}/recording", content=recording)
    assert (made.json()["source"], made.json()["seconds"]) == ("replaced", pytest.approx(16, abs=0.1))
    heard = (await ops.get(f"/api/v1/flows/prompts/{one['id']}/audio")).content
    with wave.open(io.BytesIO(heard)) as sound:
        assert (sound.getframerate(), round(sound.getnframes() / 8000)) == (8000, 16)
    await ops.delete(f"/api/v1/flows/prompts/{one['id']}/recording")
    assert (await ops.get(f"/api/v1/flows/prompts/{one['id']}/audio")).content == spoken
    broken = await ops.put(f"/api/v1/flows/prompts/{one['id']}/recording", content=b"this is no sound")
    assert broken.status_code == 422
    assert (await ops.get("/api/v1/flows/prompts/" + "0" * 32 + "/audio")).status_code == 404


async def test_the_database_away_refuses_and_the_live_flows_stay(room: Room) -> None:
    class Away:
        async def make_live(self, *_: object) -> None:
            raise CallCenterError("away")

    before = room.registry.current
    room.registry._versions = Away()  # type: ignore[assignment]
    with pytest.raises(CallCenterError, match="away"):
        await room.registry.publish({"main.yaml": before.files["main.yaml"] + "\n"}, author="x")
    assert room.registry.current is before


async def test_an_engine_that_fails_refuses_words_it_never_spoke_and_the_live_flows_stay(
    room: Room, tmp_path: Path
) -> None:
    before = room.registry.current
    room.registry._prompts = PromptStore(tmp_path / "cache", [], {}, command="false")
    text = before.files["main.yaml"].replace("业务咨询请按一", "新业务请按一", 1)
    with pytest.raises(PromptError, match="the speech engine failed"):
        await room.registry.publish({"main.yaml": text}, author="x")
    assert room.registry.current is before
    assert "新业务" not in (room.folder / "main.yaml").read_text()
