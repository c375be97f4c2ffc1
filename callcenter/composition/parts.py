"""All parts of the service, made and tied: what its lifespan runs and its pages show."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.access.sessions import Sessions
from callcenter.composition.calls import Calls
from callcenter.composition.floor import Floor
from callcenter.composition.storage import Storage
from callcenter.composition.telephony import Telephony
from callcenter.lease.lease import Lease
from callcenter.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    settings: Settings
    lease: Lease
    kept: Storage
    phones: Telephony
    staff: Floor
    live: Calls
    sessions: Sessions
