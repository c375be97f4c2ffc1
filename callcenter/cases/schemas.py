"""Shapes of the cases' endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from callcenter.access.schemas import HEX_ID, Strict
from callcenter.cases.repository import Line, Whole
from callcenter.cases.rules import State

HexId = Annotated[str, Field(pattern=HEX_ID)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Title = Annotated[str, Field(min_length=1, max_length=60)]
Subject = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(min_length=1, max_length=4000)]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 90)]


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CaseShort(FromRow):
    """A case as a call's outcome shows it."""

    number: int
    state: State
    subject: str
    opened_at: datetime
    updated_at: datetime


class CaseLine(CaseShort):
    """``due_at``: when it must be resolved; ``reply_due_at``: when somebody must have seen to it. ``overdue``: one of
    these is past. ``version`` goes with a change, which is refused when another came in between."""

    kind: str
    department: str | None
    owner_id: str | None
    owner_name: str | None = None
    customer_id: str | None
    customer_name: str | None = None
    caller_number: str
    reply_due_at: datetime
    due_at: datetime
    replied_at: datetime | None
    waiting_since: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    version: int
    overdue: bool = False

    @classmethod
    def of(cls, line: Line) -> Self:
        names = {"owner_name": line.owner_name, "customer_name": line.customer_name, "overdue": line.overdue}
        return cls.model_validate(line.case).model_copy(update=names)


class CasePage(BaseModel):
    cases: list[CaseLine]
    next: str | None


class CaseCounts(BaseModel):
    """What is to be done by me, by my departments, and of both what is late."""

    mine: int
    department: int
    overdue: int


class EntryOut(BaseModel):
    """``what``: ``opened``, ``comment``, ``call`` (with ``contact_id``), ``escalated``, or the field that was changed,
    with ``before`` and ``after`` (of an owner: their names). ``by`` is empty for the service itself."""

    id: str
    at: datetime
    what: str
    by: str
    text: str
    before: str | None
    after: str | None
    contact_id: str | None
    detail: dict[str, Any]


class OutcomeBrief(BaseModel):
    agent_name: str | None
    disposition: str
    note: str


class CallBrief(BaseModel):
    id: str
    started_at: datetime
    direction: str
    caller_number: str
    agent_name: str | None
    answered: bool
    outcomes: list[OutcomeBrief]


class CaseOut(CaseLine):
    """``moves``: the states it may go to from here."""

    moves: list[State]
    history: list[EntryOut]
    calls: list[CallBrief]

    @classmethod
    def whole(cls, found: Whole, moves: list[State]) -> Self:
        shown = CaseLine.of(found.line).model_dump()
        return cls(**shown, moves=moves, history=_history(found), calls=_calls(found))


def _history(found: Whole) -> list[EntryOut]:
    def told(what: str, value: object) -> str | None:
        if value is None:
            return None
        return found.names.get(str(value), str(value)) if what == "owner" else str(value)

    return [
        EntryOut(
            id=one.id,
            at=one.at,
            what=one.what,
            by=found.names.get(one.account_id or "", ""),
            text=one.text,
            before=told(one.what, one.detail.get("before")),
            after=told(one.what, one.detail.get("after")),
            contact_id=one.detail.get("contact_id"),
            detail=one.detail if one.what == "escalated" else {},
        )
        for one in found.history
    ]


def _calls(found: Whole) -> list[CallBrief]:
    return [
        CallBrief(
            id=one.contact.id,
            started_at=one.contact.started_at,
            direction=one.contact.direction,
            caller_number=one.contact.caller_number,
            agent_name=one.agent_name,
            answered=one.contact.answered_at is not None,
            outcomes=[
                OutcomeBrief(agent_name=name, disposition=outcome.disposition, note=outcome.note)
                for outcome, name in one.outcomes
            ],
        )
        for one in found.calls
    ]


class CaseIn(Strict):
    """A case without a call."""

    subject: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Code = "inquiry"
    department: Code | None = None
    customer_id: HexId | None = None
    caller_number: Annotated[str, Field(max_length=40)] = ""
    note: Annotated[str, Field(max_length=4000)] = ""


class CasePatch(Strict):
    """Only what is given changes; ``version`` is that of the case one was looking at."""

    state: State | None = None
    kind: Code | None = None
    department: Code | None = None
    owner_id: HexId | None = None
    subject: Subject | None = None
    version: int | None = None


class CommentIn(Strict):
    text: Words


class CaseCallIn(Strict):
    contact_id: HexId


class AssignIn(Strict):
    """What is given is the same for all of these cases."""

    numbers: Annotated[list[Annotated[int, Field(ge=1, le=10**18)]], Field(min_length=1, max_length=200)]
    owner_id: HexId | None = None
    department: Code | None = None


class WorkerOut(FromRow):
    """Somebody who can own a case."""

    id: str
    name: str
    role: str


class DepartmentOut(FromRow):
    code: str
    title: str
    title_en: str
    active: bool
    members: list[str] = Field(default_factory=list)
    """Accounts."""


class DepartmentIn(Strict):
    """``members``: accounts; unset, they stay."""

    title: Title
    title_en: Title
    active: bool = True
    members: Annotated[list[HexId], Field(max_length=200)] | None = None


class CaseKindOut(FromRow):
    code: str
    title: str
    title_en: str
    reply_minutes: int
    resolve_minutes: int
    active: bool


class CaseKindIn(Strict):
    title: Title
    title_en: Title
    reply_minutes: Minutes
    resolve_minutes: Minutes
    active: bool = True
