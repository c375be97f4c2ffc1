"""Calls that we make, and call-backs that keep their place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('open','dialling')")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("purpose", sa.Text(), server_default="", nullable=False))
    # Kinds of segments are the code's own; a list here would have to change with every kind.
    op.drop_constraint("ck_segments_kind", "segments", type_="check")
    at = sa.DateTime(timezone=True)
    # Nothing was ever written to the first shape of this table.
    op.drop_table("callbacks")
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("since", at, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("hotline", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("permitted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("pause_s", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("next_attempt_at", at, nullable=True),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("last_contact_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", at, nullable=False),
        sa.Column("closed_at", at, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open','dialling','reached','gave_up','hours_over','agent_ended','refused','cancelled')",
            name="ck_callbacks_state",
        ),
        sa.CheckConstraint("created_by IN ('caller','switch_lost','staff')", name="ck_callbacks_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
    )
    op.create_index("uq_callbacks_open_contact", "callbacks", ["contact_id"], unique=True, postgresql_where=_OPEN)
    op.create_index("ix_callbacks_open", "callbacks", ["since"], postgresql_where=_OPEN)
    op.create_index("ix_callbacks_created_at", "callbacks", ["created_at"])


def downgrade() -> None:
    op.drop_table("callbacks")
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="5", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
    )
    kinds = "'menu','wait','ring','talk','hold','wrap_up','consult','conference'"
    op.create_check_constraint("ck_segments_kind", "segments", f"kind IN ({kinds})")
    op.drop_column("contacts", "purpose")
