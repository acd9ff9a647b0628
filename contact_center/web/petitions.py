"""The register of petitions, for reading: lists, one petition whole, a first guess from a chat, likely duplicates."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.office import Reading
from contact_center.actions.petitions import duplicates_of
from contact_center.actions.setup import rows_of
from contact_center.errors import Missing
from contact_center.rules import access, faces, identity
from contact_center.rules.access import Actor
from contact_center.rules.lifecycle import PETITION, by_of, events_from
from contact_center.rules.model import OPEN_PETITION_STATES, PetitionKind, PetitionState, Priority
from contact_center.rules.prefill import guess
from contact_center.rules.reference import Category, Municipality, parse_municipality
from contact_center.rules.sight import contact_scope, petition_scope, sight_of
from contact_center.rules.textfold import fold
from contact_center.store import citizens as citizen_store
from contact_center.store import folio_query as text_store
from contact_center.store import options as option_store
from contact_center.store import petitions as store
from contact_center.store import register
from contact_center.store.types import from_us, to_us
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

PETITION_ACTIONS = ("petition.edit", "petition.move", "petition.reassign", "petition.follow_up", "petition.link")
_TEXTS = 60
"""How many of the citizen's messages a guess is made from."""


class Listed(BaseModel):
    """What a list of petitions is narrowed by."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(default="", max_length=100)
    state: str = Field(default="", max_length=300)
    kind: str = Field(default="", max_length=30)
    category: str = Field(default="", max_length=10)
    municipality: str = Field(default="", max_length=5)
    area: str = Field(default="", max_length=36)
    citizen: str = Field(default="", max_length=36)
    mine: Literal["", "0", "1", "true", "false"] = ""
    overdue: Literal["", "0", "1", "true", "false"] = ""
    after: str = Field(default="", max_length=80)
    limit: int = Field(default=50, ge=1, le=200)


async def petitions(request: Request) -> Response:
    """Petitions that the actor may see, newest first, by keyset."""
    house, actor = house_of(request), auth.actor_of(request)
    given = inputs.query(request, Listed)
    now = house.clock.now()
    sight = sight_of(actor, "petition.read")
    async with house.db.read() as conn:
        family = tuple(await citizen_store.family_of(conn, given.citizen)) if given.citizen else ()
        filters = store.Filters(
            q=" ".join(fold(given.q).split()[:6]),
            states=tuple(given.state.split(",")) if given.state else (),
            kind=given.kind or None,
            category=given.category or None,
            municipality=given.municipality or None,
            area=given.area or None,
            citizens=family or ((given.citizen,) if given.citizen else ()),
            mine=actor.id if given.mine in ("1", "true") else None,
            overdue_on=faces.office_day(now).isoformat() if given.overdue in ("1", "true") else None,
            open_states=tuple(state.value for state in OPEN_PETITION_STATES),
        )
        rows = await store.page(conn, sight, filters, after=read_cursor(given.after), limit=given.limit + 1)
        total = await store.count(conn, sight, filters)
    shown = rows[: given.limit]
    last = shown[-1] if len(rows) > given.limit else None
    return inputs.json(
        {
            "rows": faces.petition_rows(shown, now),
            "next": None if last is None else cursor(last.received_at, last.folio),
            "total": total,
        }
    )


def cursor(at: Any, key: str) -> str:
    """Return where a list goes on from."""
    return f"{to_us(at)}_{key}"


def read_cursor(text: str) -> tuple[Any, str] | None:
    """Return (instant, key) of a cursor; one that cannot be read begins anew."""
    digits, _, key = text.partition("_")
    return (from_us(int(digits)), key) if digits.isdigit() and len(digits) < 18 and key else None


async def petition(request: Request) -> Response:
    """One petition with its history, contacts and the steps to try. Reading a confidential one is recorded."""
    house, actor = house_of(request), auth.actor_of(request)
    async with house.db.read() as conn:
        row = await store.get(conn, request.path_params["folio"])
        if row is None or not access.can(actor, "petition.read", petition_scope(row, actor)):
            raise Missing
        folios = [row.folio, *await store.duplicates_under(conn, row.folio)]
        if len(folios) > 1:  # the follow-ups of duplicates are told under the main folio, as far as one may see them
            under = {one.folio: one for one in await store.get_rows(conn, folios[1:])}
            folios = [row.folio, *(f for f, one in under.items() if _may_read(actor, one))]
        follow_ups = [faces.follow_up(one) for one in await store.follow_ups_of(conn, folios)]
        links = [faces.link(one) for one in await store.links_of(conn, row.folio)]
    scope = petition_scope(row, actor)
    moves = events_from(PETITION, PetitionState(row.state), by_of(actor.kind, actor.roles))
    if row.confidential or row.sensitive:
        reading = Reading(action="petition.read", object_kind="petition", object_id=row.folio)
        await house.writer.submit(actor, "access.record", reading)
    return inputs.json(
        {
            "petition": faces.petition(row, house.clock.now()),
            "follow_ups": follow_ups,
            "interactions": links,
            "moves": sorted(moves) if access.can(actor, "petition.move", scope) else [],
            "history": [faces.change(one) for one in follow_ups if one["kind"] in faces.CHANGES],
            "can": [one for one in PETITION_ACTIONS if access.can(actor, one, scope)],
        }
    )


def _may_read(actor: Actor, row: Any) -> bool:
    return access.can(actor, "petition.read", petition_scope(row, actor))


class Asked(BaseModel):
    """Which contact a guess is made from."""

    model_config = ConfigDict(extra="forbid")

    interaction: str = Field(max_length=36)


async def prefill(request: Request) -> Response:
    """A first guess at the petition that a conversation is about, with reasons. Nothing is stored by it."""
    house, actor = house_of(request), auth.actor_of(request)
    asked = inputs.query(request, Asked)
    async with house.db.read() as conn:
        contact = await register.get_contact(conn, asked.interaction)
        if contact is None:
            raise Missing
        scope = contact_scope(contact, await register.holders_of(conn, contact.id), actor)
        if not access.can(actor, "conversation.read", scope):
            raise Missing
        said = (await text_store.citizen_texts(conn, contact.id, _TEXTS))[::-1]
        person = await citizen_store.get(conn, contact.citizen_id) if contact.citizen_id else None
        categories = [_category(row) for row in await store.all_categories(conn)]
    known = identity.normalise(person.phone if person is not None and person.phone else contact.visitor_phone or "")
    found = guess(said, categories, _municipalities(), known_phone=known if known.e164 else None)
    phone = found.phone.e164 if found.phone else contact.visitor_phone
    fields: dict[str, tuple[Any, str]] = {
        "kind": (found.kind.value if found.kind and found.kind.gets_folio else None, found.reasons.get("kind", "")),
        "category": (found.categories[0].code if found.categories else None, found.reasons.get("category", "")),
        "municipality": (found.municipality, found.reasons.get("municipality", "")),
        "subject": (found.subject or None, "text"),
        "description": (found.description or None, "text"),
        "requester.phone": (phone, found.reasons.get("phone", "visit")),
        "requester.email": (found.email, "text"),
        "requester.names": (contact.visitor_name, "visit"),
        "extra.curp": (found.curp.value if found.curp else None, "text"),
    }
    if person is not None:
        fields |= _known(person)
    return inputs.json(
        {"fields": {name: {"value": value, "reason": reason} for name, (value, reason) in fields.items() if value}}
    )


def _known(person: Any) -> dict[str, tuple[Any, str]]:
    """What the office has of the person already; hidden values stay hidden, and the service fills them in itself."""
    view = faces.citizen_view(person)
    parts = ("names", "first_surname", "second_surname", "phone", "email", "address")
    known: dict[str, tuple[Any, str]] = {f"requester.{part}": (view[part], "person") for part in parts if view[part]}
    if person.municipality:
        known["municipality"] = (person.municipality, "person")
    if person.locality:
        known["locality"] = (person.locality, "person")
    return known


def _category(row: Any) -> Category:
    return Category(
        code=row.code,
        group=row.group_name,
        name=row.name,
        kind=PetitionKind(row.kind),
        dependency=row.dependency_id or "",
        priority=Priority(row.priority),
        term_business_days=row.term_days or 0,
        is_sensitive=row.sensitive,
        keywords=tuple(row.keywords),
    )


@cache
def _municipalities() -> tuple[Municipality, ...]:
    """The 72 with their population and how sure their area codes are, which only the shipped table knows."""
    return tuple(parse_municipality(row) for row in rows_of("municipios.csv"))


class Alike(BaseModel):
    """A petition as far as it is filled in."""

    model_config = ConfigDict(extra="forbid")

    citizen: str = Field(default="", max_length=36)
    interaction: str = Field(default="", max_length=36)
    phone: str = Field(default="", max_length=60)
    category: str = Field(default="", max_length=10)
    municipality: str = Field(default="", max_length=5)
    subject: str = Field(default="", max_length=1_000)


async def duplicates(request: Request) -> Response:
    """Petitions that may be the same one; the agent decides."""
    house, actor = house_of(request), auth.actor_of(request)
    given = inputs.query(request, Alike)
    now = house.clock.now()
    async with house.db.read() as conn:
        root = await citizen_store.root_of(conn, given.citizen) if given.citizen else None
        person = await citizen_store.get(conn, root) if root else None
        phone = identity.normalise(given.phone).e164 if given.phone and "•" not in given.phone else None
        rows = await duplicates_of(
            conn,
            actor,
            today=faces.office_day(now),
            now=now,
            days=(await option_store.load(conn)).duplicate_days,
            citizen_ids=await citizen_store.family_of(conn, root) if root else [],
            phone=phone or (person.phone if person is not None else None),
            category=given.category,
            municipality=given.municipality,
            subject=given.subject,
        )
    return inputs.json({"rows": rows})


routes: list[BaseRoute] = [
    auth.get("/api/v1/petitions", petitions, "petition.read"),
    auth.get("/api/v1/petitions/prefill", prefill, "petition.create"),
    auth.get("/api/v1/petitions/duplicates", duplicates, "petition.create"),
    auth.get("/api/v1/petitions/{folio}", petition, "petition.read"),
]
