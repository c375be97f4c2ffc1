"""What the desk is told of the flows' queues."""

from __future__ import annotations

from callcenter.acd.messages import QueuesDefined
from callcenter.ivr.flow import FlowSet


def queues_defined(flows: FlowSet) -> QueuesDefined:
    """The command for the desk, at start and whenever other flows become the live ones."""
    return QueuesDefined(queues=tuple(flows.queues.values()), order=flows.queue_order)
