"""The live flows: compiled aside, tried, spoken, and only then swapped, in one step.

A call keeps the :class:`FlowSet` it began with; the registry remembers past sets by version so that a call
that was restored after a restart finds its own again.
"""

from __future__ import annotations

import asyncio
import difflib
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog
import watchfiles

from callcenter.clock import Clock
from callcenter.collector import set_apart
from callcenter.errors import BadRequest, CallCenterError, Conflict, NotFound, Unavailable
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import MUSIC, PROMPTS, FlowErrors, compile_files, music_of, read_folder
from callcenter.ivr.messages import Prompt
from callcenter.ivr.nodes import Problem
from callcenter.ivr.said import static_prompts
from callcenter.ivr.simulate import run_tests
from callcenter.ivr.site import Site, errors
from callcenter.ivr.versions import MemoryVersions, Version, Versions

KEPT: Final = 50
"""Past flow sets kept in memory. A call that outlives so many reloads goes on with the newest."""
NOTE_AGAIN_S: Final = 5.0
_SAVED: Final = ".replaced"

log = structlog.get_logger(__name__)


class Prompts(Protocol):
    async def prepare(self, prompts: Iterable[Prompt]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What a reload or rollback did. ``changed`` False: the files were the live ones already."""

    version: Version
    changed: bool
    warnings: tuple[Problem, ...]
    tests: int


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A folder's flows compiled beforehand: taken instead of compiling again while its files are the same."""

    files: Mapping[str, bytes]
    recorded: frozenset[str]
    music: frozenset[str]
    flows: FlowSet

    @classmethod
    def of(cls, folder: Path, zone: ZoneInfo) -> ReadyMade:
        """Raises FlowErrors."""
        files, recorded, music = read_folder(folder), _recorded(folder), music_of(folder)
        return cls(files, recorded, music, _compiled(files, recorded, music, zone))


class FlowRegistry:
    """Owns the live flow set. ``prompts`` None: nothing is spoken (checking, tests)."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        zone: ZoneInfo,
        prompts: Prompts | None = None,
        versions: Versions | None = None,
        ready_made: ReadyMade | None = None,
        site: Site = lambda flows: (),
    ) -> None:
        """``site`` says what of the flows it refuses; see :mod:`callcenter.ivr.site`."""
        self._site = site
        self.folder, self._ready_made = folder, ready_made
        self._clock, self._zone, self._prompts = clock, zone, prompts
        self._versions: Versions = versions or MemoryVersions()
        self._current: FlowSet | None = None
        self._past: dict[str, FlowSet] = {}
        self._one_at_a_time = asyncio.Lock()
        self._listeners: list[Callable[[FlowSet], None]] = []
        self._noting: asyncio.Task[None] | None = None
        self.problems: tuple[Problem, ...] = ()
        """Why the newest attempt to load was refused; empty when it was not."""

    @property
    def current(self) -> FlowSet:
        """The live flows. Raises Unavailable before the first load."""
        if self._current is None:
            raise Unavailable("no call flows are loaded yet; run `callcenter flows check`")
        return self._current

    @property
    def ready(self) -> bool:
        return self._current is not None

    def now(self) -> datetime:
        return self._clock.now()

    def get(self, version: str) -> FlowSet:
        """The flow set of a version, or the live one when it is no longer known."""
        return self._past.get(version) or self.current

    def on_swap(self, listener: Callable[[FlowSet], None]) -> None:
        """Be told of each new live flow set (the desk, of its queues)."""
        self._listeners.append(listener)

    # --- changing ----------------------------------------------------------------------------

    async def start(self) -> FlowSet:
        """Load the folder; when it is broken, the version that was live last. Raises FlowErrors if neither works."""
        try:
            await self._reload("start", "")
        except CallCenterError as error:
            if isinstance(error, Unavailable):
                # Without the database calls are taken all the same; the version is noted when it is back.
                flows = await asyncio.to_thread(lambda: self.compile(read_folder(self.folder)))
                await self._prepare(flows, keep_going=True)
                self._swap(flows)
                self._noting = asyncio.create_task(self._note_later())
                return self.current
            if isinstance(error, FlowErrors):
                self.problems = error.problems
            live = await self._versions.live()
            if live is None:
                raise
            log.error("flows_broken", using_version=live.number, problems=error.message)
            flows = await asyncio.to_thread(self.compile, _encoded(live.files))
            await self._prepare(flows, keep_going=True)
            self._swap(flows)
        return self.current

    async def _note_later(self) -> None:
        while True:
            await asyncio.sleep(NOTE_AGAIN_S)
            try:
                await self._reload("start", "")
            except Unavailable:
                continue
            except CallCenterError as error:
                log.error("flows_not_noted", reason=error.message)
            return

    def know(self, flows: FlowSet) -> None:
        """A past flow set that a restored call finishes on."""
        self._past = {flows.version: flows} | self._past

    def known(self, version: str) -> FlowSet | None:
        return self._past.get(version)

    async def files_of(self, version: str) -> Mapping[str, str]:
        """Of a past flow set, as it was noted when it went live. Raises NotFound, Unavailable."""
        found = await self._versions.find(version)
        if found is None:
            raise NotFound("these flows are not kept any more")
        return found.files

    def compile(self, files: Mapping[str, bytes], *, tried: bool = True) -> FlowSet:
        """Compile and run the files' own tests. Raises FlowErrors. Touches nothing live.

        ``tried`` False: without the tests, which say nothing of a caller who is in these flows already.
        """
        recorded, music, made = _recorded(self.folder), music_of(self.folder), self._ready_made
        if made is not None and (made.files, made.recorded, made.music) == (files, recorded, music):
            return made.flows
        return _compiled(files, recorded, music, self._zone, tried=tried)

    async def reload(self, *, author: str, note: str = "") -> Reloaded:
        """Make the folder's files the live flows. Raises FlowErrors or PromptError; nothing changes then."""
        return await self._reload(author, note, strict=True)

    async def _reload(self, author: str, note: str, *, strict: bool = False) -> Reloaded:
        async with self._one_at_a_time:
            files = await asyncio.to_thread(read_folder, self.folder)
            return await self._go_live(files, author, note, strict=strict)

    async def publish(self, changes: Mapping[str, str | None], *, author: str, note: str = "") -> Reloaded:
        """Change files (None removes one) and make the result live. Raises FlowErrors; no file changes then."""
        async with self._one_at_a_time:
            before = await asyncio.to_thread(read_folder, self.folder)
            after = merged(before, changes)
            return await self._go_live(after, author, note, write=True, strict=True)

    async def rollback(self, number: int, *, author: str) -> Reloaded:
        """Make an earlier version live again, folder included. Raises NotFound, FlowErrors."""
        version = await self._versions.get(number)
        if version is None:
            raise NotFound(f"there is no version {number} of the flows; see `callcenter flows versions`")
        async with self._one_at_a_time:
            return await self._go_live(_encoded(version.files), author, f"back to version {version.number}", write=True)

    async def _go_live(
        self, files: Mapping[str, bytes], author: str, note: str, *, write: bool = False, strict: bool = False
    ) -> Reloaded:
        """``strict``: what the site refuses keeps the flows from going live. At a start and on the way back it is a
        warning: the settings may have changed since, and the call goes its ``on_error`` way."""
        try:
            with _collector_resting():
                flows = await asyncio.to_thread(self.compile, files)
            if strict and (refused := errors(self._site(flows))):
                raise FlowErrors(refused)
        except FlowErrors as error:
            self.problems = error.problems
            raise
        await self._prepare(flows, keep_going=False)
        if write:
            await asyncio.to_thread(self._write, files)
        changed = self._current is None or self._current.version != flows.version
        kept = await self._versions.make_live(flows, author, note, self._clock.now())
        if changed:
            self._swap(flows)
        self.problems = ()
        log.info("flows_live", version=flows.version, number=kept.number, author=author, changed=changed)
        tests = sum(len(flow.tests) for flow in flows.flows.values())
        return Reloaded(version=kept, changed=changed, warnings=self.warnings(flows), tests=tests)

    def warnings(self, flows: FlowSet) -> tuple[Problem, ...]:
        """What is doubtful in these flows, with what the site refuses or does not know."""
        refused = (replace(problem, severity="warning") for problem in self._site(flows))
        return tuple(sorted((*flows.warnings, *refused)))

    async def _prepare(self, flows: FlowSet, *, keep_going: bool) -> None:
        if self._prompts is None:
            return
        try:
            await self._prompts.prepare(static_prompts(flows))
        except CallCenterError as error:
            if not keep_going:
                raise
            log.error("prompts_missing", reason=error.message)

    def _swap(self, flows: FlowSet) -> None:
        self._past[flows.version] = flows
        while len(self._past) > KEPT:
            del self._past[next(iter(self._past))]
        self._current = flows
        for listener in self._listeners:
            listener(flows)

    def _write(self, files: Mapping[str, bytes]) -> None:
        """Bring the folder to exactly these flow files; what was there is kept aside."""
        try:
            before = read_folder(self.folder)
            aside = self.folder / _SAVED
            aside.mkdir(exist_ok=True)
            saved = Path(tempfile.mkdtemp(prefix=f"{self._clock.now():%Y%m%dT%H%M%S}-", dir=aside))
            for name, data in before.items():
                (saved / name).write_bytes(data)
            for name, data in files.items():
                if before.get(name) != data:
                    fresh = self.folder / f".{name}.new"
                    fresh.write_bytes(data)
                    os.replace(fresh, self.folder / name)
            for name in before.keys() - files.keys():
                (self.folder / name).unlink()
            for old in sorted(path for path in aside.iterdir() if path.is_dir())[:-KEPT]:
                shutil.rmtree(old, ignore_errors=True)
        except OSError as error:
            raise Conflict(
                f"the flows folder {self.folder} cannot be written ({error.strerror}); correct its permissions"
            ) from error

    # --- looking -----------------------------------------------------------------------------

    async def validate(self, changes: Mapping[str, str | None]) -> tuple[FlowSet | None, tuple[Problem, ...]]:
        """What would happen if these changes went live: the flows, or every problem."""
        before = await asyncio.to_thread(read_folder, self.folder)
        try:
            flows = await asyncio.to_thread(self.compile, merged(before, changes))
        except FlowErrors as error:
            return None, error.problems
        refused = errors(self._site(flows))
        return (None, refused) if refused else (flows, ())

    async def versions(self, limit: int = 50) -> list[Version]:
        return list(await self._versions.newest(limit))

    async def version(self, number: int) -> Version:
        """One version with its files. Raises NotFound."""
        found = await self._versions.get(number)
        if found is None:
            raise NotFound(f"there is no version {number} of the flows")
        return found

    async def before(self, number: int) -> Version | None:
        """The version that was live before this one; None for the first."""
        return await self._versions.get(number - 1) if number > 1 else None

    async def watch(self, stop: asyncio.Event | None = None) -> None:
        """Reload whenever a flow file or a recording changes, until ``stop``. What is refused is logged and kept."""
        folder = self.folder.resolve()

        def ours(_: watchfiles.Change, path: str) -> bool:
            inside = Path(path).relative_to(folder).parts
            return inside[0] in (PROMPTS, MUSIC) or (len(inside) == 1 and path.endswith((".yaml", ".yml")))

        async for _ in watchfiles.awatch(folder, stop_event=stop, watch_filter=ours):
            try:
                await self.reload(author="file change")
            except CallCenterError as error:
                log.error("flows_refused", reason=error.message)


def _recorded(folder: Path) -> frozenset[str]:
    prompts = folder / PROMPTS
    return frozenset(path.relative_to(prompts).as_posix() for path in prompts.rglob("*") if path.is_file())


def _compiled(
    files: Mapping[str, bytes], recorded: frozenset[str], music: frozenset[str], zone: ZoneInfo, *, tried: bool = True
) -> FlowSet:
    """Raises FlowErrors, also when the files' own tests fail."""
    flows = compile_files(files, zone=zone, recorded=recorded, music=music)
    _, failed = run_tests(flows) if tried else (0, ())
    if failed:
        raise FlowErrors(failed)
    return flows


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Compile without the cycle collector, then put what was made beyond its reach.

    Compiled flows hold no cycles and live long. A collector that walks 5,000 steps holds every thread up for
    200 ms, which calls would feel; what goes out of use later is freed by its count of references.
    """
    gc.disable()
    try:
        yield
        set_apart()
    finally:
        gc.enable()


def merged(before: Mapping[str, bytes], changes: Mapping[str, str | None]) -> dict[str, bytes]:
    """Files with some changed; None removes one. Raises BadRequest for a name that is no flow file's."""
    after = dict(before)
    for name, content in changes.items():
        plain = name.removesuffix(".yaml")
        if not plain.replace("-", "").replace("_", "").isalnum() or not plain.isascii() or plain == name:
            raise BadRequest(f"{name[:60]} is no name for a flow file; use letters, digits, - and _, then .yaml")
        if content is None:
            after.pop(name, None)
        else:
            after[name] = content.encode()
    return after


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """A unified diff of two sets of files."""
    lines: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            lines += difflib.unified_diff(
                (old or "").splitlines(), (new or "").splitlines(),
                name if old is not None else "/dev/null", name if new is not None else "/dev/null", lineterm="",
            )  # fmt: skip
    return "\n".join(lines)


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: content.encode() for name, content in files.items()}
