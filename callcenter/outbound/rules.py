"""Whom we may dial, when, and as whom. Pure: what is not allowed is refused.

An allow-list has entries of three kinds: ``CN:mobile`` (a region and a kind of number: ``mobile``, ``fixed``,
``tollfree``, ``premium`` or ``any`` for all but premium), ``+8610`` (everything that begins so, whatever its kind) and
``95588`` (a short number, exactly). Emergency numbers are never ours to dial: they need a person's own telephone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberType as Kind

from callcenter.business.numbers import REGION, normalise
from callcenter.ivr.hours import Calendar, Interval, hours_of, judge

DEFAULT_ALLOW: Final = ("CN:mobile", "CN:fixed")
DEFAULT_HOURS: Final = Calendar(name="callback", week=((Interval(9 * 60, 21 * 60),),) * 7)
"""When nobody has said otherwise: 09:00 to 21:00 on the site's clock, every day."""

_ENTRY: Final = re.compile(r"[A-Z]{2}:(mobile|fixed|tollfree|premium|any)|\+[0-9]{1,15}|[0-9]{3,12}")
_KINDS: Final = {
    Kind.MOBILE: "mobile",
    Kind.FIXED_LINE: "fixed",
    Kind.FIXED_LINE_OR_MOBILE: "fixed",
    Kind.TOLL_FREE: "tollfree",
    Kind.PREMIUM_RATE: "premium",
}
_EMERGENCY: Final = frozenset({"110", "112", "119", "120", "122", "911", "999"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRules:
    """``hours`` is read on the clock of ``zone``; ``hotlines`` are the numbers that we may show as our own."""

    allow: tuple[str, ...]
    hours: Calendar
    zone: ZoneInfo
    hotlines: frozenset[str]
    trunks: Mapping[str, str] = field(default_factory=dict)
    """Hotline → the trunk that it comes in by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``refusal`` is empty or one of ``number_invalid``, ``number_own``, ``number_emergency``, ``number_premium``,
    ``number_international``, ``number_not_allowed``, ``unknown_hotline``, ``outside_hours``."""

    number: str
    """In its normal form."""
    refusal: str = ""


def entry_problem(entry: str) -> str:
    """What is wrong with an entry of an allow-list; empty: nothing."""
    if _ENTRY.fullmatch(entry):
        return ""
    return f"`{entry[:30]}` is no entry: expected e.g. CN:mobile, CN:fixed, US:any, +8610 or 95588"


def judge_number(allow: Collection[str], number: str, own: Collection[str] = ()) -> Verdict:
    """Whether a number may be dialled at all, however it is written."""
    normal = normalise(number)
    if not normal:
        return Verdict("", "number_invalid")
    if normal in _EMERGENCY:
        return Verdict(normal, "number_emergency")
    if number in own or normal in own or normal in {normalise(each) for each in own}:
        return Verdict(normal, "number_own")
    if not normal.startswith("+"):
        return Verdict(normal, "" if normal in allow else "number_not_allowed")
    parsed = phonenumbers.parse(normal, None)
    region = phonenumbers.region_code_for_number(parsed) or ""
    kind = _KINDS.get(phonenumbers.number_type(parsed), "other")
    if any(entry.startswith("+") and normal.startswith(entry) for entry in allow):
        return Verdict(normal)
    if f"{region}:{kind}" in allow or (kind != "premium" and f"{region}:any" in allow):
        return Verdict(normal)
    if kind == "premium":
        return Verdict(normal, "number_premium")
    return Verdict(normal, "number_not_allowed" if region == REGION else "number_international")


def why_not(allow: Collection[str], number: str, own: Collection[str]) -> tuple[str, str] | None:
    """In words for whoever writes a flow: why this number may not be dialled, and what to do. None: it may."""
    verdict = judge_number(allow, number, own)
    entry = _entry_for(verdict.number)
    match verdict.refusal:
        case "":
            return None
        case "number_emergency":
            return f"`{number}` is an emergency number: the caller must dial it", "say so instead"
        case "number_own":
            return f"`{number}` is a hotline of ours", f'write `hotline: "{number}"`: its flow is entered at once'
        case refusal if refusal == "number_invalid" or entry_problem(entry):
            hint = "write it as it is dialled here, or with + and the country"
            return f"`{number[:40]}` is no number that exists", hint
        case _:
            hint = f"add {entry} to CALLCENTER_DIAL_OUT_ALLOW, or name another number"
            return f"`{number}` may not be dialled: the setting dial_out_allow does not hold it", hint


def _entry_for(normal: str) -> str:
    """The entry of an allow-list that holds a number and its like."""
    if not normal.startswith("+"):
        return normal
    parsed = phonenumbers.parse(normal, None)
    region = phonenumbers.region_code_for_number(parsed)
    kind = _KINDS.get(phonenumbers.number_type(parsed))
    return f"{region}:{kind}" if region and kind else normal


def may_dial(rules: DialRules, number: str, hotline: str, now: datetime) -> Verdict:
    """Whether ``number`` may be called at ``now`` (aware UTC) with ``hotline`` as the number that is shown."""
    verdict = judge_number(rules.allow, number, rules.hotlines)
    if verdict.refusal:
        return verdict
    if hotline not in rules.hotlines:
        return Verdict(verdict.number, "unknown_hotline")
    if not judge(rules.hours, now.astimezone(rules.zone)).open:
        return Verdict(verdict.number, "outside_hours")
    return verdict


def as_dialled(number: str) -> str:
    """A number in normal form as a carrier at home expects it: nationally, abroad with 00."""
    if not number.startswith("+"):
        return number
    parsed = phonenumbers.parse(number, None)
    if parsed.country_code != phonenumbers.country_code_for_region(REGION):
        return "00" + number[1:]
    return re.sub(r"\D", "", phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))


def permitted(calendar: Calendar, zone: ZoneInfo, begin: datetime, days: int) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches (aware UTC, in order, apart from each other) of the ``days`` from ``begin`` on in which
    customers may be called; the end of each is no longer permitted."""
    found: list[tuple[datetime, datetime]] = []
    first = begin.astimezone(zone).date()
    for ahead in range(-1, days + 1):  # the day before may reach over midnight
        day = first + timedelta(days=ahead)
        midnight = datetime.combine(day, wall.min, tzinfo=zone)
        for interval in sorted(hours_of(calendar, day)[0], key=lambda each: each.start):
            opens = max(begin, (midnight + timedelta(minutes=interval.start)).astimezone(UTC))
            closes = (midnight + timedelta(minutes=interval.end)).astimezone(UTC)
            if closes <= opens:
                continue
            if found and opens <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], closes))
            else:
                found.append((opens, closes))
    return tuple(found)
