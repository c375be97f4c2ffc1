"""Sessions' lives: each has a mailbox and a task of its own, so that one that waits for Asterisk keeps no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from callcenter.clock import Clock
from callcenter.errors import CallCenterError, GatewayError
from callcenter.ids import SessionId
from callcenter.supervision import model as s
from callcenter.supervision.doing import Switch, do
from callcenter.supervision.session import begin as opened
from callcenter.supervision.session import step
from callcenter.supervision.telephones import Telephones

_log = structlog.get_logger()
MAILBOX_SIZE: Final = 200


@dataclass(slots=True)
class _Live:
    session: s.Session
    asked: s.Mode
    """The last mode that was asked for: the session learns of it in its own time."""
    mailbox: asyncio.Queue[s.Event] = field(default_factory=lambda: asyncio.Queue(MAILBOX_SIZE))
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None


class Sessions:
    """All that live. ``changed`` is called with a session before and after whatever happened to it."""

    def __init__(
        self, switch: Switch, telephones: Telephones, clock: Clock, changed: Callable[[s.Session, s.Session], None]
    ) -> None:
        self._switch, self._telephones, self._clock, self._changed = switch, telephones, clock, changed
        self._live: dict[SessionId, _Live] = {}
        self._aside: set[asyncio.Task[None]] = set()

    # --- which there are ---

    def __contains__(self, session_id: SessionId) -> bool:
        return session_id in self._live

    @property
    def all(self) -> tuple[s.Session, ...]:
        return tuple(live.session for live in self._live.values())

    def get(self, session_id: SessionId) -> s.Session | None:
        live = self._live.get(session_id)
        return live.session if live else None

    def speaks(self, session: s.Session) -> bool:
        """The supervisor is heard in the call, or will be as soon as Asterisk has done it."""
        live = self._live.get(session.id)
        return live is not None and (live.asked in s.SPEAKING or live.session.mode in s.SPEAKING)

    # --- their lives ---

    def begin(self, asked: s.Session) -> s.Session:
        live = self._live[asked.id] = _Live(asked, asked.wanted)
        live.session, actions = opened(asked)
        live.task = asyncio.create_task(self._run(live, actions), name=f"supervision-{asked.id}")
        return live.session

    def ask(self, session_id: SessionId, mode: s.Mode) -> None:
        live = self._live.get(session_id)
        if live is not None:
            live.asked = mode
            self.post(session_id, s.ModeAsked(mode=mode))

    def post(self, session_id: SessionId, event: s.Event) -> bool:
        """False: it is over."""
        live = self._live.get(session_id)
        if live is None:
            return False
        try:
            live.mailbox.put_nowait(event)
        except asyncio.QueueFull:
            _log.error("supervision_mailbox_full", session_id=session_id)
            if live.task is not None:
                live.task.cancel()
            self.aside(self._abort(live))
        return True

    async def _run(self, live: _Live, actions: tuple[s.Action, ...]) -> None:
        try:
            await self._do_all(live, actions)
            while live.session.state is not s.State.ENDED:
                event = await live.mailbox.get()
                actions = self._step(live, event)
                await self._do_all(live, actions)
        except Exception:
            _log.exception("supervision_failed", session_id=live.session.id)
            await self._abort(live)
        finally:
            if live.timer is not None:
                live.timer.cancel()
            self._live.pop(live.session.id, None)

    async def _abort(self, live: _Live) -> None:
        """A session whose own handling failed ends; calls do not notice."""
        self._live.pop(live.session.id, None)
        await self._do_all(live, self._step(live, s.Stop(reason="internal_error")))

    def _step(self, live: _Live, event: s.Event) -> tuple[s.Action, ...]:
        before = live.session
        live.session, actions = step(before, event, self._clock.now())
        if live.session != before:
            if live.session.state is s.State.ENDED:
                self._live.pop(before.id, None)  # before anybody is told: the page may ask for the next at once
            self._changed(before, live.session)
        return actions

    async def _do_all(self, live: _Live, actions: tuple[s.Action, ...]) -> None:
        for action in actions:
            try:
                if isinstance(action, s.SetTimer):
                    self._set_timer(live, action)
                else:
                    if isinstance(action, s.DialSeat):
                        self._telephones.dialled(action.seat, action.channel)
                    await do(self._switch, live.session, action)
            except CallCenterError as error:
                _log.warning("supervision_action_failed", session_id=live.session.id, reason=error.message)
                if not isinstance(action, s.HangUp | s.Leave | s.DestroyBridge | s.Hush | s.StopHush):
                    gone = isinstance(error, GatewayError) and error.http_status == 404
                    if isinstance(action, s.DialSeat):
                        self._telephones.down(action.channel)
                    target = action.channel if isinstance(action, s.DialSeat | s.Join | s.Snoop) else ""
                    self.post(live.session.id, s.Failed(target=target, gone=gone))

    def _set_timer(self, live: _Live, asked: s.SetTimer) -> None:
        if live.timer is not None:
            live.timer.cancel()
        timed_out = s.TimedOut(timer=asked.timer)
        live.timer = asyncio.get_running_loop().call_later(asked.seconds, self.post, live.session.id, timed_out)

    def aside(self, work: Coroutine[Any, Any, object]) -> None:
        """Something of Asterisk that belongs to no session that lives; that it fails means nothing."""

        async def quietly() -> None:
            with suppress(CallCenterError):
                await work

        task = asyncio.create_task(quietly())
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def close(self) -> None:
        """Stop all, at the end of the service."""
        for one in self.all:
            self.post(one.id, s.Stop(reason="service_restarted"))
        tasks = [*(live.task for live in self._live.values() if live.task is not None), *self._aside]
        if tasks:
            await asyncio.wait(tasks, timeout=2.0)
