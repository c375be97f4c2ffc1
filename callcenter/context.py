"""What endpoints may use, put together by ``composition`` and kept on ``app.state.services``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends
from starlette.requests import HTTPConnection

from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.settings import Settings

if TYPE_CHECKING:
    from callcenter.access.sessions import Sessions
    from callcenter.business.outcomes import OutcomeWish


KeepOutcome = Callable[[str, str, "OutcomeWish", str], datetime]
"""(contact id, agent id, what was written, by whom) → when it was kept. Raises SpoolLost."""


def _in_no_call(call_id: str, account_id: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    settings: Settings
    clock: Clock
    db: Database
    sessions: Sessions
    in_call: Callable[[str, str], bool] = _in_no_call
    """(call id, account id) → whether that agent is in that call now, or was a moment ago: what the live
    side knows before the database does."""
    keep_outcome: KeepOutcome | None = None
    """Takes an outcome that the database cannot take now; None: there is no such place."""
    outcomes_wait: Callable[[], bool] = lambda: False
    """Whether outcomes kept so are still to be written: a newer one must not overtake them."""
    on_account_changed: list[Callable[[str], Awaitable[None]]] = field(default_factory=list)
    """Called with the account's id after one was made, changed, or taken out of service (seats follow)."""

    async def account_changed(self, account_id: str) -> None:
        for listener in self.on_account_changed:
            await listener(account_id)


def services(connection: HTTPConnection) -> Services:
    """What the application of a request or socket was put together with."""
    found: Services = connection.app.state.services
    return found


async def _services(connection: HTTPConnection) -> Services:
    """A coroutine, for FastAPI runs plain functions in a thread of their own."""
    return services(connection)


A_FILE: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
"""For the description of an endpoint whose body is a file as it is."""
ServicesDep = Annotated[Services, Depends(_services)]
