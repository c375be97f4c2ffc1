from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from callcenter.access.roles import Role
from callcenter.asterisk.packages import ensure
from callcenter.calls.state import Call
from callcenter.ivr.counts import DayCounts
from callcenter.ivr.endpoints import FlowRoom
from callcenter.ivr.endpoints import router as flows_router
from callcenter.ivr.live import router as flows_socket
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.registry import FlowRegistry
from callcenter.ivr.versions import SqlVersions
from callcenter.settings import load_settings
from tests.house import House, house

__all__ = ["house"]
SHIPPED = Path(__file__).parents[2] / "ivr_flows"


class Room:
    """The flows' endpoints on a real database, with a folder of their own and real speech."""

    def __init__(self, house: House, made: FlowRoom, folder: Path, live: list[Call]) -> None:
        self.house, self.made, self.folder, self.live = house, made, folder, live
        self.registry, self.counts = made.registry, made.counts

    async def browser(self, role: Role) -> httpx.AsyncClient:
        return (await self.house.signed_in(role))[0]


@pytest.fixture
async def room(house: House, tmp_path: Path) -> AsyncIterator[Room]:
    folder = tmp_path / "flows"
    shutil.copytree(SHIPPED, folder)
    settings = load_settings()
    toolbox = ensure(settings.cache_dir)
    # Sounds are shared with every other copy on the machine: speaking them anew is not what is tried here.
    prompts = PromptStore(
        settings.cache_dir,
        toolbox.command("espeak-ng"),
        toolbox.env,
        recorded_dir=folder / "prompts",
        replaced_dir=tmp_path / "replaced",
    )
    registry = FlowRegistry(
        folder, clock=house.clock, zone=settings.zone, prompts=prompts, versions=SqlVersions(house.db)
    )
    await registry.start()
    live: list[Call] = []
    made = FlowRoom(
        registry=registry, prompts=prompts, counts=DayCounts(house.db, house.clock, settings.zone, lambda: live)
    )
    house.app.state.flows = made
    house.app.include_router(flows_router)
    house.app.include_router(flows_socket)
    yield Room(house, made, folder, live)
