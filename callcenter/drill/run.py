"""One drill from beginning to end, on a system that runs."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import ColumnElement, func, select

from callcenter.asterisk.packages import ensure
from callcenter.business.tables import Disposition, Outcome
from callcenter.calls.tables import Contact, JournalRow, SegmentRow
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.callers import Callers, CallersReport
from callcenter.drill.crew import READY_WITHIN_S, CrewFailed, DrillAgent, dismiss, enlist
from callcenter.drill.found import Usage, service_pid, usage
from callcenter.drill.phone import PhoneBank, Talk
from callcenter.drill.report import DrillReport, doubled, handovers_ms, spread
from callcenter.errors import Conflict, Unavailable
from callcenter.ids import call_of
from callcenter.ivr.loader import load
from callcenter.recording.tables import Recording
from callcenter.secrets_store import load_secrets
from callcenter.settings import Settings, split_bind

SETTLE_S = 15.0
"""How long after the last call records may take to be complete, and agents to be free."""
_LOCK = 0x6472696C


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    calls: int
    agents: int
    hold_s: float
    at_once: int
    per_second: float = 10.0
    spread: float = 0.0
    """Each conversation lasts ``hold_s`` times 1 ± this, evenly spread: else all that began in the same second end in
    the same second."""

    def lengths(self) -> Callable[[], float]:
        """How long one conversation after the other lasts, in seconds; the same in every drill of this plan."""
        dice = random.Random(self.calls)  # noqa: S311 - lots, not secrets
        return lambda: self.hold_s * dice.uniform(1 - self.spread, 1 + self.spread)

    @property
    def timeout_s(self) -> float:
        """Longer than this no drill of this size takes unless something hangs."""
        rounds = -(-self.calls // min(self.agents, self.at_once))
        return 60 + self.calls / self.per_second + rounds * (self.hold_s * (1 + self.spread) + 5)


Say = Callable[[str], None]


@dataclass(slots=True)
class Stage:
    """A drill under way: what chaos may get at."""

    settings: Settings
    db: Database
    agents: list[DrillAgent]
    bank: PhoneBank
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def talks(self) -> list[Talk]:
        return [talk for phone in self.bank.phones.values() for talk in phone.talks]


async def drill(settings: Settings, plan: Plan, say: Say) -> DrillReport:
    """Run it. Raises Unavailable (system not up), Conflict (another drill), CrewFailed, PhoneFailed."""
    async with stage(settings, plan, say) as made:
        report, _ = await play(made, plan, say)
        return report


def reserved_number(settings: Settings) -> str:
    """The hotline that is kept for drills. Raises CrewFailed."""
    hotlines = load(settings.flows_dir).hotlines.values()
    number = next((line.number for line in hotlines if line.drill), None)
    if number is None:
        raise CrewFailed("no hotline is marked `drill: true` in hotlines.yaml; the drill must not touch figures")
    return number


@asynccontextmanager
async def stage(
    settings: Settings, plan: Plan, say: Say, *, wrap_up_s: float = 0.0, browser: bool = False
) -> AsyncIterator[Stage]:
    """Agents at work on the system, taken away again afterwards."""
    base_url = f"http://{settings.http_bind}"
    db = Database(database_url(settings), pool_size=2)
    limits = httpx.Limits(max_connections=20)
    try:
        async with (
            _alone(db),
            httpx.AsyncClient(base_url=base_url, trust_env=False, limits=limits, timeout=10) as client,
        ):
            await _see_ready(client)
            async with db.read() as session:
                disposition = await session.scalar(
                    select(Disposition.code).where(Disposition.active).order_by(Disposition.position).limit(1)
                )
            if disposition is None:
                raise CrewFailed("there is no active disposition to write as an outcome; add one")
            bank = PhoneBank(split_bind(settings.sip_bind))
            await bank.open()
            say(f"{plan.agents} agents sign in")
            lasts_s = plan.lengths()
            agents = [
                DrillAgent(base_url, token, client, lasts_s=lasts_s, disposition=disposition)
                for _, token in await enlist(db, settings, plan.agents, wrap_up_s=wrap_up_s, browser=browser)
            ]
            try:
                for start in range(0, len(agents), 10):
                    await asyncio.gather(*(agent.start(bank) for agent in agents[start : start + 10]))
                ready = await asyncio.gather(*(agent.until("ready", READY_WITHIN_S) for agent in agents))
                if not all(ready):
                    refused = sorted({code for agent in agents for code in agent.seen.refused})
                    raise CrewFailed(f"{ready.count(False)} of {len(agents)} agents did not become ready {refused}")
                yield Stage(settings, db, agents, bank)
            finally:
                await asyncio.gather(*(agent.stop() for agent in agents))
                await bank.close()
                with suppress(Unavailable):
                    await dismiss(db)
    finally:
        await db.close()


async def play(made: Stage, plan: Plan, say: Say) -> tuple[DrillReport, CallersReport]:
    """Have the callers call, wait until all is settled, and count."""
    settings = made.settings
    hotline = reserved_number(settings)
    toolbox = await asyncio.to_thread(ensure, settings.cache_dir)
    say(f"{plan.calls} calls to {hotline}, {plan.at_once} at a time, {plan.hold_s:g} s each ± {plan.spread:.0%}")
    clock = time.monotonic()
    pid = service_pid(settings)
    before = usage(pid) if pid else None
    with tempfile.TemporaryDirectory(prefix="callcenter-drill-") as folder:
        callers = Callers(
            toolbox,
            split_bind(settings.sip_bind),
            hotline,
            Path(folder),
            count=plan.calls,
            at_once=plan.at_once,
            per_second=plan.per_second,
            timeout_s=plan.timeout_s,
        )
        heard = await callers.run()
    used = _used(before, usage(pid) if pid else None, time.monotonic() - clock)
    say("waiting until everything is settled")
    await settled(made, hotline)
    report = await _count(made, plan, heard, hotline)
    report.service = used
    report.seconds = round(time.monotonic() - clock, 1)
    return report, heard


def _used(before: Usage | None, after: Usage | None, seconds: float) -> dict[str, float]:
    if before is None or after is None:
        return {}
    return {"cpu_percent": round((after.cpu_s - before.cpu_s) / seconds * 100, 1), "rss_mb": after.rss_mb}


@asynccontextmanager
async def _alone(db: Database) -> AsyncIterator[None]:
    """One drill at a time on a system. Raises Conflict."""
    async with db.read() as session:
        if not await session.scalar(select(func.pg_try_advisory_lock(_LOCK))):
            raise Conflict("another drill runs on this system; wait until it is over")
        try:
            yield
        finally:
            with suppress(Exception):  # the lock goes with its connection
                await session.scalar(select(func.pg_advisory_unlock(_LOCK)))


async def _see_ready(client: httpx.AsyncClient) -> None:
    try:
        answer = await client.get("/readyz")
    except httpx.TransportError:
        raise Unavailable(
            f"nothing answers at {client.base_url}: start it with `callcenter up`, or use `drill --own`"
        ) from None
    if answer.status_code != 200:
        raise Unavailable(f"the system is not ready: {answer.text[:300]}")


async def settled(made: Stage, hotline: str, within_s: float = SETTLE_S) -> None:
    """Return when all records are complete, nothing is left and all agents are free, or it has taken too long."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        async with made.db.read() as session:
            open_calls = await session.scalar(
                select(func.count()).select_from(Contact).where(mine(made), Contact.ended_at.is_(None))
            )
            unsealed = await session.scalar(
                select(func.count())
                .select_from(Recording)
                .join(Contact, Contact.id == Recording.contact_id)
                .where(mine(made), Recording.state.in_(("capturing", "sealing")))
            )
        busy = [agent for agent in made.agents if agent.seen.state != "ready"]
        if not open_calls and not unsealed and not busy and not any(await leftovers(made, hotline)):
            return
        await asyncio.sleep(0.25)  # the database and Asterisk tell nobody when they are done


def mine(made: Stage) -> ColumnElement[bool]:
    """The contacts of this drill."""
    return Contact.drill & (Contact.started_at >= made.began - timedelta(seconds=1))


async def leftovers(made: Stage, hotline: str) -> tuple[int, int]:
    """(channels, bridges) of the drill's calls that Asterisk still lists."""
    settings = made.settings
    password = settings.asterisk_password.get_secret_value() if settings.asterisk_password else None
    password = password or load_secrets(settings.data_dir).asterisk_password
    async with made.db.read() as session:
        ours = set(await session.scalars(select(Contact.id).where(mine(made))))
    url = f"{settings.asterisk_base_url}/ari"
    async with httpx.AsyncClient(auth=(settings.asterisk_user, password), trust_env=False, timeout=5) as client:
        channels = (await client.get(f"{url}/channels")).json()
        bridges = (await client.get(f"{url}/bridges")).json()
    left = [
        one
        for one in channels
        if call_of(one["id"]) in ours or f",{hotline}," in f",{one.get('dialplan', {}).get('app_data', '')},"
    ]
    return len(left), sum(call_of(one["id"]) in ours for one in bridges)


async def _count(made: Stage, plan: Plan, heard: CallersReport, hotline: str) -> DrillReport:
    async with made.db.read() as session:
        contacts = list(await session.scalars(select(Contact).where(mine(made))))
        ids = [contact.id for contact in contacts]
        sealed = await session.scalar(
            select(func.count(func.distinct(Recording.contact_id))).where(
                Recording.contact_id.in_(ids), Recording.state == "sealed"
            )
        )
        outcomes = await session.scalar(
            select(func.count(func.distinct(Outcome.contact_id))).where(Outcome.contact_id.in_(ids))
        )
        waits = {
            row.contact_id: row.started_at
            for row in await session.scalars(
                select(SegmentRow).where(SegmentRow.contact_id.in_(ids), SegmentRow.kind == "wait")
            )
        }
        offers = list(
            await session.scalars(select(JournalRow).where(JournalRow.call_id.in_(ids), JournalRow.kind == "Offered"))
        )
    await made.bank.all_heard()
    talks = made.talks
    by_id = {contact.id: contact for contact in contacts}
    waiting = {by_id[call].caller_number: at.timestamp() for call, at in waits.items()}
    offered = {(by_id[row.call_id].caller_number, row.payload["offer"]["agent"]["seat"]): row.at for row in offers}
    pops = {(pop.caller, agent.seat): pop for agent in made.agents for pop in agent.seen.pops}
    leads = [
        (talk.invited_at - pop.at) * 1000 for talk in talks if (pop := pops.get((talk.caller, talk.seat))) is not None
    ]
    shown = {
        (pop.caller, agent.seat): agent.seen.talking_at[pop.call_id]
        for agent in made.agents
        for pop in agent.seen.pops
        if pop.call_id in agent.seen.talking_at
    }
    complete = [contact for contact in contacts if whole(contact)]
    channels, bridges = await leftovers(made, hotline)
    return DrillReport(
        placed=heard.placed,
        answered=sum(contact.answered_by is not None for contact in contacts),
        failed=heard.placed - heard.succeeded,
        lost_calls=heard.placed - len(complete),
        recorded=sealed or 0,
        outcomes=outcomes or 0,
        silent=sum(talk.heard.tone == 0 for talk in talks if talk.answered_at is not None),
        double_offers=doubled(talks) + sum(phone.doubled for phone in made.bank.phones.values()),
        pop_before_ring=sum(lead >= 0 for lead in leads),
        rings=len(talks),
        leftover_channels=channels,
        leftover_bridges=bridges,
        leftover_agents=sum(agent.seen.state != "ready" for agent in made.agents),
        answer_ms=spread(heard.answer_ms),
        offer_ms=spread(
            (talk.invited_wall - at.timestamp()) * 1000
            for talk in talks
            if (at := offered.get((talk.caller, talk.seat))) is not None
        ),
        pop_lead_ms=spread(leads),
        bridge_ms=spread(
            (shown[talk.caller, talk.seat] - talk.answered_at) * 1000
            for talk in talks
            if talk.answered_at is not None and (talk.caller, talk.seat) in shown
        ),
        handover_ms=spread(handovers_ms(talks, waiting)),
        media_gap_ms={"max": round(max((talk.heard.longest_gap_s for talk in talks), default=0.0) * 1000, 1)},
        notes=[
            *([heard.said] if heard.said else []),
            *sorted({r for a in made.agents for r in a.seen.refused}),
            *ways_lost(contacts),
        ],
    )


def whole(contact: Contact) -> bool:
    """It came to its ordinary end."""
    return bool(contact.answered_by and contact.ended_at and contact.end_reason == "completed")


def ways_lost(contacts: list[Contact]) -> list[str]:
    """In words, how the calls ended that did not come to their ordinary end: how many of each kind."""
    counted = Counter(
        ("answered" if contact.answered_by else "not answered", contact.end_reason or "still open")
        for contact in contacts
        if not whole(contact)
    )
    return [f"{count} of {len(contacts)} calls: {how}, end: {reason}" for (how, reason), count in counted.items()]
