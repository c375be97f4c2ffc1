"""What every table shares: naming of constraints, ids as 32 hex digits, instants as aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, MetaData, Text, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

from callcenter.ids import AgentId, CallId

_HEX = re.compile(r"[0-9a-f]{32}")


class HexId(TypeDecorator[str]):
    """A UUID in the database, 32 lower-case hex digits in Python (the form that :mod:`callcenter.ids` makes)."""

    impl = Uuid(as_uuid=True)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> UUID | None:
        """Raises ValueError for anything but 32 hex digits."""
        if value is None:
            return None
        if not _HEX.fullmatch(value):
            raise ValueError(f"an id is 32 hex digits, not {value!r}")
        return UUID(hex=value)

    def process_result_value(self, value: UUID | None, dialect: Dialect) -> str | None:
        return None if value is None else value.hex


class UtcDateTime(TypeDecorator[datetime]):
    """``timestamptz``; naive values are refused, because PostgreSQL would guess their zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime: give an aware one, in UTC")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


Code = Annotated[str, "code"]
"""A short stable word: a role, a state, a queue's name. Unlimited: a caller's odd number must not lose its call."""


class Base(DeclarativeBase):
    """Base of all tables. Each room declares its own in its ``tables.py``; ``db.tables`` imports them all."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own name and shape
        str: Text(),
        Code: Text(),
        CallId: HexId(),
        AgentId: HexId(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }
