"""Prompts in the browser: spoken over into a microphone, uploaded as any common format, heard by the next caller."""

from __future__ import annotations

import asyncio
import math
import re
import wave
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from callcenter.db.embedded import EmbeddedPostgres
from callcenter.drill.own import OwnSystem
from callcenter.ivr.sound import LOUDNESS_DBFS
from tests.web.people import NEEDS_PAGES, Person, channel_share, ops_system, person, tone

SPOKEN_HZ, UPLOADED_HZ = 700, 1100

pytestmark = [*NEEDS_PAGES, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(
    postgres: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OwnSystem]:
    """One for the file."""
    async with ops_system(tmp_path_factory.mktemp("ops"), postgres, migrated_template) as made:
        yield made


async def encoded(wav: Path, suffix: str) -> Path:
    """The same sound in another format."""
    path = wav.with_suffix(suffix)
    process = await asyncio.create_subprocess_exec(
        imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-i", str(wav), "-t", "2", str(path)
    )
    assert await process.wait() == 0
    return path


async def prompts(someone: Person) -> list[dict[str, Any]]:
    answer = await someone.context.request.get(f"{someone.origin}/api/v1/flows/prompts")
    found: list[dict[str, Any]] = (await answer.json())["prompts"]
    return found


async def heard(someone: Person, prompt: str, to: Path) -> Path:
    """What callers hear instead of that prompt from now on."""
    answer = await someone.context.request.get(f"{someone.origin}/api/v1/flows/prompts/{prompt}/audio")
    assert answer.ok
    to.write_bytes(await answer.body())
    return to


def loudness(path: Path) -> float:
    """dB below the loudest that is possible, of a mono 16-bit file."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        samples = array("h", file.readframes(file.getnframes()))
    return 10 * math.log10(sum(sample * sample for sample in samples) / len(samples) / 32768**2)


async def prompts_of_the_menu(someone: Person) -> Page:
    """The page of prompts, searched for those of one step."""
    page = await someone.open("/ops")
    await page.get_by_role("tab", name=re.compile("提示音|Prompts")).click()
    await page.get_by_placeholder(re.compile("搜索内容|Search the words")).fill("main/main_menu")
    return page


def row_of(page: Page, words: str) -> Locator:
    return page.locator("tr.ant-table-row", has_text=words)


async def test_a_prompt_is_spoken_over_in_one_language_and_uploaded_in_another(
    system: OwnSystem, tmp_path: Path
) -> None:
    async with person(system, "ops", tone(tmp_path / "microphone.wav", SPOKEN_HZ)) as ops:
        page = await prompts_of_the_menu(ops)
        before = {one["text"]: one for one in await prompts(ops)}
        chinese = next(one for text, one in before.items() if text.startswith("业务咨询请按一"))
        english = next(one for text, one in before.items() if text.startswith("For advice press 1"))
        assert chinese["said_in"] == english["said_in"] == ["main/main_menu"]

        row = row_of(page, "业务咨询请按一")
        await expect(row).to_contain_text("main/main_menu")
        await row.get_by_role("button", name=re.compile("录\\s*音|Record")).click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name=re.compile("^录\\s*音$|^Record$")).click()
        await expect(dialog).to_contain_text(re.compile("录音中 [2-9] 秒|Recording, [2-9] s"))
        await dialog.get_by_role("button", name=re.compile("停\\s*止|Stop")).click()
        await dialog.get_by_role("button", name=re.compile("使用这段录音|Use this recording")).click()
        await expect(row).to_contain_text(re.compile("人工录音|recording"))
        spoken = await heard(ops, chinese["id"], tmp_path / "spoken.wav")
        assert channel_share(spoken, 0, SPOKEN_HZ) > 0.8, "it is what the microphone heard"
        assert loudness(spoken) == pytest.approx(LOUDNESS_DBFS, abs=1.5)
        now = {one["id"]: one for one in await prompts(ops)}
        assert now[chinese["id"]]["source"] == "replaced"
        assert now[english["id"]]["source"] == "spoken", "the other language keeps its own"

        quiet = tone(tmp_path / "quiet.wav", UPLOADED_HZ)
        row = row_of(page, "For advice press 1")
        for suffix in (".mp3", ".ogg", ".m4a"):
            async with page.expect_response(lambda answer: answer.url.endswith("/recording")) as kept:
                await row.locator("input[type=file]").set_input_files(await encoded(quiet, suffix))
            assert (await kept.value).status == 200, suffix
            uploaded = await heard(ops, english["id"], tmp_path / f"uploaded{suffix}.wav")
            assert channel_share(uploaded, 0, UPLOADED_HZ) > 0.8, suffix
            assert loudness(uploaded) == pytest.approx(LOUDNESS_DBFS, abs=1.5), suffix
        await expect(row).to_contain_text(re.compile("人工录音|recording"))

        await row.get_by_role("button", name=re.compile("恢复合成语音|Back to synthetic")).click()
        await page.locator(".ant-popconfirm .ant-btn-primary").click()
        await expect(row).to_contain_text(re.compile("合成语音|synthetic speech"))
        assert {one["id"]: one for one in await prompts(ops)}[english["id"]]["source"] == "spoken"


async def test_what_is_no_sound_is_told_and_the_prompt_stays(system: OwnSystem, tmp_path: Path) -> None:
    async with person(system, "ops", tone(tmp_path / "microphone.wav", SPOKEN_HZ)) as ops:
        page = await prompts_of_the_menu(ops)
        row = row_of(page, "For advice press 1")
        broken = tmp_path / "broken.mp3"
        broken.write_bytes(b"this is no sound at all")
        await row.locator("input[type=file]").set_input_files(broken)
        await expect(page.locator(".ant-message-error")).to_be_visible()
        await expect(row).to_contain_text(re.compile("合成语音|synthetic speech"))
