"""A citizen asks about a folio: an answer for who knows both numbers, nothing at all for who guesses."""

from typing import Any

import pytest

from contact_center.actions import folio_query
from contact_center.actions.kernel import SYSTEM
from contact_center.errors import Missing, TooMany
from contact_center.rules.access import Actor
from contact_center.rules.folios import Folio
from contact_center.rules.model import ActorKind, Role
from contact_center.rules.options import Options
from contact_center.store.schema import follow_ups, interactions, petition_interactions, petitions, throttles
from tests.support.house import TestHouse, open_house
from tests.support.registering import form, phone_of, rows

MARIA_ASKS = Actor(kind=ActorKind.visitor, id="visitor-maria")


async def registered(house: TestHouse, **changes: Any) -> str:
    agent = await house.staff(f"registra{len(await rows(house, petitions))}", state=None)
    made = await house.do(agent, "petition.create", **form(medium="phone", despite_duplicates=True, **changes))
    folio: str = made["petition"]["folio"]
    return folio


async def ask(
    house: TestHouse,
    folio: str,
    last4: str,
    *,
    actor: Actor = SYSTEM,
    address: str | None = "192.0.2.7",
    known: bool = False,
) -> dict[str, Any]:
    return await folio_query.ask(house.writer, actor, folio=folio, last4=last4, address=address, known_visitor=known)


async def test_folio_and_digits_open_the_public_status_and_leave_a_follow_up(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        boss = await house.staff("jefa", Role.supervisor, state=None)
        await house.do(boss, "petition.follow_up", folio=folio, text="Una cuadrilla irá el lunes.", visible=True)
        await house.do(boss, "petition.follow_up", folio=folio, text="Falta personal.", visible=False)
        answer = await ask(house, "ceac 2026 1", "0001")
        assert answer["found"] and answer["folio"] == folio
        assert (answer["status"], answer["detail"]) == ("received", "Recibida")
        assert answer["last_public"] == "Una cuadrilla irá el lunes."
        assert "María" not in str(answer) and "Bache" not in str(answer)
        (asked,) = await rows(house, follow_ups, follow_ups.c.kind == "citizen_query")
        assert (asked.origin, asked.text, asked.visible) == ("citizen", "Consulta ciudadana", False)
        assert len(await rows(house, petitions)) == 1


async def test_each_state_is_told_in_the_citizens_words(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        told = {}
        for state in ("verifying", "referred", "following_up", "concluded_satisfactory"):
            async with house.db.write() as conn:
                await conn.execute(petitions.update().values(state=state))
            told[state] = (await ask(house, folio, "0001"))["detail"]
        assert told == {
            "verifying": "Necesitamos más información",
            "referred": "Turnada a H. Ayuntamiento de Hermosillo",
            "following_up": "En atención",
            "concluded_satisfactory": "Concluida",
        }


async def test_the_answer_is_the_same_for_a_wrong_digit_and_for_no_folio(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        nameless = await registered(house, kind="suggestion", category="GA02", requester={"anonymous": True})
        refusals = []
        for number, (given, last4) in enumerate(
            [(folio, "9999"), ("CEAC-2026-000999", "0001"), (nameless, ""), (nameless, "----"), ("no es folio", "0001")]
        ):
            with pytest.raises(Missing) as refused:
                await ask(house, given, last4, address=f"192.0.2.{number}")
            refusals.append(refused.value.as_json())
        assert refusals == [refusals[0]] * 5
        assert await rows(house, follow_ups, follow_ups.c.kind == "citizen_query") == []


@pytest.mark.parametrize("last4", ["1", "001", "00001", "٠٠٠١", "0001 ", "%", "0001' OR '1'='1"])
async def test_only_four_digits_count_as_four_digits(sqlite_database_url: str, last4: str) -> None:
    async with open_house(sqlite_database_url) as house:
        folio = await registered(house)
        if last4.strip() == "0001":
            assert (await ask(house, folio, last4))["found"]
        else:
            with pytest.raises(Missing):
                await ask(house, folio, last4)


async def test_three_misses_lock_who_asks_for_a_quarter_of_an_hour(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        for number in range(3):
            with pytest.raises(Missing):
                await ask(house, f"CEAC-2026-00090{number}", "0001")
        with pytest.raises(TooMany) as refused:
            await ask(house, folio, "0001")
        assert refused.value.data["retry_after_s"] == Options().folio_lock_s
        assert (await ask(house, folio, "0001", address="192.0.2.8"))["found"]
        house.clock.advance(Options().folio_lock_s + 1)
        assert (await ask(house, folio, "0001"))["found"]
        assert all("192.0.2" not in row.key and "CEAC" not in row.key for row in await rows(house, throttles))


async def test_a_folio_that_is_guessed_from_everywhere_is_locked_too(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        for number in range(3):
            with pytest.raises(Missing):
                await ask(house, folio, "9999", address=f"192.0.2.{number}")
        with pytest.raises(TooMany):
            await ask(house, folio, "0001", address="192.0.2.77")


async def test_a_visitor_is_locked_wherever_they_write_from_and_neighbours_are_not(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        for number in range(3):
            with pytest.raises(Missing):
                await ask(house, f"CEAC-2026-00090{number}", "0001", actor=MARIA_ASKS, known=True)
        with pytest.raises(TooMany):
            await ask(house, folio, "0001", actor=MARIA_ASKS, known=True, address="192.0.2.99")
        neighbour = Actor(kind=ActorKind.visitor, id="visitor-juan")
        assert (await ask(house, folio, "0001", actor=neighbour, known=True))["found"]


async def test_old_misses_are_forgotten_and_a_right_answer_clears_them(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        for _ in range(6):
            with pytest.raises(Missing):
                await ask(house, folio, "9999")
            house.clock.advance(Options().folio_lock_s + 1)
        for _ in range(4):
            for _ in range(2):
                with pytest.raises(Missing):
                    await ask(house, folio, "9999")
            assert (await ask(house, folio, "0001"))["found"]


async def test_the_door_says_404_429_and_nothing_else(database_url: str) -> None:
    async with open_house(database_url) as house, house.http() as client:
        folio = await registered(house)
        seen = []
        for _ in range(4):
            answer = await client.post("/api/v1/chat/folio", json={"folio": folio, "last4": "9999"})
            seen.append((answer.status_code, answer.json()["error"]["code"]))
        assert seen == [(404, "folio_not_found")] * 3 + [(429, "too_many")]
        assert int(answer.headers["retry-after"]) > 0
        forged = {"folio": folio, "last4": "0001", "address_key": "a:x"}
        assert (await client.post("/api/v1/chat/folio", json=forged)).status_code == 422


async def test_scenario_e05_is_answered_in_the_chat_by_the_house_itself(database_url: str) -> None:
    async with open_house(database_url) as house:
        folio = await registered(house)
        citizen = await house.visitor(name="María Ejemplo Uno")
        phone = house.watch_citizen(citizen)
        sent = await house.do(citizen, "chat.send", text="Hola, quiero saber cómo va mi folio")
        await house.do(citizen, "chat.send", text="CEAC-2026-000001, 0001")
        await house.settle()
        said = [one["message"] for one in phone.events if one["type"] == "message.added"]
        system = [one for one in said if one["author"]["kind"] == "system"]
        assert [one["code"] for one in system] == ["folio_ask", "folio_status"]
        assert folio in system[1]["text"] and "Recibida" in system[1]["text"] and "24/11/2026" in system[1]["text"]
        (link,) = await rows(house, petition_interactions)
        assert (link.interaction_id, link.relation) == (sent["conversation"], "queried")
        (asked,) = await rows(house, follow_ups, follow_ups.c.kind == "citizen_query")
        assert asked.interaction_id == sent["conversation"]
        await house.do(citizen, "chat.end")
        (contact,) = await rows(house, interactions)
        assert (contact.state, contact.disposition) == ("captured", "status_given")
        assert len(await rows(house, petitions)) == 1


async def test_folio_and_digits_may_come_one_after_the_other(database_url: str) -> None:
    async with open_house(database_url) as house:
        await registered(house)
        citizen = await house.visitor()
        phone = house.watch_citizen(citizen)
        for text in ("Mi folio es CEAC-2026-000001", "0001"):
            await house.do(citizen, "chat.send", text=text)
        await house.settle()
        codes = [one["message"]["code"] for one in phone.events if one["type"] == "message.added"]
        assert codes == [None, "folio_ask", None, "folio_status"]


async def test_who_cannot_answer_the_question_gets_a_person(database_url: str) -> None:
    async with open_house(database_url) as house:
        citizen = await house.visitor()
        agent = await house.staff("ana")
        await house.do(citizen, "chat.send", text="Quiero saber cómo va mi folio")
        await house.do(citizen, "chat.send", text="No lo tengo a la mano")
        item = await house.take_first(agent)
        assert item["state"] == "held"


async def test_a_guesser_in_the_chat_is_handed_to_a_person(database_url: str) -> None:
    async with open_house(database_url) as house:
        await registered(house)
        citizen = await house.visitor()
        agent = await house.staff("ana")
        for digits in ("9991", "9992", "9993", "0001"):
            await house.do(citizen, "chat.send", text=f"CEAC-2026-000001, {digits}")
        item = await house.take_first(agent)
        assert item["petitions"] == []
        assert await rows(house, petition_interactions) == []


async def test_a_found_question_is_noted_once_however_often_it_is_asked(database_url: str) -> None:
    async with open_house(database_url) as house, phone_of(house) as (phone, _visitor):
        folio = await registered(house)
        for _ in range(5):
            assert (await phone.post("/api/v1/chat/folio", json={"folio": folio, "last4": "0001"})).status_code == 200
        assert len(await rows(house, follow_ups, follow_ups.c.kind == "citizen_query")) == 1


@pytest.mark.parametrize("template", ["CEAC-{year}-{number:06d}", "CEAC-AAAA-NNNNNN", "PET/{year}/{number:04d}"])
def test_both_spellings_of_the_setting_make_a_format(template: str) -> None:
    fmt = folio_query.folio_format(Options(folio_template=template))
    found = fmt.read(fmt.write(Folio(2026, 123)))
    assert found == Folio(2026, 123)
