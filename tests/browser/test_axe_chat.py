"""The citizen's chat has nothing that axe finds, in any state, in light and dark (PROMISES S42)."""

from playwright.async_api import Browser, Page, expect
from sqlalchemy import delete, insert

from contact_center.store.schema import closures, conversations
from tests.support.looks import Looks
from tests.support.registering import form as petition_form
from tests.support.stage import Stage, closing
from tests.support.talking import accept_notice, begin, write

QUIET = {"reduced_motion": "reduce"}


async def test_nothing_is_wrong_on_any_state_of_the_chat(stage: Stage, browser: Browser) -> None:
    stage.hire("ana")
    looks = Looks()
    citizen = await stage.citizen(browser, **QUIET)
    agent = await stage.console(browser, "ana", state=None, **QUIET)
    citizen.expected = ("ERR_INTERNET_DISCONNECTED",)
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        await expect(chat.get_by_text("Abierto ahora")).to_be_visible()
        await looks.at(chat, "first screen")
        await chat.get_by_role("button", name="Iniciar conversación").click()
        await chat.get_by_text("Leer el aviso completo").click()
        await looks.at(chat, "notice, whole")
        await chat.get_by_role("button", name="Acepto y continúo").click()
        await looks.at(chat, "name and phone")
        await chat.get_by_label("Teléfono").fill("123")
        await chat.get_by_role("button", name="Comenzar").click()
        await expect(chat.get_by_text("Revise el teléfono")).to_be_visible()
        citizen.expected += ("400 (Bad Request)",)
        await looks.at(chat, "name and phone, refused")
        await chat.get_by_label("Teléfono").fill("")
        await chat.get_by_role("button", name="Comenzar").click()
        await expect(chat.get_by_label("Su mensaje")).to_be_visible()
        await looks.at(chat, "empty conversation")
        await write(chat, "Buenos días, vea https://example.org/bache por favor")
        await expect(chat.locator(".status")).to_contain_text("Su lugar en la fila")
        await looks.at(chat, "in line")
        await chat.get_by_role("button", name="Letra más grande").click()
        await looks.at(chat, "in line, larger letters")
        await chat.get_by_role("button", name="Letra más grande").click()

        await desk.locator("[data-row]").first.click()
        await desk.get_by_role("button", name="Tomar contacto").click()
        await desk.get_by_label("Respuesta para la persona").fill("Con gusto le atiendo.")
        await desk.get_by_role("button", name="Enviar").click()
        await expect(chat.get_by_text("Con gusto le atiendo")).to_be_visible()
        await looks.at(chat, "an agent answers")
        await chat.locator("input[type=file]").first.set_input_files(
            {"name": "recibo.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"}
        )
        await expect(chat.get_by_text("listo para enviar")).to_be_visible()
        await looks.at(chat, "a file chosen")
        await chat.get_by_role("button", name="Enviar").click()
        await expect(chat.get_by_role("button", name="Descargar recibo.pdf")).to_be_visible()
        await looks.at(chat, "a file sent")
        await chat.context.set_offline(True)
        await chat.get_by_label("Su mensaje").fill("¿Sigue ahí?")
        await chat.get_by_role("button", name="Enviar").click()
        await expect(chat.locator(".pending")).to_be_visible()
        await looks.at(chat, "offline, one pending")
        await chat.context.set_offline(False)
        await expect(chat.locator(".pending")).to_have_count(0, timeout=30_000)

        item = stage.rows(conversations)[0]
        await stage.do("ana", "petition.create", **petition_form(interaction_id=item.id))
        await expect(chat.get_by_role("button", name="Copiar")).to_be_visible()
        await looks.at(chat, "folio")
        await chat.get_by_role("button", name="Terminar").click()
        await looks.at(chat, "end?")
        await chat.get_by_role("button", name="Sí, terminar").click()
        await expect(chat.locator("form.survey")).to_be_visible()
        await looks.at(chat, "survey")
        await chat.get_by_text("Excelente").click()
        await chat.get_by_role("button", name="Enviar respuestas").click()
        await expect(chat.get_by_text("Sus respuestas quedaron guardadas")).to_be_visible()
        await looks.at(chat, "closed")
        await chat.get_by_role("button", name="EN:").click()
        await expect(chat.get_by_role("button", name="ES:")).to_be_visible()
        await looks.at(chat, "closed, in English")
    assert looks.wrong == []


async def test_nothing_is_wrong_where_a_folio_is_asked_for_a_call_wanted_or_help_needed(
    stage: Stage, browser: Browser
) -> None:
    looks = Looks()
    citizen = await stage.citizen(browser, **QUIET)
    citizen.expected = ("404 (Not Found)",)
    async with closing(citizen):
        chat = citizen.page
        await chat.get_by_role("button", name="Consultar mi folio").click()
        await accept_notice(chat)
        await looks.at(chat, "folio query")
        await chat.get_by_role("button", name="Consultar").click()
        await looks.at(chat, "folio query, empty")
        await ask(chat, "CEAC-2026-000999", "0000")
        await expect(chat.get_by_text("No encontramos un folio")).to_be_visible()
        await looks.at(chat, "folio query, nothing found")
        await ask(chat, "CEAC-2026-000001", "0001")
        await expect(chat.get_by_role("button", name="Consultar otro folio")).to_be_visible()
        await looks.at(chat, "folio query, found")
        await chat.get_by_role("button", name="Volver al inicio").click()
        await chat.get_by_role("button", name="Que me llamen").click()
        await chat.get_by_role("button", name="Elegir la hora").click()
        await looks.at(chat, "call me, with errors")
        await chat.get_by_label("¿A qué número").fill("662 000 0009")
        await chat.get_by_label("Escríbalo otra vez").fill("662 000 0009")
        await chat.get_by_role("button", name="Elegir la hora").click()
        await chat.get_by_role("button", name="Pedir la llamada").click()
        await expect(chat.get_by_text("Elija cuándo le llamamos.")).to_be_visible()
        await looks.at(chat, "call me, no time chosen")
        await chat.get_by_text("Lo antes posible").click()
        await chat.get_by_role("button", name="Pedir la llamada").click()
        await expect(chat.get_by_text("Le llamaremos hoy a las", exact=False).first).to_be_visible()
        await looks.at(chat, "call me, promised")

    crisis = await stage.citizen(browser, **QUIET)
    async with closing(crisis):
        await begin(crisis.page)
        await write(crisis.page, "ya no quiero vivir")
        await expect(crisis.page.get_by_role("region", name="Hay ayuda en este momento")).to_be_visible()
        await looks.at(crisis.page, "crisis")

    today = stage.clock.now().date().isoformat()
    day = {"id": stage.ids.new(), "kind": "closure", "name": "Cierre", "starts_on": today, "ends_on": today}
    stage.write(insert(closures).values(**day, ranges=[]))
    late = await stage.citizen(browser, **QUIET)
    async with closing(late):
        await expect(late.page.get_by_text("Cerrado en este momento")).to_be_visible()
        await looks.at(late.page, "closed office")
        await late.page.get_by_role("button", name="Dejar un mensaje").click()
        await accept_notice(late.page)
        await looks.at(late.page, "message form")
        await late.page.get_by_label("¿En qué podemos servirle?").fill("Quiero información de un trámite.")
        await late.page.get_by_role("button", name="Enviar mensaje").click()
        await expect(late.page.get_by_text("quedó guardado")).to_be_visible()
        await looks.at(late.page, "message form, done")
    stage.write(delete(closures).where(closures.c.id == day["id"]))
    assert looks.wrong == []


async def ask(page: Page, folio: str, last4: str) -> None:
    """Ask how a folio stands."""
    await page.get_by_label("Folio").fill(folio)
    await page.get_by_label("Últimos 4 dígitos").fill(last4)
    await page.get_by_role("button", name="Consultar").click()
