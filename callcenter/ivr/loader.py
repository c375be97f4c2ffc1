"""A folder of YAML → :class:`callcenter.ivr.flow.FlowSet`, or every mistake at once with its place.

``hotlines.yaml`` and ``queues.yaml`` must be there, ``hours.yaml`` (calendars and shifts) may be; every other
``*.yaml`` is one flow. Recorded prompts lie in ``prompts/``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from callcenter.errors import CallCenterError
from callcenter.ivr import check
from callcenter.ivr import flow as f
from callcenter.ivr.flow_reader import FlowReader
from callcenter.ivr.hotline_reader import numbers as hotline_numbers
from callcenter.ivr.hotline_reader import read_hotlines
from callcenter.ivr.hours import Calendar, Interval
from callcenter.ivr.nodes import Node, Problem, read
from callcenter.ivr.queue_reader import read_queues
from callcenter.ivr.reader import Reader, near
from callcenter.ivr.spec import HOURS_KEYS

__all__ = ["FlowErrors", "Problem", "compile_files", "load", "read_folder"]

HOTLINES: Final = "hotlines.yaml"
QUEUES: Final = "queues.yaml"
HOURS: Final = "hours.yaml"
PROMPTS: Final = "prompts"
MUSIC: Final = "music"
MUSIC_BUILT_IN: Final = frozenset(("default", "quiet"))
"""Music classes that are there without a folder; see :mod:`callcenter.asterisk.music`."""
MAX_FILES: Final = 500
MAX_PROBLEMS: Final = 500
"""Told at once; a folder with more was damaged as a whole."""
DEFAULT_ZONE: Final = "Asia/Shanghai"


class FlowErrors(CallCenterError):
    """The flows cannot be loaded; ``problems`` holds every reason found."""

    status = 422
    code = "bad_flows"

    def __init__(self, problems: Iterable[Problem]) -> None:
        every = sorted(set(problems))
        self.problems = tuple(every[:MAX_PROBLEMS])
        if more := every[MAX_PROBLEMS:]:
            first = more[0]
            said = f"and {len(more)} more mistakes from here on"
            self.problems += (Problem(first.file, first.line, first.column, said, "correct those above first"),)
        super().__init__(
            "\n".join(map(str, self.problems)), details={"problems": [asdict(problem) for problem in self.problems]}
        )


def load(folder: Path, zone: str | ZoneInfo = DEFAULT_ZONE) -> f.FlowSet:
    """Compile a folder. ``zone`` is the site's, in which opening hours are read. Raises FlowErrors."""
    files = read_folder(folder)
    prompts = folder / PROMPTS
    recorded = {path.relative_to(prompts).as_posix() for path in prompts.rglob("*") if path.is_file()}
    return compile_files(files, zone=zone, recorded=recorded, music=music_of(folder))


def music_of(folder: Path) -> frozenset[str]:
    """The music classes that a queue of this folder may name: its own and those that are always there."""
    own = folder / MUSIC
    return MUSIC_BUILT_IN | (frozenset(path.name for path in own.iterdir() if path.is_dir()) if own.is_dir() else set())


def read_folder(folder: Path) -> dict[str, bytes]:
    """The YAML files of a folder by name. Raises FlowErrors when they cannot be read."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    except OSError as error:
        hint = "set CALLCENTER_FLOWS_DIR to the folder of flows"
        raise FlowErrors([Problem(str(folder), 1, 1, f"cannot be read: {error.strerror}", hint)]) from error
    if len(paths) > MAX_FILES:
        raise FlowErrors([Problem(str(folder), 1, 1, f"more than {MAX_FILES} flow files", "remove some")])
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    for path in paths:
        if path.suffix == ".yml":
            problems.append(Problem(path.name, 1, 1, "flow files end in .yaml", f"rename it to {path.stem}.yaml"))
            continue
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            problems.append(Problem(path.name, 1, 1, f"cannot be read: {error.strerror}", "correct its permissions"))
    if problems:
        raise FlowErrors(problems)
    return files


def compile_files(
    files: Mapping[str, bytes],
    *,
    zone: str | ZoneInfo = DEFAULT_ZONE,
    recorded: Collection[str] | None = None,
    music: Collection[str] | None = None,
) -> f.FlowSet:
    """Compile files given by name. ``recorded`` None: recorded prompts are not looked for; ``music`` None: nor are
    music classes. Raises FlowErrors."""
    problems = [
        Problem(name, 1, 1, "this file is missing from the flows folder", "create it; the manual shows one")
        for name in (HOTLINES, QUEUES)
        if name not in files
    ]
    roots: dict[str, Node] = {}
    for name, data in files.items():
        root = read(data, name, problems)
        if root is not None:
            roots[name] = root
    calendars, shifts = _hours(roots.get(HOURS), problems)
    queues, order, queue_words = read_queues(roots.get(QUEUES), QUEUES, problems, music)
    numbers = hotline_numbers(roots.get(HOTLINES))
    flows: dict[str, f.Flow] = {}
    reads: dict[str, FlowReader] = {}
    all_reads: list[FlowReader] = []
    whole = True
    for name, root in roots.items():
        if name in (HOTLINES, QUEUES, HOURS):
            continue
        reader = Reader(name, problems, calendars, shifts, hours_read=HOURS not in files or HOURS in roots)
        reader.kinds.update(check.BUILT_IN)
        flow_reader = FlowReader(reader, queues if QUEUES in roots else None, numbers if HOTLINES in roots else None)
        flow = flow_reader.flow(root)
        all_reads.append(flow_reader)
        if flow is None or not flow.name:
            whole = False
            continue
        if flow.name in flows:
            first = flows[flow.name].file
            reader.complain(root, f"flow `{flow.name}` is also in {first}", "give one of them another name")
        whole = check.check_targets(flow_reader, flow) and whole
        flows[flow.name], reads[flow.name] = flow, flow_reader
        if recorded is not None:
            _recorded(flow_reader.reader, recorded)
    readable = len(roots) == len(files) and len(flows) == len(all_reads)
    hotlines, hotline_words, trunks = read_hotlines(roots.get(HOTLINES), HOTLINES, flows, problems, whole=readable)
    if recorded is not None:
        _recorded(hotline_words.reader, recorded)
    whole = check.check_subflows(reads, flows) and whole
    warnings: list[Problem] = []
    if whole:
        warnings.extend(check.check_loops(reads, flows))
        check.check_variables(all_reads, flows.values())
    if problems:
        raise FlowErrors(problems)
    warnings.extend(check.check_words(reads, flows, hotlines, hotline_words, queue_words))
    site = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    return f.FlowSet(
        version=version_of(files, site.key),
        flows=flows,
        hotlines=hotlines,
        queues=queues,
        calendars=calendars,
        zone=site,
        files={name: data.decode("utf-8-sig") for name, data in files.items()},
        warnings=tuple(sorted(set(warnings))[:MAX_PROBLEMS]),
        named=(*check.named_numbers(reads.values()), *trunks),
        queue_order=order,
    )


def version_of(files: Mapping[str, bytes], zone: str = "") -> str:
    """Twelve hex digits that stand for the files' names and bytes."""
    made = hashlib.sha256(zone.encode())
    for name in sorted(files):
        made.update(len(name).to_bytes(4) + name.encode() + len(files[name]).to_bytes(4) + files[name])
    return made.hexdigest()[:12]


def _recorded(reader: Reader, recorded: Collection[str]) -> None:
    for name, node in reader.files.items():
        if name not in recorded:
            reader.complain(node, f"there is no recorded prompt `{name}` in {PROMPTS}/", near(name, recorded))


def _hours(root: Node | None, problems: list[Problem]) -> tuple[dict[str, Calendar], dict[str, tuple[Interval, ...]]]:
    reader = Reader(HOURS, problems)
    top = reader.fields(root, "hours", HOURS_KEYS)
    shifts: dict[str, tuple[Interval, ...]] = {}
    entries = reader.fields(top.get("shifts"), "shifts") if top else None
    for key, value in entries.entries.values() if entries else ():
        shifts[reader.name(key, "shift")] = reader.times(value, f"shift {key.text}")
    reader.shifts = shifts
    calendars: dict[str, Calendar] = {}
    entries = reader.fields(top.get("calendars"), "calendars") if top else None
    for key, value in entries.entries.values() if entries else ():
        calendars[key.text] = reader.calendar(value, f"calendar `{key.text}`", reader.name(key, "calendar"))
    return calendars, shifts
