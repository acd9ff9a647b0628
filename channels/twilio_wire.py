"""Twilio's wire, pure: which requests are theirs, what a form says, and which facts about a call it means.

A request is believed when Twilio's own `RequestValidator` finds its signature over exactly our public address and the
form, with any of the account's tokens (two while one is being replaced), and when it names our account (PROMISES S18).
The scheme has no time in it: what is sent again is made harmless by the keys of the facts.
"""

import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

from contact_center.errors import Denied, Invalid, TooLarge, UnsupportedKind
from contact_center.ports import CallReport, RecordingReport
from contact_center.rules.calls import EventKind, Fact

PROVIDER: Final = "twilio"
FORM_BYTES: Final = 64 * 1024
FORM_FIELDS: Final = 200
"""Twilio sends some forty fields; room for those of tomorrow."""
FINAL: Final = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
MACHINES: Final = ("machine", "fax")
NO_SUCH_NUMBER: Final = frozenset({"404", "410", "484", "604"})
"""SIP answers for a number that does not exist or is out of service (RFC 3261 §21)."""

Form = Mapping[str, str]


# --- requests ---


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """Return the fields of a form in UTF-8. Raises UnsupportedKind, TooLarge, Invalid.

    A name that comes twice is refused: what was signed and what is read must be one and the same.
    """
    kind, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower()
    if kind.strip().lower() != "application/x-www-form-urlencoded" or charset not in ("", "charset=utf-8"):
        raise UnsupportedKind("content_type")
    if len(body) > FORM_BYTES:
        raise TooLarge(limit=FORM_BYTES)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=FORM_FIELDS,
        )
    except ValueError as error:  # UTF-16, half an escape, too many fields
        raise Invalid("bad_form") from error
    form = dict(pairs)
    if len(form) != len(pairs) or any("\0" in value for value in form.values()):
        raise Invalid("bad_form")
    return form


def check_signed(tokens: Iterable[str], account_sid: str, url: str, form: Form, signature: str) -> None:
    """Raise Denied unless Twilio signed this form for this address, with a token of ours and for our account.

    Every token is tried, in constant time each, so that the time says nothing about which one is right.
    """
    plain = dict(form)
    good = [RequestValidator(token).validate(url, plain, signature) for token in tokens]
    if not any(good):
        raise Denied("bad_signature")
    if not hmac.compare_digest(form.get("AccountSid", "").encode(), account_sid.encode()):
        raise Denied("other_account")


# --- addresses, identities, labels ---


def identity_of(user_id: str) -> str:
    """Return how a member of staff is called at the provider, which takes letters, digits and underscores only."""
    return user_id.replace("-", "_")


def user_of(identity: str) -> str:
    """Return whose device an identity, or a `client:` address, is."""
    return identity.removeprefix("client:").partition("?")[0].replace("_", "-")


CITIZEN: Final = "citizen"
"""Label of the citizen's leg in a room."""


def label_agent(user_id: str) -> str:
    """Return the label of an agent's leg in a room."""
    return f"agent.{user_id}"


def label_consulted(user_id: str, order_id: str) -> str:
    """Return the label of whoever is asked for a word; `user_id` is empty for somebody outside."""
    return f"consult.{user_id}.{order_id}"


def label_listener(user_id: str) -> str:
    """Return the label of a supervisor who listens."""
    return f"listen.{user_id}"


class Label:
    """What the label of a leg says: its part, whose it is, and the order that brought it."""

    def __init__(self, text: str) -> None:
        parts = [*text.split("."), "", ""]
        self.part = parts[0]
        self.user_id = parts[1] or None
        self.order_id = parts[2] or None

    @property
    def is_citizen(self) -> bool:
        return self.part == CITIZEN

    @property
    def is_listener(self) -> bool:
        return self.part == "listen"

    @property
    def speaks_for_house(self) -> bool:
        """Whether this is an agent, or whoever the call was passed on to."""
        return self.part in ("agent", "consult")

    def fact(self, key: str, kind: EventKind, at: datetime, timed: bool, leg: str) -> Fact:
        """Return a fact about this leg. Who only listens is named in its data: they are no part of the conversation."""
        data: dict[str, str] = {}
        if self.is_listener and self.user_id:
            data["listens"] = self.user_id
        if self.order_id:
            data["consult"] = self.order_id
        return Fact(key, kind, at, timed, leg, None if self.is_listener else self.user_id, data)


# --- facts ---


def told_at(form: Form, now: datetime) -> tuple[datetime, bool]:
    """Return when it happened and whether that is the provider's word: its `Timestamp`, else the present."""
    try:
        told = parsedate_to_datetime(form.get("Timestamp", ""))
    except ValueError:
        return now, False
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC), True


def came_in(form: Form, facts: tuple[Fact, ...]) -> CallReport:
    """Return a report about a citizen's own call to us."""
    return CallReport(PROVIDER, form["CallSid"], "inbound", form.get("From", ""), form.get("To", ""), facts)


def went_out(form: Form, room: str, facts: tuple[Fact, ...]) -> CallReport:
    """Return a report about the citizen's leg of a call of ours."""
    return CallReport(PROVIDER, form["CallSid"], "outbound", form.get("To", ""), form.get("From", ""), facts, room)


def in_room(room: str, facts: tuple[Fact, ...]) -> CallReport:
    """Return a report about a leg that is not the citizen's."""
    return CallReport(PROVIDER, "", "inbound", "", "", facts, room)


def entered(now: datetime) -> Fact:
    """Return the fact that a call came in, of which the first request carries no time."""
    return Fact("entered", EventKind.entered, now, timed=False)


def inbound_status(form: Form, now: datetime) -> CallReport:
    """Return what a status callback of a citizen's call says: its end, or that it is there."""
    if form.get("CallStatus") not in FINAL:
        return came_in(form, (entered(now),))
    how = "dropped" if form["CallStatus"] == "failed" else "completed"
    return came_in(form, (_ended(form, now, how),))


def outbound_status(form: Form, room: str, now: datetime) -> CallReport:
    """Return what a status callback of a called citizen says: dialled, picked up, or how it ended."""
    at, timed = told_at(form, now)
    match form.get("CallStatus"):
        case "in-progress":
            fact = Fact(f"answered:{form['CallSid']}", EventKind.answered, at, timed, form["CallSid"])
        case "completed":
            is_machine = form.get("AnsweredBy", "").startswith(MACHINES)
            fact = _ended(form, now, "voicemail" if is_machine else "completed")
        case "busy":
            fact = _ended(form, now, "busy")
        case "no-answer":
            fact = _ended(form, now, "no_answer")
        case "canceled":
            fact = _ended(form, now, "cancelled")
        case "failed":
            unknown = form.get("SipResponseCode") in NO_SUCH_NUMBER
            fact = _ended(form, now, "out_of_service" if unknown else "failed")
        case _:
            fact = Fact("dialled", EventKind.dialled, at, timed)
    return went_out(form, room, (fact,))


def _ended(form: Form, now: datetime, how: str) -> Fact:
    at, timed = told_at(form, now)
    data: dict[str, str | int] = {"how": how}
    if form.get("CallDuration", "").isdecimal():
        data["seconds"] = int(form["CallDuration"])
    return Fact(f"ended:{form['CallSid']}", EventKind.ended, at, timed, data=data)


def leg_status(form: Form, room: str, label: Label, now: datetime) -> CallReport:
    """Return what the end of a leg of staff, or of somebody outside, says: it left, or never came."""
    at, timed = told_at(form, now)
    status, leg = form.get("CallStatus", ""), form["CallSid"]
    if status not in FINAL:
        return in_room(room, ())
    if status == "completed":
        return in_room(room, (label.fact(f"left:{leg}", EventKind.left, at, timed, leg),))
    failed = label.fact(f"leg_failed:{leg}", EventKind.leg_failed, at, timed, leg)
    how = {"no-answer": "no_answer", "canceled": "cancelled"}.get(status, status)
    return in_room(room, (Fact(failed.key, failed.kind, at, timed, leg, failed.user_id, {**failed.data, "how": how}),))


_ROOM_EVENTS: Final = {
    "participant-join": EventKind.joined,
    "participant-leave": EventKind.left,
    "participant-hold": EventKind.held,
    "participant-unhold": EventKind.resumed,
}


def room_event(form: Form, now: datetime) -> CallReport | None:
    """Return what a conference's callback says, None for what is of no matter to the call.

    The room's name is our own call id. Holding counts for the citizen only.
    """
    event, leg = form.get("StatusCallbackEvent", ""), form.get("CallSid", "")
    kind, label = _ROOM_EVENTS.get(event), Label(form.get("ParticipantLabel", ""))
    if kind is None or not leg or (kind in (EventKind.held, EventKind.resumed) and not label.is_citizen):
        return None
    at, timed = told_at(form, now)
    key = f"{event}:{form.get('ConferenceSid', '')}:{form.get('SequenceNumber', '')}"
    return in_room(form.get("FriendlyName", ""), (label.fact(key, kind, at, timed, leg),))


def machine_answered(form: Form, room: str, now: datetime) -> CallReport | None:
    """Return that a machine picked up, None when it was a person or nobody can tell."""
    if not form.get("AnsweredBy", "").startswith(MACHINES):
        return None
    at, timed = told_at(form, now)
    leg = form["CallSid"]
    fact = Fact(f"machine:{leg}", EventKind.leg_failed, at, timed, leg, data={"how": "voicemail"})
    return went_out(form, room, (fact,))


def recording_made(form: Form, kind: str) -> RecordingReport | None:
    """Return a recording that can be fetched, None for news of one that cannot."""
    if form.get("RecordingStatus", "completed") != "completed" or not form.get("RecordingSid"):
        return None
    seconds = form.get("RecordingDuration", "")
    return RecordingReport(
        PROVIDER, form["RecordingSid"], form.get("CallSid", ""), kind, int(seconds) if seconds.isdecimal() else 0
    )


def message_left(recording: str, seconds: int, now: datetime) -> Fact:
    """Return the fact that a caller left a message; the same key as the menu's own."""
    return Fact(f"message_left:{recording}", EventKind.message_left, now, False, data={"seconds": seconds})
