"""What flows ask of the business side, on a real database: found, not found, late, down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from callcenter.access import accounts
from callcenter.access.roles import Role
from callcenter.business.outcomes import OutcomeWish, save
from callcenter.calls.tables import Rating
from callcenter.cases.tables import Case
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.ids import CallId, new_id
from callcenter.ivr.effects import LAST_SPOKE_WITHIN, FlowEffects
from callcenter.ivr.messages import LookUp, Value
from tests.business.calls import contact, segment


def asked(kind: str = "customer", timeout_s: float = 3.0, **query: Value) -> LookUp:
    return LookUp(request=7, kind=kind, query=query, timeout_s=timeout_s)


async def add_customer(db: Database) -> None:
    async with db.write() as session:
        customer = new_id()
        await session.execute(
            text(
                "INSERT INTO customers (id, name, company, vip, language, notes, created_at, updated_at) "
                "VALUES (:id, '王女士', '', true, 'zh-CN', '', now(), now())"
            ),
            {"id": customer},
        )
        await session.execute(
            text("INSERT INTO customer_phones (number, customer_id, label) VALUES ('+8613800000001', :id, '')"),
            {"id": customer},
        )


async def account(db: Database, login: str, extension: str | None) -> str:
    role = Role.AGENT if extension else Role.DEPARTMENT
    async with db.write() as session:
        made = await accounts.create(
            session, SystemClock().now(), login=login, name=login, role=role, password_hash="-", extension=extension
        )
        return made.id


async def test_a_customer_is_found_by_any_spelling_of_the_number(db: Database) -> None:
    await add_customer(db)
    effects = FlowEffects(db, SystemClock())
    found = await effects.look_up(asked(number="013800000001"))
    assert (found.request, found.found, found.error) == (7, True, "")
    assert (found.values["name"], found.values["vip"]) == ("王女士", True)
    assert "notes" not in found.values, "what agents write of customers is not read to callers"
    for number in ("13900000000", "anonymous", "", None):
        other = await effects.look_up(asked(number=number))
        assert (other.found, other.error) == (False, "")


async def test_a_case_is_found_by_its_number_and_tells_nothing_private(db: Database) -> None:
    now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    async with db.write() as session:
        agent = new_id()
        call = await contact(db, now, answered_by=agent)
        wish = OutcomeWish(disposition="resolved", note="客户姓王", department="repairs", open_case=True)
        await save(session, now, call, agent, wish, by=agent)
        number = await session.scalar(select(Case.number))
    effects = FlowEffects(db, SystemClock(), zone=ZoneInfo("Asia/Shanghai"))
    found = await effects.look_up(asked("case", number=str(number)))
    assert (found.found, found.error) == (True, "")
    assert (found.values["state"], found.values["status"]) == ("open", "已经受理，等待处理")
    assert found.values["updated"] == "2026-11-24", "the day is the site's"
    assert "客户姓王" not in str(found.values)
    for wrong in ("99", "", None, "1" * 40, "１２３４５６", "12 OR 1=1"):
        other = await effects.look_up(asked("case", number=wrong))
        assert (other.found, other.error) == (False, ""), wrong


async def test_a_slow_answer_and_a_database_that_is_away_are_errors(db: Database, migrated: str) -> None:
    await add_customer(db)
    effects = FlowEffects(db, SystemClock())
    async with db.write() as holding:
        await holding.execute(text("LOCK TABLE customer_phones IN ACCESS EXCLUSIVE MODE"))
        late = await effects.look_up(asked(number="13800000001", timeout_s=0.2))
    assert late.error == "no answer within 0.2 s"
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    assert "does not answer" in (await FlowEffects(away, SystemClock()).look_up(asked(number="13800000001"))).error
    await away.close()
    assert (await effects.look_up(asked(number="13800000001"))).found, "and after that it works again"


async def test_a_kind_that_nobody_answers_and_one_that_crashes_are_errors(db: Database) -> None:
    async def crash(_: Mapping[str, Value]) -> dict[str, Value] | None:
        raise KeyError("x")

    async def case(query: Mapping[str, Value]) -> dict[str, Value] | None:
        return {"status": "open"} if query["number"] == "123456" else None

    effects = FlowEffects(db, SystemClock(), {"case": crash})
    assert (await effects.look_up(asked("weather"))).error == "no weather can be looked up here"
    assert (await effects.look_up(asked("case", number="1"))).error == "KeyError"
    effects = FlowEffects(db, SystemClock(), {"case": case})
    assert (await effects.look_up(asked("case", number="123456"))).values == {"status": "open"}


async def test_a_rating_is_kept_once_for_each_question(db: Database) -> None:
    effects = FlowEffects(db, SystemClock())
    call = CallId(new_id())
    await asyncio.gather(effects.rate(call, "satisfaction", 5), effects.rate(call, "speed", 2))
    await effects.rate(call, "satisfaction", 4)
    async with db.read() as session:
        rows = await session.execute(select(Rating.question, Rating.score).order_by(Rating.question))
        assert rows.all() == [("satisfaction", 4), ("speed", 2)]


async def test_routing_learns_who_calls_and_who_knows_them(db: Database) -> None:
    await add_customer(db)
    effects, now = FlowEffects(db, SystemClock()), SystemClock().now()
    spoke, owner = new_id(), new_id()
    first = await effects.recognise("013800000001")
    assert first is not None
    assert (first.vip, first.preferred_agent) == (True, None), "nobody has spoken with them yet"
    call = await contact(db, now - timedelta(hours=2), "13800000001")
    await segment(db, call, 1, "talk", now - timedelta(hours=2), agent_id=spoke)
    again = await effects.recognise("+8613800000001")
    assert again is not None
    assert again.preferred_agent == spoke
    async with db.write() as session:
        await session.execute(text("UPDATE customers SET owner_account_id = :owner"), {"owner": owner})
    owned = await effects.recognise("13800000001")
    assert owned is not None
    assert owned.preferred_agent == owner, "the customer's owner goes before who spoke last"
    clerk, handles = await account(db, "clerk", None), await account(db, "handles", "1009")
    for number, (who, state, minutes) in enumerate(
        ((handles, "waiting_customer", 20), (clerk, "waiting_department", 10), (owner, "closed", 5))
    ):
        at = now - timedelta(minutes=minutes)
        async with db.write() as session:
            session.add(
                Case(
                    owner_id=who, customer_id=owned.customer_id if number else None, caller_number="13800000001",
                    state=state, opened_at=at, since=at, reply_due_at=at, due_at=at, updated_at=at, updated_by=who,
                )
            )  # fmt: skip
    working = await effects.recognise("13800000001")
    assert working is not None
    assert working.preferred_agent == handles, "who owns an open case goes before both, if they take calls"
    stranger = await contact(db, now - LAST_SPOKE_WITHIN - timedelta(hours=1), "13900000000")
    await segment(db, stranger, 1, "talk", now - LAST_SPOKE_WITHIN - timedelta(hours=1), agent_id=spoke)
    assert await effects.recognise("13900000000") is None, "too long ago"
    assert await effects.recognise("anonymous") is None


async def test_a_caller_nobody_can_look_up_is_served_like_anybody() -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    assert await FlowEffects(away, SystemClock()).recognise("13800000001") is None
    await away.close()
