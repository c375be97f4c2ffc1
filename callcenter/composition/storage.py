"""What lasts, put together: the database, the spool before it, and whatever is written to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callcenter.acd.archive import RoutingArchive
from callcenter.acd.keeper import DeskKeeper
from callcenter.acd.messages import IncidentFound
from callcenter.acd.rules import DeskRules
from callcenter.calls.journal import CallJournal
from callcenter.clock import SteadyClock
from callcenter.continuity import Continuity
from callcenter.db.engine import Database
from callcenter.facts import Facts
from callcenter.ids import CallId
from callcenter.lease.lease import Lease
from callcenter.recording.room import RecordingRoom
from callcenter.settings import Settings
from callcenter.spool.entries import APART, Counter, handlers
from callcenter.spool.fence import Fence
from callcenter.spool.shipping import Shipper
from callcenter.spool.store import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    clock: SteadyClock
    database: Database
    spool: Spool
    captures: Path
    """Where Asterisk writes what is being recorded."""
    recordings: RecordingRoom
    journal: CallJournal
    counter: Counter
    shipper: Shipper
    desk: DeskRules
    keeper: DeskKeeper
    archive: RoutingArchive
    fence: Fence
    continuity: Continuity

    async def incident(self, at: datetime, kind: str, text: str, call_id: CallId | None, facts: Facts) -> None:
        self.counter.incident(kind, text, call_id, facts=facts)

    async def found(self, at: datetime, found: IncidentFound) -> None:
        self.counter.incident(found.kind, found.text, found.call_id, found.agent_id, facts=found.facts)


def storage(settings: Settings, lease: Lease, database_url: str) -> Storage:
    clock = SteadyClock()
    database = Database(database_url)
    captures = settings.data_dir / "asterisk" / "monitor"
    spool = Spool(settings.data_dir / "spool", later=True)
    recordings = RecordingRoom(database, settings.recordings_dir, captures, clock, settings.zone, node="a")
    journal = CallJournal(spool, lambda: shipper.wake(), beside=recordings.begun)
    counter = Counter(spool, clock, lambda: shipper.wake(), hurry=lambda: shipper.hurry())
    shipper = Shipper(
        spool,
        database,
        clock,
        handlers(journal.write),
        alarm=counter.incident,
        done=journal.shipped,
        fence=lease.fence,
        apart=APART,
    )
    desk = DeskRules()
    keeper = DeskKeeper(desk, spool)
    return Storage(
        clock=clock,
        database=database,
        spool=spool,
        captures=captures,
        recordings=recordings,
        journal=journal,
        counter=counter,
        shipper=shipper,
        desk=desk,
        keeper=keeper,
        archive=RoutingArchive(spool, clock, shipper.wake),
        fence=lease.fence,
        continuity=Continuity(spool, keeper, captures),
    )
