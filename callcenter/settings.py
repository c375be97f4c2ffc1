"""Every setting, read once at start from ``CALLCENTER_*`` variables or a TOML file.

Order: environment, then the file named by ``CALLCENTER_CONFIG``, then the default. An unknown key is an
error that names its nearest neighbour, so that a typing error never passes in silence. No secret has a
default: those not given are generated into the data folder (mode 0600) by :mod:`callcenter.secrets_store`.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from callcenter.errors import SettingsError
from callcenter.outbound.rules import entry_problem

PREFIX = "CALLCENTER_"
_NOT_SETTINGS = frozenset({PREFIX + "CONFIG", PREFIX + "TOKEN", PREFIX + "URL"})
"""Where the settings' file is; and whom the command line asks, and with which token."""
_LISTS = frozenset({"public_origins", "dial_out_allow", "trusted_proxies", "ice_servers", "local_networks"})
"""Settings that are lists: in a variable, separated by commas."""


def _bind(value: str) -> str:
    host, sep, port = value.rpartition(":")
    if not sep or not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError("expected host:port with a port from 1 to 65535, e.g. 127.0.0.1:8080")
    return value


def _ports(value: str) -> str:
    low, sep, high = value.partition("-")
    if not sep or not low.isdigit() or not high.isdigit() or not 1024 <= int(low) < int(high) <= 65535:
        raise ValueError("expected LOW-HIGH within 1024 to 65535, e.g. 10000-10999")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("expected a zone of the IANA database, e.g. Asia/Shanghai") from error
    return value


def _allow_list(value: tuple[str, ...]) -> tuple[str, ...]:
    problems = [problem for problem in map(entry_problem, value) if problem]
    if problems:
        raise ValueError("; ".join(problems))
    return value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"{origin!r}: expected scheme://host or scheme://host:port, e.g. https://desk.example.org")
    return value


def _network(text: str, expected: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r}: expected {expected}") from error


def _proxies(value: tuple[str, ...]) -> tuple[str, ...]:
    for address in value:
        if _network(address, "addresses or networks, e.g. 10.0.0.9 or 10.0.0.0/28").prefixlen == 0:
            raise ValueError(f"{address!r} would believe everybody: name the proxies' own addresses")
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for network in value:
        _network(network, "networks, e.g. 10.0.0.0/8")
    return value


def _address(value: str) -> str:
    try:
        if ipaddress.ip_address(value).is_unspecified:
            raise ValueError
    except ValueError as error:
        raise ValueError("expected an IP address, e.g. 203.0.113.5") from error
    return value


_ICE_SERVER = re.compile(r"(?:stuns?|turns?):[A-Za-z0-9.\-\[\]:]+(?:\?transport=(?:udp|tcp))?")
"""RFC 7064 and RFC 7065."""


def _ice_servers(value: tuple[str, ...]) -> tuple[str, ...]:
    for url in value:
        if not _ICE_SERVER.fullmatch(url):
            raise ValueError(f"{url!r}: expected e.g. stun:stun.example.org:3478 or turns:turn.example.org:5349")
    return value


Bind = Annotated[str, AfterValidator(_bind)]
PortRange = Annotated[str, AfterValidator(_ports)]
Zone = Annotated[str, AfterValidator(_zone)]


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    data_dir: Path = Path("data")
    """Database, logs, secrets, prompts. One running copy a folder."""
    cache_dir: Path = Path("~/.cache/callcenter")
    """Fetched Asterisk packages and spoken prompts; shared between copies, may be deleted."""
    recordings_dir: Path = Path("recordings")
    flows_dir: Path = Path("ivr_flows")
    trunks_file: Path = Path("dialplan/trunks.yaml")
    """The carriers' lines; passwords it names by variable or file."""
    web_dir: Path = Path("web/dist")

    http_bind: Bind = "127.0.0.1:8080"
    public_origins: Annotated[tuple[str, ...], AfterValidator(_origins)] = ()
    """Further origins (scheme://host:port) that browsers may come from, behind a proxy."""
    trusted_proxies: Annotated[tuple[str, ...], AfterValidator(_proxies)] = ("127.0.0.1", "::1")
    """Addresses and networks whose X-Forwarded-For is believed: proxies that stand in front."""
    sip_bind: Bind = "127.0.0.1:5060"
    rtp_ports: PortRange = "10000-10999"
    public_address: Annotated[str, AfterValidator(_address)] | None = None
    """Behind a NAT: the address by which carriers and agents outside reach sip_bind and rtp_ports."""
    local_networks: Annotated[tuple[str, ...], AfterValidator(_networks)] = (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
    )
    """Who is told this machine's own address all the same."""
    ice_servers: Annotated[tuple[str, ...], AfterValidator(_ice_servers)] = ()
    """STUN and TURN servers for agents behind a NAT of their own: stun:…, turn:…, turns:…."""
    turn_secret: SecretStr | None = None
    """What the TURN servers share with us (coturn: static-auth-secret); each login gets a password made of it."""

    asterisk_http_bind: Bind = "127.0.0.1:8088"
    """Where the embedded Asterisk serves ARI and the browsers' SIP socket."""
    ami_bind: Bind = "127.0.0.1:5038"
    asterisk_url: str | None = None
    """An Asterisk of your own, e.g. http://10.0.0.5:8088; unset, the embedded one is started."""
    asterisk_user: str = "callcenter"
    asterisk_password: SecretStr | None = None
    """ARI and AMI password of your own Asterisk; generated for the embedded one."""
    browser_sip_url: str | None = None
    """What browsers connect their telephone to; unset, ws://<asterisk_http_bind>/ws."""

    database_url: SecretStr | None = None
    """postgresql+asyncpg://…; unset, an embedded PostgreSQL is started in the data folder."""

    standby: bool = False
    """Wait while another copy on the same database has the desk, and take over when it is gone."""

    demo: bool = True
    """Give an empty embedded database a demo crew with generated passwords and invented customers. A database of
    your own is never touched."""

    demo_trunk: Bind = "127.0.0.1:5080"
    """Where the demo trunk's far side listens for the calls that we make."""
    max_lines: Annotated[int, Field(ge=1, le=10_000)] = 90
    """Customers' lines at once, in and out; the next caller hears so and is offered a call-back."""
    overflow_lines: Annotated[int, Field(ge=0, le=1000)] = 10
    """Callers beyond max_lines who may hear that at once; those after them get the busy tone."""
    dial_out_allow: Annotated[tuple[str, ...], AfterValidator(_allow_list)] = ("CN:mobile", "CN:fixed")
    """Which numbers may be called: CN:mobile, CN:fixed, US:any, +8610, 95588 …; what is not listed is refused."""
    dial_out_hours: str = "callback"
    """The calendar of hours.yaml in which customers may be called; where there is none, 09:00 to 21:00."""
    callback_attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """How often a customer who is to be called back is rung at most."""
    callback_pause_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """Between two of these attempts."""

    drain_minutes: Annotated[int, Field(ge=0, le=120)] = 10
    """Before the end of their shift agents are offered only calls that nobody else can take."""

    timezone: Zone = "Asia/Shanghai"
    tts_command: str | None = None
    """Command line of a speech engine: reads text on stdin, writes WAV to {output}, language in {language}."""
    tts_on_failure: Literal["keep", "refuse"] = "keep"
    """When the speech engine fails: play the last good sound of the same words, or refuse to load the flows."""
    flows_watch: bool = False
    """Reload the flows whenever a file in flows_dir changes."""
    cookie_secure: bool = False
    """Set true when browsers come by https."""
    listening_shown: bool = False
    """Show agents on their page that a supervisor listens; who whispers or joins is always shown."""
    session_hours: Annotated[int, Field(ge=1, le=168)] = 14
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    webhook_url: str | None = None
    """Where another system is told of cases that are escalated; unset, nobody is."""
    webhook_secret: SecretStr | None = None
    """Signs what is sent there; both sides know it."""
    metrics_token: SecretStr | None = None
    """Bearer token with which another machine may read /metrics; unset, only this machine may."""

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.webhook_url is not None:
            if not self.webhook_url.startswith(("http://", "https://")):
                raise ValueError("webhook_url: expected http://… or https://…")
            if self.webhook_secret is None:
                raise ValueError("webhook_url needs webhook_secret too: what is sent is signed with it")
        if self.turn_secret is None and any(url.startswith("turn") for url in self.ice_servers):
            raise ValueError(
                "ice_servers names a TURN server, which needs turn_secret too: it signs each login's password"
            )
        return self

    def to_serve(self) -> tuple[str, str]:
        """The database's address and Asterisk's password. Raises SettingsError when one is not set."""
        if self.database_url is None or self.asterisk_password is None:
            raise SettingsError(
                "`serve` needs CALLCENTER_DATABASE_URL and CALLCENTER_ASTERISK_PASSWORD; `up` starts both parts itself"
            )
        return self.database_url.get_secret_value(), self.asterisk_password.get_secret_value()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def sip_socket_url(self) -> str:
        return self.browser_sip_url or f"ws://{self.asterisk_http_bind}/ws"

    @property
    def asterisk_base_url(self) -> str:
        return self.asterisk_url or f"http://{self.asterisk_http_bind}"


def split_bind(bind: str) -> tuple[str, int]:
    """``"127.0.0.1:8080"`` → ``("127.0.0.1", 8080)``."""
    host, _, port = bind.rpartition(":")
    return host, int(port)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingsError with one line for each thing that is wrong."""
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    config = environ.get(PREFIX + "CONFIG")
    if config:
        try:
            values = dict(tomllib.loads(Path(config).read_text(encoding="utf-8")))
        except OSError as error:
            raise SettingsError(f"{config}: cannot be read ({error.strerror}); correct CALLCENTER_CONFIG") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{config}: not valid TOML: {error}") from error
        sources = dict.fromkeys(values, config)
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name in _NOT_SETTINGS:
            continue
        key = name.removeprefix(PREFIX).lower()
        values[key] = [part for part in text.split(",") if part] if key in _LISTS else text
        sources[key] = name
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_lines(error, sources))) from None
    return settings.model_copy(
        update={
            name: Path(getattr(settings, name)).expanduser().absolute()
            for name in ("data_dir", "cache_dir", "recordings_dir", "flows_dir", "web_dir", "trunks_file")
        }
    )


def _lines(error: ValidationError, sources: Mapping[str, str]) -> list[str]:
    lines = []
    for item in error.errors():
        key = str(item["loc"][0]) if item["loc"] else ""
        source = sources.get(key, "settings")
        where = source if source.startswith(PREFIX) else f"{source}: {key}"
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, Settings.model_fields, n=1)
            hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else "; see docs/operations.md for all settings"
            lines.append(f"{where}: unknown setting{hint}")
        else:
            lines.append(f"{where}: {item['msg'].removeprefix('Value error, ')}")
    return lines
