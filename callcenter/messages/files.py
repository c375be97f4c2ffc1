"""What a message's file tells by itself: from which call or caller, when, for what; and whether anybody spoke."""

from __future__ import annotations

import hashlib
import re
import sys
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from callcenter.ids import CallId, call_of
from callcenter.recording.wav import SAMPLE_BYTES, samples_at

Purpose = Literal["voicemail", "comment"]
SHORTEST_S = 1.0
"""Anything shorter is a hand on its way to the cradle."""
SILENT_BELOW = 250
"""Of 32768 (-42 dB): a line on which nobody speaks stays below, a whisper does not."""

_FALLBACK = re.compile(r"^(\d{9,11})-(\d*)-(\d{0,20})-(\+?\d{0,20})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message as its file names it. ``call_id`` None: the fallback recorded it while the service was away."""

    path: Path
    call_id: CallId | None
    purpose: Purpose
    at: datetime
    number: str = ""
    hotline: str = ""

    @property
    def id(self) -> str:
        """The same for the same file, so that what is kept twice is kept once."""
        return hashlib.sha256(self.path.name.encode()).hexdigest()[:32]


def of_call(path: Path, at: datetime) -> Found | None:
    """``cc-<call>-voicemail3.wav`` or ``…-comment2.wav``; None for what is no message."""
    call_id = call_of(path.stem)
    kind = path.stem.rpartition("-")[2].rstrip("0123456789")
    if call_id is None:
        return None
    if kind == "voicemail":
        return Found(path=path, call_id=call_id, purpose="voicemail", at=at)
    if kind == "comment":
        return Found(path=path, call_id=call_id, purpose="comment", at=at)
    return None


def of_fallback(path: Path) -> Found | None:
    """``<epoch>-<unique>-<dialled>-<caller>.wav``, as the dialplan's fallback names it."""
    match = _FALLBACK.match(path.stem)
    if match is None:
        return None
    epoch, _, dialled, caller = match.groups()
    at = datetime.fromtimestamp(int(epoch), UTC)
    return Found(path=path, call_id=None, purpose="voicemail", at=at, number=caller, hotline=dialled)


def has_speech(wav: Path) -> bool:
    """Whether it is long and loud enough to be a message. Reads it in pieces; blocks. Raises OSError."""
    start = samples_at(wav)
    if wav.stat().st_size - start < SHORTEST_S * 8000 * SAMPLE_BYTES:
        return False
    with wav.open("rb") as source:
        source.seek(start)
        while piece := source.read(64 * 1024):
            samples = array("h", piece[: len(piece) // SAMPLE_BYTES * SAMPLE_BYTES])
            if sys.byteorder == "big":
                samples.byteswap()
            if samples and max(max(samples), -min(samples)) >= SILENT_BELOW:
                return True
    return False
