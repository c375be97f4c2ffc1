"""The drill's callers: SIPp, one process for all of them, with SIPp's own account of what they met."""

from __future__ import annotations

import asyncio
import csv
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callcenter.asterisk.packages import Toolbox
from callcenter.drill import tone

SCENARIO = Path(__file__).parent / "scenarios" / "caller.xml"
_TONE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class CallersReport:
    placed: int
    succeeded: int
    failed: int
    answer_ms: tuple[float, ...]
    """INVITE → 200 OK, of each call."""
    said: str
    """SIPp's last words when something failed."""


class Callers:
    """``at_once`` calls at a time, ``per_second`` new ones, ``count`` in all, to ``number``."""

    def __init__(
        self,
        toolbox: Toolbox,
        target: tuple[str, int],
        number: str,
        folder: Path,
        *,
        count: int,
        at_once: int,
        per_second: float,
        timeout_s: float,
    ) -> None:
        self._toolbox, self._target, self._number, self._folder = toolbox, target, number, folder
        self._count, self._at_once, self._per_second, self._timeout_s = count, at_once, per_second, timeout_s
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> CallersReport:
        """Dial until all calls are over."""
        host, port = self._target
        sound = self._folder / "caller.alaw"
        sound.write_bytes(tone.packet(tone.CALLER_HZ) * (_TONE_SECONDS * 50))
        log = self._folder / "sipp.log"
        with log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._toolbox.command("sipp"),
                f"{host}:{port}",
                "-sf",
                str(SCENARIO),
                *("-i", "127.0.0.1", "-s", self._number, "-key", "sound", str(sound), "-nostdin"),
                *("-m", str(self._count), "-l", str(self._at_once), "-r", f"{self._per_second:g}"),
                *("-trace_err", "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_rtt", "-rtt_freq", "1"),
                *("-timeout", f"{self._timeout_s:.0f}s", "-timeout_error"),
                *("-min_rtp_port", "40000", "-max_rtp_port", "47998"),
                cwd=self._folder,
                env={**os.environ, "TERM": "dumb"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            await self._process.wait()
        finally:
            await self.stop()
        succeeded, failed = self._counts()
        said = ""
        if self._process.returncode:
            errors = "".join(path.read_text(errors="replace")[-1500:] for path in self._folder.glob("*errors.log"))
            said = errors or log.read_text(errors="replace")[-800:]
        return CallersReport(self._count, succeeded, failed, self._answer_times(), said)

    async def stop(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _counts(self) -> tuple[int, int]:
        path = self._folder / "stat.csv"
        if not path.exists():
            return 0, 0
        rows = list(csv.DictReader(path.read_text().splitlines(), delimiter=";"))
        return (int(rows[-1]["SuccessfulCall(C)"]), int(rows[-1]["FailedCall(C)"])) if rows else (0, 0)

    def _answer_times(self) -> tuple[float, ...]:
        times = []
        for path in self._folder.glob("*rtt.csv"):
            for line in path.read_text().splitlines()[1:]:
                fields = line.split(";")
                if len(fields) >= 2:
                    with suppress(ValueError):
                        times.append(float(fields[1]))
        return tuple(times)
