"""The words of the voice menu: where a caller is, what happened, and what may be done next. Pure data.

`rules.ivr` goes from one to the next; a channel turns the steps into its provider's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from contact_center.rules.calls import CallState, EventKind

MESSAGE_S: Final = 180
KEY_WAIT_S: Final = 5
TONE_S: Final = 6
"""Length of the waiting tone, which says that the line is alive."""
FOLIO_DIGITS: Final = range(2, 14)
"""Year and number of a folio, typed without letters; its number alone is of this year."""


class Place(StrEnum):
    """Where in the menu a caller is."""

    menu = "menu"
    folio = "folio"
    last4 = "last4"
    more = "more"
    line = "line"
    back = "back"
    """Sent back to the line by somebody who spoke with them."""
    closed = "closed"
    message = "message"
    after = "after"
    """The conversation is over and the caller is still there."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a caller is. `turn` counts the documents of the call, `tries` the rounds in this place, `lost` those in
    which somebody had taken the call and was not there yet.
    """

    place: Place
    turn: int = 0
    tries: int = 0
    folio: str = ""
    lost: int = 0

    def to(self, place: Place, *, tries: int = 0, folio: str = "") -> State:
        return State(place, self.turn, tries, folio)

    def next(self) -> State:
        return replace(self, turn=self.turn + 1)

    def params(self) -> dict[str, str]:
        """Return the state as it travels in an address."""
        shown = {
            "at": self.place.value,
            "n": str(self.turn),
            "t": str(self.tries),
            "f": self.folio,
            "l": str(self.lost),
        }
        return {name: value for name, value in shown.items() if value not in ("", "0") or name == "at"}

    @classmethod
    def read(cls, params: Mapping[str, str]) -> State:
        """Return the state of an address. Raises ValueError for what is none."""
        numbers = [params.get(name, "0") for name in ("n", "t", "l")]
        folio = params.get("f", "")
        if not all(one.isascii() and one.isdigit() and len(one) <= 4 for one in numbers):
            raise ValueError("state")
        if folio and not is_folio(folio):
            raise ValueError("state")
        return cls(Place(params.get("at", "")), int(numbers[0]), int(numbers[1]), folio, int(numbers[2]))


@dataclass(frozen=True, slots=True)
class Line:
    """What the house knows of the caller's line; as `ports.LineView`, which has it too. Times in seconds."""

    state: CallState
    is_open: bool
    waiting: bool
    has_number: bool
    recording: bool
    position: int | None = None
    wait_s: int | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


# --- what happened ---


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys that were pressed."""

    digits: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was pressed."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message was spoken."""

    recording: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the house answers about a folio."""

    text: str
    found: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class AgentThere:
    """An agent is in the call's room, and the caller is not."""


Event = Keys | Silence | Recorded | Told | AgentThere | None
"""None is a caller who just came to this place."""

# --- what is said ---


@dataclass(frozen=True, slots=True)
class Say:
    """Speak, in the office's language."""

    text: str


@dataclass(frozen=True, slots=True)
class Tone:
    """Play the waiting tone so many times."""

    times: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Say something that any key interrupts, and read keys: `digits` of them, or until `#` when it is None."""

    prompts: tuple[Say | Tone, ...]
    state: State
    digits: int | None = 1
    wait_s: int = KEY_WAIT_S


@dataclass(frozen=True, slots=True)
class Go:
    """Go on in another state; `silent` says that nothing was pressed."""

    state: State
    silent: bool = False


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record what is said after a beep; comes back as `Recorded`, or goes on with the next step after silence."""

    state: State
    longest_s: int = MESSAGE_S


@dataclass(frozen=True, slots=True)
class Join:
    """Bring the caller into the call's room; afterwards `state`."""

    state: State


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


VoiceStep = Say | Tone | Ask | Go | TakeMessage | Join | HangUp


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact to report, under a key that is the same when the same request comes again."""

    key: str
    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A folio somebody asks about, and the four digits that prove it theirs."""

    folio: str
    last4: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of an event. Without steps, `step` is called again in `state`: with the answer when there is a
    question, else with None; in both cases after the facts were stored."""

    state: State
    steps: tuple[VoiceStep, ...] = ()
    facts: tuple[Noted, ...] = ()
    question: Question | None = None


def is_folio(digits: str) -> bool:
    """Whether keys could be the year and number of a folio."""
    return digits.isascii() and digits.isdigit() and len(digits) in FOLIO_DIGITS
