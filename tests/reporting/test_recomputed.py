"""Every figure of a made-up day, told a second time by hand from what was made up: slowly, and in the words of
``docs/figures.md``. The day is one of 25 hours, with calls and states over both its midnights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest

from callcenter.db.engine import Database
from callcenter.reporting import history
from callcenter.reporting.history import By, Interval, Selection
from callcenter.reporting.summing import sum_next_day
from tests.reporting.made_up import AGENTS, WHOLE, ZONE, Day, Made, Wait, promised

SOON: Final = WHOLE.ends + timedelta(days=1)
"""When the day is read from its calls; and"""
LATER: Final = WHOLE.ends + timedelta(days=9)
"""when it is summed."""


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
