"""What makes a restart of the service unnoticed: calls, desk, seats and pops as they were, out of the spool."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
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
from callcenter.calls.adopting import NO_WORD, NO_WORDS, DeskWord, agreed, word_of
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
        self.alarms: list[tuple[str, str, CallId | None, AgentId | None]] = []
        """What operations must be told of this start: (kind, text, call, agent)."""
        self._foreign: set[str] = set()
        """Versions of flows that are not to be had."""

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
            self.alarms.append(("spool_broken", text, None, None))
        pages.pops.update({AgentId(key): orjson.loads(value) for key, value in self._spool.notes("pop").items()})

        async def flows_of(version: str) -> FlowSet:
            return await self._flows_of(registry, version)

        live, broken = await journal.load(flows_of)
        text = "the journal of a live call could not be read; the caller begins anew"
        self.alarms += [("journal_unreadable", text, call_id, None) for call_id in broken]
        text = "the journal of a live call could not be followed; it goes on as Asterisk and the desk have it"
        self.alarms += [("call_adopted", text, one.call.id, None) for one in live if one.doubtful]
        boots = {node_name: value.decode() for node_name, value in self._spool.notes("boot").items()}
        pairs = [(one, await flows_of(one.call.flow_version)) for one in live]
        kept = self._keeper.load()
        self.alarms += [_unreadable(kind, key) for kind, key in self._keeper.unreadable]
        words = {one.call.id: word_of(kept, one.call.id) for one in live if one.doubtful}
        runner.restore(pairs, node, boots=boots, died_at=self.sure_until(node.node, live), words=words)
        restored, then = rebuild(
            kept,
            [held for one in live for held in held_agents(one.call, words.get(one.call.id, NO_WORD))],
            waiting_ones(live, words),
            offer_count=max((one.left.offer_count for one in live), default=0),
        )
        for command in (restored, *then):
            desk.tell(command)
        if live or restored.agents:
            _log.info("restored", calls=len(live), agents=len(restored.agents), waiting=len(restored.waiting))
        return [one.call.id for one in live]

    async def _flows_of(self, registry: FlowRegistry, version: str) -> FlowSet:
        """The flows that a call began with. Where they are nowhere any more, or this version of the service does not
        take them, the live ones: a caller goes on at the step of that name, or from the beginning."""
        known = registry.known(version)
        if known is not None:
            return known
        if version in self._foreign:
            return registry.current
        try:
            files = self._kept_files(version) or await registry.files_of(version)
            encoded = {name: text.encode() for name, text in files.items()}
            flows = await asyncio.to_thread(registry.compile, encoded, tried=False)
        except Exception as error:
            _log.error("flows_of_calls_gone", version=version, reason=type(error).__name__)
            text = "the flows that live calls began with cannot be used any more; these calls go on with the live flows"
            self.alarms.append(("flows_gone", text, None, None))
            self._foreign.add(version)
            return registry.current
        if flows.version != version:  # the same files, read otherwise
            flows = replace(flows, version=version)
        registry.know(flows)
        return flows

    def _kept_files(self, version: str) -> Mapping[str, str] | None:
        kept = self._spool.note("flows", version)
        return None if kept is None else {name: str(text) for name, text in orjson.loads(kept)["files"].items()}


def _unreadable(kind: str, key: str) -> tuple[str, str, CallId | None, AgentId | None]:
    text = "what the desk had kept could not be read: who waits goes on as their call has it, an agent signs in anew"
    call_id, agent_id = CallId(key) if kind == "wait" else None, AgentId(key) if kind == "agent" else None
    return "desk_note_unreadable", text, call_id, agent_id


_STATES = {Phase.HELD: acd.AgentState.HOLD, Phase.CONSULTING: acd.AgentState.CONSULTING}


def held_agents(call: Call, word: DeskWord = NO_WORD) -> list[HeldAgent]:
    """The agents whom a call holds, in conversation or by an offer. ``word``: the desk's, where that is to be believed
    rather than the call."""
    if word.talking:
        return [
            HeldAgent(profile=one.profile, call_id=call.id, state=one.state, since=one.since, queue=one.queue)
            for one in word.talking
        ]
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


def waiting_ones(live: Sequence[Replayed], words: Mapping[CallId, DeskWord] = NO_WORDS) -> list[WaitingOne]:
    return [
        waits
        for one in sorted(live, key=lambda one: one.call.id)
        if (waits := _waiting(one, words.get(one.call.id, NO_WORD))) is not None
    ]


def _waiting(one: Replayed, word: DeskWord) -> WaitingOne | None:
    if word.talking:
        return None
    if word.waits is not None and not agreed(one, word.waits):
        return WaitingOne(queued=word.waits.request)
    if one.left.queued is None or one.call.phase not in (Phase.WAITING, Phase.OFFERED):
        return None
    ringing = one.call.ringing
    return WaitingOne(queued=one.left.queued, offer_id=ringing.offer.offer_id if ringing else None)
