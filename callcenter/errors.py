"""The exception tree. Everything the product raises on purpose descends from :class:`CallCenterError`.

An error says what is wrong and what to do next; the HTTP edge turns it into
``{"error": {"code", "message", "details"}}`` with the error's own status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class CallCenterError(Exception):
    """Base of all domain errors. ``message`` is for people, ``code`` for programs."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, *, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})


class SettingsError(CallCenterError):
    """A setting is unknown, missing or malformed."""

    code = "bad_settings"


class BadRequest(CallCenterError):
    status = 422
    code = "bad_request"


class NotAuthenticated(CallCenterError):
    status = 401
    code = "not_authenticated"


class NotPermitted(CallCenterError):
    status = 403
    code = "not_permitted"


class NotFound(CallCenterError):
    status = 404
    code = "not_found"


class Conflict(CallCenterError):
    """The thing asked for does not fit the present state (an agent whose phone is away says ready)."""

    status = 409
    code = "conflict"


class TooManyRequests(CallCenterError):
    status = 429
    code = "too_many_requests"


class Unavailable(CallCenterError):
    """A part we depend on (Asterisk, PostgreSQL) is away; trying again later may work."""

    status = 503
    code = "unavailable"


class GatewayError(CallCenterError):
    """Asterisk refused or failed a request. ``http_status`` is ARI's (0: no answer at all); ``target`` is what was the
    matter, if that is known better than by what was asked for."""

    status = 502
    code = "switch_refused"

    def __init__(self, message: str, *, http_status: int = 0, target: str = "") -> None:
        super().__init__(message, details={"http_status": http_status, **({"target": target} if target else {})})
        self.http_status = http_status


class NoAnswer(GatewayError):
    """Asterisk did not answer, or cannot be asked now. Whether the thing was done is settled by looking, never by
    asking again."""

    code = "switch_silent"
