"""The edge of a site in production: HAProxy with the file of ``docs/operations.md``, and browsers that trust it."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from callcenter.asterisk.packages import Toolbox, ensure
from callcenter.drill.own import free_ports
from tests.web.people import CHROMIUM, FLAGS, ROOT

PACKAGES = ("haproxy", "openssl")
NAME = "desk.example.org"
ORIGIN = f"https://{NAME}"


@dataclass(frozen=True)
class Edge:
    """``https`` and ``http``: its ports on this machine. Browsers ask for :data:`ORIGIN`."""

    https: int
    http: int
    authority: Path
    """The certificate of who signed the site's."""
    key_print: str
    """SHA-256 of the site's public key."""

    @asynccontextmanager
    async def browser(self, microphone: Path) -> AsyncIterator[Browser]:
        """Chromium that takes the site's certificate for good, and no other that is not."""
        flags = [
            *FLAGS,
            f"--use-file-for-fake-audio-capture={microphone}",
            f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{self.https}",
            f"--ignore-certificate-errors-spki-list={self.key_print}",
        ]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
            try:
                yield browser
            finally:
                await browser.close()


def settings_behind_it() -> dict[str, str]:
    """What ``docs/operations.md`` says to set."""
    return {
        "CALLCENTER_PUBLIC_ORIGINS": ORIGIN,
        "CALLCENTER_BROWSER_SIP_URL": f"wss://{NAME}/sip",
        "CALLCENTER_COOKIE_SECURE": "true",
    }


def documented(replaced: dict[str, str]) -> str:
    """HAProxy's file as it stands in the document, with these of its words replaced."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(global\n.*?)```", text, re.DOTALL)
    assert block is not None, "the document has no file for HAProxy any more"
    made = block[1]
    for word, mine in replaced.items():
        assert word in made, f"{word!r} is not in the document's file any more"
        made = made.replace(word, mine)
    return made


@asynccontextmanager
async def haproxy(folder: Path, cache: Path, one: int, two: int, asterisk: int) -> AsyncIterator[Edge]:
    """In front of two services and Asterisk, all by their ports on this machine."""
    toolbox = await asyncio.to_thread(ensure, cache, print, PACKAGES)
    folder.mkdir()
    https, http = free_ports(2)
    key_print = await _certify(toolbox, folder)
    file = folder / "haproxy.cfg"
    file.write_text(
        documented(
            {
                "bind :443 ssl crt /etc/haproxy/desk.pem": f"bind 127.0.0.1:{https} ssl crt {folder / 'desk.pem'}",
                "bind :80": f"bind 127.0.0.1:{http}",
                "10.0.0.11:8080": f"127.0.0.1:{one}",
                "10.0.0.12:8080": f"127.0.0.1:{two}",
                "10.0.0.10:8088": f"127.0.0.1:{asterisk}",
            }
        )
    )
    with (folder / "haproxy.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *toolbox.command("haproxy"), "-db", "-f", str(file), stdout=output, stderr=output
        )
    try:
        yield Edge(https, http, folder / "authority.pem", key_print)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _certify(toolbox: Toolbox, folder: Path) -> str:
    """An authority of our own and, signed by it, the site's certificate with its key (``desk.pem``).

    Returns what is said of the key in short."""
    openssl = toolbox.command("openssl")
    (folder / "openssl.cnf").write_text("[req]\ndistinguished_name=name\n[name]\n")
    config = ("-config", str(folder / "openssl.cnf"))
    new = ("req", *config, "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2")
    ca, ca_key, leaf, leaf_key = (
        str(folder / f"{name}.pem") for name in ("authority", "authority-key", "leaf", "leaf-key")
    )
    extension = "basicConstraints=critical,CA:TRUE"
    await _run(*openssl, *new, "-subj", "/CN=A site", "-addext", extension, "-keyout", ca_key, "-out", ca)
    signed = ("-CA", ca, "-CAkey", ca_key, "-addext", f"subjectAltName=DNS:{NAME}")
    await _run(*openssl, *new, "-subj", f"/CN={NAME}", *signed, "-keyout", leaf_key, "-out", leaf)
    (folder / "desk.pem").write_text(Path(leaf).read_text() + Path(leaf_key).read_text())
    public = await _run(*openssl, "x509", "-in", leaf, "-noout", "-pubkey")
    der = b64decode("".join(public.splitlines()[1:-1]))
    return b64encode(sha256(der).digest()).decode()


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()
