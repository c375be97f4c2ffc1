"""A day of 50,000 calls and 500 agents through the pure rules, in virtual time: how long it takes, what came out.

The traffic has a real day's shape: a morning peak, a lower afternoon peak, little at night; log-normal
conversations, callers who lose patience, two thirds of the agents by day, the rest at night, breaks. Nothing of
it is waited for: the clock jumps from one event to the next. Run: python -m bench.day [--json]
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import statistics
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from operator import itemgetter
from typing import Any

from bench.machine import table, what_it_ran_on
from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState, OverflowWhen
from callcenter.acd.rules import DeskRules
from callcenter.collector import come_seldom
from callcenter.ids import AgentId, CallId

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)
BY_HOUR = (8, 5, 4, 3, 3, 5, 12, 30, 62, 92, 100, 95, 70, 72, 85, 88, 84, 76, 64, 52, 42, 32, 20, 12)
"""Calls by hour of the day, in parts of the busiest."""
SKILLS = ("en", "billing", "fault", "sales", "contract")
QUEUES = (
    m.QueueSettings(
        name="general",
        title="General",
        ageing=0.01,
        sticky_s=10,
        overflow=(m.Overflow(when=OverflowWhen.WAIT, over=30, to="spare"),),
        max_length=2000,
    ),
    m.QueueSettings(name="consult", title="Consulting", relax=(m.RelaxStep(after_s=45, by=4),), max_length=2000),
    m.QueueSettings(name="complaint", title="Complaints", weight=2, wrap_up_s=60, max_length=2000),
    m.QueueSettings(name="spare", title="Spare", strategy="round_robin", max_length=2000),
)
ASKED_FOR = ("general", "consult", "complaint")
SHARE = tuple(accumulate((0.6, 0.3, 0.1)))
"""Of the calls: how many ask for the queues up to this one."""
Event = tuple[datetime, Callable[[], None]]


class Day:
    def __init__(self, calls: int, agents: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.rules = DeskRules()
        self.now = MIDNIGHT
        self.events: list[tuple[datetime, int, Callable[[], None]]] = []
        self.count = 0
        self.commands = 0
        self.waits: list[float] = []
        self.results: Counter[str] = Counter()
        self.most_waiting = 0
        self.waiting = 0
        self.peak = 0
        self.live = 0
        self.meets: dict[type[m.Action], Callable[[Any], None]] = {
            m.OfferMade: self._offered,
            m.QueueRefused: lambda action: self._gone(action.call_id, "refused"),
            m.WaitExpired: lambda action: self._gone(action.call_id, "refused"),
            m.CallMoved: lambda action: self.results.update(("moved",)),
        }
        """What callers and agents meet of what the desk decides; nobody looks at a page here, or keeps stories."""
        self.tell(m.QueuesDefined(queues=QUEUES))
        plan = [event for number in range(agents) for event in self._agent(number)]
        weights = [part / sum(BY_HOUR) for part in BY_HOUR]
        plan += [
            (MIDNIGHT + timedelta(hours=hour, seconds=self.random.uniform(0, 3600)), self._call)
            for hour, weight in enumerate(weights)
            for _ in range(round(calls * weight))
        ]
        self.plan = iter(sorted(plan, key=itemgetter(0)))
        self._look_ahead()

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.events, (when, self.count, what))

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.events, (self.now + timedelta(seconds=seconds), self.count, what))

    def _look_ahead(self) -> None:
        """Only what is planned next is ahead of us, as in a real day: not fifty thousand callers and all the breaks."""
        planned = next(self.plan, None)
        if planned is not None:
            self.at(planned[0], lambda: self._as_planned(planned[1]))

    def _as_planned(self, what: Callable[[], None]) -> None:
        self._look_ahead()
        what()

    def run(self) -> None:
        """Until the last call has ended."""
        events, next_deadline = self.events, self.rules.next_deadline
        while events:
            due = next_deadline()
            if due is not None and due < events[0][0]:
                self.now = max(self.now, due)
                self.tell(m.TimePassed())
                continue
            self.now, _, what = heapq.heappop(events)
            what()

    def tell(self, command: m.Command) -> None:
        self.commands += 1
        for action in self.rules.apply(command, self.now):
            meets = self.meets.get(type(action))
            if meets is not None:
                meets(action)

    # --- people ---

    def _agent(self, number: int) -> Iterator[Event]:
        """Their shift and their breaks."""
        pick = self.random
        agent_id = AgentId(f"agent{number:03}")
        skills = {name: pick.randint(2, 10) for name in pick.sample(SKILLS, 3)}
        queues = {"general": 1, pick.choice(("consult", "complaint", "consult")): 1, "spare": pick.choice((1, 2))}
        profile = m.AgentProfile(
            agent_id=agent_id, name=f"Agent {number}", extension="1", seat=f"seat{number}", queues=queues, skills=skills
        )
        begin = (8, 8, 9, 9, 13, 20)[number % 6]
        for shift in (begin - 24, begin):
            yield MIDNIGHT + timedelta(hours=max(0, shift)), partial(self._comes, profile)
            yield MIDNIGHT + timedelta(hours=max(0, shift + 12)), partial(self._goes, profile)
        for hours in (3, 6, 9):
            start = MIDNIGHT + timedelta(hours=begin + hours, minutes=pick.uniform(0, 60))
            yield start, partial(self.tell, m.AgentBreak(agent_id=agent_id, reason="pause"))
            yield start + timedelta(minutes=20), partial(self._back, agent_id)

    def _comes(self, profile: m.AgentProfile) -> None:
        self.tell(m.AgentLoggedIn(profile=profile))
        self.tell(m.AgentPresence(agent_id=profile.agent_id, phone=True, page=True))
        self.tell(m.AgentReady(agent_id=profile.agent_id))

    def _goes(self, profile: m.AgentProfile) -> None:
        self.tell(m.AgentLoggedOut(agent_id=profile.agent_id))

    def _back(self, agent_id: AgentId) -> None:
        seen = self.rules.agent(agent_id)
        if seen is not None and (seen.state is AgentState.BREAK or seen.pending.startswith("break")):
            self.tell(m.AgentReady(agent_id=agent_id))

    def _call(self) -> None:
        pick = self.random
        self.live += 1
        self.peak = max(self.peak, self.live)
        self.waiting += 1
        self.results["arrived"] += 1
        call_id = CallId(f"call{self.results['arrived']:06}")
        skills = {pick.choice(SKILLS): pick.randint(1, 5)} if pick.random() < 0.4 else {}
        known = AgentId(f"agent{pick.randrange(500):03}") if pick.random() < 0.1 else None
        patience = pick.expovariate(1 / 240)
        self.after(patience, lambda: self._lose_patience(call_id))
        self.tell(
            m.CallQueued(
                call_id=call_id,
                queue=ASKED_FOR[bisect(SHARE, pick.random() * SHARE[-1])],
                since=self.now,
                priority=pick.choice((5, 5, 5, 6)),
                skills=skills,
                preferred_agent=known,
                vip=pick.random() < 0.03,
            )
        )
        self.most_waiting = max(self.most_waiting, self.waiting)

    def _lose_patience(self, call_id: CallId) -> None:
        waiting = self.rules.waits(call_id)
        if waiting is None:
            return
        offer = waiting.offer
        self.tell(m.CallLeft(call_id=call_id, cause=m.LeaveCause.CALLER_HUNG_UP))
        self._gone(call_id, "abandoned")
        if offer is not None:
            self.tell(m.OfferFailed(offer_id=offer, failure=m.OfferFailure.CALLER_GONE))

    def _gone(self, call_id: CallId, result: str) -> None:
        self.results[result] += 1
        self.waiting -= 1
        self.live -= 1

    def _offered(self, offer: m.OfferMade) -> None:
        answers = self.random.random() > 0.01
        self.after(0.2, lambda: self.tell(m.OfferRinging(offer_id=offer.offer_id)))
        self.after(self.random.uniform(1, 5) if answers else 20, lambda: self._end_ring(offer, answers))

    def _end_ring(self, offer: m.OfferMade, answers: bool) -> None:
        waiting = self.rules.waits(offer.call_id)
        if waiting is None or waiting.offer != offer.offer_id:
            return
        if not answers:
            self.results["missed"] += 1
            self.tell(m.OfferFailed(offer_id=offer.offer_id, failure=m.OfferFailure.NO_ANSWER))
            self.after(60, lambda: self.tell(m.AgentReady(agent_id=offer.agent.agent_id)))
            return
        self.waits.append((self.now - waiting.request.since).total_seconds())
        self.results["answered"] += 1
        self.waiting -= 1
        self.tell(m.OfferAnswered(offer_id=offer.offer_id))
        talk = self.random.lognormvariate(5.4, 0.6)  # median 221 s
        self.after(talk, lambda: self._end_talk(offer))

    def _end_talk(self, offer: m.OfferMade) -> None:
        self.live -= 1
        self.tell(m.TalkEnded(call_id=offer.call_id, agent_id=offer.agent.agent_id))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=50_000)
    options.add_argument("--agents", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    come_seldom()  # as in the service
    begin, worked = time.perf_counter(), time.process_time()
    day = Day(asked.calls, asked.agents, asked.seed)
    day.run()
    took, worked = time.perf_counter() - begin, time.process_time() - worked
    counts = day.results
    assert counts["arrived"] == counts["answered"] + counts["abandoned"] + counts["refused"], "no call is lost"
    assert day.live == day.waiting == 0
    in_time = sum(wait <= 20 for wait in day.waits)
    if asked.json:
        found = {
            "ran_on": what_it_ran_on(),
            "seconds": round(took, 2),
            "processor_seconds": round(worked, 2),
            "wanted_s": 10,
            "commands": day.commands,
            "calls": counts["arrived"],
            "agents": asked.agents,
            "answered": round(counts["answered"] / counts["arrived"], 4),
            "within_20_s": round(in_time / counts["arrived"], 4),
            "longest_wait_s": round(max(day.waits)),
            "most_waiting": day.most_waiting,
        }
        print(json.dumps(found, indent=2))
        return
    print(what_it_ran_on(), "\n", sep="")
    rows = [
        ["simulated day, traffic and rules together", f"{took:.2f} s"],
        ["of which this process had the processor", f"{worked:.2f} s"],
        ["commands to the desk", f"{day.commands:,}"],
        ["a command, with its share of the simulation", f"{took / day.commands * 1e6:.0f} µs"],
        ["calls", f"{counts['arrived']:,}"],
        ["answered", f"{counts['answered'] / counts['arrived']:.1%}"],
        ["answered within 20 s of arriving", f"{in_time / counts['arrived']:.1%}"],
        ["mean wait of the answered", f"{statistics.fmean(day.waits):.1f} s"],
        ["longest wait of the answered", f"{max(day.waits):.0f} s"],
        ["most callers at once", f"{day.peak:,}"],
        ["most waiting at once", f"{day.most_waiting:,}"],
        ["offers missed", f"{counts['missed']:,}"],
        ["overflowed to the spare queue", f"{counts['moved']:,}"],
    ]
    print(table([f"{asked.calls:,} calls, {asked.agents} agents", ""], rows))


if __name__ == "__main__":
    main()
