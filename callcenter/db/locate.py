"""Where the database of this copy is, for commands that run beside the service."""

from __future__ import annotations

from callcenter.db.embedded import running_url
from callcenter.errors import Unavailable
from callcenter.settings import Settings


def database_url(settings: Settings) -> str:
    """``CALLCENTER_DATABASE_URL``, or the address of the embedded PostgreSQL if it runs. Raises Unavailable."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    found = running_url(settings.data_dir / "postgres")
    if found is None:
        raise Unavailable(
            f"no database: none runs in {settings.data_dir} and CALLCENTER_DATABASE_URL is not set; "
            "start everything with `callcenter up` first"
        )
    return found
