"""The first schema: accounts, customers, contacts and their segments, the journal, recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DISPOSITIONS = (
    ("resolved", "已解决", "Resolved"),
    ("follow_up", "需要跟进", "Follow-up needed"),
    ("forwarded", "已转相关部门", "Passed to a department"),
    ("complaint", "投诉已登记", "Complaint registered"),
    ("call_back", "约定回电", "Call-back agreed"),
    ("wrong_number", "打错电话", "Wrong number"),
    ("no_speech", "无人应答", "Nobody spoke"),
    ("nuisance", "骚扰电话", "Nuisance call"),
    ("test", "测试", "Test"),
)
BREAK_REASONS = (
    ("meal", "用餐", "Meal", 60),
    ("rest", "休息", "Rest", 15),
    ("paperwork", "处理工单", "Paperwork", None),
    ("meeting", "会议", "Meeting", None),
    ("training", "培训", "Training", None),
)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("extension", sa.Text(), nullable=True),
        sa.Column("seat_kind", sa.Text(), server_default="browser", nullable=False),
        sa.Column("wrap_up_s", sa.Double(), nullable=True),
        sa.Column("drill", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('agent','lead','supervisor','ops','admin')", name="ck_accounts_role"),
        sa.CheckConstraint("seat_kind IN ('browser','desk_phone')", name="ck_accounts_seat_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("extension", name="uq_accounts_extension"),
        sa.UniqueConstraint("login", name="uq_accounts_login"),
    )
    op.create_table(
        "agent_state_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agent_state_log"),
        sa.UniqueConstraint("account_id", "epoch", name="uq_agent_state_log_account_id_epoch"),
    )
    op.create_index(
        "ix_agent_state_log_account_id_started_at", "agent_state_log", ["account_id", "started_at"], unique=False
    )
    op.create_index("ix_agent_state_log_started_at", "agent_state_log", ["started_at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_audit_subject_at", "audit", ["subject", "at"], unique=False)
    op.create_table(
        "break_reasons",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("allowance_minutes", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("allowance_minutes > 0", name="ck_break_reasons_allowance_minutes"),
        sa.PrimaryKeyConstraint("code", name="pk_break_reasons"),
    )
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="5", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting','dialling','done','failed','cancelled')", name="ck_callbacks_state"),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_contact_id", "callbacks", ["contact_id"], unique=False)
    op.create_index(
        "ix_callbacks_waiting",
        "callbacks",
        ["queue", "requested_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("vip", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_table(
        "dispositions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_dispositions"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_at", "incidents", ["at"], unique=False)
    op.create_index(
        "ix_incidents_open", "incidents", ["at"], unique=False, postgresql_where=sa.text("resolved_at IS NULL")
    )
    op.create_table(
        "journal",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_at", "journal", ["at"], unique=False, postgresql_using="brin")
    op.create_table(
        "login_failures",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", "address", name="pk_login_failures"),
    )
    op.create_index("ix_login_failures_last_at", "login_failures", ["last_at"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", "question", name="pk_ratings"),
    )
    op.create_index("ix_ratings_at", "ratings", ["at"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="capturing", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("sample_rate", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("node", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('capturing','sealing','sealed','failed','empty')", name="ck_recordings_state"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("path", name="uq_recordings_path"),
    )
    op.create_index("ix_recordings_contact_id", "recordings", ["contact_id"], unique=False)
    op.create_index("ix_recordings_started_at", "recordings", ["started_at"], unique=False)
    op.create_index(
        "ix_recordings_unsealed",
        "recordings",
        ["started_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('capturing','sealing')"),
    )
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
    op.create_table(
        "agent_queues",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 9", name="ck_agent_queues_level"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_agent_queues_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "queue", name="pk_agent_queues"),
    )
    op.create_table(
        "agent_skills",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 9", name="ck_agent_skills_level"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_agent_skills_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "skill", name="pk_agent_skills"),
    )
    op.create_table(
        "agent_states",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pending", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_agent_states_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_agent_states"),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.Text(), server_default="inbound", nullable=False),
        sa.Column("hotline", sa.Text(), server_default="", nullable=False),
        sa.Column("trunk", sa.Text(), server_default="", nullable=False),
        sa.Column("caller_number", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("flow", sa.Text(), server_default="", nullable=False),
        sa.Column("flow_version", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("transfers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("drill", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "menu_trace", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("node", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("direction IN ('inbound','outbound')", name="ck_contacts_direction"),
        sa.CheckConstraint("ended_by IN ('caller','agent','system')", name="ck_contacts_ended_by"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_contacts_customer_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_index("ix_contacts_answered_by_started_at", "contacts", ["answered_by", "started_at"], unique=False)
    op.create_index("ix_contacts_caller_number_started_at", "contacts", ["caller_number", "started_at"], unique=False)
    op.create_index("ix_contacts_customer_id_started_at", "contacts", ["customer_id", "started_at"], unique=False)
    op.create_index("ix_contacts_open", "contacts", ["id"], unique=False, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("ix_contacts_started_at_id", "contacts", ["started_at", "id"], unique=False)
    op.create_table(
        "customer_phones",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_phones_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_customer_phones"),
    )
    op.create_index("ix_customer_phones_customer_id", "customer_phones", ["customer_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('cookie','bearer')", name="ck_sessions_kind"),
        sa.CheckConstraint("role IN ('agent','lead','supervisor','ops','admin')", name="ck_sessions_role"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.UniqueConstraint("id", name="uq_sessions_id"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"], unique=False)
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_outcomes_contact_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["disposition"], ["dispositions.code"], name="fk_outcomes_disposition"),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
        sa.UniqueConstraint("contact_id", "agent_id", name="uq_outcomes_contact_id_agent_id"),
    )
    op.create_index("ix_outcomes_agent_id", "outcomes", ["agent_id"], unique=False)
    op.create_index("ix_outcomes_created_at", "outcomes", ["created_at"], unique=False)
    op.create_index("ix_outcomes_disposition", "outcomes", ["disposition"], unique=False)
    op.create_table(
        "segments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('menu','wait','ring','talk','hold','wrap_up')", name="ck_segments_kind"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_segments_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_segments"),
        sa.UniqueConstraint("contact_id", "seq", name="uq_segments_contact_id_seq"),
    )
    op.create_index("ix_segments_agent_id_started_at", "segments", ["agent_id", "started_at"], unique=False)
    dispositions = sa.table("dispositions", *map(sa.column, ("code", "title", "title_en", "position")))
    op.bulk_insert(
        dispositions,
        [
            {"code": code, "title": title, "title_en": title_en, "position": position}
            for position, (code, title, title_en) in enumerate(DISPOSITIONS, start=1)
        ],
    )
    break_reasons = sa.table(
        "break_reasons", *map(sa.column, ("code", "title", "title_en", "allowance_minutes", "position"))
    )
    op.bulk_insert(
        break_reasons,
        [
            {"code": code, "title": title, "title_en": title_en, "allowance_minutes": minutes, "position": position}
            for position, (code, title, title_en, minutes) in enumerate(BREAK_REASONS, start=1)
        ],
    )


def downgrade() -> None:
    for table in (
        "segments",
        "outcomes",
        "sessions",
        "customer_phones",
        "contacts",
        "agent_states",
        "agent_skills",
        "agent_queues",
        "voicemails",
        "recordings",
        "ratings",
        "login_failures",
        "journal",
        "incidents",
        "dispositions",
        "customers",
        "callbacks",
        "break_reasons",
        "audit",
        "agent_state_log",
        "accounts",
    ):
        op.drop_table(table)
