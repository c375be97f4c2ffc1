"""Music classes on a real Asterisk: a house's own recordings, the quiet one, and a class added while it runs."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import pytest

from callcenter.asterisk import music
from callcenter.ivr.loader import FlowErrors, load
from tests.support.switch import Switch

FILES = {
    "hotlines.yaml": '"4008001": {title: Line, flow: main}\n',
    "main.yaml": "flow: main\nstart: wait\nsteps:\n  wait: {queue: general}\n",
}


def house(folder: Path, played: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in {**FILES, "queues.yaml": f"general:\n  title: G\n  music: {played}\n"}.items():
        (folder / name).write_text(text)
    return folder


def recording(path: Path) -> None:
    """Stereo at 44.1 kHz, which Asterisk does not play by itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(b"\x10\x20\x30\x10" * 44100)


def test_a_queue_with_music_that_is_not_there_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = house(tmp_path / "flows", "quiett")
    with pytest.raises(FlowErrors) as told:
        load(folder)
    (problem,) = told.value.problems
    assert (problem.file, problem.line) == ("queues.yaml", 3)
    assert "there is no music `quiett`" in problem.message
    assert "quiet" in (problem.hint or "")
    recording(folder / "music" / "spring" / "one.wav")
    assert load(house(folder, "spring")).queues["general"].music == "spring"
    assert load(house(folder, "quiet")).queues["general"].music == "quiet"


async def test_a_class_that_is_added_is_played_without_a_restart(switch: Switch, tmp_path: Path) -> None:
    flows = house(tmp_path / "flows", "spring")
    recording(flows / "music" / "spring" / "one.wav")
    (flows / "music" / "spring" / "notes.txt").write_text("not music")
    async with switch.node() as node:
        await node.wait_connected()
        keeper = music.MusicKeeper(flows, switch.data, switch.toolbox.moh_dir, node.reload_music)
        assert "Class: spring" not in await switch.asterisk.console("moh show classes")
        assert await keeper.refresh()
        await node.reload_music()
        shown = await switch.asterisk.console("moh show classes")
        assert all(f"Class: {name}" in shown for name in ("default", "quiet", "spring"))
        files = await switch.asterisk.console("moh show files")
        made = switch.data / "asterisk" / "music"
        assert files.count(str(made / "spring")) == 1, "what is no sound is left out"
        assert str(made / "quiet") in files
        assert not await keeper.refresh(), "nothing has changed"
        shutil.rmtree(flows / "music" / "spring")
        assert await keeper.refresh()
