"""The Messages resource and its media."""

import json
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from contact_center.simulators.twilio import messages, numbers
from contact_center.simulators.twilio.config import API_VERSION
from contact_center.simulators.twilio.model import Exchange, rfc2822
from contact_center.simulators.twilio.rest import ApiError, Asked, Form, in_range, missing, page, route
from contact_center.simulators.twilio.segments import LONGEST, count
from contact_center.simulators.twilio.text_model import FINAL, WHATSAPP, Media, Template, Text

CREATE: Final = [
    "To",
    "From",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
    "ContentSid",
    "ContentVariables",
    "StatusCallback",
    "ValidityPeriod",
    "SmartEncoded",
    "ProvideFeedback",
]
MOST_MEDIA: Final = 10
_BLANK: Final = re.compile(r"\{\{(\d{1,3})\}\}")
_REFUSED_TEMPLATES: Final = {"rejected": 63040, "paused": 63041, "disabled": 63042}


def routes(x: Exchange) -> list[BaseRoute]:
    async def file(request: Request) -> Response:
        media = x.texts.media.get(request.path_params["media"])
        if media is None:
            return missing(request.url.path).response()
        return Response(media.content, media_type=media.content_type)

    return [
        route(x, "Messages.json", get=_list, post=_create),
        route(x, "Messages/{message}.json", get=_fetch, post=_redact, delete=_delete),
        route(x, "Messages/{message}/Media.json", get=_list_media),
        route(x, "Messages/{message}/Media/{media}", get=_fetch_media, delete=_delete_media),
        Route("/sim/cdn/{media}", file),
    ]


async def _create(asked: Asked) -> Response:
    x, form = asked.x, asked.form
    form.check(CREATE)
    to, sender = form.get("To"), _sender(x, form)
    if not to:
        raise ApiError(400, 21604, "A 'To' phone number is required.")
    person = to.removeprefix(WHATSAPP)
    if not numbers.is_number(person):
        raise ApiError(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if to.startswith(WHATSAPP) != sender.startswith(WHATSAPP):
        raise ApiError(400, 63007, "Twilio could not find a Channel with the specified From address")
    if not person.startswith(x.config.countries):
        raise ApiError(400, 21408, f"Permission to send an SMS has not been enabled for the region of {to}")
    template = _template(x, form, to)
    body = _filled(template, form) if template else form.get("Body")
    urls = tuple(value for key, value in form.pairs if key == "MediaUrl")
    _check_content(body, urls, is_whatsapp=to.startswith(WHATSAPP))
    if (sender, to) in x.texts.opted_out:
        raise ApiError(400, 21610, "Attempt to send to unsubscribed recipient")
    callback = form.url("StatusCallback", 21609)
    if messages.overuse(x, sender):
        x.ledger.add("breach", sender=sender, to=to)
        raise ApiError(429, 20429, "Too Many Requests", retry_after_s=1)
    now = x.now()
    service = form.get("MessagingServiceSid")
    text = Text(
        sid=x.sids.new("MM" if urls else "SM"),
        from_=sender,
        to=to,
        body=body,
        direction="outbound-api",
        status="accepted" if service else "queued",
        created_at=now,
        updated_at=now,
        segments=count(body)[1],
        callback_url=callback,
        content_sid=form.get("ContentSid"),
        messaging_service_sid=service,
    )
    x.ledger.bill("messages")
    messages.send(x, text, urls)
    return JSONResponse(resource(x, text), 201)


def _sender(x: Exchange, form: Form) -> str:
    sender, service = form.get("From"), form.get("MessagingServiceSid")
    if not sender and not service:
        raise ApiError(400, 21603, "A 'From' phone number is required.")
    if service and service != x.config.messaging_service_sid:
        raise ApiError(404, 21701, f"The Messaging Service {service} does not exist")
    if not sender:
        kind = WHATSAPP if form.get("To").startswith(WHATSAPP) else ""
        return next(one for one in x.config.senders if one.startswith(WHATSAPP) == bool(kind))
    if not x.config.has_sender(sender):
        if sender.startswith(WHATSAPP):
            raise ApiError(400, 63007, "Twilio could not find a Channel with the specified From address")
        raise ApiError(
            400,
            21606,
            f"The 'From' phone number provided ({sender}) is not a valid message-capable Twilio phone number",
        )
    return sender


def _template(x: Exchange, form: Form, to: str) -> Template | None:
    sid = form.get("ContentSid")
    if not sid:
        return None
    found = x.texts.templates.get(sid)
    if found is None:
        raise ApiError(400, 21655, f"The ContentSid {sid} is invalid")
    if to.startswith(WHATSAPP) and (code := _REFUSED_TEMPLATES.get(found.approval)):
        raise ApiError(400, code, f"The template is {found.approval}")
    return found


def _filled(template: Template, form: Form) -> str:
    """Return the words of a template with its blanks filled. Raises `ApiError` 21656 unless all are."""
    try:
        given = json.loads(form.get("ContentVariables") or "{}")
    except ValueError as error:
        raise ApiError(400, 21656, "The ContentVariables Parameter is invalid") from error
    blanks = set(_BLANK.findall(template.body))
    if not isinstance(given, dict) or set(given) != blanks or not all(isinstance(it, str) for it in given.values()):
        raise ApiError(400, 21656, "The ContentVariables Parameter is invalid")
    if any(not value.strip() or "\n" in value or "    " in value for value in given.values()):
        raise ApiError(400, 21656, "The ContentVariables Parameter is invalid")
    return _BLANK.sub(lambda found: str(given[found[1]]), template.body)


def _check_content(body: str, urls: tuple[str, ...], *, is_whatsapp: bool) -> None:
    if not body and not urls:
        raise ApiError(400, 21602, "Message body is required.")
    if len(body) > LONGEST:
        raise ApiError(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if len(urls) > (1 if is_whatsapp else MOST_MEDIA):
        raise ApiError(400, 21623, "Number of media files exceeds allowed limit.")


async def _list(asked: Asked) -> Response:
    form = asked.form
    form.check(["To", "From", "DateSent", "DateSent<", "DateSent>", "Page", "PageSize", "PageToken"])
    found = [
        resource(asked.x, text)
        for text in reversed(asked.x.texts.messages.values())
        if form.get("To") in ("", text.to)
        and form.get("From") in ("", text.from_)
        and in_range(form, "DateSent", text.sent_at or text.created_at)
    ]
    return page(asked, "messages", found)


def _find(asked: Asked) -> Text:
    text = asked.x.texts.messages.get(asked.names["message"])
    if text is None:
        raise missing(asked.path)
    return text


async def _fetch(asked: Asked) -> Response:
    return JSONResponse(resource(asked.x, _find(asked)))


async def _redact(asked: Asked) -> Response:
    """Take the words out of a message: the only change the provider allows."""
    text = _find(asked)
    asked.form.check(["Body", "Status"])
    if asked.form.get("Body"):
        raise ApiError(400, 20001, "Body must be empty")
    text.body = ""
    return JSONResponse(resource(asked.x, text))


async def _delete(asked: Asked) -> Response:
    text = _find(asked)
    if text.status not in FINAL | {"delivered", "sent"}:
        raise ApiError(409, 20009, "The message cannot be deleted while it is on its way")
    del asked.x.texts.messages[text.sid]
    return Response(status_code=204)


async def _list_media(asked: Asked) -> Response:
    text = _find(asked)
    return page(asked, "media_list", [_media_json(asked.x, text, one) for one in text.media])


def _find_media(asked: Asked) -> tuple[Text, Media]:
    text, sid = _find(asked), asked.names["media"].removesuffix(".json")
    media = next((one for one in text.media if one.sid == sid), None)
    if media is None:
        raise missing(asked.path)
    return text, media


async def _fetch_media(asked: Asked) -> Response:
    text, media = _find_media(asked)
    if asked.names["media"].endswith(".json"):
        return JSONResponse(_media_json(asked.x, text, media))
    return RedirectResponse(f"{asked.x.url}/sim/cdn/{media.sid}", 307)


async def _delete_media(asked: Asked) -> Response:
    text, media = _find_media(asked)
    text.media.remove(media)
    asked.x.texts.media.pop(media.sid, None)
    asked.x.ledger.add("media_deleted", text.sid, media=media.sid)
    return Response(status_code=204)


def _media_json(x: Exchange, text: Text, media: Media) -> dict[str, Any]:
    return {
        "sid": media.sid,
        "account_sid": x.config.account_sid,
        "parent_sid": text.sid,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created_at),
        "date_updated": rfc2822(media.created_at),
        "uri": x.account_path(f"Messages/{text.sid}/Media/{media.sid}.json"),
    }


def resource(x: Exchange, text: Text) -> dict[str, Any]:
    """Return a message in the provider's shape."""
    uri = x.account_path(f"Messages/{text.sid}")
    return {
        "sid": text.sid,
        "account_sid": x.config.account_sid,
        "api_version": API_VERSION,
        "messaging_service_sid": text.messaging_service_sid or None,
        "to": text.to,
        "from": text.from_,
        "body": text.body,
        "status": text.status,
        "direction": text.direction,
        "num_segments": str(text.segments),
        "num_media": str(len(text.media)),
        "error_code": text.error_code,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "date_created": rfc2822(text.created_at),
        "date_updated": rfc2822(text.updated_at),
        "date_sent": rfc2822(text.sent_at) or None,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
