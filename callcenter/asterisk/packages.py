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
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
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
    def sounds_dir(self) -> Path:
        return self.data_dir / "sounds"

    @property
    def moh_dir(self) -> Path:
        """Music on hold, WAV files."""
        return self.data_dir / "moh"

    @property
    def env(self) -> dict[str, str]:
        """Variables that the programs need beside the caller's own."""
        return {"ESPEAK_DATA_PATH": str(self.libraries)}

    def command(self, name: str) -> list[str]:
        """The start of a command line for a program of the tree: ``asterisk``, ``sipp``, ``espeak-ng``."""
        folder = "sbin" if (self.root / "usr" / "sbin" / name).exists() else "bin"
        linkers = sorted(self.root.glob("usr/lib64/ld-linux-*")) + sorted(self.libraries.glob("ld-linux-*"))
        if not linkers:
            raise PackagesError(f"{self.root} is damaged (no dynamic linker); delete it and start again")
        return [
            str(linkers[0]),
            "--library-path",
            f"{self.libraries}:{self.libraries / 'pulseaudio'}",
            str(self.root / "usr" / folder / name),
        ]


def location(cache_dir: Path, packages: Sequence[str] = PACKAGES) -> Path:
    """Where :func:`ensure` puts the tree of these packages."""
    key = hashlib.sha256(" ".join((_FORMAT, _SUITE, *packages)).encode()).hexdigest()[:12]
    return cache_dir / f"packages-{key}"


def ensure(
    cache_dir: Path, progress: Callable[[str], None] = lambda text: None, packages: Sequence[str] = PACKAGES
) -> Toolbox:
    """Fetch and unpack the packages unless the cache has them; then no network is needed.

    Copies that ask at once take turns. A fetch that was cut short goes on with what it had downloaded.
    Raises PackagesError when apt, the keyring or the suite is not to be had.
    """
    target = location(cache_dir, packages)
    if target.is_dir():
        return Toolbox(target)
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PackagesError(f"{cache_dir} cannot be made ({error.strerror}); set CALLCENTER_CACHE_DIR") from error
    with _locked(cache_dir / "packages.lock"):
        if not target.is_dir():  # another copy may have made it meanwhile
            work = target.with_suffix(".part")
            try:
                tree = _fetch(work, progress, packages)
            except OSError as error:
                raise PackagesError(f"{work}: {error.strerror}; about 700 MB are needed there") from error
            os.rename(tree, target)
            shutil.rmtree(work, ignore_errors=True)
    return Toolbox(target)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(work: Path, progress: Callable[[str], None], packages: Sequence[str]) -> Path:
    for tool, package in (("apt-get", "apt"), ("dpkg", "dpkg")):
        if shutil.which(tool) is None:
            raise PackagesError(f"`{tool}` is missing: install {package} (Debian or a derivative), {_OWN_ASTERISK}")
    if not _KEYRING.exists():
        raise PackagesError(f"{_KEYRING} is missing: apt install debian-archive-keyring, {_OWN_ASTERISK}")
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for folder in ("lists/partial", "archives/partial", "tree"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {_SUITE} main\n")
    (work / "apt.conf").write_text(
        f'Dir::State::lists "{work}/lists";\nDir::State::status "{work}/status";\nDir::Cache "{work}";\n'
        f'Dir::Etc::sourcelist "{work}/sources.list";\nDir::Etc::sourceparts "-";\n'
        'Debug::NoLocking "1";\nAPT::Sandbox::User "";\nAcquire::Languages "none";\nAcquire::Retries "3";\n'
    )
    progress("asking the mirror for its list of packages")
    _apt(work, "update")
    what = "Asterisk, SIPp and espeak-ng (about 130 MB)" if packages is PACKAGES else ", ".join(packages)
    progress(f"downloading {what}")
    _apt(work, "install", "--yes", "--no-install-recommends", "--download-only", *packages)
    archives = sorted((work / "archives").glob("*.deb"))
    for number, archive in enumerate(archives):
        if number % 20 == 0:
            progress(f"unpacking package {number + 1} of {len(archives)}")
        done = subprocess.run(["dpkg", "-x", archive, tree], capture_output=True, text=True)
        if done.returncode != 0:
            raise PackagesError(f"{archive.name} cannot be unpacked: {done.stderr.strip()[-300:]}; delete {work}")
    (tree / "packages.txt").write_text("".join(f"{archive.stem}\n" for archive in archives))
    return tree


def _mirror() -> str:
    """The address of the machine's own Debian mirror; not the one for security, which has no ``sid``."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)"], capture_output=True, text=True
    )
    mirrors = sorted({line.split()[0] for line in said.stdout.splitlines() if line.split()[1:] == ["Debian", "Debian"]})
    if not mirrors and _is_debian():
        # A machine whose apt has not asked yet (a fresh container) knows only what its sources say.
        said = subprocess.run(["apt-get", "--print-uris", "update"], capture_output=True, text=True)
        found = re.findall(r"^'(\S+?/)dists/([a-z]+)/(?:In)?Release", said.stdout, re.MULTILINE)
        mirrors = sorted({address for address, _ in found if address.rstrip("/").endswith("/debian")})
    if not mirrors:
        raise PackagesError(
            "apt knows no Debian mirror, and Asterisk comes from Debian: on Debian, see that "
            f"/etc/apt/sources.list.d names one; on another distribution, {_OWN_ASTERISK[3:]}"
        )
    return mirrors[0]


def _is_debian() -> bool:
    with suppress(OSError):
        return "ID=debian" in Path("/etc/os-release").read_text().splitlines()
    return False


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
