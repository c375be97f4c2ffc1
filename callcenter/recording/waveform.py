"""The shape of a recording, for the player: the loudest sample of each stretch, for each channel."""

from __future__ import annotations

import os
import sys
from array import array
from pathlib import Path

import orjson

from callcenter.recording.wav import CHANNELS, RATE, SAMPLE_BYTES, header

POINTS = 600


def peaks(path: Path, channels: int = CHANNELS) -> tuple[int, list[list[int]]]:
    """(duration in ms, for each channel up to 600 peaks from 0 to 100) of a sealed WAV. Blocks: use a thread."""
    with path.open("rb") as source:
        frame = channels * SAMPLE_BYTES
        size = os.fstat(source.fileno()).st_size
        start = len(header(0))
        if size > 0xFFFFFFFF:
            start = len(header(size))
        frames = max(0, size - start) // frame
        points = min(POINTS, frames)
        shape: list[list[int]] = [[] for _ in range(channels)]
        source.seek(start)
        done = 0
        for point in range(points):
            until = frames * (point + 1) // points
            samples = array("h", source.read((until - done) * frame))
            if sys.byteorder == "big":
                samples.byteswap()
            done = until
            for channel in range(channels):
                own = samples[channel::channels]
                shape[channel].append(round(max(max(own), -min(own)) * 100 / 32768))
    return frames * 1000 // RATE, shape


def cached_peaks(path: Path, channels: int = CHANNELS) -> bytes:
    """:func:`peaks` as JSON ``{"duration_ms", "channels": [caller, agent]}``, kept beside the WAV. Blocks.

    A message has one channel, the caller's.
    """
    cache = path.with_suffix(".peaks.json")
    try:
        return cache.read_bytes()
    except FileNotFoundError:
        pass
    duration_ms, shape = peaks(path, channels)
    body = orjson.dumps({"duration_ms": duration_ms, "channels": shape})
    temporary = cache.with_name(f".{cache.name}.{os.getpid()}.part")
    temporary.write_bytes(body)
    os.replace(temporary, cache)
    return body
