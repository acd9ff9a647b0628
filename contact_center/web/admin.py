"""What systems and supervisors look at to manage: `GET /api/v1/admin/…`. The writes are commands."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.store import admin
from contact_center.web import auth, inputs
from contact_center.web.auth import Endpoint
from contact_center.web.house import house_of

TABLES: dict[str, Callable[[AsyncConnection], Awaitable[list[dict[str, Any]]]]] = {
    "users": admin.user_rows,
    "areas": admin.area_rows,
    "queues": admin.queue_rows,
    "hours": admin.hours_rows,
    "replies": admin.reply_rows,
    "categories": admin.category_rows,
    "texts": admin.text_rows,
    "sites": admin.site_rows,
    "settings": admin.setting_rows,
}


def _table(name: str) -> Endpoint:
    async def show(request: Request) -> Response:
        async with house_of(request).db.read() as conn:
            return inputs.json({"rows": await TABLES[name](conn)})

    show.__doc__ = f"Give the rows of {name}."
    show.__name__ = f"admin_{name}"
    return show


routes: list[BaseRoute] = [auth.get(f"/api/v1/admin/{name}", _table(name), "admin.read") for name in TABLES]
