"""A part is killed in the middle of a drill: what was lost, and how long it took.

A third of the calls are in a menu, a third wait, a third are in conversation, of which some are on hold, ringing, or
over with their agent in wrap-up. All callers are scripted telephones: what they hear is measured at their end too.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import func, select

from callcenter.business.tables import Outcome
from callcenter.calls.tables import Contact, SegmentRow
from callcenter.drill import faults
from callcenter.drill.chaos_report import KINDS, ChaosReport, overtaken
from callcenter.drill.crew import CrewFailed, DrillAgent
from callcenter.drill.dialler import Caller, CallerBank
from callcenter.drill.found import service_pid, usage
from callcenter.drill.phone import Talk
from callcenter.drill.report import doubled
from callcenter.drill.run import Plan, Say, Stage, leftovers, mine, reserved_number, settled, stage, whole
from callcenter.drill.sound import longest_ms, longest_over_ms
from callcenter.recording.tables import Recording
from callcenter.settings import Settings, split_bind

_FILL_WITHIN_S = 30.0
_RING_S = 7.0
"""How long the telephones ring that ring while it strikes: less than the queue's time-out."""
_WRAP_UP_S = 120.0
_SERVED_WITHIN_S = 60.0
_BROWSER_AWAY_S = 3.0
_CALM_S = 1.0
"""Of undisturbed conversation before it strikes."""
_CUT_REASON = "switch_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosPlan:
    kind: str
    calls: int = 90
    outage_s: float = 10.0
    """How long the database hangs."""
    hold_s: float = 1.0

    @property
    def agents(self) -> int:
        return max(self.calls // 3, 2)


@dataclass(slots=True)
class Scene:
    """All calls in their places."""

    stage: Stage
    callers: CallerBank
    hotline: str
    wrapped: list[DrillAgent] = field(default_factory=list)
    held: list[DrillAgent] = field(default_factory=list)
    ringing: list[DrillAgent] = field(default_factory=list)
    lost: list[DrillAgent] = field(default_factory=list)
    """Whose browser was lost."""
    waiting: list[Caller] = field(default_factory=list)
    in_menu: list[Caller] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def agents(self) -> list[DrillAgent]:
        return self.stage.agents

    def talking(self) -> list[DrillAgent]:
        return [agent for agent in self.agents if agent.seen.phase == "talking"]


async def chaos(settings: Settings, plan: ChaosPlan, say: Say) -> ChaosReport:
    """Run it. Raises CallCenterError when the fault cannot be made or the calls cannot be brought up."""
    clock = time.monotonic()
    crew = Plan(calls=plan.calls, agents=plan.agents, hold_s=plan.hold_s, at_once=plan.calls)
    async with (
        stage(settings, crew, say, wrap_up_s=_WRAP_UP_S, browser=plan.kind == "browser") as made,
        _scene(made, settings) as scene,
    ):
        say(f"{plan.calls} calls are brought up")
        await _fill(scene, plan)
        fault = _fault(settings, plan, scene)
        report = ChaosReport(kind=plan.kind, calls=len(scene.callers.callers), up=_up(scene))
        calm_from = time.monotonic()
        await asyncio.sleep(_CALM_S)
        say(f"{plan.kind}: struck while {report.up}")
        struck = time.monotonic()
        await fault.strike()
        try:
            meanwhile = asyncio.create_task(_meanwhile(scene, plan))
        finally:
            returning = await fault.mend()
        ready = await fault.well()
        await meanwhile
        if ready is not None:
            report.away_s, report.ready_s = round(ready - struck, 2), round(ready - returning, 2)
        say(f"ready again after {report.away_s} s; all callers are served to the end")
        if plan.kind == "asterisk":
            report.cut = sum(caller.ended_at is None for caller in scene.callers.callers)
            await _after_the_switch(scene, plan)
        else:
            await asyncio.sleep(_CALM_S)
        calm_until = time.monotonic()
        await _serve(scene, plan)
        await settled(made, scene.hotline)
        await _count(scene, report, (calm_from, struck, calm_until))
        report.seconds = round(time.monotonic() - clock, 1)
        return report


@asynccontextmanager
async def _scene(made: Stage, settings: Settings) -> AsyncIterator[Scene]:
    hotline = reserved_number(settings)
    callers = CallerBank(split_bind(settings.sip_bind), hotline, made.bank.media, made.bank.aside)
    await callers.open()
    scene = Scene(made, callers, hotline)
    for agent in made.agents:
        agent.release = scene.release
    try:
        yield scene
    finally:
        scene.release.set()
        await callers.close()


def _fault(settings: Settings, plan: ChaosPlan, scene: Scene) -> faults.Fault:
    match plan.kind:
        case "service":
            return faults.ServiceKilled(settings)
        case "postgres":
            return faults.PostgresHangs(settings, plan.outage_s)
        case "ari":
            return faults.AriCut(settings)
        case "asterisk":
            return faults.AsteriskKilled(settings)
        case "browser":
            scene.lost = scene.talking()[: max(plan.agents // 3, 1)]
            return faults.BrowsersLost(scene.lost, _BROWSER_AWAY_S)
        case _:
            raise faults.ChaosFailed(f"there is no fault {plan.kind!r} yet; choose from {', '.join(KINDS)}")


# --- bringing calls up ---


async def _fill(scene: Scene, plan: ChaosPlan) -> None:
    talkers = plan.agents
    some = talkers // 10 or int(talkers >= 4)
    scene.wrapped = await _wrap_up(scene, some)
    await scene.callers.place(talkers - 2 * some, key="1")
    await _until(lambda: len(scene.talking()) >= talkers - 2 * some, "conversations")
    scene.held = scene.talking()[:some]
    for agent in scene.held:
        await agent.hold()
    scene.in_menu = await scene.callers.place((plan.calls - talkers) // 2)
    scene.ringing = [agent for agent in scene.agents if agent.seen.state == "ready"]
    for agent in scene.ringing:
        if agent.phone is not None:
            agent.phone.ring_s = _RING_S
    ringing = await scene.callers.place(len(scene.ringing), key="1")
    await _until(lambda: sum(agent.seen.phase == "ringing" for agent in scene.ringing) >= len(ringing), "rings")
    rest = plan.calls - len(scene.callers.callers)
    scene.waiting = await scene.callers.place(rest, key="1")
    await _until_waiting(scene, rest)


async def _wrap_up(scene: Scene, count: int) -> list[DrillAgent]:
    """Agents whose call has just ended."""
    if not count:
        return []
    for agent in scene.agents:
        agent.keeps_wrap_up = True
    first, later = asyncio.Event(), scene.release
    for agent in scene.agents:
        agent.release = first
    await scene.callers.place(count, key="1")
    first.set()
    await _until(lambda: sum(agent.seen.state == "wrap_up" for agent in scene.agents) >= count, "wrap-ups")
    found = [agent for agent in scene.agents if agent.seen.state == "wrap_up"]
    for agent in scene.agents:
        agent.release = later
        agent.keeps_wrap_up = agent in found
    return found


async def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _FILL_WITHIN_S
    while not true():
        if time.monotonic() > deadline:
            raise CrewFailed(f"the calls cannot be brought up: the {what} did not come about")
        await asyncio.sleep(0.05)  # several agents' pages together: none of them tells of all


async def _until_waiting(scene: Scene, count: int) -> None:
    deadline = time.monotonic() + _FILL_WITHIN_S
    open_waits = (
        select(func.count())
        .select_from(SegmentRow)
        .join(Contact, Contact.id == SegmentRow.contact_id)
        .where(mine(scene.stage), SegmentRow.kind == "wait", SegmentRow.ended_at.is_(None))
    )
    while time.monotonic() < deadline:
        async with scene.stage.db.read() as session:
            if (await session.scalar(open_waits) or 0) >= count:
                return
        await asyncio.sleep(0.05)  # the database tells nobody
    raise CrewFailed("the calls cannot be brought up: the callers did not come to wait")


def _up(scene: Scene) -> dict[str, int]:
    return {
        "menu": len(scene.in_menu),
        "waiting": len(scene.waiting),
        **Counter(agent.seen.phase for agent in scene.agents if agent.seen.call_id),
        "wrap_up": sum(agent.seen.state == "wrap_up" for agent in scene.agents),
    }


# --- while it is away, and afterwards ---


async def _meanwhile(scene: Scene, plan: ChaosPlan) -> None:
    """With the database away everything else goes on: keys are pressed and outcomes are typed."""
    if plan.kind != "postgres":
        return
    await asyncio.sleep(1)
    for caller in scene.in_menu:
        caller.press("1")
    for agent in scene.talking()[len(scene.held) : len(scene.talking()) // 2 + len(scene.held)]:
        agent.end_now()
        await asyncio.sleep(0.2)


async def _serve(scene: Scene, plan: ChaosPlan) -> None:
    """Until every caller has been served, or it has taken too long."""
    if plan.kind not in ("postgres", "asterisk"):
        for caller in scene.in_menu:
            if caller.ended_at is None:
                caller.press("1")
    for agent in scene.held:
        await agent.resume()
    for agent in scene.ringing:
        if agent.phone is not None:
            agent.phone.ring_s = 0.2
    await asyncio.sleep(_RING_S if scene.ringing else 0)
    for agent in scene.wrapped:
        await agent.wrap_up_done()
    scene.release.set()
    rounds = -(-plan.calls // plan.agents)
    over = [asyncio.create_task(caller.over.wait()) for caller in scene.callers.callers]
    _, late = await asyncio.wait(over, timeout=_SERVED_WITHIN_S + rounds * plan.hold_s)
    for task in late:
        task.cancel()


async def _after_the_switch(scene: Scene, plan: ChaosPlan) -> None:
    """Telephones register with the new Asterisk, and calls go as before."""
    for caller in scene.callers.callers:
        caller.lost()
    await scene.stage.bank.register_again()
    scene.release.set()
    ready = await asyncio.gather(*(agent.until("ready", 20) for agent in scene.agents if agent not in scene.wrapped))
    if not all(ready):
        raise CrewFailed(f"{ready.count(False)} agents were not ready again after Asterisk came back")
    await scene.callers.place(plan.agents, key="1")


# --- counting ---


async def _count(scene: Scene, report: ChaosReport, times: tuple[float, float, float]) -> None:
    made, callers = scene.stage, scene.callers.callers
    await made.bank.all_heard()
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
    by_number = {contact.caller_number: contact for contact in contacts}
    served = [contact for contact in contacts if whole(contact)]
    cut = [contact for contact in contacts if contact.end_reason == _CUT_REASON]
    report.calls = len(callers)
    report.lost_calls = max(len(callers) - len(served) - min(len(cut), report.cut), 0)
    lacking = {
        "contact": sum(caller.number not in by_number for caller in callers),
        "end": sum(contact.ended_at is None for contact in contacts),
        "outcome": sum(contact.id not in outcomes for contact in served),
        "recording": sum(contact.id not in sealed for contact in served),
    }
    report.lost_records = sum(lacking.values())
    talks = made.talks
    report.double_offers = doubled(talks) + sum(phone.doubled for phone in made.bank.phones.values())
    rang = {talk.caller: talk.invited_wall for talk in talks if talk.answered_at is not None}
    out_of_order = overtaken(
        [
            (waits[by_number[caller.number].id], rang[caller.number])
            for caller in scene.waiting
            if caller.number in rang and caller.number in by_number and by_number[caller.number].id in waits
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
    on_hold = {agent.seat for agent in (*scene.held, *scene.lost)}
    return [
        talk
        for talk in talks
        if talk.seat not in on_hold
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
