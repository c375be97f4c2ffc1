"""The wall's socket ``/ws/wall``: what a big screen shows to the whole room, and no caller or agent by name.

A frame holds all of it and comes when something of it has changed. Whoever is signed in may open it, and a machine by a
token of any role, which a browser offers as the subprotocol ``bearer.TOKEN`` beside ``callcenter``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from fastapi import APIRouter, WebSocket

from callcenter.access.roles import EVERYONE
from callcenter.acd.live import View, show
from callcenter.context import Services

router = APIRouter(tags=["desk"])
_OF_A_QUEUE: Final = ("name", "title", "title_en", "service_level_s", "on_duty", "ready", "waiting", "since")
_STATES: Final = {
    "ready": "ready",
    "reserved": "ringing",
    "ringing": "ringing",
    "talking": "talking",
    "hold": "talking",
    "consulting": "talking",
    "wrap_up": "wrap_up",
    "break": "break",
}


def wall(view: View) -> dict[str, Any]:
    """Figures alone, drills apart. ``agents``: how many are in each state; ``away``: ready or at rest in name only."""
    counted = Counter(
        "away"
        if agent["state"] == "ready" and not (agent["page"] and agent["phone"])
        else _STATES.get(agent["state"], "away")
        for agent in view.agents.values()
        if not agent["drill"]
    )
    return {
        "type": "wall",
        "lines": {name: view.lines[name] for name in ("max", "in_use", "peak")},
        "today": view.today,
        "queues": [{name: one[name] for name in _OF_A_QUEUE} for one in view.queues.values() if not one["drill"]],
        "agents": {state: counted[state] for state in ("ready", "ringing", "talking", "wrap_up", "break", "away")},
    }


def _first(view: View, made: Services) -> dict[str, Any]:
    return {**wall(view), "server_time": made.clock.now(), "zone": made.settings.timezone}


def _later(before: View, now: View) -> list[dict[str, Any]]:
    was, is_now = wall(before), wall(now)
    return [is_now] if was != is_now else []


@router.websocket("/ws/wall")
async def wall_socket(websocket: WebSocket) -> None:
    """For everybody: it tells of nobody by name."""
    await show(websocket, EVERYONE, _first, _later)
