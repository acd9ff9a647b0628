"""P12: an agent who is gone gives back what they held, in time, once, at its place; the citizen hears of it once."""

from typing import Any

import pytest

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.rules.access import Actor
from tests.support.house import TestHouse
from tests.support.mutants import plant
from tests.support.nodes import at_once, open_nodes, stored

LEASE_S = 60
TOLERANCE_S = 5


async def beat(house: TestHouse, *agents: Actor) -> None:
    await house.writer.submit(SYSTEM, "presence.beat", Beat(user_ids=tuple(one.id for one in agents)))


async def sweep(nodes: list[TestHouse]) -> None:
    """Let every node look at once, as its timer would."""
    await at_once([node.timers.sweep() for node in nodes])


async def told_gone(house: TestHouse, conversation: str) -> int:
    async with house.db.read() as conn:
        from contact_center.store import conversations

        rows = await conversations.thread(conn, conversation, before=None, limit=100, notes=True)
    return sum(row.code == "agent_gone" for row in rows)


async def held_by(nodes: list[TestHouse], name: str) -> tuple[Actor, dict[str, Any]]:
    """An agent who has answered a citizen and holds the conversation."""
    agent = await nodes[0].staff(name)
    citizen = await nodes[0].visitor()
    sent = await nodes[0].do(citizen, "chat.send", f"first-for-{name}", text="Buenos días")
    item = await nodes[0].take_first(agent)
    fields = {"conversation_id": sent["conversation"], "epoch": item["epoch"]}
    await nodes[0].do(agent, "conversation.reply", f"hello-from-{name}", text="Le atiendo", **fields)
    await beat(nodes[0], agent)
    return agent, await nodes[0].item(item["id"])


@pytest.mark.parametrize("count", [1, 2])
async def test_a_silent_owner_loses_the_conversation_after_a_minute(database_url: str, count: int) -> None:
    async with open_nodes(database_url, count) as nodes:
        agent, item = await held_by(nodes, "ana")
        fresh = await nodes[0].visitor()
        nodes[0].clock.advance(1)
        later = await nodes[0].do(fresh, "chat.send", "first-of-later", text="Yo llegué después")
        gone_after = None
        for second in range(1, LEASE_S + TOLERANCE_S + 10):
            nodes[0].clock.advance(1)
            await sweep(nodes)
            now = await nodes[0].item(item["id"])
            if now["state"] == "waiting" and gone_after is None:
                gone_after = second + 1
                assert (now["queued_at"], now["enqueued_at"]) == (item["queued_at"], item["enqueued_at"])
                assert now["epoch"] == item["epoch"] + 1
        assert gone_after is not None and abs(gone_after - LEASE_S) <= TOLERANCE_S
        assert (await nodes[0].item(item["id"]))["epoch"] == item["epoch"] + 1, "given back once"
        assert await told_gone(nodes[0], item["conversation"]) == 1
        berta = await nodes[0].staff("berta")
        offer = await nodes[0].offer_of(berta)
        assert offer["item_id"] == item["id"], "it waits at its original place, before who came later"
        assert later["conversation"] != item["conversation"]
        stale = {"conversation_id": item["conversation"], "epoch": item["epoch"], "text": "Ya volví"}
        with pytest.raises(Exception, match="Somebody else") as refused:
            await nodes[0].do(agent, "conversation.reply", "late-answer-x", **stale)
        assert getattr(refused.value, "code", None) == "stale_owner"
        assert "Ya volví" not in [row.text for row in await stored(nodes[0])]


async def returns_in_time_and_keeps(url: str) -> bool:
    """An agent beats between the look of a sweep and its act; say whether they keep the conversation."""
    async with open_nodes(url, 1) as nodes:
        house = nodes[0]
        agent, item = await held_by(nodes, "ana")
        house.clock.advance(LEASE_S + 1)
        submit = house.writer.submit

        async def beat_first(actor: Actor, name: str, body: Any, client_id: str | None = None) -> Any:
            if name == "presence.lost":
                await submit(SYSTEM, "presence.beat", Beat(user_ids=(agent.id,)))
            return await submit(actor, name, body, client_id)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(house.writer, "submit", beat_first)
            await house.timers.sweep()
        now = await house.item(item["id"])
        return (now["state"], now["owner"]) == ("held", agent.id) and await told_gone(house, item["conversation"]) == 0


async def test_an_owner_heard_of_after_the_look_keeps_the_conversation(sqlite_database_url: str) -> None:
    assert await returns_in_time_and_keeps(sqlite_database_url)


async def test_the_harness_notices_a_lease_without_a_second_look(sqlite_database_url: str) -> None:
    with plant("lease_without_second_look"):
        assert not await returns_in_time_and_keeps(sqlite_database_url)


async def test_an_owner_who_beats_keeps_the_conversation_for_hours(sqlite_database_url: str) -> None:
    async with open_nodes(sqlite_database_url, 1) as nodes:
        agent, item = await held_by(nodes, "ana")
        citizen_spoke = item["last_citizen_at"]
        for _ in range(120):
            nodes[0].clock.advance(2)
            await beat(nodes[0], agent)
            await sweep(nodes)
        now = await nodes[0].item(item["id"])
        assert (now["state"], now["owner"], now["last_citizen_at"]) == ("held", agent.id, citizen_spoke)
