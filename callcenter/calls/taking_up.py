"""After a (re)connect to a switch: what it has of our calls decides how they go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from callcenter.asterisk import events as e
from callcenter.calls import messages as m
from callcenter.calls.adopting import NO_WORD, DeskWord, adopted
from callcenter.calls.call import Call
from callcenter.calls.doing import LiveCall
from callcenter.calls.life import MAILBOX_SIZE, Life
from callcenter.calls.live import LiveCalls
from callcenter.calls.looking import hang_up_stray, look_soon
from callcenter.calls.replay import Replayed
from callcenter.calls.seen import forgotten, seen
from callcenter.calls.switch import CallGateway
from callcenter.clock import Clock
from callcenter.ids import CallId, call_of
from callcenter.ivr.flow import FlowSet

T = TypeVar("T")
UNSURE_FOR: Final = timedelta(seconds=4)
"""Whose last event lies no further before the death of the last service may have had it interrupted: a switch that
says nothing is waited for that long before it counts as lost."""


class Post(Protocol):
    """See :meth:`callcenter.calls.runner.CallRunner.post`."""

    def __call__(self, call_id: CallId, event: m.Event, at: datetime | None = None) -> bool: ...


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
        self._words: Mapping[CallId, DeskWord] = {}
        self._switch_heard = asyncio.Event()
        self.on_cut: list[Callable[[Call], None]] = []

    def restore(
        self,
        found: Sequence[tuple[Replayed, FlowSet]],
        gateway: CallGateway,
        *,
        boots: Mapping[str, str],
        died_at: datetime | None,
        words: Mapping[CallId, DeskWord],
    ) -> None:
        """Take up the calls of the service before this one, in the order of their arrival.

        They go on when the switch has said what it has of them. ``boots`` is what the switches called themselves
        then, ``died_at`` the last instant of which anything is known, ``words`` what the desk has of doubtful ones.
        Call it before the switch's events are followed.
        """
        self._boots |= boots
        self._words = words
        for replayed, flows in sorted(found, key=lambda pair: pair[0].call.id):
            call = replayed.call
            live = LiveCall(
                call=call, flows=flows, gateway=gateway, mailbox=asyncio.Queue(MAILBOX_SIZE), found=replayed
            )
            live.left = replayed.left
            live.unsure = replayed.doubtful or died_at is None or died_at - replayed.last_at <= UNSURE_FOR
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
        for live in self._live:
            call = live.call
            if call.node != up.node:
                continue
            found, live.found = live.found, None
            early = _emptied(live.mailbox) if found is not None else []
            if found is not None:
                self._life.start(live, ())
            if restarted:
                self._post(call.id, m.SwitchLost(), self._last_sign(call))
                for listener in self.on_cut:
                    listener(call)
            elif found is None and live.in_motion:
                look_soon(live)  # what it does now, the list cannot hold
            else:
                self._take_up(live, found, up)
            for each in early:  # an offer, say: what the switch listed knows nothing of it yet
                live.mailbox.put_nowait(each)
        for view in up.channels:
            self.end_forgotten(gateway, view.channel)
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

    def _take_up(self, live: LiveCall, found: Replayed | None, up: e.SwitchUp) -> None:
        """``found``: the service is a new one and has the call from its journal."""
        if found is not None and found.doubtful:
            self._adopt(live, found, up)
        call = live.call
        told = seen(call, up.channels, up.bridges, unsure=live.unsure, lived_on=found is None)
        live.unsure = False
        for event in told:
            gone = isinstance(event, m.CallerGone) or (found is not None and isinstance(event, m.LegGone))
            self._post(call.id, event, self._last_sign(call) if gone else None)
        if found is None or not isinstance(told[-1], m.TakenUp):
            return
        now = self._clock.now()
        for name, due in live.left.timers.items():
            # Those of a menu begin anew with its prompt.
            if not name.startswith("menu"):
                left = max(0.0, (due - now).total_seconds())
                live.set_timer(name, left, self._post)

    def _adopt(self, live: LiveCall, found: Replayed, up: e.SwitchUp) -> None:
        word, now = self._words.get(live.call.id, NO_WORD), max(self._clock.now(), found.last_at)
        live.call, live.left = adopted(live.flows, found, word, up.channels, up.bridges, now)
        self._life.found_so(live, now)

    def end_forgotten(self, gateway: CallGateway, channel: str) -> bool:
        """A leg that nobody waits for must not ring on: its hang-up was decided but not done, or it was dialled by a
        request that came late. Says whether it was one."""
        call_id = call_of(channel)
        live = self._live.get(call_id) if call_id is not None else None
        if call_id is None or not forgotten(live.call if live else None, channel):
            return False
        hang_up_stray(gateway, channel)
        return True


def _emptied(mailbox: asyncio.Queue[T]) -> list[T]:
    return [mailbox.get_nowait() for _ in range(mailbox.qsize())]
