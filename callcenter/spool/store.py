"""The spool's file: numbered entries and small notes in one SQLite database of the data folder.

A ``put`` has reached the operating system when it returns, so that ``kill -9`` of this process loses nothing; the
disk is told in groups by :meth:`Spool.sync`, which runs in a thread and holds up nobody. Everything else runs in
the event loop's thread: one put takes some tens of microseconds.

A full disk must not stop a call: what cannot be written is kept in memory, in its order, until it can.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from callcenter.errors import CallCenterError

MAX_BYTES: Final = 512 << 20
"""Some hours of 90 lines without the database."""
MAX_IN_MEMORY: Final = 100_000
ALARMS: Final = (0.5, 0.9)
"""Shares of the bound at which operations are told."""
_SKIPPED: Final = 1 << 20
"""Numbers left out at each opening. A power failure takes what was not told to the disk yet, a second's entries at
most; PostgreSQL may have those, and must not take new ones of the same numbers for them."""
_RETRY_PUTS: Final = 200
"""While the disk is full, so many entries go to memory between two attempts to write again."""
_AT_ONCE: Final = 2000
"""Entries that go from memory to the disk in one go: all calls wait that long."""

# No index: each would make every put half as dear again and three times as long in the log. Earlier versions had two.
# A standing has a number for a place: one that is found by its key costs five times as much, and as much of the log.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, payload BLOB NOT NULL,
    shipped INTEGER NOT NULL DEFAULT 0
);
DROP INDEX IF EXISTS entries_unshipped;
DROP INDEX IF EXISTS entries_key;
CREATE TABLE IF NOT EXISTS notes (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE IF NOT EXISTS standings (place INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL);
"""
_NONE: Final[Mapping[str, bytes]] = {}
_log = structlog.get_logger()


class SpoolLost(CallCenterError):
    """An entry could be kept neither on disk nor in memory."""

    code = "spool_full"


@dataclass(frozen=True, slots=True)
class Entry:
    """``key`` groups entries that are kept together until :meth:`Spool.forget` (a call's, for one); empty: none."""

    number: int
    kind: str
    key: str
    at: datetime
    payload: bytes


class Spool:
    """``folder`` is made if need be, readable by its owner alone: it holds what callers and agents say and enter.

    ``later``: nothing is touched, and nothing may be asked, before :meth:`open`; for who does not own it yet.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int = MAX_BYTES, max_in_memory: int = MAX_IN_MEMORY, later: bool = False
    ) -> None:
        self._path = folder / "spool.sqlite"
        self._max_bytes, self._max_in_memory = max_bytes, max_in_memory
        self._memory: deque[Entry] = deque()
        self._owed: dict[int, Entry] = {}
        """Shipped from memory, but of a key that is kept: the disk still has to have them, or a later start would find
        a call's events with a hole."""
        self._late_standings: dict[str, bytes] = {}
        """The newest of each key of which the disk would not take an entry."""
        self._since_retry = 0
        self._shipped_to = 0
        """PostgreSQL has all up to this number, also those of which a full disk could not be told."""
        self._numbers: dict[str, list[int]] = {}
        """Those of each key that are on the disk."""
        self._places: dict[str, int] = {}
        """Where the standing of each key is."""
        self._notes_refused = False
        self.had = 0
        """The last number given before this opening, as far as the disk remembers."""
        self.found_broken = False
        """The file of the last run could not be read; it was put aside."""
        if not later:
            self.open()

    def open(self) -> None:
        """Raises CallCenterError when the folder does not let us."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = self._open()
        row = self._db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()
        last = max(int(row[0]), int(self.note("spool", "last") or b"0"))
        self.had = last
        self._last = last + _SKIPPED if self.note("spool", "id") else last
        query = "SELECT count(*) FROM entries WHERE shipped = 0"
        self._unshipped = int(self._db.execute(query).fetchone()[0])
        self._places = {key: int(place) for place, key in self._db.execute("SELECT place, key FROM standings")}
        self._numbers = {}
        for key, number in self._db.execute("SELECT key, number FROM entries WHERE key <> '' ORDER BY number"):
            self._numbers.setdefault(key, []).append(number)
        self.set_standings(dict.fromkeys(self._places.keys() - self._numbers.keys()))
        self._page = int(self._db.execute("PRAGMA page_size").fetchone()[0])
        self.id = (self.note("spool", "id") or b"").decode() or self._name()

    @property
    def path(self) -> Path:
        return self._path

    @property
    def unshipped(self) -> int:
        """Entries that PostgreSQL does not have yet."""
        return self._unshipped + len(self._memory)

    @property
    def in_memory(self) -> int:
        """Entries that the disk would not take: these would be lost with the process."""
        return len(self._memory) + len(self._owed)

    @property
    def filled(self) -> float:
        """Share of the bound that is used, 0 … 1."""
        return max(self.size / self._max_bytes, self.in_memory / self._max_in_memory)

    @property
    def size(self) -> int:
        """Bytes of the file that are in use."""
        pages = int(self._db.execute("PRAGMA page_count").fetchone()[0])
        free = int(self._db.execute("PRAGMA freelist_count").fetchone()[0])
        return (pages - free) * self._page

    # --- entries ---

    def put(self, kind: str, key: str, at: datetime, payload: bytes, *, standing: bytes | None = None) -> int:
        """Keep an entry; returns its number. Raises SpoolLost when neither disk nor memory can take it.

        ``standing``: what the entries of this key come to with this one. The disk has both or neither of them.
        """
        number = self._last + 1
        entry = Entry(number, kind, key, at, payload)
        if self._memory:
            self._since_retry += 1
            if self._since_retry >= _RETRY_PUTS:
                self._since_retry = 0
                self.write_memory()
        standings = {key: standing} if standing is not None else {}
        if self._memory or not self._write((entry,), standings=standings):
            if self.in_memory >= self._max_in_memory:
                raise SpoolLost(f"the spool {self._path} is full and so is its place in memory; free the disk")
            if not self.in_memory:
                _log.error("spool_disk_full", path=str(self._path))
            self._memory.append(entry)
            self._late_standings |= standings
        else:
            self._late_standings.pop(key, None)
            if self._owed:
                self.write_memory()  # the disk takes again: what is older than this one belongs there too
        self._last = number
        return number

    def keep_shipped(self, kind: str, told: Iterable[tuple[str, datetime, bytes]]) -> None:
        """Keep (key, instant, payload) that PostgreSQL has already: all of it or, should the process die, nothing."""
        entries = []
        for key, at, payload in told:
            self._last += 1
            entries.append(Entry(self._last, kind, key, at, payload))
        if not self._write(entries, shipped=True):
            self._owed |= {entry.number: entry for entry in entries}

    def drop(self, entries: Iterable[Entry]) -> None:
        """Remove entries that are not to be shipped: PostgreSQL has them by another way."""
        numbers = [entry.number for entry in entries]
        with suppress(sqlite3.Error), self._db:
            self._db.executemany("DELETE FROM entries WHERE number = ?", [(number,) for number in numbers])
        self._unshipped = int(self._db.execute("SELECT count(*) FROM entries WHERE shipped = 0").fetchone()[0])

    def write_memory(self) -> bool:
        """Bring what waits in memory to the disk, in order, some of it at a time; whether nothing waits any more."""
        if not self.in_memory:
            return True
        owed = list(islice(self._owed.values(), _AT_ONCE))
        if not self._write(owed, shipped=True):
            return False
        for entry in owed:
            del self._owed[entry.number]
        some = list(islice(self._memory, _AT_ONCE))
        last = len(some) == len(self._memory)  # a standing is not there before the entries that it is made of
        if not self._write(some, standings=self._late_standings if last else {}):
            return False
        for _ in some:
            self._memory.popleft()
        if last:
            self._late_standings = {}
        if not self.in_memory:
            _log.info("spool_disk_takes_again")
        return not self.in_memory

    def pending(self, limit: int) -> list[Entry]:
        """The oldest entries that are not shipped, in order."""
        rows = self._db.execute(
            "SELECT number, kind, key, at, payload FROM entries WHERE shipped = 0 AND number > ?"
            " ORDER BY number LIMIT ?",
            (self._shipped_to, limit),
        )
        found = [_entry(row) for row in rows]
        found += [entry for entry, _ in zip(self._memory, range(limit - len(found)), strict=False)]
        return found

    def shipped(self, entries: Iterable[Entry]) -> None:
        """PostgreSQL has these. Those with a key stay until they are forgotten."""
        done = {entry.number: entry for entry in entries}
        self._shipped_to = max(done, default=self._shipped_to)
        while self._memory and self._memory[0].number in done:
            entry = done.pop(self._memory.popleft().number)
            if entry.key:
                self._owed[entry.number] = entry
        self._unshipped -= len(done)
        with suppress(sqlite3.Error), self._db:  # what stays is not asked for again, nor after a restart
            self._db.executemany("DELETE FROM entries WHERE number = ?", [(n,) for n, e in done.items() if not e.key])
            self._db.executemany(
                "UPDATE entries SET shipped = 1 WHERE number = ?", [(n,) for n, e in done.items() if e.key]
            )
            self._db.execute("INSERT OR REPLACE INTO notes VALUES ('spool', 'last', ?)", (str(self._last).encode(),))

    def newest(self) -> datetime | None:
        """When the last entry that is here was put."""
        row = self._db.execute("SELECT at FROM entries ORDER BY number DESC LIMIT 1").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def waits(self, kind: str) -> bool:
        """Whether an entry of this kind is still to be shipped."""
        query = "SELECT 1 FROM entries WHERE kind = ? AND shipped = 0 AND number > ? LIMIT 1"
        there = self._db.execute(query, (kind, self._shipped_to)).fetchone()
        return any(e.kind == kind for e in self._memory) or there is not None

    @property
    def last(self) -> int:
        """The number that was given last."""
        return self._last

    def owes(self, upto: int) -> bool:
        """Whether an entry up to this number is still to be shipped."""
        query = "SELECT 1 FROM entries WHERE number > ? AND number <= ? AND shipped = 0 LIMIT 1"
        there = self._db.execute(query, (self._shipped_to, upto)).fetchone()
        return there is not None or (bool(self._memory) and self._memory[0].number <= upto)

    def kept(self, kind: str) -> Iterator[Entry]:
        """All entries of a kind that are here, shipped or not, in order."""
        rows = self._db.execute(
            "SELECT number, kind, key, at, payload FROM entries WHERE kind = ? ORDER BY number", (kind,)
        )
        there = [_entry(row) for row in rows]
        there += [entry for entry in (*self._owed.values(), *self._memory) if entry.kind == kind]
        yield from sorted(there, key=lambda entry: entry.number)

    def forget(self, keys: Iterable[str]) -> None:
        """Remove the shipped entries of these keys, and what they come to where none is left."""
        numbers: list[int] = []
        over: list[str] = []
        gone = set(keys)
        if self._owed:
            self._owed = {number: entry for number, entry in self._owed.items() if entry.key not in gone}
        for key in gone:
            mine = self._numbers.pop(key, [])
            numbers += mine
            if left := [number for number in mine if number > self._shipped_to]:
                self._numbers[key] = left
            else:
                over.append(key)
        with suppress(sqlite3.Error), self._db:
            # A disk that was full may not have been told that they are shipped.
            query = "DELETE FROM entries WHERE number = ? AND (shipped = 1 OR number <= ?)"
            self._db.executemany(query, [(n, self._shipped_to) for n in numbers])
            self._db.executemany("DELETE FROM standings WHERE place = ?", self._give_up(over))

    def standings(self) -> dict[str, bytes]:
        """What the entries of each key come to, as told with the newest of them that the disk has."""
        return {str(key): bytes(value) for key, value in self._db.execute("SELECT key, value FROM standings")}

    def set_standings(self, standings: Mapping[str, bytes | None]) -> None:
        """Those of entries that came from elsewhere; None removes one."""
        with suppress(sqlite3.Error), self._db:
            self._db.executemany("DELETE FROM standings WHERE place = ?", self._give_up(standings))
        if any(standings.values()):
            self._write((), standings={key: value for key, value in standings.items() if value is not None})

    def _give_up(self, keys: Iterable[str]) -> list[tuple[int]]:
        """The places of these keys, which are theirs no more."""
        places = []
        for key in keys:
            self._late_standings.pop(key, None)
            if (place := self._places.pop(key, None)) is not None:
                places.append((place,))
        return places

    # --- notes ---

    def set_notes(self, kind: str, values: dict[str, bytes | None]) -> bool:
        """Keep small things by name; None removes one. False when the disk would not take them."""
        return self.set_all_notes({kind: values})

    def set_all_notes(self, kinds: Mapping[str, Mapping[str, bytes | None]]) -> bool:
        """Notes of several kinds, all of them or none."""
        if not any(kinds.values()):
            return True
        try:
            with self._db:
                for kind, values in kinds.items():
                    for key, value in values.items():
                        if value is None:
                            self._db.execute("DELETE FROM notes WHERE kind = ? AND key = ?", (kind, key))
                        else:
                            self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (kind, key, value))
        except sqlite3.Error as error:
            if not self._notes_refused:  # said once: notes are written many times a second, and logs need a disk too
                _log.error("spool_note_not_kept", kinds=sorted(kinds), reason=str(error))
            self._notes_refused = True
            return False
        self._notes_refused = False
        return True

    def notes(self, kind: str) -> dict[str, bytes]:
        rows = self._db.execute("SELECT key, value FROM notes WHERE kind = ? ORDER BY key", (kind,))
        return {str(key): bytes(value) for key, value in rows}

    def note(self, kind: str, key: str) -> bytes | None:
        row = self._db.execute("SELECT value FROM notes WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return bytes(row[0]) if row else None

    # --- the file ---

    def sync(self) -> None:
        """Bring everything to the disk itself, and the log back into the file. For a thread; raises OSError."""
        wal = self._path.with_name(self._path.name + "-wal")
        with suppress(FileNotFoundError):
            descriptor = os.open(wal, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        with suppress(sqlite3.Error):
            apart = sqlite3.connect(self._path, timeout=0.1)
            try:
                apart.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                apart.close()

    def close(self) -> None:
        self._db.close()

    def _write(
        self, entries: Iterable[Entry], *, shipped: bool = False, standings: Mapping[str, bytes] = _NONE
    ) -> bool:
        rows = [(e.number, e.kind, e.key, e.at.isoformat(), e.payload, shipped) for e in entries]
        try:
            with self._db:
                self._db.executemany(
                    "INSERT INTO entries (number, kind, key, at, payload, shipped) VALUES (?,?,?,?,?,?)", rows
                )
                for key, standing in standings.items():
                    place = self._places.setdefault(key, max(self._places.values(), default=0) + 1)
                    self._db.execute("INSERT OR REPLACE INTO standings VALUES (?, ?, ?)", (place, key, standing))
        except sqlite3.Error:
            return False
        self._unshipped += 0 if shipped else len(rows)
        for number, _, key, *_ in rows:
            if key:
                self._numbers.setdefault(key, []).append(number)
        return True

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise CallCenterError(
                    f"the spool {self._path} cannot be opened ({error}); see the rights and the space of its folder"
                ) from error
        aside = self._path.with_name(f"broken-{secrets.token_hex(4)}.sqlite")
        _log.error("spool_broken", put_aside=str(aside))
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.replace(f"{self._path}{suffix}", f"{aside}{suffix}")
        os.replace(self._path, aside)
        self.found_broken = True
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        made = sqlite3.connect(self._path, timeout=1.0)
        try:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = OFF")  # the operating system has it; sync() tells the disk
            made.execute("PRAGMA wal_autocheckpoint = 0")
            made.execute(f"PRAGMA max_page_count = {max(64, self._max_bytes // 4096)}")
            made.executescript(_SCHEMA)
            if made.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check")
        except BaseException:
            made.close()
            raise
        return made

    def _name(self) -> str:
        name = secrets.token_hex(8)
        self.set_notes("spool", {"id": name.encode()})
        return name


def _entry(row: tuple[int, str, str, str, bytes]) -> Entry:
    number, kind, key, at, payload = row
    return Entry(number, kind, key, datetime.fromisoformat(at), bytes(payload))
