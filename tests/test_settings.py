"""Settings: an error says which variable is wrong and what to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from callcenter.cli import cli
from callcenter.errors import SettingsError
from callcenter.settings import Settings, load_settings


def test_without_any_variable_everything_binds_to_loopback() -> None:
    settings = load_settings({})
    binds = (settings.http_bind, settings.sip_bind, settings.asterisk_http_bind, settings.ami_bind)
    assert all(bind.startswith("127.0.0.1:") for bind in binds)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CALLCENTER_HTP_BIND", "127.0.0.1:1", "did you mean CALLCENTER_HTTP_BIND?"),
        ("CALLCENTER_HTTP_BIND", "8080", "expected host:port"),
        ("CALLCENTER_HTTP_BIND", "127.0.0.1:99999", "expected host:port"),
        ("CALLCENTER_RTP_PORTS", "20000-10000", "expected LOW-HIGH"),
        ("CALLCENTER_TIMEZONE", "Asia/Nowhere", "IANA"),
        ("CALLCENTER_TRUSTED_PROXIES", "10.0.0.9,proxy", "expected addresses or networks"),
        ("CALLCENTER_TRUSTED_PROXIES", "0.0.0.0/0", "would believe everybody"),
        ("CALLCENTER_PUBLIC_ORIGINS", "https://desk.example.org/", "expected scheme://host"),
        ("CALLCENTER_PUBLIC_ADDRESS", "desk.example.org", "expected an IP address"),
        ("CALLCENTER_LOCAL_NETWORKS", "10.0.0.1/8", "expected networks"),
        ("CALLCENTER_ICE_SERVERS", "stun.example.org", "expected e.g. stun:"),
        ("CALLCENTER_SESSION_HOURS", "0", "greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert name in caught.value.message
    assert says in caught.value.message


def test_a_turn_server_without_its_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="needs turn_secret too"):
        load_settings({"CALLCENTER_ICE_SERVERS": "turn:turn.example.org"})


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"CALLCENTER_HTTP_BIND": "x", "CALLCENTER_SIP_BIND": "y"})
    assert len(caught.value.message.splitlines()) == 2


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('timezone = "Europe/Berlin"\nhttp_bind = "127.0.0.1:1000"\n')
    settings = load_settings({"CALLCENTER_CONFIG": str(file), "CALLCENTER_HTTP_BIND": "127.0.0.1:2000"})
    assert (settings.timezone, settings.http_bind) == ("Europe/Berlin", "127.0.0.1:2000")


def test_secrets_are_never_printed() -> None:
    settings = load_settings({"CALLCENTER_DATABASE_URL": "postgresql+asyncpg://u:hunter2@db/x"})
    assert "hunter2" not in repr(settings)


def test_what_the_command_line_needs_is_no_setting() -> None:
    load_settings({"CALLCENTER_TOKEN": "t", "CALLCENTER_URL": "http://127.0.0.1:1"})


def test_every_setting_stands_in_the_operations_manual() -> None:
    manual = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in manual] == []


def test_every_command_that_the_documents_name_is_there() -> None:
    root = Path(__file__).parents[1]
    context = click.Context(cli)
    wrong = []
    for path in (root / "README.md", *(root / "docs").glob("*.md")):
        for first, second in re.findall(r"\bcallcenter +([a-z]+)(?: ([a-z]+))?", path.read_text(encoding="utf-8")):
            command = cli.get_command(context, first)
            if command is None:
                wrong.append(f"{path.name}: {first}")
            if isinstance(command, click.Group) and second and command.get_command(context, second) is None:
                wrong.append(f"{path.name}: {first} {second}")
    assert wrong == []
