"""Which words a recording holds: the prompts' own sounds are looked for in it."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np

RATE = 8000
PIECE_S, SLIP_S = 0.4, 0.2

Samples = np.ndarray[Any, np.dtype[np.float64]]


def likeness(recording: Path, channel: int, prompt: Path) -> float:
    """How alike the prompt is to where it matches the recording's channel best: 1 is the same sound, about 0.2 chance.

    The mean of the normalised cross-correlations of its pieces. A line drops and doubles packets now and then, so each
    piece may lie a little beside its place.
    """
    heard, said = _samples(recording, channel), _samples(prompt, 0)
    if len(heard) < len(said):
        return 0.0
    start = int(np.argmax(_match(heard, said)))
    piece, slip = int(PIECE_S * RATE), int(SLIP_S * RATE)
    loud = float(np.sqrt(np.mean(said**2)))
    found = []
    for at in range(0, len(said) - piece, piece):
        part = said[at : at + piece]
        if np.sqrt(np.mean(part**2)) > 0.3 * loud:
            around = heard[max(0, start + at - slip) : start + at + piece + slip]
            found.append(float(np.max(_match(around, part))) if len(around) > piece else 0.0)
    return sum(found) / len(found)


def _match(heard: Samples, said: Samples) -> Samples:
    """The normalised cross-correlation at each place."""
    size = 1 << (len(heard) + len(said)).bit_length()
    matched = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)
    energy = np.cumsum(np.concatenate(([0.0], heard**2)))
    there = np.sqrt(np.maximum(energy[len(said) :] - energy[: -len(said)], 1.0)) * np.sqrt(np.sum(said**2))
    result: Samples = matched[: len(there)] / there
    return result


def _samples(path: Path, channel: int) -> Samples:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (RATE, 2)
        every = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return every[channel :: file.getnchannels()].astype(np.float64)
