"""Whatever the order of things, nothing is lost, doubled or left over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.replay import replay
from callcenter.ids import AgentId, CallId, OfferId, call_of
from callcenter.ivr.loader import compile_files
from tests.world import World

FOLDER = Path(__file__).parents[2] / "ivr_flows"
FLOWS = compile_files(
    {
        **{path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")},
        "through.yaml": b"""\
flow: through
start: there
steps:
  there: {transfer: {number: "13800000002"}, next: her, on_error: her}
  her: {transfer: {agent: "1001"}, next: wait, on_error: wait}
  wait: {queue: general}
""",
    }
)
QUEUES = tuple(
    acd.QueueSettings(
        name=name, title=name, wrap_up_s=wrap, max_missed=2, announce_position_every_s=15, strategy=strategy
    )
    for name, wrap, strategy in (
        ("general", 30.0, acd.Strategy.LONGEST_IDLE),
        ("consult", 0.0, acd.Strategy.RING_ALL),
        ("complaint", 5.0, acd.Strategy.LONGEST_IDLE),
    )
)
_AGENTS = st.integers(1, 3).map(lambda n: AgentId(f"agent{n}"))
_CALLS = st.integers(1, 12).map(lambda n: CallId(f"{n:032x}"))

_ENGAGED = {AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.CONSULTING}

_HAPPENS = ("something", "a caller leaves", "somebody is free", "a telephone is answered")
_MEANWHILE: dict[str, Callable[[AgentId], m.Event]] = {
    "hang-up": lambda agent: m.AgentHangUp(agent_id=agent),
    "hold": lambda agent: m.AgentHold(agent_id=agent),
    "resume": lambda agent: m.AgentResume(agent_id=agent),
    "transfer": lambda agent: m.AgentTransfer(agent_id=agent, queue="complaint"),
    "consult": lambda agent: m.AgentConsult(agent_id=agent, queue="general"),
    "outside": lambda agent: m.AgentConsult(agent_id=agent, number="+8613800000002"),
    "swap": lambda agent: m.AgentSwap(agent_id=agent),
    "complete": lambda agent: m.AgentComplete(agent_id=agent),
    "conference": lambda agent: m.AgentConference(agent_id=agent),
    "cancel": lambda agent: m.AgentCancel(agent_id=agent),
    "away": lambda agent: m.AgentAway(agent_id=agent),
}


class CallCentre(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.w = World(FLOWS, QUEUES)
        self.arrived = self.dialled = 0
        for number in (1, 2, 3):
            self.w.agent(
                number, ("general", "consult") if number < 3 else ("general", "complaint"), browser=number == 1
            )

    @rule()
    def somebody_calls(self) -> None:
        if self.arrived < 12:
            self.arrived += 1
            self.w.arrive(self.arrived)

    @rule()
    def somebody_calls_whom_the_flow_puts_through(self) -> None:
        if self.arrived < 12:
            self.arrived += 1
            self.w.arrive(self.arrived, flow="through")

    @rule(agent=st.integers(1, 3), picks_up=st.booleans())
    def an_agent_calls_a_customer(self, agent: int, picks_up: bool) -> None:
        if self.dialled >= 6:
            return
        call = self.w.dial_out(agent, number=50 + self.dialled)
        self.dialled += call is not None
        for _ in range(2 * picks_up):  # the agent, then the customer
            for channel in sorted(self.w.channels - self.w.up - set(self.w.gone)):
                if call is not None and call_of(channel) == call:
                    self.w.up.add(channel)
                    self.w.send(call, m.LegAnswered(channel=channel))

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
        self._happens(pick)

    def _happens(self, pick: int) -> None:
        pending = self.w.pending()
        if pending:
            pending[pick % len(pending)][1]()

    @rule(number=st.integers(1, 12))
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

    @rule(
        to=st.one_of(_AGENTS, st.sampled_from(["general", "complaint", "no such queue"])),
        pick=st.integers(0, 9),
        picks_up=st.booleans(),
    )
    def an_agent_asks_a_colleague(self, to: str, pick: int, picks_up: bool) -> None:
        """Whoever talks asks most of the time; once in a while somebody who has no business to."""
        self._put_through()
        talks = [c for c in self.w.calls.values() if c.talk is not None]
        if not talks:
            return
        call = talks[pick % len(talks)]
        assert call.talk is not None
        agent = AgentId("agent2") if pick == 0 else call.talk.agent.agent_id
        if to.startswith("agent"):
            self.w.send(call.id, m.AgentConsult(agent_id=agent, to_agent=AgentId(to)))
        else:
            self.w.send(call.id, m.AgentConsult(agent_id=agent, queue=to))
        if picks_up:
            self.the_colleague_picks_up()

    @rule(pick=st.integers(0, 9), blind=st.booleans(), picks_up=st.booleans())
    def an_agent_turns_to_a_telephone_outside(self, pick: int, blind: bool, picks_up: bool) -> None:
        self._put_through()
        talks = [c for c in self.w.calls.values() if c.talk is not None]
        if not talks:
            return
        call = talks[pick % len(talks)]
        assert call.talk is not None
        kind = m.AgentTransfer if blind else m.AgentConsult
        self.w.send(call.id, kind(agent_id=call.talk.agent.agent_id, number="+8613800000002"))
        if picks_up:
            self.the_colleague_picks_up()

    @rule(pick=st.integers(0, 30), event=st.sampled_from(["rings", "answers", "refused by a rule"]))
    def a_telephone_outside_does_something(self, pick: int, event: str) -> None:
        calls = [c for c in self.w.calls.values() if c.lines == 2]
        if not calls:
            return
        call = calls[pick % len(calls)]
        part = call.outside or call.consult
        assert part is not None
        if part.answered or part.channel not in self.w.channels:
            return
        if event == "refused by a rule":
            self.w.channels.discard(part.channel)
            failed = m.ActionFailed(action="dial_outside", target=part.channel, message="no", code="outside_hours")
            self.w.send(call.id, failed)
        elif event == "rings":
            self.w.send(call.id, m.LegRang(channel=part.channel))
        else:
            self.w.up.add(part.channel)
            self.w.send(call.id, m.LegAnswered(channel=part.channel))

    def _put_through(self) -> None:
        """If nobody talks, the next offer is answered, so that there is something to ask about."""
        if any(call.talk is not None for call in self.w.calls.values()):
            return
        self.somebody_calls()
        for number in (1, 2, 3):
            self.w.tell(acd.AgentReady(agent_id=AgentId(f"agent{number}")))
        for call in list(self.w.calls.values()):
            if call.phase is Phase.MENU and call.channel in self.w.channels:
                self.w.send(call.id, m.Key(digit="0"))
            ringing = self.w.calls[call.id].ringing
            if ringing is not None:
                self.w.up.add(ringing.channel)
                self.w.send(call.id, m.LegAnswered(channel=ringing.channel))
                return

    def the_colleague_picks_up(self) -> None:
        for call in list(self.w.calls.values()):
            if call.consult is not None and not call.consult.answered and call.consult.channel in self.w.channels:
                self.w.up.add(call.consult.channel)
                self.w.send(call.id, m.LegAnswered(channel=call.consult.channel))
                return

    @rule(
        agent=_AGENTS,
        kind=st.sampled_from(
            [m.AgentSwap, m.AgentComplete, m.AgentCancel, m.AgentConference, m.AgentConference, m.AgentHangUp]
        ),
    )
    def an_agent_goes_on_with_it(self, agent: AgentId, kind: type) -> None:
        for call in list(self.w.calls.values()):
            asked = call.consult.agent.agent_id if call.consult is not None and call.consult.agent else None
            if call.consult is not None and agent in (*call.engaged, asked):
                self.w.send(call.id, kind(agent_id=agent))

    @rule(agent=_AGENTS, kind=st.sampled_from([m.AgentAway, m.AgentBack]), call=_CALLS)
    def a_browser_goes_or_comes(self, agent: AgentId, kind: type, call: CallId) -> None:
        if call in self.w.calls:
            self.w.send(call, kind(agent_id=agent))

    @rule(pick=st.integers(0, 30))
    def a_telephone_of_ours_hangs_up(self, pick: int) -> None:
        legs = sorted(leg for call in self.w.calls.values() for leg in call.legs)
        if legs:
            self.w.drop(legs[pick % len(legs)])

    @rule(pick=st.integers(0, 30), action=st.sampled_from(["join", "dial_agent", "create_bridge", "redial_agent"]))
    def the_switch_refuses_something(self, pick: int, action: str) -> None:
        calls = [call for call in self.w.calls.values() if call.talk or call.parked or call.outside]
        if not calls:
            return
        call = calls[pick % len(calls)]
        dialled = [leg for leg in call.legs if leg not in self.w.up]
        targets = dialled if "dial" in action else [call.bridge or "", call.consult.bridge if call.consult else ""]
        target = targets[pick % len(targets)] if targets else ""
        failed = m.ActionFailed(action=action, target=target, message="no")
        self.w.channels.discard(target)  # what was refused is not there
        self.w.send(call.id, failed)

    @rule(
        done=st.booleans(),
        what=st.lists(st.tuples(st.sampled_from([*_HAPPENS, *_MEANWHILE]), st.integers(0, 30)), min_size=1, max_size=3),
    )
    def the_connection_is_lost_for_a_while(self, done: bool, what: list[tuple[str, int]]) -> None:
        """Nobody hears what happens, nor what became of what was asked for; then what is there is looked at."""
        self._put_through()
        self.w.deaf, self.w.doing = True, done
        for kind, pick in what:
            self._meanwhile(kind, pick)
        self.w.hear_again()

    def _meanwhile(self, kind: str, pick: int) -> None:
        match kind:
            case "something":
                self._happens(pick)
            case "a caller leaves":
                self.w.drop(f"caller{pick % 12 + 1}")
            case "somebody is free":
                self.w.tell(acd.WrapUpDone(agent_id=AgentId(f"agent{pick % 3 + 1}")))
                self.w.tell(acd.AgentReady(agent_id=AgentId(f"agent{pick % 3 + 1}")))
            case "a telephone is answered":
                self.w.up |= {leg for call in self.w.calls.values() for leg in call.legs if leg in self.w.channels}
            case _:
                talks = [call for call in self.w.calls.values() if call.talk is not None]
                if talks:
                    call = talks[pick % len(talks)]
                    assert call.talk is not None
                    self.w.send(call.id, _MEANWHILE[kind](call.talk.agent.agent_id))

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
        offers = [offer.agent.agent_id for c in self.w.calls.values() for offer in c.offers]
        talks = [agent for c in self.w.calls.values() for agent in c.engaged]
        assert len(offers + talks) == len(set(offers + talks))

    @invariant()
    def the_desk_and_the_calls_agree(self) -> None:
        engaged = {a.profile.agent_id: a.call_id for a in self.w.desk.agents() if a.state in _ENGAGED}
        seen = {}
        for call in self.w.calls.values():
            seen.update({offer.agent.agent_id: call.id for offer in call.offers})
            seen.update(dict.fromkeys(call.engaged, call.id))
        assert engaged == seen

    @invariant()
    def no_timer_outlives_its_call(self) -> None:
        assert not [name for call, name in self.w.timers if self.w.calls[call].phase is Phase.ENDED]

    @invariant()
    def who_hears_whom_is_what_the_phase_says(self) -> None:
        for call in self.w.calls.values():
            if call.talk is None and call.outside is None and call.parked is None:
                continue
            ours = {call.channel, *call.settled_legs}
            rooms = {name: members & ours for name, members in self.w.bridges.items() if members & ours}
            heard = sorted((room for room in rooms.values() if len(room) > 1), key=len)
            match call.phase:
                case Phase.OUTSIDE | Phase.TALKING:
                    assert heard == [ours]
                    assert len(ours) == 2
                case Phase.HELD:
                    assert heard == []
                case Phase.CONFERENCE:
                    assert heard == [ours]
                case Phase.CONSULTING if call.talk and call.consult and call.consult.with_caller:
                    assert heard == [{call.channel, call.talk.channel}]
                case Phase.CONSULTING if call.talk and call.consult and call.consult.answered:
                    assert heard == [{call.consult.channel, call.talk.channel}]
                case _:
                    assert heard == []

    @invariant()
    def nobody_waits_beside_an_agent_who_could_take_them(self) -> None:
        free = [a for a in self.w.desk.agents() if a.state is AgentState.READY and a.phone and a.page]
        for queue in ("general", "consult", "complaint"):
            for call in self.w.desk.waiting(queue):
                request = call.request
                if call.offer is None and request.target_agent is None and request.back_to is None:
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
            if call.ended_at is not None:
                parts = (s.ended_at - s.started_at for s in call.segments if s.ended_at is not None)
                assert sum(parts, timedelta()) == call.ended_at - call.arrived_at
            for one, two in zip(call.beside, call.beside[1:], strict=False):
                assert one.ended_at is not None
                assert one.ended_at <= two.started_at
            assert call.consult is not None or not call.beside or call.beside[-1].ended_at is not None

    @invariant()
    def everybody_who_talked_to_the_caller_has_or_had_wrap_up(self) -> None:
        for agent_id, call_id in self.w.met_and_left():
            causes = self.w.causes.get(agent_id, [])
            assert (call_id, "call_ended") in causes, (agent_id, causes)

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
        engaged = _ENGAGED | {AgentState.WRAP_UP}
        assert not [a for a in self.w.desk.agents() if a.state in engaged]


CallCentre.TestCase.settings = settings(max_examples=250, stateful_step_count=60, deadline=None)
TestWhateverTheOrder = CallCentre.TestCase
