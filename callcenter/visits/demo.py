"""Invented return visits of the last months, so that a newcomer sees how many took place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from callcenter.db.engine import WriteSession
from callcenter.ids import new_id
from callcenter.visits.rules import months_later
from callcenter.visits.tables import ReturnVisit

MONTHS: Final = 5
_BECAME: Final = ("done", "done", "done", "declined", "done", "missed", "done", "done")


def since(number: int, today: date) -> date:
    """Since when an invented customer is one: some are due today, the others in the days to come."""
    return months_later(today + timedelta(days=number % 15), -(1 + number % 12))


def seed(session: WriteSession, now: datetime, *, agents: Sequence[str], customers: Sequence[str]) -> None:
    """Make them, in the agents' names."""
    today = now.date()
    for back in range(1, MONTHS + 1):
        for place, customer_id in enumerate(customers[: 12 + back]):
            # The last months went a little better.
            state = _BECAME[(place * back + back) % len(_BECAME)] if place % (8 - back) else "done"
            due = months_later(today, -back) + timedelta(days=place % 9 - 4)
            session.add(
                ReturnVisit(
                    id=new_id(),
                    customer_id=customer_id,
                    due_on=due,
                    state=state,
                    tries=3 if state == "missed" else 0,
                    created_at=now - timedelta(days=30 * back + 14),
                    closed_at=now - timedelta(days=30 * back),
                    closed_by=None if state == "missed" else agents[place % len(agents)],
                )
            )
