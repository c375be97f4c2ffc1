"""What must hold before anything is started: one copy a folder, and every port free or already ours."""

from __future__ import annotations

import errno
import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callcenter.errors import Conflict, SettingsError
from callcenter.settings import Settings, split_bind


@contextmanager
def only_copy(data_dir: Path, lock_name: str = "lock") -> Iterator[None]:
    """One running copy a data folder. Raises Conflict, SettingsError."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / lock_name).open("w")
    except OSError as error:
        raise SettingsError(f"{data_dir}: {error.strerror}; choose another with CALLCENTER_DATA_DIR") from None
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(
                f"another copy runs on {data_dir}: stop it, or give this one a CALLCENTER_DATA_DIR of its own"
            ) from None
        yield


def check_switch_ports(settings: Settings) -> None:
    """Raises SettingsError that names the setting of each port of Asterisk's that is taken."""
    wanted = {
        ("CALLCENTER_SIP_BIND", settings.sip_bind, socket.SOCK_STREAM),
        ("CALLCENTER_SIP_BIND", settings.sip_bind, socket.SOCK_DGRAM),
        ("CALLCENTER_ASTERISK_HTTP_BIND", settings.asterisk_http_bind, socket.SOCK_STREAM),
        ("CALLCENTER_AMI_BIND", settings.ami_bind, socket.SOCK_STREAM),
    }
    taken = set()
    for name, bind, kind in wanted:
        with socket.socket(type=kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(split_bind(bind))
            except OSError as error:
                taken.add(_taken(name, bind, error))
    if taken:
        raise SettingsError("\n".join(sorted(taken)))


def listening_socket(settings: Settings) -> socket.socket:
    """The socket of the pages and the API, listening. Raises SettingsError when its port is taken."""
    host, port = split_bind(settings.http_bind)
    ear = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        ear.bind((host.strip("[]"), port))
        ear.listen(2048)
    except OSError as error:
        ear.close()
        raise SettingsError(_taken("CALLCENTER_HTTP_BIND", settings.http_bind, error)) from None
    ear.setblocking(False)
    return ear


def _taken(name: str, bind: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{bind}: another program has this port; end it, or choose another with {name}"
    return f"{bind}: {error.strerror}; choose another with {name}"
