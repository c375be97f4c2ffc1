"""Messages that callers leave: who they are for, what came of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing was ever written to it: voicemail could not be recorded before.
    op.drop_table("voicemails")
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), server_default="voicemail", nullable=False),
        sa.Column("caller_number", sa.Text(), server_default="", nullable=False),
        sa.Column("hotline", sa.Text(), server_default="", nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("drill", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="new", nullable=False),
        sa.Column("heard_by", sa.Uuid(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("purpose IN ('voicemail','comment')", name=op.f("ck_messages_purpose")),
        sa.CheckConstraint("state IN ('new','heard','done')", name=op.f("ck_messages_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("path", name=op.f("uq_messages_path")),
    )
    op.create_index("ix_messages_contact_id", "messages", ["contact_id"])
    op.create_index("ix_messages_caller_number", "messages", ["caller_number"])
    op.create_index("ix_messages_recorded_at_id", "messages", ["recorded_at", "id"])
    op.create_index("ix_messages_new", "messages", ["queue"], postgresql_where=sa.text("state = 'new'"))


def downgrade() -> None:
    op.drop_table("messages")
    op.create_table(
        "voicemails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), server_default="voicemail", nullable=False),
        sa.Column("caller_number", sa.Text(), server_default="", nullable=False),
        sa.Column("hotline", sa.Text(), server_default="", nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("heard_by", sa.Uuid(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_voicemails"),
        sa.UniqueConstraint("path", name="uq_voicemails_path"),
    )
    op.create_index("ix_voicemails_contact_id", "voicemails", ["contact_id"], unique=False)
    op.create_index("ix_voicemails_recorded_at", "voicemails", ["recorded_at"], unique=False)
