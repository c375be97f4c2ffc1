"""What agents' pages are told. The socket of ``docs/agent-socket.md`` will stand here."""

from __future__ import annotations

from callcenter.acd.messages import OfferMade
from callcenter.calls.state import Call
from callcenter.ids import AgentId, OfferId


class NobodyConnected:
    """No page can connect yet, so there is nobody to tell: agents work by desk phone and are not offered calls
    until their page is present."""

    async def pop(self, call: Call, offer: OfferMade) -> None:
        return None

    def offer_over(self, agent_id: AgentId, offer_id: OfferId, reason: str) -> None:
        return None

    def show_call(self, agent_id: AgentId, call: Call) -> None:
        return None

    def refuse(self, agent_id: AgentId, code: str) -> None:
        return None
