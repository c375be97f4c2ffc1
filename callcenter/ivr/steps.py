"""Nodes → the steps of a flow: each kind read with its keys and its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict

from callcenter.ivr import flow as f
from callcenter.ivr.expr import Expr
from callcenter.ivr.hours import Calendar, Interval
from callcenter.ivr.nodes import Map, Node, Scalar
from callcenter.ivr.phrases import LANGUAGES
from callcenter.ivr.reader import Fields, Worded, near
from callcenter.ivr.spec import COMMON, KINDS
from callcenter.ivr.step_parts import StepParts
from callcenter.ivr.wording import Phrase, Source, Template, template

LOOKUPS: Final[Mapping[str, str]] = {"customer": "number", "case": "number"}
"""What can be looked up, and the field that a single value fills."""

_ALLOWED: Final = {kind: (kind, *keys, *COMMON) for kind, (_, keys, _) in KINDS.items()}
CALLING_HOURS: Final = Calendar(name="callback", week=((Interval(9 * 60, 21 * 60),),) * 7)
"""When customers may be called if nobody says otherwise."""


class Shared(TypedDict):
    """What every step has."""

    name: str
    label: str
    label_en: str
    line: int
    on_error: str


class StepReader(StepParts):
    """Reads the steps of one file."""

    def step(self, key: Scalar, node: Node) -> f.Step | None:
        reader, what = self.reader, f"step `{key.text}`"
        if not isinstance(node, Map):
            reader.complain(node, f"{what}: a step is a list of `name: value`", "begin with play:, menu:, queue: …")
            return None
        kinds = [name.text for name, _ in node.items if name.text in KINDS]
        # `language` is both a step of its own and nothing else's key, so the first kind named is the kind.
        if len(set(kinds)) != 1:
            names = [name.text for name, _ in node.items]
            hint = f"write one of {', '.join(KINDS)}"
            guesses = (str(near(name, KINDS)) for name in names[:20])
            guess = next((guess for guess in guesses if guess.startswith("did")), hint)
            said = f"says both `{kinds[0]}` and `{kinds[1]}`" if kinds else "does not say what it does"
            reader.complain(key, f"{what}: {said}", "make two steps of it" if kinds else guess)
            if not kinds:
                return None
        kind = kinds[0]
        fields = reader.fields(node, what, _ALLOWED[kind], KINDS[kind][2])
        if fields is None:
            return None
        before = len(reader.worded)
        label, label_en = self._label(fields.get("label"), f"{what}: label", key.text)
        on_error = self.target(fields, "on_error", what, "")
        # Each reader below gets the part that all steps share.
        shared = Shared(name=key.text, label=label, label_en=label_en, line=key.line, on_error=on_error)
        made = self._read(kind, fields, what, shared)
        self.worded[key.text] = reader.worded[before:]
        return made

    def _label(self, node: Node | None, what: str, name: str) -> tuple[str, str]:
        """A text for all screens, or one per language: (the label, the English one if it is another)."""
        if not isinstance(node, Map):
            if node is not None:
                self.reader.worded.append(Worded(what, node, frozenset((self.reader.language,)), label=True))
            return self.reader.text(node, what, name), ""
        fields = self.reader.fields(node, what, LANGUAGES)
        chinese, english = (self.reader.text(fields.get(each) if fields else None, what) for each in ("zh-CN", "en"))
        if not chinese and not english:
            self.reader.complain(node, f"{what}: no words", f"write a text, or one each for {' and '.join(LANGUAGES)}")
        there = frozenset(language for language, text in (("zh-CN", chinese), ("en", english)) if text)
        self.reader.worded.append(Worded(what, node, there, label=True))
        return chinese or english or name, english if chinese else ""

    def _read(self, kind: str, fields: Fields, what: str, base: Shared) -> f.Step | None:
        reader, main = self.reader, fields.get(kind)
        following = self.target(fields, "next", what, f.END)
        match kind:
            case "play":
                return f.Play(
                    **base, next=following,
                    phrase=self._required_words(main, what),
                    barge_in=reader.flag(fields.get("barge_in"), f"{what}: barge_in", True),
                )  # fmt: skip
            case "menu":
                return self._menu(fields, main, what, base)
            case "gather":
                return self._gather(fields, main, what, base, following)
            case "hours":
                closed = self.target(fields, "closed", what, f.END)
                return f.Hours(
                    **base, closed=closed,
                    calendar=reader.calendar(main, f"{what}: hours"),
                    open=self.target(fields, "open", what, f.END),
                    holiday=self.target(fields, "holiday", what, closed),
                )  # fmt: skip
            case "lookup":
                return self._lookup(fields, main, what, base)
            case "branch":
                return self._branch(fields, main, what, base)
            case "set":
                values = self._values(main, f"{what}: set")
                return f.Assign(**base, values=values, next=following)
            case "queue":
                return self._enter_queue(fields, main, what, base, following)
            case "transfer":
                return self._transfer(fields, main, what, base, following)
            case "callback":
                return self._callback(fields, main, what, base, following)
            case "voicemail":
                return f.Voicemail(
                    **base, next=following,
                    phrase=self._required_words(main, what),
                    max_s=int(reader.seconds(fields.get("max"), f"{what}: max", 120, 1, 1800)),
                )  # fmt: skip
            case "survey":
                return f.Survey(
                    **base, next=following,
                    phrase=self._required_words(main, what),
                    question=reader.variable(fields.get("question"), f"{what}: question", "score"),
                    timeout_s=reader.seconds(fields.get("timeout"), f"{what}: timeout", 6, 1, 60),
                    attempts=reader.whole(fields.get("attempts"), f"{what}: attempts", 2, 1, 10),
                    comment=self._words(fields, "comment", what),
                    comment_max_s=int(reader.seconds(fields.get("comment_max"), f"{what}: comment_max", 60, 1, 600)),
                    thanks=self._words(fields, "thanks", what) or f.THANKS,
                )  # fmt: skip
            case "subflow":
                target = reader.name(main, f"{what}: subflow")
                if target and isinstance(main, Scalar):
                    self.subflows.append((target, main))
                arguments = self._values(fields.get("with"), f"{what}: with")
                return f.Subflow(
                    **base, flow=target, arguments=arguments,
                    next=following,
                )  # fmt: skip
            case "language":
                language = reader.one_of(main, f"{what}: language", LANGUAGES, "zh-CN")
                return f.Language(**base, language=language, next=following)
            case _:
                empty = main is None or (isinstance(main, Scalar) and main.null)
                cause = reader.name(fields.get("cause"), f"{what}: cause", "flow_ended")
                phrase = None if empty else reader.phrase(main, what)
                return f.HangUp(**base, phrase=phrase, cause=cause)

    def _required_words(self, node: Node | None, what: str) -> Phrase:
        if isinstance(node, Scalar) and node.null:
            self.reader.complain(node, f"{what}: nothing is said", "write the words")
        return self.reader.phrase(node, what)

    def _ways(self, fields: Fields, what: str) -> tuple[str, str]:
        """(on_timeout, on_invalid), each falling back to on_fail, then the end."""
        fail = self.target(fields, "on_fail", what, f.END)
        return self.target(fields, "on_timeout", what, fail), self.target(fields, "on_invalid", what, fail)

    def _menu(self, fields: Fields, main: Node | None, what: str, base: Shared) -> f.Menu:
        on_timeout, on_invalid = self._ways(fields, what)
        keys = self.keys(fields.get("keys"), f"{what}: keys")
        if "keys" in fields and not keys:
            self.reader.complain(fields.key("keys"), f"{what}: a menu without a key", "write keys: {1: step}")
        return f.Menu(
            **base,
            phrase=self._required_words(main, what),
            keys=keys,
            timeout_s=self.reader.seconds(fields.get("timeout"), f"{what}: timeout", 5, 0.5, 120),
            attempts=self.reader.whole(fields.get("attempts"), f"{what}: attempts", 3, 1, 10),
            on_timeout=on_timeout,
            on_invalid=on_invalid,
            invalid=self._words(fields, "say_invalid", what) or f.INVALID,
            silent=self._words(fields, "say_timeout", what) or f.SILENT,
        )  # fmt: skip

    def _gather(self, fields: Fields, main: Node | None, what: str, base: Shared, following: str) -> f.Gather:
        reader = self.reader
        digits = reader.fields(fields.get("digits"), f"{what}: digits", ("min", "max", "end", "between"))
        least = reader.whole(digits.get("min") if digits else None, f"{what}: min", 1, 1, 40)
        most = reader.whole(digits.get("max") if digits else None, f"{what}: max", max(20, least), 1, 40)
        if digits and least > most:
            reader.complain(digits.key("min"), f"{what}: min {least} is more than max {most}", "exchange them")
        secret = reader.flag(fields.get("secret"), f"{what}: secret", False)
        store = reader.variable(fields.get("store"), f"{what}: store", "digits")
        (self.secrets if secret else self.stored).add(store)
        confirm: Phrase | None = None
        node = fields.get("confirm")
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            confirm = f.CONFIRM if node.value else None
        elif node is not None:
            confirm = reader.phrase(node, f"{what}: confirm")
        if confirm is not None and secret and node is not None:
            reader.complain(node, f"{what}: secret digits must not be read back", "remove confirm or secret")
            confirm = None
        on_timeout, on_invalid = self._ways(fields, what)
        return f.Gather(
            **base, next=following,
            phrase=self._required_words(main, what),
            store=store,
            min_digits=least,
            max_digits=most,
            end_key=self.reader.one_of(digits.get("end"), f"{what}: end", ("#", "*", ""), "#")
            if digits and "end" in digits
            else "#",
            between_s=reader.seconds(digits.get("between") if digits else None, f"{what}: between", 4, 0.5, 60),
            timeout_s=reader.seconds(fields.get("timeout"), f"{what}: timeout", 8, 0.5, 120),
            attempts=reader.whole(fields.get("attempts"), f"{what}: attempts", 3, 1, 10),
            confirm=confirm,
            secret=secret,
            on_timeout=on_timeout,
            on_invalid=on_invalid,
            invalid=self._words(fields, "say_invalid", what) or f.TOO_SHORT,
            silent=self._words(fields, "say_timeout", what) or f.SILENT,
        )  # fmt: skip

    def _lookup(self, fields: Fields, main: Node | None, what: str, base: Shared) -> f.Lookup:
        reader = self.reader
        asked = reader.fields(main, f"{what}: lookup")
        entries = list(asked.entries.values()) if asked else []
        kinds = [key for key, _ in entries if key.text in LOOKUPS]
        kind = kinds[0].text if kinds else "customer"
        if asked and len(kinds) != 1:
            hint = f"begin with one of {', '.join(LOOKUPS)}"
            reader.complain(asked.node, f"{what}: what is looked up is not clear", hint)
        query: list[tuple[str, Template]] = []
        for key, value in entries:
            text = reader.text(value, f"{what}: {key.text}")
            if isinstance(value, Scalar) and text:
                field = LOOKUPS[kind] if key.text == kind else reader.variable(key, what)
                query.append((field, reader.template(value, text, f"{what}: {key.text}")))
        store = reader.variable(fields.get("store"), f"{what}: store", kind)
        self.prefixes.add(store + "_")
        not_found = self.target(fields, "not_found", what, f.END)
        return f.Lookup(
            **base, lookup=kind, query=tuple(query), store=store,
            timeout_s=reader.seconds(fields.get("timeout"), f"{what}: timeout", 3, 0.1, 30),
            found=self.target(fields, "found", what, f.END),
            not_found=not_found,
        )  # fmt: skip

    def _branch(self, fields: Fields, main: Node | None, what: str, base: Shared) -> f.Branch:
        reader = self.reader
        cases = []
        for item in reader.items(main, f"{what}: branch"):
            case = reader.fields(item, f"{what}: branch", ("when", "go"), ("when", "go"))
            if case is None:
                continue
            target = self.target(case, "go", what, f.END)
            condition = reader.expression(case.get("when"), f"{what}: when")
            if condition is not None:
                cases.append((condition, target))
        if isinstance(main, Node) and not cases and not reader.problems:
            reader.complain(main, f"{what}: a branch without a condition", "write - {when: …, go: …}")
        return f.Branch(
            **base, cases=tuple(cases),
            otherwise=self.target(fields, "else", what, f.END),
        )  # fmt: skip

    def _enter_queue(self, fields: Fields, main: Node | None, what: str, base: Shared, following: str) -> f.Queue:
        reader = self.reader
        priority: Source = 5
        max_wait = max_length = None
        skills: dict[str, int] = {}
        if isinstance(main, Map):
            known = ("name", "priority", "skills", "max_wait", "max_length")
            inner = reader.fields(main, f"{what}: queue", known, ("name",))
            assert inner is not None
            queue = self._queue(inner.get("name"), f"{what}: queue")
            priority = self._priority(inner.get("priority"), f"{what}: priority")
            if "max_wait" in inner:
                max_wait = reader.seconds(inner.get("max_wait"), f"{what}: max_wait", 0, 1, 86400)
            if "max_length" in inner:
                max_length = reader.whole(inner.get("max_length"), f"{what}: max_length", 90, 1, 1000)
            levels = reader.fields(inner.get("skills"), f"{what}: skills")
            for key, value in levels.entries.values() if levels else ():
                skills[key.text] = reader.whole(value, f"{what}: skill {key.text}", 1, 0, 10)
        else:
            queue = self._queue(main, f"{what}: queue")
        timeout = self.target(fields, "on_timeout", what, self.target(fields, "on_overflow", what, ""))
        return f.Queue(
            **base, next=following, queue=queue, priority=priority,
            skills=skills, max_wait_s=max_wait, max_length=max_length,
            announce=self._words(fields, "announce", what),
            keys=self.keys(fields.get("keys"), f"{what}: keys"),
            overflow=self.target(fields, "overflow", what, timeout),
        )  # fmt: skip

    def _transfer(self, fields: Fields, main: Node | None, what: str, base: Shared, following: str) -> f.Transfer:
        reader = self.reader
        inner = reader.fields(main, f"{what}: transfer", ("number", "agent", "hotline"))
        entries = list(inner.entries.values()) if inner else []
        to, target = "number", None
        if inner and len(entries) != 1:
            reader.complain(inner.node, f"{what}: one of number, agent, hotline is expected")
        elif entries:
            key, node = entries[0]
            to = key.text
            text = reader.text(node, f"{what}: {to}")
            if to == "hotline" and text and self.hotlines is not None and text not in self.hotlines:
                reader.complain(node, f"{what}: no hotline {text[:20]} in hotlines.yaml", near(text, self.hotlines))
            computed = "{" in text or text.startswith("=")
            if to == "number" and text and not computed and not text.lstrip("+").isdigit():
                reader.complain(node, f"{what}: `{text[:20]}` is no telephone number", "digits, + in front at most")
            elif to == "number" and text and not computed and isinstance(node, Scalar):
                self.dialled.append((what, text, node))
            target = reader.source(node, f"{what}: {to}") if computed and to != "hotline" else text
        return f.Transfer(
            **base, next=following, to=to, target=target,
            announce=self._words(fields, "announce", what),
        )  # fmt: skip

    def _callback(self, fields: Fields, main: Node | None, what: str, base: Shared, following: str) -> f.Callback:
        reader = self.reader
        inner = reader.fields(main, f"{what}: callback", ("queue", "number", "priority", "hours"), ("queue",))
        get = inner.get if inner else (lambda _: None)
        number: Source = template("{caller}")
        if get("number") is not None:
            place = get("number")
            number = reader.source(place, f"{what}: number")
            if isinstance(place, Scalar) and not isinstance(number, Template | Expr):
                self.dialled.append((what, place.text, place))
        calendar = reader.calendars.get("callback", CALLING_HOURS)
        if get("hours") is not None:
            calendar = reader.calendar(get("hours"), f"{what}: hours")
        return f.Callback(
            **base, next=following,
            queue=self._queue(get("queue"), f"{what}: queue"),
            number=number,
            calendar=calendar,
            priority=self._priority(get("priority"), f"{what}: priority"),
            check=self._words(fields, "check", what) or f.CALLBACK_CHECK,
            ask=self._words(fields, "ask", what) or f.CALLBACK_NUMBER,
            saved=self._words(fields, "saved", what) or f.CALLBACK_SAVED,
            later=self._words(fields, "later", what) or f.CALLBACK_LATER,
            timeout_s=reader.seconds(fields.get("timeout"), f"{what}: timeout", 8, 0.5, 120),
            attempts=reader.whole(fields.get("attempts"), f"{what}: attempts", 3, 1, 10),
        )  # fmt: skip
