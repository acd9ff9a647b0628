"""Members of staff: added, changed, disabled, given a new password. Only systems may; roles never come from oneself."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from contact_center.actions.accounts import end_all_sessions
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules import access, signin
from contact_center.rules.catalogues import LANGUAGES
from contact_center.rules.model import Role
from contact_center.rules.textfold import TextRefused, safe_line
from contact_center.store import admin, people
from contact_center.store.schema import areas, queues

_USERNAME = re.compile(r"[^\W_](?:[\w.@+-]{1,58})[^\W_]")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s]{2,60}")
_LANGUAGES = frozenset(one.code for one in LANGUAGES)
Word = Annotated[str, Field(min_length=1, max_length=40)]


class Level(Body):
    """A queue somebody serves; level 1 is asked first."""

    queue_id: str = Field(max_length=36)
    level: int = Field(default=1, ge=1, le=9)


class WithPassword(Body):
    """A body that the door gives a password made by the house. No field: it neither comes from outside nor is kept."""

    _password_hash: str | None = PrivateAttr(default=None)
    _mark: str = PrivateAttr(default="")

    def give(self, password_hash: str, mark: str) -> None:
        """Hand in the hash of a new password, and a mark that tells its answer from a repeated one."""
        self._password_hash, self._mark = password_hash, mark

    @property
    def wants_password(self) -> bool:
        """Say whether a password has to be made for it."""
        return True


class SaveUser(WithPassword):
    """A member of staff. Without `id` a new one is made, with a password to be changed at the first sign-in."""

    id: str | None = Field(default=None, max_length=36)
    username: str = Field(min_length=3, max_length=60)
    name: str = Field(min_length=1, max_length=200)
    display_name: str | None = Field(default=None, max_length=80)
    email: str | None = Field(default=None, max_length=254)
    roles: tuple[Role, ...] = Field(min_length=1, max_length=9)
    area_id: str | None = Field(default=None, max_length=36)
    locale: Literal["es", "en"] = "es"
    languages: tuple[Word, ...] = Field(default=("es",), max_length=12)
    skills: tuple[Word, ...] = Field(default=(), max_length=20)
    capacity_chat: int = Field(default=3, ge=0, le=20)
    capacity_voice: int = Field(default=1, ge=0, le=1)
    queues: tuple[Level, ...] | None = Field(default=None, max_length=100)

    @property
    def wants_password(self) -> bool:
        return self.id is None


@verb("user.save", action="admin.users")
async def save_user(tx: Tx, body: SaveUser) -> Answer:
    """Add or change a member of staff. A change of roles or area ends their sessions."""
    username, name = check_names(body.username, body.name)
    roles = frozenset(body.roles)
    problems = access.role_errors(roles)
    if problems:
        raise Invalid("invalid", fields={"roles": problems[0]})
    await _check_facts(tx, body)
    folded = signin.fold_username(username)
    values = {
        "username": username,
        "username_folded": folded,
        "name": name,
        "display_name": _line(body.display_name or _short(name), "display_name", 80),
        "email": body.email,
        "roles": sorted(roles),
        "area_id": body.area_id,
        "locale": body.locale,
        "languages": list(dict.fromkeys(body.languages)),
        "skills": list(dict.fromkeys(body.skills)),
        "capacity_chat": body.capacity_chat,
        "capacity_voice": body.capacity_voice,
    }
    other = await people.find_by_username(tx.conn, folded)
    if other is not None and other.id != body.id:
        raise Conflict("username_taken", fields={"username": "taken"})
    if body.id is None:
        user_id = await _add(tx, values, body)
    else:
        user_id = await _change(tx, body.id, values, roles)
    if body.queues is not None:
        await _serve(tx, user_id, {one.queue_id: one.level for one in body.queues})
    tx.emit("agent.changed", user=user_id)
    tx.emit("reference.changed", what="staff")
    return {"user": (await admin.user_rows(tx.conn, [user_id]))[0], "mark": body._mark if body.id is None else ""}


async def _add(tx: Tx, values: dict[str, Any], body: SaveUser) -> str:
    if body._password_hash is None:
        raise Invalid("no_password")
    row = new_user_row(tx, values["username"], values["name"], frozenset(body.roles), body._password_hash)
    await people.add_user(tx.conn, {**row, **values, "must_change_password": True})
    tx.emit("user.added", user=row["id"], roles=values["roles"])
    user_id: str = row["id"]
    return user_id


async def _change(tx: Tx, user_id: str, values: dict[str, Any], roles: frozenset[Role]) -> str:
    staff = await people.lock(tx.conn, user_id)
    if staff is None:
        raise Missing
    if Role.systems in staff.roles and Role.systems not in roles:
        await _keep_one_systems(tx, user_id)
    await people.change_user(tx.conn, user_id, **values)
    if staff.roles != roles or staff.area_id != values["area_id"]:
        await access_changed(tx, user_id)
        await end_all_sessions(tx, user_id, "access_changed")
        tx.emit("user.access_changed", user=user_id, roles=values["roles"], before=sorted(staff.roles))
    tx.emit("user.changed", user=user_id)
    return user_id


async def _serve(tx: Tx, user_id: str, levels: dict[str, int]) -> None:
    """Set which queues somebody serves; their console starts anew with what it may see now."""
    before = await admin.queues_of(tx.conn, user_id)
    if before == levels:
        return
    if len(await admin.existing(tx.conn, queues, levels)) != len(levels):
        raise Invalid("invalid", fields={"queues": "unknown"})
    await admin.set_queues(tx.conn, user_id, levels)
    await access_changed(tx, user_id)
    for queue_id in sorted({*before, *levels}):
        tx.emit("queue.changed", queue=queue_id)


async def access_changed(tx: Tx, user_id: str) -> None:
    """Say that somebody may now do more or less: their sockets start anew."""
    await people.grow_access_version(tx.conn, user_id)
    tx.emit("access.changed", user=user_id)


async def _check_facts(tx: Tx, body: SaveUser) -> None:
    fields = {}
    if body.email is not None and not _EMAIL.fullmatch(body.email):
        fields["email"] = "wrong_format"
    if not _LANGUAGES.issuperset(body.languages):
        fields["languages"] = "unknown"
    if body.area_id is not None and not await admin.existing(tx.conn, areas, [body.area_id]):
        fields["area_id"] = "unknown"
    if fields:
        raise Invalid("invalid", fields=fields)


class ResetPassword(WithPassword):
    """Whose password to make anew."""

    user_id: str = Field(max_length=36)


@verb("user.reset_password", action="admin.users")
async def reset_password(tx: Tx, body: ResetPassword) -> Answer:
    """Give somebody a new password, to be changed at the next sign-in; their sessions end."""
    staff = await people.lock(tx.conn, body.user_id)
    if staff is None:
        raise Missing
    if body._password_hash is None:
        raise Invalid("no_password")
    await people.change_user(tx.conn, staff.id, password_hash=body._password_hash, must_change_password=True)
    await end_all_sessions(tx, staff.id, "password_reset")
    tx.emit("user.password_reset", user=staff.id)
    return {"user": (await admin.user_rows(tx.conn, [staff.id]))[0], "mark": body._mark}


class Disable(Body):
    """Whom to shut out, or to let in again."""

    user_id: str = Field(max_length=36)
    disabled: bool = True


@verb("user.disable", action="admin.users")
async def disable(tx: Tx, body: Disable) -> Answer:
    """Shut somebody out at once, or let them in again. What they did stays. Raises Conflict for oneself."""
    staff = await people.lock(tx.conn, body.user_id)
    if staff is None:
        raise Missing
    if body.disabled and staff.id == tx.actor.id:
        raise Conflict("not_yourself")
    if body.disabled and Role.systems in staff.roles:
        await _keep_one_systems(tx, staff.id)
    if body.disabled != (staff.disabled_at is not None):
        await people.change_user(tx.conn, staff.id, disabled_at=tx.now if body.disabled else None)
        await access_changed(tx, staff.id)
        if body.disabled:
            await end_all_sessions(tx, staff.id, "disabled")
        tx.emit("user.disabled" if body.disabled else "user.enabled", user=staff.id)
        tx.emit("agent.changed", user=staff.id)
        tx.emit("reference.changed", what="staff")
    return {"user": (await admin.user_rows(tx.conn, [staff.id]))[0]}


class ResetTotp(Body):
    """Whose second factor to take away."""

    user_id: str = Field(max_length=36)


@verb("user.reset_totp", action="admin.users")
async def reset_totp(tx: Tx, body: ResetTotp) -> Answer:
    """Take away a second factor that was lost; whose role needs one enrols at the next sign-in. Their sessions end."""
    staff = await people.lock(tx.conn, body.user_id)
    if staff is None:
        raise Missing
    await people.change_user(tx.conn, staff.id, totp_secret=None, totp_confirmed=False, recovery_hashes=[])
    await end_all_sessions(tx, staff.id, "totp_reset")
    tx.emit("user.totp_reset", user=staff.id)
    return {"user": (await admin.user_rows(tx.conn, [staff.id]))[0]}


async def _keep_one_systems(tx: Tx, user_id: str) -> None:
    if not await people.systems_left(tx.conn, user_id):
        raise Conflict("last_systems_user")


def check_names(username: str, name: str) -> tuple[str, str]:
    """Return a user name and a person's name fit to be stored. Raises Invalid."""
    plain = username.strip()
    if not _USERNAME.fullmatch(plain):
        raise Invalid("invalid", fields={"username": "wrong_format"})
    return plain, _line(name, "name", 200)


def _line(text: str, field: str, longest: int) -> str:
    try:
        return safe_line(text, longest, field=field)
    except TextRefused as error:
        raise Invalid("invalid", fields={field: error.code}) from error


def _short(name: str) -> str:
    """Return what citizens see of somebody unless it was chosen: the first two words of the name."""
    return " ".join(name.split()[:2])


def new_user_row(tx: Tx, username: str, name: str, roles: frozenset[Role], password_hash: str) -> dict[str, Any]:
    """Return the row of a new member of staff."""
    return {
        "id": tx.ids.new(),
        "username": username,
        "username_folded": signin.fold_username(username),
        "name": name,
        "display_name": _short(name)[:80],
        "password_hash": password_hash,
        "recovery_hashes": [],
        "roles": sorted(roles),
        "languages": ["es"],
        "skills": [],
        "created_at": tx.now,
    }
