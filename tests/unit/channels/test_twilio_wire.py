"""Twilio's wire: which requests are theirs, and what a form means for a call."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels import twilio_wire as wire
from contact_center.errors import ContactCenterError, Denied, Invalid, TooLarge, UnsupportedKind
from contact_center.rules.calls import CallState, EventKind, fold
from contact_center.rules.model import Direction

ACCOUNT, TOKEN, OLD = "AC" + "1" * 32, "token-of-today", "token-of-yesterday"
URL = "https://telefono.example.gob.mx/hooks/twilio/voice/step?at=menu&n=1"
FORM = {"AccountSid": ACCOUNT, "CallSid": "CA1", "Digits": "0", "CallerCity": "Nácori Chico"}
NOW = datetime(2026, 11, 24, 16, 12, tzinfo=UTC)
KIND = "application/x-www-form-urlencoded; charset=UTF-8"


def signed(url: str = URL, form: dict[str, str] = FORM, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


def check(url: str, form: dict[str, str], signature: str) -> None:
    wire.check_signed((TOKEN, OLD), ACCOUNT, url, form, signature)


@pytest.mark.parametrize("token", [TOKEN, OLD])
def test_what_the_official_helper_signs_is_believed_with_both_tokens_during_a_change(token: str) -> None:
    check(URL, FORM, signed(token=token))


@pytest.mark.parametrize(
    ("url", "form"),
    [
        (URL, {**FORM, "Digits": "1"}),
        (URL, {**FORM, "Extra": ""}),
        (URL, {name: value for name, value in FORM.items() if name != "Digits"}),
        (URL.replace("https", "http"), FORM),
        (URL.replace(".mx/", ".mx:8443/"), FORM),
        (URL.replace("telefono", "otro"), FORM),
        (URL.replace("at=menu&n=1", "n=1&at=menu"), FORM),
        (URL + "&n=2", FORM),
        (URL.replace("/step", "/status"), FORM),
    ],
)
def test_what_was_signed_for_another_address_or_form_is_refused(url: str, form: dict[str, str]) -> None:
    with pytest.raises(Denied):
        check(URL, FORM, signed(url, form))


@pytest.mark.parametrize("signature", ["", "x", signed()[:-4], signed().lower(), signed(token="guess"), "ñ" * 28])
def test_a_signature_that_is_not_theirs_is_refused(signature: str) -> None:
    with pytest.raises(Denied):
        check(URL, FORM, signature)


def test_another_account_is_refused_though_its_signature_were_right() -> None:
    form = {**FORM, "AccountSid": "AC" + "2" * 32}
    with pytest.raises(Denied) as refused:
        check(URL, form, signed(form=form))
    assert refused.value.code == "other_account"


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=30), min_size=1, max_size=12))
def test_every_form_is_read_as_it_was_written_or_refused(form: dict[str, str]) -> None:
    try:
        body = urlencode(form).encode()
    except UnicodeEncodeError:  # lone surrogates cannot be written
        return
    try:
        assert wire.read_form(KIND, body) == form
    except Invalid:
        assert any("\0" in value for value in form.values())


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("application/json", b"{}", UnsupportedKind),
        ("multipart/form-data; boundary=x", b"", UnsupportedKind),
        ("application/x-www-form-urlencoded; charset=UTF-16", b"a=1", UnsupportedKind),
        ("", b"a=1", UnsupportedKind),
        (KIND, "CallSid=CA1&From=x".encode("utf-16"), Invalid),
        (KIND, b"a=1&a=2", Invalid),
        (KIND, b"a=%ff", Invalid),
        (KIND, b"a=%00", Invalid),
        (KIND, b"a", Invalid),
        (KIND, "&".join(f"k{n}=1" for n in range(100_000)).encode(), TooLarge),
        (KIND, "&".join(f"k{n}=1" for n in range(300)).encode(), Invalid),
        (KIND, b"a=" + b"x" * 70_000, TooLarge),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value)[:30],
)
def test_a_body_that_is_no_plain_small_form_is_refused(kind: str, body: bytes, error: type[ContactCenterError]) -> None:
    with pytest.raises(error):
        wire.read_form(kind, body)


@given(st.binary(max_size=400))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    with suppress(Invalid, TooLarge):
        wire.read_form(KIND, body)


@given(st.uuids())
def test_a_persons_device_is_named_with_letters_digits_and_underscores_and_found_again(one: object) -> None:
    identity = wire.identity_of(str(one))
    assert identity.replace("_", "").isalnum()
    assert wire.user_of(f"client:{identity}?call=1") == str(one)


STAMP = "Tue, 24 Nov 2026 16:20:00 +0000"
THEN = datetime(2026, 11, 24, 16, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "more", "state"),
    [
        ("in-progress", {}, CallState.in_progress),
        ("completed", {"AnsweredBy": "human"}, CallState.no_answer),
        ("completed", {"AnsweredBy": "machine_start"}, CallState.voicemail),
        ("busy", {}, CallState.busy),
        ("no-answer", {}, CallState.no_answer),
        ("canceled", {}, CallState.cancelled),
        ("failed", {"SipResponseCode": "503"}, CallState.failed),
        ("failed", {"SipResponseCode": "404"}, CallState.out_of_service),
        ("ringing", {}, CallState.dialling),
        ("initiated", {}, CallState.dialling),
    ],
)
def test_how_a_made_call_goes_is_read_from_its_status(status: str, more: dict[str, str], state: CallState) -> None:
    form = {"CallSid": "CA1", "From": "+52662", "To": "+52663", "CallStatus": status, "Timestamp": STAMP, **more}
    report = wire.outbound_status(form, "room", NOW)
    assert (report.direction, report.number, report.line, report.room) == ("outbound", "+52663", "+52662", "room")
    (fact,) = report.facts
    assert (fact.at, fact.timed) == (THEN, True)
    assert fold(Direction.outbound, [fact]).state is state


def test_an_end_says_when_the_call_began_though_nothing_else_was_heard_of_it() -> None:
    form = {"CallSid": "CA1", "From": "+52662", "To": "+52663", "CallStatus": "completed", "Timestamp": STAMP}
    report = wire.inbound_status({**form, "CallDuration": "95"}, NOW)
    folded = fold(Direction.inbound, report.facts)
    assert (folded.started_at, folded.ended_at) == (THEN - timedelta(seconds=95), THEN)
    assert folded.state is CallState.abandoned
    early = fold(Direction.inbound, wire.inbound_status({**form, "CallStatus": "ringing"}, NOW).facts)
    assert early.state is CallState.ringing and early.started_at == NOW


def test_a_repeated_sequence_number_is_the_same_fact_only_for_the_same_event() -> None:
    form = {
        "ConferenceSid": "CF1",
        "FriendlyName": "room",
        "SequenceNumber": "3",
        "CallSid": "CA1",
        "ParticipantLabel": "citizen",
        "Timestamp": STAMP,
    }
    reports = [wire.room_event({**form, "StatusCallbackEvent": f"participant-{one}"}, NOW) for one in ("hold", "leave")]
    keys = {one.facts[0].key for one in reports if one is not None}
    again = wire.room_event({**form, "StatusCallbackEvent": "participant-hold"}, NOW + timedelta(days=30))
    assert len(keys) == 2 and again is not None and again.facts[0].key in keys


def test_the_labels_of_a_room_say_who_came_in() -> None:
    def of(label: str) -> object:
        form = {"StatusCallbackEvent": "participant-join", "FriendlyName": "room", "CallSid": "CA9"}
        report = wire.room_event({**form, "ParticipantLabel": label}, NOW)
        assert report is not None and report.provider_call_id == "" and report.room == "room"
        return report.facts[0].user_id, report.facts[0].data

    assert of("citizen") == (None, {})
    assert of(wire.label_agent("u-1")) == ("u-1", {})
    assert of(wire.label_consulted("u-2", "o-1")) == ("u-2", {"consult": "o-1"})
    assert of(wire.label_consulted("", "o-1")) == (None, {"consult": "o-1"})
    assert of(wire.label_listener("s-1")) == (None, {"listens": "s-1"})
    assert of("") == (None, {})


@pytest.mark.parametrize("event", ["conference-start", "conference-end", "participant-mute", "", "speaker"])
def test_what_does_not_matter_to_the_call_is_passed_over(event: str) -> None:
    assert wire.room_event({"StatusCallbackEvent": event, "CallSid": "CA1", "FriendlyName": "r"}, NOW) is None


@pytest.mark.parametrize("stamp", ["", "yesterday", "Tue, 99 Nov 2026 16:20:00 +0000", quote(STAMP)])
def test_a_time_that_cannot_be_read_is_the_moment_we_heard(stamp: str) -> None:
    assert wire.told_at({"Timestamp": stamp}, NOW) == (NOW, False)


def test_a_leg_that_ends_left_and_one_that_never_came_failed() -> None:
    label = wire.Label(wire.label_agent("u-1"))
    left = wire.leg_status({"CallSid": "CA2", "CallStatus": "completed"}, "room", label, NOW).facts[0]
    failed = wire.leg_status({"CallSid": "CA2", "CallStatus": "no-answer"}, "room", label, NOW).facts[0]
    assert (left.kind, left.user_id) == (EventKind.left, "u-1")
    assert (failed.kind, failed.user_id, failed.data) == (EventKind.leg_failed, "u-1", {"how": "no_answer"})
    assert wire.leg_status({"CallSid": "CA2", "CallStatus": "ringing"}, "room", label, NOW).facts == ()
