"""How loss, jitter and delay are judged; what Asterisk's words for them mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.events import LegSound
from callcenter.asterisk.parse import parse_sound
from callcenter.ids import AgentId, CallId
from callcenter.quality.leg import Leg
from callcenter.quality.mos import BEST, Verdict, judge, mos

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLEAN = LegSound(
    received=1500,
    received_lost=0,
    received_jitter_ms=1.0,
    sent=1500,
    sent_lost=0,
    sent_jitter_ms=1.0,
    rtt_ms=20.0,
)
LEG = Leg(
    call_id=CallId("0" * 32),
    channel="cc-1",
    party="agent",
    agent_id=AgentId("1" * 32),
    trunk="",
    drill=False,
    answered_at=START,
    ended_at=START + timedelta(seconds=30),
    sound=CLEAN,
)


@pytest.mark.parametrize(
    ("lost", "jitter_ms", "rtt_ms", "score", "verdict"),
    [
        (0.0, 0.0, 0.0, 4.40, Verdict.GOOD),
        (0.01, 2.0, 40.0, 4.29, Verdict.GOOD),
        (0.05, 2.0, 40.0, 3.88, Verdict.FAIR),
        (0.08, 2.0, 40.0, 3.56, Verdict.POOR),
        (0.20, 2.0, 40.0, 2.65, Verdict.POOR),
        (0.0, 2.0, 300.0, 4.31, Verdict.GOOD),
        (0.0, 2.0, 800.0, 2.94, Verdict.POOR),
        (0.0, 35.0, 40.0, 4.34, Verdict.FAIR),
        (0.0, 70.0, 40.0, 4.30, Verdict.POOR),
        (1.0, 0.0, 0.0, 1.04, Verdict.POOR),
    ],
)
def test_a_connection_is_rated(lost: float, jitter_ms: float, rtt_ms: float, score: float, verdict: Verdict) -> None:
    found = mos(lost, jitter_ms, rtt_ms)
    assert found == pytest.approx(score, abs=0.04)
    assert judge(found, jitter_ms) is verdict


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 500), st.floats(0, 3000))
def test_more_loss_is_never_heard_better(lost: float, more: float, jitter_ms: float, rtt_ms: float) -> None:
    worse = mos(min(1.0, lost + more), jitter_ms, rtt_ms)
    assert 1.0 <= worse <= mos(lost, jitter_ms, rtt_ms) <= BEST


@pytest.mark.parametrize(
    ("change", "seconds", "came", "went"),
    [
        ({}, 30, Verdict.GOOD, Verdict.GOOD),
        ({"received_lost": 140}, 30, Verdict.POOR, Verdict.GOOD),
        ({"sent_lost": 80}, 30, Verdict.GOOD, Verdict.FAIR),
        ({"sent_lost": None, "sent_jitter_ms": None, "rtt_ms": None}, 30, Verdict.GOOD, None),
        ({"received": 0}, 30, Verdict.NONE, Verdict.GOOD),
        ({"received": 0}, 3, None, Verdict.GOOD),
        ({"received": 0, "sent": 0, "sent_lost": None}, 30, Verdict.NONE, None),
        ({"sent": 10, "sent_lost": 20}, 30, Verdict.GOOD, Verdict.POOR),
    ],
)
def test_each_direction_of_a_leg_is_judged(
    change: dict[str, float | None], seconds: int, came: Verdict | None, went: Verdict | None
) -> None:
    leg = replace(LEG, sound=replace(CLEAN, **change), ended_at=START + timedelta(seconds=seconds))
    assert (leg.verdict_from, leg.verdict_to) == (came, went)
    assert leg.silent == (came is Verdict.NONE)


TOLD = (
    "ssrc=1;themssrc=2;lp=3;rxjitter=0.001000;rxcount=97;txjitter=0.002500;txcount=100;rlp=1;rtt=0.040000;rxmes=86.1;"
)


def test_what_asterisk_tells_of_a_leg() -> None:
    assert parse_sound(TOLD) == LegSound(
        received=97,
        received_lost=3,
        received_jitter_ms=2.5,
        sent=100,
        sent_lost=1,
        sent_jitter_ms=1.0,
        rtt_ms=40.0,
    )


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (TOLD.replace("rxjitter=0.001000", "rxjitter=0.0").replace("rlp=1", "rlp=0").replace("rtt=0.04", "rtt=0.0"), 3),
        (TOLD.replace("lp=3", "lp=4294967293", 1), 0),
        (TOLD.replace("rxcount=97", "rxcount=0").replace("lp=3", "lp=1"), 0),
    ],
)
def test_what_no_telephone_said_is_not_told(told: str, known: int) -> None:
    sound = parse_sound(told)
    assert sound is not None
    assert sound.received_lost == known
    assert (sound.sent_lost is None) == (sound.rtt_ms is None)


@pytest.mark.parametrize("told", ["", "ssrc=1", TOLD.replace("rxcount=97", "rxcount=many")])
def test_a_leg_without_figures_has_none(told: str) -> None:
    assert parse_sound(told) is None
