"""SMS and WhatsApp forms: who writes, what came, what may not be believed, and what each error means."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import twilio_text_wire as wire
from contact_center.rules.messaging import InboundConsent, InboundMessage, MediaKind, OutboundMessage
from contact_center.rules.model import DeliveryState

SID = "SM" + "a" * 32
MEDIA = f"https://api.twilio.com/2010-04-01/Accounts/AC{'5' * 32}/Messages/MM{'b' * 32}/Media/ME{'c' * 32}"


def form(**more: str) -> dict[str, str]:
    return {
        "MessageSid": SID,
        "From": "+526622334455",
        "To": "+526621080000",
        "Body": "Buenos días",
        "NumMedia": "0",
    } | more


def message(**more: str) -> InboundMessage:
    got = wire.parse_message(form(**more))
    assert isinstance(got, InboundMessage)
    return got


@pytest.mark.parametrize(
    "raw",
    ["whatsapp:+5216622334455", "whatsapp:+526622334455", "whatsapp:+52 1 662 233 4455", "whatsapp:5216622334455"],
)
def test_a_whatsapp_address_with_the_old_one_is_the_same_person(raw: str) -> None:
    got = message(From=raw, ProfileName="Ana")
    assert (got.channel, got.address, got.phone, got.name) == ("whatsapp", "+526622334455", "+526622334455", "Ana")


@pytest.mark.parametrize("raw", ["", "anonymous", "+266696687", "client:x", "whatsapp:", "+52 662 abc", "a" * 300])
def test_who_cannot_be_answered_is_refused(raw: str) -> None:
    with pytest.raises(wire.Refused):
        wire.parse_message(form(From=raw))


def test_a_short_code_is_kept_and_never_taken_for_somebodys_phone() -> None:
    got = message(From="25225")
    assert (got.address, got.phone) == ("25225", None)


@pytest.mark.parametrize("sid", ["", "SM1", "CA" + "a" * 32, SID + "x", "SM" + "g" * 32])
def test_a_form_without_a_message_id_is_refused(sid: str) -> None:
    with pytest.raises(wire.Refused):
        wire.parse_message(form(MessageSid=sid))


def test_the_same_message_has_the_same_key_whatever_it_says() -> None:
    assert message(Body="uno").event_key == message(Body="dos").event_key


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("ALTO", False), (" baja. ", False), ("Stop!", False), ("ALTA", True), ("start", True)],
)
def test_a_word_alone_stops_or_allows_messages(text: str, allowed: bool) -> None:
    got = wire.parse_message(form(Body=text))
    assert isinstance(got, InboundConsent) and got.allowed is allowed and got.address == "+526622334455"


@pytest.mark.parametrize("text", ["¡Alto! hay un bache", "doy de baja mi trámite", "", "alta prioridad", "altos"])
def test_the_same_words_in_a_sentence_do_not(text: str) -> None:
    assert isinstance(wire.parse_message(form(Body=text)), InboundMessage)


def test_files_are_known_by_their_ids_only() -> None:
    got = message(
        NumMedia="3",
        MediaUrl0=MEDIA,
        MediaContentType0="image/jpeg",
        MediaUrl1=MEDIA,
        MediaContentType1="audio/ogg; codecs=opus",
    )
    assert [one.kind for one in got.media] == [MediaKind.picture, MediaKind.voice]
    assert got.media[0].ref == {"account": "AC" + "5" * 32, "message": "MM" + "b" * 32, "media": "ME" + "c" * 32}
    assert got.extra == {"lost_files": 1}


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://api.twilio.com@evil.example/x",
        MEDIA + "/../../../x",
        MEDIA.replace("/Media/", "/Media/%2e%2e/"),
        "https://[::ffff:127.0.0.1",
        "",
    ],
)
def test_an_address_that_is_no_file_of_the_provider_leads_nowhere(url: str) -> None:
    got = message(NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")
    assert got.media == () and got.extra == {"lost_files": 1}


@pytest.mark.parametrize("count", ["10", "-1", "9" * 400, "x", "1e3"])
def test_a_count_of_files_without_files_harms_nobody(count: str) -> None:
    assert message(NumMedia=count).media == ()


def test_a_place_comes_with_its_name() -> None:
    got = message(Latitude="29.0729", Longitude="-110.9559", Label="Palacio", Address="Comonfort")
    assert got.location is not None and got.location.name == "Palacio, Comonfort"
    assert message(Latitude="nan", Longitude="0").location is None
    assert message(Latitude="91", Longitude="0").location is None


@pytest.mark.parametrize(
    ("status", "state"),
    [("queued", "accepted"), ("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("undelivered", "failed")],
)
def test_each_step_is_one_of_ours(status: str, state: str) -> None:
    got = wire.parse_status({"MessageSid": SID, "MessageStatus": status, "To": "whatsapp:+526622334455"})
    assert (got.state, got.channel, got.external_id) == (DeliveryState(state), "whatsapp", SID)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("21610", "opted_out"),
        ("63016", "window_closed"),
        ("30003", "unreachable"),
        ("30006", "landline"),
        ("99999", "refused"),
        ("", "refused"),
    ],
)
def test_an_error_is_told_in_our_words(code: str, reason: str) -> None:
    got = wire.parse_status({"MessageSid": SID, "MessageStatus": "failed", "To": "+52", "ErrorCode": code})
    assert (got.reason, got.detail) == (reason, code or None)


def test_steps_differ_in_their_keys_and_repeats_do_not() -> None:
    one = {"MessageSid": SID, "MessageStatus": "sent", "To": "+52"}
    assert wire.parse_status(one).event_key == wire.parse_status(one).event_key
    assert wire.parse_status(one).event_key != wire.parse_status(one | {"MessageStatus": "read"}).event_key


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "MessageSid",
                "From",
                "Body",
                "NumMedia",
                "MediaUrl0",
                "Latitude",
                "Longitude",
                "MessageStatus",
                "ErrorCode",
            ]
        ),
        st.text(max_size=60),
    )
)
def test_no_form_breaks_the_wire(given_form: dict[str, str]) -> None:
    for parse in (wire.parse_message, wire.parse_status):
        for one in (given_form, form() | given_form):
            with contextlib.suppress(wire.Refused):
                parse(one)


def out(**more: Any) -> OutboundMessage:
    return OutboundMessage(id="o1", conversation_id="c1", address="+526622334455", **more)


def test_what_is_sent_says_to_whom_from_where_and_where_to_tell() -> None:
    got = dict(
        wire.message_form(out(text="Hola"), sender="whatsapp:+526621080001", callback="https://x/s", media_urls=[])
    )
    assert got == {
        "To": "whatsapp:+526622334455",
        "From": "whatsapp:+526621080001",
        "Body": "Hola",
        "StatusCallback": "https://x/s",
    }
    old = wire.message_form(
        out(text="Hola"), sender="whatsapp:+526621080001", callback="x", media_urls=[], keep_old_one=True
    )
    assert dict(old)["To"] == "whatsapp:+5216622334455"


def test_a_template_goes_with_its_blanks_instead_of_words() -> None:
    extra = {"template": {"sid": "HX1", "variables": {"1": "Ana «Niña»"}}}
    got = dict(wire.message_form(out(text="Hola Ana", extra=extra), sender="whatsapp:+1", callback="x", media_urls=[]))
    assert got["ContentSid"] == "HX1" and got["ContentVariables"] == '{"1":"Ana «Niña»"}' and "Body" not in got


def test_a_template_is_read_with_its_blanks_and_its_approval() -> None:
    row = {
        "sid": "HX" + "1" * 32,
        "friendly_name": "seguimiento",
        "language": "es_MX",
        "types": {"twilio/text": {"body": "Hola {{1}}, su folio {{2}}; {{1}}."}},
        "approval_requests": {"status": "Approved", "category": "UTILITY"},
    }
    got = wire.read_template(row)
    assert got is not None
    assert (got.blanks, got.status, got.category) == (("1", "2"), "approved", "utility")
    assert wire.read_template(row | {"types": {"twilio/media": {"media": ["x"]}}}) is None
    assert wire.read_template(row | {"sid": "../x"}) is None
