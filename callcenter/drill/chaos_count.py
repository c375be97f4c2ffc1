"""What became of the calls of a chaos drill: counted from the database, the telephones and Asterisk."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from callcenter.business.tables import Outcome
from callcenter.calls.tables import Contact, JournalRow, SegmentRow
from callcenter.drill.chaos_report import ChaosReport, overtaken
from callcenter.drill.found import service_pid, usage
from callcenter.drill.phone import Talk
from callcenter.drill.report import doubled
from callcenter.drill.run import Stage, leftovers, mine, whole
from callcenter.drill.scene import Scene
from callcenter.drill.sound import longest_ms, longest_over_ms
from callcenter.recording.tables import Recording

SETTLED_WITHIN_S = 60.0
_CUT_REASON = "switch_lost"


@dataclass(frozen=True, slots=True)
class _Records:
    """What the database has of the drill's calls; ids of contacts."""

    contacts: list[Contact]
    outcomes: set[str]
    sealed: set[str]
    waits: dict[str, float]
    """When each began to wait the first time, seconds since the epoch."""
    offered: dict[str, float]
    """When it was last decided to offer each to an agent."""

    @property
    def served(self) -> list[Contact]:
        return [contact for contact in self.contacts if whole(contact)]

    @property
    def unwritten(self) -> bool:
        return any(contact.ended_at is None for contact in self.contacts) or any(
            contact.id not in self.outcomes or contact.id not in self.sealed for contact in self.served
        )


async def _records(made: Stage) -> _Records:
    async with made.db.read() as session:
        contacts = list(await session.scalars(select(Contact).where(mine(made))))
        ids = [contact.id for contact in contacts]
        outcomes = set(await session.scalars(select(Outcome.contact_id).where(Outcome.contact_id.in_(ids))))
        sealed = set(
            await session.scalars(
                select(Recording.contact_id).where(Recording.contact_id.in_(ids), Recording.state == "sealed")
            )
        )
        waits = {
            row.contact_id: row.started_at.timestamp()
            for row in await session.scalars(
                select(SegmentRow)
                .where(SegmentRow.contact_id.in_(ids), SegmentRow.kind == "wait")
                .order_by(SegmentRow.seq.desc())  # the first wait of a call counts
            )
        }
        # By the desk, which decides one after the other; a call notes it when it has done what it was doing.
        decided = JournalRow.payload["offer"]["decision"]["at"].astext
        offers = select(JournalRow.call_id, func.max(decided)).where(
            JournalRow.call_id.in_(ids), JournalRow.kind == "Offered"
        )
        offered = {
            call_id: datetime.fromisoformat(at).timestamp()
            for call_id, at in await session.execute(offers.group_by(JournalRow.call_id))
        }
    return _Records(contacts, outcomes, sealed, waits, offered)


async def count(scene: Scene, report: ChaosReport, times: tuple[float, float, float]) -> None:
    made, callers = scene.stage, scene.callers.callers
    await made.bank.all_heard()
    records = await _records(made)
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while records.unwritten and time.monotonic() < deadline:
        await asyncio.sleep(0.5)  # what was kept on disk meanwhile is being written
        records = await _records(made)
    contacts, served = records.contacts, records.served
    by_number = {contact.caller_number: contact for contact in contacts}
    cut = [contact for contact in contacts if contact.end_reason == _CUT_REASON]
    report.calls = len(callers)
    report.lost_calls = max(len(callers) - len(served) - min(len(cut), report.cut), 0)
    lacking = {
        "contact": sum(caller.number not in by_number for caller in callers),
        "end": sum(contact.ended_at is None for contact in contacts),
        "outcome": sum(contact.id not in records.outcomes for contact in served),
        "recording": sum(contact.id not in records.sealed for contact in served),
    }
    report.lost_records = sum(lacking.values())
    # Who is asked about a caller is rung while another talks with them.
    asked = {id(talk) for talk in scene.consultations}
    talks = [talk for talk in made.talks if id(talk) not in asked]
    report.double_offers = doubled(talks) + sum(phone.doubled for phone in made.bank.phones.values())
    out_of_order = overtaken(
        [
            (records.waits[contact.id], records.offered[contact.id])
            for caller in scene.waiting
            if (contact := by_number.get(caller.number)) is not None
            and contact.id in records.waits
            and contact.id in records.offered
        ]
    )
    report.order_kept = not out_of_order
    report.media_gap_ms = _gaps(report.kind, scene, talks, times)
    report.leftover_channels, report.leftover_bridges = await leftovers(made, scene.hotline)
    report.leftover_agents = sum(agent.seen.state != "ready" for agent in scene.agents)
    pid = service_pid(made.settings)
    used = usage(pid) if pid else None
    report.service = {"rss_mb": used.rss_mb} if used else {}
    states = Counter(agent.seen.state for agent in scene.agents if agent.seen.state != "ready")
    report.notes = [
        *out_of_order,
        *(f"{count} agents left in state {state or 'unknown'}" for state, count in states.items()),
        *(f"a call came to {phone.seat} while it was busy" for phone in made.bank.phones.values() if phone.doubled),
        *_silent(scene, talks, times[1]),
        *(f"{count} without {name}" for name, count in lacking.items() if count),
        *(
            f"{count} calls: {'answered' if answered else 'not answered'}, end: {reason}"
            for (answered, reason), count in Counter(
                (bool(one.answered_by), one.end_reason or "still open") for one in contacts if not whole(one)
            ).items()
        ),
        *sorted({text for agent in scene.agents for text in agent.seen.refused}),
    ]


def _silent(scene: Scene, talks: Sequence[Talk], struck: float) -> list[str]:
    """In words: who did not hear the other."""
    return [
        f"{'telephone' if heard is talk.heard else 'caller'} {talk.caller}: {heard.packets} packets, no tone in them"
        for talk in _steady(scene, talks, struck)
        for heard in (talk.heard, *(one.heard for one in scene.callers.callers if one.number == talk.caller))
        if heard.tone == 0
    ]


def _steady(scene: Scene, talks: Sequence[Talk], struck: float) -> list[Talk]:
    """The conversations that it must not disturb (who is on hold or lost hears no tone)."""
    on_hold = {agent.seat for agent in (*scene.held, *scene.asking, *scene.lost)}
    return [
        talk
        for talk in talks
        if talk.seat not in on_hold
        and talk.caller not in scene.cut_off
        and talk.answered_at is not None
        and talk.answered_at < struck
        and (talk.ended_at is None or talk.ended_at > struck)
    ]


def _gaps(kind: str, scene: Scene, talks: Sequence[Talk], times: tuple[float, float, float]) -> dict[str, float]:
    """At both ends of the conversations that went on all the time."""
    calm_from, struck, calm_until = times
    # Asterisk carries the sound: with it every conversation ends, and there is no hole to measure.
    steady = [] if kind == "asterisk" else _steady(scene, talks, struck)
    numbers = {talk.caller for talk in steady}
    ends = [talk.heard for talk in steady]
    ends += [caller.heard for caller in scene.callers.callers if caller.number in numbers]
    return {
        "max": longest_ms(ends, struck, calm_until),
        "undisturbed": longest_over_ms(ends, calm_from, struck),
        "ends": len(ends),
        "silent_ends": sum(heard.tone == 0 for heard in ends),
    }
