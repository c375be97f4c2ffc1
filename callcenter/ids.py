"""Identifiers we choose ourselves, so that every one can be recognised in what Asterisk lists.

``cc-<call>-<suffix>`` names a channel, bridge, playback or recording of ours; ``<call>`` is a UUID
version 7 in 32 hex digits, which sorts by time.
"""

from __future__ import annotations

import re
from typing import NewType

from uuid6 import uuid7

CallId = NewType("CallId", str)
AgentId = NewType("AgentId", str)
OfferId = NewType("OfferId", str)

_ID = re.compile(r"[0-9a-f]{32}")
_OURS = re.compile(r"^cc-([0-9a-f]{32})-([a-z]+[0-9]*)$")


def new_id() -> str:
    """A fresh UUID version 7 as 32 hex digits."""
    return uuid7().hex


def is_id(text: str) -> bool:
    """Whether it can be one of :func:`new_id`."""
    return _ID.fullmatch(text) is not None


def name_of(call_id: str, suffix: str) -> str:
    """The id of one of a call's things in Asterisk, e.g. ``name_of(call, "agent1")``."""
    return f"cc-{call_id}-{suffix}"


def call_of(name: str) -> CallId | None:
    """The call that a channel, bridge, playback or recording of ours belongs to; None if not ours."""
    match = _OURS.match(name)
    return CallId(match.group(1)) if match else None
