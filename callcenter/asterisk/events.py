"""What Asterisk tells us, typed. Frozen dataclasses; every event carries the node it came from.

``at`` is Asterisk's own timestamp as aware UTC where it sent one, else the time of receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchEvent:
    node: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerArrived(SwitchEvent):
    """A caller's channel entered our application from a trunk or the browser telephone.

    From dialplan: ``Stasis(callcenter,inbound,<dialled number>,<trunk>)``.
    """

    channel: str
    caller_number: str
    caller_name: str
    dialled: str
    trunk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered(SwitchEvent):
    """A channel that we dialled was answered and is now ours (its StasisStart)."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRinging(SwitchEvent):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSound:
    """What Asterisk counted of a leg's sound over its whole life: RTP packets, jitter and round trip in milliseconds.

    ``received…`` came from the telephone. ``sent…`` went to it; of that the telephone itself told what was lost and how
    uneven it came, by RTCP. None: it never said.
    """

    received: int
    received_lost: int
    received_jitter_ms: float
    sent: int
    sent_lost: int | None
    sent_jitter_ms: float | None
    rtt_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelGone(SwitchEvent):
    """The channel is destroyed. ``cause`` is the Q.850 number (16 normal, 17 busy, 19 no answer, 21 rejected)."""

    channel: str
    cause: int
    cause_text: str
    endpoint: str = ""
    """PJSIP's name for the telephone or the trunk; empty for a channel that is neither."""
    sound: LegSound | None = None
    """None: it had none, as one that was never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLeft(SwitchEvent):
    """The channel left our application while it lives on (continued in the dialplan)."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitPressed(SwitchEvent):
    channel: str
    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackFinished(SwitchEvent):
    playback: str
    channel: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFinished(SwitchEvent):
    """A live recording by ARI (voicemail, spoken survey comment) ended. ``seconds`` of audio."""

    recording: str
    seconds: float
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHeld(SwitchEvent):
    """The far end pressed hold on its own telephone."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUnheld(SwitchEvent):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatPresence(SwitchEvent):
    """A seat's telephone registered or went away."""

    seat: str
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkContact(SwitchEvent):
    """One address of a trunk answered OPTIONS or did not. ``reachable`` None: Asterisk no longer has it."""

    trunk: str
    contact: str
    reachable: bool | None
    rtt_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """One channel as Asterisk lists it."""

    channel: str
    state: str
    caller_number: str
    created: datetime
    app_args: tuple[str, ...] = ()
    seat: str | None = None
    """PJSIP endpoint name, from the channel's name ``PJSIP/<endpoint>-<n>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeView:
    bridge: str
    channels: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchUp(SwitchEvent):
    """Connected (again), with the truth as Asterisk lists it. Always the first event after a (re)connect."""

    version: str
    channels: tuple[ChannelView, ...]
    bridges: tuple[BridgeView, ...]
    seats_online: frozenset[str]
    boot: str
    """Identifies the Asterisk process: a change means that it restarted and every channel is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchDown(SwitchEvent):
    reason: str
