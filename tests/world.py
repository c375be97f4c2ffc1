"""A small pure world for tests: calls, the desk and a switch that does what it is told, in any order.

Nothing is mocked of our own: the real call table, interpreter and desk rules run. Only the switch is a
set of channels, bridges and playbacks, whose answers the test lets happen one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.rules import DeskRules
from callcenter.asterisk.events import BridgeView, ChannelView
from callcenter.calls import messages as m
from callcenter.calls.call import Call, begin, step
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.replay import NOTHING_LEFT, Left
from callcenter.calls.seen import forgotten, seen
from callcenter.clock import SystemClock
from callcenter.ids import AgentId, CallId, call_of, name_of
from callcenter.ivr.flow import FlowSet

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
Pending = tuple[str, Callable[[], None]]
_TOLD_BY_THE_SWITCH = (
    m.CallerGone,
    m.Key,
    m.SayFinished,
    m.MessageRecorded,
    m.LegRang,
    m.LegAnswered,
    m.LegGone,
    m.DialledOver,
)
_ASKED_OF_THE_SWITCH = (
    m.Answer,
    m.Capture,
    m.Play,
    m.StopPlay,
    m.StartMusic,
    m.StopMusic,
    m.CreateBridge,
    m.Join,
    m.LeaveBridge,
    m.DestroyBridge,
    m.DialAgent,
    m.DialOutside,
    m.RedialAgent,
    m.StartRinging,
    m.StopRinging,
    m.HangUp,
    m.RecordMessage,
    m.StopRecording,
)


class World:
    def __init__(self, flows: FlowSet, queues: tuple[acd.QueueSettings, ...]) -> None:
        self.flows = flows
        self.now = START
        self.desk = DeskRules()
        self.calls: dict[CallId, Call] = {}
        self.log: list[tuple[CallId, m.Action]] = []
        self.journal: dict[CallId, list[tuple[int, datetime, m.Event]]] = {}
        self.left: dict[CallId, Left] = {}
        self.refused: list[acd.CommandRefused] = []
        self.channels: set[str] = set()
        self.up: set[str] = set()
        self.bridges: dict[str, set[str]] = {}
        self.playbacks: dict[str, CallId] = {}
        self.recordings: dict[str, CallId] = {}
        self.kept: list[m.KeepMessage] = []
        self.timers: dict[tuple[CallId, str], datetime] = {}
        self.gone: list[str] = []
        self.ended: list[CallId] = []
        self.deaf, self.doing = False, True
        """``deaf``: the switch's events do not reach us, nor do we learn what became of what we asked for; ``doing``:
        whether it is done all the same."""
        self.unsure: set[CallId] = set()
        self.unheard = False
        """The switch was not heard once."""
        self.causes: dict[AgentId, list[tuple[CallId, str]]] = {}
        """Of each agent, the calls that ended for them at the desk, and how."""
        self.tell(acd.QueuesDefined(queues=queues))

    # --- people ---

    def agent(self, number: int, queues: tuple[str, ...] = ("general",), **extra: float) -> AgentId:
        agent_id = AgentId(f"agent{number}")
        profile = acd.AgentProfile(
            agent_id=agent_id,
            name=f"Agent {number}",
            extension=str(1000 + number),
            seat=f"seat-{1000 + number}",
            queues=dict.fromkeys(queues, 1),
            wrap_up_s=extra.get("wrap_up_s"),
            browser=bool(extra.get("browser", 0)),
        )
        self.tell(acd.AgentLoggedIn(profile=profile))
        self.tell(acd.AgentPresence(agent_id=agent_id, phone=True, page=True))
        self.tell(acd.AgentReady(agent_id=agent_id))
        return agent_id

    def arrive(self, number: int, flow: str = "main") -> CallId:
        call_id = CallId(f"{number:032x}")
        arrived = m.Arrived(
            call_id=call_id,
            node="a",
            channel=f"caller{number}",
            caller_number="13800000001",
            dialled="4008001",
            trunk="t",
            hotline="4008001",
            flow=flow,
            flow_version=self.flows.version,
            language="zh-CN",
        )
        self.channels.add(arrived.channel)
        self.up.add(arrived.channel)
        self.journal[call_id] = [(1, self.now, arrived)]
        self._begun(arrived)
        return call_id

    def dial_out(self, agent: int, number: int = 90) -> CallId | None:
        """The agent asks for a call to a customer; None: the desk would not have it."""
        call_id, agent_id = CallId(f"{number:032x}"), AgentId(f"agent{agent}")
        profile = self.desk.profile(agent_id)
        assert profile is not None
        started = acd.TalkStarted(call_id=call_id, agent_id=agent_id, queue=next(iter(profile.queues)))
        refused_before = len(self.refused)
        self.tell(started)  # time has passed for the others too
        if len(self.refused) > refused_before:
            return None
        asked = m.DialAsked(
            call_id=call_id,
            node="a",
            channel=name_of(call_id, "out"),
            agent=profile,
            number="+8613800000001",
            hotline="4008001",
            flow_version=self.flows.version,
            language="zh-CN",
            purpose="call",
            queue=started.queue,
        )
        self.journal[call_id] = [(1, self.now, asked)]
        self._begun(asked)
        return call_id

    def met_and_left(self) -> list[tuple[AgentId, CallId]]:
        """Agents who spoke with a caller and have no part in the call any more."""
        met = [
            (segment.agent_id, call)
            for call in self.calls.values()
            for segment in (*call.segments, *call.beside)
            if segment.agent_id is not None and segment.kind in (SegmentKind.TALK, SegmentKind.CONFERENCE)
        ]
        return [(agent, call.id) for agent, call in met if agent not in call.engaged]

    def send(self, call_id: CallId, event: m.Event) -> None:
        if self.deaf and isinstance(event, _TOLD_BY_THE_SWITCH):
            return
        self.journal[call_id].append((len(self.journal[call_id]) + 1, self.now, event))
        call, actions = step(self.flows, self.calls[call_id], event, self.now)
        self.left[call_id] = self.left[call_id].after(call, event, actions, self.now)
        self._became(call, actions)

    def tell(self, command: acd.Command) -> None:
        for action in self.desk.apply(command, self.now):
            match action:
                case acd.AgentSnapshot() if isinstance(command, acd.TalkEnded) and action.cause == "call_ended":
                    self.causes.setdefault(action.profile.agent_id, []).append((command.call_id, action.cause))
                case acd.OfferMade():
                    self.send(action.call_id, m.Offered(offer=action))
                case acd.OfferWithdrawn():
                    self.send(action.call_id, m.Withdrawn(offer_id=action.offer_id, reason=action.reason))
                case acd.QueueRefused():
                    self.send(action.call_id, m.QueueEnded(queue=action.queue, reason=action.reason))
                case acd.WaitExpired():
                    self.send(action.call_id, m.QueueEnded(queue=action.queue, reason="expired"))
                case acd.ConsultRefused():
                    self.send(action.call_id, m.ConsultRefused(agent_id=action.agent_id, code=action.code))
                case acd.PositionChanged():
                    self.send(action.call_id, m.PositionDue(position=action))
                case acd.CommandRefused():
                    self.refused.append(action)
                case _:
                    pass

    # --- the switch ---

    def pending(self) -> list[Pending]:
        """Everything that the switch or a clock may let happen next, with a name for each."""
        things: list[Pending] = []
        for name, call_id in sorted(self.playbacks.items()):
            things.append((f"played {name}", lambda n=name, c=call_id: self._played(n, c)))  # type: ignore[misc]
        for name, call_id in sorted(self.recordings.items()):
            things.append((f"recorded {name}", lambda n=name, c=call_id: self._recorded(n, c)))  # type: ignore[misc]
        for channel in self.gone:
            things.append((f"gone {channel}", lambda c=channel: self.drop(c)))  # type: ignore[misc]
        for channel in sorted(self.channels - self.up - set(self.gone)):
            call_id = call_of(channel)
            assert call_id is not None
            for event in (m.LegRang(channel=channel), m.LegAnswered(channel=channel)):
                things.append((f"{type(event).__name__} {channel}", lambda c=call_id, e=event: self._leg(c, e)))  # type: ignore[misc]
            things.append((f"refuses {channel}", lambda c=channel: self.drop(c, cause=21)))  # type: ignore[misc]
        for (call_id, name), at in sorted(self.timers.items()):
            things.append((f"timer {name}", lambda c=call_id, n=name, t=at: self._timer(c, n, t)))  # type: ignore[misc]
        return things

    def drop(self, channel: str, cause: int = 16) -> None:
        """A channel is destroyed, whoever wanted it."""
        if channel not in self.channels:
            return
        self.channels.discard(channel)
        self.up.discard(channel)
        self.gone = [c for c in self.gone if c != channel]
        for members in self.bridges.values():
            members.discard(channel)
        call_id = call_of(channel)
        if call_id is not None:
            own = self.calls[call_id].channel == channel
            self.send(call_id, m.CallerGone(cause=cause) if own else m.LegGone(channel=channel, cause=cause))
            return
        for call in list(self.calls.values()):
            if call.channel == channel:
                self.playbacks = {p: c for p, c in self.playbacks.items() if c != call.id}
                self.recordings = {r: c for r, c in self.recordings.items() if c != call.id}
                self.send(call.id, m.CallerGone(cause=cause))

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.tell(acd.TimePassed())

    def hear_again(self) -> None:
        """The connection is back: every call is told what the switch has, and what nobody waits for is ended."""
        self.deaf, self.doing = False, True
        channels = [
            ChannelView(
                channel=name,
                state="Up" if name in self.up else "Ring",
                caller_number="",
                created=self.now,
            )
            for name in sorted(self.channels)
        ]
        bridges = [BridgeView(bridge=name, channels=frozenset(members)) for name, members in self.bridges.items()]
        for call in list(self.calls.values()):
            if call.phase is Phase.ENDED:
                continue
            for event in seen(call, channels, bridges, unsure=call.id in self.unsure, lived_on=True):
                self.send(call.id, event)
        self.unsure.clear()
        for view in channels:
            call_id = call_of(view.channel)
            if call_id is not None and forgotten(self.calls[call_id], view.channel) and view.channel not in self.gone:
                self.gone.append(view.channel)
        self.unheard = True

    def on_duty(self, extension: str) -> tuple[AgentId, str] | None:
        return Desk(self.desk, SystemClock(), lambda action: None).on_duty(extension, drill=False)

    def settle(self) -> None:
        """Everybody hangs up and the switch finishes all it was asked for."""
        for channel in sorted(self.channels, key=lambda each: (call_of(each) is not None, each)):
            call_id = call_of(channel)
            if call_id is None or self.calls[call_id].channel == channel:
                self.drop(channel)
        for call in list(self.calls.values()):
            if call.phase is Phase.CALLING_AGENT:
                self.drop(call.legs[0])
        while self.gone:
            self.drop(self.gone[0])
        if self.unheard:  # bridges whose end was asked for in vain are swept up when their call is over
            self.bridges = {name: members for name, members in self.bridges.items() if members}
        self.pass_time(3600)

    def _begun(self, first: m.Arrived | m.DialAsked) -> None:
        call, actions = begin(self.flows, first, self.now)
        self.left[call.id] = NOTHING_LEFT.after(call, first, actions, self.now)
        self._became(call, actions)

    def _played(self, playback: str, call_id: CallId) -> None:
        del self.playbacks[playback]
        self.send(call_id, m.SayFinished(playback=playback, ok=True))

    def _recorded(self, recording: str, call_id: CallId) -> None:
        del self.recordings[recording]
        self.send(call_id, m.MessageRecorded(recording=recording, seconds=3.0, ok=True))

    def _leg(self, call_id: CallId, event: m.LegRang | m.LegAnswered) -> None:
        if isinstance(event, m.LegAnswered):
            self.up.add(event.channel)
        self.send(call_id, event)

    def _timer(self, call_id: CallId, name: str, at: datetime) -> None:
        del self.timers[call_id, name]
        self.now = max(self.now, at)
        self.send(call_id, m.TimerFired(name=name))

    def _became(self, call: Call, actions: tuple[m.Action, ...]) -> None:
        before = self.calls.get(call.id)
        self.calls[call.id] = call
        if call.phase is Phase.ENDED and (before is None or before.phase is not Phase.ENDED):
            self.ended.append(call.id)
            self.timers = {key: at for key, at in self.timers.items() if key[0] != call.id}
        for action in actions:
            self.log.append((call.id, action))
            self._do(call, action)

    def _do(self, call: Call, action: m.Action) -> None:
        if self.deaf and isinstance(action, _ASKED_OF_THE_SWITCH):
            self.unsure.add(call.id)
            if not self.doing:
                return
        match action:
            case m.Play():
                if action.channel in self.channels:
                    self.playbacks[action.playback] = call.id
            case m.StopPlay():
                self.playbacks.pop(action.playback, None)
            case m.DialAgent() | m.RedialAgent() | m.DialOutside():
                self.channels.add(action.channel)
            case m.HangUp():
                if action.channel in self.channels and action.channel not in self.gone:
                    self.gone.append(action.channel)
            case m.CreateBridge():
                self.bridges.setdefault(action.bridge, set())
            case m.Join():
                for members in self.bridges.values():  # whoever is in one leaves it for the other
                    members.difference_update(action.channels)
                self.bridges[action.bridge].update(action.channels)
            case m.LeaveBridge():
                self.bridges[action.bridge].discard(action.channel)
            case m.DestroyBridge():
                self.bridges.pop(action.bridge, None)
            case m.RecordMessage():
                if action.channel in self.channels:
                    self.recordings[action.recording] = call.id
            case m.StopRecording():
                self.recordings.pop(action.recording, None)
            case m.KeepMessage():
                self.kept.append(action)
            case m.SetTimer():
                self.timers[call.id, action.name] = self.now + timedelta(seconds=action.seconds)
            case m.DropTimer():
                self.timers.pop((call.id, action.name), None)
            case m.TellDesk():
                self.tell(action.command)
            case m.FindAgent():
                found = self.on_duty(action.extension)
                self.send(call.id, m.AgentFound(agent_id=found[0] if found else None, queue=found[1] if found else ""))
            case _:
                pass
