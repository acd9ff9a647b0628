"""One box for everything: folio, person, phone by its digits, words of a subject; only what the actor may see."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.folio_query import folio_format
from contact_center.rules import access, faces
from contact_center.rules.access import Actor
from contact_center.rules.identity import curp_check, mask_phone
from contact_center.rules.sight import sight_of
from contact_center.rules.textfold import fold
from contact_center.store import citizens as citizen_store
from contact_center.store import options as option_store
from contact_center.store import petitions as petition_store
from contact_center.store import register
from contact_center.store import search as store
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

MAX_WORDS: Final = 6
PER_GROUP: Final = 8
MIN_DIGITS: Final = 4
MIN_LETTERS: Final = 2

Row = dict[str, Any]
Group = dict[str, Any]


class Query(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(max_length=100)


async def search(request: Request) -> Response:
    """Everything that fits, in groups, the likeliest first in each."""
    house, actor = house_of(request), auth.actor_of(request)
    text = inputs.query(request, Query).q
    words = fold(text).split()[:MAX_WORDS]
    if sum(map(len, words)) < MIN_LETTERS:
        return inputs.json({"groups": []})
    async with house.db.read() as conn:
        groups = [
            {"kind": "petition", "rows": await _petitions(conn, actor, text, words)},
            {"kind": "citizen", "rows": await _people(conn, actor, text, words)},
            {"kind": "conversation", "rows": await _contacts(conn, actor, text, words)},
            {"kind": "reply", "rows": await _replies(conn, actor, words)},
        ]
    return inputs.json({"groups": [one for one in groups if one["rows"]]})


async def _petitions(conn: AsyncConnection, actor: Actor, text: str, words: Sequence[str]) -> list[Row]:
    if not access.can(actor, "petition.read"):
        return []
    sight = sight_of(actor, "petition.read")
    asked = folio_format(await option_store.load(conn)).read(text)
    number = (asked.year, asked.number) if asked else None
    found = list(await store.by_folio(conn, sight, number=number, text=" ".join(words), limit=PER_GROUP))
    digits = _digits(text)
    filters = petition_store.Filters(digits=digits) if digits else petition_store.Filters(q=" ".join(words))
    known = {one.folio for one in found}
    more = await petition_store.page(conn, sight, filters, after=None, limit=PER_GROUP)
    found += [one for one in more if one.folio not in known]
    return [_row(one.folio, f"{one.folio} · {one.subject}", one.state, words) for one in found[:PER_GROUP]]


async def _people(conn: AsyncConnection, actor: Actor, text: str, words: Sequence[str]) -> list[Row]:
    if not access.can(actor, "citizen.read"):
        return []
    digits = _digits(text)
    curp = curp_check(text)
    rows = await store.people(
        conn,
        words=() if digits else words,
        digits=digits,
        curp=curp.value if curp.ok_format else None,
        limit=2 * PER_GROUP,
    )
    places = {row.key: row.name for row in await petition_store.all_municipalities(conn)}
    shown: dict[str, Row] = {}
    for one in rows:
        root = one.id if one.merged_into is None else await citizen_store.root_of(conn, one.id)
        if root is None or root in shown:
            continue
        details = (places.get(one.municipality or ""), mask_phone(one.phone) if one.phone else None)
        detail = " · ".join(part for part in details if part)
        shown[root] = _row(root, faces.citizen_view(one)["label"], detail or None, words)
    return list(shown.values())[:PER_GROUP]


async def _contacts(conn: AsyncConnection, actor: Actor, text: str, words: Sequence[str]) -> list[Row]:
    if not access.can(actor, "conversation.read"):
        return []
    digits = _digits(text)
    filters = register.Filters(digits=digits) if digits else register.Filters(q=" ".join(words))
    rows = await register.page(conn, sight_of(actor, "conversation.read"), filters, after=None, limit=PER_GROUP)
    return [
        _row(
            one.id,
            faces.contact_label(one),
            f"{one.channel} · {faces.office_day(one.started_at).strftime('%d/%m/%Y')}",
            words,
        )
        for one in rows
        if not one.restricted
    ]


async def _replies(conn: AsyncConnection, actor: Actor, words: Sequence[str]) -> list[Row]:
    if not access.can(actor, "conversation.reply"):
        return []
    rows = await store.replies(conn, words=words, queue_ids=sorted(actor.queue_ids), limit=PER_GROUP)
    return [_row(one.id, one.title, f"/{one.shortcut.removeprefix('/')}", words) for one in rows]


def _digits(text: str) -> str:
    """Return the digits of what looks like a phone, or a part of one; nothing for words."""
    digits = re.sub(r"\D", "", text)
    is_phone = len(digits) >= MIN_DIGITS and not re.search(r"[^\W\d_]", text)
    return digits[-10:] if is_phone else ""


def _row(id: str, title: str, detail: str | None, words: Sequence[str]) -> Row:
    return {"id": id, "title": title, "detail": detail, "match": matches(title, words)}


def matches(title: str, words: Sequence[str]) -> list[list[int]]:
    """Return where the words stand in a title, as [from, to) of its characters; overlaps are joined."""
    folded, places = [], []
    for at, char in enumerate(title):
        for part in fold(char) or (" " if char.isspace() else ""):
            folded.append(part)
            places.append(at)
    text = "".join(folded)
    spans = []
    for word in words:
        at = text.find(word)
        if at >= 0:
            spans.append((places[at], places[at + len(word) - 1] + 1))
    joined: list[list[int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return joined


routes: list[BaseRoute] = [auth.get("/api/v1/search", search, "search.use")]
