"""The fire drill on a whole system of its own; and its figures, which must be able to say no."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from callcenter.cli import cli
from callcenter.drill import sip, tone
from callcenter.drill.own import _share, free_ports, own_system, sweep
from callcenter.drill.phone import Phone, PhoneBank, Talk
from callcenter.drill.report import DrillReport, doubled, handovers_ms, spread
from callcenter.drill.run import Plan, drill
from callcenter.processes import ProcessNote

NAMES = {
    "placed",
    "answered",
    "failed",
    "recorded",
    "outcomes",
    "leftover_channels",
    "leftover_agents",
    "answer_ms",
    "offer_ms",
    "pop_lead_ms",
}


@pytest.mark.timeout(180)
async def test_real_calls_are_all_answered_written_and_gone() -> None:
    async with own_system() as system:
        plan = Plan(calls=6, agents=2, hold_s=1.5, at_once=4, spread=0.3)
        report = await drill(system.settings, plan, lambda text: None)
        again = await drill(system.settings, Plan(calls=1, agents=1, hold_s=1, at_once=1), lambda text: None)
    assert (report.placed, report.answered, report.failed, report.lost_calls) == (6, 6, 0, 0), report.notes
    assert report.outcomes == 6
    assert report.silent == 0, "every telephone heard its caller's tone"
    assert report.double_offers == 0
    assert report.rings == report.pop_before_ring == 6
    assert (report.leftover_channels, report.leftover_bridges, report.leftover_agents) == (0, 0, 0)
    assert report.handover_ms.n >= 2, "four callers at a time for two agents: somebody waited"
    assert report.recorded == 6
    assert report.ok
    assert again.ok, "its accounts serve again"
    assert report.as_json().keys() >= NAMES


def test_what_a_killed_drill_left_is_removed_by_the_next_one_and_nothing_else(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    left, alive, others, begun = (tmp_path / f"callcenter-{name}" for name in ("own-1", "own-2", "x", "own-3"))
    for folder, owner, parent in ((left, ended.pid, ended.pid), (alive, ended.pid, os.getpid()), (others, 0, 0)):
        ProcessNote(folder / "owner").write(owner)
        ProcessNote(folder / "parent").write(parent)
    begun.mkdir()
    ended.wait()
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([alive, others, begun])


def test_ports_that_were_given_a_moment_ago_are_not_given_to_the_next_who_asks() -> None:
    given = [port for _ in range(20) for port in free_ports(4)]
    assert len(set(given)) == 80
    # Nor to another process, whichever its number is.
    ours = _share()
    taken = subprocess.run([sys.executable, "-c", SHARE, str(ours)], capture_output=True, text=True, check=True)
    assert int(taken.stdout) != ours


SHARE = """
import os, sys
from callcenter.drill import own
os.getpid = lambda: int(sys.argv[1])
print(own._share())
"""


STARTER = """
import asyncio
from callcenter.drill.own import own_system, sweep
async def main():
    async with own_system():
        await asyncio.Event().wait()
asyncio.run(main())
"""


def running_in(folder: Path) -> list[str]:
    """The command lines in which it is named."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (process / "environ").read_bytes()
            if str(folder) in line or f"CALLCENTER_DATA_DIR={folder}".encode() in environment:
                found.append(line)
    return found


@pytest.mark.timeout(120)
async def test_who_is_killed_in_the_middle_of_a_drill_leaves_nothing_running() -> None:
    folder = Path(tempfile.mkdtemp(prefix="callcenter-killed-"))
    folder.chmod(0o711)
    environment = {**os.environ, "TMPDIR": str(folder)}
    starter = await asyncio.create_subprocess_exec(sys.executable, "-c", STARTER, env=environment)
    try:
        async with asyncio.timeout(60):
            while not list(folder.glob("*/data/postgres/data/postmaster.pid")):
                assert starter.returncode is None
                await asyncio.sleep(0.1)
        assert any("postgres" in line for line in running_in(folder))
        starter.kill()
        await starter.wait()
        async with asyncio.timeout(40):
            while running_in(folder):  # noqa: ASYNC110 - they are no children of ours
                await asyncio.sleep(0.1)
    finally:
        if starter.returncode is None:
            starter.kill()
            await starter.wait()
        shutil.rmtree(folder, ignore_errors=True)


def test_where_nothing_runs_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("CALLCENTER_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(cli, ["drill", "--calls", "1", "--agents", "1", "--json"])
    assert result.exit_code != 0
    assert "callcenter up" in str(result.exception)


def good() -> DrillReport:
    return DrillReport(placed=2, answered=2, recorded=2, outcomes=2, rings=2, pop_before_ring=2)


def test_a_drill_without_loss_is_good() -> None:
    assert good().ok
    assert json.loads(json.dumps(good().as_json()))["ok"] is True


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("placed", 0),
        ("answered", 1),
        ("failed", 1),
        ("lost_calls", 1),
        ("recorded", 1),
        ("outcomes", 1),
        ("silent", 1),
        ("double_offers", 1),
        ("pop_before_ring", 1),
        ("leftover_channels", 1),
        ("leftover_bridges", 1),
        ("leftover_agents", 1),
    ],
)
def test_every_loss_makes_it_bad(field: str, value: int) -> None:
    report = good()
    setattr(report, field, value)
    assert not report.ok


def talk(seat: str, caller: str, begins: float, ends: float | None) -> Talk:
    return Talk(seat, caller, begins, begins, begins, ends, ends)


async def test_how_long_it_took_to_ring_is_read_at_the_wire_and_what_came_first_where_it_is_read() -> None:
    bank, over = PhoneBank(("127.0.0.1", 9)), asyncio.Event()
    bank.ended = lambda talk: over.set()
    await bank.open()
    phone = bank.phones["seat-1"] = Phone(bank, "seat-1", "", await bank.media.open())
    asterisk = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        address = bank.contact("seat-1").removeprefix("sip:seat-1@").split(":")
        before = time.time()
        for method in ("INVITE", "BYE"):
            headers = [("From", "<sip:123@h>"), ("Call-ID", "one"), ("CSeq", f"1 {method}")]
            asterisk.sendto(sip.render(f"{method} sip:seat-1@h SIP/2.0", headers), (address[0], int(address[1])))
        sent = time.time()
        time.sleep(0.05)  # noqa: ASYNC251 - as a process without a processor: nothing is read meanwhile
        read = time.monotonic()
        async with asyncio.timeout(20):
            await over.wait()
    finally:
        asterisk.close()
        await bank.media.stop()
    (talk,) = phone.talks
    assert talk.ended_at is not None and talk.ended_wall is not None
    assert before <= talk.invited_wall <= talk.ended_wall <= sent
    assert read <= talk.invited_at <= talk.ended_at


def test_conversations_last_as_long_as_asked_or_around_it() -> None:
    def lasting(spread: float) -> list[float]:
        lasts_s = Plan(calls=9, agents=2, hold_s=10, at_once=4, spread=spread).lengths()
        return [lasts_s() for _ in range(1000)]

    assert set(lasting(0)) == {10}
    assert lasting(0.3) == lasting(0.3)
    assert 7 <= min(lasting(0.3)) < 7.1 and 12.9 < max(lasting(0.3)) <= 13


def test_two_telephones_for_one_caller_at_once_are_counted() -> None:
    assert doubled([talk("a", "1", 0, 2), talk("b", "1", 1, 3)]) == 1
    assert doubled([talk("a", "1", 0, None), talk("b", "1", 9, 10)]) == 1
    assert doubled([talk("a", "1", 0, 2), talk("b", "1", 2, 3), talk("c", "2", 1, 2)]) == 0


def test_a_hand_over_counts_only_for_a_caller_who_was_waiting() -> None:
    talks = [talk("a", "1", 0, 2), talk("a", "2", 2.004, 3), talk("a", "3", 8, 9)]
    assert handovers_ms(talks, {"2": 1.0, "3": 7.9}) == pytest.approx([4.0])


def test_percentiles_by_the_nearest_rank() -> None:
    assert spread([]).p50 is None
    assert (spread(range(1, 101)).p50, spread(range(1, 101)).p99) == (51, 100)


@pytest.mark.parametrize("hz", [tone.CALLER_HZ, tone.AGENT_HZ])
def test_a_tone_is_told_from_another_and_from_silence(hz: int) -> None:
    other = tone.AGENT_HZ if hz == tone.CALLER_HZ else tone.CALLER_HZ
    assert tone.share(tone.packet(hz), hz) > 0.9
    assert tone.share(tone.packet(hz), other) < 0.1
    assert tone.share(b"\xd5" * tone.PACKET, hz) == 0


@pytest.mark.parametrize("sample", [0, 1, -1, 15, 500, -500, 8000, -8000, 32000, -32000])
def test_a_law_keeps_a_sample_within_its_step(sample: int) -> None:
    assert abs(tone.decode(tone.encode(sample)) - sample) <= max(16, abs(sample) / 16)


def test_a_digest_is_that_of_the_standard_example() -> None:
    """RFC 2617, section 3.5."""
    challenge = 'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'  # noqa: E501
    made = sip.digest(
        challenge,
        method="GET",
        uri="/dir/index.html",
        user="Mufasa",
        password="Circle Of Life",
        cnonce="0a4f113b",
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in made


def test_messages_survive_a_round_trip_and_rubbish_is_refused() -> None:
    made = sip.render("INVITE sip:seat-1@h:1 SIP/2.0", [("Via", "a"), ("Via", "b"), ("To", "<sip:x@h>")], "v=0\r\n")
    message = sip.parse(made)
    assert (message.method, message.user, message.all("via"), message.body) == (
        "INVITE",
        "seat-1",
        ["a", "b"],
        "v=0\r\n",
    )
    ringing = sip.parse(sip.answer(message, "180 Ringing", "t"))
    assert (ringing.status, ringing.get("To"), ringing.all("Via")) == (180, "<sip:x@h>;tag=t", ["a", "b"])
    with pytest.raises(ValueError, match="SIP"):
        sip.parse(b"\x00\x01\x02")
