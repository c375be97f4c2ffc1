"""The ARI client: events and REST over one WebSocket.

Asterisk 22.5 and newer take REST requests as frames on the events socket ("ARI outbound REST over
WebSocket"), so that a request and the events it causes arrive in the order in which they happened, and one
loss is one loss. Requests in flight when the socket is lost fail; nothing is ever sent twice.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import structlog
import websockets
from websockets.asyncio.client import ClientConnection, connect

from callcenter.errors import GatewayError, NoAnswer

APPLICATION = "callcenter"
OLDEST_VERSION = (22, 5)
_LEFT = "Channel not in Stasis application"
"""What Asterisk says (409) of a channel that hung up and is being taken apart: to us it is gone already (404)."""
_log = structlog.get_logger()

EventHandler = Callable[[Mapping[str, Any]], None]


class Replaced(GatewayError):
    """Another process subscribed our application: Asterisk sends its events there now, and none to us."""


class AriConnection:
    """One live socket. Made by :func:`open_ari`; useless once lost."""

    def __init__(self, socket: ClientConnection, on_event: EventHandler, *, timeout_s: float) -> None:
        self._socket = socket
        self._on_event = on_event
        self._timeout_s = timeout_s
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[tuple[int, str]]] = {}
        self._replaced = False

    async def request(
        self, method: str, uri: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> Any:
        """Ask ARI; returns the decoded JSON answer or None.

        Raises GatewayError with ARI's status, or NoAnswer when the connection is lost or slow.
        """
        number = str(next(self._numbers))
        frame: dict[str, object] = {
            "type": "RESTRequest",
            "transaction_id": number,
            "request_id": number,
            "method": method,
            "uri": uri,
        }
        if query:
            frame["query_strings"] = [{"name": name, "value": value} for name, value in query.items()]
        if body is not None:
            frame["content_type"] = "application/json"
            frame["message_body"] = orjson.dumps(body).decode()
        answer: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._socket.send(orjson.dumps(frame).decode())
            async with asyncio.timeout(self._timeout_s):
                status, text = await answer
        except TimeoutError:
            raise NoAnswer(f"{method} {uri}: no answer from Asterisk in {self._timeout_s:g} s") from None
        except websockets.ConnectionClosed:
            raise NoAnswer(f"{method} {uri}: the connection to Asterisk is lost") from None
        finally:
            self._waiting.pop(number, None)
        if not 200 <= status < 300:
            reason = _reason(text)
            if reason == _LEFT:
                status = 404
            raise GatewayError(f"{method} {uri}: Asterisk answered {status} {reason}", http_status=status)
        return orjson.loads(text) if text else None

    async def read(self) -> None:
        """Read until the connection is lost, cleanly or not: both are a loss to us. Raises Replaced."""
        try:
            async for frame in self._socket:
                self._take(frame)
                if self._replaced:
                    raise Replaced("another process took over our application on this Asterisk")
        except websockets.ConnectionClosed:
            pass
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(NoAnswer("the connection to Asterisk is lost"))

    def _take(self, frame: str | bytes) -> None:
        try:
            raw = orjson.loads(frame)
            if raw["type"] != "RESTResponse":
                self._replaced = raw["type"] == "ApplicationReplaced"
                self._on_event(raw)
                return
            answer = self._waiting.get(raw["transaction_id"] or raw["request_id"])
            if answer and not answer.done():
                answer.set_result((int(raw["status_code"]), raw.get("message_body") or ""))
        except (ValueError, KeyError, TypeError) as error:
            # One bad frame must not cost the connection; it is told by kind, never by content.
            _log.warning("ari_frame_malformed", error=type(error).__name__)


@asynccontextmanager
async def open_ari(
    base_url: str, user: str, password: str, on_event: EventHandler, *, timeout_s: float = 3.0
) -> AsyncIterator[AriConnection]:
    """Connect and subscribe our application to all events; ``read`` must run for anything to arrive.

    Pings that are not answered count as a loss, so that a half-open connection is noticed within
    ``timeout_s``, the time to tear it down included. Raises OSError, TimeoutError or websockets' InvalidHandshake.
    """
    parts = urlsplit(base_url)
    query = urlencode({"app": APPLICATION, "subscribeAll": "true", "api_key": f"{user}:{password}"})
    scheme = "wss" if parts.scheme == "https" else "ws"
    async with connect(
        f"{scheme}://{parts.netloc}/ari/events?{query}",
        ping_interval=timeout_s * 0.25,
        ping_timeout=timeout_s * 0.4,
        open_timeout=timeout_s,
        close_timeout=timeout_s * 0.1,
        max_size=8 * 1024 * 1024,
        max_queue=1024,
        proxy=None,
        compression=None,
    ) as socket:
        yield AriConnection(socket, on_event, timeout_s=timeout_s)


def check_version(version: str) -> None:
    """Raises GatewayError when this Asterisk cannot take REST over the WebSocket."""
    numbers = version.split("+")[0].split("~")[0].split(".")[:2]
    try:
        major, minor = (int(number) for number in (*numbers, "0")[:2])
    except ValueError:
        raise GatewayError(f"Asterisk tells a version that cannot be read: {version!r}") from None
    if (major, minor) < OLDEST_VERSION:
        raise GatewayError(f"Asterisk {version} is too old: 22.5 or newer is needed; upgrade it")


def _reason(text: str) -> str:
    try:
        return str(orjson.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return ""
