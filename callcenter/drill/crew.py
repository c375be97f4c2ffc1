"""The drill's agents: accounts of their own, a page's socket and a desk phone each.

They do what an agent's page does, over the same HTTP and the same socket (``docs/agent-socket.md``); only their
sessions are opened in the database, because nobody knows their password.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import orjson
import websockets
from sqlalchemy import delete, select, update
from websockets.asyncio.client import ClientConnection, connect

from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.access.sessions import Sessions
from callcenter.access.tables import Account, SessionRow
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.drill.phone import Phone, PhoneBank
from callcenter.errors import CallCenterError
from callcenter.settings import Settings

LABEL = "drill"
QUEUE = "drill"
READY_WITHIN_S = 30.0
_BACK_AFTER_S = 0.2
_OUTCOME_WITHIN_S = 60.0
_PRESS_AGAIN_S = 2.0


class CrewFailed(CallCenterError):
    """The drill's agents could not be made ready; the message says which part refused."""

    code = "drill_crew_failed"


@dataclass(frozen=True, slots=True)
class Pop:
    """A screen-pop as it reached the page. ``at`` is seconds of ``time.monotonic``."""

    offer_id: str
    call_id: str
    caller: str
    at: float


@dataclass(slots=True)
class Seen:
    """What one agent's page saw, in order."""

    pops: list[Pop] = field(default_factory=list)
    talking_at: dict[str, float] = field(default_factory=dict)
    """Call id → when the page first showed the conversation."""
    outcomes: int = 0
    refused: list[str] = field(default_factory=list)
    state: str = ""
    call_id: str | None = None
    phase: str = ""
    """Of that call, as the page shows it now."""
    reconnects: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)


async def enlist(
    db: Database, settings: Settings, count: int, *, wrap_up_s: float = 0.0, browser: bool = False
) -> list[tuple[Account, str]]:
    """``count`` accounts of the drill, made when there are too few, each with a fresh token.

    With ``browser`` their telephones count as pages' telephones, which are lost with their page (sound and SIP stay
    those of a desk phone).
    """
    clock = SystemClock()
    sessions = Sessions(db, clock, settings)
    hashed = await passwords.hash_password(passwords.generate())
    async with db.write() as session:
        query = select(Account).where(Account.drill).order_by(Account.login).limit(count)
        found = list(await session.scalars(query))
        for number in range(len(found) + 1, count + 1):
            made = await accounts.create(
                session,
                clock.now(),
                login=f"drill-{number:03d}",
                name=f"演练{number:03d}",
                role=Role.AGENT,
                password_hash=hashed,
                seat_kind="desk_phone",
                queues={QUEUE: 1},
                wrap_up_s=0.0,
                drill=True,
            )
            found.append(made)
        kind = "browser" if browser else "desk_phone"
        values = {"active": True, "wrap_up_s": wrap_up_s, "seat_kind": kind}
        await session.execute(update(Account).where(Account.drill).values(**values))
        lifetime = timedelta(hours=4)
        opened = []
        for account in found:
            token, _ = await sessions.open(session, account.id, "bearer", label=LABEL, lifetime=lifetime)
            opened.append((account, token))
        return opened


async def dismiss(db: Database) -> None:
    """End the drill's sessions and put its accounts out of service."""
    async with db.write() as session:
        drill = select(Account.id).where(Account.drill)
        await session.execute(delete(SessionRow).where(SessionRow.account_id.in_(drill)))
        await session.execute(update(Account).where(Account.drill).values(active=False))


class DrillAgent:
    """One agent at work: ready, answers what rings, talks for a while, writes the outcome, is ready again."""

    def __init__(
        self,
        base_url: str,
        token: str,
        client: httpx.AsyncClient,
        *,
        lasts_s: Callable[[], float],
        disposition: str,
    ) -> None:
        """``lasts_s``: for how long the next conversation goes on."""
        self._base_url, self._token, self._client = base_url, token, client
        self._lasts_s, self._disposition = lasts_s, disposition
        self.seen = Seen()
        self.seat = self.agent_id = ""
        self.phone: Phone | None = None
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._side: set[asyncio.Task[None]] = set()
        self.keeps_wrap_up = False
        """Does not say that the wrap-up is done before it is told to."""
        self.release: asyncio.Event | None = None
        """When there is one, a conversation lasts until it is set."""
        self._now = asyncio.Event()
        self._was_ready = False

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    async def start(self, bank: PhoneBank) -> None:
        """Get a telephone, register it, open the page. Raises CrewFailed or PhoneFailed."""
        answer = await self._client.post("/api/v1/agent/seat", headers=self._headers)
        if answer.status_code != 200:
            raise CrewFailed(f"POST /api/v1/agent/seat answered {answer.status_code}: {answer.text[:200]}")
        self.seat = answer.json()["seat"]
        self.phone = await bank.add(self.seat, answer.json()["password"])
        self._task = asyncio.create_task(self._page())

    async def until(self, state: str, within_s: float) -> bool:
        """Wait until the page shows this state; False when it does not come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.seen.state != state:
                    self.seen.told.clear()
                    await self.seen.told.wait()
                return True
        return False

    async def stop(self) -> None:
        for task in (self._task, *self._side):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def end_now(self) -> None:
        """End the conversation that waits to be released, and take further ones as usual."""
        self._now.set()
        self.release = None

    async def hold(self) -> None:
        await self._send({"type": "hold", "call_id": self.seen.call_id})

    async def resume(self) -> None:
        await self._send({"type": "resume", "call_id": self.seen.call_id})

    async def consult(self, colleague: DrillAgent) -> None:
        to = {"agent": colleague.agent_id}
        await self._send({"type": "consult", "call_id": self.seen.call_id, "to": to})

    async def cancel(self) -> None:
        """Let the colleague go; back to the caller."""
        await self._send({"type": "cancel", "call_id": self.seen.call_id})

    async def shows(self, phase: str, within_s: float) -> bool:
        """Wait until the page shows its call in this phase; False when it does not come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.seen.phase != phase or self.seen.state == "":
                    self.seen.told.clear()
                    await self.seen.told.wait()
                return True
        return False

    async def wrap_up_done(self) -> None:
        self.keeps_wrap_up = False
        await self._send({"type": "wrap_up_done"})

    async def crash(self) -> None:
        """The browser ends in mid-call: its page's socket, and its telephone with it."""
        if self._task is not None:
            self._task.cancel()
        await self.reload()
        if self.phone is not None:
            # Asterisk forgets a browser's telephone when its socket ends; ours must say it.
            await self.phone.register(expires_s=0)
            self.phone.drop()
            self.phone.dead = True
        self.seen.state, self.seen.call_id, self.seen.phase = "", None, ""

    async def come_back(self) -> None:
        """The page is loaded again: a telephone with a new password, and the socket. Raises CrewFailed, PhoneFailed."""
        assert self.phone is not None
        answer = await self._client.post("/api/v1/agent/seat", headers=self._headers)
        if answer.status_code != 200:
            raise CrewFailed(f"POST /api/v1/agent/seat answered {answer.status_code}: {answer.text[:200]}")
        self.phone.dead = False
        await self.phone.register(password=answer.json()["password"])
        self._task = asyncio.create_task(self._page())

    async def reload(self) -> None:
        """What a browser's reload does to the page: its socket ends at once and another comes."""
        if self._socket is not None and self._socket.transport is not None:
            self._socket.transport.abort()

    # --- the page ---

    async def _page(self) -> None:
        url = self._base_url.replace("http", "ws", 1) + "/ws/agent"
        while True:
            try:
                async with connect(url, additional_headers=self._headers, proxy=None, max_queue=512) as socket:
                    self._socket = socket
                    await self._send({"type": "hello", "tab_id": self.seat, "take_over": True})
                    async for text in socket:
                        await self._take(orjson.loads(text))
            except (OSError, websockets.WebSocketException, TimeoutError):
                pass
            self.seen.reconnects += 1
            self.seen.state = ""
            await asyncio.sleep(_BACK_AFTER_S)

    async def _send(self, frame: Mapping[str, object]) -> None:
        if self._socket is not None:
            with suppress(websockets.ConnectionClosed):
                await self._socket.send(orjson.dumps(frame).decode())

    async def _take(self, frame: dict[str, Any]) -> None:
        now, seen = time.monotonic(), self.seen
        match frame.get("type"):
            case "snapshot":
                self.agent_id = str(frame["me"]["agent_id"])
                call = frame.get("call")
                self._call(call, now)
                await self._agent(frame.get("agent"))
            case "agent":
                await self._agent(frame["agent"])
            case "pop":
                pop = frame["pop"]
                seen.pops.append(Pop(pop["offer_id"], pop["call_id"], pop["caller_number"], now))
                await self._send({"type": "pop_received", "offer_id": pop["offer_id"]})
            case "call":
                self._call(frame.get("call"), now)
            case "error":
                seen.refused.append(str(frame.get("code")))

    def _call(self, call: dict[str, Any] | None, now: float) -> None:
        self.seen.call_id = call["call_id"] if call and call["phase"] != "ended" else None
        self.seen.phase = call["phase"] if call else ""
        self.seen.told.set()
        if call is None or call["phase"] != "talking" or call["call_id"] in self.seen.talking_at:
            return
        self.seen.talking_at[call["call_id"]] = now
        work = asyncio.create_task(self._converse(call["call_id"]))
        self._side.add(work)
        work.add_done_callback(self._side.discard)

    async def _converse(self, call_id: str) -> None:
        if self.release is not None:
            ended = [asyncio.ensure_future(event.wait()) for event in (self.release, self._now)]
            await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
            for each in ended:
                each.cancel()
        await asyncio.sleep(self._lasts_s())
        # The outcome is written before the hang-up, as an agent does who types while talking.
        body = {"disposition": self._disposition, "note": "drill"}
        deadline = time.monotonic() + _OUTCOME_WITHIN_S
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                put = await self._client.put(f"/api/v1/contacts/{call_id}/outcome", headers=self._headers, json=body)
                if put.status_code in (200, 202):  # written, or kept until the database is there
                    self.seen.outcomes += 1
                    break
                if put.status_code not in (403, 404, 502, 503):
                    self.seen.refused.append(f"outcome {put.status_code}: {put.text[:120]}")
                    break
            await asyncio.sleep(0.2)
        else:
            self.seen.refused.append(f"outcome of {call_id} not accepted")
        # Who presses a button and sees nothing happen presses again.
        for _ in range(10):
            await self._send({"type": "hang_up", "call_id": call_id})
            if await self._until_over(call_id, _PRESS_AGAIN_S):
                return

    async def _until_over(self, call_id: str, within_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.seen.call_id == call_id or self.seen.state == "":
                    self.seen.told.clear()
                    await self.seen.told.wait()
                return True
        return False

    async def _agent(self, agent: dict[str, Any] | None) -> None:
        if agent is None:
            return
        self.seen.state = str(agent["state"])
        self.seen.told.set()
        # Who did not respond in an earlier drill is there again; who does not in this one stays so, and is seen.
        comes = ("offline", "break") if self._was_ready else ("offline", "break", "not_responding")
        self._was_ready = self._was_ready or self.seen.state == "ready"
        if self.seen.state in comes and agent["phone"] and not agent["pending"]:
            await self._send({"type": "ready"})
        elif self.seen.state == "wrap_up" and not self.keeps_wrap_up:
            await self._send({"type": "wrap_up_done"})
