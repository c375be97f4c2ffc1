"""Trunks taken out of service; incidents with a life: acknowledged, resolved, one open of a kind."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trunks_out",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trunks_out")),
    )
    op.add_column("incidents", sa.Column("severity", sa.Text(), server_default="error", nullable=False))
    op.add_column("incidents", sa.Column("key", sa.Text(), server_default="", nullable=False))
    op.add_column("incidents", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incidents", sa.Column("acknowledged_by", sa.Uuid(), nullable=True))
    op.add_column("incidents", sa.Column("resolved_by", sa.Uuid(), nullable=True))
    op.add_column("incidents", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.create_check_constraint(op.f("ck_incidents_severity"), "incidents", "severity IN ('warning','error')")
    op.create_index(
        "uq_incidents_open_key",
        "incidents",
        ["key"],
        unique=True,
        postgresql_where=sa.text("resolved_at IS NULL AND key <> ''"),
    )


def downgrade() -> None:
    op.drop_index("uq_incidents_open_key", table_name="incidents")
    op.drop_constraint(op.f("ck_incidents_severity"), "incidents", type_="check")
    for column in ("note", "resolved_by", "acknowledged_by", "acknowledged_at", "key", "severity"):
        op.drop_column("incidents", column)
    op.drop_table("trunks_out")
