"""Identifiers we choose ourselves, so that every one can be recognised in what Asterisk lists.

``cc-<call>-<suffix>`` names a channel, bridge, playback or recording of a call; ``<call>`` is a UUID
version 7 in 32 hex digits, which sorts by time. ``sv-<session>-<suffix>`` names what a supervisor's session has there.
"""

from __future__ import annotations

import re
from typing import NewType

from uuid6 import uuid7

CallId = NewType("CallId", str)
AgentId = NewType("AgentId", str)
OfferId = NewType("OfferId", str)
SessionId = NewType("SessionId", str)
"""Of a supervisor who listens to a call."""

_ID = re.compile(r"[0-9a-f]{32}")
_OURS = re.compile(r"^cc-([0-9a-f]{32})-([a-z]+[0-9]*)$")
_SESSIONS = re.compile(r"^sv-([0-9a-f]{32})-([a-z]+[0-9]*)$")


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


def session_thing(session_id: SessionId, suffix: str) -> str:
    """The id of one of a session's channels, or of its bridge, in Asterisk."""
    return f"sv-{session_id}-{suffix}"


def session_of(name: str) -> SessionId | None:
    """The session that a channel or bridge belongs to; None if it is no session's."""
    match = _SESSIONS.match(name)
    return SessionId(match.group(1)) if match else None
