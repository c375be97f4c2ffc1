"""What happens to a call. Frozen and JSON-serialisable: events are the journal.

Replaying a call's events through :func:`callcenter.calls.call.step` gives the call's state again; that is
why an event holds all that the step needs and nothing that only a live connection knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from callcenter.acd.messages import AgentProfile, CallDirected, OfferMade, PositionChanged
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.ivr.messages import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """First event of every inbound call. ``refusal`` is ``lines_busy`` (``flow`` is then the one for callers without a
    line, or empty), ``lines_full`` (the busy tone), ``unknown_number`` or empty."""

    call_id: CallId
    node: str
    channel: str
    caller_number: str
    dialled: str
    trunk: str
    hotline: str
    flow: str
    flow_version: str
    language: str
    drill: bool = False
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialAsked:
    """First event of every call that we make: an agent asked for it, or the turn of a call-back has come."""

    call_id: CallId
    node: str
    channel: str
    """The outside party's, dialled when the agent has answered."""
    agent: AgentProfile
    number: str
    """In its normal form."""
    hotline: str
    """Whose number is shown."""
    flow_version: str
    language: str
    purpose: str
    """``call``, ``return_visit`` or ``callback``."""
    queue: str = ""
    """Whose wrap-up time applies."""
    ring_s: float = 20.0
    """How long the agent's telephone rings."""
    answer_s: float = 45.0
    """How long the telephone outside rings."""
    offer: OfferMade | None = None
    """A call-back's: ``offer.call_id`` is its place."""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerGone:
    """The caller's channel is destroyed. ``cause`` is Q.850."""

    cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayFinished:
    playback: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    request: int
    found: bool
    values: dict[str, Value] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerKnown:
    """Whose number this is, and which agent knows them; comes aside, after the greeting has begun.

    ``preferred_agent`` owns the customer, else spoke with this number last.
    """

    customer_id: str | None = None
    vip: bool = False
    preferred_agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directed:
    """A supervisor has decided how the call waits on, and the desk goes by it."""

    command: CallDirected


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFound:
    """Who has the extension that the flow named, if they are on duty, and a queue of theirs."""

    agent_id: AgentId | None = None
    queue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecorded:
    recording: str
    seconds: float
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackSaved:
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRang:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGone:
    channel: str
    cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DialledOver:
    """A telephone outside is being dialled over this trunk (again: the one before found no way)."""

    channel: str
    trunk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    offer: OfferMade


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    offer_id: OfferId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEnded:
    """The desk would not (``refused``) or will no longer (``expired``) keep the call in this queue."""

    queue: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDue:
    """Time to tell the caller where they stand."""

    position: PositionChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHangUp:
    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDecline:
    agent_id: AgentId
    offer_id: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentHold:
    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResume:
    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTransfer:
    """Blind transfer; one of ``queue``, ``to_agent`` and ``number`` (outside, in its normal form) is set."""

    agent_id: AgentId
    queue: str | None = None
    to_agent: AgentId | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConsult:
    """Ask a colleague, or somebody outside, while the caller hears music; one of the three is set."""

    agent_id: AgentId
    queue: str | None = None
    to_agent: AgentId | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultRefused:
    """The desk has nobody for the consultation; ``code`` says why."""

    agent_id: AgentId
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSwap:
    """From the colleague to the caller, and back."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentComplete:
    """The colleague takes the caller over."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCancel:
    """No consultation (any more): back to the caller."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConference:
    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAway:
    """The agent's page and telephone are both gone, though their leg may still be listed."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBack:
    """The agent's page is here and their telephone registered."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFailed:
    """The switch refused or did not answer. ``target`` is the channel, playback or bridge concerned."""

    action: str
    target: str
    message: str
    gone: bool = False
    """The target no longer exists (404), as opposed to a passing failure."""
    code: str = ""
    """Stable: which rule forbade a call outside (``outside_hours`` …), else the error's own code."""
    status: int = 0
    """What Asterisk answered; 0 when no answer came, and it may have been done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchLost:
    """Asterisk restarted: every channel of the call is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp:
    """What the switch has of the call, looked at because something may have been missed: the service was started anew,
    the connection was lost, or the switch did not answer. The call goes on where it was."""

    channels: tuple[str, ...]
    """Those of the call's channels that are there, the caller's among them."""
    up: tuple[str, ...]
    """Those of them that are answered."""
    together: tuple[str, ...]
    """Those that are in the call's bridge."""
    bridged: bool
    """The call's bridge is there."""
    unsure: bool = True
    """Whether the last event's actions were all done is not known: it came in the service's last moment, or the switch
    did not answer."""
    lived_on: bool = False
    """The service did not die: timers run, and what was asked of others than the switch will be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """End this call at once (an operator asked, or its own handling failed)."""

    reason: str


Event = (
    Arrived
    | DialAsked
    | CallerGone
    | Key
    | SayFinished
    | TimerFired
    | LookedUp
    | CallerKnown
    | Directed
    | AgentFound
    | MessageRecorded
    | CallbackSaved
    | LegRang
    | LegAnswered
    | LegGone
    | DialledOver
    | Offered
    | Withdrawn
    | QueueEnded
    | PositionDue
    | AgentHangUp
    | AgentDecline
    | AgentHold
    | AgentResume
    | AgentTransfer
    | AgentConsult
    | ConsultRefused
    | AgentSwap
    | AgentComplete
    | AgentCancel
    | AgentConference
    | AgentAway
    | AgentBack
    | ActionFailed
    | SwitchLost
    | TakenUp
    | Abort
)
