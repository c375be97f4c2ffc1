"""What the desk works with: agents, queues and how a queue is to be served. Frozen; seconds are float seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callcenter.ids import AgentId


class AgentState(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    RESERVED = "reserved"
    """An offer was made; the telephone does not ring yet."""
    RINGING = "ringing"
    TALKING = "talking"
    HOLD = "hold"
    CONSULTING = "consulting"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    NOT_RESPONDING = "not_responding"
    """Missed offers in a row; one click on ready returns."""


@dataclass(frozen=True, slots=True)
class StateBegun:
    """An agent went into a state, as the log of states has it."""

    agent_id: AgentId
    state: AgentState
    reason: str
    at: datetime
    epoch: int = 0


class OfferFailure(StrEnum):
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    """The telephone was not registered or Asterisk refused the dial."""
    BUSY = "busy"
    RANG_OUT = "rang_out"
    """Several rang at once and nobody answered in time: each might think that another would. Not counted as missed."""
    CALLER_GONE = "caller_gone"
    """Not the agent's fault: does not count as missed."""


class LeaveCause(StrEnum):
    """Why a call left its queue without being answered there."""

    CALLER_HUNG_UP = "caller_hung_up"
    EXIT_KEY = "exit_key"
    OVERFLOW = "overflow"
    CALLBACK = "callback"
    SWITCH_LOST = "switch_lost"
    ENDED = "ended"


class Strategy(StrEnum):
    """Which of the free agents takes a call. Agents of a better queue level (1 before 2) always come first."""

    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"
    """Smallest share of handling time since log-in."""
    ROUND_ROBIN = "round_robin"
    """Whose last offer from this queue lies furthest back."""
    FEWEST_CALLS = "fewest_calls"
    """Fewest calls answered since log-in."""
    BEST_SKILL = "best_skill"
    """Highest levels in the skills that the call asks for."""
    RING_ALL = "ring_all"
    """All who are free ring at once (at most ten), whoever becomes free joins them; the first answer wins."""


class QueueOrder(StrEnum):
    """How calls of equal points in different queues compare, for an agent who serves several."""

    LONGEST_WAIT = "longest_wait"
    WEIGHT = "weight"
    """Wait times the queue's weight: in a queue of weight 2 time counts double."""
    SERVICE_LEVEL = "service_level"
    """Whose service level is broken first (the least seconds left; broken ones have less than none)."""


class OverflowWhen(StrEnum):
    WAIT = "wait"
    """Waiting in this queue for ``over`` seconds."""
    LENGTH = "length"
    """``over`` calls wait already; looked at on arrival."""
    ESTIMATED_WAIT = "estimated_wait"
    """A trustworthy estimate above ``over`` seconds; looked at on arrival."""
    NO_AGENT = "no_agent"
    """Nobody of the queue is on duty, and the call has waited ``over`` seconds here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflow:
    """When a call leaves its queue for another, or (``to`` empty) for the flow's overflow step."""

    when: OverflowWhen
    over: float = 0.0
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxStep:
    """After ``after_s`` of waiting fewer levels are asked for: lowered ``by`` or lowered ``to``."""

    after_s: float
    by: int = 0
    to: int | None = None
    skills: tuple[str, ...] = ()
    """Empty: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentProfile:
    agent_id: AgentId
    name: str
    extension: str
    """The agent's short number, by which colleagues transfer to them."""
    seat: str
    """PJSIP endpoint."""
    queues: dict[str, int]
    """Queue name → level 1 (best) … 9."""
    skills: dict[str, int] = field(default_factory=dict)
    """Skill → level 0 (none) … 10 (best). A language is a skill by its tag, e.g. ``en``."""
    wrap_up_s: float | None = None
    """Overrides the queue's."""
    drill: bool = False
    browser: bool = False
    """The telephone is the agent's page: it ends a call by the page's word alone."""

    def lost_by(self, agent_id: AgentId) -> bool:
        """Whether that agent's page and telephone being gone means that this one's leg is dead."""
        return self.browser and self.agent_id == agent_id


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    name: str
    title: str
    title_en: str = ""
    music: str = "default"
    ring_timeout_s: float = 20.0
    wrap_up_s: float = 30.0
    max_missed: int = 1
    """Missed offers in a row that make an agent NOT_RESPONDING."""
    strategy: str = Strategy.LONGEST_IDLE
    weight: int = 1
    service_level_s: float = 20.0
    announce_position_every_s: float = 30.0
    """0: never."""
    max_length: int = 90
    max_wait_s: float = 0.0
    """0: no limit; else the flow goes on at the queue step's overflow."""
    skills: dict[str, int] = field(default_factory=dict)
    """What every call of this queue asks for: skill → least level, 1 … 10."""
    relax_every_s: float = 0.0
    """Every so many seconds all levels fall by one. 0: never."""
    drill: bool = False
    relax: tuple[RelaxStep, ...] = ()
    """In order of ``after_s``."""
    ageing: float = 0.0
    """Points of priority a call gains each second. 0: priorities stay apart for ever."""
    vip_bonus: float = 2.0
    """Points of priority a VIP has on top."""
    sticky_s: float = 0.0
    """How long a call is kept for the agent who knows the customer, while that agent is on duty."""
    language_level: int = 0
    """The level asked for in the caller's language as a skill. 0: languages do not matter."""
    overflow: tuple[Overflow, ...] = ()
