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
SAMPLE_BYTES = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES
"""One instant of both channels."""

_CHUNK = 256 * 1024
_RIFF_LIMIT = 0xFFFFFFFF
_FORMAT = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, CHANNELS, RATE, RATE * FRAME_BYTES, FRAME_BYTES, SAMPLE_BYTES * 8)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished WAV file. ``size`` in bytes, header included; ``frames`` at 8000 a second."""

    size: int
    frames: int
    sha256: str

    @property
    def duration_ms(self) -> int:
        return self.frames * 1000 // RATE


def header(data_bytes: int) -> bytes:
    """The WAV header before ``data_bytes`` of samples; RF64 when RIFF's 32 bits cannot hold the sizes."""
    riff_size = 4 + len(_FORMAT) + 8 + data_bytes
    if riff_size <= _RIFF_LIMIT:
        return struct.pack("<4sI4s", b"RIFF", riff_size, b"WAVE") + _FORMAT + struct.pack("<4sI", b"data", data_bytes)
    ds64 = struct.pack("<4sIQQQI", b"ds64", 28, riff_size + 36, data_bytes, data_bytes // FRAME_BYTES, 0)
    return (
        struct.pack("<4sI4s", b"RF64", _RIFF_LIMIT, b"WAVE")
        + ds64
        + _FORMAT
        + struct.pack("<4sI", b"data", _RIFF_LIMIT)
    )


def seal_file(raw: Path, target: Path) -> Sealed:
    """Write ``raw`` as the WAV file ``target``, which appears whole or not at all. Blocks: use a thread.

    A torn last frame (Asterisk was killed while writing) is dropped. ``raw`` stays: it is the caller's to
    remove, once the database knows of the WAV. Raises OSError; then ``target`` is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.part")
    digest = hashlib.sha256()
    try:
        with raw.open("rb") as source, temporary.open("wb") as sink:
            data_bytes = os.fstat(source.fileno()).st_size // FRAME_BYTES * FRAME_BYTES
            head = header(data_bytes)
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
    return Sealed(size=len(head) + data_bytes, frames=data_bytes // FRAME_BYTES, sha256=digest.hexdigest())


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
