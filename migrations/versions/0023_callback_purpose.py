"""What a call-back is for, who promised it, and what is to be said."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callbacks", sa.Column("purpose", sa.Text(), server_default="callback", nullable=False))
    op.add_column("callbacks", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column("callbacks", sa.Column("agent_id", sa.Uuid(), nullable=True))
    op.create_check_constraint("ck_callbacks_purpose", "callbacks", "purpose IN ('callback','return_visit')")


def downgrade() -> None:
    op.drop_constraint("ck_callbacks_purpose", "callbacks")
    op.drop_column("callbacks", "agent_id")
    op.drop_column("callbacks", "note")
    op.drop_column("callbacks", "purpose")
