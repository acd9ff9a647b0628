"""Petitions in the conversation: the folio is issued once, without gaps, and reaches the citizen where they are."""

from datetime import UTC, datetime

import anyio
import pytest
from sqlalchemy import func, select

from contact_center.actions.kernel import Answer
from contact_center.errors import Conflict, Invalid
from contact_center.store.schema import (
    citizens,
    folio_years,
    follow_ups,
    interactions,
    messages,
    petition_interactions,
    petitions,
)
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.registering import form, held, rows


async def test_the_folio_is_issued_stored_and_told_in_the_same_channel(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        made = (await house.do(agent, "petition.create", interaction_id=conversation, **form()))["petition"]
        assert made["folio"] == "CEAC-2026-000001"
        assert (made["state"], made["public_status"], made["medium"]) == ("registered", "Recibida", "web_chat")
        assert made["dependency"] == "MUN-26030"
        assert made["due_on"] == "2026-12-16"  # fifteen working days after 24 November; the 30th is none
        (told,) = await rows(house, messages, messages.c.code == "folio_issued")
        assert told.data == {"folio": made["folio"]} and made["folio"] in told.text and "{" not in told.text
        (link,) = await rows(house, petition_interactions)
        assert (link.interaction_id, link.relation, link.by_user) == (conversation, "created", agent.id)
        (person,) = await rows(house, citizens)
        assert (person.names, person.phone, person.folded) == ("María", "+526620000001", "maria ejemplo uno")
        (contact,) = await rows(house, interactions)
        assert contact.citizen_id == person.id == made["citizen"]
        assert [one.kind for one in await rows(house, follow_ups)] == ["registered"]


async def test_nothing_personal_is_shown_unmasked_in_the_answer(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        made = (await house.do(agent, "petition.create", interaction_id=conversation, **form()))["petition"]
        assert made["requester"]["phone"] == "662 ••• •001"


async def test_a_retry_after_a_lost_answer_gets_the_same_folio(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        given = {"interaction_id": conversation, **form()}
        first = await house.do(agent, "petition.create", "the-one-intent", **given)
        again = await house.do(agent, "petition.create", "the-one-intent", **given)
        assert again == first
        assert len(await rows(house, petitions)) == 1
        with pytest.raises(Conflict) as refused:
            await house.do(agent, "petition.create", "the-one-intent", **{**given, "beneficiaries": 2})
        assert refused.value.code == "client_id_reused"


async def test_two_hundred_at_once_get_two_hundred_folios_without_a_gap(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        made: list[str] = []

        async def register(number: int) -> None:
            given = form(medium="phone", subject=f"Bache número {number} en la calle", despite_duplicates=True)
            if number % 5 == 0:  # refused ones between them burn no number
                with pytest.raises(Invalid):
                    await house.do(agent, "petition.create", f"refused-{number:04d}", **{**given, "subject": "corto"})
            answer: Answer = await house.do(agent, "petition.create", f"register-{number:04d}", **given)
            made.append(answer["petition"]["folio"])

        async with anyio.create_task_group() as tasks:
            for number in range(200):
                tasks.start_soon(register, number)
        assert sorted(made) == [f"CEAC-2026-{number:06d}" for number in range(1, 201)]
        (year,) = await rows(house, folio_years)
        assert (year.year, year.last) == (2026, 200)


async def test_two_nodes_issue_folios_without_a_gap(postgres_database_url: str) -> None:
    async with open_house(postgres_database_url) as one, open_house(postgres_database_url, node=1) as other:
        agents = [await one.staff("ana"), await other.staff("beto")]

        async def register(house: TestHouse, agent: int, number: int) -> None:
            given = form(medium="phone", subject=f"Bache número {number} en la calle", despite_duplicates=True)
            if number % 4 == 0:
                with pytest.raises(Invalid):
                    await house.do(agents[agent], "petition.create", **{**given, "category": "ZZ99"})
            await house.do(agents[agent], "petition.create", f"register-{number:04d}", **given)

        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(register, (one, other)[number % 2], number % 2, number)
        numbers = sorted(row.number for row in await rows(one, petitions))
        assert numbers == list(range(1, 41))


async def test_a_retry_on_another_node_gets_the_same_folio(postgres_database_url: str) -> None:
    async with open_house(postgres_database_url) as one, open_house(postgres_database_url, node=1) as other:
        agent = await one.staff("ana")
        answers: list[Answer] = []

        async def register(house: TestHouse) -> None:
            answers.append(await house.do(agent, "petition.create", "the-one-intent", **form(medium="phone")))

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(register, one)
                tasks.start_soon(register, other)
        assert {answer["petition"]["folio"] for answer in answers} == {"CEAC-2026-000001"}
        assert len(await rows(one, petitions)) == 1


async def test_the_year_rolls_at_midnight_in_hermosillo(database_url: str) -> None:
    clock = ManualClock(datetime(2027, 1, 1, 6, 59, 59, tzinfo=UTC))
    async with open_house(database_url, clock=clock) as house:
        agent = await house.staff("ana", state=None)
        old = await house.do(agent, "petition.create", **form(medium="phone"))
        clock.advance(1)
        new = await house.do(agent, "petition.create", **form(medium="phone", despite_duplicates=True))
        assert old["petition"]["folio"] == "CEAC-2026-000001"
        assert new["petition"]["folio"] == "CEAC-2027-000001"


async def test_what_is_missing_is_said_by_field_and_nothing_is_half_written(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        with pytest.raises(Invalid) as refused:
            await house.do(
                agent,
                "petition.create",
                interaction_id=conversation,
                **form(subject="corto", municipality="", requester={"names": "María"}, category="NOPE"),
            )
        assert refused.value.data["fields"] == {
            "subject": "too_short",
            "municipality": "required",
            "category": "unknown",
            "requester.phone": "required",
        }
        for table in (petitions, citizens, folio_years, follow_ups):
            assert await rows(house, table) == []


async def test_each_kind_asks_for_its_own_fields(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        given = form(kind="civil_registry", category="RC01", medium="phone", sensitive_consent=True)
        with pytest.raises(Invalid) as refused:
            await house.do(agent, "petition.create", **given)
        assert set(refused.value.data["fields"]) == {
            "extra.act",
            "extra.name_on_record",
            "extra.record_date",
            "extra.record_place",
        }
        extra = {
            "act": "birth",
            "name_on_record": "María Ejemplo Uno",
            "record_date": "1980-01-01",
            "record_place": "Nogales",
        }
        made = await house.do(agent, "petition.create", **given, extra=extra)
        assert made["petition"]["extra"] == extra


async def test_a_likely_duplicate_is_shown_before_a_folio_is_issued(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        first = await house.do(agent, "petition.create", **form(medium="phone"))
        house.clock.advance(86_400)
        with pytest.raises(Conflict) as refused:
            await house.do(agent, "petition.create", **form(medium="phone"))
        assert refused.value.code == "possible_duplicates"
        (row,) = refused.value.data["rows"]
        assert row["folio"] == first["petition"]["folio"]
        assert row["reasons"][0] == "same_phone" and row["score"] > 50
        made = await house.do(agent, "petition.create", **form(medium="phone", despite_duplicates=True))
        assert made["petition"]["folio"] == "CEAC-2026-000002"


async def test_a_place_to_be_settled_goes_to_verification(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        made = await house.do(agent, "petition.create", **form(medium="phone", locality=None))
        assert made["petition"]["state"] == "verifying"


async def test_people_abroad_are_registered_outside_sonora(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        given = form(medium="phone", municipality="00000", locality=None, outside_place="Tucson, Arizona")
        made = await house.do(agent, "petition.create", **given)
        assert (made["petition"]["state"], made["petition"]["dependency"]) == ("registered", None)


async def test_hidden_values_are_filled_in_from_the_person_the_office_knows(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        saved = await house.do(agent, "citizen.save", conversation_id=conversation, names="María", phone="6620000001")
        given = form(requester={"names": "María", "phone": "662 ••• •001"})
        made = (await house.do(agent, "petition.create", interaction_id=conversation, **given))["petition"]
        assert made["citizen"] == saved["citizen"]["id"]
        (row,) = await rows(house, petitions)
        assert row.phone == "+526620000001"
        assert len(await rows(house, citizens)) == 1


async def test_somebody_else_who_asks_does_not_inherit_the_persons_data(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        await house.do(agent, "citizen.save", conversation_id=conversation, names="María", phone="6620000001")
        given = form(requester={"names": "Juan", "phone": "6440000002"})
        await house.do(agent, "petition.create", interaction_id=conversation, **given)
        (row,) = await rows(house, petitions)
        assert row.requester == {"names": "Juan", "phone": "+526440000002"}


async def test_a_petition_reaches_the_open_thread_as_an_event(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        from contact_center.live.snapshot import face_of
        from contact_center.rules import events

        ear = house.watch(face_of(agent), events.thread(conversation), events.user(agent.id))
        made = await house.do(agent, "petition.create", interaction_id=conversation, **form())
        await house.settle()
        seen = [one for one in ear.events if one["type"] == "petition.changed"]
        assert [one["petition"]["folio"] for one in seen] == [made["petition"]["folio"]]
        assert seen[0]["interaction"] == conversation
        said = [one["message"] for one in ear.events if one["type"] == "message.added"]
        assert said[-1]["code"] == "folio_issued"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> en la calle",
        '=HYPERLINK("http://x","ok") bache',
        "{{7*7}} ${7*7} <%=7*7%> bache",
        "'; DROP TABLE petitions; -- bache",
        "José con e\u0301 compuesta en la calle",
    ],
)
async def test_hostile_words_are_stored_as_words(sqlite_database_url: str, text: str) -> None:
    async with open_house(sqlite_database_url) as house:
        agent = await house.staff("ana")
        made = await house.do(agent, "petition.create", **form(medium="phone", subject=text, description=text * 3))
        import unicodedata

        assert made["petition"]["subject"] == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", ["\u200b\u200b" * 20, "   \t  " * 10, "a\u0000b bache en la calle", "x" * 30_000])
async def test_words_that_cannot_be_carried_are_refused(sqlite_database_url: str, text: str) -> None:
    async with open_house(sqlite_database_url) as house:
        agent = await house.staff("ana")
        with pytest.raises(Invalid) as refused:
            await house.do(agent, "petition.create", **form(medium="phone", description=text))
        assert set(refused.value.data["fields"]) == {"description"}
        async with house.db.read() as conn:
            assert (await conn.execute(select(func.count()).select_from(petitions))).scalar_one() == 0
