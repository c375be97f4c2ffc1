"""What the switch lists, as one call is told it. No clock, no I/O; in the switch's own typed terms, as ``asked``."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.asterisk.events import BridgeView, ChannelView
from callcenter.calls import messages as m
from callcenter.calls.state import Call
from callcenter.ids import call_of

_NORMAL_CLEARING = 16
"""Q.850; why a channel ended that nobody heard end is not known."""


def seen(
    call: Call, channels: Sequence[ChannelView], bridges: Sequence[BridgeView], *, unsure: bool, lived_on: bool
) -> tuple[m.Event, ...]:
    """First who is gone; then, unless that is the caller, what is there."""
    mine = [view for view in channels if view.channel == call.channel or call_of(view.channel) == call.id]
    there = {view.channel for view in mine}
    gone = tuple(
        m.LegGone(channel=leg, cause=_NORMAL_CLEARING) for leg in call.settled_legs if leg not in there
    )  # fmt: skip
    if call.outside_there and call.channel not in there:
        return (*gone, m.CallerGone(cause=_NORMAL_CLEARING))
    bridge = next((view for view in bridges if view.bridge == call.bridge), None)
    taken_up = m.TakenUp(
        channels=tuple(view.channel for view in mine),
        up=tuple(view.channel for view in mine if view.state == "Up"),
        together=tuple(sorted(bridge.channels)) if bridge else (),
        bridged=bridge is not None,
        unsure=unsure,
        lived_on=lived_on,
    )
    return (*gone, taken_up)


def forgotten(call: Call | None, channel: str) -> bool:
    """Whether nobody waits for this channel of ours any more: its hang-up was decided and not done."""
    return call is None or channel not in (call.channel, *call.legs)
