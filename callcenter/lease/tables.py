"""The one row that says who has the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db.base import Base, Code


class DeskLease(Base):
    __tablename__ = "desk_lease"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The fencing token: grows with every change of holder."""
    holder: Mapped[Code | None]
    """A process, for ever; None when the last one gave the desk up."""
    node: Mapped[Code] = mapped_column(server_default="")
    """The data folder's id, and its machine's name: ``id@machine``."""
    process: Mapped[Code] = mapped_column(server_default="")
    """How its own machine can tell whether it still lives."""
    taken_from: Mapped[Code] = mapped_column(server_default="")
    """The node whose calls the holder has not taken up yet: it must, however many processes that takes."""
    acquired_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """By the database's clock, which is the only one that is asked."""
