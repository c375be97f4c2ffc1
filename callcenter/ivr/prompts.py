"""From a text to a sound that Asterisk plays: spoken once, made even, cached for good.

The engine is a command line. espeak-ng always works and sounds like a machine; any other engine that reads
text and writes WAV can stand in by a setting.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import imageio_ffmpeg

from callcenter.errors import CallCenterError
from callcenter.ivr.messages import Prompt

_VOICES = {"zh-CN": "cmn", "en": "en"}
_EVEN = "loudnorm=I=-20:TP=-3:LRA=7"
"""EBU R 128 loudness: every prompt as loud as the others, with headroom for the telephone's companding."""
_TIMEOUT_S = 20.0


class PromptError(CallCenterError):
    """A text could not be spoken or a file could not be converted."""

    code = "prompt_failed"


class PromptStore:
    """Keeps spoken prompts as 16-bit mono WAV of 8 kHz below ``cache_dir``.

    ``engine`` is the start of espeak-ng's command line, ``env`` what it needs. ``command``, if given, is used
    instead: it reads the text on stdin, finds ``{language}`` and ``{output}`` replaced, and writes a WAV.
    """

    def __init__(
        self,
        cache_dir: Path,
        engine: Sequence[str],
        env: Mapping[str, str],
        *,
        command: str | None = None,
        at_once: int = 2,
    ) -> None:
        self._folder = cache_dir / "prompts"
        self._engine, self._env, self._command = list(engine), dict(env), command
        self._turn = asyncio.Semaphore(at_once)
        self._making: dict[Path, asyncio.Task[None]] = {}

    async def prepare(self, prompts: Iterable[Prompt]) -> None:
        """Speak what is not cached yet. Raises PromptError at the first that fails."""
        await asyncio.gather(*(self.media(prompt) for prompt in prompts))

    async def media(self, prompt: Prompt) -> str:
        """The media URI for Asterisk: ``sound:`` and an absolute path without extension. Raises PromptError."""
        path = self._path(prompt)
        if not path.exists():
            task = self._making.get(path)
            if task is None:
                task = asyncio.create_task(self._make(prompt, path))
                self._making[path] = task
                task.add_done_callback(lambda _: self._making.pop(path, None))
            await asyncio.shield(task)
        return f"sound:{path.with_suffix('')}"

    def _path(self, prompt: Prompt) -> Path:
        engine = self._command or "espeak-ng"
        key = "\0".join(("1", engine, _EVEN, prompt.language, prompt.text))
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.wav"

    async def _make(self, prompt: Prompt, path: Path) -> None:
        async with self._turn:
            self._folder.mkdir(parents=True, exist_ok=True)
            spoken, even = path.with_suffix(".spoken.wav"), path.with_suffix(".even.wav")
            try:
                await self._speak(prompt, spoken)
                # Evened out at the engine's own rate, then taken down to the telephone's.
                arguments = ["-y", "-loglevel", "error", "-i", str(spoken), "-af", _EVEN]
                arguments += ["-ac", "1", "-ar", "8000", "-c:a", "pcm_s16le", "-bitexact", str(even)]
                await _run([imageio_ffmpeg.get_ffmpeg_exe(), *arguments], {})
                os.replace(even, path)
            finally:
                for scrap in (spoken, even):
                    scrap.unlink(missing_ok=True)

    async def _speak(self, prompt: Prompt, output: Path) -> None:
        if self._command:
            words = shlex.split(self._command)
            command = [word.format(language=prompt.language, output=output) for word in words]
        else:
            voice = _VOICES.get(prompt.language, prompt.language)
            command = [*self._engine, "-v", voice, "-s", "150", "-w", str(output), "--stdin"]
        await _run(command, self._env, prompt.text)


async def _run(command: list[str], env: Mapping[str, str], text: str = "") -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **env},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise PromptError(f"the speech engine cannot be started ({error}); see CALLCENTER_TTS_COMMAND") from error
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            _, complaint = await process.communicate(text.encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        raise PromptError(f"the speech engine took more than {_TIMEOUT_S:.0f} s and was stopped") from None
    if process.returncode != 0:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:]
        raise PromptError(f"the speech engine failed: {''.join(last) or process.returncode}")
