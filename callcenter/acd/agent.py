"""One agent as the desk keeps them, and what each command may do in each state. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.quick import picture

DRAINING: Final = "draining"
_READY: Final = S.READY
Place = tuple[int, float, float, AgentId, "Agent"]
"""Level in the queue, standing by its strategy, Unix seconds since when free, who (no two alike)."""
STATES: Final = tuple(S)

OFFERED = frozenset({S.RESERVED, S.RINGING})
IN_CALL = frozenset({S.TALKING, S.HOLD, S.CONSULTING})
ENGAGED = OFFERED | IN_CALL
BUSY = IN_CALL | {S.WRAP_UP}
"""Handling time."""
ON_DUTY = ENGAGED | {S.READY, S.WRAP_UP}
"""States of those who will take a call sooner or later."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a state says of the agent in it: looked up once for a change, which asks all of it."""

    number: int
    """Its place in :data:`STATES`."""
    ready: bool
    busy: bool
    on_duty: bool
    offered: bool
    of_a_call: bool
    """In it, or at its paperwork."""
    wrap_up: bool
    on_break: bool
    limited: bool
    """It may end, or be overdue, at a time."""
    offline: bool


TRAITS: Final = {
    state: Traits(
        number=number,
        ready=state is S.READY,
        busy=state in BUSY,
        on_duty=state in ON_DUTY,
        offered=state in OFFERED,
        of_a_call=state in ENGAGED or state is S.WRAP_UP,
        wrap_up=state is S.WRAP_UP,
        on_break=state is S.BREAK,
        limited=state in (S.WRAP_UP, S.BREAK),
        offline=state is S.OFFLINE,
    )
    for number, state in enumerate(STATES)
}


@dataclass(slots=True, eq=False)
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
    pending_allowance_s: float | None = None
    """Of the break that is pending."""
    pending_by: str = ""
    """The supervisor whose wish it is."""
    phone: bool = False
    page: bool = False
    ready_since: datetime | None = None
    missed: int = 0
    """Offers missed in a row."""
    allowance_until: datetime | None = None
    overdue: bool = False
    by: str = ""
    duty: str = ""
    calls: int = 0
    """Answered since log-in."""
    busy_s: float = 0.0
    idle_s: float = 0.0
    """Seconds in calls and wrap-up, and seconds ready, since log-in; without the present state's."""
    last_offers: dict[str, int] = field(default_factory=dict)
    """Queue → number of the last offer from it."""
    lacks: int = -1
    """The skill bits the agent has not."""
    places: dict[str, Place] = field(default_factory=dict)
    """Where the agent stands among the free ones of each queue."""
    free_ms: int = 0
    """Unix milliseconds since when they are free; of those among the free ones."""
    counts: list[list[int]] = field(default_factory=list)
    """Of each of their queues, how many are in each of :data:`STATES`."""
    agent_id: AgentId = field(init=False)

    def __post_init__(self) -> None:
        self.agent_id = self.profile.agent_id

    @property
    def draining(self) -> bool:
        return self.duty == DRAINING

    @property
    def offerable(self) -> bool:
        return self.state is _READY and self.phone and self.page

    def later(self, pending: str, *, allowance_s: float | None = None, by: str = "") -> None:
        """What is to happen when the call and its wrap-up are over; empty: nothing any more."""
        self.pending, self.pending_allowance_s, self.pending_by = pending, allowance_s, by

    def occupancy(self, now: datetime) -> float:
        """Share of handling time in all time available, 0 … 1."""
        here = max(0.0, (now - self.since).total_seconds())
        busy = self.busy_s + (here if self.state in BUSY else 0.0)
        idle = self.idle_s + (here if self.state is S.READY else 0.0)
        return busy / (busy + idle) if busy + idle > 0 else 0.0


agent_snapshot: Final = picture(Agent, m.AgentSnapshot)
"""The agent as everybody sees them."""


class Answer(Enum):
    """What becomes of an agent's command."""

    NOW = "now"
    LATER = "later"
    """Kept until the call and its wrap-up are over."""
    SAME = "same"
    """Already so."""
    NO = "no"
    """Refused, and told."""


ASKED: dict[tuple[S, type], Answer] = {
    **{(S.OFFLINE, kind): Answer.NO for kind in (m.AgentReady, m.AgentBreak, m.WrapUpDone, m.WrapUpExtended)},
    (S.OFFLINE, m.AgentLoggedOut): Answer.SAME,
    (S.READY, m.AgentReady): Answer.SAME,
    (S.READY, m.AgentBreak): Answer.NOW,
    (S.READY, m.AgentLoggedOut): Answer.NOW,
    (S.READY, m.WrapUpDone): Answer.SAME,
    (S.READY, m.WrapUpExtended): Answer.NO,
    **{(state, m.AgentReady): Answer.LATER for state in ENGAGED},
    **{(state, m.AgentBreak): Answer.LATER for state in ENGAGED},
    **{(state, m.AgentLoggedOut): Answer.LATER for state in ENGAGED},
    **{(state, m.WrapUpDone): Answer.NO for state in ENGAGED},
    **{(state, m.WrapUpExtended): Answer.NO for state in ENGAGED},
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

START_TALK: dict[S, bool] = {state: state in (S.READY, S.WRAP_UP, S.BREAK, S.NOT_RESPONDING) for state in S}
"""Whether an agent in this state may be in a call that the desk did not offer."""
