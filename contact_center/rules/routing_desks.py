"""The agents of one routing pass: what each has in hand and may still take, and the pools they are picked from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contact_center.rules.model import AgentState, Channel
from contact_center.rules.routing_model import AgentView, Policy, QueueView, SkipCode
from contact_center.rules.waits import FULL


class Desk:
    """An agent during one pass: what is taken grows with each offer, and `version` tells heaps that a key is old."""

    __slots__ = (
        "available",
        "id",
        "idle",
        "kept",
        "last_offer",
        "offers",
        "on_phone",
        "text",
        "version",
        "view",
        "voice",
    )

    def __init__(self, view: AgentView, now: datetime) -> None:
        self.view = view
        self.id = view.agent_id
        self.available = view.connected and view.state is AgentState.available
        self.offers = sum(view.offered.values())
        self.voice = self.text = 0.0
        self.kept = False
        for counts in (view.load, view.offered):
            for channel, count in counts.items():
                self._take(channel, count)
        self.on_phone = view.load.get(Channel.phone, 0) > 0
        self.idle = min(view.idle_since or view.since, now)
        self.last_offer = min(view.last_offer_at, now) if view.last_offer_at else None
        self.version = 0

    def _take(self, channel: Channel, count: int) -> None:
        used = count / max(1, self.view.capacity.get(channel, 1))
        if channel.is_voice:
            self.voice += used
        else:
            self.text += used

    def use(self, channel: Channel, policy: Policy) -> float:
        """What counts as taken when somebody comes by `channel`."""
        if policy.voice_excludes_text:
            return self.voice + self.text
        return self.voice if channel.is_voice else self.text

    def fits(self, channel: Channel, policy: Policy) -> bool:
        """Whether one more of `channel` may come."""
        return self.has_room(channel, policy) and (channel.is_voice or not self.kept)

    def has_room(self, channel: Channel, policy: Policy) -> bool:
        """Whether one more of `channel` is within capacity."""
        capacity = self.view.capacity.get(channel, 0)
        return (
            capacity > 0
            and self.available
            and self.offers < policy.max_offers
            and self.use(channel, policy) + 1 / capacity <= FULL
        )

    def fits_crisis(self, channel: Channel, policy: Policy) -> bool:
        """Whether a crisis may come on top: one offer and one place more, but not to somebody on the phone."""
        capacity = self.view.capacity.get(channel, 0)
        return (
            capacity > 0
            and self.available
            and not self.on_phone
            and self.offers <= policy.max_offers
            and self.use(channel, policy) <= FULL
        )

    def keep(self) -> None:
        """Give no more chats: a call waits for this desk."""
        self.kept = True
        self.version += 1

    def give(self, channel: Channel, now: datetime) -> None:
        """Count an offer made in this pass."""
        self._take(channel, 1)
        self.offers += 1
        self.idle = self.last_offer = now
        self.version += 1


Key = tuple[float, float, float, float, int, str]


@dataclass(slots=True)
class Pool:
    """The agents who can serve one kind of requirement, best first, and what had to be waived to have any."""

    queue: QueueView
    channel: Channel
    members: dict[str, Desk]
    waived: tuple[str, ...]
    heap: list[tuple[Key, int, Desk]]
    needs_device: bool = False
    exhausted: SkipCode | None = None
    none_to_keep: bool = False


def those_able(
    members: Sequence[Desk], language: str | None, skills: frozenset[str]
) -> tuple[list[Desk], tuple[str, ...]]:
    """The connected members who meet the requirements, and which of these had to be waived.

    A requirement is waived only when nobody connected meets it: first the skills, then the language, then both.
    """
    here = [desk for desk in members if desk.view.connected and desk.view.state is not AgentState.offline]
    speaking = here if language is None else [desk for desk in here if language in desk.view.languages]
    skilled = here if not skills else [desk for desk in here if skills <= desk.view.skills]
    both = [desk for desk in speaking if not skills or skills <= desk.view.skills]
    if both:
        return both, ()
    if speaking:
        return speaking, ("skills",)
    if skilled and skills:
        return skilled, ("language",)
    waived = (("skills",) if skills else ()) + (("language",) if language is not None else ())
    return here, waived if here else ()
