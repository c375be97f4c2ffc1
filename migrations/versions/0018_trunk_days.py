"""Calls of ours over each trunk, by day."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trunk_days",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name=op.f("pk_trunk_days")),
    )


def downgrade() -> None:
    op.drop_table("trunk_days")
