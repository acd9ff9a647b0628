"""Recordings: what is recorded of calls and conferences, told about, and handed out as sound."""

import hashlib
import io
import wave
from datetime import datetime
from math import inf
from typing import Final

from contact_center.simulators.twilio import calls
from contact_center.simulators.twilio.config import API_VERSION
from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.model import (
    Callback,
    Conference,
    Exchange,
    Leg,
    Recording,
    rfc2822,
)
from contact_center.simulators.twilio.webhooks import Hook, Params

PROCESSING_S: Final = 2.0
"""From the end of a recording to its being there to fetch."""
MEDIA_S: Final = 30
"""Longest sound that is made; a longer recording keeps its length on paper."""
RATE: Final = 8_000
MP3_FRAME: Final = bytes((0xFF, 0xFB, 0x10, 0xC4)) + bytes(100)
"""A silent frame of MPEG-1 layer III at 32 kbit/s and 44.1 kHz: 26 ms."""


def start(
    x: Exchange,
    source: str,
    *,
    call_sid: str = "",
    conference_sid: str = "",
    channels: int = 1,
    track: str = "both",
    callback: Callback | None = None,
) -> Recording:
    """Begin to record."""
    now = x.now()
    recording = Recording(
        sid=x.sids.new("RE"),
        source=source,
        created_at=now,
        updated_at=now,
        call_sid=call_sid,
        conference_sid=conference_sid,
        channels=channels,
        track=track,
        callback=callback,
        counting_since=now,
    )
    x.recordings[recording.sid] = recording
    _note(x, recording)
    _report(x, recording, "in-progress")
    return recording


def set_status(x: Exchange, recording: Recording, status: str, *, now: datetime | None = None) -> None:
    """Pause, go on, or stop. Raises ValueError when the recording is over."""
    if recording.status not in ("in-progress", "paused"):
        raise ValueError(recording.status)
    now = now or x.now()
    recording.counted_s = max(0.0, recording.seconds(now))
    recording.counting_since = now if status == "in-progress" else None
    recording.updated_at = now
    recording.status = status
    _note(x, recording)
    if status == "stopped":
        x.tasks.start_soon(_process, x, recording)


def stop_all(x: Exchange, *, call_sid: str = "", conference_sid: str = "") -> None:
    """End what is recorded of a call or a conference that is over. Idempotent."""
    for recording in x.recordings.values():
        is_its = (call_sid and recording.call_sid == call_sid and not recording.conference_sid) or (
            conference_sid and recording.conference_sid == conference_sid
        )
        if is_its and recording.status in ("in-progress", "paused"):
            set_status(x, recording, "stopped")


def stop_with_conference(x: Exchange, conference: Conference) -> None:
    stop_all(x, conference_sid=conference.sid)


def url(x: Exchange, recording: Recording) -> str:
    """Return the address without extension that webhooks carry."""
    return f"{x.url}/{API_VERSION}/Accounts/{x.config.account_sid}/Recordings/{recording.sid}"


def media(x: Exchange, recording: Recording, extension: str) -> bytes:
    """Return sound of the recording's length, the same at each request and not that of another recording."""
    seconds = min(MEDIA_S, max(1, round(recording.seconds(x.now()))))
    if extension == "mp3":
        return b"ID3\x03\x00\x00\x00\x00\x00\x00" + MP3_FRAME * round(seconds / 0.026)
    sound = io.BytesIO()
    period = 12 + hashlib.sha256(recording.sid.encode()).digest()[0] % 12
    tone = bytes(148 if place < period // 2 else 108 for place in range(period))
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(RATE)
        out.writeframes((tone * (seconds * RATE // period + 1))[: seconds * RATE])
    return sound.getvalue()


async def _process(x: Exchange, recording: Recording) -> None:
    await sleep(x.elapse, PROCESSING_S)
    recording.status = "completed"
    recording.updated_at = x.now()
    _note(x, recording)
    _report(x, recording, "completed")


def _report(x: Exchange, recording: Recording, event: str) -> None:
    if recording.callback is None or event not in recording.callback.events:
        return
    params: Params = {
        "AccountSid": x.config.account_sid,
        "RecordingSid": recording.sid,
        "RecordingUrl": url(x, recording),
        "RecordingStatus": event,
        "RecordingChannels": str(recording.channels),
        "RecordingStartTime": rfc2822(recording.created_at),
        "RecordingSource": recording.source,
        "RecordingTrack": recording.track,
        "ErrorCode": "0",
    }
    if recording.call_sid:
        params["CallSid"] = recording.call_sid
    if recording.conference_sid:
        params["ConferenceSid"] = recording.conference_sid
    if event == "completed":
        params["RecordingDuration"] = str(duration(x, recording))
    x.webhooks.notify(
        Hook(
            "recording",
            recording.callback.url,
            params,
            recording.callback.method,
            call_sid=recording.call_sid,
            lane=recording.sid,
        )
    )


def duration(x: Exchange, recording: Recording) -> int:
    """Return whole seconds; a recording that was paced down is never 0 long."""
    return max(1, round(recording.seconds(x.now())))


def _note(x: Exchange, recording: Recording) -> None:
    x.ledger.add(
        "recording",
        recording.call_sid,
        recording_sid=recording.sid,
        conference_sid=recording.conference_sid,
        status=recording.status,
        source=recording.source,
        seconds=round(recording.seconds(x.now()), 2),
    )


async def record_verb(
    x: Exchange, leg: Leg, *, silence_s: float, longest_s: float, finish_keys: str, callback: Callback | None
) -> tuple[Recording | None, str]:
    """Record a message. Returns it (None when nobody spoke) and the key that ended it."""
    recording = start(x, "RecordVerb", call_sid=leg.sid, callback=callback)
    began = x.now()
    key = ""
    try:
        with x.elapse.limit(longest_s):
            while True:
                quiet_from = _quiet_from(leg, began)
                left = (quiet_from - x.now()).total_seconds() * calls.pace(x) + (silence_s or inf)
                pressed = await leg.keys.next(x.elapse, max(left, 0.001))
                if pressed is not None and pressed in finish_keys:
                    key = pressed
                    break
                if pressed is None and _quiet_from(leg, began) == quiet_from:
                    break
    finally:
        end = min(x.now(), _quiet_from(leg, began))
        if recording.status not in ("in-progress", "paused"):
            pass  # stopped through REST meanwhile
        elif end > began:
            set_status(x, recording, "stopped", now=end)
        else:
            recording.status = "absent"
            recording.counting_since = None
            _note(x, recording)
            _report(x, recording, "absent")
    return (recording if recording.status != "absent" else None), key


def _quiet_from(leg: Leg, began: datetime) -> datetime:
    return max(began, leg.talking_until or began)
