"""What a flow says of its queue reaches the desk."""

from __future__ import annotations

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.following import begin_inbound as begin
from callcenter.ids import CallId
from tests.ivr.support import NOON, flows_of


def test_the_flows_own_limits_of_a_wait_reach_the_desk() -> None:
    flows = flows_of(
        "flow: main\nstart: q\nsteps:\n"
        "  q: {queue: {name: general, priority: 7, skills: {english: 2}, max_wait: 10m, max_length: 3}}\n"
    )
    arrived = m.Arrived(
        call_id=CallId("0" * 32), node="a", channel="c", caller_number="1380", dialled="4008001", trunk="t",
        hotline="4008001", flow="main", flow_version=flows.version, language="en",
    )  # fmt: skip
    _, actions = begin(flows, arrived, NOON)
    (queued,) = [a.command for a in actions if isinstance(a, m.TellDesk)]
    assert isinstance(queued, acd.CallQueued)
    assert (queued.max_wait_s, queued.max_length, queued.priority) == (600, 3, 7)
    assert (dict(queued.skills), queued.language) == ({"english": 2}, "en")
