"""Cases over HTTP: the lists, one case with its history, and what people do to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from callcenter.access import audit
from callcenter.access.guard import CaseWorker, LeadOrAbove, ServiceStaff
from callcenter.access.roles import LEADS, SERVICE, Role
from callcenter.access.schemas import HEX_ID
from callcenter.access.sessions import Principal
from callcenter.business.tables import Customer
from callcenter.calls.tables import Contact
from callcenter.cases import changes, repository
from callcenter.cases.repository import Scope, View
from callcenter.cases.rules import MOVES, State
from callcenter.cases.schemas import (
    AssignIn,
    CaseCallIn,
    CaseCounts,
    CaseIn,
    CaseLine,
    CaseOut,
    CasePage,
    CasePatch,
    CommentIn,
)
from callcenter.cases.tables import Case
from callcenter.context import Services, ServicesDep
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest, NotFound, NotPermitted

router = APIRouter(prefix="/api/v1", tags=["cases"])

Number = Annotated[int, Path(ge=1, le=10**18)]
Code = Annotated[str | None, Query(max_length=64)]


async def scope_of(session: ReadSession, who: Principal) -> Scope:
    departments = tuple(await repository.departments_of(session, who.account_id))
    return Scope(account_id=who.account_id, departments=departments, all=who.role in SERVICE)


def _absent(number: int) -> NotFound:
    return NotFound(f"there is no case {number}, or it is another department's")


async def _locked(session: WriteSession, number: int, who: Principal) -> Case:
    """Raises NotFound."""
    case = await changes.locked(session, number)
    if not (await scope_of(session, who)).sees(case):
        raise _absent(number)
    return case


async def _whole(session: ReadSession, number: int, who: Principal, made: Services) -> CaseOut:
    """As they left it, even where it is another department's now. Raises NotFound."""
    found = await repository.line(session, number, made.clock.now())
    if found is None:
        raise _absent(number)
    return CaseOut.whole(await repository.whole(session, found), _moves(State(found.case.state), who.role))


def _moves(state: State, role: Role) -> list[State]:
    """Whether a customer is content is for those to say who speak with them: departments do not close."""
    return [to for to in State if to in MOVES[state] and (to is not State.CLOSED or role in SERVICE)]


@router.get("/cases")
async def list_cases(
    who: CaseWorker,
    made: ServicesDep,
    view: View = "open",
    state: State | None = None,
    kind: Code = None,
    department: Code = None,
    owner: Annotated[str | None, Query(pattern=HEX_ID)] = None,
    customer: Annotated[str | None, Query(pattern=HEX_ID)] = None,
    caller: Annotated[str | None, Query(max_length=40)] = None,
    q: Annotated[str, Query(max_length=120)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CasePage:
    """Cases that are still to be done, by when they are due; ``all``: those that are done too, newest first.

    ``q`` is a number, a telephone number, or part of a subject or a customer's name; ``caller`` a telephone number.
    Departments' people see the cases of their departments and their own.
    """
    wanted = repository.Filter(
        view=view, state=state, kind=kind, department=department, owner=owner, customer=customer, caller=caller, text=q
    )
    async with made.db.read() as session:
        scope = await scope_of(session, who)
        found = await repository.page(session, wanted, scope, made.clock.now(), cursor=cursor, limit=limit)
    return CasePage(cases=[CaseLine.of(line) for line in found.lines], next=found.next)


@router.get("/cases/counts")
async def count_cases(who: CaseWorker, made: ServicesDep) -> CaseCounts:
    """How many cases wait for whoever asks."""
    async with made.db.read() as session:
        scope = await scope_of(session, who)
        return CaseCounts.model_validate(await repository.counts(session, scope, made.clock.now()))


@router.post("/cases", status_code=201)
async def open_case(body: CaseIn, who: CaseWorker, made: ServicesDep) -> CaseOut:
    """Open a case without a call; whoever opens it owns it."""
    now = made.clock.now()
    async with made.db.write() as session:
        if body.customer_id is not None and await session.get(Customer, body.customer_id) is None:
            raise BadRequest("no such customer")
        fields = body.model_dump(exclude={"note"})
        number = await changes.open_by_hand(session, now, by=who.account_id, text=body.note, **fields)
        audit.record(session, now, who.account_id, "case.opened", str(number))
        return await _whole(session, number, who, made)


@router.post("/cases/assign")
async def assign_cases(body: AssignIn, who: LeadOrAbove, made: ServicesDep) -> list[CaseLine]:
    """Give several cases to one owner, one department, or both: all of them or, when one cannot be, none."""
    fields = {name: value for name, value in body.model_dump(exclude={"numbers"}).items() if value is not None}
    if not fields:
        raise BadRequest("say whose they become: owner_id, department, or both")
    now = made.clock.now()
    changed = []
    async with made.db.write() as session:
        # In one order everywhere, so that two who assign at once come one after the other.
        for number in sorted(set(body.numbers)):
            case = await changes.locked(session, number)
            await changes.change(session, now, case, fields, by=who.account_id, leads=True)
            found = await repository.line(session, number, now)
            assert found is not None
            changed.append(CaseLine.of(found))
    return changed


@router.get("/cases/{number}")
async def get_case(number: Number, who: CaseWorker, made: ServicesDep) -> CaseOut:
    """One case with its history and its calls; recordings are asked for by call, by those who may hear them."""
    async with made.db.read() as session:
        case = await session.get(Case, number)
        if case is None or not (await scope_of(session, who)).sees(case):
            raise _absent(number)
        return await _whole(session, number, who, made)


@router.patch("/cases/{number}")
async def change_case(number: Number, body: CasePatch, who: CaseWorker, made: ServicesDep) -> CaseOut:
    """Change what is given; callers who ask by its number hear so at once. 409 when somebody changed it meanwhile."""
    given = body.model_dump(exclude_unset=True, exclude={"version"})
    fields = {name: value for name, value in given.items() if value is not None or name == "department"}
    async with made.db.write() as session:
        case = await _locked(session, number, who)
        if body.state is State.CLOSED and who.role not in SERVICE:
            raise NotPermitted("a department resolves a case; the service closes it with the customer")
        if "state" in fields:
            fields["state"] = State(fields["state"]).value
        await changes.change(
            session,
            made.clock.now(),
            case,
            fields,
            by=who.account_id,
            leads=who.role in LEADS,
            seen=body.version,
        )
        return await _whole(session, number, who, made)


@router.post("/cases/{number}/comments", status_code=201)
async def comment_case(number: Number, body: CommentIn, who: CaseWorker, made: ServicesDep) -> CaseOut:
    """Add a line to the history. The first one is the first answer."""
    async with made.db.write() as session:
        case = await _locked(session, number, who)
        await changes.comment(session, made.clock.now(), case, body.text, by=who.account_id)
        return await _whole(session, number, who, made)


@router.post("/cases/{number}/contacts", status_code=201)
async def attach_call(number: Number, body: CaseCallIn, who: ServiceStaff, made: ServicesDep) -> CaseOut:
    """This call was about that case as well. Said again it changes nothing."""
    async with made.db.write() as session:
        contact = await session.get(Contact, body.contact_id)
        if contact is None:
            raise NotFound("no such call; if it has only just begun, try again in a moment")
        await changes.attach(session, made.clock.now(), number, contact, by=who.account_id)
        return await _whole(session, number, who, made)
