"""What the verbs do that one person hears: Say, Play, Pause, Gather, Record, Redirect, Hangup, Reject, Leave."""

import io
import wave
from typing import Final

import anyio

from contact_center.simulators.twilio import calls, recordings
from contact_center.simulators.twilio.documents import Jump, Left, Page, end_call, handles, run
from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.model import Callback
from contact_center.simulators.twilio.twiml import Verb
from contact_center.simulators.twilio.webhooks import Answer, DocumentError, Params

FOREVER: Final = 1_000
"""`loop="0"` means again and again: so many times."""
MP3_BYTES_PER_S: Final = 4_000
WAV_BYTES_PER_S: Final = 8_000
BEEP_S: Final = 0.5


@handles("Say")
async def say(page: Page, verb: Verb) -> None:
    for _ in range(verb.number("loop", 1) or FOREVER):
        await calls.speak(page.x, page.leg, verb.text)


@handles("Play")
async def play(page: Page, verb: Verb) -> None:
    if not verb.text:
        await calls.speak(page.x, page.leg, f"♪ {verb.get('digits')}", len(verb.get("digits")) * 0.5)
        return
    answer = await page.x.webhooks.fetch(page.hook("media", verb.text, "GET"))
    if not answer.content_type.startswith("audio/"):
        raise DocumentError(12300, f"Invalid Content-Type: {answer.content_type}")
    seconds = max(0.5, _seconds(answer))
    for _ in range(verb.number("loop", 1) or FOREVER):
        await calls.speak(page.x, page.leg, f"♪ {page.absolute(verb.text)}", seconds)


def _seconds(sound: Answer) -> float:
    """Return how long a sound lasts: what a WAV file says of itself, else a guess by its size."""
    if "mpeg" in sound.content_type:
        return len(sound.body) / MP3_BYTES_PER_S
    try:
        with wave.open(io.BytesIO(sound.body)) as read:
            return float(read.getnframes() / read.getframerate())
    except (wave.Error, EOFError):
        return len(sound.body) / WAV_BYTES_PER_S


@handles("Pause")
async def pause(page: Page, verb: Verb) -> None:
    await sleep(page.x.elapse, verb.number("length", 1))


@handles("Redirect")
async def redirect(page: Page, verb: Verb) -> None:
    raise Jump(page.go("redirect", verb.text, verb.get("method")))


@handles("Hangup")
async def hangup(page: Page, verb: Verb) -> None:
    await end_call(page)


@handles("Reject")
async def reject(page: Page, verb: Verb) -> None:
    raise DocumentError(13910, "<Reject> must be the first verb of the first document")


@handles("Leave")
async def leave(page: Page, verb: Verb) -> None:
    raise Left


@handles("Gather")
async def gather(page: Page, verb: Verb) -> None:
    """Read keys while the prompt is said; the first one ends the prompt. Nothing pressed: go on with the next verb."""
    leg, finish = page.leg, verb.get("finishOnKey", "#")
    if "dtmf" not in verb.get("input", "dtmf"):
        await run(page, verb.children)
        await sleep(page.x.elapse, verb.number("timeout", 5))
        return
    leg.keys.clear()
    await _prompt(page, verb.children)
    digits, ended_by = "", None
    while ended_by is None:
        key = await leg.keys.next(page.x.elapse, verb.number("timeout", 5))
        if key is None:
            ended_by = ""
        elif finish and key == finish:
            ended_by = key
        else:
            digits += key
            if len(digits) == verb.number("numDigits", 0):
                ended_by = ""
    page.x.ledger.add("caller", leg.sid, gathered=digits, finished_on=ended_by)
    if digits or ended_by or verb.flag("actionOnEmptyResult", False):
        params: Params = {"Digits": digits, "msg": "Gather End"}
        if ended_by:
            params["FinishedOnKey"] = ended_by
        raise Jump(page.go("gather", verb.get("action") or page.url, verb.get("method"), **params))


async def _prompt(page: Page, verbs: tuple[Verb, ...]) -> None:
    async def barge_in() -> None:
        await page.leg.keys.any()
        tasks.cancel_scope.cancel()

    failed: DocumentError | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(barge_in)
        try:
            await _run_bare(page, verbs)
        except DocumentError as error:  # kept until outside the group, which would wrap it
            failed = error
        tasks.cancel_scope.cancel()
    if failed is not None:
        raise failed


async def _run_bare(page: Page, verbs: tuple[Verb, ...]) -> None:
    for verb in verbs:
        match verb.name:
            case "Say":
                await say(page, verb)
            case "Play":
                await play(page, verb)
            case _:
                await pause(page, verb)


@handles("Record")
async def record(page: Page, verb: Verb) -> None:
    """Record a message until silence, a key, the length or the end of the call."""
    x, leg = page.x, page.leg
    if verb.flag("playBeep", True):
        await calls.speak(x, leg, "♪ beep", BEEP_S)
    leg.keys.clear()
    action, method = verb.get("action") or page.url, verb.get("method")
    before = len(x.recordings)
    try:
        recording, key = await recordings.record_verb(
            x,
            leg,
            silence_s=verb.number("timeout", 5),
            longest_s=verb.number("maxLength", 3600),
            finish_keys=verb.get("finishOnKey", "1234567890*#"),
            callback=recording_callback(page, verb),
        )
    finally:
        if leg.ending and len(x.recordings) > before:
            _tell_of_hang_up(page, action, method)
    if recording is not None:
        params = {
            "RecordingSid": recording.sid,
            "RecordingUrl": recordings.url(x, recording),
            "RecordingDuration": str(recordings.duration(x, recording)),
        }
        raise Jump(page.go("record", action, method, **params, Digits=key))


def _tell_of_hang_up(page: Page, action: str, method: str) -> None:
    """The caller hung up: the action is told, its answer is of no use any more."""
    made = [one for one in page.x.recordings.values() if one.call_sid == page.leg.sid and one.source == "RecordVerb"]
    if made and made[-1].status != "absent":
        params = {
            "CallStatus": page.leg.ending,
            "RecordingSid": made[-1].sid,
            "RecordingUrl": recordings.url(page.x, made[-1]),
            "RecordingDuration": str(recordings.duration(page.x, made[-1])),
            "Digits": "hangup",
        }
        page.x.webhooks.notify(page.hook("record", action, method, **params))


def recording_callback(page: Page, verb: Verb) -> Callback | None:
    """Return where a verb wants to hear of its recording."""
    if not verb.get("recordingStatusCallback"):
        return None
    return Callback(
        page.absolute(verb.get("recordingStatusCallback")),
        verb.get("recordingStatusCallbackMethod", "POST"),
        tuple(verb.get("recordingStatusCallbackEvent", "completed").split()),
    )
