"""What a restart may take for done: nothing that was asked of a switch which was not heard."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callcenter.acd.keeper import DeskKeeper
from callcenter.acd.rules import DeskRules
from callcenter.asterisk.events import SwitchDown, SwitchUp
from callcenter.calls import messages as m
from callcenter.calls.live import LiveCalls
from callcenter.calls.replay import Replayed, replay
from callcenter.calls.taking_up import TakingUp
from callcenter.clock import SystemClock
from callcenter.continuity import Continuity
from callcenter.spool.store import Spool
from tests.calls.test_replay import FLOWS, QUEUES
from tests.world import World

NODE = "a"


def live_one() -> Replayed:
    w = World(FLOWS, QUEUES)
    call_id = w.arrive(1, flow="drill")
    w.send(call_id, m.Key(digit="1"))
    return replay(FLOWS, w.journal[call_id])


def test_what_was_asked_of_a_switch_that_was_away_as_the_service_died_is_unsure(tmp_path: Path) -> None:
    one = live_one()

    def kept() -> Continuity:
        spool = Spool(tmp_path)
        return Continuity(spool, DeskKeeper(DeskRules(), spool), tmp_path)

    up: dict[str, Any] = {"version": "22", "channels": (), "bridges": (), "seats_online": frozenset(), "boot": "b"}
    assert kept().sure_until(NODE, [one]) is None, "another machine's calls"
    kept().follow(SwitchUp(node=NODE, at=one.last_at, **up))
    assert kept().sure_until(NODE, [one]) == one.last_at
    kept().follow(SwitchDown(node=NODE, at=one.last_at, reason="lost"))
    assert kept().sure_until(NODE, [one]) is None
    kept().follow(SwitchUp(node=NODE, at=one.last_at, **up))
    assert kept().sure_until(NODE, [one]) == one.last_at


@pytest.mark.parametrize(("later_s", "unsure"), [(3, True), (10, False)])
async def test_a_switch_that_had_said_nothing_for_three_seconds_may_have_heard_nothing(
    later_s: float, unsure: bool
) -> None:
    one, calls = live_one(), LiveCalls()
    stubs: dict[str, Any] = dict.fromkeys(("post", "arrive", "last_sign"), lambda *_: None)
    nobody: Any = None
    made = TakingUp(clock=SystemClock(), live=calls, life=nobody, **stubs)
    died_at = one.last_at + timedelta(seconds=later_s)
    made.restore([(one, FLOWS)], nobody, boots={}, died_at=died_at, words={})
    assert [live.unsure for live in calls] == [unsure]
