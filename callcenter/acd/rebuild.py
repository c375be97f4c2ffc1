"""The desk after a restart: what was kept of it, put right by what the calls say, which are the truth. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callcenter.acd import messages as m
from callcenter.acd.agent import IN_CALL, OFFERED
from callcenter.ids import CallId, OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAgent:
    """An agent whom a call holds, by the call's own word."""

    profile: m.AgentProfile
    call_id: CallId
    state: m.AgentState
    since: datetime
    queue: str = ""
    offer_id: OfferId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOne:
    """A call that waits or is offered."""

    queued: m.CallQueued
    offer_id: OfferId | None = None


def rebuild(
    kept: m.Restored, held: Iterable[HeldAgent], waiting: Sequence[WaitingOne], *, offer_count: int = 0
) -> tuple[m.Restored, tuple[m.Command, ...]]:
    """(what to tell a fresh desk, what to tell it then): whoever is held by no call any more begins their wrap-up.

    Nobody's page is there yet, so nobody is offered a call before it is back.
    """
    holds = {one.profile.agent_id: one for one in held}
    agents: list[m.RestoredAgent] = []
    then: list[m.Command] = []
    for row in kept.agents:
        agent_id = row.profile.agent_id
        one = holds.pop(agent_id, None)
        agents.append(_agent(replace(row, page=False, awaited=row.page or row.awaited), one))
        if one is None and row.state in IN_CALL and row.call_id is not None:
            then.append(m.TalkEnded(call_id=row.call_id, agent_id=agent_id))
    for one in holds.values():
        bare = m.RestoredAgent(profile=one.profile, state=one.state, since=one.since)
        agents.append(_agent(bare, one))
    return (
        replace(
            kept,
            agents=tuple(agents),
            waiting=_waiting({row.request.call_id: row for row in kept.waiting}, waiting),
            offer_count=max(kept.offer_count, offer_count),
        ),
        tuple(then),
    )


def _agent(row: m.RestoredAgent, one: HeldAgent | None) -> m.RestoredAgent:
    if one is None:
        # An offer that no call knows: ready, as before it.
        return replace(row, offer_id=None, call_id=None) if row.state in OFFERED else row
    same = row.call_id == one.call_id and (
        row.state in IN_CALL if one.offer_id is None else row.state in OFFERED and row.offer_id == one.offer_id
    )
    if same:
        return row
    return replace(
        row,
        state=one.state,
        since=one.since,
        cause="restored",
        reason="",
        call_id=one.call_id,
        offer_id=one.offer_id,
        queue=one.queue,
        until=None,
        missed=0 if one.state in IN_CALL else row.missed,
    )


def _same_wait(kept: m.CallQueued, queued: m.CallQueued) -> bool:
    """What was kept is of this wait, not of one before it. Whom the desk spared the call it may have let back since."""
    return kept == queued or kept == replace(queued, excluded_agents=frozenset())


def _waiting(rows: Mapping[CallId, m.RestoredCall], waiting: Sequence[WaitingOne]) -> tuple[m.RestoredCall, ...]:
    found: list[m.RestoredCall] = []
    for one in waiting:
        row = rows.get(one.queued.call_id)
        if row is None or not _same_wait(row.request, one.queued):
            row = m.RestoredCall(request=one.queued, entered_at=one.queued.since, waited_for_offer=True)
        found.append(replace(row, offer_id=one.offer_id))
    here = {one.queued.call_id for one in waiting}
    places = [row for call_id, row in rows.items() if row.terms is not None and call_id not in here]
    # By the number of their arrival; whose number was not kept yet came last.
    return tuple(sorted([*found, *places], key=lambda row: (row.number or 1 << 62, row.request.since)))
