"""A part is killed in the middle of a drill; and what the drill says of it must be able to be bad."""

from __future__ import annotations

import struct

import pytest
from sqlalchemy import select

from callcenter.calls.tables import Incident
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill import tone
from callcenter.drill.chaos import chaos
from callcenter.drill.chaos_report import ChaosReport, overtaken
from callcenter.drill.own import own_system
from callcenter.drill.scene import ChaosPlan
from callcenter.drill.sound import Ear, longest_ms

NAMES = {
    "calls",
    "lost_calls",
    "double_offers",
    "order_kept",
    "lost_records",
    "media_gap_ms",
    "ready_s",
    "leftover_channels",
    "leftover_agents",
}


EVERYTHING = {
    "menu": 5,
    "waiting": 5,
    "talking": 1,
    "held": 1,
    "consulting": 1,
    "consulted": 1,
    "ringing": 1,
    "wrap_up": 1,
}


PLANS = (
    ChaosPlan(kind="trunk", calls=6, outage_s=2),
    ChaosPlan(kind="service", calls=15),
    ChaosPlan(kind="postgres", calls=6, outage_s=8, service_too=True),
    ChaosPlan(kind="ari", calls=6),
    ChaosPlan(kind="browser", calls=6),
    ChaosPlan(kind="asterisk", calls=6),
)


@pytest.mark.timeout(500)
async def test_whatever_part_dies_nothing_is_lost_but_what_must_be() -> None:
    """The short form of each; how long each took is for the drill on a quiet machine, not for a test."""
    async with own_system(carriers=True) as system:
        for plan in PLANS:
            report = await chaos(system.settings, plan, lambda text: None)
            assert report.as_json().keys() >= NAMES
            assert (report.lost_calls, report.lost_records, report.double_offers) == (0, 0, 0), report
            assert report.lost_consultations == 0, report
            assert report.order_kept, report
            assert (report.leftover_channels, report.leftover_bridges, report.leftover_agents) == (0, 0, 0), report
            assert report.ready_s is not None
            assert report.media_gap_ms["silent_ends"] == 0, report
            if plan.calls == 15:
                assert report.up == EVERYTHING, "it struck while all of this went on"
                assert report.media_gap_ms["ends"] == 2
            assert (report.cut > 0) == (plan.kind == "asterisk")
        db = Database(database_url(system.settings), pool_size=1)
        try:
            async with db.read() as session:
                query = select(Incident.facts).where(Incident.kind == "part_restarted").order_by(Incident.at)
                restarted = [str(facts["part"]) for facts in await session.scalars(query)]
        finally:
            await db.close()
    assert restarted == ["service", "service", "Asterisk"], "operations know of each, of that in the outage too"


def good() -> ChaosReport:
    return ChaosReport(kind="service", calls=3, ready_s=1.0, media_gap_ms={"max": 40.0, "ends": 2, "silent_ends": 0})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("calls", 0),
        ("lost_calls", 1),
        ("lost_consultations", 1),
        ("double_offers", 1),
        ("order_kept", False),
        ("lost_records", 1),
        ("media_gap_ms", {"max": 1000.0, "ends": 2, "silent_ends": 0}),
        ("media_gap_ms", {"max": 40.0, "ends": 2, "silent_ends": 1}),
        ("ready_s", None),
        ("ready_s", 60.0),
        ("leftover_channels", 1),
        ("leftover_bridges", 1),
        ("leftover_agents", 1),
    ],
)
def test_every_loss_makes_it_bad(field: str, value: object) -> None:
    report = good()
    assert report.ok
    setattr(report, field, value)
    assert not report.ok


def test_an_overtaken_caller_is_found_and_told() -> None:
    assert overtaken([(1, 10), (2, 11), (3, 12)]) == []
    assert overtaken([(2, 10.00), (1, 10.04)]) == [], "offers of one moment are no overtaking"
    assert overtaken([(1, 12), (2, 10), (3, 13)]) == [
        "a caller who began to wait 1.00 s later was served 2.00 s earlier"
    ]


def packet(number: int, payload: bytes) -> bytes:
    return struct.pack("!BBHII", 0x80, 8, number, number * tone.PACKET, 1) + payload


def test_a_hole_in_the_tone_is_measured_where_it_was() -> None:
    ear, other, silence = Ear(tone.CALLER_HZ), tone.packet(tone.AGENT_HZ), b"\xd5" * tone.PACKET
    for number in range(300):
        at = number * 0.02
        payload = silence if 100 <= number < 120 else other if number < 20 else tone.packet(tone.CALLER_HZ)
        if 200 <= number < 205:
            continue  # lost on the way
        ear.take(packet(number, payload), at)
    heard = ear.over(300 * 0.02)
    assert heard.lost == 5
    assert heard.longest_gap_s == pytest.approx(0.42)
    assert heard.within(1.9, 2.5) == pytest.approx(0.42)
    assert heard.within(3.9, 4.2) == pytest.approx(0.12)
    assert longest_ms([heard], 2.6, 3.8) == pytest.approx(20, abs=1)


def test_a_tone_that_never_came_back_is_a_hole_until_the_end() -> None:
    ear = Ear(tone.CALLER_HZ)
    for number in range(10):
        ear.take(packet(number, tone.packet(tone.CALLER_HZ)), number * 0.02)
    assert ear.over(5.0).longest_gap_s > 4.7
