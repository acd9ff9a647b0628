"""E01 whole, both sides at once: a pothole told in the chat becomes a folio in María's hands."""

import re

from playwright.async_api import Browser, expect

from contact_center.rules.model import Role
from contact_center.store.schema import (
    callbacks,
    conversations,
    interactions,
    petition_interactions,
    petitions,
    work_items,
)
from tests.support.pictures import picture
from tests.support.stage import Stage, closing, set_state
from tests.support.talking import begin, expected, move_petition, open_move, reply, status, take, turns, write


async def test_a_pothole_told_in_the_chat_becomes_a_folio_in_the_citizens_hands(stage: Stage, browser: Browser) -> None:
    stage.hire("ana", name="Ana Prueba López")
    stage.hire("dora", Role.director, name="Dora Prueba Ruiz")
    first, second = turns("E01")
    citizen = await stage.citizen(browser)
    agent = await stage.console(browser, "ana", state=None)
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        await expect(chat.get_by_text("Abierto ahora")).to_be_visible()
        await picture(chat, "chat-inicio")
        await picture(chat, "chat-inicio", width=1440)

        await chat.get_by_role("button", name="Iniciar conversación").click()
        await expect(chat.get_by_role("heading", name="Aviso de privacidad")).to_be_focused()
        assert await chat.locator("input, textarea").count() == 0, "a field before the notice"
        await picture(chat, "chat-aviso")
        await chat.get_by_role("button", name="Volver").click()
        await begin(chat, name="María Ejemplo Uno")
        await write(chat, first)
        await expect(status(chat)).to_contain_text("Su lugar en la fila: 1")
        await picture(chat, "chat-espera")

        await picture(desk, "consola-vacia")
        await set_state(desk)
        offer = desk.get_by_role("region", name="Contacto para usted")
        await expect(offer).to_contain_text("María E.")
        await expect(offer).to_contain_text("bachezote")
        await picture(desk, "consola-oferta")
        await take(desk)
        await expect(status(chat)).to_have_text("Le atiende Ana")

        await reply(desk, turns("E01", "agente")[0])
        await expect(chat.locator("article.agent", has_text="Con gusto le atiendo")).to_be_visible()
        await write(chat, second)
        await expect(desk.get_by_role("log").get_by_text(second)).to_be_visible()
        await picture(chat, "chat-conversacion")
        await picture(chat, "chat-conversacion", width=1440)
        await picture(desk, "consola-conversacion", width=390)

        await desk.locator(".thread-actions").get_by_role("button", name="Petición").click()
        form = desk.get_by_role("form", name="Nueva petición")
        await expect(form.get_by_label("Categoría")).to_have_value(re.compile("[Bb]ach"))
        await expect(form.get_by_label("Municipio")).to_have_value("Hermosillo")
        await expect(form.locator("#petition-requester-names")).to_have_value("María Ejemplo Uno")
        await expect(form.locator("#petition-requester-phone")).to_have_value("6620000001")
        await form.get_by_label("Asunto").fill("Bache en la calle Ejemplo esquina con Muestra")
        await form.get_by_label("Localidad o colonia").fill("Colonia Prueba")
        await form.get_by_label("Ubicación").fill("Calle Ejemplo, entre Muestra y Ensayo")
        await picture(desk, "consola-peticion")
        await picture(desk, "consola-peticion", width=390)
        await form.get_by_role("button", name="Registrar y dar folio").click()
        card = chat.locator(".folio")
        await expect(card.get_by_role("button", name="Copiar")).to_be_visible()
        folio = await card.locator("b").inner_text()
        assert folio == "CEAC-2026-000001"
        await expect(desk.get_by_role("region", name="De este contacto")).to_contain_text(folio)
        await picture(chat, "chat-folio")
        await picture(desk, "consola-folio")

        await desk.locator(".thread-actions").get_by_role("button", name="Cerrar").click()
        wrap = desk.get_by_role("form", name="Cierre y captura")
        await wrap.get_by_label("Resultado").select_option(label="Petición registrada")
        await picture(desk, "consola-cierre")
        await wrap.get_by_role("button", name="Cerrar y tomar la siguiente").click()
        await expect(desk.get_by_role("heading", name="Elija un contacto")).to_be_visible()

        await expect(chat.get_by_role("heading", name="Gracias por comunicarse")).to_be_visible()
        await chat.get_by_role("heading", name="¿Nos ayuda a mejorar?").evaluate("(one) => one.scrollIntoView()")
        await picture(chat, "chat-encuesta")
        survey = chat.locator("form.survey")
        await survey.get_by_text("Excelente").click()
        await survey.get_by_role("group", name="¿Se resolvió").get_by_text("Sí").click()
        await survey.get_by_role("group", name="¿El trato").get_by_text("Sí").click()
        await survey.get_by_label("comentario").fill("Muy amable.")
        await survey.get_by_role("button", name="Enviar respuestas").click()
        await expect(chat.get_by_text("Sus respuestas quedaron guardadas")).to_be_visible()
        async with chat.expect_download() as saved:
            await chat.get_by_role("button", name="Descargar la conversación").click()
        transcript = (await (await saved.value).path()).read_text("utf-8")
        assert first in transcript and folio in transcript and "<script" not in transcript

    head = await stage.console(browser, "dora", f"#/peticiones/{folio}", state=None)
    async with closing(head):
        await move_petition(head.page, "Clasificar")
        panel = head.page.get_by_role("region", name=folio)
        await expect(panel).to_contain_text("En análisis")
        await picture(head.page, "consola-peticiones")
        # The body is proposed; nothing leaves the office without an authorised letter.
        move = await open_move(head.page, "Canalizar")
        await expect(move.get_by_role("combobox", name="Dependencia")).to_have_value(re.compile("Hermosillo"))
        await move.get_by_role("button", name="Canalizar", exact=True).click()
        await expect(move.get_by_role("alert")).to_contain_text("falta este dato")
        await move.get_by_label("oficio").fill("CEAC/0412/2026")
        await picture(head.page, "peticion-canalizar", themes=("claro",))
        await move.get_by_role("button", name="Canalizar", exact=True).click()
        await expect(move).to_have_count(0)
        await expect(panel).to_contain_text("Canalizada")

    wanted = expected("E01")
    row = stage.rows(petitions)[0]
    assert (row.category, row.municipality, row.medium, row.kind) == (
        wanted["categoria"],
        wanted["municipio"],
        wanted["medio"].replace("chat_sonora", "web_chat"),
        "petition",
    )
    assert wanted["estado"] == "canalizada"
    assert (row.state, row.dependency_id) == ("referred", wanted["dependencia"])
    assert row.referral_document == "CEAC/0412/2026"
    contact = stage.rows(interactions)[0]
    assert (contact.state, contact.disposition, contact.flags) == (
        "captured",
        "petition_registered",
        wanted["banderas"],
    )
    assert contact.agent_id == stage.staff["ana"] and contact.wait_s is not None
    assert [(one.folio, one.relation) for one in stage.rows(petition_interactions)] == [(folio, "created")]
    talk = stage.rows(conversations)[0]
    assert (talk.state, talk.notice_version, talk.survey["score"]) == ("closed", "2026-11", 5)
    assert [one.state for one in stage.rows(work_items, work_items.c.kind == "conversation")] == ["done"]
    # María is told by telephone that her petition went to the town hall.
    assert [(one.reason, one.folio) for one in stage.rows(callbacks)] == [("inform", folio)]
