"""Shapes of the roster endpoints. Days are dates of the site, wall-clock times are ``HH:MM``, instants aware UTC."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from callcenter.access.schemas import HEX_ID, Strict

HexId = Annotated[str, Field(pattern=HEX_ID)]
ShiftCode = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Word = Annotated[str, Field(max_length=64)]
Note = Annotated[str, Field(max_length=500)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 12, 31))]
"""A day that can be asked for: shift arithmetic goes some days beyond it."""


def _of_the_site(wall: time) -> time:
    if wall.tzinfo is not None:
        raise ValueError("a wall-clock time of the site has no zone: HH:MM")
    return wall


WallTime = Annotated[time, AfterValidator(_of_the_site)]


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ShiftOut(FromRow):
    code: str
    title: str
    title_en: str
    begins: time
    ends: time
    on_call: bool
    active: bool


class ShiftIn(Strict):
    title: Annotated[str, Field(min_length=1, max_length=40)]
    title_en: Annotated[str, Field(max_length=40)] = ""
    begins: WallTime
    ends: WallTime
    on_call: bool = False


class MinimumShape(Strict):
    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    begins: WallTime
    ends: WallTime
    need: Annotated[int, Field(ge=1, le=1000)]
    queue: Word = ""
    skill: Word = ""
    level: Annotated[int, Field(ge=1, le=10)] = 1


class MinimumsIn(Strict):
    minimums: Annotated[list[MinimumShape], Field(max_length=100)]


class PersonOut(FromRow):
    agent_id: str
    name: str
    extension: str
    queues: list[str]
    skills: dict[str, int]


class AssignmentOut(FromRow):
    id: str
    account_id: str
    day: date
    shift: str
    note: str


class AssignmentIn(Strict):
    account_id: HexId
    day: Day
    shift: ShiftCode


class AssignmentsIn(Strict):
    assignments: Annotated[list[AssignmentIn], Field(min_length=1, max_length=5000)]
    note: Note = ""


class MoveIn(Strict):
    account_id: HexId | None = None
    day: Day | None = None
    shift: ShiftCode | None = None


class AbsenceOut(FromRow):
    id: str
    account_id: str
    kind: str
    first_day: date
    last_day: date
    shift: str | None
    state: str
    note: str


class AbsenceIn(Strict):
    """``shift`` only for ``wish_shift``."""

    account_id: HexId | None = None
    """By default one's own; only leads enter it for others."""
    kind: Literal["leave", "sick", "training", "wish_off", "wish_shift"]
    first_day: Day
    last_day: Day
    shift: ShiftCode | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _fits(self) -> AbsenceIn:
        if not 0 <= (self.last_day - self.first_day).days <= 366:
            raise ValueError("last_day must be first_day or up to a year after it")
        if (self.kind == "wish_shift") != (self.shift is not None):
            raise ValueError("shift belongs to a wish_shift, and to nothing else")
        return self


class DecisionIn(Strict):
    approve: bool


class ProblemOut(FromRow):
    code: str
    zh: str
    en: str


class SwapOut(FromRow):
    id: str
    assignment_id: str
    to_account_id: str
    other_assignment_id: str | None
    state: str
    note: str
    asked_by: str
    agreed_at: datetime | None
    """When the colleague said yes."""
    created_at: datetime
    given: AssignmentOut | None = None
    in_return: AssignmentOut | None = None
    """On the board alone: the shifts, which may lie on other days than it shows."""
    problems: list[ProblemOut] = []
    """Why it could not be approved as the roster is now; told to leads."""


class SwapIn(Strict):
    assignment_id: HexId
    to_account_id: HexId
    other_assignment_id: HexId | None = None
    """What the colleague gives in return; none: the shift is given away."""
    note: Note = ""


class Board(BaseModel):
    zone: str
    today: date
    shifts: list[ShiftOut]
    people: list[PersonOut]
    assignments: list[AssignmentOut]
    absences: list[AbsenceOut]
    swaps: list[SwapOut]
    minimums: list[MinimumShape]


class ShortfallOut(BaseModel):
    begins: datetime
    ends: datetime
    need: int
    have: int
    missing: int
    queue: str
    skill: str


class ShortNowOut(BaseModel):
    """A minimum that those who are here do not keep."""

    need: int
    here: int
    queue: str
    skill: str


class Track(FromRow):
    """All minimums for the same people over the whole time asked for: a number for each quarter of an hour, ``need`` 0
    where none applies."""

    queue: str
    skill: str
    level: int
    need: list[int]
    have: list[int]


class CoverageOut(BaseModel):
    begins: datetime
    minutes: int
    tracks: list[Track]
    shortfalls: list[ShortfallOut]


class AskedTrack(BaseModel):
    """Agents to have on the roster in each quarter of an hour, of a queue or (empty) for all callers, and how many of
    them the calls ask for: the others are for breaks and absence. Null where nothing is forecast: in the past, and more
    than nine weeks ahead."""

    queue: str
    asked: list[int | None]
    on_calls: list[int | None]


class ThinOut(BaseModel):
    """A stretch in which every minimum is kept and fewer are on the roster than the forecast asks for. ``asked``,
    ``on_calls`` (of those asked for) and ``have`` are those of its worst quarter of an hour; ``agent_hours`` is what is
    missing in all of it."""

    begins: datetime
    ends: datetime
    asked: int
    on_calls: int
    have: int
    missing: int
    agent_hours: float
    queue: str


class AdviceOut(BaseModel):
    begins: datetime
    minutes: int
    tracks: list[AskedTrack]
    """All callers', and that of each queue with a minimum of its own; empty while too little is known."""
    thin: list[ThinOut]
    """Those of an hour and longer."""


class StandingOut(BaseModel):
    agent_id: str
    name: str
    standing: str
    state: str
    duty: str
    shift: str
    begins: datetime | None
    ends: datetime | None


class LiveOut(BaseModel):
    now: datetime
    needed: int
    present: int
    agents: list[StandingOut]
    short: list[ShortNowOut]
    coming: list[ShortfallOut]
    """Shortfalls of the coming hours: what to raise the alarm about."""


class AdherenceOut(FromRow):
    agent_id: str
    name: str
    scheduled_s: float
    present_s: float
    break_s: float
    overdue_s: float
    """Of the breaks, beyond their allowances."""
    late_s: float
    left_early_s: float
    outside_s: float
    adherence: float | None
    conformance: float | None


class PlanIn(Strict):
    first_day: Day
    last_day: Day
    agents: Annotated[list[HexId], Field(max_length=500)] | None = None
    """By default everybody in service who takes calls."""
    shifts: Annotated[list[ShiftCode], Field(max_length=20)] | None = None
    week_hours: Annotated[float, Field(ge=8, le=84)] = 48.0
    rest_hours: Annotated[float, Field(ge=0, le=48)] = 11.0
    days_in_row: Annotated[int, Field(ge=1, le=14)] = 6
    forecast: bool = False
    """Also plan for the callers expected, where that asks for more than the minimums."""
    time_limit_s: Annotated[float, Field(ge=5, le=60)] = 45.0

    @model_validator(mode="after")
    def _fits(self) -> PlanIn:
        if not 0 <= (self.last_day - self.first_day).days <= 61:
            raise ValueError("a plan has one to 62 days")
        return self


class PlanOut(BaseModel):
    id: str
    state: Literal["running", "done", "failed"]
    first_day: date
    last_day: date
    covered: bool | None = None
    verdict: str = ""
    verdict_en: str = ""
    people: int = 0
    people_needed: int | None = None
    least_people: int = 0
    seconds: float = 0.0
    shifts: int = 0
    shortfalls: list[ShortfallOut] = Field(default_factory=list)
    forecast: bool = False
    thin: list[ThinOut] = Field(default_factory=list)
    """Where only the forecast asks for more."""
    error: str = ""


class ImportOut(BaseModel):
    assignments: int
    agents: int
    first_day: date
    last_day: date


class FeedOut(BaseModel):
    """``path`` holds a secret: whoever has it reads this one agent's shifts."""

    path: str
