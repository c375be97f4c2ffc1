"""From a key to the next prompt's first packet, with many callers in menus.

``python -m bench.menu_latency [--callers 90] [--seconds 20] [--json]``. A system of its own with real Asterisk.
Each caller is a real SIP call with RTP; it listens to a menu of one word, waits until that is over, presses a key
by RFC 4733 (100 ms) and hears the next menu. Measured is the time from the key's *end* packet, the moment at which
Asterisk reports a key, to the first packet of sound that comes back. Sender and receiver read one clock in this
process, whose own delays are therefore in the figure; so the same callers then meet the same two menus in
Asterisk's own dialplan, on the same Asterisk, and that is the rival. While the menus run, the flows may be reloaded
(``--reloads N``): then every call must still walk on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import shutil
import socket
import statistics
import struct
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from bench.console import console
from bench.machine import table, what_it_ran_on
from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill import sip
from callcenter.drill.own import OwnSystem, own_system

EVENT_PAYLOAD = 101
SILENT_S = 0.25
"""So long without a packet: the prompt is over."""
KEY_S = 0.1
WANTED_MS = 60.0
PASSWORD = secrets.token_urlsafe(12)
OURS, RIVALS = "4008001", "4008777"
FLOW = """\
flow: main
start: a
steps:
  a: {menu: 一。, keys: {1: b}, timeout: 60s, on_fail: end}
  b: {menu: 二。, keys: {1: a}, timeout: 60s, on_fail: end}
"""


class Caller:
    """One call: SIP by hand, RTP in and out."""

    def __init__(self, number: int, switch: tuple[str, int], dialled: str = OURS) -> None:
        self.number, self.switch, self.dialled = number, switch, dialled
        self.call_id, self.tag, self.remote = secrets.token_hex(8), secrets.token_hex(4), ""
        self.target = f"sip:{dialled}@{switch[0]}:{switch[1]}"
        self.signal, self.rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for each in (self.signal, self.rtp):
            each.setblocking(False)
            each.bind(("127.0.0.1", 0))
        self.media: tuple[str, int] | None = None
        self.heard = asyncio.Event()
        self.last_packet = 0.0
        self.waiting = False
        self.first_after = 0.0
        self.sequence, self.clock = 1, 160
        self.ended = False
        self.took: list[float] = []
        loop = asyncio.get_running_loop()
        loop.add_reader(self.rtp, self._hear)

    def _hear(self) -> None:
        now = time.perf_counter()
        with suppress(OSError):
            while True:
                packet = self.rtp.recv(2048)
                if len(packet) < 12 + 160 or packet[1] & 0x7F != 8:
                    continue  # no A-law sound
                self.last_packet = now
                if self.waiting:
                    self.waiting, self.first_after = False, now
                    self.heard.set()

    def _request(self, method: str, number: int, body: str = "") -> bytes:
        host, port = self.signal.getsockname()
        to = f"<sip:{self.dialled}@{self.switch[0]}:{self.switch[1]}>"
        headers = [
            ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(6)}"),
            ("From", f"<sip:1390000{self.number:04d}@{host}:{port}>;tag={self.tag}"),
            ("To", f"{to};tag={self.remote}" if self.remote else to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
            ("Contact", f"<sip:caller@{host}:{port}>"),
            ("Max-Forwards", "70"),
        ]
        return sip.render(f"{method} {self.target} SIP/2.0", headers, body)

    async def _answer(self) -> sip.Message:
        while True:
            try:
                message = sip.parse(await asyncio.get_running_loop().sock_recv(self.signal, 65536))
            except ValueError:
                continue  # a keep-alive
            if message.status >= 200:
                return message
            if message.method == "BYE":
                self.ended = True
                self.signal.sendto(sip.answer(message, "200 OK", self.tag), self.switch)

    async def call(self) -> None:
        """Dial until answered."""
        host, port = self.rtp.getsockname()
        body = sip.sdp(host, port).replace("RTP/AVP 8", f"RTP/AVP 8 {EVENT_PAYLOAD}")
        body += f"a=rtpmap:{EVENT_PAYLOAD} telephone-event/8000\r\na=fmtp:{EVENT_PAYLOAD} 0-16\r\n"
        self.waiting = True
        self.signal.sendto(self._request("INVITE", 1, body), self.switch)
        answer = await asyncio.wait_for(self._answer(), 20)
        if answer.status != 200:
            raise RuntimeError(f"caller {self.number}: {answer.first}")
        self.remote = answer.get("To").partition("tag=")[2]
        self.target = answer.get("Contact").strip("<>").partition(">")[0] or self.target
        self.media = sip.media_address(answer.body)
        self.signal.sendto(self._request("ACK", 1), self.switch)

    async def walk(self, until: float) -> None:
        """Press a key whenever a prompt is over, and note how long the next one takes to begin."""
        await asyncio.wait_for(self.heard.wait(), 10)
        while time.perf_counter() < until:
            # Silence is what no event tells of.
            while (quiet := time.perf_counter() - self.last_packet) < SILENT_S:  # noqa: ASYNC110
                await asyncio.sleep(SILENT_S - quiet)
            await asyncio.sleep(secrets.randbelow(1000) / 1000)
            self.heard.clear()
            released = await self._press()
            if released - self.last_packet < SILENT_S:
                raise RuntimeError("sound came before the key was released: this is not the next prompt")
            await asyncio.wait_for(self.heard.wait(), 5)
            self.took.append(self.first_after - released)

    async def _press(self) -> float:
        assert self.media is not None
        began, packets = time.perf_counter(), int(KEY_S / 0.02)
        for n in range(packets):
            self._event((n + 1) * 160, end=False, mark=n == 0)
            await asyncio.sleep(max(0.0, began + (n + 1) * 0.02 - time.perf_counter()))
        self.waiting = True
        released = time.perf_counter()
        for _ in range(3):
            self._event((packets + 1) * 160, end=True, mark=False)
        self.clock += (packets + 50) * 160
        return released

    def _event(self, duration: int, *, end: bool, mark: bool) -> None:
        assert self.media is not None
        kind = EVENT_PAYLOAD | (0x80 if mark else 0)
        head = struct.pack("!BBHII", 0x80, kind, self.sequence & 0xFFFF, self.clock, 0x1000 + self.number)
        self.sequence += 1
        self.rtp.sendto(head + struct.pack("!BBH", 1, 0x80 | 10 if end else 10, duration), self.media)

    async def hang_up(self) -> None:
        self.signal.sendto(self._request("BYE", 2), self.switch)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._answer(), 2)
        asyncio.get_running_loop().remove_reader(self.rtp)
        self.rtp.close()
        self.signal.close()


@asynccontextmanager
async def operations(system: OwnSystem) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser of an operations account."""
    database = Database(database_url(system.settings), pool_size=1)
    hashed = await passwords.hash_password(PASSWORD)
    async with database.write() as session:
        await accounts.create(
            session, SystemClock().now(), login="bench", name="Bench", role=Role.OPS, password_hash=hashed
        )
    await database.close()
    origin = f"http://{system.settings.http_bind}"
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, trust_env=False, timeout=30) as client:
        (await client.post("/api/v1/session", json={"login": "bench", "password": PASSWORD})).raise_for_status()
        yield client


async def reload_often(client: httpx.AsyncClient, times: int, seconds: float) -> int:
    """Publish a changed flow so many times, spread over the run; how many went live."""
    live = 0
    for turn in range(1, times + 1):
        began = time.perf_counter()
        text = FLOW.replace("timeout: 60s", f"timeout: {60 + turn % 51}s")
        done = await client.put("/api/v1/flows/files", json={"files": {"main.yaml": text}, "note": f"turn {turn}"})
        done.raise_for_status()
        live += bool(done.json()["changed"])
        await asyncio.sleep(max(0.0, seconds / times - (time.perf_counter() - began)))
    return live


async def rival_menu(system: OwnSystem, folder: Path) -> None:
    """The same two menus as Asterisk's own dialplan has them, on the same Asterisk."""
    with wave.open(str(folder / "word.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", 6000 if n // 10 % 2 else -6000) for n in range(4000)))
    lines = ["Goto(rival,s,1)", *(("Answer()", f"BackGround({folder / 'word'})", "WaitExten(60)"))]
    into = {"s": lines[1:], "1": lines[2:]}
    await console(
        system.settings,
        f"dialplan add extension {RIVALS},1,{lines[0]} into from-trunk",
        *(
            f"dialplan add extension {extension},{priority},{what} into rival"
            for extension, steps in into.items()
            for priority, what in enumerate(steps, 1)
        ),
    )


async def walked(
    count: int,
    switch: tuple[str, int],
    seconds: float,
    dialled: str,
    beside: Callable[[], Awaitable[int]] | None = None,
) -> tuple[list[Caller], list[str], int]:
    """So many callers in menus for so long; why some were lost; what was done beside them."""
    callers = [Caller(n, switch, dialled) for n in range(count)]
    for caller in callers:
        await caller.call()
        await asyncio.sleep(0.05)
    until = time.perf_counter() + seconds
    doing = asyncio.ensure_future(beside()) if beside else None
    walks = await asyncio.gather(*(caller.walk(until) for caller in callers), return_exceptions=True)
    done = await doing if doing else 0
    await asyncio.gather(*(caller.hang_up() for caller in callers))
    return callers, [str(walk) or type(walk).__name__ for walk in walks if isinstance(walk, BaseException)], done


def spread_of(callers: list[Caller]) -> dict[str, float]:
    took = sorted(1000 * t for caller in callers for t in caller.took)
    parts = statistics.quantiles(took, n=100, method="inclusive")
    return {
        "keys": len(took), "p50": round(parts[49], 1), "p95": round(parts[94], 1), "p99": round(parts[98], 1),
        "worst": round(took[-1], 1),
    }  # fmt: skip


async def measure(count: int, seconds: float, reloads: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="callcenter-menus-"))
    (folder / "main.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "queues.yaml").write_text("general: {title: General}\n", encoding="utf-8")
    (folder / "hotlines.yaml").write_text(f'"{OURS}": {{flow: main, title: Bench}}\n', encoding="utf-8")
    try:
        async with own_system(flows_dir=str(folder)) as system, operations(system) as client:
            host, _, port = system.settings.sip_bind.rpartition(":")
            switch = (host, int(port))
            again = (lambda: reload_often(client, reloads, seconds - 1)) if reloads else None
            callers, lost, live = await walked(count, switch, seconds, OURS, again)
            await rival_menu(system, folder)
            others, others_lost, _ = await walked(count, switch, seconds, RIVALS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ours, rival = spread_of(callers), spread_of(others)
    return {
        "ran_on": what_it_ran_on(),
        "callers": count,
        "seconds": seconds,
        "ms": ours,
        "asterisk_dialplan_ms": rival,
        "p99_of_the_rivals": round(ours["p99"] / rival["p99"], 2),
        "reloads": live,
        "callers_lost": len(lost),
        "lost_because": lost[:5],
        "rivals_lost": len(others_lost),
        "wanted_p99_ms": WANTED_MS,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--callers", type=int, default=90)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--reloads", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(measure(given.callers, given.seconds, given.reloads))
    if given.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    print(found["ran_on"])
    ms, rival = found["ms"], found["asterisk_dialplan_ms"]
    rows = [
        [name, f"{ms[name]} ms", f"{rival[name]} ms", f"≤ {WANTED_MS:g} ms" if name == "p99" else ""]
        for name in ("p50", "p95", "p99", "worst")
    ]
    rows += [
        ["keys pressed", str(ms["keys"]), str(rival["keys"]), ""],
        ["callers lost", str(found["callers_lost"]), str(found["rivals_lost"]), "0"],
        ["reloads meanwhile", str(found["reloads"]), "", str(given.reloads)],
    ]
    head = (f"key's end → next sound, {found['callers']} callers", "ours", "Asterisk's dialplan", "wanted")
    print(table(head, rows))
    print(f"our p99 is {found['p99_of_the_rivals']:g} times that of Asterisk's own dialplan in the same run")
    for why in found["lost_because"]:
        print(why)


if __name__ == "__main__":
    main()
