"""The Calls resource."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_center.simulators.twilio import calls, numbers, placing, rest_recordings
from contact_center.simulators.twilio.config import API_VERSION
from contact_center.simulators.twilio.documents import document, inline
from contact_center.simulators.twilio.model import Callback, Exchange, Leg, Step, rfc2822
from contact_center.simulators.twilio.rest import (
    ApiError,
    Asked,
    Form,
    check_rate,
    in_range,
    missing,
    page,
    route,
)
from contact_center.simulators.twilio.webhooks import BODY_BYTES

EVENTS: Final = frozenset({"initiated", "ringing", "answered", "completed"})
CREATE: Final = [
    "To",
    "From",
    "CallerId",
    "Url",
    "Twiml",
    "ApplicationSid",
    "Method",
    "FallbackUrl",
    "FallbackMethod",
    "StatusCallback",
    "StatusCallbackMethod",
    "StatusCallbackEvent",
    "Timeout",
    "TimeLimit",
    "SendDigits",
    "MachineDetection",
    "MachineDetectionTimeout",
    "AsyncAmd",
    "AsyncAmdStatusCallback",
    "CallReason",
    "CallToken",
    "Trim",
    "Record",
    "RecordingStatusCallback",
    "RecordingChannels",
]
UPDATE: Final = [
    "Url",
    "Twiml",
    "Method",
    "Status",
    "FallbackUrl",
    "FallbackMethod",
    "StatusCallback",
    "StatusCallbackMethod",
    "TimeLimit",
]


def routes(x: Exchange) -> list[Route]:
    made: list[datetime] = []

    async def create(asked: Asked) -> Response:
        return await _create(asked, made)

    return [
        route(x, "Calls.json", get=_list, post=create),
        route(x, "Calls/{call}.json", get=_fetch, post=_update, delete=_delete),
        *rest_recordings.routes(x),
    ]


def find_call(asked: Asked) -> Leg:
    leg = asked.x.calls.get(asked.names["call"])
    if leg is None:
        raise missing(asked.path)
    return leg


def read_callback(form: Form, prefix: str = "StatusCallback", default: str = "completed") -> Callback | None:
    """Return where a call is to report. Raises `ApiError` for an event nobody knows."""
    url = form.url(prefix, 21609)
    if not url:
        return None
    events = form.all(f"{prefix}Event") or tuple(default.split())
    if prefix == "StatusCallback" and not set(events) <= EVENTS:
        raise ApiError(400, 21626, f"Invalid StatusCallbackEvent: {' '.join(events)}")
    return Callback(url, form.method(f"{prefix}Method"), events)


def detects_machine(form: Form) -> bool:
    """Tell whether whoever answers is to be listened to: a person or a machine."""
    return form.get("MachineDetection") in ("Enable", "DetectMessageEnd")


def check_addresses(x: Exchange, form: Form) -> tuple[str, str]:
    """Return (to, from) of a call to be made. Raises `ApiError` for what may not be called, or not from there."""
    to, from_ = form.get("To").strip(), form.get("From").strip()
    if not to:
        raise ApiError(400, 21201, "No 'To' number is specified")
    if not from_:
        raise ApiError(400, 21213, "No 'From' number is specified")
    refused = numbers.refusal_of_callee(x.config, to) or numbers.refusal_of_caller(x.config, from_, to)
    if refused is not None:
        raise ApiError(400, *refused)
    return to, from_


def _first_step(x: Exchange, leg: Leg, form: Form) -> Step:
    twiml = form.get("Twiml")
    if len(twiml.encode()) > BODY_BYTES:
        raise ApiError(400, 21217, "Twiml is too long")
    if twiml:
        return inline(x, leg, twiml)
    return document(x, leg, "voice", form.url("Url"), form.method("Method"))


async def _create(asked: Asked, made: list[datetime]) -> Response:
    x, form = asked.x, asked.form
    form.check(CREATE)
    to, from_ = check_addresses(x, form)
    if not form.get("Url") and not form.get("Twiml"):
        raise ApiError(400, 21205, "Url parameter is required.")
    form.url("Url"), form.url("FallbackUrl")
    timeout_s = form.number("Timeout", 60, 5, 600)
    callback = read_callback(form)
    check_rate(x, made)
    to, _, query = to.partition("?")
    line = x.lines.to(to, detect_machine=detects_machine(form))
    leg = calls.make(x, line, from_=from_, to=to, direction="outbound-api")
    leg.callback, leg.fallback_url, leg.custom = callback, form.get("FallbackUrl"), dict(parse_qsl(query))
    x.ledger.bill("calls")
    placing.call_out(x, leg, _first_step(x, leg, form), timeout_s=timeout_s)
    return JSONResponse(resource(x, leg), 201)


async def _fetch(asked: Asked) -> Response:
    return JSONResponse(resource(asked.x, find_call(asked)))


async def _list(asked: Asked) -> Response:
    form = asked.form
    rows = [
        resource(asked.x, leg)
        for leg in reversed(asked.x.calls.values())
        if form.get("To") in ("", leg.to)
        and form.get("From") in ("", leg.from_)
        and form.get("ParentCallSid") in ("", leg.parent_sid)
        and form.get("Status") in ("", shown_status(leg))
        and in_range(form, "StartTime", leg.started_at)
        and in_range(form, "EndTime", leg.ended_at)
    ]
    return page(asked, "calls", rows)


async def _update(asked: Asked) -> Response:
    x, form, leg = asked.x, asked.form, find_call(asked)
    form.check(UPDATE)
    status = form.get("Status")
    if status not in ("", "canceled", "completed"):
        raise ApiError(400, 20001, f"Invalid parameter Status: {status}")
    if not leg.is_live:
        raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
    if form.get("Url") or form.get("Twiml"):
        if leg.status != "in-progress":
            raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
        step = _first_step(x, leg, form)
        leg.fallback_url = form.url("FallbackUrl") or leg.fallback_url
        leg.has_fallen_back = False
        leg.callback = read_callback(form) or leg.callback
        calls.redirect(leg, step)
    elif status == "completed" or (status == "canceled" and leg.status != "in-progress"):
        calls.hang_up(x, leg, "api")
    elif status != "canceled":
        raise ApiError(400, 21218, "Url or Twiml is required")
    return JSONResponse(resource(x, leg))


async def _delete(asked: Asked) -> Response:
    leg = find_call(asked)
    if leg.is_live:
        raise ApiError(400, 21220, "Call is in progress. Cannot delete.")
    del asked.x.calls[leg.sid]
    return Response(status_code=204)


def shown_status(leg: Leg) -> str:
    """Return the status as the resource shows it: initiated is a word of webhooks only."""
    status = leg.ending if leg.ending and leg.status == "in-progress" else leg.status
    return "queued" if status == "initiated" else status


def resource(x: Exchange, leg: Leg) -> dict[str, Any]:
    """Return a call in the provider's shape."""
    uri = x.account_path(f"Calls/{leg.sid}")
    number = next((one for one in (leg.to, leg.from_) if x.config.number(one)), "")
    return {
        "sid": leg.sid,
        "account_sid": x.config.account_sid,
        "api_version": API_VERSION,
        "parent_call_sid": leg.parent_sid or None,
        "phone_number_sid": "PN" + x.config.account_sid[2:] if number else None,
        "to": leg.to,
        "to_formatted": leg.to,
        "from": leg.from_,
        "from_formatted": leg.from_,
        "status": shown_status(leg),
        "direction": leg.direction,
        "answered_by": leg.answered_by or None,
        "caller_name": leg.caller_name or None,
        "date_created": rfc2822(leg.created_at),
        "date_updated": rfc2822(leg.updated_at),
        "start_time": rfc2822(leg.started_at) or None,
        "end_time": rfc2822(leg.ended_at) or None,
        "duration": str(leg.seconds()) if leg.ended_at else None,
        "price": None,
        "price_unit": "USD",
        "forwarded_from": None,
        "group_sid": None,
        "queue_time": "0",
        "trunk_sid": None,
        "annotation": None,
        "uri": f"{uri}.json",
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
    }
