"""Why callers waited and who got them is kept for good."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waits",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("story", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "ended_at", name="pk_waits"),
    )
    op.create_table(
        "routing_decisions",
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name="pk_routing_decisions"),
    )
    op.create_index("ix_routing_decisions_call_id", "routing_decisions", ["call_id"])
    op.create_index("ix_routing_decisions_at", "routing_decisions", ["at"])
    op.create_index("ix_routing_decisions_queue_at", "routing_decisions", ["queue", "at"])
    op.create_index("ix_routing_decisions_agent_id_at", "routing_decisions", ["agent_id", "at"])


def downgrade() -> None:
    op.drop_table("routing_decisions")
    op.drop_table("waits")
