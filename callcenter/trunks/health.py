"""What is known of a trunk's health: its contacts' answers to OPTIONS, and calls that failed on the way. Pure.

Two witnesses, either of which takes it out: no contact answers, or several calls in a row found no way. The first
heals when a contact answers; after the second it is tried again with one call after a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from callcenter.trunks.model import Trunk
from callcenter.trunks.routing import Health

FAILURES_OUT: Final = 3
"""So many calls in a row without a way take a trunk out."""
RETRY_S: Final = 30.0
"""After so long a trunk that failed its calls is tried again."""
GRACE_S: Final = 3.0
"""How long Asterisk waits for the answer to OPTIONS (its ``qualify_timeout``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    reachable: bool
    rtt_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkHealth:
    state: Health
    since: datetime
    reason: str = ""
    """Why it is down: ``no_answer`` to OPTIONS or ``calls_failed``."""
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    failures: int = 0
    """Calls in a row that found no way."""
    retry_at: datetime | None = None
    silent_after: datetime | None = None
    """If nothing has been heard until then, the carrier does not answer."""

    @property
    def rtt_ms(self) -> float | None:
        """Of the contact that calls go to now."""
        times = [one.rtt_ms for one in self.contacts.values() if one.reachable and one.rtt_ms is not None]
        return times[0] if times else None


def connected(trunk: Trunk, online: bool, now: datetime) -> TrunkHealth:
    """Asterisk was found (again): known to answer, or not heard of yet."""
    if not trunk.qualify_s:
        return TrunkHealth(state=Health.UP, since=now)
    if online:
        return TrunkHealth(state=Health.UP, since=now)
    patience = timedelta(seconds=trunk.qualify_s + GRACE_S)
    return TrunkHealth(state=Health.UNKNOWN, since=now, silent_after=now + patience)


def heard(health: TrunkHealth, contact: str, reachable: bool, rtt_ms: float | None, now: datetime) -> TrunkHealth:
    """A contact answered OPTIONS, or did not."""
    contacts = {**health.contacts, contact: Contact(reachable=reachable, rtt_ms=rtt_ms)}
    return _judged(replace(health, contacts=contacts, silent_after=None), now)


def forgotten(health: TrunkHealth, contact: str, now: datetime) -> TrunkHealth:
    """Asterisk no longer has this contact."""
    contacts = {name: one for name, one in health.contacts.items() if name != contact}
    return _judged(replace(health, contacts=contacts), now) if contacts else replace(health, contacts={})


def call_failed(health: TrunkHealth, now: datetime) -> TrunkHealth:
    """A call found no way over it."""
    failures = health.failures + 1
    retry_at = now + timedelta(seconds=RETRY_S) if failures >= FAILURES_OUT else None
    return _judged(replace(health, failures=failures, retry_at=retry_at), now)


def call_went(health: TrunkHealth, now: datetime) -> TrunkHealth:
    """A call got through to somebody, or to a busy line: the way is there."""
    if not health.failures:
        return health
    return _judged(replace(health, failures=0, retry_at=None), now)


def tick(health: TrunkHealth, now: datetime) -> TrunkHealth:
    """Time went by."""
    if health.silent_after is not None and now >= health.silent_after:
        down = replace(health, silent_after=None)
        return _to(down, Health.DOWN, "no_answer", now)
    if health.retry_at is not None and now >= health.retry_at:
        # One more failure takes it out again at once.
        return _judged(replace(health, failures=FAILURES_OUT - 1, retry_at=None), now)
    return health


def _judged(health: TrunkHealth, now: datetime) -> TrunkHealth:
    if health.contacts and not any(one.reachable for one in health.contacts.values()):
        return _to(health, Health.DOWN, "no_answer", now)
    if health.failures >= FAILURES_OUT:
        return _to(health, Health.DOWN, "calls_failed", now)
    if not health.contacts and health.reason == "no_answer":
        return health  # nothing was heard of it that could heal it
    if not health.contacts and health.silent_after is not None:
        return _to(health, Health.UNKNOWN, "", now)
    return _to(health, Health.UP, "", now)


def _to(health: TrunkHealth, state: Health, reason: str, now: datetime) -> TrunkHealth:
    since = health.since if health.state is state else now
    return replace(health, state=state, reason=reason, since=since)
