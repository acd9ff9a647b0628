"""Voice steps as TwiML: each step to the letter, and nothing in it that the provider would refuse."""

import pytest

from channels import twiml
from channels.twilio_tone import tone
from channels.twilio_wire import label_agent
from contact_center.rules.ivr_steps import Ask, Go, HangUp, Join, Place, Say, State, TakeMessage, Tone, VoiceStep
from contact_center.simulators.twilio.twiml import parse

SITE = twiml.Site("https://t.example.mx")
HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'


def bare(document: str) -> str:
    """Return what is inside a document, with our own address as `$`."""
    assert document.startswith(HEAD) and document.endswith("</Response>")
    return document[len(HEAD) : -len("</Response>")].replace("https://t.example.mx/hooks/twilio/voice", "$")


GOLDEN: list[tuple[VoiceStep, str]] = [
    (
        Say("Hola & adiós"),
        '<Say language="es-MX" voice="Polly.Mia">Hola &amp; adiós</Say>',
    ),
    (
        Tone(4),
        '<Play loop="4">$/tone.wav</Play>',
    ),
    (
        Ask((Say("Menú"), Tone(1)), State(Place.menu, 1)),
        '<Gather action="$/step?at=menu&amp;n=1&amp;call=call-1" finishOnKey="" input="dtmf" '
        'method="POST" numDigits="1" timeout="5"><Say language="es-MX" '
        'voice="Polly.Mia">Menú</Say><Play loop="1">$/tone.wav</Play></Gather>',
    ),
    (
        Ask((Say("Folio"),), State(Place.folio, 2, 1), None),
        '<Gather action="$/step?at=folio&amp;n=2&amp;t=1&amp;call=call-1" finishOnKey="#" input="dtmf" '
        'method="POST" timeout="10"><Say language="es-MX" voice="Polly.Mia">Folio</Say></Gather>',
    ),
    (
        Go(State(Place.line, 3, 2, "", 1), silent=True),
        '<Redirect method="POST">$/step?at=line&amp;n=3&amp;t=2&amp;l=1&amp;s=1&amp;call=call-1</Redirect>',
    ),
    (
        TakeMessage(State(Place.message, 4), 60),
        '<Record action="$/step?at=message&amp;n=4&amp;call=call-1" finishOnKey="#" maxLength="60" '
        'method="POST" playBeep="true" '
        'recordingStatusCallback="$/recording?kind=voicemail#rc=3&amp;rp=5xx,ct,rt" '
        'recordingStatusCallbackEvent="completed" recordingStatusCallbackMethod="POST" timeout="5" />',
    ),
    (
        Join(State(Place.after, 1)),
        '<Dial action="$/step?at=after&amp;n=1&amp;call=call-1" method="POST" '
        'timeLimit="14400"><Conference beep="false" endConferenceOnExit="true" '
        'participantLabel="citizen" startConferenceOnEnter="true" '
        'statusCallback="$/room#rc=3&amp;rp=5xx,ct,rt" statusCallbackEvent="start end join leave hold" '
        'statusCallbackMethod="POST" waitMethod="POST" waitUrl="$/music">call-1</Conference></Dial>',
    ),
    (
        HangUp(),
        "<Hangup />",
    ),
]


@pytest.mark.parametrize(("step", "golden"), GOLDEN, ids=lambda value: type(value).__name__)
def test_each_step_is_written_to_the_letter(step: VoiceStep, golden: str) -> None:
    document = twiml.render(SITE, (step,), call_id="call-1")
    assert bare(document) == golden
    parse("text/xml", document.encode())


def test_an_agents_leg_may_leave_the_room_and_the_citizen_ends_it() -> None:
    agent = twiml.leg_joins(SITE, "call-1", label_agent("u-1"))
    assert 'endConferenceOnExit="false"' in agent and 'participantLabel="agent.u-1"' in agent and "action" not in agent
    assert 'endConferenceOnExit="true"' in twiml.citizen_joins(SITE, "call-1", State(Place.after, 1))


@pytest.mark.parametrize(
    "document",
    [
        twiml.apology(SITE),
        twiml.music(SITE),
        twiml.say_and_hang_up(SITE, "voz_colgo"),
        twiml.leg_joins(SITE, "call-1", "agent.u-1"),
        twiml.citizen_joins(SITE, "call-1", State(Place.after, 1)),
        twiml.render(twiml.Site("https://t.mx", voice="alice"), (Say("x" * 4_000), HangUp()), call_id=""),
    ],
)
def test_no_document_holds_what_the_provider_refuses(document: str) -> None:
    assert parse("text/xml", document.encode())


def test_the_apology_needs_no_house_and_takes_a_message() -> None:
    said = bare(twiml.apology(SITE))
    assert "Disculpe" in said and "9 1 1" in said
    assert '<Record action="$/fallback?said=1"' in said and "$/recording?kind=voicemail" in said


def test_what_people_wrote_cannot_become_a_verb() -> None:
    document = twiml.render(SITE, (Say('</Say><Hangup/>" & \u202e'),), call_id='"><Dial>')
    assert [one.name for one in parse("text/xml", document.encode())] == ["Say"]


def test_the_waiting_tone_is_six_seconds_of_telephone_sound_without_a_click_at_its_ends() -> None:
    sound = tone()
    assert sound[:4] == b"RIFF" and len(sound) == 44 + 6 * 8_000 * 2
    assert sound[44:46] == sound[-2:] == b"\0\0"
    assert tone() is sound
