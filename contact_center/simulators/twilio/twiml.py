"""TwiML: what a document may say. Pure; what is not known here is refused."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from contact_center.simulators.twilio.webhooks import BODY_BYTES, DocumentError

CONTENT_TYPES: Final = ("text/xml", "application/xml", "text/html")
SAY_CHARS: Final = 4096

INVALID: Final = 12100
"""Document parse failure: not well-formed, or a verb nobody knows."""
SCHEMA: Final = 12200
"""Schema violation: an attribute, a value or a place that is not allowed."""
CONTENT: Final = 12300
"""Invalid content type."""

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Verb:
    """An element of a document, checked."""

    name: str
    attributes: dict[str, str]
    text: str
    children: "tuple[Verb, ...]"

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def number(self, name: str, default: int) -> int:
        return int(self.attributes.get(name) or default)

    def flag(self, name: str, default: bool) -> bool:
        value = self.attributes.get(name, "")
        return value.lower() == "true" if value else default


def _one_of(*values: str) -> Check:
    return lambda value: value in values


def _whole(low: int, high: int) -> Check:
    return lambda value: value.isascii() and value.isdigit() and low <= int(value) <= high


def _all_of(*values: str) -> Check:
    return lambda value: set(value.split()) <= set(values)


def _anything(value: str) -> bool:
    return True


def _pattern(text: str) -> Check:
    return lambda value: re.fullmatch(text, value) is not None


BOOL: Final = _one_of("true", "false")
METHOD: Final = _one_of("GET", "POST")
CALL_EVENTS: Final = _all_of("initiated", "ringing", "answered", "completed")
RECORDING_EVENTS: Final = _all_of("in-progress", "completed", "absent", "failed")
CONFERENCE_EVENTS: Final = _all_of("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")

RECORDING: Final = {
    "recordingStatusCallback": _anything,
    "recordingStatusCallbackMethod": METHOD,
    "recordingStatusCallbackEvent": RECORDING_EVENTS,
    "trim": _one_of("trim-silence", "do-not-trim"),
}
CALLEE: Final = {
    "url": _anything,
    "method": METHOD,
    "statusCallback": _anything,
    "statusCallbackMethod": METHOD,
    "statusCallbackEvent": CALL_EVENTS,
}
VERBS: Final[dict[str, dict[str, Check]]] = {
    "Response": {},
    "Say": {"voice": _anything, "language": _anything, "loop": _whole(0, 1000)},
    "Play": {"loop": _whole(0, 1000), "digits": _pattern(r"[0-9*#wW]+")},
    "Pause": {"length": _whole(1, 3600)},
    "Gather": {
        "input": _all_of("dtmf", "speech"),
        "action": _anything,
        "method": METHOD,
        "timeout": _whole(1, 3600),
        "finishOnKey": _pattern(r"[0-9*#]?"),
        "numDigits": _whole(1, 1000),
        "actionOnEmptyResult": BOOL,
        "language": _anything,
        "hints": _anything,
        "speechTimeout": _anything,
        "maxSpeechTime": _anything,
        "speechModel": _anything,
        "enhanced": BOOL,
        "profanityFilter": BOOL,
    },
    "Redirect": {"method": METHOD},
    "Enqueue": {
        "action": _anything,
        "method": METHOD,
        "waitUrl": _anything,
        "waitUrlMethod": METHOD,
    },
    "Dial": {
        **RECORDING,
        "action": _anything,
        "method": METHOD,
        "timeout": _whole(5, 600),
        "hangupOnStar": BOOL,
        "timeLimit": _whole(1, 14400),
        "callerId": _anything,
        "answerOnBridge": BOOL,
        "ringTone": _anything,
        "sequential": BOOL,
        "record": _one_of(
            "do-not-record",
            "record-from-answer",
            "record-from-ringing",
            "record-from-answer-dual",
            "record-from-ringing-dual",
        ),
        "recordingTrack": _one_of("both", "inbound", "outbound"),
    },
    "Conference": {
        **RECORDING,
        "muted": BOOL,
        "beep": _one_of("true", "false", "onEnter", "onExit"),
        "startConferenceOnEnter": BOOL,
        "endConferenceOnExit": BOOL,
        "participantLabel": _pattern(r".{1,128}"),
        "jitterBufferSize": _one_of("off", "small", "medium", "large"),
        "waitUrl": _anything,
        "waitMethod": METHOD,
        "maxParticipants": _whole(2, 250),
        "record": _one_of("do-not-record", "record-from-start"),
        "region": _anything,
        "coach": _pattern(r"CA[0-9a-f]{32}"),
        "statusCallback": _anything,
        "statusCallbackMethod": METHOD,
        "statusCallbackEvent": CONFERENCE_EVENTS,
    },
    "Client": CALLEE,
    "Identity": {},
    "Parameter": {"name": _anything, "value": _anything},
    "Number": {**CALLEE, "sendDigits": _pattern(r"[0-9*#wW]+"), "byoc": _anything},
    "Record": {
        **RECORDING,
        "action": _anything,
        "method": METHOD,
        "timeout": _whole(0, 3600),
        "finishOnKey": _pattern(r"[0-9*#]*"),
        "maxLength": _whole(1, 14400),
        "playBeep": BOOL,
        "transcribe": BOOL,
        "transcribeCallback": _anything,
    },
    "Hangup": {},
    "Reject": {"reason": _one_of("rejected", "busy")},
    "Leave": {},
}
NESTED: Final = {
    "Response": frozenset(VERBS) - {"Response", "Conference", "Client", "Identity", "Parameter", "Number"},
    "Gather": frozenset({"Say", "Play", "Pause"}),
    "Dial": frozenset({"Conference", "Client", "Number"}),
    "Client": frozenset({"Identity", "Parameter"}),
}
SSML: Final = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})

EVERYWHERE: Final = NESTED["Response"]
IN_QUEUE: Final = frozenset({"Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup"})
IN_CONFERENCE: Final = frozenset({"Say", "Play", "Pause", "Redirect"})


def parse(content_type: str, body: bytes, allowed: frozenset[str] = EVERYWHERE) -> tuple[Verb, ...]:
    """Return the verbs of a document. Raises `DocumentError` with the provider's code for what it refuses."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in CONTENT_TYPES:
        raise DocumentError(CONTENT, f"Invalid Content-Type: {content_type or 'none'}")
    if len(body) > BODY_BYTES:
        raise DocumentError(11750, "TwiML response body too large")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise DocumentError(INVALID, "A document type is not allowed")
    try:
        root = ET.fromstring(body)  # noqa: S314 - without a document type there are no entities to expand
    except ET.ParseError as error:
        raise DocumentError(INVALID, f"Document parse failure: {error}") from error
    if root.tag != "Response":
        raise DocumentError(INVALID, f"Expected <Response>, found <{root.tag}>")
    verbs = _verb(root).children
    for verb in verbs:
        if verb.name not in allowed:
            raise DocumentError(SCHEMA, f"<{verb.name}> is not allowed here")
    return verbs


def _verb(element: ET.Element) -> Verb:
    name = element.tag
    if name not in VERBS:
        raise DocumentError(INVALID, f"Invalid verb <{name}>")
    for attribute, value in element.attrib.items():
        check = VERBS[name].get(attribute)
        if check is None:
            raise DocumentError(SCHEMA, f"Attribute '{attribute}' is not allowed in <{name}>")
        if not check(value):
            raise DocumentError(SCHEMA, f"Attribute '{attribute}' of <{name}> has an invalid value '{value}'")
    if name == "Say":
        return _say(element)
    children = tuple(_verb(child) for child in element)
    for child in children:
        if child.name not in NESTED.get(name, frozenset()):
            raise DocumentError(SCHEMA, f"<{child.name}> is not allowed in <{name}>")
    verb = Verb(name, dict(element.attrib), " ".join((element.text or "").split()), children)
    _check_whole(verb)
    return verb


def _say(element: ET.Element) -> Verb:
    for child in element.iter():
        if child is not element and child.tag not in SSML:
            raise DocumentError(INVALID, f"Invalid element <{child.tag}> in <Say>")
    text = " ".join("".join(element.itertext()).split())
    if len(text) > SAY_CHARS:
        raise DocumentError(13520, "Say: text is too long")
    return Verb("Say", dict(element.attrib), text, ())


def _check_whole(verb: Verb) -> None:
    """Check what concerns more than one attribute."""
    if verb.name == "Redirect" and not verb.text:
        raise DocumentError(SCHEMA, "<Redirect> has no address")
    if verb.name == "Play" and not verb.text and "digits" not in verb.attributes:
        raise DocumentError(SCHEMA, "<Play> has no address")
    if verb.name == "Enqueue" and not 0 < len(verb.text) <= 64:
        raise DocumentError(SCHEMA, "<Enqueue> needs a name of 1 to 64 characters")
    if verb.name == "Conference" and not 0 < len(verb.text) <= 128:
        raise DocumentError(SCHEMA, "<Conference> needs a name of 1 to 128 characters")
    if verb.name == "Dial":
        kinds = {child.name for child in verb.children}
        if verb.text and not verb.children:
            return
        if not kinds:
            raise DocumentError(13201, "Dial: nobody to call")
        if "Conference" in kinds and len(verb.children) > 1:
            raise DocumentError(SCHEMA, "<Conference> stands alone in <Dial>")
        if len(verb.children) > 10:
            raise DocumentError(SCHEMA, "<Dial> calls ten at most")
