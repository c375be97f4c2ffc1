"""What makes a restart of the service unnoticed: calls, desk, seats and pops as they were, out of the spool."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson
import structlog

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.keeper import DeskKeeper
from callcenter.acd.rebuild import HeldAgent, WaitingOne, rebuild
from callcenter.asterisk.events import SwitchDown, SwitchEvent, SwitchUp
from callcenter.asterisk.gateway import Seat
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls.journal import CallJournal
from callcenter.calls.messages import Phase
from callcenter.calls.replay import Replayed
from callcenter.calls.runner import CallRunner
from callcenter.calls.state import Call
from callcenter.cti.pages import AgentPages, Frame
from callcenter.ids import AgentId, CallId, name_of
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.registry import FlowRegistry
from callcenter.spool.store import Spool

KEPT_FLOWS: Final = 20
_log = structlog.get_logger()


class Continuity:
    def __init__(self, spool: Spool, keeper: DeskKeeper, captures: Path) -> None:
        self._spool, self._keeper, self._captures = spool, keeper, captures
        self.alarms: list[tuple[str, str, CallId | None]] = []
        """What operations must be told of this start: (kind, text, call)."""

    # --- kept while the service lives ---

    def keep_seat(self, name: str, seat: Seat | None) -> None:
        self._spool.set_notes("seat", {name: orjson.dumps(asdict(seat)) if seat else None})

    def keep_pop(self, agent_id: AgentId, frame: Frame | None) -> None:
        self._spool.set_notes("pop", {agent_id: orjson.dumps(frame) if frame is not None else None})

    def keep_flows(self, flows: FlowSet) -> None:
        kept = self._spool.notes("flows")
        if flows.version in kept:
            return
        at = datetime.now(UTC).isoformat()
        values: dict[str, bytes | None] = {flows.version: orjson.dumps({"at": at, "files": dict(flows.files)})}
        oldest = sorted(kept, key=lambda version: str(orjson.loads(kept[version])["at"]))
        values |= dict.fromkeys(oldest[: max(0, len(oldest) + 1 - KEPT_FLOWS)])
        self._spool.set_notes("flows", values)

    def follow(self, event: SwitchEvent) -> None:
        """Which run of each switch the calls belong to."""
        if isinstance(event, SwitchUp):
            self._spool.set_all_notes({"boot": {event.node: event.boot.encode()}, "away": {event.node: None}})
        elif isinstance(event, SwitchDown):
            self._spool.set_notes("away", {event.node: b"yes"})

    def sure_until(self, node: str, live: Sequence[Replayed]) -> datetime | None:
        """Until when the switch is known to have heard what was asked of it: the last instant of which anything is
        known. None when it was away as the last service died, or spoke with a machine whose notes we have not: then
        nothing that calls asked last need have been done."""
        if self._spool.note("away", node) or not self._spool.note("boot", node):
            return None
        return max((one.last_at for one in live), default=None)

    def last_sign(self, call: Call) -> datetime | None:
        """When the capture of a call was written last: its caller was there until then."""
        try:
            written = (self._captures / f"{name_of(call.id, 'capture')}.raw").stat().st_mtime
        except OSError:
            return None
        return datetime.fromtimestamp(written, UTC)

    # --- taken up at the start ---

    def know_seats(self, node: AsteriskNode) -> None:
        """Before it connects: seats that Asterisk has not (any more) are pushed then."""
        node.know_seats(Seat(**orjson.loads(value)) for value in self._spool.notes("seat").values())

    async def restore(
        self,
        *,
        journal: CallJournal,
        runner: CallRunner,
        desk: Desk,
        node: AsteriskNode,
        pages: AgentPages,
        registry: FlowRegistry,
    ) -> list[CallId]:
        """Rebuild what the last service had; returns the calls that live on. Call it once the flows are loaded."""
        if self._spool.found_broken:
            text = "the spool could not be read and was put aside: calls go on as the database has them, see its folder"
            self.alarms.append(("spool_broken", text, None))
        pages.pops.update({AgentId(key): orjson.loads(value) for key, value in self._spool.notes("pop").items()})

        async def flows_of(version: str) -> FlowSet:
            return await self._flows_of(registry, version)

        live, broken = await journal.load(flows_of)
        text = "the journal of a live call could not be read; the caller begins anew"
        self.alarms += [("journal_unreadable", text, call_id) for call_id in broken]
        boots = {node_name: value.decode() for node_name, value in self._spool.notes("boot").items()}
        pairs = [(one, await flows_of(one.call.flow_version)) for one in live]
        runner.restore(pairs, node, boots=boots, died_at=self.sure_until(node.node, live))
        restored, then = rebuild(
            self._keeper.load(),
            [held for one in live for held in held_agents(one.call)],
            waiting_ones(live),
            offer_count=max((one.offer_count for one in live), default=0),
        )
        for command in (restored, *then):
            desk.tell(command)
        if live or restored.agents:
            _log.info("restored", calls=len(live), agents=len(restored.agents), waiting=len(restored.waiting))
        return [one.call.id for one in live]

    async def _flows_of(self, registry: FlowRegistry, version: str) -> FlowSet:
        known = registry.known(version)
        if known is not None:
            return known
        kept = self._spool.note("flows", version)
        if kept is None:
            return registry.current
        files = {name: str(text).encode() for name, text in orjson.loads(kept)["files"].items()}
        flows = await asyncio.to_thread(registry.compile, files)
        registry.know(flows)
        return flows


_STATES = {Phase.HELD: acd.AgentState.HOLD, Phase.CONSULTING: acd.AgentState.CONSULTING}


def held_agents(call: Call) -> list[HeldAgent]:
    """The agents whom a call holds, in conversation or by an offer."""
    queue = call.wait.queue if call.wait else ""
    held: list[HeldAgent] = []
    since = call.segments[-1].started_at
    in_call: list[tuple[acd.AgentProfile, acd.AgentState]] = []
    if call.talk is not None:
        in_call.append((call.talk.agent, _STATES.get(call.phase, acd.AgentState.TALKING)))
    if call.consult is not None and call.consult.answered and call.consult.agent is not None:
        in_call.append((call.consult.agent, _STATES.get(call.phase, acd.AgentState.TALKING)))
    if call.parked is not None:
        in_call.append((call.parked.agent, acd.AgentState.HOLD))
    held += [
        HeldAgent(profile=profile, call_id=call.id, state=state, since=since, queue=queue) for profile, state in in_call
    ]
    held += [
        HeldAgent(
            profile=offer.agent,
            call_id=call.id,
            state=acd.AgentState.RESERVED,
            since=since,
            queue=offer.queue,
            offer_id=offer.offer_id,
        )
        for offer in call.offers
    ]
    return held


def waiting_ones(live: Sequence[Replayed]) -> list[WaitingOne]:
    return [
        WaitingOne(queued=one.queued, offer_id=one.call.ringing.offer.offer_id if one.call.ringing else None)
        for one in sorted(live, key=lambda one: one.call.id)
        if one.queued is not None and one.call.phase in (Phase.WAITING, Phase.OFFERED)
    ]
