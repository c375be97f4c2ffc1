"""The desk alone: whatever it is told in whatever order, nobody is forgotten, doubled or passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from callcenter.acd import messages as m
from callcenter.acd.agent import ENGAGED, OFFERED, ON_DUTY
from callcenter.acd.messages import AgentState as S
from callcenter.acd.queue import WaitingCall
from callcenter.acd.rules import DeskRules
from callcenter.ids import AgentId
from tests.acd.floor import TestDesk
from tests.acd.told import AGENTS, NAMES, QUEUES, Told


def able(agent: m.AgentSnapshot, call: WaitingCall, now: datetime) -> bool:
    """The rule in plain words, written without any of the desk's indexes."""
    request = call.request
    if agent.state is not S.READY or not (agent.phone and agent.page) or agent.profile.drill != request.drill:
        return False
    if call.held_for is not None:
        return agent.profile.agent_id == call.held_for
    if call.queue not in agent.profile.queues or agent.profile.agent_id in request.excluded_agents:
        return False
    spared = timedelta(seconds=next(q.service_level_s for q in QUEUES if q.name == call.queue))
    if agent.duty == "draining" and now < call.entered_at + spared:
        return False  # who is about to leave gets what nobody else has taken by then
    return all(agent.profile.skills.get(skill, 0) >= level for skill, level in call.levels.items())


class DeskAlone(Told):
    # --- comparisons, which change nothing, and a restart ---

    @rule()
    def truth_agrees(self) -> None:
        """A comparison with what is true changes nothing."""
        agents = self.d.rules.agents()
        before = len(self.d.told)
        self.d.tell(
            m.TruthSeen(
                talking={a.profile.agent_id: a.call_id for a in agents if a.state in ENGAGED - OFFERED and a.call_id},
                offered={a.profile.agent_id: a.offer_id for a in agents if a.offer_id},
                waiting=frozenset(c.call_id for name in NAMES for c in self.d.rules.waiting(name)),
                grace_s=0,
            )
        )
        assert not [a for a in self.d.told[before:] if isinstance(a, m.IncidentFound)]

    @rule(agents=st.booleans(), calls=st.booleans())
    def truth_shows_that_all_is_over(self, agents: bool, calls: bool) -> None:
        """The calls know of nothing: everybody is freed, nobody is left in a call."""
        held = {a.profile.agent_id: a.call_id for a in self.d.rules.agents() if a.state in ENGAGED - OFFERED}
        talking = {} if agents else {agent: call for agent, call in held.items() if call}
        offered = {a.profile.agent_id: a.offer_id for a in self.d.rules.agents() if a.offer_id}
        self.d.now += timedelta(seconds=4)
        self.d.tell(m.TruthSeen(talking=talking, offered=offered, waiting=frozenset() if calls else None))
        if agents:
            assert not [a for a in self.d.rules.agents() if a.state in (S.TALKING, S.HOLD, S.CONSULTING)]
        if calls:
            assert not [c for name in NAMES for c in self.d.rules.waiting(name) if c.terms is None]

    @precondition(lambda self: self.d.rules.agents())
    @rule(seconds=st.sampled_from((1, 25, 120)))
    def a_restored_desk_goes_on_as_this_one_would(self, seconds: float) -> None:
        """Both get the same commands from here on; the restored one is the one we go on with."""
        twin = TestDesk(*QUEUES)
        twin.rules = DeskRules()
        twin.now = self.d.now
        twin.tell(m.QueuesDefined(queues=self.d.rules.queues(), order=self.d.rules.order))
        told = twin.tell(self.d.rules.snapshot())
        assert not [a for a in told if isinstance(a, m.OfferMade | m.IncidentFound | m.QueueRefused)]
        assert _apart_from_epochs(twin.rules) == _apart_from_epochs(self.d.rules)
        before, mark = len(self.d.told), len(twin.told)
        self.d.wait(seconds)
        twin.wait(seconds)
        for desk in (self.d, twin):
            for agent in AGENTS:
                desk.tell(m.AgentReady(agent_id=agent))
        assert _decisions(twin.told[mark:]) == _decisions(self.d.told[before:])
        assert _apart_from_epochs(twin.rules) == _apart_from_epochs(self.d.rules)
        self.d.rules = twin.rules

    # --- what must always hold ---

    @invariant()
    def a_desk_that_is_noted_again_and_again_is_noted_whole(self) -> None:
        assert self.d.rules.snapshot(self.known) == self.d.rules.snapshot()

    @invariant()
    def no_agent_has_two_calls_and_no_call_two_agents(self) -> None:
        offered = [a.offer_id for a in self.d.rules.agents() if a.offer_id]
        assert len(offered) == len(set(offered))
        for agent in self.d.rules.agents():
            assert (agent.offer_id is not None) == (agent.state in OFFERED)
            assert agent.state not in ENGAGED or agent.call_id is not None
        asked = {(o.call_id, o.agent.agent_id) for o in self.d.offers.values() if o.consult_by is not None}
        agents = [a for a in self.d.rules.agents() if (a.call_id, a.profile.agent_id) not in asked]
        calls = [a.call_id for a in agents if a.state in ENGAGED - OFFERED]
        assert len(calls) == len(set(calls))
        rung = [a.call_id for a in agents if a.state in OFFERED]
        for call_id in {one for one in rung if rung.count(one) > 1}:
            waiting = self.d.rules.waits(call_id) if call_id else None
            assert waiting is None or waiting.queue == "staffed", "several ring only where all are to"

    @invariant()
    def an_offer_noted_at_a_call_is_held_by_an_agent(self) -> None:
        held = {a.offer_id for a in self.d.rules.agents()}
        for name in NAMES:
            for call in self.d.rules.waiting(name):
                if call.terms is None:
                    assert call.offer is None or {call.offer, *call.others} <= held

    @invariant()
    def nobody_who_could_be_served_waits(self) -> None:
        for name in NAMES:
            for call in self.d.rules.waiting(name):
                if call.offer is None and not call.asleep:
                    assert not [a.profile.agent_id for a in self.d.rules.agents() if able(a, call, self.d.now)]

    @invariant()
    def nobody_who_could_ring_with_others_sits_by(self) -> None:
        for call in self.d.rules.waiting("staffed"):
            if call.offer is not None and call.held_for is None and call.terms is None:
                agents = [a for a in self.d.rules.agents() if a.duty != "draining"]
                idle = {a.profile.agent_id for a in agents if able(a, call, self.d.now)}
                assert idle <= call.missed_by

    @invariant()
    def no_call_is_held_for_somebody_off_duty(self) -> None:
        for name in NAMES:
            for call in self.d.rules.waiting(name):
                if call.held_for is not None and call.offer is None:
                    assert self.d.state(call.held_for) in ON_DUTY

    @invariant()
    def nobody_waits_where_nobody_is_on_duty_and_the_queue_says_so(self) -> None:
        if self.d.rules.on_duty("staffed") == 0:
            for call in self.d.rules.waiting("staffed"):
                assert call.offer is not None or call.terms is not None or call.held_for is not None

    @invariant()
    def a_line_stands_in_serving_order(self) -> None:
        for settings_ in QUEUES:
            line = self.d.rules.waiting(settings_.name)
            assert [c.key for c in line] == sorted(c.key for c in line)
            for one, two in pairwise(line):
                if one.request.priority == two.request.priority and one.request.vip == two.request.vip:
                    assert one.request.since <= two.request.since

    @invariant()
    def no_call_back_is_offered_outside_its_hours(self) -> None:
        for offer in self.d.offers.values():
            at = offer.decision.at
            if offer.callback is not None and at == self.d.now:
                waiting = self.d.rules.waits(offer.call_id)
                if waiting is not None and waiting.terms is not None and waiting.offer == offer.offer_id:
                    assert any(begin <= at < end for begin, end in waiting.terms.permitted)

    @invariant()
    def epochs_only_grow(self) -> None:
        seen: dict[AgentId, int] = {}
        for action in self.d.told:
            if isinstance(action, m.AgentSnapshot):
                assert action.epoch > seen.get(action.profile.agent_id, 0)
                seen[action.profile.agent_id] = action.epoch
        self.d.told = [a for a in self.d.told if not isinstance(a, m.AgentSnapshot)]

    @invariant()
    def no_timer_outlives_its_call_or_its_state(self) -> None:
        floor = self.d.rules._floor
        assert floor.call_timers._at.keys() <= floor.calls.keys()
        for agent in floor.agent_timers._at:
            assert self.d.state(agent) in (S.WRAP_UP, S.BREAK)

    @invariant()
    def what_is_due_is_not_left_lying(self) -> None:
        due = self.d.rules.next_deadline()
        if due is not None and due <= self.d.now:
            self.d.tell(m.TimePassed())
            after = self.d.rules.next_deadline()
            assert after is None or after > self.d.now


def _apart_from_epochs(rules: DeskRules) -> m.Restored:
    """Restoring shows each agent once more."""
    whole = rules.snapshot()
    return replace(whole, agents=tuple(replace(agent, epoch=0) for agent in whole.agents))


def _decisions(told: list[m.Action]) -> list[tuple[str, ...]]:
    made: list[tuple[str, ...]] = []
    for action in told:
        match action:
            case m.OfferMade():
                made.append(("offer", action.offer_id, action.call_id, action.agent.agent_id, action.queue))
            case m.AgentSnapshot():
                made.append(("agent", action.profile.agent_id, action.state.value, action.cause))
            case m.PositionChanged():
                made.append(("position", action.call_id, str(action.position)))
            case _:
                made.append((type(action).__name__, str(action)))
    return made


DeskAlone.TestCase.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
TestWhateverTheOrder = DeskAlone.TestCase
