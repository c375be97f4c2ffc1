"""``callcenter up``: a small parent that starts the parts in order and ends what it started.

The service is restarted when it dies; Asterisk and PostgreSQL are never taken down with it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import click

from callcenter.asterisk.config import render
from callcenter.asterisk.embedded import EmbeddedAsterisk
from callcenter.asterisk.packages import Toolbox, ensure
from callcenter.business import demo
from callcenter.clock import SystemClock
from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from callcenter.db.migrate import upgrade
from callcenter.errors import Conflict, SettingsError
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import load
from callcenter.ivr.messages import Prompt
from callcenter.ivr.prompts import PromptStore
from callcenter.secrets_store import load_secrets
from callcenter.settings import Settings, split_bind

_SHORTEST_LIFE_S = 5.0
"""A service that dies sooner than this is restarted after a pause."""
_PAGES = (
    ("/agent", "坐席工作台 the agent's desk"),
    ("/phone", "试拨电话 a telephone to try the hotlines with"),
    ("/contacts", "来往记录 calls, recordings, outcomes"),
    ("/supervisor", "现场监控 queues and agents live"),
    ("/roster", "排班 the three shifts"),
    ("/staff", "人员 who serves which queues"),
    ("/ops", "运维 flows, prompts, versions"),
    ("/readyz", "是否就绪 health"),
)
_SHOWN_LOGINS = ("agent1", "agent2", "supervisor", "ops", "admin")
_APOLOGY = (
    Prompt(text="对不起，系统暂时不可用，正在为您转接值班人员，请稍候。", language="zh-CN"),
    Prompt(text="对不起，现在无人接听，请在提示音后留言。", language="zh-CN"),
)


async def run(settings: Settings) -> None:
    """Start everything and stay until SIGINT or SIGTERM. Raises CallCenterError when a part does not start."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    began = time.monotonic()
    flows = load(settings.flows_dir)
    async with AsyncExitStack() as parts:
        parts.enter_context(_only_copy(settings.data_dir))
        _check_ports(settings)
        secrets = load_secrets(settings.data_dir)
        environment = dict(os.environ)
        if settings.database_url is None:
            _say("PostgreSQL")
            database = EmbeddedPostgres(settings.data_dir / "postgres")
            await database.start()
            parts.push_async_callback(database.stop)
            environment["CALLCENTER_DATABASE_URL"] = database.url()
        else:
            environment["CALLCENTER_DATABASE_URL"] = settings.database_url.get_secret_value()
        _say("database schema")
        await upgrade(environment["CALLCENTER_DATABASE_URL"])
        if settings.demo and settings.database_url is None:
            await _demo_crew(settings, environment["CALLCENTER_DATABASE_URL"])
        _say("Asterisk's packages")
        toolbox = await asyncio.to_thread(ensure, settings.cache_dir, lambda text: _say(f"  {text}"))
        if settings.asterisk_url is None:
            _say("Asterisk")
            etc = await _configure(settings, secrets.asterisk_password, toolbox)
            asterisk = EmbeddedAsterisk(toolbox, etc, settings.data_dir / "logs" / "asterisk.log")
            await asterisk.start()
            parts.push_async_callback(asterisk.stop)
            environment["CALLCENTER_ASTERISK_PASSWORD"] = secrets.asterisk_password
        _say("the service")
        await parts.enter_async_context(_service(environment, settings))
        _say(f"ready after {time.monotonic() - began:.1f} s")
        _where_to_go(settings, flows)
        await stop.wait()
        click.echo("stopping")


async def _demo_crew(settings: Settings, database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    try:
        if await demo.seed(database, SystemClock(), settings.data_dir):
            _say("a demo crew and invented customers, because the database was empty")
    finally:
        await database.close()


def _where_to_go(settings: Settings, flows: FlowSet) -> None:
    """The last words of a start: pages, numbers, and the demo's logins while their file is there."""
    site = f"http://{settings.http_bind}"
    if not (settings.web_dir / "index.html").exists():
        click.echo(f"\n  The pages are not built ({settings.web_dir}); `make up` builds them.")
    click.echo("")
    for path, title in _PAGES:
        click.echo(f"  {site}{path:<14}{title}")
    click.echo("")
    for hotline in flows.hotlines.values():
        click.echo(
            f"  {hotline.number}   sip:{hotline.number}@{settings.sip_bind}   {hotline.title} {hotline.title_en}"
        )
    logins = settings.data_dir / demo.LOGINS_FILE
    if logins.exists():
        click.echo(f"\n  Demo logins (all in {logins}):")
        for line in logins.read_text(encoding="utf-8").splitlines():
            login, password, role, _ = line.split("\t")
            if login in _SHOWN_LOGINS:
                click.echo(f"  {login:<12} {password:<24} {role}")
    click.echo("\nTwo browser windows are enough to try it: /agent as agent1, /phone as supervisor.")
    click.echo("Ctrl-C stops everything.")


def _say(text: str) -> None:
    click.echo(f"… {text}")


@contextmanager
def _only_copy(data_dir: Path) -> Iterator[None]:
    """One running copy a data folder. Raises Conflict."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(
                f"another copy runs on {data_dir}: stop it, or give this one a CALLCENTER_DATA_DIR of its own"
            ) from None
        yield


def _check_ports(settings: Settings) -> None:
    """Raises SettingsError that names the setting of a port that is taken."""
    wanted = {"CALLCENTER_HTTP_BIND": settings.http_bind}
    if settings.asterisk_url is None:
        wanted |= {
            "CALLCENTER_SIP_BIND": settings.sip_bind,
            "CALLCENTER_ASTERISK_HTTP_BIND": settings.asterisk_http_bind,
            "CALLCENTER_AMI_BIND": settings.ami_bind,
        }
    taken = []
    for name, bind in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(split_bind(bind))
            except OSError as error:
                taken.append(f"{bind}: {error.strerror}; choose another with {name}")
    if taken:
        raise SettingsError("\n".join(taken))


async def _configure(settings: Settings, password: str, toolbox: Toolbox) -> Path:
    """Asterisk's configuration, with the words of its fallback spoken beforehand."""
    prompts = PromptStore(settings.cache_dir, toolbox.command("espeak-ng"), toolbox.env, command=settings.tts_command)
    apology, leave_message = [Path((await prompts.media(p)).removeprefix("sound:")) for p in _APOLOGY]
    return render(settings, password, toolbox, {"apology": apology, "leave_message": leave_message})


@asynccontextmanager
async def _service(environment: dict[str, str], settings: Settings) -> AsyncIterator[None]:
    """Run the service as a child, again whenever it dies; returns when it answers the first time."""
    child = _Child(environment)
    task = asyncio.create_task(child.keep())
    try:
        try:
            async with asyncio.timeout(30):
                while not await _answers(settings.http_bind):  # noqa: ASYNC110 - a port tells nobody when it opens
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Conflict("the service did not answer within 30 s; its last words are above") from None
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await child.end()


class _Child:
    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        while True:
            began = time.monotonic()
            # A session of its own: Ctrl-C on the terminal reaches the parent, which ends things in order.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "callcenter", "serve", env=self._environment, start_new_session=True
            )
            code = await self._process.wait()
            click.echo(f"the service ended (exit {code}); starting it again", err=True)
            if time.monotonic() - began < _SHORTEST_LIFE_S:
                await asyncio.sleep(1)

    async def end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        for stop in (process.terminate, process.kill):
            with suppress(ProcessLookupError):
                stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 10)
                return


async def _answers(bind: str) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection(*split_bind(bind))
        writer.close()
        return True
    return False
