"""Who is let in when lines are few: lines in all, lines kept for a hotline that must be reached, busy words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.calls.admission import admit
from callcenter.ivr.flow import Hotline


def line(number: str, reserved: int = 0, *, drill: bool = False) -> Hotline:
    return Hotline(
        number=number, name=number, title=number, title_en="", flow="main", language="zh-CN", greeting=None, trunk="",
        drill=drill, busy_flow="busy", reserved_lines=reserved,
    )  # fmt: skip


HOUSE = {one.number: one for one in (line("service"), line("emergency", 5), line("vip", 3), line("drill", drill=True))}


@pytest.mark.parametrize(
    ("number", "in_use", "refused", "answer"),
    [
        ("service", {}, 0, ""),
        ("service", {"service": 81}, 0, ""),
        ("service", {"service": 82}, 0, "lines_busy"),  # eight of ninety are kept for the others
        ("service", {"service": 82}, 10, "lines_full"),  # and so many hear words already: the busy tone
        ("emergency", {"service": 82}, 0, ""),
        ("vip", {"service": 82}, 0, ""),
        ("emergency", {"service": 82, "emergency": 5}, 0, "lines_busy"),  # the vip's own three stay free
        ("vip", {"service": 82, "emergency": 5}, 0, ""),
        ("vip", {"service": 82, "emergency": 5, "vip": 3}, 0, "lines_busy"),
        ("service", {"service": 70, "emergency": 15}, 0, ""),  # more than its own: nothing is kept for it any more
        ("service", {"service": 72, "emergency": 15}, 0, "lines_busy"),
        ("drill", {"service": 90}, 10, ""),  # a drill holds no line
        ("nobody's", {}, 0, "unknown_number"),
    ],
)
def test_lines_are_kept_for_who_must_be_reached(number: str, in_use: dict[str, int], refused: int, answer: str) -> None:
    assert admit(HOUSE.get(number), HOUSE, in_use, refused, max_lines=90, overflow_lines=10) == answer


@given(st.lists(st.sampled_from(["service", "emergency", "vip"]), max_size=200))
def test_however_they_come_no_line_too_many_and_the_kept_ones_are_always_there(callers: list[str]) -> None:
    in_use: dict[str, int] = {}
    for number in callers:
        if admit(HOUSE[number], HOUSE, in_use, 0, max_lines=90, overflow_lines=10) == "":
            in_use[number] = in_use.get(number, 0) + 1
        else:
            assert in_use.get(number, 0) >= HOUSE[number].reserved_lines, "refused although lines are kept for it"
        assert sum(in_use.values()) <= 90
