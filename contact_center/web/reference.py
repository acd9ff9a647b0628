"""The tables that forms choose from: `GET /api/v1/reference`, answered 304 while nothing in them changed."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.rules.catalogues import (
    DISPOSITIONS,
    LANGUAGES,
    NO_PETITION_REASONS,
    PAUSE_REASONS,
    TRANSFER_REASONS,
    UNSATISFACTORY_CAUSES,
    Reason,
)
from contact_center.rules.words import KINDS, MEDIA, Word
from contact_center.store import reference as store
from contact_center.web import auth
from contact_center.web.house import house_of


async def reference(request: Request) -> Response:
    """Give every table that forms choose from."""
    async with house_of(request).db.read() as conn:
        body = msgspec.json.encode(await tables(conn))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


async def tables(conn: AsyncConnection) -> dict[str, Any]:
    """Return the tables by name."""
    return {
        "kinds": _words(KINDS),
        "media": _words(MEDIA),
        "categories": await store.categories_open(conn),
        "municipalities": await store.municipality_rows(conn),
        "dependencies": await store.dependency_rows(conn),
        "areas": await store.areas_open(conn),
        "queues": await store.queues_open(conn),
        "dispositions": [
            {
                "code": one.code,
                "label_es": one.label_es,
                "label_en": one.label_en,
                "channels": sorted(one.channels),
                "needs_petition": one.needs_petition,
                "needs_reason": one.needs_reason,
            }
            for one in DISPOSITIONS
        ],
        "no_petition_reasons": _reasons(NO_PETITION_REASONS),
        "pause_reasons": _reasons(PAUSE_REASONS),
        "transfer_reasons": _reasons(TRANSFER_REASONS),
        "unsatisfactory_causes": _reasons(UNSATISFACTORY_CAUSES),
        "languages": _reasons(LANGUAGES),
        "emergency_lines": await store.emergency_rows(conn),
        "staff": await store.staff_rows(conn),
    }


def _reasons(rows: Iterable[Reason]) -> list[dict[str, Any]]:
    return [
        {"code": one.code, "label_es": one.label_es, "label_en": one.label_en, "needs_note": one.needs_note}
        for one in rows
    ]


def _words(rows: Iterable[Word]) -> list[dict[str, Any]]:
    return [{"code": one.code, "label_es": one.label_es, "label_en": one.label_en, **one.facts} for one in rows]


routes: list[BaseRoute] = [auth.get("/api/v1/reference", reference, auth.SIGNED_IN)]
