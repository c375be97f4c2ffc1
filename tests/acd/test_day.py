"""A day with real shapes of traffic through the rules in virtual time: what must hold holds after every command."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.day import Day
from callcenter.acd import messages as m
from callcenter.acd.agent import ENGAGED, OFFERED
from callcenter.acd.routing import why_not
from callcenter.ids import CallId


class WatchedDay(Day):
    """The bench's day, looked at after every command."""

    def __init__(self, calls: int, agents: int, seed: int) -> None:
        self.moments = 0
        super().__init__(calls, agents, seed)

    def tell(self, command: m.Command) -> None:
        super().tell(command)
        self.moments += 1
        floor = self.rules._floor
        # Nobody is rung for two calls, and no call rings at two people.
        rung = Counter(agent.offer_id for agent in floor.agents.values() if agent.offer_id)
        assert max(rung.values(), default=1) == 1
        engaged = Counter(agent.call_id for agent in floor.agents.values() if agent.state in ENGAGED)
        assert max(engaged.values(), default=1) == 1
        for agent in floor.agents.values():
            assert (agent.offer_id is not None) == (agent.state in OFFERED)
        # No free agent stands beside a call that they could take.
        free = [agent for agent in floor.agents.values() if agent.offerable]
        for call in floor.calls.values():
            if call.offer is None and free:
                assert not [agent.agent_id for agent in free if not why_not(agent, call)], call.call_id
        # No timer outlives its call or its agent.
        assert floor.call_timers._at.keys() <= floor.calls.keys()
        assert floor.agent_timers._at.keys() <= floor.agents.keys()
        # The figures that walls show are those that are so (counted anew now and then).
        for name in floor.queues if self.moments % 97 == 0 else ():
            there = Counter(a.state for a in floor.agents.values() if name in a.profile.queues)
            assert floor.staff(name) == dict(there)


@pytest.mark.parametrize(("calls", "agents", "seed"), [(1200, 24, 1), (1200, 10, 2), (600, 60, 3)])
def test_a_day_of_traffic_with_peaks_breaks_and_shift_changes(calls: int, agents: int, seed: int) -> None:
    """Enough people, far too few, and more than there are calls for."""
    day = WatchedDay(calls, agents, seed)
    day.run()
    counts = day.results
    assert counts["arrived"] == counts["answered"] + counts["abandoned"] + counts["refused"], "no call is lost"
    assert (day.live, day.waiting) == (0, 0)
    floor = day.rules._floor
    assert not floor.calls
    assert not floor.offers
    assert len(floor.call_timers) == 0
    assert not [agent for agent in floor.agents.values() if agent.state in ENGAGED]
    # Every wait has a story with an end, and every answer a decision that says why.
    for call in range(max(1, counts["arrived"] - 200), counts["arrived"] + 1):
        story = day.rules.story(CallId(f"call{call:06}"))
        assert story is not None
        assert story.ended_at is not None
    assert all(decision.candidates[0] == decision.agent_id for decision in day.rules.decisions())


def test_the_same_day_is_decided_alike_again() -> None:
    def told() -> list[tuple[str, str]]:
        day = Day(400, 12, 7)
        day.run()
        return [(str(decision.call_id), str(decision.agent_id)) for decision in day.rules.decisions()]

    assert told() == told()


def test_time_of_agents_adds_up() -> None:
    """Handling and idle time since log-in, with the present state's, are never more than the shift: nothing counts
    twice."""
    day = Day(600, 12, 4)
    day.run()
    for agent in day.rules.agents():
        assert agent.busy_s >= 0
        assert agent.idle_s >= 0
        assert agent.busy_s + agent.idle_s <= 13 * 3600, "twelve hours and the last call's wrap-up"
        assert agent.state not in ENGAGED
