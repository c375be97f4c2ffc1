"""The servers by which a browser's telephone finds its way through a NAT."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from callcenter.settings import Settings


def ice_servers(settings: Settings, login: str, now: datetime) -> list[dict[str, str | list[str]]]:
    """As ``RTCPeerConnection`` takes them (RTCIceServer).

    A TURN server gets a user name that ends with the session and a password made of it and the shared secret, so it
    needs to know nobody (draft-uberti-behave-turn-rest-00; coturn's ``use-auth-secret``).
    """
    found: list[dict[str, str | list[str]]] = []
    plain = [url for url in settings.ice_servers if url.startswith("stun")]
    if plain:
        found.append({"urls": plain})
    relays = [url for url in settings.ice_servers if url.startswith("turn")]
    if relays and settings.turn_secret is not None:
        user = f"{int((now + timedelta(hours=settings.session_hours)).timestamp())}:{login}"
        key = settings.turn_secret.get_secret_value().encode()
        sign = hmac.new(key, user.encode(), hashlib.sha1).digest()
        found.append({"urls": relays, "username": user, "credential": base64.b64encode(sign).decode()})
    return found
