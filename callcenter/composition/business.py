"""What goes on after the calls: cases that stand still are told to people and
other systems, and customers are to be visited."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from callcenter.cases.keeper import EscalationKeeper
from callcenter.cases.webhook import WebhookSender
from callcenter.composition.storage import Storage
from callcenter.settings import Settings
from callcenter.visits.keeper import VisitKeeper

Works = dict[str, Callable[[], Coroutine[Any, Any, None]]]


def outlives_calls(settings: Settings, kept: Storage) -> Works:
    """The tasks, by name."""
    hook = settings.webhook_url is not None
    works: Works = {
        "escalation": EscalationKeeper(kept.database, kept.clock, fence=kept.fence, hook=hook).run,
        "return visits": VisitKeeper(kept.database, kept.clock, settings.zone, fence=kept.fence).run,
    }
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        secret = settings.webhook_secret.get_secret_value()
        sender = WebhookSender(
            kept.database, kept.clock, settings.webhook_url, secret, alarm=kept.counter.incident, fence=kept.fence
        )
        works["webhook"] = sender.run
    return works
