"""Plans over HTTP: asked for, looked at, put on the roster."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import delete

from callcenter.access import audit
from callcenter.access.guard import LeadOrAbove
from callcenter.access.schemas import HEX_ID
from callcenter.context import ServicesDep
from callcenter.db.engine import ReadSession
from callcenter.errors import BadRequest, Conflict, NotFound
from callcenter.roster import repository
from callcenter.roster.demand import Demand
from callcenter.roster.planner import Job
from callcenter.roster.planning import PlanTask, Titles, Wish, WorkRules, verdict
from callcenter.roster.repository import LEAVE
from callcenter.roster.room import Room, RosterRoom, short_out, thin_out
from callcenter.roster.schemas import AssignmentOut, PlanIn, PlanOut
from callcenter.roster.shifts import Problem, days
from callcenter.roster.tables import AssignmentRow

router = APIRouter(prefix="/api/v1/roster", tags=["roster"])

Id = Annotated[str, Path(pattern=HEX_ID)]
_AROUND = timedelta(days=7)


def plan_out(job: Job, titles: Titles) -> PlanOut:
    task, result = job.task, job.result
    if result is None:
        state = "failed" if job.error else "running"
        return PlanOut.model_validate(
            {"id": job.id, "state": state, "first_day": task.first, "last_day": task.last, "error": job.error}
        )
    zh, en = verdict(result, task.zone, titles)
    return PlanOut(
        id=job.id,
        state="done",
        first_day=task.first,
        last_day=task.last,
        covered=not result.short,
        verdict=zh,
        verdict_en=en,
        people=result.people,
        people_needed=result.people_needed,
        least_people=result.least_people,
        seconds=result.seconds,
        shifts=len(result.assignments),
        shortfalls=[short_out(one) for one in result.short],
        forecast=result.forecast,
        thin=[thin_out(one) for one in result.thin],
    )


async def demands_of(made: RosterRoom, body: PlanIn) -> tuple[Demand, ...]:
    """What the forecast asks for, where the plan is to follow it. Raises BadRequest when none of its days is forecast,
    Unavailable."""
    if not body.forecast:
        return ()
    wanted = days(body.first_day, body.last_day)
    demands = tuple(one for one in await made.demand() if any(day in one.days for day in wanted))
    if not demands:
        told = Problem(
            code="no_forecast",
            zh="这些日期还没有来电预测：通话不足一整周，或日期太远。可以只按最低人数排班",
            en="there is no forecast of these days: less than a whole week of calls, or too far ahead. "
            "Plan by the minimums alone",
        )
        raise BadRequest(told.en, details=repository.details([told]))
    return demands


async def task_of(session: ReadSession, made: RosterRoom, body: PlanIn, demands: tuple[Demand, ...]) -> PlanTask:
    """What the planner is asked. Raises BadRequest when there is nothing to plan with."""
    first, last = body.first_day, body.last_day
    if first < made.today():
        raise BadRequest("a plan begins today or later")
    everybody = await repository.people(session)
    chosen = everybody if body.agents is None else {one: everybody[one] for one in body.agents if one in everybody}
    if body.agents is not None and len(chosen) < len(set(body.agents)):
        raise NotFound("some of these agents are not on the roster: they take no calls or are out of service")
    if not chosen:
        raise BadRequest("nobody is in service who takes calls: give agents an extension under accounts")
    kinds = await repository.kinds(session)
    codes = body.shifts if body.shifts is not None else list(kinds)
    unknown = sorted(set(codes) - set(kinds))
    if unknown:
        raise NotFound(f"there is no shift {', '.join(unknown)}")
    planned = tuple(kinds[code] for code in codes if not kinds[code].on_call)
    minimums = await repository.minimums(session)
    if not planned or not minimums:
        raise BadRequest("a plan needs shifts to give and minimums to keep")
    away = await repository.absences(session, first, last)
    around = [
        row
        for row in await repository.assignments(session, first - _AROUND, last + _AROUND)
        if not first <= row.day <= last and row.account_id in everybody
    ]
    all_kinds = await repository.kinds(session, all_=True)
    # Kinds that are no longer given still count where they were worked.
    retired = tuple(kind for code, kind in all_kinds.items() if kind not in planned and not kind.on_call)
    wishes = []
    for row in away:
        if row.kind not in LEAVE and row.state != "refused" and row.account_id in chosen:
            shown = days(max(first, row.first_day), min(last, row.last_day))
            wishes += [Wish(agent_id=row.account_id, day=day, shift=row.shift or "") for day in shown]
    return PlanTask(
        first=first,
        last=last,
        zone=made.settings.zone,
        kinds=planned,
        minimums=minimums,
        workers=tuple(chosen.values()),
        demands=demands,
        absences=repository.leave_of(away),
        wishes=tuple(wish for wish in wishes if not wish.shift or wish.shift in codes),
        before=tuple(repository.plain(row) for row in around if row.shift in all_kinds),
        worked_kinds=retired,
        rules=WorkRules(
            rest=timedelta(hours=body.rest_hours), week_hours=body.week_hours, days_in_row=body.days_in_row
        ),
        time_limit_s=body.time_limit_s,
    )


@router.post("/plans", status_code=202)
async def start_plan(body: PlanIn, who: LeadOrAbove, made: Room, services: ServicesDep) -> PlanOut:
    """Begin to plan these days anew; nothing is changed before the plan is applied. 409 while another one runs.

    With ``forecast`` the plan also follows what the callers expected ask for, as far as the minimums leave people."""
    demands = await demands_of(made, body)
    async with services.db.read() as session:
        task = await task_of(session, made, body, demands)
    return plan_out(made.planner.start(task), made.queues())


@router.get("/plans/{plan_id}")
async def get_plan(plan_id: Id, who: LeadOrAbove, made: Room) -> PlanOut:
    """How far a plan is, and what came of it."""
    return plan_out(made.planner.job(plan_id), made.queues())


@router.post("/plans/{plan_id}/apply")
async def apply_plan(plan_id: Id, who: LeadOrAbove, made: Room, services: ServicesDep) -> list[AssignmentOut]:
    """Put the plan on the roster in place of what its agents have on its days (shifts on call stay). 409 with all
    reasons when it does not fit any more: somebody's leave was approved meanwhile."""
    job = made.planner.job(plan_id)
    if job.result is None:
        raise Conflict("the plan is not done yet" if job.running else "the plan failed")
    task = job.task
    agents = {worker.agent_id for worker in task.workers}
    planned = {kind.code for kind in (*task.kinds, *task.worked_kinds)}
    async with services.db.write() as session:
        await repository.lock(session)
        await session.execute(
            delete(AssignmentRow).where(
                AssignmentRow.account_id.in_(agents),
                AssignmentRow.day.between(task.first, task.last),
                AssignmentRow.shift.in_(planned),
            )
        )
        rows = await repository.set_assignments(session, job.result.assignments, task.zone, made.clock.now())
        audit.record(session, made.clock.now(), who.account_id, "roster.planned", plan_id, count=len(rows))
    made.changed()
    return [AssignmentOut.model_validate(row) for row in rows]
