"""One call's life: ``step(flows, call, event, now) -> (call, actions)``.

Pure: no await, no clock, no I/O. What each event does in each phase is listed in
:mod:`callcenter.calls.table`; handlers live in the ``handlers_…`` modules, one for each subject.
"""

from __future__ import annotations

from datetime import datetime

from callcenter.calls import messages as m
from callcenter.calls.columns import Ignored, Refused
from callcenter.calls.following import begin_inbound
from callcenter.calls.handlers_dial import begin_outbound
from callcenter.calls.state import Call, Outcome
from callcenter.calls.table import TABLE
from callcenter.ivr.flow import FlowSet

__all__ = ["Call", "First", "begin", "step"]

First = m.Arrived | m.DialAsked
"""What a call begins with."""


def begin(flows: FlowSet, first: First, now: datetime) -> Outcome:
    """A caller is here, or a call is to be made."""
    match first:
        case m.Arrived():
            return begin_inbound(flows, first, now)
        case m.DialAsked():
            return begin_outbound(flows, first, now)


def step(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Let one event act on the call.

    ``flows`` is the version that the call began with (``call.flow_version``); ``now`` is aware UTC.
    Never raises for an event that comes late, twice or out of order: those are listed.
    """
    match TABLE[call.phase, type(event)]:
        case Ignored():
            return call, ()
        case Refused():
            return call, _refusal(event)
        case handler:
            return handler(flows, call, event, now)


def _refusal(event: m.Event) -> tuple[m.Action, ...]:
    agent_id = getattr(event, "agent_id", None)
    return (m.RefuseAgent(agent_id=agent_id, code="not_in_this_phase"),) if agent_id else ()
