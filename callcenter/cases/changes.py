"""What is done to cases, each deed with its entry in the case's history, in the caller's unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.access import audit
from callcenter.access.roles import CASE_WORKERS
from callcenter.access.tables import Account
from callcenter.business.tables import Outcome
from callcenter.calls.tables import Contact
from callcenter.cases import rules
from callcenter.cases.tables import Case, CaseContact, CaseEntry, CaseKind, Department
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import BadRequest, Conflict, NotFound, NotPermitted
from callcenter.ids import new_id

SUBJECT: Final = 120
"""Characters of a subject that is taken from a note."""
COMPLAINT: Final = "complaint"
INQUIRY: Final = "inquiry"
_LISTED: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a new case is about; what is empty is told by its call."""

    kind: str = ""
    department: str | None = None
    subject: str = ""


async def open_for(
    session: WriteSession, now: datetime, outcome: Outcome, contact: Contact, *, by: str, wish: Opening | None = None
) -> None:
    """Give this outcome a case, if it has none yet: it is whose outcome it is. Raises BadRequest (no such kind)."""
    wish = wish or Opening()
    if await session.scalar(select(Case.number).where(Case.outcome_id == outcome.id)) is not None:
        return
    kind = wish.kind or (COMPLAINT if outcome.disposition == COMPLAINT else INQUIRY)
    number = await _open(
        session,
        now,
        by=by,
        outcome_id=outcome.id,
        kind=kind,
        subject=wish.subject or outcome.note.partition("\n")[0][:SUBJECT],
        department=await department_named(session, wish.department or outcome.department),
        owner_id=outcome.agent_id,
        customer_id=contact.customer_id,
        caller_number=contact.caller_number,
    )
    session.add(CaseContact(number=number, contact_id=contact.id))
    await session.flush()


async def open_by_hand(session: WriteSession, now: datetime, *, by: str, text: str = "", **fields: Any) -> int:
    """A case that no call began; its number. Raises BadRequest (no such kind or department)."""
    if fields.get("department") is not None:
        fields["department"] = await _department(session, fields["department"])
    return await _open(session, now, by=by, owner_id=by, text=text, **fields)


async def _open(session: WriteSession, now: datetime, *, by: str, kind: str, text: str = "", **fields: Any) -> int:
    progress = rules.begin(now, await times_of(session, kind))
    row = Case(kind=kind, opened_at=now, updated_at=now, updated_by=by, version=1, **fields)
    _stamp(row, progress)
    session.add(row)
    await session.flush()
    note(session, now, row.number, by, "opened", text)
    return row.number


async def times_of(session: ReadSession, kind: str) -> rules.Times:
    """Raises BadRequest when there is no such kind."""
    found = await session.get(CaseKind, kind)
    if found is None:
        raise BadRequest(f"there is no kind of case {kind[:60]}; see GET /api/v1/case-kinds")
    return rules.Times(reply=timedelta(minutes=found.reply_minutes), resolve=timedelta(minutes=found.resolve_minutes))


async def department_named(session: ReadSession, word: str | None) -> str | None:
    """The department that somebody wrote down, by its code or one of its titles; None: there is none of that name."""
    if not word:
        return None
    called = or_(Department.code == word, Department.title == word, Department.title_en == word)
    return await session.scalar(select(Department.code).where(called, Department.active).limit(1))


async def department_title(session: ReadSession, code: str | None) -> str | None:
    """As reports of departments name it; None: no such department."""
    found = await session.get(Department, code) if code else None
    return found.title if found else None


async def _department(session: ReadSession, code: str) -> str:
    found = await session.get(Department, code)
    if found is None or not found.active:
        raise BadRequest(f"there is no department {code[:60]}; see GET /api/v1/departments")
    return code


def note(
    session: WriteSession, now: datetime, number: int, by: str | None, what: str, text: str = "", **detail: Any
) -> None:
    """One more line of a case's history."""
    session.add(CaseEntry(id=new_id(), number=number, at=now, account_id=by, what=what, text=text, detail=detail))


async def locked(session: WriteSession, number: int) -> Case:
    """Raises NotFound."""
    case = await session.get(Case, number, with_for_update=True)
    if case is None:
        raise NotFound(f"there is no case {number}")
    return case


async def comment(session: WriteSession, now: datetime, case: Case, text: str, *, by: str) -> None:
    """Never in anybody's way: it changes nothing that another may be changing."""
    _stamp(case, rules.replied(progress_of(case), now))
    case.updated_at, case.updated_by = now, by
    note(session, now, case.number, by, "comment", text)
    await session.flush()


async def attach(session: WriteSession, now: datetime, number: int, contact: Contact, *, by: str) -> Case:
    """This call is about that case as well. Said again it changes nothing. Raises NotFound."""
    case = await locked(session, number)
    row = insert(CaseContact).values(number=number, contact_id=contact.id).on_conflict_do_nothing()
    if await session.scalar(row.returning(CaseContact.number)) is not None:
        note(session, now, number, by, "call", contact_id=contact.id)
        case.customer_id = case.customer_id or contact.customer_id
        case.updated_at, case.updated_by = now, by
        await session.flush()
    return case


async def change(
    session: WriteSession,
    now: datetime,
    case: Case,
    fields: Mapping[str, Any],
    *,
    by: str,
    leads: bool,
    seen: int | None = None,
) -> Case:
    """Change what is given of ``state``, ``kind``, ``department``, ``owner_id`` and ``subject`` of a locked case.

    ``seen``: the version that the writer was looking at. Raises Conflict (changed in between, no such way from its
    state), NotPermitted (somebody else's case), BadRequest (no such kind, department or account).
    """
    wanted = {name: value for name, value in fields.items() if getattr(case, name) != value}
    if not wanted:
        return case
    if seen is not None and seen != case.version:
        raise Conflict(
            "this case was changed meanwhile; look at it again before saving",
            details={"reason": "changed_meanwhile", "version": case.version, "by": case.updated_by},
        )
    before = {name: getattr(case, name) for name in wanted}
    if "owner_id" in wanted:
        if not rules.may_assign(leads=leads, me=by, owner=case.owner_id, wanted=wanted["owner_id"]):
            raise NotPermitted("who took this case first owns it until it is resolved; a team lead can give it away")
        await _see_worker(session, wanted["owner_id"])
    if wanted.get("department") is not None:
        await _department(session, wanted["department"])
    progress = progress_of(case)
    times = await times_of(session, case.kind)
    if "kind" in wanted:
        times = await times_of(session, wanted["kind"])
        progress = rules.judged_anew(progress, times)
    if "state" in wanted:
        try:
            progress = rules.move(progress, rules.State(wanted["state"]), now, times)
        except rules.WrongMove as wrong:
            raise Conflict(str(wrong), details={"reason": "wrong_move", "state": case.state}) from None
    for name, value in wanted.items():
        if name != "state":
            setattr(case, name, value)
        words = {"before": before[name], "after": value}
        note(session, now, case.number, by, name.removesuffix("_id"), **words)
    _stamp(case, progress)
    case.version += 1
    case.updated_at, case.updated_by = now, by
    told = {name: [before[name], value] for name, value in wanted.items() if name != "subject"}
    audit.record(session, now, by, "case.changed", str(case.number), changes=told)
    await session.flush()
    return case


async def _see_worker(session: ReadSession, account_id: str | None) -> None:
    if account_id is None:
        return
    account = await session.get(Account, account_id)
    if account is None or not account.active or account.role not in CASE_WORKERS:
        raise BadRequest("this account works on no cases")


def progress_of(case: Case) -> rules.Progress:
    return rules.Progress(
        state=rules.State(case.state),
        since=case.since,
        reply_due_at=case.reply_due_at,
        due_at=case.due_at,
        replied_at=case.replied_at,
        waiting_since=case.waiting_since,
        waited=case.waited or timedelta(),
        resolved_at=case.resolved_at,
        closed_at=case.closed_at,
        reopened=case.reopened or 0,
    )


def _stamp(case: Case, progress: rules.Progress) -> None:
    for name, value in asdict(progress).items():
        setattr(case, name, value.value if isinstance(value, rules.State) else value)
