"""The live sockets of staff and of citizens: one reader each, writes by the hub. The protocol is docs/protocol.md."""

from hashlib import sha256
from typing import Any

import anyio
import msgspec
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.marks import CitizenRead, Watch
from contact_center.actions.messages import ChatSend
from contact_center.actions.presence import Joined
from contact_center.errors import ContactCenterError
from contact_center.live import chat_views, resume, snapshot
from contact_center.live.connection import Connection, VisitorFace
from contact_center.rules import events as topics
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind
from contact_center.store import conversations as chat_store
from contact_center.store import events as event_log
from contact_center.store import views as view_store
from contact_center.store import work as work_store
from contact_center.web import auth
from contact_center.web.house import House, house_of
from contact_center.web.limits import is_unlimited
from contact_center.web.wire import Gone, Wire, is_allowed_origin

HELLO_TIMEOUT_S = 10.0
SOCKETS_PER_VISITOR = 5
SOCKETS_PER_AGENT = 8
TYPING_EVERY_S = 1.0


class Hello(msgspec.Struct, tag="hello", forbid_unknown_fields=True):
    cursor: int | None = None
    token: str | None = None


class SendText(msgspec.Struct, tag="send", forbid_unknown_fields=True):
    client_id: str
    text: str = ""
    attachment_ids: tuple[str, ...] = ()


class Typing(msgspec.Struct, tag="typing"):
    conversation: str | None = None


class Read(msgspec.Struct, tag="read"):
    seq: int


class Pong(msgspec.Struct, tag="pong"):
    pass


class WatchOn(msgspec.Struct, tag="watch"):
    conversation: str


class WatchOff(msgspec.Struct, tag="unwatch"):
    conversation: str


_citizen_frame = msgspec.json.Decoder(Hello | SendText | Typing | Read | Pong).decode
_staff_frame = msgspec.json.Decoder(Hello | Typing | WatchOn | WatchOff | Pong).decode


class _Session:
    """What both kinds of socket share."""

    decode: Any

    def __init__(self, house: House, wire: Wire) -> None:
        self.house = house
        self.wire = wire
        self.connection: Connection
        self._typed_at = 0.0

    async def next(self) -> Any:
        """Return the next frame. A broken one closes the socket; nothing half-read is acted on."""
        text = await self.wire.read()
        try:
            return self.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            self.wire.cut(4400, "frame not understood")
            raise Gone from None

    async def hello(self) -> Hello:
        with anyio.move_on_after(HELLO_TIMEOUT_S):
            first = await self.next()
            if isinstance(first, Hello):
                return first
        self.wire.cut(4408, "no hello")
        raise Gone

    def may_type(self) -> bool:
        now = self.house.clock.monotonic()
        if now - self._typed_at < TYPING_EVERY_S:
            return False
        self._typed_at = now
        return True

    def tell_others(self, topic: str, frame: dict[str, Any]) -> None:
        for other in self.house.hub.members(topic):
            if other is not self.connection:
                other.tell(frame)
                self.house.hub.send_soon(other)

    def tell(self, frame: dict[str, Any]) -> None:
        self.connection.tell(frame)
        self.house.hub.send_soon(self.connection)

    async def join(self, own_topics: set[str], cursor: int) -> None:
        """Go live from a cursor, or tell the client why it must start over."""
        house = self.house
        reason = await resume.join(house.hub, house.db, house.clock, self.connection, own_topics, cursor)
        if reason is not None:
            await self.wire.send(msgspec.json.encode({"type": "resync", "reason": reason}))
        house.hub.send_soon(self.connection)


class CitizenSession(_Session):
    """A citizen's socket."""

    decode = staticmethod(_citizen_frame)

    async def talk(self) -> None:
        await self.wire.accept()
        hello = await self.hello()
        await self.recognise(hello.token or "")
        try:
            await self.welcome(hello)
            self.show_presence(online=True)
            while True:
                await self.act(await self.next())
        finally:
            followed = self.conversations()
            self.house.hub.remove(self.connection)
            if not self.house.hub.members(topics.visitor(self.visitor_id)):
                self.show_presence(online=False, conversations=followed)

    async def recognise(self, token: str) -> None:
        """Find out whose socket it is, in a call of its own:
        what it reads is not kept for as long as the citizen stays.
        """
        async with self.house.db.read() as conn:
            visitor = await chat_store.visitor_by_token(conn, sha256(token.encode()).digest())
        if visitor is None:
            self.wire.cut(4401, "unknown token")
            raise Gone
        self.visitor_id: str = visitor.id
        mine = list(self.house.hub.members(topics.visitor(visitor.id)))
        for oldest in mine[: max(0, len(mine) - SOCKETS_PER_VISITOR + 1)]:
            oldest.cut(4429, "too many tabs")
        self.actor = Actor(kind=ActorKind.visitor, id=visitor.id)
        self.face = VisitorFace(visitor.id)
        self.connection = Connection(self.face, self.wire.send, self.wire.cut, self.wire.write_now)

    def conversations(self) -> list[str]:
        """Return the conversations this connection follows."""
        chats = (topic for topic in self.connection.topics if topic.startswith("chat:"))
        return [topic.removeprefix("chat:") for topic in chats]

    def show_presence(self, *, online: bool, conversations: list[str] | None = None) -> None:
        """Tell who serves this citizen whether the chat is open. Not stored."""
        for conversation_id in conversations if conversations is not None else self.conversations():
            frame = {"type": "presence", "conversation": conversation_id, "online": online}
            self.tell_others(topics.thread(conversation_id), frame)

    async def welcome(self, hello: Hello) -> None:
        house = self.house
        cursor = hello.cursor
        frame: dict[str, Any] = {"type": "welcome", "now": int(house.clock.now().timestamp() * 1000)}
        async with house.db.read() as conn:
            latest = await chat_store.latest_of_visitor(conn, self.visitor_id)
            if cursor is None:
                cursor = await event_log.latest(conn)
                place = house.hub.places.get(latest or "")
                frame["state"] = await chat_views.state(
                    conn, self.visitor_id, cursor=cursor, place=place, now=house.clock.now()
                )
        own = {topics.visitor(self.visitor_id)} | ({topics.chat(latest)} if latest else set())
        await self.wire.send(msgspec.json.encode({**frame, "cursor": cursor}))
        await self.join(own, cursor)

    async def act(self, frame: Any) -> None:
        match frame:
            case SendText():
                await self.store(frame)
            case Typing():
                await self.typing()
            case Read(seq=seq):
                await self.house.writer.submit(self.actor, "chat.read", CitizenRead(seq=min(max(seq, 0), 2**31 - 1)))
            case Pong():
                self.connection.unanswered_pings = 0
            case Hello():
                await self.welcome(frame)

    async def store(self, frame: SendText) -> None:
        """Store one message, then acknowledge it: the ack leaves after the commit."""
        if not 8 <= len(frame.client_id) <= 64:
            self.tell(
                {
                    "type": "refused",
                    "client_id": frame.client_id[:64],
                    "code": "client_id",
                    "message": "8–64 characters",
                }
            )
            return
        self.face.sent.add(frame.client_id)
        body = ChatSend.model_construct(text=frame.text, attachment_ids=frame.attachment_ids[:10])
        try:
            answer = await self.house.writer.submit(self.actor, "chat.send", body, frame.client_id)
        except ContactCenterError as error:
            self.face.sent.discard(frame.client_id)
            refusal = {"type": "refused", "client_id": frame.client_id, "code": error.code, "message": error.message}
            self.tell({**refusal, **error.data, "status": error.status})
            return
        self.tell({"type": "ack", "client_id": frame.client_id, **answer})

    async def typing(self) -> None:
        if self.may_type():
            for conversation_id in self.conversations():
                frame = {"type": "typing", "conversation": conversation_id, "who": "citizen"}
                self.tell_others(topics.thread(conversation_id), frame)


class StaffSession(_Session):
    """A console's socket."""

    decode = staticmethod(_staff_frame)

    def __init__(self, house: House, wire: Wire, actor: Actor, reload: Any) -> None:
        super().__init__(house, wire)
        self.actor = actor
        self._reload = reload

    async def talk(self) -> None:
        await self.wire.accept()
        hello = await self.hello()
        mine = list(self.house.hub.members(topics.user(self.actor.id)))
        for oldest in mine[: max(0, len(mine) - SOCKETS_PER_AGENT + 1)]:
            oldest.cut(4429, "too many windows")
        self.connection = Connection(snapshot.face_of(self.actor), self.wire.send, self.wire.cut, self.wire.write_now)
        try:
            await self.welcome(hello)
            await self.house.writer.submit(SYSTEM, "presence.joined", Joined(user_id=self.actor.id))
            while True:
                await self.act(await self.next())
        finally:
            self.house.hub.remove(self.connection)

    async def welcome(self, hello: Hello) -> None:
        actor = await self._reload()
        if actor is None:
            self.wire.cut(4401, "session ended")
            raise Gone
        self.actor = actor
        self.connection.face = snapshot.face_of(actor)
        house = self.house
        async with house.db.read() as conn:
            held = await work_store.held_by(conn, actor.id)
            cursor = hello.cursor if hello.cursor is not None else await event_log.latest(conn)
        own = {topics.STAFF, topics.user(actor.id), *(topics.queue(one) for one in actor.queue_ids)}
        own |= {topics.thread(item.conversation_id) for item in held if item.conversation_id}
        if self.connection.face.floor:
            own.add(topics.FLOOR)
        now_ms = int(house.clock.now().timestamp() * 1000)
        await self.wire.send(msgspec.json.encode({"type": "welcome", "cursor": cursor, "now": now_ms}))
        await self.join(own, cursor)

    async def act(self, frame: Any) -> None:
        match frame:
            case Typing(conversation=str(conversation_id)):
                await self.typing(conversation_id)
            case WatchOn(conversation=conversation_id):
                await self.watch(conversation_id)
            case WatchOff(conversation=conversation_id):
                face: Any = self.connection.face
                face.watching.discard(conversation_id)
                self.house.hub.leave(self.connection, topics.thread(conversation_id))
                self.tell_viewers(conversation_id)
            case Pong():
                self.connection.unanswered_pings = 0
            case Hello():
                await self.welcome(frame)

    async def typing(self, conversation_id: str) -> None:
        if topics.thread(conversation_id) not in self.connection.topics or not self.may_type():
            return
        async with self.house.db.read() as conn:
            names = await view_store.staff_names(conn, [self.actor.id])
        self.tell_others(topics.chat(conversation_id), {"type": "typing", "who": names.get(self.actor.id, "")})
        frame = {"type": "typing", "conversation": conversation_id, "who": self.actor.id}
        self.tell_others(topics.thread(conversation_id), frame)

    async def watch(self, conversation_id: str) -> None:
        """Look on, if the actor may; it is recorded."""
        try:
            await self.house.writer.submit(
                self.actor, "conversation.watch", Watch(conversation_id=conversation_id[:36])
            )
        except ContactCenterError as error:
            self.tell({"type": "refused", "what": "watch", "conversation": conversation_id[:36], "code": error.code})
            return
        face: Any = self.connection.face
        face.watching.add(conversation_id)
        self.house.hub.join(self.connection, topics.thread(conversation_id))
        self.tell_viewers(conversation_id)

    def tell_viewers(self, conversation_id: str) -> None:
        topic = topics.thread(conversation_id)
        faces: list[Any] = [member.face for member in self.house.hub.members(topic)]
        users = sorted({face.actor.id for face in faces if conversation_id in face.watching})
        frame = {"type": "viewers", "conversation": conversation_id, "users": users}
        self.tell_others(topic, frame)
        self.tell(frame)


async def chat_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """A citizen's live socket. The chat lives on our own origin, so only that may open one."""
    house = house_of(HTTPConnection(scope))
    wire = Wire(scope, receive, send, house.clock.monotonic)
    wire.limited = not is_unlimited(HTTPConnection(scope))
    if not is_allowed_origin(wire.header(b"origin"), house.settings.origins):
        await wire.refuse()
        return
    await wire.run(CitizenSession(house, wire).talk)


async def console_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """A console's live socket: Origin and session are checked before the handshake is accepted (PROMISES S6)."""
    connection = HTTPConnection(scope)
    house = house_of(connection)
    wire = Wire(scope, receive, send, house.clock.monotonic)
    wire.limited = not is_unlimited(connection)
    if not is_allowed_origin(wire.header(b"origin"), house.settings.origins):
        await wire.refuse()
        return
    actor = await _staff_actor(connection)
    if actor is None:
        await wire.refuse()
        return
    await wire.run(StaffSession(house, wire, actor, lambda: _staff_actor(connection)).talk)


async def _staff_actor(connection: HTTPConnection) -> Actor | None:
    session = await auth.find_session(connection)
    return None if session is None or auth.must_finish(session) else session.staff.as_actor(session.id)


class _Asgi:
    """Give a plain ASGI function to a route, which would wrap a function that takes a WebSocket."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


routes: list[BaseRoute] = [
    auth.socket("/api/v1/chat/socket", _Asgi(chat_socket), auth.VISITOR),
    auth.socket("/api/v1/console/socket", _Asgi(console_socket), auth.SIGNED_IN),
]
