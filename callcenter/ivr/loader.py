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
from callcenter.ivr.hours import Calendar, Interval
from callcenter.ivr.nodes import Map, Node, Problem, read
from callcenter.ivr.phrases import LANGUAGES
from callcenter.ivr.queue_reader import read_queues
from callcenter.ivr.reader import Fields, Reader, near

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

_HOTLINE: Final = (
    "name", "title", "title_en", "flow", "language", "greeting", "trunk", "drill", "busy_flow", "reserved_lines",
)  # fmt: skip


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
    queues, order = read_queues(roots.get(QUEUES), QUEUES, problems, music)
    numbers = _numbers(roots.get(HOTLINES))
    flows: dict[str, f.Flow] = {}
    reads: dict[str, FlowReader] = {}
    all_reads: list[FlowReader] = []
    whole = True
    for name, root in roots.items():
        if name in (HOTLINES, QUEUES, HOURS):
            continue
        reader = Reader(name, problems, calendars, shifts)
        reader.kinds.update(check.BUILT_IN)
        flow_reader = FlowReader(reader, queues, numbers)
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
    hotlines = _hotlines(roots.get(HOTLINES), flows, problems, recorded, readable)
    whole = check.check_subflows(reads, flows) and whole
    warnings: list[str] = []
    if whole:
        warnings.extend(check.check_loops(reads, flows))
        check.check_variables(all_reads, flows.values())
    if problems:
        raise FlowErrors(problems)
    site = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    return f.FlowSet(
        version=version_of(files, site.key),
        flows=flows,
        hotlines=hotlines,
        queues=queues,
        calendars=calendars,
        zone=site,
        files={name: data.decode("utf-8-sig") for name, data in files.items()},
        warnings=tuple(warnings),
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
    top = reader.fields(root, "hours", ("calendars", "shifts"))
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


def _numbers(root: Node | None) -> dict[str, object]:
    """The hotlines' numbers, before the hotlines themselves can be read (flows may name them)."""
    return {key.text: None for key, _ in root.items} if isinstance(root, Map) else {}


_WITHOUT_AGENT: Final = (f.Play, f.Menu, f.Callback, f.HangUp, f.Language)


def _busy_flow(reader: Reader, fields: Fields, what: str, flows: Mapping[str, f.Flow], whole: bool) -> str:
    """The flow for callers without a line: it must hold neither an agent nor a place in a queue."""
    node = fields.get("busy_flow")
    if node is None:
        return ""
    name = reader.name(node, f"{what}: busy_flow")
    found = flows.get(name)
    if found is None:
        if name and whole:
            reader.complain(node, f"{what}: there is no flow `{name}`", near(name, flows))
        return name
    for step in found.steps.values():
        if not isinstance(step, _WITHOUT_AGENT):
            said = f"{what}: busy_flow `{name}` has a {step.kind} step, `{step.name}`"
            reader.complain(node, said, "use play, menu, callback, language and hangup only")
    return name


def _hotlines(
    root: Node | None,
    flows: Mapping[str, f.Flow],
    problems: list[Problem],
    recorded: Collection[str] | None,
    whole: bool,
) -> dict[str, f.Hotline]:
    reader = Reader(HOTLINES, problems)
    top = reader.fields(root, "hotlines")
    hotlines: dict[str, f.Hotline] = {}
    for key, value in top.entries.values() if top else ():
        number, what = key.text, f"hotline {key.text}"
        if not number.lstrip("+").isdigit() or len(number) > 20:
            reader.complain(key, f"`{number[:40]}` is no hotline number", 'digits only, e.g. "4008001":')
            continue
        fields = reader.fields(value, what, _HOTLINE, ("flow",))
        if fields is None:
            continue
        flow = reader.name(fields.get("flow"), f"{what}: flow")
        node = fields.get("flow")
        # A flow whose file could not be read has been complained of already.
        if node is not None and flow and flow not in flows and whole:
            reader.complain(node, f"{what}: there is no flow `{flow}`", near(flow, flows))
        home = flows[flow].language if flow in flows else "zh-CN"
        reader.language = reader.one_of(fields.get("language"), f"{what}: language", LANGUAGES, home)
        hotlines[number] = f.Hotline(
            number=number,
            name=reader.name(fields.get("name"), f"{what}: name", flow),
            title=reader.text(fields.get("title"), f"{what}: title", number),
            title_en=reader.text(fields.get("title_en"), f"{what}: title_en"),
            flow=flow,
            language=reader.language,
            greeting=reader.phrase(fields.get("greeting"), f"{what}: greeting") if "greeting" in fields else None,
            trunk=reader.text(fields.get("trunk"), f"{what}: trunk"),
            drill=reader.flag(fields.get("drill"), f"{what}: drill", False),
            busy_flow=_busy_flow(reader, fields, what, flows, whole),
            reserved_lines=reader.whole(fields.get("reserved_lines"), f"{what}: reserved_lines", 0, 0, 10_000),
        )
    for name, place in reader.used:
        if name not in check.BUILT_IN:
            reader.complain(place, f"variable `{name}` is not known before the flow begins", near(name, check.BUILT_IN))
    if recorded is not None:
        _recorded(reader, recorded)
    return hotlines
