"""The office's own calls (scenarios E02, E04, E07, E10, E12, E18), from the first ring to the register."""

from typing import Any

import pytest
from sqlalchemy import select

from contact_center.errors import Invalid
from contact_center.rules.access import Actor
from contact_center.store.schema import callbacks, citizens, interactions, petition_interactions, petitions
from tests.support.phone import rows
from tests.support.registering import form
from tests.support.voice_house import PERSON, VoiceHouse, voice_house


async def attended(
    stage: VoiceHouse,
    ana: Actor,
    number: str,
    *,
    flags: tuple[str, ...] = (),
    call_later: dict[str, Any] | None = None,
    **petition: Any,
) -> tuple[dict[str, Any], Any]:
    """Take the call, write down what it is about, hang up and account for it; return the item and the contact."""
    leg = stage.sim.call_in(number, script=list(PERSON))
    await stage.time.settle()
    await stage.pass_(35)
    taken = await stage.house.take_first(ana)
    await stage.deliver()
    assert leg.together.is_set()
    item = await stage.house.item(taken["id"])
    for flag in flags:
        await stage.house.do(ana, "conversation.flag", conversation_id=item["conversation"], flag=flag, on=True)
    if petition:
        asked = form(interaction_id=item["conversation"], **petition)
        folio = (await stage.house.do(ana, "petition.create", **asked))["petition"]["folio"]
        if call_later is not None:
            promised = {"interaction_id": item["conversation"], "folio": folio, **call_later}
            await stage.house.do(ana, "callback.plan", **promised)
    await stage.pass_(90)
    await stage.house.do(ana, "call.mark", item_id=item["id"], epoch=item["epoch"], what="ended")
    await stage.deliver()
    how: dict[str, Any] = {"disposition": "petition_registered"}
    if not petition:
        how = {"disposition": "oriented", "topic": "AS07", "note": "Datos del programa federal"}
    await stage.house.do(ana, "work.finish", item_id=item["id"], epoch=item["epoch"], **how)
    row = await stage.row()
    assert (row.direction, row.state, row.number) == ("inbound", "completed", number)
    assert 85 <= row.talk_s <= 95
    (contact,) = await rows(stage.house, interactions, interactions.c.id == row.interaction_id)
    assert contact.state == "captured" and contact.wait_s is not None
    return item, contact


RECEIVED: dict[str, dict[str, Any]] = {
    "E02": {
        "number": "+526440000002",
        "petition": {
            "kind": "petition",
            "category": "AG01",
            "municipality": "26018",
            "locality": "Cajeme",
            "subject": "Cuatro días sin agua en la comunidad",
            "description": "Sin agua desde hace cuatro días; hay niñez y personas mayores. Reporte 1234 del organismo.",
            "beneficiaries": 20,
            "requester": {"names": "Juan", "first_surname": "Prueba", "second_surname": "Dos", "phone": "644 000 0002"},
        },
    },
    "E04": {
        "number": "+526220000004",
        "call_later": {"reason": "ask", "due_local": "2026-11-26T10:00", "questions": ("¿Ya tiene la receta?",)},
        "petition": {
            "kind": "support",
            "category": "SA01",
            "sensitive_consent": True,
            "municipality": "26029",
            "locality": "Guaymas",
            "subject": "Insulina para su papá",
            "description": "Le recetaron insulina y en la clínica no hay. Enviará la receta por WhatsApp.",
            "requester": {
                "names": "Rosa",
                "first_surname": "Ensayo",
                "second_surname": "Cuatro",
                "phone": "622 000 0004",
                "address": "Calle Muestra 4, Guaymas",
            },
            "extra": {"support_type": "Medicamento", "dependants": "1"},
        },
    },
    "E07": {
        "number": "+526420000005",
        "petition": {
            "kind": "complaint",
            "category": "GA01",
            "municipality": "26042",
            "locality": "Navojoa",
            "subject": "Le pidieron dinero en la oficina de licencias",
            "description": "En la oficina de licencias le trataron mal y le pidieron dinero por fuera.",
            "confidential": True,
            "requester": {"anonymous": True},
            "extra": {"facts": "Le pidieron dinero", "place": "Navojoa", "date": "2026-11-23", "body": "Licencias"},
        },
    },
    "E10": {
        "number": "+526430000008",
        "flags": ("language",),
        "call_later": {"reason": "return", "due_local": "2026-11-25T10:00", "note": "Con intérprete de yaqui (CEDIS)"},
        "petition": {
            "kind": "petition",
            "category": "PI01",
            "sensitive_consent": True,
            "municipality": "26030",
            "locality": "Hermosillo",
            "subject": "Pide atención en lengua yaqui",
            "description": "Habla yaqui y pocas palabras de español; se le devolverá la llamada con intérprete.",
            "requester": {"names": "Hablante", "first_surname": "Yaqui", "phone": "643 000 0008"},
        },
    },
    "E12": {"number": "+526620000010", "flags": ("older_adult",)},
}


@pytest.mark.parametrize("which", RECEIVED)
async def test_a_received_call_ends_in_the_register_as_the_office_says(sqlite_database_url: str, which: str) -> None:
    told = RECEIVED[which]
    async with voice_house(sqlite_database_url) as stage:
        ana, _device = await stage.agent("ana")
        more = {name: told[name] for name in ("flags", "call_later") if name in told}
        _item, contact = await attended(stage, ana, told["number"], **more, **told.get("petition", {}))
        assert set(told.get("flags", ())) <= set(contact.flags)
        async with stage.house.db.read() as conn:
            query = select(petitions).join(petition_interactions, petition_interactions.c.folio == petitions.c.folio)
            registered = list((await conn.execute(query)).all())
        if "petition" not in told:
            assert registered == [] and contact.disposition == "oriented"
            return
        (made,) = registered
        wanted = told["petition"]
        assert (made.category, made.municipality, made.medium) == (wanted["category"], wanted["municipality"], "phone")
        assert made.beneficiaries == wanted.get("beneficiaries", 1)
        promised = [(one.number, one.reason, one.folio, one.origin_id) for one in await rows(stage.house, callbacks)]
        later = told.get("call_later")
        assert promised == ([(told["number"], later["reason"], made.folio, contact.id)] if later else [])
        if which == "E07":
            assert made.confidential and contact.restricted
            assert await rows(stage.house, citizens) == []


async def test_e18_an_informative_call_is_made_about_a_folio_and_leaves_its_follow_up(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        ana, _device = await stage.agent("ana")
        told = RECEIVED["E04"]["petition"]
        made = await stage.house.do(ana, "petition.create", **form(medium="phone", **told))
        folio = made["petition"]["folio"]
        stage.sim.set_phone("+526220000004", answer_after_s=4)
        call = {"direction": "outbound", "purpose": "inform", "number": "+526220000004", "mode": "browser"}
        with pytest.raises(Invalid) as refused:
            await stage.house.do(ana, "call.start", **call)
        assert refused.value.data["fields"] == {"folio": "required"}
        begun = await stage.house.do(ana, "call.start", **call, folio=folio)
        await stage.deliver()
        await stage.pass_(60)
        item = await stage.house.item(begun["item"]["id"])
        assert item["call"]["state"] == "in_progress"
        note: dict[str, Any] = {"text": "Se le informó que su solicitud fue aprobada.", "visible": True}
        await stage.house.do(ana, "petition.follow_up", folio=folio, interaction_id=item["conversation"], **note)
        await stage.house.do(ana, "petition.link", folio=folio, interaction_id=item["conversation"])
        held = {"item_id": item["id"], "epoch": item["epoch"]}
        await stage.house.do(ana, "call.mark", **held, what="ended")
        await stage.deliver()
        await stage.house.do(ana, "work.finish", **held, disposition="status_given")
        row = await stage.row()
        assert (row.purpose, row.state, row.folio, row.direction) == ("inform", "completed", folio, "outbound")
        (contact,) = await rows(stage.house, interactions, interactions.c.id == row.interaction_id)
        assert (contact.state, contact.disposition) == ("captured", "status_given")
