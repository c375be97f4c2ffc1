"""From Asterisk's raw capture to a WAV file, in constant memory.

A capture is 16-bit little-endian linear PCM, 8 kHz, two channels interleaved: left is what the caller says,
right is what the caller hears. WAV is RIFF/WAVE (Microsoft's Multimedia Programming Interface 1.0); beyond
4 GiB (37 hours) the header becomes RF64 (EBU Tech 3306), which ffmpeg and every audio editor read.
"""

from __future__ import annotations

import hashlib
import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

RATE = 8000
CHANNELS = 2
"""Of a call: the caller, and what the caller hears. A message has one."""
SAMPLE_BYTES = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES
"""One instant of both channels."""

_CHUNK = 256 * 1024
_RIFF_LIMIT = 0xFFFFFFFF
_FORMAT_BYTES = 24


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished WAV file. ``size`` in bytes, header included; ``frames`` at 8000 a second."""

    size: int
    frames: int
    sha256: str

    @property
    def duration_ms(self) -> int:
        return self.frames * 1000 // RATE


def _format(channels: int) -> bytes:
    frame = channels * SAMPLE_BYTES
    return struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, RATE, RATE * frame, frame, SAMPLE_BYTES * 8)


def header(data_bytes: int, channels: int = CHANNELS) -> bytes:
    """The WAV header before ``data_bytes`` of samples; RF64 when RIFF's 32 bits cannot hold the sizes."""
    form = _format(channels)
    riff_size = 4 + _FORMAT_BYTES + 8 + data_bytes
    if riff_size <= _RIFF_LIMIT:
        return struct.pack("<4sI4s", b"RIFF", riff_size, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)
    ds64 = struct.pack("<4sIQQQI", b"ds64", 28, riff_size + 36, data_bytes, data_bytes // (channels * SAMPLE_BYTES), 0)
    return (
        struct.pack("<4sI4s", b"RF64", _RIFF_LIMIT, b"WAVE") + ds64 + form + struct.pack("<4sI", b"data", _RIFF_LIMIT)
    )


def samples_at(wav: Path) -> int:
    """Where a WAV's samples begin, whatever its header says of their number: Asterisk may have been killed while it
    wrote. Blocks. Raises OSError."""
    with wav.open("rb") as source:
        head = source.read(4096)
    at = 12
    while head[:4] == b"RIFF" and at + 8 <= len(head):
        if head[at : at + 4] == b"data":
            return at + 8
        at += 8 + int.from_bytes(head[at + 4 : at + 8], "little")
    return 44


def seal_file(raw: Path, target: Path, *, channels: int = CHANNELS, skip: int = 0) -> Sealed:
    """Write ``raw`` as the WAV file ``target``, which appears whole or not at all. Blocks: use a thread.

    ``skip`` bytes at its beginning (a header of somebody else's) are left out. A torn last frame (Asterisk was
    killed while writing) is dropped. ``raw`` stays: it is the caller's to remove, once the database knows of the
    WAV. Raises OSError; then ``target`` is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.part")
    digest = hashlib.sha256()
    try:
        with raw.open("rb") as source, open(temporary, "wb", opener=_for_us_alone) as sink:
            frame = channels * SAMPLE_BYTES
            data_bytes = max(0, source.seek(0, os.SEEK_END) - skip) // frame * frame
            source.seek(skip)
            head = header(data_bytes, channels)
            digest.update(head)
            sink.write(head)
            left = data_bytes
            while left:
                chunk = source.read(min(_CHUNK, left))
                if not chunk:
                    raise OSError(f"{raw} became shorter while it was read")
                digest.update(chunk)
                sink.write(chunk)
                left -= len(chunk)
            sink.flush()
            os.fsync(sink.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return Sealed(size=len(head) + data_bytes, frames=data_bytes // frame, sha256=digest.hexdigest())


def _for_us_alone(path: str, flags: int) -> int:
    """What callers said is nobody's on this machine but the service's."""
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
