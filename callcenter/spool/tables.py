"""How far each spool has been written, in the same transaction as what was written: nothing comes twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code


class SpoolMark(Base):
    __tablename__ = "spool_marks"

    spool: Mapped[Code] = mapped_column(primary_key=True)
    """The id that a spool's file carries."""
    number: Mapped[int] = mapped_column(BigInteger)
    """The last of its entries that is here."""
    at: Mapped[datetime]
