"""Cases as a service desk has them: owner, department, kind, due times, history, calls. A role for departments."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

DEPARTMENTS = (
    ("service", "客户服务", "Customer service"),
    ("after_sales", "售后", "After-sales"),
    ("technical", "技术支持", "Technical support"),
    ("billing", "财务", "Billing"),
)
KINDS = (
    ("inquiry", "咨询", "Inquiry", 480, 2880),
    ("request", "服务申请", "Service request", 240, 2880),
    ("fault", "一般故障", "Fault", 60, 1440),
    ("complaint", "投诉", "Complaint", 60, 1440),
    ("major_fault", "重大故障", "Major fault", 15, 240),
)
ROLES = "'agent','lead','supervisor','ops','admin'"
STATES = "'open','working','waiting_customer','waiting_department','resolved','closed'"
UNDONE = sa.text("state NOT IN ('resolved','closed')")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _roles(f"{ROLES},'department'")
    op.create_table(
        "departments",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_departments"),
    )
    op.create_table(
        "department_members",
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _to("department_members", "department", "departments.code", "CASCADE"),
        _to("department_members", "account_id", "accounts.id", "CASCADE"),
        sa.PrimaryKeyConstraint("department", "account_id", name="pk_department_members"),
    )
    op.create_index("ix_department_members_account_id", "department_members", ["account_id"])
    op.create_table(
        "case_kinds",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("reply_minutes", sa.Integer(), nullable=False),
        sa.Column("resolve_minutes", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("reply_minutes > 0 AND resolve_minutes > 0", name=op.f("ck_case_kinds_minutes")),
        sa.PrimaryKeyConstraint("code", name="pk_case_kinds"),
    )
    names = ("code", "title", "title_en", "position")
    op.bulk_insert(
        sa.table("departments", *map(sa.column, names)),
        [dict(zip(names, (*one, place), strict=True)) for place, one in enumerate(DEPARTMENTS, start=1)],
    )
    names = ("code", "title", "title_en", "reply_minutes", "resolve_minutes", "position")
    op.bulk_insert(
        sa.table("case_kinds", *map(sa.column, names)),
        [dict(zip(names, (*one, place), strict=True)) for place, one in enumerate(KINDS, start=1)],
    )
    _widen_cases()
    op.execute("UPDATE audit SET action = 'case.changed' WHERE action = 'case.state'")
    op.create_table(
        "case_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.dialects.postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _to("case_history", "number", "cases.number", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_case_history"),
    )
    op.create_index("ix_case_history_number_at", "case_history", ["number", "at"])
    op.create_table(
        "case_contacts",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        _to("case_contacts", "number", "cases.number", "CASCADE"),
        _to("case_contacts", "contact_id", "contacts.id", "CASCADE"),
        sa.PrimaryKeyConstraint("number", "contact_id", name="pk_case_contacts"),
    )
    op.create_index("ix_case_contacts_contact_id", "case_contacts", ["contact_id"])
    op.execute("""
        INSERT INTO case_contacts (number, contact_id)
        SELECT c.number, o.contact_id FROM cases c JOIN outcomes o ON o.id = c.outcome_id
    """)
    op.execute("""
        INSERT INTO case_history (id, number, at, account_id, what)
        SELECT gen_random_uuid(), number, opened_at, owner_id, 'opened' FROM cases
    """)


def _widen_cases() -> None:
    op.alter_column("cases", "outcome_id", nullable=True)
    op.drop_constraint("fk_cases_outcome_id", "cases")
    op.create_foreign_key("fk_cases_outcome_id", "cases", "outcomes", ["outcome_id"], ["id"], ondelete="SET NULL")
    op.drop_constraint("ck_cases_state", "cases")
    op.create_check_constraint(op.f("ck_cases_state"), "cases", f"state IN ({STATES})")
    op.add_column("cases", sa.Column("subject", sa.Text(), server_default="", nullable=False))
    op.add_column("cases", sa.Column("kind", sa.Text(), server_default="inquiry", nullable=False))
    op.add_column("cases", sa.Column("department", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("customer_id", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("caller_number", sa.Text(), server_default="", nullable=False))
    for name in ("since", "reply_due_at", "due_at", "replied_at", "waiting_since", "resolved_at", "closed_at"):
        op.add_column("cases", sa.Column(name, AT, nullable=True))
    waited = sa.Column("waited", sa.Interval(), server_default=sa.text("'0'::interval"), nullable=False)
    op.add_column("cases", waited)
    op.add_column("cases", sa.Column("reopened", sa.Integer(), server_default="0", nullable=False))
    op.add_column("cases", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.execute("""
        UPDATE cases SET
          kind = CASE WHEN o.disposition = 'complaint' THEN 'complaint' ELSE 'inquiry' END,
          owner_id = o.agent_id,
          department = (SELECT d.code FROM departments d WHERE o.department IN (d.code, d.title, d.title_en)),
          customer_id = t.customer_id, caller_number = t.caller_number,
          subject = left(split_part(o.note, E'\\n', 1), 120)
        FROM outcomes o JOIN contacts t ON t.id = o.contact_id WHERE o.id = cases.outcome_id
    """)
    op.execute("""
        UPDATE cases SET
          since = opened_at,
          reply_due_at = opened_at + make_interval(mins => k.reply_minutes),
          due_at = opened_at + make_interval(mins => k.resolve_minutes),
          replied_at = CASE WHEN state <> 'open' THEN updated_at END,
          resolved_at = CASE WHEN state = 'resolved' THEN updated_at END
        FROM case_kinds k WHERE k.code = cases.kind
    """)
    for name in ("since", "reply_due_at", "due_at"):
        op.alter_column("cases", name, nullable=False)
    op.create_foreign_key("fk_cases_kind", "cases", "case_kinds", ["kind"], ["code"])
    op.create_foreign_key("fk_cases_department", "cases", "departments", ["department"], ["code"])
    op.create_foreign_key("fk_cases_customer_id", "cases", "customers", ["customer_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_cases_undone_owner", "cases", ["owner_id"], postgresql_where=UNDONE)
    op.create_index("ix_cases_undone_department", "cases", ["department"], postgresql_where=UNDONE)
    op.create_index("ix_cases_undone_due", "cases", ["due_at"], postgresql_where=UNDONE)
    op.create_index("ix_cases_customer_id", "cases", ["customer_id"])
    op.create_index("ix_cases_caller_number", "cases", ["caller_number"])


def _to(table: str, column: str, target: str, deleted: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=deleted)


def _roles(allowed: str) -> None:
    for table in ("accounts", "sessions"):
        op.drop_constraint(f"ck_{table}_role", table, type_="check")
        op.create_check_constraint(f"ck_{table}_role", table, f"role IN ({allowed})")


def downgrade() -> None:
    op.execute("UPDATE audit SET action = 'case.state' WHERE action = 'case.changed'")
    op.drop_table("case_contacts")
    op.drop_table("case_history")
    for name in ("caller_number", "customer_id", "undone_due", "undone_department", "undone_owner"):
        op.drop_index(f"ix_cases_{name}", "cases")
    for name in ("customer_id", "department", "kind"):
        op.drop_constraint(f"fk_cases_{name}", "cases")
    op.execute("DELETE FROM cases WHERE outcome_id IS NULL")
    op.execute("UPDATE cases SET state = 'working' WHERE state LIKE 'waiting%'")
    op.execute("UPDATE cases SET state = 'resolved' WHERE state = 'closed'")
    for name in (
        "subject", "kind", "department", "owner_id", "customer_id", "caller_number", "since", "reply_due_at", "due_at",
        "replied_at", "waiting_since", "waited", "resolved_at", "closed_at", "reopened", "version",
    ):  # fmt: skip
        op.drop_column("cases", name)
    op.drop_constraint("ck_cases_state", "cases")
    op.create_check_constraint(op.f("ck_cases_state"), "cases", "state IN ('open', 'working', 'resolved')")
    op.drop_constraint("fk_cases_outcome_id", "cases")
    op.create_foreign_key("fk_cases_outcome_id", "cases", "outcomes", ["outcome_id"], ["id"], ondelete="CASCADE")
    op.alter_column("cases", "outcome_id", nullable=False)
    op.drop_table("case_kinds")
    op.drop_table("department_members")
    op.drop_table("departments")
    op.execute("DELETE FROM sessions WHERE role = 'department'")
    op.execute("UPDATE accounts SET role = 'agent', active = false WHERE role = 'department'")
    _roles(ROLES)
