"""The desk phone in a real browser: one key starts a record, marks run the clocks, and the call ends captured."""

import pytest
from playwright.async_api import Browser, expect

from contact_center.store.schema import calls, interactions, transfers
from tests.support.browser import axe_violations
from tests.support.pictures import picture
from tests.support.stage import Stage, closing
from tests.support.talking import finish

NUMBER = "662 000 0001"


@pytest.fixture(scope="module")
def desk(stage: Stage) -> Stage:
    stage.hire("ana", name="Ana Prueba López")
    stage.hire("berta", name="Berta Prueba Ruiz")
    return stage


async def test_a_call_comes_in_is_recognised_held_and_captured_by_keys(desk: Stage, browser: Browser) -> None:
    await desk.do("ana", "citizen.save", names="Juan", first_surname="Prueba", phone=NUMBER)
    ana = await desk.console(browser, "ana", "#/bandeja")
    async with closing(ana):
        page = ana.page
        await expect(page.locator(".status-word")).to_have_text("Disponible")
        await page.keyboard.press("l")
        dialog = page.get_by_role("dialog", name="Llamada")
        await dialog.get_by_label("Número").fill(NUMBER)
        await expect(dialog.get_by_text("Juan Prueba")).to_be_visible()
        assert await axe_violations(page) == []
        await picture(page, "llamada-nueva")
        await dialog.get_by_label("Número").press("Enter")
        bar = page.get_by_role("region", name="Llamada")
        await expect(bar.get_by_text("En curso")).to_be_visible()
        await expect(bar.get_by_text("662 ••• •001")).to_be_visible()
        await expect(page.get_by_text("Entró la llamada")).to_be_visible()
        await bar.get_by_role("button", name="Sí, es esta persona").click()
        await expect(page.get_by_role("heading", name="Juan P.")).to_be_visible()
        await page.locator("body").press("h")
        await expect(bar.get_by_text("En espera").first).to_be_visible()
        assert await axe_violations(page) == []
        await picture(page, "llamada-en-espera")
        await page.locator("body").press("h")
        await expect(bar.get_by_role("button", name="Poner en espera")).to_be_visible()
        await page.locator("body").press("n")
        await page.keyboard.type("Llama por una fuga de agua.")
        await page.keyboard.press("Enter")
        await expect(page.locator(".note")).to_contain_text("fuga de agua")
        await bar.get_by_role("button", name="Terminó").click()
        await expect(bar.get_by_text("Terminada")).to_be_visible()
        await picture(page, "llamada-captura", themes=("claro",))
        await finish(page)
    (call,) = desk.rows(calls, calls.c.number == "+526620000001")
    (contact,) = desk.rows(interactions, interactions.c.id == call.interaction_id)
    assert (call.state, call.direction, contact.state, contact.disposition) == (
        "completed",
        "inbound",
        "captured",
        "oriented",
    )


async def test_a_call_out_that_nobody_answers_and_one_that_must_not_be_made(desk: Stage, browser: Browser) -> None:
    ana = await desk.console(browser, "ana", "#/bandeja")
    ana.expected = ("400",)
    async with closing(ana):
        page = ana.page
        await page.get_by_role("button", name="Llamada").click()
        dialog = page.get_by_role("dialog", name="Llamada")
        await dialog.get_by_role("button", name="Voy a llamar").click()
        await dialog.get_by_label("Número").fill("911")
        await dialog.get_by_role("button", name="Iniciar llamada").click()
        await expect(dialog.get_by_text("Es un número de emergencia").first).to_be_visible()
        assert await axe_violations(page) == []
        await dialog.get_by_label("Número").fill("644 000 0002")
        await dialog.get_by_role("button", name="Iniciar llamada").click()
        bar = page.get_by_role("region", name="Llamada")
        await expect(bar.get_by_text("Marcando")).to_be_visible()
        await picture(page, "llamada-marcando", themes=("claro",))
        await bar.get_by_role("button", name="No contestó").click()
        await expect(bar.get_by_role("status")).to_have_text("No contestó")
        await finish(page, "No se logró el contacto")
    (call,) = desk.rows(calls, calls.c.number == "+526440000002")
    assert (call.state, call.direction) == ("no_answer", "outbound")


async def test_a_call_is_passed_to_a_colleague_who_was_asked_first(desk: Stage, browser: Browser) -> None:
    ana = await desk.console(browser, "ana", "#/bandeja")
    berta = await desk.console(browser, "berta", "#/bandeja")
    async with closing(ana, berta):
        page = ana.page
        await page.bring_to_front()
        await page.locator("body").press("l")
        await page.get_by_role("dialog").get_by_label("Número").fill("653 000 0003")
        await page.get_by_role("dialog").get_by_role("button", name="Iniciar registro").click()
        bar = page.get_by_role("region", name="Llamada")
        await expect(bar.get_by_text("En curso")).to_be_visible()
        await page.locator("body").press("t")
        dialog = page.get_by_role("dialog", name="Transferir la llamada")
        await dialog.get_by_role("button", name="Asistida").click()
        await dialog.get_by_role("combobox", name="A quién").fill("berta")
        await page.get_by_role("option", name="Berta").first.click()
        await dialog.get_by_label("Motivo").select_option(label="Requiere especialista")
        assert await axe_violations(page) == []
        await picture(page, "llamada-transferir")
        await dialog.get_by_role("button", name="Consultar").click()
        await expect(bar.get_by_text("En transferencia")).to_be_visible()
        await bar.get_by_role("button", name="Aceptó", exact=True).click()
        await berta.page.bring_to_front()
        await berta.page.get_by_role("button", name="Tomar").first.click()
        await expect(berta.page.get_by_role("region", name="Llamada").get_by_text("En curso")).to_be_visible()
    (call,) = desk.rows(calls, calls.c.number == "+526530000003")
    (passed,) = desk.rows(transfers, transfers.c.interaction_id == call.interaction_id)
    assert (passed.kind, passed.answer, passed.to_agent_id) == ("warm", "accepted", desk.staff["berta"])


async def test_a_call_that_is_over_is_entered_late_and_never_in_the_future(desk: Stage, browser: Browser) -> None:
    ana = await desk.console(browser, "ana", "#/bandeja")
    ana.expected = ("400",)
    async with closing(ana):
        page = ana.page
        await page.locator("body").press("l")
        dialog = page.get_by_role("dialog", name="Llamada")
        await dialog.get_by_role("button", name="Ya terminó").click()
        await dialog.get_by_label("Día").fill("2031-01-01")
        await dialog.get_by_role("button", name="Guardar y capturar").click()
        await expect(dialog.get_by_text("Todavía no ha pasado.").first).to_be_visible()
        await picture(page, "llamada-tardia")
        await page.keyboard.press("Escape")
        await page.locator("body").press("l")
        await expect(dialog.get_by_label("Día")).to_have_value("2031-01-01")
