"""One client's side of the live feed, without I/O: what it may hear, what waits to be sent, when it must resync.

The socket gives it a `send` coroutine; everything else is plain state. Events wait at most 256 deep or 1 MiB: a client
that does not keep up is told to resync instead (PROMISES P25).
"""

from collections.abc import Callable, Coroutine, Iterator
from functools import lru_cache
from typing import Any, Protocol

import anyio

from contact_center.live.eager import Rest, begin
from contact_center.live.frames import Frame, encode
from contact_center.rules import events as topics
from contact_center.rules.access import Actor
from contact_center.store.events import Event

MAX_EVENTS = 256
MAX_BYTES = 1024 * 1024
SEND_TIMEOUT_S = 30.0
"""A client that takes nothing for this long is cut off; it resumes from its cursor when it is back."""

Send = Callable[[bytes], Coroutine[Any, Any, None]]
Cut = Callable[[int, str], None]
WriteNow = Callable[[bytes], bool]
"""Writes a frame unless it would have to wait, and says whether it did."""


class Face(Protocol):
    """Which face of a frame a kind of client sees."""

    def follow(self, event: Event, frame: Frame) -> Iterator[tuple[str, bool]]:
        """Yield (topic, join or leave) that the event calls for."""

    def see(self, event: Event, frame: Frame) -> bytes | None:
        """Return the event as this client sees it, or None when it is not told."""

    def control(self, event: Event) -> tuple[str, Any] | None:
        """Return ("close", code) or ("resync", reason) for an event about the client itself."""


class Connection:
    """One socket. `cursor` is the last event considered for it."""

    def __init__(self, face: Face, send: Send, cut: Cut, write_now: WriteNow | None = None) -> None:
        self.face = face
        self.topics: set[str] = set()
        self.cursor = 0
        self.live = False
        self._send = send
        self._cut = cut
        self._write_now = write_now
        self._direct: list[bytes] = []
        self._events: list[bytes] = []
        self._bytes = 0
        self._writing = False
        self._resync: str | None = None
        self.unanswered_pings = 0

    def start_over(self, topics: set[str], cursor: int) -> None:
        """Listen to other topics from a cursor on; what waited for the hello before is forgotten."""
        self.topics = set(topics)
        self.cursor = cursor
        self.live = False
        self._events.clear()
        self._bytes = 0
        self._resync = None

    def ping(self) -> None:
        """Ask whether the client is still there; one that missed two is cut off (PROMISES P28)."""
        if self.unanswered_pings >= 2:
            self._cut(1011, "no answer")
            return
        self.unanswered_pings += 1
        self.tell({"type": "ping"})

    def cut(self, code: int, reason: str) -> None:
        """End the socket."""
        self._cut(code, reason)

    def follow(self, event: Event, frame: Frame) -> list[tuple[str, bool]]:
        return list(self.face.follow(event, frame))

    def push(self, event: Event, frame: Frame) -> None:
        """Queue an event for this client, or decide that it must resync."""
        self.cursor = event.id
        control = self.face.control(event)
        if control is not None:
            what, value = control
            if what == "close":
                self._cut(value, "session ended")
            else:
                self.resync(value)
            return
        if self._resync is not None:
            return
        seen = self.face.see(event, frame)
        if seen is None:
            return
        self._events.append(seen)
        self._bytes += len(seen)
        if len(self._events) > MAX_EVENTS or self._bytes > MAX_BYTES:
            self.resync("slow")

    async def replay(self, missed: list[tuple[Event, Frame]], end: int) -> None:
        """Send what happened while the client was away, before anything that waits. Control events of then are over."""
        seen = [
            (event.id, face)
            for event, frame in missed
            if self.face.control(event) is None and (face := self.face.see(event, frame)) is not None
        ]
        for start in range(0, len(seen), MAX_EVENTS):
            page = seen[start : start + MAX_EVENTS]
            is_last = start + MAX_EVENTS >= len(seen)
            await self._send(_events(end if is_last else page[-1][0], [face for _, face in page]))

    def resync(self, reason: str) -> None:
        """Drop what waits and tell the client to start over from a snapshot."""
        self._events.clear()
        self._bytes = 0
        self._resync = reason

    def tell(self, frame: dict[str, Any]) -> None:
        """Queue a frame that is not an event: an ack, a refusal, somebody typing."""
        if len(self._direct) < MAX_EVENTS:
            self._direct.append(encode(frame))

    def write(self) -> Rest | None:
        """Write what waits, without a task, as far as the client takes it at once; return what is left for `finish`.

        None when all is written, when there is nothing, or when somebody is at it already.
        """
        if self._writing:
            return None
        while frame := self._next():
            if self._write_now is not None and self._write_now(frame):
                continue
            rest = begin(self._send(frame))
            if rest is not None:
                self._writing = True
                return rest
        return None

    async def finish(self, rest: Rest) -> None:
        """Write on from where `write` had to wait. A client that takes nothing is cut off."""
        try:
            with anyio.move_on_after(SEND_TIMEOUT_S) as patience:
                await rest
                while frame := self._next():
                    await self._send(frame)
            if patience.cancelled_caught:
                self._cut(1011, "too slow")
        finally:
            self._writing = False

    def _next(self) -> bytes | None:
        if self._direct:
            return self._direct.pop(0)
        if not self.live:
            return None
        if self._resync is not None:
            reason, self._resync = self._resync, None
            self.live = False  # until it says hello again
            return encode({"type": "resync", "reason": reason})
        if self._events:
            events, self._events, self._bytes = self._events, [], 0
            return _events(self.cursor, events) if len(events) > 1 else _one_event(self.cursor, events[0])
        return None


@lru_cache(maxsize=1)
def _one_event(cursor: int, event: bytes) -> bytes:
    """The frame of what everybody hears of, made once for all of them."""
    return _events(cursor, [event])


def _events(cursor: int, events: list[bytes]) -> bytes:
    return b'{"type":"events","cursor":%d,"events":[%b]}' % (cursor, b",".join(events))


class StaffFace:
    """A signed-in person: sees what their topics carry, and only items that are theirs to see."""

    def __init__(self, actor: Actor, *, floor: bool) -> None:
        self.actor = actor
        self.floor = floor
        self.watching: set[str] = set()

    def sees_item(self, item: dict[str, Any]) -> bool:
        """Say whether an item belongs in this console. The snapshot uses the same rule."""
        if item["state"] == "done":
            return False
        if self.floor or item["owner"] == self.actor.id:
            return True
        offer = item["offer"]
        if offer is not None and offer["agent"] == self.actor.id:
            return True
        passed = (item["call"] or {}).get("transfer")
        if passed is not None and passed["kind"] == "warm" and passed["to"] == self.actor.id:
            return True  # a colleague wants a word with them about it
        return item["state"] in ("waiting", "offered") and item["queue"] in self.actor.queue_ids

    def follow(self, event: Event, frame: Frame) -> Iterator[tuple[str, bool]]:
        item = frame.item
        if item is not None and item["conversation"]:
            mine = item["owner"] == self.actor.id or item["conversation"] in self.watching
            yield topics.thread(item["conversation"]), mine

    def see(self, event: Event, frame: Frame) -> bytes | None:
        if event.type.startswith("work."):
            return frame.staff if frame.item is not None and self.sees_item(frame.item) else frame.gone
        return frame.staff

    def control(self, event: Event) -> tuple[str, Any] | None:
        if event.type == "session.ended" and event.data.get("session") in (None, self.actor.session_id):
            return "close", 4401
        if event.type == "session.ended":
            return None
        if event.type == "access.changed":
            return "resync", "access_changed"
        return None


class VisitorFace:
    """A citizen: sees their own conversation, never notes, never ids of staff, and never an echo of what they sent
    here.
    """

    def __init__(self, visitor_id: str) -> None:
        self.visitor_id = visitor_id
        self.sent: set[str] = set()

    def follow(self, event: Event, frame: Frame) -> Iterator[tuple[str, bool]]:
        if event.type == "conversation.opened" and event.conversation_id:
            yield topics.chat(event.conversation_id), True

    def see(self, event: Event, frame: Frame) -> bytes | None:
        if frame.client_id is not None and frame.client_id in self.sent:
            self.sent.discard(frame.client_id)
            return None
        return frame.citizen

    def control(self, event: Event) -> tuple[str, Any] | None:
        return None
