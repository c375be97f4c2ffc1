"""Who lives: the calls by their id and by the caller's channel, and what is asked about them. Nothing is done here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from callcenter.calls.call import Call
from callcenter.calls.doing import LiveCall
from callcenter.ids import CallId


class LiveCalls:
    def __init__(self) -> None:
        self._by_id: dict[CallId, LiveCall] = {}
        self._by_channel: dict[str, CallId] = {}

    def __iter__(self) -> Iterator[LiveCall]:
        """All, as they are now: calls may come and go meanwhile."""
        return iter(list(self._by_id.values()))

    def get(self, call_id: CallId) -> LiveCall | None:
        return self._by_id.get(call_id)

    def add(self, live: LiveCall) -> None:
        self._by_id[live.call.id] = live
        self._by_channel[live.call.channel] = live.call.id

    def remove(self, live: LiveCall) -> None:
        self._by_id.pop(live.call.id, None)
        self._by_channel.pop(live.call.channel, None)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(live.call for live in self._by_id.values())

    def lives(self, call_id: CallId) -> bool:
        return call_id in self._by_id

    def is_drill(self, call_id: CallId) -> bool:
        live = self._by_id.get(call_id)
        return live is not None and live.call.drill

    def of_caller(self, channel: str) -> CallId | None:
        """The call whose caller, or whose party outside, has this channel."""
        return self._by_channel.get(channel)

    def has_caller(self, channel: str) -> bool:
        """Whether this channel is the caller's, or the one outside, of a live call."""
        return channel in self._by_channel

    def in_call(self, call_id: str, agent_id: str) -> bool:
        """Whether this agent has a part in this live call, now or earlier: known here before the database knows."""
        live = self._by_id.get(CallId(call_id))
        if live is None:
            return False
        return any(segment.agent_id == agent_id for segment in (*live.call.segments, *live.call.beside))

    @property
    def in_motion(self) -> frozenset[CallId]:
        """Calls that may be about to tell the desk something."""
        return frozenset(live.call.id for live in self if live.in_motion)

    @property
    def deepest_mailbox(self) -> int:
        """Events that wait in the fullest mailbox."""
        return max((live.mailbox.qsize() for live in self), default=0)

    @property
    def untaken(self) -> bool:
        """Some call of the service before this one still waits for the switch."""
        return any(live.found for live in self)

    # --- lines ---

    def lines_by_hotline(self) -> Counter[str]:
        """Lines of real calls, in and out, by the hotline they came by or show. A caller who is put through to a
        telephone outside has two."""
        lines = Counter[str]()
        for call in self.calls:
            if not (call.drill or call.refused):
                lines[call.hotline] += call.lines
        return lines

    @property
    def lines_in_use(self) -> int:
        return self.lines_by_hotline().total()

    @property
    def refused(self) -> int:
        """Callers who are being told that there is no line for them."""
        return sum(call.refused for call in self.calls)
