"""Asterisk, SIPp and espeak-ng from Debian's packages, unpacked into the cache folder without root.

A private apt (its own lists, cache and an empty status file) downloads the whole closure as an ordinary
user, and ``dpkg -x`` unpacks it; programs are run through the tree's own dynamic linker, so that they do not
depend on the machine's libraries. The mirror's address is the machine's own: none is written here.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callcenter.errors import CallCenterError

PACKAGES = (
    "asterisk",
    "asterisk-modules",
    "asterisk-core-sounds-en-wav",
    "asterisk-moh-opsound-wav",
    "sip-tester",
    "espeak-ng",
)
_SUITE = "sid"
"""The suite that carries Asterisk 22 LTS; stable Debian has carried none since bookworm."""
_FORMAT = "1"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_OWN_ASTERISK = "or run an Asterisk 22.5 or newer of your own and set CALLCENTER_ASTERISK_URL"


class PackagesError(CallCenterError):
    """The packages cannot be had; the message says what to do."""

    code = "packages_unavailable"


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The unpacked tree."""

    root: Path

    @property
    def libraries(self) -> Path:
        return self.root / "usr" / "lib" / f"{platform.machine()}-linux-gnu"

    @property
    def modules_dir(self) -> Path:
        return self.libraries / "asterisk" / "modules"

    @property
    def data_dir(self) -> Path:
        """Asterisk's own data: sounds, documentation, music."""
        return self.root / "usr" / "share" / "asterisk"

    @property
    def env(self) -> dict[str, str]:
        """Variables that the programs need beside the caller's own."""
        return {"ESPEAK_DATA_PATH": str(self.libraries)}

    def command(self, name: str) -> list[str]:
        """The start of a command line for ``asterisk``, ``sipp`` or ``espeak-ng``."""
        folder = "sbin" if name == "asterisk" else "bin"
        linkers = sorted(self.root.glob("usr/lib64/ld-linux-*")) + sorted(self.libraries.glob("ld-linux-*"))
        if not linkers:
            raise PackagesError(f"{self.root} is damaged (no dynamic linker); delete it and start again")
        return [
            str(linkers[0]),
            "--library-path",
            f"{self.libraries}:{self.libraries / 'pulseaudio'}",
            str(self.root / "usr" / folder / name),
        ]


def ensure(cache_dir: Path, progress: Callable[[str], None] = lambda _: None) -> Toolbox:
    """Return the toolbox, fetching it on first use (about 100 MB). Two copies at once wait for each other.

    Raises PackagesError when apt, the keyring or the suite is not to be had.
    """
    key = hashlib.sha256(" ".join((_FORMAT, _SUITE, *PACKAGES)).encode()).hexdigest()[:12]
    target = cache_dir / f"packages-{key}"
    if target.is_dir():
        return Toolbox(target)
    cache_dir.mkdir(parents=True, exist_ok=True)
    with _locked(cache_dir / "packages.lock"):
        if not target.is_dir():  # another copy may have made it meanwhile
            with tempfile.TemporaryDirectory(dir=cache_dir, prefix="fetch-") as work:
                tree = _fetch(Path(work), progress)
                os.rename(tree, target)
    return Toolbox(target)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(work: Path, progress: Callable[[str], None]) -> Path:
    for tool, package in (("apt-get", "apt"), ("dpkg", "dpkg")):
        if shutil.which(tool) is None:
            raise PackagesError(f"`{tool}` is missing: install {package} (Debian or a derivative), {_OWN_ASTERISK}")
    if not _KEYRING.exists():
        raise PackagesError(f"{_KEYRING} is missing: apt install debian-archive-keyring, {_OWN_ASTERISK}")
    for folder in ("lists/partial", "archives/partial", "tree"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {_SUITE} main\n")
    (work / "apt.conf").write_text(
        f'Dir::State::lists "{work}/lists";\nDir::State::status "{work}/status";\nDir::Cache "{work}";\n'
        f'Dir::Etc::sourcelist "{work}/sources.list";\nDir::Etc::sourceparts "-";\n'
        'Debug::NoLocking "1";\nAPT::Sandbox::User "";\nAcquire::Languages "none";\nAcquire::Retries "3";\n'
    )
    progress("asking the mirror for its list of packages")
    _apt(work, "update")
    progress("downloading Asterisk, SIPp and espeak-ng")
    _apt(work, "install", "--yes", "--no-install-recommends", "--download-only", *PACKAGES)
    archives = sorted((work / "archives").glob("*.deb"))
    progress(f"unpacking {len(archives)} packages")
    for archive in archives:
        subprocess.run(["dpkg", "-x", archive, work / "tree"], check=True, capture_output=True)
    return work / "tree"


def _mirror() -> str:
    """The address of the machine's own Debian mirror."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)"], capture_output=True, text=True
    )
    mirrors = sorted({line.split()[0] for line in said.stdout.splitlines() if line.split()[1:] == ["Debian", "Debian"]})
    if not mirrors:
        raise PackagesError(
            f"apt knows no Debian mirror: run `apt-get update` first; on another distribution, {_OWN_ASTERISK[3:]}"
        )
    return mirrors[0]


def _apt(work: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", "-q", *arguments],
        env={**os.environ, "APT_CONFIG": str(work / "apt.conf")},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        last = [line for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines()[-1:]
        raise PackagesError(f"apt-get {arguments[0]} failed: {'; '.join(last)}; see that the mirror can be reached")
