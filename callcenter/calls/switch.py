"""The part of :class:`callcenter.asterisk.gateway.Gateway` that calls use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from callcenter.asterisk.events import BridgeView, ChannelView, SwitchEvent
from callcenter.asterisk.gateway import Dial


class CallGateway(Protocol):
    """What a call asks of its node; see Gateway for what each method promises."""

    @property
    def connected(self) -> bool: ...

    def events(self) -> AsyncIterator[SwitchEvent]: ...

    async def channels(self) -> tuple[ChannelView, ...]: ...

    async def bridges(self) -> tuple[BridgeView, ...]: ...

    async def answer(self, channel: str) -> None: ...

    async def hang_up(self, channel: str, *, cause: int = 16) -> None: ...

    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None: ...

    async def stop_playback(self, playback: str) -> None: ...

    async def start_music(self, channel: str, music_class: str) -> None: ...

    async def stop_music(self, channel: str) -> None: ...

    async def start_ringing(self, channel: str) -> None: ...

    async def stop_ringing(self, channel: str) -> None: ...

    async def create_bridge(self, bridge: str, *, for_many: bool = False) -> None: ...

    async def join(self, bridge: str, channels: Sequence[str]) -> None: ...

    async def leave(self, bridge: str, channel: str) -> None: ...

    async def destroy_bridge(self, bridge: str) -> None: ...

    async def dial(self, request: Dial) -> None: ...

    async def record(
        self, channel: str, recording: str, *, max_seconds: int, max_silence_seconds: int, end_keys: str
    ) -> None: ...

    async def stop_recording(self, recording: str) -> None: ...

    async def start_capture(self, channel: str, name: str) -> str: ...


class Dialler(Protocol):
    """The way to telephones outside; see :mod:`callcenter.outbound.dialler`."""

    async def dial(
        self,
        gateway: CallGateway,
        channel: str,
        number: str,
        hotline: str,
        timeout_s: float,
        over: Callable[[str], object] = lambda trunk: None,
    ) -> str:
        """Check the rules, choose a trunk and dial, showing the hotline's number; returns the trunk.

        ``over`` is told of each trunk by which it is tried, now or later, when the last one found no way.

        Raises an error whose ``details["reason"]`` says which rule forbids it, or GatewayError.
        """
        ...

    def hear(self, event: SwitchEvent, lost: Callable[[], object]) -> bool:
        """An event before calls hear of it. True: the leg goes on by another trunk, and the call need not know;
        ``lost`` is called if that comes to nothing."""
        ...

    def forget(self, channel: str) -> None:
        """The call gives this leg up."""
        ...


class Lines(Protocol):
    """The trunks' lines; see :mod:`callcenter.trunks.keeper`."""

    def hear(self, event: SwitchEvent) -> None: ...

    def refuses(self, channel: str, endpoint: str, hotline: str) -> str:
        """Why the trunk's own limits keep this caller out; empty: come in."""
        ...
