"""How each leg of a call sounded is kept with the call."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leg_sounds",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("trunk", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("received_lost", sa.Integer(), nullable=False),
        sa.Column("received_jitter_ms", sa.Float(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("sent_lost", sa.Integer(), nullable=True),
        sa.Column("sent_jitter_ms", sa.Float(), nullable=True),
        sa.Column("rtt_ms", sa.Float(), nullable=True),
        sa.Column("mos_from", sa.Float(), nullable=True),
        sa.Column("mos_to", sa.Float(), nullable=True),
        sa.Column("verdict_from", sa.Text(), nullable=True),
        sa.Column("verdict_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", "channel", name="pk_leg_sounds"),
    )
    op.create_index("ix_leg_sounds_ended_at", "leg_sounds", ["ended_at"])


def downgrade() -> None:
    op.drop_table("leg_sounds")
