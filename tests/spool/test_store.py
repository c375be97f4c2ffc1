"""The spool's file: what it has taken it gives back, in order, whatever the disk and the process do."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.spool.store import Spool, SpoolLost

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def fill(spool: Spool, count: int, key: str = "k") -> None:
    for _ in range(count):
        spool.put("event", key, AT, b"x" * 100)


def test_entries_come_back_in_order_until_they_are_shipped_and_forgotten(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    fill(spool, 3)
    spool.put("incident", "", AT, b"{}")
    pending = spool.pending(10)
    assert [entry.number for entry in pending] == [1, 2, 3, 4]
    spool.shipped(pending)
    assert spool.pending(10) == []
    assert [entry.number for entry in spool.kept("event")] == [1, 2, 3], "a live call's events stay"
    assert list(spool.kept("incident")) == []
    spool.forget(["k"])
    assert list(spool.kept("event")) == []
    spool.close()
    again = Spool(tmp_path)
    assert again.put("event", "k", AT, b"") > 5, "no number is ever given twice"
    assert again.id == spool.id


def test_what_is_forgotten_before_all_of_it_is_shipped_goes_when_it_is(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    fill(spool, 2, "a")
    fill(spool, 2, "b")
    spool.shipped(spool.pending(3))
    spool.forget(["a", "b", "unknown"])
    assert [entry.number for entry in spool.kept("event")] == [4]
    spool.close()
    again = Spool(tmp_path)
    assert again.unshipped == 1
    again.shipped(again.pending(10))
    assert again.unshipped == 0
    again.forget(["b"])
    assert list(again.kept("event")) == []


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    fill(spool, 1)
    for path in (tmp_path / "spool").iterdir():
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path.name


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from callcenter.spool.store import Spool
spool = Spool(Path(sys.argv[1]))
for number in range(1000):
    spool.put("event", "k", datetime.now(UTC), str(number).encode())
    if number == 777:
        print("there", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_put_survives_kill_nine(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, cwd=os.getcwd())
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    payloads = [entry.payload for entry in Spool(tmp_path).kept("event")]
    assert payloads == [str(number).encode() for number in range(778)]


def test_a_torn_last_record_costs_that_record_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    fill(spool, 20)
    wal = spool.path.with_name(spool.path.name + "-wal")
    whole, main = wal.read_bytes(), spool.path.read_bytes()
    spool.close()
    folder = tmp_path / "torn"
    folder.mkdir()
    (folder / spool.path.name).write_bytes(main)
    (folder / wal.name).write_bytes(whole[:-1000])
    torn = Spool(folder)
    assert [entry.number for entry in torn.pending(100)] == list(range(1, 20))
    assert not torn.found_broken


def test_a_file_that_is_no_spool_is_put_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    (tmp_path / "spool.sqlite").write_bytes(b"garbage " * 1000)
    spool = Spool(tmp_path)
    assert spool.found_broken
    fill(spool, 1)
    assert len(list(tmp_path.glob("broken-*"))) == 1


def test_a_full_spool_keeps_on_in_memory_in_order_and_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=64 * 4096, max_in_memory=3000)
    fill(spool, 3000)
    assert spool.in_memory > 0
    assert spool.filled > 0.2
    numbers = [entry.number for entry in spool.pending(10_000)]
    assert numbers == list(range(1, 3001))
    with pytest.raises(SpoolLost):
        fill(spool, 3000)
    while spool.unshipped:
        spool.shipped(spool.pending(500))
    spool.forget(["k"])
    fill(spool, 1)
    assert spool.in_memory == 0, "there is room again"


def test_what_entries_come_to_is_on_the_disk_with_the_newest_that_is_there(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=64 * 4096)
    spool.put("event", "live", AT, b"{}", standing=b"1")
    assert Spool(tmp_path).standings() == {"live": b"1"}
    fill(spool, 3000)
    spool.put("event", "live", AT, b"{}", standing=b"2")
    assert spool.in_memory
    spool.put("event", "over", AT, b"{}", standing=b"over")
    assert Spool(tmp_path).standings() == {"live": b"1"}, "as the entries that the disk has"
    while spool.unshipped:
        spool.shipped(spool.pending(500))
    spool.forget(["k", "over"])
    fill(spool, 1)
    assert spool.write_memory()
    assert Spool(tmp_path).standings() == {"live": b"2"}
    spool.forget(["live"])
    assert spool.standings() == {}


FULL_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from callcenter.spool.store import Spool
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
spool = Spool(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for number in range(2000):
    spool.put("event", "k", datetime.now(UTC), b"x" * 200)
assert spool.in_memory, "the disk took everything"
assert [e.number for e in spool.pending(5000)] == list(range(1, 2001))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert spool.write_memory()
assert [e.number for e in spool.pending(5000)] == list(range(1, 2001))
print("whole")
"""


def test_a_disk_that_is_full_loses_nothing_and_takes_it_when_it_can(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, cwd=os.getcwd())
    assert done.stdout.endswith(b"whole\n"), done.stderr.decode()
    assert [entry.number for entry in Spool(tmp_path).pending(5000)] == list(range(1, 2001))


SHIPPED_FROM_A_FULL_DISK = """
import os, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from callcenter.spool.store import Spool
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
spool, shipped = Spool(Path(sys.argv[1])), []
def put(count):
    for number in range(count):
        spool.put("event", "k" if number % 2 else "", datetime.now(UTC), b"x" * 200)
put(300)
full = os.path.getsize(f"{spool.path}-wal")
resource.setrlimit(resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
put(300)
assert spool.in_memory == 300
while entries := spool.pending(250):
    shipped += [entry.number for entry in entries]
    spool.shipped(entries)
assert (shipped, spool.unshipped) == (list(range(1, 601)), 0), (len(shipped), spool.unshipped)
print("once")
"""


def test_what_a_full_disk_holds_is_shipped_once_and_holds_up_nothing_behind_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHIPPED_FROM_A_FULL_DISK, str(tmp_path)],
        capture_output=True,
        cwd=os.getcwd(),
        timeout=60,
    )
    assert done.stdout.endswith(b"once\n"), done.stderr.decode()


SHIPPED_BEFORE_THE_DISK_HAD_IT = """
import os, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from callcenter.spool.store import Spool
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
spool = Spool(Path(sys.argv[1]))
def put(count):
    for _ in range(count):
        for key in ("lives", "is over"):
            spool.put("event", key, datetime.now(UTC), b"x" * 200)
put(50)
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(f"{spool.path}-wal"), resource.RLIM_INFINITY))
put(50)
spool.shipped(spool.pending(1000))
spool.forget(["is over"])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
spool.put("event", "lives", datetime.now(UTC), b"")
print("killed", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_live_call_has_no_hole_where_the_disk_was_full_for_a_moment(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHIPPED_BEFORE_THE_DISK_HAD_IT, str(tmp_path)]
    killed = subprocess.run(command, capture_output=True, cwd=os.getcwd(), timeout=60)
    assert killed.stdout.endswith(b"killed\n"), killed.stderr.decode()
    again = Spool(tmp_path)
    assert [entry.number for entry in again.kept("event") if entry.key == "lives"] == list(range(1, 202, 2))


def test_notes_are_kept_by_name(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert spool.set_notes("seat", {"a": b"1", "b": b"2"})
    assert spool.set_notes("seat", {"a": None})
    assert Spool(tmp_path).notes("seat") == {"b": b"2"}


def test_bringing_it_to_the_disk_disturbs_no_put(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(5):
        fill(spool, 50)
        spool.sync()
    assert len(spool.pending(1000)) == 250
