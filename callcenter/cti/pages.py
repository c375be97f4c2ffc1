"""What agents' pages are told: one active socket an agent, one bounded queue and one writer a socket.

The frames are those of ``docs/agent-socket.md``. A slow page never slows a call: its queue fills, it is cut off,
comes back and gets a snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

import orjson
import structlog

from callcenter.access.guard import CLOSE_SIGNED_OUT
from callcenter.acd.messages import AgentSnapshot, OfferMade
from callcenter.calls.handlers_parked import KEPT_FOR_S
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.cti.refusals import error_frame
from callcenter.ids import AgentId, OfferId

Frame = Mapping[str, object]
QUEUE_SIZE = 200
CLOSE_SLOW = 4008
CLOSE_DISPLACED = 4001
_POP_WITHIN_S = 1.5
"""How long the telephone may wait for the pop to be built and to be on the screen. After that it rings without: an
agent who sees nothing when it rings has nothing to say, but a page that hangs must not cost a caller more than this."""

_log = structlog.get_logger()


class PageSocket:
    """One page's outgoing side. ``send`` puts a text on the wire, ``close`` ends the socket with a code."""

    def __init__(
        self, send: Callable[[str], Awaitable[None]], close: Callable[[int], Awaitable[None]], session_id: str = ""
    ) -> None:
        self.session_id: Final = session_id
        """The session by which the page was let in."""
        self.tab_id = ""
        """As the page names itself in its hello; empty until then, and of a page that has no name."""
        self._send, self._close = send, close
        self._frames: asyncio.Queue[str | int] = asyncio.Queue(QUEUE_SIZE + 1)
        """Texts, and at last the code to close with: the one place more is for it."""
        self._ends = False

    def tell(self, frame: Frame) -> None:
        """Put a frame in line."""
        if self._ends:
            return
        if self._frames.qsize() >= QUEUE_SIZE:
            self.end(CLOSE_SLOW)
        else:
            self._frames.put_nowait(orjson.dumps(frame).decode())

    def end(self, code: int) -> None:
        """Close the socket with a code after what is in line."""
        if not self._ends:
            self._ends = True
            self._frames.put_nowait(code)

    async def write(self) -> None:
        """The one writer; returns when the socket is closed."""
        while True:
            next_one = await self._frames.get()
            if isinstance(next_one, int):
                await self._close(next_one)
                return
            await self._send(next_one)


class Pops(Protocol):
    """Makes what agents see of a caller; :class:`callcenter.cti.pop.PopMaker`."""

    async def __call__(self, call: Call, offer: OfferMade) -> Frame: ...

    async def newer(self, call: Call, offer: OfferMade, shown: Frame) -> Frame | None:
        """The pop again, where the first one said what was known a while ago and more is known now."""
        ...

    async def prepare(self, number: str, *, except_call: str | None = None) -> None: ...


class AgentPages:
    """All agents' active sockets; what calls and the desk tell is passed on to them."""

    def __init__(
        self,
        pop: Pops,
        keep_pop: Callable[[AgentId, Frame | None], None] = lambda agent_id, frame: None,
    ) -> None:
        """``keep_pop`` is told of each pop and of its end: a page that comes back after a restart shows it again."""
        self._make_pop, self._keep_pop = pop, keep_pop
        self._active: dict[AgentId, PageSocket] = {}
        self._shown: dict[tuple[AgentId, OfferId], asyncio.Event] = {}
        self._offered: dict[AgentId, OfferId] = {}
        """The offer whose pop an agent is to see: the last one made, unless it came to nothing."""
        self._showing: set[asyncio.Task[None]] = set()
        self.on_call: Callable[[AgentId, Call], None] = lambda agent_id, call: None
        """Told, as the agent's page is, whenever an agent's part in a call is another one."""
        self.calls: dict[AgentId, Frame] = {}
        self.pops: dict[AgentId, Frame] = {}

    def is_active(self, agent_id: AgentId) -> bool:
        return agent_id in self._active

    def elsewhere(self, agent_id: AgentId, tab_id: str) -> bool:
        """Another tab has the desk. A tab that comes back is no other: its old socket, of a network that it has
        left, looks open here until a ping has failed, and must not keep it from its call."""
        active = self._active.get(agent_id)
        return active is not None and (not tab_id or active.tab_id != tab_id)

    def activate(self, agent_id: AgentId, socket: PageSocket) -> None:
        """Make this the agent's one active page; an earlier one is told and closed."""
        earlier = self._active.get(agent_id)
        self._active[agent_id] = socket
        if earlier is not None:
            earlier.tell({"type": "displaced"})
            earlier.end(CLOSE_DISPLACED)

    def left(self, agent_id: AgentId, socket: PageSocket) -> bool:
        """The socket is gone; True when it was the active one."""
        if self._active.get(agent_id) is not socket:
            return False
        del self._active[agent_id]
        return True

    def sign_out(self, agent_id: AgentId) -> None:
        """Tell the agent's active page that its session is over, and close it."""
        socket = self._active.get(agent_id)
        if socket is not None:
            socket.tell({"type": "signed_out"})
            socket.end(CLOSE_SIGNED_OUT)

    def present(self) -> dict[AgentId, PageSocket]:
        """The agents whose page is here."""
        return dict(self._active)

    def tell(self, agent_id: AgentId, frame: Frame) -> None:
        socket = self._active.get(agent_id)
        if socket is not None:
            socket.tell(frame)

    # --- what calls tell ---

    async def prepare(self, call: Call) -> None:
        """Have at hand what this caller's pop will say."""
        await self._make_pop.prepare(call.caller_number, except_call=call.id)

    async def pop(self, call: Call, offer: OfferMade) -> None:
        """Show who calls. Returns when the page says that it has it, or after a second and a half.

        Only the page's own word makes sure that the pop comes before the ring: a frame that is on the wire
        races the INVITE, which takes another way.
        """
        agent_id = offer.agent.agent_id
        shown = self._shown[agent_id, offer.offer_id] = asyncio.Event()
        self._offered[agent_id] = offer.offer_id
        showing = self._aside(self._show_pop(call, offer), f"pop-{offer.offer_id}")
        try:
            async with asyncio.timeout(_POP_WITHIN_S):
                await asyncio.wait({showing})
                if agent_id in self._active:
                    await shown.wait()
        except TimeoutError:
            _log.warning("pop_late", call_id=call.id)  # it comes when it is built, while or after it rings
        finally:
            del self._shown[agent_id, offer.offer_id]
        self.show_call(agent_id, call)

    async def _show_pop(self, call: Call, offer: OfferMade) -> None:
        frame = await self._make_pop(call, offer)
        if self._put_up(offer, frame):
            self._aside(self._renew_pop(call, offer, frame), f"pop-again-{offer.offer_id}")

    async def _renew_pop(self, call: Call, offer: OfferMade, shown: Frame) -> None:
        frame = await self._make_pop.newer(call, offer, shown)
        if frame is not None:
            self._put_up(offer, frame)

    def _put_up(self, offer: OfferMade, frame: Frame) -> bool:
        """False when the offer has come to nothing meanwhile."""
        agent_id = offer.agent.agent_id
        if self._offered.get(agent_id) != offer.offer_id:
            return False
        self.pops[agent_id] = frame
        self._keep_pop(agent_id, frame)
        self.tell(agent_id, {"type": "pop", "pop": frame})
        return True

    def _aside(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._showing.add(task)
        task.add_done_callback(self._shown_or_not)
        return task

    def _shown_or_not(self, task: asyncio.Task[None]) -> None:
        self._showing.discard(task)
        if not task.cancelled() and task.exception():
            _log.error("pop_failed", exc_info=task.exception())

    def pop_received(self, agent_id: AgentId, offer_id: object) -> None:
        """The page has the pop of this offer; too late or of another's offer, it changes nothing."""
        shown = self._shown.get((agent_id, OfferId(str(offer_id))))
        if shown is not None:
            shown.set()

    def offer_over(self, agent_id: AgentId, offer_id: OfferId, reason: str) -> None:
        call_id = offer_id.rpartition("-")[0]
        if reason != "answered":
            if self._offered.get(agent_id) == offer_id:
                del self._offered[agent_id]
            self.calls.pop(agent_id, None)
            if self.pops.pop(agent_id, None) is not None:
                self._keep_pop(agent_id, None)
        self.tell(agent_id, {"type": "offer_ended", "offer_id": offer_id, "call_id": call_id, "reason": reason})

    def show_call(self, agent_id: AgentId, call: Call) -> None:
        frame = call_frame(agent_id, call)
        if frame["phase"] == "ended":
            self.calls.pop(agent_id, None)
        else:
            self.calls[agent_id] = frame
        self.tell(agent_id, {"type": "call", "call": frame})
        self.on_call(agent_id, call)

    def refuse(self, agent_id: AgentId, code: str) -> None:
        self.tell(agent_id, error_frame(None, code))

    # --- what the desk tells ---

    def show_agent(self, snapshot: AgentSnapshot) -> None:
        self.tell(snapshot.profile.agent_id, {"type": "agent", "agent": agent_frame(snapshot)})


def call_frame(agent_id: AgentId, call: Call) -> dict[str, object]:
    """A call as this agent sees it: for them it has ended when their part in it has."""
    phase = "ended"
    if any(ring.offer.agent.agent_id == agent_id for ring in call.rings):
        phase = "ringing"
    elif call.talk and call.talk.agent.agent_id == agent_id:
        phase = _OWN_WORDS.get(call.phase, "talking")
    elif call.consult and call.consult.agent and call.consult.agent.agent_id == agent_id:
        phase = "ringing" if not call.consult.answered else "consulted"
        if call.phase is Phase.CONFERENCE:
            phase = "conference"
    elif call.parked and call.parked.agent.agent_id == agent_id:
        phase = "parked"
    return {
        "call_id": call.id,
        "phase": phase,
        "queue": call.wait.queue if call.wait else None,
        "direction": call.direction,
        "caller_number": call.caller_number,
        "since": _iso(call.segments[-1].started_at),
        "answered_at": _iso(_spoken_since(call)),
        "end_reason": call.end_reason,
        "consult": _consult_frame(agent_id, call),
        "kept_until": _iso(call.parked.since + timedelta(seconds=KEPT_FOR_S) if call.parked else None),
    }


def _spoken_since(call: Call) -> datetime | None:
    if call.phase in (Phase.CALLING_AGENT, Phase.DIALLING):
        return None
    return call.talk.since if call.talk else call.parked.talked_since if call.parked else None


_OWN_WORDS = {
    Phase.HELD: "held",
    Phase.CONSULTING: "consulting",
    Phase.CONFERENCE: "conference",
    Phase.CALLING_AGENT: "ringing",
    Phase.DIALLING: "dialling",
}


def _consult_frame(agent_id: AgentId, call: Call) -> dict[str, object] | None:
    """Who else is in it, for each of the two agents."""
    asked, talk = call.consult, call.talk
    if asked is None or talk is None:
        return None
    mine = agent_id == talk.agent.agent_id
    if not mine and (asked.agent is None or agent_id != asked.agent.agent_id):
        return None
    other = asked.agent if mine else talk.agent
    return {
        "name": other.name if other else "",
        "extension": other.extension if other else "",
        "number": asked.number,
        "asked_by_me": mine,
        "answered": asked.answered,
        "with_caller": asked.with_caller,
        "since": _iso(asked.since),
    }


def agent_frame(snapshot: AgentSnapshot) -> dict[str, object]:
    return {
        "state": snapshot.state.value,
        "reason": snapshot.reason,
        "cause": snapshot.cause,
        "since": _iso(snapshot.since),
        "until": _iso(snapshot.until),
        "pending": snapshot.pending,
        "allowance_until": _iso(snapshot.allowance_until),
        "overdue": snapshot.overdue,
        "by": snapshot.by,
        "duty": snapshot.duty,
        "phone": snapshot.phone,
        "epoch": snapshot.epoch,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
