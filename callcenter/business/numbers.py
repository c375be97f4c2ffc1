"""Telephone numbers in one form, so that a caller is found whatever way the trunk writes them.

Numbering plans come from ``phonenumbers`` (Google's libphonenumber data). A number that no plan knows
(extensions, hotlines, service numbers) is kept as its digits.
"""

from __future__ import annotations

import functools
import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

REGION = "CN"
MAX_LENGTH = 32

_SEPARATORS = re.compile(r"[\s\-().·/\u2010-\u2015\u200b-\u200f\u202a-\u202e]+")
_NUMBER = re.compile(r"\+?[0-9]+")


@functools.lru_cache(maxsize=4096)
def normalise(raw: str, region: str = REGION) -> str:
    """E.164 (``+8613800000001``), the digits of a number outside all plans, or ``""`` for no number.

    Applying it twice changes nothing. ``region`` is where numbers without a country code belong.
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", raw))
    if len(plain) > MAX_LENGTH or not plain.isascii() or not _NUMBER.fullmatch(plain):
        return ""
    digits = plain.removeprefix("+")
    # With its country code, written one way or the other; else as dialled at home; else it is no plan's number.
    for spelling in (
        plain if plain.startswith("+") else "",
        "+" + digits[2:] if digits.startswith("00") else "",
        digits,
    ):
        found = _e164(spelling, region)
        if found:
            return found
    return digits


def _e164(spelling: str, region: str) -> str:
    """The number in E.164, or "" when it is none or its E.164 spelling would itself be read as another number."""
    try:
        parsed = phonenumbers.parse(spelling, region)
        # Foreign plans change faster than anybody's copy of them: there the length is enough.
        possible = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
        if not (phonenumbers.is_valid_number(parsed) or (spelling.startswith("+") and possible)):
            return ""
        found = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
        again = phonenumbers.parse(found, region)
    except NumberParseException:
        return ""
    stable = phonenumbers.format_number(again, PhoneNumberFormat.E164) == found
    return found if stable else ""


@functools.lru_cache(maxsize=4096)
def variants(raw: str, region: str = REGION) -> tuple[str, ...]:
    """Every way in which a trunk may have written this number, the normal form first; empty for no number."""
    normal = normalise(raw, region)
    if not normal:
        return ()
    found = [normal, raw.strip()]
    if normal.startswith("+"):
        parsed = phonenumbers.parse(normal, None)
        national = phonenumbers.national_significant_number(parsed)
        found += [normal[1:], "00" + normal[1:]]
        if parsed.country_code == phonenumbers.country_code_for_region(region):
            found += [national, "0" + national]
    return tuple(dict.fromkeys(found))


def is_mobile(number: str, region: str = REGION) -> bool:
    """Whether text messages reach it, as far as its plan tells."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number, region))
    except NumberParseException:
        return False
    return kind in {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
