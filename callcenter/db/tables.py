"""All tables of all rooms: import this where the whole schema is needed (migrations, tests)."""

from __future__ import annotations

from sqlalchemy import MetaData

import callcenter.access.tables
import callcenter.acd.tables
import callcenter.business.tables
import callcenter.calls.tables
import callcenter.cases.escalation_tables
import callcenter.cases.tables
import callcenter.ivr.tables
import callcenter.lease.tables
import callcenter.messages.tables
import callcenter.outbound.tables
import callcenter.quality.tables
import callcenter.recording.tables
import callcenter.reporting.tables
import callcenter.roster.tables
import callcenter.spool.tables
import callcenter.trunks.tables
import callcenter.visits.tables  # noqa: F401 - the imports declare the tables
from callcenter.db.base import Base

metadata: MetaData = Base.metadata
