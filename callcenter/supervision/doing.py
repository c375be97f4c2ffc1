"""A session's wishes in Asterisk's terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, assert_never

from callcenter.asterisk.gateway import Dial, Seat
from callcenter.calls.asked import AUTO_ANSWER
from callcenter.supervision import model as s

SILENCE: Final = "sound:silence/2"
"""Two seconds, of Asterisk's own sounds."""


class Switch(Protocol):
    """The part of :class:`callcenter.asterisk.gateway.Gateway` that sessions use."""

    async def dial(self, request: Dial) -> None: ...

    async def create_bridge(self, bridge: str, *, for_many: bool = False) -> None: ...

    async def destroy_bridge(self, bridge: str) -> None: ...

    async def join(self, bridge: str, channels: Sequence[str]) -> None: ...

    async def leave(self, bridge: str, channel: str) -> None: ...

    async def snoop(self, channel: str, snoop_channel: str, *, spy: str, whisper: str) -> None: ...

    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None: ...

    async def stop_playback(self, playback: str) -> None: ...

    async def hang_up(self, channel: str, *, cause: int = 16) -> None: ...

    async def provision_seat(self, seat: Seat) -> None: ...


async def do(switch: Switch, session: s.Session, action: s.SwitchAction) -> None:
    """Raises GatewayError."""
    match action:
        case s.DialSeat():
            await switch.dial(
                Dial(
                    channel=action.channel,
                    endpoint=f"PJSIP/{action.seat}",
                    caller_id_number=session.agent_extension,
                    caller_id_name="",
                    timeout_s=int(action.timeout_s),
                    variables={f"PJSIP_HEADER(add,{AUTO_ANSWER})": session.id},
                )
            )
        case s.CreateBridge():
            await switch.create_bridge(action.bridge)
        case s.DestroyBridge():
            await switch.destroy_bridge(action.bridge)
        case s.Join():
            await switch.join(action.bridge, [action.channel])
        case s.Leave():
            await switch.leave(action.bridge, action.channel)
        case s.Snoop():
            await switch.snoop(action.channel, action.snoop, spy=action.spy, whisper=action.whisper)
        case s.Hush():
            await switch.play(action.channel, action.playback, [SILENCE])
        case s.StopHush():
            await switch.stop_playback(action.playback)
        case s.HangUp():
            await switch.hang_up(action.channel)
        case _:
            assert_never(action)
