"""One call's life: a task that takes what its mailbox holds through the table, writes it down, does what follows.

A handler that raises ends its own call (everything of it is hung up, the desk is told) and no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import structlog

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.call import Call, step
from callcenter.calls.doing import Doer, LiveCall, Look
from callcenter.calls.live import LiveCalls
from callcenter.calls.looking import look, look_soon
from callcenter.calls.messages import Phase
from callcenter.calls.ports import Journal
from callcenter.calls.replay import Noted, noted
from callcenter.clock import Clock
from callcenter.ids import CallId
from callcenter.ivr.step import Run, hears_secret

_log = structlog.get_logger()
MAILBOX_SIZE: Final = 1000
_HIDDEN: Final = "•"


class Life:
    """``give_back``: an offer came too late for its call; ``over``: a call is no more."""

    def __init__(
        self,
        *,
        clock: Clock,
        journal: Journal,
        doer: Doer,
        live: LiveCalls,
        give_back: Callable[[acd.OfferMade], None],
        over: Callable[[CallId], None],
    ) -> None:
        self._clock, self._journal, self._doer, self._live = clock, journal, doer, live
        self._give_back, self._over = give_back, over
        self.on_answered: list[Callable[[Call], None]] = []
        self.on_changed: list[Callable[[Call], None]] = []
        """Told of every call after each of its events, before what follows from it is done."""

    def start(self, live: LiveCall, actions: tuple[m.Action, ...]) -> None:
        live.task = asyncio.create_task(self._run(live, actions), name=f"call-{live.call.id}")

    async def _run(self, live: LiveCall, actions: tuple[m.Action, ...]) -> None:
        try:
            await self._doer.do_all(live, actions)
            while live.call.phase is not Phase.ENDED:
                if live.unsure and live.gateway.connected:
                    look_soon(live)
                live.at_work = False
                event, at = await live.mailbox.get()
                live.at_work = True
                for each in await look(live) if isinstance(event, Look) else (event,):
                    await self._take(live, each, at)
        except Exception:
            _log.exception("call_failed", call_id=live.call.id)
            await self._abort(live)
        finally:
            self._answer_late(live)
            for timer in live.timers.values():
                timer.cancel()
            self._live.remove(live)
            self._over(live.call.id)

    async def _take(self, live: LiveCall, event: m.Event, at: datetime | None) -> None:
        now = max(min(at or self._clock.now(), self._clock.now()), live.call.segments[-1].started_at)
        before = live.call
        live.call, actions = step(live.flows, before, event, now)
        live.left = live.left.after(live.call, event, actions, now)
        self._write_down(live, before.run, event, now)
        self._tell_changed(live.call)
        await self._doer.do_all(live, actions)
        if before.answered_at is None and live.call.answered_at is not None:
            self._tell(self.on_answered, live.call)

    def _tell_changed(self, call: Call) -> None:
        self._tell(self.on_changed, call)

    @staticmethod
    def _tell(listeners: Iterable[Callable[[Call], None]], call: Call) -> None:
        """Others' bugs are no reason to end a call."""
        for listener in listeners:
            try:
                listener(call)
            except Exception:
                _log.exception("call_listener_failed", call_id=call.id)

    def found_so(self, live: LiveCall, now: datetime) -> None:
        """A call is as it was found by looking: from here on its journal says so."""
        self._journal.append(live.call, Noted(call=noted(live.call)), now, live.left)
        self._tell_changed(live.call)

    def _write_down(self, live: LiveCall, before: Run | None, event: m.Event, now: datetime) -> None:
        """The event to the journal. Secret digits are never written: what they led to is, beside them."""
        run = live.call.run
        secret = before is not None and hears_secret(live.flows, before)
        if secret and isinstance(event, m.Key):
            event = m.Key(digit=_HIDDEN)
        self._journal.append(live.call, event, now, live.left)
        if live.call.phase is not Phase.ENDED and (
            secret or (run is not None and not run.secrets.isdisjoint(run.variables))
        ):
            self._journal.append(live.call, Noted(call=noted(live.call)), now, live.left)

    def _answer_late(self, live: LiveCall) -> None:
        """What came while the call ended: an offer must be given back, or its agent stays reserved for ever."""
        while not live.mailbox.empty():
            event, _ = live.mailbox.get_nowait()
            if isinstance(event, m.Offered):
                self._give_back(event.offer)

    def lose(self, live: LiveCall, reason: str) -> None:
        if live.task is not None:
            live.task.cancel()
        task = asyncio.create_task(self._abort(live), name=f"abort-{live.call.id}-{reason}")
        task.add_done_callback(lambda t: t.cancelled() or t.exception())

    async def _abort(self, live: LiveCall) -> None:
        """End a call whose own handling failed, by the table's own way of ending."""
        now = self._clock.now()
        abort = m.Abort(reason="internal_error")
        live.call, actions = step(live.flows, live.call, abort, now)
        live.left = live.left.after(live.call, abort, actions, now)
        self._journal.append(live.call, abort, now, live.left)
        self._tell_changed(live.call)
        await self._doer.do_all(live, actions)
