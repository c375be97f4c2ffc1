"""The flows' queue definitions in the desk's own terms."""

from __future__ import annotations

from callcenter.acd.messages import QueuesDefined, QueueSettings
from callcenter.ivr.flow import FlowSet


def queue_settings(flows: FlowSet) -> tuple[QueueSettings, ...]:
    """What the desk is to be told (``QueuesDefined``) when these flows become the live ones."""
    return tuple(
        QueueSettings(
            name=queue.name,
            title=queue.title,
            title_en=queue.title_en,
            music=queue.music,
            ring_timeout_s=queue.ring_timeout_s,
            wrap_up_s=queue.wrap_up_s,
            max_missed=queue.max_missed,
            strategy=queue.strategy,
            weight=queue.weight,
            service_level_s=queue.service_level_s,
            announce_position_every_s=queue.announce_position_every_s,
            max_length=queue.max_length,
            max_wait_s=queue.max_wait_s,
            skills=dict(queue.skills),
            relax_every_s=queue.relax_every_s,
            drill=queue.drill,
            relax=queue.relax,
            ageing=queue.ageing,
            vip_bonus=queue.vip_bonus,
            sticky_s=queue.sticky_s,
            language_level=queue.language_level,
            overflow=queue.overflow,
        )
        for queue in flows.queues.values()
    )


def queues_defined(flows: FlowSet) -> QueuesDefined:
    """The command for the desk, at start and whenever other flows become the live ones."""
    return QueuesDefined(queues=queue_settings(flows), order=flows.queue_order)
