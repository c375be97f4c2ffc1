"""A first crew and invented customers, so that a newcomer can try everything at once.

Names are made from a list of plants and a number; numbers are a block of obviously invented ones. No person
is meant. There are invented cases and return visits, and no invented calls.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text

from callcenter.access import accounts, audit, passwords
from callcenter.access.roles import Role
from callcenter.access.tables import Account
from callcenter.business import customers
from callcenter.business.tables import Customer
from callcenter.cases import demo as cases
from callcenter.clock import Clock
from callcenter.db.engine import Database, WriteSession
from callcenter.visits import demo as visits

LOGINS_FILE = "demo-logins.txt"
QUEUES = ("general", "consult", "complaint", "night")
AGENTS = 12
CUSTOMERS = 60

_LOCK = 0x64656D6F
_PLANTS = ("松", "柏", "竹", "梅", "兰", "菊", "荷", "桂", "枫", "榆", "槐", "柳")
_TRADES = ("食品", "五金", "印刷", "物流", "园艺")
_CREW: tuple[tuple[Role, int, str], ...] = (
    (Role.ADMIN, 1, "管理员"),
    (Role.OPS, 1, "运维"),
    (Role.SUPERVISOR, 1, "主管"),
    (Role.LEAD, 2, "组长"),
    (Role.AGENT, AGENTS, "坐席"),
    (Role.DEPARTMENT, 1, "部门人员"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogin:
    login: str
    password: str
    role: Role
    name: str
    extension: str | None


async def seed(
    db: Database, clock: Clock, data_dir: Path, *, queues: Iterable[str] = QUEUES, customer_count: int = CUSTOMERS
) -> tuple[DemoLogin, ...]:
    """Fill an empty database; a database with any account is left alone and gives ``()``.

    Passwords are random; they are in the answer and in ``data_dir/demo-logins.txt`` (mode 0600), and only
    their hashes are in the database.
    """
    people = [
        (role, f"{role}{number}" if count > 1 else role.value, f"{title}{number:02d}" if count > 1 else title)
        for role, count, title in _CREW
        for number in range(1, count + 1)
    ]
    async with db.read() as session:
        if await session.scalar(select(func.count()).select_from(Account)):
            return ()
    words = [passwords.generate() for _ in people]
    hashes = await asyncio.gather(*map(passwords.hash_password, words))
    now = clock.now()
    served = dict.fromkeys(queues, 1)
    made, ids = [], dict[str, Role]()
    async with db.write() as session:
        # Two copies that start at once on one database: the second finds the crew there.
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if await session.scalar(select(func.count()).select_from(Account)):
            return ()
        for (role, login, name), word, hashed in zip(people, words, hashes, strict=True):
            account = await accounts.create(
                session,
                now,
                login=login,
                name=name,
                role=role,
                password_hash=hashed,
                queues=served if role is Role.AGENT else None,
            )
            ids[account.id] = role
            made.append(DemoLogin(login=login, password=word, role=role, name=name, extension=account.extension))
        if not await session.scalar(select(func.count()).select_from(Customer)):
            made_up = await _customers(session, now, customer_count)
            if made_up:
                crew = {each: [one for one, of in ids.items() if of is each] for each in Role}
                await cases.seed(
                    session,
                    now,
                    agents=crew[Role.AGENT],
                    workers=crew[Role.DEPARTMENT],
                    leads=crew[Role.LEAD] + crew[Role.SUPERVISOR],
                    customers=made_up,
                )
                visits.seed(session, now, agents=crew[Role.AGENT], customers=[one for one, _ in made_up])
        audit.record(session, now, None, "demo.seeded", "demo", accounts=len(made), customers=customer_count)
        # Before the commit: a crew whose passwords nobody knows would be worse than none.
        await asyncio.to_thread(write_logins, data_dir / LOGINS_FILE, made)
    return tuple(made)


async def _customers(session: WriteSession, now: datetime, count: int) -> list[tuple[str, str]]:
    """(id, number) of each."""
    made = []
    for number in range(1, count + 1):
        plant = _PLANTS[number % len(_PLANTS)]
        customer_id = await customers.create(
            session,
            now,
            name=f"示例客户{plant}{number:02d}",
            company=f"示例{plant}{_TRADES[number % len(_TRADES)]}公司" if number % 3 == 0 else "",
            vip=number % 20 == 0,
            customer_since=visits.since(number, now.date()),
            no_calls=number % 25 == 0,
            language="en" if number % 15 == 0 else "zh-CN",
            phones=(customers.Phone(number=f"{13800000000 + number}", label="手机"),),
        )
        made.append((customer_id, f"+86{13800000000 + number}"))
    return made


def write_logins(path: Path, logins: Iterable[DemoLogin]) -> None:
    """Write login, password, role and extension, a line each, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{one.login}\t{one.password}\t{one.role}\t{one.extension or '-'}\n" for one in logins)
