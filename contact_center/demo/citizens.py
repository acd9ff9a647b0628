"""Fictional citizens: they accept the notice, write through the widget's own socket, wait, leave, come back, rate."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio
import httpx2
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectSendStream
from websockets.asyncio.client import ClientConnection

from contact_center.demo.line import TROUBLE, Refused, Stage, answer_of, hear, log, new_id, say
from contact_center.demo.plays import Play

PATIENCE_S: Final = 240.0
"""How long a citizen waits for an answer before giving up."""
GOODBYE_S: Final = 120.0
SOCKET: Final = "/api/v1/chat/socket"


class Citizen:
    """One person and one conversation."""

    def __init__(self, stage: Stage, play: Play) -> None:
        self._stage = stage
        self._play = play
        self._socket: ClientConnection | None = None
        self._open = anyio.Event()
        self._cursor: int | None = None
        self._heard: MemoryObjectSendStream[str] | None = None
        self.conversation: str | None = None

    async def live(self) -> None:
        """Play the part to its end; a service that goes away ends it early."""
        try:
            async with self._stage.client() as http:
                await self._visit(http)
        except Refused as refused:
            log.info("citizen_refused", play=self._play.key, code=refused.code)
        except TROUBLE as error:
            log.info("citizen_cut_off", play=self._play.key, error=type(error).__name__)
        finally:
            if self.conversation is not None:
                self._stage.book.pop(self.conversation, None)

    async def _visit(self, http: httpx2.AsyncClient) -> None:
        stage, play = self._stage, self._play
        config = answer_of(await http.get("/api/v1/chat/config"))
        await stage.pause(1, 3)  # reads the notice
        answer = answer_of(
            await http.post(
                "/api/v1/chat/visits",
                json={
                    "client_id": new_id(),
                    "notice_version": config["notice"]["version"],
                    "locale": "es",
                    "name": f"{play.names} {play.surname}",
                    "phone": play.phone,
                },
            )
        )
        http.headers["authorization"] = f"Bearer {answer['token']}"
        send, receive = anyio.create_memory_object_stream[str](200)
        async with send, receive, anyio.create_task_group() as tasks:
            self._heard = send
            listener = await tasks.start(self._listen, answer["token"])

            async def answered(patience_s: float) -> str | None:
                with anyio.move_on_after(patience_s * max(stage.pace, 0.05)):
                    async for what in receive:
                        if what != "ack":
                            return what
                return None

            try:
                await self._talk(http, answered, listener, tasks, answer["token"])
            finally:
                tasks.cancel_scope.cancel()

    async def _talk(
        self,
        http: httpx2.AsyncClient,
        answered: Callable[[float], Awaitable[str | None]],
        listener: anyio.CancelScope,
        tasks: Any,
        token: str,
    ) -> None:
        stage, play = self._stage, self._play
        for number, line in enumerate(self._lines()):
            await self._write(line)
            if play.ending == "leaves":
                await stage.pause(20, 45)
                return  # closes the window and never comes back
            if number == 0 and stage.draw.random() < 0.15:  # a tunnel, or a closed laptop
                listener.cancel()
                await stage.pause(4, 9)
                listener = await tasks.start(self._listen, token)
            what = await answered(PATIENCE_S)
            if what is None:
                log.info("citizen_gave_up", play=play.key)
                await http.post("/api/v1/chat/end", json={"client_id": new_id()})
                return
            if what == "closed":
                break
            await stage.pause(1, 4)  # reads
        else:
            if play.ending == "crisis":
                return  # a person stays with them; it never closes by itself
            while (what := await answered(GOODBYE_S)) == "agent":
                pass
            if what is None:
                await http.post("/api/v1/chat/end", json={"client_id": new_id()})
        if stage.draw.random() < 0.8:
            await stage.pause(2, 6)
            survey = {"score": play.score, "resolved": "yes" if play.score > 3 else "partly", "respectful": True}
            await http.post("/api/v1/chat/survey", json={"client_id": new_id(), **survey})

    def _lines(self) -> tuple[str, ...]:
        if self._play.ending == "folio" and self._stage.folio is not None:
            folio, last4 = self._stage.folio
            return (self._play.citizen[0], f"{folio}, {last4}")
        return self._play.citizen

    async def _write(self, text: str) -> None:
        """Type a line and send it; after a cut it is sent again under the same id."""

        async def tell() -> None:
            if self._socket is not None:
                await say(self._socket, type="typing")

        await self._stage.type(text, tell)
        await self._open.wait()
        assert self._socket is not None
        await say(self._socket, type="send", client_id=new_id(), text=text)

    async def _listen(self, token: str, *, task_status: TaskStatus[anyio.CancelScope]) -> None:
        """Hold the socket open and tell the part what was heard: `agent`, `system` or `closed`."""
        with anyio.CancelScope() as scope:
            try:
                async with self._stage.socket(SOCKET) as socket:
                    await say(socket, type="hello", token=token, cursor=self._cursor)
                    async for frame in hear(socket):
                        self._cursor = frame.get("cursor", self._cursor)
                        if frame["type"] == "welcome":
                            self._socket = socket
                            self._open.set()
                            task_status.started(scope)
                        else:
                            await self._note(frame)
            except TROUBLE as error:
                log.info("citizen_cut_off", play=self._play.key, error=type(error).__name__)
            finally:
                self._socket, self._open = None, anyio.Event()

    async def _note(self, frame: dict[str, Any]) -> None:
        assert self._heard is not None
        what: str | None = None
        if frame["type"] == "ack":
            self.conversation = frame["conversation"]
            self._stage.book[frame["conversation"]] = self._play
        elif frame["type"] == "message.added":
            kind = frame["message"]["author"]["kind"]
            is_answer = kind == "agent" or (kind == "system" and self._play.ending == "folio")
            what = "agent" if is_answer else None
        elif frame["type"] == "chat.changed" and not frame["conversation"]["can_write"]:
            what = "closed"
        if what is not None:
            with anyio.move_on_after(1):
                await self._heard.send(what)
