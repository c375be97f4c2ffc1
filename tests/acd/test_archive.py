"""Why a caller waited and who got them can be told long after the desk has forgotten, as it was told then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.access.roles import Role
from callcenter.acd import messages as m
from callcenter.acd.archive import DECISION, WAIT, RoutingArchive
from callcenter.acd.desk import Desk
from callcenter.acd.endpoints import DeskRoom, router
from callcenter.acd.rules import DeskRules
from callcenter.ids import AgentId, CallId, new_id
from callcenter.spool.entries import APART, Counter, handlers
from callcenter.spool.shipping import Shipper, Straight
from callcenter.spool.store import Entry, Spool
from tests.acd.floor import TestDesk, queue
from tests.house import House

ANNA, FIRST, SECOND, LATER, DRILL = (new_id() for _ in range(5))


class Kept:
    def __init__(self, house: House, spool: Spool) -> None:
        self.house, self.spool = house, spool
        self.archive = RoutingArchive(spool, house.clock)
        self.desk = Desk(DeskRules(), house.clock, self.archive.seen)
        self._use(self.desk)
        house.app.include_router(router)
        self.desk.tell(m.QueuesDefined(queues=(queue(wrap_up_s=0), queue("spare", wrap_up_s=0))))

    def _use(self, desk: Desk) -> None:
        self.house.app.state.desk = DeskRoom(desk=desk)

    async def ship_and_forget(self) -> None:
        """What is kept reaches PostgreSQL, and a desk that knows nothing takes the place of this one."""
        await self.ship()
        self._use(Desk(DeskRules(), self.house.clock, lambda action: None))

    async def ship(self) -> None:
        async def no_events(session: object, entries: object) -> None:
            raise AssertionError("no call's events are here")

        counter = Counter(self.spool, self.house.clock)
        shipper = Shipper(
            self.spool, self.house.db, self.house.clock, handlers(no_events), alarm=counter.incident, apart=APART
        )
        await shipper.drain()
        assert self.spool.unshipped == 0


@pytest.fixture
def kept(house: House, tmp_path: Path) -> Iterator[Kept]:
    spool = Spool(tmp_path)
    yield Kept(house, spool)
    spool.close()


def agent(desk: Desk, agent_id: str, *more: str, drill: bool = False) -> None:
    queues = dict.fromkeys(("general", *more), 1)
    profile = m.AgentProfile(
        agent_id=AgentId(agent_id), name="Anna", extension="1", seat="s", queues=queues, drill=drill
    )
    desk.tell(m.AgentLoggedIn(profile=profile))
    desk.tell(m.AgentPresence(agent_id=AgentId(agent_id), phone=True, page=True))
    desk.tell(m.AgentReady(agent_id=AgentId(agent_id)))


def call(desk: Desk, house: House, call_id: str, queue: str = "general", **more: int) -> None:
    desk.tell(m.CallQueued(call_id=CallId(call_id), queue=queue, since=house.clock.now(), **more))  # type: ignore[arg-type]


def serve(desk: Desk, call_id: str) -> None:
    (offer,) = [d.offer_id for d in desk.rules.decisions() if d.call_id == call_id]
    assert offer is not None
    desk.tell(m.OfferAnswered(offer_id=offer))
    desk.tell(m.TalkEnded(call_id=CallId(call_id), agent_id=AgentId(ANNA)))


async def test_a_wait_is_told_from_the_database_in_the_words_of_the_desk(kept: Kept, house: House) -> None:
    desk, clock = kept.desk, house.clock
    agent(desk, ANNA)
    call(desk, house, FIRST)
    clock.advance(seconds=5)
    call(desk, house, SECOND)
    clock.advance(seconds=5)
    call(desk, house, LATER, priority=9)  # is served before the second, who came first
    for one in (FIRST, LATER, SECOND):
        clock.advance(seconds=10)
        serve(desk, one)
    client, _ = await house.signed_in(Role.LEAD)
    paths = [f"calls/{one}/why" for one in (FIRST, SECOND, LATER)]
    paths += [f"offers/{d.offer_id}/why" for d in desk.rules.decisions()]
    paths += ["decisions", f"decisions?agent_id={ANNA}", f"decisions?call_id={SECOND}", "decisions?limit=2"]
    told = [(await client.get(f"/api/v1/desk/{path}")).json() for path in paths]
    assert [reason["code"] for reason in told[1]["reasons"]][-2:] == ["overtaken", "answered"]
    await kept.ship_and_forget()
    for path, before in zip(paths, told, strict=True):
        after = (await client.get(f"/api/v1/desk/{path}")).json()
        assert _unnamed(after) == _unnamed(before), path


async def test_a_call_that_waited_twice_is_told_whole(kept: Kept, house: House) -> None:
    desk = kept.desk
    call(desk, house, FIRST)
    house.clock.advance(seconds=20)
    desk.tell(m.CallLeft(call_id=CallId(FIRST), cause=m.LeaveCause.OVERFLOW))
    await kept.ship()
    house.clock.advance(seconds=20)
    agent(desk, ANNA)
    call(desk, house, FIRST)
    serve(desk, FIRST)
    client, _ = await house.signed_in(Role.LEAD)
    for forgotten in (False, True):
        if forgotten:
            await kept.ship_and_forget()
        told = (await client.get(f"/api/v1/desk/calls/{FIRST}/why")).json()["reasons"]
        codes = [reason["code"] for reason in told]
        assert codes == ["waited", "no_agent_on_duty", "left", "at_once", "waited", "answered"]


async def test_who_went_before_from_another_queue_is_kept(kept: Kept, house: House) -> None:
    desk = kept.desk
    agent(desk, ANNA, "spare")
    for name, number in ((FIRST, "general"), (SECOND, "spare"), (LATER, "general")):
        call(desk, house, name, number)
        house.clock.advance(seconds=5)
    for name in (FIRST, SECOND, LATER):
        serve(desk, name)
    await kept.ship_and_forget()
    client, _ = await house.signed_in(Role.LEAD)
    told = (await client.get(f"/api/v1/desk/calls/{LATER}/why")).json()["reasons"]
    (beside,) = [reason for reason in told if reason["code"] == "other_queue"]
    assert beside["en"] == "1 caller of other queues was served first by agents of both (had waited longer)."


def _unnamed(told: object) -> object:
    """The new desk knows nobody by name."""
    match told:
        case dict():
            return {key: _unnamed(value) for key, value in told.items() if key not in ("name", "zh", "en")}
        case list():
            return [_unnamed(value) for value in told]
        case _:
            return told


async def test_what_never_was_is_not_found(kept: Kept, house: House) -> None:
    client, _ = await house.signed_in(Role.LEAD)
    for path in ("calls/nobody/why", f"offers/{new_id()}-1/why"):
        assert (await client.get(f"/api/v1/desk/{path}")).status_code == 404
    told = (await client.get(f"/api/v1/desk/calls/{(call_id := new_id())}/why")).json()
    assert told == {"call_id": call_id, "queue": None, "ended_at": None, "reasons": []}, "it never came to a queue"
    assert (await client.get(f"/api/v1/desk/decisions?call_id={new_id()}")).json() == {"decisions": []}


def test_the_fire_drill_leaves_nothing_to_be_told(kept: Kept, house: House) -> None:
    agent(kept.desk, ANNA, drill=True)
    call(kept.desk, house, DRILL, drill=True)
    serve(kept.desk, DRILL)
    assert [list(kept.spool.kept(kind)) for kind in (WAIT, DECISION)] == [[], []]


def test_a_wait_that_lasts_through_a_restart_keeps_its_story() -> None:
    before, after = TestDesk(), TestDesk()
    before.agent("anna", ready=False)
    before.call("c")
    before.wait(30)
    after.now = before.now
    after.tell(before.rules.snapshot())
    after.tell(m.AgentReady(agent_id=AgentId("anna")))
    after.answer("c")
    codes = [event.code for event in after.last(m.WaitOver).events]
    assert codes[0] == "queued", "what happened before is told as well"
    assert codes[-2:] == ["offered", "answered"]


async def test_what_depends_on_nothing_is_written_in_one_go_and_the_rest_in_order(house: House, tmp_path: Path) -> None:
    spool, groups = Spool(tmp_path), list[list[tuple[str, int]]]()

    async def write(session: object, entries: object) -> None:
        assert isinstance(entries, list)
        groups.append([(entry.kind, entry.number) for entry in entries if isinstance(entry, Entry)])

    for kind in ("event", WAIT, "outcome", WAIT, "event"):
        spool.put(kind, "", house.clock.now(), b"{}")
    kinds = {"event": Straight(write), "outcome": write, WAIT: Straight(write)}
    await Shipper(spool, house.db, house.clock, kinds, apart=APART).drain()
    assert groups == [[("event", 1)], [("outcome", 3)], [("event", 5)], [(WAIT, 2), (WAIT, 4)]]
    assert spool.unshipped == 0
    spool.close()


async def test_what_a_power_failure_took_from_the_disk_is_not_taken_for_what_comes_after(
    house: House, tmp_path: Path
) -> None:
    """PostgreSQL has more of the spool than the disk: the numbers it has must not come again."""
    folder = tmp_path / "spool"
    spool, written = Spool(folder), list[bytes]()

    async def write(session: object, entries: object) -> None:
        assert isinstance(entries, list)
        written.extend(entry.payload for entry in entries if isinstance(entry, Entry))

    def shipper() -> Shipper:
        return Shipper(spool, house.db, house.clock, {WAIT: write}, apart=(WAIT,))

    spool.put(WAIT, "", house.clock.now(), b"on the disk")
    await shipper().drain()
    saved = {path.name: path.read_bytes() for path in folder.iterdir()}
    spool.put(WAIT, "", house.clock.now(), b"in the database alone")
    await shipper().drain()
    spool.close()
    for name, content in saved.items():
        (folder / name).write_bytes(content)
    spool = Spool(folder)
    spool.put(WAIT, "", house.clock.now(), b"afterwards")
    await shipper().drain()
    assert written == [b"on the disk", b"in the database alone", b"afterwards"]
    spool.close()
