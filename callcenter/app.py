"""The composition root: the one place that makes things and ties them together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

import structlog
from fastapi import FastAPI

from callcenter.access.agents import find_profile
from callcenter.access.endpoints import router as access_router
from callcenter.access.sessions import Sessions
from callcenter.acd.desk import Desk
from callcenter.acd.endpoints import DeskRoom
from callcenter.acd.endpoints import router as desk_router
from callcenter.acd.keeper import DeskKeeper
from callcenter.acd.live import LiveDesk
from callcenter.acd.live import router as desk_socket
from callcenter.acd.messages import Action, AgentSnapshot, AgentState, CommandRefused, ForceState, IncidentFound
from callcenter.acd.rules import DeskRules
from callcenter.acd.statelog import StateLog
from callcenter.acd.takeover import take_agents
from callcenter.asterisk.ami import Ami
from callcenter.asterisk.events import ChannelGone, SwitchEvent, SwitchUp
from callcenter.asterisk.fallback import FallbackQueue
from callcenter.asterisk.music import MusicKeeper
from callcenter.asterisk.node import AsteriskNode
from callcenter.asterisk.packages import ensure
from callcenter.asterisk.reconcile import Reconciler
from callcenter.business.endpoints import router as business_router
from callcenter.calls.journal import CallJournal
from callcenter.calls.runner import CallRunner
from callcenter.calls.state import Call
from callcenter.calls.takeover import take_journals
from callcenter.clock import SteadyClock
from callcenter.context import Services
from callcenter.continuity import Continuity
from callcenter.cti.agents import agents_router
from callcenter.cti.breaks import BreakTimes
from callcenter.cti.console import Console
from callcenter.cti.endpoints import cti_router
from callcenter.cti.pages import AgentPages
from callcenter.cti.pop import PopMaker
from callcenter.cti.refusals import error_frame
from callcenter.cti.watch import DeskWatch
from callcenter.db.engine import Database
from callcenter.errors import SettingsError, Unavailable
from callcenter.facts import Facts
from callcenter.health import Probe, health_router
from callcenter.http import install
from callcenter.ids import AgentId, CallId
from callcenter.ivr.counts import DayCounts
from callcenter.ivr.effects import FlowEffects
from callcenter.ivr.endpoints import FlowRoom
from callcenter.ivr.endpoints import router as flows_router
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.live import router as flows_socket
from callcenter.ivr.loader import PROMPTS
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.queues import queues_defined
from callcenter.ivr.registry import FlowRegistry, ReadyMade
from callcenter.ivr.versions import SqlVersions
from callcenter.lease.lease import Lease
from callcenter.messages.endpoints import router as messages_router
from callcenter.messages.room import MessageRoom
from callcenter.outbound.callbacks import CallbackRoom
from callcenter.outbound.click import ClickToCall
from callcenter.outbound.cut import CutCustomers
from callcenter.outbound.dialler import OutsideDialler, rules_of
from callcenter.outbound.endpoints import OutboundRoom
from callcenter.outbound.endpoints import router as outbound_router
from callcenter.pages import pages_router
from callcenter.recording.endpoints import router as recording_router
from callcenter.recording.room import RecordingRoom
from callcenter.reporting.today import TodayFigures, line_peaks, live_lines, midnight
from callcenter.roster.duty import DutyKeeper
from callcenter.roster.room import RosterRoom
from callcenter.roster.routers import ROUTERS as roster_routers
from callcenter.settings import Settings, split_bind
from callcenter.spool.entries import OUTCOME, Counter, handlers
from callcenter.spool.shipping import Shipper
from callcenter.spool.store import Spool
from callcenter.tasks import beside, vital
from callcenter.trunks import repository as trunk_rows
from callcenter.trunks.endpoints import TrunkRoom
from callcenter.trunks.endpoints import router as trunks_router
from callcenter.trunks.keeper import TrunkKeeper
from callcenter.trunks.model import Trunk
from callcenter.trunks.reader import load_trunks
from callcenter.trunks.tally import TallyWriter
from callcenter.trunks.ways import TrunkWays
from callcenter.watch.endpoints import router as watch_router
from callcenter.watch.incidents import IncidentBook
from callcenter.watch.room import OpenSockets, SocketCount, flows_ready, trunks_ready, watch_room

_log = structlog.get_logger()
CALLS_FIRST_S: Final = 2.0
"""Pages wait no longer than this for an Asterisk that says nothing."""


def build(settings: Settings, lease: Lease, ready_made: ReadyMade | None = None) -> FastAPI:
    """The application; its lifespan starts and ends all tasks. Until then nothing is connected or written."""
    if settings.database_url is None or settings.asterisk_password is None:
        raise SettingsError(
            "`serve` needs CALLCENTER_DATABASE_URL and CALLCENTER_ASTERISK_PASSWORD; `up` starts both parts itself"
        )
    clock = SteadyClock()
    database = Database(settings.database_url.get_secret_value())
    password = settings.asterisk_password.get_secret_value()
    host, port = split_bind(settings.ami_bind)
    captures = settings.data_dir / "asterisk" / "monitor"
    ami = Ami(host, port, settings.asterisk_user, password, captures)
    node = AsteriskNode("a", settings.asterisk_base_url, settings.asterisk_user, password, ami, permit=lease.permit)
    toolbox = ensure(settings.cache_dir)
    prompts = PromptStore(
        settings.cache_dir,
        toolbox.command("espeak-ng"),
        toolbox.env,
        command=settings.tts_command,
        recorded_dir=settings.flows_dir / PROMPTS,
        replaced_dir=settings.data_dir / PROMPTS,
        on_failure=settings.tts_on_failure,
    )
    registry = FlowRegistry(
        settings.flows_dir,
        clock=clock,
        zone=settings.zone,
        prompts=prompts,
        versions=SqlVersions(database),
        ready_made=ready_made,
    )
    spool = Spool(settings.data_dir / "spool", later=True)
    room = RecordingRoom(database, settings.recordings_dir, captures, clock, settings.zone, node="a")
    journal = CallJournal(spool, lambda: shipper.wake(), beside=room.begun)
    counter = Counter(spool, clock, lambda: shipper.wake())
    shipper = Shipper(
        spool,
        database,
        clock,
        handlers(journal.write),
        alarm=counter.incident,
        done=journal.shipped,
        fence=lease.fence,
    )
    desk_rules = DeskRules()
    keeper = DeskKeeper(desk_rules, spool)
    continuity = Continuity(spool, keeper, captures)
    node.on_seat = continuity.keep_seat
    runner: CallRunner
    states = StateLog(database)
    breaks = BreakTimes()
    pops = PopMaker(database, lambda: registry.current, promised=lambda place: callbacks.note_of(place))
    pages = AgentPages(pops, continuity.keep_pop)

    def decided(action: Action) -> None:
        keeper.changed()
        match action:
            case AgentSnapshot():
                states.seen(action)
                breaks.follow(action)
                pages.show_agent(action)
                duty.seen(action)
                fallback.changed()
            case CommandRefused():
                if not isinstance(action.command, ForceState):  # a supervisor's is answered over HTTP
                    agent_id = getattr(action.command, "agent_id", None)
                    if agent_id is not None:
                        pages.tell(agent_id, error_frame(None, action.code))
            case IncidentFound():
                watch.found(action)
            case _:
                callbacks.seen(action)
                runner.decided(action)

    def signed_in() -> dict[str, str]:
        agents = (each for each in desk.rules.agents() if each.state is not AgentState.OFFLINE)
        return {each.profile.seat: each.profile.name for each in agents if not each.profile.drill}

    fallback = FallbackQueue(ami, signed_in)
    desk = Desk(desk_rules, clock, decided)
    duty = DutyKeeper(desk, database, clock, settings.zone)
    roster = RosterRoom(
        settings=settings,
        clock=clock,
        agents=desk.rules.agents,
        break_used=lambda agent_id, now: breaks.used_s(AgentId(agent_id), now),
        on_changed=[duty.roster_changed],
    )
    incidents = IncidentBook(database, clock)

    def described() -> tuple[Trunk, ...]:
        return load_trunks(settings.trunks_file, demo_host=settings.demo_trunk)

    async def described_now() -> tuple[Trunk, ...]:
        return await asyncio.to_thread(described)

    lines = TrunkKeeper(described(), gateway=node, clock=clock, incidents=incidents, load=described_now)
    tally = TallyWriter(lines, database, clock, settings.zone)
    dialler = OutsideDialler(lambda: rules_of(settings, registry.current), TrunkWays(lines), clock)
    callbacks = CallbackRoom(
        database,
        desk,
        clock,
        lambda: rules_of(settings, registry.current),
        flow_version=lambda: registry.current.version,
        live=lambda call_id: runner.live.lives(call_id),
        abort=lambda place: runner.end_callback(place),
    )
    asterisk_data = settings.data_dir / "asterisk"
    messages = MessageRoom(
        database,
        settings.recordings_dir,
        asterisk_data / "spool" / "recording",
        asterisk_data / "voicemail",
        clock,
        settings.zone,
    )
    runner = CallRunner(
        clock=clock,
        desk=desk,
        journal=journal,
        pages=pages,
        prompts=prompts,
        messages=messages,
        effects=FlowEffects(database, clock, rate=counter.rate, zone=settings.zone),
        dialler=dialler,
        lines=lines,
        callbacks=callbacks,
        max_lines=settings.max_lines,
        overflow_lines=settings.overflow_lines,
        flows=lambda: registry.current,
        last_sign=continuity.last_sign,
    )

    def flows_swapped(flows: FlowSet) -> None:
        desk.tell(queues_defined(flows))

    music = MusicKeeper(settings.flows_dir, settings.data_dir, toolbox.moh_dir, node.reload_music)
    registry.on_swap(flows_swapped)
    registry.on_swap(music.flows_swapped)
    registry.on_swap(continuity.keep_flows)
    runner.on_answered(callbacks.answered)
    cut = CutCustomers(
        database,
        desk,
        clock,
        callbacks,
        default_queue=lambda: next(iter(registry.current.queues), ""),
        incident=counter.incident,
    )

    def switch_lost(call: Call) -> None:
        for agent_id in (*call.engaged, *([call.ringing.offer.agent.agent_id] if call.ringing else [])):
            pages.tell(agent_id, error_frame(None, "switch_lost"))
        cut.switch_lost()

    runner.on_cut(switch_lost)
    today = TodayFigures(database, clock, settings.zone)
    console = Console(
        desk,
        runner,
        pages,
        node,
        clock=clock,
        breaks=breaks,
        day_of=lambda agent: watch.day_of(agent),
        judge=dialler.judge,
    )

    async def keep_incident(at: datetime, found: IncidentFound) -> None:
        counter.incident(found.kind, found.text, found.call_id, found.agent_id, facts=found.facts)

    watch = DeskWatch(
        desk=desk,
        calls=lambda: runner.live.calls,
        in_motion=lambda: runner.live.in_motion,
        post=runner.post,
        node=node,
        pages=pages,
        queue_lines=console.queue_lines,
        breaks=breaks,
        today=today,
        database=database,
        clock=clock,
        incident=keep_incident,
    )
    runner.listen(console.presence)

    def seal(event: SwitchEvent) -> None:
        if isinstance(event, ChannelGone):
            for call in runner.live.calls:
                if call.channel == event.channel and call.captured:
                    room.sealed_soon(call.id, call.arrived_at)
        elif isinstance(event, SwitchUp):
            there = {view.channel for view in event.channels}
            for call in runner.live.calls:
                if call.node == event.node and call.channel not in there and call.captured:
                    room.sealed_soon(call.id, call.arrived_at)

    runner.listen(seal)
    runner.listen(continuity.follow)

    async def incident(at: datetime, kind: str, text: str, call_id: CallId | None, facts: Facts) -> None:
        counter.incident(kind, text, call_id, facts=facts)

    sweeper = Reconciler(
        node,
        runner.live.lives,
        clock,
        owns_caller=runner.live.has_caller,
        incident=incident,
    )

    async def calls_ready() -> None:
        if not runner.reconciled:
            raise Unavailable("calls of the last run wait to hear from Asterisk what became of them")

    async def account_changed(account_id: str) -> None:
        async with database.read() as session:
            console.changed(AgentId(account_id), await find_profile(session, account_id))

    async def asterisk_ready() -> None:
        if not (node.connected and ami.connected):
            raise Unavailable("not connected to Asterisk; see its log and CALLCENTER_ASTERISK_URL")

    def in_call(call_id: str, agent_id: str) -> bool:
        """In it now, or still at its paperwork."""
        agent = desk.rules.agent(AgentId(agent_id))
        return runner.live.in_call(call_id, agent_id) or (agent is not None and agent.call_id == call_id)

    async def out_of_service() -> None:
        with suppress(Unavailable):
            async with database.read() as session:
                lines.set_out(await trunk_rows.out_of_service(session))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        spool.open()  # not before: it belongs to one process at a time, and this may have been a spare
        watched.started_at = clock.now()
        if lease.taken_from:
            await take_journals(database, spool, clock)
            await take_agents(database, spool)
        continuity.know_seats(node)
        await lines.begin()
        sessions.recall()
        # Asterisk and the database are asked while the flows are loaded.
        tasks = vital({"asterisk": node.run()})
        await asyncio.gather(registry.start(), ami.connect(), out_of_service())
        alive = await continuity.restore(
            journal=journal, runner=runner, desk=desk, node=node, pages=pages, registry=registry
        )
        for alarm in continuity.alarms:
            counter.incident(*alarm)
        tasks += vital({"spool": shipper.run(), "desk": desk.run(), "calls": runner.follow(node)})
        # Calls first: pages come in, and figures are read, when the calls of the last run have been taken up.
        await runner.taken_up(CALLS_FIRST_S)
        tasks += beside(
            {
                "states": states.run(),
                "duty": duty.run(),
                "sweep": sweeper.run(),
                "fallback": fallback.run(),
                "messages": messages.run(),
                "watch": watch.run(),
                "pages": console.await_pages(),
                "trunks": lines.run(),
                "tally": tally.run(),
                "incidents": incidents.run(),
                "captures": room.keep_recovering(alive),
                "watcher": watched.watcher.run(),
                "callbacks": callbacks.run(),
                "cut customers": cut.run(),
                "connections": database.warm_up(),
                **({"flows": registry.watch()} if settings.flows_watch else {}),
            }
        )
        yield
        keeper.keep()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await shipper.drain()
        await tally.write()
        await states.drain()
        await callbacks.drain()
        await room.close()
        await messages.close()
        await roster.planner.close()
        ami.close()
        await database.close()
        spool.close()

    sessions = Sessions(database, clock, settings, spool)
    app = FastAPI(title="callcenter", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    install(app, settings)
    app.state.services = Services(
        settings=settings,
        clock=clock,
        db=database,
        sessions=sessions,
        in_call=in_call,
        keep_outcome=counter.outcome,
        outcomes_wait=lambda: spool.waits(OUTCOME),
        on_account_changed=[account_changed],
    )
    app.include_router(access_router)
    app.include_router(business_router)
    app.include_router(recording_router)
    app.include_router(messages_router)
    app.include_router(cti_router(console, pages, node, lambda: registry.current))
    app.include_router(agents_router(desk.rules.agents))
    app.state.flows = FlowRoom(
        registry=registry, prompts=prompts, counts=DayCounts(database, clock, settings.zone, lambda: runner.live.calls)
    )
    app.include_router(flows_router)
    app.state.outbound = OutboundRoom(
        click=ClickToCall(desk, runner, dialler, lambda: registry.current), callbacks=callbacks, prepare=pops.prepare
    )
    app.include_router(outbound_router)
    app.state.desk = DeskRoom(desk=desk)
    app.include_router(desk_router)
    app.state.live_desk = LiveDesk(
        desk=desk, calls=lambda: runner.live.calls, today=today, clock=clock, max_lines=runner.max_lines
    )
    app.include_router(desk_socket)
    app.state.roster = roster
    for router in roster_routers:
        app.include_router(router)
    app.include_router(flows_socket)

    async def peaks() -> Mapping[str | None, int]:
        async with database.read() as session:
            return await line_peaks(session, midnight(clock.now(), settings.zone), live_lines(runner.live.calls))

    app.state.trunks = TrunkRoom(keeper=lines, peaks=peaks)
    app.include_router(trunks_router)
    probes: dict[str, Probe] = {
        "database": lease.db.ping,  # by a connection of its own: a pool that is busy is not a database that is away
        "asterisk": asterisk_ready,
        "calls": calls_ready,
        "flows": flows_ready(lambda: registry.current),
        "trunks": trunks_ready(lines),
    }
    sockets = OpenSockets()
    app.add_middleware(SocketCount, count=sockets)
    app.state.watch = watched = watch_room(
        settings=settings,
        clock=clock,
        database=database,
        node=node,
        runner=runner,
        desk=desk.rules,
        spool=spool,
        trunks=lines,
        flows=lambda: registry.current,
        incidents=incidents,
        probes=probes,
        sockets=sockets,
    )
    app.include_router(watch_router)
    app.include_router(health_router(probes))
    app.include_router(pages_router(settings.web_dir))
    return app
