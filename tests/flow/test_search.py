"""The register read over HTTP: lists, one petition whole, a first guess, search; each actor sees one's own world."""

from typing import Any

import pytest

from contact_center.rules.model import Role
from contact_center.store.schema import access_log
from contact_center.web.search import matches
from tests.support.house import TestHouse, open_house
from tests.support.registering import browser, form, held, phone_of, rows

SECRET = {"facts": "Pidió dinero por fuera.", "place": "Oficina", "date": "2026-11-20", "dependency": "Licencias"}


async def group(console: Any, query: str, kind: str) -> list[dict[str, Any]]:
    answer = await console.get("/api/v1/search", params={"q": query})
    assert answer.status_code == 200, answer.text
    return next((one["rows"] for one in answer.json()["groups"] if one["kind"] == kind), [])


async def stocked(house: TestHouse) -> tuple[Any, str]:
    """An agent's conversation with two petitions of one person, one of them confidential."""
    agent, _citizen, conversation, _item = await held(house)
    await house.do(agent, "petition.create", interaction_id=conversation, **form())
    secret = form(
        kind="complaint", category="GA01", extra=SECRET, sensitive_consent=True, subject="Queja por trato en ventanilla"
    )
    await house.do(agent, "petition.create", interaction_id=conversation, **secret)
    return agent, conversation


async def test_one_box_finds_a_folio_a_person_a_phone_and_words_of_a_subject(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, conversation = await stocked(house)
        await house.do(
            agent, "petition.create", **form(medium="phone", category="AG01", subject="Falta agua en la colonia")
        )
        async with browser(house, agent) as console:
            exact = await group(console, "ceac 2026 1", "petition")
            assert exact[0]["id"] == "CEAC-2026-000001"
            assert [row["id"] for row in await group(console, "AGUA colonía", "petition")] == ["CEAC-2026-000003"]
            (person, *_) = await group(console, "ejemplo maria", "citizen")
            assert person["title"] == "María Ejemplo Uno" and person["match"] == [[0, 5], [6, 13]]
            assert person["detail"] == "Hermosillo · 662 ••• •001"
            by_phone = await group(console, "662 000 0001", "citizen")
            assert person["id"] in [row["id"] for row in by_phone]
            assert len(await group(console, "6620000001", "petition")) == 3
            assert await group(console, "María", "conversation") == []  # restricted: it has no label
            assert await group(console, "%", "petition") == []
        assert conversation


async def test_search_shows_nobody_what_they_could_not_open(database_url: str) -> None:
    async with open_house(database_url) as house:
        _agent, _conversation = await stocked(house)
        other = await house.staff("beto")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        systems = await house.staff("redes", Role.systems, state=None)
        async with browser(house, other) as console:
            for query in ("CEAC-2026-000002", "trato en ventanilla", "6620000001"):
                assert "CEAC-2026-000002" not in [row["id"] for row in await group(console, query, "petition")]
        async with browser(house, boss) as console:
            assert [row["id"] for row in await group(console, "ventanilla", "petition")] == ["CEAC-2026-000002"]
        async with browser(house, systems) as console:
            assert (await console.get("/api/v1/search", params={"q": "María"})).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "%" * 100,
        "_" * 50,
        "' OR 1=1 --",
        'NEAR( " * ',
        "name; DROP TABLE petitions",
        "\\",
        "\u202e\u200bxx",
        "a" * 100,
        "🙂",
    ],
)
async def test_what_is_typed_is_only_ever_looked_for(sqlite_database_url: str, query: str) -> None:
    async with open_house(sqlite_database_url) as house:
        agent, _conversation = await stocked(house)
        async with browser(house, agent) as console:
            for path in ("search", "petitions", "interactions"):
                answer = await console.get(f"/api/v1/{path}", params={"q": query})
                assert answer.status_code == 200
                found = answer.json()
                assert found.get("groups", found.get("rows")) == [], path


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "-1"},
        {"limit": "1000000000"},
        {"limit": "1e309"},
        {"limit": "NaN"},
        {"sort": "name; DROP TABLE"},
        {"q": "a" * 101},
        {"after": "x" * 81},
        {"mine": '{"$gt":""}'},
    ],
)
async def test_a_list_refuses_what_it_does_not_know(sqlite_database_url: str, params: dict[str, str]) -> None:
    async with open_house(sqlite_database_url) as house:
        agent = await house.staff("ana")
        async with browser(house, agent) as console:
            assert (await console.get("/api/v1/petitions", params=params)).status_code == 422


async def test_pages_go_on_where_they_stopped_whatever_comes_in_between(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        for number in range(7):
            given = form(medium="phone", subject=f"Bache número {number} aquí", despite_duplicates=True)
            await house.do(agent, "petition.create", **given)
            house.clock.advance(number % 2)  # some of them in the same instant
        async with browser(house, agent) as console:
            seen, after = [], ""
            while True:
                page = (await console.get("/api/v1/petitions", params={"limit": 3, "after": after})).json()
                seen += [row["folio"] for row in page["rows"]]
                assert page["total"] >= 7
                await house.do(agent, "petition.create", **form(medium="phone", despite_duplicates=True))
                if page["next"] is None:
                    break
                after = page["next"]
        assert seen == [f"CEAC-2026-{number:06d}" for number in range(7, 0, -1)]


async def test_filters_narrow_and_counts_agree(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _conversation = await stocked(house)
        other = await house.staff("beto")
        await house.do(other, "petition.create", **form(medium="phone", category="AG01", municipality="26018"))
        async with browser(house, agent) as console:

            async def folios(**params: str) -> list[str]:
                answer = (await console.get("/api/v1/petitions", params=params)).json()
                assert answer["total"] == len(answer["rows"])
                return [row["folio"][-1] for row in answer["rows"]]

            assert await folios() == ["3", "2", "1"]
            assert await folios(mine="true") == ["2", "1"]
            assert await folios(category="AG01") == ["3"]
            assert await folios(municipality="26018", kind="petition") == ["3"]
            assert await folios(state="registered,analysing", kind="complaint") == ["2"]
            assert await folios(q="BACHE ejemplo") == ["3", "1"]
            assert await folios(overdue="1") == []
            house.clock.advance(60 * 86_400)
        async with browser(house, agent) as console:
            assert len((await console.get("/api/v1/petitions", params={"overdue": "1"})).json()["rows"]) == 3


async def test_a_petition_is_read_whole_and_a_confidential_one_leaves_a_trace(database_url: str) -> None:
    async with open_house(database_url) as house:
        _agent, conversation = await stocked(house)
        boss = await house.staff("jefa", Role.supervisor, state=None)
        other = await house.staff("beto")
        path = "/api/v1/petitions/CEAC-2026-000002"
        async with browser(house, boss) as console:
            found = (await console.get(path)).json()
        assert found["petition"]["requester"]["phone"] == "662 ••• •001"
        assert [one["kind"] for one in found["follow_ups"]] == ["registered"]
        assert [one["interaction"] for one in found["interactions"]] == [conversation]
        assert "classify" in found["moves"] and "petition.reassign" in found["can"]
        (trace,) = await rows(house, access_log, access_log.c.object_id == "CEAC-2026-000002")
        assert trace.actor == f"staff:{boss.id}"
        async with browser(house, other) as console:
            hidden, none = await console.get(path), await console.get("/api/v1/petitions/CEAC-2026-000999")
            assert (hidden.status_code, hidden.content) == (none.status_code, none.content) == (404, none.content)


async def test_a_first_guess_is_made_from_the_citizens_words(database_url: str) -> None:
    async with open_house(database_url) as house:
        text = "Buenos días, hay un bachezote en la calle Ejemplo en Hermosillo, mi cel es 662 000 0001"
        agent, _citizen, conversation, _item = await held(house, text=text)
        other = await house.staff("beto")
        async with browser(house, agent) as console:
            fields = (await console.get("/api/v1/petitions/prefill", params={"interaction": conversation})).json()[
                "fields"
            ]
        assert fields["category"]["value"] == "SP01" and "bache" in fields["category"]["reason"]
        assert fields["municipality"]["value"] == "26030"
        assert fields["requester.phone"]["value"] == "+526620000001"
        assert fields["requester.names"]["value"] == "María Ejemplo Uno"
        async with browser(house, other) as console:
            answer = await console.get("/api/v1/petitions/prefill", params={"interaction": conversation})
            assert answer.status_code == 404


async def test_likely_duplicates_are_told_before_the_form_is_sent(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _conversation = await stocked(house)
        params = {"phone": "6620000001", "category": "SP01", "municipality": "26030", "subject": "Bache en la calle"}
        async with browser(house, agent) as console:
            (row,) = (await console.get("/api/v1/petitions/duplicates", params=params)).json()["rows"]
            assert row["folio"] == "CEAC-2026-000001" and "same_phone" in row["reasons"]
            params["category"] = "AG01"
            assert (await console.get("/api/v1/petitions/duplicates", params=params)).json()["rows"] == []


async def test_contacts_are_listed_for_who_may_see_their_capture(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, conversation = await stocked(house)
        other = await house.staff("beto")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        async with browser(house, agent) as console:
            (row,) = (await console.get("/api/v1/interactions")).json()["rows"]
        assert (row["id"], row["label"], row["petitions"]) == (
            conversation,
            None,
            ["CEAC-2026-000001", "CEAC-2026-000002"],
        )
        async with browser(house, other) as console:
            assert (await console.get("/api/v1/interactions")).json() == {"rows": [], "next": None, "total": 0}
        async with browser(house, boss) as console:
            found = (await console.get("/api/v1/interactions", params={"capture": "pending", "agent": agent.id})).json()
            assert [one["id"] for one in found["rows"]] == [conversation]
            later = {"from": str(2**42)}
            assert (await console.get("/api/v1/interactions", params=later)).json()["rows"] == []


async def test_my_day_holds_my_own_figures(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        house.clock.advance(30)
        await house.do(agent, "conversation.reply", conversation_id=conversation, epoch=1, text="Con gusto")
        await house.do(agent, "petition.create", interaction_id=conversation, **form())
        house.clock.advance(60)
        await house.do(agent, "conversation.close", conversation_id=conversation, epoch=1, how="closed")
        house.clock.advance(30)
        await house.do(agent, "work.finish", item_id=item["id"], epoch=1, disposition="petition_registered")
        await house.do(agent, "agent.set_state", state="paused", reason="meal")
        house.clock.advance(600)
        async with browser(house, agent) as console:
            day = (await console.get("/api/v1/me/day")).json()
        figures = day["figures"]
        assert (figures["answered"], figures["messages"], figures["petitions_created"]) == (1, 1, 1)
        assert (figures["aht_s"], figures["first_reply_s"]) == (120, 30)
        assert (figures["captured"], figures["uncaptured"]) == (1, 0)
        assert figures["held_s"]["paused"] == 600 and figures["pauses_s"] == {"meal": 600}
        assert [one["state"] for one in day["timeline"]] == ["available", "paused"]
        other = await house.staff("beto")
        async with browser(house, other) as console:
            assert (await console.get("/api/v1/me/day")).json()["figures"]["answered"] == 0


async def test_the_survey_is_answered_once_and_only_when_it_is_due(database_url: str) -> None:
    async with open_house(database_url) as house, phone_of(house) as (phone, visitor):
        agent = await house.staff("ana")

        async def answer(client_id: str, **given: Any) -> tuple[int, str | None]:
            found = await phone.post("/api/v1/chat/survey", json={"client_id": client_id, **given})
            return found.status_code, found.json().get("error", {}).get("code")

        assert await answer("survey-0000", score=5) == (409, "survey_closed")
        conversation = (await house.do(visitor, "chat.send", text="Buenos días"))["conversation"]
        item = await house.take_first(agent)
        assert await answer("survey-0001", score=5) == (409, "survey_closed")
        await house.do(agent, "conversation.reply", conversation_id=conversation, epoch=item["epoch"], text="Con gusto")
        await house.do(agent, "conversation.close", conversation_id=conversation, epoch=item["epoch"], how="closed")
        assert await answer("survey-0002") == (400, "survey_empty")
        assert (await answer("survey-0003", score=9))[0] == 422
        assert await answer("survey-0004", score=5, resolved="partly", comment="<b>Bien</b>") == (200, None)
        assert await answer("survey-0004", score=5, resolved="partly", comment="<b>Bien</b>") == (200, None)
        assert await answer("survey-0005", score=1) == (409, "survey_closed")
        async with browser(house, agent) as console:
            (row,) = (await console.get("/api/v1/interactions")).json()["rows"]
        assert row["survey_score"] == 5


async def test_a_transcript_is_words_only_and_without_notes(database_url: str) -> None:
    async with open_house(database_url) as house, phone_of(house) as (phone, visitor):
        agent = await house.staff("ana")
        other = await house.staff("beto")
        evil = '<script>alert(1)</script> "><img src=x onerror=alert(1)> \u202egpj.exe'
        conversation = (await house.do(visitor, "chat.send", text=evil))["conversation"]
        await house.take_first(agent)
        await house.do(agent, "conversation.note", conversation_id=conversation, text="Nota que nadie más lee")
        page = await phone.get("/api/v1/chat/transcript")
        assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
        assert "attachment" in page.headers["content-disposition"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script>alert" not in page.text and "<img" not in page.text and "Nota que" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text and "<bdi>" in page.text
        path = f"/api/v1/conversations/{conversation}/transcript"
        async with browser(house, agent) as console:
            assert "Nota que" not in (await console.get(path)).text
        async with browser(house, other) as console:
            assert (await console.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("title", "words", "found"),
    [
        ("María Peñúñuri", ["penunuri"], [[6, 14]]),
        ("CEAC-2026-000001 · Bache", ["bache", "ceac"], [[0, 4], [19, 24]]),
        ("aaa", ["aa", "a"], [[0, 2]]),
        ("Straße", ["strasse"], [[0, 6]]),
        ("nada", ["x"], []),
    ],
)
def test_marks_stand_where_the_words_are(title: str, words: list[str], found: list[list[int]]) -> None:
    assert matches(title, words) == found
