"""Who is told when a case stands still, who has been told, and what waits to be told to other systems."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "escalation_levels",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("people", JSONB(), nullable=False),
        sa.CheckConstraint("trigger IN ('reply','resolve')", name=op.f("ck_escalation_levels_trigger")),
        sa.CheckConstraint("after_minutes > 0", name=op.f("ck_escalation_levels_after_minutes")),
        sa.ForeignKeyConstraint(["kind"], ["case_kinds.code"], name="fk_escalation_levels_kind", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "trigger", "level", name="pk_escalation_levels"),
    )
    op.create_table(
        "case_escalations",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("opening", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(["number"], ["cases.number"], name="fk_case_escalations_number", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", "opening", "trigger", "level", name="pk_case_escalations"),
    )
    op.create_table(
        "case_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("seen_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_case_notices_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["number"], ["cases.number"], name="fk_case_notices_number", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_case_notices"),
    )
    unseen = sa.text("seen_at IS NULL")
    op.create_index("ix_case_notices_unseen", "case_notices", ["account_id"], postgresql_where=unseen)
    op.create_index("ix_case_notices_number", "case_notices", ["number"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", AT, nullable=False),
        sa.Column("done_at", AT, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    undone = sa.text("done_at IS NULL")
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["next_at"], postgresql_where=undone)


def downgrade() -> None:
    for name in ("webhook_deliveries", "case_notices", "case_escalations", "escalation_levels"):
        op.drop_table(name)
