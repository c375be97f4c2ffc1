"""Music classes: what a queue's ``music`` may name, and the sounds that Asterisk plays for it.

A class is a folder of recordings below ``music/`` in the flows folder, of any common format; two are always there:
``default`` (the music that comes with Asterisk's packages) and ``quiet`` (two soft notes every ten seconds, free of
anybody's rights, by which a caller knows that the line lives).
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import wave
from array import array
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import structlog

from callcenter.errors import CallCenterError
from callcenter.ivr.loader import MUSIC
from callcenter.ivr.sound import PromptError, convert

_log = structlog.get_logger()
DEFAULT: Final = "default"
QUIET: Final = "quiet"
CONFIGURATION: Final = "musiconhold.conf"
_RATE: Final = 8000
_NOTES: Final = ((0.0, 523.25), (0.6, 659.25))
"""Of the quiet class: (second, Hz)."""
_QUIET_S: Final = 10
_MOST_FILES: Final = 200


def folders(flows_dir: Path) -> dict[str, Path]:
    """The classes that a house has put there itself, by name."""
    root = flows_dir / MUSIC
    return {path.name: path for path in sorted(root.iterdir()) if path.is_dir()} if root.is_dir() else {}


async def prepare(flows_dir: Path, data_dir: Path, moh_dir: Path) -> dict[str, Path]:
    """Bring every class into the telephone's shape; class → folder that Asterisk plays from.

    What cannot be converted is left out, loudly; a class with nothing left plays the default's sounds.
    """
    made = data_dir / "music"
    found = {DEFAULT: moh_dir, QUIET: made / QUIET}
    _quiet(made / QUIET / "notes.wav")
    for name, folder in folders(flows_dir).items():
        target = made / name
        target.mkdir(parents=True, exist_ok=True)
        wanted: set[str] = set()
        for source in sorted(path for path in folder.iterdir() if path.is_file())[:_MOST_FILES]:
            stem = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
            if not (target / f"{stem}.wav").exists():
                try:
                    await convert(source, target / f"{stem}.wav")
                except PromptError as error:
                    _log.error("music_left_out", music=name, file=source.name, reason=error.message)
                    continue
            wanted.add(stem)
        for old in target.iterdir():
            if old.name.split(".")[0] not in wanted:
                old.unlink(missing_ok=True)
        found[name] = target if wanted else found.get(name, moh_dir)
        if not wanted:
            _log.error("music_empty", music=name, folder=str(folder))
    return found


def configuration(classes: Mapping[str, Path]) -> str:
    """``musiconhold.conf``, the default class first."""
    first = sorted(classes, key=lambda name: (name != DEFAULT, name))
    return "\n".join(f"[{name}]\nmode = files\ndirectory = {classes[name]}\nsort = random\n" for name in first)


def _quiet(path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = array("h", bytes(2 * _RATE * _QUIET_S))
    for begin, hertz in _NOTES:
        for n in range(round(begin * _RATE), _RATE * 3):
            at = n / _RATE - begin
            loud = 2600 * math.exp(-2.4 * at) * min(1.0, at / 0.02)
            samples[n] += round(loud * math.sin(2 * math.pi * hertz * at))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())


class MusicKeeper:
    """Brings a running embedded Asterisk the classes of the folder when they have changed; calls go on. With an
    Asterisk of one's own the classes are one's own too."""

    def __init__(self, flows_dir: Path, data_dir: Path, moh_dir: Path, reload: Callable[[], Awaitable[None]]) -> None:
        """``reload`` has Asterisk read its configuration of music again."""
        self._flows_dir, self._data, self._moh_dir, self._reload = flows_dir, data_dir / "asterisk", moh_dir, reload
        self._task: asyncio.Task[None] | None = None

    def flows_swapped(self, _flows: object) -> None:
        """There is a new set of flows, whose queues may name new classes."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        try:
            if await self.refresh():
                await self._reload()
        except (CallCenterError, OSError) as error:
            # Asterisk plays the default for a class that it does not know.
            _log.error("music_not_refreshed", reason=str(error))

    async def refresh(self) -> bool:
        """Bring the configuration up to date; whether it is another one now."""
        path = self._data / "etc" / CONFIGURATION
        if not path.exists():
            return False
        text = configuration(await prepare(self._flows_dir, self._data, self._moh_dir))
        if path.read_text(encoding="utf-8") == text:
            return False
        path.write_text(text, encoding="utf-8")
        return True
