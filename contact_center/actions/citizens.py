"""People: their data, whose contact it is, who may be the same person, and who looked at what is hidden.

A likeness only suggests; a person merges, and can take it back to the letter (DOMAIN §2.9 rule 4).
"""

from typing import Any, Final

from pydantic import Field

from contact_center.actions import addresses, callback_rules, office
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.petition_form import folded
from contact_center.actions.petition_record import get_contact, words
from contact_center.errors import Conflict, Denied, Invalid, Missing
from contact_center.rules import access, identity
from contact_center.rules.access import Scope
from contact_center.rules.catalogues import LANGUAGES
from contact_center.rules.faces import citizen_view
from contact_center.rules.identity import PhoneKind
from contact_center.rules.textfold import TextRefused, safe_line
from contact_center.store import citizens as store
from contact_center.store import petitions as petition_store

REVEALED: Final = ("phone", "email", "curp", "address")
_LINES: Final = {
    "names": 120,
    "first_surname": 80,
    "second_surname": 80,
    "locality": 120,
    "neighborhood": 120,
    "address": 300,
    "outside_place": 120,
    "disability": 120,
}
_SEXES: Final = frozenset({"H", "M", "X"})
_PREFERENCES: Final = frozenset({"voice", "chat", "message", "email", "none"})
_LANGUAGES: Final = frozenset(one.code for one in LANGUAGES)
_HIDDEN: Final = "•"
_CALLABLE: Final = frozenset({PhoneKind.mexican, PhoneKind.foreign, PhoneKind.satellite})


class SaveCitizen(Body):
    """A person's data. What is left out stays, null takes a value away; an existing person needs the seen version."""

    citizen_id: str | None = Field(default=None, max_length=36)
    version: int | None = Field(default=None, ge=1)
    conversation_id: str | None = Field(default=None, max_length=36)
    names: str | None = Field(default=None, max_length=500)
    first_surname: str | None = Field(default=None, max_length=400)
    second_surname: str | None = Field(default=None, max_length=400)
    phone: str | None = Field(default=None, max_length=60)
    phone_extension: str | None = Field(default=None, pattern=r"^[0-9]{1,7}$")
    email: str | None = Field(default=None, max_length=400)
    curp: str | None = Field(default=None, max_length=40)
    birth_date: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    sex: str | None = Field(default=None, max_length=10)
    municipality: str | None = Field(default=None, max_length=5)
    locality: str | None = Field(default=None, max_length=500)
    neighborhood: str | None = Field(default=None, max_length=500)
    address: str | None = Field(default=None, max_length=1_500)
    postal_code: str | None = Field(default=None, pattern=r"^\d{5}$")
    outside_place: str | None = Field(default=None, max_length=500)
    language: str | None = Field(default=None, max_length=20)
    disability: str | None = Field(default=None, max_length=500)
    vulnerable_groups: tuple[str, ...] | None = Field(default=None, max_length=12)
    contact_preference: str | None = Field(default=None, max_length=20)
    do_not_contact: bool | None = None
    anonymous: bool | None = None


@verb("citizen.save", action="citizen.edit")
async def save(tx: Tx, body: SaveCitizen) -> Answer:
    """Add or change a person, and say whose a conversation is when one is named.

    Answers the person and `warnings` by field (a wrong check digit of a CURP warns and does not block). Raises Invalid
    `fields`, Conflict `changed_meanwhile`, Missing.
    """
    given = body.model_dump(exclude_unset=True, exclude={"citizen_id", "version", "conversation_id"})
    values, warnings = await _checked(tx, given)
    contact = await get_contact(tx, body.conversation_id)
    if body.citizen_id is None:
        citizen_id = await _add(tx, values)
    else:
        row = await _load(tx, body.citizen_id, "citizen.edit")
        citizen_id = row.id
        await _check_contact_ban(tx, row, values)
        if values:
            name = [values.get(part, getattr(row, part)) for part in ("names", "first_surname", "second_surname")]
            values |= {"folded": folded(*name), "updated_at": tx.now}
            if body.version is None:
                raise Invalid("fields", fields={"version": "required"})
            if not await store.change(tx.conn, row.id, body.version, values):
                raise Conflict("changed_meanwhile")
    if contact is not None and contact.citizen_id != citizen_id:
        await _identify(tx, contact, citizen_id)
    await _tell(tx, citizen_id)
    if values.get("do_not_contact"):
        await callback_rules.stop_for(tx, await store.family_of(tx.conn, citizen_id))
    return {"citizen": await _view(tx, citizen_id), "warnings": warnings}


async def _add(tx: Tx, values: dict[str, Any]) -> str:
    citizen_id = tx.ids.new()
    await store.add(
        tx.conn,
        {
            "vulnerable_groups": [],
            **{key: value for key, value in values.items() if value is not None},
            "id": citizen_id,
            "folded": folded(values.get("names"), values.get("first_surname"), values.get("second_surname")),
            "created_at": tx.now,
            "updated_at": tx.now,
        },
    )
    return citizen_id


async def _checked(tx: Tx, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    wrong: dict[str, str] = {}
    warnings: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, str) and _HIDDEN in value:
            continue  # a masked value that came back is not a new one
        if value is None or value == "":
            values[name] = {"do_not_contact": False, "anonymous": False, "vulnerable_groups": []}.get(name)
        elif name in _LINES:
            values[name] = _line(name, value, _LINES[name], wrong)
        elif name == "phone":
            number = identity.normalise(value)
            if number.kind not in _CALLABLE and number.kind is not PhoneKind.toll_free:
                wrong[name] = "phone"
            values[name] = number.e164
            if number.extension:
                values["phone_extension"] = number.extension
        elif name == "email":
            values[name] = identity.normalise_email(value)
            if values[name] is None:
                wrong[name] = "email"
        elif name == "curp":
            curp = identity.curp_check(value)
            values[name] = curp.value
            if not curp.ok_format:
                wrong[name] = "curp"
            elif not curp.ok_digit:
                warnings[name] = "check_digit"
        else:
            values[name] = list(value) if isinstance(value, tuple) else value
    await _check_choices(tx, values, wrong)
    if wrong:
        raise Invalid("fields", fields=wrong)
    return values, warnings


async def _check_choices(tx: Tx, values: dict[str, Any], wrong: dict[str, str]) -> None:
    for name, known in (("sex", _SEXES), ("contact_preference", _PREFERENCES), ("language", _LANGUAGES)):
        if values.get(name) and values[name] not in known:
            wrong[name] = "unknown"
    place = values.get("municipality")
    if place and place not in {row.key for row in await petition_store.all_municipalities(tx.conn)}:
        wrong["municipality"] = "unknown"
    groups = values.get("vulnerable_groups") or []
    if any(not one or len(one) > 40 or not one.isprintable() for one in groups):
        wrong["vulnerable_groups"] = "unknown"


def _line(name: str, value: str, limit: int, wrong: dict[str, str]) -> str | None:
    try:
        return safe_line(value, limit)
    except TextRefused as error:
        wrong[name] = error.code.removeprefix("text_")
        return None


async def _check_contact_ban(tx: Tx, row: Any, values: dict[str, Any]) -> None:
    """Whoever asked not to be contacted stays so until a supervisor lifts it (rule 14)."""
    if row.do_not_contact and values.get("do_not_contact") is False and not access.can(tx.actor, "work.assign"):
        raise Denied(action="citizen.do_not_contact")


async def _load(tx: Tx, citizen_id: str, action: str) -> Any:
    """Return the row that stands for a person. Raises Missing, or Denied for an action beyond the actor's reach."""
    root = await store.root_of(tx.conn, citizen_id)
    row = await store.get(tx.conn, root) if root else None
    if row is None:
        raise Missing
    tx.check_visible("citizen.read", Scope())
    tx.check(action, await scope_of(tx.conn, tx.actor, row.id))
    return row


async def scope_of(conn: Any, actor: access.Actor, root_id: str) -> Scope:
    """Return the facts that decide access to a person: whether the actor, or their area, has a case of theirs now."""
    family = await store.family_of(conn, root_id)
    mine = actor.id if await store.has_case(conn, family, actor.id) else None
    in_area = actor.area_id is not None and await store.has_area_case(conn, family, actor.area_id)
    return Scope(owner_id=mine, area_id=actor.area_id if in_area else None)


async def _view(tx: Tx, citizen_id: str) -> dict[str, Any]:
    row = await store.get(tx.conn, citizen_id)
    assert row is not None
    return citizen_view(row)


async def _tell(tx: Tx, citizen_id: str) -> None:
    """Tell every open thread of a person."""
    for one in await store.open_contacts_of(tx.conn, await store.family_of(tx.conn, citizen_id)):
        tx.emit("citizen.changed", conversation=one.conversation_id, user=one.owner_id, citizen=citizen_id)
        tx.emit("work.changed", item=one.id, conversation=one.conversation_id, user=one.owner_id, queue=one.queue_id)


class Identify(Body):
    """Whose conversation it is; null takes it back."""

    conversation_id: str = Field(max_length=36)
    citizen_id: str | None = Field(max_length=36)


@verb("conversation.identify", action="citizen.edit")
async def identify(tx: Tx, body: Identify) -> Answer:
    """Say who is in a conversation. Merged people stand for whom they were merged into."""
    contact = await get_contact(tx, body.conversation_id)
    assert contact is not None
    if body.citizen_id is None:
        await _identify(tx, contact, None)
        return {"citizen": None}
    root = await store.root_of(tx.conn, body.citizen_id)
    if root is None:
        raise Missing
    await _identify(tx, contact, root)
    await _tell(tx, root)
    return {"citizen": await _view(tx, root)}


async def _identify(tx: Tx, contact: Any, citizen_id: str | None) -> None:
    await store.set_interaction_citizen(tx.conn, contact.id, citizen_id)
    await addresses.link(tx, contact.visitor_id, citizen_id)
    tx.emit("conversation.changed", conversation=contact.id)
    if citizen_id is None and contact.item_id is not None:
        tx.emit(
            "work.changed", item=contact.item_id, conversation=contact.id, user=contact.owner_id, queue=contact.queue_id
        )


class Merge(Body):
    """Two rows that a person says are one human being; `keep_id` stands for both from now on."""

    keep_id: str = Field(max_length=36)
    merge_id: str = Field(max_length=36)


@verb("citizen.merge", action="citizen.merge")
async def merge(tx: Tx, body: Merge) -> Answer:
    """Merge one person into another. Nothing is copied or deleted. Raises Conflict when either is merged already."""
    if body.keep_id == body.merge_id:
        raise Invalid("same_person")
    tx.check_visible("citizen.read", Scope())
    await store.lock(tx.conn, [body.keep_id, body.merge_id])
    kept, merged = await store.get(tx.conn, body.keep_id), await store.get(tx.conn, body.merge_id)
    if kept is None or merged is None:
        raise Missing
    if kept.merged_into is not None or not await store.set_merged(tx.conn, merged.id, kept.id, tx.now):
        raise Conflict("already_merged")
    await store.add_merge(
        tx.conn,
        {"id": tx.ids.new(), "kept_id": kept.id, "merged_id": merged.id, "by_user": tx.actor.id, "at": tx.now},
    )
    await _tell(tx, kept.id)
    return {"citizen": await _view(tx, kept.id)}


class Unmerge(Body):
    """Which person is taken out again."""

    merge_id: str = Field(max_length=36)


@verb("citizen.unmerge", action="citizen.merge")
async def unmerge(tx: Tx, body: Unmerge) -> Answer:
    """Undo a merge: both people are exactly as before. Raises Conflict when nothing is merged."""
    tx.check_visible("citizen.read", Scope())
    row = await store.get(tx.conn, body.merge_id)
    if row is None:
        raise Missing
    kept_id = await store.undo_merge(tx.conn, row.id, tx.now)
    if kept_id is None or not await store.set_merged(tx.conn, row.id, None, tx.now):
        raise Conflict("not_merged")
    await _tell(tx, kept_id)
    await _tell(tx, row.id)
    return {"citizen": await _view(tx, row.id)}


class DismissMatch(Body):
    """Two people that are two people."""

    citizen_id: str = Field(max_length=36)
    other_id: str = Field(max_length=36)


@verb("citizen.dismiss_match", action="citizen.merge")
async def dismiss_match(tx: Tx, body: DismissMatch) -> Answer:
    """Stop suggesting that two people are one. Idempotent."""
    one, other = await _load(tx, body.citizen_id, "citizen.merge"), await _load(tx, body.other_id, "citizen.merge")
    if one.id == other.id:
        raise Invalid("same_person")
    await store.dismiss(tx.conn, one.id, other.id, tx.now)
    return {}


class Reveal(Body):
    """Which hidden value is needed, and what for."""

    citizen_id: str = Field(max_length=36)
    field: str = Field(max_length=20)
    reason: str = Field(max_length=1_200)


@verb("citizen.reveal", action="citizen.reveal")
async def reveal(tx: Tx, body: Reveal) -> Answer:
    """Show one hidden value to whoever works on the person's case; who, what and why are recorded (PROMISES S12)."""
    if body.field not in REVEALED:
        raise Invalid("fields", fields={"field": "unknown"})
    reason = words(body.reason, 300, "reason")
    row = await _load(tx, body.citizen_id, "citizen.reveal")
    await office.log_access(tx, f"citizen.reveal.{body.field}", "citizen", row.id, reason)
    return {"value": getattr(row, body.field)}
