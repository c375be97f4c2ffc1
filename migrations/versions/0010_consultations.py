"""Consultations and conferences: segments of two kinds more, and those of colleagues beside the caller's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None

CHECK = "ck_segments_ck_segments_kind"
"""As the first migration named it, by mistake twice over."""
OLD = "kind IN ('menu','wait','ring','talk','hold','wrap_up')"
NEW = "kind IN ('menu','wait','ring','talk','hold','wrap_up','consult','conference')"


def upgrade() -> None:
    op.add_column("segments", sa.Column("track", sa.SmallInteger(), server_default="0", nullable=False))
    op.drop_constraint("uq_segments_contact_id_seq", "segments")
    op.create_unique_constraint("uq_segments_contact_id_track_seq", "segments", ["contact_id", "track", "seq"])
    op.execute(f"ALTER TABLE segments DROP CONSTRAINT {CHECK}")
    op.execute(f"ALTER TABLE segments ADD CONSTRAINT {CHECK} CHECK ({NEW})")


def downgrade() -> None:
    op.execute("DELETE FROM segments WHERE track > 0 OR kind IN ('consult', 'conference')")
    op.execute(f"ALTER TABLE segments DROP CONSTRAINT {CHECK}")
    op.execute(f"ALTER TABLE segments ADD CONSTRAINT {CHECK} CHECK ({OLD})")
    op.drop_constraint("uq_segments_contact_id_track_seq", "segments")
    op.create_unique_constraint("uq_segments_contact_id_seq", "segments", ["contact_id", "seq"])
    op.drop_column("segments", "track")
