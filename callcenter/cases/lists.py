"""What cases are sorted by, over HTTP: departments with their people, kinds with their times, who can own a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import delete, func, select

from callcenter.access import audit
from callcenter.access.guard import CaseWorker, Keeper
from callcenter.access.roles import CASE_WORKERS
from callcenter.access.tables import Account
from callcenter.cases.schemas import CaseKindIn, CaseKindOut, DepartmentIn, DepartmentOut, WorkerOut
from callcenter.cases.tables import CaseKind, Department, DepartmentMember
from callcenter.context import ServicesDep
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest

router = APIRouter(prefix="/api/v1", tags=["cases"])

Code = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")]


@router.get("/departments")
async def list_departments(who: CaseWorker, made: ServicesDep) -> list[DepartmentOut]:
    """All of them, those not in use any more too, in the order to show."""
    async with made.db.read() as session:
        rows = await session.scalars(select(Department).order_by(Department.position, Department.code))
        members = await _members(session)
        return [
            DepartmentOut.model_validate(row).model_copy(update={"members": members.get(row.code, [])}) for row in rows
        ]


async def _members(session: ReadSession) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in await session.scalars(select(DepartmentMember).order_by(DepartmentMember.account_id)):
        found.setdefault(row.department, []).append(row.account_id)
    return found


@router.put("/departments/{code}")
async def keep_department(code: Code, body: DepartmentIn, who: Keeper, made: ServicesDep) -> DepartmentOut:
    """Add a department or change it. One that is not in use any more keeps its cases and gets no new ones."""
    async with made.db.write() as session:
        row = await session.get(Department, code, with_for_update=True)
        if row is None:
            position = await session.scalar(select(func.coalesce(func.max(Department.position), 0) + 1))
            row = Department(code=code, position=position)
            session.add(row)
        row.title, row.title_en, row.active = body.title, body.title_en, body.active
        await session.flush()
        if body.members is not None:
            await _set_members(session, code, body.members)
        audit.record(
            session,
            made.clock.now(),
            who.account_id,
            "case.department_kept",
            code,
            title=body.title,
            active=body.active,
        )
        members = (await _members(session)).get(code, [])
        return DepartmentOut.model_validate(row).model_copy(update={"members": members})


async def _set_members(session: WriteSession, code: str, wanted: list[str]) -> None:
    known = set(await session.scalars(select(Account.id).where(Account.id.in_(wanted))))
    if known != set(wanted):
        raise BadRequest("a member has no account")
    await session.execute(delete(DepartmentMember).where(DepartmentMember.department == code))
    session.add_all(DepartmentMember(department=code, account_id=one) for one in known)
    await session.flush()


@router.get("/case-kinds")
async def list_kinds(who: CaseWorker, made: ServicesDep) -> list[CaseKindOut]:
    """How serious cases can be, with their times in minutes."""
    async with made.db.read() as session:
        rows = await session.scalars(select(CaseKind).order_by(CaseKind.position, CaseKind.code))
        return [CaseKindOut.model_validate(row) for row in rows]


@router.put("/case-kinds/{code}")
async def keep_kind(code: Code, body: CaseKindIn, who: Keeper, made: ServicesDep) -> CaseKindOut:
    """Add a kind or change it. Cases that are there stay due when they were; new ones go by the new times."""
    async with made.db.write() as session:
        row = await session.get(CaseKind, code, with_for_update=True)
        if row is None:
            position = await session.scalar(select(func.coalesce(func.max(CaseKind.position), 0) + 1))
            row = CaseKind(code=code, position=position)
            session.add(row)
        for name, value in body.model_dump().items():
            setattr(row, name, value)
        await session.flush()
        audit.record(session, made.clock.now(), who.account_id, "case.kind_kept", code, **body.model_dump())
        return CaseKindOut.model_validate(row)


@router.get("/case-workers")
async def list_workers(who: CaseWorker, made: ServicesDep) -> list[WorkerOut]:
    """Who can own a case: everybody in service who works on cases, by name."""
    query = select(Account).where(Account.active, ~Account.drill, Account.role.in_(CASE_WORKERS))
    async with made.db.read() as session:
        rows = await session.scalars(query.order_by(Account.display_name))
        return [WorkerOut(id=row.id, name=row.display_name, role=row.role) for row in rows]
