"""Which telephone outside a stretch of a call was spent with."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segments", sa.Column("number", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("segments", "number")
