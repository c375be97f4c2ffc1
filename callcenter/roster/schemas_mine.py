"""Shapes of an agent's own roster."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from callcenter.access.schemas import Strict
from callcenter.roster.schemas import AbsenceOut, FromRow, ShiftOut


class MyShiftOut(BaseModel):
    id: str
    day: date
    shift: str
    begins: datetime
    ends: datetime
    on_call: bool
    note: str
    swapping: bool
    """A swap of it waits for a decision."""


class ColleagueOut(BaseModel):
    agent_id: str
    name: str
    extension: str
    shift: str
    begins: datetime
    ends: datetime
    state: str
    """At the desk now."""


class SwapShiftOut(BaseModel):
    id: str
    day: date
    shift: str


class SwapOptionOut(BaseModel):
    agent_id: str
    name: str
    extension: str
    takes: bool
    """Could work the shift beside their own."""
    returns: list[SwapShiftOut]
    """Their shifts that could be worked in return."""


class MySwapOut(BaseModel):
    id: str
    state: str
    asked_by_me: bool
    colleague: str
    """The other one of the two."""
    given: SwapShiftOut
    """Of who asked."""
    in_return: SwapShiftOut | None
    agreed: bool
    """The colleague has said yes; a lead decides."""
    note: str
    created_at: datetime
    decided_at: datetime | None


class AgreementIn(Strict):
    agree: bool


class MyAdherenceOut(FromRow):
    """Of the working day that runs, up to now: seconds, and a share from 0 to 1."""

    day: date
    scheduled_s: float
    present_s: float
    break_s: float
    overdue_s: float
    """Of the breaks, beyond their allowances."""
    late_s: float
    outside_s: float
    adherence: float | None


class BreakOut(BaseModel):
    """Used in this working day. ``allowance_s`` None: no limit."""

    code: str
    title: str
    title_en: str
    allowance_s: float | None
    used_s: float


class MineOut(BaseModel):
    zone: str
    now: datetime
    today: date
    shifts: list[ShiftOut]
    mine: list[MyShiftOut]
    beside: str | None
    """The shift that ``with_me`` is about: the one that runs, else the next."""
    with_me: list[ColleagueOut]
    absences: list[AbsenceOut]
    swaps: list[MySwapOut]
    adherence: MyAdherenceOut | None
    breaks: list[BreakOut]
    feed_since: datetime | None
    """When one's calendar link was made; None: there is none."""
