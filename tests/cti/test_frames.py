"""What an agent's page is told of their own state."""

from __future__ import annotations

from callcenter.acd import messages as m
from callcenter.cti.pages import agent_frame
from callcenter.ids import AgentId
from tests.acd.floor import TestDesk

A = AgentId("anna")


def test_a_page_knows_how_long_the_break_may_last_that_it_is_over_and_who_set_it() -> None:
    d = TestDesk()
    d.agent(A)
    d.tell(m.AgentBreak(agent_id=A, reason="meal", allowance_s=1800))
    begun = agent_frame(d.seen(A))
    assert (begun["allowance_until"], begun["overdue"]) == ("2026-01-05T01:30:00+00:00", False)
    d.wait(1801)
    assert agent_frame(d.seen(A))["overdue"] is True
    d.tell(m.DutyMarked(agent_id=A, duty="draining"))
    assert agent_frame(d.seen(A))["duty"] == "draining"
    d.tell(m.ForceState(agent_id=A, state=m.AgentState.READY, by="王组长"))
    forced = agent_frame(d.seen(A))
    assert (forced["state"], forced["by"], forced["overdue"]) == ("ready", "王组长", False)
