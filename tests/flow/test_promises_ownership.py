"""P11: two agents never hold one conversation, and who holds it no more can change nothing in it."""

from random import Random

import pytest

from contact_center.rules.model import Role
from tests.support.house import TestHouse
from tests.support.mutants import plant
from tests.support.nodes import at_once, open_nodes, outcome
from tests.support.ownership import Fight, broken_ownership

SEED = 11


async def fight(
    url: str, nodes: int, *, agents: int, conversations: int, operations: int, seed: int = SEED
) -> list[str]:
    """Let a crowd fight over conversations and return what was broken."""
    print(f"seed {seed}")
    async with open_nodes(url, nodes) as houses:
        crowd = Fight(houses, Random(seed))
        await crowd.arrive(agents, conversations)
        await crowd.go_on(operations, at_once=4 * nodes)
        wrong = await broken_ownership(houses[0])
        print(sorted(crowd.outcomes.items()))
        assert crowd.outcomes["conversation.reply 200"] > operations / 100
        assert crowd.outcomes["conversation.reply 409 stale_owner"] > operations / 100 or wrong
        assert not [one for one in crowd.outcomes if " 500 " in one]
        return wrong


async def test_nobody_shares_a_conversation_on_one_node(sqlite_database_url: str) -> None:
    assert await fight(sqlite_database_url, 1, agents=6, conversations=8, operations=300) == []


async def test_nobody_shares_a_conversation_on_three_nodes(postgres_database_url: str) -> None:
    assert await fight(postgres_database_url, 3, agents=6, conversations=8, operations=300) == []


@pytest.mark.soak
async def test_two_hundred_agents_never_share_fifty_conversations(postgres_database_url: str) -> None:
    wrong = await fight(postgres_database_url, 3, agents=200, conversations=50, operations=10_000)
    assert wrong == []


@pytest.mark.soak
async def test_two_hundred_agents_never_share_fifty_conversations_on_one_node(sqlite_database_url: str) -> None:
    assert await fight(sqlite_database_url, 1, agents=200, conversations=50, operations=10_000) == []


async def test_the_harness_notices_epochs_that_are_not_compared(sqlite_database_url: str) -> None:
    with plant("epoch_not_compared"):
        wrong = await fight(sqlite_database_url, 1, agents=4, conversations=5, operations=150)
    assert any(line.startswith("stale owner") for line in wrong)


async def test_the_harness_notices_moves_that_do_not_compare(postgres_database_url: str) -> None:
    with plant("move_without_compare"):
        wrong = await fight(postgres_database_url, 2, agents=4, conversations=4, operations=120)
    assert wrong != []


async def one_waiting(house: TestHouse, name: str = "citizen") -> tuple[str, str]:
    """A conversation that waits; return its item and itself."""
    citizen = await house.visitor()
    sent = await house.do(citizen, "chat.send", f"first-{name}", text="Buenos días")
    async with house.db.read() as conn:
        from contact_center.store import work

        item = await work.open_item_of(conn, sent["conversation"])
    assert item is not None
    return item.id, sent["conversation"]


@pytest.mark.parametrize("nodes", [1, 2])
async def test_of_two_agents_who_accept_one_offer_in_the_same_millisecond_one_gets_it(
    database_url: str, nodes: int
) -> None:
    async with open_nodes(database_url, nodes) as houses:
        ana = await houses[0].staff("ana")
        item_id, _ = await one_waiting(houses[0])
        offer = await houses[0].offer_of(ana)
        berta = await houses[0].staff("berta")
        accept = {"offer_id": offer["offer_id"]}
        answers = await at_once(
            [
                outcome(houses[0], ana, "work.accept", "accept-by-ana", **accept),
                outcome(houses[-1], berta, "work.accept", "accept-by-berta", **accept),
            ]
        )
        assert answers[0][0] == 200
        assert answers[1] == (409, "offer_gone")
        assert (await houses[0].item(item_id))["owner"] == ana.id
        assert await broken_ownership(houses[0]) == []


@pytest.mark.parametrize("nodes", [1, 2])
async def test_of_two_windows_of_one_agent_that_accept_at_once_one_gets_it(database_url: str, nodes: int) -> None:
    async with open_nodes(database_url, nodes) as houses:
        ana = await houses[0].staff("ana")
        await one_waiting(houses[0])
        offer = await houses[0].offer_of(ana)
        accepts = [
            outcome(houses[turn % nodes], ana, "work.accept", f"window-{turn}-x", offer_id=offer["offer_id"])
            for turn in range(6)
        ]
        answers = sorted(await at_once(accepts), key=lambda answer: answer[0])
        assert [status for status, _ in answers] == [200, 409, 409, 409, 409, 409]
        assert {code for _, code in answers[1:]} <= {"offer_gone", "already_taken"}
        assert await broken_ownership(houses[0]) == []


@pytest.mark.parametrize("nodes", [1, 2])
async def test_of_many_agents_who_take_one_item_at_once_one_gets_it(database_url: str, nodes: int) -> None:
    async with open_nodes(database_url, nodes) as houses:
        staff = [await houses[0].staff(f"agente{n}", state="paused" if n < 0 else None) for n in range(6)]
        item_id, _ = await one_waiting(houses[0])
        takes = [
            outcome(houses[n % nodes], agent, "work.take", f"take-by-{n}-x", item_id=item_id)
            for n, agent in enumerate(staff)
        ]
        answers = sorted(await at_once(takes), key=lambda answer: answer[0])
        assert [status for status, _ in answers] == [200, 409, 409, 409, 409, 409]
        assert {code for _, code in answers[1:]} == {"already_taken"}
        assert await broken_ownership(houses[0]) == []


@pytest.mark.parametrize("nodes", [1, 2])
async def test_an_offer_accepted_while_a_supervisor_gives_it_to_another_goes_to_one_of_them(
    database_url: str, nodes: int
) -> None:
    async with open_nodes(database_url, nodes) as houses:
        ana = await houses[0].staff("ana")
        item_id, _ = await one_waiting(houses[0])
        offer = await houses[0].offer_of(ana)
        berta = await houses[0].staff("berta")
        boss = await houses[0].staff("jefa", Role.supervisor, state=None)
        answers = await at_once(
            [
                outcome(houses[0], ana, "work.accept", "accept-by-ana", offer_id=offer["offer_id"]),
                outcome(houses[-1], boss, "work.assign", "assign-by-boss", item_id=item_id, user_id=berta.id),
            ]
        )
        assert {status for status, _ in answers} <= {200, 409}
        assert (await houses[0].item(item_id))["owner"] in (ana.id, berta.id)
        assert await broken_ownership(houses[0]) == []
