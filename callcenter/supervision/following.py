"""What Asterisk and the calls tell, as events of the sessions that it means something to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from callcenter.asterisk import events as e
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.ids import AgentId, CallId, SessionId, session_of, session_thing
from callcenter.supervision import model as s
from callcenter.supervision.doing import Switch
from callcenter.supervision.running import Sessions
from callcenter.supervision.telephones import Telephones

AUDIBLE: Final = (Phase.MENU, Phase.MESSAGE, Phase.WAITING, Phase.OFFERED)
"""Where a caller whom no agent has can be listened to. Whoever talks with somebody outside is not ours to hear."""


class Following:
    """``call`` finds a live one; ``lost`` is told of sessions that an earlier service has left in Asterisk."""

    def __init__(
        self,
        switch: Switch,
        sessions: Sessions,
        telephones: Telephones,
        *,
        call: Callable[[CallId], Call | None],
        lost: Callable[[SessionId], None],
    ) -> None:
        self._switch, self._sessions, self._telephones = switch, sessions, telephones
        self._call, self._lost = call, lost

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
                    self._sessions.post(session_id, s.HushOver(playback=event.playback, ok=event.ok))
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
            told = self._sessions.post(session_id, s.LegUp() if up else s.LegGone())
        elif up:
            told = self._sessions.post(session_id, s.SnoopUp(channel=channel))
        else:
            told = self._sessions.post(session_id, s.SnoopGone(channel=channel))
            self._look(session_id)
        if up and not told:
            self._sessions.aside(self._switch.hang_up(channel))

    def _seat_changed(self, seat: str | None) -> None:
        for one in self._sessions.all:
            if one.seat == seat:
                self.ring_when_free(one)

    def ring_when_free(self, session: s.Session) -> None:
        if self._telephones.free(session.seat):
            self._sessions.post(session.id, s.SeatOnline())

    def call_shown(self, agent_id: AgentId, call: Call) -> None:
        """An agent's part in a call is another one now."""
        for one in self._sessions.all:
            if one.agent_id == agent_id and one.call_id == call.id:
                self._seen(one, call)

    def call_changed(self, call: Call) -> None:
        """Something happened to a call: who listens to its caller must know where they are now."""
        for one in self._sessions.all:
            if one.agent_id is None and one.call_id == call.id:
                self.caller_seen(one, call)

    def caller_seen(self, session: s.Session, call: Call) -> None:
        if call.phase in AUDIBLE:
            secret = call.phase is Phase.MENU and call.run is not None and call.run.stage == "secret"
            self._sessions.post(session.id, s.Veiled(on=secret))
        elif call.engaged:
            self._sessions.post(session.id, s.Stop(reason="answered"))
        else:
            over = call.phase in (Phase.LEAVING, Phase.ENDED)
            self._sessions.post(session.id, s.Stop(reason="call_over" if over else "put_through"))

    def _look(self, session_id: SessionId) -> None:
        session = self._sessions.get(session_id)
        if session is not None:
            self._seen(session, self._call(session.call_id))

    def _seen(self, session: s.Session, call: Call | None) -> None:
        if session.agent_id is None:
            if call is None:
                self._sessions.post(session.id, s.Stop(reason="call_over"))
            return  # what becomes of the caller, their call tells
        if call is not None and session.agent_id in call.engaged:
            seen = s.AgentSeen(channel=call.channel_of(session.agent_id), alone=call.phase is Phase.HELD)
            self._sessions.post(session.id, seen)
            return
        goes_on = call is not None and (call.engaged or call.phase in (Phase.WAITING, Phase.OFFERED, Phase.OUTSIDE))
        self._sessions.post(session.id, s.Stop(reason="transferred" if goes_on else "call_over"))

    def speaker_changed(self, agent_id: AgentId | None, call_id: CallId) -> None:
        """Tell everybody at a call who of them speaks there."""
        here = [one for one in self._sessions.all if (one.agent_id, one.call_id) == (agent_id, call_id)]
        speaker = next((one for one in here if one.mode in s.SPEAKING), None)
        for one in here:
            leg = speaker.leg if speaker is not None and speaker.id != one.id else None
            self._sessions.post(one.id, s.ColleagueSpeaks(leg=leg))

    def _settle(self, up: e.SwitchUp) -> None:
        """Asterisk is there (again). What it has of sessions that are no more is ended; who lost theirs is told."""
        there = {view.channel for view in up.channels}
        self._telephones.listed(up.seats_online, there)
        for one in self._sessions.all:
            needed = {one.leg} if one.state not in (s.State.ASKED, s.State.RINGING) else set()
            if not ({*needed, one.snoop} - {""}) <= there:
                self._sessions.post(one.id, s.Stop(reason="switch_lost"))
        strays = [name for name in sorted(there) if (found := session_of(name)) and found not in self._sessions]
        rooms = [b.bridge for b in up.bridges if (found := session_of(b.bridge)) and found not in self._sessions]
        for name in strays:
            self._sessions.aside(self._switch.hang_up(name))
        for name in rooms:
            self._sessions.aside(self._switch.destroy_bridge(name))
        for session_id in sorted({found for name in (*strays, *rooms) if (found := session_of(name))}):
            self._lost(session_id)
