"""The life of a call leg: made, rung, answered, redirected, ended; and what is reported of it."""

from math import ceil, inf

import anyio

from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.model import (
    SIP,
    SPEECH_CHARS_PER_S,
    Callback,
    Exchange,
    Leg,
    Line,
    Step,
    Utterance,
    call_params,
    rfc2822,
)
from contact_center.simulators.twilio.webhooks import Hook

DETECTION_S = 3.0
"""How long it takes to tell a machine from a person."""
RING_BUFFER_S = 5.0
"""The provider lets a telephone ring this much longer than it was told."""


def make(x: Exchange, line: Line, *, from_: str, to: str, direction: str, status: str = "queued") -> Leg:
    """Make a leg and write it down."""
    now = x.now()
    leg = Leg(sid=x.sids.new("CA"), from_=from_, to=to, direction=direction, line=line, created_at=now, updated_at=now)
    x.calls[leg.sid] = leg
    set_status(x, leg, status)
    return leg


def set_status(x: Exchange, leg: Leg, status: str) -> None:
    leg.status = status
    leg.updated_at = x.now()
    x.ledger.add("call", leg.sid, status=status, direction=leg.direction, **{"from": leg.from_, "to": leg.to})


def answer(x: Exchange, leg: Leg) -> None:
    """The line is up: time counts from here."""
    leg.started_at = leg.started_at or x.now()
    leg.answered_at = x.now()
    set_status(x, leg, "in-progress")
    report(x, leg, "answered")
    if leg.machine_callback is not None:
        x.tasks.start_soon(_tell_who_answered, x, leg, leg.machine_callback)
    leg.line.connected(leg)


async def _tell_who_answered(x: Exchange, leg: Leg, there: Callback) -> None:
    await sleep(x.elapse, DETECTION_S)
    heard = {"AnsweredBy": leg.answered_by or "unknown", "MachineDetectionDuration": str(int(DETECTION_S * 1000))}
    params = {"AccountSid": x.config.account_sid, "CallSid": leg.sid, **heard}
    x.webhooks.notify(Hook("machine", there.url, params, there.method, call_sid=leg.sid, lane=f"{leg.sid}/machine"))


def report(x: Exchange, leg: Leg, event: str) -> None:
    """Tell the call's status callback, when it asked for this event."""
    if leg.callback is None or event not in leg.callback.events:
        return
    status = "initiated" if event == "initiated" else leg.status
    more = {
        "CallStatus": status,
        "Timestamp": rfc2822(x.now()),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(leg.sequence),
    }
    if event == "completed":
        seconds = leg.seconds()
        more |= {"CallDuration": str(seconds), "Duration": str(ceil(seconds / 60))}
        if leg.direction != "inbound":
            more["SipResponseCode"] = SIP[leg.status]
    leg.sequence += 1
    params = call_params(x, leg, **more)
    x.webhooks.notify(
        Hook("status", leg.callback.url, params, leg.callback.method, call_sid=leg.sid, lane=f"{leg.sid}/status")
    )


async def ring(x: Exchange, leg: Leg, seconds: float) -> bool:
    """Ring the other end. Returns whether it was answered; else the leg carries the status it is to end with."""
    if leg.done.is_set():
        return False
    leg.started_at = x.now()
    set_status(x, leg, "initiated")
    report(x, leg, "initiated")

    def ringing() -> None:
        set_status(x, leg, "ringing")
        report(x, leg, "ringing")

    outcome = "no-answer"
    with anyio.CancelScope() as leg.scope, x.elapse.limit(seconds + RING_BUFFER_S):
        outcome = await leg.line.ring(leg, ringing)
    if leg.ending:
        return False
    if outcome != "answered":
        leg.ending = outcome
        return False
    answer(x, leg)
    return True


async def live(x: Exchange, leg: Leg, first: Step | None) -> None:
    """Do one step after the other until nothing is left or somebody ends the call."""
    step = first
    while step is not None and not leg.ending:
        leg.pending = None
        after: Step | None = None
        with anyio.CancelScope() as leg.scope:
            after = await step()
        step = _pending(leg) or after
    finish(x, leg)


def _pending(leg: Leg) -> Step | None:
    return leg.pending


def redirect(leg: Leg, step: Step) -> None:
    """Take the call away from what it does and let it do another thing."""
    leg.pending = step
    if leg.scope is not None:
        leg.scope.cancel()


def hang_up(x: Exchange, leg: Leg, by: str) -> None:
    """End the call. Idempotent; what it was doing is told by cancelling it."""
    if not leg.is_live:
        return
    if leg.status == "in-progress":
        ending = "completed"
    else:
        ending = "no-answer" if leg.direction == "inbound" else "canceled"
    _end(x, leg, by, ending)


def break_line(x: Exchange, leg: Leg) -> None:
    """Lose the call in the network. Idempotent."""
    if leg.is_live:
        _end(x, leg, "network", "failed")


def _end(x: Exchange, leg: Leg, by: str, ending: str) -> None:
    leg.ended_by, leg.ending = by, ending
    x.ledger.add("call", leg.sid, event="hang_up", by=by)
    if leg.scope is not None:
        leg.scope.cancel()
    else:
        finish(x, leg)


def finish(x: Exchange, leg: Leg) -> None:
    """Write the end down and report it. Idempotent."""
    if leg.done.is_set():
        return
    leg.ended_at = x.now()
    leg.started_at = leg.started_at or leg.created_at
    leg.ending = leg.ending or "completed"
    set_status(x, leg, leg.ending)
    leg.done.set()
    report(x, leg, "completed")
    leg.line.ended(leg)


async def speak(x: Exchange, leg: Leg, text: str, seconds: float | None = None) -> None:
    """Let the line hear a text: 15 characters a second. Cut short when cancelled."""
    if seconds is None:
        seconds = len(text) / SPEECH_CHARS_PER_S
    utterance = Utterance(text, x.now(), seconds)
    leg.heard.append(utterance)
    spoke, leg.spoke = leg.spoke, anyio.Event()
    spoke.set()
    entry = {"text": text, "seconds": round(seconds, 2) if seconds != inf else None}
    x.ledger.add("heard", leg.sid, **entry)
    try:
        await sleep(x.elapse, seconds)
    finally:
        utterance.is_over = True
        if seconds > 0:
            spoken = (x.now() - utterance.began_at).total_seconds() * pace(x)
            utterance.text = text if spoken >= seconds * 0.98 else text[: int(len(text) * spoken / seconds)]


def pace(x: Exchange) -> float:
    """Return how many simulated seconds the present moves in a second of its own."""
    return float(getattr(x.elapse, "pace", 1.0))
