"""Where the database of this copy is, for commands that run beside the service."""

from __future__ import annotations

from callcenter.errors import Unavailable
from callcenter.settings import Settings


def database_url(settings: Settings) -> str:
    """``CALLCENTER_DATABASE_URL``, or the address of the embedded PostgreSQL if it runs. Raises Unavailable."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    folder = settings.data_dir / "postgres"
    try:
        password = (folder / "password").read_text()
        # PostgreSQL's own note of itself: process, data folder, start, port, …
        port = int((folder / "data" / "postmaster.pid").read_text().splitlines()[3])
    except (OSError, IndexError, ValueError):
        raise Unavailable(
            f"no database: none runs in {settings.data_dir} and CALLCENTER_DATABASE_URL is not set; "
            "start everything with `callcenter up` first"
        ) from None
    return f"postgresql+asyncpg://callcenter:{password}@127.0.0.1:{port}/postgres"
