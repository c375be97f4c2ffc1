"""A trunk: one carrier's lines, as ``trunks.yaml`` describes them. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Final

PREFIX: Final = "trunk-"
_AGAIN: Final = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    name: str
    title: str
    title_en: str
    hosts: tuple[str, ...]
    """``host:port`` of the carrier, tried in this order."""
    match: tuple[str, ...]
    """Addresses and networks that its calls come from."""
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    max_lines: int = 0
    """Lines in both directions at once; 0: the carrier sets no limit."""
    reserve: int = 0
    """Of these, lines kept for the hotlines of ``reserve_for``."""
    reserve_for: tuple[str, ...] = ()
    outbound: bool = True
    priority: int = 10
    """Smaller goes first; the next priority is used when all of this one are down or full."""
    cost: int = 0
    """Per minute, in any unit that all trunks share; the cheaper goes first within one priority."""
    weight: int = 1
    """Share of the calls among trunks of one priority and cost."""
    prefixes: tuple[str, ...] = ()
    """Numbers (as dialled) that may go by it begin with one of these; none: all."""
    strip: int = 0
    """Digits taken from the number's beginning before it is sent."""
    add: str = ""
    """Digits put before it then."""
    caller_id: str = ""
    """The number that the carrier wants to see; none: the hotline's."""
    qualify_s: int = 15
    """OPTIONS is sent so often; 0: never, then only failed calls tell that it is down."""
    username: str = ""
    password: str = field(default="", repr=False)
    register: bool = False

    @property
    def endpoint(self) -> str:
        """Its name in Asterisk."""
        return PREFIX + self.name

    @property
    def print(self) -> str:
        """Eight hex digits that change with whatever Asterisk must know of it."""
        facts = asdict(self)
        told = ("hosts", "match", "codecs", "qualify_s", "username", "password", "register")
        return hashlib.sha256(repr([facts[name] for name in told]).encode()).hexdigest()[:8]

    def fits(self, number: str) -> bool:
        """Whether calls to this number (as dialled) may go by it."""
        return self.outbound and (not self.prefixes or number.startswith(self.prefixes))

    def sent(self, number: str) -> str:
        """The number as this carrier wants it."""
        return self.add + number[self.strip :]


def trunk_of(endpoint: str) -> str | None:
    """The trunk's name from its endpoint's in Asterisk; None for a seat, a test phone or anything else."""
    if not endpoint.startswith(PREFIX):
        return None
    return endpoint.removeprefix(PREFIX).partition(_AGAIN)[0]


def endpoint_base(endpoint: str) -> str:
    """``trunk-NAME`` for each of a trunk's endpoints; anything else as it is."""
    trunk = trunk_of(endpoint)
    return endpoint if trunk is None else PREFIX + trunk


def renewed(trunk: Trunk) -> str:
    """The endpoint's name when Asterisk holds another ``trunk-NAME`` from its files, which it cannot change."""
    return f"{trunk.endpoint}{_AGAIN}{trunk.print}"
