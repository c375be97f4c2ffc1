"""What runs beside the agents' pages: queue lines and the day's counts pushed to them, break allowances, and every
few seconds the comparison of what the desk believes with the calls, and of the calls with Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy import select

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.statelog import states_since
from callcenter.asterisk.events import ChannelView
from callcenter.business.tables import BreakReason
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.cti.breaks import REACH, BreakTimes
from callcenter.cti.pages import AgentPages, Frame
from callcenter.db.engine import Database
from callcenter.errors import CallCenterError
from callcenter.ids import AgentId, CallId
from callcenter.reporting.today import AgentDay, TodayFigures, live_lines
from callcenter.spool.store import Spool

PUSH_EVERY_S: Final = 1.0
COMPARE_EVERY_S: Final = 3.0
FIGURES_EVERY_S: Final = 5.0
PAGE_GONE: Final = timedelta(minutes=3)
"""A page that is loaded anew, a laptop that changes networks and a browser that restarts are back by then."""
_AT_REST: Final = (acd.AgentState.READY, acd.AgentState.NOT_RESPONDING)
"""On a break one may close the lid: it ends when its agent says so."""
_NO_DAY: Final[dict[str, object]] = asdict(AgentDay())
_log = structlog.get_logger()


class ComparedSwitch(Protocol):
    @property
    def node(self) -> str: ...

    @property
    def connected(self) -> bool: ...

    async def channels(self) -> tuple[ChannelView, ...]: ...


Incident = Callable[[datetime, acd.IncidentFound], Awaitable[None]]


def truth_of(calls: Iterable[Call], in_motion: frozenset[CallId] = frozenset()) -> acd.TruthSeen:
    """Which agents the calls hold, and which calls wait."""
    talking: dict[AgentId, CallId] = {}
    offered = {}
    waiting = set()
    for call in calls:
        if call.phase in (Phase.WAITING, Phase.OFFERED):
            waiting.add(call.id)
        offered.update({offer.agent.agent_id: offer.offer_id for offer in call.offers})
        talking.update(dict.fromkeys(call.engaged, call.id))
    return acd.TruthSeen(talking=talking, offered=offered, waiting=frozenset(waiting), in_motion=in_motion)


class MissingLegs:
    """Channels that a call holds and Asterisk does not list. Two looks in a row must miss the same one."""

    def __init__(self) -> None:
        self._missed: set[str] = set()

    def look(self, calls: Iterable[Call], there: frozenset[str]) -> list[tuple[CallId, m.Event]]:
        """What one node's calls must be told now."""
        missing: dict[str, tuple[CallId, m.Event]] = {}
        for call in calls:
            if call.phase is Phase.ENDED:
                continue
            for leg in call.settled_legs:
                if leg not in there:
                    missing[leg] = (call.id, m.LegGone(channel=leg, cause=16))
            if call.outside_there and call.channel not in there:
                missing[call.channel] = (call.id, m.CallerGone(cause=16))
        confirmed = [told for channel, told in missing.items() if channel in self._missed]
        self._missed = set(missing)
        return confirmed

    def forget(self) -> None:
        self._missed.clear()


class LostPages:
    """Agents who are ready at a page that is gone: a lid that was closed at the end of a shift. They are offered
    nothing, but would count as ready until somebody noticed."""

    def __init__(self) -> None:
        self._since: dict[AgentId, datetime] = {}

    def look(self, agents: Iterable[acd.AgentSnapshot], now: datetime) -> list[AgentId]:
        """Whose page has been gone for too long."""
        gone = [one.profile.agent_id for one in agents if one.state in _AT_REST and not one.page]
        self._since = {agent_id: self._since.get(agent_id, now) for agent_id in gone}
        return [agent_id for agent_id, since in self._since.items() if now - since >= PAGE_GONE]


class DeskWatch:
    """Runs beside the desk; see the module."""

    def __init__(
        self,
        *,
        desk: Desk,
        calls: Callable[[], tuple[Call, ...]],
        in_motion: Callable[[], frozenset[CallId]],
        post: Callable[[CallId, m.Event], bool],
        node: ComparedSwitch,
        pages: AgentPages,
        queue_lines: Callable[[], dict[str, dict[str, object]]],
        breaks: BreakTimes,
        today: TodayFigures,
        database: Database,
        spool: Spool,
        clock: Clock,
        incident: Incident,
    ) -> None:
        self._desk, self._calls, self._post, self._node, self._pages = desk, calls, post, node, pages
        self._queue_lines, self._breaks, self._today, self._database = queue_lines, breaks, today, database
        self._spool, self._clock, self._incident = spool, clock, incident
        self._in_motion = in_motion
        self._legs = MissingLegs()
        self._lost_pages = LostPages()
        self._days: Mapping[AgentId, dict[str, object]] = {}
        self._told: dict[AgentId, tuple[object, Frame]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def found(self, incident: acd.IncidentFound) -> None:
        """Keep what the desk found."""
        _log.error("incident", kind=incident.kind, text=incident.text, call_id=incident.call_id)
        task = asyncio.create_task(self._keep(incident))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, incident: acd.IncidentFound) -> None:
        try:
            await self._incident(self._clock.now(), incident)
        except CallCenterError as error:
            _log.warning("incident_not_kept", kind=incident.kind, reason=error.message)

    def day_of(self, agent_id: AgentId) -> dict[str, object]:
        """``today`` of the agent's page."""
        return self._days.get(agent_id, _NO_DAY)

    async def run(self) -> None:
        """Push, read and compare, each in its own rhythm; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_every(PUSH_EVERY_S, self.push))
            group.create_task(_every(FIGURES_EVERY_S, self.read_figures))
            group.create_task(_every(COMPARE_EVERY_S, self.compare))

    async def push(self) -> None:
        """Tell each page its queues and its day, if they have changed."""
        present = self._pages.present()
        for agent_id in self._told.keys() - present.keys():
            del self._told[agent_id]
        lines = self._queue_lines()
        for agent_id, socket in present.items():
            profile = self._desk.rules.profile(agent_id)
            if profile is None:
                continue
            mine = [line for name, line in lines.items() if name in profile.queues]
            frame = {"type": "queues", "queues": mine, "today": self.day_of(agent_id)}
            if self._told.get(agent_id) != (socket, frame):
                self._told[agent_id] = (socket, frame)
                self._pages.tell(agent_id, frame)

    async def read_figures(self) -> None:
        """The day's counts and the break reasons, from the database."""
        days = (await self._today.read(live_lines(self._calls()))).agents
        self._days = {agent_id: asdict(day) for agent_id, day in days.items()}
        async with self._database.read() as session:
            rows = await session.execute(
                select(BreakReason.code, BreakReason.allowance_minutes).where(BreakReason.active)
            )
            self._breaks.allowances = {code: None if minutes is None else minutes * 60.0 for code, minutes in rows}
            if not self._breaks.recalled:
                since = self._clock.now() - REACH
                self._breaks.recall(await states_since(session, self._spool, since))

    async def compare(self) -> None:
        """The calls with Asterisk, then the desk with the calls."""
        if self._node.connected:
            there = frozenset(view.channel for view in await self._node.channels())
            here = [call for call in self._calls() if call.node == self._node.node]
            for call_id, told in self._legs.look(here, there):
                if self._post(call_id, told):
                    kind = "caller_gone_unheard" if isinstance(told, m.CallerGone) else "leg_gone_unheard"
                    text = f"a live call held a channel that Asterisk does not list: {told}"
                    facts = {"channel": str(getattr(told, "channel", ""))}
                    self.found(acd.IncidentFound(kind=kind, text=text, call_id=call_id, facts=facts))
        else:
            self._legs.forget()
        self._desk.tell(truth_of(self._calls(), self._in_motion()))
        self._ring_the_lost()
        for agent_id in self._lost_pages.look(self._desk.rules.agents(), self._clock.now()):
            self._desk.tell(acd.AgentLoggedOut(agent_id=agent_id, cause="page_gone"))

    def _ring_the_lost(self) -> None:
        """Agents for whom a call is kept and who are here, but whose coming was told before the loss was."""
        for call in self._calls():
            if call.parked is None or call.parked.channel is not None:
                continue
            agent_id = call.parked.agent.agent_id
            agent = self._desk.rules.agent(agent_id)
            if agent is not None and agent.page and agent.phone:
                self._post(call.id, m.AgentBack(agent_id=agent_id))


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except CallCenterError as error:
            _log.warning("watch_failed", work=getattr(work, "__name__", ""), reason=error.message)
        except Exception:
            _log.exception("watch_failed", work=getattr(work, "__name__", ""))
        await asyncio.sleep(seconds)
