"""The built pages: one document for every page's address, and its parts, which never change under one name."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Path as PathPart
from fastapi.responses import FileResponse

from callcenter.access.guard import public
from callcenter.errors import NotFound, Unavailable

PAGES: Final = (
    "", "agent", "supervisor", "roster", "staff", "contacts", "customers", "cases", "callbacks", "visits", "messages",
    "ops", "phone", "audit", "login", "reports", "wallboard",
)  # fmt: skip
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK_AGAIN: Final = {"Cache-Control": "no-cache"}


def pages_router(web_dir: Path) -> APIRouter:
    """Serve what ``npm run build`` made. The pages hold no secrets: who may see what, their data's guards decide."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])
    root = web_dir.resolve()

    async def document() -> FileResponse:
        index = root / "index.html"
        if not index.is_file():
            raise Unavailable(f"the pages are not built: there is no {index}; run `npm ci && npm run build` in web/")
        return FileResponse(index, headers=_ASK_AGAIN)

    for page in PAGES:
        router.add_api_route(f"/{page}", document, methods=["GET"])
        if page:
            router.add_api_route(f"/{page}/{{rest:path}}", document, methods=["GET"])

    @router.get("/{mistyped}")
    async def no_page(mistyped: str) -> FileResponse:
        """The document as well: it says in words that there is no such page, and leads back."""
        found = await document()
        found.status_code = 404
        return found

    @router.get("/assets/{name}")
    async def part(name: Annotated[str, PathPart(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$")]) -> FileResponse:
        found = root / "assets" / name
        if not found.is_file():
            raise NotFound("no such file; load the page again")
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FileResponse(found, media_type=media_type, headers=_FOR_EVER)

    return router
