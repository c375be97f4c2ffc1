"""Lists page by page, newest first: the place after a row as a text that is handed out and comes back."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.db.base import HexId, UtcDateTime
from callcenter.errors import BadRequest


def cursor_of(at: datetime, row_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode()


def older(cursor: str, at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether a row comes after that place. Raises BadRequest for what :func:`cursor_of` did not make."""
    try:
        text, _, number = base64.urlsafe_b64decode(cursor).decode().partition("|")
        moment, last_id = datetime.fromisoformat(text), UUID(number).hex
        if moment.tzinfo is None:
            raise ValueError(text)
    except (binascii.Error, ValueError):
        raise BadRequest("this cursor is not one of ours; take `next` from the page before") from None
    return tuple_(at, row_id) < tuple_(literal(moment, UtcDateTime()), literal(last_id, HexId()))
