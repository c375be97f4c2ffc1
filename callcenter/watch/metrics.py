"""What Prometheus reads at ``/metrics``, made in the moment of asking from what is live."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from callcenter.acd.messages import AgentState
from callcenter.acd.rules import DeskRules
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.quality.leg import Leg
from callcenter.trunks.keeper import TrunkKeeper
from callcenter.trunks.routing import Health
from callcenter.watch.watcher import Watcher

_WATCHED: Final = {
    "loop_lag_s": ("loop_lag_seconds", "Longest the event loop was held up within the last second"),
    "clock_jump_s": ("clock_jump_seconds", "Wall clock against monotonic time within the last second"),
    "journal_lag_s": ("journal_lag_seconds", "Age of the oldest event that is not in the database"),
    "journal_backlog": ("journal_backlog_events", "Events that are not in the database"),
    "spool_filled": ("spool_filled_ratio", "Share of the spool's room that is taken"),
    "spool_bytes": ("spool_bytes", "What the spool takes on the disk"),
    "spool_in_memory": ("spool_in_memory_entries", "Entries that the disk would not take"),
    "switch_away_s": ("switch_away_seconds", "How long Asterisk has not been reached"),
    "deepest_mailbox": ("call_mailbox_depth_max", "Events that wait in the fullest call's mailbox"),
    "sockets": ("websockets", "Open sockets of pages"),
    "disk_free_bytes": ("disk_free_bytes", "Free space where the data lies"),
    "disk_free_share": ("disk_free_ratio", "Share of that disk that is free"),
}


class _Live(Collector):
    def __init__(
        self, watcher: Watcher, calls: Callable[[], Iterable[Call]], desk: DeskRules, trunks: TrunkKeeper, version: str
    ) -> None:
        self._watcher, self._calls, self._desk, self._trunks, self._version = watcher, calls, desk, trunks, version

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("callcenter_build", "The product", value={"version": self._version})
        for name, (metric, told) in _WATCHED.items():
            if name in self._watcher.values:
                yield GaugeMetricFamily(f"callcenter_{metric}", told, value=self._watcher.values[name])
        phases = Tally(call.phase.value for call in self._calls() if not call.drill)
        yield _by("calls", "Live calls; drills apart", "phase", {p.value: phases[p.value] for p in Phase})
        states = Tally(agent.state.value for agent in self._desk.agents())
        yield _by("agents", "Agents", "state", {s.value: states[s.value] for s in AgentState})
        queues = {queue.name: len(self._desk.in_line(queue.name)) for queue in self._desk.queues()}
        yield _by("queue_waiting", "Callers who wait", "queue", queues)
        yield from self._of_trunks()

    def _of_trunks(self) -> Iterator[Metric]:
        views = self._trunks.views
        up = {view.trunk.name: float(view.health.state is Health.UP and view.in_service) for view in views}
        yield _by("trunk_up", "1: calls of ours may go by it", "trunk", up)
        lines = GaugeMetricFamily("callcenter_trunk_lines", "Lines in use", labels=["trunk", "direction"])
        for view in views:
            lines.add_metric([view.trunk.name, "inbound"], view.in_use_in)
            lines.add_metric([view.trunk.name, "outbound"], view.in_use_out)
        yield lines
        limits = {view.trunk.name: float(view.trunk.max_lines) for view in views if view.trunk.max_lines}
        yield _by("trunk_lines_limit", "Lines that the carrier grants", "trunk", limits)
        times = {v.trunk.name: v.health.rtt_ms / 1000 for v in views if v.health.rtt_ms is not None}
        yield _by("trunk_rtt_seconds", "The carrier's answer to OPTIONS", "trunk", times)


def _by(name: str, told: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"callcenter_{name}", told, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._ari = Histogram(
            "callcenter_ari_request_seconds",
            "Asterisk's answer to a request",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
            registry=self._registry,
        )

        self._legs = Counter(
            "callcenter_legs",
            "Legs that are over, by how they sounded in each direction (empty: not told); drills apart",
            ["trunk", "sound_from", "sound_to"],
            registry=self._registry,
        )
        self._lost = Counter(
            "callcenter_rtp_lost_packets",
            "Packets lost on their way from the telephones (in) and to them (out); drills apart",
            ["trunk", "direction"],
            registry=self._registry,
        )
        self._came = Counter(
            "callcenter_rtp_packets",
            "Packets that came from the telephones (in) and that were sent to them (out); drills apart",
            ["trunk", "direction"],
            registry=self._registry,
        )

    def leg_over(self, leg: Leg) -> None:
        """``trunk`` is empty for agents' telephones: who of them sounds poor is the pages' to show."""
        if leg.drill:
            return
        sound = leg.sound
        self._legs.labels(leg.trunk, leg.verdict_from or "", leg.verdict_to or "").inc()
        self._came.labels(leg.trunk, "in").inc(sound.received)
        self._came.labels(leg.trunk, "out").inc(sound.sent)
        self._lost.labels(leg.trunk, "in").inc(sound.received_lost)
        self._lost.labels(leg.trunk, "out").inc(sound.sent_lost or 0)

    def ari_answered(self, seconds: float) -> None:
        self._ari.observe(seconds)

    def live(
        self, watcher: Watcher, calls: Callable[[], Iterable[Call]], desk: DeskRules, trunks: TrunkKeeper, version: str
    ) -> None:
        """Show what is live, too."""
        self._registry.register(_Live(watcher, calls, desk, trunks, version))

    def text(self) -> bytes:
        return generate_latest(self._registry)
