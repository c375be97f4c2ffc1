"""A desk alone, in virtual time: tells it commands and keeps what it decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from callcenter.acd import messages as m
from callcenter.acd.messages import AgentState
from callcenter.acd.rules import DeskRules
from callcenter.ids import AgentId, CallId, OfferId

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
A = TypeVar("A", bound=m.Action)


def queue(name: str = "general", **settings: Any) -> m.QueueSettings:
    plain: dict[str, Any] = {"announce_position_every_s": 0, "wrap_up_s": 30, "ring_timeout_s": 20}
    return m.QueueSettings(name=name, title=name, **(plain | settings))


class TestDesk:
    __test__ = False

    def __init__(self, *queues: m.QueueSettings, order: str = m.QueueOrder.LONGEST_WAIT) -> None:
        self.rules = DeskRules()
        self.now = START
        self.told: list[m.Action] = []
        self.offers: dict[OfferId, m.OfferMade] = {}
        """Every offer ever made."""
        self.tell(m.QueuesDefined(queues=queues or (queue(),), order=order))

    def tell(self, command: m.Command) -> list[m.Action]:
        actions = self.rules.apply(command, self.now)
        self.told += actions
        for action in actions:
            if isinstance(action, m.OfferMade):
                assert action.offer_id not in self.offers, "an offer's id never comes twice"
                self.offers[action.offer_id] = action
        return actions

    def agent(self, name: str, *queues: str, ready: bool = True, **more: Any) -> AgentId:
        agent_id = AgentId(name)
        levels = more.pop("levels", None) or dict.fromkeys(queues or ("general",), 1)
        profile = m.AgentProfile(
            agent_id=agent_id, name=name.title(), extension="1000", seat=f"seat-{name}", queues=levels, **more
        )
        self.tell(m.AgentLoggedIn(profile=profile))
        self.tell(m.AgentPresence(agent_id=agent_id, phone=True, page=True))
        if ready:
            self.tell(m.AgentReady(agent_id=agent_id))
        return agent_id

    def call(self, name: str, queue: str = "general", **more: Any) -> CallId:
        call_id = CallId(name)
        self.tell(m.CallQueued(call_id=call_id, queue=queue, since=more.pop("since", self.now), **more))
        return call_id

    def callback(self, name: str, hours: float = 8, queue: str = "general", **more: Any) -> CallId:
        """A call-back place for an id that waits nowhere yet, or for a call that waits."""
        begin = more.pop("begin", self.now)
        terms = m.CallbackTerms(number="13800000001", permitted=((begin, begin + timedelta(hours=hours)),), **more)
        place = m.CallQueued(call_id=CallId(name), queue=queue, since=self.now)
        self.tell(m.CallbackKept(place=place, terms=terms))
        return CallId(name)

    def wait(self, seconds: float) -> list[m.Action]:
        """Time passes, and the desk is woken at each instant it asked for."""
        end = self.now + timedelta(seconds=seconds)
        before = len(self.told)
        for _ in range(2_000):
            due = self.rules.next_deadline()
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            self.tell(m.TimePassed())
        else:
            raise AssertionError("a deadline that never passes")
        self.now = end
        return self.told[before:]

    def offer(self, call: str) -> m.OfferMade:
        """The offer that the call holds now."""
        waiting = self.rules.waits(CallId(call))
        assert waiting is not None, f"{call} does not wait"
        assert waiting.offer is not None, f"nobody was offered {call}"
        return self.offers[waiting.offer]

    def offered_to(self, call: str) -> str | None:
        waiting = self.rules.waits(CallId(call))
        return self.offers[waiting.offer].agent.agent_id if waiting and waiting.offer else None

    def answer(self, call: str) -> AgentId:
        offer = self.offer(call)
        self.tell(m.OfferRinging(offer_id=offer.offer_id))
        self.tell(m.OfferAnswered(offer_id=offer.offer_id))
        return offer.agent.agent_id

    def miss(self, call: str) -> None:
        self.tell(m.OfferFailed(offer_id=self.offer(call).offer_id, failure=m.OfferFailure.NO_ANSWER))

    def finish(self, agent: str, *, wrap_up: bool = False) -> None:
        """The agent's conversation ends, and (unless asked for) their wrap-up too."""
        held = self.seen(agent)
        assert held.call_id is not None
        self.tell(m.TalkEnded(call_id=held.call_id, agent_id=AgentId(agent)))
        if not wrap_up:
            self.tell(m.WrapUpDone(agent_id=AgentId(agent)))

    def seen(self, agent: str) -> m.AgentSnapshot:
        snapshot = self.rules.agent(AgentId(agent))
        assert snapshot is not None
        return snapshot

    def state(self, agent: str) -> AgentState:
        return self.seen(agent).state

    def last(self, kind: type[A]) -> A:
        return next(action for action in reversed(self.told) if isinstance(action, kind))
