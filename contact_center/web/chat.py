"""The citizen's side over HTTP: what the chat needs before, beside and after its socket."""

from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions import folio_query
from contact_center.actions.engine import EndChat
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.marks import CitizenRead
from contact_center.actions.messages import ChatSend
from contact_center.actions.office import opening_of
from contact_center.actions.survey import Survey
from contact_center.actions.visits import Recado, Visit
from contact_center.errors import NotSignedIn, Unavailable
from contact_center.live import chat_views, snapshot, views
from contact_center.rules import privacy
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind
from contact_center.store import conversations as store
from contact_center.store import events as event_log
from contact_center.store import hours as hours_store
from contact_center.store import options as option_store
from contact_center.store import texts
from contact_center.store import views as view_store
from contact_center.store import work as work_store
from contact_center.web import auth, inputs, limits
from contact_center.web.attachments import visitor_routes
from contact_center.web.house import house_of


class Locale(BaseModel):
    """The language of a chat's texts."""

    model_config = ConfigDict(extra="ignore")

    locale: Literal["es", "en"] = "es"


async def config(request: Request) -> Response:
    """What the chat shows before anything is stored: brand, hours, privacy notice, limits."""
    house = house_of(request)
    locale = inputs.query(request, Locale).locale
    now = house.clock.now()
    async with house.db.read() as conn:
        options = await option_store.load(conn)
        queue = next((one for one in await work_store.all_queues(conn) if "web_chat" in one.channels), None)
        if queue is None:
            raise Unavailable("no_queue")
        opening = opening_of((await hours_store.load(conn))[queue.calendar_id], now)
        known = {
            key: await texts.find(conn, key, locale)
            for key in (
                "saludo_chat",
                "encuesta",
                "encuesta_intro",
                "aviso_privacidad_simplificado",
                "aviso_resumen",
                "aviso_menores",
            )
        }
        notice = str(known["aviso_privacidad_simplificado"] or "")
        blanks = options.notice_blanks()
        closed = await texts.render(
            conn,
            opening.closed_text,
            locale,
            horario=opening.hours_text(locale),
            proximo_dia_habil=opening.next_day_text(locale),
            fecha=opening.today_text(locale),
        )
        counts = await view_store.queue_counts(conn)
    return inputs.json(
        {
            "brand": {
                "name": options.brand_name,
                "office": options.brand_office,
                "accent": options.brand_accent,
                "logo": options.brand_logo_url or None,
            },
            "locale": locale,
            "now": views.ms(now),
            "office": {
                "is_open": opening.is_open,
                "hours_text": opening.hours_text(locale),
                "opens_at": views.ms(opening.opens_at),
                "closes_at": views.ms(opening.closes_at),
                "closed_text": None if opening.is_open else closed,
            },
            "notice": {
                "version": options.notice_version,
                "summary": known["aviso_resumen"] or [],
                "text": privacy.fill(notice, blanks),
                "url": options.notice_full_url or None,
                "publishable": not privacy.missing_settings(notice, blanks),
            },
            "texts": {
                "greeting": known["saludo_chat"],
                "survey_intro": known["encuesta_intro"],
                "minors": known["aviso_menores"],
            },
            "survey": known["encuesta"] if options.survey else [],
            "uploads": {"max_bytes": options.upload_max_bytes, "types": snapshot.UPLOAD_TYPES, "on": True},
            "queue": {"waiting": counts.get(queue.id, (0, None))[0]},
            "limits": {"text": 4000},
        }
    )


class VisitRequest(BaseModel):
    """What a citizen says before writing. Name and phone are theirs to give or not."""

    model_config = ConfigDict(extra="forbid")

    client_id: str = Field(min_length=8, max_length=64)
    notice_version: str = Field(min_length=1, max_length=40)
    locale: Literal["es", "en"] = "es"
    name: str | None = Field(default=None, max_length=120)
    phone: str | None = Field(default=None, max_length=40)
    site: str | None = Field(default=None, max_length=200)


async def visit(request: Request) -> Response:
    """Begin: the notice was accepted. Answers the capability that every later call carries; only its hash is stored."""
    house = house_of(request)
    given = await inputs.read(request, VisitRequest)
    token = house.ids.token()
    body = Visit(
        token_hash=sha256(token.encode()).hexdigest(),
        notice_version=given.notice_version,
        locale=given.locale,
        name=given.name,
        phone=given.phone,
        site=given.site,
    )
    answer = await house.writer.submit(SYSTEM, "visit.open", body)
    return inputs.json({"token": token, "visitor": answer["visitor"]})


async def visitor_of(request: Request) -> Actor:
    """Return the citizen who holds the request's token. Raises NotSignedIn."""
    token = auth.bearer(request.headers)
    if token is not None:
        async with house_of(request).db.read() as conn:
            found = await store.visitor_by_token(conn, auth.hash_token(token))
        if found is not None:
            return Actor(kind=ActorKind.visitor, id=found.id)
    raise NotSignedIn("unknown_visitor")


async def state(request: Request) -> Response:
    """The whole state of the visitor's conversation."""
    actor = await visitor_of(request)
    house = house_of(request)
    async with house.db.read() as conn:
        cursor = await event_log.latest(conn)
        latest = await store.latest_of_visitor(conn, actor.id)
        place = house.hub.places.get(latest or "")
        found = await chat_views.state(conn, actor.id, cursor=cursor, place=place, now=house.clock.now())
    return inputs.json(found)


def command(verb: str, model: type[Any]) -> auth.Endpoint:
    """Make the endpoint of one verb of the visitor's."""

    async def endpoint(request: Request) -> Response:
        actor = await visitor_of(request)
        client_id, body = await inputs.read_command(request, model)
        return inputs.json(await house_of(request).writer.submit(actor, verb, body, client_id))

    endpoint.__name__ = verb.replace(".", "_")
    endpoint.__doc__ = model.__doc__
    return endpoint


class FolioRequest(BaseModel):
    """A folio and the last four digits of the phone it was registered with."""

    model_config = ConfigDict(extra="forbid")

    folio: str = Field(min_length=1, max_length=60)
    last4: str = Field(min_length=1, max_length=12)


async def folio(request: Request) -> Response:
    """The state of a folio in plain words; the same answer for a wrong one as for none."""
    given = await inputs.read(request, FolioRequest)
    actor = await visitor_of(request) if auth.bearer(request.headers) is not None else None
    answer = await folio_query.ask(
        house_of(request).writer,
        actor or SYSTEM,
        folio=given.folio,
        last4=given.last4,
        address=limits.address_of(request),
        known_visitor=actor is not None,
    )
    return inputs.json(answer)


def _post(path: str, verb: str, model: type[Any]) -> auth.Door:
    return auth.post(f"/api/v1/chat/{path}", command(verb, model), auth.VISITOR, body=model)


routes: list[BaseRoute] = [
    auth.get("/api/v1/chat/config", config, auth.PUBLIC),
    auth.post("/api/v1/chat/visits", visit, auth.PUBLIC, body=VisitRequest),
    auth.get("/api/v1/chat/state", state, auth.VISITOR),
    _post("messages", "chat.send", ChatSend),
    _post("read", "chat.read", CitizenRead),
    _post("recado", "chat.recado", Recado),
    _post("end", "chat.end", EndChat),
    _post("survey", "chat.survey", Survey),
    auth.post("/api/v1/chat/folio", folio, auth.PUBLIC, body=FolioRequest),
    *visitor_routes,
]
