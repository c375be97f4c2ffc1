"""Whose calls the holder of the desk still has to take up: who dies over it is followed by one that knows."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_lease", sa.Column("taken_from", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("desk_lease", "taken_from")
