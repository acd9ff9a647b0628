"""Signing in and out, passwords and second factors, and the end of sessions.

What takes long (argon2) or reads first is done by `actions.sign_in`; here are the writes. Ending a session emits
`session.ended`, a change of rights emits `access.changed`: the live feed closes or refreshes that person's sockets.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from pydantic import Field

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Invalid, Missing, NotSignedIn
from contact_center.rules import access, signin
from contact_center.store import people, throttles
from contact_center.store.people import Session, Staff
from contact_center.store.throttles import Throttle

LOGIN = "login"
"""Scope of the rows in `throttles`."""


def must_enrol_totp(staff: Staff) -> bool:
    """Say whether a role needs a second factor that is not there yet."""
    return not staff.totp_confirmed and not staff.roles.isdisjoint(signin.NEEDS_TOTP)


def me_view(session: Session) -> dict[str, Any]:
    """Return the `Me` of docs/protocol.md: who is signed in, and what they may do to anything at all."""
    staff = session.staff
    actor = staff.as_actor(session.id)
    return {
        "id": staff.id,
        "username": staff.username,
        "name": staff.name,
        "display_name": staff.display_name,
        "roles": sorted(staff.roles),
        "can": sorted(action for action in access.ACTIONS if access.can(actor, action)),
        "locale": staff.locale,
        "must_change_password": staff.must_change_password,
        "must_enrol_totp": must_enrol_totp(staff),
        "has_totp": staff.totp_confirmed,
        "area": staff.area_id,
        "queues": sorted(staff.queue_ids),
    }


class Start(Body):
    """A sign-in that was proven. `seen_hash` is the password hash it was proven against."""

    user_id: str
    seen_hash: str
    token_hash: str
    csrf: str
    account_key: str
    step: int | None = None
    recovery: str | None = None
    replaces: str | None = None
    address: str = ""
    user_agent: str = Field(default="", max_length=300)


@verb("session.start", action="session.use", door="session")
async def start(tx: Tx, body: Start) -> Answer:
    """Open a session. Raises NotSignedIn when the password changed meanwhile or the second factor was used already."""
    staff = await people.lock(tx.conn, body.user_id)
    if staff is None or staff.disabled_at is not None or staff.password_hash != body.seen_hash:
        raise NotSignedIn("bad_credentials")
    await _use_second_factor(tx, staff, body.step, body.recovery)
    options = await tx.options()
    if body.replaces is not None:
        old = await people.session_by_token(tx.conn, bytes.fromhex(body.replaces))
        if old is not None:
            await end_sessions(tx, old.staff.id, [old.id], "signed_in_again")
    session_id = tx.ids.new()
    await people.add_session(
        tx.conn,
        {
            "id": session_id,
            "token_hash": bytes.fromhex(body.token_hash),
            "csrf": body.csrf,
            "user_id": staff.id,
            "finished": not staff.must_change_password,
            "created_at": tx.now,
            "seen_at": tx.now,
            "expires_at": tx.now + timedelta(seconds=options.session_absolute_s),
            "address": body.address,
            "user_agent": body.user_agent,
        },
    )
    await people.change_user(tx.conn, staff.id, last_login_at=tx.now)
    await throttles.forget(tx.conn, LOGIN, body.account_key)
    tx.emit("session.started", user=staff.id, session=session_id)
    return {"session": session_id}


async def _use_second_factor(tx: Tx, staff: Staff, step: int | None, recovery: str | None) -> None:
    """A code is used once: RFC 6238 §5.2. So is a recovery code."""
    if not staff.totp_confirmed:
        return
    if recovery is not None and recovery in staff.recovery_hashes:
        left = [one for one in staff.recovery_hashes if one != recovery]
        await people.change_user(tx.conn, staff.id, recovery_hashes=left)
        tx.emit("session.recovery_code_used", user=staff.id, left=len(left))
    elif step is not None and step > staff.totp_last_step:
        await people.change_user(tx.conn, staff.id, totp_last_step=step)
    else:
        raise NotSignedIn("totp_wrong")


class Failed(Body):
    """A wrong guess: whose account, from where. Pairs of (kind, key)."""

    keys: tuple[tuple[str, str], ...]


@verb("session.failed", action="session.use", door="session")
async def failed(tx: Tx, body: Failed) -> Answer:
    """Count a wrong guess; the next one waits longer."""
    known = {row.key: row for row in await throttles.find(tx.conn, LOGIN, [key for _, key in body.keys])}
    for kind, key in body.keys:
        row = known.get(key)
        if row is None or signin.is_forgotten(row.first_at, row.locked_until, tx.now):
            row = Throttle(key, 0, tx.now, None)
        failures = row.failures + 1
        wait = signin.wait_s(kind, failures)
        until = tx.now + timedelta(seconds=wait) if wait else row.locked_until
        await throttles.save(tx.conn, LOGIN, Throttle(key, failures, row.first_at, until))
    tx.emit("session.refused")
    return {}


class End(Body):
    """Which session to end."""

    session_id: str


@verb("session.end", action="session.use", door="session")
async def end(tx: Tx, body: End) -> Answer:
    """Sign out. Idempotent."""
    await end_sessions(tx, tx.actor.id, [body.session_id], "signed_out")
    return {}


async def end_sessions(tx: Tx, user_id: str, ids: Iterable[str], reason: str) -> None:
    """End sessions of one user and say so to the live feed, which closes their sockets."""
    chosen = list(ids)
    if not chosen:
        return
    await people.end_sessions(tx.conn, chosen, now=tx.now, reason=reason)
    for session_id in chosen:
        tx.emit("session.ended", user=user_id, session=session_id, reason=reason)


async def end_all_sessions(tx: Tx, user_id: str, reason: str, *, but: str | None = None) -> None:
    """End every session of one user, or every one but this."""
    await end_sessions(tx, user_id, [one for one in await people.open_sessions(tx.conn, user_id) if one != but], reason)


class Touch(Body):
    """Which session is in use."""

    session_id: str


@verb("session.touch", action="session.use", door="session")
async def touch(tx: Tx, body: Touch) -> Answer:
    """Note that a session is in use, so that it does not count as idle."""
    await people.change_session(tx.conn, body.session_id, seen_at=tx.now)
    return {}


class Sweep(Body):
    """Nothing to say."""


@verb("session.sweep", action="session.use", door="system")
async def sweep(tx: Tx, _body: Sweep) -> Answer:
    """End the sessions that ran out, and forget guesses of long ago. Idempotent; run it every half minute."""
    options = await tx.options()
    over = await people.sessions_run_out(
        tx.conn, now=tx.now, unused_since=tx.now - timedelta(seconds=options.session_idle_s), limit=500
    )
    for session_id, user_id in over:
        await end_sessions(tx, user_id, [session_id], "ran_out")
    await throttles.forget_before(tx.conn, tx.now - timedelta(seconds=24 * signin.WINDOW_S))
    return {"ended": len(over)}


class SetPassword(Body):
    """A new password, hashed; `seen_hash` is what the old one was proven against."""

    seen_hash: str
    new_hash: str
    token_hash: str


@verb("session.set_password", action="session.use", door="session")
async def set_password(tx: Tx, body: SetPassword) -> Answer:
    """Change one's own password; every other session ends and this one gets a new token."""
    staff = await _myself(tx)
    if staff.password_hash != body.seen_hash:
        raise Invalid("wrong_password")
    await people.change_user(tx.conn, staff.id, password_hash=body.new_hash, must_change_password=False)
    await end_all_sessions(tx, staff.id, "password_changed", but=tx.actor.session_id)
    await _rotate(tx, body.token_hash, is_finished=True)
    tx.emit("user.password_changed", user=staff.id)
    return {}


class StartTotp(Body):
    """The secret that was made for a second factor."""

    secret: str


@verb("session.start_totp", action="session.use", door="session")
async def start_totp(tx: Tx, body: StartTotp) -> Answer:
    """Keep a secret until a code proves that the person has it. Raises Invalid once one is confirmed."""
    staff = await _myself(tx)
    if staff.totp_confirmed:
        raise Invalid("totp_confirmed_already")
    await people.change_user(tx.conn, staff.id, totp_secret=body.secret)
    return {}


class ConfirmTotp(Body):
    """A code that was right for `secret`, and the hashes of the recovery codes."""

    secret: str
    step: int
    recovery_hashes: tuple[str, ...]
    token_hash: str


@verb("session.confirm_totp", action="session.use", door="session")
async def confirm_totp(tx: Tx, body: ConfirmTotp) -> Answer:
    """Turn the second factor on; this session gets a new token."""
    staff = await _myself(tx)
    if staff.totp_confirmed or staff.totp_secret != body.secret:
        raise Invalid("totp_confirmed_already")
    await people.change_user(
        tx.conn,
        staff.id,
        totp_confirmed=True,
        totp_last_step=body.step,
        recovery_hashes=list(body.recovery_hashes),
    )
    await _rotate(tx, body.token_hash, is_finished=not staff.must_change_password)
    tx.emit("user.totp_confirmed", user=staff.id)
    return {}


async def _myself(tx: Tx) -> Staff:
    staff = await people.lock(tx.conn, tx.actor.id)
    if staff is None or staff.disabled_at is not None:
        raise Missing
    return staff


async def _rotate(tx: Tx, token_hash: str, *, is_finished: bool) -> None:
    """What a session may do just grew: whoever knew its token before knows it no longer (PROMISES S3)."""
    assert tx.actor.session_id is not None
    await people.change_session(
        tx.conn, tx.actor.session_id, token_hash=bytes.fromhex(token_hash), finished=is_finished
    )
