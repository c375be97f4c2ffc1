"""Incidents that begin and end by themselves, written without holding anybody up.

Whoever watches something says :meth:`IncidentBook.open` when it is wrong and :meth:`IncidentBook.close` when it is
well; both may be said again and again. What was said goes through the spool: an outage is told with its true beginning
and end, also when the service is killed in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from callcenter import frozen
from callcenter.access.tables import Account
from callcenter.calls.tables import Incident
from callcenter.clock import Clock
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import CallCenterError, Conflict, NotFound
from callcenter.facts import Facts
from callcenter.ids import new_id
from callcenter.spool.store import Entry, Spool
from callcenter.watch.kinds import titled

_log = structlog.get_logger()
SAID: Final = "said"
"""The kind of the book's entries in the spool."""
Severity = Literal["warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One thing that is wrong."""

    kind: str
    text: str
    severity: Severity = "error"
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    key: str
    at: datetime
    but: frozenset[str] = frozenset()
    """Of a family that is well (``key`` ends with a colon): the keys that are not."""
    kind: str = ""
    text: str = ""
    severity: Severity = "error"
    facts: Facts = field(default_factory=dict)
    open: bool = True


class IncidentBook:
    def __init__(self, spool: Spool, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        """``wake`` is told that there is something new in the spool."""
        self._spool, self._clock, self._wake = spool, clock, wake
        self._open: dict[str, bool] = {}
        self._families: dict[str, Mapping[str, Report]] = {}

    def open(self, key: str, kind: str, text: str, severity: Severity = "error", *, facts: Facts | None = None) -> None:
        """It is wrong. Nothing happens when that has been said and not taken back."""
        if not self._open.get(key):
            self._open[key] = True
            _log.error("incident", kind=kind, key=key, text=text)
            at = self._clock.now()
            self._say(_Said(key=key, at=at, kind=kind, text=text, severity=severity, facts=dict(facts or {})))

    def close(self, key: str) -> None:
        """It is well (again). Said first after a start, it ends what an earlier process left open."""
        if self._open.get(key) is not False:
            self._open[key] = False
            self._say(_Said(key=key, at=self._clock.now(), open=False))

    def only(self, family: str, wrong: Mapping[str, Report]) -> None:
        """Of a family of keys (``family:…``) exactly these are wrong; what is told of one that is open follows its
        report. Said first after a start, it ends what else an earlier process left open."""
        reports = {f"{family}:{key}": report for key, report in wrong.items()}
        known = self._families.get(family)
        self._families[family] = reports
        at = self._clock.now()
        if known is None or known.keys() - reports.keys():
            self._say(_Said(key=f"{family}:", at=at, open=False, but=frozenset(reports)))
        for key, one in sorted(reports.items()):
            if known is not None and known.get(key) == one:
                continue
            _log.error("incident", kind=one.kind, key=key, text=one.text)
            said = _Said(key=key, at=at, kind=one.kind, text=one.text, severity=one.severity, facts=one.facts)
            self._say(said)

    def _say(self, said: _Said) -> None:
        try:
            self._spool.put(SAID, "", said.at, frozen.dumps(said))
        except CallCenterError as error:
            _log.error("incident_not_kept", key=said.key, reason=error.message)
        self._wake()


async def write_said(session: WriteSession, entries: Sequence[Entry]) -> None:
    """The spool's handler."""
    for entry in entries:
        await _write(session, frozen.adapter(_Said).validate_json(entry.payload))


async def _write(session: WriteSession, said: _Said) -> None:
    if said.open:
        row = insert(Incident).values(
            id=new_id(),
            at=said.at,
            kind=said.kind,
            text=said.text,
            facts=said.facts,
            severity=said.severity,
            key=said.key,
        )
        # One that is open under this key goes on, with the newest words.
        still_open = text("resolved_at IS NULL AND key <> ''")
        told = {"text": said.text, "facts": said.facts}
        await session.execute(
            row.on_conflict_do_update(index_elements=[Incident.key], index_where=still_open, set_=told)
        )
        return
    meant = Incident.key == said.key
    if said.key.endswith(":"):
        meant = Incident.key.startswith(said.key, autoescape=True) & Incident.key.not_in(said.but)
    still = update(Incident).where(meant, Incident.resolved_at.is_(None))
    await session.execute(still.values(resolved_at=said.at))


async def listed(session: ReadSession, *, limit: int, open_only: bool = False) -> Sequence[dict[str, Any]]:
    """Open ones first, then newest first."""
    who_acknowledged, who_resolved = (_named(column) for column in (Incident.acknowledged_by, Incident.resolved_by))
    statement = select(Incident, who_acknowledged, who_resolved).order_by(
        Incident.resolved_at.is_not(None), Incident.at.desc(), Incident.id.desc()
    )
    if open_only:
        statement = statement.where(Incident.resolved_at.is_(None))
    rows = await session.execute(statement.limit(limit))
    return [_shown(incident, acknowledged, resolved) for incident, acknowledged, resolved in rows]


async def open_count(session: ReadSession) -> int:
    count = await session.scalar(select(func.count()).where(Incident.resolved_at.is_(None)))
    return int(count or 0)


async def acknowledge(session: WriteSession, incident_id: str, by: str, at: datetime) -> str:
    """Somebody looks after it; returns its kind. Raises NotFound, Conflict."""
    incident = await _open_one(session, incident_id)
    if incident.acknowledged_at is None:
        incident.acknowledged_at, incident.acknowledged_by = at, by
    return incident.kind


async def resolve(session: WriteSession, incident_id: str, by: str, note: str, at: datetime) -> str:
    """It is done with; returns its kind. Raises NotFound, Conflict."""
    incident = await _open_one(session, incident_id)
    incident.resolved_at, incident.resolved_by, incident.note = at, by, note
    return incident.kind


async def _open_one(session: WriteSession, incident_id: str) -> Incident:
    incident = await session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise NotFound("there is no such incident")
    if incident.resolved_at is not None:
        raise Conflict("this incident is closed already")
    return incident


def _named(column: Any) -> Any:
    return select(Account.display_name).where(Account.id == column).scalar_subquery()


def _shown(incident: Incident, acknowledged_by: str | None, resolved_by: str | None) -> dict[str, Any]:
    title, title_en = titled(incident.kind)
    return {
        "id": incident.id,
        "at": incident.at,
        "kind": incident.kind,
        "title": title,
        "title_en": title_en,
        "severity": incident.severity,
        "text": incident.text,
        "facts": incident.facts,
        "call_id": incident.call_id,
        "agent_id": incident.agent_id,
        "acknowledged_at": incident.acknowledged_at,
        "acknowledged_by": acknowledged_by,
        "resolved_at": incident.resolved_at,
        "resolved_by": resolved_by,
        "by_itself": incident.resolved_at is not None and incident.resolved_by is None,
        "note": incident.note,
    }
