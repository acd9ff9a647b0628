"""The crowd: citizens come at a polite pace, never more than a dozen at once, and two agents answer them."""

import random
from typing import Final

import anyio

from contact_center.demo.agents import SimulatedAgent
from contact_center.demo.citizens import Citizen
from contact_center.demo.line import Stage
from contact_center.demo.people import STAFF
from contact_center.demo.plays import Casting, all_plays
from contact_center.demo.telephones import call_in
from contact_center.demo.texters import write_in

MOST: Final = 12
"""Conversations at once."""
EVERY_S: Final = (7.0, 18.0)
"""Seconds between two citizens."""


async def run(
    base: str, *, seed: int, pace: float = 1.0, folio: tuple[str, str] | None = None, provider: str | None = None
) -> None:
    """Play until cancelled. `pace` stretches every pause: 1 is a person's, 0.1 ten times as quick. `provider` is the
    address of the simulated provider that citizens call and write by."""
    draw = random.Random(seed)
    stage = Stage(base, pace, draw, {}, folio)
    casting = Casting(random.Random(seed + 1), all_plays())
    room = anyio.Semaphore(MOST)

    async def come(citizen: Citizen) -> None:
        try:
            await citizen.live()
        finally:
            room.release()

    async with anyio.create_task_group() as tasks:
        for person in STAFF:
            if person.plays:
                tasks.start_soon(SimulatedAgent(stage, person).work)
        if provider is not None:
            tasks.start_soon(write_in, Stage(base, pace, random.Random(seed + 3), {}, folio), provider)
            tasks.start_soon(call_in, Stage(base, pace, random.Random(seed + 2), {}, folio), provider, folio)
        await stage.pause(1, 2)
        while True:
            await room.acquire()
            tasks.start_soon(come, Citizen(stage, casting.next()))
            await stage.pause(*EVERY_S)
