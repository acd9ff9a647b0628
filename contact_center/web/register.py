"""The register of contacts, the agent's own day, and transcripts to print."""

import re
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.attachments import day_start
from contact_center.actions.office import Reading
from contact_center.actions.survey import TRANSCRIPT_STYLE, transcript_html
from contact_center.errors import Missing
from contact_center.live import views
from contact_center.rules import access, faces, metrics
from contact_center.rules.metrics import Segment
from contact_center.rules.sight import contact_scope, sight_of
from contact_center.rules.textfold import fold
from contact_center.store import citizens as citizen_store
from contact_center.store import conversations as chat_store
from contact_center.store import my_day as day_store
from contact_center.store import options as option_store
from contact_center.store import petitions as petition_store
from contact_center.store import register as store
from contact_center.web import auth, inputs
from contact_center.web.attachments import visitor_of
from contact_center.web.house import house_of
from contact_center.web.petitions import cursor, read_cursor

COUNT_LIMIT: Final = 10_000
MAX_TRANSCRIPT: Final = 5_000
"""Messages on one page to print."""
_STYLE_HASH: Final = b64encode(sha256(TRANSCRIPT_STYLE.encode()).digest()).decode()
_PAGE: Final = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; sandbox",
    "content-disposition": 'attachment; filename="transcripcion.html"',
    "cache-control": "private, no-store",
}


class Listed(BaseModel):
    """What a list of contacts is narrowed by. Instants are milliseconds; `to` is not included."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    start: int | None = Field(default=None, alias="from", ge=0, le=10**14)
    to: int | None = Field(default=None, ge=0, le=10**14)
    agent: str = Field(default="", max_length=36)
    queue: str = Field(default="", max_length=36)
    channel: str = Field(default="", max_length=20)
    capture: str = Field(default="", max_length=60)
    disposition: str = Field(default="", max_length=40)
    citizen: str = Field(default="", max_length=36)
    q: str = Field(default="", max_length=100)
    after: str = Field(default="", max_length=80)
    limit: int = Field(default=50, ge=1, le=200)


async def interactions(request: Request) -> Response:
    """Contacts whose capture the actor may see, newest first, with masked labels."""
    house, actor = house_of(request), auth.actor_of(request)
    given = inputs.query(request, Listed)
    sight = sight_of(actor, "capture.read")
    digits = re.sub(r"\D", "", given.q)
    is_phone = len(digits) >= 4 and not re.search(r"[^\W\d_]", given.q)
    async with house.db.read() as conn:
        family = await _family(conn, given.citizen)
        filters = store.Filters(
            q="" if is_phone else " ".join(fold(given.q).split()[:6]),
            digits=digits[-10:] if is_phone else "",
            start=None if given.start is None else faces.from_ms(given.start),
            end=None if given.to is None else faces.from_ms(given.to),
            agent=given.agent or None,
            queue=given.queue or None,
            channel=given.channel or None,
            capture=tuple(given.capture.split(",")) if given.capture else (),
            disposition=given.disposition or None,
            citizens=family,
        )
        rows = await store.page(conn, sight, filters, after=read_cursor(given.after), limit=given.limit + 1)
        shown = rows[: given.limit]
        total = await store.count(conn, sight, filters, limit=COUNT_LIMIT)
        folios = await _visible_folios(conn, actor, [one.id for one in shown])
    last = shown[-1] if len(rows) > given.limit else None
    return inputs.json(
        {
            "rows": faces.interaction_rows(shown, folios),
            "next": None if last is None else cursor(last.started_at, last.id),
            "total": total,
        }
    )


async def _family(conn: AsyncConnection, citizen_id: str) -> tuple[str, ...]:
    if not citizen_id:
        return ()
    root = await citizen_store.root_of(conn, citizen_id)
    return tuple(await citizen_store.family_of(conn, root)) if root else (citizen_id,)


async def _visible_folios(conn: AsyncConnection, actor: access.Actor, ids: list[str]) -> dict[str, list[str]]:
    """Return the folios of contacts, without those that the actor may not know of."""
    found = await petition_store.folios_of(conn, ids)
    every = {folio for folios in found.values() for folio in folios}
    seen = await petition_store.visible_among(conn, sight_of(actor, "petition.read"), every)
    return {key: [folio for folio in folios if folio in seen] for key, folios in found.items()}


async def my_day(request: Request) -> Response:
    """The agent's own figures of today, and nobody else's."""
    house, actor = house_of(request), auth.actor_of(request)
    now = house.clock.now()
    start = day_start(now)
    async with house.db.read() as conn:
        parts = await day_store.segments_of(conn, actor.id, start, now)
        states = await day_store.states_of(conn, actor.id, start, now)
        messages = await day_store.count_messages(conn, actor.id, start, now)
        created = await day_store.count_created(conn, actor.id, start, now)
        linked = await day_store.count_links(conn, actor.id, start, now)
        captures = await day_store.captures_of(conn, actor.id, start, now)
        offers = await day_store.offers_of(conn, actor.id, start, now)
        scores = await day_store.survey_scores(conn, actor.id, start, now)
    figures = metrics.my_day(
        [_segment(one, now) for one in parts],
        [(one.started_at, one.ended_at or now) for one in states if one.state == "available"],
        _pauses(states, now),
        (start, now),
    )
    written = captures.get("captured", 0) + captures.get("reviewed", 0)
    return inputs.json(
        {
            "from": faces.ms(start),
            "figures": {
                "held_s": _state_times(states, start, now),
                "answered": figures.handled,
                "messages": messages,
                "petitions_created": created,
                "petitions_linked": linked,
                "transfers_out": figures.transferred,
                "aht_s": figures.handle.mean,
                "first_reply_s": figures.first_reply.mean,
                "captured": written,
                "uncaptured": sum(captures.values()) - written,
                "declined": offers.get("declined", 0),
                "expired_offers": offers.get("expired", 0),
                "survey_average": sum(scores) / len(scores) if scores else None,
                "occupancy": figures.occupancy,
                "concurrency": figures.concurrency,
                "pauses_s": dict(figures.paused_s),
                "engaged_s": figures.engaged_s,
            },
            "timeline": [
                {
                    "state": one.state,
                    "reason": one.reason,
                    "from": faces.ms(max(one.started_at, start)),
                    "to": faces.ms(one.ended_at),
                }
                for one in states
            ],
        }
    )


def _segment(one: Any, now: datetime) -> Segment:
    return Segment(
        one.started_at,
        one.ended_at or now,
        wrapped_up_at=one.wrap_ended_at,
        was_transferred=one.ended_how == "transferred",
        first_reply_at=one.first_reply_at,
    )


def _pauses(states: Any, now: datetime) -> dict[str, list[tuple[datetime, datetime]]]:
    pauses: dict[str, list[tuple[datetime, datetime]]] = {}
    for one in states:
        if one.state == "paused":
            pauses.setdefault(one.reason or "other", []).append((one.started_at, one.ended_at or now))
    return pauses


def _state_times(states: Any, start: datetime, now: datetime) -> dict[str, float]:
    times: dict[str, float] = {}
    for state in ("available", "paused", "offline"):
        spans = [(one.started_at, one.ended_at or now) for one in states if one.state == state]
        times[state] = metrics.sum_s(spans, (start, now))
    return times


async def transcript(request: Request) -> Response:
    """A conversation to print, without notes. Restricted ones leave a trace."""
    house, actor = house_of(request), auth.actor_of(request)
    conversation_id = request.path_params["id"]
    async with house.db.read() as conn:
        contact = await store.get_contact(conn, conversation_id)
        if contact is None or contact.locale is None:
            raise Missing
        scope = contact_scope(contact, await store.holders_of(conn, contact.id), actor)
        if not access.can(actor, "conversation.read", scope):
            raise Missing
        page = await _page(conn, conversation_id)
    if contact.restricted:
        reading = Reading(action="conversation.read", object_kind="conversation", object_id=contact.id)
        await house.writer.submit(actor, "access.record", reading)
    return Response(page, media_type="text/html", headers=_PAGE)


async def visitor_transcript(request: Request) -> Response:
    """The citizen's own last conversation, to keep or print."""
    house, actor = house_of(request), await visitor_of(request)
    async with house.db.read() as conn:
        conversation_id = await chat_store.latest_of_visitor(conn, actor.id)
        if conversation_id is None:
            raise Missing
        page = await _page(conn, conversation_id)
    return Response(page, media_type="text/html", headers=_PAGE)


async def _page(conn: AsyncConnection, conversation_id: str) -> str:
    row = await chat_store.get(conn, conversation_id)
    assert row is not None
    rows = await chat_store.thread(conn, conversation_id, before=None, limit=MAX_TRANSCRIPT, notes=False)
    said = await views.messages(conn, rows)
    options = await option_store.load(conn)
    return transcript_html(
        office=options.brand_office,
        brand=options.brand_name,
        locale=row.locale,
        opened_at=row.opened_at,
        messages=[said[one.id] for one in rows],
    )


routes: list[BaseRoute] = [
    auth.get("/api/v1/interactions", interactions, "capture.read"),
    auth.get("/api/v1/me/day", my_day, "report.own"),
    auth.get("/api/v1/conversations/{id}/transcript", transcript, "conversation.read"),
    auth.get("/api/v1/chat/transcript", visitor_transcript, auth.VISITOR),
]
