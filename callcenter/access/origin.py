"""Is a browser's request ours? Cookies travel with requests that other sites make; origins tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from callcenter.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def same_origin(headers: Mapping[str, str], settings: Settings, *, absent: bool = False) -> bool:
    """Whether ``Origin`` is the address asked for itself or one of ``public_origins``.

    Without ``Origin``, ``Sec-Fetch-Site: same-origin`` will do; with neither, ``absent`` is the answer.
    """
    origin = headers.get("origin")
    if origin is None:
        fetch_site = headers.get("sec-fetch-site")
        return absent if fetch_site is None else fetch_site == "same-origin"
    if origin in settings.public_origins:
        return True
    parts = urlsplit(origin)
    # Where browsers come by https, a page of the same name by http is somebody's on the way.
    ours = {"https"} if settings.cookie_secure else {"http", "https"}
    return parts.scheme in ours and bool(parts.netloc) and parts.netloc == headers.get("host")
