"""The Recordings resources: of the account, of a call, of a conference."""

from typing import Any, Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_center.simulators.twilio import recordings
from contact_center.simulators.twilio.config import API_VERSION
from contact_center.simulators.twilio.model import Callback, Exchange, Recording, rfc2822
from contact_center.simulators.twilio.rest import ApiError, Asked, in_range, missing, page, route

CREATE: Final = [
    "RecordingStatusCallback",
    "RecordingStatusCallbackMethod",
    "RecordingStatusCallbackEvent",
    "Trim",
    "RecordingChannels",
    "RecordingTrack",
]
CURRENT: Final = "Twilio.CURRENT"
TYPES: Final = {"wav": "audio/x-wav", "mp3": "audio/mpeg"}


def routes(x: Exchange) -> list[Route]:
    return [
        route(x, "Recordings.json", get=_list),
        route(x, "Recordings/{recording}.json", get=_fetch, delete=_delete),
        route(x, "Recordings/{recording}.{extension}", get=_media),
        route(x, "Recordings/{recording}", get=_media, delete=_delete),
        route(x, "Calls/{call}/Recordings.json", get=_list, post=_create),
        route(x, "Calls/{call}/Recordings/{recording}.json", get=_fetch, post=_update, delete=_delete),
        route(x, "Conferences/{conference}/Recordings.json", get=_list),
        route(x, "Conferences/{conference}/Recordings/{recording}.json", get=_fetch, post=_update, delete=_delete),
    ]


def _find(asked: Asked) -> Recording:
    x, sid = asked.x, asked.names["recording"]
    call, conference = asked.names.get("call", ""), asked.names.get("conference", "")
    for recording in reversed(x.recordings.values()):
        is_current = sid == CURRENT and recording.status in ("in-progress", "paused")
        if (
            (recording.sid == sid or is_current)
            and call in ("", recording.call_sid)
            and conference in ("", recording.conference_sid)
        ):
            return recording
    raise missing(asked.path)


async def _create(asked: Asked) -> Response:
    x, form = asked.x, asked.form
    form.check(CREATE)
    leg = x.calls.get(asked.names["call"])
    if leg is None:
        raise missing(asked.path)
    if leg.status != "in-progress" or not leg.is_live:
        raise ApiError(400, 21220, "Requested resource is not eligible for recording")
    url = form.url("RecordingStatusCallback")
    events = form.all("RecordingStatusCallbackEvent") or ("completed",)
    callback = Callback(url, form.method("RecordingStatusCallbackMethod"), events) if url else None
    recording = recordings.start(
        x,
        "StartCallRecordingAPI",
        call_sid=leg.sid,
        channels=2 if form.get("RecordingChannels") == "dual" else 1,
        track=form.get("RecordingTrack", "both"),
        callback=callback,
    )
    x.ledger.bill("recordings")
    return JSONResponse(resource(x, recording), 201)


async def _update(asked: Asked) -> Response:
    form, recording = asked.form, _find(asked)
    form.check(("Status", "PauseBehavior"))
    status = form.get("Status")
    if status not in ("stopped", "paused", "in-progress"):
        raise ApiError(400, 20001, f"Invalid parameter Status: {status}")
    try:
        recordings.set_status(asked.x, recording, status)
    except ValueError as error:
        raise ApiError(400, 21220, "Recording is not in progress") from error
    return JSONResponse(resource(asked.x, recording))


async def _fetch(asked: Asked) -> Response:
    return JSONResponse(resource(asked.x, _find(asked)))


async def _list(asked: Asked) -> Response:
    x, form = asked.x, asked.form
    call = asked.names.get("call") or form.get("CallSid")
    conference = asked.names.get("conference") or form.get("ConferenceSid")
    rows = [
        resource(x, one)
        for one in reversed(x.recordings.values())
        if call in ("", one.call_sid)
        and conference in ("", one.conference_sid)
        and in_range(form, "DateCreated", one.created_at)
    ]
    return page(asked, "recordings", rows)


async def _media(asked: Asked) -> Response:
    recording, extension = _find(asked), asked.names.get("extension", "wav")
    if recording.status != "completed" or extension not in TYPES:
        raise missing(asked.path)
    return Response(recordings.media(asked.x, recording, extension), media_type=TYPES[extension])


async def _delete(asked: Asked) -> Response:
    recording = _find(asked)
    del asked.x.recordings[recording.sid]
    asked.x.ledger.add("recording", recording.call_sid, recording_sid=recording.sid, status="deleted")
    return Response(status_code=204)


def resource(x: Exchange, recording: Recording) -> dict[str, Any]:
    """Return a recording in the provider's shape."""
    uri = x.account_path(f"Recordings/{recording.sid}")
    done = recording.status == "completed"
    return {
        "sid": recording.sid,
        "account_sid": x.config.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid or None,
        "conference_sid": recording.conference_sid or None,
        "channels": recording.channels,
        "date_created": rfc2822(recording.created_at),
        "date_updated": rfc2822(recording.updated_at),
        "start_time": rfc2822(recording.created_at),
        "duration": str(recordings.duration(x, recording)) if done else None,
        "status": "processing" if recording.status == "stopped" else recording.status,
        "source": recording.source,
        "track": recording.track,
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "media_url": recordings.url(x, recording),
        "uri": f"{uri}.json",
        "subresource_uris": {},
    }
