"""What a call asks for. Frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callcenter.acd.messages import AgentProfile, OfferMade
from callcenter.acd.messages import Command as DeskCommand
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.ivr.messages import LookUp, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Record the caller's channel for its whole life."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    channel: str
    playback: str
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlay:
    playback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMusic:
    channel: str
    music: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMusic:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBridge:
    bridge: str
    for_many: bool = False
    """For three and more from the start; see :meth:`callcenter.asterisk.gateway.Gateway.create_bridge`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    bridge: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveBridge:
    bridge: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyBridge:
    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialAgent:
    channel: str
    offer: OfferMade
    caller_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOutside:
    """Dial a telephone outside, showing the hotline's number. Rules may forbid it (``ActionFailed.code``)."""

    channel: str
    number: str
    hotline: str
    timeout_s: float = 45.0
    callback: CallId | None = None
    """The call-back place that this is an attempt of: noted durably before anybody rings."""
    second: bool = False
    """The call has a line already, and takes another for this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedialAgent:
    """Ring the seat of an agent whose telephone was lost; their page picks up by itself."""

    channel: str
    agent: AgentProfile
    caller_number: str
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRinging:
    """The channel hears that somebody is being rung."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRinging:
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    channel: str
    cause: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMessage:
    """Let the caller speak after a tone. Ends in MessageRecorded: by ``#``, silence, time or a hang-up."""

    channel: str
    recording: str
    purpose: str
    max_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecording:
    """End a message's recording and keep what was said."""

    recording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMessage:
    """The caller has spoken, or hung up while speaking: what was said is kept for those of ``queue``."""

    recording: str
    queue: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellDesk:
    command: DeskCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparePop:
    """A caller is here who may come to an agent: have at hand what their pop will say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPop:
    """The agent sees who calls; leaves before the leg is dialled."""

    offer: OfferMade


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOver:
    """Tells the agent's page that an offer is settled and how."""

    agent_id: AgentId
    offer_id: OfferId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCall:
    """Tells the agent's page that the call's face changed (phase, hold, end)."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAgent:
    """The agent asked for what does not fit the call's present phase."""

    agent_id: AgentId
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTimer:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A lookup for the flow."""

    look_up: LookUp


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAgent:
    """Who has this extension; answered by ``AgentFound``."""

    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise:
    """Find out who calls, without keeping the caller waiting; answered by ``CallerKnown``, or not at all."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRating:
    question: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCallback:
    """Keep the caller's place without a line; answered by CallbackSaved once it is durable."""

    queue: str
    number: str
    priority: int
    since: datetime
    """When the wait began whose rank it keeps."""
    earliest: datetime | None = None


Action = (
    Answer
    | Capture
    | Play
    | StopPlay
    | StartMusic
    | StopMusic
    | CreateBridge
    | Join
    | LeaveBridge
    | DestroyBridge
    | DialAgent
    | DialOutside
    | RedialAgent
    | StartRinging
    | StopRinging
    | HangUp
    | RecordMessage
    | StopRecording
    | KeepMessage
    | TellDesk
    | PreparePop
    | SendPop
    | OfferOver
    | ShowCall
    | RefuseAgent
    | SetTimer
    | DropTimer
    | Ask
    | FindAgent
    | Recognise
    | SaveRating
    | SaveCallback
)
