"""One person: their data, masked; how they came to us over the years; their petitions; who they may also be."""

from dataclasses import replace
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.errors import Missing
from contact_center.rules import access, faces
from contact_center.rules.access import Scope
from contact_center.rules.identity import PersonFacts, mask_phone, suggest_matches
from contact_center.rules.sight import contact_scope, sight_of
from contact_center.rules.textfold import fold
from contact_center.store import citizens as store
from contact_center.store import conversations as chat_store
from contact_center.store import petitions as petition_store
from contact_center.store import register
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

MAX_CONTACTS: Final = 100
MAX_PETITIONS: Final = 100
MAX_LOOK_ALIKES: Final = 50


async def citizen(request: Request) -> Response:
    """A person's file. Contacts of others are listed without words or labels; restricted ones only to their readers."""
    house, actor = house_of(request), auth.actor_of(request)
    if not access.can(actor, "citizen.read", Scope()):
        raise Missing
    async with house.db.read() as conn:
        root = await store.root_of(conn, request.path_params["id"])
        person = await store.get(conn, root) if root else None
        if root is None or person is None:
            raise Missing
        family = await store.family_of(conn, root)
        rows = await store.get_many(conn, family)
        sight = replace(sight_of(actor, "conversation.read"), everything=True)
        contacts = await register.page(
            conn, sight, register.Filters(citizens=tuple(family)), after=None, limit=MAX_CONTACTS
        )
        folios = await petition_store.folios_of(conn, [one.id for one in contacts])
        own = petition_store.Filters(citizens=tuple(family))
        petitions = await petition_store.page(
            conn, sight_of(actor, "petition.read"), own, after=None, limit=MAX_PETITIONS
        )
        visits = await store.identities_of(conn, family)
        suggestions = await _suggestions(conn, family, rows)
    now = house.clock.now()
    view = faces.citizen_view(person)
    view["do_not_contact"] = any(one.do_not_contact for one in rows.values())
    seen = {one.folio for one in petitions}
    visible = {key: [folio for folio in value if folio in seen] for key, value in folios.items()}
    return inputs.json(
        {
            "citizen": view,
            "identities": _identities(rows.values(), visits),
            "contacts": faces.interaction_rows(contacts, visible),
            "petitions": faces.petition_rows(petitions, now),
            "suggestions": suggestions,
            "merged": [faces.citizen_view(one) for one in rows.values() if one.id != root],
        }
    )


def _identities(rows: Any, visits: Any) -> list[dict[str, Any]]:
    """Return every address the person was reached at, masked, each once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in rows:
        for channel, address in (("phone", one.phone), ("email", one.email)):
            if address:
                masked = mask_phone(address) if channel == "phone" else faces.mask_email(address)
                found.setdefault((channel, address), {"channel": channel, "address": masked, "verified": False})
    for one in visits:
        label = _address_label(one)
        known = found.setdefault((one.channel, label), {"channel": one.channel, "address": label, "verified": False})
        known["verified"] = known["verified"] or bool(one.linked)
    return list(found.values())


def _address_label(one: Any) -> str:
    """Return how an address is shown: a number or a mailbox masked, else by the name it goes by there."""
    if one.channel in ("whatsapp", "sms") and one.phone:
        return mask_phone(one.phone)
    if one.channel == "email" and one.email:
        return faces.mask_email(one.email)
    return one.name or "—"


class _Stranger(NamedTuple):
    """What an address says of whoever writes from it, in the shape of a person's row."""

    id: str
    names: str | None
    first_surname: None
    second_surname: None
    phone: str | None
    email: str | None
    curp: None
    municipality: None


async def likely_people(request: Request) -> Response:
    """Who may be writing, with reasons: by number, mailbox, name, or because somebody said so of the address before."""
    house, actor = house_of(request), auth.actor_of(request)
    async with house.db.read() as conn:
        contact = await register.get_contact(conn, request.path_params["id"])
        holders = await register.holders_of(conn, contact.id) if contact else frozenset()
        if contact is None or not access.can(actor, "conversation.note", contact_scope(contact, holders, actor)):
            raise Missing
        if contact.visitor_id is None or not access.can(actor, "citizen.read", Scope()):
            return inputs.json({"people": []})
        visitor = await chat_store.get_visitor(conn, contact.visitor_id)
        stranger = _Stranger("", visitor.name, None, None, visitor.phone, visitor.email, None, None)
        found = await _suggestions(conn, [""], {"": stranger})
        root = await store.root_of(conn, visitor.citizen_id) if visitor.citizen_id else None
        person = await store.get(conn, root) if root else None
    people = [one for one in found if person is None or one["citizen"]["id"] != person.id]
    if person is not None:
        people.insert(0, {"citizen": faces.citizen_view(person), "score": 100, "reasons": ["handle"]})
    return inputs.json({"people": people})


async def _suggestions(conn: Any, family: list[str], rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Return who may be the same person, with reasons. Only ever a suggestion (DOMAIN §2.9 rule 4)."""
    person = rows[family[0]]
    known = _facts(person, rows.values())
    others = await store.look_alikes(
        conn,
        phones=sorted(known.phones),
        emails=sorted(known.emails),
        curps=[known.curp] if known.curp else [],
        name_words=fold(known.name).split()[:6],
        limit=MAX_LOOK_ALIKES,
    )
    apart = await store.dismissed_with(conn, family) | set(family)
    by_id = {one.id: one for one in others if one.id not in apart}
    return [
        {"citizen": faces.citizen_view(by_id[one.person_id]), "score": one.score, "reasons": list(one.reasons)}
        for one in suggest_matches(known, [_facts(row, [row]) for row in by_id.values()])
    ]


def _facts(person: Any, rows: Any) -> PersonFacts:
    every = list(rows)
    return PersonFacts(
        person.id,
        " ".join(part for part in (person.names, person.first_surname, person.second_surname) if part),
        frozenset(one.phone for one in every if one.phone),
        frozenset(one.email for one in every if one.email),
        next((one.curp for one in every if one.curp), None),
        person.municipality,
    )


routes: list[BaseRoute] = [
    auth.get("/api/v1/citizens/{id}", citizen, "citizen.read"),
    auth.get("/api/v1/conversations/{id}/people", likely_people, "conversation.note"),
]
