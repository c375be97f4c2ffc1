"""What Asterisk is told to know beside its files: the agents' seats and the carriers' trunks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence, Set
from typing import Final

from callcenter.asterisk.ari import AriConnection
from callcenter.asterisk.gateway import Seat
from callcenter.asterisk.seats import seat_objects
from callcenter.asterisk.trunks import PRINT, trunk_objects
from callcenter.errors import GatewayError
from callcenter.trunks.model import PREFIX, Trunk, renewed

SORCERY: Final = "asterisk/config/dynamic/res_pjsip"


class Provision:
    """Of one node. Asterisk keeps it in memory, so it is told anew after each of its starts."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}
        self._unpushed: set[str] = set()
        self._trunks: tuple[Trunk, ...] = ()
        self._endpoints: dict[str, str] = {}

    async def push_lacking(self, ari: AriConnection, known: Set[str]) -> None:
        """After a connect, to an Asterisk that has these endpoints."""
        lacking = [s for s in self.seats.values() if s.name not in known or s.name in self._unpushed]
        await asyncio.gather(
            *(self.push_seat(ari, seat) for seat in lacking),
            *(self._push_trunk(ari, trunk) for trunk in self._trunks),
        )

    # --- seats ---

    def know_seat(self, seat: Seat) -> None:
        self.seats[seat.name] = seat
        self._unpushed.add(seat.name)

    def forget_seat(self, name: str) -> None:
        self.seats.pop(name, None)
        self._unpushed.discard(name)

    async def push_seat(self, ari: AriConnection, seat: Seat) -> None:
        for kind, fields in seat_objects(seat):
            attributes = [{"attribute": name, "value": value} for name, value in fields.items()]
            await ari.request("PUT", f"{SORCERY}/{kind}/{seat.name}", body={"fields": attributes})
        self._unpushed.discard(seat.name)

    # --- trunks ---

    async def change_trunks(self, ari: AriConnection | None, trunks: Sequence[Trunk]) -> None:
        """These trunks in place of those of the last call; without a connection they are told on connecting."""
        gone = {trunk.name for trunk in self._trunks} - {trunk.name for trunk in trunks}
        self._trunks = tuple(trunks)
        if ari is None:
            return
        for name in gone:
            await self._forget_trunk(ari, self._endpoints.pop(name, PREFIX + name))
        for trunk in trunks:
            await self._push_trunk(ari, trunk)

    def trunk_endpoint(self, name: str) -> str:
        """Under which name Asterisk has a trunk now."""
        return self._endpoints.get(name, PREFIX + name)

    async def _push_trunk(self, ari: AriConnection, trunk: Trunk) -> None:
        """Nothing is pushed where Asterisk has this very description. One it read from its files cannot be changed:
        the new one then gets a name of its own, and calls of the old address still belong to this trunk."""
        name = trunk.endpoint
        known = await self._print_of(ari, name)
        if known not in (None, trunk.print) and not await self._forget_trunk(ari, name):
            name = renewed(trunk)
            known = await self._print_of(ari, name)
        if known == trunk.print:
            self._endpoints[trunk.name] = name
            return
        before = self._endpoints.get(trunk.name)
        for kind, identity, fields in trunk_objects(trunk, name):
            attributes = [{"attribute": key, "value": value} for key, value in fields]
            await ari.request("PUT", f"{SORCERY}/{kind}/{identity}", body={"fields": attributes})
        self._endpoints[trunk.name] = name
        if before not in (None, name, trunk.endpoint):
            await self._forget_trunk(ari, str(before))

    async def _print_of(self, ari: AriConnection, endpoint: str) -> str | None:
        """Which description Asterisk has under that name: "" for one that is not ours, None for none."""
        try:
            fields = await ari.request("GET", f"{SORCERY}/endpoint/{endpoint}")
        except GatewayError as error:
            if error.http_status == 404:
                return None
            raise
        return next((str(one["value"]) for one in fields if one["attribute"] == PRINT), "")

    async def _forget_trunk(self, ari: AriConnection, endpoint: str) -> bool:
        """Whether it is gone: what Asterisk read from its files stays until it starts anew."""
        for kind in ("registration", "identify", "endpoint", "aor", "auth"):
            try:
                await ari.request("DELETE", f"{SORCERY}/{kind}/{endpoint}")
            except GatewayError as error:
                if error.http_status == 403:
                    return False
                if error.http_status != 404:
                    raise
        return True
