"""Agents and supervisors who fight over work items on several nodes, and the checker of who held what when (P11).

The truth is the event log: on it, an item must never be with two people, and nobody may write in a conversation that is
with somebody else at that moment.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import anyio
from sqlalchemy import text

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.errors import ContactCenterError
from contact_center.rules.access import Actor
from contact_center.rules.model import Role
from contact_center.store import work as work_store
from tests.support.house import TestHouse
from tests.support.journal import Hold, overlaps

_BEGINS = {"work.accepted", "work.taken", "work.assigned"}
_ENDS = {"work.released", "work.transferred", "work.returned", "work.wrap_up", "work.finished"}


@dataclass
class Fight:
    """A crowd of staff with old and new ideas of what they hold."""

    nodes: list[TestHouse]
    random: Random
    agents: list[Actor] = field(default_factory=list)
    supervisors: list[Actor] = field(default_factory=list)
    citizens: list[Actor] = field(default_factory=list)
    known: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)
    """Agent to conversation to (item, epoch) as last seen, however long ago."""
    outcomes: Counter[str] = field(default_factory=Counter)
    silent: set[str] = field(default_factory=set)
    number: int = 0

    async def arrive(self, agents: int, conversations: int) -> None:
        """Bring everybody in; each citizen has written once."""
        first = self.nodes[0]
        for index in range(agents):
            self.agents.append(await first.staff(f"agente{index}"))
        for index in range(2):
            self.supervisors.append(await first.staff(f"supervisora{index}", Role.supervisor, state=None))
        for index in range(conversations):
            citizen = await first.visitor()
            self.citizens.append(citizen)
            await first.do(citizen, "chat.send", f"arrival-{index:04d}", text="Buenos días")

    def node(self) -> TestHouse:
        return self.random.choice(self.nodes)

    async def try_it(self, actor: Actor, verb: str, **fields: Any) -> Any:
        """Ask for something; refusals are part of the game and are counted."""
        self.number += 1
        try:
            answer = await self.node().do(actor, verb, f"fight-{self.number:06d}", **fields)
        except ContactCenterError as error:
            self.outcomes[f"{verb} {error.status} {error.code}"] += 1
            return None
        self.outcomes[f"{verb} 200"] += 1
        return answer

    async def look(self, agent: Actor) -> None:
        """Let an agent see what is theirs now; what they saw before stays in mind."""
        async with self.node().db.read() as conn:
            for row in await work_store.held_by(conn, agent.id):
                self.known.setdefault(agent.id, {})[row.conversation_id] = (row.id, row.epoch)

    async def offers(self) -> list[Any]:
        async with self.node().db.read() as conn:
            return list(await work_store.open_offers(conn))

    async def items(self) -> list[Any]:
        async with self.node().db.read() as conn:
            query = text("SELECT id, state, owner_id, epoch FROM work_items WHERE state <> 'done' ORDER BY id")
            return list(await conn.execute(query))

    async def act(self) -> None:
        """Let somebody do something."""
        random = self.random
        agent = random.choice(self.agents)
        match random.choice(_MOVES):
            case "route":
                await self.node().route()
            case "answer":
                for offer in await self.offers():
                    who = next(one for one in self.agents if one.id == offer.agent_id)
                    verb = random.choice(("work.accept", "work.accept", "work.decline"))
                    await self.try_it(who, verb, offer_id=offer.id)
            case "take" if items := await self.items():
                await self.try_it(agent, "work.take", item_id=random.choice(items).id)
            case "assign" if items := await self.items():
                boss = random.choice(self.supervisors)
                await self.try_it(boss, "work.assign", item_id=random.choice(items).id, user_id=agent.id)
            case "take_over" if items := await self.items():
                boss = random.choice(self.supervisors)
                await self.try_it(boss, "work.take_over", item_id=random.choice(items).id, reason="Hace falta")
            case "reply":
                await self.reply(await self.somebody())
            case "move":
                await self.move(agent)
            case "silence":
                self.silent ^= {agent.id}
            case "time":
                await self.let_time_pass()
            case "word":
                await self.try_it(random.choice(self.citizens), "chat.send", text="¿Sigue ahí?")
            case _:
                pass
        await self.look(agent)

    async def somebody(self) -> Actor:
        """Every other time somebody who holds something: in a large crowd few do."""
        everybody = [*self.agents, *self.supervisors]
        owners = {item.owner_id for item in await self.items()}
        holders = [one for one in everybody if one.id in owners]
        return self.random.choice(holders if holders and self.random.random() < 0.5 else everybody)

    async def reply(self, who: Actor) -> None:
        """Answer in something this person holds, or once held."""
        await self.look(who) if self.random.random() < 0.3 else None
        mine = self.known.get(who.id)
        if mine:
            conversation, (_item, epoch) = self.random.choice(sorted(mine.items()))
            await self.try_it(
                who, "conversation.reply", conversation_id=conversation, epoch=epoch, text=f"Le leo {self.number}"
            )

    async def move(self, who: Actor) -> None:
        """Pass on or give back something this person holds, or once held."""
        mine = self.known.get(who.id)
        if not mine:
            return
        item, epoch = self.random.choice(sorted(mine.values()))
        match self.random.choice(("transfer", "release", "return")):
            case "transfer":
                other = self.random.choice(self.agents)
                fields = {"to_kind": "user", "to_id": other.id, "reason": "specialist"}
                await self.try_it(who, "work.transfer", item_id=item, epoch=epoch, **fields)
            case "release":
                await self.try_it(who, "work.release", item_id=item, epoch=epoch)
            case _:
                await self.try_it(who, "work.return", item_id=item, epoch=epoch)

    async def let_time_pass(self) -> None:
        """Everybody but the silent ones beats; two nodes sweep at once."""
        clock = self.nodes[0].clock
        clock.advance(self.random.choice((1, 7, 21)))
        here = tuple(one.id for one in self.agents if one.id not in self.silent)
        await self.node().writer.submit(SYSTEM, "presence.beat", Beat(user_ids=here))
        async with anyio.create_task_group() as tasks:
            for node in self.nodes[:2]:
                tasks.start_soon(node.timers.sweep)
        async with self.node().db.read() as conn:
            query = text("SELECT user_id FROM agent_status WHERE state = 'available'")
            ready = set((await conn.execute(query)).scalars())
        for one in self.agents:
            if one.id not in self.silent and one.id not in ready:
                await self.try_it(one, "agent.set_state", state="available")

    async def go_on(self, operations: int, at_once: int) -> None:
        """Make so many moves, several at a time."""
        left = operations

        async def one() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await self.act()

        async with anyio.create_task_group() as tasks:
            for _ in range(at_once):
                tasks.start_soon(one)


_MOVES: tuple[str, ...] = (
    *("route", "answer", "answer", "take", "assign", "take_over", "silence", "time", "word"),
    *("reply",) * 3,
    *("move",) * 2,
)


async def broken_ownership(house: TestHouse) -> list[str]:
    """Return what the event log, the segments and the rows say against «one holder at a time»."""
    async with house.db.read() as conn:
        events = list(
            await conn.execute(
                text("SELECT id, type, actor, item_id, conversation_id, user_id, data FROM events ORDER BY id")
            )
        )
        segments = list(
            await conn.execute(text("SELECT work_item_id, agent_id, epoch, ended_at FROM segments ORDER BY epoch"))
        )
        items = list(await conn.execute(text("SELECT id, conversation_id, owner_id FROM work_items")))
    wrong, holds, holder = _replay(events, {item.conversation_id: item.id for item in items})
    wrong += overlaps(holds)
    begun: dict[str, list[str]] = {}
    for hold in holds:
        begun.setdefault(hold.item, []).append(hold.agent)
    for item in items:
        own = [row for row in segments if row.work_item_id == item.id]
        if [row.agent_id for row in own] != begun.get(item.id, []):
            wrong.append(f"segments: {item.id} has {[row.agent_id for row in own]}, the log {begun.get(item.id, [])}")
        if sum(row.ended_at is None for row in own) > 1:
            wrong.append(f"segments: {item.id} has several that are open")
        if (item.owner_id or None) != holder.get(item.id):
            wrong.append(f"row: {item.id} is with {item.owner_id}, by the log with {holder.get(item.id)}")
    return wrong


def _replay(events: list[Any], item_of: dict[str, str]) -> tuple[list[str], list[Hold], dict[str, str | None]]:
    wrong: list[str] = []
    holds: list[Hold] = []
    open_holds: dict[str, tuple[str, int]] = {}
    wrapping: dict[str, str] = {}
    counts: Counter[str] = Counter()

    def close(item: str, at: int) -> None:
        agent, since = open_holds.pop(item)
        counts[item] += 1
        holds.append(Hold(item, agent, counts[item], since, at))

    for event in events:
        if event.type in _BEGINS:
            if event.item_id in open_holds:
                if event.type != "work.assigned":
                    wrong.append(f"two holders: {event.item_id} {event.type} at {event.id} while it was held")
                close(event.item_id, event.id)
            open_holds[event.item_id] = (event.user_id, event.id)
        elif event.type in _ENDS and event.item_id in open_holds:
            agent = open_holds[event.item_id][0]
            close(event.item_id, event.id)
            if event.type == "work.wrap_up":
                wrapping[event.item_id] = agent
        elif event.type == "work.finished":
            wrapping.pop(event.item_id, None)
        elif event.type == "message.added" and _kind(event) == "agent":
            item = item_of[event.conversation_id]
            author = event.actor.removeprefix("staff:")
            if open_holds.get(item, ("nobody", 0))[0] != author:
                wrong.append(f"stale owner: {author} wrote at {event.id}, {item} was with {open_holds.get(item)}")
    for item in list(open_holds):
        agent, since = open_holds[item]
        counts[item] += 1
        holds.append(Hold(item, agent, counts[item], since, None))
    holder: dict[str, str | None] = {**wrapping, **{item: agent for item, (agent, _) in open_holds.items()}}
    return wrong, holds, holder


def _kind(event: Any) -> str | None:
    import msgspec

    data = event.data if isinstance(event.data, dict) else msgspec.json.decode(event.data or "{}")
    found: str | None = data.get("kind")
    return found
