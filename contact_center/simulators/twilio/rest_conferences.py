"""The Conferences resource and its Participants."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_center.simulators.twilio import calls, conferences, placing
from contact_center.simulators.twilio.config import API_VERSION
from contact_center.simulators.twilio.model import Conference, Exchange, Participant, rfc2822
from contact_center.simulators.twilio.rest import ApiError, Asked, Form, check_rate, in_range, missing, page, route
from contact_center.simulators.twilio.rest_calls import check_addresses, detects_machine, read_callback
from contact_center.simulators.twilio.twiml import CONFERENCE_EVENTS

ADD: Final = [
    "To",
    "From",
    "Label",
    "EarlyMedia",
    "StatusCallback",
    "StatusCallbackMethod",
    "StatusCallbackEvent",
    "EndConferenceOnExit",
    "Coaching",
    "CallSidToCoach",
    "Muted",
    "Beep",
    "StartConferenceOnEnter",
    "WaitUrl",
    "WaitMethod",
    "Timeout",
    "TimeLimit",
    "ConferenceStatusCallback",
    "ConferenceStatusCallbackMethod",
    "ConferenceStatusCallbackEvent",
    "ConferenceRecord",
    "ConferenceRecordingStatusCallback",
    "ConferenceRecordingStatusCallbackMethod",
    "ConferenceRecordingStatusCallbackEvent",
    "ConferenceTrim",
    "MaxParticipants",
    "Record",
    "RecordingStatusCallback",
    "CallReason",
    "CallerId",
    "JitterBufferSize",
    "MachineDetection",
    "AmdStatusCallback",
    "AmdStatusCallbackMethod",
    "Region",
    "CallToken",
]
CHANGE: Final = [
    "Muted",
    "Hold",
    "HoldUrl",
    "HoldMethod",
    "AnnounceUrl",
    "AnnounceMethod",
    "WaitUrl",
    "WaitMethod",
    "BeepOnExit",
    "EndConferenceOnExit",
    "Coaching",
    "CallSidToCoach",
]


def routes(x: Exchange) -> list[Route]:
    made: list[datetime] = []

    async def add(asked: Asked) -> Response:
        return await _add(asked, made)

    return [
        route(x, "Conferences.json", get=_list),
        route(x, "Conferences/{conference}.json", get=_fetch, post=_update),
        route(x, "Conferences/{conference}/Participants.json", get=_list_participants, post=add),
        route(
            x,
            "Conferences/{conference}/Participants/{participant}.json",
            get=_fetch_participant,
            post=_change,
            delete=_remove,
        ),
    ]


def _find(asked: Asked) -> Conference:
    conference = asked.x.conferences.get(asked.names["conference"])
    if conference is None:
        raise missing(asked.path)
    return conference


def _find_running(asked: Asked) -> Conference:
    conference = conferences.find(asked.x, asked.names["conference"])
    if conference is None:
        raise missing(asked.path)
    return conference


def _find_participant(asked: Asked) -> Participant:
    name = asked.names["participant"]
    for participant in _find_running(asked).participants.values():
        if name in (participant.leg.sid, participant.label):
            return participant
    raise missing(asked.path)


async def _fetch(asked: Asked) -> Response:
    return JSONResponse(resource(asked.x, _find(asked)))


async def _list(asked: Asked) -> Response:
    form = asked.form
    rows = [
        resource(asked.x, one)
        for one in reversed(asked.x.conferences.values())
        if form.get("FriendlyName") in ("", one.name)
        and form.get("Status") in ("", one.status)
        and in_range(form, "DateCreated", one.created_at)
        and in_range(form, "DateUpdated", one.updated_at)
    ]
    return page(asked, "conferences", rows)


async def _update(asked: Asked) -> Response:
    x, form, conference = asked.x, asked.form, _find(asked)
    form.check(("Status", "AnnounceUrl", "AnnounceMethod"))
    status, announce = form.get("Status"), form.url("AnnounceUrl")
    if status not in ("", "completed"):
        raise ApiError(400, 20001, f"Invalid parameter Status: {status}")
    if conference.status == "completed":
        raise missing(asked.path)
    if announce:
        for participant in conference.participants.values():
            participant.announce_url, participant.announce_method = announce, form.method("AnnounceMethod")
            participant.change(x.now())
    if status:
        conferences.end(x, conference, "conference-ended-via-api")
    return JSONResponse(resource(x, conference))


async def _list_participants(asked: Asked) -> Response:
    form, conference = asked.form, _find(asked)
    rows = [
        participant_resource(asked.x, one)
        for one in conference.participants.values()
        if one.is_in
        and (not form.has("Muted") or one.muted == form.flag("Muted", False))
        and (not form.has("Hold") or one.hold == form.flag("Hold", False))
        and (not form.has("Coaching") or one.coaching == form.flag("Coaching", False))
    ]
    return page(asked, "participants", rows)


async def _fetch_participant(asked: Asked) -> Response:
    return JSONResponse(participant_resource(asked.x, _find_participant(asked)))


async def _add(asked: Asked, made: list[datetime]) -> Response:
    """Call somebody into a conference, which is made when it is not there yet."""
    x, form, name = asked.x, asked.form, asked.names["conference"]
    form.check(ADD)
    to, from_ = check_addresses(x, form)
    running = conferences.find(x, name)
    if running is None and name in x.conferences:
        raise missing(asked.path)
    label = form.get("Label")
    if len(label) > 128:
        raise ApiError(400, 20001, "Invalid parameter Label")
    if running is not None and label and any(one.label == label for one in running.participants.values()):
        raise ApiError(400, 16025, "Participant label must be unique in a conference")
    coaching, coached = read_coaching(form, running)
    callback, conference_callback = read_callback(form), _conference_callback(form)
    timeout_s = form.number("Timeout", 60, 5, 600)
    wait_url = form.url("WaitUrl") if form.has("WaitUrl") else None
    check_rate(x, made)
    conference = running or conferences.open_(x, name)
    conference.callback = conference.callback or conference_callback
    if form.get("ConferenceRecord") in ("true", "record-from-start"):
        conference.record = True
        conference.record_callback = read_callback(form, "ConferenceRecordingStatusCallback")
    to, _, query = to.partition("?")
    line = x.lines.to(to, detect_machine=detects_machine(form))
    leg = calls.make(x, line, from_=from_, to=to, direction="outbound-api")
    leg.callback, leg.custom = callback, dict(parse_qsl(query))
    leg.machine_callback = read_callback(form, "AmdStatusCallback") if detects_machine(form) else None
    participant = conferences.make_participant(x, conference, leg)
    participant.label = label
    participant.muted = form.flag("Muted", False)
    participant.coaching, participant.coached_sid = coaching, coached
    participant.start_on_enter = form.flag("StartConferenceOnEnter", True)
    participant.end_on_exit = form.flag("EndConferenceOnExit", False)
    participant.beep = form.get("Beep", "true")
    participant.wait_url, participant.wait_method = wait_url, form.method("WaitMethod")
    x.ledger.bill("participants")
    placing.add_participant(x, participant, timeout_s=timeout_s)
    return JSONResponse(participant_resource(x, participant), 201)


def read_coaching(form: Form, conference: Conference | None) -> tuple[bool, str]:
    """Return (coaching, call to coach). Raises `ApiError` when the coached one is not in the conference."""
    coached = form.get("CallSidToCoach")
    coaching = form.flag("Coaching", bool(coached))
    if coaching and not coached:
        raise ApiError(400, 20001, "CallSidToCoach is required when Coaching is true")
    if coaching and (conference is None or coached not in conference.participants):
        raise ApiError(400, 21250, f"CallSidToCoach {coached} is not a participant of the conference")
    return coaching, coached if coaching else ""


def _conference_callback(form: Form) -> Any:
    callback = read_callback(form, "ConferenceStatusCallback", "start end join leave mute hold")
    if callback is not None and not CONFERENCE_EVENTS(" ".join(callback.events)):
        raise ApiError(400, 20001, f"Invalid parameter ConferenceStatusCallbackEvent: {' '.join(callback.events)}")
    return callback


async def _change(asked: Asked) -> Response:
    x, form, participant = asked.x, asked.form, _find_participant(asked)
    form.check(CHANGE)
    hold_url, announce_url = form.url("HoldUrl"), form.url("AnnounceUrl")
    if form.has("Coaching") or form.has("CallSidToCoach"):
        conferences.set_coaching(x, participant, *read_coaching(form, participant.conference))
    if form.has("EndConferenceOnExit"):
        participant.end_on_exit = form.flag("EndConferenceOnExit", False)
    if form.has("Muted"):
        conferences.set_muted(x, participant, form.flag("Muted", False))
    if form.has("Hold"):
        participant.hold_url, participant.hold_method = hold_url, form.method("HoldMethod", "GET")
        conferences.set_hold(x, participant, form.flag("Hold", False))
    if announce_url:
        participant.announce_url, participant.announce_method = announce_url, form.method("AnnounceMethod")
        participant.change(x.now())
    return JSONResponse(participant_resource(x, participant))


async def _remove(asked: Asked) -> Response:
    conferences.kick(asked.x, _find_participant(asked))
    return Response(status_code=204)


def resource(x: Exchange, conference: Conference) -> dict[str, Any]:
    """Return a conference in the provider's shape."""
    uri = x.account_path(f"Conferences/{conference.sid}")
    return {
        "sid": conference.sid,
        "account_sid": x.config.account_sid,
        "api_version": API_VERSION,
        "friendly_name": conference.name,
        "status": conference.status,
        "region": "us1",
        "date_created": rfc2822(conference.created_at),
        "date_updated": rfc2822(conference.updated_at),
        "reason_conference_ended": conference.reason_ended or None,
        "call_sid_ending_conference": conference.ended_by or None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }


def participant_resource(x: Exchange, participant: Participant) -> dict[str, Any]:
    """Return a participant in the provider's shape."""
    conference, leg = participant.conference, participant.leg
    status = {"queued": "queued", "initiated": "connecting", "ringing": "ringing"}.get(leg.status, "connected")
    return {
        "account_sid": x.config.account_sid,
        "call_sid": leg.sid,
        "conference_sid": conference.sid,
        "label": participant.label or None,
        "call_sid_to_coach": participant.coached_sid or None,
        "coaching": participant.coaching,
        "muted": participant.muted,
        "hold": participant.hold,
        "start_conference_on_enter": participant.start_on_enter,
        "end_conference_on_exit": participant.end_on_exit,
        "status": status,
        "queue_time": "0",
        "date_created": rfc2822(participant.created_at),
        "date_updated": rfc2822(participant.updated_at),
        "uri": x.account_path(f"Conferences/{conference.sid}/Participants/{leg.sid}.json"),
    }
