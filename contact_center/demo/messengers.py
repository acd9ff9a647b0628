"""People who write by Telegram in the demo: through the simulated Telegram, as if from their own phones."""

import io
import random
from typing import Final

import anyio

from contact_center.demo.line import Stage
from contact_center.demo.plays import Casting, Play, all_plays
from contact_center.simulators.telegram import Simulator
from contact_center.simulators.telegram.people import Person

EVERY_S: Final = (25.0, 60.0)
"""Seconds between two people."""
PATIENCE_S: Final = 180.0
MOST: Final = 4
FIRST_ID: Final = 662_000_100


async def run(stage: Stage, telegram: Simulator, *, seed: int) -> None:
    """Let people write until cancelled."""
    draw = random.Random(seed)
    casting = Casting(random.Random(seed + 2), [one for one in all_plays() if one.ending not in ("folio", "crisis")])
    room = anyio.Semaphore(MOST)
    number = FIRST_ID

    async def come(person: Person, play: Play, with_picture: bool) -> None:
        try:
            await _talk(stage, person, play, with_picture)
        finally:
            room.release()

    async with anyio.create_task_group() as tasks:
        while True:
            await room.acquire()
            play, number = casting.next(), number + 1
            person = telegram.person(number, play.names or "María", last_name=play.surname)
            tasks.start_soon(come, person, play, draw.random() < 0.5)
            await stage.pause(*EVERY_S)


async def _talk(stage: Stage, person: Person, play: Play, with_picture: bool) -> None:
    person.start()
    await stage.pause(3, 6)
    for place, line in enumerate(play.citizen):
        heard = len(person.received)
        first = person.say(line)
        if place == 0 and with_picture:
            person.photo(_picture())
        if place == 1:
            person.react(first, "👍")
        with anyio.move_on_after(PATIENCE_S * max(stage.pace, 0.05)):
            while len(person.received) <= heard:
                await stage.pause(0.5, 0.6)
        await stage.pause(3, 8)


def _picture() -> bytes:
    """Return a picture that is nobody's: grey, with a lighter band."""
    from PIL import Image

    out = io.BytesIO()
    image = Image.new("RGB", (640, 480), (120, 120, 125))
    image.paste((180, 175, 160), (0, 300, 640, 360))
    image.save(out, "JPEG", quality=70)
    return out.getvalue()
