"""Knowing that the writer is done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from callcenter.recording.capture import STEADY_LOOKS, Watch, Writing


def test_a_capture_is_done_when_its_writer_closes_it_and_not_before(tmp_path: Path) -> None:
    capture = tmp_path / "a.raw"
    watch = Watch(capture)
    assert watch.look() is Writing.MISSING
    with capture.open("wb") as writer:
        writer.write(b"1234")
        writer.flush()
        assert [watch.look() for _ in range(STEADY_LOOKS + 5)] == [Writing.OPEN] * (STEADY_LOOKS + 5)
    assert watch.look() is Writing.DONE


def test_a_writer_that_is_killed_is_done(tmp_path: Path) -> None:
    capture = tmp_path / "a.raw"
    code = "import sys; f = open(sys.argv[1], 'wb'); f.write(b'12345'); f.flush(); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(capture)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        assert Watch(capture).look() is Writing.OPEN
        writer.kill()
        writer.wait()
        assert Watch(capture).look() is Writing.DONE


def test_where_the_kernel_gives_no_lease_a_steady_size_counts(tmp_path: Path) -> None:
    capture = tmp_path / "a.raw"
    watch = Watch(capture, ask=lambda _: None)
    assert watch.look() is Writing.MISSING
    capture.write_bytes(b"1")
    assert watch.look() is Writing.OPEN
    assert [watch.look() for _ in range(STEADY_LOOKS - 1)] == [Writing.OPEN] * (STEADY_LOOKS - 1)
    capture.write_bytes(b"12")
    assert [watch.look() for _ in range(STEADY_LOOKS)] == [Writing.OPEN] * STEADY_LOOKS, "it grew: count again"
    assert watch.look() is Writing.DONE
