"""A newcomer's first crew: random passwords, kept from others, and only where nobody is yet."""

from __future__ import annotations

import asyncio
import stat
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from callcenter.access.agents import load_profiles
from callcenter.access.roles import Role
from callcenter.access.tables import Account
from callcenter.business import demo
from callcenter.business.tables import Customer
from callcenter.calls.tables import Contact
from tests.house import House


async def test_an_empty_database_gets_a_crew_that_can_sign_in(house: House, tmp_path: Path) -> None:
    made = await demo.seed(house.db, house.clock, tmp_path)
    assert Counter(login.role for login in made) == {
        Role.ADMIN: 1,
        Role.OPS: 1,
        Role.SUPERVISOR: 1,
        Role.LEAD: 2,
        Role.AGENT: 12,
        Role.DEPARTMENT: 1,
    }
    client = await house.client()
    for login in made[:4] + made[-1:]:
        body = {"login": login.login, "password": login.password}
        assert (await client.post("/api/v1/session", json=body)).status_code == 200
    async with house.db.read() as session:
        profiles = await load_profiles(session)
        assert await session.scalar(select(func.count()).select_from(Customer)) == demo.CUSTOMERS
        assert await session.scalar(select(func.count()).select_from(Contact)) == 0
    assert [profile.extension for profile in profiles] == [str(number) for number in range(1001, 1013)]
    assert all(set(profile.queues) == set(demo.QUEUES) for profile in profiles)


async def test_passwords_are_random_and_readable_by_the_owner_alone(house: House, tmp_path: Path) -> None:
    made = await demo.seed(house.db, house.clock, tmp_path)
    assert len({login.password for login in made}) == len(made)
    path = tmp_path / demo.LOGINS_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(line[0], line[1]) for line in lines] == [(login.login, login.password) for login in made]


async def test_a_database_with_people_is_left_alone(house: House, tmp_path: Path) -> None:
    await house.account(Role.ADMIN, "root")
    assert await demo.seed(house.db, house.clock, tmp_path) == ()
    assert not (tmp_path / demo.LOGINS_FILE).exists()
    async with house.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Account)) == 1


async def test_two_copies_that_start_at_once_make_one_crew(house: House, tmp_path: Path) -> None:
    made = await asyncio.gather(*(demo.seed(house.db, house.clock, tmp_path / name) for name in "ab"))
    assert sorted(map(len, made)) == [0, 18]
