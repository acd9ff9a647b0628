"""Orders to a voice provider: how long each is worth trying, and what shows that one was obeyed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from contact_center.rules.backoff import Patience
from contact_center.rules.calls import EventKind, Fact, OrderKind

PATIENCE: Final = Patience(base_s=0.5, most_s=4.0, tries=4)
"""Somebody is on the line: what does not work within some seconds is shown to the agent, who decides."""

RECORDING_STATE: Final[Mapping[OrderKind, str]] = MappingProxyType(
    {
        OrderKind.record: "on",
        OrderKind.pause_recording: "paused",
        OrderKind.resume_recording: "on",
        OrderKind.stop_recording: "off",
    }
)
"""What a call's recording is once such an order was obeyed."""

_EARLY: Final = timedelta(seconds=2)
"""How far the provider's clock may be behind ours."""


def is_shown(kind: OrderKind, data: Mapping[str, Any], asked: datetime, facts: Iterable[Fact]) -> bool:
    """Whether what is known of a call shows that an order was obeyed: for one whose answer was lost.

    What leaves no trace in the facts (recording) is never shown; the provider's list or a person decides.
    """
    later = [one for one in facts if one.at >= asked - _EARLY]
    kinds = {one.kind for one in later}
    user = data.get("user")
    match kind:
        case OrderKind.bridge | OrderKind.consult | OrderKind.listen if user:
            return any(
                one.kind in (EventKind.joined, EventKind.leg_failed) and user in (one.user_id, one.data.get("listens"))
                for one in later
            )
        case OrderKind.consult:
            return any("consult" in one.data for one in later)
        case OrderKind.dial:
            return bool(kinds & {EventKind.joined, EventKind.answered, EventKind.leg_failed})
        case OrderKind.hold:
            return EventKind.held in kinds
        case OrderKind.resume | OrderKind.join_all:
            return EventKind.resumed in kinds
        case OrderKind.hang_up:
            return EventKind.ended in kinds
        case OrderKind.requeue | OrderKind.drop_leg if user:
            return any(one.kind is EventKind.left and user in (one.user_id, one.data.get("listens")) for one in later)
        case OrderKind.drop_leg:
            return any(one.kind is EventKind.left and one.leg == data.get("leg") for one in later)
        case _:
            return False
