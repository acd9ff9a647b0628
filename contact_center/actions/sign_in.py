"""From a name and a password to a session: throttle, hash in a thread, second factor, and only then the write.

A wrong name takes as long as a wrong password and answers the same (PROMISES S2).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.actions import passwords
from contact_center.actions.accounts import LOGIN, Failed, Start
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.writer import Writer
from contact_center.errors import NotSignedIn, TooMany
from contact_center.ports import Clock, Ids
from contact_center.rules import signin
from contact_center.store import people, throttles
from contact_center.store.db import Database
from contact_center.store.people import Staff

Keys = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and where from. `replaces` is the hash of the token their browser had before."""

    username: str
    password: str
    totp: str | None
    address: str
    user_agent: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened; the token is known here and in the cookie only."""

    session_id: str
    token: str
    user_id: str


async def sign_in(db: Database, writer: Writer, clock: Clock, ids: Ids, attempt: Attempt) -> Opened:
    """Open a session.

    Raises TooMany, NotSignedIn with `bad_credentials`, `totp_required` or `totp_wrong`. A wrong guess is counted before
    it is answered.
    """
    folded = signin.fold_username(attempt.username)
    keys = throttle_keys(folded, attempt.address)
    async with db.read() as conn:
        await _check_throttles(conn, keys, clock.now())
        staff = await people.find_by_username(conn, folded)
    if staff is not None and staff.disabled_at is not None:
        staff = None
    is_right = await passwords.is_password(None if staff is None else staff.password_hash, attempt.password)
    if staff is None or not is_right:
        await writer.submit(SYSTEM, "session.failed", Failed(keys=keys))
        raise NotSignedIn("bad_credentials")
    step, recovery = await _second_factor(writer, clock.now(), keys, staff, attempt.totp)
    token = ids.token()
    body = Start(
        user_id=staff.id,
        seen_hash=staff.password_hash,
        token_hash=token_hash(token),
        csrf=ids.token(),
        account_key=keys[0][1],
        step=step,
        recovery=recovery,
        replaces=attempt.replaces,
        address=attempt.address[:64],
        user_agent=attempt.user_agent[:300],
    )
    answer = await writer.submit(SYSTEM, "session.start", body)
    return Opened(answer["session"], token, staff.id)


async def _second_factor(
    writer: Writer, now: datetime, keys: Keys, staff: Staff, code: str | None
) -> tuple[int | None, str | None]:
    if not staff.totp_confirmed or staff.totp_secret is None:
        return None, None
    if not code:
        raise NotSignedIn("totp_required")
    step = passwords.matching_step(staff.totp_secret, code, now, staff.totp_last_step)
    recovery = signin.recovery_hash(code)
    if step is None and recovery not in staff.recovery_hashes:
        await writer.submit(SYSTEM, "session.failed", Failed(keys=keys))
        raise NotSignedIn("totp_wrong")
    return step, recovery if step is None else None


async def check_own_password(
    db: Database, writer: Writer, clock: Clock, staff: Staff, password: str, address: str
) -> None:
    """Prove that whoever holds the session also knows the password, under the throttle of signing in.

    Raises TooMany and NotSignedIn("bad_credentials").
    """
    keys = throttle_keys(signin.fold_username(staff.username), address)
    async with db.read() as conn:
        await _check_throttles(conn, keys, clock.now())
    if not await passwords.is_password(staff.password_hash, password):
        await writer.submit(SYSTEM, "session.failed", Failed(keys=keys))
        raise NotSignedIn("bad_credentials")


async def _check_throttles(conn: AsyncConnection, keys: Keys, now: datetime) -> None:
    rows = await throttles.find(conn, LOGIN, [key for _, key in keys])
    wait_s = max(((row.locked_until - now).total_seconds() for row in rows if row.locked_until), default=0.0)
    if wait_s > 0:
        raise TooMany(retry_after_s=max(1, round(wait_s)))


def throttle_keys(folded: str, address: str) -> Keys:
    """Return what wrong guesses are counted under: the account, the address, its /24 (or /64)."""
    try:
        ip = ip_address(address)
        net = str(ip_network(f"{ip}/{24 if ip.version == 4 else 64}", strict=False))
    except ValueError:
        net = address
    return (
        ("account", _key(f"account:{folded}")),
        ("address", _key(f"address:{address}")),
        ("net", _key(f"net:{net}")),
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:48]


def token_hash(token: str) -> str:
    """Return what is stored of a session's token, as hex."""
    return hashlib.sha256(token.encode()).hexdigest()
