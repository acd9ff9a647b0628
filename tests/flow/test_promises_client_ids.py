"""P4: the same client id, however often, from wherever and up to seven days later, is one row and one answer."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contact_center.errors import ContactCenterError
from contact_center.rules.access import Actor
from tests.support.databases import copy_sqlite
from tests.support.house import TestHouse
from tests.support.journal import Journal, broken_promises
from tests.support.mutants import plant
from tests.support.nodes import at_once, open_nodes, outcome, stored
from tests.support.postgres import PostgresServer

SEVEN_DAYS_S = 7 * 86_400
TIMES = (1, 2, 7, 50)


async def retried_messages_differ(database_url: str, times: int) -> list[str]:
    """Send three messages, each so many times over two nodes at once; return what is wrong."""
    async with open_nodes(database_url, 2) as nodes:
        citizen = await nodes[0].visitor()
        journal = Journal("citizen")
        for number in range(3):
            client_id, text = f"retried-{number}", f"Mensaje {number}"
            for _ in range(times):
                journal.invoke(client_id, text)
            sends = [outcome(nodes[turn % 2], citizen, "chat.send", client_id, text=text) for turn in range(times)]
            for status, answer in await at_once(sends):
                if status != 200:
                    return [f"refused: {status} {answer}"]
                journal.ok(client_id, answer["conversation"], answer["seq"])
        rows = [row for row in await stored(nodes[0]) if row.client_id]
        return broken_promises([journal], [*rows])


@pytest.mark.parametrize("times", TIMES)
async def test_a_message_sent_many_times_over_two_nodes_is_one_row_and_one_seq(database_url: str, times: int) -> None:
    assert await retried_messages_differ(database_url, times) == []


async def test_the_harness_notices_client_ids_that_are_not_looked_up(sqlite_database_url: str) -> None:
    with plant("client_id_not_looked_up"):
        assert await retried_messages_differ(sqlite_database_url, 2) != []


async def test_an_agents_answer_sent_many_times_over_two_nodes_is_one_row(database_url: str) -> None:
    async with open_nodes(database_url, 2) as nodes:
        agent = await nodes[0].staff("ana")
        citizen = await nodes[0].visitor()
        sent = await nodes[0].do(citizen, "chat.send", "first-words", text="Buenos días")
        item = await nodes[0].take_first(agent)
        fields = {"conversation_id": sent["conversation"], "epoch": item["epoch"]}
        for number in range(3):
            replies = [
                outcome(nodes[turn % 2], agent, "conversation.reply", f"answer-{number}", text="Claro", **fields)
                for turn in range(20)
            ]
            answers = await at_once(replies)
            assert {status for status, _ in answers} == {200}, answers
            assert len({answer["seq"] for _, answer in answers}) == 1
        assert len([row for row in await stored(nodes[0]) if row.text == "Claro"]) == 3


async def test_any_other_command_sent_many_times_over_two_nodes_runs_once(database_url: str) -> None:
    async with open_nodes(database_url, 2) as nodes:
        agent = await nodes[0].staff("ana")
        citizen = await nodes[0].visitor()
        sent = await nodes[0].do(citizen, "chat.send", "first-words", text="Buenos días")
        await nodes[0].take_first(agent)
        fields = {"conversation_id": sent["conversation"], "text": "Ojo: ya llamó ayer"}
        notes = [outcome(nodes[turn % 2], agent, "conversation.note", "note-once", **fields) for turn in range(20)]
        answers = await at_once(notes)
        assert [answer for _, answer in answers] == [answers[0][1]] * 20
        assert answers[0][0] == 200
        assert len([row for row in await stored(nodes[0]) if row.text == fields["text"]]) == 1


async def test_a_retry_seven_days_later_is_answered_the_same(database_url: str) -> None:
    async with open_nodes(database_url, 2) as (one, other):
        agent = await one.staff("ana")
        citizen = await one.visitor()
        sent = await one.do(citizen, "chat.send", "sent-long-ago", text="Buenos días")
        item = await one.take_first(agent)
        fields = {"conversation_id": sent["conversation"], "epoch": item["epoch"], "text": "Claro que sí"}
        reply = await one.do(agent, "conversation.reply", "reply-long-ago", **fields)
        note = {"conversation_id": sent["conversation"], "text": "Una nota"}
        noted = await one.do(agent, "conversation.note", "note-long-ago", **note)
        one.clock.advance(SEVEN_DAYS_S - 60)
        await one.timers.hourly()
        assert await other.do(citizen, "chat.send", "sent-long-ago", text="Buenos días") == sent
        assert await other.do(agent, "conversation.reply", "reply-long-ago", **fields) == reply
        assert await other.do(agent, "conversation.note", "note-long-ago", **note) == noted


async def test_of_two_texts_under_one_client_id_at_once_one_is_stored_and_the_other_refused(database_url: str) -> None:
    async with open_nodes(database_url, 2) as nodes:
        citizen = await nodes[0].visitor()
        for number in range(5):
            client_id = f"two-texts-{number}"
            texts = [f"Uno {number}", f"Otro {number}"]
            answers = await at_once(
                [
                    outcome(node, citizen, "chat.send", client_id, text=said)
                    for node, said in zip(nodes, texts, strict=True)
                ]
            )
            assert sorted(status for status, _ in answers) == [200, 409]
            assert (409, "client_id_reused") in answers
            assert len([row for row in await stored(nodes[0]) if row.client_id == client_id]) == 1


async def test_many_senders_in_one_conversation_over_two_nodes_leave_no_gap_and_no_refusal(database_url: str) -> None:
    async with open_nodes(database_url, 2) as nodes:
        agent = await nodes[0].staff("ana")
        citizens = [await nodes[0].visitor() for _ in range(3)]
        journals = [Journal(f"citizen-{n}") for n in range(3)]
        items = {}
        for citizen in citizens:
            sent = await nodes[0].do(citizen, "chat.send", f"first-of-{citizen.id}", text="Buenos días")
            item = await nodes[0].take_first(agent)
            fields = {"conversation_id": sent["conversation"], "epoch": item["epoch"]}
            await nodes[0].do(agent, "conversation.reply", f"hello-{citizen.id}", text="Hola", **fields)
            items[citizen.id] = fields
        random = Random(4)

        async def talk(turn: int) -> None:
            which = random.randrange(3)
            citizen, journal = citizens[which], journals[which]
            client_id, text = f"turn-{turn:04d}", f"Turno {turn}"
            journal.invoke(client_id, text)
            if turn % 2:
                status, answer = await outcome(nodes[turn // 2 % 2], citizen, "chat.send", client_id, text=text)
            else:
                fields = {"text": text, **items[citizen.id]}
                status, answer = await outcome(nodes[turn // 2 % 2], agent, "conversation.reply", client_id, **fields)
            assert status == 200, answer
            assert isinstance(answer, dict)
            journal.ok(client_id, answer["conversation"], answer["seq"])

        async with anyio.create_task_group() as tasks:
            for turn in range(200):
                tasks.start_soon(talk, turn)
        rows = await stored(nodes[0])
        kept = {row.client_id for row in rows}
        assert len([one for one in kept if one and one.startswith("turn-")]) == 200
        wrong = broken_promises(journals, rows)
        assert [line for line in wrong if not line.startswith("invented")] == []


class Sending(RuleBasedStateMachine):
    """Random sends, repeats, other words under old ids, closings and days that pass, on two nodes."""

    fresh_url: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.portal_context = start_blocking_portal()
        self.portal = self.portal_context.__enter__()
        self.sent: dict[str, tuple[str, Any]] = {}
        self.number = 0

    @initialize()
    def open(self) -> None:
        self.context = self.portal.wrap_async_context_manager(open_nodes(type(self).fresh_url(), 2))
        self.nodes: list[TestHouse] = self.context.__enter__()
        self.citizen: Actor = self.portal.call(self.nodes[0].visitor)

    def send(self, node: int, client_id: str, text: str) -> Any:
        async def run() -> Any:
            try:
                return await self.nodes[node].do(self.citizen, "chat.send", client_id, text=text)
            except ContactCenterError as error:
                return error.code

        return self.portal.call(run)

    @rule(node=st.integers(0, 1))
    def say(self, node: int) -> None:
        self.number += 1
        client_id, text = f"said-{self.citizen.id}-{self.number}"[-64:], f"Palabra {self.number}"
        self.sent[client_id] = (text, self.send(node, client_id, text))

    @precondition(lambda self: self.sent)
    @rule(node=st.integers(0, 1), data=st.data())
    def repeat(self, node: int, data: st.DataObject) -> None:
        client_id = data.draw(st.sampled_from(sorted(self.sent)))
        text, answer = self.sent[client_id]
        assert self.send(node, client_id, text) == answer

    @precondition(lambda self: self.sent)
    @rule(node=st.integers(0, 1), data=st.data())
    def reuse(self, node: int, data: st.DataObject) -> None:
        client_id = data.draw(st.sampled_from(sorted(self.sent)))
        assert self.send(node, client_id, "Otras palabras") == "client_id_reused"

    @rule(seconds=st.sampled_from([1, 61, 3_600]))
    def wait(self, seconds: int) -> None:
        self.nodes[0].clock.advance(seconds)
        self.portal.call(self.nodes[0].timers.sweep)

    @rule()
    def end(self) -> None:
        async def run() -> None:
            await self.nodes[0].do(self.citizen, "chat.end", f"end-{self.citizen.id}-{self.number}"[-64:])

        self.number += 1
        self.portal.call(run)

    @invariant()
    def nothing_is_lost_doubled_or_misnumbered(self) -> None:
        if not hasattr(self, "citizen"):
            return
        journal = Journal("citizen")
        for client_id, (text, answer) in self.sent.items():
            journal.invoke(client_id, text)
            journal.ok(client_id, answer["conversation"], answer["seq"])
        mine = {row.conversation for row in self.portal.call(stored, self.nodes[0]) if row.client_id in self.sent}
        rows = [row for row in self.portal.call(stored, self.nodes[0]) if row.conversation in mine]
        assert broken_promises([journal], rows) == []

    def teardown(self) -> None:
        if hasattr(self, "context"):
            self.context.__exit__(None, None, None)
        self.portal_context.__exit__(None, None, None)


def run_machine(fresh_url: Callable[[], str], examples: int, steps: int) -> None:
    machine = type("SendingHere", (Sending,), {"fresh_url": staticmethod(fresh_url)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )


@pytest.fixture
def sqlite_template(request: pytest.FixtureRequest) -> Path:
    """A migrated file to copy, for tests that need many databases."""
    path: Path = request.getfixturevalue("_sqlite_template")
    return path


@pytest.fixture
def postgres_template(request: pytest.FixtureRequest) -> str:
    """A migrated database to copy, for tests that need many."""
    name: str = request.getfixturevalue("_postgres_template")
    return name


def test_random_sends_and_repeats_follow_the_model(sqlite_template: Path, tmp_path: Path) -> None:
    run_machine(lambda: fresh_sqlite(sqlite_template, tmp_path), 5, 20)


@pytest.mark.soak
def test_many_random_sends_and_repeats_follow_the_model(
    postgres: PostgresServer, postgres_template: str, sqlite_template: Path, tmp_path: Path
) -> None:
    run_machine(lambda: postgres.url(postgres.create_database(postgres_template)), 60, 50)
    run_machine(lambda: fresh_sqlite(sqlite_template, tmp_path), 100, 50)


def fresh_sqlite(template: Path, folder: Path) -> str:
    """Return the address of one more copy."""
    own = Path(mkdtemp(dir=folder))
    return copy_sqlite(template, own)
