"""What the files name and only the site can judge: numbers that may be dialled, trunks that are there. Pure.

The loader notes what is named and where; the site's settings may change without the files, so it is judged apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from callcenter.ivr.flow import FlowSet
from callcenter.ivr.nodes import Problem
from callcenter.ivr.reader import near

Judge = Callable[[str, Collection[str]], tuple[str, str] | None]
"""(number, our own numbers) → why it may not be dialled and what to do; None: it may."""
Site = Callable[[FlowSet], tuple[Problem, ...]]
"""What the site refuses of these flows."""


def problems(flows: FlowSet, judge: Judge, trunks: Collection[str] | None) -> tuple[Problem, ...]:
    """What is named and may not be used: an error, told before a caller is to be put through. A trunk that is not there
    is a warning: calls find another way. ``trunks`` None: they are not known here."""
    found: list[Problem] = []
    for named in flows.named:
        said: tuple[str, str] | None = None
        if named.kind == "number":
            said = judge(named.name, flows.hotlines.keys())
        elif trunks is not None and named.name not in trunks:
            said = f"there is no trunk `{named.name[:40]}`", str(near(named.name, trunks))
        if said:
            severity = "error" if named.kind == "number" else "warning"
            found.append(Problem(named.file, named.line, named.column, f"{named.what}: {said[0]}", said[1], severity))
    return tuple(sorted(found))


def errors(found: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in found if problem.severity == "error")
