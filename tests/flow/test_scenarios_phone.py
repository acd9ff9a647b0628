"""The telephone scenarios of the office, whole, through the doors that agents use: E02, E04, E07, E10, E12, E18."""

from typing import Any

from sqlalchemy import select

from contact_center.rules.model import Role
from contact_center.store import petition_facts
from contact_center.store.schema import callbacks, calls, follow_ups, interactions, petitions, work_items
from tests.support.house import TestHouse, open_house
from tests.support.signed_in import Desk, closing, desk


async def rows(house: TestHouse, table: Any, *where: Any) -> list[Any]:
    async with house.db.read() as conn:
        return list((await conn.execute(select(table).where(*where))).all())


async def agent(house: TestHouse, name: str = "ana") -> Desk:
    one = await desk(house, name)
    await one.must("agent.set_state", state="available")
    return one


async def rings(house: TestHouse, one: Desk, number: str, said: str) -> dict[str, Any]:
    """A call comes in and its first words are noted as they were said; return its item."""
    made = await one.must("call.start", direction="inbound", number=number)
    item = await house.item(made["item"]["id"])
    await one.must("conversation.note", conversation_id=item["conversation"], text=said)
    return item


async def hang_up(house: TestHouse, one: Desk, item: dict[str, Any], **capture: Any) -> None:
    house.clock.advance(240)
    await one.must("call.mark", item_id=item["id"], epoch=item["epoch"], what="ended")
    item = await house.item(item["id"])
    await one.must("work.finish", item_id=item["id"], epoch=item["epoch"], **capture)


async def contact_of(house: TestHouse, item: dict[str, Any]) -> Any:
    (row,) = await rows(house, interactions, interactions.c.id == item["interaction"])
    return row


async def petition(one: Desk, folio: str) -> dict[str, Any]:
    answer = await one.get(f"/api/v1/petitions/{folio}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(one: Desk, register: str, **query: Any) -> list[dict[str, Any]]:
    answer = await one.get(f"/api/v1/registers/{register}", params={"period": "week", **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def about(number: str, names: str, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "petition",
        "municipality": "26018",
        "locality": "Comunidad Prueba",
        "requester": {"names": names, "phone": number, "address": "Calle Ejemplo 12"},
        **fields,
    }


async def test_e02_no_water_goes_to_the_water_board_with_a_copy_to_the_town_hall(
    database_url: str,
) -> None:
    async with open_house(database_url) as house:
        ana, head = await agent(house), await desk(house, "dora", Role.coordination)
        async with closing(ana, head):
            item = await rings(house, ana, "6440000002", "Llevamos cuatro días sin agua y hay niños y personas grandes")
            await ana.must("conversation.flag", conversation_id=item["conversation"], flag="vulnerable_group", on=True)
            water = about(
                "6440000002",
                "Juan Prueba Dos",
                category="AG01",
                subject="Cuatro días sin agua potable",
                description="Llevan cuatro días sin agua; reportaron al organismo operador y nadie va.",
                beneficiaries=20,
                external_reference="1234",
            )
            made = await ana.must("petition.create", interaction_id=item["interaction"], **water)
            folio = made["petition"]["folio"]
            await hang_up(house, ana, item, disposition="petition_registered")
            await head.must("petition.move", folio=folio, version=1, event="classify")
            refer = {"folio": folio, "version": 2, "event": "refer", "dependency": "OOMAPASC", "copies": ["MUN-26018"]}
            refused = await head.command("petition.move", **refer)
            assert refused.json()["error"]["fields"] == {"document": "required"}
            await head.must("petition.move", **refer, document="CEAC/OF/0123/2026")
            found = await petition(head, folio)
            shown = found["petition"]
            assert (shown["state"], shown["dependency"], shown["copies"]) == ("referred", "OOMAPASC", ["MUN-26018"])
            assert (shown["priority"], shown["beneficiaries"], shown["external_reference"]) == ("high", 20, "1234")
            assert (shown["medium"], shown["category"], shown["municipality"]) == ("phone", "AG01", "26018")
            assert "con copia a H. Ayuntamiento de Cajeme" in found["follow_ups"][-1]["text"]
            contact = await contact_of(house, item)
            assert (contact.state, contact.flags) == ("captured", ["vulnerable_group"])
            (row,) = await listed(head, "calls", direction="inbound", topic="AG01")
            assert (row["folios"], row["result"], row["length_s"]) == ([folio], "completed", 240)


async def test_e04_a_prescription_that_is_missing_is_asked_for_unless_it_comes(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await agent(house)
        async with closing(ana):
            item = await rings(house, ana, "6220000004", "A mi papá le recetaron insulina y en la clínica no hay")
            support = about(
                "6220000004",
                "Rosa Ensayo Cuatro",
                kind="support",
                category="SA01",
                municipality="26029",
                subject="Apoyo para insulina",
                description="Pide apoyo para comprar la insulina de su papá; enviará la receta.",
                extra={"dependants": "3", "support_type": "Medicamento"},
            )
            refused = await ana.command("petition.create", interaction_id=item["interaction"], **support)
            assert refused.json()["error"]["fields"] == {"sensitive_consent": "required"}
            agreed = {**support, "sensitive_consent": True}
            made = await ana.must("petition.create", interaction_id=item["interaction"], **agreed)
            folio = made["petition"]["folio"]
            await ana.must("conversation.flag", conversation_id=item["conversation"], flag="document_pending", on=True)
            await ana.must(
                "petition.move", folio=folio, version=1, event="ask_data", note="Falta la receta médica", call_in_days=2
            )
            await hang_up(house, ana, item, disposition="petition_registered")
            assert (await petition(ana, folio))["petition"]["state"] == "verifying"
            async with house.db.read() as conn:
                (consent,) = await petition_facts.consents_of(conn, folio)
            assert (consent.kind, consent.channel, consent.by_user) == ("sensitive_data", "phone", ana.actor.id)
            assert set((await contact_of(house, item)).flags) == {"sensitive_data", "document_pending"}
            (task,) = await rows(house, callbacks)
            assert (task.reason, task.folio, task.number) == ("ask", folio, "+526220000004")
            assert [one["text"] for one in task.questions] == ["Falta la receta médica"]
            assert (task.due_at - house.clock.now()).days in (1, 2)  # Thursday at eight, two working days on
            (pending,) = await listed(ana, "requests", kind="ask")
            assert (pending["result"], pending["folio"]) == ("pending", folio)
            await ana.must("petition.move", folio=folio, version=2, event="complete_data")
            (task,) = await rows(house, callbacks)
            assert task.state == "cancelled"


async def test_e07_a_complaint_is_hidden_from_colleagues_and_never_goes_to_whom_it_is_about(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await agent(house), await agent(house, "berta")
        sofia = await desk(house, "sofia", Role.supervisor)
        head = await desk(house, "dora", Role.coordination)
        async with closing(ana, berta, sofia, head):
            item = await rings(house, ana, "6420000005", "En la oficina de licencias me pidieron dinero por fuera")
            facts = {
                "facts": "Le pidieron dinero.",
                "place": "Licencias",
                "date": "2026-11-20",
                "dependency": "Licencias",
            }
            complaint = about(
                "6420000005",
                "Pedro Muestra Cinco",
                kind="complaint",
                category="GA01",
                municipality="26042",
                subject="Queja por cobro indebido",
                description="En la oficina de licencias lo trataron mal y le pidieron dinero.",
                extra=facts,
                accused_dependency="SH",
                sensitive_consent=True,
            )
            made = await ana.must("petition.create", interaction_id=item["interaction"], **complaint)
            folio = made["petition"]["folio"]
            await hang_up(house, ana, item, disposition="petition_registered")
            nobody = {**complaint, "requester": {"anonymous": True}, "sensitive_consent": False}
            anonymous = await ana.must("petition.create", **nobody, medium="phone", despite_duplicates=True)
            assert anonymous["petition"]["requester"]["names"] is None
            assert (await berta.get(f"/api/v1/petitions/{folio}")).status_code == 404
            assert "Pedro" not in (await berta.get("/api/v1/petitions")).text
            assert await listed(berta, "calls") == []
            assert (await berta.get(f"/api/v1/interactions/{item['interaction']}")).status_code == 404
            seen = (await petition(sofia, folio))["petition"]
            assert (seen["confidential"], seen["dependency"]) == (True, "SABG")
            assert seen["requester"]["names"] == "Pedro Muestra Cinco"
            assert (await listed(sofia, "calls"))[0]["label"] is None
            await head.must("petition.move", folio=folio, version=1, event="classify")
            refer = {"folio": folio, "version": 2, "event": "refer", "document": "CEAC/OF/0124/2026"}
            for wrong, field in (
                ({"dependency": "SH"}, "dependency"),
                ({"dependency": "SABG", "copies": ["SH"]}, "copies"),
            ):
                refused = await head.command("petition.move", **refer, **wrong)
                assert refused.json()["error"]["fields"] == {field: "accused"}
            await head.must("petition.move", **refer, dependency="SABG")
            assert (await petition(head, folio))["petition"]["state"] == "referred"
            assert (await contact_of(house, item)).restricted


async def test_e10_who_speaks_yaqui_is_called_back_with_an_interpreter(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await agent(house)
        async with closing(ana):
            words = "Lios enchim aniabu… sí, yaqui"
            item = await rings(house, ana, "6430000008", words)
            where = {"conversation_id": item["conversation"]}
            await ana.must("citizen.save", **where, names="Hablante", language="yaqui", phone="6430000008")
            await ana.must("conversation.flag", **where, flag="interpreter", on=True)
            asks = about(
                "6430000008",
                "Hablante",
                category="PI01",
                locality=None,
                subject="Llamada de una persona que habla yaqui",
                description=f"Palabras de la persona, sin traducir: {words}",
                sensitive_consent=True,
            )
            made = await ana.must("petition.create", interaction_id=item["interaction"], **asks)
            folio = made["petition"]["folio"]
            due = int(house.clock.now().timestamp() * 1000) + 3_600_000
            promise = {
                "reason": "other",
                "due_at": due,
                "folio": folio,
                "note": "Intérprete de yaqui: coordinar con CEDIS",
            }
            made = await ana.must("callback.plan", **promise, interaction_id=item["interaction"], number="6430000008")
            await hang_up(house, ana, item, disposition="petition_registered")
            shown = (await petition(ana, folio))["petition"]
            assert (shown["state"], shown["area"], shown["category"]) == ("verifying", "03.07.02.01", "PI01")
            assert shown["description"].endswith(words)
            (task,) = await rows(house, work_items, work_items.c.interaction_id == made["callback"]["id"])
            assert task.language == "yaqui" and "interpreter" in task.flags
            (kept,) = await rows(house, callbacks)
            assert kept.note == "Intérprete de yaqui: coordinar con CEDIS"
            assert "interpreter" in (await contact_of(house, item)).flags


async def test_e12_an_older_person_is_given_guidance_without_a_folio(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await agent(house)
        async with closing(ana):
            item = await rings(house, ana, "6620000010", "Quiero saber de mi pensión, no me ha llegado la tarjeta")
            where = {"conversation_id": item["conversation"]}
            saved = await ana.must(
                "citizen.save", **where, names="José", first_surname="Ejemplo", contact_preference="voice"
            )
            await ana.must("conversation.flag", **where, flag="older_adult", on=True)
            reference = (await ana.get("/api/v1/reference")).json()
            topic = next(one for one in reference["categories"] if one["code"] == "AS07")
            body = next(one for one in reference["dependencies"] if one["id"] == topic["dependency"])
            assert body["level"] == "federal"
            told = f"Se le orientó con los datos de {body['name']}."
            await hang_up(house, ana, item, disposition="oriented", topic="AS07", note=told)
            contact = await contact_of(house, item)
            assert (contact.state, contact.disposition, contact.topic) == ("captured", "oriented", "AS07")
            assert (contact.no_petition_reason, contact.flags) == ("orientation_only", ["older_adult"])
            assert await rows(house, petitions) == []
            assert saved["citizen"]["contact_preference"] == "voice"
            (row,) = await listed(ana, "calls", topic="AS07", folio="no")
            assert (row["disposition"], row["topic"]) == ("oriented", "AS07")


async def test_e18_an_informative_call_asks_who_speaks_and_leaves_a_follow_up(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, sofia = await agent(house), await desk(house, "sofia", Role.supervisor)
        async with closing(ana, sofia):
            support = about(
                "6220000004",
                "Rosa Ensayo Cuatro",
                kind="support",
                category="SA01",
                municipality="26029",
                subject="Apoyo para insulina",
                description="Pide apoyo para comprar la insulina de su papá.",
                extra={"dependants": "3", "support_type": "Medicamento"},
                medium="phone",
                sensitive_consent=True,
            )
            folio = (await ana.must("petition.create", **support))["petition"]["folio"]
            due = int(house.clock.now().timestamp() * 1000)
            without = await ana.command("callback.plan", reason="inform", due_at=due, number="6220000004")
            assert without.json()["error"]["fields"] == {"folio": "required"}
            made = await sofia.must("callback.plan", reason="inform", due_at=due, folio=folio)
            task = made["callback"]["item"]
            await ana.must("work.take", item_id=task)
            item = await house.item(task)
            await ana.must("call.start", direction="outbound", item_id=task)
            await ana.must("call.mark", item_id=task, epoch=item["epoch"], what="answered")
            house.clock.advance(90)
            await ana.must("call.mark", item_id=task, epoch=item["epoch"], what="ended")
            said = {"disposition": "status_given", "note": "Su solicitud fue aprobada; le indicarán fecha de entrega."}
            item = await house.item(task)
            refused = await ana.command("work.finish", item_id=task, epoch=item["epoch"], **said)
            assert refused.json()["error"]["fields"] == {"identity": "required"}
            held = {"item_id": task, "epoch": item["epoch"]}
            await ana.must("callback.outcome", **held, outcome="reached", identity=True)
            item = await house.item(task)
            await ana.must("work.finish", item_id=task, epoch=item["epoch"], **said)
            (call,) = await rows(house, calls)
            assert (call.purpose, call.direction, call.folio) == ("inform", "outbound", folio)
            told = await rows(house, follow_ups, follow_ups.c.kind == "call_informed")
            assert [one.interaction_id for one in told] == [item["interaction"]]
            links = (await petition(ana, folio))["interactions"]
            assert [(one["interaction"], one["relation"]) for one in links] == [(item["interaction"], "linked")]
            (row,) = await listed(sofia, "requests", kind="inform", result="reached")
            assert (row["folio"], row["attempts"], row["agent"], row["days"]) == (folio, 1, ana.actor.id, 0)
            assert row["told"]
            (made_call,) = await listed(sofia, "calls", purpose="inform")
            assert (made_call["folios"], made_call["outcome"], made_call["capture"]) == ([folio], "reached", "captured")
