"""What the runner of calls needs of the rest of the product, beside the switch (:mod:`callcenter.calls.switch`)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.call import Call
from callcenter.calls.replay import Journalled, Left
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.ivr.messages import LookUp, Prompt


class Journal(Protocol):
    """Where each call's events go, in order, before anything is done about them."""

    def append(self, call: Call, event: Journalled, at: datetime, left: Left) -> None:
        """``call`` and ``left`` are what the event made of them."""
        ...


class Desk(Protocol):
    def tell(self, command: acd.Command) -> None: ...

    def on_duty(self, extension: str, *, drill: bool) -> tuple[AgentId, str] | None:
        """Who has this extension, if they are on duty, and a queue of theirs."""
        ...


class Pages(Protocol):
    """What agents see. None of these may block a call for longer than a moment."""

    async def prepare(self, call: Call) -> None:
        """Look up what the pop of this caller will say. Never raises."""
        ...

    async def pop(self, call: Call, offer: acd.OfferMade) -> None: ...

    def offer_over(self, agent_id: AgentId, offer_id: OfferId, reason: str) -> None: ...

    def show_call(self, agent_id: AgentId, call: Call) -> None: ...

    def refuse(self, agent_id: AgentId, code: str) -> None: ...


class Prompts(Protocol):
    async def media(self, prompt: Prompt) -> str: ...


class Effects(Protocol):
    """What flows ask of the business side."""

    async def look_up(self, asked: LookUp) -> m.LookedUp:
        """Never raises: what goes wrong is in the answer."""
        ...

    async def recognise(self, number: str) -> m.CallerKnown | None:
        """Who has this number; None: nobody known, or it cannot be told now. Never raises."""
        ...

    async def rate(self, call_id: CallId, question: str, score: int) -> None: ...


class Callbacks(Protocol):
    """Call-back places as they are kept; see :class:`callcenter.outbound.callbacks.CallbackRoom`."""

    async def keep(self, call: Call, asked: m.SaveCallback) -> bool:
        """Make the place durable, then tell the desk; False: it could not be kept. Never raises."""
        ...

    async def attempting(self, place: CallId, call_id: CallId) -> None:
        """Note durably that the customer is about to be rung. Raises Unavailable, and then nobody may ring."""
        ...

    def dial(self, offer: acd.OfferMade, call_id: CallId, node: str) -> m.DialAsked | None:
        """The call for an offer that is a call-back; None: its place is gone."""
        ...


class Messages(Protocol):
    """Where what callers said to nobody is kept."""

    def keep_soon(self, call: Call, action: m.KeepMessage) -> None:
        """In the background, trying until it is done; must not raise."""
        ...
