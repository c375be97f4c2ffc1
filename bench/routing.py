"""How long one routing decision takes with 1,000 waiting calls, 500 agents and 20 skills.

Two decisions are timed on one and the same floor: an agent becomes free and gets the call served first among
those they can take, and a call arrives and gets its agent. The rival, in the same run on the same floor, looks
at every agent and every call in plain Python, as small systems do. Run: python -m bench.routing [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from datetime import UTC, datetime, timedelta

from bench.machine import table, what_it_ran_on
from callcenter.acd import messages as m
from callcenter.acd.rules import DeskRules
from callcenter.ids import AgentId, CallId, OfferId

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
QUEUES = tuple(f"queue{n}" for n in range(5))
SKILLS = tuple(f"skill{n}" for n in range(20))


class Bench:
    def __init__(self, waiting: int, agents: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.rules = DeskRules()
        self.now = START
        self.calls = 0
        self.requests: dict[CallId, m.CallQueued] = {}
        settings = tuple(
            m.QueueSettings(
                name=name,
                title=name,
                wrap_up_s=0,
                ageing=0.01,
                announce_position_every_s=0,
                max_length=max(waiting, 10),
                relax=(m.RelaxStep(after_s=30, by=2), m.RelaxStep(after_s=90, by=3)),
            )
            for name in QUEUES
        )
        self.queues = {queue.name: queue for queue in settings}
        self.tell(m.QueuesDefined(queues=settings))
        self.profiles = [self._profile(n) for n in range(agents)]
        for profile in self.profiles:
            self.tell(m.AgentLoggedIn(profile=profile))
            self.tell(m.AgentPresence(agent_id=profile.agent_id, phone=True, page=True))
            self.tell(m.AgentReady(agent_id=profile.agent_id))
        # Everybody talks, and so many wait behind them.
        for profile in self.profiles:
            call_id = CallId(f"talk-{profile.agent_id}")
            self.tell(m.TalkStarted(call_id=call_id, agent_id=profile.agent_id))
        for _ in range(waiting):
            self.arrive(self.random.uniform(0, 120))

    def tell(self, command: m.Command) -> list[m.Action]:
        return self.rules.apply(command, self.now)

    def _profile(self, number: int) -> m.AgentProfile:
        pick = self.random
        return m.AgentProfile(
            agent_id=AgentId(f"agent{number:03}"),
            name=f"Agent {number}",
            extension=str(1000 + number),
            seat=f"seat-{1000 + number}",
            queues={name: pick.choice((1, 1, 2)) for name in pick.sample(QUEUES, 3)},
            skills={name: pick.randint(1, 10) for name in pick.sample(SKILLS, 8)},
        )

    def request(self, waited: float = 0.0) -> m.CallQueued:
        pick, self.calls = self.random, self.calls + 1
        return m.CallQueued(
            call_id=CallId(f"call{self.calls:06}"),
            queue=pick.choice(QUEUES),
            since=self.now - timedelta(seconds=waited),
            priority=pick.choice((4, 5, 5, 5, 6, 7)),
            skills={name: pick.randint(1, 9) for name in pick.sample(SKILLS, pick.choice((1, 1, 2)))},
            vip=pick.random() < 0.05,
        )

    def arrive(self, waited: float) -> None:
        request = self.request(waited)
        self.requests[request.call_id] = request
        self.tell(request)

    def freed(self, profile: m.AgentProfile) -> tuple[float, float, float, bool]:
        """Seconds of ours (by the clock, of the processor) and of the full scan until a freed agent has their call;
        whether there was one."""
        seen = self.rules.agent(profile.agent_id)
        assert seen is not None
        if seen.call_id is None:
            return 0.0, 0.0, 0.0, False
        candidates = [c for c in self.waiting() if c[0].call_id != seen.call_id]
        begin = time.perf_counter()
        best = scan(profile, candidates, self.queues, self.now)
        scanned = time.perf_counter() - begin
        command = m.TalkEnded(call_id=seen.call_id, agent_id=profile.agent_id)
        begin, worked = time.perf_counter(), time.thread_time()
        actions = self.tell(command)
        worked, took = time.thread_time() - worked, time.perf_counter() - begin
        offers = [a for a in actions if isinstance(a, m.OfferMade)]
        assert [o.call_id for o in offers] == ([best] if best else []), "both must choose alike"
        for offer in offers:
            self.answer(offer.offer_id)
            del self.requests[offer.call_id]
        if offers:
            self.arrive(0)  # the line stays as long as it was
        else:
            self.tell(m.TalkStarted(call_id=CallId(f"talk-{profile.agent_id}"), agent_id=profile.agent_id))
        return took, worked, scanned, bool(offers)

    def answer(self, offer_id: OfferId) -> None:
        self.tell(m.OfferRinging(offer_id=offer_id))
        self.tell(m.OfferAnswered(offer_id=offer_id))

    def waiting(self) -> list[tuple[m.CallQueued, dict[str, int]]]:
        return [(c.request, c.levels) for name in QUEUES for c in self.rules.waiting(name)]


def scan(
    profile: m.AgentProfile,
    calls: list[tuple[m.CallQueued, dict[str, int]]],
    queues: dict[str, m.QueueSettings],
    now: datetime,
) -> CallId | None:
    """The rival: every waiting call, one after the other."""
    best: tuple[float, datetime, str] | None = None
    for request, levels in calls:
        if request.queue not in profile.queues:
            continue
        if any(profile.skills.get(skill, 0) < level for skill, level in levels.items()):
            continue
        queue = queues[request.queue]
        waited = (now - request.since).total_seconds()
        points = request.priority + (queue.vip_bonus if request.vip else 0.0) + queue.ageing * waited
        key = (-round(points, 6), request.since, request.call_id)
        if best is None or key < best:
            best = key
    return CallId(best[2]) if best else None


def scan_pairs(bench: Bench) -> float:
    """Seconds for one look at every pair of agent and call, as a match without indexes does at each change."""
    calls = bench.waiting()
    begin = time.perf_counter()
    for profile in bench.profiles:
        scan(profile, calls, bench.queues, bench.now)
    return time.perf_counter() - begin


def arrivals(bench: Bench, count: int, free: int) -> list[float]:
    """Calls that find free agents: the desk chooses among ``free`` of them."""
    times: list[float] = []
    for profile in bench.profiles[:free]:
        seen = bench.rules.agent(profile.agent_id)
        if seen is not None and seen.call_id is not None:
            bench.tell(m.TalkEnded(call_id=seen.call_id, agent_id=profile.agent_id))
    for _ in range(count):
        request = bench.request()
        begin = time.perf_counter()
        actions = bench.tell(request)
        times.append(time.perf_counter() - begin)
        for offer in [a for a in actions if isinstance(a, m.OfferMade)]:
            bench.answer(offer.offer_id)
            bench.tell(m.TalkEnded(call_id=offer.call_id, agent_id=offer.agent.agent_id))
        bench.tell(m.CallLeft(call_id=request.call_id, cause=m.LeaveCause.CALLER_HUNG_UP))
        bench.now += timedelta(milliseconds=100)
    return times


def quantiles(times: list[float]) -> list[float]:
    """p50, p95, p99 and the longest, in microseconds."""
    cuts = statistics.quantiles(times, n=1000, method="inclusive")
    return [value * 1e6 for value in (cuts[499], cuts[949], cuts[989], max(times))]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--waiting", type=int, default=1000)
    options.add_argument("--agents", type=int, default=500)
    options.add_argument("--decisions", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    bench = Bench(asked.waiting, asked.agents, asked.seed)
    groups = len({tuple(sorted(levels.items())) for _, levels in bench.waiting()})
    ours: list[float] = []
    processor: list[float] = []
    rival: list[float] = []
    matched = 0
    while len(ours) < asked.decisions:
        took, worked, scanned, found = bench.freed(bench.random.choice(bench.profiles))
        if scanned:
            ours.append(took)
            processor.append(worked)
            rival.append(scanned)
            matched += found
        bench.now += timedelta(milliseconds=50)
        bench.tell(m.TimePassed())
    pairs = [scan_pairs(bench) for _ in range(5)]
    empty = Bench(0, asked.agents, asked.seed)
    came = arrivals(empty, asked.decisions, asked.agents)
    measured = {
        "agent freed: whole command": quantiles(ours),
        "agent freed: processor's part of that": quantiles(processor),
        "agent freed: scan of the calls (choice only)": quantiles(rival),
        f"call arrives, {asked.agents} free: whole command": quantiles(came),
        "scan of every agent and call": quantiles(pairs),
    }
    ratio = statistics.median(pairs) / statistics.median(ours)
    if asked.json:
        answer = {
            "ran_on": what_it_ran_on(),
            "waiting": asked.waiting,
            "agents": asked.agents,
            "skills": len(SKILLS),
            "decisions_alike": len(ours),
            "wanted_p99_us": 1000,
            "us": {
                name: dict(zip(("p50", "p95", "p99", "max"), (round(value) for value in values), strict=True))
                for name, values in measured.items()
            },
            "times_faster_than_every_pair": round(ratio),
        }
        print(json.dumps(answer, indent=2))
        return
    print(what_it_ran_on())
    print(
        f"{asked.waiting} waiting ({groups} different needs), {asked.agents} agents, {len(SKILLS)} skills, "
        f"{len(QUEUES)} queues; {matched} of {len(ours)} freed agents found a call; "
        "each pair of decisions compared: all alike\n"
    )
    rows = [[name, *(f"{value:,.0f}" for value in values)] for name, values in measured.items()]
    print(table(["microseconds", "p50", "p95", "p99", "max"], rows))
    print(f"\nA look at every pair takes {ratio:,.0f} times as long as our decision.")


if __name__ == "__main__":
    main()
