"""What the rest of the product may ask of one Asterisk node. The seam: tests put a fake here.

Every method raises :class:`callcenter.errors.GatewayError` when Asterisk refuses or is away. Ids are
chosen by the caller (see :mod:`callcenter.ids`), so that nothing is ever repeated blindly: after a
reconnect one looks at :class:`~callcenter.asterisk.events.SwitchUp` and settles what was in flight.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from callcenter.asterisk.events import BridgeView, ChannelView, SwitchEvent
from callcenter.trunks.model import Trunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An agent's (or test phone's) SIP endpoint, made on demand and forgotten by Asterisk on restart."""

    name: str
    """PJSIP endpoint, auth and aor name, e.g. ``seat-1042``."""
    password: str = field(repr=False)
    kind: Literal["browser", "desk_phone"]
    caller_id_name: str
    caller_id_number: str
    context: str
    """Dialplan context for what this seat dials itself: ``from-seat`` (agents) or ``from-phone``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """A leg to be dialled. On answer it enters our application as ``LegAnswered``."""

    channel: str
    endpoint: str
    """e.g. ``PJSIP/seat-1042``."""
    caller_id_number: str
    caller_id_name: str
    timeout_s: int
    variables: Mapping[str, str] = field(default_factory=dict)
    """Channel variables, e.g. ``PJSIP_HEADER(add,X-Call-Id)``."""


class Gateway(Protocol):
    """One Asterisk node."""

    @property
    def node(self) -> str: ...

    @property
    def connected(self) -> bool: ...

    def events(self) -> AsyncIterator[SwitchEvent]:
        """All events in order, ``SwitchUp`` first and after each reconnect. One consumer."""
        ...

    async def answer(self, channel: str) -> None: ...

    async def hang_up(self, channel: str, *, cause: int = 16) -> None:
        """End a channel; one that is already gone is not an error."""
        ...

    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None:
        """Play media URIs one after the other (``sound:/absolute/path/without/extension``)."""
        ...

    async def stop_playback(self, playback: str) -> None: ...

    async def start_music(self, channel: str, music_class: str) -> None: ...

    async def stop_music(self, channel: str) -> None: ...

    async def start_ringing(self, channel: str) -> None:
        """Have a channel hear that somebody is being rung."""
        ...

    async def stop_ringing(self, channel: str) -> None: ...

    async def create_bridge(self, bridge: str, *, for_many: bool = False) -> None:
        """Make a mixing bridge. ``for_many``: one that mixes from the first, not only when a third comes in.

        Asterisk begins with a simpler bridge for two, and changes it under them. Where it had to translate between
        their codecs (A-law, µ-law), the two hear nothing any more after that change (seen with 22.10).
        """
        ...

    async def join(self, bridge: str, channels: Sequence[str]) -> None:
        """Put channels into a mixing bridge; stops their music first.

        Raises GatewayError 404 with ``details["target"]`` when one of them is no longer there.
        """
        ...

    async def leave(self, bridge: str, channel: str) -> None: ...

    async def destroy_bridge(self, bridge: str) -> None: ...

    async def dial(self, request: Dial) -> None:
        """Ring a telephone. A leg to it that was told to end has ended before; one of this name that is there already
        is the one."""
        ...

    async def start_capture(self, channel: str, name: str) -> str:
        """Record the channel's two directions for its whole life; returns the raw file's path.

        Signed linear 16 bit, 8 kHz, two channels interleaved: left is what the channel says, right is
        what it hears (MixMonitor, option D).
        """
        ...

    async def pause_capture(self, channel: str, *, paused: bool) -> None: ...

    async def record(
        self, channel: str, recording: str, *, max_seconds: int, max_silence_seconds: int, end_keys: str
    ) -> None:
        """After a tone, record what the channel says by ARI (voicemail, survey comment); ends in ``RecordingFinished``.

        The file is ``<recording>.wav`` in the recordings folder of Asterisk's spool: mono, 8 kHz, 16 bit.
        """
        ...

    async def stop_recording(self, recording: str) -> None:
        """End it and keep what was said; one that has ended is not an error."""
        ...

    async def snoop(self, channel: str, snoop_channel: str, *, spy: str, whisper: str) -> None:
        """Make a channel that hears what another says (``in``), hears (``out``) or ``both``, and whose own sound is put
        where ``whisper`` says: ``out`` to that channel alone, ``in`` as if it said it, ``both`` or ``none``. Its
        start is told as ``LegAnswered``; it ends with the channel it is at."""
        ...

    async def continue_in_dialplan(self, channel: str, *, context: str, extension: str, priority: int = 1) -> None: ...

    async def provision_seat(self, seat: Seat) -> None: ...

    async def remove_seat(self, name: str) -> None: ...

    async def provision_trunks(self, trunks: Sequence[Trunk]) -> None: ...

    def trunk_endpoint(self, name: str) -> str: ...

    async def channels(self) -> tuple[ChannelView, ...]:
        """The channels in our application now."""
        ...

    async def bridges(self) -> tuple[BridgeView, ...]: ...
