"""A real Asterisk for tests, on ports and in folders of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from callcenter.acd.messages import AgentProfile
from callcenter.asterisk.ami import Ami
from callcenter.asterisk.config import render
from callcenter.asterisk.embedded import EmbeddedAsterisk
from callcenter.asterisk.gateway import Seat
from callcenter.asterisk.node import AsteriskNode
from callcenter.asterisk.packages import Toolbox, ensure
from callcenter.drill.own import free_ports
from callcenter.ids import AgentId
from callcenter.settings import Settings, load_settings, split_bind

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is encrypted; reading the machine's authorities for each client would take longer than it asks."""


@dataclass(frozen=True)
class Switch:
    settings: Settings
    toolbox: Toolbox
    asterisk: EmbeddedAsterisk
    password: str
    data: Path

    @property
    def sip(self) -> tuple[str, int]:
        return split_bind(self.settings.sip_bind)

    @asynccontextmanager
    async def node(self, detour: int | None = None) -> AsyncIterator[AsteriskNode]:
        """A connected gateway; its connections end with the block. ``detour``: the port by which ARI is reached."""
        host, port = split_bind(self.settings.ami_bind)
        ami = Ami(host, port, "callcenter", self.password, self.data / "asterisk" / "monitor")
        await ami.connect()
        base_url = f"http://127.0.0.1:{detour}" if detour else self.settings.asterisk_base_url
        node = AsteriskNode("test", base_url, "callcenter", self.password, ami)
        task = asyncio.create_task(node.run())
        try:
            yield node
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            ami.close()

    async def end_all(self) -> None:
        """Hang up whoever is left and take the bridges apart, until Asterisk has none: the next test begins with
        nothing, however this one ended. By HTTP, for a test's own connection may be what has failed."""
        base = f"{self.settings.asterisk_base_url}/ari"
        client = httpx.AsyncClient(
            base_url=base, auth=(self.settings.asterisk_user, self.password), trust_env=False, verify=_NO_TLS
        )
        async with asyncio.timeout(20), client as ari:
            while True:
                kinds = ("channels", "bridges")
                left = [f"{kind}/{each['id']}" for kind in kinds for each in (await ari.get(f"/{kind}")).json()]
                if not left:
                    return
                for one in left:
                    await ari.delete(f"/{one}")
                await asyncio.sleep(0.05)  # Asterisk takes channels apart in its own time


@asynccontextmanager
async def real_asterisk(folder: Path, trunks: Path | None = None) -> AsyncIterator[Switch]:
    """``trunks``: another file of carriers than the product's own."""
    http, sip, ami, trunk = free_ports(4)
    cache = {name: value for name, value in os.environ.items() if name == "CALLCENTER_CACHE_DIR"}
    settings = load_settings(
        {
            **cache,
            **({"CALLCENTER_TRUNKS_FILE": str(trunks)} if trunks else {}),
            "CALLCENTER_DATA_DIR": str(folder),
            "CALLCENTER_ASTERISK_HTTP_BIND": f"127.0.0.1:{http}",
            "CALLCENTER_SIP_BIND": f"127.0.0.1:{sip}",
            "CALLCENTER_AMI_BIND": f"127.0.0.1:{ami}",
            "CALLCENTER_DEMO_TRUNK": f"127.0.0.1:{trunk}",
            "CALLCENTER_RTP_PORTS": "20000-20999",
        }
    )
    toolbox = await asyncio.to_thread(ensure, settings.cache_dir)
    password = secrets.token_urlsafe(16)
    sounds = {"apology": folder / "apology", "leave_message": folder / "leave_message"}
    etc = render(settings, password, toolbox, sounds)
    asterisk = EmbeddedAsterisk(toolbox, etc, folder / "logs" / "asterisk.log")
    await asterisk.start()
    try:
        yield Switch(settings=settings, toolbox=toolbox, asterisk=asterisk, password=password, data=folder)
    finally:
        # Nothing of it need survive, and a gentle end takes a second, or five when somebody is in a call.
        if asterisk.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(asterisk.pid, signal.SIGKILL)
        await asterisk.stop()


def desk_seat(number: int) -> Seat:
    """The desk telephone of agent 100x."""
    return Seat(
        name=f"seat-100{number}",
        password="right-password",
        kind="desk_phone",
        caller_id_name="Agent",
        caller_id_number=f"100{number}",
        context="from-seat",
    )


def desk_profile(number: int, agent_id: AgentId, queue: str, *, wrap_up_s: int) -> AgentProfile:
    """Agent 100x, of one queue, at that telephone."""
    seat = desk_seat(number)
    return AgentProfile(
        agent_id=agent_id,
        name=agent_id,
        extension=seat.caller_id_number,
        seat=seat.name,
        queues={queue: 1},
        drill=True,
        wrap_up_s=wrap_up_s,
    )


async def nothing_left(node: AsteriskNode) -> None:
    """No channel and no bridge; Asterisk takes them apart in its own time."""
    until = asyncio.get_running_loop().time() + 20
    while (left := (await node.channels(), await node.bridges())) != ((), ()):
        assert asyncio.get_running_loop().time() < until, f"left in Asterisk: {left}"
        await asyncio.sleep(0.05)
