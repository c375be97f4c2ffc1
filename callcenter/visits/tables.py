"""Return visits that are due, and what became of each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.business.tables import Customer
from callcenter.db.base import Base, Code, HexId

_DUE = "state = 'due'"


class ReturnVisit(Base):
    """``due_on`` is a day of the site. A customer has one that is due at most: the next follows when it is closed."""

    __tablename__ = "return_visits"
    __table_args__ = (
        CheckConstraint("state IN ('due','done','declined','missed','cancelled')", name="state"),
        UniqueConstraint("customer_id", "due_on"),
        Index("uq_return_visits_due", "customer_id", unique=True, postgresql_where=sql(_DUE)),
        Index("ix_return_visits_due_on", "due_on"),
    )

    id: Mapped[str] = mapped_column(HexId, primary_key=True)
    customer_id: Mapped[str] = mapped_column(HexId, ForeignKey(Customer.id, ondelete="CASCADE"))
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[Code] = mapped_column(server_default="due")
    tries: Mapped[int] = mapped_column(server_default="0")
    """That came to nothing."""
    next_try_at: Mapped[datetime | None]
    contact_id: Mapped[str | None] = mapped_column(HexId, index=True)
    """The last call that was made for it."""
    calling_since: Mapped[datetime | None]
    """While it is not known yet what came of that call."""
    note: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(HexId)
    """Whose outcome closed it, or who did by hand; null: the service."""
