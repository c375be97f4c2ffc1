"""A leg of a call when it is over: what came from its telephone, what went there, how it sounded. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callcenter.asterisk.events import LegSound
from callcenter.ids import AgentId, CallId
from callcenter.quality.mos import Verdict, judge, mos, share_lost

SILENT_AFTER_S: Final = 4.0
"""A leg of which nothing came for so long after its answer has no sound. A browser's is ended after five seconds of it,
which Asterisk counts in whole ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """``sound.received…`` came from the telephone, ``sound.sent…`` went to it."""

    call_id: CallId
    channel: str
    party: str
    """``customer``, ``agent`` or ``outside`` (who was asked or dialled beside)."""
    agent_id: AgentId | None
    trunk: str
    """The carrier's name, ``phone`` for a browser's test telephone, empty for a seat."""
    drill: bool
    answered_at: datetime
    ended_at: datetime
    sound: LegSound

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.answered_at).total_seconds()

    @property
    def lost_from(self) -> float:
        """Share of what the telephone sent that did not arrive here."""
        return share_lost(self.sound.received, self.sound.received_lost)

    @property
    def lost_to(self) -> float | None:
        """Share of what we sent that did not arrive there; None: the telephone never said."""
        lost = self.sound.sent_lost
        return None if lost is None else min(1.0, lost / self.sound.sent) if self.sound.sent else 0.0

    @property
    def mos_from(self) -> float | None:
        """How the telephone was heard; None: it was not."""
        if not self.sound.received:
            return None
        return mos(self.lost_from, self.sound.received_jitter_ms, self.sound.rtt_ms or 0.0)

    @property
    def mos_to(self) -> float | None:
        """How the telephone heard us; None: it never said."""
        if self.lost_to is None or not self.sound.sent:
            return None
        return mos(self.lost_to, self.sound.sent_jitter_ms or 0.0, self.sound.rtt_ms or 0.0)

    @property
    def verdict_from(self) -> Verdict | None:
        """None: too short to say."""
        if self.mos_from is not None:
            return judge(self.mos_from, self.sound.received_jitter_ms)
        return Verdict.NONE if self.seconds >= SILENT_AFTER_S else None

    @property
    def verdict_to(self) -> Verdict | None:
        """None: the telephone never said."""
        return None if self.mos_to is None else judge(self.mos_to, self.sound.sent_jitter_ms or 0.0)

    @property
    def silent(self) -> bool:
        return self.verdict_from is Verdict.NONE
