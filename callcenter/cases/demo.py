"""Invented cases, so that a newcomer sees a service desk at work: some new, some with a department, some late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from callcenter.cases import changes
from callcenter.cases.escalation_tables import EscalationLevel
from callcenter.cases.tables import DepartmentMember
from callcenter.db.engine import WriteSession

_CASES: Final[tuple[tuple[str, str, str | None, float, tuple[str, ...]], ...]] = (
    ("三号机不出纸，客户已重启两次", "fault", "technical", 0.5, ()),
    ("整条产线停机，要求立即处理", "major_fault", "technical", 0.1, ()),
    ("上门工程师迟到两小时", "complaint", "after_sales", 2.5, ()),
    ("发票抬头有误，需重开", "request", "billing", 20, ("working",)),
    ("询问保修期到何时", "inquiry", None, 3, ()),
    ("软件升级后打印变慢", "fault", "technical", 30, ("working", "waiting_department")),
    ("退款三周未到账", "complaint", "billing", 40, ("working", "waiting_department")),
    ("希望增加一个联系人", "request", "service", 5, ("working",)),
    ("更换墨盒的方法", "inquiry", "service", 50, ("resolved",)),
    ("设备进水，等客户寄回", "fault", "after_sales", 70, ("working", "waiting_customer")),
    ("夜间无法登录自助平台", "fault", "technical", 90, ("working", "resolved", "closed")),
    ("客服未按约定回电", "complaint", "service", 26, ("working",)),
)  # fmt: skip
"""(subject, kind, department, opened so many hours ago, what became of it)."""
_DID: Final = {
    "working": "已联系客户，核实情况",
    "waiting_department": "需要部门处理，资料已附",
    "waiting_customer": "已请客户提供照片",
    "resolved": "已处理，客户确认",
    "closed": "回访满意，结案",
}


async def seed(
    session: WriteSession,
    now: datetime,
    *,
    agents: Sequence[str],
    workers: Sequence[str],
    leads: Sequence[str],
    customers: Sequence[tuple[str, str]],
) -> int:
    """Make them, in the agents' names; ``workers`` are put into two departments, and the first two
    of ``leads`` are told of what stands still before the others.

    ``customers``: id and number. Returns how many.
    """
    for worker in workers:
        session.add_all(DepartmentMember(department=code, account_id=worker) for code in ("after_sales", "technical"))
    lead, boss = leads[:2], leads[2:]
    for kind, trigger, level, minutes, people in (
        ("complaint", "reply", 1, 60, lead),
        ("complaint", "resolve", 1, 1440, boss),
        ("major_fault", "reply", 1, 15, lead),
        ("major_fault", "reply", 2, 30, boss),
        ("major_fault", "resolve", 1, 240, [*lead, *boss]),
    ):
        session.add(
            EscalationLevel(kind=kind, trigger=trigger, level=level, after_minutes=minutes, people=list(people))
        )
    for place, (subject, kind, department, hours, steps) in enumerate(_CASES):
        at, owner = now - timedelta(hours=hours), agents[place % len(agents)]
        customer_id, number_of = customers[place % len(customers)]
        number = await changes.open_by_hand(
            session,
            at,
            by=owner,
            subject=subject,
            kind=kind,
            department=department,
            customer_id=customer_id,
            caller_number=number_of,
        )
        case = await changes.locked(session, number)
        for step in steps:
            at += timedelta(hours=hours / (len(steps) + 2))
            await changes.comment(session, at, case, _DID[step], by=owner)
            await changes.change(session, at, case, {"state": step}, by=owner, leads=False)
    return len(_CASES)
