"""«Que me llamen» over HTTP: hours with room, asking, moving, calling off."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions import callback_load, dialling
from contact_center.actions.callback_chat import Ask, Change, Off
from contact_center.actions.kernel import Tx
from contact_center.errors import Invalid
from contact_center.live import callback_views
from contact_center.rules import dialling as dial_rules
from contact_center.rules import faces
from contact_center.rules.identity import normalise
from contact_center.rules.when import in_words
from contact_center.rules.zones import zones_of
from contact_center.web import auth, inputs
from contact_center.web.chat import visitor_of
from contact_center.web.house import house_of

MOST_TIMES: Final = 24


class Times(BaseModel):
    """For which number, from which day on."""

    model_config = ConfigDict(extra="forbid")

    phone: str = Field(default="", max_length=60)
    day: int | None = Field(default=None, ge=0, le=10**14)


async def times(request: Request) -> Response:
    """Hours in which a call can be promised: inside the hours of calling, with room."""
    actor, house = await visitor_of(request), house_of(request)
    given, now = inputs.query(request, Times), house.clock.now()
    phone = normalise(given.phone)
    async with house.db.read() as conn:
        tx = Tx(conn, now, house.ids, actor)
        rule = await dialling.policy(tx)
        if given.phone and (wrong := dial_rules.refuse_number(phone, rule.prefixes)) is not None:
            raise Invalid("invalid", fields={"phone": wrong.code})
        number = phone.e164 or ""
        start = now if given.day is None else faces.from_ms(given.day)
        free = await callback_load.free_hours(tx, number, start, MOST_TIMES)
        calendars = await dialling.windows(tx, number, None, await callback_load.queue_id_of(tx, None))
        soonest = dialling.soon(calendars, now)
    asap = {"at": faces.ms(soonest), "words": in_words(soonest, now), "words_en": in_words(soonest, now, locale="en")}
    return inputs.json({"zone": zones_of(number or None)[0], "asap": asap, "times": free})


def _command(verb: str, model: type[Any]) -> auth.Endpoint:
    async def endpoint(request: Request) -> Response:
        actor, house = await visitor_of(request), house_of(request)
        client_id, body = await inputs.read_command(request, model)
        answer = await house.writer.submit(actor, verb, body, client_id)
        async with house.db.read() as conn:
            shown = await callback_views.of_chats(conn, {answer["callback"]["id"]: ""}, house.clock.now())
        return inputs.json({"callback": shown[answer["callback"]["id"]]})

    endpoint.__name__ = verb.replace(".", "_")
    endpoint.__doc__ = model.__doc__
    return endpoint


routes: list[BaseRoute] = [
    auth.get("/api/v1/chat/callbacks/times", times, auth.VISITOR),
    auth.post("/api/v1/chat/callbacks", _command("chat.callback", Ask), auth.VISITOR, body=Ask),
    auth.post("/api/v1/chat/callbacks/move", _command("chat.callback_move", Change), auth.VISITOR, body=Change),
    auth.post("/api/v1/chat/callbacks/cancel", _command("chat.callback_cancel", Off), auth.VISITOR, body=Off),
]
