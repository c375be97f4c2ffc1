"""The way of call-backs' results to the database, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.outbound.results import RESULT, Results, write_results
from callcenter.spool.shipping import Shipper
from callcenter.spool.store import Spool


class ResultsWay:
    """``results`` go into a spool in ``folder``; ``shipper`` brings them from there to the database."""

    def __init__(self, folder: Path, db: Database, clock: Clock) -> None:
        spool = Spool(folder)
        self.shipper = Shipper(spool, db, clock, {RESULT: write_results})
        self.results = Results(spool, clock, self.shipper.wake)
