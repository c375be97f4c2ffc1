"""Lists that are asked for again and again are found by an index: call-backs lately closed, incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_callbacks_closed_at", "callbacks", ["closed_at"])
    listed = [sa.text("(resolved_at IS NOT NULL)"), sa.text("at DESC"), sa.text("id DESC")]
    op.create_index("ix_incidents_listed", "incidents", listed)


def downgrade() -> None:
    op.drop_index("ix_incidents_listed", "incidents")
    op.drop_index("ix_callbacks_closed_at", "callbacks")
