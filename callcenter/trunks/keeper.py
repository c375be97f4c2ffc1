"""The one owner of what is known of the trunks: health, lines in use, what operations took out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog

from callcenter.asterisk import events as e
from callcenter.clock import Clock
from callcenter.errors import CallCenterError, NotFound
from callcenter.facts import Facts
from callcenter.trunks import health as h
from callcenter.trunks.admission import admit
from callcenter.trunks.model import Trunk, trunk_of
from callcenter.trunks.routing import Candidate, Ending, Health, ending, route

_log = structlog.get_logger()
TICK_S: Final = 1.0


class TrunkGateway(Protocol):
    @property
    def connected(self) -> bool: ...

    async def provision_trunks(self, trunks: Sequence[Trunk]) -> None: ...

    def trunk_endpoint(self, name: str) -> str: ...


class Incidents(Protocol):
    def open(self, key: str, kind: str, text: str, *, facts: Facts) -> None: ...

    def close(self, key: str) -> None: ...


@dataclass(slots=True)
class _Line:
    """One channel on a trunk."""

    trunk: str
    inbound: bool
    rang: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkView:
    """A trunk as pages and the command line show it."""

    trunk: Trunk
    health: h.TrunkHealth
    in_service: bool
    out_since: datetime | None
    in_use_in: int
    in_use_out: int

    @property
    def in_use(self) -> int:
        return self.in_use_in + self.in_use_out


class TrunkKeeper:
    """``load`` reads the file again."""

    def __init__(
        self,
        trunks: Sequence[Trunk],
        *,
        gateway: TrunkGateway,
        clock: Clock,
        incidents: Incidents,
        load: Callable[[], Awaitable[Sequence[Trunk]]],
    ) -> None:
        self._gateway, self._clock, self._incidents, self._load = gateway, clock, incidents, load
        now = clock.now()
        self._trunks = {trunk.name: trunk for trunk in trunks}
        self._health = {trunk.name: h.connected(trunk, False, now) for trunk in trunks}
        self._out: dict[str, datetime] = {}
        self._lines: dict[str, _Line] = {}
        self._tally = Counter[tuple[str, bool]]()

    # --- what others ask ---

    def take_tally(self) -> Counter[tuple[str, bool]]:
        """What was not yet taken: calls of ours by trunk, those made (False) and those answered (True)."""
        taken, self._tally = self._tally, Counter()
        return taken

    def give_back(self, tally: Counter[tuple[str, bool]]) -> None:
        """It could not be written."""
        self._tally.update(tally)

    @property
    def views(self) -> tuple[TrunkView, ...]:
        """In the file's order."""
        inbound = Counter(line.trunk for line in self._lines.values() if line.inbound)
        outbound = Counter(line.trunk for line in self._lines.values() if not line.inbound)
        return tuple(
            TrunkView(
                trunk=trunk,
                health=self._health[name],
                in_service=name not in self._out,
                out_since=self._out.get(name),
                in_use_in=inbound[name],
                in_use_out=outbound[name],
            )
            for name, trunk in self._trunks.items()
        )

    def refuses(self, channel: str, endpoint: str, hotline: str) -> str:
        """Why this caller is not let in by the trunk's own limits; empty: come in. A test phone has none."""
        name = trunk_of(endpoint)
        if name is None:
            return ""
        lines = sum(line.trunk == name for other, line in self._lines.items() if other != channel)
        return admit(self._trunks.get(name), lines, hotline) or ""

    def routes(self, number: str, spread: str, own: str = "") -> list[Trunk]:
        """The trunks to try for a number as dialled, best first; ``own`` is the trunk of the hotline that is shown."""
        candidates = [
            Candidate(trunk=v.trunk, health=v.health.state, in_service=v.in_service, in_use=v.in_use)
            for v in self.views
        ]
        return route(number, candidates, spread, own)

    def endpoint(self, trunk: Trunk, number: str) -> str:
        """What to dial: the number in the carrier's form over the trunk."""
        return f"PJSIP/{trunk.sent(number)}@{self._gateway.trunk_endpoint(trunk.name)}"

    # --- what is told ---

    def dialled(self, channel: str, trunk: str) -> None:
        """A call that we make begins on this trunk. Say it before dialling: its end may come at once."""
        self._lines[channel] = _Line(trunk=trunk, inbound=False)
        self._tally[trunk, False] += 1

    def not_dialled(self, channel: str) -> None:
        """Asterisk refused to dial: the trunk has no address that answers."""
        line = self._lines.pop(channel, None)
        if line is not None:
            self._change(line.trunk, h.call_failed)

    def hear(self, event: e.SwitchEvent) -> None:
        """One event of the switch, in order, before the calls hear of it."""
        match event:
            case e.SwitchUp():
                self._connected(event)
            case e.TrunkContact():
                self._contact(event)
            case e.CallerArrived():
                name = trunk_of(event.trunk)
                if name is not None:
                    self._lines[event.channel] = _Line(trunk=name, inbound=True, answered=True)
            case e.LegRinging() if event.channel in self._lines:
                self._lines[event.channel].rang = True
            case e.LegAnswered() if event.channel in self._lines:
                line = self._lines[event.channel]
                self._tally[line.trunk, True] += not line.answered
                line.answered = True
            case e.ChannelGone():
                self._gone(event)
            case _:
                pass

    def _connected(self, up: e.SwitchUp) -> None:
        online = {trunk_of(name) for name in up.seats_online}
        now = self._clock.now()
        for name, trunk in self._trunks.items():
            self._set(name, h.connected(trunk, name in online, now))
        seen = {view.channel: view for view in up.channels if view.seat is not None and trunk_of(view.seat)}
        self._lines = {
            channel: self._lines.get(channel)
            or _Line(trunk=str(trunk_of(str(view.seat))), inbound=view.app_args[:1] == ("inbound",), answered=True)
            for channel, view in seen.items()
        }

    def _contact(self, event: e.TrunkContact) -> None:
        def changed(health: h.TrunkHealth, now: datetime) -> h.TrunkHealth:
            if event.reachable is None:
                return h.forgotten(health, event.contact, now)
            return h.heard(health, event.contact, event.reachable, event.rtt_ms, now)

        self._change(event.trunk, changed)

    def _gone(self, event: e.ChannelGone) -> None:
        line = self._lines.pop(event.channel, None)
        if line is None or line.inbound:
            return
        match ending(event.cause, rang=line.rang, answered=line.answered):
            case Ending.WENT:
                self._change(line.trunk, h.call_went)
            case Ending.FAILED:
                self._change(line.trunk, h.call_failed)
            case Ending.NOT_HERE:
                pass

    def _change(self, name: str, how: Callable[[h.TrunkHealth, datetime], h.TrunkHealth]) -> None:
        if name in self._trunks:
            self._set(name, how(self._health[name], self._clock.now()))

    def _set(self, name: str, health: h.TrunkHealth) -> None:
        before, self._health[name] = self._health[name], health
        if before.state is not health.state:
            _log.warning("trunk_state", trunk=name, before=before.state, now=health.state, reason=health.reason)
        match health.state:
            case Health.DOWN:
                why = "no answer to OPTIONS" if health.reason == "no_answer" else "its calls found no way"
                facts = {"trunk": name, "reason": health.reason}
                self._incidents.open(f"trunk:{name}", "trunk_down", f"trunk {name} is down: {why}", facts=facts)
            case Health.UP:
                self._incidents.close(f"trunk:{name}")
            case Health.UNKNOWN:
                pass

    # --- what operations do ---

    def set_out(self, out: dict[str, datetime]) -> None:
        """Which trunks are out of service, as kept."""
        self._out = dict(out)

    def find(self, name: str) -> TrunkView:
        """Raises NotFound."""
        for view in self.views:
            if view.trunk.name == name:
                return view
        raise NotFound(f"there is no trunk {name[:60]}")

    def take_out(self, name: str, at: datetime) -> None:
        """No further call of ours goes by it; those under way go on. Callers it brings are still let in."""
        self._out.setdefault(self.find(name).trunk.name, at)

    def put_back(self, name: str) -> None:
        self._out.pop(self.find(name).trunk.name, None)

    async def reload(self) -> Sequence[Trunk]:
        """Read the file again and tell Asterisk. Raises TrunkErrors, which changes nothing, or GatewayError."""
        trunks = await self._load()
        now = self._clock.now()
        for name in self._trunks.keys() - {trunk.name for trunk in trunks}:
            self._incidents.close(f"trunk:{name}")
            self._health.pop(name)
        for trunk in trunks:
            if trunk.name not in self._health or self._trunks[trunk.name].print != trunk.print:
                self._health[trunk.name] = h.connected(trunk, False, now)
        self._trunks = {trunk.name: trunk for trunk in trunks}
        await self._gateway.provision_trunks(trunks)
        return trunks

    async def begin(self) -> None:
        """Have Asterisk know the trunks as the file has them now; those of before where it cannot be read."""
        try:
            await self.reload()
        except CallCenterError as error:
            _log.warning("trunks_not_told", reason=error.message)  # told again on the next connect

    async def run(self) -> None:
        """Look at the time every second; ends only by cancellation."""
        while True:
            await asyncio.sleep(TICK_S)
            now = self._clock.now()
            for name, health in list(self._health.items()):
                if self._gateway.connected:
                    self._set(name, h.tick(health, now))
