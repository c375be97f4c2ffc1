"""What supervisors may ask for, and who is told what: pages, agents, the audit.

:mod:`running` lives the sessions, :mod:`following` tells them of Asterisk and the calls, :mod:`session` decides.
Nothing of a session outlives the service: what an earlier one left in Asterisk is ended as soon as Asterisk lists it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
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
from callcenter.errors import Conflict, NotFound
from callcenter.ids import AgentId, CallId, SessionId, new_id
from callcenter.supervision import model as s
from callcenter.supervision.doing import Switch
from callcenter.supervision.following import AUDIBLE, Following
from callcenter.supervision.frames import account_of, session_frame, whom
from callcenter.supervision.running import Sessions
from callcenter.supervision.telephones import Telephones

_log = structlog.get_logger()
_TRANSFERABLE: Final = (Phase.TALKING, Phase.HELD)


_DEEDS: Final[Mapping[s.Mode, Deed]] = {
    s.Mode.LISTEN: "supervision.listen",
    s.Mode.WHISPER: "supervision.whisper",
    s.Mode.JOIN: "supervision.join",
}


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
        self._pages: dict[str, PageSocket] = {}
        telephones = Telephones()
        self._sessions = Sessions(switch, telephones, clock, self._changed)
        self._following = Following(switch, self._sessions, telephones, call=call, lost=self._lost)

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
        self._not_there_yet(who, agent_id, call)
        self._may_speak(who.account_id, agent_id, call.id, mode)
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
        return self._begun(session)

    def begin_at_caller(self, who: s.Supervisor, call_id: CallId) -> s.Session:
        """The same for a caller whom no agent has yet: they are listened to, and nothing is said to them.

        Raises Conflict with ``reason`` when nobody can be listened to there, or as :meth:`begin`.
        """
        self._require_page(who)
        call = self._call(call_id)
        if call is None or call.phase not in AUDIBLE:
            raise Conflict(
                "this caller is no longer in a menu or in line: they hung up, or an agent has them",
                details={"reason": "no_call"},
            )
        self._not_there_yet(who, None, call)
        session = s.Session(
            id=SessionId(new_id()),
            account_id=who.account_id,
            name=who.name,
            seat=who.seat,
            agent_id=None,
            agent_name="",
            agent_extension="",
            call_id=call.id,
            caller_number=call.caller_number,
            agent_channel=call.channel,
            wanted=s.Mode.LISTEN,
            asked_at=self._clock.now(),
        )
        begun = self._begun(session)
        self._following.caller_seen(begun, call)
        return begun

    def _not_there_yet(self, who: s.Supervisor, agent_id: AgentId | None, call: Call) -> None:
        mine = self.session_of(who.account_id)
        if mine is not None and (mine.agent_id, mine.call_id) == (agent_id, call.id):
            raise Conflict(
                "you are at this call already: change the mode instead",
                details={"reason": "already_there", "session": mine.id},
            )

    def _begun(self, session: s.Session) -> s.Session:
        self._stop_of(session.account_id, "replaced")
        session = self._sessions.begin(session)
        self._tell(session)
        self._following.ring_when_free(session)
        self._following.speaker_changed(session.agent_id, session.call_id)
        return session

    def _may_speak(self, account_id: str, agent_id: AgentId | None, call_id: CallId, mode: s.Mode) -> None:
        """Raises Conflict when a colleague speaks in this call: two voices that nobody knows apart help nobody."""
        if mode not in s.SPEAKING:
            return
        for one in self.sessions:
            mine = one.account_id == account_id
            if not mine and (one.agent_id, one.call_id) == (agent_id, call_id) and self._sessions.speaks(one):
                raise Conflict(
                    f"{one.name} speaks in this call: listen, or ask them to go back to listening first",
                    details={"reason": "colleague_speaks", "name": one.name},
                )

    def change(self, who: s.Supervisor, session_id: SessionId, mode: s.Mode) -> s.Session:
        """Another mode, without a new call. Raises NotFound when the session is over, Conflict as ``begin``."""
        session = self._own(who, session_id)
        if session.agent_id is None and mode is not s.Mode.LISTEN:
            raise Conflict(
                "no agent has this caller yet: there is nobody to speak to", details={"reason": "nobody_to_speak_to"}
            )
        self._may_speak(who.account_id, session.agent_id, session.call_id, mode)
        self._sessions.ask(session_id, mode)
        return session

    def stop(self, who: s.Supervisor, session_id: SessionId) -> None:
        """Raises NotFound when the session is over."""
        self._own(who, session_id)
        self._sessions.post(session_id, s.Stop(reason="stopped"))

    def take_over(self, who: s.Supervisor, session_id: SessionId) -> None:
        """Have the call transferred blindly to the supervisor's own agent seat, as if its agent had done so.

        Raises NotFound when the session is over, Conflict with ``reason`` when the supervisor is not ready at a desk of
        their own, or the call is in no state to be transferred.
        """
        session = self._own(who, session_id)
        own = self._agent(AgentId(who.account_id))
        if own is None or own.state is not AgentState.READY or not (own.page and own.phone):
            raise Conflict(
                "to take a call over, say ready at /agent first: it rings there", details={"reason": "not_ready"}
            )
        call, agent_id = self._call(session.call_id), session.agent_id
        if call is None or agent_id is None or call.phase not in _TRANSFERABLE or call.channel_of(agent_id) is None:
            raise Conflict(
                "the call cannot be taken over now: it is over, or the agent is asking somebody else",
                details={"reason": "not_in_this_phase"},
            )
        self._post_call(call.id, m.AgentTransfer(agent_id=agent_id, to_agent=AgentId(who.account_id)))
        self._audit(who.account_id, "supervision.taken_over", session.id, whom(session))
        self._tell_agent(agent_id, {"type": "taken_over", "by": who.name, "call_id": call.id})
        self._sessions.post(session_id, s.Stop(reason="taken_over"))

    def _own(self, who: s.Supervisor, session_id: SessionId) -> s.Session:
        session = self._sessions.get(session_id)
        if session is None or session.account_id != who.account_id:
            raise NotFound("this session is over: begin another", details={"reason": "session_over"})
        return session

    # --- what others ask ---

    def lives(self, session_id: SessionId) -> bool:
        return session_id in self._sessions

    @property
    def sessions(self) -> tuple[s.Session, ...]:
        return self._sessions.all

    def session_of(self, account_id: str) -> s.Session | None:
        return next((one for one in self.sessions if one.account_id == account_id), None)

    def at(self, agent_id: AgentId) -> list[dict[str, object]]:
        """Who is at an agent's call, for other supervisors."""
        return [_shown(one) for one in self.sessions if one.agent_id == agent_id and one.mode is not None]

    def at_caller(self, call_id: CallId) -> list[dict[str, object]]:
        """Who listens to a caller whom no agent has."""
        return [
            _shown(one)
            for one in self.sessions
            if one.agent_id is None and one.call_id == call_id and one.mode is not None
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
        self._following.hear(event)

    def call_shown(self, agent_id: AgentId, call: Call) -> None:
        """An agent's part in a call is another one now."""
        self._following.call_shown(agent_id, call)

    def call_changed(self, call: Call) -> None:
        """Something happened to a call."""
        self._following.call_changed(call)

    async def close(self) -> None:
        """Stop all, at the end of the service."""
        await self._sessions.close()

    # --- who is told ---

    def _changed(self, before: s.Session, now: s.Session) -> None:
        self._tell(now)
        if now.mode is not before.mode:
            if now.agent_id is not None:
                self._tell_agent(now.agent_id, {"type": "supervised", "by": self.told(now.agent_id)})
            self._following.speaker_changed(now.agent_id, now.call_id)
            if now.mode is not None:
                began = {"from": now.stretches[-1].began.isoformat()}
                self._audit(now.account_id, _DEEDS[now.mode], now.id, {**whom(now), **began})
        if now.state is s.State.ENDED and before.state is not s.State.ENDED:
            self._audit(now.account_id, "supervision.ended", now.id, account_of(now))
            _log.info("supervision_ended", session_id=now.id, call_id=now.call_id, reason=now.reason)

    def _lost(self, session_id: SessionId) -> None:
        # Who, whom and since when stand in what was written when it began.
        self._audit(None, "supervision.ended", session_id, {"reason": "service_restarted"})

    def _tell(self, session: s.Session) -> None:
        page = self._pages.get(session.account_id)
        if page is not None:
            page.tell({"type": "session", "session": session_frame(session)})

    def _stop_of(self, account_id: str, reason: str) -> None:
        for one in self.sessions:
            if one.account_id == account_id:
                self._sessions.post(one.id, s.Stop(reason=reason))


def _shown(session: s.Session) -> dict[str, object]:
    mode = session.mode.value if session.mode else None
    return {"name": session.name, "account_id": session.account_id, "mode": mode}
