"""How much of their time the house says people cannot take calls; where it says nothing, the records tell."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shrinkage",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("in_office", sa.Double(), nullable=True),
        sa.Column("out_of_office", sa.Double(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_shrinkage_one_row")),
        sa.CheckConstraint("in_office BETWEEN 0 AND 0.5", name=op.f("ck_shrinkage_in_office")),
        sa.CheckConstraint("out_of_office BETWEEN 0 AND 0.5", name=op.f("ck_shrinkage_out_of_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shrinkage")),
    )


def downgrade() -> None:
    op.drop_table("shrinkage")
