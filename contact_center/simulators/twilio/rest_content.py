"""The Content resource: templates and what WhatsApp said of them. The provider has it at an address of its own."""

from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from contact_center.simulators.twilio.model import Exchange
from contact_center.simulators.twilio.rest import Asked, bare_route, missing
from contact_center.simulators.twilio.text_model import Template, template_json

AT = "2026-01-05T15:00:00Z"


def routes(x: Exchange) -> list[BaseRoute]:
    return [
        bare_route(x, "/v1/ContentAndApprovals", get=_list),
        bare_route(x, "/v1/Content/{content}/ApprovalRequests", get=_approval),
        bare_route(x, "/v1/Content/{content}", get=_fetch),
    ]


def _json(x: Exchange, template: Template) -> dict[str, Any]:
    return template_json(template, x.config.account_sid, AT)


async def _list(asked: Asked) -> Response:
    form = asked.form
    size, number = form.number("PageSize", 50, 1, 500), form.number("Page", 0, 0, 100_000)
    rows = [_json(asked.x, one) for one in asked.x.texts.templates.values()]
    first = size * number
    address = f"{asked.x.url}{asked.path}?PageSize={size}&Page="
    has_more = first + size < len(rows)
    meta = {
        "page": number,
        "page_size": size,
        "first_page_url": f"{address}0",
        "previous_page_url": f"{address}{number - 1}" if number else None,
        "url": f"{address}{number}",
        "next_page_url": f"{address}{number + 1}&PageToken=PT{number + 1}" if has_more else None,
        "key": "contents",
    }
    return JSONResponse({"contents": rows[first : first + size], "meta": meta})


def _find(asked: Asked) -> Template:
    found = asked.x.texts.templates.get(asked.names["content"])
    if found is None:
        raise missing(asked.path)
    return found


async def _fetch(asked: Asked) -> Response:
    shown = _json(asked.x, _find(asked))
    shown.pop("approval_requests")
    return JSONResponse(shown)


async def _approval(asked: Asked) -> Response:
    shown = _json(asked.x, _find(asked))
    return JSONResponse(
        {"sid": shown["sid"], "account_sid": shown["account_sid"], "whatsapp": shown["approval_requests"]}
    )
