"""Looking at what the switch has of a call, where it is not known whether what was asked of it was done."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from callcenter.calls import messages as m
from callcenter.calls.doing import LiveCall, Look
from callcenter.calls.seen import forgotten, seen
from callcenter.calls.switch import CallGateway
from callcenter.errors import GatewayError
from callcenter.ids import call_of

LOOK_AGAIN_S: Final = 0.5
_log = structlog.get_logger()


def look_soon(live: LiveCall, after_s: float = 0.0) -> None:
    """Have the call see what the switch has of it, once what is in its mailbox is done."""
    if live.looking:
        return
    live.looking = True

    def put() -> None:
        with suppress(asyncio.QueueFull):  # then it is being ended for that
            live.mailbox.put_nowait((Look(), None))

    live.timers["look"] = asyncio.get_running_loop().call_later(after_s, put)


async def look(live: LiveCall) -> tuple[m.Event, ...]:
    """What the call must be told now; nothing when the switch cannot be asked, which is then tried again."""
    live.looking = False
    try:
        channels, bridges = await live.gateway.channels(), await live.gateway.bridges()
    except GatewayError as error:
        _log.warning("call_not_seen", call_id=live.call.id, reason=error.message)
        live.unsure = True
        if live.gateway.connected:  # else the next connection begins with what is there
            look_soon(live, LOOK_AGAIN_S)
        return ()
    told = seen(live.call, channels, bridges, unsure=live.unsure, lived_on=True)
    live.unsure = False
    for view in channels:
        if call_of(view.channel) == live.call.id and forgotten(live.call, view.channel):
            hang_up_stray(live.gateway, view.channel)
    return told


def hang_up_stray(gateway: CallGateway, channel: str) -> None:
    """A leg of a call that is over, or that it gave up: an agent answered it, or its hang-up was never done."""
    task = asyncio.create_task(gateway.hang_up(channel))
    task.add_done_callback(lambda t: t.cancelled() or t.exception())
