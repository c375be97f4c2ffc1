"""The calls, put together: who runs them, what is pushed to the agents in them, and who looks after what is lost."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.access.agents import find_profile
from callcenter.acd.messages import Action, AgentSnapshot, CommandRefused, ForceState, IncidentFound
from callcenter.asterisk.events import ChannelGone, SwitchEvent, SwitchUp
from callcenter.asterisk.reconcile import Reconciler
from callcenter.calls.runner import CallRunner
from callcenter.calls.state import Call
from callcenter.composition.floor import Floor
from callcenter.composition.storage import Storage
from callcenter.composition.telephony import Telephony
from callcenter.cti.console import Console
from callcenter.cti.pages import AgentPages
from callcenter.cti.pop import PopMaker
from callcenter.cti.refusals import error_frame
from callcenter.cti.watch import DeskWatch
from callcenter.errors import Unavailable
from callcenter.ids import AgentId, CallId
from callcenter.ivr.effects import FlowEffects
from callcenter.messages.room import MessageRoom
from callcenter.outbound.callbacks import CallbackRoom
from callcenter.outbound.cut import CutCustomers
from callcenter.outbound.results import Results
from callcenter.quality.watch import LegWatch
from callcenter.recording.room import RecordingRoom
from callcenter.reporting.today import TodayFigures
from callcenter.settings import Settings
from callcenter.supervision.room import SupervisionRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    kept: Storage
    floor: Floor
    runner: CallRunner
    callbacks: CallbackRoom
    cut: CutCustomers
    messages: MessageRoom
    pops: PopMaker
    pages: AgentPages
    console: Console
    watch: DeskWatch
    today: TodayFigures
    sweeper: Reconciler
    supervision: SupervisionRoom
    legs: LegWatch

    def decided(self, action: Action) -> None:
        """Tell whom a decision of the desk concerns."""
        self.kept.keeper.changed()
        match action:
            case AgentSnapshot():
                self.floor.seen(action)
                self.pages.show_agent(action)
                self.console.seen(action)
            case CommandRefused():
                if not isinstance(action.command, ForceState):  # a supervisor's is answered over HTTP
                    agent_id = getattr(action.command, "agent_id", None)
                    if agent_id is not None:
                        self.pages.tell(agent_id, error_frame(None, action.code))
            case IncidentFound():
                self.watch.found(action)
            case _:
                self.callbacks.seen(action)
                self.runner.decided(action)
                self.kept.archive.seen(action)

    async def ready(self) -> None:
        if not self.runner.reconciled:
            raise Unavailable("calls of the last run wait to hear from Asterisk what became of them")

    async def account_changed(self, account_id: str) -> None:
        async with self.kept.database.read() as session:
            self.console.changed(AgentId(account_id), await find_profile(session, account_id))

    def in_call(self, call_id: str, agent_id: str) -> bool:
        """In it now, or still at its paperwork."""
        agent = self.floor.desk.rules.agent(AgentId(agent_id))
        return self.runner.live.in_call(call_id, agent_id) or (agent is not None and agent.call_id == call_id)


def calls(settings: Settings, kept: Storage, phones: Telephony, staff: Floor) -> Calls:
    database, clock, desk, registry = kept.database, kept.clock, staff.desk, phones.registry
    callbacks = CallbackRoom(
        database,
        desk,
        clock,
        phones.dial_rules,
        Results(kept.spool, clock, kept.shipper.wake),
        flow_version=lambda: registry.current.version,
        live=lambda call_id: runner.live.lives(call_id),
        abort=lambda place: runner.end_callback(place),
        attempts=settings.callback_attempts,
        pause_s=settings.callback_pause_minutes * 60,
    )
    pops = PopMaker(database, lambda: registry.current, promised=callbacks.note_of)
    pages = AgentPages(pops, kept.continuity.keep_pop)
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
        journal=kept.journal,
        pages=pages,
        prompts=phones.prompts,
        messages=messages,
        effects=FlowEffects(database, clock, rate=kept.counter.rate, zone=settings.zone),
        dialler=phones.dialler,
        lines=phones.lines,
        callbacks=callbacks,
        max_lines=settings.max_lines,
        overflow_lines=settings.overflow_lines,
        flows=lambda: registry.current,
        last_sign=kept.continuity.last_sign,
    )
    cut = CutCustomers(
        database,
        desk,
        clock,
        callbacks,
        default_queue=lambda: next(iter(registry.current.queues), ""),
        incident=kept.counter.incident,
    )

    def switch_lost(call: Call) -> None:
        for agent_id in (*call.engaged, *(ring.offer.agent.agent_id for ring in call.rings)):
            pages.tell(agent_id, error_frame(None, "switch_lost"))
        cut.switch_lost()

    def live_call(call_id: CallId) -> Call | None:
        found = runner.live.get(call_id)
        return found.call if found else None

    supervision = SupervisionRoom(
        phones.node,
        agent=desk.rules.agent,
        call=live_call,
        post=runner.post,
        tell_agent=pages.tell,
        audit=kept.counter.audit,
        clock=clock,
        shown=settings.listening_shown,
    )
    pages.on_call = supervision.call_shown
    today = TodayFigures(database, clock, settings.zone)
    console = Console(
        desk,
        runner,
        pages,
        phones.node,
        clock=clock,
        breaks=staff.breaks,
        day_of=lambda agent: watch.day_of(agent),
        judge=phones.dialler.judge,
        supervised=supervision.told,
    )
    watch = DeskWatch(
        desk=desk,
        calls=lambda: runner.live.calls,
        in_motion=lambda: runner.live.in_motion,
        post=runner.post,
        node=phones.node,
        pages=pages,
        queue_lines=console.queue_lines,
        breaks=staff.breaks,
        today=today,
        database=database,
        spool=kept.spool,
        clock=clock,
        incident=kept.found,
    )
    sweeper = Reconciler(
        phones.node,
        runner.live.lives,
        clock,
        owns_caller=runner.live.has_caller,
        owns_session=supervision.lives,
        incident=kept.incident,
    )
    legs = LegWatch(
        kept.spool,
        clock,
        runner.live,
        agent_of=desk.rules.at_seat,
        incident=kept.counter.incident,
        wake=kept.shipper.wake,
    )
    runner.on_answered(callbacks.answered)
    runner.on_cut(switch_lost)
    runner.listen(console.presence)
    runner.listen(lambda event: _seal(event, runner, kept.recordings))
    runner.listen(kept.continuity.follow)
    runner.listen(supervision.hear)
    runner.listen(legs.hear)
    runner.on_changed(supervision.call_changed)
    return Calls(
        kept=kept,
        floor=staff,
        runner=runner,
        callbacks=callbacks,
        cut=cut,
        messages=messages,
        pops=pops,
        pages=pages,
        console=console,
        watch=watch,
        today=today,
        sweeper=sweeper,
        supervision=supervision,
        legs=legs,
    )


def _seal(event: SwitchEvent, runner: CallRunner, recordings: RecordingRoom) -> None:
    """What was recorded of a caller who is gone."""
    if isinstance(event, ChannelGone):
        for call in runner.live.calls:
            if call.channel == event.channel and call.captured:
                recordings.sealed_soon(call.id, call.arrived_at)
    elif isinstance(event, SwitchUp):
        there = {view.channel for view in event.channels}
        for call in runner.live.calls:
            if call.node == event.node and call.channel not in there and call.captured:
                recordings.sealed_soon(call.id, call.arrived_at)
