"""What an agent's page may do, in one place: state, call control and the telephone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypedDict

import structlog

from callcenter.access.sessions import SessionEnded
from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentProfile
from callcenter.asterisk.events import SeatPresence, SwitchEvent, SwitchUp
from callcenter.asterisk.gateway import Seat
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls import messages as m
from callcenter.calls.runner import CallRunner
from callcenter.clock import Clock
from callcenter.cti.breaks import BreakTimes
from callcenter.cti.pages import AgentPages, PageSocket, agent_frame
from callcenter.cti.refusals import error_frame
from callcenter.errors import BadRequest, GatewayError
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.outbound.rules import Verdict

_PLAIN: Final[dict[str, Callable[..., m.Event]]] = {
    "hang_up": m.AgentHangUp,
    "hold": m.AgentHold,
    "resume": m.AgentResume,
    "swap": m.AgentSwap,
    "complete": m.AgentComplete,
    "cancel": m.AgentCancel,
    "conference": m.AgentConference,
}
"""Frames that say no more than who asks it of which call."""

_log = structlog.get_logger()
PAGES_BACK_WITHIN_S: Final = 15.0
"""Browsers knock again after 0.25, 0.5, 1, 2 and then every 5 seconds."""


class Console:
    def __init__(
        self,
        desk: Desk,
        runner: CallRunner,
        pages: AgentPages,
        node: AsteriskNode,
        *,
        clock: Clock,
        breaks: BreakTimes,
        day_of: Callable[[AgentId], dict[str, object]],
        judge: Callable[[str, str], Verdict],
        supervised: Callable[[AgentId], list[dict[str, object]]] = lambda agent_id: [],
    ) -> None:
        """``judge`` says whether a number may be dialled now, showing a hotline's; ``supervised``, which supervisors an
        agent is shown to be at their call."""
        self._desk, self._runner, self._pages, self._node = desk, runner, pages, node
        self._clock, self._breaks, self._day_of = clock, breaks, day_of
        self._judge, self._supervised = judge, supervised
        self._by_seat: dict[str, AgentId] = {}
        self._session_of: dict[AgentId, str] = {}
        """By which session each agent's page came last."""
        self._leaving: set[AgentId] = set()
        """Whose session is over, and who is still in a conversation."""
        self._voiding: dict[str, asyncio.Task[None]] = {}
        """Seats that are being taken from Asterisk."""
        self._online: set[str] = set()
        self._switch_heard = False
        """Which telephones are registered is known; until then each is as it was."""
        self._awaiting = True

    # --- page and telephone ---

    def enter(self, profile: AgentProfile, socket: PageSocket) -> None:
        """The agent's page is here: known to the desk, and shown what is going on."""
        self._by_seat[profile.seat] = profile.agent_id
        self._here_by(profile.agent_id, socket.session_id)
        self._desk.tell(acd.AgentLoggedIn(profile=profile))
        self._pages.activate(profile.agent_id, socket)
        phone = profile.seat in self._online if self._switch_heard else None
        self._desk.tell(acd.AgentPresence(agent_id=profile.agent_id, page=True, phone=phone))
        if phone:
            self._runner.tell_of(profile.agent_id, here=True)

    def _here_by(self, agent_id: AgentId, session_id: str) -> None:
        """What an earlier session of theirs leaves behind is no longer theirs."""
        self._session_of[agent_id] = session_id
        self._leaving.discard(agent_id)

    def leave(self, agent_id: AgentId, socket: PageSocket) -> None:
        if self._pages.left(agent_id, socket):
            self._desk.tell(acd.AgentPresence(agent_id=agent_id, page=False))
            self._reach(agent_id)

    async def await_pages(self) -> None:
        """After a start: until the pages of those who were here are back, nobody is taken for away; then who is not."""
        for agent in self._desk.rules.agents():
            self._by_seat.setdefault(agent.profile.seat, agent.profile.agent_id)
        await asyncio.sleep(PAGES_BACK_WITHIN_S)
        self._awaiting = False
        for agent in self._desk.rules.agents():
            agent_id = agent.profile.agent_id
            if not self._pages.is_active(agent_id):
                self._desk.tell(acd.AgentPresence(agent_id=agent_id, page=False))
                self._reach(agent_id)
        await asyncio.Event().wait()

    def _reach(self, agent_id: AgentId) -> None:
        """Tell the agent's call when page and telephone are both here, or both gone."""
        page = self._awaiting or self._pages.is_active(agent_id)
        phone = any(owner == agent_id and seat in self._online for seat, owner in self._by_seat.items())
        if page == phone:
            self._runner.tell_of(agent_id, here=page)

    def presence(self, event: SwitchEvent) -> None:
        """Follow which telephones are registered."""
        match event:
            case SwitchUp():
                self._online, self._switch_heard = set(event.seats_online), True
                for seat, agent_id in self._by_seat.items():
                    self._desk.tell(acd.AgentPresence(agent_id=agent_id, phone=seat in self._online))
            case SeatPresence():
                (self._online.add if event.online else self._online.discard)(event.seat)
                if event.seat in self._by_seat:
                    agent_id = self._by_seat[event.seat]
                    self._desk.tell(acd.AgentPresence(agent_id=agent_id, phone=event.online))
                    self._reach(agent_id)
            case _:
                pass

    def known(self, agent_id: AgentId) -> AgentProfile | None:
        """The agent as the desk has them."""
        found = self._desk.rules.agent(agent_id)
        return found.profile if found else None

    async def seat(self, profile: AgentProfile, kind: str, session_id: str) -> Seat:
        """A telephone for this login: a new password, which makes the last one void."""
        # Before the page is here already: what an earlier session leaves behind must not take this telephone.
        self._here_by(profile.agent_id, session_id)
        seat = Seat(
            name=profile.seat,
            password=secrets.token_urlsafe(18),
            kind="desk_phone" if kind == "desk_phone" else "browser",
            caller_id_name=profile.name,
            caller_id_number=profile.extension,
            context="from-seat",
        )
        if (voiding := self._voiding.get(seat.name)) is not None:
            await asyncio.wait({voiding})  # or it would take the new one too
        await self._node.provision_seat(seat)
        return seat

    def changed(self, agent_id: AgentId, profile: AgentProfile | None) -> None:
        """The account is another one now; None: it takes no calls any more (a conversation is not cut)."""
        if self._desk.rules.agent(agent_id) is None:
            return
        if profile is None:
            self._desk.tell(acd.AgentLoggedOut(agent_id=agent_id, cause="account_closed"))
        else:
            self._desk.tell(acd.ProfileChanged(profile=profile))

    def session_over(self, ended: SessionEnded) -> None:
        """Whose session is over leaves the desk, after the conversation they are in, and their telephone is void."""
        agent_id = AgentId(ended.account_id)
        if self._session_of.get(agent_id) != ended.session_id:
            return  # they are here by another one
        self._leaving.add(agent_id)
        self._desk.tell(acd.AgentLoggedOut(agent_id=agent_id, cause="signed_out"))
        found = self._desk.rules.agent(agent_id)
        if found is not None:
            self.seen(found)  # who was offline already is told of no other state

    def seen(self, agent: acd.AgentSnapshot) -> None:
        """An agent's state is another one."""
        agent_id = agent.profile.agent_id
        if agent_id not in self._leaving or agent.state is not acd.AgentState.OFFLINE:
            return
        self._leaving.discard(agent_id)
        self._pages.sign_out(agent_id)
        seat = agent.profile.seat
        self._voiding[seat] = task = asyncio.create_task(self._void(seat), name=f"void-{seat}")
        task.add_done_callback(lambda _: self._voiding.pop(seat, None))

    async def _void(self, seat: str) -> None:
        try:
            await self._node.remove_seat(seat)
        except GatewayError as error:  # Asterisk forgets seats when it ends, and is not given this one again
            _log.warning("seat_not_removed", seat=seat, reason=error.message)

    # --- frames from the page ---

    def snapshot(self, profile: AgentProfile, role: str) -> dict[str, object]:
        found = self._desk.rules.agent(profile.agent_id)
        return {
            "type": "snapshot",
            "me": {"agent_id": profile.agent_id, "name": profile.name, "extension": profile.extension, "role": role},
            "agent": agent_frame(found) if found else None,
            "call": self._pages.calls.get(profile.agent_id),
            "pop": self._pages.pops.get(profile.agent_id),
            "wrap_up": self._wrap_up(found),
            "queues": self.queues(profile),
            "today": self._day_of(profile.agent_id),
            "supervised": self._supervised(profile.agent_id),
            "server_time": self._clock.now().isoformat(),
        }

    @staticmethod
    def _wrap_up(found: acd.AgentSnapshot | None) -> dict[str, object] | None:
        if found is None or found.state is not acd.AgentState.WRAP_UP or found.until is None:
            return None
        return {"contact_id": found.call_id, "until": found.until.isoformat()}

    def queues(self, profile: AgentProfile) -> list[dict[str, object]]:
        """The lines of an agent's queues."""
        return [line for name, line in self.queue_lines().items() if name in profile.queues]

    def queue_lines(self) -> dict[str, dict[str, object]]:
        """Each queue as agents' pages show it, by name."""
        rules, now = self._desk.rules, self._clock.now()
        found: dict[str, dict[str, object]] = {}
        for queue in rules.queues():
            calls = rules.in_line(queue.name)
            longest = max(((now - call.request.since).total_seconds() for call in calls), default=0.0)
            found[queue.name] = {
                "name": queue.name,
                "title": queue.title,
                "title_en": queue.title_en,
                "waiting": len(calls),
                "longest_wait_s": max(0, int(longest)),
                "agents_ready": rules.ready(queue.name),
            }
        return found

    def do(self, agent_id: AgentId, frame: Mapping[str, object]) -> dict[str, object]:
        """Act on one frame; the answer is ``ack`` or ``error``."""
        request_id = frame.get("request_id")
        if agent_id in self._leaving and frame.get("type") in ("ready", "break"):
            return error_frame(request_id, "signed_out")
        if frame.get("type") == "break" and not self._breaks.known(_text(frame, "reason")):
            return error_frame(request_id, "unknown_reason")
        command = self._desk_command(agent_id, frame)
        if command is not None:
            self._desk.tell(command)
            return {"type": "ack", "request_id": request_id}
        event = self._call_event(agent_id, frame)
        if event is None:
            return error_frame(request_id, "bad_frame")
        call_id, what = event
        if isinstance(what, m.AgentTransfer | m.AgentConsult) and what.number is not None:
            call = next((call for call in self._runner.live.calls if call.id == call_id), None)
            verdict = self._judge(what.number, call.hotline if call else "")
            if call is not None and verdict.refusal:
                return error_frame(request_id, verdict.refusal)
            what = replace(what, number=verdict.number)
        if not self._runner.post(call_id, what):
            return error_frame(request_id, "no_such_call")
        return {"type": "ack", "request_id": request_id}

    def _desk_command(self, agent_id: AgentId, frame: Mapping[str, object]) -> acd.Command | None:
        match frame.get("type"):
            case "ready":
                return acd.AgentReady(agent_id=agent_id)
            case "break":
                reason = _text(frame, "reason")
                left = self._breaks.left_s(agent_id, reason)
                return acd.AgentBreak(agent_id=agent_id, reason=reason, allowance_s=left)
            case "wrap_up_done":
                return acd.WrapUpDone(agent_id=agent_id)
            case "wrap_up_extend":
                seconds = frame.get("seconds")
                if not isinstance(seconds, int | float):
                    raise BadRequest("seconds must be a number")
                return acd.WrapUpExtended(agent_id=agent_id, seconds=float(seconds))
            case _:
                return None

    def _call_event(self, agent_id: AgentId, frame: Mapping[str, object]) -> tuple[CallId, m.Event] | None:
        match frame.get("type"):
            case str() as plain if plain in _PLAIN:
                return CallId(_text(frame, "call_id")), _PLAIN[plain](agent_id=agent_id)
            case "consult":
                return CallId(_text(frame, "call_id")), m.AgentConsult(agent_id=agent_id, **_target_of(frame))
            case "decline":
                offer_id = OfferId(_text(frame, "offer_id"))
                return self._runner.call_of_offer(offer_id), m.AgentDecline(agent_id=agent_id, offer_id=offer_id)
            case "transfer":
                return CallId(_text(frame, "call_id")), m.AgentTransfer(agent_id=agent_id, **_target_of(frame))
            case _:
                return None


class _Target(TypedDict, total=False):
    queue: str
    to_agent: AgentId
    number: str


def _target_of(frame: Mapping[str, object]) -> _Target:
    """The queue, the colleague or the number outside that ``to`` names. Raises BadRequest."""
    to = frame.get("to")
    if not isinstance(to, dict):
        raise BadRequest("to must name a queue, an agent or a number")
    if "queue" in to:
        return {"queue": _text(to, "queue")}
    return {"number": _text(to, "number")} if "number" in to else {"to_agent": AgentId(_text(to, "agent"))}


def _text(frame: Mapping[str, object], name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str) or not value or len(value) > 200:
        raise BadRequest(f"{name} must be a text")
    return value
