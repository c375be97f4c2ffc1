"""What one end of a conversation heard of a known tone. Pure.

A gap is the time between two packets that carried the tone: 20 ms when all is well. A listener's jitter buffer hides
some 60 ms; what is longer is heard as a hole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from callcenter.drill import tone

_BUCKETS_A_SECOND = 4
_KEPT_JUDGEMENTS = 4096
_UNHEARD_EVERY = 5
"""Before the tone is heard the first time (music, prompts), one packet in so many is listened to."""


@dataclass(slots=True)
class Heard:
    """Times are seconds of ``time.monotonic``."""

    packets: int = 0
    tone: int = 0
    """Packets that carried the tone."""
    lost: int = 0
    """Packets that the sender numbered and that never came."""
    first_at: float | None = None
    last_at: float | None = None
    """Of the tone."""
    longest_gap_s: float = 0.0
    gaps: list[tuple[float, float]] = field(default_factory=list)
    """(when it ended, how long it was) of the longest gap that ended in each quarter of a second."""

    def within(self, begin: float, end: float) -> float:
        """The longest gap that touches a span of time; 0 when there is none."""
        return max((length for at, length in self.gaps if at > begin and at - length < end), default=0.0)


class Ear:
    """Listens for one tone and keeps account of it."""

    def __init__(self, hz: int) -> None:
        self._hz = hz
        self._judged: dict[bytes, bool] = {}
        self._number: int | None = None
        self.heard = Heard()

    def take(self, datagram: bytes, at: float) -> None:
        """One RTP packet."""
        heard = self.heard
        payload = datagram[12 : 12 + tone.PACKET]
        if len(payload) < tone.PACKET:
            return
        heard.packets += 1
        number = int.from_bytes(datagram[2:4], "big")
        if self._number is not None:
            skipped = (number - self._number - 1) & 0xFFFF
            # A jump is a new numbering (another source), not a loss.
            heard.lost += skipped if skipped < 3000 and not datagram[1] & 0x80 else 0
        self._number = number
        if heard.first_at is None and heard.packets % _UNHEARD_EVERY:
            return
        if self._carries(payload):
            heard.tone += 1
            if heard.last_at is None:
                heard.first_at = at
            else:
                self._gap(at, at - heard.last_at)
            heard.last_at = at

    def over(self, at: float) -> Heard:
        """The conversation is over: a tone that stopped long before was missed until now."""
        if self.heard.last_at is not None:
            self._gap(at, at - self.heard.last_at)
        return self.heard

    def _gap(self, at: float, length: float) -> None:
        heard = self.heard
        heard.longest_gap_s = max(heard.longest_gap_s, length)
        if not heard.gaps or int(at * _BUCKETS_A_SECOND) != int(heard.gaps[-1][0] * _BUCKETS_A_SECOND):
            heard.gaps.append((at, length))
        elif length > heard.gaps[-1][1]:
            heard.gaps[-1] = (at, length)

    def _carries(self, payload: bytes) -> bool:
        # A steady tone is the same few packets again and again: each is judged once.
        found = self._judged.get(payload)
        if found is None:
            if len(self._judged) >= _KEPT_JUDGEMENTS:
                self._judged.clear()
            found = self._judged[payload] = tone.share(payload, self._hz) > 0.5
        return found


def longest_ms(all_heard: Iterable[Heard], begin: float, end: float) -> float:
    """The longest gap at any end that touches a span of time, in milliseconds."""
    return round(max((heard.within(begin, end) for heard in all_heard), default=0.0) * 1000, 1)


def longest_over_ms(all_heard: Iterable[Heard], begin: float, end: float) -> float:
    """The longest gap at any end that was over within a span of time, in milliseconds."""
    lengths = (length for heard in all_heard for at, length in heard.gaps if begin < at <= end)
    return round(max(lengths, default=0.0) * 1000, 1)
