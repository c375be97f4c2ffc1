"""Speaking a text and bringing any recording into the telephone's shape. Subprocesses and files; no policy."""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg

from callcenter.errors import CallCenterError

with warnings.catch_warnings():
    # It looks for an ffmpeg in PATH when imported and warns; it only gets plain WAV from us.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

VOICES: Final = {"zh-CN": "cmn", "en": "en"}
"""espeak-ng's voices."""
WORDS_PER_MINUTE: Final = 150
LOUDNESS_DBFS: Final = -20.0
PEAK_DBFS: Final = -3.0
"""Headroom for the telephone's companding."""
LONGEST_S: Final = 600
TIMEOUT_S: Final = 30.0
_FORMATS: Final = "wav,w64,mp3,ogg,flac,mov,mp4,m4a,matroska,webm,aac,aiff,amr,gsm"
"""What ffmpeg may take a recording for. Playlists are not among them: they can name other files."""


class PromptError(CallCenterError):
    """A text could not be spoken or a recording not be converted."""

    status = 422
    code = "prompt_failed"


async def speak(
    text: str, language: str, output: Path, *, engine: Sequence[str], env: Mapping[str, str], command: str | None
) -> None:
    """Write ``text`` as WAV. ``command``, if given, is used instead of espeak-ng (``engine``): it reads the text
    on stdin and finds ``{language}`` and ``{output}`` replaced. Raises PromptError."""
    if command:
        words = [word.replace("{language}", language).replace("{output}", str(output)) for word in shlex.split(command)]
    else:
        voice = VOICES.get(language, language)
        words = [*engine, "-v", voice, "-s", str(WORDS_PER_MINUTE), "-w", str(output), "--stdin"]
    await _run(words, env, text, "the speech engine")
    if _size(output) <= 44:
        raise PromptError("the speech engine wrote nothing; see CALLCENTER_TTS_COMMAND")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


async def convert(source: Path, target: Path) -> None:
    """Bring a recording of any common format to ``target`` (``….wav``, 8 kHz) and beside it ``….wav16`` (16 kHz):
    mono, 16 bit, at an even loudness. Each file appears whole or not at all. Raises PromptError."""
    narrow, wide = target.with_suffix(f".{os.getpid()}.8k.wav"), target.with_suffix(f".{os.getpid()}.16k.wav")
    limit = ("-t", str(LONGEST_S), "-ac", "1", "-c:a", "pcm_s16le", "-bitexact")
    arguments = ["-nostdin", "-y", "-loglevel", "error", "-format_whitelist", _FORMATS, "-i", str(source)]
    arguments += [*limit, "-ar", "8000", str(narrow), *limit, "-ar", "16000", str(wide)]
    try:
        await _run([imageio_ffmpeg.get_ffmpeg_exe(), *arguments], {}, "", "the conversion of the recording")
        await asyncio.to_thread(_even_out, narrow, wide, target)
    finally:
        for scrap in (narrow, wide):
            scrap.unlink(missing_ok=True)


def _even_out(narrow: Path, wide: Path, target: Path) -> None:
    """Give both the gain that makes the narrow one as loud as the other prompts without clipping."""
    sound = AudioSegment.from_wav(str(narrow))
    if not len(sound):
        raise PromptError("the recording is empty")
    gain = 0.0
    if sound.max_dBFS != float("-inf"):
        gain = min(LOUDNESS_DBFS - sound.dBFS, PEAK_DBFS - sound.max_dBFS)
    for source, final in ((wide, target.with_suffix(".wav16")), (narrow, target)):
        AudioSegment.from_wav(str(source)).apply_gain(gain).export(str(source), format="wav").close()
        os.replace(source, final)


async def _run(command: list[str], env: Mapping[str, str], text: str, what: str) -> None:
    try:
        # From a file: writing into a pipe that a quick program has closed already is an error.
        with tempfile.TemporaryFile() as given:
            given.write(text.encode())
            given.seek(0)
            process = await asyncio.create_subprocess_exec(
                *command,
                env={**os.environ, **env},
                stdin=given,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
    except OSError as error:
        raise PromptError(f"{what} cannot be started ({error}); see CALLCENTER_TTS_COMMAND") from error
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, complaint = await process.communicate()
    except TimeoutError:
        raise PromptError(f"{what} took more than {TIMEOUT_S:.0f} s and was stopped") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:]
        raise PromptError(f"{what} failed: {''.join(last)[:200] or process.returncode}")
