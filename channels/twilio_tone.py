"""The waiting tone: two soft notes and then quiet, six seconds that can be played again and again. Without words."""

import io
import math
import wave
from functools import cache
from typing import Final

from contact_center.rules.ivr_steps import TONE_S

RATE: Final = 8_000
"""Samples a second: what a telephone line carries."""
_NOTES: Final = ((0.0, 523.25), (0.35, 392.0))
"""(start in seconds, hertz): C5 and G4."""
_FADE_S: Final = 0.6
_LOUDNESS: Final = 5_000


@cache
def tone() -> bytes:
    """Return the tone as a WAV file, 16 bits, mono."""
    samples = bytearray()
    for place in range(TONE_S * RATE):
        samples += round(_level(place / RATE)).to_bytes(2, "little", signed=True)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(bytes(samples))
    return sound.getvalue()


def _level(at: float) -> float:
    level = 0.0
    for start, hertz in _NOTES:
        since = at - start
        if 0 <= since < 4 * _FADE_S:
            attack = min(1.0, since / 0.02)
            level += _LOUDNESS * attack * math.exp(-since / _FADE_S) * math.sin(2 * math.pi * hertz * since)
    return level
