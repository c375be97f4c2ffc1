"""An agent's telephone as PJSIP objects, made over ARI when the agent logs in. Pure."""

from __future__ import annotations

from callcenter.asterisk.gateway import Seat
from callcenter.asterisk.identity import caller_id


def seat_objects(seat: Seat) -> tuple[tuple[str, dict[str, str]], ...]:
    """(object type, fields) in the order in which they must be made: the endpoint names the other two."""
    endpoint = {
        "context": seat.context,
        "auth": seat.name,
        "aors": seat.name,
        "identify_by": "auth_username,username",
        "callerid": caller_id(seat.caller_id_name, seat.caller_id_number),
        "disallow": "all",
        "direct_media": "no",
        "rtp_symmetric": "yes",
        "force_rport": "yes",
        "rewrite_contact": "yes",
        "device_state_busy_at": "1",
    }
    # G.711 for browsers too. A call is captured as two directions interleaved in one 8 kHz stream; one wide-band
    # party would have Asterisk resample that stream as if it were a single voice, which mixes and spoils both.
    endpoint["allow"] = "alaw,ulaw"
    if seat.kind == "browser":
        endpoint["webrtc"] = "yes"
        # A browser never stops sending sound, muted or not. One that does has lost its network or sleeps: the leg
        # ends, and the caller is kept with music until the agent is back.
        endpoint["rtp_timeout"] = "5"
    return (
        ("auth", {"auth_type": "userpass", "username": seat.name, "password": seat.password}),
        # A new login displaces the telephone of the last one.
        ("aor", {"max_contacts": "1", "remove_existing": "yes", "maximum_expiration": "120"}),
        ("endpoint", endpoint),
    )
