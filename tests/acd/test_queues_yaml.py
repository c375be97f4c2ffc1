"""The queues' settings in YAML: read into the desk's terms, every mistake told at its place."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from callcenter.acd import messages as m
from callcenter.acd.messages import OverflowWhen
from callcenter.acd.rules import DeskRules
from callcenter.ivr.flow import FlowSet, QueueDefinition
from callcenter.ivr.loader import FlowErrors, compile_files, load
from callcenter.ivr.queue_reader import schema
from callcenter.ivr.queues import queues_defined
from tests.acd.floor import START

REST = {
    "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
    "main.yaml": b"flow: main\nstart: wait\nsteps:\n  wait: {queue: {name: general, skills: {fr: 10}}}\n",
}
GOOD = """\
desk:
  order: service_level
general:
  strategy: round_robin
  weight: 3
  skills: {gas: 10}
  relax:
    - {after: 30s, by: 2}
    - {after: 1m, to: 0, skills: [gas]}
  relax_every: 20s
  ageing: 0.02
  vip_bonus: 4
  sticky: 45s
  language_level: 3
  overflow:
    - {when: wait, over: 90s, to: other}
    - {when: length, over: 20}
    - {when: estimated_wait, over: 5m, to: other}
    - {when: no_agent, to: other}
other: {}
"""


def compiled(text: str) -> FlowSet:
    return compile_files({"queues.yaml": text.encode(), **REST})


def test_every_setting_reaches_the_desk() -> None:
    command = queues_defined(compiled(GOOD))
    assert command.order == m.QueueOrder.SERVICE_LEVEL
    general, other = command.queues
    assert other == QueueDefinition(name="other", title="other"), "the file's defaults are the desk's"
    assert general == QueueDefinition(
        name="general",
        title="general",
        strategy="round_robin",
        weight=3,
        skills={"gas": 10},
        relax=(m.RelaxStep(after_s=30, by=2), m.RelaxStep(after_s=60, to=0, skills=("gas",))),
        relax_every_s=20,
        ageing=0.02,
        vip_bonus=4,
        sticky_s=45,
        language_level=3,
        overflow=(
            m.Overflow(when=OverflowWhen.WAIT, over=90, to="other"),
            m.Overflow(when=OverflowWhen.LENGTH, over=20),
            m.Overflow(when=OverflowWhen.ESTIMATED_WAIT, over=300, to="other"),
            m.Overflow(when=OverflowWhen.NO_AGENT, to="other"),
        ),
    )
    desk = DeskRules()
    assert desk.apply(command, START) == []
    assert desk.order == "service_level"


CASES = [
    (
        "strategy: round_robin",
        "strategy: ring_al",
        "queues.yaml:4:13: queue `general`: strategy: `ring_al` is not known",
    ),
    ("order: service_level", "order: serv_level", "queues.yaml:2:10: desk: order: `serv_level` is not known; did you"),
    ("  order:", "  oder:", "queues.yaml:2:3: desk: `oder` is not known here; did you mean `order`?"),
    ("gas: 10", "gas: 11", "queues.yaml:6:17: queue `general`: skill gas: a whole number from 1 to 10 is expected"),
    ("{after: 30s, by: 2}", "{after: 30s}", "queues.yaml:8:7: queue `general`: relax: exactly one of `by` and `to`"),
    ("by: 2}", "by: 2, to: 1}", "queues.yaml:8:7: queue `general`: relax: exactly one of `by` and `to` is needed"),
    ("after: 1m", "after: 20s", "queues.yaml:9:8: queue `general`: relax: 20 s is not later than the step before"),
    ("{after: 30s", "{afer: 30s", "queues.yaml:8:8: queue `general`: relax: `afer` is not known here; did you mean"),
    ("ageing: 0.02", "ageing: fast", "queues.yaml:11:11: queue `general`: ageing: a number from 0 to 10 is expected"),
    ("ageing: 0.02", "ageing: -1", "queues.yaml:11:11: queue `general`: ageing: a number from 0 to 10 is expected"),
    ("sticky: 45s", "sticky: always", "queues.yaml:13:11: queue `general`: sticky: a time is expected"),
    ("90s, to: other", "90s, to: othr", "queues.yaml:16:35: queue `general`: overflow: no queue `othr` in queues.yaml"),
    (
        "90s, to: other",
        "90s, to: general",
        "queues.yaml:16:35: queue `general`: overflow: a queue cannot overflow into",
    ),
    (
        "when: wait,",
        "when: waits,",
        "queues.yaml:16:14: queue `general`: overflow: when: `waits` is not known; did you",
    ),
    ("{when: length, over: 20}", "{when: length}", "queues.yaml:17:7: queue `general`: overflow: `over` is missing"),
    ("over: 20}", "over: 20s}", "queues.yaml:17:28: queue `general`: overflow: over: a whole number from 0 to 10000"),
    (
        "  overflow:\n",
        "  overflow: wait\n  overflo:\n",
        "queues.yaml:15:13: queue `general`: overflow: a list is expected",
    ),
    ("language_level: 3", "language_level: en", "queues.yaml:14:19: queue `general`: language_level: a whole number"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), CASES)
def test_a_mistake_is_told_at_its_place(right: str, wrong: str, told: str) -> None:
    assert right in GOOD
    with pytest.raises(FlowErrors) as caught:
        compiled(GOOD.replace(right, wrong, 1))
    assert any(str(problem).startswith(told) for problem in caught.value.problems), list(
        map(str, caught.value.problems)
    )


def test_the_schema_takes_what_the_reader_takes() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.validate(yaml.safe_load(GOOD))
    folder = Path(__file__).parents[2] / "ivr_flows"
    validator.validate(yaml.safe_load((folder / "queues.yaml").read_text()))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(yaml.safe_load(GOOD.replace("strategy: round_robin", "strategy: ring_al")))
    assert load(folder).queue_order == "longest_wait"
