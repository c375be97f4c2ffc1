"""A call's events are in the spool at once and reach PostgreSQL once, in order; the contact shows what became of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text

from callcenter.acd import messages as acd
from callcenter.business import customers
from callcenter.business.tables import Customer
from callcenter.calls import messages as m
from callcenter.calls.call import step
from callcenter.calls.journal import CallJournal
from callcenter.calls.messages import Phase
from callcenter.calls.table import TABLE
from callcenter.calls.tables import CallStanding, Contact, Incident, JournalRow, SegmentRow
from callcenter.calls.takeover import begin_taking, half_taken, left_behind, take_journals, taking_done
from callcenter.clock import SystemClock
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.db.engine import Database
from callcenter.ids import AgentId, CallId, new_id
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import load
from callcenter.spool.entries import Counter, handlers
from callcenter.spool.shipping import Shipper, Straight
from callcenter.spool.store import Entry, Spool
from callcenter.spool.tables import SpoolMark
from tests.house import MovableClock
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
QUEUES = (acd.QueueSettings(name="drill", title="Drill", drill=False, announce_position_every_s=0),)
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


async def flows_of(version: str) -> FlowSet:
    assert version == FLOWS.version
    return FLOWS


class Run:
    """One life of the service, as far as writing goes."""

    def __init__(self, folder: Path, db: Database) -> None:
        self.spool = Spool(folder)
        self.journal = CallJournal(self.spool)
        self.counter = Counter(self.spool, SystemClock())
        self.shipper = Shipper(
            self.spool,
            db,
            SystemClock(),
            handlers(self.journal.write),
            alarm=self.counter.incident,
            done=self.journal.shipped,
        )

    def keep(self, w: World, call_id: CallId, event: m.Event) -> None:
        w.send(call_id, event)
        self.journal.append(w.calls[call_id], event, w.now, w.left[call_id])


@pytest.fixture
def life(tmp_path: Path, db: Database) -> Iterator[Run]:
    made = Run(tmp_path, db)
    yield made
    made.spool.close()


def offered(life: Run) -> tuple[World, CallId]:
    w = World(FLOWS, QUEUES)
    agent = AgentId(new_id())
    profile = acd.AgentProfile(agent_id=agent, name="A", extension="1001", seat="seat-1001", queues={"drill": 1})
    w.tell(acd.AgentLoggedIn(profile=profile))
    w.tell(acd.AgentPresence(agent_id=agent, phone=True, page=True))
    w.tell(acd.AgentReady(agent_id=agent))
    call_id = w.arrive(1, flow="drill")
    w.send(call_id, m.Key(digit="1"))
    for _, at, event in w.journal[call_id]:
        life.journal.append(w.calls[call_id], event, at, w.left[call_id])
    return w, call_id


async def taken_before_the_ring_was_told(db: Database, one: Run, two: Run) -> tuple[World, CallId, m.LegRang]:
    """An offered call of one machine whose ring only its own disk has; the other takes what the database has."""
    w, call_id = offered(one)
    await one.shipper.drain()
    rung = w.calls[call_id].ringing
    assert rung is not None
    rang = m.LegRang(channel=rung.channel)
    one.keep(w, call_id, rang)
    await take_journals(db, two.spool, MovableClock(w.now))
    return w, call_id, rang


async def test_a_call_and_its_segments_are_there_after_the_drain(db: Database, life: Run) -> None:
    w, call_id = offered(life)
    life.keep(w, call_id, m.CallerGone(cause=16))
    await life.shipper.drain()
    assert life.spool.unshipped == 0
    assert list(life.spool.kept("event")) == [], "a call that is over and written leaves the spool"
    async with db.read() as session:
        contact = (await session.execute(select(Contact))).scalar_one()
        kinds = (await session.execute(select(SegmentRow.kind).order_by(SegmentRow.seq))).scalars().all()
        numbers = (await session.execute(select(JournalRow.seq).order_by(JournalRow.seq))).scalars().all()
    assert (contact.id, contact.end_reason, contact.ended_by) == (call_id, "abandoned", "caller")
    assert kinds == ["menu", "wait", "ring"]
    assert numbers == [1, 2, 3, 4]


@pytest.mark.parametrize("still_there", [True, False])
async def test_the_contact_of_a_recognised_caller_is_theirs_before_anybody_has_written_so(
    db: Database, life: Run, still_there: bool
) -> None:
    w, call_id = offered(life)
    async with db.write() as session:
        customer = await customers.create(session, w.now, name="Someone")
        if not still_there:
            await session.execute(delete(Customer).where(Customer.id == customer))
    life.keep(w, call_id, m.CallerKnown(customer_id=customer))
    life.keep(w, call_id, m.CallerGone(cause=16))
    await life.shipper.drain()
    async with db.read() as session:
        contact = (await session.execute(select(Contact))).scalar_one()
    assert contact.end_reason == "abandoned"
    assert contact.customer_id == (customer if still_there else None)


async def test_what_was_not_written_is_written_by_the_next_life_once(
    db: Database,
    tmp_path: Path,
) -> None:
    away = Database(NOWHERE)
    first = Run(tmp_path, away)
    w, call_id = offered(first)
    first.counter.incident("test", "while the database was away")
    await first.shipper.drain()
    assert first.shipper.away
    # No close: the process is killed.
    second = Run(tmp_path, db)
    live, broken = await second.journal.load(flows_of)
    assert [one.call for one in live] == [w.calls[call_id]]
    assert broken == []
    second.keep(w, call_id, m.CallerGone(cause=16))
    await second.shipper.drain()
    third = Run(tmp_path, db)
    assert await third.journal.load(flows_of) == ([], [])
    await third.shipper.drain()
    async with db.read() as session:
        assert (await session.execute(select(JournalRow.seq).order_by(JournalRow.seq))).scalars().all() == [1, 2, 3, 4]
        assert await session.scalar(select(func.count()).select_from(Incident)) == 1
        contact = (await session.execute(select(Contact))).scalar_one()
    assert contact.end_reason == "abandoned"


async def test_a_group_whose_commit_was_not_heard_of_is_not_written_twice(
    db: Database,
    tmp_path: Path,
) -> None:
    first = Run(tmp_path, db)
    first.counter.incident("test", "once")
    entries = first.spool.pending(10)
    await first.shipper._write_group(entries)
    with first.spool._db as file:  # as if the process had died between the commit and this note
        file.executemany(
            "INSERT INTO entries (number, kind, key, at, payload) VALUES (?,?,?,?,?)",
            [(e.number, e.kind, e.key, e.at.isoformat(), e.payload.replace(b'"id"', b'"id_"')) for e in entries],
        )
    second = Run(tmp_path, db)
    await second.shipper.drain()
    assert second.spool.unshipped == 0
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Incident)) == 1
        assert await session.scalar(select(SpoolMark.number)) == 1


async def test_one_entry_that_is_refused_holds_up_no_other_and_is_kept(db: Database, life: Run) -> None:
    life.counter.incident("test", "before")
    life.spool.put("outcome", "", SystemClock().now(), b'{"contact_id": 7}')
    life.counter.incident("test", "after")
    await life.shipper.drain()
    await life.shipper.drain()
    async with db.read() as session:
        texts = (await session.execute(select(Incident.text).order_by(Incident.at))).scalars().all()
    assert texts[:2] == ["before", "after"]
    assert "refused" in texts[2]
    assert list(life.spool.notes("refused").values()) == [b'{"contact_id": 7}']


async def test_an_entry_that_is_the_victim_of_a_deadlock_is_not_put_aside(db: Database, tmp_path: Path) -> None:
    deadlock, written = Fixed(text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")), list[int]()

    async def write(direct: DirectWrite, entries: Sequence[Entry]) -> None:
        written.extend(entry.number for entry in entries)
        if len(written) == 1:
            await direct.rows(deadlock)

    spool = Spool(tmp_path)
    shipper = Shipper(spool, db, SystemClock(), {"note": Straight(write)})
    spool.put("note", "", SystemClock().now(), b"{}")
    assert not await shipper.ship_some()
    assert await shipper.ship_some()
    assert (written, spool.unshipped, spool.notes("refused")) == ([1, 1], 0, {})


async def test_a_database_that_has_less_than_it_was_given_is_told_of(life: Run, db: Database) -> None:
    """A copy that lagged has taken over."""
    for number in range(2):
        life.counter.incident("test", str(number))
        await life.shipper.drain()
    async with db.write() as session:
        await session.execute(text("UPDATE spool_marks SET number = 1"))
    life.shipper._doubt = True  # as after every connection that broke
    life.counter.incident("test", "2")
    await life.shipper.drain()
    await life.shipper.drain()
    async with db.read() as session:
        kinds = (await session.scalars(select(Incident.kind).order_by(Incident.at))).all()
    assert list(kinds) == ["test", "test", "test", "database_behind"]


async def test_a_database_that_takes_no_incidents_is_not_told_of_it_by_incidents(life: Run, db: Database) -> None:
    life.spool.put("incident", "", SystemClock().now(), b'{"kind": 7}')
    await life.shipper.drain()
    assert life.spool.unshipped == 0
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Incident)) == 0
    assert len(life.spool.notes("refused")) == 1


@pytest.mark.parametrize("over", [False, True], ids=["goes on", "is over"])
async def test_a_call_of_which_a_power_failure_took_the_last_events_is_taken_as_postgresql_has_it(
    db: Database, tmp_path: Path, over: bool
) -> None:
    first = Run(tmp_path / "spool", db)
    w, call_id = offered(first)
    await first.shipper.drain()
    first.spool.sync()
    shutil.copytree(tmp_path / "spool", tmp_path / "disk")  # what the disk was told when the power failed
    rung = w.calls[call_id].ringing
    assert rung is not None
    first.keep(w, call_id, m.LegRang(channel=rung.channel))
    if over:
        first.keep(w, call_id, m.CallerGone(cause=16))
    await first.shipper.drain()

    killed = Run(tmp_path / "spool", db)
    assert not await left_behind(db, killed.spool), "a process that is killed loses nothing"
    second = Run(tmp_path / "disk", db)
    assert [entry.number for entry in second.spool.kept("event")] == [1, 2, 3]
    assert await left_behind(db, second.spool)
    await take_journals(db, second.spool, MovableClock(w.now))
    live, _ = await second.journal.load(flows_of)
    assert [one.call for one in live] == ([] if over else [w.calls[call_id]])
    if not over:
        second.keep(w, call_id, m.CallerGone(cause=16))
    await second.shipper.drain()
    async with db.read() as session:
        kinds = (await session.scalars(select(JournalRow.kind).order_by(JournalRow.seq))).all()
        contact = (await session.execute(select(Contact))).scalar_one()
    assert list(kinds) == [type(event).__name__ for _, _, event in w.journal[call_id]], "one call's events, unmixed"
    assert contact.end_reason == "abandoned"

    third = Run(tmp_path / "disk", db)
    assert not await left_behind(db, third.spool), "once is enough"


async def test_who_dies_while_it_takes_calls_over_is_followed_by_one_that_takes_them_again(
    db: Database, tmp_path: Path
) -> None:
    first = Run(tmp_path / "one", db)
    w, call_id = offered(first)
    await first.shipper.drain()
    killed = Run(tmp_path / "two", db)
    begin_taking(killed.spool)
    await take_journals(db, killed.spool, MovableClock(w.now))
    second = Run(tmp_path / "two", db)
    assert half_taken(second.spool), "agents and notes were not there yet"
    await take_journals(db, second.spool, MovableClock(w.now))
    taking_done(second.spool)
    live, broken = await second.journal.load(flows_of)
    assert ([one.call for one in live], broken, second.spool.unshipped) == ([w.calls[call_id]], [], 0)
    assert not half_taken(Run(tmp_path / "two", db).spool)


@pytest.mark.parametrize("went_on", [True, False], ids=["the other went on", "the other did nothing"])
async def test_a_call_that_comes_back_is_as_the_other_machine_left_it(
    db: Database, tmp_path: Path, went_on: bool
) -> None:
    """What this one had not told the database yet was done anew by the other, or still counts."""
    one, two = Run(tmp_path / "one", db), Run(tmp_path / "two", db)
    w, call_id, rang = await taken_before_the_ring_was_told(db, one, two)
    await two.journal.load(flows_of)
    if went_on:
        two.journal.append(w.calls[call_id], rang, w.now, w.left[call_id])
        two.keep(w, call_id, m.LegAnswered(channel=rang.channel))
        await two.shipper.drain()
    again = Run(tmp_path / "one", db)
    await take_journals(db, again.spool, MovableClock(w.now))
    live, broken = await again.journal.load(flows_of)
    assert ([found.call for found in live], broken) == ([w.calls[call_id]], [])
    await again.shipper.drain()
    assert again.spool.unshipped == 0


async def test_a_standby_of_another_version_takes_a_call_as_it_stands(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Run(tmp_path / "one", db), Run(tmp_path / "two", db)
    w, call_id = offered(one)
    await one.shipper.drain()

    def raises(*_: object) -> None:
        raise KeyError("this version has no such phase")

    with monkeypatch.context() as patch:
        patch.setitem(TABLE, (Phase.WAITING, m.Offered), raises)
        await take_journals(db, two.spool, MovableClock(w.now))
        live, broken = await two.journal.load(flows_of)
    assert ([(found.call, found.left, found.doubtful) for found in live], broken) == (
        [(w.calls[call_id], w.left[call_id], False)],
        [],
    )
    two.keep(w, call_id, m.CallerGone(cause=16))
    await two.shipper.drain()
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(CallStanding)) == 0, "a call that is over has none"
        kinds = (await session.scalars(select(JournalRow.kind).order_by(JournalRow.seq))).all()
    assert kinds[-1] == "CallerGone"


async def test_a_call_that_another_desk_ended_does_not_live_again_where_it_was_before(
    db: Database, tmp_path: Path
) -> None:
    one, two = Run(tmp_path / "one", db), Run(tmp_path / "two", db)
    w, *_ = await taken_before_the_ring_was_told(db, one, two)
    (found,), _ = await two.journal.load(flows_of)
    gone = m.CallerGone(cause=16)
    call, actions = step(FLOWS, found.call, gone, w.now)
    two.journal.append(call, gone, w.now, found.left.after(call, gone, actions, w.now))
    await two.shipper.drain()
    again = Run(tmp_path / "one", db)
    await take_journals(db, again.spool, MovableClock(w.now))
    assert await again.journal.load(flows_of) == ([], [])
    assert again.spool.unshipped == 0
    async with db.read() as session:
        kinds = (await session.scalars(select(JournalRow.kind).order_by(JournalRow.seq))).all()
    assert kinds[3:] == ["CallerGone"], "one desk's events, unmixed"


async def test_without_its_database_a_service_is_not_held_up_by_the_question(tmp_path: Path) -> None:
    away = Run(tmp_path, Database(NOWHERE))
    assert not await left_behind(Database(NOWHERE), away.spool)
