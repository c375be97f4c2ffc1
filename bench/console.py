"""Asterisk's own console, for what a bench puts beside us."""

from __future__ import annotations

import asyncio
import os

from callcenter.asterisk.packages import ensure
from callcenter.settings import Settings


async def console(settings: Settings, *lines: str) -> None:
    """Say lines on the console of that system's Asterisk. Raises SystemExit with what it answered to a wrong one."""
    toolbox = await asyncio.to_thread(ensure, settings.cache_dir)
    conf = settings.data_dir / "asterisk" / "etc" / "asterisk.conf"
    for line in lines:
        process = await asyncio.create_subprocess_exec(
            *toolbox.command("asterisk"),
            "-C",
            str(conf),
            "-rx",
            line,
            env={**os.environ, **toolbox.env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise SystemExit(f"{line}: {said.decode(errors='replace')}")
