"""From a prompt to a sound that Asterisk plays: spoken or converted once, made even, cached for good.

espeak-ng always works and sounds like a machine, so each prompt can be replaced by a recording, and any other
engine that reads text and writes WAV can stand in by a setting.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import structlog

from callcenter.ivr import sound
from callcenter.ivr.messages import Prompt
from callcenter.ivr.sound import PromptError

__all__ = ["PromptError", "PromptStore", "PromptView"]

MAX_CACHED: Final = 20_000
"""Sounds kept; beyond it those that were made at run time go, oldest first."""
MAX_UPLOAD_BYTES: Final = 20 * 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptView:
    """A prompt as operations see it."""

    id: str
    text: str
    language: str
    file: str
    source: Literal["spoken", "recorded", "replaced"]
    ready: bool
    seconds: float | None
    """How long it is; None while it is not made."""


class PromptStore:
    """Keeps prompts as 16-bit mono WAV of 8 kHz (and 16 kHz beside it) below ``cache_dir``.

    ``engine`` is the start of espeak-ng's command line, ``env`` what it needs; ``command`` stands in for it.
    ``recorded_dir`` holds the files that flows name, ``replaced_dir`` what people recorded over a prompt.
    ``on_failure``: when the engine fails, ``keep`` plays the last good sound of that text, ``refuse`` does not.
    """

    def __init__(
        self,
        cache_dir: Path,
        engine: Sequence[str],
        env: Mapping[str, str],
        command: str | None = None,
        recorded_dir: Path | None = None,
        *,
        replaced_dir: Path | None = None,
        on_failure: Literal["keep", "refuse"] = "keep",
        at_once: int = 2,
    ) -> None:
        self._folder = cache_dir / "prompts"
        self._last_good = self._folder / "last-good"
        self._engine, self._env, self._command = list(engine), dict(env), command
        self._recorded = recorded_dir
        self._replaced = replaced_dir or cache_dir / "replaced-prompts"
        self._on_failure = on_failure
        self._turn = asyncio.Semaphore(at_once)
        self._making: dict[Path, asyncio.Task[Path]] = {}
        self._prepared: set[Path] = set()
        self._uris: dict[Prompt, str] = {}
        """Of prompts known beforehand, so that a key press asks no disk; found anew with each version of the flows."""
        self._made = 0

    async def prepare(self, prompts: Iterable[Prompt]) -> None:
        """Speak and convert what is not cached yet. Raises one PromptError that names all that failed."""
        wanted = dict.fromkeys(prompts)
        done = await asyncio.gather(*(self._ready(prompt) for prompt in wanted), return_exceptions=True)
        failed: list[str] = []
        self._uris.clear()
        for prompt, result in zip(wanted, done, strict=True):
            if isinstance(result, PromptError):
                failed.append(f"{prompt.file or prompt.text[:40]} ({prompt.language}): {result.message}")
            elif isinstance(result, BaseException):
                raise result
            else:
                self._prepared.add(result)
                self._uris[prompt] = _uri(result)
        if failed:
            more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
            raise PromptError("; ".join(failed[:5]) + more, details={"failed": failed})

    async def media(self, prompt: Prompt) -> str:
        """The media URI for Asterisk: ``sound:`` and an absolute path without extension. Raises PromptError."""
        known = self._uris.get(prompt)
        return known if known is not None else _uri(await self._ready(prompt))

    async def path(self, prompt: Prompt) -> Path:
        """The 8 kHz WAV, to listen to. Raises PromptError."""
        return await self._ready(prompt)

    # --- what operations see and do ----------------------------------------------------------

    def views(self, prompts: Iterable[Prompt]) -> list[PromptView]:
        return [self.view(prompt) for prompt in dict.fromkeys(prompts)]

    def view(self, prompt: Prompt) -> PromptView:
        seconds = _seconds(self._replacement(prompt))
        source: Literal["spoken", "recorded", "replaced"] = "replaced"
        if seconds is None:
            source = "recorded" if prompt.file else "spoken"
            with suppress(PromptError):
                seconds = _seconds(self._place(prompt))
        return PromptView(
            id=prompt_id(prompt), text=prompt.text, language=prompt.language, file=prompt.file,
            source=source, ready=seconds is not None, seconds=seconds,
        )  # fmt: skip

    async def replace(self, prompt: Prompt, recording: bytes) -> PromptView:
        """Play this recording (any common format) instead from now on. Raises PromptError; nothing changes then."""
        if len(recording) > MAX_UPLOAD_BYTES:
            raise PromptError(f"a recording has at most {MAX_UPLOAD_BYTES >> 20} MB")
        target = self._replacement(prompt)
        target.parent.mkdir(parents=True, exist_ok=True)
        source = target.with_suffix(f".{os.getpid()}-{id(recording):x}.upload")
        try:
            await asyncio.to_thread(source.write_bytes, recording)
            async with self._turn:
                await sound.convert(source, target)
        finally:
            source.unlink(missing_ok=True)
        self._uris.pop(prompt, None)
        return self.view(prompt)

    def restore(self, prompt: Prompt) -> PromptView:
        """Take a replacement back; the prompt is spoken again."""
        target = self._replacement(prompt)
        target.unlink(missing_ok=True)
        target.with_suffix(".wav16").unlink(missing_ok=True)
        self._uris.pop(prompt, None)
        return self.view(prompt)

    # --- making ------------------------------------------------------------------------------

    async def _ready(self, prompt: Prompt) -> Path:
        replaced = self._replacement(prompt)
        if replaced.exists():
            return replaced
        path = self._place(prompt)
        if path.exists():
            return path
        task = self._making.get(path)
        if task is None:
            task = asyncio.create_task(self._make(prompt, path))
            self._making[path] = task
            task.add_done_callback(lambda _: self._making.pop(path, None))
        # Who waits may go away (a caller hangs up); the sound is made all the same, others may wait for it too.
        return await asyncio.shield(task)

    def _place(self, prompt: Prompt) -> Path:
        """Where the sound of a prompt is cached. Raises PromptError for a recording that is not there."""
        if prompt.file:
            source = self._source(prompt)
            try:
                state = source.stat()
            except OSError as error:
                raise PromptError(f"the recording {prompt.file} cannot be read ({error.strerror})") from error
            key = ("file", str(source), str(state.st_mtime_ns), str(state.st_size))
        else:
            engine = self._command or f"espeak-ng {sound.VOICES.get(prompt.language)} {sound.WORDS_PER_MINUTE}"
            key = ("text", engine, prompt.language, prompt.text)
        return self._folder / f"{_hash('2', str(sound.LOUDNESS_DBFS), *key)}.wav"

    def _source(self, prompt: Prompt) -> Path:
        if self._recorded is None:
            raise PromptError(f"there is no folder of recordings for {prompt.file}")
        source = (self._recorded / prompt.file).resolve()
        if not source.is_relative_to(self._recorded.resolve()):
            raise PromptError(f"{prompt.file} is outside the folder of recordings")
        return source

    def _replacement(self, prompt: Prompt) -> Path:
        return self._replaced / prompt.language / f"{prompt_id(prompt)}.wav"

    async def _make(self, prompt: Prompt, path: Path) -> Path:
        kept = self._last_good / f"{prompt_id(prompt)}.wav"
        async with self._turn:
            self._last_good.mkdir(parents=True, exist_ok=True)
            try:
                if prompt.file:
                    await sound.convert(self._source(prompt), path)
                else:
                    await self._speak(prompt, path)
            except PromptError as error:
                if self._on_failure == "keep" and kept.exists():
                    log.warning("prompt_kept", prompt=prompt_id(prompt), file=prompt.file, reason=error.message)
                    return kept
                raise
            await asyncio.to_thread(_keep, path, kept)
            self._made += 1
            if self._made % 200 == 0:
                await asyncio.to_thread(self._prune)
        return path

    async def _speak(self, prompt: Prompt, path: Path) -> None:
        spoken = path.with_suffix(f".{os.getpid()}.spoken.wav")
        try:
            await sound.speak(
                prompt.text, prompt.language, spoken, engine=self._engine, env=self._env, command=self._command
            )
            await sound.convert(spoken, path)
        finally:
            spoken.unlink(missing_ok=True)

    def _prune(self) -> None:
        """Texts with a caller's own data in them are spoken once and never again: do not keep them for ever."""
        made: list[tuple[float, Path]] = []
        for path in self._folder.glob("*.wav"):
            with suppress(FileNotFoundError):  # one that was only on its way, of ours or of another copy
                made.append((path.stat().st_mtime, path))
        for _, path in sorted(made)[: max(0, len(made) - MAX_CACHED)]:
            if path not in self._prepared:
                path.unlink(missing_ok=True)
                path.with_suffix(".wav16").unlink(missing_ok=True)


def prompt_id(prompt: Prompt) -> str:
    """Stands for a prompt whatever engine speaks it."""
    return _hash(prompt.language, prompt.text, prompt.file)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _uri(path: Path) -> str:
    return f"sound:{path.with_suffix('').absolute()}"


def _seconds(path: Path) -> float | None:
    """Of a file that we wrote: 16 bit, 8,000 a second, after a head of 44 bytes. None when it is not there."""
    try:
        return round(max(0, path.stat().st_size - 44) / 16_000, 1)
    except OSError:
        return None


def _keep(path: Path, kept: Path) -> None:
    for suffix in (".wav16", ".wav"):
        fresh = kept.with_suffix(f".{os.getpid()}{suffix}.new")
        shutil.copyfile(path.with_suffix(suffix), fresh)
        os.replace(fresh, kept.with_suffix(suffix))
