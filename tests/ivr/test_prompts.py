"""Prompts are spoken by the real engine, converted by the real ffmpeg, and are what Asterisk can play."""

from __future__ import annotations

import asyncio
import math
import struct
import wave
from pathlib import Path

import pytest
import uvloop

from callcenter.asterisk.packages import ensure
from callcenter.calls.saying import sounds_of
from callcenter.errors import CallCenterError
from callcenter.ivr.announce import position_prompts
from callcenter.ivr.messages import Prompt
from callcenter.ivr.prompts import PromptError, PromptStore
from callcenter.ivr.sound import PEAK_DBFS, speak
from callcenter.settings import load_settings


@pytest.fixture(scope="session")
def toolbox() -> tuple[list[str], dict[str, str]]:
    tools = ensure(load_settings({}).cache_dir)
    return tools.command("espeak-ng"), tools.env


@pytest.fixture
def store(tmp_path: Path, toolbox: tuple[list[str], dict[str, str]]) -> PromptStore:
    (tmp_path / "recorded").mkdir()
    return PromptStore(tmp_path / "cache", *toolbox, recorded_dir=tmp_path / "recorded")


def samples(path: Path) -> tuple[tuple[int, int, int], list[int]]:
    with wave.open(str(path)) as sound:
        frames = sound.readframes(sound.getnframes())
        shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
    return shape, list(struct.unpack(f"<{len(frames) // 2}h", frames))


def tone(path: Path, amplitude: int, rate: int = 44100, channels: int = 2) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", ""))
        wave_form = [int(amplitude * math.sin(2 * math.pi * 440 * n / rate)) for n in range(rate)]
        sound.writeframes(b"".join(struct.pack("<h", value) * channels for value in wave_form))


def played(uri: str) -> Path:
    assert uri.startswith("sound:/")
    return Path(uri.removeprefix("sound:") + ".wav")


@pytest.mark.parametrize(("text", "language"), [("您好，欢迎致电客户服务热线。", "zh-CN"), ("Press one.", "en")])
async def test_a_text_is_spoken_for_the_telephone(store: PromptStore, text: str, language: str) -> None:
    path = played(await store.media(Prompt(text=text, language=language)))
    shape, narrow = samples(path)
    assert shape == (1, 2, 8000)
    assert len(narrow) > 4000, "half a second at least"
    assert 1000 < max(map(abs, narrow)) <= 32768 * 10 ** (PEAK_DBFS / 20) + 2
    shape, wide = samples(path.with_suffix(".wav16"))
    assert shape == (1, 2, 16000)
    assert abs(len(wide) / 2 - len(narrow)) < 80
    assert path.read_bytes()[20:22] == b"\x01\x00", "plain PCM, which is all that Asterisk takes"


async def test_a_prompt_is_made_once(store: PromptStore) -> None:
    prompt = Prompt(text="Once.", language="en")
    path = played(await store.media(prompt))
    made = path.stat().st_mtime_ns
    await store.prepare([prompt, prompt])
    assert path.stat().st_mtime_ns == made


async def test_quiet_and_loud_recordings_come_out_equally_loud(store: PromptStore, tmp_path: Path) -> None:
    peaks = []
    for name, amplitude in (("quiet.wav", 300), ("loud.wav", 30000)):
        tone(tmp_path / "recorded" / name, amplitude)
        shape, sound = samples(played(await store.media(Prompt(file=name))))
        assert shape == (1, 2, 8000)
        peaks.append(max(map(abs, sound)))
    assert abs(20 * math.log10(peaks[0] / peaks[1])) < 0.5


async def test_a_replacement_is_played_and_can_be_taken_back(store: PromptStore, tmp_path: Path) -> None:
    prompt = Prompt(text="Hello.", language="en")
    spoken = await store.media(prompt)
    tone(tmp_path / "mine.wav", 9000)
    assert (await store.replace(prompt, (tmp_path / "mine.wav").read_bytes())).source == "replaced"
    assert await store.media(prompt) != spoken
    assert store.restore(prompt).source == "spoken"
    assert await store.media(prompt) == spoken


async def test_a_prompt_spoken_beforehand_is_replaced_for_the_next_caller(store: PromptStore, tmp_path: Path) -> None:
    prompt = Prompt(text="Press two.", language="en")
    await store.prepare([prompt])
    spoken = await store.media(prompt)
    source = tmp_path / "me.wav"
    tone(source, 9000)
    await store.replace(prompt, source.read_bytes())
    assert await store.media(prompt) != spoken
    store.restore(prompt)
    assert await store.media(prompt) == spoken


async def test_what_is_no_recording_is_refused_and_changes_nothing(store: PromptStore, tmp_path: Path) -> None:
    prompt = Prompt(text="Hello.", language="en")
    secret = tmp_path / "secret.wav"
    tone(secret, 9000)
    playlist = f"ffconcat version 1.0\nfile {secret}\n".encode()
    for bad in (b"", b"not a sound", playlist, b"#EXTM3U\n#EXTINF:1,\n" + str(secret).encode()):
        with pytest.raises(PromptError):
            await store.replace(prompt, bad)
    assert store.view(prompt).source == "spoken"
    for name in ("../secret.wav", str(secret)):
        with pytest.raises(PromptError):
            await store.media(Prompt(file=name))


async def test_an_engine_that_fails_is_told_with_every_prompt_it_failed_on(tmp_path: Path) -> None:
    broken = PromptStore(tmp_path, [], {}, "false")
    with pytest.raises(PromptError) as caught:
        await broken.prepare([Prompt(text="one", language="en"), Prompt(text="two", language="en")])
    assert "one" in caught.value.message
    assert "two" in caught.value.message
    silent = PromptStore(tmp_path, [], {}, "true")
    with pytest.raises(PromptError, match="wrote nothing"):
        await silent.prepare([Prompt(text="one", language="en")])


def test_an_engine_that_ends_before_it_heard_what_to_say_has_failed_and_no_more(tmp_path: Path) -> None:
    """In the service's own loop, which does not forgive writing to who is gone."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as service:
        for _ in range(10):
            with pytest.raises(PromptError, match="failed"):
                service.run(speak("x" * 100_000, "en", tmp_path / "x.wav", engine=[], env={}, command="false"))


async def test_when_the_engine_fails_the_last_good_sound_is_kept_or_not_by_setting(
    store: PromptStore, tmp_path: Path
) -> None:
    prompt = Prompt(text="Good.", language="en")
    good = played(await store.media(prompt)).read_bytes()
    keeping = PromptStore(tmp_path / "cache", [], {}, "false")
    assert played(await keeping.media(prompt)).read_bytes() == good
    refusing = PromptStore(tmp_path / "cache", [], {}, "false", on_failure="refuse")
    with pytest.raises(PromptError):
        await refusing.media(prompt)


async def test_a_name_that_cannot_be_spoken_is_left_out_and_the_caller_hears_the_rest(tmp_path: Path) -> None:
    """With an engine that refuses, and with one that hangs: no call waits for it."""
    tone(tmp_path / "voice.wav", 8000)
    engine = tmp_path / "engine"
    store = PromptStore(tmp_path / "cache", [], {}, f"sh {engine} {{output}}")
    before, name, after = (Prompt(text=text, language="en") for text in ("Hello", "Mrs Wang", "Goodbye"))
    engine.write_text(f"cp {tmp_path}/voice.wav $1")
    await store.prepare([before, after])
    there = [await store.media(before), await store.media(after)]
    for broken in ("exit 1", "exec sleep 60"):
        engine.write_text(broken)
        assert await sounds_of([before, name, after], store, 0.2) == there
        with pytest.raises(CallCenterError):
            await sounds_of([name], store, 0.2)
    speaking = list(store._making.values())
    for task in speaking:
        task.cancel()
    await asyncio.gather(*speaking, return_exceptions=True)


async def test_any_command_line_can_speak(tmp_path: Path) -> None:
    tone(tmp_path / "voice.wav", 8000)
    store = PromptStore(tmp_path / "cache", [], {}, f"cp {tmp_path}/voice.wav {{output}}")
    assert played(await store.media(Prompt(text="x; rm -rf /", language="en"))).exists()


def test_the_place_in_line_is_told_as_people_say_it() -> None:
    assert [p.text for p in position_prompts(1, None, "zh-CN")] == ["您是下一位，请稍候。"]
    assert position_prompts(3, 130, "zh-CN")[0].text == "您前面还有2位客户在等候。预计等待3分钟。"
    assert position_prompts(2, 20, "en")[0].text == ("There is 1 caller ahead of you. The estimated wait is 1 minute.")
