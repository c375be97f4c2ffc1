"""What docs/flows.md shows can be loaded as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from callcenter.ivr.loader import FlowErrors, compile_files
from callcenter.ivr.schemas import SCHEMAS
from callcenter.ivr.simulate import run_tests
from callcenter.ivr.spec import KINDS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)
SHIPPED = {path.name: path.read_bytes() for path in (ROOT / "ivr_flows").glob("*.yaml")}


def whole(example: str) -> str:
    """A flow around the steps of an example: whatever else it names is there, and everything is reached."""
    if example.startswith("flow:"):
        return example
    steps = yaml.safe_load(example)
    named = set(re.findall(r"\b[a-z_]+\b", example))
    used = {"case_number", "customer_name", "customer_vip", "tries"} & named
    found = re.findall(
        r"(?:next|open|closed|holiday|found|not_found|else|go|overflow|on_[a-z]+|[0-9*]): ([a-z_]+)", example
    )
    others = sorted(set(found) - steps.keys() - {"end"})
    lines = ["flow: example", "start: entry_point", f"parameters: [{', '.join(sorted(used))}]", "steps:"]
    ways = [*steps, *others]
    cases = ", ".join(f"{{when: caller == '{number}', go: {name}}}" for number, name in enumerate(ways))
    lines += [f"  entry_point: {{branch: [{cases}], else: end}}"]
    lines += ["  " + line for line in example.rstrip().splitlines()]
    lines += [f"  {name}: {{hangup: }}" for name in others]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split(":")[0] for example in EXAMPLES])
def test_every_example_loads(example: str) -> None:
    try:
        flows = compile_files({**SHIPPED, "example.yaml": whole(example).encode()})
    except FlowErrors as error:
        pytest.fail(error.message + "\n" + whole(example))
    assert run_tests(flows)[1] == []


def test_every_kind_of_step_has_an_example() -> None:
    shown = "".join(EXAMPLES)
    assert [kind for kind in KINDS if not re.search(rf"\b{kind}:", shown)] == []


def test_the_editor_explains_every_key_in_chinese() -> None:
    def said(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("description"), str):
                yield part["description"]
            for inner in part.values():
                yield from said(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from said(inner)

    known = (ROOT / "web" / "src" / "ops" / "chineseSchema.ts").read_text(encoding="utf-8")
    every = {text for schema in SCHEMAS.values() for text in said(schema())}
    assert sorted(text for text in every if f'"{text}":' not in known) == []
