"""The desk's lease, with a fencing token, kept in PostgreSQL.

Who holds it takes calls; it is renewed every second and runs out after four without renewal. Three things keep two
desks from acting at once, none of them a clock of ours:

- every write of the journal asks in its own transaction whether the token is still ours (:meth:`Lease.fence`);
- before it speaks to Asterisk after a pause of its own (a stopped process, a frozen machine) the holder asks again;
- Asterisk gives our application to the last who asked for it and tells the one before.

A database that is away stops nobody: while it is away nobody else can get the lease either, and when it is back its
holder has time to say so before anybody takes it. What is left is a holder cut off from the database while a standby
is not. It notices when the standby takes the application from it, and stands down, because it cannot prove that it
still has the desk.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

import structlog
from sqlalchemy import bindparam, func, null, select, update

from callcenter.db.direct import Direct, Fixed, Refused
from callcenter.db.engine import Database
from callcenter.errors import NoAnswer, Unavailable
from callcenter.ids import new_id
from callcenter.lease.tables import DeskLease
from callcenter.processes import started_at
from callcenter.recording.repository import report

TTL_S = 4.0
RENEW_S = 1.0
FROZEN_S = TTL_S - RENEW_S
"""A holder whose own loop stood still for so long must ask before it acts."""
POLL_S = 0.2
_LOOKS_APART_S = 2 * RENEW_S
"""Looks further apart than this saw nothing of what was between them: the database stood still, or who looked."""
_RESUME_S = 30.0
"""Without a database a claim is taken up again when its holder was gone no longer than this: a full machine loads for
more than ten seconds."""
_LAST_WORD_S = 1.0
"""A database that hangs keeps nobody from going."""
STOOD_DOWN = 75
"""Exit code of a service that lost the desk (EX_TEMPFAIL: start it again and it waits)."""

_OURS = (DeskLease.id == 1, DeskLease.holder == bindparam("ours"), DeskLease.epoch == bindparam("our_epoch"))
_HOLD = Fixed(
    select(func.set_config("idle_in_transaction_session_timeout", f"{TTL_S:.0f}s", True))
    .select_from(DeskLease)
    .where(*_OURS)
    # Bars who takes the desk, but not its own renewal: a journal that writes slowly would cost it the lease.
    .with_for_update(read=True, key_share=True)
)
_RELEASE = Fixed(update(DeskLease).where(*_OURS).values(holder=null(), expires_at=null()).returning(DeskLease.epoch))
_LOOK = Fixed(
    select(
        *(DeskLease.holder, DeskLease.epoch, DeskLease.node, DeskLease.process),
        *(DeskLease.acquired_at, DeskLease.expires_at),
        func.coalesce(DeskLease.expires_at < func.clock_timestamp(), True),
    )
)
_RENEW = Fixed(
    update(DeskLease)
    .where(*_OURS)
    .values(
        expires_at=func.clock_timestamp() + timedelta(seconds=TTL_S),
        process=bindparam("our_process"),
        node=bindparam("our_node"),
    )
    .returning(DeskLease.epoch)
)
_log = structlog.get_logger()


class DeskLost(Unavailable):
    """Another copy has the desk, and its journal is the one that counts."""

    code = "desk_lost"


@dataclass(frozen=True, slots=True)
class Held:
    """By whom the desk is held."""

    node: str
    since: datetime | None
    lapsed: bool = False
    """Nobody renews it: it will be free if that goes on."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """The row as it was seen."""

    holder: str | None
    epoch: int
    node: str
    process: str
    since: datetime | None
    until: datetime | None
    lapsed: bool


def stand_down(reason: str) -> NoReturn:
    """End this process at once, writing nothing more: another one has the desk."""
    _log.error("stood_down", reason=reason)
    os._exit(STOOD_DOWN)


@dataclass(slots=True)
class Lease:
    """One process's claim. ``note`` is a file of this node that lets a restarted process go on without a database."""

    db: Database
    node: str
    note: Path
    on_lost: Callable[[str], object] = stand_down
    holder: str = field(default_factory=new_id)
    process: str = field(default_factory=lambda: fingerprint(os.getpid()))
    epoch: int = 0
    taken_from: str = ""
    """The node that had the desk before, if it was another one: its calls are in the database, not in our spool, until
    they are said to be :meth:`taken`."""
    asked: bool = True
    """The database gave the desk; else it is away, and this process goes on where one died some seconds ago."""
    _beat: float = 0.0
    _lost: bool = False
    _watched: tuple[int, datetime | None] | None = None
    """Epoch and end of the claim that was seen last, while the database answers without a pause."""
    _still_since: float = 0.0
    _looked_at: float = 0.0

    def become(self) -> None:
        """This process is a copy of the one in which the lease was made: the claim is its own."""
        self.holder, self.process = new_id(), fingerprint(os.getpid())

    # --- getting it ---

    async def try_acquire(self) -> Held | None:
        """Take the desk if nobody has it; returns by whom it is held, or None when it is ours now.

        Raises Unavailable when the database is away and this node did not hold the desk a moment ago.
        """
        predecessor = self._predecessor()
        try:
            # A database that hangs must not keep callers waiting when we may go on without it.
            async with asyncio.timeout(1.0 if predecessor else None):
                found = await self._take_if_free()
        except (Unavailable, TimeoutError):
            if predecessor is None:
                raise
            self.holder, self.epoch = predecessor
            self.asked = False
            _log.warning("lease_resumed_without_database", epoch=self.epoch)
            found = None
        if found is None:
            self._beat = _now()
            self._write_note()
        return found

    async def wait(self) -> None:
        """Return when the desk is ours. A database that is away is waited for as well."""
        while True:
            with suppress(Unavailable):
                if await self.try_acquire() is None:
                    return
            await asyncio.sleep(POLL_S)

    async def _take_if_free(self) -> Held | None:
        seen = await self._look()
        same = _id_of(seen.node) == _id_of(self.node)
        dead = same and not alive(seen.process)
        if not (seen.holder is None or dead or (seen.lapsed and self._stood_still(seen))):
            return Held(seen.node, seen.since, seen.lapsed)
        async with self.db.write() as session:
            row, now = (await session.execute(select(DeskLease, func.clock_timestamp()).with_for_update())).one()
            if (row.epoch, row.holder, row.expires_at) != (seen.epoch, seen.holder, seen.until):
                return Held(row.node, row.acquired_at)
            before = row.taken_from if same else row.node
            if row.holder is not None and not same:
                text = f"{self.node} took the desk, which {row.node} had not renewed"
                facts = {"node": self.node, "before": row.node}
                await report(session, "desk_taken_over", text, None, now, facts=facts)
            row.epoch += 1
            row.holder, row.node, row.process = self.holder, self.node, self.process
            row.taken_from = before
            row.acquired_at, row.expires_at = now, now + timedelta(seconds=TTL_S)
            epoch = row.epoch
        self.epoch, self.taken_from = epoch, before
        _log.info("lease_acquired", epoch=epoch, node=self.node)
        return None

    async def _look(self) -> _Claim:
        """Who has it, without a lock: those who wait must not hold up who renews."""
        try:
            async with self.db.direct() as direct:
                ((holder, *rest),) = await direct.rows(_LOOK)
        except Unavailable:
            self._watched = None
            raise
        seen, now = _Claim(holder, *rest), _now()
        claim = (seen.epoch, seen.until)
        if claim != self._watched or now - self._looked_at > _LOOKS_APART_S:
            self._watched, self._still_since = claim, now
        self._looked_at = now
        return seen

    def _stood_still(self, seen: _Claim) -> bool:
        """Whether its holder could have renewed it and did not. While the database was away, or stood still, nobody
        could: a claim that ran out then is not taken from who was only kept from it, and has what was not written."""
        return self._watched == (seen.epoch, seen.until) and self._looked_at - self._still_since >= FROZEN_S

    def _predecessor(self) -> tuple[str, int] | None:
        """Holder and epoch of our own predecessor, if it ended a moment ago: while the database is away nobody can have
        got the desk since, and we go on under its claim. It is verified as soon as the database is back."""
        try:
            noted = json.loads(self.note.read_text())
            fresh = 0 <= _now() - float(noted["at"]) < _RESUME_S
            holder, epoch, process = str(noted["holder"]), int(noted["epoch"]), str(noted["process"])
            whole = not noted["taken_from"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # A machine that was started anew may have lost what its disk was not told: only the database knows.
        same_boot = process.partition("|")[0] == self.process.partition("|")[0]
        return (holder, epoch) if fresh and whole and same_boot and not alive(process) else None

    async def taken(self) -> None:
        """The calls of the node before us are in our spool. Raises Unavailable: the next process takes them again."""
        ours = (DeskLease.id == 1, DeskLease.holder == self.holder, DeskLease.epoch == self.epoch)
        async with self.db.write() as session:
            await session.execute(update(DeskLease).where(*ours).values(taken_from=""))
        self.taken_from = ""
        self._write_note()

    # --- keeping it ---

    async def keep(self) -> None:
        """Renew until cancelled; calls ``on_lost`` and returns when another one has the desk."""
        beating = asyncio.create_task(self._beats(), name="lease-beat")
        try:
            while not self._lost:
                await asyncio.sleep(RENEW_S)
                try:
                    await self._renew()
                except Unavailable:
                    _log.warning("lease_not_renewed", epoch=self.epoch)  # nobody else can get it meanwhile
                self._write_note()
        finally:
            beating.cancel()

    async def _beats(self) -> None:
        """Shows that this process's loop runs. After a standstill it does not by itself begin again."""
        while True:
            await asyncio.sleep(RENEW_S / 2)
            if self.fresh:
                self._beat = _now()

    @property
    def fresh(self) -> bool:
        """False after a standstill in which another one may have got the desk."""
        return not self._lost and _now() - self._beat < FROZEN_S

    async def permit(self, *, replaced: bool = False) -> None:
        """Return when we may act on Asterisk. ``replaced``: it gave our application to another.

        Raises NoAnswer when that cannot be known now.
        """
        if self.fresh and not replaced:
            return
        stood_s = _now() - self._beat
        try:
            await self._renew()
        except Unavailable:
            if replaced:
                self._lose("Asterisk serves another copy, and the database cannot be asked who has the desk")
            elif stood_s < _RESUME_S:
                # As a process that followed this one would: else the only desk there is would do nothing until the
                # database is back, for having stood still a few seconds.
                self._beat = _now()
                _log.warning("lease_resumed_without_database", epoch=self.epoch, stood_s=round(stood_s, 1))
                return
            raise NoAnswer("after a standstill it is not known who has the desk: the database is away") from None
        if self._lost:
            raise NoAnswer("another copy has the desk")

    async def fence(self, direct: Direct) -> None:
        """Hold the token for the rest of this transaction. Raises DeskLost, after ``on_lost``, when it is void.

        A holder that freezes between this and its commit is cut off by PostgreSQL when its lease runs out, and cannot
        hold up its successor.
        """
        if not await direct.rows(_HOLD, {"ours": self.holder, "our_epoch": self.epoch}):
            self._lose("the journal's write was refused: its epoch is over")
            raise DeskLost("another copy has the desk: its journal is the one that counts")

    async def release(self) -> None:
        """Give the desk up, so that the next one need not wait for the lease to run out.

        While the database is away it cannot be given up; the next process of this node goes on under the claim.
        """
        try:
            async with asyncio.timeout(_LAST_WORD_S), self.db.direct() as direct:
                await direct.rows(_RELEASE, {"ours": self.holder, "our_epoch": self.epoch})
        except (Unavailable, TimeoutError):
            self._write_note()
            return
        self.note.unlink(missing_ok=True)

    async def _renew(self) -> None:
        try:
            async with asyncio.timeout(TTL_S), self.db.direct() as direct:
                ours = {"ours": self.holder, "our_epoch": self.epoch}
                still = await direct.rows(_RENEW, {**ours, "our_process": self.process, "our_node": self.node})
        except (TimeoutError, Refused) as error:
            raise Unavailable(f"the lease could not be renewed ({type(error).__name__})") from error
        if still:
            self._beat = _now()
        else:
            self._lose("another copy has the desk")

    def _lose(self, reason: str) -> None:
        if not self._lost:
            self._lost = True
            self.on_lost(reason)

    def _write_note(self) -> None:
        held = {"holder": self.holder, "epoch": self.epoch, "process": self.process, "at": _now()}
        held |= {"taken_from": self.taken_from}
        with suppress(OSError):
            self.note.write_text(json.dumps(held))


def node_of(data_dir: Path) -> str:
    """``id@machine``: the id is the data folder's own and stays when the machine (a container) gets another name."""
    path = data_dir / "node-id"
    if not path.exists():
        path.write_text(new_id()[-12:])
    return f"{path.read_text().strip()}@{socket.gethostname()}"


def _id_of(node: str) -> str:
    return node.partition("@")[0]


def fingerprint(pid: int) -> str:
    """A process in this boot, in this namespace of process numbers, for ever."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}|{os.readlink('/proc/self/ns/pid')}|{pid}|{started_at(pid)}"


def alive(process: str) -> bool:
    """Whether a process of this machine still lives; True when that cannot be known (another container's)."""
    try:
        boot, namespace, pid, began = process.split("|")
        here_boot, here_namespace, _, _ = fingerprint(os.getpid()).split("|")
        if boot != here_boot:
            return False
        now = started_at(int(pid))
        return namespace != here_namespace or (now is not None and str(now) == began)
    except ValueError:
        return True


def _now() -> float:
    """Seconds that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
