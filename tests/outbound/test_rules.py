"""Whom we dial, when, and as whom: nothing but what is listed, never outside the hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.errors import SettingsError
from callcenter.ivr.hours import Calendar, Interval, judge
from callcenter.outbound.rules import (
    DEFAULT_ALLOW,
    DialRules,
    as_dialled,
    entry_problem,
    judge_number,
    may_dial,
    permitted,
)
from callcenter.settings import load_settings

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
DAILY = Calendar(name="callback", week=((Interval(9 * 60, 20 * 60 + 30),),) * 7)
RULES = DialRules(allow=DEFAULT_ALLOW, hours=DAILY, zone=SHANGHAI, hotlines=frozenset({"4008001"}))
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "allow", "refusal"),
    [
        ("13800000001", DEFAULT_ALLOW, ""),
        ("+86 138-0000-0001", DEFAULT_ALLOW, ""),
        ("01012345678", DEFAULT_ALLOW, ""),
        ("021 6123 4567", DEFAULT_ALLOW, ""),
        ("+12125550123", DEFAULT_ALLOW, "number_international"),
        ("0012125550123", DEFAULT_ALLOW, "number_international"),
        ("+12125550123", ("US:any",), ""),
        ("+19005550123", ("US:any",), "number_premium"),
        ("+19002220123", ("US:premium",), ""),
        ("8008100000", DEFAULT_ALLOW, "number_not_allowed"),
        ("8008100000", ("CN:tollfree",), ""),
        ("13800000001", (), "number_not_allowed"),
        ("13800000001", ("+86138",), ""),
        ("13900000001", ("+86138",), "number_not_allowed"),
        ("110", ("110",), "number_emergency"),
        ("120", DEFAULT_ALLOW, "number_emergency"),
        ("95588", DEFAULT_ALLOW, "number_not_allowed"),
        ("95588", ("95588",), ""),
        ("4008001", ("4008001",), "number_own"),
        ("", DEFAULT_ALLOW, "number_invalid"),
        ("abc", DEFAULT_ALLOW, "number_invalid"),
        ("1380000000\r\nX: 1", DEFAULT_ALLOW, "number_invalid"),
        ("13800000001@evil", DEFAULT_ALLOW, "number_invalid"),
        ("sip:13800000001@evil", DEFAULT_ALLOW, "number_invalid"),
        ("PJSIP/13800000001", DEFAULT_ALLOW, "number_invalid"),
        ("13800000001;isub=1", DEFAULT_ALLOW, "number_invalid"),
        ("tel:+8613800000001;phone-context=+1900", DEFAULT_ALLOW, "number_invalid"),
        ("13800000001,,123", DEFAULT_ALLOW, "number_invalid"),
        ("13800000001x5", DEFAULT_ALLOW, "number_invalid"),
        ("*21*13800000001#", DEFAULT_ALLOW, "number_invalid"),
        ("١٣٨٠٠٠٠٠٠٠١", DEFAULT_ALLOW, "number_invalid"),
        ("１１０", ("110",), "number_emergency"),
        ("1 1-0", ("110",), "number_emergency"),
        ("+86110", ("+86",), "number_not_allowed"),
        ("010110", ("+8610",), "number_not_allowed"),
    ],
)
def test_only_what_is_listed_is_dialled(number: str, allow: tuple[str, ...], refusal: str) -> None:
    assert judge_number(allow, number, ("4008001",)).refusal == refusal


@pytest.mark.parametrize(
    ("local", "refusal"), [("08:59", "outside_hours"), ("09:00", ""), ("20:29", ""), ("20:30", "outside_hours")]
)
def test_customers_are_called_in_the_permitted_hours_of_the_site(local: str, refusal: str) -> None:
    at = datetime.combine(date(2026, 3, 2), datetime.strptime(local, "%H:%M").time(), tzinfo=SHANGHAI)  # noqa: DTZ007
    assert may_dial(RULES, "13800000001", "4008001", at.astimezone(UTC)).refusal == refusal


def test_we_show_a_hotline_of_ours_and_nothing_else() -> None:
    assert may_dial(RULES, "13800000001", "4009999", NOON).refusal == "unknown_hotline"
    assert may_dial(RULES, "13800000001", "", NOON).refusal == "unknown_hotline"


@pytest.mark.parametrize(
    ("normal", "dialled"),
    [
        ("+8613800000001", "13800000001"),
        ("+861012345678", "01012345678"),
        ("+12125550123", "0012125550123"),
        ("95588", "95588"),
    ],
)
def test_a_carrier_gets_the_number_as_it_is_dialled_at_home(normal: str, dialled: str) -> None:
    assert as_dialled(normal) == dialled


@given(st.text(max_size=30), st.lists(st.sampled_from(["CN:mobile", "CN:fixed", "+8610", "95588", "US:any"])))
def test_no_text_makes_a_call_that_the_list_does_not_name(text: str, allow: list[str]) -> None:
    verdict = judge_number(allow, text, ("4008001",))
    if not verdict.refusal:
        assert allow
        assert verdict.number.removeprefix("+").isdigit()
        assert as_dialled(verdict.number).isdigit()
        assert judge_number(allow, verdict.number, ("4008001",)) == verdict


minutes = st.integers(0, 1440)
intervals = st.builds(lambda a, b: Interval(a, a + b), minutes, st.integers(0, 1440))
calendars = st.builds(
    lambda week: Calendar(name="c", week=tuple(tuple(day) for day in week)),
    st.lists(st.lists(intervals, max_size=2), min_size=7, max_size=7),
)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@given(calendars, st.sampled_from([SHANGHAI, ZoneInfo("Asia/Kolkata")]), instants, st.integers(0, 4 * 1440))
def test_permitted_stretches_say_just_what_the_calendar_says(
    calendar: Calendar, zone: ZoneInfo, begin: datetime, later: int
) -> None:
    stretches = permitted(calendar, zone, begin, 5)
    at = begin + timedelta(minutes=later)
    inside = any(opens <= at < closes for opens, closes in stretches)
    assert inside == judge(calendar, at.astimezone(zone)).open
    assert all(opens < closes for opens, closes in stretches)
    assert all(a[1] < b[0] for a, b in pairwise(stretches))


def test_hours_stand_on_the_wall_clock_when_the_clocks_change() -> None:
    begin = datetime(2026, 3, 7, 5, 0, tzinfo=UTC)  # the night before the clocks go forward in New York
    stretches = permitted(DAILY, NEW_YORK, begin, 2)
    local = [(o.astimezone(NEW_YORK), c.astimezone(NEW_YORK)) for o, c in stretches]
    assert all((o.hour, o.minute, c.hour, c.minute) == (9, 0, 20, 30) for o, c in local)
    assert [o.day for o, _ in local] == [7, 8, 9]


def test_an_allow_list_is_read_from_a_variable_and_a_wrong_entry_is_refused() -> None:
    assert load_settings({"CALLCENTER_DIAL_OUT_ALLOW": "CN:mobile,+8610"}).dial_out_allow == ("CN:mobile", "+8610")
    with pytest.raises(SettingsError, match="CN:mobil"):
        load_settings({"CALLCENTER_DIAL_OUT_ALLOW": "CN:mobil"})
    assert entry_problem("95588") == ""
