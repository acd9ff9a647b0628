"""How calls begin: a citizen calls in, the house calls out, an agent is added or calls from the browser."""

from contact_center.simulators.twilio import (  # noqa: F401 - rooms and verbs register what they handle
    calls,
    conferences,
    rooms,
    verbs,
)
from contact_center.simulators.twilio.documents import document
from contact_center.simulators.twilio.model import Callback, Exchange, Leg, Line, Participant, Step
from contact_center.simulators.twilio.webhooks import Params


def call_in(x: Exchange, line: Line, *, from_: str, to: str, caller_name: str = "") -> Leg:
    """A call from outside to one of the account's numbers. Raises LookupError when the number is nobody's."""
    number = x.config.number(to)
    if number is None:
        raise LookupError(f"{to} is not a number of the account")
    leg = calls.make(x, line, from_=from_, to=to, direction="inbound", status="ringing")
    leg.caller_name, leg.started_at = caller_name, x.now()
    leg.fallback_url = number.voice_fallback_url
    leg.callback = Callback(number.status_callback) if number.status_callback else None
    x.tasks.start_soon(calls.live, x, leg, document(x, leg, "voice", number.voice_url))
    return leg


def connect(x: Exchange, line: Line, *, identity: str, app_sid: str, params: Params) -> Leg:
    """A call that an agent's device makes: the application's voice address says what becomes of it."""
    url = x.config.app_voice_url or x.config.voice_url
    own = {name: value for name, value in params.items() if name != "To"}
    leg = calls.make(
        x, line, from_=f"client:{identity}", to=params.get("To", ""), direction="inbound", status="ringing"
    )
    leg.app_sid, leg.extra, leg.started_at = app_sid, own, x.now()
    leg.fallback_url = x.config.voice_fallback_url
    leg.callback = Callback(x.config.status_callback) if x.config.status_callback else None
    x.tasks.start_soon(calls.live, x, leg, document(x, leg, "voice", url))
    return leg


def call_out(x: Exchange, leg: Leg, first: Step, *, timeout_s: float) -> None:
    """Ring a leg and, when it is answered, begin with a step."""
    x.tasks.start_soon(_ring_and_live, x, leg, first, timeout_s)


def add_participant(x: Exchange, participant: Participant, *, timeout_s: float) -> None:
    """Ring a leg and, when it is answered, put it into its conference."""
    conferences.add(x, participant.conference, participant.leg, participant)

    async def enter() -> Step | None:
        if participant.out.is_set():
            return None
        await rooms.stay(x, participant)
        return None

    x.tasks.start_soon(_ring_and_enter, x, participant, enter, timeout_s)


async def _ring_and_live(x: Exchange, leg: Leg, first: Step, timeout_s: float) -> None:
    if await calls.ring(x, leg, timeout_s):
        await calls.live(x, leg, first)
    else:
        calls.finish(x, leg)


async def _ring_and_enter(x: Exchange, participant: Participant, enter: Step, timeout_s: float) -> None:
    await _ring_and_live(x, participant.leg, enter, timeout_s)
    conferences.leave(x, participant, "participant_call_ended")
