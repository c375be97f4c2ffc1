"""Alembic's entry: runs on the connection it is handed (``callcenter.db.migrate``)."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from callcenter.db.base import HexId, UtcDateTime
from callcenter.db.tables import metadata


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name plain column types: they must not change when our classes do."""
    if kind == "type" and isinstance(item, HexId):
        return "sa.Uuid()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("use `callcenter migrate`: it takes the lock and knows the database")

context.configure(connection=connection, target_metadata=metadata, compare_server_default=True, render_item=render_item)
with context.begin_transaction():
    context.run_migrations()
