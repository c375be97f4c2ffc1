"""One Asterisk node as the rest of the product sees it: :class:`callcenter.asterisk.gateway.Gateway` over ARI."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import structlog
import websockets

from callcenter.asterisk import events as e
from callcenter.asterisk.ami import Ami
from callcenter.asterisk.ari import APPLICATION, AriConnection, Replaced, check_version, open_ari
from callcenter.asterisk.ending import EndingLegs
from callcenter.asterisk.gateway import Dial, Seat
from callcenter.asterisk.identity import caller_id
from callcenter.asterisk.parse import MEANT, parse_bridge, parse_channel, parse_event
from callcenter.asterisk.provision import SORCERY, Provision
from callcenter.errors import GatewayError, NoAnswer
from callcenter.trunks.model import Trunk

_log = structlog.get_logger()
_WANTED: Final = {"allowed": [{"type": kind} for kind in (*MEANT, "ApplicationReplaced", "RESTResponse")]}
"""The filter goes for all that is sent on the socket, answers to our own requests too."""
_ENDING_ATTEMPTS: Final = 3
_LONGEST_BACKOFF_S = 1.0
"""A switch that is back must have its seats and its configuration within two seconds."""
_REPLACED_BACKOFF_S = 2.0
_LEG_GONE_WITHIN_S: Final = 1.0
"""How long a telephone's next leg waits for the end of its last one."""
MAX_EVENTS = 20_000
"""Events that may wait for the consumer; beyond that the node is treated as lost and resynchronised."""


def _unheard(_seconds: float) -> None:
    """Nobody measures."""


class Permit(Protocol):
    """Returns when we may act on this Asterisk. Raises GatewayError when another copy may be doing so.

    ``replaced``: Asterisk gave our application to somebody else.
    """

    async def __call__(self, *, replaced: bool = False) -> None: ...


async def _always(*, replaced: bool = False) -> None:
    pass


class AsteriskNode:
    """Keeps one connection alive; every (re)connect begins with ``SwitchUp``, the truth as Asterisk lists it."""

    def __init__(
        self,
        node: str,
        base_url: str,
        user: str,
        password: str,
        ami: Ami,
        *,
        timeout_s: float = 3.0,
        permit: Permit = _always,
    ) -> None:
        self._ami = ami
        self._node, self._base_url, self._user, self._password = node, base_url, user, password
        self._timeout_s, self._permit = timeout_s, permit
        self._ari: AriConnection | None = None
        self._events: asyncio.Queue[e.SwitchEvent] = asyncio.Queue(MAX_EVENTS)
        self._held: list[e.SwitchEvent] | None = None
        self._provision = Provision()
        self._legs = EndingLegs()
        self._recordings: set[str] = set()
        """Begun, and their end was not heard yet."""
        self.on_seat: Callable[[str, Seat | None], None] = lambda name, seat: None
        """Told of each seat that is made or removed, so that the next service knows it."""
        self.version = ""
        """Asterisk's, as of the last connect."""
        self.on_answer: Callable[[float], None] = _unheard
        """Told how long each request took, in seconds."""
        self._flooded = asyncio.Event()
        self._up = asyncio.Event()

    @property
    def node(self) -> str:
        return self._node

    @property
    def connected(self) -> bool:
        return self._ari is not None

    async def wait_connected(self) -> None:
        await self._up.wait()

    # --- the connection ---

    async def run(self) -> None:
        """Connect, stay connected, connect again; ends only by cancellation."""
        backoff, replaced = 0.05, False
        while True:
            reason = "closed"
            try:
                await self._permit(replaced=replaced)
                replaced = False
                async with open_ari(
                    self._base_url, self._user, self._password, self._take, timeout_s=self._timeout_s
                ) as ari:
                    reader = asyncio.create_task(ari.read(), name=f"ari-read-{self._node}")
                    flooded = asyncio.create_task(self._flooded.wait())
                    try:
                        await self._resynchronise(ari)
                        backoff = 0.05
                        await asyncio.wait({reader, flooded}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        flooded.cancel()
                        reader.cancel()
                        with suppress(asyncio.CancelledError):
                            await reader
            except (
                OSError,
                TimeoutError,
                GatewayError,
                websockets.InvalidHandshake,
                websockets.ConnectionClosed,
            ) as error:
                reason = str(error) or type(error).__name__
                if isinstance(error, Replaced):
                    replaced = True
                    backoff = _REPLACED_BACKOFF_S  # two that take it from each other must not do so in a frenzy
            finally:
                was_up, self._ari = self._ari is not None, None
                self._held = None
                self._up.clear()
                self._flooded.clear()
            if was_up:
                await self._events.put(e.SwitchDown(node=self._node, at=datetime.now(UTC), reason=reason))
            _log.warning("ari_lost" if was_up else "ari_unreachable", node=self._node, reason=reason)
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _LONGEST_BACKOFF_S)

    async def events(self) -> AsyncIterator[e.SwitchEvent]:
        """All events in order. One consumer."""
        while True:
            yield await self._events.get()

    async def _resynchronise(self, ari: AriConnection) -> None:
        """List what is there and tell it before anything that happens meanwhile."""
        self._held = []
        # All at once: callers wait for what it says. What happens after the lists were made is told by events.
        information, endpoints, channels, bridges, _ = await asyncio.gather(
            ari.request("GET", "asterisk/info"),
            ari.request("GET", "endpoints/PJSIP"),
            ari.request("GET", "channels"),
            ari.request("GET", "bridges"),
            # Asterisk tells of every variable and dialplan step otherwise, and each costs both of us.
            ari.request("PUT", f"applications/{APPLICATION}/eventFilter", body=_WANTED),
        )
        self.version = str(information["system"]["version"])
        check_version(self.version)
        await self._provision.push_lacking(ari, {str(raw["resource"]) for raw in endpoints})
        up = e.SwitchUp(
            node=self._node,
            at=datetime.now(UTC),
            version=str(information["system"]["version"]),
            channels=tuple(parse_channel(raw) for raw in channels),
            bridges=tuple(parse_bridge(raw) for raw in bridges),
            seats_online=frozenset(str(raw["resource"]) for raw in endpoints if raw["state"] == "online"),
            boot=str(information["status"]["startup_time"]),
        )
        self._legs.found({view.channel: f"PJSIP/{view.seat}" for view in up.channels if view.seat is not None})
        held, self._held = self._held, None
        self._legs.gone(event.channel for event in held if isinstance(event, e.ChannelGone))
        self._ari = ari
        self._up.set()
        for event in (up, *held):
            self._events.put_nowait(event)
        await self._settle_recordings(ari)

    async def _settle_recordings(self, ari: AriConnection) -> None:
        """Tell of recordings that ended while we were deaf. How long they are, their files say."""
        for name in sorted(self._recordings):
            try:
                await ari.request("GET", f"recordings/live/{name}")
            except GatewayError as error:
                if error.http_status != 404:
                    raise
                if name in self._recordings:  # its end was not told just now
                    self._recordings.discard(name)
                    now = datetime.now(UTC)
                    self._events.put_nowait(
                        e.RecordingFinished(node=self._node, at=now, recording=name, seconds=0.0, ok=True)
                    )

    def _take(self, raw: Mapping[str, Any]) -> None:
        event = parse_event(raw, self._node)
        if event is None:
            return
        if isinstance(event, e.RecordingFinished):
            self._recordings.discard(event.recording)
        elif isinstance(event, e.ChannelGone):
            self._legs.gone((event.channel,))
        if self._held is not None:
            self._held.append(event)
            return
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            # Losing one event silently would be worse than losing the connection, which resynchronises.
            self._flooded.set()

    async def _ask(self, method: str, uri: str, query: Mapping[str, str] | None = None, body: object = None) -> Any:
        if self._ari is not None:
            await self._permit()
        if (ari := self._ari) is None:  # or was lost while we asked
            raise NoAnswer(f"{method} {uri}: not connected to Asterisk")
        began = time.perf_counter()
        try:
            return await ari.request(method, uri, query=query, body=body)
        finally:
            self.on_answer(time.perf_counter() - began)

    async def _end(self, uri: str, query: Mapping[str, str] | None = None) -> None:
        """DELETE something that may be gone already. A refusal is asked again: what is not ended rings on, or keeps an
        agent's telephone busy for the next caller, and ending twice does no harm."""
        for again in range(_ENDING_ATTEMPTS):
            try:
                await self._ask("DELETE", uri, query)
            except GatewayError as error:
                if error.http_status in (404, 409, 412):
                    return
                if error.http_status < 500 or again == _ENDING_ATTEMPTS - 1:
                    raise
            else:
                return

    # --- calls ---

    async def answer(self, channel: str) -> None:
        await self._ask("POST", f"channels/{channel}/answer")

    async def hang_up(self, channel: str, *, cause: int = 16) -> None:
        self._legs.told_to_end(channel)
        await self._end(f"channels/{channel}", {"reason_code": str(cause)})

    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None:
        await self._ask("POST", f"channels/{channel}/play/{playback}", {"media": ",".join(media)})

    async def stop_playback(self, playback: str) -> None:
        await self._end(f"playbacks/{playback}")

    async def start_music(self, channel: str, music_class: str) -> None:
        await self._ask("POST", f"channels/{channel}/moh", {"mohClass": music_class})

    async def stop_music(self, channel: str) -> None:
        await self._ask("DELETE", f"channels/{channel}/moh")

    async def reload_music(self) -> None:
        """Have Asterisk read its music classes again; who hears one goes on hearing it."""
        await self._ask("PUT", "asterisk/modules/res_musiconhold.so")

    async def start_ringing(self, channel: str) -> None:
        await self._ask("POST", f"channels/{channel}/ring")

    async def stop_ringing(self, channel: str) -> None:
        await self._end(f"channels/{channel}/ring")

    async def create_bridge(self, bridge: str, *, for_many: bool = False) -> None:
        # A bridge for video is the only one that Asterisk keeps mixing; then its video is taken away again.
        kind = "mixing,video_sfu" if for_many else "mixing"
        try:
            await self._ask("POST", f"bridges/{bridge}", {"type": kind, "name": bridge})
        except GatewayError as error:
            if error.http_status != 409:  # it is there: made before a restart, or by a request whose answer was lost
                raise
        if for_many:
            await self._ask("DELETE", f"bridges/{bridge}/videoSource")

    async def join(self, bridge: str, channels: Sequence[str]) -> None:
        for channel in channels:
            with suppress(GatewayError):  # there may be no music
                await self.stop_music(channel)
        try:
            await self._ask("POST", f"bridges/{bridge}/addChannel", {"channel": ",".join(channels)})
        except GatewayError as error:
            if error.http_status not in (400, 404, 409, 422):
                raise
            # Asterisk does not say which channel it could not find, nor tell one that is just ending from a stranger.
            ours = set((await self._ask("GET", f"applications/{APPLICATION}"))["channel_ids"])
            gone = next((channel for channel in channels if channel not in ours), None)
            if gone is None:
                raise
            raise GatewayError(f"{gone} ended before it could be joined", http_status=404, target=gone) from error

    async def leave(self, bridge: str, channel: str) -> None:
        await self._ask("POST", f"bridges/{bridge}/removeChannel", {"channel": channel})

    async def destroy_bridge(self, bridge: str) -> None:
        await self._end(f"bridges/{bridge}")

    async def dial(self, request: Dial) -> None:
        query = {
            "endpoint": request.endpoint,
            "app": APPLICATION,
            "appArgs": "leg",
            "timeout": str(request.timeout_s),
            "callerId": caller_id(request.caller_id_name, request.caller_id_number),
        }
        if not await self._legs.none_at(request.endpoint, _LEG_GONE_WITHIN_S):
            _log.warning("last_leg_still_there", endpoint=request.endpoint)
        self._legs.dialled(request.channel, request.endpoint)
        try:
            await self._ask("POST", f"channels/{request.channel}", query, {"variables": dict(request.variables)})
        except NoAnswer:
            raise
        except GatewayError as error:
            if error.http_status != 409:  # it is there: dialled by a request whose answer was lost, or before a restart
                self._legs.gone((request.channel,))
                raise

    async def snoop(self, channel: str, snoop_channel: str, *, spy: str, whisper: str) -> None:
        query = {"spy": spy, "whisper": whisper, "app": APPLICATION, "appArgs": "leg"}
        await self._ask("POST", f"channels/{channel}/snoop/{snoop_channel}", query)

    async def continue_in_dialplan(self, channel: str, *, context: str, extension: str, priority: int = 1) -> None:
        where = {"context": context, "extension": extension, "priority": str(priority)}
        await self._ask("POST", f"channels/{channel}/continue", where)

    async def record(
        self, channel: str, recording: str, *, max_seconds: int, max_silence_seconds: int, end_keys: str
    ) -> None:
        query = {
            "name": recording,
            "format": "wav",
            "maxDurationSeconds": str(max_seconds),
            "maxSilenceSeconds": str(max_silence_seconds),
            "ifExists": "fail",
            "beep": "true",
            "terminateOn": end_keys,
        }
        self._recordings.add(recording)
        try:
            await self._ask("POST", f"channels/{channel}/record", query)
        except NoAnswer:
            raise
        except GatewayError:
            self._recordings.discard(recording)
            raise

    async def stop_recording(self, recording: str) -> None:
        try:
            await self._ask("POST", f"recordings/live/{recording}/stop")
        except GatewayError as error:
            if error.http_status != 404:
                raise

    async def start_capture(self, channel: str, name: str) -> str:
        await self._permit()
        return await self._ami.start_capture(channel, name)

    async def pause_capture(self, channel: str, *, paused: bool) -> None:
        await self._ami.pause_capture(channel, paused=paused)

    # --- seats and trunks ---

    async def provision_seat(self, seat: Seat) -> None:
        """Make the seat, or give an existing one a new password."""
        self._provision.know_seat(seat)
        self.on_seat(seat.name, seat)
        if self._ari is not None:
            await self._provision.push_seat(self._ari, seat)

    def know_seats(self, seats: Iterable[Seat]) -> None:
        """Seats that an earlier service made: pushed when this Asterisk has them not (any more)."""
        self._provision.seats |= {seat.name: seat for seat in seats}

    async def remove_seat(self, name: str) -> None:
        self._provision.forget_seat(name)
        self.on_seat(name, None)
        for kind in ("endpoint", "aor", "auth"):
            await self._end(f"{SORCERY}/{kind}/{name}")

    async def provision_trunks(self, trunks: Sequence[Trunk]) -> None:
        """Have Asterisk know these trunks, in place of those of the last call; only what changed is told."""
        await self._provision.change_trunks(self._ari, trunks)

    def trunk_endpoint(self, name: str) -> str:
        """Under which name Asterisk has a trunk now."""
        return self._provision.trunk_endpoint(name)

    # --- what is there ---

    async def channels(self) -> tuple[e.ChannelView, ...]:
        return tuple(parse_channel(raw) for raw in await self._ask("GET", "channels"))

    async def bridges(self) -> tuple[e.BridgeView, ...]:
        return tuple(parse_bridge(raw) for raw in await self._ask("GET", "bridges"))
