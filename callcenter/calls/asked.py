"""A call's actions in the switch's terms. Pure."""

from __future__ import annotations

from typing import Final

from callcenter.asterisk.gateway import Dial
from callcenter.calls import messages as m


def dial_of(action: m.DialAgent) -> Dial:
    offer = action.offer
    return Dial(
        channel=action.channel,
        endpoint=f"PJSIP/{offer.agent.seat}",
        caller_id_number=action.caller_number,
        caller_id_name=offer.queue or "outside",
        # The call's own timer ends the ringing; the switch's is only a safety net behind it.
        timeout_s=int(offer.ring_timeout_s) + 10,
    )


AUTO_ANSWER: Final = "X-Callcenter-Answer"
"""The header by which an agent's page knows the call it has just lost, and picks up by itself."""


def redial_of(action: m.RedialAgent) -> Dial:
    return Dial(
        channel=action.channel,
        endpoint=f"PJSIP/{action.agent.seat}",
        caller_id_number=action.caller_number,
        caller_id_name="",
        timeout_s=int(action.timeout_s),
        variables={f"PJSIP_HEADER(add,{AUTO_ANSWER})": "yes"},
    )


def target_of(action: m.Action) -> str:
    """The channel, playback, bridge or recording that an action is about."""
    for name in ("playback", "channel", "bridge", "recording"):
        value = getattr(action, name, None)
        if isinstance(value, str):
            return value
    return ""


def name_of_action(action: m.Action) -> str:
    """As ``ActionFailed`` says it: ``dial_agent``."""
    name = type(action).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
