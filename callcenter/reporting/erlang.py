"""How many agents a stream of calls asks for: Erlang C. Pure.

Calls come at random (Poisson), wait as long as they must and are handled for a mean time; see G. Koole, *Call Center
Optimization* (2013), chapters 2 and 3. Real callers give up, so that a queue at its limit does better than this says:
what it asks for is on the safe side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_BUSY = 0.9
"""Nobody handles calls for more of their time than this without wearing out: beyond it the wait is not what counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What so many agents come to."""

    agents: int
    service_level: float
    """Share answered within the asked seconds, 0 … 1."""
    asa_s: float
    occupancy: float


def waits(agents: int, erlangs: float) -> float:
    """The share of callers who have to wait (Erlang C); 1 when the agents cannot keep up. ``erlangs``: mean of calls
    handled at once."""
    if erlangs <= 0:
        return 0.0
    if agents <= erlangs:
        return 1.0
    blocked = 1.0  # Erlang B, by its recursion over agents: no factorial grows too large
    for n in range(1, agents + 1):
        blocked = erlangs * blocked / (n + erlangs * blocked)
    return blocked / (1 - (erlangs / agents) * (1 - blocked))


def staffing(agents: int, calls: float, interval_s: float, aht_s: float, within_s: float) -> Staffing:
    """What ``agents`` come to when so many ``calls`` come in an interval; all who wait are answered in the end."""
    erlangs = calls * aht_s / interval_s
    if erlangs <= 0:
        return Staffing(agents=agents, service_level=1.0, asa_s=0.0, occupancy=0.0)
    if agents <= erlangs:
        return Staffing(agents=agents, service_level=0.0, asa_s=math.inf, occupancy=1.0)
    waiting, spare = waits(agents, erlangs), agents - erlangs
    return Staffing(
        agents=agents,
        service_level=1 - waiting * math.exp(-spare * within_s / aht_s),
        asa_s=waiting * aht_s / spare,
        occupancy=erlangs / agents,
    )


def required(calls: float, interval_s: float, aht_s: float, *, share: float, within_s: float) -> Staffing:
    """The fewest agents with whom ``share`` of the callers are answered within ``within_s`` seconds, and nobody is busy
    for more than nine tenths of the time. Without calls nobody is needed."""
    erlangs = calls * aht_s / interval_s
    agents = math.floor(erlangs) + (erlangs > 0)
    while True:
        found = staffing(agents, calls, interval_s, aht_s, within_s)
        if found.service_level >= share and found.occupancy <= MOST_BUSY:
            return found
        agents += 1
