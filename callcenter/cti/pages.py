"""What agents' pages are told: one active socket an agent, one bounded queue and one writer a socket.

The frames are those of ``docs/agent-socket.md``. A slow page never slows a call: its queue fills, it is cut off,
comes back and gets a snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import orjson
import structlog

from callcenter.acd.messages import AgentSnapshot, OfferMade
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.ids import AgentId, OfferId

Frame = Mapping[str, object]
QUEUE_SIZE = 200
CLOSE_SLOW = 4008
CLOSE_DISPLACED = 4001
_POP_WITHIN_S = 0.25
"""How long the telephone may wait for the pop to be built and to be on the screen. After that it rings without."""

_log = structlog.get_logger()


class PageSocket:
    """One page's outgoing side. ``send`` puts a text on the wire, ``close`` ends the socket with a code."""

    def __init__(self, send: Callable[[str], Awaitable[None]], close: Callable[[int], Awaitable[None]]) -> None:
        self._send, self._close = send, close
        self._frames: asyncio.Queue[str] = asyncio.Queue(QUEUE_SIZE)
        self._closing: int | None = None
        self._wake = asyncio.Event()

    def tell(self, frame: Frame) -> None:
        """Put a frame in line."""
        try:
            self._frames.put_nowait(orjson.dumps(frame).decode())
        except asyncio.QueueFull:
            self.end(CLOSE_SLOW)

    def end(self, code: int) -> None:
        """Close the socket with a code after what is in line (nothing more, if the page is too slow)."""
        self._closing = code
        self._wake.set()

    async def write(self) -> None:
        """The one writer; returns when the socket is closed."""
        ending = asyncio.create_task(self._wake.wait())
        try:
            while True:
                getting = asyncio.create_task(self._frames.get())
                await asyncio.wait({getting, ending}, return_when=asyncio.FIRST_COMPLETED)
                if getting.done():
                    await self._send(getting.result())
                elif self._closing is not None:
                    getting.cancel()
                    await self._close(self._closing)
                    return
        finally:
            ending.cancel()


class AgentPages:
    """All agents' active sockets; what calls and the desk tell is passed on to them."""

    def __init__(
        self,
        pop: Callable[[Call, OfferMade], Awaitable[Frame]],
        keep_pop: Callable[[AgentId, Frame | None], None] = lambda agent_id, frame: None,
    ) -> None:
        """``keep_pop`` is told of each pop and of its end: a page that comes back after a restart shows it again."""
        self._make_pop, self._keep_pop = pop, keep_pop
        self._active: dict[AgentId, PageSocket] = {}
        self._shown: dict[tuple[AgentId, OfferId], asyncio.Event] = {}
        self.calls: dict[AgentId, Frame] = {}
        self.pops: dict[AgentId, Frame] = {}

    def is_active(self, agent_id: AgentId) -> bool:
        return agent_id in self._active

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

    def present(self) -> dict[AgentId, PageSocket]:
        """The agents whose page is here."""
        return dict(self._active)

    def tell(self, agent_id: AgentId, frame: Frame) -> None:
        socket = self._active.get(agent_id)
        if socket is not None:
            socket.tell(frame)

    # --- what calls tell ---

    async def pop(self, call: Call, offer: OfferMade) -> None:
        """Show who calls. Returns when the page says that it has it, or after a quarter of a second.

        Only the page's own word makes sure that the pop comes before the ring: a frame that is on the wire
        races the INVITE, which takes another way.
        """
        agent_id = offer.agent.agent_id
        shown = self._shown[agent_id, offer.offer_id] = asyncio.Event()
        try:
            async with asyncio.timeout(_POP_WITHIN_S):
                frame = await self._make_pop(call, offer)
                self.pops[agent_id] = frame
                self._keep_pop(agent_id, frame)
                socket = self._active.get(agent_id)
                if socket is not None:
                    socket.tell({"type": "pop", "pop": frame})
                    await shown.wait()
        except TimeoutError:
            _log.warning("pop_late", call_id=call.id)
        finally:
            del self._shown[agent_id, offer.offer_id]
        self.show_call(agent_id, call)

    def pop_received(self, agent_id: AgentId, offer_id: object) -> None:
        """The page has the pop of this offer; too late or of another's offer, it changes nothing."""
        shown = self._shown.get((agent_id, OfferId(str(offer_id))))
        if shown is not None:
            shown.set()

    def offer_over(self, agent_id: AgentId, offer_id: OfferId, reason: str) -> None:
        call_id = offer_id.rpartition("-")[0]
        if reason != "answered":
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

    def refuse(self, agent_id: AgentId, code: str) -> None:
        self.tell(agent_id, error_frame(None, code))

    # --- what the desk tells ---

    def show_agent(self, snapshot: AgentSnapshot) -> None:
        self.tell(snapshot.profile.agent_id, {"type": "agent", "agent": agent_frame(snapshot)})


def call_frame(agent_id: AgentId, call: Call) -> dict[str, object]:
    """A call as this agent sees it: for them it has ended when their part in it has."""
    phase = "ended"
    if call.ringing and call.ringing.offer.agent.agent_id == agent_id:
        phase = "ringing"
    elif call.talk and call.talk.agent.agent_id == agent_id:
        phase = "held" if call.phase is Phase.HELD else "talking"
    return {
        "call_id": call.id,
        "phase": phase,
        "queue": call.wait.queue if call.wait else None,
        "caller_number": call.caller_number,
        "since": _iso(call.segments[-1].started_at),
        "answered_at": _iso(call.talk.since if call.talk else None),
        "end_reason": call.end_reason,
    }


def agent_frame(snapshot: AgentSnapshot) -> dict[str, object]:
    return {
        "state": snapshot.state.value,
        "reason": snapshot.reason,
        "cause": snapshot.cause,
        "since": _iso(snapshot.since),
        "until": _iso(snapshot.until),
        "pending": snapshot.pending,
        "phone": snapshot.phone,
        "epoch": snapshot.epoch,
    }


_MESSAGES = {
    "bad_frame": ("this message cannot be understood", "无法识别的消息"),
    "not_in_this_phase": ("the call is not in a state for that", "当前通话状态不能执行此操作"),
    "not_your_call": ("this is not your call", "这不是您的通话"),
    "no_such_call": ("this call is over", "通话已结束"),
    "unknown_queue": ("there is no such queue", "没有这个队列"),
    "phone_not_registered": ("your telephone is not registered yet", "话机尚未注册,请稍候"),
    "page_away": ("your page is not connected", "页面未连接"),
    "not_logged_in": ("log in first", "请先登录"),
    "unknown_reason": ("there is no such break reason; load the page again", "没有这个小休原因,请刷新页面"),
    "not_while_offline": ("log in first", "您已离线,请先登录"),
    "not_while_ready": ("only during wrap-up", "只有话后处理中才能这样做"),
    "not_while_wrap_up": ("not during wrap-up", "话后处理中不能这样做"),
    "not_while_break": ("not during a break", "小休中不能这样做"),
    "not_while_not_responding": ("press Ready first", "请先点“就绪”恢复"),
}


def error_frame(request_id: object, code: str) -> dict[str, object]:
    text, chinese = _MESSAGES.get(code, (code.replace("_", " "), "当前状态不能执行此操作"))
    return {"type": "error", "request_id": request_id, "code": code, "message": text, "message_zh": chinese}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
