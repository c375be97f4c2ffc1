"""A sound file over HTTP, by byte range."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import Request
from fastapi.responses import FileResponse


def from_its_beginning(request: Request) -> bool:
    """Whether this asks for a sound's first bytes: one hearing is many requests, of which only this one counts."""
    return request.headers.get("range", "bytes=0-").startswith("bytes=0-")


def kept_file(folder: Path, relative: str) -> Path | None:
    """A file below the folder, by the path that its row names; None when there is none, or the path leads out.

    Links are followed: old recordings may lie on another disk."""
    path = Path(os.path.normpath(folder / relative))
    return path if path.is_relative_to(folder) and path.is_file() else None


def sound(path: Path) -> FileResponse:
    """A WAV that is played in the page and kept in no cache: who may hear it today may not tomorrow."""
    return FileResponse(
        path,
        media_type="audio/wav",
        filename=path.name,
        content_disposition_type="inline",
        headers={"Cache-Control": "private, no-store"},
    )
