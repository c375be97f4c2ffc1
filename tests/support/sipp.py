"""SIPp: telephones for tests, real to the last packet."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from callcenter.asterisk.packages import Toolbox

SCENARIOS = Path(__file__).parent / "scenarios"


class SippFailed(AssertionError):
    """A telephone did not get what its scenario expects."""


async def sipp(
    toolbox: Toolbox, scenario: str, target: tuple[str, int], folder: Path, *options: str, timeout_s: float = 15.0
) -> None:
    """Run a scenario file to its end; raises SippFailed with SIPp's own account."""
    folder.mkdir(parents=True, exist_ok=True)
    host, port = target
    process = await asyncio.create_subprocess_exec(
        *toolbox.command("sipp"),
        f"{host}:{port}",
        "-sf",
        str(SCENARIOS / scenario),
        "-i",
        "127.0.0.1",
        "-nostdin",
        "-trace_err",
        "-timeout",
        f"{timeout_s:.0f}s",
        "-timeout_error",
        *options,
        cwd=folder,
        env={**os.environ, "TERM": "dumb"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        out, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        errors = "".join(path.read_text(errors="replace")[-1500:] for path in folder.glob("*errors.log"))
        raise SippFailed(f"{scenario}: exit {process.returncode}\n{errors}\n{out.decode(errors='replace')[-800:]}")
