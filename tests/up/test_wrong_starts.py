"""What can be wrong at a start: one clear message that says what to do, exit code 1, no traceback."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

from callcenter.drill.own import free_ports
from callcenter.pages import PAGES
from callcenter.parent import words
from callcenter.settings import load_settings
from tests.support.up import ROOT


async def _fails(tmp_path: Path, command: str = "up", **settings: str) -> str:
    ports = free_ports(4)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")} | {
        "CALLCENTER_CACHE_DIR": os.environ.get("CALLCENTER_CACHE_DIR", str(load_settings({}).cache_dir)),
        "CALLCENTER_DATA_DIR": str(tmp_path / "data"),
        "CALLCENTER_HTTP_BIND": f"127.0.0.1:{ports[0]}",
        "CALLCENTER_SIP_BIND": f"127.0.0.1:{ports[1]}",
        "CALLCENTER_ASTERISK_HTTP_BIND": f"127.0.0.1:{ports[2]}",
        "CALLCENTER_AMI_BIND": f"127.0.0.1:{ports[3]}",
        **{f"CALLCENTER_{name.upper()}": value for name, value in settings.items()},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", command),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    text = said.decode()
    assert process.returncode == 1, text
    assert "Traceback" not in text
    return text


async def test_a_port_in_use_names_the_setting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        text = await _fails(tmp_path, http_bind=bind)
        assert f"{bind}: another program has this port; end it, or choose another with CALLCENTER_HTTP_BIND" in text


async def test_a_database_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    url = f"postgresql://desk:secret-word@127.0.0.1:{free_ports(1)[0]}/none"
    for command in ("up", "serve", "migrate"):
        extra = {"asterisk_password": "x"} if command == "serve" else {}
        text = await _fails(tmp_path, command, database_url=url, **extra)
        assert "check that PostgreSQL runs there" in text
        assert "secret-word" not in text


async def test_an_unknown_setting_is_named_with_its_neighbour(tmp_path: Path) -> None:
    text = await _fails(tmp_path, http_bnid="127.0.0.1:1")
    assert "CALLCENTER_HTTP_BNID: unknown setting; did you mean CALLCENTER_HTTP_BIND?" in text


async def test_a_broken_flow_file_is_told_by_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    for name in ("hotlines.yaml", "queues.yaml"):
        (tmp_path / "flows" / name).write_bytes((ROOT / "ivr_flows" / name).read_bytes())
    (tmp_path / "flows" / "main.yaml").write_text("flow: main\nsteps: [\n")
    assert "main.yaml:" in await _fails(tmp_path, flows_dir=str(tmp_path / "flows"))


async def test_an_asterisk_that_is_too_old_is_refused(tmp_path: Path, migrated: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"system": {"version": "20.5.0"}}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as old:
        url = f"http://127.0.0.1:{old.sockets[0].getsockname()[1]}"
        text = await _fails(tmp_path, "serve", database_url=migrated, asterisk_url=url, asterisk_password="x")
    assert "Asterisk 20.5.0 is too old: 22.5 or newer is needed; upgrade it" in text


def test_a_start_tells_of_every_page() -> None:
    told = {path for path, _ in words.PAGES}
    assert {f"/{page}" for page in PAGES if page not in ("", "login")} <= told
