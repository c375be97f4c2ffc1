"""Return visits; since when somebody is a customer, and whether they want no calls."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("customers", sa.Column("customer_since", sa.Date(), nullable=True))
    op.add_column("customers", sa.Column("no_calls", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "return_visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", AT, nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("calling_since", AT, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('due','done','declined','missed','cancelled')", name=op.f("ck_return_visits_state")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_return_visits_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_return_visits"),
        sa.UniqueConstraint("customer_id", "due_on", name="uq_return_visits_customer_id_due_on"),
    )
    due = sa.text("state = 'due'")
    op.create_index("uq_return_visits_due", "return_visits", ["customer_id"], unique=True, postgresql_where=due)
    op.create_index("ix_return_visits_due_on", "return_visits", ["due_on"])
    op.create_index("ix_return_visits_contact_id", "return_visits", ["contact_id"])


def downgrade() -> None:
    op.drop_table("return_visits")
    op.drop_column("customers", "no_calls")
    op.drop_column("customers", "customer_since")
