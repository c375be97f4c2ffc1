"""Known tones in A-law, and whether one is heard. Pure.

The tones have a whole number of periods in 20 ms, so that one packet's payload repeated is the tone.
"""

from __future__ import annotations

import math

RATE = 8000
PACKET = 160
"""Samples in 20 ms; A-law has one byte each."""
CALLER_HZ, AGENT_HZ = 400, 1000


def encode(sample: int) -> int:
    """A 16-bit sample as A-law (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    value = min(abs(sample) >> 3, 4095)
    exponent = max(value.bit_length() - 5, 0)
    mantissa = (value >> (exponent if exponent > 1 else 1)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def decode(byte: int) -> int:
    """A-law to a 16-bit sample."""
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 0x0F
    value = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return value if byte & 0x80 else -value


_LINEAR = tuple(decode(byte) for byte in range(256))


def packet(hz: int, amplitude: int = 12000) -> bytes:
    """20 ms of a tone; ``hz`` must be a multiple of 50."""
    return bytes(encode(round(amplitude * math.sin(2 * math.pi * hz * n / RATE))) for n in range(PACKET))


def share(payload: bytes, hz: int) -> float:
    """How much of the sound's energy is at one frequency, 0 to 1 (Goertzel's algorithm); 0 for silence."""
    samples = [_LINEAR[byte] for byte in payload]
    energy = sum(sample * sample for sample in samples)
    if energy < len(samples) * 200 * 200:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * hz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    power = last * last + before * before - factor * last * before
    return power * 2 / (len(samples) * energy)
