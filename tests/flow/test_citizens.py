"""People: data masked and versioned, likenesses suggested, merges undone to the letter, looks recorded."""

from typing import Any

import anyio
import pytest

from contact_center.errors import Conflict, Denied, Invalid, Missing
from contact_center.rules.model import Role
from contact_center.store.schema import access_log, citizen_merges, citizens, interactions, petitions
from tests.support.house import open_house
from tests.support.registering import browser, form, held, rows


async def test_a_person_is_kept_normalised_and_shown_masked(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        saved = await house.do(
            agent,
            "citizen.save",
            conversation_id=conversation,
            names="María",
            first_surname="Peñúñuri",
            phone="+52 1 662 000 0001",
            email="Maria@Example.org",
            curp="PUEU800101MSRRJN02",
            municipality="26030",
            address="Calle Ejemplo 12",
        )
        view = saved["citizen"]
        assert (view["phone"], view["phone_last4"]) == ("662 ••• •001", "0001")
        assert (view["email"], view["curp"][:2], view["address"]) == ("m•••@example.org", "PU", "••••")
        assert saved["warnings"] == {}
        (row,) = await rows(house, citizens)
        assert (row.phone, row.email, row.folded) == ("+526620000001", "maria@example.org", "maria penunuri")
        (contact,) = await rows(house, interactions)
        assert contact.citizen_id == row.id
        assert (await house.item(item["id"]))["label"] == "María P."


async def test_a_wrong_check_digit_warns_and_a_wrong_form_is_refused(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        saved = await house.do(agent, "citizen.save", names="María", curp="PUEU800101MSRRJN03")
        assert saved["warnings"] == {"curp": "check_digit"}
        with pytest.raises(Invalid) as refused:
            await house.do(
                agent,
                "citizen.save",
                names="\u200b",
                curp="NO-ES",
                phone="12",
                email="x",
                municipality="99999",
                sex="Q",
            )
        assert refused.value.data["fields"] == {
            "names": "empty",
            "curp": "curp",
            "phone": "phone",
            "email": "email",
            "municipality": "unknown",
            "sex": "unknown",
        }


async def test_a_change_needs_the_version_that_was_seen(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        person = (await house.do(agent, "citizen.save", names="María", phone="6620000001"))["citizen"]
        given = {"citizen_id": person["id"], "version": 1}
        changed = (await house.do(agent, "citizen.save", **given, phone="662 ••• •001", locality="Bahía de Kino"))[
            "citizen"
        ]
        assert (changed["version"], changed["locality"]) == (2, "Bahía de Kino")
        (row,) = await rows(house, citizens)
        assert row.phone == "+526620000001"  # a masked value that comes back is not a new one
        with pytest.raises(Conflict) as refused:
            await house.do(agent, "citizen.save", **given, locality="Otra")
        assert refused.value.code == "changed_meanwhile"
        cleared = await house.do(agent, "citizen.save", citizen_id=person["id"], version=2, phone=None)
        assert cleared["citizen"]["phone"] is None


async def test_unknown_fields_are_never_taken(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        agent = await house.staff("ana")
        async with browser(house, agent) as console:
            for field in ("merged_into", "id", "created_at", "folded"):
                body = {"client_id": f"mass-assign-{field}", "names": "María", field: "x"}
                assert (await console.post("/api/v1/commands/citizen.save", json=body)).status_code == 422
        assert await rows(house, citizens) == []


async def test_a_merge_is_undone_to_the_letter(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        one = (await house.do(agent, "citizen.save", names="María", phone="6620000001", conversation_id=conversation))[
            "citizen"
        ]
        await house.do(agent, "petition.create", interaction_id=conversation, **form())
        other = (await house.do(agent, "citizen.save", names="Mari", email="m@example.org"))["citizen"]

        def facts(found: list[Any]) -> list[dict[str, Any]]:
            return sorted(
                ({k: v for k, v in row._mapping.items() if k != "updated_at"} for row in found),
                key=lambda row: str(row),
            )

        tables = (citizens, interactions, petitions)
        before = [facts(await rows(house, table)) for table in tables]
        kept = (await house.do(agent, "citizen.merge", keep_id=other["id"], merge_id=one["id"]))["citizen"]
        assert kept["id"] == other["id"] and kept["names"] == "Mari"
        async with browser(house, agent) as console:
            file = (await console.get(f"/api/v1/citizens/{one['id']}")).json()
        assert file["citizen"]["id"] == other["id"]
        assert [row["folio"] for row in file["petitions"]] == ["CEAC-2026-000001"]
        assert [row["id"] for row in file["contacts"]] == [conversation]
        assert {("phone", "662 ••• •001"), ("email", "m•••@example.org")} <= {
            (one_["channel"], one_["address"]) for one_ in file["identities"]
        }
        await house.do(agent, "citizen.unmerge", merge_id=one["id"])
        assert [facts(await rows(house, table)) for table in tables] == before
        (record,) = await rows(house, citizen_merges)
        assert (record.kept_id, record.merged_id, record.by_user) == (other["id"], one["id"], agent.id)
        assert record.undone_at == house.clock.now()
        with pytest.raises(Conflict):
            await house.do(agent, "citizen.unmerge", merge_id=one["id"])


async def test_merges_that_would_make_a_circle_are_refused(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        ids = [(await house.do(agent, "citizen.save", names=name))["citizen"]["id"] for name in ("Ana", "Eva", "Luz")]
        outcomes: list[str] = []

        async def merge(keep: str, other: str) -> None:
            try:
                await house.do(agent, "citizen.merge", keep_id=keep, merge_id=other)
            except Conflict as error:
                outcomes.append(error.code)
            else:
                outcomes.append("merged")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(merge, ids[0], ids[1])
            tasks.start_soon(merge, ids[1], ids[0])
        assert sorted(outcomes) == ["already_merged", "merged"]
        root = next(row.id for row in await rows(house, citizens) if row.merged_into is None and row.id != ids[2])
        await house.do(agent, "citizen.merge", keep_id=ids[2], merge_id=root)
        async with browser(house, agent) as console:
            for one in ids:
                assert (await console.get(f"/api/v1/citizens/{one}")).json()["citizen"]["id"] == ids[2]
        with pytest.raises(Invalid):
            await house.do(agent, "citizen.merge", keep_id=ids[2], merge_id=ids[2])


async def test_a_likeness_is_suggested_with_reasons_until_it_is_dismissed(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        one = (await house.do(agent, "citizen.save", names="María Ejemplo", phone="6620000001"))["citizen"]
        twin = (await house.do(agent, "citizen.save", names="Maria Ejemplo", phone="6620000001"))["citizen"]
        await house.do(agent, "citizen.save", names="Pedro Muestra", phone="6420000005")
        async with browser(house, agent) as console:
            found = (await console.get(f"/api/v1/citizens/{one['id']}")).json()["suggestions"]
            assert [row["citizen"]["id"] for row in found] == [twin["id"]]
            assert "phone" in found[0]["reasons"] and found[0]["citizen"]["phone"] == "662 ••• •001"
            assert all(row.merged_into is None for row in await rows(house, citizens))
            for _ in range(2):
                await house.do(agent, "citizen.dismiss_match", citizen_id=twin["id"], other_id=one["id"])
            assert (await console.get(f"/api/v1/citizens/{one['id']}")).json()["suggestions"] == []


async def test_hidden_data_are_shown_to_who_works_on_the_case_and_the_look_is_recorded(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        saved = await house.do(agent, "citizen.save", conversation_id=conversation, names="María", phone="6620000001")
        given = {"citizen_id": saved["citizen"]["id"], "field": "phone", "reason": "Devolver la llamada"}
        shown = await house.do(agent, "citizen.reveal", **given)
        assert shown == {"value": "+526620000001"}
        other = await house.staff("beto")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        with pytest.raises(Denied):
            await house.do(other, "citizen.reveal", **given)
        with pytest.raises(Invalid):
            await house.do(agent, "citizen.reveal", **{**given, "reason": " "})
        with pytest.raises(Invalid):
            await house.do(agent, "citizen.reveal", **{**given, "field": "folded"})
        await house.do(boss, "citizen.reveal", **given)
        looks = await rows(house, access_log, access_log.c.action == "citizen.reveal.phone")
        assert [(one.actor, one.reason) for one in looks] == [
            (f"staff:{agent.id}", "Devolver la llamada"),
            (f"staff:{boss.id}", "Devolver la llamada"),
        ]


async def test_who_asked_not_to_be_contacted_stays_so_until_a_supervisor_lifts_it(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        person = (await house.do(agent, "citizen.save", names="Rosa", do_not_contact=True))["citizen"]
        given = {"citizen_id": person["id"], "version": 1, "do_not_contact": False}
        with pytest.raises(Denied):
            await house.do(agent, "citizen.save", **given)
        assert not (await house.do(boss, "citizen.save", **given))["citizen"]["do_not_contact"]


async def test_whose_a_conversation_is_can_be_said_and_taken_back(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        person = (await house.do(agent, "citizen.save", names="María"))["citizen"]
        given = {"conversation_id": conversation, "citizen_id": person["id"]}
        assert (await house.do(agent, "conversation.identify", **given))["citizen"]["id"] == person["id"]
        other = await house.staff("beto")
        with pytest.raises(Missing):
            await house.do(other, "conversation.identify", **given)
        cleared = await house.do(agent, "conversation.identify", conversation_id=conversation, citizen_id=None)
        assert cleared == {"citizen": None}
        (contact,) = await rows(house, interactions)
        assert contact.citizen_id is None


async def test_a_persons_file_hides_what_the_reader_may_not_know(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        extra = {"facts": "Pidió dinero.", "place": "Oficina", "date": "2026-11-20", "dependency": "Licencias"}
        given = form(kind="complaint", category="GA01", extra=extra, sensitive_consent=True)
        made = await house.do(agent, "petition.create", interaction_id=conversation, **given)
        other = await house.staff("beto")
        systems = await house.staff("redes", Role.systems, state=None)
        path = f"/api/v1/citizens/{made['petition']['citizen']}"
        async with browser(house, agent) as console:
            mine = (await console.get(path)).json()
        async with browser(house, other) as console:
            theirs = (await console.get(path)).json()
        async with browser(house, systems) as console:
            assert (await console.get(path)).status_code == 403
        assert [row["folio"] for row in mine["petitions"]] == ["CEAC-2026-000001"]
        assert (theirs["petitions"], theirs["contacts"]) == ([], [])
        assert "Oficina" not in str(theirs) and "CEAC" not in str(theirs)
