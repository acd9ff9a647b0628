"""Password hashes (argon2id) and codes of the second factor. Hashing takes long: in a thread, few at once."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from contact_center.errors import Unavailable
from contact_center.ports import Ids
from contact_center.rules import signin

if TYPE_CHECKING:
    from argon2 import PasswordHasher

Args = TypeVarTuple("Args")
Result = TypeVar("Result")

AT_ONCE: Final = 2
"""Hashes at the same time: each takes 19 MiB and a core."""
PATIENCE_S: Final = 10.0


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    # OWASP's argon2id profile with 19 MiB.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


_LIMITER: Final = RunVar[anyio.CapacityLimiter]("password_hashes")


def _limiter() -> anyio.CapacityLimiter:
    try:
        return _LIMITER.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(AT_ONCE)
        _LIMITER.set(limiter)
        return limiter


@cache
def _nobody() -> str:
    return hash_now("nobody has this password")


def hash_now(password: str) -> str:
    """Return the hash of a password, blocking."""
    return _hasher().hash(password)


async def hash_password(password: str) -> str:
    """Return the hash of a password. Raises Unavailable when too many wait."""
    return await _in_thread(hash_now, password)


async def is_password(stored: str | None, password: str) -> bool:
    """Compare, taking as long for nobody's password as for somebody's. Raises Unavailable when too many wait."""
    return await _in_thread(_verify, stored, password)


def _verify(stored: str | None, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


async def _in_thread(call: Callable[[*Args], Result], *args: *Args) -> Result:
    try:
        with anyio.fail_after(PATIENCE_S):
            return await anyio.to_thread.run_sync(call, *args, limiter=_limiter())
    except TimeoutError as error:
        raise Unavailable(retry_after_s=5) from error


def matching_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the step a code belongs to, one before or after now included, unless it or a later one was used."""
    from pyotp import TOTP

    digits = "".join(code.split())
    current = signin.step_of(now)
    for step in (current, current - 1, current + 1):
        if step > last_step and hmac.compare_digest(TOTP(secret).at(step * signin.STEP_S).encode(), digits.encode()):
            return step
    return None


def new_secret(ids: Ids) -> str:
    """Return a secret for a second factor: 160 random bits in base 32 (RFC 4226 §4)."""
    return base64.b32encode(hashlib.sha256(ids.token().encode()).digest()[:20]).decode()


def new_recovery_code(ids: Ids) -> str:
    """Return 80 random bits that a person can type: xxxx-xxxx-xxxx-xxxx."""
    digest = hashlib.sha256(ids.token().encode()).digest()[:10]
    text = base64.b32encode(digest).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def new_password(ids: Ids) -> str:
    """Return a password that a person hands over once: 80 random bits."""
    return new_recovery_code(ids)
