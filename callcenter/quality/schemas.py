"""How legs sounded, over HTTP."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from callcenter.quality.mos import Verdict, share_lost
from callcenter.quality.tables import LegSoundRow


class LegSoundOut(BaseModel):
    """``from``: from the telephone to us; ``to``: from us to the telephone, null where it never said (no RTCP). Losses
    are shares; MOS is estimated, from 1 to 4.4."""

    party: str
    agent_id: str | None
    agent_name: str | None
    trunk: str
    answered_at: datetime
    ended_at: datetime
    received: int
    sent: int
    lost_from: float
    lost_to: float | None
    jitter_from_ms: float
    jitter_to_ms: float | None
    rtt_ms: float | None
    mos_from: float | None
    mos_to: float | None
    verdict_from: Verdict | None
    verdict_to: Verdict | None

    @classmethod
    def of(cls, row: LegSoundRow, agent_name: str | None) -> LegSoundOut:
        return cls(
            party=row.party,
            agent_id=row.agent_id,
            agent_name=agent_name,
            trunk=row.trunk,
            answered_at=row.answered_at,
            ended_at=row.ended_at,
            received=row.received,
            sent=row.sent,
            lost_from=round(share_lost(row.received, row.received_lost), 4),
            lost_to=None if row.sent_lost is None else round(min(1.0, row.sent_lost / (row.sent or 1)), 4),
            jitter_from_ms=round(row.received_jitter_ms, 1),
            jitter_to_ms=_rounded(row.sent_jitter_ms),
            rtt_ms=_rounded(row.rtt_ms),
            mos_from=_rounded(row.mos_from, 2),
            mos_to=_rounded(row.mos_to, 2),
            verdict_from=Verdict(row.verdict_from) if row.verdict_from else None,
            verdict_to=Verdict(row.verdict_to) if row.verdict_to else None,
        )


class SoundedOut(BaseModel):
    """One carrier (``trunk``) or one agent on that day."""

    model_config = ConfigDict(from_attributes=True)

    trunk: str
    agent_id: str | None
    agent_name: str | None
    legs: int
    poor: int
    silent: int
    mos_from: float | None
    mos_to: float | None
    lost_from: float
    lost_to: float | None


class DayOfSound(BaseModel):
    """The worst first."""

    day: date
    sources: list[SoundedOut]


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
