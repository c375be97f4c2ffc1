"""The API described for machines: OpenAPI, with who may call what, what goes wrong in which shape, and examples."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from callcenter.access.guard import SignedIn, guards_of
from callcenter.access.origin import SAFE_METHODS
from callcenter.api_examples import EXAMPLES

_ABOUT: Final = """\
Instants are ISO 8601 with a zone (answers: UTC), days are the site's, ids are 32 hex digits. A browser's session is a
cookie; a machine sends `Authorization: Bearer …` with a token of `callcenter accounts token`. Requests that change
something and carry the cookie must come from our own pages (`Origin`). Every error has the shape of `ApiError`: `code`
is for programs and stays, `message` is for people. Any request may be answered 503 while the database is away.
The agents' socket is described in `docs/agent-socket.md`."""


class ErrorBody(BaseModel):
    """``details`` depends on ``code``; ``fields`` in it names what is wrong in a request."""

    code: str
    message: str
    details: dict[str, Any]


class ApiError(BaseModel):
    error: ErrorBody


_ERRORS: Final[dict[int, tuple[str, str, str]]] = {
    401: ("Nobody is signed in, or the session is over.", "not_authenticated", "sign in first"),
    403: ("Signed in, but not for this.", "not_permitted", "not for the role agent"),
    404: ("There is no such thing.", "not_found", "no such call"),
    409: ("What is asked for does not fit what is now.", "conflict", "a colleague has seen to this message already"),
    413: ("The request is too large.", "too_large", "a request has at most 1048576 bytes"),
    422: ("The request is malformed, or what it says cannot be.", "bad_request", "body.name: Field required"),
    429: ("Too many wrong passwords; `Retry-After` says how long to wait.", "too_many_requests", "wait 15 minutes"),
}
_SECURITY: Final[list[dict[str, list[str]]]] = [{"session": []}, {"token": []}]

router = APIRouter(prefix="/api/v1", tags=["api"])


@router.get("/openapi.json", response_class=JSONResponse)
async def describe(request: Request, _: SignedIn) -> JSONResponse:
    """This description."""
    app: FastAPI = request.app
    if app.openapi_schema is None:  # half a second of work: aside, and not before somebody asks
        app.openapi_schema = await asyncio.to_thread(described, app)
    return JSONResponse(app.openapi_schema)


def described(app: FastAPI) -> dict[str, Any]:
    """OpenAPI of all that is served below ``/api`` and beside the pages."""
    made = get_openapi(title="callcenter", version="1", description=_ABOUT, routes=app.routes)
    parts = made.setdefault("components", {})
    shapes = parts.setdefault("schemas", {})
    shapes["ApiError"] = ApiError.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes |= shapes["ApiError"].pop("$defs", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        shapes.pop(unused, None)
    parts["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "callcenter_8080", "description": "Named by the port."},
        "token": {"type": "http", "scheme": "bearer"},
    }
    for method, path, route in served(app):
        operation = made["paths"].get(path, {}).get(method)
        if operation is not None:
            _complete(operation, method, path, route)
    return made


def served(app: FastAPI) -> Iterator[tuple[str, str, APIRoute]]:
    """(method in small letters, path, route) of every endpoint of an application."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            for method in sorted(context.methods or ()):
                yield method.lower(), str(context.path), route


def _complete(operation: dict[str, Any], method: str, path: str, route: APIRoute) -> None:
    roles = next((guard.roles for guard in guards_of(route.dependant)), None)
    text = operation.get("description", "").replace("``", "`")
    who = "Roles: " + ", ".join(sorted(roles)) if roles else "Needs no session"
    operation["description"] = f"{text}\n\n{who}.".strip()
    operation["security"] = _SECURITY if roles else []
    body = operation.get("requestBody")
    answers = operation["responses"]
    answers.pop("422", None)
    wrong = {
        401: roles is not None or path == "/api/v1/session",
        403: roles is not None or path == "/api/v1/session",
        404: "{" in path,
        409: method.upper() not in SAFE_METHODS and roles is not None,
        413: body is not None,
        422: body is not None or bool(operation.get("parameters")),
        429: (method, path) == ("post", "/api/v1/session"),
    }
    for status in (status for status, can in wrong.items() if can):
        about, code, message = _ERRORS[status]
        example = {"error": {"code": code, "message": message, "details": {}}}
        shape = {"schema": {"$ref": "#/components/schemas/ApiError"}, "example": example}
        answers[str(status)] = {"description": about, "content": {"application/json": shape}}
    if body is not None and (method, path) in EXAMPLES:
        body["content"]["application/json"]["example"] = EXAMPLES[method, path]
