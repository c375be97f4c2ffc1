"""Keeps the desk in the spool, so that a restart finds agents, order and timers as they were."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeVar

import orjson
import structlog
from pydantic import ValidationError

from callcenter import frozen
from callcenter.acd import messages as m
from callcenter.acd.restore import Known
from callcenter.acd.rules import DeskRules
from callcenter.spool.store import Spool

AT_MOST_EVERY_S: Final = 0.02
SHARE: Final = 20
"""Keeping takes at most one part in so many of the time, however large the desk."""
_log = structlog.get_logger()
T = TypeVar("T")


class DeskKeeper:
    def __init__(self, rules: DeskRules, spool: Spool) -> None:
        self._rules, self._spool = rules, spool
        self._written: dict[tuple[str, str], object] = {}
        self._known: Known = {}
        self.unreadable: list[tuple[str, str]] = []
        """What :meth:`load` had to leave out: ``agent`` or ``wait``, and whose it is; ``desk`` for the counts."""
        self._timer: asyncio.TimerHandle | None = None
        self._pause_s = AT_MOST_EVERY_S

    def changed(self) -> None:
        """Something of the desk may have changed: written in a moment, together with what else changes."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s, self.keep)

    def keep(self) -> None:
        """Write what differs from what is written."""
        self._timer = None
        began = time.perf_counter()
        desk = self._rules.snapshot(self._known)
        now: dict[tuple[str, str], object] = {("agent", a.profile.agent_id): a for a in desk.agents}
        now |= {("wait", c.request.call_id): c for c in desk.waiting}
        now["desk", "counts"] = _counts(desk)
        kinds: dict[str, dict[str, bytes | None]] = {"agent": {}, "wait": {}, "desk": {}}
        for (kind, key), value in now.items():
            before = self._written.get((kind, key))
            if before is not value and before != value:
                kinds[kind][key] = frozen.dumps(value)
        for kind, key in self._written.keys() - now.keys():
            kinds[kind][key] = None
        if self._spool.set_all_notes(kinds):
            self._written = now
        self._pause_s = max(AT_MOST_EVERY_S, (time.perf_counter() - began) * SHARE)

    def load(self) -> m.Restored:
        """The desk as it was kept; what cannot be read of it is left out."""
        for kind in ("agent", "wait"):
            self._written |= dict.fromkeys((kind, key) for key in self._spool.notes(kind))
        agents = [self._read(m.RestoredAgent, "agent", *note) for note in self._spool.notes("agent").items()]
        waiting = [self._read(m.RestoredCall, "wait", *note) for note in self._spool.notes("wait").items()]
        counts = self._read(m.Restored, "desk", "counts", self._spool.note("desk", "counts") or b"{}") or m.Restored()
        return m.Restored(
            agents=tuple(one for one in agents if one),
            waiting=tuple(one for one in waiting if one),
            rates=counts.rates,
            offer_count=counts.offer_count,
            arrivals=counts.arrivals,
            done_callbacks=counts.done_callbacks,
        )

    def _read(self, cls: Callable[..., T], kind: str, key: str, value: bytes) -> T | None:
        """What another version wrote otherwise is left out of the note where it can do without."""
        try:
            found, foreign = frozen.read_what_fits(cls, orjson.loads(value))
        except (ValidationError, ValueError, AttributeError) as error:
            _log.error("desk_note_unreadable", kind=kind, reason=type(error).__name__)
            self.unreadable.append((kind, key))
            return None
        if foreign:
            _log.error("desk_note_foreign", kind=kind, fields=foreign)
        told: T = found
        return told


def _counts(desk: m.Restored) -> m.Restored:
    return m.Restored(
        rates=desk.rates,
        offer_count=desk.offer_count,
        arrivals=desk.arrivals,
        done_callbacks=desk.done_callbacks[-1000:],
    )


def make_adapters() -> None:
    """Make what :meth:`DeskKeeper.load` needs, where there is time for it."""
    for kind in (m.RestoredAgent, m.RestoredCall, m.Restored):
        frozen.adapter(kind)
