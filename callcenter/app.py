"""The composition root: the parts of the service, tied together."""

from __future__ import annotations

from fastapi import FastAPI

from callcenter.access.sessions import Sessions
from callcenter.composition.calls import calls
from callcenter.composition.floor import floor
from callcenter.composition.parts import Parts
from callcenter.composition.running import lifespan_of
from callcenter.composition.storage import storage
from callcenter.composition.telephony import telephony
from callcenter.composition.web import install_rooms
from callcenter.ivr.registry import ReadyMade
from callcenter.lease.lease import Lease
from callcenter.settings import Settings


def build(settings: Settings, lease: Lease, ready_made: ReadyMade | None = None) -> FastAPI:
    """The application; its lifespan starts and ends all tasks. Until then nothing is connected or written.

    Raises SettingsError.
    """
    database_url, asterisk_password = settings.to_serve()
    kept = storage(settings, lease, database_url)
    phones = telephony(settings, lease, asterisk_password, kept, ready_made)
    staff = floor(settings, kept, phones, decided=lambda action: live.decided(action))
    live = calls(settings, kept, phones, staff)
    sessions = Sessions(kept.database, kept.clock, settings, kept.spool)
    sessions.on_end.append(live.console.session_over)
    parts = Parts(settings=settings, lease=lease, kept=kept, phones=phones, staff=staff, live=live, sessions=sessions)
    app = FastAPI(title="callcenter", lifespan=lifespan_of(parts), docs_url=None, redoc_url=None, openapi_url=None)
    install_rooms(app, parts)
    return app
