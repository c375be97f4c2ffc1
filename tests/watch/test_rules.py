"""When a measurement becomes an incident and when it is over; what the log never shows."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from callcenter.logs import configure
from callcenter.settings import Settings
from callcenter.watch.limits import LIMITS, Judged, judge
from callcenter.watch.watcher import Sources, Watcher

LAG = LIMITS["loop_lag_s"]


def life(*points: tuple[float, float]) -> list[bool | None]:
    """(second, value) …→ open or not after each."""
    state, seen = Judged(), []
    for at, value in points:
        state = judge(LAG, state, value, at)
        seen.append(state.open)
    return seen


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 0.0)], [False]),
        ([(0, 0.5)], [False]),
        ([(0, 0.51), (1, 0.3), (2, 0.0)], [True, True, True]),
        ([(0, 0.6), (1, 0.0), (10, 0.0), (11, 0.0)], [True, True, True, False]),
        ([(0, 0.6), (1, 0.0), (9, 0.6), (11, 0.0), (20, 0.0), (21, 0.0)], [True, True, True, True, True, False]),
    ],
)
def test_a_lag_is_an_incident_until_it_has_been_well_for_a_time(
    points: list[tuple[float, float]], expected: list[bool]
) -> None:
    assert life(*points) == expected


@given(st.lists(st.floats(0, 2), max_size=60))
def test_between_the_two_lines_nothing_flickers(values: list[float]) -> None:
    state, changes = Judged(open=False), 0
    for second, value in enumerate(values):
        after = judge(LAG, state, value, second)
        if after.open != state.open:
            changes += 1
            assert value > 0.5 if after.open else value < 0.1
        state = after
    assert changes <= 1 + len(values) // 10 * 2 + 1


class Book:
    def __init__(self) -> None:
        self.open_now: dict[str, str] = {}

    def open(self, key: str, kind: str, text: str, severity: str = "error", *, facts: object = None) -> None:
        self.open_now[key] = text

    def close(self, key: str) -> None:
        self.open_now.pop(key, None)


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class Measured:
    def __init__(self) -> None:
        self.lag, self.connected = 0.0, True

    def sources(self) -> Sources:
        return Sources(
            calls=lambda: 3,
            waiting=lambda: 1,
            deepest_mailbox=lambda: 0,
            journal_lag_s=lambda: self.lag,
            journal_backlog=lambda: 0,
            switch_connected=lambda: self.connected,
            sockets=lambda: 2,
            ari_ms=lambda: 0.7,
        )


def test_what_is_out_of_bounds_is_told_in_words_and_closed_by_itself(tmp_path: Path) -> None:
    measured, book = Measured(), Book()
    watcher = Watcher(measured.sources(), book, Clock(), tmp_path)  # type: ignore[arg-type]
    watcher.look(0)
    assert book.open_now == {}
    measured.lag, measured.connected = 12.0, False
    watcher.look(1)
    watcher.look(7)
    assert set(book.open_now) == {"watch:journal_lag", "watch:switch_away"}
    assert "12 s" in book.open_now["watch:journal_lag"]
    measured.lag, measured.connected = 0.0, True
    watcher.look(8)
    watcher.look(14)
    assert book.open_now == {}
    assert list(watcher.curves["calls"]) == [3] * 5


async def test_a_loop_that_is_held_up_and_a_clock_that_jumps_are_seen(tmp_path: Path) -> None:
    import asyncio
    import time

    clock, book = Clock(), Book()
    watcher = Watcher(Measured().sources(), book, clock, tmp_path)  # type: ignore[arg-type]
    beat = asyncio.create_task(watcher._beat())
    await asyncio.sleep(0)
    clock.at -= timedelta(hours=1)
    time.sleep(0.9)  # noqa: ASYNC251 - holding the loop up is what is tried
    await asyncio.sleep(0.05)
    beat.cancel()
    watcher.look(0)
    assert set(book.open_now) == {"watch:loop_lag", "watch:clock_jump"}
    assert watcher.values["loop_lag_s"] > 0.5
    assert watcher.values["clock_jump_s"] < -3599


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    with redirect_stderr(out):
        configure(Settings())
        yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_its_call_and_without_the_customers_number(logged: io.StringIO) -> None:
    call_id = "0192f3c4d5e67f8091a2b3c4d5e6f708"
    structlog.get_logger().warning("thing", call_id=call_id, reason="sip:13800000001@x refused +8613800000001", n=3)
    structlog.get_logger().info("nested", facts=[{"who": "13800000001", "call_id": call_id}])
    logging.getLogger("library").error("could not find 13800000001")
    try:
        raise ValueError("caller 13800000001")
    except ValueError:
        structlog.get_logger().exception("broke")
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["thing", "nested", "could not find •••", "broke"]
    assert lines[0]["call_id"] == call_id
    assert lines[0]["n"] == 3
    assert "ValueError" in lines[3]["exception"]
    assert lines[1]["facts"] == [{"who": "•••", "call_id": call_id}]
    assert "13800000001" not in logged.getvalue()


def test_what_is_below_the_level_is_not_written(logged: io.StringIO) -> None:
    structlog.get_logger().debug("small")
    assert logged.getvalue() == ""
