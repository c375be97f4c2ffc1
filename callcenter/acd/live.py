"""The supervisor's socket ``/ws/desk``: lines, queues, agents, decisions and today's figures, live.

The first frame is a ``snapshot``, then each topic comes when it has changed, at most twice a second: ``lines`` and
``today`` whole, ``queues``, ``agents``, ``callers`` and ``decisions`` as ``{"type", "changed": [...], "gone": [ids]}``.
Nothing is lined up for a reader: who is slow gets the newest state with the next frame, and who takes nothing for five
seconds is closed with 4008. Times are instants, never ages, so that a frame is sent only when something happened.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from callcenter.access.guard import socket_principal, welcome, why_close
from callcenter.access.roles import LEADS, Role
from callcenter.acd.desk import Desk
from callcenter.acd.endpoints import SHOWN, desk_names, shown_agent, shown_call, shown_decision
from callcenter.acd.messages import AgentState
from callcenter.calls.phases import Phase
from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.context import Services, services
from callcenter.errors import Unavailable
from callcenter.ids import AgentId, CallId
from callcenter.reporting.figures import SERVICE_TARGET
from callcenter.reporting.today import Day, TodayFigures, live_lines

EVERY_S: Final = 0.5
SHARED_S: Final = 0.25
"""How long all readers are shown the same view."""
ASK_AGAIN_S: Final = 15.0
"""How often it is looked whether the session still stands."""
SEND_WITHIN_S: Final = 5.0
CLOSE_SLOW: Final = 4008
DECISIONS: Final = 50

Item = dict[str, Any]
Keyed = Mapping[str, Item]
router = APIRouter(tags=["desk"])


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that leads see, at one moment. Keyed by queue name, agent id, call id and offer id."""

    lines: Item
    today: Item
    queues: Keyed
    agents: Keyed
    callers: Keyed
    decisions: Keyed


@dataclass(slots=True)
class _Peaks:
    """The most lines at once since midnight, of each trunk and (None) in all."""

    since: datetime | None = None
    most: dict[str | None, int] = field(default_factory=dict)

    def raise_to(self, since: datetime | None, seen: Mapping[str | None, int]) -> None:
        if since != self.since and since is not None:
            self.since, self.most = since, {}
        for trunk, count in seen.items():
            self.most[trunk] = max(count, self.most.get(trunk, 0))


class LiveDesk:
    """Makes the view; ``composition`` puts it on ``app.state.live_desk``."""

    def __init__(
        self,
        *,
        desk: Desk,
        calls: Callable[[], Iterable[Call]],
        today: TodayFigures,
        clock: Clock,
        max_lines: int,
        supervised: Callable[[AgentId], list[dict[str, object]]] = lambda agent_id: [],
        listened_to: Callable[[CallId], list[dict[str, object]]] = lambda call_id: [],
    ) -> None:
        """``supervised``: which supervisors are at an agent's call; ``listened_to``: at a caller whom no agent has."""
        self._supervised, self._listened_to = supervised, listened_to
        self._desk, self._calls, self._today, self._clock, self._max_lines = desk, calls, today, clock, max_lines
        self._peaks = _Peaks()
        self._view: View | None = None
        self._good_until = 0.0
        self._decisions: tuple[str, Keyed] = ("", {})
        self._one_at_a_time = asyncio.Lock()

    async def view(self) -> View:
        """The desk now; the same object for all who ask within a quarter of a second."""
        async with self._one_at_a_time:
            if self._view is None or time.monotonic() >= self._good_until:
                self._view = await self._look()
                self._good_until = time.monotonic() + SHARED_S
            return self._view

    async def _look(self) -> View:
        calls = {call.id: call for call in self._calls()}
        day: Day | None
        try:
            day = await self._today.read(live_lines(calls.values()))
        except Unavailable:
            day = None  # live state goes on without the database; the figures say that they are away
        return View(
            lines=self._lines(calls.values(), day),
            today=self._figures(day),
            queues=self._queues(calls),
            agents=self._agents(calls),
            callers=self._callers(calls.values()),
            decisions=self._decided(),
        )

    def _lines(self, calls: Iterable[Call], day: Day | None) -> Item:
        real = [call for call in calls if not call.drill]
        lines = live_lines(real)
        now: Counter[str | None] = Counter(line.trunk for line in lines)
        now[None] = len(lines)
        if day is not None:
            self._peaks.raise_to(day.since, day.peaks)
        self._peaks.raise_to(self._peaks.since, now)
        peaks = self._peaks.most
        trunks = sorted({trunk for trunk in (*now, *peaks) if trunk is not None})
        return {
            "max": self._max_lines,
            "in_use": len(lines),
            "peak": peaks.get(None, 0),
            "trunks": [{"trunk": trunk, "in_use": now[trunk], "peak": peaks.get(trunk, 0)} for trunk in trunks],
            "phases": dict(sorted(Counter(call.phase.value for call in real).items())),
        }

    def _figures(self, day: Day | None) -> Item:
        if day is None:
            return {"available": False, "all": None, "queues": {}, "target": SERVICE_TARGET}
        shown = {figures.queue: figures.shown() for figures in day.service}
        return {"available": True, "all": shown.pop("", None), "queues": shown, "target": SERVICE_TARGET}

    def _queues(self, calls: Mapping[CallId, Call]) -> Keyed:
        rules, now = self._desk.rules, self._clock.now()
        names = {agent.profile.agent_id: agent.profile.name for agent in rules.agents()}
        found = {}
        for queue in rules.queues():
            waiting = rules.in_line(queue.name)
            shown = []
            for place, waits in enumerate(waiting[:SHOWN], start=1):
                one = shown_call(self._desk, waits, place, now)
                del one["waited_s"]  # an age: the page counts from ``since``
                call = calls.get(waits.call_id)
                one["caller_number"] = call.caller_number if call else waits.terms.number if waits.terms else ""
                one["supervised"] = self._listened_to(call.id) if call else []
                one["held_for_name"] = names.get(waits.held_for, "") if waits.held_for else ""
                shown.append(one)
            found[queue.name] = {
                "name": queue.name,
                "title": queue.title,
                "title_en": queue.title_en,
                "drill": queue.drill,
                "service_level_s": queue.service_level_s,
                "on_duty": rules.on_duty(queue.name),
                "ready": rules.ready(queue.name),
                "waiting": len(waiting),
                "since": min((waits.request.since for waits in waiting), default=None),
                "calls": shown,
            }
        return found

    def _agents(self, calls: Mapping[CallId, Call]) -> Keyed:
        found: dict[str, Item] = {}
        for agent in self._desk.rules.agents():
            if agent.state is AgentState.OFFLINE:
                continue
            call = calls.get(agent.call_id) if agent.call_id else None
            found[agent.profile.agent_id] = {
                **shown_agent(agent),
                "offer_id": agent.offer_id,
                "caller_number": call.caller_number if call else "",
                "call_queue": call.wait.queue if call and call.wait else "",
                "audible": call is not None and call.channel_of(agent.profile.agent_id) is not None,
                "supervised": self._supervised(agent.profile.agent_id),
            }
        return found

    def _callers(self, calls: Iterable[Call]) -> Keyed:
        """Those who are in no queue yet, or no more: in a menu, or leaving a message."""
        return {
            call.id: {
                "call_id": call.id,
                "caller_number": call.caller_number,
                "phase": call.phase.value,
                "hotline": call.hotline,
                "since": call.segments[-1].started_at if call.segments else call.arrived_at,
                "drill": call.drill,
                "supervised": self._listened_to(call.id),
            }
            for call in calls
            if call.phase in (Phase.MENU, Phase.MESSAGE)
        }

    def _decided(self) -> Keyed:
        last = self._desk.rules.decisions()[-DECISIONS:]
        newest = str(last[-1].offer_id) if last else ""
        if newest != self._decisions[0]:
            names = desk_names(self._desk)
            self._decisions = (
                newest,
                {
                    str(decision.offer_id): {
                        **shown_decision(decision, names),
                        "agent_name": names.agents.get(str(decision.agent_id), ""),
                        "number": decision.number,
                    }
                    for decision in last
                },
            )
        return self._decisions[1]


def changes(before: View, after: View) -> list[dict[str, Any]]:
    """The frames that turn what a reader has into what is now."""
    frames: list[dict[str, Any]] = []
    if after.lines != before.lines:
        frames.append({"type": "lines", "lines": after.lines})
    if after.today != before.today:
        frames.append({"type": "today", "today": after.today})
    for topic, had, has in (
        ("queues", before.queues, after.queues),
        ("agents", before.agents, after.agents),
        ("callers", before.callers, after.callers),
        ("decisions", before.decisions, after.decisions),
    ):
        changed = [item for key, item in has.items() if had.get(key) != item]
        gone = [key for key in had if key not in has]
        if changed or gone:
            frames.append({"type": topic, "changed": changed, "gone": gone})
    return frames


def snapshot(view: View, now: datetime) -> dict[str, Any]:
    """The first frame."""
    return {
        "type": "snapshot",
        "server_time": now,
        "lines": view.lines,
        "today": view.today,
        "queues": list(view.queues.values()),
        "agents": list(view.agents.values()),
        "callers": list(view.callers.values()),
        "decisions": list(view.decisions.values()),
    }


@router.websocket("/ws/desk")
async def desk_socket(websocket: WebSocket) -> None:
    """For team leads, supervisors and administrators."""
    await show(websocket, LEADS, lambda view, made: snapshot(view, made.clock.now()), changes)


async def show(
    websocket: WebSocket,
    roles: Sequence[Role],
    first: Callable[[View, Services], Mapping[str, Any]],
    later: Callable[[View, View], Iterable[Mapping[str, Any]]],
) -> None:
    """Serve one reader of these roles until it goes: the ``first`` frame, then ``later`` ones of each new view."""
    await socket_principal(websocket, *roles)
    await welcome(websocket)
    pings: asyncio.Queue[None] = asyncio.Queue(1)
    reading = asyncio.create_task(_read(websocket, pings))
    try:
        with suppress(WebSocketDisconnect, RuntimeError):
            await _push(websocket, roles, first, later, reading, pings)
    except TimeoutError:
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            await asyncio.wait_for(websocket.close(CLOSE_SLOW), SEND_WITHIN_S)
    finally:
        reading.cancel()


async def _push(
    websocket: WebSocket,
    roles: Sequence[Role],
    first: Callable[[View, Services], Mapping[str, Any]],
    later: Callable[[View, View], Iterable[Mapping[str, Any]]],
    reading: asyncio.Task[None],
    pings: asyncio.Queue[None],
) -> None:
    made: LiveDesk = websocket.app.state.live_desk
    shown = await made.view()
    await _send(websocket, first(shown, services(websocket)))
    ask_at = time.monotonic() + ASK_AGAIN_S
    while not reading.done():
        await asyncio.wait({reading}, timeout=EVERY_S)
        if time.monotonic() >= ask_at:
            ask_at = time.monotonic() + ASK_AGAIN_S
            if code := await why_close(websocket, *roles):
                await websocket.close(code)
                return
        if not pings.empty():
            pings.get_nowait()
            await _send(websocket, {"type": "pong"})
        now = await made.view()
        for frame in later(shown, now) if now is not shown else ():
            await _send(websocket, frame)
        shown = now


async def _send(websocket: WebSocket, frame: Mapping[str, Any]) -> None:
    """Raises TimeoutError when the reader takes nothing."""
    await asyncio.wait_for(websocket.send_text(orjson.dumps(frame).decode()), SEND_WITHIN_S)


async def _read(websocket: WebSocket, pings: asyncio.Queue[None]) -> None:
    """Pages send nothing but pings; any word is answered by one ``pong``, however many come."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.receive_text()
            if pings.empty():
                pings.put_nowait(None)
