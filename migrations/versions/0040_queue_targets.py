"""What each queue promises is kept with the instant from which it held: history is judged by the target of its time.

The versions of the flows that are kept tell what held until now.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import yaml
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def promised(queues_yaml: str) -> dict[str, float]:
    """Queue → seconds, as the file said then; 20 where it says nothing. Empty when it cannot be read."""
    try:
        queues = yaml.safe_load(queues_yaml)
    except yaml.YAMLError:
        return {}
    found = {}
    for name, fields in queues.items() if isinstance(queues, dict) else ():
        match = re.fullmatch(r"([0-9.]+)(ms|s|m|h)?", str((fields or {}).get("service_level", "20s")).strip())
        if match and name != "desk":  # what holds for all queues together
            found[str(name)] = float(match[1]) * _UNITS[match[2] or "s"]
    return found


def changes(versions: Iterable[tuple[datetime, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """A row for each change of a queue's seconds. ``versions``: when they went live and their files, oldest first."""
    known: dict[str, float] = {}
    for since, files in versions:
        for queue, within_s in promised(str(files.get("queues.yaml", ""))).items():
            if known.get(queue) != within_s:
                known[queue] = within_s
                yield {"queue": queue, "since": since, "within_s": within_s}


def upgrade() -> None:
    targets = op.create_table(
        "queue_targets",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("within_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("queue", "since", name=op.f("pk_queue_targets")),
    )
    files = sa.column("files", postgresql.JSONB())
    versions = sa.table("flow_versions", sa.column("number"), sa.column("created_at"), files)
    kept = op.get_bind().execute(sa.select(versions.c.created_at, versions.c.files).order_by(versions.c.number))
    op.bulk_insert(targets, list(changes((row.created_at, row.files) for row in kept)))


def downgrade() -> None:
    op.drop_table("queue_targets")
