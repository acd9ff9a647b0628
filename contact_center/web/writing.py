"""What a messaging channel allows before anybody writes, and how the channels fare."""

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.errors import Missing
from contact_center.rules.faces import ms
from contact_center.rules.messaging import ChannelLimits
from contact_center.rules.templates import APPROVED, blanks_of
from contact_center.store import conversations as chat_store
from contact_center.store import envelopes
from contact_center.store import templates as store
from contact_center.web import auth, inputs
from contact_center.web.desk import readable
from contact_center.web.house import house_of

View = dict[str, Any]


async def writing(request: Request) -> Response:
    """What may be written in a conversation: how long, which files, until when, and which templates after that."""
    house, actor = house_of(request), auth.actor_of(request)
    async with house.db.read() as conn:
        row, _, _ = await readable(conn, actor, request.path_params["id"], house.clock.now(), house.ids)
        limits = house.writer.limits.get(row.source or "")
        if row.source is None or limits is None:
            raise Missing
        visitor = await chat_store.get_visitor(conn, row.visitor_id)
        usable = [one for one in await store.all_rows(conn) if one.channel == row.source and one.status == APPROVED]
        body = {
            "channel": row.source,
            "limits": _limits(limits),
            "closes_at": ms(_closes_at(limits, row.last_citizen_at)),
            "opted_out": visitor.opted_out_at is not None,
            "subject": await envelopes.subject_of(conn, row.id),
            "templates": [_template(one) for one in usable],
        }
    return inputs.json(body)


def _closes_at(limits: ChannelLimits, last: datetime | None) -> datetime | None:
    """Return the instant after which free words are refused; long ago when the citizen never wrote."""
    if limits.reply_window_s is None:
        return None
    return (last or datetime.fromtimestamp(0, UTC)) + timedelta(seconds=limits.reply_window_s)


def _limits(limits: ChannelLimits) -> View:
    return {
        "medium": limits.medium.value,
        "text": limits.text,
        "media_bytes": limits.media_bytes,
        "media_types": list(limits.media_types),
        "reply_window_s": limits.reply_window_s,
        "receipts": list(limits.receipts),
    }


def _template(row: Any) -> View:
    return {
        "id": row.id,
        "channel": row.channel,
        "name": row.name,
        "language": row.language,
        "category": row.category,
        "body": row.body,
        "blanks": list(blanks_of(row.body)),
        "status": row.status,
        "rejection": row.rejection,
    }


async def channels(request: Request) -> Response:
    """The configured channels with their last signs of life and what rings, and every template."""
    house = house_of(request)
    async with house.db.read() as conn:
        heard = await store.last_in(conn)
        alarms = await store.channel_alarms(conn)
        rows = [
            {
                "name": name,
                **_limits(limits),
                "last_in": ms(heard.get(name)),
                "last_out": ms(await store.last_out(conn, name)),
                "alarms": [
                    {"way": one.data.get("way"), "problem": one.data.get("problem"), "at": ms(one.at)}
                    for one in alarms
                    if one.subject.partition(":")[0] == name
                ],
            }
            for name, limits in house.writer.limits.items()
        ]
        templates = [
            _template(one) | {"changed_at": ms(one.changed_at), "listed_at": ms(one.listed_at)}
            for one in await store.all_rows(conn)
        ]
    return inputs.json({"rows": rows, "templates": templates})


routes: list[BaseRoute] = [
    auth.get("/api/v1/conversations/{id}/writing", writing, "conversation.read"),
    auth.get("/api/v1/admin/channels", channels, "admin.read"),
]
