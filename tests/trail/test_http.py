"""The audit as those who keep accounts read it: filtered, page by page, as a sheet; quick on many entries."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.trail.repository import Filter, _matching
from tests.house import House


async def test_a_change_is_found_by_person_kind_and_day_and_told_before_and_after(house: House) -> None:
    boss, boss_id = await house.signed_in(Role.SUPERVISOR, "boss")
    agent_id = await house.account(Role.AGENT, "anna", queues={"general": 1})
    assert (await boss.patch(f"/api/v1/accounts/{agent_id}", json={"wrap_up_s": 45, "queues": {}})).is_success
    house.clock.advance(hours=2)
    made = await boss.post("/api/v1/customers", json={"name": "李雷", "phones": [{"number": "13800000001"}]})
    changed = {"name": "李小雷", "vip": True}
    assert (await boss.patch(f"/api/v1/customers/{made.json()['id']}", json=changed)).is_success

    async def found(**wanted: str) -> list[dict[str, object]]:
        answer = await boss.get("/api/v1/audit", params=wanted)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["entries"])

    (latest, created, first) = await found()
    assert (first["who"], first["what"], first["whom"]) == ("Boss", "修改账号", "Anna")
    assert first["lines"] == [
        {"field": "服务队列", "before": "人工服务 1", "after": "无"},
        {"field": "话后秒数", "before": "无", "after": "45"},
    ]
    assert (created["what"], latest["whom"]) == ("新建客户", "李小雷")
    assert latest["lines"] == [
        {"field": "姓名", "before": "李雷", "after": "李小雷"},
        {"field": "重要客户", "before": "否", "after": "是"},
    ]
    assert [one["id"] for one in await found(kind="account")] == [first["id"]]
    assert len(await found(person=boss_id)) == 3
    assert await found(person="none") == await found(person=agent_id) == []
    today = house.clock.now() - timedelta(hours=1)
    assert len(await found(**{"from": today.isoformat()})) == 2
    assert [one["id"] for one in await found(to=today.isoformat(), language="en")] == [first["id"]]
    assert (await boss.get("/api/v1/audit", params={"person": "x"})).status_code == 422
    titles = (await boss.get("/api/v1/audit/kinds")).json()
    assert {"name": "roster", "title": "排班", "title_en": "Roster"} in titles


async def test_pages_follow_each_other_and_the_sheet_has_all_of_it(house: House) -> None:
    boss, boss_id = await house.signed_in(Role.SUPERVISOR, "boss")
    async with house.db.write() as session:
        await session.execute(
            text(
                "INSERT INTO audit (id, at, account_id, action, subject, detail) SELECT md5(n::text)::uuid, "
                "timestamptz '2026-03-01 00:00Z' + n / 3 * interval '1 second', :boss, 'customer.created', "
                "md5('c' || n)::uuid::text, '{\"label\": \"=1+1\"}'::jsonb FROM generate_series(1, 1100) n"
            ),
            {"boss": boss_id},
        )
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await boss.get(f"/api/v1/audit?limit=150{cursor}")).json()
        seen += [one["id"] for one in page["entries"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (len(seen), len(set(seen))) == (1100, 1100), "three of a second and all of it once"
    answer = await boss.get("/api/v1/audit/export.csv", params={"kind": "customer", "language": "en"})
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:3] == ["Time", "Who", "What"]
    assert (len(rows), rows[0][:3]) == (1100, ["2026-03-01 08:06:06", "Boss", "Customer created"])
    assert rows[0][-1] == "'=1+1", "a spreadsheet must not calculate it"
    last = (await boss.get("/api/v1/audit?limit=1")).json()["entries"][0]
    assert (last["what"], last["lines"]) == ("导出操作记录", [{"field": "种类", "before": None, "after": "客户资料"}])


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.OPS])
async def test_others_do_not_read_it(house: House, role: Role) -> None:
    somebody, _ = await house.signed_in(role)
    for path in ("", "/kinds", "/export.csv"):
        assert (await somebody.get(f"/api/v1/audit{path}")).status_code == 403


async def test_each_filter_walks_an_index_and_sorts_nothing(house: House) -> None:
    async with house.db.write() as session:
        await session.execute(
            text(
                "INSERT INTO audit (id, at, account_id, action, subject, detail) SELECT md5(n::text)::uuid, "
                "timestamptz '2026-03-01 00:00Z' + n * interval '1 second', md5((n % 40)::text)::uuid, "
                "(ARRAY['session.opened', 'roster.set', 'recording.heard', 'flows.published'])[1 + n % 4], "
                "n::text, '{}'::jsonb FROM generate_series(1, 30000) n"
            )
        )
        await session.execute(text("ANALYZE audit"))
    somebody, at = "a87ff679a2f3e71d9181a67b7542122c", house.clock.now()
    wanted = [
        (Filter(), "ix_audit_listed"),
        (Filter(since=at - timedelta(days=1), until=at), "ix_audit_listed"),
        (Filter(person=somebody), "ix_audit_person"),
        (Filter(group="flows"), "ix_audit_group"),
    ]
    async with house.db.read() as session:
        for each, index in wanted:
            query = _matching(each).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(51)
            made = query.compile(session.bind, compile_kwargs={"literal_binds": True})
            plan = "\n".join(row[0] for row in await session.execute(text(f"EXPLAIN {made}")))
            assert index in plan, plan
            assert "Sort" not in plan, plan
