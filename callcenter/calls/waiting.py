"""How a call goes (back) to a queue in mid-life. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from callcenter.calls import messages as m
from callcenter.calls.following import in_line
from callcenter.calls.handlers_talk import release
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Outcome, Wait, end_by_us, open_segment
from callcenter.ids import AgentId

FRONT: Final = 9
"""The priority of a caller who was cut off from their agent."""


def to_the_front(
    call: Call,
    now: datetime,
    result: str,
    *,
    leg_up: bool = True,
    excluded: frozenset[AgentId] = frozenset(),
    back_to: AgentId | None = None,
) -> Outcome:
    """The agent's part, if there is one, ends (wrap-up begins) and the caller is next in the queue they came from; whom
    we called, in the one of whoever called them. ``back_to``: that agent before all others."""
    agent_id = call.engaged[0] if call.engaged else call.transferred_by
    released: tuple[m.Action, ...] = ()
    if call.engaged:
        call, released = release(call, leg_up=leg_up)
    if call.wait is None and call.home is not None:
        call = replace(call, wait=Wait(queue=call.home, since=now, priority=FRONT, music=call.music))
    if call.wait is None:  # came from no queue: nobody else can take the call
        call = open_segment(call, SegmentKind.MENU, now, result=result)
        call, ended = end_by_us(call, result, "system")
        return call, (*released, *ended)
    music = () if call.phase in _HEARS_MUSIC else (m.StartMusic(channel=call.channel, music=call.music),)
    wait = replace(call.wait, priority=FRONT)
    call = replace(call, phase=Phase.WAITING, wait=wait, transferred_by=agent_id)
    call = open_segment(call, SegmentKind.WAIT, now, result=result, queue=wait.queue)
    return call, (*released, *music, in_line(call, excluded_agents=excluded, back_to=back_to))


_HEARS_MUSIC: Final = (Phase.HELD, Phase.PARKED, Phase.CONSULTING)
