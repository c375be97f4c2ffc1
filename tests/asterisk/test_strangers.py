"""Who is no carrier and has no seat reaches nothing, by whatever way and under whatever name."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from callcenter.asterisk.identity import caller_id
from callcenter.drill import sip
from tests.support.switch import real_asterisk

HOTLINE = "4008001"
TRUNKS = """
north: {title: 北, title_en: North, hosts: '127.0.0.9:5060', match: 127.0.0.9, qualify: 0s}
beside: {title: 旁, title_en: At the proxy's address, hosts: '127.0.0.1:5080', match: 127.0.0.1, qualify: 0s}
"""


def invite(name: str, address: str, transport: str) -> bytes:
    tag = secrets.token_hex(4)
    headers = [
        ("Via", f"SIP/2.0/{transport} {address};branch=z9hG4bK{tag};rport"),
        ("From", f"<sip:{name}@{address}>;tag={tag}"),
        ("To", f"<sip:{HOTLINE}@{address}>"),
        ("Call-ID", tag),
        ("CSeq", "1 INVITE"),
        ("Contact", f"<sip:{name}@{address}>"),
        ("Max-Forwards", "70"),
    ]
    return sip.render(f"INVITE sip:{HOTLINE}@{address} SIP/2.0", headers, sip.sdp("127.0.0.1", 9))


class Telephone(asyncio.DatagramProtocol):
    """Tells the first final answer to an INVITE."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        status = sip.parse(data).status
        if status >= 200 and not self.answered.done():
            self.answered.set_result(status)


async def by_udp(target: tuple[str, int], name: str, source: str) -> int:
    loop = asyncio.get_running_loop()
    transport, telephone = await loop.create_datagram_endpoint(Telephone, local_addr=(source, 0))
    try:
        address = "{}:{}".format(*transport.get_extra_info("sockname"))
        transport.sendto(invite(name, address, "UDP"), target)
        return await asyncio.wait_for(telephone.answered, 20)
    finally:
        transport.close()


async def by_websocket(url: str, name: str, via: str) -> int:
    """As a browser's telephone comes, by the proxy or not."""
    # Asterisk says nothing to the end of a connection: it is not waited for.
    async with connect(url, subprotocols=["sip"], proxy=None, close_timeout=0.1) as socket:  # type: ignore[list-item]
        await socket.send(invite(name, "browser.invalid", via).decode())
        while True:
            told = await asyncio.wait_for(socket.recv(), 20)
            status = sip.parse(told if isinstance(told, bytes) else told.encode()).status
            if status >= 200:
                return status


@pytest.mark.timeout(60)
async def test_a_stranger_is_no_carrier_by_its_name_nor_by_the_address_of_the_proxy(tmp_path: Path) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text(TRUNKS, encoding="utf-8")
    async with real_asterisk(tmp_path / "switch", file) as switch:
        # The service is away: who is let in hears the fallback, which answers.
        assert await by_udp(switch.sip, "anybody", "127.0.0.1") == 200, "a carrier's own address"
        for name in ("trunk-north", "north", "mallory", "seat-1001"):
            assert await by_udp(switch.sip, name, "127.0.0.2") in (401, 403), name
        socket = switch.settings.sip_socket_url
        for name, via in (("mallory", "WS"), ("mallory", "UDP"), ("trunk-north", "WSS"), ("trunk-beside", "WS")):
            assert await by_websocket(socket, name, via) in (401, 403), (name, via)


@pytest.mark.parametrize(
    ("name", "number", "made"),
    [
        ("王芳", "13800000001", '"王芳" <13800000001>'),
        ('A" <110>', "1001", '"A 110" <1001>'),
        ("A\r\nX-Header: 1", "1001", '"A X-Header: 1" <1001>'),
        ("", '1>, "B" <110', '"" <1B110>'),
        ("", "+86138\r\n", '"" <+86138>'),
    ],
)
def test_what_callers_say_of_themselves_makes_no_other_number(name: str, number: str, made: str) -> None:
    assert caller_id(name, number) == made
