"""What the kinds of step share in a file: where they lead, which keys, queues, words and values they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callcenter.ivr.nodes import Node, Scalar
from callcenter.ivr.reader import Fields, Reader, Worded, near
from callcenter.ivr.wording import Phrase, Source

_KEYS: Final = frozenset("0123456789*#")


class StepParts:
    """What was named in the steps of one file.

    ``queues`` and ``hotlines`` are the names that may be named; None: their file could not be read, and that has been
    complained of already.
    """

    def __init__(
        self, reader: Reader, queues: Mapping[str, object] | None, hotlines: Mapping[str, object] | None
    ) -> None:
        self.reader, self.queues, self.hotlines = reader, queues, hotlines
        self.targets: list[tuple[str, Scalar]] = []
        """(step, where it is named)."""
        self.subflows: list[tuple[str, Scalar]] = []
        self.nodes: dict[str, Scalar] = {}
        """Step name → where it is defined."""
        self.worded: dict[str, list[Worded]] = {}
        """Step name → its words."""
        self.dialled: list[tuple[str, str, Scalar]] = []
        """(what, number, where it is written) of every number outside that is named."""
        self.stored: set[str] = set()
        self.prefixes: set[str] = set()
        self.secrets: set[str] = set()

    def target(self, fields: Fields, key: str, what: str, default: str) -> str:
        node = fields.get(key)
        if node is None:
            return default
        name = self.reader.name(node, f"{what}: {key}")
        if name and isinstance(node, Scalar):
            self.targets.append((name, node))
        return name or default

    def keys(self, node: Node | None, what: str) -> dict[str, str]:
        fields = self.reader.fields(node, what)
        keys: dict[str, str] = {}
        for key, value in fields.entries.values() if fields else ():
            if key.text not in _KEYS:
                self.reader.complain(key, f"{what}: `{key.text[:20]}` is no key", "keys are 0 to 9, * and #")
                continue
            name = self.reader.name(value, f"{what}: {key.text}")
            if name and isinstance(value, Scalar):
                self.targets.append((name, value))
                keys[key.text] = name
        return keys

    def _queue(self, node: Node | None, what: str) -> str:
        name = self.reader.text(node, what)
        if node is not None and name and self.queues is not None and name not in self.queues:
            self.reader.complain(node, f"{what}: no queue `{name[:40]}` in queues.yaml", near(name, self.queues))
        return name

    def _words(self, fields: Fields, key: str, what: str) -> Phrase | None:
        return self.reader.phrase(fields.get(key), f"{what}: {key}") if key in fields else None

    def _priority(self, node: Node | None, what: str) -> Source:
        if isinstance(node, Scalar) and node.text.startswith("="):
            return self.reader.source(node, what)
        return self.reader.whole(node, what, 5, 1, 9)

    def _values(self, node: Node | None, what: str) -> tuple[tuple[str, Source], ...]:
        fields = self.reader.fields(node, what)
        made = []
        for key, value in fields.entries.values() if fields else ():
            before = len(self.reader.used)
            made.append((self.reader.variable(key, what), self.reader.source(value, f"{what}: {key.text}")))
            # A copy of secret digits would no longer be known as secret.
            self.reader.said.extend(self.reader.used[before:])
            self.stored.add(key.text)
        return tuple(made)
