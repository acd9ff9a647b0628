"""People on telephones: what a caller does step by step, and how a called number behaves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import anyio
import msgspec

from contact_center.simulators.twilio import calls
from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.model import SPEECH_CHARS_PER_S, Exchange, Leg, Line

Outcome = Literal["answer", "machine", "busy", "no_answer", "out_of_service", "reject"]
PATIENCE_S: Final = 120.0
KEY_S: Final = 0.3


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One thing a person does. Exactly one of the fields other than `within_s` is given."""

    wait_for: str | None = None
    """Wait until this text is heard, any case; gives up and hangs up after `within_s`."""
    wait_for_person: bool = False
    """Wait until connected with another person; gives up and hangs up after `within_s`."""
    press: str | None = None
    say_seconds: float | None = None
    wait: float | None = None
    hang_up: bool = False
    break_line: bool = False
    """The network loses the call: it ends as failed."""
    within_s: float = PATIENCE_S


class Phone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a number behaves when it is called. Seconds are simulated."""

    number: str
    outcome: Outcome = "answer"
    answer_after_s: float = 3.0
    hang_up_after_s: float | None = None
    """From the answer; None stays until the other side hangs up."""
    script: tuple[Step, ...] = ()


def read_script(steps: Any) -> tuple[Step, ...]:
    """Return checked steps. Raises msgspec.ValidationError."""
    return msgspec.convert(steps, tuple[Step, ...])


class Person:
    """Whoever holds a telephone: does the script's steps from the moment the line is there."""

    def __init__(self, x: Exchange, script: tuple[Step, ...], *, hang_up_after_s: float | None = None) -> None:
        self._x = x
        self._script = script
        self._hang_up_after_s = hang_up_after_s
        self._scope: anyio.CancelScope | None = None
        self._heard_to = 0

    async def ring(self, leg: Leg, ringing: Callable[[], None]) -> str:
        """A caller is not rung: it calls."""
        return "failed"

    def connected(self, leg: Leg) -> None:
        if self._script:
            self._x.tasks.start_soon(self._act, leg)
        if self._hang_up_after_s is not None:
            self._x.tasks.start_soon(self._hang_up_later, leg, self._hang_up_after_s)

    def ended(self, leg: Leg) -> None:
        if self._scope is not None:
            self._scope.cancel()

    async def _hang_up_later(self, leg: Leg, seconds: float) -> None:
        with self._x.elapse.limit(seconds):
            await leg.done.wait()
        calls.hang_up(self._x, leg, "person")

    async def _act(self, leg: Leg) -> None:
        with anyio.CancelScope() as self._scope:
            for number, step in enumerate(self._script, start=1):
                if not await self._do(leg, step):
                    self._x.ledger.add("caller", leg.sid, stuck_at=number, step=msgspec.to_builtins(step))
                    calls.hang_up(self._x, leg, "person")
                    return
                self._x.ledger.add("caller", leg.sid, did=number, step=msgspec.to_builtins(step))

    async def _do(self, leg: Leg, step: Step) -> bool:
        x = self._x
        if step.wait is not None:
            await sleep(x.elapse, step.wait)
        elif step.press is not None:
            for key in step.press:
                leg.keys.press(key)
                await sleep(x.elapse, KEY_S)
        elif step.say_seconds is not None:
            leg.talking_until = _after(x, step.say_seconds)
            await sleep(x.elapse, step.say_seconds)
        elif step.wait_for is not None:
            return await self._hear(leg, step.wait_for.casefold(), step.within_s)
        elif step.wait_for_person:
            with x.elapse.limit(step.within_s):
                await leg.together.wait()
            return leg.together.is_set()
        elif step.hang_up:
            calls.hang_up(x, leg, "person")
        elif step.break_line:
            calls.break_line(x, leg)
        return True

    async def _hear(self, leg: Leg, wanted: str, within_s: float) -> bool:
        """Wait until the text was spoken to its end; what was heard before an earlier match does not count again."""
        with self._x.elapse.limit(within_s) as limit:
            await self._until_heard(leg, wanted)
        return not limit.cancelled_caught

    async def _until_heard(self, leg: Leg, wanted: str) -> None:
        x = self._x
        while True:
            spoke = leg.spoke
            for place in range(self._heard_to, len(leg.heard)):
                utterance = leg.heard[place]
                found = utterance.text.casefold().find(wanted)
                if found < 0:
                    continue
                spoken_s = (x.now() - utterance.began_at).total_seconds() * calls.pace(x)
                await sleep(x.elapse, min(utterance.seconds, (found + len(wanted)) / SPEECH_CHARS_PER_S) - spoken_s)
                if wanted in utterance.text.casefold():
                    self._heard_to = place + 1
                    return
            await spoke.wait()


def _after(x: Exchange, seconds: float) -> datetime:
    """Return the moment at which simulated seconds will have passed."""
    return x.now() + timedelta(seconds=seconds / calls.pace(x))


class CalledPhone(Person):
    """A telephone that rings."""

    def __init__(self, x: Exchange, phone: Phone, *, detect_machine: bool) -> None:
        super().__init__(x, phone.script, hang_up_after_s=phone.hang_up_after_s)
        self._phone = phone
        self._detect_machine = detect_machine

    async def ring(self, leg: Leg, ringing: Callable[[], None]) -> str:
        phone = self._phone
        if phone.outcome == "out_of_service":
            await sleep(self._x.elapse, 1)
            return "failed"
        if phone.outcome == "busy":
            await sleep(self._x.elapse, 1)
            return "busy"
        ringing()
        if phone.outcome == "no_answer":
            await anyio.sleep_forever()
        await sleep(self._x.elapse, phone.answer_after_s)
        if phone.outcome == "reject":
            return "busy"
        if self._detect_machine:
            leg.answered_by = "machine_start" if phone.outcome == "machine" else "human"
        return "answered"


class Phones:
    """The table of numbers that can be called; others behave as `default`."""

    def __init__(self) -> None:
        self.default = Phone(number="*")
        self._phones: dict[str, Phone] = {}

    def set(self, phone: Phone) -> None:
        """Say how a number behaves; `*` for all that are not in the table."""
        if phone.number == "*":
            self.default = phone
        else:
            self._phones[phone.number] = phone

    def get(self, number: str) -> Phone:
        return self._phones.get(number, self.default)

    def line(self, x: Exchange, number: str, *, detect_machine: bool) -> Line:
        return CalledPhone(x, self.get(number), detect_machine=detect_machine)
