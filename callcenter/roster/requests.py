"""Leave, wishes and swaps: asked for by agents, decided by leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import select

from callcenter.access import audit
from callcenter.access.deeds import Deed
from callcenter.access.guard import LeadOrAbove, ServiceStaff
from callcenter.access.roles import LEADS
from callcenter.access.schemas import HEX_ID
from callcenter.context import ServicesDep
from callcenter.db.engine import ReadSession
from callcenter.errors import BadRequest, Conflict, NotFound, NotPermitted
from callcenter.ids import new_id
from callcenter.roster import repository
from callcenter.roster.room import Room
from callcenter.roster.schemas import AbsenceIn, AbsenceOut, DecisionIn, SwapIn, SwapOut
from callcenter.roster.shifts import Assignment, Problem
from callcenter.roster.swaps import swap_problems
from callcenter.roster.tables import AbsenceRow, SwapRow
from callcenter.roster.told import absence_facts, shift_facts

router = APIRouter(prefix="/api/v1/roster", tags=["roster"])

Id = Annotated[str, Path(pattern=HEX_ID)]


async def open_swaps(session: ReadSession) -> Sequence[SwapRow]:
    """Those nobody has decided yet."""
    rows = await session.scalars(select(SwapRow).where(SwapRow.state == "requested").order_by(SwapRow.created_at))
    return rows.all()


async def against(session: ReadSession, row: SwapRow, zone: tzinfo) -> tuple[Problem, ...]:
    """What speaks against a swap as the roster is now."""
    ids = [id_ for id_ in (row.assignment_id, row.other_assignment_id) if id_ is not None]
    shifts = [await repository.assignment(session, id_) for id_ in ids]
    names = {id_: person.name for id_, person in (await repository.people(session, drill=True)).items()}
    gone = [one.account_id for one in shifts if one.account_id not in names]
    if gone or row.to_account_id not in names:
        return ()  # somebody left: what is decided about it says so
    days = [one.day for one in shifts]
    roster = await repository.roster(session, min(days), max(days), zone, names)
    return swap_problems(roster, row.assignment_id, row.to_account_id, row.other_assignment_id)


@router.post("/absences", status_code=201)
async def add_absence(body: AbsenceIn, who: ServiceStaff, made: Room, services: ServicesDep) -> AbsenceOut:
    """An agent asks; what a lead enters is approved at once, and takes the shifts of these days off the roster."""
    lead = who.role in LEADS
    account_id = body.account_id or who.account_id
    if account_id != who.account_id and not lead:
        raise NotPermitted("ask for your own leave; a lead enters it for others")
    async with services.db.write() as session:
        await repository.lock(session)
        if account_id not in await repository.people(session, drill=True):
            raise NotFound("this account is not on the roster: it takes no calls or is out of service")
        if body.shift is not None and body.shift not in await repository.kinds(session):
            raise NotFound(f"there is no shift {body.shift}")
        now = made.clock.now()
        row = AbsenceRow(
            id=new_id(),
            account_id=account_id,
            kind=body.kind,
            first_day=body.first_day,
            last_day=body.last_day,
            shift=body.shift,
            state="approved" if lead else "requested",
            note=body.note,
            created_at=now,
            decided_by=who.account_id if lead else None,
            decided_at=now if lead else None,
        )
        session.add(row)
        if lead and row.kind in repository.LEAVE:
            await repository.clear(session, {account_id}, row.first_day, row.last_day)
        audit.record(session, now, who.account_id, "roster.absence", row.id, **absence_facts(row), state=row.state)
        await session.flush()
        answer = AbsenceOut.model_validate(row)
    made.changed()
    return answer


@router.post("/absences/{absence_id}/decision")
async def decide_absence(
    absence_id: Id, body: DecisionIn, who: LeadOrAbove, made: Room, services: ServicesDep
) -> AbsenceOut:
    """Approved leave takes the shifts of its days off the roster: coverage shows what is missing then."""
    async with services.db.write() as session:
        await repository.lock(session)
        row = await session.get(AbsenceRow, absence_id)
        if row is None:
            raise NotFound("there is no such request (any more)")
        if row.state != "requested":
            raise repository.refuse([repository.decided(row.state)])
        deed: Deed = "roster.absence_approved" if body.approve else "roster.absence_refused"
        row.state = "approved" if body.approve else "refused"
        row.decided_by, row.decided_at = who.account_id, made.clock.now()
        if body.approve and row.kind in repository.LEAVE:
            await repository.clear(session, {row.account_id}, row.first_day, row.last_day)
        audit.record(session, made.clock.now(), who.account_id, deed, row.id, **absence_facts(row))
        answer = AbsenceOut.model_validate(row)
    made.changed()
    return answer


@router.delete("/absences/{absence_id}", status_code=204)
async def delete_absence(absence_id: Id, who: ServiceStaff, made: Room, services: ServicesDep) -> None:
    """Agents take back what was not decided yet; leads anything."""
    async with services.db.write() as session:
        await repository.lock(session)
        row = await session.get(AbsenceRow, absence_id)
        if row is None or (who.role not in LEADS and row.account_id != who.account_id):
            raise NotFound("there is no such request (any more)")
        if who.role not in LEADS and row.state != "requested":
            raise NotPermitted("this is decided; ask a lead to take it back")
        audit.record(
            session, made.clock.now(), who.account_id, "roster.absence_deleted", absence_id, **absence_facts(row)
        )
        await session.delete(row)


@router.post("/swaps", status_code=201)
async def ask_swap(body: SwapIn, who: ServiceStaff, made: Room, services: ServicesDep) -> SwapOut:
    """One's own shift against a colleague's, or given to them. Nothing changes before a lead approves it."""
    async with services.db.write() as session:
        await repository.lock(session)
        mine = await repository.assignment(session, body.assignment_id)
        if who.role not in LEADS and mine.account_id != who.account_id:
            raise NotPermitted("only your own shifts can be swapped; a lead may do it for others")
        if mine.account_id == body.to_account_id:
            raise BadRequest("a swap is with somebody else")
        if body.to_account_id not in await repository.people(session, drill=True):
            raise NotFound("the colleague is not on the roster")
        if body.other_assignment_id is not None:
            other = await repository.assignment(session, body.other_assignment_id)
            if other.account_id != body.to_account_id:
                raise BadRequest("the shift given in return is not the colleague's")
        asked_before = await session.scalar(
            select(SwapRow.id).where(SwapRow.assignment_id == mine.id, SwapRow.state == "requested")
        )
        if asked_before:
            raise Conflict("a swap of this shift is asked for already")
        row = SwapRow(
            id=new_id(),
            assignment_id=mine.id,
            to_account_id=body.to_account_id,
            other_assignment_id=body.other_assignment_id,
            state="requested",
            note=body.note,
            asked_by=who.account_id,
            created_at=made.clock.now(),
        )
        if problems := await against(session, row, made.settings.zone):
            raise repository.refuse(problems)
        session.add(row)
        given = {"colleague": row.to_account_id, **shift_facts(mine)}
        audit.record(session, made.clock.now(), who.account_id, "roster.swap_asked", row.id, **given)
        await session.flush()
        return SwapOut.model_validate(row)


@router.post("/swaps/{swap_id}/decision")
async def decide_swap(swap_id: Id, body: DecisionIn, who: LeadOrAbove, made: Room, services: ServicesDep) -> SwapOut:
    """Approving exchanges the shifts, if both still can work them, rested (else 409 says why not)."""
    async with services.db.write() as session:
        row = await repository.open_swap(session, swap_id)
        mine = await repository.assignment(session, row.assignment_id)
        given = {"colleague": row.to_account_id, **shift_facts(mine)}
        if body.approve:
            changes = [(mine, Assignment(agent_id=row.to_account_id, day=mine.day, shift=mine.shift))]
            if row.other_assignment_id is not None:
                other = await repository.assignment(session, row.other_assignment_id)
                if other.account_id != row.to_account_id:
                    raise Conflict("the colleague no longer has the shift that was to be given in return")
                changes.append((other, Assignment(agent_id=mine.account_id, day=other.day, shift=other.shift)))
            if problems := await against(session, row, made.settings.zone):
                raise repository.refuse(problems)
            await repository.replace_many(session, changes, made.settings.zone, made.clock.now())
        deed: Deed = "roster.swap_approved" if body.approve else "roster.swap_refused"
        row.state = "approved" if body.approve else "refused"
        row.decided_by, row.decided_at = who.account_id, made.clock.now()
        audit.record(session, made.clock.now(), who.account_id, deed, row.id, **given)
        answer = SwapOut.model_validate(row)
    made.changed()
    return answer
