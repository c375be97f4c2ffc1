"""A session as pages and the audit have it. Pure."""

from __future__ import annotations

from callcenter.supervision.model import Session


def session_frame(session: Session) -> dict[str, object]:
    """As the supervisor's page and the list of sessions have it. ``mode``: in force, or null; ``wanted``: asked for."""
    return {
        "id": session.id,
        "state": session.state.value,
        "mode": session.mode.value if session.mode else None,
        "wanted": session.wanted.value,
        "supervisor": session.name,
        "agent_id": session.agent_id,
        "agent_name": session.agent_name,
        "call_id": session.call_id,
        "caller_number": session.caller_number,
        "veiled": session.veiled,
        "since": session.stretches[0].began.isoformat() if session.stretches else None,
        "reason": session.reason,
    }


def whom(session: Session) -> dict[str, object]:
    """An agent's call, or, without one, a caller's."""
    agent = {"agent": session.agent_id} if session.agent_id is not None else {}
    return {**agent, "contact": session.call_id}


def account_of(session: Session) -> dict[str, object]:
    """What was done, for the audit: which modes from when to when, and why it ended."""
    assert session.ended_at is not None
    modes = [
        {"mode": one.mode.value, "from": one.began.isoformat(), "to": one.ended.isoformat() if one.ended else None}
        for one in session.stretches
    ]
    span = {"from": session.asked_at.isoformat(), "to": session.ended_at.isoformat()}
    return {**whom(session), **span, "modes": modes, "reason": session.reason}
