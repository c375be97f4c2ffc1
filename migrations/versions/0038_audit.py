"""The audit is listed by person and by group of deeds; the names of three deeds follow the others' manner."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0032"
branch_labels = None
depends_on = None

_RENAMED = {
    "callback_cancelled": "callback.cancelled",
    "callback_hurried": "callback.hurried",
    "trunks.reloaded": "trunk.reloaded",
}


def upgrade() -> None:
    _rename(_RENAMED)
    op.create_index("ix_audit_listed", "audit", ["at", "id"])
    op.create_index("ix_audit_person", "audit", ["account_id", "at", "id"])
    op.create_index("ix_audit_group", "audit", [sa.text("split_part(action, '.', 1)"), "at", "id"])
    op.drop_index("ix_audit_at", "audit")


def downgrade() -> None:
    op.create_index("ix_audit_at", "audit", ["at"])
    for name in ("ix_audit_group", "ix_audit_person", "ix_audit_listed"):
        op.drop_index(name, "audit")
    _rename({new: old for old, new in _RENAMED.items()})


def _rename(names: dict[str, str]) -> None:
    audit = sa.table("audit", sa.column("action", sa.Text))
    for old, new in names.items():
        op.execute(audit.update().where(audit.c.action == old).values(action=new))
