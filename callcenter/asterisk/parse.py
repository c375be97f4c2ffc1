"""ARI's JSON → typed events. The only place that knows the field names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from callcenter.asterisk import events as e
from callcenter.trunks.model import endpoint_base, trunk_of

Raw = Mapping[str, Any]
SOUND_VARIABLE: Final = "RTPAUDIOQOS"
"""What Asterisk sets on a channel when it ends, and tells with it (``channelvars`` in ``ari.conf``)."""
MEANT: Final = (
    "StasisStart",
    "StasisEnd",
    "ChannelStateChange",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ChannelHold",
    "ChannelUnhold",
    "PlaybackFinished",
    "RecordingFinished",
    "RecordingFailed",
    "PeerStatusChange",
    "ContactStatusChange",
)
"""The types of ARI's events that say something to us."""


def parse_event(raw: Raw, node: str) -> e.SwitchEvent | None:
    """One event, or None for those that mean nothing to us. Raises KeyError, TypeError or ValueError if malformed."""
    kind = raw["type"]
    if kind not in MEANT:
        return None
    at = parse_time(raw.get("timestamp"))
    match kind:
        case "StasisStart":
            channel = raw["channel"]
            arguments = [str(argument) for argument in raw.get("args", ())]
            if arguments[:1] == ["inbound"] and len(arguments) == 3:
                return e.CallerArrived(
                    node=node,
                    at=at,
                    channel=channel["id"],
                    caller_number=channel["caller"]["number"],
                    caller_name=channel["caller"]["name"],
                    dialled=arguments[1],
                    trunk=endpoint_base(arguments[2]),
                )
            if arguments[:1] == ["leg"]:
                return e.LegAnswered(node=node, at=at, channel=channel["id"])
            return None
        case "ChannelStateChange" if raw["channel"]["state"] == "Ringing":
            return e.LegRinging(node=node, at=at, channel=raw["channel"]["id"])
        case "ChannelDestroyed":
            return e.ChannelGone(
                node=node,
                at=at,
                channel=raw["channel"]["id"],
                cause=int(raw["cause"]),
                cause_text=str(raw["cause_txt"]),
                endpoint=_endpoint(str(raw["channel"]["name"])) or "",
                sound=parse_sound(str(raw["channel"].get("channelvars", {}).get(SOUND_VARIABLE, ""))),
            )
        case "StasisEnd":
            return e.ChannelLeft(node=node, at=at, channel=raw["channel"]["id"])
        case "ChannelDtmfReceived":
            return e.DigitPressed(node=node, at=at, channel=raw["channel"]["id"], digit=str(raw["digit"]))
        case "PlaybackFinished":
            playback = raw["playback"]
            return e.PlaybackFinished(
                node=node,
                at=at,
                playback=playback["id"],
                channel=str(playback["target_uri"]).removeprefix("channel:"),
                ok=playback["state"] == "done",
            )
        case "RecordingFinished" | "RecordingFailed":
            recording = raw["recording"]
            return e.RecordingFinished(
                node=node,
                at=at,
                recording=recording["name"],
                seconds=float(recording.get("duration", 0)),
                ok=kind == "RecordingFinished",
            )
        case "ChannelHold":
            return e.ChannelHeld(node=node, at=at, channel=raw["channel"]["id"])
        case "ChannelUnhold":
            return e.ChannelUnheld(node=node, at=at, channel=raw["channel"]["id"])
        case "PeerStatusChange" if raw["endpoint"]["technology"] == "PJSIP":
            endpoint = raw["endpoint"]
            return e.SeatPresence(node=node, at=at, seat=endpoint["resource"], online=endpoint["state"] == "online")
        case "ContactStatusChange":
            return _contact(raw, node, at)
        case _:
            return None


_REACHABLE: Final = {"Reachable": True, "Unreachable": False, "Removed": None}


def _contact(raw: Raw, node: str, at: datetime) -> e.TrunkContact | None:
    """A trunk's contact; seats' telephones are told of by their registration."""
    trunk = trunk_of(str(raw["endpoint"]["resource"]))
    contact = raw["contact_info"]
    status = contact["contact_status"]
    if trunk is None or status not in _REACHABLE:
        return None
    reachable = _REACHABLE[status]
    microseconds = int(contact.get("roundtrip_usec") or 0)
    rtt_ms = microseconds / 1000 if reachable and microseconds else None
    return e.TrunkContact(
        node=node, at=at, trunk=trunk, contact=str(contact["uri"]), reachable=reachable, rtt_ms=rtt_ms
    )


def parse_time(text: object) -> datetime:
    """Asterisk's ``2026-01-05T09:00:00.000+0800`` as aware UTC; the present where it sent none."""
    if not isinstance(text, str):
        return datetime.now(UTC)
    return datetime.fromisoformat(text).astimezone(UTC)


def parse_channel(raw: Raw) -> e.ChannelView:
    application = str(raw.get("dialplan", {}).get("app_data", ""))
    return e.ChannelView(
        channel=raw["id"],
        state=raw["state"],
        caller_number=raw["caller"]["number"],
        created=parse_time(raw["creationtime"]),
        app_args=tuple(application.split(",")[1:]),
        seat=_endpoint(str(raw["name"])),
    )


def _endpoint(channel: str) -> str | None:
    """``PJSIP/<endpoint>-<n>``; None for another technology."""
    return channel.removeprefix("PJSIP/").rpartition("-")[0] if channel.startswith("PJSIP/") else None


def parse_sound(told: str) -> e.LegSound | None:
    """Asterisk's ``ssrc=…;themssrc=…;lp=0;rxjitter=0.0;rxcount=350;txjitter=0.000375;txcount=349;rlp=0;rtt=0.0;…``.

    ``lp`` and ``rxcount``: lost and received, ``rlp`` and ``txcount``: lost there and sent; times are in seconds. The
    two jitters are named by who tells them: ``txjitter``, told by us, is of what we received, ``rxjitter`` of what we
    sent. Losses are as of the last RTCP report, one in five seconds. None where nothing is told. A loss below zero,
    which comes of packets that were doubled, is 0; so is a leg's of which nothing came, where Asterisk expects one.
    """
    parts = dict(part.split("=", 1) for part in told.split(";") if "=" in part)
    try:
        rtt, sent_jitter, sent_lost = float(parts["rtt"]), float(parts["rxjitter"]), _count(parts["rlp"])
        received = _count(parts["rxcount"])
        heard_of = rtt > 0 or sent_jitter > 0 or sent_lost > 0
        return e.LegSound(
            received=received,
            received_lost=_count(parts["lp"]) if received else 0,
            received_jitter_ms=float(parts["txjitter"]) * 1000,
            sent=_count(parts["txcount"]),
            sent_lost=sent_lost if heard_of else None,
            sent_jitter_ms=sent_jitter * 1000 if heard_of else None,
            rtt_ms=rtt * 1000 if rtt > 0 else None,
        )
    except (KeyError, ValueError):
        return None


def _count(text: str) -> int:
    """A signed number that Asterisk writes as an unsigned one."""
    number = int(text)
    return number if 0 <= number < 1 << 31 else 0


def parse_bridge(raw: Raw) -> e.BridgeView:
    return e.BridgeView(bridge=raw["id"], channels=frozenset(raw["channels"]))
