"""Days that are over are summed once: reports over months, and the monthly service reports that are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at, code, seconds = sa.DateTime(timezone=True), sa.Text(), sa.Double()
    op.create_table(
        "call_facts",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", at, nullable=False),
        sa.Column("hotline", code, nullable=False),
        sa.Column("trunk", code, nullable=False),
        sa.Column("queue", code),
        sa.Column("agent_id", sa.Uuid()),
        sa.Column("fate", code, nullable=False),
        sa.Column("wait_s", seconds),
        sa.Column("caller_fate", code),
        sa.Column("caller_wait_s", seconds),
        sa.Column("talk_s", seconds, nullable=False),
        sa.Column("hold_s", seconds, nullable=False),
        sa.Column("wrap_s", seconds, nullable=False),
        sa.Column("ratings", sa.SmallInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", "visit", name="pk_call_facts"),
    )
    op.create_index("ix_call_facts_at", "call_facts", ["at"])
    counts = ("answered", "offers", "missed", "transfers", "outbound", "reached", "ratings", "score")
    times = ("staffed_s", "ready_s", "ring_s", "talk_s", "hold_s", "wrap_s", "break_s", "lost_s")
    op.create_table(
        "agent_slots",
        sa.Column("slot", at, nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        *(sa.Column(name, sa.Double(), nullable=False) for name in times),
        sa.PrimaryKeyConstraint("slot", "agent_id", name="pk_agent_slots"),
    )
    op.create_index("ix_agent_slots_agent_id_slot", "agent_slots", ["agent_id", "slot"])
    op.create_table(
        "agent_break_slots",
        sa.Column("slot", at, nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("reason", code, nullable=False),
        sa.Column("seconds", seconds, nullable=False),
        sa.PrimaryKeyConstraint("slot", "agent_id", "reason", name="pk_agent_break_slots"),
    )
    # Reports leave the drill's calls out, which are few.
    op.create_index("ix_contacts_drill", "contacts", ["id"], postgresql_where=sa.text("drill"))
    op.create_table(
        "summed_until",
        sa.Column("id", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_summed_until_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_summed_until"),
    )
    op.create_table(
        "monthly_reports",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("department", code, nullable=False),
        sa.Column("made_at", at, nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("month", "department", name="pk_monthly_reports"),
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_drill", "contacts")
    for name in ("monthly_reports", "summed_until", "agent_break_slots", "agent_slots", "call_facts"):
        op.drop_table(name)
