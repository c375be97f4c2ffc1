"""After a (re)connect to a switch: what it has of our calls decides how they go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Protocol

from callcenter.asterisk import events as e
from callcenter.calls import messages as m
from callcenter.calls.call import Call
from callcenter.calls.doing import LiveCall
from callcenter.calls.life import MAILBOX_SIZE, Life
from callcenter.calls.live import LiveCalls
from callcenter.calls.replay import Replayed
from callcenter.calls.switch import CallGateway
from callcenter.clock import Clock
from callcenter.ids import CallId, call_of
from callcenter.ivr.flow import FlowSet

UNSURE_FOR: Final = timedelta(seconds=1)
"""Whose last event lies no further before the death of the last service may have had it interrupted."""


class Post(Protocol):
    """See :meth:`callcenter.calls.runner.CallRunner.post`."""

    def __call__(self, call_id: CallId, event: m.Event, at: datetime | None = None) -> bool: ...


def hang_up_stray(gateway: CallGateway, channel: str) -> None:
    """A leg of a call that is over: an agent answered it, or its hang-up was never done."""
    task = asyncio.create_task(gateway.hang_up(channel))
    task.add_done_callback(lambda t: t.cancelled() or t.exception())


class TakingUp:
    """``arrive`` lets a caller in who came while nobody listened."""

    def __init__(
        self,
        *,
        clock: Clock,
        live: LiveCalls,
        life: Life,
        post: Post,
        arrive: Callable[[CallGateway, e.CallerArrived], None],
        last_sign: Callable[[Call], datetime | None],
    ) -> None:
        self._clock, self._live, self._life, self._post = clock, live, life, post
        self._arrive, self._last_sign = arrive, last_sign
        self._boots: dict[str, str] = {}
        self._switch_heard = asyncio.Event()
        self.on_cut: list[Callable[[Call], None]] = []

    def restore(
        self,
        found: Sequence[tuple[Replayed, FlowSet]],
        gateway: CallGateway,
        *,
        boots: Mapping[str, str],
        died_at: datetime | None,
    ) -> None:
        """Take up the calls of the service before this one, in the order of their arrival.

        They go on when the switch has said what it has of them. ``boots`` is what the switches called themselves
        then, ``died_at`` the last instant of which anything is known. Call it before the switch's events are followed.
        """
        self._boots |= boots
        for replayed, flows in sorted(found, key=lambda pair: pair[0].call.id):
            call = replayed.call
            live = LiveCall(
                call=call, flows=flows, gateway=gateway, mailbox=asyncio.Queue(MAILBOX_SIZE), found=replayed
            )
            live.unsure = died_at is None or died_at - replayed.last_at <= UNSURE_FOR
            self._live.add(live)

    async def done(self, within_s: float) -> None:
        """Return when all of them go on, or after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._live.untaken:
                    self._switch_heard.clear()
                    await self._switch_heard.wait()

    def up(self, gateway: CallGateway, up: e.SwitchUp) -> None:
        """After a (re)connect: go on with the calls of the journal, end what ended while nobody listened."""
        restarted = self._boots.get(up.node, up.boot) != up.boot
        self._boots[up.node] = up.boot
        first = self._live.untaken
        there = {view.channel: view for view in up.channels}
        for live in self._live:
            call = live.call
            if call.node != up.node:
                continue
            found, live.found = live.found, None
            if found is not None:
                self._life.start(live, ())
            if restarted:
                self._post(call.id, m.SwitchLost(), self._last_sign(call))
                for listener in self.on_cut:
                    listener(call)
                continue
            for leg in call.settled_legs if found else call.legs:
                if leg not in there:
                    self._post(call.id, m.LegGone(channel=leg, cause=16), self._last_sign(call) if found else None)
            if call.outside_there and call.channel not in there:
                self._post(call.id, m.CallerGone(cause=16), self._last_sign(call))
            elif found is not None:
                self._take_up(live, found, up)
        if first:
            for channel in there:
                self._end_forgotten(gateway, channel)
        for view in up.channels:
            # Callers who came in the moment in which nobody listened.
            args = view.app_args
            if args[:1] == ("inbound",) and len(args) >= 2 and not self._live.has_caller(view.channel):
                arrived = e.CallerArrived(
                    node=up.node,
                    at=up.at,
                    channel=view.channel,
                    caller_number=view.caller_number,
                    caller_name="",
                    dialled=args[1],
                    trunk=args[2] if len(args) > 2 else "",
                )
                self._arrive(gateway, arrived)
        self._switch_heard.set()

    def _take_up(self, live: LiveCall, found: Replayed, up: e.SwitchUp) -> None:
        call = live.call
        mine = [v for v in up.channels if v.channel == call.channel or call_of(v.channel) == call.id]
        bridge = next((view for view in up.bridges if view.bridge == call.bridge), None)
        taken_up = m.TakenUp(
            channels=tuple(view.channel for view in mine),
            up=tuple(view.channel for view in mine if view.state == "Up"),
            together=tuple(sorted(bridge.channels)) if bridge else (),
            bridged=bridge is not None,
            unsure=live.unsure,
        )
        self._post(call.id, taken_up)
        loop, now = asyncio.get_running_loop(), self._clock.now()
        for name, due in found.timers.items():
            # Those of a menu begin anew with its prompt.
            if not name.startswith("menu"):
                left = max(0.0, (due - now).total_seconds())
                live.timers[name] = loop.call_later(left, self._post, call.id, m.TimerFired(name=name))

    def _end_forgotten(self, gateway: CallGateway, channel: str) -> None:
        """A leg whose hang-up was decided but not done any more: it must not ring on."""
        call_id = call_of(channel)
        if call_id is None:
            return
        live = self._live.get(call_id)
        if live is None or channel not in live.call.legs:
            hang_up_stray(gateway, channel)
