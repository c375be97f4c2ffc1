"""Nodes → one flow of the model: its head, its steps, and the tests that stand in its file."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.ivr import flow as f
from callcenter.ivr.messages import Value
from callcenter.ivr.nodes import Node, Scalar
from callcenter.ivr.phrases import LANGUAGES
from callcenter.ivr.reader import Fields
from callcenter.ivr.spec import FLOW_KEYS, TEST_KEYS
from callcenter.ivr.steps import LOOKUPS, StepReader


class FlowReader(StepReader):
    """Reads one flow file."""

    def flow(self, root: Node) -> f.Flow | None:
        reader = self.reader
        top = reader.fields(root, "flow", FLOW_KEYS, ("flow", "start", "steps"))
        if top is None:
            return None
        reader.language = reader.one_of(top.get("language"), "language", LANGUAGES, "zh-CN")
        name = reader.name(top.get("flow"), "flow")
        keys = self.keys(top.get("keys"), "keys")
        start = self.target(top, "start", "flow", "")
        parameters = {reader.variable(item, "parameters") for item in reader.items(top.get("parameters"), "parameters")}
        entries = reader.fields(top.get("steps"), "steps")
        steps: dict[str, f.Step] = {}
        for key, value in entries.entries.values() if entries else ():
            if reader.name(key, "step") and key.text != f.END:
                self.nodes[key.text] = key
                step = self.step(key, value)
                if step is not None:
                    steps[key.text] = step
            elif key.text == f.END:
                reader.complain(key, "a step cannot be called `end`", "`end` ends a flow; choose another name")
        if entries and not entries.entries:
            reader.complain(entries.node, "steps: there is no step", "write at least one")
        return f.Flow(
            name=name,
            title=reader.text(top.get("title"), "title", name),
            title_en=reader.text(top.get("title_en"), "title_en"),
            language=reader.language,
            start=start,
            steps=steps,
            keys=keys,
            parameters=frozenset(parameters),
            tests=self._tests(top.get("tests")),
            file=reader.file,
        )

    def _tests(self, node: Node | None) -> tuple[f.FlowTest, ...]:
        reader = self.reader
        tests = []
        for number, item in enumerate(reader.items(node, "tests"), 1):
            fields = reader.fields(item, f"test {number}", TEST_KEYS)
            if fields is None:
                continue
            what = f"test {number}"
            variables = reader.fields(fields.get("variables"), f"{what}: variables")
            lookups: dict[str, Mapping[str, Value] | None] = {}
            answers = reader.fields(fields.get("lookups"), f"{what}: lookups", LOOKUPS)
            for key, value in answers.entries.values() if answers else ():
                given = None if isinstance(value, Scalar) and value.null else reader.fields(value, what)
                lookups[key.text] = None if given is None else _plain(given)
            tests.append(
                f.FlowTest(
                    name=reader.text(fields.get("name"), f"{what}: name", what),
                    line=item.line,
                    keys=reader.text(fields.get("keys"), f"{what}: keys"),
                    at=reader.text(fields.get("at"), f"{what}: at"),
                    caller=reader.text(fields.get("caller"), f"{what}: caller", "13800000001"),
                    variables=_plain(variables) if variables else {},
                    lookups=lookups,
                    steps=tuple(reader.text(n, f"{what}: steps") for n in reader.items(fields.get("steps"), what)),
                    end=reader.text(fields.get("end"), f"{what}: end"),
                )
            )
        return tuple(tests)


def _plain(fields: Fields) -> dict[str, Value]:
    return {name: node.value for name, (_, node) in fields.entries.items() if isinstance(node, Scalar)}
