"""What can be known of a flow before any caller hears it: missing ends, dead steps, loops, unknown variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from callcenter.ivr import flow as f
from callcenter.ivr.expr import Kind
from callcenter.ivr.flow_reader import FlowReader
from callcenter.ivr.languages import arrivals, missing
from callcenter.ivr.nodes import Problem, Scalar
from callcenter.ivr.reader import Words, near

BUILT_IN: Final[Mapping[str, Kind]] = {
    "caller": "text",
    "caller_name": "text",
    "call_id": "text",
    "dialled": "text",
    "digits": "text",
    "drill": "bool",
    "hotline": "text",
    "language": "text",
    "number": "text",
    "recording": "text",
    "seconds": "number",
    "trunk": "text",
}
"""Variables that every call has, or that a step sets by itself."""


def check_targets(read: FlowReader, flow: f.Flow) -> bool:
    """Every named step exists, and every step can be reached. False: the graph has holes."""
    whole = True
    for name, node in read.targets:
        if name != f.END and name not in read.nodes:
            read.reader.complain(node, f"there is no step `{name}`", near(name, read.nodes))
            whole = False
    if not whole or flow.steps.keys() != read.nodes.keys():
        return False
    reached: set[str] = set()
    todo = [flow.start, *flow.keys.values()]
    while todo:
        name = todo.pop()
        if name in flow.steps and name not in reached:
            reached.add(name)
            todo.extend(target for _, target in f.exits(flow.steps[name]))
    for name in flow.steps.keys() - reached:
        hint = "link it from another step or remove it"
        read.reader.complain(read.nodes[name], f"step `{name}`: no step leads here", hint)
    return True


def check_subflows(reads: Mapping[str, FlowReader], flows: Mapping[str, f.Flow]) -> bool:
    """Called flows exist and none calls itself, directly or through others."""
    whole = True
    calls: dict[str, list[tuple[str, Scalar]]] = {name: read.subflows for name, read in reads.items()}
    for read in reads.values():
        for target, node in read.subflows:
            if target not in flows:
                read.reader.complain(node, f"there is no flow `{target}`", near(target, flows))
                whole = False
    for name, read in reads.items():
        for target, node in read.subflows:
            if name == target or name in _below(target, calls):
                hint = "a flow cannot contain itself; use `next` to go back"
                read.reader.complain(node, f"flow `{name}` calls itself through `{target}`", hint)
                whole = False
    return whole


def _below(name: str, calls: Mapping[str, list[tuple[str, Scalar]]]) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        for target, _ in calls.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def check_loops(reads: Mapping[str, FlowReader], flows: Mapping[str, f.Flow]) -> Iterator[Problem]:
    """Complain of loops that never ask; yield a warning for those that a silent caller never leaves."""
    passing = _Passing(flows)
    for name, read in reads.items():
        flow = flows[name]
        for quiet in (False, True):
            graph = {step.name: list(passing.onward(step, quiet=quiet)) for step in flow.steps.values()}
            for loop in _loops(graph):
                first = min(loop, key=lambda step: flow.steps[step].line)
                around = " → ".join(sorted(loop, key=lambda step: flow.steps[step].line))
                if not quiet:
                    read.reader.complain(
                        read.nodes[first],
                        f"step `{first}`: goes round without ever asking the caller ({around})",
                        "let it end, or put a menu or a queue into it",
                    )
                elif any(isinstance(flow.steps[step], f.Menu | f.Gather) for step in loop):
                    yield Problem(
                        read.reader.file,
                        read.nodes[first].line,
                        read.nodes[first].column,
                        f"a caller who presses nothing goes round here ({around})",
                        "end it after a while",
                        "warning",
                    )


class _Passing:
    """Which ways lead on without anything from the caller."""

    def __init__(self, flows: Mapping[str, f.Flow]) -> None:
        self.flows = flows
        self.known: dict[tuple[str, bool], bool] = {}

    def onward(self, step: f.Step, *, quiet: bool) -> Iterator[str]:
        """``quiet``: with the ways that silence takes as well."""
        match step:
            case f.Play() | f.Assign() | f.Language():
                yield step.next
            case f.Hours() | f.Lookup() | f.Branch():
                yield from (target for _, target in f.exits(step))
            case f.Subflow():
                if self.through(step.flow, quiet):
                    yield step.next
            case f.Menu() | f.Gather() if quiet:
                yield step.on_timeout
            case f.Survey() if quiet:
                yield step.next
            case _:
                return

    def through(self, name: str, quiet: bool) -> bool:
        """Whether a flow can be walked from its start to its end without the caller. Flows are not recursive."""
        key = (name, quiet)
        if key not in self.known:
            flow = self.flows.get(name)
            found, seen, todo = False, set[str](), [flow.start] if flow else []
            while todo:
                at = todo.pop()
                if at == f.END:
                    found = True
                elif flow and at in flow.steps and at not in seen:
                    seen.add(at)
                    todo.extend(self.onward(flow.steps[at], quiet=quiet))
            self.known[key] = found
        return self.known[key]


def _loops(graph: Mapping[str, list[str]]) -> list[frozenset[str]]:
    """The strongly connected parts that hold a cycle (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[frozenset[str]] = []
    for root in graph:
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = []
        _open(root, index, low, stack, on_stack)
        work.append((root, iter(graph[root])))
        while work:
            node, rest = work[-1]
            for target in rest:
                if target not in graph:
                    continue
                if target not in index:
                    _open(target, index, low, stack, on_stack)
                    work.append((target, iter(graph[target])))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = set()
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.add(member)
                        if member == node:
                            break
                    if len(part) > 1 or node in graph[node]:
                        found.append(frozenset(part))
    return found


def _open(node: str, index: dict[str, int], low: dict[str, int], stack: list[str], on_stack: set[str]) -> None:
    index[node] = low[node] = len(index)
    stack.append(node)
    on_stack.add(node)


def check_variables(reads: Iterable[FlowReader], flows: Iterable[f.Flow]) -> None:
    """Every variable used is set somewhere (flows share a call's variables), and no secret one is said."""
    reads = list(reads)
    known = set(BUILT_IN)
    prefixes: set[str] = set()
    secret: set[str] = set()
    for read in reads:
        known |= read.stored | read.secrets
        prefixes |= read.prefixes
        secret |= read.secrets
    for flow in flows:
        known |= flow.parameters
    starts = tuple(prefixes)
    for read in reads:
        for name, node in read.reader.used:
            if name not in known and not (starts and name.startswith(starts)):
                read.reader.complain(node, f"variable `{name}` is never set", near(name, known))
        for name, node in read.reader.said:
            if name in secret:
                hint = "secret digits may only be used in lookup and branch"
                read.reader.complain(node, f"variable `{name}` is secret", hint)


def check_words(
    reads: Mapping[str, FlowReader],
    flows: Mapping[str, f.Flow],
    hotlines: Mapping[str, f.Hotline],
    of_hotlines: Words,
    of_queues: Words,
) -> Iterator[Problem]:
    """Warnings for words that are missing in a language that callers can have chosen by then."""
    heard = arrivals(flows, hotlines)
    waiting: dict[str, frozenset[str]] = {}
    for (name, at), languages in heard.items():
        step = flows[name].steps[at]
        if isinstance(step, f.Queue):
            waiting[step.queue] = waiting.get(step.queue, frozenset()) | languages
        for worded in reads[name].worded.get(at, ()):
            yield from missing(reads[name].reader, worded, languages)
    for number, worded in of_hotlines.of.items():
        yield from missing(of_hotlines.reader, worded, frozenset((hotlines[number].language,)))
    for queue, worded in of_queues.of.items():
        yield from missing(of_queues.reader, worded, waiting.get(queue, frozenset()))


def named_numbers(reads: Iterable[FlowReader]) -> Iterator[f.Named]:
    """The numbers outside that the flows name."""
    for read in reads:
        for what, number, node in read.dialled:
            yield f.Named("number", number, what, read.reader.file, node.line, node.column)
