"""Simulated agents: they sign in, take offers, answer, register and finish, over the same API as the console."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import anyio
import httpx2
from anyio.abc import TaskGroup
from websockets.asyncio.client import ClientConnection

from contact_center.demo.line import TROUBLE, Refused, Stage, answer_of, hear, log, new_id, say
from contact_center.demo.people import PASSWORD, Person
from contact_center.demo.plays import Play, greeting
from contact_center.demo.setup import petition_of
from contact_center.demo.telephones import Handset

SOCKET: Final = "/api/v1/console/socket"
ANSWER_S: Final = 60.0
"""How long an agent waits for a citizen's next word before going on."""
_STRANGER: Final = (
    "¿En qué puedo servirle? (Esta es una demostración: le responde una persona simulada.)",
    "Gracias. Para que le atienda una persona de verdad, entre a la consola como Ana.",
)
_CRISIS: Final = (
    "Estoy aquí con usted y no voy a dejarle. ¿Está en un lugar seguro en este momento?",
    "Gracias por decírmelo. Le pido que se aleje de ellas. Estoy avisando para que le acompañen; el 911 atiende ahora.",
)


@dataclass(slots=True)
class _Desk:
    """What an agent at work has in front."""

    http: httpx2.AsyncClient
    socket: ClientConnection
    me: str
    words: dict[str, anyio.Event] = field(default_factory=dict)
    """Set when the citizen of a conversation said something."""
    calls: dict[str, tuple[str, anyio.Event]] = field(default_factory=dict)
    """The state of each call's item that is served, and what is set when it changes."""


class SimulatedAgent:
    """One agent of the demo's staff; comes back by itself when the service restarts."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self._stage = stage
        self._person = person

    async def work(self) -> None:
        """Be at work until cancelled."""
        while True:
            try:
                async with self._stage.client() as http:
                    await self._shift(http)
            except Refused as refused:
                log.info("agent_refused", agent=self._person.username, code=refused.code)
            except TROUBLE as error:
                log.info("agent_cut_off", agent=self._person.username, error=type(error).__name__)
            await self._stage.pause(5, 10)

    async def _shift(self, http: httpx2.AsyncClient) -> None:
        credentials = {"username": self._person.username, "password": PASSWORD}
        session = answer_of(await http.post("/api/v1/session", json=credentials))
        http.headers["x-csrf-token"] = session["csrf"]
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        async with self._stage.socket(SOCKET, cookie) as socket:
            snapshot = answer_of(await http.get("/api/v1/console/snapshot"))
            await say(socket, type="hello", cursor=snapshot["cursor"])
            desk = _Desk(http, socket, session["me"]["id"])
            await self._do(desk, "agent.set_state", state="available")
            async with anyio.create_task_group() as tasks:
                device = answer_of(await http.get("/api/v1/phone/device"))
                if device["kind"] == "simulator":
                    tasks.start_soon(Handset(self._stage).run, device, partial(self._ready, http))
                for item in snapshot["items"]:
                    self._look(desk, tasks, item, "snapshot")
                async for frame in hear(socket):
                    if frame["type"] == "resync":
                        tasks.cancel_scope.cancel()
                        return
                    if frame["type"] == "message.added" and frame["message"]["author"]["kind"] == "citizen":
                        heard = desk.words.get(frame["conversation"])
                        if heard is not None:
                            heard.set()
                    elif frame["type"].startswith("work."):
                        self._note(desk, frame["item"])
                        self._look(desk, tasks, frame["item"], frame["type"])
                tasks.cancel_scope.cancel()

    def _look(self, desk: _Desk, tasks: TaskGroup, item: dict[str, Any], why: str) -> None:
        """Take up what is offered to me, and what I hold since before."""
        offer = item.get("offer")
        if offer is not None and offer["agent"] == desk.me and why in ("work.offered", "snapshot"):
            if item["channel"] == "phone":
                tasks.start_soon(self._answer, desk, item["id"], offer["id"], item["kind"])
                return
            tasks.start_soon(self._accept, desk, tasks, item["id"], offer["id"], item["conversation"])
        elif why == "snapshot" and item["owner"] == desk.me and item["channel"] == "phone":
            tasks.start_soon(self._wrap_up, desk, item["id"], item["state"])
        elif why == "snapshot" and item["owner"] == desk.me and item["conversation"]:
            tasks.start_soon(self._serve, desk, item["id"], item["conversation"])

    @staticmethod
    def _note(desk: _Desk, item: dict[str, Any]) -> None:
        if item["id"] in desk.calls:
            _, changed = desk.calls[item["id"]]
            desk.calls[item["id"]] = (item["state"], anyio.Event())
            changed.set()

    @staticmethod
    async def _ready(http: httpx2.AsyncClient, ready: bool) -> None:
        answer_of(await http.post("/api/v1/phone/device", json={"ready": ready}))

    async def _answer(self, desk: _Desk, item: str, offer: str, kind: str) -> None:
        """Take a call, which then rings the handset, or call somebody back; a message is for people."""
        await self._stage.pause(2, 5)
        try:
            if kind == "message":
                await self._do(desk, "work.decline", offer_id=offer)
                return
            desk.calls[item] = ("held", anyio.Event())
            await self._do(desk, "work.accept", offer_id=offer)
            if kind == "callback":
                await self._do(desk, "call.start", direction="outbound", item_id=item, mode="browser")
                await self._stage.pause(30, 50)
                found = answer_of(await desk.http.get("/api/v1/console/snapshot"))["items"]
                mine = next((one for one in found if one["id"] == item and one["owner"] == desk.me), None)
                if mine is not None and mine["state"] == "held":
                    await self._do(desk, "call.mark", item_id=item, epoch=mine["epoch"], what="ended")
            await self._wrap_up(desk, item, "held")
        except Refused as refused:
            log.info("call_refused", agent=self._person.username, code=refused.code)
        finally:
            desk.calls.pop(item, None)

    async def _wrap_up(self, desk: _Desk, item: str, state: str) -> None:
        """Wait for the end of a call and write down what it was about."""
        desk.calls.setdefault(item, (state, anyio.Event()))
        while (now := desk.calls[item])[0] == "held":
            await now[1].wait()
        if now[0] != "wrap_up":
            return
        await self._stage.pause(5, 12)
        found = answer_of(await desk.http.get("/api/v1/console/snapshot"))["items"]
        mine = next((one for one in found if one["id"] == item and one["owner"] == desk.me), None)
        if mine is not None:
            await self._do(desk, "work.finish", item_id=item, epoch=mine["epoch"], disposition="oriented")

    async def _accept(self, desk: _Desk, tasks: TaskGroup, item: str, offer: str, conversation: str) -> None:
        await self._stage.pause(2, 6)
        try:
            await self._do(desk, "work.accept", offer_id=offer)
        except Refused as refused:
            log.info("offer_refused", agent=self._person.username, code=refused.code)
            return
        await self._serve(desk, item, conversation)

    async def _serve(self, desk: _Desk, item: str, conversation: str) -> None:
        """Answer line by line, register, finish. Whatever was taken away meanwhile is left alone."""
        desk.words[conversation] = anyio.Event()
        try:
            play = self._stage.book.get(conversation)
            for number, line in enumerate(self._lines(play)):
                await self._reply(
                    desk, conversation, greeting(self._person.display_name, line) if number == 0 else line
                )
                desk.words[conversation] = anyio.Event()
                with anyio.move_on_after(ANSWER_S * max(self._stage.pace, 0.05)):
                    await desk.words[conversation].wait()
                await self._stage.pause(2, 5)
            await self._finish(desk, item, conversation, play)
        except Refused as refused:
            log.info("agent_refused", agent=self._person.username, code=refused.code)
        finally:
            del desk.words[conversation]

    def _lines(self, play: Play | None) -> tuple[str, ...]:
        if play is None:
            return _STRANGER
        if play.ending == "crisis":
            return _CRISIS
        return play.agent or ("¿Sigue en línea? Con gusto le atiendo.",)

    async def _reply(self, desk: _Desk, conversation: str, text: str) -> None:
        async def tell() -> None:
            await say(desk.socket, type="typing", conversation=conversation)

        await self._stage.type(text, tell)
        thread = await self._thread(desk, conversation)
        last = thread["messages"][-1]["seq"] if thread["messages"] else 0
        await self._do(desk, "conversation.read", conversation_id=conversation, seq=last)
        epoch = thread["item"]["epoch"]
        await self._do(desk, "conversation.reply", conversation_id=conversation, epoch=epoch, text=text)

    async def _finish(self, desk: _Desk, item: str, conversation: str, play: Play | None) -> None:
        disposition = "oriented"
        if play is not None and play.ending == "petition":
            await self._stage.pause(3, 8)
            try:
                await self._do(desk, "petition.create", interaction_id=conversation, **petition_of(play))
                disposition = "petition_registered"
            except Refused as refused:
                log.info("petition_refused", play=play.key, code=refused.code)
        elif play is not None and play.ending == "crisis":
            disposition = "crisis_attended"
        elif play is not None and play.ending == "leaves":
            disposition = "no_answer_citizen"
        await self._stage.pause(3, 8)
        epoch = (await self._thread(desk, conversation))["item"]["epoch"]
        await self._do(desk, "work.finish", item_id=item, epoch=epoch, disposition=disposition)

    async def _thread(self, desk: _Desk, conversation: str) -> dict[str, Any]:
        found: dict[str, Any] = answer_of(await desk.http.get(f"/api/v1/conversations/{conversation}"))
        if found["item"] is None or found["item"]["owner"] != desk.me:
            raise Refused(409, "not_mine_any_more")
        return found

    async def _do(self, desk: _Desk, name: str, **fields: Any) -> Any:
        answer = await desk.http.post(f"/api/v1/commands/{name}", json={"client_id": new_id(), **fields})
        return answer_of(answer)["result"]
