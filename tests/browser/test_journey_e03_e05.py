"""E03 and E05 whole: a birth record asked for with a CURP, and a citizen who asks how a folio stands."""

from playwright.async_api import Browser, expect
from sqlalchemy import insert

from contact_center.rules.model import Role
from contact_center.store.schema import (
    categories,
    citizens,
    conversations,
    folio_years,
    follow_ups,
    interactions,
    petition_interactions,
    petitions,
    work_items,
)
from tests.support.pictures import picture
from tests.support.registering import form as petition_form
from tests.support.stage import Stage, closing
from tests.support.talking import begin, close, expected, move_petition, reply, take, turns, write

CURP = turns("E03")[1]
WRONG_CURP = CURP[:-1] + str((int(CURP[-1]) + 1) % 10)


async def test_a_birth_record_is_asked_for_with_a_curp_that_is_checked_and_kept_out_of_sight(
    stage: Stage, browser: Browser
) -> None:
    stage.hire("beto", name="Beto Ensayo Ruiz")
    stage.hire("dora", Role.director, name="Dora Prueba Ruiz")
    wanted = expected("E03")
    # The office has said which of its areas looks after the civil registry.
    stage.write(
        categories.update().where(categories.c.code == wanted["categoria"]).values(area_id=wanted["area_interna"])
    )
    citizen = await stage.citizen(browser)
    agent = await stage.console(browser, "beto")
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        await begin(chat, name="Persona Muestra Tres", phone="631 000 0003")
        await write(chat, turns("E03")[0])
        await take(desk)
        await reply(desk, turns("E03", "agente")[0])
        await write(chat, CURP)
        await expect(desk.get_by_role("log").get_by_text(CURP)).to_be_visible()

        # The person first. A CURP whose last digit is wrong is kept, with a warning; it is masked as the right one is.
        await desk.get_by_role("button", name="Registrar persona").click()
        person = desk.get_by_role("form", name="Editar")
        await person.get_by_label("Nombre").fill("Persona")
        await person.get_by_label("Primer apellido").fill("Muestra")
        await person.get_by_label("Segundo apellido").fill("Tres")
        await person.get_by_label("CURP").fill(WRONG_CURP)
        await person.get_by_role("button", name="Guardar").click()
        notice = desk.get_by_role("region", name="Avisos")
        await expect(notice).to_contain_text("último dígito no corresponde")
        await notice.get_by_role("button", name="Quitar aviso").click()
        await desk.get_by_role("tabpanel", name="Persona").get_by_role("button", name="Editar").click()
        await person.get_by_label("CURP").fill(CURP)
        await person.get_by_role("button", name="Guardar").click()
        side = desk.get_by_role("complementary", name="Persona")
        await expect(side.locator(".masked").filter(has_text="•").first).to_be_visible()
        await expect(side).not_to_contain_text(CURP)
        await picture(desk, "consola-persona")

        await desk.locator(".thread-actions").get_by_role("button", name="Petición").click()
        form = desk.get_by_role("form", name="Nueva petición")
        await expect(form.get_by_label("Municipio")).to_have_value("Nogales")
        await expect(form.get_by_label("Tipo")).to_have_value("civil_registry")
        await form.get_by_role("button", name="Registrar y dar folio").click()
        await expect(form.get_by_role("alert").first).to_be_visible()
        await picture(desk, "consola-errores")
        await form.get_by_label("Localidad o colonia").fill("Centro")
        await form.get_by_label("Acto").select_option("birth")
        await form.get_by_label("Nombre en el acta").fill("Persona Muestra Tres")
        await form.get_by_label("Fecha del registro").fill("1980-02-01")
        await form.get_by_label("Lugar de registro").fill("Nogales")
        await form.get_by_label("La persona autorizó el uso de sus datos sensibles").check()
        await form.get_by_role("button", name="Registrar y dar folio").click()
        folio = await chat.locator(".folio b").inner_text()

        await close(desk, "Petición registrada")
        await expect(chat.get_by_role("heading", name="Gracias por comunicarse")).to_be_visible()

    head = await stage.console(browser, "dora", f"#/peticiones/{folio}", state=None)
    async with closing(head):
        await move_petition(head.page, "Clasificar")
        await expect(head.page.get_by_role("region", name=folio)).to_contain_text("En análisis")
        assert CURP not in await head.page.content()

    (row,) = stage.rows(petitions, petitions.c.folio == folio)
    assert (row.kind, row.category, row.municipality) == ("civil_registry", wanted["categoria"], wanted["municipio"])
    assert (row.state, row.area_id) == ("analysing", wanted["area_interna"]), "with an area of ours, not referred"
    assert row.medium == "web_chat" and row.extra["act"] == "birth"
    assert [one.curp for one in stage.rows(citizens)] == [CURP]
    (contact,) = stage.rows(interactions, interactions.c.id == row.origin_id)
    assert (contact.state, contact.disposition) == ("captured", "petition_registered")


async def test_a_citizen_learns_how_a_folio_stands_without_an_agent_and_without_a_new_folio(
    stage: Stage, browser: Browser
) -> None:
    stage.write(folio_years.delete())
    stage.write(insert(folio_years).values(year=2026, last=122))
    stage.hire("carla")
    folio = (await stage.do("carla", "petition.create", **petition_form(medium="web_chat")))["petition"]["folio"]
    assert folio == "CEAC-2026-000123"
    stage.write(petitions.update().where(petitions.c.folio == folio).values(state="referred"))
    before = len(stage.rows(petitions))

    citizen = await stage.citizen(browser)
    async with closing(citizen):
        chat = citizen.page
        await begin(chat)
        await write(chat, turns("E05")[0])
        await expect(chat.locator("article.system").last).to_contain_text("últimos 4 dígitos")
        await write(chat, turns("E05")[1])
        await expect(chat.locator("article.system").last).to_contain_text("Turnada a")
        await expect(chat.locator("article.system").last).to_contain_text("Hermosillo")
        await picture(chat, "chat-estado-folio")

        wrong = await stage.citizen(browser, "/folio")
        wrong.expected = ("404 (Not Found)",)
        async with closing(wrong):
            page = wrong.page
            await page.get_by_role("button", name="Acepto y continúo").click()
            for last4, says in (("9999", "No encontramos un folio"), ("0001", "Turnada a")):
                await page.get_by_label("Folio").fill(folio)
                await page.get_by_label("Últimos 4 dígitos").fill(last4)
                await page.get_by_role("button", name="Consultar").click()
                await expect(page.locator("main")).to_contain_text(says)
            await picture(page, "chat-consulta")

        await chat.get_by_role("button", name="Terminar").click()
        await chat.get_by_role("button", name="Sí, terminar").click()
        await expect(chat.get_by_role("heading", name="Gracias por comunicarse")).to_be_visible()

    (contact,) = stage.rows(interactions, interactions.c.agent_id.is_(None))
    assert (contact.state, contact.disposition) == ("captured", "status_given")
    assert [one.state for one in stage.rows(conversations, conversations.c.id == contact.id)] == ["closed_self_service"]
    assert len(stage.rows(petitions)) == before, "a question is no new petition"
    links = stage.rows(petition_interactions, petition_interactions.c.interaction_id == contact.id)
    assert [(one.folio, one.relation) for one in links] == [(folio, "queried")]
    notes = stage.rows(follow_ups, follow_ups.c.folio == folio, follow_ups.c.interaction_id == contact.id)
    assert [one.origin for one in notes] == ["citizen"]
    assert stage.rows(work_items, work_items.c.interaction_id == contact.id) == [], "it waited for no agent"
