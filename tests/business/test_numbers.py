"""One number, many spellings, one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.business.numbers import normalise, variants


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("13800000001", "+8613800000001"),
        ("013800000001", "+8613800000001"),
        ("+86 138 0000 0001", "+8613800000001"),
        ("8613800000001", "+8613800000001"),
        ("008613800000001", "+8613800000001"),
        ("138-0000-0001", "+8613800000001"),
        ("13800000001", "+8613800000001"),
        ("01062345678", "+861062345678"),
        ("(010) 6234 5678", "+861062345678"),
        ("02161234567", "+862161234567"),
        ("+442079460000", "+442079460000"),
        ("00442079460000", "+442079460000"),
        ("1001", "1001"),
        ("4008001", "4008001"),
        ("110", "110"),
        ("", ""),
        ("anonymous", ""),
        ("unavailable", ""),
        ("+", ""),
        ("sip:1001@host", ""),
        ("1800FLOWERS", ""),
        ("1" * 40, ""),
        ("*72", ""),
    ],
)
def test_known_spellings(raw: str, normal: str) -> None:
    assert normalise(raw) == normal


def test_a_landline_as_dialled_in_beijing() -> None:
    assert normalise("01012345678") == normalise("010-1234 5678") == normalise("010 12345678") != ""


@given(st.text(max_size=40))
def test_whatever_a_trunk_sends_gives_digits_or_nothing_and_twice_is_as_once(raw: str) -> None:
    once = normalise(raw)
    assert once == "" or once.removeprefix("+").isdigit()
    assert normalise(once) == once


@given(st.from_regex(r"\A(\+|00|0|86|\+86|0086)?[0-9]{1,15}\Z"))
def test_dialling_forms_are_stable_too(raw: str) -> None:
    once = normalise(raw)
    assert once.removeprefix("+").isdigit()
    assert normalise(once) == once


@given(st.sampled_from(["138", "139", "150", "186", "199"]), st.integers(0, 99_999_999))
def test_every_spelling_of_a_mobile_finds_every_other(prefix: str, rest: int) -> None:
    national = f"{prefix}{rest:08d}"
    spellings = [national, "0" + national, "86" + national, "+86" + national, "0086" + national]
    assert {normalise(spelling) for spelling in spellings} == {"+86" + national}
    for spelling in spellings:
        assert set(spellings) <= set(variants(spelling))


@given(st.text(max_size=40))
def test_the_normal_form_is_the_first_variant(raw: str) -> None:
    found = variants(raw)
    assert found[:1] == ((normalise(raw),) if normalise(raw) else ())
