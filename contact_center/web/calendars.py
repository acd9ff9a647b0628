"""An agent's own promised calls as a calendar: to download, or by a private address for the telephone's calendar.

No names and no numbers: a calendar is synchronised to places the office does not know.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from icalendar import Alarm, Calendar, Event
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.callback_desk import Calendar as Wish
from contact_center.errors import Missing
from contact_center.store import promises as store
from contact_center.web import auth, inputs, limits
from contact_center.web.house import house_of

_REASONS: Final = {
    "inform": "Llamada informativa",
    "ask": "Llamada para solicitar mayor información",
    "return": "Devolver una llamada",
    "other": "Llamada",
}
_HEADERS: Final = {"cache-control": "private, no-store", "content-disposition": 'attachment; filename="llamadas.ics"'}


def calendar_of(rows: Any, now: datetime, public_url: str) -> bytes:
    """Return open callbacks as iCalendar (RFC 5545), each with a reminder five minutes before."""
    made = Calendar()
    made.add("prodid", "-//contact-center//callbacks//ES")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "Llamadas prometidas")
    for row in rows:
        event = Event()
        event.add("uid", f"{row.id}@callbacks")
        event.add("sequence", row.moves)
        event.add("dtstamp", now)
        event.add("dtstart", row.due_at)
        event.add("dtend", row.due_at + timedelta(minutes=15))
        event.add("summary", _REASONS[row.reason] + (f" · {row.folio}" if row.folio else ""))
        event.add("url", f"{public_url}/console/")
        event.add("class", "PRIVATE")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _REASONS[row.reason])
        alarm.add("trigger", timedelta(minutes=-5))
        event.add_component(alarm)
        made.add_component(event)
    return bytes(made.to_ical())


async def mine(request: Request) -> Response:
    """The actor's own open callbacks as a calendar."""
    house, actor = house_of(request), auth.actor_of(request)
    async with house.db.read() as conn:
        rows = await store.of_owner(conn, actor.id)
    return Response(
        calendar_of(rows, house.clock.now(), house.settings.public_url), media_type="text/calendar", headers=_HEADERS
    )


async def by_address(request: Request) -> Response:
    """The calendar behind a private address; an unknown one is told nothing."""
    limits.check(request, "calendar")
    house = house_of(request)
    token = request.path_params["token"].removesuffix(".ics")
    if not 20 <= len(token) <= 100:
        raise Missing
    async with house.db.read() as conn:
        owner = await store.owner_of_calendar(conn, auth.hash_token(token))
        if owner is None:
            raise Missing
        rows = await store.of_owner(conn, owner)
    return Response(
        calendar_of(rows, house.clock.now(), house.settings.public_url), media_type="text/calendar", headers=_HEADERS
    )


class Nothing(BaseModel):
    """No more than the wish for a new address."""

    model_config = ConfigDict(extra="forbid")


async def new_address(request: Request) -> Response:
    """Make a private address for the actor's calendar; it is shown once, and the one before stops working."""
    house, actor = house_of(request), auth.actor_of(request)
    await inputs.read(request, Nothing)
    token = house.ids.token()
    await house.writer.submit(actor, "callback.calendar", Wish(token_hash=auth.hash_token(token).hex()))
    return inputs.json({"url": f"{house.settings.public_url}/calendar/{token}.ics"})


routes: list[BaseRoute] = [
    auth.get("/api/v1/callbacks/mine.ics", mine, "callback.plan"),
    auth.post("/api/v1/callbacks/calendar", new_address, "callback.plan", body=Nothing),
    auth.get("/calendar/{token}", by_address, auth.PUBLIC),
]
