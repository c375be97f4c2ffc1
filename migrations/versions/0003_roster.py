"""The roster: shifts, assignments, absences, swaps, minimums, calendar links."""

from __future__ import annotations

from datetime import time
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SHIFTS = (
    ("early", "早班", "Early", time(8), time(20)),
    ("middle", "中班", "Middle", time(9), time(21)),
    ("night", "夜班", "Night", time(20), time(8)),
)
MINIMUMS = (
    (UUID("01900000-0000-7000-8000-000000000001"), time(8), time(20), 8),
    (UUID("01900000-0000-7000-8000-000000000002"), time(20), time(8), 2),
)


def upgrade() -> None:
    shifts = op.create_table(
        "roster_shifts",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), server_default="", nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("on_call", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("begins <> ends", name="ck_roster_shifts_length"),
        sa.PrimaryKeyConstraint("code", name="pk_roster_shifts"),
    )
    op.create_table(
        "roster_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_roster_assignments_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shift"], ["roster_shifts.code"], name="fk_roster_assignments_shift_roster_shifts"),
        sa.PrimaryKeyConstraint("id", name="pk_roster_assignments"),
        sa.UniqueConstraint("account_id", "day", "shift", name="uq_roster_assignments_account_id_day_shift"),
    )
    op.create_index("ix_roster_assignments_day", "roster_assignments", ["day"])
    op.create_table(
        "roster_absences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="requested", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('leave','sick','training','wish_off','wish_shift')", name="ck_roster_absences_kind"
        ),
        sa.CheckConstraint("state IN ('requested','approved','refused')", name="ck_roster_absences_state"),
        sa.CheckConstraint("last_day >= first_day", name="ck_roster_absences_days"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_roster_absences_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shift"], ["roster_shifts.code"], name="fk_roster_absences_shift_roster_shifts"),
        sa.PrimaryKeyConstraint("id", name="pk_roster_absences"),
    )
    op.create_index("ix_roster_absences_account_id_first_day", "roster_absences", ["account_id", "first_day"])
    op.create_table(
        "roster_swaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("to_account_id", sa.Uuid(), nullable=False),
        sa.Column("other_assignment_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default="requested", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('requested','approved','refused')", name="ck_roster_swaps_state"),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["roster_assignments.id"],
            name="fk_roster_swaps_assignment_id_roster_assignments",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_account_id"], ["accounts.id"], name="fk_roster_swaps_to_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_assignment_id"],
            ["roster_assignments.id"],
            name="fk_roster_swaps_other_assignment_id_roster_assignments",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_roster_swaps"),
    )
    op.create_index("ix_roster_swaps_state", "roster_swaps", ["state"])
    minimums = op.create_table(
        "roster_minimums",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("need", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("skill", sa.Text(), server_default="", nullable=False),
        sa.Column("level", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("need BETWEEN 1 AND 1000", name="ck_roster_minimums_need"),
        sa.CheckConstraint("level BETWEEN 1 AND 10", name="ck_roster_minimums_level"),
        sa.PrimaryKeyConstraint("id", name="pk_roster_minimums"),
    )
    op.create_table(
        "roster_feeds",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_roster_feeds_account_id_accounts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_roster_feeds"),
        sa.UniqueConstraint("token_hash", name="uq_roster_feeds_token_hash"),
    )
    op.bulk_insert(
        shifts,
        [
            {"code": code, "title": title, "title_en": title_en, "begins": begins, "ends": ends, "position": position}
            for position, (code, title, title_en, begins, ends) in enumerate(SHIFTS, start=1)
        ],
    )
    op.bulk_insert(
        minimums, [{"id": id_, "begins": begins, "ends": ends, "need": need} for id_, begins, ends, need in MINIMUMS]
    )


def downgrade() -> None:
    for table in (
        "roster_feeds",
        "roster_minimums",
        "roster_swaps",
        "roster_absences",
        "roster_assignments",
        "roster_shifts",
    ):
        op.drop_table(table)
