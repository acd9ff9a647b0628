"""Petitions after their folio: linked and unlinked, edited, moved by their table, kept from whom they accuse."""

import anyio
import pytest

from contact_center.errors import Conflict, Denied, IllegalMove, Invalid, Missing
from contact_center.rules.model import Role
from contact_center.store.schema import findings, follow_ups, interactions, petition_interactions, petitions
from tests.support.house import open_house
from tests.support.registering import form, held, rows


async def test_one_contact_may_touch_many_folios_and_one_folio_many_contacts(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        first = await house.do(agent, "petition.create", interaction_id=conversation, **form())
        folio = first["petition"]["folio"]
        second = form(category="AG01", subject="Falta de agua en la colonia")
        await house.do(agent, "petition.create", interaction_id=conversation, **second)
        assert (await house.item(item["id"]))["petitions"] == ["CEAC-2026-000001", "CEAC-2026-000002"]
        _agent, _other, elsewhere, other_item = await held(house, agent, name="Vecina de Prueba")
        linked = await house.do(agent, "petition.link", interaction_id=elsewhere, folio=folio)
        again = await house.do(agent, "petition.link", interaction_id=elsewhere, folio=folio)
        assert linked["petition"]["folio"] == folio and again["petition"]["folio"] == folio
        assert (await house.item(other_item["id"]))["petitions"] == [folio]


async def test_a_link_is_undone_with_a_reason_and_stays_on_record(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        folio = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        await house.do(agent, "petition.link", interaction_id=conversation, folio=folio)
        with pytest.raises(Invalid):
            await house.do(agent, "petition.unlink", interaction_id=conversation, folio=folio, reason="  ")
        await house.do(agent, "petition.unlink", interaction_id=conversation, folio=folio, reason="Era de otra persona")
        (link,) = await rows(house, petition_interactions)
        assert (link.unlinked_by, link.unlinked_reason) == (agent.id, "Era de otra persona")
        assert link.unlinked_at == house.clock.now()
        with pytest.raises(Missing):
            await house.do(agent, "petition.unlink", interaction_id=conversation, folio=folio, reason="otra vez")
        await house.do(agent, "petition.link", interaction_id=conversation, folio=folio)
        kinds = [one.kind for one in await rows(house, follow_ups)]
        assert kinds == ["registered", "linked", "unlinked", "linked"]


async def test_the_contact_a_folio_was_born_in_keeps_it(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        made = await house.do(agent, "petition.create", interaction_id=conversation, **form())
        with pytest.raises(Conflict) as refused:
            await house.do(
                agent,
                "petition.unlink",
                interaction_id=conversation,
                folio=made["petition"]["folio"],
                reason="Me equivoqué",
            )
        assert refused.value.code == "born_here"


async def test_taking_away_the_only_folio_of_a_captured_contact_opens_a_finding(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        folio = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        await house.do(agent, "petition.link", interaction_id=conversation, folio=folio)
        await house.do(agent, "work.finish", item_id=item["id"], epoch=1, disposition="petition_linked")
        assert await rows(house, findings) == []
        await house.do(agent, "petition.unlink", interaction_id=conversation, folio=folio, reason="Era de otra persona")
        (finding,) = await rows(house, findings)
        assert (finding.kind, finding.agent_id, finding.closed_at) == ("no_petition_reason", agent.id, None)
        await house.do(agent, "petition.link", interaction_id=conversation, folio=folio)
        (finding,) = await rows(house, findings)
        assert finding.closed_how == "captured"


async def test_a_strangers_contact_cannot_be_registered_in(database_url: str) -> None:
    async with open_house(database_url) as house:
        _agent, _citizen, conversation, _item = await held(house)
        other = await house.staff("beto")
        with pytest.raises(Missing):
            await house.do(other, "petition.create", interaction_id=conversation, **form())
        with pytest.raises(Missing):
            await house.do(other, "petition.create", interaction_id="no-such-contact", **form())
        liaison = await house.staff("enlace", Role.liaison, state=None)
        with pytest.raises(Denied):
            await house.do(liaison, "petition.create", **form(medium="phone"))


async def test_an_edit_against_an_old_version_changes_nothing(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        folio = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        edited = await house.do(agent, "petition.edit", folio=folio, version=1, subject="Bache en la calle Muestra")
        assert (edited["petition"]["version"], edited["petition"]["subject"]) == (2, "Bache en la calle Muestra")
        with pytest.raises(Conflict) as refused:
            await house.do(agent, "petition.edit", folio=folio, version=1, subject="Otro asunto cualquiera")
        assert refused.value.code == "changed_meanwhile"
        (row,) = await rows(house, petitions)
        assert (row.version, row.subject) == (2, "Bache en la calle Muestra")
        notes = [one.text for one in await rows(house, follow_ups) if one.kind == "edit"]
        assert notes == ["Datos corregidos: asunto: «Bache en la calle Ejemplo» → «Bache en la calle Muestra»"]


async def test_two_edits_of_one_version_leave_one_winner(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        folio = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        outcomes: list[str] = []

        async def edit(number: int) -> None:
            try:
                await house.do(agent, "petition.edit", folio=folio, version=1, subject=f"Asunto corregido {number}")
            except Conflict as error:
                outcomes.append(error.code)
            else:
                outcomes.append("won")

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(edit, number)
        assert sorted(outcomes) == ["changed_meanwhile"] * 9 + ["won"]


async def test_a_petition_moves_by_its_table_and_nothing_else(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        head = await house.staff("directora", Role.director, state=None)
        folio = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        with pytest.raises(IllegalMove):
            await house.do(head, "petition.move", folio=folio, version=1, event="route_inside", area="03.07.01")
        moved = await house.do(head, "petition.move", folio=folio, version=1, event="classify")
        assert moved["petition"]["state"] == "analysing"
        moved = await house.do(head, "petition.move", folio=folio, version=2, event="route_inside", area="03.07.01")
        assert (moved["petition"]["state"], moved["petition"]["area"]) == ("internal", "03.07.01")
        with pytest.raises(Conflict):
            await house.do(head, "petition.move", folio=folio, version=2, event="withdraw", cause="withdrawn")
        with pytest.raises(IllegalMove):
            await house.do(head, "petition.move", folio=folio, version=3, event="withdraw")
        ended = await house.do(
            head,
            "petition.move",
            folio=folio,
            version=3,
            event="withdraw",
            cause="withdrawn",
            note="Ya no es necesario.",
        )
        assert ended["petition"]["state"] == "concluded_unsatisfactory"
        assert ended["petition"]["conclusion"]["cause"] == "withdrawn"
        told = [one.text for one in await rows(house, follow_ups) if one.visible]
        assert told[-1] == "Ya no es necesario."
        house.clock.advance(91 * 86_400)
        with pytest.raises(IllegalMove):
            await house.do(head, "petition.move", folio=folio, version=4, event="reopen", note="Nuevos elementos")


async def test_a_duplicate_names_its_main_folio_whose_history_tells_of_it(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        head = await house.staff("directora", Role.director, state=None)
        main = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        given = form(medium="phone", despite_duplicates=True)
        other = (await house.do(agent, "petition.create", **given))["petition"]["folio"]
        for folio in (other, "CEAC-2026-999999"):
            with pytest.raises(Invalid):
                await house.do(head, "petition.move", folio=other, version=1, event="mark_duplicate", main_folio=folio)
        moved = await house.do(head, "petition.move", folio=other, version=1, event="mark_duplicate", main_folio=main)
        assert moved["petition"]["public_status"] == f"Cerrada (duplicada de {main})"
        assert [one.folio for one in await rows(house, follow_ups) if one.kind == "duplicate"] == [main]


async def test_a_confidential_complaint_restricts_its_contact_and_hides_from_the_accused(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        accused = await house.staff("beto", Role.agent, Role.supervisor)
        other = await house.staff("carla")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        director = await house.staff("directora", Role.director, state=None)
        extra = {
            "facts": "Pidió dinero por fuera.",
            "place": "Oficina",
            "date": "2026-11-20",
            "dependency": "Licencias",
        }
        given = form(kind="complaint", category="GA01", extra=extra, requester={"anonymous": True})
        made = (
            await house.do(agent, "petition.create", interaction_id=conversation, accused_user_id=accused.id, **given)
        )["petition"]
        assert made["confidential"] and made["area"] == "03.07.02" and made["citizen"] is None
        (contact,) = await rows(house, interactions)
        assert contact.restricted and "restricted" in contact.flags and contact.accused_user_id == accused.id
        assert (await house.item(item["id"]))["label"] is None
        folio = made["folio"]
        for actor in (accused, other, boss):
            with pytest.raises(Missing):
                await house.do(actor, "petition.follow_up", folio=folio, text="¿Qué dice?", visible=False)
        for actor in (agent, director):
            await house.do(actor, "petition.follow_up", folio=folio, text="Se atiende", visible=False)
        with pytest.raises(Invalid):
            await house.do(director, "petition.reassign", folio=folio, version=1, responsible=accused.id)
        with pytest.raises(Invalid):
            await house.do(director, "petition.reassign", folio=folio, version=1, area="03.07.02.01")


async def test_who_may_not_reassign_is_told_so_and_who_may_not_see_is_not(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        folio = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        with pytest.raises(Denied):
            await house.do(agent, "petition.reassign", folio=folio, version=1, priority="high")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        done = await house.do(boss, "petition.reassign", folio=folio, version=1, priority="high", reason="Hay niños")
        assert done["petition"]["priority"] == "high"
        other = await house.staff("beto")
        with pytest.raises(Denied):
            await house.do(other, "petition.edit", folio=folio, version=2, subject="Un asunto distinto")
