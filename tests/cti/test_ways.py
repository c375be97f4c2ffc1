"""What a browser's telephone and the switch are told of a way through a NAT."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.asterisk.config import render
from callcenter.asterisk.packages import ensure
from callcenter.cti.ways import ice_servers
from callcenter.errors import SettingsError
from callcenter.settings import load_settings

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_without_servers_nothing_is_told() -> None:
    assert ice_servers(load_settings({}), "seat-3100", NOW) == []


def test_a_turn_server_can_check_a_password_that_it_never_saw() -> None:
    settings = load_settings(
        {
            "CALLCENTER_ICE_SERVERS": "stun:stun.example.org:3478,turns:turn.example.org:5349?transport=tcp",
            "CALLCENTER_TURN_SECRET": "shared",
            "CALLCENTER_SESSION_HOURS": "8",
        }
    )
    stun, turn = ice_servers(settings, "seat-3100", NOW)
    assert stun == {"urls": ["stun:stun.example.org:3478"]}
    assert turn["urls"] == ["turns:turn.example.org:5349?transport=tcp"]
    ends, _, login = str(turn["username"]).partition(":")
    assert (int(ends), login) == (int((NOW + timedelta(hours=8)).timestamp()), "seat-3100")
    signed = hmac.new(b"shared", str(turn["username"]).encode(), hashlib.sha1).digest()
    assert base64.b64decode(str(turn["credential"])) == signed


@pytest.mark.parametrize("public", [None, "203.0.113.5"])
def test_behind_a_nat_the_switch_tells_its_public_address_to_those_outside(public: str | None, tmp_path: Path) -> None:
    told = {"CALLCENTER_PUBLIC_ADDRESS": public, "CALLCENTER_LOCAL_NETWORKS": "10.0.0.0/8"} if public else {}
    settings = load_settings({**told, "CALLCENTER_SIP_BIND": "10.1.2.3:5060"}).model_copy(
        update={"data_dir": tmp_path, "cache_dir": load_settings().cache_dir}
    )
    sounds = {"apology": Path("a"), "leave_message": Path("b")}
    folder = render(settings, "password", ensure(settings.cache_dir), sounds)
    sip, rtp = ((folder / name).read_text() for name in ("pjsip.conf", "rtp.conf"))
    assert sip.count("external_signaling_address = 203.0.113.5\n") == (3 if public else 0)
    assert sip.count("external_media_address = 203.0.113.5\nexternal_sig") == (3 if public else 0)
    assert sip.count("local_net = 10.0.0.0/8\n") == (3 if public else 0)
    assert ("\n10.1.2.3 => 203.0.113.5,include_local_address\n" in rtp) == (public is not None)


def test_beside_a_public_address_sip_is_bound_to_an_address(tmp_path: Path) -> None:
    settings = load_settings(
        {"CALLCENTER_PUBLIC_ADDRESS": "203.0.113.5", "CALLCENTER_SIP_BIND": "desk.example.org:5060"}
    ).model_copy(update={"data_dir": tmp_path})
    with pytest.raises(SettingsError, match="CALLCENTER_SIP_BIND"):
        render(settings, "password", ensure(load_settings().cache_dir), {})
