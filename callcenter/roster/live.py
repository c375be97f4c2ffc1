"""The roster against what happens: who is where they should be, now and over a day, and what falls short soon."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from callcenter.access.guard import LeadOrAbove
from callcenter.acd.messages import AgentSnapshot
from callcenter.context import ServicesDep
from callcenter.roster import repository
from callcenter.roster.adherence import adherence_of, standing
from callcenter.roster.coverage import needed_at, short_now
from callcenter.roster.room import Room, short_now_out, short_out
from callcenter.roster.schemas import AdherenceOut, Day, LiveOut, StandingOut
from callcenter.roster.shifts import DAY, Span, day_span

router = APIRouter(prefix="/api/v1/roster", tags=["roster"])


@router.get("/live")
async def live(who: LeadOrAbove, made: Room, services: ServicesDep) -> LiveOut:
    """How everybody who is on shift or at work stands to the roster, and the coming hours' shortfalls."""
    now, zone = made.clock.now(), made.settings.zone
    today = now.astimezone(zone).date()
    async with services.db.read() as session:
        people = await repository.people(session)
        kinds = await repository.kinds(session, all_=True)
        rows = await repository.assignments(session, today - DAY, today + DAY)
        minimums = await repository.minimums(session)
        coming = await made.coming(session, now)
    running = {
        row.account_id: (row.shift, span) for row, span in repository.on_duty(rows, kinds, zone) if span.holds(now)
    }
    at_desk: dict[str, AgentSnapshot] = {agent.profile.agent_id: agent for agent in made.agents()}
    here = tuple(made.here())
    agents = []
    for agent_id, person in people.items():
        seen = at_desk.get(agent_id)
        state = seen.state.value if seen else "offline"
        code, shift = running.get(agent_id, ("", None))
        if state == "offline" and shift is None:
            continue
        how = standing(shift, state, now, overdue=seen.overdue if seen else False)
        agents.append(
            StandingOut(
                agent_id=agent_id,
                name=person.name,
                standing=how,
                state=state,
                duty=seen.duty if seen else "",
                shift=code,
                begins=shift.begins if shift else None,
                ends=shift.ends if shift else None,
            )
        )
    return LiveOut(
        now=now,
        needed=needed_at(minimums, now, zone),
        present=len(here),
        agents=agents,
        short=[short_now_out(one) for one in short_now(here, minimums, now, zone)],
        coming=[short_out(one) for one in coming],
    )


@router.get("/adherence")
async def adherence(
    day: Annotated[Day, Query()], who: LeadOrAbove, made: Room, services: ServicesDep
) -> list[AdherenceOut]:
    """Everybody who had a shift that began on this day, or worked on it."""
    now, zone = made.clock.now(), made.settings.zone
    whole = day_span(day, zone)
    async with services.db.read() as session:
        people = await repository.people(session)
        kinds = await repository.kinds(session, all_=True)
        rows = await repository.assignments(session, day - DAY, day + DAY, people.keys())
        reach = Span(whole.begins - DAY, whole.ends + DAY)
        stays = await repository.stays(session, reach, now, people.keys())
        allowed = await repository.allowances(session)
    shifts: dict[str, list[Span]] = {}
    others: dict[str, list[Span]] = {}
    for row, span in repository.on_duty(rows, kinds, zone):
        (shifts if row.day == day else others).setdefault(row.account_id, []).append(span)
    found = []
    for agent_id, person in people.items():
        own, around, did = shifts.get(agent_id, ()), others.get(agent_id, ()), stays.get(agent_id, ())
        one = adherence_of(agent_id, day, whole, own, around, did, now, allowed)
        if agent_id in shifts or one.outside_s:
            found.append(
                AdherenceOut(
                    agent_id=agent_id,
                    name=person.name,
                    scheduled_s=one.scheduled_s,
                    present_s=one.present_s,
                    break_s=one.break_s,
                    overdue_s=one.overdue_s,
                    late_s=one.late_s,
                    left_early_s=one.left_early_s,
                    outside_s=one.outside_s,
                    adherence=one.adherence,
                    conformance=one.conformance,
                )
            )
    return found
