"""Secrets that nobody chose: made once, kept in the data folder where only its owner may read."""

from __future__ import annotations

import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from callcenter.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Secrets:
    asterisk_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    """Opens ARI and AMI of the embedded Asterisk."""


def load_secrets(data_dir: Path) -> Secrets:
    """Read ``secrets.json``, making it on first use (mode 0600).

    Raises SettingsError when others may read it or it is damaged.
    """
    path = data_dir / "secrets.json"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        made = Secrets()
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(made), file)
        os.replace(fresh, path)
        return made
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{path} can be read by others: chmod 600 {path}, and change what it protects")
    try:
        kept = json.loads(path.read_text())
        return Secrets(**{each.name: str(kept[each.name]) for each in fields(Secrets)})
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} is damaged; delete it and start again to have new secrets made") from error
