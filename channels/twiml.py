"""Voice steps as TwiML, with Twilio's own classes. Pure: where things are asked for is `Site`.

Every address is below the public one of the settings, so that what is signed is what we check.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, assert_never
from urllib.parse import urlencode

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from contact_center.rules.ivr_steps import Ask, Go, HangUp, Join, Say, State, TakeMessage, Tone, VoiceStep
from contact_center.rules.ivr_texts import FIXED, SPOKEN

BASE: Final = "/hooks/twilio/voice"
RETRIES: Final = "#rc=3&rp=5xx,ct,rt"
"""Connection overrides: news that met a node of ours which was just restarting is sent again, up to three times."""
ROOM_EVENTS: Final = "start end join leave hold"
LONGEST_DIAL_S: Final = 4 * 3_600


@dataclass(frozen=True, slots=True)
class Site:
    """Where the provider finds us, and how we sound."""

    public_url: str
    voice: str = "Polly.Mia"
    language: str = "es-MX"

    def url(self, path: str, **params: str) -> str:
        """Return an address of ours; the order of the parameters is fixed, because it is signed."""
        query = urlencode({name: value for name, value in params.items() if value})
        return f"{self.public_url}{BASE}/{path}" + (f"?{query}" if query else "")

    def step(self, state: State, *, silent: bool = False, call: str = "") -> str:
        return self.url("step", **state.params(), s="1" if silent else "", call=call)

    def told(self, path: str, **params: str) -> str:
        """Return an address for news, whose answer is of no matter and which is sent again when we do not take it."""
        return self.url(path, **params) + RETRIES


def render(site: Site, steps: Iterable[VoiceStep], *, call_id: str) -> str:
    """Return the document of a turn of the menu. `call_id` names the room a caller is brought into."""
    response = VoiceResponse()
    for one in steps:
        _add(response, site, one, call_id)
    return str(response)


def _add(response: VoiceResponse, site: Site, one: VoiceStep, call_id: str) -> None:
    match one:
        case Say() | Tone():
            _speak(response, site, one)
        case Ask(prompts, state, digits, wait_s):
            keys = {"num_digits": digits, "finish_on_key": ""} if digits is not None else {"finish_on_key": "#"}
            action = site.step(state, call=call_id)
            gather = Gather(
                input="dtmf", action=action, method="POST", timeout=wait_s if digits else 2 * wait_s, **keys
            )
            for prompt in prompts:
                _speak(gather, site, prompt)
            response.append(gather)
        case Go(state, silent):
            response.redirect(site.step(state, silent=silent, call=call_id), method="POST")
        case TakeMessage(state, longest_s):
            _record(response, site.step(state, call=call_id), site.told("recording", kind="voicemail"), longest_s)
        case Join(state):
            response.append(
                _room(site, call_id, label="citizen", action=site.step(state, call=call_id), is_citizen=True)
            )
        case HangUp():
            response.hangup()
        case _:
            assert_never(one)


def _speak(into: Any, site: Site, one: Say | Tone) -> None:
    if isinstance(one, Say):
        into.say(one.text, voice=site.voice, language=site.language)
    else:
        into.play(site.url("tone.wav"), loop=one.times)


def _record(response: VoiceResponse, action: str, told: str, longest_s: int) -> None:
    response.record(
        action=action,
        method="POST",
        timeout=5,
        finish_on_key="#",
        max_length=longest_s,
        play_beep=True,
        recording_status_callback=told,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
    )


def _room(site: Site, call_id: str, *, label: str, action: str = "", is_citizen: bool = False, **more: Any) -> Dial:
    """A leg's stay in the call's room. The citizen's end is the room's; anybody else may go and leave it as it is."""
    dial = Dial(time_limit=LONGEST_DIAL_S, **({"action": action, "method": "POST"} if action else {}))
    dial.conference(
        call_id,
        participant_label=label,
        beep="false",
        start_conference_on_enter=True,
        end_conference_on_exit=is_citizen,
        wait_url=site.url("music"),
        wait_method="POST",
        status_callback=site.told("room"),
        status_callback_method="POST",
        status_callback_event=ROOM_EVENTS,
        **more,
    )
    return dial


def citizen_joins(site: Site, call_id: str, after: State) -> str:
    """Return the document that brings a caller who waits into their call's room."""
    return render(site, (Join(after),), call_id=call_id)


def leg_joins(site: Site, call_id: str, label: str) -> str:
    """Return the document that brings an agent's leg, or somebody outside, into a call's room."""
    response = VoiceResponse()
    response.append(_room(site, call_id, label=label))
    return str(response)


def say_and_hang_up(site: Site, key: str) -> str:
    """Return the document that tells somebody of ours why nothing comes of a call."""
    return render(site, (Say({**SPOKEN, **FIXED}[key]), HangUp()), call_id="")


def empty() -> str:
    """Return the document that says nothing: the call ends, if it is not over."""
    return str(VoiceResponse())


def music(site: Site) -> str:
    """Return what is heard on hold and before a room starts: the tone, no words, again and again."""
    response = VoiceResponse()
    response.play(site.url("tone.wav"), loop=50)
    return str(response)


def apology(site: Site) -> str:
    """Return what a caller hears when our own step failed: sorry, and a message may be left. Needs no house."""
    response = VoiceResponse()
    for text in (FIXED["voz_falla"], SPOKEN["voz_buzon"]):
        response.say(text, voice=site.voice, language=site.language)
    _record(response, site.url("fallback", said="1"), site.told("recording", kind="voicemail"), 180)
    response.say(SPOKEN["voz_despedida"], voice=site.voice, language=site.language)
    response.hangup()
    return str(response)
