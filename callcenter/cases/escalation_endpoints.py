"""Escalation over HTTP: who is told when, and what one has been told."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlalchemy import delete, select, update

from callcenter.access import audit
from callcenter.access.guard import CaseWorker, Keeper
from callcenter.access.roles import CASE_WORKERS
from callcenter.access.schemas import Strict
from callcenter.access.tables import Account
from callcenter.cases.escalation_tables import CaseNotice, EscalationLevel
from callcenter.cases.schemas import FromRow, HexId, Minutes
from callcenter.cases.tables import Case, CaseKind
from callcenter.context import ServicesDep
from callcenter.errors import BadRequest, NotFound

router = APIRouter(prefix="/api/v1", tags=["cases"])


class Step(FromRow):
    """After so many minutes since the case was opened (without what it waited for the customer) these are told."""

    trigger: Literal["reply", "resolve"]
    after_minutes: Minutes
    people: Annotated[list[HexId], Field(min_length=1, max_length=20)]


class StepsIn(Strict):
    """All of one kind. The levels are in the order of their times."""

    steps: Annotated[list[Step], Field(max_length=20)]


class StepsOut(BaseModel):
    kind: str
    steps: list[Step]


class NoticeOut(FromRow):
    id: str
    number: int
    subject: str
    at: datetime
    trigger: str
    level: int
    after_minutes: int


class SeenIn(Strict):
    ids: Annotated[list[HexId], Field(min_length=1, max_length=200)]


@router.get("/escalations")
async def list_escalations(who: CaseWorker, made: ServicesDep) -> list[StepsOut]:
    """Who is told when cases of each kind stand still; the levels of a kind by their times."""
    found: dict[str, list[Step]] = defaultdict(list)
    query = select(EscalationLevel).order_by(EscalationLevel.trigger, EscalationLevel.level)
    async with made.db.read() as session:
        for row in await session.scalars(query):
            found[row.kind].append(Step.model_validate(row))
    return [StepsOut(kind=kind, steps=steps) for kind, steps in found.items()]


@router.put("/escalations/{kind}")
async def keep_escalation(
    kind: Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")], body: StepsIn, who: Keeper, made: ServicesDep
) -> StepsOut:
    """Replace the levels of one kind. A level that has spoken about a case does not speak about it again."""
    people = {one for step in body.steps for one in step.people}
    async with made.db.write() as session:
        if await session.get(CaseKind, kind) is None:
            raise NotFound(f"there is no kind of case {kind}")
        able = select(Account.id).where(Account.id.in_(people), Account.active, Account.role.in_(CASE_WORKERS))
        if people - set(await session.scalars(able)):
            raise BadRequest("somebody named here works on no cases, and would not see the notice")
        await session.execute(delete(EscalationLevel).where(EscalationLevel.kind == kind))
        level: dict[str, int] = defaultdict(int)
        steps = sorted(body.steps, key=lambda step: (step.trigger, step.after_minutes))
        for step in steps:
            level[step.trigger] += 1
            session.add(EscalationLevel(kind=kind, level=level[step.trigger], **step.model_dump()))
        audit.record(session, made.clock.now(), who.account_id, "case.escalation_kept", kind, count=len(steps))
    return StepsOut(kind=kind, steps=steps)


@router.get("/case-notices")
async def list_notices(who: CaseWorker, made: ServicesDep) -> list[NoticeOut]:
    """What whoever asks has been told and not put away yet, newest first. What is done meanwhile is left out."""
    query = (
        select(CaseNotice, Case.subject)
        .join(Case, Case.number == CaseNotice.number)
        .where(CaseNotice.account_id == who.account_id, CaseNotice.seen_at.is_(None))
        .where(Case.state.not_in(("resolved", "closed")))
        .order_by(CaseNotice.at.desc(), CaseNotice.level.desc())
        .limit(100)
    )
    async with made.db.read() as session:
        rows = (await session.execute(query)).all()
    names = ("id", "number", "at", "trigger", "level", "after_minutes")
    return [NoticeOut(subject=subject, **{name: getattr(row, name) for name in names}) for row, subject in rows]


@router.post("/case-notices/seen", status_code=204)
async def put_away(body: SeenIn, who: CaseWorker, made: ServicesDep) -> None:
    """Put one's own notices away."""
    mine = (CaseNotice.account_id == who.account_id, CaseNotice.seen_at.is_(None))
    async with made.db.write() as session:
        await session.execute(
            update(CaseNotice).where(CaseNotice.id.in_(body.ids), *mine).values(seen_at=made.clock.now())
        )
