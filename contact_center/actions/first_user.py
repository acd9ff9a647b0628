"""The first user of an empty house, who may manage the others."""

from pydantic import Field

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.people import check_names, new_user_row
from contact_center.errors import Conflict
from contact_center.rules.model import Role
from contact_center.store import people


class FirstUser(Body):
    """A systems user, with the hash of the password they chose."""

    username: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=200)
    password_hash: str


@verb("user.first", action="admin.users", door="session")
async def first_user(tx: Tx, body: FirstUser) -> Answer:
    """Make the first user. Raises Conflict("set_up_already") when there is any."""
    if await people.count_users(tx.conn):
        raise Conflict("set_up_already")
    username, name = check_names(body.username, body.name)
    row = new_user_row(tx, username, name, frozenset({Role.systems}), body.password_hash)
    await people.add_user(tx.conn, row)
    tx.emit("user.added", user=row["id"])
    return {"id": row["id"]}
