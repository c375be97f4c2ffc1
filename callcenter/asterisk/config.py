"""Renders ``dialplan/*.j2`` into the configuration folder that the embedded Asterisk runs from."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callcenter.asterisk import music
from callcenter.asterisk.packages import Toolbox
from callcenter.asterisk.trunks import trunk_objects
from callcenter.errors import SettingsError
from callcenter.settings import Settings, split_bind
from callcenter.trunks.reader import load_trunks

TEMPLATES = Path(__file__).parents[2] / "dialplan"

# Lean on purpose: what is not loaded can neither fail nor be attacked. Asterisk sorts out the order itself.
# Never res_stasis_device_state: when the service's socket closes while a device changes its state, it can lock ARI for
# ever (asterisk/asterisk#2170; seen here when a socket was reset just after a hang-up).
MODULES = tuple(
    """
    res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd res_http_websocket
    res_websocket_client  res_crypto res_srtp res_rtp_asterisk codec_ulaw codec_alaw codec_gsm codec_resample
    codec_opus_open_source  format_wav format_pcm format_sln res_format_attr_opus res_musiconhold  res_pjproject
    res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_authenticator_digest
    res_pjsip_outbound_authenticator_digest res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user
    res_pjsip_registrar res_pjsip_outbound_registration
    res_pjsip_sdp_rtp res_pjsip_dtmf_info res_pjsip_caller_id res_pjsip_nat res_pjsip_rfc3326
    res_pjsip_logger res_pjsip_transport_websocket res_pjsip_header_funcs chan_pjsip  res_stasis res_stasis_answer
    res_stasis_playback res_stasis_recording res_stasis_snoop app_stasis res_ari_model
    res_ari res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
    res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings  bridge_simple bridge_softmix
    bridge_native_rtp bridge_holding bridge_builtin_features chan_bridge_media  pbx_config app_playback app_queue
    app_record app_mixmonitor app_dial func_channel func_callerid func_strings  func_logic app_chanspy
    func_periodic_hook func_cut
    func_groupcount func_uri
    """.split()  # noqa: SIM905 - a list of sixty quoted names would hide the names
)


def _own_address(settings: Settings) -> str:
    """This machine's address towards the public one; a datagram socket that is connected sends nothing."""
    host = split_bind(settings.sip_bind)[0].strip("[]")
    try:
        everywhere = ipaddress.ip_address(host).is_unspecified
    except ValueError as error:
        raise SettingsError("CALLCENTER_SIP_BIND: beside a public address it is an address, not a name") from error
    if not everywhere:
        return host
    public = str(settings.public_address)
    with socket.socket(socket.AF_INET6 if ":" in public else socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect((public, 9))
        except OSError as error:
            raise SettingsError(
                f"CALLCENTER_PUBLIC_ADDRESS: this machine has no way to {public} ({error.strerror})"
            ) from error
        return str(asked.getsockname()[0])


_UNUSED = ("acl", "ccss", "cel", "features", "pjproject", "stasis", "udptl", "websocket_client")
"""Files that Asterisk's core asks for at every start; empty ones keep its log free of alarms that are none."""


def render(
    settings: Settings,
    password: str,
    toolbox: Toolbox,
    sounds: dict[str, Path],
    classes: Mapping[str, Path] | None = None,
) -> Path:
    """Write the configuration (mode 0700) and return its folder.

    ``password`` opens ARI and AMI. ``sounds`` names the spoken ``apology`` and ``leave_message`` of the
    fallback, WAV files without extension. ``classes``: music classes and the folders they play from.
    """
    data = settings.data_dir / "asterisk"
    etc = data / "etc"
    for folder in (
        etc,
        *(data / name for name in ("lib", "spool", "spool/recording", "run", "log", "voicemail", "monitor")),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    http_host, http_port = split_bind(settings.asterisk_http_bind)
    ami_host, ami_port = split_bind(settings.ami_bind)
    low, _, high = settings.rtp_ports.partition("-")
    trunks = load_trunks(settings.trunks_file, demo_host=settings.demo_trunk)
    values = {
        "etc": etc,
        "data": data,
        "modules": toolbox.modules_dir,
        "modules_needed": MODULES,
        "sounds_root": toolbox.data_dir,
        "http_host": http_host,
        "http_port": http_port,
        "ami_host": ami_host,
        "ami_port": ami_port,
        "user": settings.asterisk_user,
        "password": password,
        "sip_bind": settings.sip_bind,
        "public_address": settings.public_address,
        "local_networks": settings.local_networks,
        "own_addresses": [_own_address(settings)] if settings.public_address else [],
        "trunks": [part for trunk in trunks for part in trunk_objects(trunk, trunk.endpoint)],
        "rtp_low": low,
        "rtp_high": high,
        **sounds,
    }
    # Not HTML: nothing here is escaped.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
    for template in sorted(TEMPLATES.glob("*.j2")):
        target = etc / template.stem
        target.touch(mode=0o600)
        target.write_text(environment.get_template(template.name).render(values), encoding="utf-8")
    played = music.configuration(classes or {music.DEFAULT: toolbox.moh_dir})
    (etc / music.CONFIGURATION).write_text(played, encoding="utf-8")
    for name in _UNUSED:
        (etc / f"{name}.conf").write_text("")
    (data / "lib" / "keys").mkdir(exist_ok=True)
    # Asterisk reads its own description of the core types from its data folder.
    documentation = data / "lib" / "documentation"
    if not documentation.exists():
        os.symlink(toolbox.data_dir / "documentation", documentation)
    return etc
