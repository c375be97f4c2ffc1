"""``callcenter up``: starts the parts in order, keeps them alive, and ends what it started."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
import time
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from callcenter.asterisk import music
from callcenter.asterisk.config import render
from callcenter.asterisk.embedded import EmbeddedAsterisk
from callcenter.asterisk.packages import Toolbox, ensure
from callcenter.business import demo
from callcenter.clock import SystemClock
from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from callcenter.db.migrate import upgrade
from callcenter.errors import CallCenterError, Conflict, SettingsError
from callcenter.facts import Facts
from callcenter.ids import new_id
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import PROMPTS, load
from callcenter.ivr.messages import Prompt
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.said import static_prompts
from callcenter.parent.checks import check_switch_ports, listening_socket, only_copy
from callcenter.parent.child import Service
from callcenter.parent.control import listening
from callcenter.parent.keeper import Keeper
from callcenter.parent.words import say, tell, where_to_go
from callcenter.processes import ProcessNote
from callcenter.recording.repository import report
from callcenter.secrets_store import load_secrets
from callcenter.settings import Settings

_NOTE_AGAIN_S: Final = 2.0
_APOLOGY = (
    Prompt(text="对不起，系统暂时不可用，正在为您转接值班人员，请稍候。", language="zh-CN"),
    Prompt(text="对不起，现在无人接听，请在提示音后留言。", language="zh-CN"),
)


async def run(settings: Settings, *, only_switch: bool = False) -> None:
    """Start everything and stay until SIGINT or SIGTERM. Raises CallCenterError when a part does not start.

    ``only_switch``: Asterisk alone, for a unit or a container of its own beside ``serve``.
    """
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as parts:
        house = _House(settings, parts)
        starting = asyncio.create_task(house.start_switch() if only_switch else house.start())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():  # Ctrl-C while it starts: what is up already is ended below
            starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        await stopped
        say("stopping")


class _House:
    """What one ``up`` runs. ``parts`` are ended in reverse order."""

    def __init__(self, settings: Settings, parts: AsyncExitStack) -> None:
        self._settings, self._parts = settings, parts
        self._environment = dict(os.environ)
        self._keepers: list[Keeper] = []
        self._noting: set[asyncio.Task[None]] = set()
        parts.push_async_callback(self._end_noting)

    async def start(self) -> None:
        settings, parts = self._settings, self._parts
        began = time.monotonic()
        flows = load(settings.flows_dir)
        parts.enter_context(only_copy(settings.data_dir))
        note = ProcessNote(settings.data_dir / "service.json")
        if await note.end_leftover():
            say("the service of an earlier copy was still there, and is ended")
        http = parts.enter_context(listening_socket(settings))
        await self._start_postgres()
        await self._start_asterisk()
        say("the service" + _with_prompts(settings, flows))
        service = Service(self._environment, http.fileno(), note, self._incident)
        parts.push_async_callback(service.end)
        word = await service.start()
        self._keep_alive("service", service.keep())
        await parts.enter_async_context(
            listening(
                settings.data_dir,
                {"restart": lambda: self._restart(service), "status": lambda: self._status(service)},
            )
        )
        if word == "waiting":
            say(f"standing by after {time.monotonic() - began:.1f} s: another machine has the desk")
        else:
            say(f"ready after {time.monotonic() - began:.1f} s")
        where_to_go(settings, flows)

    async def start_switch(self) -> None:
        if self._settings.asterisk_url is not None:
            raise SettingsError("`switch` starts an Asterisk of ours: unset CALLCENTER_ASTERISK_URL for it")
        self._parts.enter_context(only_copy(self._settings.data_dir, "switch.lock"))
        await self._start_asterisk()
        if self._settings.database_url is not None:
            self._environment["CALLCENTER_DATABASE_URL"] = self._settings.database_url.get_secret_value()
        say(f"Asterisk is ready: ARI at http://{self._settings.asterisk_http_bind}, SIP at {self._settings.sip_bind}")

    async def _start_postgres(self) -> None:
        settings = self._settings
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
        else:
            database = EmbeddedPostgres(settings.data_dir / "postgres")
            if await database.adopt():
                say("PostgreSQL is still running, left by an earlier copy: taken over")
            else:
                say("PostgreSQL")
                await database.start()
            self._parts.push_async_callback(database.stop)
            self._keep("PostgreSQL", database)
            url = database.url()
        self._environment["CALLCENTER_DATABASE_URL"] = url
        say("database schema")
        await upgrade(url)
        if settings.demo and settings.database_url is None:
            made = Database(url, pool_size=1)
            try:
                if await demo.seed(made, SystemClock(), settings.data_dir):
                    say("a demo crew and invented customers, because the database was empty")
            finally:
                await made.close()

    async def _start_asterisk(self) -> None:
        settings = self._settings
        say("Asterisk's packages")
        toolbox = await asyncio.to_thread(ensure, settings.cache_dir, lambda text: say(f"  {text}"))
        if settings.asterisk_url is not None:
            return
        given = settings.asterisk_password
        password = given.get_secret_value() if given else load_secrets(settings.data_dir).asterisk_password
        before = _digest(settings.data_dir / "asterisk" / "etc")
        etc = await _configure(settings, password, toolbox)
        asterisk = EmbeddedAsterisk(toolbox, etc, settings.data_dir / "logs" / "asterisk.log")
        if before == _digest(etc) and await asterisk.adopt():
            say("Asterisk is still running, left by an earlier copy: taken over with its calls")
        else:
            if asterisk.running() is not None:
                say("Asterisk of an earlier copy has another configuration: it is started anew, its calls end")
                await asterisk.end_leftover()
            check_switch_ports(settings)
            say("Asterisk")
            await asterisk.start()
        self._parts.push_async_callback(asterisk.stop)
        self._keep("Asterisk", asterisk)
        self._environment["CALLCENTER_ASTERISK_PASSWORD"] = password

    def _keep(self, name: str, part: EmbeddedAsterisk | EmbeddedPostgres) -> None:
        keeper = Keeper(name, part, self._incident)
        self._keepers.append(keeper)
        self._keep_alive(name, keeper.keep())

    def _keep_alive(self, name: str, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name=name)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._parts.push_async_callback(end)

    def _incident(self, kind: str, text: str, facts: Facts) -> None:
        """A row of ``incidents``, when the database takes it: whoever keeps a part alive does not wait for that."""
        if "CALLCENTER_DATABASE_URL" in self._environment:  # else a switch alone
            note = self._note_incident(kind, text, facts, SystemClock().now())
            task = asyncio.create_task(note, name=f"incident-{kind}")
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)

    async def _note_incident(self, kind: str, text: str, facts: Facts, at: datetime) -> None:
        told, incident_id = False, new_id()
        while True:
            database = Database(self._environment["CALLCENTER_DATABASE_URL"], pool_size=1)
            try:
                async with database.write() as session:
                    await report(session, kind, text, None, at, facts=facts, incident_id=incident_id)
                return
            except CallCenterError as error:
                if not told:
                    tell(f"the incident is noted when the database is back: {error.message}")
                told = True
            finally:
                await database.close()
            await asyncio.sleep(_NOTE_AGAIN_S)

    async def _end_noting(self) -> None:
        for task in self._noting:
            task.cancel()
        await asyncio.gather(*self._noting, return_exceptions=True)

    async def _restart(self, service: Service) -> Mapping[str, object]:
        """New code in the place of the old. Its schema comes first, by the new code's own word."""
        migrating = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", "migrate"), env=self._environment, stderr=asyncio.subprocess.PIPE
        )
        _, said = await migrating.communicate()
        if migrating.returncode != 0:
            raise Conflict(f"the old service goes on: {said.decode(errors='replace').strip()[-600:]}")
        gap_s = await service.replace()
        return {"pid": service.pid, "gap_s": round(gap_s, 2)}

    async def _status(self, service: Service) -> Mapping[str, object]:
        return {
            "service": {"pid": service.pid, "restarts": service.restarts},
            "spare": {"pid": service.spare_pid, "restarts": 0},
            **{keeper.name: {"pid": keeper.pid, "restarts": keeper.restarts} for keeper in self._keepers},
        }


def _with_prompts(settings: Settings, flows: FlowSet) -> str:
    """What keeps a first start busy, for who watches it."""
    prompts = PromptStore(settings.cache_dir, (), {}, settings.tts_command, settings.flows_dir / PROMPTS)
    unspoken = sum(not view.ready for view in prompts.views(static_prompts(flows)))
    return f", which speaks {unspoken} prompts first" if unspoken else ""


def _digest(folder: Path) -> str:
    """What a configuration folder says, in short; empty when there is none.

    Of ``pjsip.conf`` only where it listens: trunks may change while Asterisk runs, and are brought to it by ARI, and so
    is the music.
    """
    said = hashlib.sha256()
    files = sorted(path for path in folder.glob("*.conf") if path.name != music.CONFIGURATION)
    for path in files:
        lines = path.read_bytes().splitlines()
        if path.name == "pjsip.conf":
            lines = [line for line in lines if line.startswith(b"bind")]
        said.update(path.name.encode() + b"\0" + b"\n".join(lines))
    return said.hexdigest() if files else ""


async def _configure(settings: Settings, password: str, toolbox: Toolbox) -> Path:
    """Asterisk's configuration, with the words of its fallback spoken beforehand."""
    prompts = PromptStore(settings.cache_dir, toolbox.command("espeak-ng"), toolbox.env, command=settings.tts_command)
    apology, leave_message = [Path((await prompts.media(p)).removeprefix("sound:")) for p in _APOLOGY]
    classes = await music.prepare(settings.flows_dir, settings.data_dir / "asterisk", toolbox.moh_dir)
    return render(settings, password, toolbox, {"apology": apology, "leave_message": leave_message}, classes)
