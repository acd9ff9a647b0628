"""Promised calls in a real browser: asked for in a chat and by another area, rung, answered, exhausted, counted."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import delete

from contact_center.rules.model import Role
from contact_center.store.schema import callbacks, follow_ups, queue_members
from tests.support.looks import Looks
from tests.support.office_phone import bar
from tests.support.pictures import picture
from tests.support.registering import form as petition_form
from tests.support.stage import Stage, closing
from tests.support.talking import begin, finish, write

NUMBER = "662 000 0001"
OTHER = {"names": "Juan", "first_surname": "Prueba", "phone": "662 000 0002"}
QUIET: dict[str, Any] = {"reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def desk(stage: Stage) -> Stage:
    stage.hire("ana", name="Ana Prueba López")
    stage.hire("berta", name="Berta Prueba Ruiz")
    stage.hire("sofia", Role.supervisor, name="Sofía Prueba Ruiz")
    gloria = stage.hire("gloria", Role.area, name="Gloria Prueba Gestión", area_id="03.07.03.01")
    stage.write(delete(queue_members).where(queue_members.c.user_id == gloria))
    return stage


async def go(page: Page, hash: str) -> None:
    await page.evaluate("(hash) => { location.hash = hash; }", hash)


async def later(desk: Stage, seconds: float, *pages: Page) -> None:
    """Let time pass for the service and for those who look at it."""
    await desk.let_time_pass(seconds)
    for page in pages:
        await page.context.clock.set_system_time(desk.clock.now())


async def test_who_waits_in_a_chat_asks_to_be_called_moves_it_and_is_tried_again(desk: Stage, browser: Browser) -> None:
    looks = Looks()
    citizen = await desk.citizen(browser, **QUIET)
    ana = await desk.console(browser, "ana", "#/bandeja", state=None, **QUIET)
    citizen.expected = ("400",)
    async with closing(citizen, ana):
        chat, page = citizen.page, ana.page
        await begin(chat, name="María Ejemplo Uno", phone=NUMBER)
        await write(chat, "Hay una fuga de agua en la calle Ejemplo")
        await chat.get_by_role("button", name="Prefiero que me llamen").click()
        await chat.get_by_label("¿A qué número").fill(NUMBER)
        await chat.get_by_label("Escríbalo otra vez").fill("662 000 0002")
        await chat.get_by_role("button", name="Elegir la hora").click()
        await expect(chat.get_by_text("Los dos números no son iguales.")).to_be_visible()
        await chat.get_by_label("Escríbalo otra vez").fill(NUMBER)
        await chat.get_by_role("button", name="Elegir la hora").click()
        await chat.get_by_role("button", name="Mañana", exact=True).click()
        await expect(chat.get_by_text("10:00–11:00")).to_be_visible()
        await looks.at(chat, "times")
        await picture(chat, "chat-llamada", themes=("claro",))
        await chat.get_by_text("10:00–11:00").click()
        await chat.get_by_role("button", name="Pedir la llamada").click()
        await expect(chat.get_by_text("Le llamaremos mañana a las 10:00", exact=True)).to_be_visible()
        await looks.at(chat, "promised")
        await chat.get_by_role("button", name="Ver la conversación").click()
        await expect(chat.get_by_role("log").get_by_text("Le llamaremos mañana a las 10:00")).to_be_visible()
        await picture(chat, "chat-llamada-prometida", themes=("claro",))
        await chat.get_by_role("button", name="Cambiar la hora").click()
        await chat.get_by_text("Lo antes posible").click()
        await chat.get_by_role("button", name="Cambiar a esta hora").click()
        await expect(chat.get_by_text("Le llamaremos hoy a las", exact=False).first).to_be_visible()

        await later(desk, 5, chat, page)
        await page.locator("[data-row]", has_text="Retorno de llamada").click()
        await page.get_by_role("button", name="Tomar contacto").click()
        script = page.get_by_role("region", name="Guion de la llamada")
        await expect(script.get_by_text("para devolverle la llamada", exact=False)).to_be_visible()
        await bar(page).get_by_role("button", name="Llamar ahora").click()
        await expect(bar(page).get_by_text("Marcando")).to_be_visible()
        await page.locator("body").press("2")
        await expect(script.get_by_text("Se intentará de nuevo hoy a las 11:", exact=False)).to_be_visible()
        await looks.at(page, "tried in vain")
        await picture(page, "retorno-reintento", themes=("claro",))
        await chat.get_by_role("button", name="Ver la conversación").click()
        await chat.get_by_role("button", name="Cancelar la llamada").click()
        await chat.get_by_role("button", name="Sí, cancelar").click()
        await expect(chat.get_by_role("log").get_by_text("quedó cancelada")).to_be_visible()
        await chat.get_by_role("button", name="Terminar").click()
        await chat.get_by_role("button", name="Sí, terminar").click()
        await expect(chat.get_by_role("heading", name="Gracias por comunicarse")).to_be_visible()
    (row,) = desk.rows(callbacks)
    assert (row.state, row.attempts, row.source) == ("cancelled", 1, "citizen")
    assert looks.wrong == []


async def test_another_area_asks_by_phone_and_receives_the_answers(desk: Stage, browser: Browser) -> None:
    looks = Looks()
    gloria = await desk.console(browser, "gloria", "#/peticiones", state=None, **QUIET)
    ana = await desk.console(browser, "ana", "#/bandeja", **QUIET)
    async with closing(gloria, ana):
        area, page = gloria.page, ana.page
        form = petition_form(
            medium="phone", despite_duplicates=True, requester=OTHER, subject="Fuga en la calle Ejemplo"
        )
        folio = (await desk.do("gloria", "petition.create", **form))["petition"]["folio"]
        await go(area, f"#/peticiones/{folio}")
        await expect(area.get_by_role("region", name=folio)).to_be_visible()
        await area.locator("body").press("a")
        dialog = area.get_by_role("dialog", name="Pedir una llamada al Call Center")
        await dialog.get_by_role("button", name="Pedir", exact=True).click()
        await expect(dialog.get_by_text("Escriba al menos una pregunta").first).to_be_visible()
        await looks.at(area, "request, with errors")
        await dialog.get_by_label("Pregunta 1", exact=True).fill("¿Sigue la fuga?")
        await dialog.get_by_label("Respuesta de la pregunta 1").select_option("yes_no")
        await dialog.get_by_label("Pregunta 1", exact=True).press("Enter")
        await area.keyboard.type("¿Entre qué calles está?")
        await area.keyboard.press("Enter")
        await area.keyboard.type("¿Desde cuándo?")
        await dialog.get_by_label("Respuesta de la pregunta 3").select_option("date")
        await dialog.get_by_label("Cuándo").fill("hoy 21:00")
        await expect(dialog.get_by_text("Está fuera del horario para llamar.")).to_be_visible()
        await expect(dialog.get_by_role("button", name="Usar mañana a las 8:00")).to_be_visible()
        await looks.at(area, "request, refused")
        await dialog.get_by_label("Cuándo").fill("hoy 9:25")
        await expect(dialog.get_by_text("llamadas prometidas")).to_be_visible()
        await picture(area, "solicitud-llamada", themes=("claro",))
        await dialog.get_by_role("button", name="Pedir para hoy a las 9:25").click()
        await expect(area.get_by_text("Llamada programada: hoy a las 9:25.")).to_be_visible()

        await later(desk, 14 * 60, area, page)
        await page.get_by_role("region", name="Contacto para usted").get_by_role("button", name="Tomar").click()
        script = page.get_by_role("region", name="Guion de la llamada")
        await expect(script.get_by_text("Confirme quién contesta", exact=False)).to_be_visible()
        await expect(script.get_by_label("¿Entre qué calles está?")).to_have_count(0)
        await looks.at(page, "identity first")
        await page.locator("body").press("i")
        await script.get_by_label("¿Entre qué calles está?").fill("Ejemplo y Muestra")
        await expect(script.get_by_text("Guardado")).to_be_visible()
        await bar(page).get_by_role("button", name="Llamar ahora").click()
        await expect(bar(page).get_by_text("Marcando")).to_be_visible()
        await page.locator("body").press("1")
        await expect(bar(page).get_by_text("En curso")).to_be_visible()
        await script.get_by_role("button", name="Sí", exact=True).click()
        await expect(script.get_by_text("Guardado")).to_be_visible()
        await page.reload()
        await expect(script.get_by_label("¿Entre qué calles está?")).to_have_value("Ejemplo y Muestra")
        await looks.at(page, "questions")
        await picture(page, "llamada-guion")
        await bar(page).get_by_role("button", name="Terminó").click()
        await expect(script.get_by_role("button", name="Lograda")).to_be_visible()
        await page.locator("body").press("1")
        await expect(script.get_by_text("Falta responder: ¿Desde cuándo?")).to_be_visible()
        await script.get_by_label("¿Desde cuándo?").fill("2026-11-20")
        await script.get_by_role("button", name="Lograda").click()
        await expect(script.get_by_text("Lograda. Capture y cierre.")).to_be_visible()
        await looks.at(page, "reached")
        await finish(page)

        await go(area, "#/citas/solicitudes")
        await expect(area.get_by_text("Resultado por recibir")).to_be_visible()
        await looks.at(area, "requests")
        await picture(area, "solicitudes", themes=("claro",))
        await area.locator("tbody tr").first.click()
        panel = area.get_by_role("region", name="Juan P.")
        await expect(panel.get_by_text("Ejemplo y Muestra")).to_be_visible()
        await looks.at(area, "request, whole")
        await panel.get_by_role("button", name="Recibir").click()
        await area.get_by_role("dialog").get_by_role("button", name="Recibir").click()
        await expect(panel.get_by_text("El resultado ya fue recibido.")).to_be_visible()
    (row,) = desk.rows(callbacks, callbacks.c.folio == folio)
    assert (row.state, row.outcome, len(row.answers), row.attempts) == ("closed", "reached", 3, 1)
    assert any("Ejemplo y Muestra" in one.text for one in desk.rows(follow_ups, follow_ups.c.folio == folio))
    assert looks.wrong == []


async def test_the_last_try_in_vain_the_calendar_the_board_and_the_ledger(desk: Stage, browser: Browser) -> None:
    looks = Looks()
    form = petition_form(medium="phone", despite_duplicates=True, requester={**OTHER, "names": "Rosa"})
    folio = (await desk.do("ana", "petition.create", **form))["petition"]["folio"]
    now = int(desk.clock.now().timestamp() * 1000)
    made = await desk.do("ana", "callback.plan", reason="inform", folio=folio, due_at=now + 60_000)
    for minute in range(3):
        at = {"due_at": now + 86_400_000 + minute * 600_000, "number": f"662 000 001{minute}"}
        await desk.do("ana", "callback.plan", reason="return", **at)
    desk.everybody_away()
    callback_id = made["callback"]["id"]
    await later(desk, 70)
    await desk.call_in_vain("ana", callback_id)
    await later(desk, 2 * 3600 + 300)
    await desk.call_in_vain("ana", callback_id)
    (row,) = desk.rows(callbacks, callbacks.c.id == callback_id)
    await later(desk, (row.due_at - desk.clock.now()).total_seconds() + 60)
    ana = await desk.console(browser, "ana", f"#/bandeja/{callback_id}", state=None, **QUIET)
    async with closing(ana):
        page = ana.page
        await page.get_by_role("button", name="Tomar contacto").click()
        script = page.get_by_role("region", name="Guion de la llamada")
        await expect(script.get_by_text("Intento 3 de 3")).to_be_visible()
        await bar(page).get_by_role("button", name="Volver a llamar").click()
        await expect(bar(page).get_by_text("Marcando")).to_be_visible()
        await page.locator("body").press("2")
        await expect(script.get_by_text("Se agotaron los 3 intentos.", exact=False)).to_be_visible()
        await looks.at(page, "exhausted")
    sofia = await desk.console(browser, "sofia", "#/citas", state=None, **QUIET)
    async with closing(sofia):
        page = sofia.page
        await expect(page.get_by_text("y 1 más")).to_be_visible()
        await looks.at(page, "week")
        await picture(page, "citas-semana")
        await page.get_by_role("button", name="Llevar a mi calendario").click()
        dialog = page.get_by_role("dialog", name="Mis citas en otro calendario")
        await dialog.get_by_role("button", name="Crear dirección privada").click()
        address = await dialog.get_by_label("Dirección privada").input_value()
        assert (await page.request.get(address)).headers["content-type"].startswith("text/calendar")
        await looks.at(page, "calendar address")
        await page.keyboard.press("Escape")
        await page.locator('[data-cell^="2026-11-25"]').filter(has=page.locator(".week-chip")).first.press("Enter")
        await expect(page.locator(".day-row")).to_have_count(3)
        await looks.at(page, "day")
        await page.locator(".day-row").first.click()
        panel = page.locator(".side-panel")
        await panel.get_by_role("button", name="Reasignar").click()
        dialog = page.get_by_role("dialog", name="Reasignar la llamada")
        await dialog.get_by_role("combobox", name="A quién").fill("berta")
        await page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="Reasignar").click()
        await expect(panel.get_by_text("Berta").first).to_be_visible()
        await looks.at(page, "a call, whole")
        await picture(page, "citas-dia", themes=("claro",))
        await page.set_viewport_size({"width": 390, "height": 844})
        await go(page, "#/citas?vista=dia")
        await looks.at(page, "day, narrow")
        await picture(page, "citas-dia", themes=("oscuro",), width=390)
        await page.set_viewport_size({"width": 1440, "height": 900})
    await later(desk, 26 * 3600)
    sofia = await desk.console(browser, "sofia", "#/citas/atrasadas", state=None, **QUIET)
    async with closing(sofia):
        page = sofia.page
        await expect(page.locator("tbody tr")).to_have_count(3)
        await looks.at(page, "overdue")
        await picture(page, "citas-atrasadas", themes=("claro",))
        await go(page, "#/citas/promesas")
        await page.get_by_role("button", name="Motivo").click()
        await looks.at(page, "ledger")
        figure = page.get_by_role("button", name="Prometidas: ", exact=False)
        due = int((await figure.inner_text()).strip())
        await figure.click()
        rows = page.get_by_role("region", name="Promesas: Prometidas")
        await expect(rows.locator("tbody tr")).to_have_count(due)
        await looks.at(page, "the rows of a figure")
        await picture(page, "citas-promesas", themes=("claro",))
    (row,) = desk.rows(callbacks, callbacks.c.id == callback_id)
    assert (row.state, row.attempts) == ("exhausted", 3)
    assert looks.wrong == []
