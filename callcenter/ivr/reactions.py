"""What an input does to a walk, by what the caller is in the middle of. Pure; :mod:`callcenter.ivr.step` has the table.

Each reaction answers whether something changed: what belongs to a step already left changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from callcenter.ivr import flow as f
from callcenter.ivr import messages as m
from callcenter.ivr.expr import bounded
from callcenter.ivr.messages import Input, Value
from callcenter.ivr.run import HIDDEN, Phase
from callcenter.ivr.walk import Walk, callable_number


def said(walk: Walk, event: Input) -> bool:
    """What is said has ended, in a step that goes on by itself."""
    return _over(walk, event, after_words)


def asked(walk: Walk, event: Input) -> bool:
    """A question was said: now the time runs. One that could not be played may still be known by heart."""
    return _over(walk, event, _time_runs)


def _over(walk: Walk, event: Input, then: Callable[[Walk], None]) -> bool:
    """Go on when the step's words have ended, or on to ``on_error`` where they could not be played."""
    assert isinstance(event, m.SayDone)
    if not _ended(walk, event):
        return False
    if not event.ok and walk.step.on_error:
        walk.fail("prompt could not be played")
    else:
        then(walk)
    return True


def _ended(walk: Walk, event: m.SayDone) -> bool:
    """Whether these were the words that are being said; nothing is, then."""
    if event.say != walk.say_id:
        return False
    walk.say_id = 0
    return True


def _time_runs(walk: Walk) -> None:
    walk.listen(walk.step.timeout_s if isinstance(walk.step, f.Menu | f.Gather | f.Callback | f.Survey) else 5.0)


def after_words(walk: Walk) -> None:
    here = walk.step
    match here:
        case f.Play():
            walk.go(here.next)
        case f.Queue() | f.Transfer() | f.Voicemail() | f.Lookup():
            onward = walk.hand_over(here)
            if onward is not None:
                walk.go(onward)
        case f.Survey():
            if walk.stage == "comment":
                walk.stage = "recording"
                walk.away(m.TakeMessage(purpose="survey_comment", max_seconds=here.comment_max_s))
            else:
                walk.go(here.next)
        case _:
            walk.go(getattr(here, "next", f.END))


def closed(walk: Walk, event: Input) -> bool:
    assert isinstance(event, m.SayDone)
    if not _ended(walk, event):
        return False
    walk.end(walk.cause)
    return True


def skip(walk: Walk, event: Input) -> bool:
    """A key while something is said: it ends the words, and the next menu takes it."""
    assert isinstance(event, m.KeyPressed)
    here = walk.step
    if isinstance(here, f.Play) and not here.barge_in:
        return False
    anywhere = walk.flow.keys.get(event.key)
    walk.hush()
    if anywhere is not None:
        walk.trace("key", event.key)
        walk.go(anywhere)
        return True
    match here:
        case f.Play():
            walk.typed = event.key
        case f.Lookup():
            walk.digits = event.key  # kept until it is known where to go
        case _:
            pass
    after_words(walk)
    return True


def key(walk: Walk, event: Input) -> bool:
    """A key in answer to a question."""
    assert isinstance(event, m.KeyPressed)
    key, here = event.key, walk.step
    match here:
        case f.Menu():
            walk.hush()
            target = here.keys.get(key) or walk.flow.keys.get(key)
            if target is not None:
                walk.trace("key", key)
                walk.go(target)
            else:
                _again(walk, "invalid", key)
        case f.Gather():
            if walk.stage == "confirm":
                _confirm(walk, here, key)
            else:
                _digit(walk, key, here.end_key, here.max_digits, here.between_s)
        case f.Survey():
            walk.hush()
            if key in "12345":
                _rated(walk, here, key)
            else:
                _again(walk, "invalid", key)
        case f.Callback():
            if walk.stage == "number":
                _digit(walk, key, "#", 20, here.between_s)
            else:
                _check_key(walk, here, key)
        case _:
            return False
    return True


def _digit(walk: Walk, key: str, end_key: str, most: int, between_s: float) -> None:
    walk.hush()
    if key == end_key:
        _gathered(walk)
        return
    if not key.isdigit():
        anywhere = walk.flow.keys.get(key)
        if anywhere is not None:
            walk.trace("key", key)
            walk.go(anywhere)
        else:
            _again(walk, "invalid", key)
        return
    walk.digits += key
    if len(walk.digits) >= most:
        _gathered(walk)
    else:
        walk.listen(between_s)


def _gathered(walk: Walk) -> None:
    """The caller has finished entering digits."""
    here, digits = walk.step, walk.digits
    if isinstance(here, f.Callback):
        if callable_number(digits):
            walk.put("number", digits)
            walk.check_number(here)
        else:
            _again(walk, "invalid", digits)
        return
    assert isinstance(here, f.Gather)
    shown = HIDDEN * len(digits) if here.secret else digits
    if len(digits) < here.min_digits:
        # A lone key of the flow (0: a person) is not a number that is too short.
        anywhere = walk.flow.keys.get(digits)
        if anywhere is not None:
            walk.trace("key", digits)
            walk.go(anywhere)
        else:
            _again(walk, "invalid", shown)
        return
    walk.trace("key", shown)
    if here.confirm is not None:
        walk.stage = "confirm"
        walk.put("digits", digits)
        walk.ask(here.confirm, here.timeout_s)
        return
    walk.put(here.store, digits)
    if here.secret:
        walk.secrets = walk.secrets | {here.store}
    walk.go(here.next)


def _confirm(walk: Walk, here: f.Gather, key: str) -> None:
    walk.hush()
    walk.trace("key", key)
    if key == "1":
        walk.put(here.store, walk.digits)
        walk.go(here.next)
    elif key == "2":
        _again(walk, "invalid", "entered again", apology=False)
    else:
        assert here.confirm is not None
        walk.ask(here.confirm, here.timeout_s)


def _check_key(walk: Walk, here: f.Callback, key: str) -> None:
    walk.hush()
    walk.trace("key", key)
    if key == "1":
        walk.request_callback(here)
    elif key == "2":
        walk.stage, walk.digits = "number", ""
        walk.ask(here.ask, here.timeout_s)
    else:
        _again(walk, "invalid", key)


def _rated(walk: Walk, here: f.Survey, key: str) -> None:
    walk.trace("rated", key)
    walk.actions.append(m.RecordRating(question=here.question, score=int(key)))
    if here.comment is not None:
        walk.stage = "comment"
        if walk.say(here.comment.prompts(walk.language, walk.variables), Phase.SAYING):
            return
    _thank(walk, here)


def _thank(walk: Walk, here: f.Survey) -> None:
    walk.stage = "thanks"
    thanks = () if here.thanks is None else here.thanks.prompts(walk.language, walk.variables)
    if not walk.say(thanks, Phase.SAYING):
        walk.go(here.next)


def silence(walk: Walk, event: Input) -> bool:
    assert isinstance(event, m.TimerFired)
    if event.timer != walk.timer:
        return False
    walk.timer = 0
    here = walk.step
    if walk.digits and walk.stage in ("digits", "secret", "number"):
        _gathered(walk)
    else:
        if walk.stage == "confirm" and isinstance(here, f.Gather) and here.confirm is not None:
            # Silence after the read-back: ask once more for the confirmation, not for all the digits.
            walk.attempts += 1
            if walk.attempts < here.attempts:
                walk.trace("timeout")
                walk.ask(here.confirm, here.timeout_s)
                return True
            walk.attempts -= 1
        _again(walk, "timeout", "")
    return True


def _again(walk: Walk, why: str, detail: str, *, apology: bool = True) -> None:
    """A silent or wrong answer: ask again, or give up."""
    here = walk.step
    walk.trace(why, detail)
    walk.attempts += 1
    walk.digits = ""
    match here:
        case f.Menu() | f.Gather():
            if walk.attempts >= here.attempts:
                target = here.on_timeout if why == "timeout" else here.on_invalid
                if target == f.END and not walk.stack:
                    walk.close(f.GOODBYE, "no_input")
                else:
                    walk.go(target)
                return
            if isinstance(here, f.Gather):
                walk.stage = "secret" if here.secret else "digits"
            before = (here.silent if why == "timeout" else here.invalid) if apology else None
            walk.ask(here.phrase, here.timeout_s, before)
        case f.Survey():
            if walk.attempts >= here.attempts:
                walk.go(here.next)
            else:
                walk.ask(here.phrase, here.timeout_s)
        case f.Callback():
            if walk.attempts >= here.attempts:
                walk.fail("no number was confirmed")
            elif walk.stage == "number":
                walk.ask(here.ask, here.timeout_s, f.CALLBACK_INVALID if why == "invalid" else None)
            else:
                walk.ask(here.check, here.timeout_s)
        case _:
            walk.go(f.END)


def looked_up(walk: Walk, event: Input) -> bool:
    assert isinstance(event, m.LookUpDone)
    here = walk.step
    if event.request != walk.request or not isinstance(here, f.Lookup):
        return False
    walk.request = 0
    walk.hush()
    if event.error:
        _lookup_failed(walk, here, event.error)
    elif event.found:
        walk.trace("found", _which(walk, here, event.values))
        _store(walk, here.store, event.values)
        _go_with_key(walk, here.found)
    else:
        walk.trace("not_found")
        _go_with_key(walk, here.not_found)
    return True


def lookup_late(walk: Walk, event: Input) -> bool:
    assert isinstance(event, m.TimerFired)
    here = walk.step
    if event.timer != walk.timer or not isinstance(here, f.Lookup):
        return False
    walk.timer = walk.request = 0
    _lookup_failed(walk, here, f"no answer within {here.timeout_s:g} s")
    return True


def _which(walk: Walk, here: f.Lookup, found: Mapping[str, Value]) -> str:
    """The number of a case that was found: whoever takes the call opens it by that. Secret digits stay out."""
    secret = any(walk.secrets & asked.names for _, asked in here.query)
    return "" if here.lookup != "case" or secret else str(found.get("number") or "")[:40]


def _lookup_failed(walk: Walk, here: f.Lookup, why: str) -> None:
    walk.trace("error", why)
    _go_with_key(walk, here.on_error or here.not_found)


def _go_with_key(walk: Walk, target: str) -> None:
    """Go on from a look-up; the next menu takes a key that was pressed in the greeting before it."""
    walk.typed = walk.digits
    walk.go(target)


def _store(walk: Walk, prefix: str, values: Mapping[str, Value]) -> None:
    fresh = {f"{prefix}_{name}": bounded(value) for name, value in values.items()}
    walk.variables = {**walk.variables, **fresh}


def waiting_key(walk: Walk, event: Input) -> bool:
    """A key while waiting in a queue that offers one."""
    assert isinstance(event, m.KeyPressed)
    here = walk.step
    if not isinstance(here, f.Queue) or event.key not in here.keys:
        return False
    walk.trace("key", event.key)
    walk.actions.append(m.LeaveQueue(queue=here.queue, key=event.key))
    walk.go(here.keys[event.key])
    return True


def returned(walk: Walk, event: Input) -> bool:
    assert isinstance(event, m.Returned)
    here, reason = walk.step, event.reason
    walk.trace("left", reason.value)
    if event.values:
        walk.variables = {**walk.variables, **{name: bounded(value) for name, value in event.values.items()}}
    failed = reason in (m.ReturnReason.OVERFLOW, m.ReturnReason.FAILED)
    match here:
        case f.Queue():
            way = here.next
            if failed:
                way = here.overflow if reason is m.ReturnReason.OVERFLOW else here.on_error or here.overflow
            if way:
                walk.go(way)
            else:
                walk.close(f.QUEUE_FULL, "queue_overflow")
        case f.Survey():
            _thank(walk, here)
        case f.Callback() if not failed:
            later = walk.stage == "saving later"
            walk.stage = "saved"
            words = (here.later if later else here.saved).prompts(walk.language, walk.variables)
            if not walk.say(words, Phase.SAYING):
                walk.go(here.next)
        case f.Transfer() | f.Voicemail() if not failed:
            walk.go(here.next)
        case _:
            walk.fail(reason.value)
    return True
