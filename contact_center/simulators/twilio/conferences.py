"""Conferences: who comes, is held, muted, coaches and leaves, when it starts and ends, and what is reported."""

from datetime import datetime

from contact_center.simulators.twilio import calls, recordings
from contact_center.simulators.twilio.model import Conference, Exchange, Leg, Participant, rfc2822
from contact_center.simulators.twilio.webhooks import Hook, Params

SUBSCRIPTIONS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
}


def find(x: Exchange, name: str) -> Conference | None:
    """Return the conference of this SID or name that is not over."""
    for conference in x.conferences.values():
        if conference.status != "completed" and name in (conference.sid, conference.name):
            return conference
    return None


def open_(x: Exchange, name: str) -> Conference:
    """Return the running conference of a name, or a new one."""
    found = find(x, name)
    if found is not None:
        return found
    now = x.now()
    conference = Conference(sid=x.sids.new("CF"), name=name, created_at=now, updated_at=now)
    x.conferences[conference.sid] = conference
    x.ledger.add("conference", conference_sid=conference.sid, name=name, event="created")
    return conference


def add(x: Exchange, conference: Conference, leg: Leg, participant: Participant) -> None:
    """Put a participant on the list; it is in when `join` says so."""
    conference.participants[leg.sid] = participant
    leg.participant = participant


def make_participant(x: Exchange, conference: Conference, leg: Leg) -> Participant:
    now: datetime = x.now()
    return Participant(leg=leg, conference=conference, created_at=now, updated_at=now)


def join(x: Exchange, participant: Participant) -> None:
    """Let a participant in; the second one, or the one awaited, starts the conference."""
    conference = participant.conference
    participant.is_in = True
    participant.change(x.now())
    report(x, conference, "participant-join", participant)
    inside = [one for one in conference.participants.values() if one.is_in]
    if conference.status == "init" and len(inside) > 1 and any(one.start_on_enter for one in inside):
        conference.status = "in-progress"
        conference.updated_at = x.now()
        report(x, conference, "conference-start")
        if conference.record:
            recordings.start(x, "Conference", conference_sid=conference.sid, callback=conference.record_callback)
        for one in inside:
            one.change(x.now())
    if conference.status == "in-progress":
        for one in inside:
            one.leg.together.set()


def leave(x: Exchange, participant: Participant, reason: str) -> None:
    """Take a participant out, and end the conference when it was the last or the one it hung on. Idempotent."""
    conference = participant.conference
    if conference.participants.get(participant.leg.sid) is not participant:
        return
    del conference.participants[participant.leg.sid]
    if participant.leg.participant is participant:
        participant.leg.participant = None
    was_in, participant.is_in = participant.is_in, False
    participant.out_reason = reason
    participant.out.set()
    report(x, conference, "participant-leave", participant, ReasonParticipantLeft=reason)
    if conference.status == "completed":
        return
    kicked = "kicked" if reason == "participant_removed_via_api" else "left"
    if was_in and participant.end_on_exit:
        end(x, conference, f"participant-with-end-conference-on-exit-{kicked}", participant.leg.sid)
    elif not conference.participants:
        end(x, conference, f"last-participant-{kicked}", participant.leg.sid)


def end(x: Exchange, conference: Conference, reason: str, by: str = "") -> None:
    """End a conference; everybody in it leaves. Idempotent."""
    if conference.status == "completed":
        return
    conference.status = "completed"
    conference.updated_at = x.now()
    conference.reason_ended = reason
    conference.ended_by = by
    for participant in list(conference.participants.values()):
        leave(x, participant, "conference_ended")
    recordings.stop_with_conference(x, conference)
    report(x, conference, "conference-end")


def set_muted(x: Exchange, participant: Participant, muted: bool) -> None:
    if participant.muted != muted:
        participant.muted = muted
        participant.change(x.now())
        report(x, participant.conference, "participant-mute" if muted else "participant-unmute", participant)


def set_hold(x: Exchange, participant: Participant, hold: bool) -> None:
    if participant.hold != hold:
        participant.hold = hold
        participant.change(x.now())
        report(x, participant.conference, "participant-hold" if hold else "participant-unhold", participant)


def set_coaching(x: Exchange, participant: Participant, coaching: bool, coached_sid: str) -> None:
    if (participant.coaching, participant.coached_sid) != (coaching, coached_sid):
        participant.coaching, participant.coached_sid = coaching, coached_sid
        participant.change(x.now())
        report(x, participant.conference, "participant-modify", participant)


def report(
    x: Exchange, conference: Conference, event: str, participant: Participant | None = None, **more: str
) -> None:
    """Write an event down and tell the conference's status callback when it asked for it."""
    call_sid = participant.leg.sid if participant else ""
    x.ledger.add("conference", call_sid, conference_sid=conference.sid, name=conference.name, event=event, **more)
    if conference.callback is None or SUBSCRIPTIONS[event] not in conference.callback.events:
        return
    conference.sequence += 1
    params: Params = {
        "AccountSid": x.config.account_sid,
        "ConferenceSid": conference.sid,
        "FriendlyName": conference.name,
        "StatusCallbackEvent": event,
        "SequenceNumber": str(conference.sequence),
        "Timestamp": rfc2822(x.now()),
        **more,
    }
    if participant is not None:
        params |= _participant_params(participant)
    if event == "participant-leave" and participant is not None:
        params["ParticipantCallStatus"] = participant.leg.ending or participant.leg.status
    if event == "conference-end":
        params["ReasonConferenceEnded"] = conference.reason_ended
        params["Reason"] = conference.reason_ended
        if conference.ended_by:
            params["CallSidEndingConference"] = conference.ended_by
    x.webhooks.notify(
        Hook(
            "conference",
            conference.callback.url,
            params,
            conference.callback.method,
            call_sid=call_sid,
            lane=conference.sid,
        )
    )


def _participant_params(participant: Participant) -> Params:
    params = {
        "CallSid": participant.leg.sid,
        "Muted": str(participant.muted).lower(),
        "Hold": str(participant.hold).lower(),
        "Coaching": str(participant.coaching).lower(),
        "StartConferenceOnEnter": str(participant.start_on_enter).lower(),
        "EndConferenceOnExit": str(participant.end_on_exit).lower(),
    }
    if participant.label:
        params["ParticipantLabel"] = participant.label
    if participant.coached_sid:
        params["CallSidToCoach"] = participant.coached_sid
    return params


def kick(x: Exchange, participant: Participant) -> None:
    """Remove a participant as the REST API does; a call that came by TwiML goes on after its <Dial>."""
    leave(x, participant, "participant_removed_via_api")
    if participant.leg.answered_at is None:
        calls.hang_up(x, participant.leg, "api")
