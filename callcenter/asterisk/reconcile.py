"""The sweep: what Asterisk lists as ours and no live call owns is ended, so that no ghost outlives its call.

A thing must be found without owner in two sweeps, one after the other, before it is touched: a call that begins
or ends in the moment of a sweep is never hit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from callcenter.asterisk.events import BridgeView, ChannelView
from callcenter.clock import Clock
from callcenter.errors import CallCenterError, GatewayError
from callcenter.facts import Facts
from callcenter.ids import CallId, SessionId, call_of, session_of

EVERY_S = 10.0
FALLBACK = "fallback"

_log = structlog.get_logger()


class SweptGateway(Protocol):
    """The part of Gateway that a sweep needs."""

    @property
    def node(self) -> str: ...

    @property
    def connected(self) -> bool: ...

    async def channels(self) -> tuple[ChannelView, ...]: ...

    async def bridges(self) -> tuple[BridgeView, ...]: ...

    async def hang_up(self, channel: str, *, cause: int = 16) -> None: ...

    async def destroy_bridge(self, bridge: str) -> None: ...

    async def continue_in_dialplan(self, channel: str, *, context: str, extension: str, priority: int = 1) -> None: ...


Incident = Callable[[datetime, str, str, CallId | None, Facts], Awaitable[None]]
"""(when, kind, text, call) → told to operations."""


async def _only_logged(at: datetime, kind: str, text: str, call_id: CallId | None, facts: Facts) -> None:
    pass


def _no_session(session_id: SessionId) -> bool:
    return False


class Reconciler:
    """``owns`` says whether a call is live, ``owns_session`` whether a supervisor's session is. ``owns_caller``, if
    given, says so of a caller's channel: one that sits in our application without a call is sent to the dialplan's
    fallback, where a person or a voicemail answers."""

    def __init__(
        self,
        node: SweptGateway,
        owns: Callable[[CallId], bool],
        clock: Clock,
        *,
        owns_caller: Callable[[str], bool] | None = None,
        owns_session: Callable[[SessionId], bool] = _no_session,
        incident: Incident = _only_logged,
        every_s: float = EVERY_S,
    ) -> None:
        self._node, self._owns, self._clock = node, owns, clock
        self._owns_caller, self._incident, self._every_s = owns_caller, incident, every_s
        self._owns_session = owns_session
        self._suspects: set[str] = set()
        self.ended = 0
        """Things ended since the start."""

    async def run(self) -> None:
        """Sweep for ever; ends only by cancellation."""
        while True:
            await asyncio.sleep(self._every_s)
            if not self._node.connected:
                self._suspects.clear()  # what was seen before a reconnect proves nothing after it
                continue
            try:
                await self.sweep()
            except GatewayError as error:
                _log.warning("sweep_failed", node=self._node.node, reason=error.message)

    async def sweep(self) -> tuple[str, ...]:
        """Look once; returns the ids that were ended. Raises GatewayError when Asterisk cannot be asked."""
        channels, bridges = await self._node.channels(), await self._node.bridges()
        legs = {view.channel for view in channels if self._ownerless(view.channel)}
        rooms = {view.bridge for view in bridges if self._ownerless(view.bridge)}
        callers = {view.channel for view in channels if self._lost_caller(view)}
        found = legs | rooms | callers
        confirmed = found & self._suspects
        self._suspects = found - confirmed
        # Bridges last: a leg that is hung up leaves its bridge by itself.
        for name in (*sorted(confirmed - rooms), *sorted(confirmed & rooms)):
            await self._end(name, is_bridge=name in rooms, is_caller=name in callers)
        return tuple(sorted(confirmed))

    def _ownerless(self, name: str) -> bool:
        call_id, session_id = call_of(name), session_of(name)
        if session_id is not None:
            return not self._owns_session(session_id)
        return call_id is not None and not self._owns(call_id)

    def _lost_caller(self, view: ChannelView) -> bool:
        if self._owns_caller is None or view.app_args[:1] != ("inbound",) or view.state != "Up":
            return False
        return not self._owns_caller(view.channel)

    async def _end(self, name: str, *, is_bridge: bool, is_caller: bool) -> None:
        kind = "bridge" if is_bridge else "caller" if is_caller else "channel"
        try:
            if is_bridge:
                await self._node.destroy_bridge(name)
            elif is_caller:
                await self._node.continue_in_dialplan(name, context=FALLBACK, extension="s")
            else:
                await self._node.hang_up(name)
        except GatewayError as error:
            if error.http_status == 404:
                return  # ended by itself meanwhile
            raise
        self.ended += 1
        _log.error("orphan_ended", node=self._node.node, kind=kind, name=name, call_id=call_of(name))
        text = f"a {kind} without a call was found on node {self._node.node} and ended: {name}"
        try:
            facts = {"what": kind, "node": self._node.node, "name": name}
            await self._incident(self._clock.now(), "orphan_ended", text, call_of(name), facts)
        except CallCenterError as error:
            _log.warning("incident_not_told", reason=error.message)
