"""Who hears of what: the audience of each event, as topics that connections subscribe to.

The one place that decides fan-out. A topic is a text: `staff`, `floor`, `user:<id>`, `queue:<id>`, `conv:<id>` (staff
in a thread), `chat:<id>` (the citizen's side of it), `visitor:<id>`. Access is checked when a connection subscribes,
and again when its roles change.
"""

from collections.abc import Mapping
from typing import Any

STAFF = "staff"
FLOOR = "floor"

_THREAD = frozenset({"message.added", "message.changed"})


def user(user_id: str) -> str:
    return f"user:{user_id}"


def queue(queue_id: str) -> str:
    return f"queue:{queue_id}"


def thread(conversation_id: str) -> str:
    return f"conv:{conversation_id}"


def chat(conversation_id: str) -> str:
    return f"chat:{conversation_id}"


def visitor(visitor_id: str) -> str:
    return f"visitor:{visitor_id}"


def audience(
    kind: str,
    *,
    conversation_id: str | None,
    user_id: str | None,
    queue_id: str | None,
    data: Mapping[str, Any],
) -> tuple[str, ...]:
    """Return the topics of an event. An unknown type has no audience: what is not listed is told to nobody."""
    family, _, _ = kind.partition(".")
    if kind in _THREAD:
        assert conversation_id is not None
        inside = thread(conversation_id)
        return (inside,) if data.get("kind") == "note" else (inside, chat(conversation_id))
    topics: list[str] = []
    if family == "work":
        topics.append(FLOOR)
        topics += [queue(one) for one in (queue_id, data.get("from_queue")) if one]
        topics += [user(one) for one in (user_id, *data.get("also", ())) if one]
        if conversation_id:
            topics += [thread(conversation_id), chat(conversation_id)]
    elif kind == "conversation.opened":
        topics.append(visitor(data["visitor"]))
    elif kind == "conversation.changed" and conversation_id:
        topics += [thread(conversation_id), chat(conversation_id)]
    elif kind in {"agent.changed", "queue.changed", "reference.changed"}:
        topics.append(STAFF)
    elif kind == "callback.changed":
        topics += [] if data.get("private") else [FLOOR]
        topics += [user(one) for one in (user_id, *data.get("also", ())) if one]
        topics += [chat(conversation_id)] if conversation_id else []
    elif family == "alert":
        topics.append(FLOOR)
    elif family == "finding":
        topics += [FLOOR, *([user(user_id)] if user_id else [])]
    elif kind in {"petition.changed", "citizen.changed"}:
        topics += [thread(conversation_id)] if conversation_id else []
        topics += [user(user_id)] if user_id else []
    elif kind in {"mention.added", "session.ended", "access.changed"} and user_id:
        topics.append(user(user_id))
    return tuple(dict.fromkeys(topics))
