"""The one owner of all supervisors' sessions: takes what happens through the table of :mod:`session`, and acts.

Each session has a mailbox and a task of its own, so that one that waits for Asterisk keeps no other. Nothing of a
session outlives the service: what an earlier one left in Asterisk is ended as soon as Asterisk lists it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import structlog

from callcenter.access.deeds import Deed
from callcenter.acd.messages import AgentSnapshot, AgentState
from callcenter.asterisk import events as e
from callcenter.asterisk.gateway import Seat
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.cti.pages import CLOSE_DISPLACED, PageSocket
from callcenter.errors import CallCenterError, Conflict, GatewayError, NotFound
from callcenter.ids import AgentId, CallId, SessionId, new_id, session_of, session_thing
from callcenter.supervision import model as s
from callcenter.supervision.doing import Switch, do
from callcenter.supervision.frames import account_of, session_frame, whom
from callcenter.supervision.session import begin as opened
from callcenter.supervision.session import step
from callcenter.supervision.telephones import Telephones

_log = structlog.get_logger()
MAILBOX_SIZE: Final = 200
_TRANSFERABLE: Final = (Phase.TALKING, Phase.HELD)


_DEEDS: Final[Mapping[s.Mode, Deed]] = {
    s.Mode.LISTEN: "supervision.listen",
    s.Mode.WHISPER: "supervision.whisper",
    s.Mode.JOIN: "supervision.join",
}


@dataclass(slots=True)
class _Live:
    session: s.Session
    mailbox: asyncio.Queue[s.Event] = field(default_factory=lambda: asyncio.Queue(MAILBOX_SIZE))
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None


Audit = Callable[[str | None, Deed, str, Mapping[str, Any]], None]
"""(account, action, subject, detail) → kept."""


class SupervisionRoom:
    """``agent`` finds one at the desk, ``call`` a live call; ``post`` puts an event into a call's mailbox;
    ``tell_agent`` sends a frame to an agent's page. ``shown``: an agent is told also of who only listens."""

    def __init__(
        self,
        switch: Switch,
        *,
        agent: Callable[[AgentId], AgentSnapshot | None],
        call: Callable[[CallId], Call | None],
        post: Callable[[CallId, m.Event], bool],
        tell_agent: Callable[[AgentId, Mapping[str, object]], None],
        audit: Audit,
        clock: Clock,
        shown: bool = False,
    ) -> None:
        self._switch, self._agent, self._call, self._post_call = switch, agent, call, post
        self._tell_agent, self._audit, self._clock, self._shown = tell_agent, audit, clock, shown
        self._live: dict[SessionId, _Live] = {}
        self._pages: dict[str, PageSocket] = {}
        self._telephones = Telephones()
        self._aside: set[asyncio.Task[None]] = set()

    # --- supervisors' pages ---

    def enter(self, who: s.Supervisor, socket: PageSocket) -> None:
        """This is the supervisor's page now; one that was open before is told and its session ends."""
        earlier = self._pages.get(who.account_id)
        self._pages[who.account_id] = socket
        if earlier is not None:
            earlier.tell({"type": "displaced"})
            earlier.end(CLOSE_DISPLACED)
            self._stop_of(who.account_id, "displaced")
        socket.tell({"type": "snapshot", "session": None})

    def leave(self, who: s.Supervisor, socket: PageSocket) -> None:
        """A session does not go on without its page."""
        if self._pages.get(who.account_id) is socket:
            del self._pages[who.account_id]
            self._stop_of(who.account_id, "page_gone")

    async def seat(self, who: s.Supervisor, kind: Literal["browser", "desk_phone"] = "browser") -> Seat:
        """The telephone of the supervisor's page, with a new password; it can be rung, and dials nothing.

        Raises Conflict without the page's socket, GatewayError when Asterisk is away.
        """
        self._require_page(who)
        seat = Seat(
            name=who.seat,
            password=secrets.token_urlsafe(18),
            kind=kind,
            caller_id_name=who.name,
            caller_id_number="",
            context="from-seat",
        )
        await self._switch.provision_seat(seat)
        return seat

    def _require_page(self, who: s.Supervisor) -> None:
        if who.account_id not in self._pages:
            raise Conflict(
                "your supervisor page is not connected: open /supervisor and try again",
                details={"reason": "page_away"},
            )

    # --- what supervisors ask for ---

    def begin(self, who: s.Supervisor, agent_id: AgentId, mode: s.Mode) -> s.Session:
        """Ring the supervisor's telephone for the agent's call; a session they have at another agent ends.

        Raises NotFound for an agent who is not signed in, Conflict with ``reason`` when they are in no call, it is the
        supervisor's own, the supervisor is there already, or the page is not connected.
        """
        self._require_page(who)
        found = self._agent(agent_id)
        if found is None or found.state is AgentState.OFFLINE:
            raise NotFound("this agent is not signed in", details={"reason": "agent_offline"})
        if agent_id == who.account_id:
            raise Conflict("this is your own call", details={"reason": "own_call"})
        call = self._call(found.call_id) if found.call_id is not None else None
        channel = call.channel_of(agent_id) if call is not None else None
        if call is None or channel is None:
            raise Conflict(
                f"{found.profile.name} is in no call now: the call is over, or rings still; try again when they talk",
                details={"reason": "no_call"},
            )
        mine = self.session_of(who.account_id)
        if mine is not None and (mine.agent_id, mine.call_id) == (agent_id, call.id):
            raise Conflict(
                f"you are with {found.profile.name} already: change the mode instead",
                details={"reason": "already_there", "session": mine.id},
            )
        self._stop_of(who.account_id, "replaced")
        session = s.Session(
            id=SessionId(new_id()),
            account_id=who.account_id,
            name=who.name,
            seat=who.seat,
            agent_id=agent_id,
            agent_name=found.profile.name,
            agent_extension=found.profile.extension,
            call_id=call.id,
            caller_number=call.caller_number,
            agent_channel=channel,
            wanted=mode,
            alone=call.phase is Phase.HELD,
            asked_at=self._clock.now(),
        )
        live = self._live[session.id] = _Live(session)
        live.session, actions = opened(session)
        live.task = asyncio.create_task(self._run(live, actions), name=f"supervision-{session.id}")
        self._tell(live.session)
        self._ring_when_free(session)
        return live.session

    def _ring_when_free(self, session: s.Session) -> None:
        if self._telephones.free(session.seat):
            self._post(session.id, s.SeatOnline())

    def change(self, who: s.Supervisor, session_id: SessionId, mode: s.Mode) -> s.Session:
        """Another mode, without a new call. Raises NotFound when the session is over."""
        live = self._own(who, session_id)
        self._post(session_id, s.ModeAsked(mode=mode))
        return live.session

    def stop(self, who: s.Supervisor, session_id: SessionId) -> None:
        """Raises NotFound when the session is over."""
        self._own(who, session_id)
        self._post(session_id, s.Stop(reason="stopped"))

    def take_over(self, who: s.Supervisor, session_id: SessionId) -> None:
        """Have the call transferred blindly to the supervisor's own agent seat, as if its agent had done so.

        Raises NotFound when the session is over, Conflict with ``reason`` when the supervisor is not ready at a desk of
        their own, or the call is in no state to be transferred.
        """
        session = self._own(who, session_id).session
        own = self._agent(AgentId(who.account_id))
        if own is None or own.state is not AgentState.READY or not (own.page and own.phone):
            raise Conflict(
                "to take a call over, say ready at /agent first: it rings there", details={"reason": "not_ready"}
            )
        call = self._call(session.call_id)
        if call is None or call.phase not in _TRANSFERABLE or call.channel_of(session.agent_id) is None:
            raise Conflict(
                "the call cannot be taken over now: it is over, or the agent is asking somebody else",
                details={"reason": "not_in_this_phase"},
            )
        self._post_call(call.id, m.AgentTransfer(agent_id=session.agent_id, to_agent=AgentId(who.account_id)))
        self._audit(who.account_id, "supervision.taken_over", session.id, whom(session))
        self._tell_agent(session.agent_id, {"type": "taken_over", "by": who.name, "call_id": call.id})
        self._post(session_id, s.Stop(reason="taken_over"))

    def _own(self, who: s.Supervisor, session_id: SessionId) -> _Live:
        live = self._live.get(session_id)
        if live is None or live.session.account_id != who.account_id:
            raise NotFound("this session is over: begin another", details={"reason": "session_over"})
        return live

    # --- what others ask ---

    def lives(self, session_id: SessionId) -> bool:
        return session_id in self._live

    @property
    def sessions(self) -> tuple[s.Session, ...]:
        return tuple(live.session for live in self._live.values())

    def session_of(self, account_id: str) -> s.Session | None:
        return next((one for one in self.sessions if one.account_id == account_id), None)

    def at(self, agent_id: AgentId) -> list[dict[str, object]]:
        """Who is at an agent's call, for other supervisors."""
        return [
            {"name": one.name, "account_id": one.account_id, "mode": one.mode.value}
            for one in self.sessions
            if one.agent_id == agent_id and one.mode is not None
        ]

    def told(self, agent_id: AgentId) -> list[dict[str, object]]:
        """What the agent is shown: who speaks to them always, who only listens if the site says so."""
        return [
            {"name": one.name, "mode": one.mode.value}
            for one in self.sessions
            if one.agent_id == agent_id and one.mode is not None and (self._shown or one.mode is not s.Mode.LISTEN)
        ]

    # --- what happens elsewhere ---

    def hear(self, event: e.SwitchEvent) -> None:
        """An event of Asterisk's."""
        match event:
            case e.SwitchUp():
                self._settle(event)
            case e.SeatPresence():
                self._telephones.registered(event.seat, online=event.online)
                self._seat_changed(event.seat)
            case e.PlaybackFinished():
                session_id = session_of(event.playback)
                if session_id is not None:
                    self._post(session_id, s.HushOver(playback=event.playback, ok=event.ok))
            case e.LegAnswered() | e.ChannelGone():
                session_id = session_of(event.channel)
                if session_id is not None:
                    self._channel(session_id, event)
            case _:
                pass

    def _channel(self, session_id: SessionId, event: e.LegAnswered | e.ChannelGone) -> None:
        up, channel = isinstance(event, e.LegAnswered), event.channel
        if not up:
            self._seat_changed(self._telephones.down(channel))
        if channel == session_thing(session_id, "phone"):
            told = self._post(session_id, s.LegUp() if up else s.LegGone())
        elif up:
            told = self._post(session_id, s.SnoopUp(channel=channel))
        else:
            told = self._post(session_id, s.SnoopGone(channel=channel))
            self._look(session_id)
        if up and not told:
            self._do_aside(self._switch.hang_up(channel))

    def _seat_changed(self, seat: str | None) -> None:
        for one in self.sessions:
            if one.seat == seat:
                self._ring_when_free(one)

    def call_shown(self, agent_id: AgentId, call: Call) -> None:
        """An agent's part in a call is another one now."""
        for one in self.sessions:
            if one.agent_id == agent_id and one.call_id == call.id:
                self._seen(one, call)

    def _look(self, session_id: SessionId) -> None:
        live = self._live.get(session_id)
        if live is not None:
            self._seen(live.session, self._call(live.session.call_id))

    def _seen(self, session: s.Session, call: Call | None) -> None:
        if call is not None and session.agent_id in call.engaged:
            seen = s.AgentSeen(channel=call.channel_of(session.agent_id), alone=call.phase is Phase.HELD)
            self._post(session.id, seen)
            return
        goes_on = call is not None and (call.engaged or call.phase in (Phase.WAITING, Phase.OFFERED, Phase.OUTSIDE))
        self._post(session.id, s.Stop(reason="transferred" if goes_on else "call_over"))

    def _settle(self, up: e.SwitchUp) -> None:
        """Asterisk is there (again). What it has of sessions that are no more is ended; who lost theirs is told."""
        there = {view.channel for view in up.channels}
        self._telephones.listed(up.seats_online, there)
        for live in list(self._live.values()):
            one = live.session
            needed = {one.leg} if one.state not in (s.State.ASKED, s.State.RINGING) else set()
            if not ({*needed, one.snoop} - {""}) <= there:
                self._post(one.id, s.Stop(reason="switch_lost"))
        strays = [name for name in sorted(there) if (found := session_of(name)) and not self.lives(found)]
        rooms = [view.bridge for view in up.bridges if (found := session_of(view.bridge)) and not self.lives(found)]
        for name in strays:
            self._do_aside(self._switch.hang_up(name))
        for name in rooms:
            self._do_aside(self._switch.destroy_bridge(name))
        for session_id in sorted({found for name in (*strays, *rooms) if (found := session_of(name))}):
            # Who, whom and since when stand in what was written when it began.
            self._audit(None, "supervision.ended", session_id, {"reason": "service_restarted"})

    # --- one session's life ---

    async def _run(self, live: _Live, actions: tuple[s.Action, ...]) -> None:
        try:
            await self._do_all(live, actions)
            while live.session.state is not s.State.ENDED:
                event = await live.mailbox.get()
                before = live.session
                live.session, actions = step(before, event, self._clock.now())
                self._changed(before, live.session)
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
        before = live.session
        live.session, actions = step(before, s.Stop(reason="internal_error"), self._clock.now())
        self._live.pop(before.id, None)
        self._changed(before, live.session)
        await self._do_all(live, actions)

    def _changed(self, before: s.Session, now: s.Session) -> None:
        if now == before:
            return
        if now.state is s.State.ENDED:
            self._live.pop(now.id, None)  # before anybody is told: the page may ask for the next at once
        self._tell(now)
        if now.mode is not before.mode:
            self._tell_agent(now.agent_id, {"type": "supervised", "by": self.told(now.agent_id)})
            if now.mode is not None:
                began = {"from": now.stretches[-1].began.isoformat()}
                self._audit(now.account_id, _DEEDS[now.mode], now.id, {**whom(now), **began})
        if now.state is s.State.ENDED and before.state is not s.State.ENDED:
            self._audit(now.account_id, "supervision.ended", now.id, account_of(now))
            _log.info("supervision_ended", session_id=now.id, call_id=now.call_id, reason=now.reason)

    def _tell(self, session: s.Session) -> None:
        page = self._pages.get(session.account_id)
        if page is not None:
            page.tell({"type": "session", "session": session_frame(session)})

    def _stop_of(self, account_id: str, reason: str) -> None:
        for one in self.sessions:
            if one.account_id == account_id:
                self._post(one.id, s.Stop(reason=reason))

    def _post(self, session_id: SessionId, event: s.Event) -> bool:
        live = self._live.get(session_id)
        if live is None:
            return False
        try:
            live.mailbox.put_nowait(event)
        except asyncio.QueueFull:
            _log.error("supervision_mailbox_full", session_id=session_id)
            if live.task is not None:
                live.task.cancel()
            self._do_aside(self._abort(live))
        return True

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
                    self._post(live.session.id, s.Failed(target=target, gone=gone))

    def _set_timer(self, live: _Live, asked: s.SetTimer) -> None:
        if live.timer is not None:
            live.timer.cancel()
        timed_out = s.TimedOut(timer=asked.timer)
        live.timer = asyncio.get_running_loop().call_later(asked.seconds, self._post, live.session.id, timed_out)

    def _do_aside(self, work: Coroutine[Any, Any, object]) -> None:
        async def quietly() -> None:
            with suppress(CallCenterError):
                await work

        task = asyncio.create_task(quietly())
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def close(self) -> None:
        """Stop all, at the end of the service."""
        for one in self.sessions:
            self._post(one.id, s.Stop(reason="service_restarted"))
        tasks = [*(live.task for live in self._live.values() if live.task is not None), *self._aside]
        if tasks:
            await asyncio.wait(tasks, timeout=2.0)
