"""Whatever a desk may be told: by callers, offers, agents, supervisors, and time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState as S
from callcenter.acd.messages import OverflowWhen
from callcenter.acd.restore import Known
from callcenter.ids import AgentId, CallId, OfferId
from tests.acd.floor import TestDesk, queue

QUEUES = (
    queue(
        "general",
        max_missed=2,
        sticky_s=30,
        relax=(m.RelaxStep(after_s=20, by=3), m.RelaxStep(after_s=60, to=0, skills=("gas",))),
        overflow=(m.Overflow(when=OverflowWhen.WAIT, over=90, to="spare"),),
    ),
    queue("french", skills={"fr": 5}, ageing=0.1, wrap_up_s=0, strategy="round_robin", relax_every_s=15),
    queue("spare", strategy="least_occupied", max_wait_s=200, wrap_up_s=5),
    queue("staffed", strategy="ring_all", overflow=(m.Overflow(when=OverflowWhen.NO_AGENT, over=0, to=""),)),
)
NAMES = tuple(q.name for q in QUEUES)
AGENTS = tuple(AgentId(f"agent{n}") for n in range(1, 6))
PROFILES: tuple[dict[str, Any], ...] = (
    {"queues": {"general": 1, "french": 2}, "skills": {"fr": 9, "gas": 2}},
    {"queues": {"general": 2, "spare": 1}, "skills": {"gas": 8}},
    {"queues": {"french": 1, "staffed": 1, "general": 1}, "skills": {"fr": 4}},
    {"queues": {"spare": 1, "staffed": 2}, "skills": {}},
    {"queues": {"general": 1}, "skills": {}, "drill": True},
)
_AGENT = st.sampled_from(AGENTS)
CALLS = 24
_CALL = st.integers(1, CALLS).map(lambda n: CallId(f"call{n}"))
_MAYBE_AGENT = st.none() | _AGENT


class Told(RuleBasedStateMachine):
    """A desk of four queues and five agents, told anything in any order."""

    @initialize()
    def open(self) -> None:
        self.d = TestDesk(*QUEUES)
        self.count = 0
        self.gone: set[CallId] = set()
        self.known: Known = {}
        for agent_id, profile in zip(AGENTS, PROFILES, strict=True):
            settings: dict[str, Any] = dict(profile)
            self.d.agent(agent_id, levels=settings.pop("queues"), ready=agent_id != "agent4", **settings)

    # --- callers ---

    @rule(
        name=st.sampled_from((*NAMES, "nowhere")),
        priority=st.integers(1, 9),
        skills=st.dictionaries(st.sampled_from(("fr", "gas", "law")), st.integers(0, 10), max_size=2),
        wanted=_MAYBE_AGENT,
        known=_MAYBE_AGENT,
        excluded=st.frozensets(_AGENT, max_size=2),
        flags=st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)),
        before=st.sampled_from((0, 5, 100)),
    )
    def a_call_comes(
        self,
        name: str,
        priority: int,
        skills: dict[str, int],
        wanted: AgentId | None,
        known: AgentId | None,
        excluded: frozenset[AgentId],
        flags: tuple[bool, bool, int],
        before: int,
    ) -> None:
        self._call(
            queue=name,
            before=before,
            priority=priority,
            skills=skills,
            target_agent=wanted if flags[0] else None,
            preferred_agent=known,
            excluded_agents=excluded - ({wanted} if wanted else set()),
            vip=flags[1],
            drill=flags[2] == 0,
        )

    def _call(self, *, before: float = 0, **request: Any) -> None:
        if self.count < CALLS:
            self.count += 1
            since = self.d.now - timedelta(seconds=before)
            self.d.tell(m.CallQueued(call_id=CallId(f"call{self.count}"), since=since, **request))

    @rule(call=_CALL, vip=st.booleans(), knows=_MAYBE_AGENT)
    def a_caller_is_recognised(self, call: CallId, vip: bool, knows: AgentId | None) -> None:
        self.d.tell(m.CallKnown(call_id=call, vip=vip, preferred_agent=knows))

    @rule(call=_CALL)
    def a_caller_leaves(self, call: CallId) -> None:
        waiting = self.d.rules.waits(call)
        held = (waiting.offer, *waiting.others) if waiting else ()
        self.d.tell(m.CallLeft(call_id=call, cause=m.LeaveCause.CALLER_HUNG_UP))
        for offer in (one for one in held if one is not None):  # the call settles what it held
            self.d.tell(m.OfferFailed(offer_id=offer, failure=m.OfferFailure.CALLER_GONE))
            self.d.tell(m.CallbackFailed(offer_id=offer, reason="cancelled"))

    @rule(
        call=_CALL,
        queue=st.none() | st.sampled_from(NAMES),
        priority=st.none() | st.integers(1, 9),
        agent=st.none() | _AGENT,
    )
    def a_supervisor_directs(
        self, call: CallId, queue: str | None, priority: int | None, agent: AgentId | None
    ) -> None:
        command = m.CallDirected(call_id=call, by="lead", queue=queue, priority=priority, agent_id=agent)
        waiting = self.d.rules.waits(call)
        since = waiting.request.since if waiting else None
        refused = self.d.rules.refusal(command)
        told = self.d.tell(command)
        assert [one.code for one in told if isinstance(one, m.CommandRefused)] == ([refused] if refused else [])
        if waiting is not None and (after := self.d.rules.waits(call)) is not None:
            assert (after, after.request.since) == (waiting, since), "nobody begins to wait anew"

    @rule(call=_CALL, hours=st.sampled_from((0.01, 1.0)), begin=st.sampled_from((-10, 0, 60)))
    def a_place_is_kept_for_a_call_back(self, call: CallId, hours: float, begin: int) -> None:
        waiting = self.d.rules.waits(call)
        if waiting is not None and waiting.offer is not None:
            return
        place = call if waiting is not None else f"back-{call}"
        self.d.callback(place, hours, attempts=2, pause_s=20, begin=self.d.now + timedelta(seconds=begin))

    # --- offers ---

    @rule(
        pick=st.integers(0, 9),
        what=st.sampled_from(("ring", "answer", "miss", "decline", "rang_out", "gone", "reached", "unreached")),
    )
    def something_becomes_of_an_offer(self, pick: int, what: str) -> None:
        if not self.d.offers:
            return
        offer = list(self.d.offers.values())[-1 - pick % min(10, len(self.d.offers))]
        failures = {"miss": m.OfferFailure.NO_ANSWER, "decline": m.OfferFailure.DECLINED}
        failures["rang_out"] = m.OfferFailure.RANG_OUT
        match what:
            case "ring":
                self.d.tell(m.OfferRinging(offer_id=offer.offer_id))
            case "answer":
                self.d.tell(m.OfferAnswered(offer_id=offer.offer_id))
            case "reached":
                self.d.tell(m.CallbackReached(offer_id=offer.offer_id))
            case "unreached":
                self.d.tell(m.CallbackFailed(offer_id=offer.offer_id, reason="busy"))
            case "gone":
                pass
            case _:
                self.d.tell(m.OfferFailed(offer_id=offer.offer_id, failure=failures[what]))

    @rule(agent=_AGENT, what=st.sampled_from(("hold", "consult", "back", "end", "end", "end")))
    def an_agent_talks(self, agent: AgentId, what: str) -> None:
        call = self.d.seen(agent).call_id
        if call is None:
            return
        states = {"hold": S.HOLD, "consult": S.CONSULTING, "back": S.TALKING}
        if what == "end":
            self.d.tell(m.TalkEnded(call_id=call, agent_id=agent))
        else:
            self.d.tell(m.TalkChanged(call_id=call, agent_id=agent, state=states[what]))

    @rule(name=st.sampled_from(NAMES), two=st.booleans())
    def a_busy_minute(self, name: str, two: bool) -> None:
        """Everybody is there and ready, somebody calls, and offers are answered: so that much is under way."""
        self._everybody_comes()
        for _ in range(1 + two):
            self._call(queue=name, priority=5)
        for offer in list(self.d.offers.values()):
            if offer.offer_id in self._held():
                self.d.tell(m.OfferAnswered(offer_id=offer.offer_id))

    def _everybody_comes(self) -> None:
        for agent in AGENTS:
            self.d.tell(m.AgentLoggedIn(profile=self.d.seen(agent).profile))
            self.d.tell(m.AgentPresence(agent_id=agent, phone=True, page=True))
            self.d.tell(m.AgentReady(agent_id=agent))

    def _talking(self, pick: int) -> m.AgentSnapshot | None:
        """One of those in a conversation; somebody is put through when nobody is."""
        if not self._in_calls():
            self.a_busy_minute("general", two=False)
        found = self._in_calls()
        return found[pick % len(found)] if found else None

    def _in_calls(self) -> list[m.AgentSnapshot]:
        return [a for a in self.d.rules.agents() if a.state in (S.TALKING, S.HOLD)]

    @rule(pick=st.integers(0, 4), whom=_AGENT, name=st.sampled_from(NAMES), by_name=st.booleans())
    def an_agent_asks_a_colleague(self, pick: int, whom: AgentId, name: str, by_name: bool) -> None:
        asks = self._talking(pick)
        if asks is None or asks.call_id is None:
            return
        agent = asks.profile.agent_id
        if any(o.consult_by == agent for o in self.d.offers.values() if o.offer_id in self._held()):
            return
        question = m.ConsultAsked(
            call_id=asks.call_id,
            agent_id=agent,
            queue=name,
            to_agent=whom if by_name else None,
            drill=asks.profile.drill,
        )
        told = self.d.tell(question)
        assert len([a for a in told if isinstance(a, m.OfferMade | m.ConsultRefused)]) == 1, "each question is answered"
        if any(isinstance(a, m.OfferMade) for a in told):
            self.d.tell(m.TalkChanged(call_id=asks.call_id, agent_id=agent, state=S.CONSULTING))

    @rule(pick=st.integers(0, 4), barred=st.booleans(), to=st.sampled_from(NAMES), wanted=_MAYBE_AGENT)
    def an_agent_transfers(self, pick: int, barred: bool, to: str, wanted: AgentId | None) -> None:
        """The very call waits again, and who gave it away has their wrap-up."""
        gives = self._talking(pick)
        if gives is None or gives.call_id is None or len(self._in_call(gives.call_id)) > 1:
            return
        agent = gives.profile.agent_id
        self.d.tell(m.TalkEnded(call_id=gives.call_id, agent_id=agent))
        seconds = next((q.wrap_up_s for q in QUEUES if q.name == gives.queue), 0.0)
        assert (self.d.state(agent) is S.WRAP_UP) == (seconds > 0)
        again = m.CallQueued(
            call_id=gives.call_id,
            queue=to,
            since=self.d.now - timedelta(seconds=30),
            excluded_agents=frozenset({agent}) if barred else frozenset(),
            target_agent=wanted if wanted != agent else None,
            back_to=None if barred else agent,
            drill=gives.profile.drill,
        )
        self.d.tell(again)

    def _in_call(self, call_id: CallId) -> list[m.AgentSnapshot]:
        return [a for a in self.d.rules.agents() if a.call_id == call_id and a.state is not S.WRAP_UP]

    def _held(self) -> set[OfferId]:
        return {a.offer_id for a in self.d.rules.agents() if a.offer_id}

    # --- agents ---

    @rule(agent=_AGENT, duty=st.sampled_from(("draining", "draining", "on_shift", "off_shift")))
    def the_roster_marks_an_agent(self, agent: AgentId, duty: str) -> None:
        self.d.tell(m.DutyMarked(agent_id=agent, duty=duty))

    @rule(name=st.sampled_from(NAMES), seconds=st.sampled_from((0, 19, 21)))
    def a_shift_ends(self, name: str, seconds: int) -> None:
        """All are about to leave, and somebody calls."""
        self._everybody_comes()
        for agent in AGENTS:
            self.d.tell(m.DutyMarked(agent_id=agent, duty="draining"))
        self._call(queue=name, preferred_agent=AGENTS[0])
        self.d.wait(seconds)

    @rule(agent=_AGENT, what=st.sampled_from(("ready", "ready", "break", "out", "in", "done", "more", "dial")))
    def an_agent_asks(self, agent: AgentId, what: str) -> None:
        commands: dict[str, m.Command] = {
            "ready": m.AgentReady(agent_id=agent),
            "break": m.AgentBreak(agent_id=agent, reason="meal", allowance_s=40),
            "out": m.AgentLoggedOut(agent_id=agent),
            "in": m.AgentLoggedIn(profile=self.d.seen(agent).profile),
            "done": m.WrapUpDone(agent_id=agent),
            "more": m.WrapUpExtended(agent_id=agent, seconds=30),
            "dial": m.TalkStarted(call_id=CallId(f"out-{agent}"), agent_id=agent, queue="general"),
        }
        self.d.tell(commands[what])

    @rule(agent=_AGENT, phone=st.none() | st.booleans(), page=st.none() | st.booleans())
    def a_page_or_telephone_comes_or_goes(self, agent: AgentId, phone: bool | None, page: bool | None) -> None:
        self.d.tell(m.AgentPresence(agent_id=agent, phone=phone, page=page))

    @rule(agent=_AGENT, state=st.sampled_from(list(S)), old=st.booleans())
    def a_supervisor_forces(self, agent: AgentId, state: S, old: bool) -> None:
        epoch = self.d.seen(agent).epoch - 1 if old else None
        self.d.tell(m.ForceState(agent_id=agent, state=state, by="lead", epoch=epoch))

    @rule(agent=_AGENT, number=st.integers(0, 4))
    def an_agent_gets_other_queues_and_skills(self, agent: AgentId, number: int) -> None:
        levels = {name: 1 + number % 2 for i, name in enumerate(NAMES) if (number >> i) & 1 or i == number}
        before = self.d.seen(agent).profile
        profile = m.AgentProfile(
            agent_id=agent,
            name=before.name,
            extension="1",
            seat=before.seat,
            queues=levels,
            skills={"fr": 2 * number, "gas": number},
            drill=before.drill,
        )
        self.d.tell(m.AgentLoggedIn(profile=profile))

    # --- the rest ---

    @rule(seconds=st.sampled_from((0.5, 7, 31, 100)))
    def time_passes(self, seconds: float) -> None:
        self.d.wait(seconds)

    @rule(without=st.sampled_from(NAMES), order=st.sampled_from(list(m.QueueOrder)))
    def queues_are_defined_anew(self, without: str, order: str) -> None:
        self.d.tell(m.QueuesDefined(queues=tuple(q for q in QUEUES if q.name != without), order=order))
        self.d.tell(m.QueuesDefined(queues=QUEUES, order=order))
