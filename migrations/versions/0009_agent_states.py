"""Agents' states as they must survive a restart: all that the desk needs to go on, and who forced a state.

An epoch may begin again when the desk could not be rebuilt, so it no longer identifies a stretch alone. Skills go up
to 10 like the levels that queues ask for.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent_states", sa.Column("by", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "agent_states",
        sa.Column(
            "desk", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
    )
    op.add_column("agent_state_log", sa.Column("by", sa.Text(), server_default="", nullable=False))
    op.add_column("agent_state_log", sa.Column("call_id", sa.Uuid(), nullable=True))
    op.drop_constraint("uq_agent_state_log_account_id_epoch", "agent_state_log", type_="unique")
    op.create_unique_constraint(
        "uq_agent_state_log_account_id_started_at_epoch", "agent_state_log", ["account_id", "started_at", "epoch"]
    )
    op.create_index(
        "ix_agent_state_log_open", "agent_state_log", ["account_id"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_constraint("ck_agent_skills_level", "agent_skills", type_="check")
    op.create_check_constraint("ck_agent_skills_level", "agent_skills", "level BETWEEN 1 AND 10")


def downgrade() -> None:
    op.drop_constraint("ck_agent_skills_level", "agent_skills", type_="check")
    op.execute("UPDATE agent_skills SET level = 9 WHERE level > 9")
    op.create_check_constraint("ck_agent_skills_level", "agent_skills", "level BETWEEN 1 AND 9")
    op.drop_index("ix_agent_state_log_open", "agent_state_log")
    op.drop_constraint("uq_agent_state_log_account_id_started_at_epoch", "agent_state_log", type_="unique")
    op.execute(
        "DELETE FROM agent_state_log a USING agent_state_log b "
        "WHERE a.account_id = b.account_id AND a.epoch = b.epoch AND a.started_at < b.started_at"
    )
    op.create_unique_constraint("uq_agent_state_log_account_id_epoch", "agent_state_log", ["account_id", "epoch"])
    op.drop_column("agent_state_log", "call_id")
    op.drop_column("agent_state_log", "by")
    op.drop_column("agent_states", "desk")
    op.drop_column("agent_states", "by")
