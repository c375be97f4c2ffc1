"""How loss, jitter and delay are heard: the E-model made simple. Pure.

ITU-T G.107 rates a connection with R from 0 to 100 and gives the mean opinion score that listeners would. Here it is
taken in the form of Cole and Rosenbluth ("Voice over IP performance monitoring", ACM SIGCOMM Computer Communication
Review 31(2), 2001), for G.711 with concealment of what is lost at random::

    R = 94.2 - Id - Ie
    Id = 0.024 d + 0.11 (d - 177.3) [d > 177.3]        d: one-way delay in ms
    Ie = 30 ln(1 + 15 e)                               e: share of packets lost
    MOS = 1 + 0.035 R + 7e-6 R (R - 60) (100 - R)

An estimate of the network between telephone and switch, and of that alone: loss in bursts is heard worse than it says,
and neither the headset, the room, an echo, nor what lies behind the carrier is in it. What the telephone itself throws
away, because it came too late for its jitter buffer, nobody told the switch: jitter therefore has limits of its own.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

BEST: Final = 4.42
"""What this form of the model gives a connection without any fault."""
_PACKET_MS: Final = 20.0
_GOOD_MOS: Final = 4.03
"""R = 80: users are satisfied (G.107, annex B)."""
_FAIR_MOS: Final = 3.60
"""R = 70: some are dissatisfied; below it, many."""
_UNEVEN_MS: Final = 30.0
_RAGGED_MS: Final = 60.0
"""Jitter that telephones with a small buffer, and with a usual one, can no longer even out."""


class Verdict(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    NONE = "none"
    """Not one packet came."""


def share_lost(came: int, lost: int) -> float:
    """Of what was sent, the share that did not arrive; 0 when nothing was."""
    return lost / (came + lost) if came + lost > 0 else 0.0


def mos(lost: float, jitter_ms: float, rtt_ms: float) -> float:
    """From 1 to 4.42. ``lost``: a share; the jitter buffer is taken for twice the jitter."""
    delay = rtt_ms / 2 + 2 * jitter_ms + _PACKET_MS
    impaired = 0.024 * delay + max(0.0, 0.11 * (delay - 177.3)) + 30 * math.log(1 + 15 * lost)
    rating = min(100.0, max(0.0, 94.2 - impaired))
    return max(1.0, 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating))


def judge(score: float, jitter_ms: float) -> Verdict:
    """In a word."""
    if score < _FAIR_MOS or jitter_ms > _RAGGED_MS:
        return Verdict.POOR
    return Verdict.FAIR if score < _GOOD_MOS or jitter_ms > _UNEVEN_MS else Verdict.GOOD
