"""One agent as the desk keeps them, and what each command may do in each state. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.ids import CallId, OfferId


@dataclass(slots=True)
class Agent:
    profile: m.AgentProfile
    state: S
    since: datetime
    epoch: int = 0
    cause: str = ""
    reason: str = ""
    call_id: CallId | None = None
    offer_id: OfferId | None = None
    queue: str = ""
    until: datetime | None = None
    pending: str = ""
    phone: bool = False
    page: bool = False
    ready_since: datetime | None = None
    missed: int = 0

    def snapshot(self) -> m.AgentSnapshot:
        return m.AgentSnapshot(
            profile=self.profile,
            state=self.state,
            since=self.since,
            epoch=self.epoch,
            cause=self.cause,
            reason=self.reason,
            call_id=self.call_id,
            offer_id=self.offer_id,
            until=self.until,
            pending=self.pending,
            phone=self.phone,
            page=self.page,
            ready_since=self.ready_since,
        )


class Answer(Enum):
    """What becomes of an agent's command."""

    NOW = "now"
    LATER = "later"
    """Kept until the call and its wrap-up are over."""
    SAME = "same"
    """Already so."""
    NO = "no"
    """Refused, and told."""


_BUSY = (S.RESERVED, S.RINGING, S.TALKING, S.HOLD, S.CONSULTING)

ASKED: dict[tuple[S, type], Answer] = {
    **{(S.OFFLINE, kind): Answer.NO for kind in (m.AgentReady, m.AgentBreak, m.WrapUpDone, m.WrapUpExtended)},
    (S.OFFLINE, m.AgentLoggedOut): Answer.SAME,
    (S.READY, m.AgentReady): Answer.SAME,
    (S.READY, m.AgentBreak): Answer.NOW,
    (S.READY, m.AgentLoggedOut): Answer.NOW,
    (S.READY, m.WrapUpDone): Answer.SAME,
    (S.READY, m.WrapUpExtended): Answer.NO,
    **{(state, m.AgentReady): Answer.LATER for state in _BUSY},
    **{(state, m.AgentBreak): Answer.LATER for state in _BUSY},
    **{(state, m.AgentLoggedOut): Answer.LATER for state in _BUSY},
    **{(state, m.WrapUpDone): Answer.NO for state in _BUSY},
    **{(state, m.WrapUpExtended): Answer.NO for state in _BUSY},
    (S.WRAP_UP, m.AgentReady): Answer.NOW,
    (S.WRAP_UP, m.AgentBreak): Answer.NOW,
    (S.WRAP_UP, m.AgentLoggedOut): Answer.NOW,
    (S.WRAP_UP, m.WrapUpDone): Answer.NOW,
    (S.WRAP_UP, m.WrapUpExtended): Answer.NOW,
    (S.BREAK, m.AgentReady): Answer.NOW,
    (S.BREAK, m.AgentBreak): Answer.NOW,
    (S.BREAK, m.AgentLoggedOut): Answer.NOW,
    (S.BREAK, m.WrapUpDone): Answer.SAME,
    (S.BREAK, m.WrapUpExtended): Answer.NO,
    (S.NOT_RESPONDING, m.AgentReady): Answer.NOW,
    (S.NOT_RESPONDING, m.AgentBreak): Answer.NOW,
    (S.NOT_RESPONDING, m.AgentLoggedOut): Answer.NOW,
    (S.NOT_RESPONDING, m.WrapUpDone): Answer.SAME,
    (S.NOT_RESPONDING, m.WrapUpExtended): Answer.NO,
}
"""What an agent may ask for in each state. LATER for ``AgentReady`` means: forget the pending break."""
