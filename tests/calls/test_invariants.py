"""Whatever the order of things, nothing is lost, doubled or left over."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.replay import replay
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.ivr.loader import load
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
QUEUES = tuple(
    acd.QueueSettings(name=name, title=name, wrap_up_s=wrap, max_missed=2, announce_position_every_s=15)
    for name, wrap in (("general", 30.0), ("consult", 0.0), ("complaint", 5.0))
)
_AGENTS = st.integers(1, 3).map(lambda n: AgentId(f"agent{n}"))
_CALLS = st.integers(1, 6).map(lambda n: CallId(f"{n:032x}"))


class CallCentre(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.w = World(FLOWS, QUEUES)
        self.arrived = 0
        for number in (1, 2, 3):
            self.w.agent(number, ("general", "consult") if number < 3 else ("general", "complaint"))

    @rule()
    def somebody_calls(self) -> None:
        if self.arrived < 6:
            self.arrived += 1
            self.w.arrive(self.arrived)

    @rule(call=_CALLS, digit=st.sampled_from("0123#"))
    def a_key_is_pressed(self, call: CallId, digit: str) -> None:
        if call in self.w.calls and self.w.calls[call].phase is not Phase.ENDED:
            self.w.send(call, m.Key(digit=digit))

    @rule(call=_CALLS, vip=st.booleans(), agent=st.none() | _AGENTS)
    def a_caller_is_recognised(self, call: CallId, vip: bool, agent: AgentId | None) -> None:
        if call in self.w.calls:
            self.w.send(call, m.CallerKnown(vip=vip, preferred_agent=agent))

    @rule(pick=st.integers(0, 30))
    def something_pending_happens(self, pick: int) -> None:
        pending = self.w.pending()
        if pending:
            pending[pick % len(pending)][1]()

    @rule(number=st.integers(1, 6))
    def a_caller_hangs_up(self, number: int) -> None:
        self.w.drop(f"caller{number}")

    @rule(agent=_AGENTS, call=_CALLS, what=st.sampled_from(["hang_up", "hold", "resume", "queue", "agent"]))
    def an_agent_acts(self, agent: AgentId, call: CallId, what: str) -> None:
        if call not in self.w.calls:
            return
        events: dict[str, m.Event] = {
            "hang_up": m.AgentHangUp(agent_id=agent),
            "hold": m.AgentHold(agent_id=agent),
            "resume": m.AgentResume(agent_id=agent),
            "queue": m.AgentTransfer(agent_id=agent, queue="complaint"),
            "agent": m.AgentTransfer(agent_id=agent, to_agent=AgentId("agent3")),
        }
        self.w.send(call, events[what])

    @rule(agent=_AGENTS, what=st.sampled_from(["ready", "break", "out", "in", "done", "away", "back"]))
    def an_agent_changes_state(self, agent: AgentId, what: str) -> None:
        match what:
            case "ready":
                self.w.tell(acd.AgentReady(agent_id=agent))
            case "break":
                self.w.tell(acd.AgentBreak(agent_id=agent, reason="meal"))
            case "out":
                self.w.tell(acd.AgentLoggedOut(agent_id=agent))
            case "in":
                known = self.w.desk.agent(agent)
                assert known is not None
                self.w.tell(acd.AgentLoggedIn(profile=known.profile))
            case "done":
                self.w.tell(acd.WrapUpDone(agent_id=agent))
            case _:
                self.w.tell(acd.AgentPresence(agent_id=agent, page=what == "back"))

    @rule(number=st.integers(0, 9), call=_CALLS)
    def a_stale_or_strange_message_comes(self, number: int, call: CallId) -> None:
        offer = OfferId(f"nobody-{number}")
        self.w.tell(acd.OfferAnswered(offer_id=offer))
        self.w.tell(acd.OfferFailed(offer_id=offer, failure=acd.OfferFailure.NO_ANSWER))
        self.w.tell(acd.TalkEnded(call_id=CallId("f" * 32), agent_id=AgentId("agent1")))
        if call in self.w.calls:
            self.w.send(call, m.TimerFired(name=f"menu{number}"))
            self.w.send(call, m.SayFinished(playback="other", ok=False))
            self.w.send(call, m.Withdrawn(offer_id=offer, reason="late"))

    @rule(seconds=st.sampled_from([1, 10, 40]))
    def time_passes(self, seconds: int) -> None:
        self.w.pass_time(seconds)

    @invariant()
    def no_agent_holds_two_calls_and_no_call_two_agents(self) -> None:
        offers = [c.ringing.offer.agent.agent_id for c in self.w.calls.values() if c.ringing]
        talks = [c.talk.agent.agent_id for c in self.w.calls.values() if c.talk]
        assert len(offers + talks) == len(set(offers + talks))

    @invariant()
    def the_desk_and_the_calls_agree(self) -> None:
        engaged = {
            a.profile.agent_id: a.call_id
            for a in self.w.desk.agents()
            if a.state in (AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)
        }
        seen = {}
        for call in self.w.calls.values():
            if call.ringing:
                seen[call.ringing.offer.agent.agent_id] = call.id
            if call.talk:
                seen[call.talk.agent.agent_id] = call.id
        assert engaged == seen

    @invariant()
    def nobody_waits_beside_an_agent_who_could_take_them(self) -> None:
        free = [a for a in self.w.desk.agents() if a.state is AgentState.READY and a.phone and a.page]
        for queue in ("general", "consult", "complaint"):
            for call in self.w.desk.waiting(queue):
                request = call.request
                if call.offer is None and request.target_agent is None:
                    able = [a for a in free if queue in a.profile.queues]
                    assert all(a.profile.agent_id in request.excluded_agents for a in able)

    @invariant()
    def an_offer_noted_at_a_waiting_call_is_held_by_an_agent(self) -> None:
        held = {a.offer_id for a in self.w.desk.agents()}
        for queue in ("general", "consult", "complaint"):
            assert all(c.offer is None or c.offer in held for c in self.w.desk.waiting(queue))

    @invariant()
    def segments_follow_each_other_without_gap(self) -> None:
        for call in self.w.calls.values():
            assert call.segments[0].started_at == call.arrived_at
            for one, two in zip(call.segments, call.segments[1:], strict=False):
                assert one.ended_at == two.started_at
            assert call.segments[-1].ended_at == call.ended_at

    def teardown(self) -> None:
        if not hasattr(self, "w"):
            return
        for call_id, events in self.w.journal.items():
            assert replay(FLOWS, events).call == self.w.calls[call_id], "the journal alone gives the call again"
        self.w.settle()
        assert sorted(self.w.ended) == sorted(self.w.calls), "every call ends once"
        assert not self.w.channels
        assert not self.w.bridges
        assert not self.w.timers
        assert not any(self.w.desk.waiting(q.name) for q in QUEUES)
        engaged = {AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP}
        assert not [a for a in self.w.desk.agents() if a.state in engaged]


CallCentre.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestWhateverTheOrder = CallCentre.TestCase
