"""Tells another system what happened to cases: signed, in order of need, until it is taken or a day has passed.

The receiver checks ``X-Callcenter-Signature``: the HMAC-SHA256, in hex, of the timestamp in ``X-Callcenter-Timestamp``,
a full stop and the body, with the secret both know. ``X-Callcenter-Delivery`` stays the same when it is sent again: an
answer that was lost makes a second delivery of what has been taken.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

import httpx
import orjson
import structlog
from sqlalchemy import select, update

from callcenter.cases.escalation_tables import WebhookDelivery
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.facts import Alarm
from callcenter.spool.fence import Fence, no_fence

LOOK_EVERY_S: Final = 5.0
ANSWER_WITHIN_S: Final = 10.0
FIRST_PAUSE: Final = timedelta(seconds=15)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(days=1)
AT_ONCE: Final = 20
_log = structlog.get_logger()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def pause(attempts: int) -> timedelta:
    """Before the next attempt, after so many that failed."""
    return min(FIRST_PAUSE * float(2 ** min(attempts - 1, 20)), LONGEST_PAUSE)


class WebhookSender:
    def __init__(
        self, database: Database, clock: Clock, url: str, secret: str, *, alarm: Alarm, fence: Fence = no_fence
    ) -> None:
        self._database, self._clock, self._alarm, self._fence = database, clock, alarm, fence
        self._url, self._secret = url, secret

    async def run(self) -> None:
        """Send what is due until cancelled."""
        # Its address is the operator's: a proxy of the environment is not asked, and nobody leads it elsewhere.
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False, follow_redirects=False) as client:
            while True:
                try:
                    await self.send_due(client)
                except Unavailable as error:
                    _log.warning("webhooks_not_read", reason=error.message)
                await asyncio.sleep(LOOK_EVERY_S)

    async def send_due(self, client: httpx.AsyncClient) -> int:
        """Send each that is due once; how many were taken. Raises Unavailable."""
        now = self._clock.now()
        async with self._database.read() as session:
            waiting = select(WebhookDelivery).where(WebhookDelivery.done_at.is_(None), WebhookDelivery.next_at <= now)
            rows = list(await session.scalars(waiting.order_by(WebhookDelivery.next_at).limit(AT_ONCE)))
            session.expunge_all()
        if rows:
            async with self._database.write() as session:
                await self._fence(await session.direct())
        taken = 0
        for row in rows:
            taken += await self._send(client, row)
        return taken

    async def _send(self, client: httpx.AsyncClient, row: WebhookDelivery) -> bool:
        sent = self._clock.now()
        body = orjson.dumps({"id": row.id, "event": row.event, "at": row.at.isoformat(), "data": row.body})
        timestamp = str(int(sent.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Callcenter-Delivery": row.id,
            "X-Callcenter-Timestamp": timestamp,
            "X-Callcenter-Signature": signature(self._secret, timestamp, body),
        }
        try:
            answer = await client.post(self._url, content=body, headers=headers)
            error = "" if answer.is_success else f"HTTP {answer.status_code}"
        except httpx.HTTPError as failed:
            error = type(failed).__name__
        await self._keep(row, error, sent)
        return not error

    async def _keep(self, row: WebhookDelivery, error: str, sent: datetime) -> None:
        attempts, over = row.attempts + 1, not error or sent - row.at >= GIVE_UP_AFTER
        values = {"attempts": attempts, "error": error, "done_at": sent if over else None}
        async with self._database.write() as session:
            await session.execute(
                update(WebhookDelivery)
                .where(WebhookDelivery.id == row.id)
                .values(**values, next_at=sent + pause(attempts))
            )
        if error:
            _log.warning("webhook_not_taken", delivery=row.id, attempts=attempts, reason=error)
        if error and over:
            text = f"the webhook did not take {row.event} within a day: {error}"
            self._alarm("webhook_given_up", text, facts={"event": row.event, "reason": error})
