"""A trunk as PJSIP objects, the same for the rendered file and for what is pushed over ARI. Pure."""

from __future__ import annotations

from callcenter.trunks.model import Trunk

PRINT = "accountcode"
"""The endpoint's field by which Asterisk tells which description of the trunk it has (it hides ``set_var``)."""
QUALIFY_TIMEOUT_S = 3.0
"""At most; always shorter than the interval: else a late failure would follow a newer answer."""

Object = tuple[str, str, tuple[tuple[str, str], ...]]
"""Type, id, fields; a field may stand several times."""


def trunk_objects(trunk: Trunk, endpoint: str) -> tuple[Object, ...]:
    """In the order in which they must be made: the endpoint names the others, and is named by the last ones."""
    # Asterisk takes lists with commas in both worlds, files and ARI.
    aor = (
        ("contact", ",".join(f"sip:{host}" for host in trunk.hosts)),
        ("qualify_frequency", str(trunk.qualify_s)),
        ("qualify_timeout", f"{min(QUALIFY_TIMEOUT_S, 0.8 * trunk.qualify_s or QUALIFY_TIMEOUT_S):.1f}"),
    )
    fields = [
        ("context", "from-trunk"),
        ("identify_by", "ip"),  # by name as well, whoever calls themselves so would be the carrier
        ("disallow", "all"),
        ("allow", ",".join(trunk.codecs)),
        ("aors", endpoint),
        ("direct_media", "no"),
        ("dtmf_mode", "auto"),
        ("rtp_timeout", "60"),
        (PRINT, trunk.print),
    ]
    made: list[Object] = [("aor", endpoint, aor)]
    if trunk.username:
        secret = (("auth_type", "userpass"), ("username", trunk.username), ("password", trunk.password))
        made.append(("auth", endpoint, secret))
        fields += [("outbound_auth", endpoint), ("from_user", trunk.username)]
    made.append(("endpoint", endpoint, tuple(fields)))
    if trunk.match:
        made.append(("identify", endpoint, (("endpoint", endpoint), ("match", ",".join(trunk.match)))))
    if trunk.register:
        host = trunk.hosts[0]
        registration = (
            ("server_uri", f"sip:{host}"),
            ("client_uri", f"sip:{trunk.username}@{host}"),
            ("contact_user", trunk.username),
            ("outbound_auth", endpoint),
            ("retry_interval", "20"),
            ("forbidden_retry_interval", "60"),
            ("max_retries", "100000"),
        )
        made.append(("registration", endpoint, registration))
    return tuple(made)
