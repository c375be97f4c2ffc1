"""Password hashes: argon2id, 19 MiB and 2 passes (OWASP's password storage cheat sheet).

The library's default takes 64 MiB a log-in; a shift change brings forty at once, and the service shall stay
under 200 MB. Hashing leaves the event loop: about 20 ms of a core each.
"""

from __future__ import annotations

import asyncio
import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callcenter.errors import BadRequest

MIN_LENGTH = 10
MAX_LENGTH = 256
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on paper."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def generate(length: int = 14) -> str:
    """A random password that can be read out over a desk (about 69 bits at 14)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def check_strength(password: str) -> None:
    """Raises BadRequest when it is too short, too long or one repeated sign."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadRequest(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
    if len(set(password)) < 4:
        raise BadRequest("this password is too simple: use at least 4 different characters")


def hash_blocking(password: str) -> str:
    return _hasher.hash(_bytes(password))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # JSON can carry half a character; nobody's password has one


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(hash_blocking, password)


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash(generate())


def _matches(stored: str | None, password: str) -> bool:
    try:
        _hasher.verify(stored or _nobodys_hash(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


async def verify(stored: str | None, password: str) -> bool:
    """Whether the password is right. ``stored`` None (no such login) takes as long and is never right."""
    return await asyncio.to_thread(_matches, stored, password)
