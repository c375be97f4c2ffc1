"""Legs from the switch's events into the spool, the database, and what pages and Prometheus read of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from callcenter.access.roles import Role
from callcenter.asterisk import events as e
from callcenter.calls.tables import Contact
from callcenter.clock import SystemClock
from callcenter.facts import Facts
from callcenter.ids import AgentId, CallId, name_of, new_id
from callcenter.quality.repository import write_sounds
from callcenter.quality.tables import LegSoundRow
from callcenter.quality.watch import SOUND, LegWatch
from callcenter.spool.shipping import Shipper, Straight
from callcenter.spool.store import Spool
from callcenter.watch.metrics import Metrics
from tests.house import House
from tests.quality.test_rules import CLEAN, START

NOTHING = replace(CLEAN, received=0, sent_lost=None, sent_jitter_ms=None, rtt_ms=None)


@dataclass
class Line:
    """Calls that live, and what operations are told."""

    callers: dict[str, CallId] = field(default_factory=dict)
    drills: set[CallId] = field(default_factory=set)
    told: list[tuple[str, str | None, str | None, Facts]] = field(default_factory=list)

    def of_caller(self, channel: str) -> CallId | None:
        return self.callers.get(channel)

    def is_drill(self, call_id: CallId) -> bool:
        return call_id in self.drills

    def incident(
        self, kind: str, text: str, call_id: str | None = None, agent_id: str | None = None, *, facts: Facts
    ) -> None:
        self.told.append((kind, call_id, agent_id, facts))


class Switch:
    """Says what Asterisk says of callers and agents' legs."""

    def __init__(self, spool: Spool, agent: str) -> None:
        self.line, self.agent = Line(), AgentId(agent)
        self.watch = LegWatch(
            spool,
            SystemClock(),
            self.line,
            agent_of=lambda seat: self.agent if seat == "seat-1001" else None,
            incident=self.line.incident,
        )

    def call(
        self,
        customer: e.LegSound | None,
        agent: e.LegSound | None,
        *,
        at: datetime = START,
        seconds: float = 30,
        drill: bool = False,
        endpoint: str = "trunk-north~1a2b",
    ) -> CallId:
        call_id, caller = CallId(new_id()), new_id()
        leg = name_of(call_id, "agent1")
        self.line.callers[caller] = call_id
        self.line.drills |= {call_id} if drill else set()
        self.watch.hear(
            e.CallerArrived(
                node="a", at=at, channel=caller, caller_number="", caller_name="", dialled="", trunk="trunk-north"
            )
        )
        self.watch.hear(e.LegAnswered(node="a", at=at, channel=leg))
        over = at + timedelta(seconds=seconds)
        self.gone(caller, over, endpoint, customer)
        self.line.callers.clear()  # the agent's leg ends when the call is over
        self.gone(leg, over, "seat-1001", agent)
        return call_id

    def gone(self, channel: str, at: datetime, endpoint: str, sound: e.LegSound | None) -> None:
        told: dict[str, Any] = {"cause": 16, "cause_text": "", "endpoint": endpoint, "sound": sound}
        self.watch.hear(e.ChannelGone(node="a", at=at, channel=channel, **told))


async def test_each_leg_is_kept_once_and_shown_with_its_call_and_day(house: House, tmp_path: Path) -> None:
    lead, lead_id = await house.signed_in(Role.SUPERVISOR)
    spool = Spool(tmp_path / "spool")
    switch = Switch(spool, lead_id)
    metrics = Metrics()
    switch.watch.on_over = metrics.leg_over
    lossy = replace(CLEAN, received_lost=140)
    call_id = switch.call(CLEAN, lossy)
    drill = switch.call(NOTHING, NOTHING, drill=True)
    switch.call(CLEAN, CLEAN, at=START - timedelta(days=1))
    async with house.db.write() as session:
        session.add(Contact(id=call_id, started_at=START))
        session.add(Contact(id=drill, started_at=START, drill=True))
    told = []
    shipper = Shipper(spool, house.db, house.clock, {SOUND: Straight(write_sounds)}, done=told.extend)
    entries = spool.pending(100)
    await shipper.drain()
    assert len(told) == len(entries) == 6
    async with house.db.direct_write() as direct:
        await write_sounds(direct, entries)
    async with house.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(LegSoundRow)) == 6, "what comes again is there"

    contact = (await lead.get(f"/api/v1/contacts/{call_id}")).json()
    agent, customer = sorted(contact["sounds"], key=lambda one: str(one["party"]))
    assert (customer["party"], customer["trunk"], customer["verdict_from"]) == ("customer", "north", "good")
    assert agent["agent_id"] == lead_id
    assert agent["agent_name"], "a name to read"
    assert (agent["verdict_from"], agent["verdict_to"], agent["lost_from"]) == ("poor", "good", 0.0854)

    day = (await lead.get("/api/v1/sound?day=2026-03-02")).json()
    assert [(one["trunk"], one["agent_id"], one["legs"], one["poor"], one["silent"]) for one in day["sources"]] == [
        ("", lead_id, 1, 1, 0),
        ("north", None, 1, 0, 0),
    ], "the worst first; neither the drill nor yesterday"
    shown = metrics.text().decode()
    assert 'callcenter_legs_total{sound_from="poor",sound_to="good",trunk=""} 1.0' in shown
    assert 'callcenter_rtp_lost_packets_total{direction="in",trunk=""} 140.0' in shown


def test_a_leg_without_sound_is_told_with_its_call_once_in_a_while(tmp_path: Path) -> None:
    switch = Switch(Spool(tmp_path / "spool"), "a" * 32)
    told = switch.line.told
    silent = switch.call(NOTHING, CLEAN)
    assert [(kind, call, agent, facts["trunk"], facts["party"]) for kind, call, agent, facts in told] == [
        ("no_sound", silent, None, "north", "customer")
    ]
    switch.call(NOTHING, CLEAN, at=START + timedelta(minutes=5))
    switch.call(NOTHING, CLEAN, seconds=2)
    switch.call(NOTHING, NOTHING, drill=True)
    assert len(told) == 1, "the carrier has the same fault; two seconds and drills say nothing"
    again = switch.call(NOTHING, NOTHING, at=START + timedelta(minutes=11))
    assert [(call, agent) for _, call, agent, _ in told[1:]] == [(again, None), (again, "a" * 32)]


def test_a_leg_that_talked_before_we_came_back_is_judged_from_then(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    switch = Switch(spool, "a" * 32)
    call_id = CallId(new_id())
    leg, rings = name_of(call_id, "agent1"), name_of(call_id, "agent2")
    view = e.ChannelView(channel=leg, state="Up", caller_number="", created=START - timedelta(hours=1))
    up = e.SwitchUp(
        node="a",
        at=START,
        version="22",
        channels=(view, replace(view, channel=rings, state="Ring")),
        bridges=(),
        seats_online=frozenset(),
        boot="1",
    )
    switch.watch.hear(up)
    switch.gone(rings, START + timedelta(seconds=9), "seat-1001", NOTHING)
    switch.gone(leg, START + timedelta(seconds=2), "seat-1001", NOTHING)
    assert spool.unshipped == 1, "what was never answered has no sound"
    assert switch.line.told == []
