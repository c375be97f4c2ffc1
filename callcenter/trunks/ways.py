"""The trunks as ways out for calls of ours (:class:`callcenter.outbound.dialler.Routes`)."""

from __future__ import annotations

from callcenter.outbound.dialler import Route
from callcenter.trunks.keeper import TrunkKeeper
from callcenter.trunks.model import trunk_of


class TrunkWays:
    def __init__(self, keeper: TrunkKeeper) -> None:
        self._keeper = keeper

    def routes(self, number: str, spread: str, own: str = "") -> list[Route]:
        return [
            Route(endpoint=self._keeper.endpoint(trunk, number), trunk=trunk.endpoint, caller_id=trunk.caller_id)
            for trunk in self._keeper.routes(number, spread, own)
        ]

    def dialled(self, channel: str, trunk: str) -> None:
        self._keeper.dialled(channel, trunk_of(trunk) or trunk)

    def not_dialled(self, channel: str) -> None:
        self._keeper.not_dialled(channel)
