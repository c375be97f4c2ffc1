"""Asterisk, the flows it speaks and the lines it has, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from callcenter.asterisk.ami import Ami
from callcenter.asterisk.music import MusicKeeper
from callcenter.asterisk.node import AsteriskNode
from callcenter.asterisk.packages import ensure
from callcenter.composition.storage import Storage
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import PROMPTS
from callcenter.ivr.nodes import Problem
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.registry import FlowRegistry, ReadyMade
from callcenter.ivr.site import problems
from callcenter.ivr.versions import SqlVersions
from callcenter.lease.lease import Lease
from callcenter.outbound.dialler import OutsideDialler, rules_of
from callcenter.outbound.rules import DialRules, why_not
from callcenter.settings import Settings, split_bind
from callcenter.trunks import repository as trunk_rows
from callcenter.trunks.keeper import TrunkKeeper
from callcenter.trunks.model import Trunk
from callcenter.trunks.reader import load_trunks
from callcenter.trunks.tally import TallyWriter
from callcenter.trunks.ways import TrunkWays
from callcenter.watch.incidents import IncidentBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephony:
    ami: Ami
    node: AsteriskNode
    prompts: PromptStore
    registry: FlowRegistry
    incidents: IncidentBook
    lines: TrunkKeeper
    tally: TallyWriter
    dialler: OutsideDialler
    dial_rules: Callable[[], DialRules]
    """Whom we may ring, by the settings and the flows of now."""
    database: Database

    async def ready(self) -> None:
        if not (self.node.connected and self.ami.connected):
            raise Unavailable("not connected to Asterisk; see its log and CALLCENTER_ASTERISK_URL")

    async def out_of_service(self) -> None:
        """Trunks that somebody took out of service stay so."""
        with suppress(Unavailable):
            async with self.database.read() as session:
                self.lines.set_out(await trunk_rows.out_of_service(session))


def telephony(
    settings: Settings, lease: Lease, password: str, kept: Storage, ready_made: ReadyMade | None
) -> Telephony:
    host, port = split_bind(settings.ami_bind)
    ami = Ami(host, port, settings.asterisk_user, password, kept.captures)
    node = AsteriskNode("a", settings.asterisk_base_url, settings.asterisk_user, password, ami, permit=lease.permit)
    node.on_seat = kept.continuity.keep_seat
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
    incidents = IncidentBook(kept.spool, kept.clock, kept.shipper.wake)

    def described() -> tuple[Trunk, ...]:
        return load_trunks(settings.trunks_file, demo_host=settings.demo_trunk)

    async def described_now() -> tuple[Trunk, ...]:
        return await asyncio.to_thread(described)

    lines = TrunkKeeper(described(), gateway=node, clock=kept.clock, incidents=incidents, load=described_now)

    def site(flows: FlowSet) -> tuple[Problem, ...]:
        return problems(flows, partial(why_not, settings.dial_out_allow), [view.trunk.name for view in lines.views])

    registry = FlowRegistry(
        settings.flows_dir,
        clock=kept.clock,
        zone=settings.zone,
        prompts=prompts,
        versions=SqlVersions(kept.database),
        ready_made=ready_made,
        site=site,
    )
    music = MusicKeeper(settings.flows_dir, settings.data_dir, toolbox.moh_dir, node.reload_music)
    registry.on_swap(music.flows_swapped)
    registry.on_swap(kept.continuity.keep_flows)

    def dial_rules() -> DialRules:
        return rules_of(settings, registry.current)

    return Telephony(
        ami=ami,
        node=node,
        prompts=prompts,
        registry=registry,
        incidents=incidents,
        lines=lines,
        tally=TallyWriter(lines, kept.spool, kept.clock, settings.zone, kept.shipper.wake),
        dialler=OutsideDialler(dial_rules, TrunkWays(lines), kept.clock),
        dial_rules=dial_rules,
        database=kept.database,
    )
