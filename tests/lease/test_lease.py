"""The desk's lease on a real PostgreSQL: one holder, a token that grows, and writes of yesterday's holder refused."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from callcenter.db.engine import REST_S, Database
from callcenter.errors import GatewayError, Unavailable
from callcenter.lease import lease as module
from callcenter.lease.lease import TTL_S, DeskLost, Lease, alive, fingerprint
from tests.support.proxy import Proxy, proxy

Make = Callable[..., Lease]


@pytest.fixture
async def make(migrated: str, tmp_path: Path) -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        def made(node: str, lost: list[str], **fields: object) -> Lease:
            database = fields.pop("db", None)
            if database is None:
                database = Database(migrated, pool_size=1, statement_timeout_s=5)
                stack.push_async_callback(database.close)
            return Lease(database, node, tmp_path / f"{node}.json", on_lost=lost.append, **fields)  # type: ignore[arg-type]

        yield made


async def _expire(db: Database) -> None:
    """As if the holder had not renewed for long."""
    async with db.write() as session:
        await session.execute(text("UPDATE desk_lease SET expires_at = now() - interval '1 second'"))


async def _runs(db: Database, wanted: bool) -> None:
    """Until the lease has, or has not, run out by the database's clock."""
    async with asyncio.timeout(30):
        while True:
            async with db.read() as session:
                if await session.scalar(text("SELECT expires_at > clock_timestamp() FROM desk_lease")) is wanted:
                    return
            await asyncio.sleep(0.1)  # time passes, and a row tells nobody that it was written


async def _give_up(db: Database) -> None:
    async with db.write() as session:
        await session.execute(text("UPDATE desk_lease SET holder = NULL, expires_at = NULL"))


async def _ended_process() -> str:
    child = await asyncio.create_subprocess_exec("sleep", "60")
    found = fingerprint(child.pid)
    child.kill()
    await child.wait()
    return found


async def test_the_first_gets_the_desk_and_the_second_is_told_who_has_it(make: Make) -> None:
    lost: list[str] = []
    first, second = make("one", lost), make("two", lost)
    assert await first.try_acquire() is None
    held = await second.try_acquire()
    assert held is not None
    assert held.node == "one"
    assert lost == []


async def test_who_dies_before_it_has_the_calls_of_the_node_before_is_followed_by_one_that_knows(make: Make) -> None:
    await (first := make("one", [])).try_acquire()
    await first.release()
    for finishes, from_whom in ((False, "one"), (True, "one"), (False, "")):
        lease = make("two", [], process=await _ended_process())
        assert await lease.try_acquire() is None
        assert lease.taken_from == from_whom
        if finishes:
            await lease.taken()


async def test_of_many_who_ask_at_once_exactly_one_gets_it(make: Make) -> None:
    asking = [make(f"node{n}", []) for n in range(6)]
    answers = await asyncio.gather(*(each.try_acquire() for each in asking))
    assert answers.count(None) == 1


async def test_a_holder_that_renews_keeps_it_and_one_that_stops_loses_it(make: Make, db: Database) -> None:
    lost: list[str] = []
    first, second = make("one", lost), make("two", [])
    await first.try_acquire()
    keeping = asyncio.create_task(first.keep())
    waiting = asyncio.create_task(second.wait())
    await asyncio.wait({waiting}, timeout=TTL_S + 1)
    assert not waiting.done()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await asyncio.wait_for(waiting, TTL_S + 5)
    assert second.epoch == first.epoch + 1
    with pytest.raises(DeskLost):
        async with db.write() as session:
            await first.fence(await session.direct())
    assert len(lost) == 1
    async with db.write() as session:
        await second.fence(await session.direct())  # the new holder writes
        kinds = (await session.scalars(text("SELECT kind FROM incidents"))).all()
    assert "desk_taken_over" in kinds


async def test_a_desk_that_was_given_up_is_free_at_once(make: Make) -> None:
    first, second = make("one", []), make("two", [])
    await first.try_acquire()
    await first.release()
    assert await second.try_acquire() is None


async def test_a_dead_process_of_the_same_node_is_followed_at_once_a_live_one_is_not(make: Make) -> None:
    child = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        first = make("one", [], process=fingerprint(child.pid))
        await first.try_acquire()
        assert await make("one", []).try_acquire() is not None
        child.send_signal(signal.SIGSTOP)  # frozen is not dead
        assert await make("one", []).try_acquire() is not None
    finally:
        child.kill()
        await child.wait()
    assert await make("two", []).try_acquire() is not None  # another machine cannot know that it is dead
    assert await make("one", []).try_acquire() is None


def test_what_cannot_be_judged_is_taken_to_live() -> None:
    here = fingerprint(os.getpid())
    assert alive(here)
    boot, namespace, pid, began = here.split("|")
    assert not alive(f"another-boot|{namespace}|{pid}|{began}")
    assert alive(f"{boot}|pid:[1]|{pid}|1")  # another container's process
    assert not alive(f"{boot}|{namespace}|{pid}|1")  # the number was given to another process
    assert alive("nonsense")


async def test_a_holder_goes_on_while_the_database_is_away_and_verifies_its_token_afterwards(
    make: Make, migrated: str, db: Database
) -> None:
    lost: list[str] = []
    async with _through_proxy(migrated) as (between, database):
        first = make("one", lost, db=database)
        await first.try_acquire()
        keeping = asyncio.create_task(first.keep())
        between.refusing = True
        between.cut()
        await _runs(db, False)
        await first.permit()  # and calls go on
        assert not keeping.done()
        between.refusing = False
        await _runs(db, True)
        await first.permit()
        assert lost == []
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_a_holder_cut_off_stands_down_when_asterisk_serves_another(make: Make, migrated: str) -> None:
    lost: list[str] = []
    async with _through_proxy(migrated) as (between, database):
        first = make("one", lost, db=database)
        await first.try_acquire()
        between.refusing = True
        between.cut()
        with pytest.raises(GatewayError):
            await first.permit(replaced=True)
        assert len(lost) == 1


async def test_one_that_stood_still_asks_before_it_acts(
    make: Make, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []
    first = make("one", lost)
    await first.try_acquire()
    later = module._now() + 60
    monkeypatch.setattr(module, "_now", lambda: later)
    assert not first.fresh
    await first.permit()  # nobody took it: it is still ours
    assert first.fresh
    later += 60
    await _give_up(db)
    assert await make("two", []).try_acquire() is None
    with pytest.raises(GatewayError):
        await first.permit()
    assert lost == ["another copy has the desk"]


async def test_a_claim_that_ran_out_while_the_database_was_away_is_its_holders(
    make: Make, migrated: str, db: Database
) -> None:
    """It alone has what was not written meanwhile."""
    first = make("one", [])
    await first.try_acquire()
    async with _through_proxy(migrated) as (between, database):
        second = make("two", [], db=database)
        held = await second.try_acquire()
        assert held is not None and not held.lapsed
        between.refusing = True
        between.cut()
        with pytest.raises(Unavailable):
            await second.try_acquire()
        await _expire(db)
        between.refusing = False
        await asyncio.sleep(REST_S)
        held = await second.try_acquire()
        assert held is not None and held.lapsed, "it must have time to renew"
        await first._renew()
        held = await second.try_acquire()
        assert held is not None and not held.lapsed


async def test_a_database_that_stood_still_without_a_word_is_no_holder_that_did_not_renew(
    make: Make, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make("one", []), make("two", [])
    await first.try_acquire()
    await second.try_acquire()
    await _expire(db)
    for seconds, taken in ((5, False), (2, False), (2, True)):
        later = module._now() + seconds
        monkeypatch.setattr(module, "_now", lambda later=later: later)
        assert (await second.try_acquire() is None) == taken, seconds


async def test_a_journal_that_writes_slowly_does_not_cost_the_desk_and_bars_who_would_take_it(
    make: Make, db: Database
) -> None:
    first, second = make("one", []), make("two", [])
    await first.try_acquire()
    async with db.direct_write() as direct:
        await first.fence(direct)
        await asyncio.wait_for(first._renew(), 4)  # else it would be the statement's own time-out, after five
        await _give_up(db)
        taking = asyncio.create_task(second.try_acquire())
        assert not (await asyncio.wait({taking}, timeout=0.3))[0], "what the last one writes is written first"
    assert await taking is None


async def test_who_ends_while_the_database_is_away_leaves_its_claim_to_the_next_process(
    make: Make, migrated: str
) -> None:
    async with _through_proxy(migrated) as (between, database):
        first = make("one", [], db=database, process=await _ended_process())
        await first.try_acquire()
        between.refusing = True
        between.cut()
        await first.release()
        again = make("one", [], db=database)
        assert await again.try_acquire() is None
        assert not again.asked


async def test_a_database_that_hangs_keeps_nobody_from_going(make: Make, migrated: str) -> None:
    """Callers wait for the next process meanwhile."""
    async with _through_proxy(migrated) as (between, database):
        first = make("one", [], db=database)
        await first.try_acquire()
        between.freeze()
        async with asyncio.timeout(6):
            await first.release()
            await database.close()
        between.thaw()


async def test_who_stood_still_while_the_database_is_away_goes_on_as_its_successor_would(
    make: Make, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _through_proxy(migrated) as (between, database):
        first = make("one", [], db=database)
        await first.try_acquire()
        between.refusing = True
        between.cut()
        later = module._now() + 5
        monkeypatch.setattr(module, "_now", lambda: later)
        await first.permit()
        assert first.fresh
        later += 60
        with pytest.raises(GatewayError):
            await first.permit()


async def test_the_claim_of_a_machine_that_was_started_anew_is_the_databases_to_judge(
    make: Make, migrated: str
) -> None:
    async with _through_proxy(migrated) as (between, database):
        _, _, rest = fingerprint(os.getpid()).partition("|")
        await make("one", [], db=database, process=f"another-boot|{rest}").try_acquire()
        between.refusing = True
        between.cut()
        with pytest.raises(Unavailable):
            await make("one", [], db=database).try_acquire()


async def test_a_service_killed_while_the_database_is_away_goes_on_under_its_own_claim(
    make: Make, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _through_proxy(migrated) as (between, database):
        gone = await _ended_process()
        first = make("one", [], db=database, process=gone)
        await first.try_acquire()
        between.refusing = True
        between.cut()
        monkeypatch.setattr(time, "time", lambda: 0.0)  # whatever the clock has been set to
        again = make("one", [], db=database)
        assert await again.try_acquire() is None
        assert (again.holder, again.epoch) == (first.holder, first.epoch)
        with pytest.raises(Unavailable):
            await make("two", [], db=database).try_acquire()


class _through_proxy:
    """A database by way of a proxy that can cut and refuse."""

    def __init__(self, url: str) -> None:
        before, _, after = url.partition("@")
        address, _, self._name = after.partition("/")
        host, _, port = address.partition(":")
        self._before, self._target = before, (host, int(port))
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> tuple[Proxy, Database]:
        between = await self._stack.enter_async_context(proxy(self._target))
        url = f"{self._before}@127.0.0.1:{between.port}/{self._name}"
        database = Database(url, pool_size=1, statement_timeout_s=2)
        self._stack.push_async_callback(database.close)
        return between, database

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
