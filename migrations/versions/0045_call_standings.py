"""How each live call stands, beside its journal: a standby of another version takes it up from there."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_standings",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["contacts.id"], name=op.f("fk_call_standings_call_id_contacts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_standings")),
    )


def downgrade() -> None:
    op.drop_table("call_standings")
