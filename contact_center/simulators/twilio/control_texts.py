"""The simulator's own doors for text messages: people who write, how handsets behave, templates."""

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from contact_center.simulators.twilio import messages
from contact_center.simulators.twilio.control import read_body
from contact_center.simulators.twilio.model import Exchange
from contact_center.simulators.twilio.text_model import Handset, Template


class Writing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A citizen who writes; files as (content type, base64)."""

    from_: str
    to: str
    body: str = ""
    media: tuple[tuple[str, str], ...] = ()
    profile_name: str = ""
    extra: dict[str, str] = {}


def routes(x: Exchange) -> list[BaseRoute]:
    async def write(request: Request) -> Response:
        asked = await read_body(request, Writing)
        if isinstance(asked, Response):
            return asked
        try:
            incoming = messages.Incoming(
                from_=asked.from_,
                to=asked.to,
                body=asked.body,
                media=messages.decoded(asked.media),
                profile_name=asked.profile_name,
                extra=asked.extra,
            )
            text = messages.text_in(x, incoming)
        except LookupError as error:
            return JSONResponse({"error": str(error)}, 404)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"message_sid": text.sid}, 201)

    async def set_handset(request: Request) -> Response:
        handset = await read_body(request, Handset)
        if isinstance(handset, Response):
            return handset
        x.texts.handsets[handset.number] = handset
        return JSONResponse(msgspec.to_builtins(handset), 201)

    async def set_template(request: Request) -> Response:
        template = await read_body(request, Template)
        if isinstance(template, Response):
            return template
        x.texts.templates[template.sid] = template
        return JSONResponse(msgspec.to_builtins(template), 201)

    return [
        Route("/sim/texts", write, methods=["POST"]),
        Route("/sim/handsets", set_handset, methods=["POST"]),
        Route("/sim/templates", set_template, methods=["POST"]),
    ]
