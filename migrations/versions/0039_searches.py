"""Customers are found by parts of their names and numbers, calls by a queue they waited in, each by an index.

Trigrams (pg_trgm) know no part of fewer than three characters, and Chinese names have two or three; the embedded
PostgreSQL has no extensions either. So the parts are made by a function of our own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0037"
branch_labels = None
depends_on = None

_PARTS = """
CREATE FUNCTION parts_of(value text, shortest integer, longest integer) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(value), place, size)), '{}')
    FROM generate_series(shortest, longest) AS size, generate_series(1, length(value) - size + 1) AS place
$$
"""


def upgrade() -> None:
    op.execute(_PARTS)
    named = sa.text("parts_of((name || ' '::text) || company, 1, 2)")
    op.create_index("ix_customers_parts", "customers", [named], postgresql_using="gin")
    op.create_index(
        "ix_customer_phones_parts", "customer_phones", [sa.text("parts_of(number, 3, 3)")], postgresql_using="gin"
    )
    op.create_index(
        "ix_segments_queue", "segments", ["queue", "contact_id"], postgresql_where=sa.text("queue IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_segments_queue", "segments")
    op.drop_index("ix_customer_phones_parts", "customer_phones")
    op.drop_index("ix_customers_parts", "customers")
    op.execute("DROP FUNCTION parts_of(text, integer, integer)")
