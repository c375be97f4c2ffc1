"""Shapes of the business endpoints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from callcenter.access.schemas import HEX_ID, Language, Strict
from callcenter.business.contacts import ContactRecord, Line
from callcenter.business.customers import CustomerRecord
from callcenter.business.tables import Outcome
from callcenter.cases.schemas import CaseShort
from callcenter.cases.tables import Case
from callcenter.quality.schemas import LegSoundOut

Name = Annotated[str, Field(min_length=1, max_length=120)]
Company = Annotated[str, Field(max_length=200)]
Notes = Annotated[str, Field(max_length=10_000)]
HexId = Annotated[str, Field(pattern=HEX_ID)]


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PhoneShape(FromRow):
    number: Annotated[str, Field(min_length=3, max_length=40)]
    label: Annotated[str, Field(max_length=40)] = ""


class CustomerOut(FromRow):
    id: str
    name: str
    company: str
    vip: bool
    language: str
    notes: str
    owner_account_id: str | None
    phones: list[PhoneShape]
    customer_since: date | None
    no_calls: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, record: CustomerRecord) -> Self:
        return cls.model_validate(record)


class CustomerIn(Strict):
    name: Name
    company: Company = ""
    vip: bool = False
    language: Language = "zh-CN"
    notes: Notes = ""
    owner_account_id: HexId | None = None
    customer_since: date | None = None
    """Unset: since now. Return visits are counted from it."""
    no_calls: bool = False
    """They want no calls from us."""
    phones: Annotated[list[PhoneShape], Field(max_length=20)] = Field(default_factory=list)


class CustomerPatch(Strict):
    """Only what is given changes; null takes away the owner and ``customer_since``, and leaves all else as it is."""

    name: Name | None = None
    company: Company | None = None
    vip: bool | None = None
    language: Language | None = None
    notes: Notes | None = None
    owner_account_id: HexId | None = None
    customer_since: date | None = None
    no_calls: bool | None = None
    phones: Annotated[list[PhoneShape], Field(max_length=20)] | None = None
    updated_at: AwareDatetime | None = None
    """That of the record the change was made on; given, a change in between is a conflict."""


class CustomerPage(BaseModel):
    customers: list[CustomerOut]
    next: str | None


class OutcomeCustomer(Strict):
    name: Name | None = None
    company: Company | None = None
    notes: Notes | None = None
    language: Language | None = None


class CaseWish(Strict):
    """What is empty is told by the outcome: its department, the first line of its note."""

    kind: Annotated[str, Field(max_length=40)] = ""
    department: Annotated[str, Field(max_length=40)] | None = None
    subject: Annotated[str, Field(max_length=200)] = ""


class OutcomeIn(Strict):
    disposition: Annotated[str, Field(max_length=64)]
    note: Notes = ""
    department: Annotated[str, Field(max_length=80)] | None = None
    open_case: bool = False
    """Give the caller a number to ask by."""
    case: CaseWish | None = None
    """What that case is about."""
    about_case: Annotated[int, Field(ge=1, le=10**18)] | None = None
    """The number of the case that this call is about: the call is attached to it, and no other one is opened."""
    customer: OutcomeCustomer | None = None
    updated_at: AwareDatetime | None = None
    """That of the outcome the change was made on; given, a change in between is a conflict."""
    agent_id: HexId | None = None
    """Whose outcome: for leads and above who correct another's."""


class OutcomeOut(FromRow):
    id: str
    contact_id: str
    agent_id: str
    agent_name: str | None = None
    disposition: str
    note: str
    department: str | None
    created_at: datetime
    updated_at: datetime
    case: CaseShort | None = None

    @classmethod
    def of(cls, row: Outcome, name: str | None, case: Case | None = None) -> Self:
        opened = CaseShort.model_validate(case) if case else None
        return cls.model_validate(row).model_copy(update={"agent_name": name, "case": opened})


class OutcomeSaved(BaseModel):
    outcome: OutcomeOut
    customer: CustomerOut | None


class OutcomeQueued(BaseModel):
    """The database is away: what was written is kept here, and in the database as soon as it is back."""

    queued: Literal[True] = True
    at: datetime


class ContactLine(BaseModel):
    id: str
    direction: str
    hotline: str
    caller_number: str
    customer_id: str | None
    customer_name: str | None
    queue: str | None
    answered_by: str | None
    agent_name: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    transfers: int
    dispositions: list[str]

    @classmethod
    def of(cls, line: Line) -> Self:
        shown = {name: getattr(line.contact, name) for name in cls.model_fields if hasattr(line.contact, name)}
        return cls(
            **shown,
            customer_name=line.customer_name,
            agent_name=line.agent_name,
            dispositions=list(line.dispositions),
        )


class ContactPage(BaseModel):
    contacts: list[ContactLine]
    next: str | None


class SegmentOut(FromRow):
    seq: int
    kind: str
    agent_id: str | None
    agent_name: str | None = None
    queue: str | None
    number: str | None
    started_at: datetime
    ended_at: datetime | None
    result: str | None


class RecordingOut(FromRow):
    id: str
    state: str
    started_at: datetime
    duration_ms: int | None
    channels: int | None
    bytes: int | None


class RatingOut(FromRow):
    question: str
    score: int
    at: datetime


class ContactFields(FromRow):
    id: str
    direction: str
    hotline: str
    trunk: str
    caller_number: str
    flow: str
    flow_version: str
    language: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    ended_by: str | None
    queue: str | None
    answered_by: str | None
    transfers: int
    drill: bool
    node: str
    menu_trace: list[Any]


class ContactOut(ContactFields):
    """``menu_trace``: the steps the caller walked, as ``{at, flow, step, label, event, detail}``."""

    agent_name: str | None
    customer: CustomerOut | None
    segments: list[SegmentOut]
    outcomes: list[OutcomeOut]
    recordings: list[RecordingOut]
    ratings: list[RatingOut]
    sounds: list[LegSoundOut]
    """How each of its telephones sounded, when that leg is over."""
    cases: list[CaseShort]
    """What this call is about."""

    @classmethod
    def of(cls, record: ContactRecord) -> Self:
        names = record.names
        return cls(
            **ContactFields.model_validate(record.contact).model_dump(),
            agent_name=names.get(record.contact.answered_by or ""),
            customer=CustomerOut.of(record.customer) if record.customer else None,
            segments=[
                SegmentOut.model_validate(row).model_copy(update={"agent_name": names.get(row.agent_id or "")})
                for row in record.segments
            ],
            outcomes=[OutcomeOut.of(row, names.get(row.agent_id), record.cases.get(row.id)) for row in record.outcomes],
            recordings=[RecordingOut.model_validate(row) for row in record.recordings],
            ratings=[RatingOut.model_validate(row) for row in record.ratings],
            sounds=[LegSoundOut.of(row, names.get(row.agent_id or "")) for row in record.sounds],
            cases=[CaseShort.model_validate(row) for row in record.about],
        )


class DispositionOut(FromRow):
    code: str
    title: str
    title_en: str


class BreakReasonOut(DispositionOut):
    allowance_minutes: int | None
