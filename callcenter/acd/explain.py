"""Answers in words: why did this caller wait, and why did this agent get the call? Pure.

Both are read from what was kept at the time (:mod:`callcenter.acd.history`), never guessed from the present.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from callcenter.acd.agent import ENGAGED
from callcenter.acd.history import WaitStory
from callcenter.acd.messages import AgentState, Decision, Strategy, WaitEvent
from callcenter.acd.sentences import LANGUAGES, duration, sentence, word
from callcenter.ids import AgentId, CallId

WRAP_UP: Final = AgentState.WRAP_UP
_SHOWN: Final = 5
"""Names listed in one sentence."""
_WORTH_TELLING: Final = 0.05
"""Points by waiting that are shown."""


@dataclass(frozen=True, slots=True)
class Names:
    """Display names; what is missing is shown by its id."""

    agents: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)
    queues_en: Mapping[str, str] = field(default_factory=dict)
    """English titles, where there are any."""

    def queue(self, name: str, language: str) -> str:
        title = self.queues_en.get(name, "") if language == "en" else ""
        return title or self.queues.get(name, name)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: ``code`` of :data:`callcenter.acd.sentences.REASONS`, raw details, and when (waits only)."""

    code: str
    details: Mapping[str, object]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Reasons in order, and the same in sentences, one for each."""

    reasons: tuple[Reason, ...]
    zh: tuple[str, ...]
    en: tuple[str, ...]


def why_waited(
    story: WaitStory, decisions: Iterable[Decision], now: datetime, names: Names | None = None, blocked: str = ""
) -> Explanation:
    """``decisions`` are the desk's last ones (``DeskRules.decisions()``); ``now`` ends a wait that lasts; ``blocked``:
    why nobody takes it at this moment (``DeskRules.blocked_by``)."""
    reasons = tuple(_wait_reasons(story, tuple(decisions), now))
    if blocked and story.ended_at is None:
        reasons = (*reasons, Reason("now", {"why": f"now_{blocked}"}, now))
    return _told(reasons, names or Names())


def why_agent(decision: Decision, names: Names | None = None) -> Explanation:
    return _told(tuple(_agent_reasons(decision)), names or Names())


# --- why did this caller wait? ---


def _wait_reasons(story: WaitStory, decisions: tuple[Decision, ...], now: datetime) -> Iterator[Reason]:
    since = story.request.since
    end = story.ended_at or now
    waited = (end - since).total_seconds()
    offered_at = next((event.at for event in story.events if event.code == "offered"), None)
    at_once = [Reason("at_once", {}, since)] if offered_at == story.events[0].at else []
    summary = Reason("waited" if story.ended_at else "waits", {"seconds": waited}, end)
    # That somebody was free says it all only if they took it.
    in_vain = any(event.code in ("missed", "withdrawn") for event in story.events)
    yield from (summary, *at_once) if in_vain else (*at_once, summary)
    queue = story.request.queue
    stood: list[Reason] = []
    for number, event in enumerate(story.events):
        details = dict(event.details)
        after = (event.at - since).total_seconds()
        match event.code:
            case "queued":
                queue = str(details["queue"])
                if details["ahead"]:
                    yield Reason("ahead", {"queue": queue, "count": details["ahead"]}, event.at)
            case "nobody_free":
                before, stood = stood, list(_nobody_free(queue, event))
                told = [(one.code, one.details) for one in before]
                yield from (one for one in stood if (one.code, one.details) not in told)
            case "held":
                seconds = (_until(story, number, ("not_held",), end) - event.at).total_seconds()
                codes = {story.request.back_to: "came_back", story.request.target_agent: "asked_for"}
                code = codes.get(AgentId(str(details["agent"])), "held")
                yield Reason(code, {"agent": details["agent"], "seconds": seconds}, event.at)
            case "missed":
                rang = ("offered", details["agent"])
                earlier = reversed(story.events[:number])
                offered = next((e.at for e in earlier if (e.code, e.details.get("agent")) == rang), event.at)
                yield Reason("missed", {**details, "seconds": (event.at - offered).total_seconds()}, event.at)
            case "withdrawn":
                yield Reason("withdrawn", {"agent": details["agent"], "why": details["reason"]}, event.at)
            case "relaxed":
                yield Reason("relaxed", {"seconds": after, "skills": details["skills"]}, event.at)
            case "moved":
                queue, stood = str(details["to"]), []
                code = "moved_by" if "by" in details else "moved"
                moved = {"seconds": after, "queue": queue, "why": details["reason"], "by": details.get("by", "")}
                yield Reason(code, moved, event.at)
            case "prioritised" | "given":
                yield Reason(event.code, {**details, "seconds": after}, event.at)
            case "let_back":
                yield Reason("let_back", {}, event.at)
            case "callback_kept":
                yield Reason("callback_kept", {}, event.at)
            case "asleep":
                yield Reason("asleep", {"seconds": details["seconds"]}, event.at)
            case "callback_put_off":
                yield Reason("callback_put_off", {"why": details["reason"]}, event.at)
            case "turned_away":
                yield Reason("turned_away", {"queue": details["queue"], "why": details["reason"]}, event.at)
            case "callback_failed":
                yield Reason("callback_failed", {"attempt": details["attempt"], "why": details["reason"]}, event.at)
            case "answered":
                yield from _overtaken(story, decisions, end)
                yield Reason("answered", details, event.at)
            case "left" | "expired" | "callback_over":
                yield from _overtaken(story, decisions, end)
                why = details.get("cause") or details.get("reason") or details.get("result") or ""
                yield Reason(event.code, {"why": why}, event.at)
            case _:
                pass  # an offer: the next event tells what became of it
    if story.ended_at is None:
        yield from _overtaken(story, decisions, end)


def _until(story: WaitStory, after: int, codes: tuple[str, ...], end: datetime) -> datetime:
    return next((event.at for event in story.events[after + 1 :] if event.code in codes), end)


def _nobody_free(queue: str, event: WaitEvent) -> Iterator[Reason]:
    details = dict(event.details)
    free, lacking, leaving, away = (int(details.get(key, 0)) for key in ("free", "without_skill", "leaving", "away"))
    if not details["on_duty"]:
        yield Reason("no_agent_on_duty", {"queue": queue}, event.at)
    if lacking:
        yield Reason("free_without_skill", {"count": lacking, "skills": details.get("skills", "")}, event.at)
    if free > lacking:
        yield Reason("free_but_not_for_it", {"count": free - lacking}, event.at)
    if leaving:
        yield Reason("free_but_leaving", {"count": leaving, "seconds": details.get("spared_s", 0)}, event.at)
    states = {state.value: details[state.value] for state in ENGAGED | {WRAP_UP} if details.get(state.value)}
    if states and not free and not leaving:
        yield Reason("all_busy", {"on_duty": details["on_duty"], "states": dict(sorted(states.items()))}, event.at)
    if away:
        yield Reason("ready_but_away", {"count": away}, event.at)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a wait in one queue. ``standing``: how the call ranked there."""

    queue: str
    begin: datetime
    end: datetime
    standing: float


def _stretches(story: WaitStory, end: datetime) -> Iterator[_Stretch]:
    queue, standing, begin = story.request.queue, 0.0, story.request.since
    for event in story.events:
        if event.code == "queued":
            queue, standing = str(event.details["queue"]), float(event.details["standing"])
        elif event.code in ("moved", "prioritised") and event.details.get("to") != queue:
            yield _Stretch(queue, begin, event.at, standing)
            queue, begin = str(event.details.get("to", queue)), event.at
            standing = float(event.details.get("standing", standing))
    yield _Stretch(queue, begin, end, standing)


def _overtaken(story: WaitStory, decisions: tuple[Decision, ...], end: datetime) -> Iterator[Reason]:
    """Later callers of the same queue, and callers of other queues, who were offered to an agent first."""
    request = story.request
    mine = next((d.number for d in reversed(decisions) if d.call_id == request.call_id), None)
    stretches = tuple(_stretches(story, end))
    higher: set[CallId] = set()
    fitted: set[CallId] = set()
    beside: dict[str, set[CallId]] = {}
    for decision in decisions:
        since, at, call_id = decision.since, decision.at, decision.call_id
        if since is None or at is None or call_id is None or call_id == request.call_id:
            continue
        here = next((one for one in stretches if one.begin <= at <= one.end), None)
        if here is None or (mine is not None and decision.number >= mine) or call_id in higher | fitted:
            continue
        if decision.queue == here.queue:
            if since > request.since:
                (higher if decision.standing > here.standing else fitted).add(call_id)
        elif why := dict(decision.passed).get(here.queue):
            beside.setdefault(why, set()).add(call_id)
    if higher:
        yield Reason("overtaken", {"count": len(higher)})
    if fitted:
        yield Reason("others_fitted", {"count": len(fitted)})
    for why, calls in beside.items():
        yield Reason("other_queue", {"count": len(calls), "why": f"first_by_{why}"})


# --- why did this agent get it? ---


def _agent_reasons(decision: Decision) -> Iterator[Reason]:
    if decision.consult_by is not None:
        yield Reason("consulted", {"agent": decision.agent_id, "by": decision.consult_by})
    else:
        told = {"agent": decision.agent_id, "queue": decision.queue}
        yield Reason("got_call", {**told, "seconds": decision.waited_s, "points": decision.points})
    if decision.vip_points:
        yield Reason("points_of_vip", {"points": decision.vip_points})
    if decision.aged_points >= _WORTH_TELLING:
        yield Reason("points_of_wait", {"points": decision.aged_points})
    score = decision.scores[0] if decision.scores else 0.0
    if decision.consult_by is None or decision.reason != "asked_for":
        yield Reason(f"by_{decision.reason}", {"agent": decision.agent_id, "score": score, "seconds": score})
    if decision.needs:
        skills = " ".join(f"{skill}:{level}" for skill, level in sorted(decision.needs.items()))
        yield Reason("needs_relaxed" if decision.relaxed else "needs", {"skills": skills})
    elif decision.relaxed:
        yield Reason("needs_dropped", {})
    if decision.missed_before:
        yield Reason("missed_before", {"count": decision.missed_before})
    if decision.reason == "joined_ring":
        pass
    elif len(decision.candidates) == 1:
        yield Reason("only_one", {})
    else:
        code = "rang_too" if decision.reason == Strategy.RING_ALL else "next_were"
        yield Reason(code, {"agents": decision.candidates[1:]})
    by_why: dict[str, list[str]] = {}
    for queue, why in decision.passed:
        by_why.setdefault(why, []).append(queue)
    for why, queues in by_why.items():
        yield Reason("went_before", {"queues": tuple(queues), "why": f"first_by_{why}"})
    by_code: dict[str, list[str]] = {}
    for agent_id, code in decision.excluded:
        by_code.setdefault(code, []).append(agent_id)
    for code, agents in by_code.items():
        yield Reason("passed_over", {"agents": tuple(agents), "why": code})
    states = Counter(decision.staff)
    if states:
        yield Reason("others_were", {"states": dict(sorted(states.items()))})


# --- in words ---


def _told(reasons: tuple[Reason, ...], names: Names) -> Explanation:
    zh, en = (tuple(_say(reason, names, language) for reason in reasons) for language in LANGUAGES)
    return Explanation(reasons, zh, en)


def _say(reason: Reason, names: Names, language: str) -> str:
    return sentence(
        reason.code, {key: _text(key, value, names, language) for key, value in reason.details.items()}, language
    )


def _text(key: str, value: object, names: Names, language: str) -> str:
    match key, value:
        case "seconds", float() | int():
            return duration(value, language)
        case (("agent" | "by"), _):
            return names.agents.get(str(value), str(value))
        case "agents", tuple():
            return _listed([names.agents.get(agent, agent) for agent in value], language)
        case "queues", tuple():
            return _listed([f"“{names.queue(queue, language)}”" for queue in value], language)
        case "queue", _:
            return names.queue(str(value), language)
        case "states", dict():
            return _listed([f"{word(state, language)} {number}" for state, number in value.items()], language, 20)
        case (("why" | "failure"), _):
            return word(str(value), language)
        case "skills", str():
            parts = [part.rpartition(":") for part in value.split()]
            text = _listed([f"{skill} ≥ {level}" for skill, _, level in parts], language, 20)
            return text or ("无" if language == "zh-CN" else "nothing")
        case (("score" | "points"), float()):
            return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}"
        case _:
            return str(value)


def _listed(words: list[str], language: str, most: int = _SHOWN) -> str:
    return ("、" if language == "zh-CN" else ", ").join(words[:most]) + ("…" if len(words) > most else "")
