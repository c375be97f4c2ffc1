"""Every figure of a made-up day, told a second time by hand from what was made up: slowly, and in the words of
``docs/figures.md``. The day is one of 25 hours, with calls and states over both its midnights."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from callcenter.acd.tables import AgentStateLog
from callcenter.business.tables import Outcome
from callcenter.calls.tables import Contact, Rating, SegmentRow
from callcenter.cases.tables import Case
from callcenter.db.engine import Database
from callcenter.ids import new_id
from callcenter.ivr.tables import QueueTargetRow
from callcenter.reporting import history
from callcenter.reporting.history import By, Interval, Selection
from callcenter.reporting.summing import sum_next_day
from callcenter.roster.shifts import day_span

ZONE: Final = ZoneInfo("Europe/Berlin")
DAY: Final = date(2026, 10, 25)
WHOLE: Final = day_span(DAY, ZONE)
SOON: Final = WHOLE.ends + timedelta(days=1)
"""When the day is read from its calls; and"""
LATER: Final = WHOLE.ends + timedelta(days=9)
"""when it is summed."""
CHANGED: Final = WHOLE.begins + timedelta(hours=11)
"""When the first queue promised other seconds."""
QUEUES: Final = ("general", "repairs", "billing")
AGENTS: Final = tuple(new_id() for _ in range(5))
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


def within(at: datetime) -> bool:
    return WHOLE.begins <= at < WHOLE.ends


def over(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def hour_of(at: datetime) -> datetime:
    """The site's hour: each of the two that are called two o'clock by itself."""
    return at - timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


Key = tuple[datetime | None, str]


def told_again(
    day: Day, key_of: Callable[[Made, Wait | None], str], slot_of: Callable[[datetime], datetime | None], *, stays: bool
) -> dict[Key, dict[str, float | None]]:
    """The report by these keys, by going through all calls for each of its lines."""

    def waits(key: Key) -> Iterator[tuple[Made, Wait]]:
        """All stays of the line, whatever is counted."""
        for made in day.real:
            for wait in made.waits:
                if within(wait.at) and (slot_of(wait.at), key_of(made, wait)) == key:
                    yield made, wait

    def alone(key: Key) -> Iterator[Made]:
        """Its calls that came to no queue, and those that were ours."""
        for made in day.real:
            if not stays and not made.waits and within(made.began) and (slot_of(made.began), key_of(made, None)) == key:
                yield made

    keys = {(slot_of(w.at), key_of(m, w)) for m in day.real for w in m.waits if within(w.at)}
    keys |= {(slot_of(m.began), key_of(m, None)) for m in day.real if not stays and not m.waits and within(m.began)}
    found = {}
    for key in keys:
        theirs = list(waits(key))
        others = list(alone(key))
        first = [made for made, wait in theirs if made.waits[0] is wait]
        if stays:
            units = [(wait.fate, wait.seconds, promised(wait.queue, wait.at)) for _, wait in theirs]
        else:
            units = [(made.fate, made.seconds, 20.0) for made in first]
        short = [one for one in units if one[0] == "hung_up" and one[1] <= 5]
        answered = [one for one in units if one[0] == "answered"]
        abandoned = [one for one in units if one[0] == "hung_up" and one[1] > 5]
        flowed = [one for one in units if one[0] == "left"]
        offered = len(answered) + len(abandoned) + len(flowed)
        in_time = [one for one in answered if one[1] <= one[2]]
        handled = [wait for _, wait in theirs if wait.fate == "answered"]
        talk_s = sum(wait.talk_s for _, wait in theirs)
        hold_s = sum(wait.hold_s for _, wait in theirs)
        wrap_s = sum(wait.wrap_s for _, wait in theirs)
        scores = [score for _, wait in theirs for score in wait.scores] + [s for made in others for _, s in made.scores]
        ours = [made for made in others if made.kind == "outbound"]
        found[key] = {
            "offered": offered,
            "answered": len(answered),
            "in_time": len(in_time),
            "due": offered,
            "abandoned": len(abandoned),
            "short_abandoned": len(short),
            "flowed_out": len(flowed),
            "waiting": 0,
            "connect_rate": over(len(answered), offered),
            "abandon_rate": over(len(abandoned), offered),
            "service_level": over(len(in_time), offered),
            "asa_s": over(sum(one[1] for one in answered), len(answered)),
            "longest_s": max((one[1] for one in units), default=None),
            "aht_s": over(talk_s + hold_s + wrap_s, len(handled)),
            "talk_s": over(talk_s, len(handled)),
            "hold_s": over(hold_s, len(handled)),
            "wrap_s": over(wrap_s, len(handled)),
            "rating": over(sum(scores), len(scores)),
            "ratings": len(scores),
        }
        if not stays:
            found[key] |= {
                "calls": len(first) + len(others) - len(ours),
                "refused": sum(made.kind == "lines_busy" for made in others),
                "menu": sum(made.kind == "menu" for made in others),
                "outbound": len(ours),
                "reached": sum(made.answered_at is not None for made in ours),
            }
    return found


def spent(day: Day, agent: str, names: Iterable[str], begins: datetime, ends: datetime) -> float:
    """Seconds in these states."""
    return sum(
        max(0.0, (min(one.ends, ends) - max(one.begins, begins)).total_seconds())
        for one in day.states
        if one.agent == agent and one.name in names
    )


def agents_again(
    day: Day, slot_of: Callable[[datetime], datetime | None], slots: Iterable[tuple[datetime, datetime]]
) -> dict[Key, dict[str, float | None]]:
    """Each agent's line of each of these intervals."""
    found: dict[Key, dict[str, float | None]] = {}
    sums = {"ready_s": ["ready"], "ring_s": ["reserved", "ringing"], "talking_s": ["talking"], "break_s": ["break"],
            "holding_s": ["hold", "consulting"], "wrapping_s": ["wrap_up"], "lost_s": ["not_responding"]}  # fmt: skip
    for (begins, ends), agent in product(slots, AGENTS):
        parts = [
            (made, part)
            for made in day.real
            for part in made.parts
            if part.agent == agent and begins <= part.begins < ends
        ]
        offers = [part for made, part in parts if part.kind == "ring" and made.kind != "outbound"]
        answered = [part for part in offers if part.result == "answered"]
        begun = [made for made, part in parts if made.kind == "outbound" and made.parts[0] is part]
        reached = [made for made in begun if made.answered_at is not None]
        scores = [
            score
            for made in day.real
            for at, score in made.scores
            if begins <= at < ends and [p.agent for p in made.parts if p.kind in ("talk", "conference")][-1:] == [agent]
        ]
        times = {name: spent(day, agent, names, begins, ends) for name, names in sums.items()}
        handle_s = times["talking_s"] + times["holding_s"] + times["wrapping_s"]
        line: dict[str, float | None] = {
            "answered": len(answered),
            "offers": len(offers),
            "missed": sum(part.result in ("no_answer", "unreachable") for part in offers),
            "transfers": sum(part.result == "transferred" for _, part in parts),
            "outbound": len(begun),
            "reached": len(reached),
            "aht_s": over(handle_s, len(answered) + len(reached)),
            "occupancy": over(handle_s, handle_s + times["ready_s"] + times["ring_s"]),
            "staffed_s": sum(times.values()),
            **times,
            "rating": over(sum(scores), len(scores)),
            "ratings": len(scores),
        }
        if any(line.values()):
            found[slot_of(begins), agent] = line
    return found


def outcomes_again(day: Day, slot_of: Callable[[datetime], datetime | None]) -> dict[Key, dict[str, float | None]]:
    """Each disposition's line of each interval."""
    every = [(made, one) for made in day.real for one in made.written if within(one.at)]
    found = {}
    for key in {(slot_of(one.at), one.disposition) for _, one in every}:
        theirs = [(made, one) for made, one in every if (slot_of(one.at), one.disposition) == key]
        handled = [wait for made, one in theirs for wait in made.waits if wait.agent == one.agent]
        talk_s, hold_s = sum(wait.talk_s for wait in handled), sum(wait.hold_s for wait in handled)
        wrap_s = sum(wait.wrap_s for wait in handled)
        found[key] = {
            "written": len(theirs),
            "share": over(len(theirs), len(every)),
            "cases": sum(one.case for _, one in theirs),
            "aht_s": over(talk_s + hold_s + wrap_s, len(handled)),
            "talk_s": over(talk_s, len(handled)),
            "hold_s": over(hold_s, len(handled)),
            "wrap_s": over(wrap_s, len(handled)),
        }
    return found


AVERAGES: Final = frozenset({"asa_s", "aht_s", "longest_s", "talk_s", "hold_s", "wrap_s"})


def differences(told: dict[Key, dict[str, Any]], again: dict[Key, dict[str, float | None]]) -> dict[object, object]:
    """What is not the same, as rounded as it is told: shares to 4 digits, ratings to 2, averages to 1, sums to 0."""

    def rounding(name: str) -> float:
        if name.endswith("_s"):
            return 0.05 if name in AVERAGES else 0.5
        return 0.005 if name == "rating" else 0.00005

    return {
        (key, name): (told.get(key, {}).get(name), value)
        for key, line in again.items()
        for name, value in line.items()
        if told.get(key, {}).get(name) != pytest.approx(value, abs=1.001 * rounding(name))
    } | dict.fromkeys(told.keys() - again.keys(), "is not a line")


def at_meals(day: Day) -> float:
    """Seconds."""
    return sum(
        max(0.0, (min(one.ends, WHOLE.ends) - max(one.begins, WHOLE.begins)).total_seconds())
        for one in day.states
        if one.reason == "meal"
    )


async def test_every_figure_of_a_day_told_again_by_hand(db: Database) -> None:
    day = Day(seed=7, calls=260)
    await day.keep(db)
    asked = Selection(since=WHOLE.begins, until=WHOLE.ends)
    service: list[tuple[Selection, Callable[[Made, Wait | None], str]]] = [
        (asked, lambda made, wait: ""),
        (replace(asked, by=By.QUEUE), lambda made, wait: wait.queue if wait else ""),
        (replace(asked, by=By.HOTLINE), lambda made, wait: made.hotline),
        (replace(asked, by=By.TRUNK), lambda made, wait: made.trunk.split("~")[0].replace("phone-ab", "phone")),
    ]
    hours = [WHOLE.begins + timedelta(hours=n) for n in range(25)]
    intervals: list[tuple[Interval, Callable[[datetime], datetime | None], list[tuple[datetime, datetime]]]] = [
        (Interval.WHOLE, lambda at: None, [(WHOLE.begins, WHOLE.ends)]),
        (Interval.DAY, lambda at: WHOLE.begins, [(WHOLE.begins, WHOLE.ends)]),
        (Interval.HOUR, hour_of, [(at, at + timedelta(hours=1)) for at in hours]),
    ]
    for now in (SOON, LATER):
        async with db.write() as session:
            while await sum_next_day(session, now, ZONE):
                pass
        async with db.read() as session:
            for selection, key_of in service:
                for interval, slot_of, _ in intervals:
                    rows = await history.service(session, replace(selection, interval=interval), now, ZONE)
                    told = {(row.at, row.key): row.figures.report() for row in rows}
                    again = told_again(day, key_of, slot_of, stays=selection.by is By.QUEUE)
                    assert differences(told, again) == {}
            for interval, slot_of, slots in intervals:
                wrote = await history.outcomes(session, replace(asked, by=By.OUTCOME, interval=interval), now, ZONE)
                written = sum(row.figures.written for row in wrote)
                outcomes = {(row.at, row.key): row.figures.report(written) for row in wrote}
                assert differences(outcomes, outcomes_again(day, slot_of)) == {}
                people = await history.agents(session, replace(asked, by=By.AGENT, interval=interval), now, ZONE)
                worked = {
                    (row.at, row.key): row.figures.report() for row in people if any(asdict(row.figures).values())
                }
                assert differences(worked, agents_again(day, slot_of, slots)) == {}
                meals = sum(row.breaks.get("meal", 0.0) for row in people)
                assert meals == pytest.approx(at_meals(day), abs=0.5 * len(people))
