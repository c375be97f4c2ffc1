"""What every HTTP answer has in common: errors in one shape, security headers, a limit on what is read."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.db.direct import Refused
from callcenter.errors import CallCenterError, TooManyRequests
from callcenter.settings import Settings

MAX_BODY_BYTES = 1 << 20
LARGER_BODIES = {"/api/v1/flows/prompts/": 20 << 20}
"""Path prefixes below which a request may be larger: recordings are uploaded there."""
_BAD_VALUE = "22"
"""SQLSTATE's class of data exceptions."""
_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}

log = structlog.get_logger(__name__)


def error_response(
    status: int, code: str, message: str, details: object = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    body = {"error": {"code": code, "message": message, "details": {} if details is None else details}}
    return JSONResponse(body, status_code=status, headers=headers)


async def _domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CallCenterError)
    headers = {}
    if isinstance(error, TooManyRequests) and "retry_after_s" in error.details:
        headers["Retry-After"] = str(error.details["retry_after_s"])
    if error.status >= 500:
        log.error("request_failed", code=error.code, message=error.message, path=request.url.path)
    return error_response(error.status, error.code, error.message, error.details, headers)


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [{"field": ".".join(str(part) for part in e["loc"]), "message": e["msg"]} for e in error.errors()]
    text = "; ".join(f"{f['field']}: {f['message']}" for f in fields[:5])
    return error_response(422, "bad_request", text or "malformed request", {"fields": fields})


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "http_error")
    return error_response(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))


async def _refused_by_database(request: Request, error: Exception) -> JSONResponse:
    """A value that no column takes (U+0000 in a text, a day beyond the calendar) is the request's mistake."""
    assert isinstance(error, (DBAPIError, Refused))
    said = error if isinstance(error, Refused) else error.orig
    if str(getattr(said, "sqlstate", "")).startswith(_BAD_VALUE):
        return error_response(400, "bad_request", "a text, number or time in this request is none that can be kept")
    return await _unknown_error(request, error)


async def _unknown_error(request: Request, error: Exception) -> JSONResponse:
    number = secrets.token_hex(8)
    log.error("request_crashed", error_id=number, path=request.url.path, exc_info=error)
    message = f"something went wrong on our side; tell operations the number {number}, it is in the log"
    return error_response(500, "internal_error", message, {"id": number})


class BodyLimit:
    """Refuses requests with more than ``limit`` bytes, whether announced or found while reading."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((most for path, most in LARGER_BODIES.items() if scope["path"].startswith(path)), self._limit)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            text = f"a request has at most {limit} bytes"
            await error_response(413, "too_large", text)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413, f"a request has at most {limit} bytes")
            return message

        await self._app(scope, counted, send)


class SecurityHeaders:
    """Adds to each answer what browsers need to keep pages to themselves."""

    def __init__(self, app: ASGIApp, policy: str, https: bool) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        }
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        private = scope["path"].startswith("/api/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if private:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def content_policy(settings: Settings) -> str:
    """Own origin only, and the telephone's WebSocket. Inline styles: Ant Design writes its own at run time."""
    telephone = urlsplit(settings.sip_socket_url)
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            f"connect-src 'self' {telephone.scheme}://{telephone.netloc}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def install(app: FastAPI, settings: Settings, *, max_body: int = MAX_BODY_BYTES) -> None:
    """Give an application our error shape, headers and limits. Call once, before it serves."""
    app.add_exception_handler(CallCenterError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    for refused in (DBAPIError, Refused):
        app.add_exception_handler(refused, _refused_by_database)
    app.add_exception_handler(Exception, _unknown_error)
    app.add_middleware(BodyLimit, limit=max_body)
    app.add_middleware(SecurityHeaders, policy=content_policy(settings), https=settings.cookie_secure)


def guarded(app: ASGIApp, settings: Settings) -> ASGIApp:
    """An application that is none of FastAPI's, with the same security headers."""
    return SecurityHeaders(app, content_policy(settings), settings.cookie_secure)
