"""YAML → :class:`callcenter.ivr.flow.FlowSet`, or every mistake at once with file, line and column.

The files are read as nodes, not as values, so that each complaint can point at its place and a key that
stands twice is seen. Anchors and aliases are refused: nobody who reads a flow aloud needs them, and they
are how a small file becomes a huge one.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from callcenter.errors import CallCenterError
from callcenter.ivr import flow as f

MAX_FILE_BYTES = 512 * 1024
MAX_DEPTH = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENING = (
    yaml.BlockMappingStartToken
    | yaml.BlockSequenceStartToken
    | yaml.FlowMappingStartToken
    | yaml.FlowSequenceStartToken
)
_CLOSING = yaml.BlockEndToken | yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken
_LANGUAGES = ("zh-CN", "en")
_DURATION = re.compile(r"^(\d{1,5}(?:\.\d{1,3})?)(s|m|h)?$")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class FlowErrors(CallCenterError):
    """The flows cannot be loaded; ``problems`` holds every reason found."""

    status = 422
    code = "bad_flows"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(
            "\n".join(map(str, self.problems)),
            details={"problems": [{k.name: getattr(p, k.name) for k in fields(p)} for p in self.problems]},
        )


class _Map:
    """A mapping node whose keys are taken one by one; what is left over at the end is unknown."""

    def __init__(self, reader: _Reader, node: yaml.Node, what: str) -> None:
        self.reader, self.node, self.what = reader, node, what
        self.items: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        self.taken: list[str] = []
        if not isinstance(node, yaml.MappingNode):
            reader.complain(node, f"{what}: expected `name: value` lines here")
            return
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                reader.complain(key, f"{what}: a name is expected before the colon")
            elif key.value in self.items:
                first = self.items[key.value][0].start_mark.line + 1
                reader.complain(key, f"{what}: `{key.value}` stands twice (first in line {first}); keep one")
            else:
                self.items[key.value] = (key, value)

    def take(self, key: str) -> yaml.Node | None:
        self.taken.append(key)
        return self.items[key][1] if key in self.items else None

    def text(self, key: str, default: str | None = None) -> str:
        node = self.take(key)
        if node is None:
            if default is None:
                self.reader.complain(self.node, f"{self.what}: `{key}` is missing")
            return default or ""
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
            self.reader.complain(node, f"{self.what}: `{key}` must be a text")
            return default or ""
        return str(node.value)

    def number(self, key: str, default: int, low: int, high: int) -> int:
        node = self.take(key)
        if node is None:
            return default
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            self.reader.complain(node, f"{self.what}: `{key}` must be a whole number from {low} to {high}")
            return default
        return int(text)

    def seconds(self, key: str, default: float) -> float:
        node = self.take(key)
        if node is None:
            return default
        match = _DURATION.match(str(node.value)) if isinstance(node, yaml.ScalarNode) else None
        if not match:
            self.reader.complain(node, f"{self.what}: `{key}` must be a time such as 5s, 2m or 1h")
            return default
        return float(match[1]) * _UNITS[match[2]]

    def flag(self, key: str) -> bool:
        node = self.take(key)
        if node is None:
            return False
        if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
            self.reader.complain(node, f"{self.what}: `{key}` must be true or false")
            return False
        return bool(node.value == "true")

    def language(self) -> str:
        language = self.text("language", "zh-CN")
        if language not in _LANGUAGES:
            self.reader.complain(self.items["language"][1], f"{self.what}: language must be one of zh-CN, en")
        return language

    def done(self) -> None:
        for name, (key, _) in self.items.items():
            if name not in self.taken:
                near = difflib.get_close_matches(name, self.taken, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(self.taken)}"
                self.reader.complain(key, f"{self.what}: `{name}` is not known; {hint}")


class _Reader:
    """Reads one file into nodes; collects problems."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems

    def complain(self, node: yaml.Node, message: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, message))

    def root(self, data: bytes) -> yaml.Node | None:
        if len(data) > MAX_FILE_BYTES:
            self.problems.append(Problem(self.file, 1, 1, f"larger than {MAX_FILE_BYTES // 1024} KiB; split the flow"))
            return None
        try:
            text = data.decode("utf-8")
            if not self._harmless(text):
                return None
            node = yaml.compose(text, Loader=_LOADER)
        except UnicodeDecodeError as error:
            self.problems.append(Problem(self.file, 1, 1, f"not UTF-8 text (byte {error.start}); save it as UTF-8"))
            return None
        except yaml.YAMLError as error:
            self._yaml_problem(error)
            return None
        if node is None:
            self.problems.append(Problem(self.file, 1, 1, "the file is empty"))
        return node

    def _harmless(self, text: str) -> bool:
        """Refuse aliases and deep nesting by the tokens, before anything is built from them."""
        depth = 0
        for token in yaml.scan(text, Loader=_LOADER):
            if isinstance(token, _OPENING):
                depth += 1
            elif isinstance(token, _CLOSING):
                depth -= 1
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                message = "anchors and aliases are not allowed; write it out"
            elif depth > MAX_DEPTH:
                message = f"nested more than {MAX_DEPTH} levels deep; write it flatter"
            else:
                continue
            mark = token.start_mark
            self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, message))
            return False
        return True

    def _yaml_problem(self, error: yaml.YAMLError) -> None:
        mark: Any = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        self.problems.append(Problem(self.file, line, column, f"not valid YAML: {said}"))


def load(folder: Path) -> f.FlowSet:
    """Compile ``hotlines.yaml``, ``queues.yaml`` and every other ``*.yaml`` of a folder.

    Raises FlowErrors with all mistakes of all files.
    """
    try:
        files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))}
    except OSError as error:
        raise FlowErrors([Problem(str(folder), 1, 1, f"cannot be read: {error.strerror}")]) from error
    return compile_files(files)


def compile_files(files: dict[str, bytes]) -> f.FlowSet:
    """Compile files given by name. Raises FlowErrors."""
    problems: list[Problem] = [
        Problem(name, 1, 1, "this file is missing from the flows folder")
        for name in ("hotlines.yaml", "queues.yaml")
        if name not in files
    ]
    queues = _queues(files, problems)
    flows: dict[str, f.Flow] = {}
    for name, data in files.items():
        if name in ("hotlines.yaml", "queues.yaml"):
            continue
        reader = _Reader(name, problems)
        root = reader.root(data)
        if root is None:
            continue
        flow = _flow(reader, root, frozenset(queues))
        if flow.name in flows:
            reader.complain(root, f"flow `{flow.name}` exists in another file already; rename one")
        flows[flow.name] = flow
    hotlines = _hotlines(files, frozenset(flows), problems)
    if problems:
        raise FlowErrors(problems)
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return f.FlowSet(version=digest.hexdigest()[:16], flows=flows, hotlines=hotlines, queues=queues)


def _sections(files: dict[str, bytes], name: str, problems: list[Problem]) -> Iterable[tuple[_Reader, str, _Map]]:
    """The entries of hotlines.yaml or queues.yaml, each as (reader, key, fields)."""
    if name not in files:
        return
    reader = _Reader(name, problems)
    root = reader.root(files[name])
    if root is None:
        return
    for key, (_, value) in _Map(reader, root, name).items.items():
        yield reader, key, _Map(reader, value, f"`{key}`")


def _queues(files: dict[str, bytes], problems: list[Problem]) -> dict[str, f.QueueDefinition]:
    queues = {}
    for _, name, entry in _sections(files, "queues.yaml", problems):
        queues[name] = f.QueueDefinition(
            name=name,
            title=entry.text("title"),
            title_en=entry.text("title_en", ""),
            music=entry.text("music", "default"),
            ring_timeout_s=entry.seconds("ring_timeout", 20.0),
            wrap_up_s=entry.seconds("wrap_up", 30.0),
            max_missed=entry.number("max_missed", 1, 1, 20),
            service_level_s=entry.seconds("service_level", 20.0),
            announce_position_every_s=entry.seconds("announce_position_every", 30.0),
            max_length=entry.number("max_length", 90, 1, 10_000),
            max_wait_s=entry.seconds("max_wait", 0.0),
            drill=entry.flag("drill"),
        )
        entry.done()
    return queues


def _hotlines(files: dict[str, bytes], flows: frozenset[str], problems: list[Problem]) -> dict[str, f.Hotline]:
    hotlines = {}
    for reader, number, entry in _sections(files, "hotlines.yaml", problems):
        if not re.fullmatch(r"\d{3,20}", number, re.ASCII):
            reader.complain(entry.node, f"`{number}`: a hotline's number has 3 to 20 digits")
        flow = entry.text("flow")
        if flow and flow not in flows:
            reader.complain(entry.items["flow"][1], f"`{number}`: there is no flow `{flow}`{_near(flow, flows)}")
        hotlines[number] = f.Hotline(
            number=number,
            name=entry.text("name", number),
            title=entry.text("title"),
            title_en=entry.text("title_en", ""),
            flow=flow,
            language=entry.language(),
            drill=entry.flag("drill"),
        )
        entry.done()
    return hotlines


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _flow(reader: _Reader, root: yaml.Node, queues: frozenset[str]) -> f.Flow:
    top = _Map(reader, root, "flow")
    name, title, language, start = top.text("flow"), top.text("title", ""), top.language(), top.text("start")
    steps_node = top.take("steps")
    top.done()
    if steps_node is None:
        reader.complain(root, "flow: `steps` is missing")
        return f.Flow(name=name, title=title, language=language, start=start, steps={})
    listed = _Map(reader, steps_node, "steps")
    nodes = {key: value for key, (_, value) in listed.items.items()}
    steps: dict[str, f.Step] = {}
    for step_name, node in nodes.items():
        step = _step(_Map(reader, node, f"step `{step_name}`"), step_name, queues)
        if step is not None:
            steps[step_name] = step
    _check_targets(reader, start, top, nodes, steps)
    return f.Flow(name=name, title=title, language=language, start=start, steps=steps)


def _step(entry: _Map, name: str, queues: frozenset[str]) -> f.Step | None:
    label = entry.text("label", name)
    kinds = [kind for kind in ("play", "menu", "gather", "queue", "voicemail", "hangup") if kind in entry.items]
    if len(kinds) != 1:
        what = "has none" if not kinds else f"has {' and '.join(kinds)}"
        entry.reader.complain(
            entry.node,
            f"{entry.what}: must have exactly one of play, menu, gather, queue, voicemail, hangup (it {what})",
        )
        return None
    step: f.Step
    match kinds[0]:
        case "play":
            step = f.Play(
                name=name,
                label=label,
                text=entry.text("play"),
                next=entry.text("next", ""),
                on_error=entry.text("on_error", ""),
            )
        case "menu":
            step = _menu(entry, name, label)
        case "gather":
            step = _gather(entry, name, label)
        case "queue":
            step = _enter_queue(entry, name, label, queues)
        case "voicemail":
            step = f.Voicemail(
                name=name,
                label=label,
                text=entry.text("voicemail"),
                max_s=entry.number("max_seconds", 120, 5, 600),
                next=entry.text("next", ""),
                on_error=entry.text("on_error", ""),
            )
        case _:
            step = f.HangUp(name=name, label=label, text=entry.text("hangup", ""))
    entry.done()
    return step


def _menu(entry: _Map, name: str, label: str) -> f.Menu:
    keys: dict[str, str] = {}
    node = entry.take("keys")
    if node is None:
        entry.reader.complain(entry.node, f"{entry.what}: a menu needs `keys`, e.g. keys: {{1: consult, 0: operator}}")
    else:
        listed = _Map(entry.reader, node, f"{entry.what} keys")
        for key in list(listed.items):
            if key not in _KEYS:
                entry.reader.complain(listed.items[key][0], f"{entry.what}: a key is one of 0-9, * or #, not `{key}`")
            keys[key] = listed.text(key)
    return f.Menu(
        name=name,
        label=label,
        text=entry.text("menu"),
        keys=keys,
        timeout_s=entry.seconds("timeout", 5.0),
        attempts=entry.number("attempts", 3, 1, 10),
        on_fail=entry.text("on_fail", ""),
        on_invalid=entry.text("on_invalid", ""),
    )


def _gather(entry: _Map, name: str, label: str) -> f.Gather:
    node = entry.take("digits")
    digits = _Map(entry.reader, node, f"{entry.what} digits") if node is not None else None
    low = digits.number("min", 1, 1, 40) if digits else 1
    high = digits.number("max", 20, 1, 40) if digits else 20
    end_key = digits.text("end", "#") if digits else "#"
    if digits:
        digits.done()
    if low > high:
        entry.reader.complain(entry.node, f"{entry.what}: digits min {low} is more than max {high}")
    return f.Gather(
        name=name,
        label=label,
        text=entry.text("gather"),
        store=entry.text("store"),
        next=entry.text("next"),
        min_digits=low,
        max_digits=high,
        end_key=end_key,
        timeout_s=entry.seconds("timeout", 8.0),
        between_s=entry.seconds("between", 4.0),
        attempts=entry.number("attempts", 3, 1, 10),
        on_fail=entry.text("on_fail", ""),
        on_invalid=entry.text("on_invalid", ""),
        secret=entry.flag("secret"),
    )


def _enter_queue(entry: _Map, name: str, label: str, queues: frozenset[str]) -> f.EnterQueue:
    node = entry.take("queue")
    assert node is not None
    priority, max_wait = 5, 0.0
    if isinstance(node, yaml.MappingNode):
        inner = _Map(entry.reader, node, f"{entry.what} queue")
        queue = inner.text("name")
        priority = inner.number("priority", 5, 1, 9)
        max_wait = inner.seconds("max_wait", 0.0)
        inner.done()
    else:
        queue = entry.text("queue")
    if queue not in queues:
        entry.reader.complain(node, f"{entry.what}: there is no queue `{queue}` in queues.yaml{_near(queue, queues)}")
    return f.EnterQueue(
        name=name,
        label=label,
        queue=queue,
        priority=priority,
        max_wait_s=max_wait or None,
        on_overflow=entry.text("on_overflow", ""),
        next=entry.text("next", ""),
    )


def targets(step: f.Step) -> tuple[str, ...]:
    """The steps that can follow a step (empty names, which end the flow, left out)."""
    names: tuple[str, ...]
    match step:
        case f.Menu():
            names = (*step.keys.values(), step.on_fail)
        case f.Gather():
            names = (step.next, step.on_fail)
        case f.EnterQueue():
            names = (step.next, step.on_overflow)
        case f.Play() | f.Voicemail():
            names = (step.next, step.on_error)
        case _:
            names = ()
    return tuple(filter(None, names))


def _check_targets(
    reader: _Reader, start: str, top: _Map, nodes: dict[str, yaml.Node], steps: dict[str, f.Step]
) -> None:
    if start and start not in nodes:
        reader.complain(top.items["start"][1], f"flow: there is no step `{start}`{_near(start, nodes)}")
    for name, step in steps.items():
        for target in targets(step):
            if target not in nodes:
                reader.complain(nodes[name], f"step `{name}`: there is no step `{target}`{_near(target, nodes)}")
    reached, todo = set[str](), [start]
    while todo:
        name = todo.pop()
        if name in reached or name not in steps:
            continue
        reached.add(name)
        todo.extend(targets(steps[name]))
    for name in steps.keys() - reached:
        reader.complain(nodes[name], f"step `{name}`: no other step leads here; link it or remove it")
    for name in _silent_loops(steps):
        reader.complain(nodes[name], f"step `{name}`: loops without ever asking the caller; let it end somewhere")


def _silent_loops(steps: dict[str, f.Step]) -> set[str]:
    """Steps on a cycle in which every step only speaks: the caller could never leave it."""
    onward = {name: step.next for name, step in steps.items() if isinstance(step, f.Play)}
    loops: set[str] = set()
    for name in onward:
        seen: list[str] = []
        at = name
        while at in onward and at not in seen:
            seen.append(at)
            at = onward[at]
        if at in seen:
            loops.update(seen[seen.index(at) :])
    return loops
