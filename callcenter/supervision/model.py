"""A supervisor's session at a call, what happens to it and what it asks for: frozen values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from callcenter.ids import AgentId, CallId, SessionId, session_thing


class Mode(StrEnum):
    LISTEN = "listen"
    """Nobody hears the supervisor."""
    WHISPER = "whisper"
    """The agent alone does."""
    JOIN = "join"
    """All do, the recording too."""


SPEAKING: Final = (Mode.WHISPER, Mode.JOIN)
"""In these the supervisor is heard by somebody; one supervisor at a call is, at a time."""
WHISPERED: Final[Mapping[Mode, str]] = {Mode.LISTEN: "none", Mode.WHISPER: "out", Mode.JOIN: "both"}
"""Where a snoop says what it hears: ``out`` of Asterisk to the agent, or as if the agent said it, too."""


class State(StrEnum):
    ASKED = "asked"
    RINGING = "ringing"
    ATTACHING = "attaching"
    LIVE = "live"
    WAITING = "waiting"
    """The agent's telephone is gone and the call kept for them, or the caller types secret digits; the supervisor
    stays."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    account_id: str
    name: str

    @property
    def seat(self) -> str:
        """A telephone apart from the one by which they may take calls themselves."""
        return f"supervisor-{self.account_id[-12:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """For how long one mode was in force."""

    mode: Mode
    began: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    id: SessionId
    account_id: str
    name: str
    """Of the supervisor."""
    seat: str
    agent_id: AgentId | None
    """Whose call it is; None: the caller is in a menu, waits in line or leaves a message. They can be listened to."""
    agent_name: str
    agent_extension: str
    call_id: CallId
    caller_number: str
    agent_channel: str
    """What is listened to: the agent's telephone, or the caller's channel."""
    wanted: Mode
    asked_at: datetime
    state: State = State.ASKED
    mode: Mode | None = None
    """In force; None: nothing is heard (any more)."""
    snoop: str = ""
    """In the bridge."""
    coming: str = ""
    """Asked for, and not up yet."""
    coming_mode: Mode = Mode.LISTEN
    snoops: int = 0
    alone: bool = False
    """The customer is on hold: nothing is said into the agent's channel with which a whisper could be mixed."""
    hush: str = ""
    """The silence that is played to the agent instead, while somebody speaks to them."""
    hushes: int = 0
    veiled: bool = False
    """The caller types digits that are secret: nobody listens meanwhile, for some telephones send keys as tones."""
    colleague: str = ""
    """The telephone of another supervisor who speaks in this call. Who only listens hears them as well: a snoop tells
    what its channel's own party and their peer say, and nothing of what is whispered into it."""
    colleague_snoop: str = ""
    """By which they are heard, and at which telephone it is."""
    colleague_at: str = ""
    colleague_snoops: int = 0
    stretches: tuple[Stretch, ...] = ()
    ended_at: datetime | None = None
    reason: str = ""

    @property
    def leg(self) -> str:
        """The supervisor's telephone."""
        return session_thing(self.id, "phone")

    @property
    def bridge(self) -> str:
        return session_thing(self.id, "bridge")


# --- what happens to it ---


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOnline:
    """The supervisor's telephone is registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegUp:
    """The supervisor's telephone has answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGone:
    """It is down: hung up, lost, or it never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoopUp:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoopGone:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSeen:
    """The agent is in the call; ``channel`` None: it is kept for them while their telephone is away. ``alone``: the
    customer is on hold."""

    channel: str | None
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HushOver:
    """A piece of silence has ended; ``ok``: it was played."""

    playback: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueSpeaks:
    """Another supervisor speaks in this call, by this telephone; None: nobody else does (any more)."""

    leg: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Veiled:
    """Whether the caller types secret digits now."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeAsked:
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """``timer``: the state it was set in."""

    timer: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Asterisk did not do what was asked. ``gone``: because a channel is no longer there."""

    target: str
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End it: ``stopped``, ``page_gone``, ``displaced``, ``replaced``, ``taken_over``, ``call_over``, ``transferred``,
    ``answered`` (an agent has the caller now), ``put_through`` (somebody outside has), ``switch_lost``."""

    reason: str


Event = (
    SeatOnline | LegUp | LegGone | SnoopUp | SnoopGone | AgentSeen | HushOver | ColleagueSpeaks | Veiled | ModeAsked
    | TimedOut | Failed | Stop
)  # fmt: skip
EVENTS: Final = (
    SeatOnline, LegUp, LegGone, SnoopUp, SnoopGone, AgentSeen, HushOver, ColleagueSpeaks, Veiled, ModeAsked,
    TimedOut, Failed, Stop,
)  # fmt: skip


# --- what it asks for ---


@dataclass(frozen=True, slots=True, kw_only=True)
class DialSeat:
    channel: str
    seat: str
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBridge:
    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyBridge:
    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    bridge: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    bridge: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoop:
    """Copy what ``channel`` says (``spy`` ``in``), or says and hears (``both``), into ``snoop``, and say what that
    hears as ``whisper`` tells."""

    channel: str
    snoop: str
    whisper: str = "none"
    spy: str = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush:
    """Play a piece of silence to ``channel``: it ends by itself, so that nobody stays deaf should we not stop it."""

    channel: str
    playback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopHush:
    playback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Tell ``TimedOut(timer)`` after so long; the one set before is dropped."""

    timer: State
    seconds: float


SwitchAction = DialSeat | CreateBridge | DestroyBridge | Join | Leave | Snoop | Hush | StopHush | HangUp
Action = SwitchAction | SetTimer
