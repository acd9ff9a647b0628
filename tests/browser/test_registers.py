"""The registers against the running service: filters in the address, moves, follow-ups, two people at one petition."""

import pytest
from playwright.async_api import Browser, expect

from contact_center.rules.model import Role
from contact_center.store.schema import follow_ups, petitions
from tests.support.browser import axe_violations
from tests.support.pictures import picture
from tests.support.stage import Stage, closing

ABOUT = {
    "kind": "petition",
    "medium": "phone",
    "category": "SP01",
    "municipality": "26030",
    "locality": "Colonia Prueba",
    "description": "Un bache profundo en la calle Ejemplo esquina con Muestra; ya van dos carros ponchados.",
    "requester": {"names": "María", "first_surname": "Ejemplo", "phone": "6620000021"},
    "despite_duplicates": True,
}


@pytest.fixture(scope="module")
def desk(stage: Stage) -> Stage:
    stage.hire("sofia", Role.supervisor, name="Sofía Prueba Ruiz")
    stage.hire("ana", name="Ana Prueba López")
    return stage


async def registered(desk: Stage, subject: str, **fields: object) -> str:
    """Register a petition and return its folio."""
    found = await desk.do("ana", "petition.create", **{**ABOUT, "subject": subject, **fields})
    folio: str = found["petition"]["folio"]
    return folio


async def test_a_view_of_the_list_can_be_sent_to_a_colleague(desk: Stage, browser: Browser) -> None:
    await registered(desk, "Bache en la calle Ejemplo", municipality="26030")
    other = await registered(desk, "Luminaria apagada en el parque", category="SP02", municipality="26018")
    one = await desk.console(browser, "sofia", "#/peticiones", state=None)
    async with closing(one):
        page = one.page
        await page.get_by_role("searchbox").fill("lumin")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("button", name="Filtros").click()
        await page.get_by_role("combobox", name="Municipio").fill("cajeme")
        await page.keyboard.press("Enter")
        assert await axe_violations(page) == []
        await page.get_by_role("button", name="Ver la lista").click()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.locator(".side-panel").get_by_role("heading", name=other)).to_be_focused()
        address = page.url
    two = await desk.open(browser, "/health/live")
    await two.page.context.add_cookies([{"name": "session", "value": desk.session_token("ana"), "url": desk.url}])
    async with closing(two):
        await two.page.goto(address)
        await expect(two.page.locator("tbody tr")).to_have_count(1)
        await expect(two.page.get_by_role("button", name="Municipio: Cajeme")).to_be_visible()
        await expect(two.page.locator(".side-panel").get_by_role("heading", name=other)).to_be_visible()


async def test_a_petition_moves_on_and_its_history_grows(desk: Stage, browser: Browser) -> None:
    folio = await registered(desk, "Bache en la calle del archivo")
    watched = await desk.console(browser, "sofia", f"#/peticiones/{folio}", state=None)
    async with closing(watched):
        page = watched.page
        panel = page.locator(".side-panel")
        await panel.get_by_role("tab", name="Seguimiento").click()
        await panel.get_by_role("button", name="Agregar seguimiento").click()
        await expect(panel.get_by_text("Escriba qué se hizo")).to_be_visible()
        await panel.get_by_label("Nuevo seguimiento").fill("Se pidió la visita de la cuadrilla.")
        await panel.get_by_label("Que lo vea la persona").check()
        await panel.get_by_role("button", name="Agregar seguimiento").click()
        await expect(panel.locator(".timeline")).to_contain_text("Se pidió la visita de la cuadrilla.")
        assert await axe_violations(page) == []
        await picture(page, "peticion-seguimiento", themes=("claro",))
        await panel.get_by_role("button", name="Clasificar").click()
        await page.locator("dialog").get_by_label("Prioridad").select_option(label="Alta")
        await page.locator("dialog").get_by_role("button", name="Clasificar").click()
        await expect(panel.locator(".side-panel-head")).to_contain_text("En análisis")
        await panel.get_by_role("button", name="Turnar a un área").click()
        dialog = page.locator("dialog")
        await dialog.get_by_role("button", name="Turnar a un área").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("falta este dato")
        await dialog.get_by_role("combobox", name="Área responsable").fill("apoyos sociales")
        await page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="Turnar a un área").click()
        await expect(panel.locator(".side-panel-head")).to_contain_text("En atención interna")
    (row,) = desk.rows(petitions, petitions.c.folio == folio)
    assert (row.state, row.priority) == ("internal", "high")
    assert any(one.visible for one in desk.rows(follow_ups, follow_ups.c.folio == folio, follow_ups.c.kind == "note"))


async def test_the_second_of_two_editors_is_told_and_loses_nothing(desk: Stage, browser: Browser) -> None:
    folio = await registered(desk, "Bache frente a la escuela")
    watched = await desk.console(browser, "sofia", f"#/peticiones/{folio}", state=None)
    watched.expected = ("409",)
    async with closing(watched):
        page = watched.page
        await page.locator(".side-panel-foot").get_by_role("button", name="Editar").click()
        field = page.locator(".side-panel").get_by_label("Ubicación")
        await field.fill("Frente a la primaria Muestra")
        await desk.do("ana", "petition.edit", folio=folio, version=1, subject="Bache grande frente a la escuela")
        await page.locator(".side-panel-foot").get_by_role("button", name="Guardar").click()
        await expect(page.locator(".side-panel").get_by_role("alert").first).to_be_visible()
        await expect(field).to_have_value("Frente a la primaria Muestra")
        await page.reload()
        await page.locator(".side-panel-foot").get_by_role("button", name="Editar").click()
        await expect(page.get_by_text("alguien más cambió este registro")).to_be_visible()
        await expect(field).to_have_value("Frente a la primaria Muestra")
        await expect(page.locator(".side-panel").get_by_label("Asunto")).to_have_value(
            "Bache grande frente a la escuela"
        )
        await page.locator(".side-panel-foot").get_by_role("button", name="Guardar").click()
        await expect(page.locator(".side-panel")).to_contain_text("Frente a la primaria Muestra")
    (row,) = desk.rows(petitions, petitions.c.folio == folio)
    assert (row.subject, row.location) == ("Bache grande frente a la escuela", "Frente a la primaria Muestra")
