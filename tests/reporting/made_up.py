"""A made-up day: its calls and states, and the rows that they would have left."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from callcenter.acd.tables import AgentStateLog
from callcenter.business.tables import Outcome
from callcenter.calls.tables import Contact, Rating, SegmentRow
from callcenter.cases.tables import Case
from callcenter.db.engine import Database
from callcenter.ids import new_id
from callcenter.ivr.tables import QueueTargetRow
from callcenter.roster.shifts import day_span

ZONE: Final = ZoneInfo("Europe/Berlin")
DAY: Final = date(2026, 10, 25)
WHOLE: Final = day_span(DAY, ZONE)
CHANGED: Final = WHOLE.begins + timedelta(hours=11)
"""When the first queue promised other seconds."""
QUEUES: Final = ("general", "repairs", "billing")
AGENTS: Final = tuple(f"{n:032x}" for n in range(1, 6))
HOUR: Final = 3600


def promised(queue: str | None, at: datetime) -> float:
    return {"general": 25.0 if at < CHANGED else 12.0, "repairs": 40.0}.get(queue or "", 20.0)


@dataclass
class Part:
    """A segment."""

    kind: str
    begins: datetime
    seconds: float
    queue: str | None = None
    agent: str | None = None
    result: str | None = None

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(seconds=self.seconds)


@dataclass
class Wait:
    """A stay in a queue, as it is made up."""

    queue: str
    at: datetime
    seconds: float
    fate: str
    agent: str = ""
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_s: float = 0.0
    scores: list[int] = field(default_factory=list)


@dataclass
class Written:
    """An outcome, as it is made up."""

    at: datetime
    agent: str
    disposition: str
    case: bool


@dataclass
class Made:
    """A call, as it is made up."""

    began: datetime
    kind: str
    hotline: str
    trunk: str
    end_reason: str = "hang_up"
    ended_by: str = "caller"
    answered_at: datetime | None = None
    parts: list[Part] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    scores: list[tuple[datetime, int]] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.waits[0].at if self.waits else self.began

    @cached_property
    def fate(self) -> str:
        """The caller's, over all stays."""
        fates = [one.fate for one in self.waits]
        return next((one for one in ("answered", "hung_up") if one in fates), "left")

    @property
    def seconds(self) -> float:
        """Until anybody answered, or until they were gone."""
        answered = [one for one in self.waits if one.fate == "answered"]
        last = answered[0] if answered else self.waits[-1]
        return (last.at - self.at).total_seconds() + last.seconds


@dataclass
class State:
    agent: str
    name: str
    begins: datetime
    ends: datetime
    reason: str = ""
    call: int | None = None
    """The number of the call it belongs to."""


class Day:
    """Calls and states from two hours before the day to two hours after it."""

    def __init__(self, seed: int, calls: int) -> None:
        self.pick = random.Random(seed)
        self.states: list[State] = []
        self.calls: list[Made] = []
        for _ in range(calls):
            self.calls.append(self._call())
        for agent in AGENTS:
            self._works(agent)

    def _s(self, least: float, most: float) -> float:
        """Quarters of a second: exact in every arithmetic."""
        return round(self.pick.uniform(least, most) * 4) / 4

    def _call(self) -> Made:
        length_s = WHOLE.seconds + 4 * HOUR
        began = WHOLE.begins + timedelta(seconds=self._s(0, length_s) - 2 * HOUR)
        kinds = {"queue": 14, "menu": 2, "lines_busy": 1, "outbound": 3, "drill": 1}
        kind = self.pick.choices(list(kinds), list(kinds.values()))[0]
        made = Made(
            began=began,
            kind=kind,
            hotline=self.pick.choice(("4001", "4002")),
            trunk=self.pick.choice(("north", "south~2", "phone-ab")),
        )
        if kind == "outbound":
            agent = self.pick.choice(AGENTS)
            self._part(made, "ring", self._s(1, 8), agent=agent, result="answered")
            self._part(made, "dial", self._s(1, 20), agent=agent)
            if self.pick.random() < 0.6:
                made.answered_at = made.parts[-1].ends
                self._part(made, "talk", self._s(5, 200), agent=agent)
        elif kind == "lines_busy":
            made.end_reason = kind
        else:
            self._part(made, "menu", self._s(2, 30))
            if kind != "menu":
                self._waits(made, 1)
            if self.pick.random() < 0.4:
                last = made.parts[-1].ends
                scores = [self.pick.randint(1, 5) for _ in range(self.pick.randint(1, 2))]
                made.scores = [(last, score) for score in scores]
                answered = [one for one in made.waits if one.fate == "answered"]
                if made.waits:
                    (answered or made.waits)[-1].scores = scores
            for agent in sorted({one.agent for one in made.waits if one.agent}):
                if self.pick.random() < 0.8:
                    at = made.parts[-1].ends + timedelta(seconds=self._s(0, 600))
                    kind = self.pick.choice(("resolved", "complaint", "forwarded"))
                    made.written.append(Written(at, agent, kind, case=self.pick.random() < 0.3))
        return made

    def _part(self, made: Made, kind: str, seconds: float, **more: Any) -> Part:
        begins = made.parts[-1].ends if made.parts else made.began
        made.parts.append(Part(kind, begins, seconds, **more))
        return made.parts[-1]

    def _waits(self, made: Made, stay: int) -> None:
        queue, agent = self.pick.choice(QUEUES), self.pick.choice(AGENTS)
        first = self._part(made, "wait", self._s(0, 60), queue=queue)
        wait = Wait(queue=queue, at=first.begins, seconds=first.seconds, fate="answered")
        made.waits.append(wait)
        if self.pick.random() < 0.2:  # rings in vain, and goes on waiting
            vain = self._part(made, "ring", self._s(5, 20), queue=queue, agent=self.pick.choice(AGENTS),
                              result=self.pick.choice(("no_answer", "unreachable", "passed")))  # fmt: skip
            wait.seconds += vain.seconds + self._part(made, "wait", self._s(0, 10), queue=queue).seconds
        roll = self.pick.random()
        if roll < 0.2:
            wait.fate = "hung_up"
        elif roll < 0.3:
            wait.fate, made.ended_by = "left", "system"
            self._part(made, "menu", self._s(1, 20))
        else:
            wait.agent = agent
            wait.seconds += self._part(made, "ring", self._s(1, 9), queue=queue, agent=agent, result="answered").seconds
            for kind in self.pick.choice((("talk",), ("talk", "hold", "talk"), ("talk", "consult", "conference"))):
                spent = self._part(made, kind, self._s(5, 300), queue=queue, agent=agent).seconds
                if kind in ("talk", "conference"):
                    wait.talk_s += spent
                else:
                    wait.hold_s += spent
            if stay < 3 and self.pick.random() < 0.25:
                made.parts[-1].result = "transferred"
                self._waits(made, stay + 1)
            self._wraps_up(made, wait)

    def _wraps_up(self, made: Made, wait: Wait) -> None:
        later = any(one.agent == wait.agent for one in made.waits[made.waits.index(wait) + 1 :])
        if later or self.pick.random() < 0.2:  # one wrap-up for all that one agent had of a call: the last
            return
        wait.wrap_s = self._s(3, 90)
        ends = made.parts[-1].ends
        over = ends + timedelta(seconds=wait.wrap_s)
        self.states.append(State(wait.agent, "wrap_up", ends, over, call=len(self.calls)))

    def _works(self, agent: str) -> None:
        """One state after the other, breaks over midnight too."""
        at = WHOLE.begins - timedelta(hours=3)
        names = ("ready", "reserved", "ringing", "talking", "hold", "consulting", "break", "not_responding", "offline")
        while at < WHOLE.ends + timedelta(hours=3):
            name = self.pick.choice(names)
            ends = at + timedelta(seconds=self._s(1, 3 * HOUR))
            reason = self.pick.choice(("meal", "training")) if name == "break" else ""
            self.states.append(State(agent, name, at, ends, reason))
            at = ends

    async def keep(self, db: Database) -> None:
        async with db.write() as session:
            ids = [new_id() for _ in self.calls]
            for contact_id, made in zip(ids, self.calls, strict=True):
                outbound = made.kind == "outbound"
                session.add(
                    Contact(
                        id=contact_id, direction="outbound" if outbound else "inbound", started_at=made.began,
                        answered_at=made.answered_at, ended_at=made.parts[-1].ends if made.parts else made.began,
                        ended_by=made.ended_by, end_reason=made.end_reason, hotline=made.hotline, trunk=made.trunk,
                        drill=made.kind == "drill",
                    )
                )  # fmt: skip
            await session.flush()
            for contact_id, made in zip(ids, self.calls, strict=True):
                for seq, part in enumerate(made.parts, start=1):
                    session.add(
                        SegmentRow(
                            id=new_id(), contact_id=contact_id, seq=seq, kind=part.kind, queue=part.queue,
                            agent_id=part.agent, started_at=part.begins, ended_at=part.ends, result=part.result,
                        )
                    )  # fmt: skip
                for number, (at, score) in enumerate(made.scores):
                    session.add(Rating(contact_id=contact_id, question=f"q{number}", score=score, at=at))
                for one in made.written:
                    times = {"created_at": one.at, "updated_at": one.at}
                    outcome = Outcome(
                        id=new_id(), contact_id=contact_id, agent_id=one.agent, disposition=one.disposition, **times
                    )
                    session.add(outcome)
                    if one.case:
                        await session.flush()
                        due = dict.fromkeys(("opened_at", "since", "reply_due_at", "due_at", "updated_at"), one.at)
                        session.add(Case(outcome_id=outcome.id, updated_by=one.agent, **due))
            for number, state in enumerate(self.states):
                call = None if state.call is None else ids[state.call]
                session.add(
                    AgentStateLog(
                        id=new_id(), account_id=state.agent, state=state.name, reason=state.reason, epoch=number,
                        call_id=call, started_at=state.begins, ended_at=state.ends,
                    )
                )  # fmt: skip
            session.add(QueueTargetRow(queue="general", since=WHOLE.begins - timedelta(days=1), within_s=25.0))
            session.add(QueueTargetRow(queue="general", since=CHANGED, within_s=12.0))
            session.add(QueueTargetRow(queue="repairs", since=CHANGED, within_s=40.0))

    @property
    def real(self) -> list[Made]:
        return [made for made in self.calls if made.kind != "drill"]
