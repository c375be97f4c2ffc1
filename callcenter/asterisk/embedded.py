"""Runs Asterisk from the unpacked packages as a child of ours."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from callcenter.asterisk.packages import Toolbox
from callcenter.errors import CallCenterError
from callcenter.processes import ProcessNote, command_line, end_process, ended


class AsteriskFailed(CallCenterError):
    """Asterisk did not come up; the message quotes its last words."""

    code = "asterisk_failed"


class EmbeddedAsterisk:
    """One Asterisk process, in a session of its own so that Ctrl-C on the terminal does not reach it.

    A note beside its configuration says which process it is: one that outlived its parent is found again.
    """

    def __init__(self, toolbox: Toolbox, etc: Path, log: Path) -> None:
        self._toolbox, self._etc, self._log = toolbox, etc, log
        self._process: asyncio.subprocess.Process | None = None
        self._adopted: int | None = None
        self._note = ProcessNote(etc.parent / "process.json")

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else self._adopted

    def running(self) -> int | None:
        """The process of an earlier copy that still runs on this configuration, if there is one."""
        pid = self._note.read()
        return pid if pid is not None and str(self._etc / "asterisk.conf") in command_line(pid) else None

    async def end_leftover(self) -> None:
        """End the Asterisk that an earlier copy left running on this configuration, and its calls."""
        if (left := self.running()) is not None:
            await end_process(left, group=True)
        self._adopted = None

    async def adopt(self) -> bool:
        """Take over the Asterisk that an earlier copy left running, with its calls; False when there is none that
        answers."""
        pid = self.running()
        if pid is None:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                if (await self.console("core waitfullybooted")).startswith("Asterisk has fully booted"):
                    self._adopted = pid
                    return True
        return False

    async def wait(self) -> int | None:
        """Return when it has ended, with its exit code if it was our child."""
        return await ended(self._process, self._adopted)

    async def start(self, *, timeout_s: float = 30.0) -> None:
        """Start and wait until it has fully booted; ends one that an earlier copy left. Raises AsteriskFailed."""
        await self.end_leftover()
        command = [*self._toolbox.command("asterisk"), "-C", str(self._etc / "asterisk.conf"), "-f"]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, "-n", stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._note.write(self._process.pid)
        try:
            async with asyncio.timeout(timeout_s):
                while not (await self.console("core waitfullybooted")).startswith("Asterisk has fully booted"):
                    if self._process.returncode is not None:
                        raise AsteriskFailed(f"Asterisk ended while starting: {self._last_words()}")
                    await asyncio.sleep(0.1)  # its console socket is not there yet
        except TimeoutError:
            await self.stop()
            raise AsteriskFailed(f"Asterisk was not ready after {timeout_s:.0f} s: {self._last_words()}") from None
        except BaseException:
            await self.stop()
            raise

    async def console(self, command: str) -> str:
        """What Asterisk's console answers to a command."""
        process = await asyncio.create_subprocess_exec(
            *self._toolbox.command("asterisk"),
            "-C",
            str(self._etc / "asterisk.conf"),
            "-rx",
            command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        out, _ = await process.communicate()
        return out.decode(errors="replace").strip()

    async def stop(self) -> None:
        """End it: gently, then by force."""
        process = self._process
        if process is None and self._adopted is not None:
            await end_process(self._adopted, group=True)
        if process is None or process.returncode is not None:
            self._note.clear()
            return
        for sign, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience)
                self._note.clear()
                return

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = self._log.read_text(errors="replace").splitlines()
            return " | ".join(line for line in lines if "ERROR" in line or "Unable" in line)[-600:] or str(self._log)
        return f"see {self._log}"
