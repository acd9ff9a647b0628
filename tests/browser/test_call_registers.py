"""The registers of calls in a real browser: a view one can send, figures that open their rows, a transfer verified."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import insert

from contact_center.rules.faces import ms
from contact_center.rules.model import Role
from contact_center.store.schema import access_log, findings, transfers, work_items
from tests.support.browser import axe_violations
from tests.support.pictures import picture
from tests.support.stage import PHONE, Stage, closing

ABOUT = {
    "kind": "petition",
    "category": "AG01",
    "municipality": "26018",
    "locality": "Colonia Prueba",
    "subject": "Cuatro días sin agua",
    "description": "Llevan cuatro días sin agua en la comunidad, son unas veinte familias.",
    "requester": {"names": "Juan", "first_surname": "Prueba", "phone": "6440000002"},
    "despite_duplicates": True,
}


async def logged(
    desk: Stage, agent: str, minutes_ago: int, seconds: int, *, petition: bool = False, **fields: Any
) -> str:
    """Enter a call that is over, capture it, and return its contact."""
    start = desk.clock.now() - timedelta(minutes=minutes_ago)
    body = {"direction": "inbound", "number": "644 000 0002", **fields}
    span = {"started_at": ms(start), "ended_at": ms(start + timedelta(seconds=seconds))}
    made = await desk.do(agent, "call.log", **body, **span)
    contact: str = made["item"]["conversation"]
    if petition:
        await desk.do(agent, "petition.create", **ABOUT, interaction_id=contact)
    (item,) = desk.rows(work_items, work_items.c.id == made["item"]["id"])
    how = "petition_registered" if petition else "not_reached" if body.get("answered") is False else "oriented"
    await desk.do(agent, "work.finish", item_id=item.id, epoch=item.epoch, disposition=how)
    return contact


async def passed(desk: Stage) -> str:
    """A call that Ana asked Berta to take, who did not; return its contact."""
    made = await desk.do("ana", "call.start", direction="inbound", number="653 000 0003")
    (item,) = desk.rows(work_items, work_items.c.id == made["item"]["id"])
    where = {"to_kind": "user", "to_id": desk.staff["berta"], "reason": "specialist", "note": "Pregunta por su pensión"}
    held = {"item_id": item.id, "epoch": item.epoch}
    await desk.do("ana", "call.transfer", **held, kind="warm", answer="refused", **where)
    await desk.do("ana", "call.mark", **held, what="ended")
    (item,) = desk.rows(work_items, work_items.c.id == item.id)
    await desk.do("ana", "work.finish", item_id=item.id, epoch=item.epoch, disposition="oriented")
    contact: str = made["item"]["conversation"]
    return contact


@pytest.fixture(scope="module")
def desk(stage: Stage) -> Stage:
    stage.hire("sofia", Role.supervisor, name="Sofía Prueba Ruiz")
    stage.hire("ana", name="Ana Prueba López")
    stage.hire("berta", name="Berta Prueba Ruiz")
    return stage


async def test_a_supervisor_reads_counts_groups_and_verifies_the_calls(desk: Stage, browser: Browser) -> None:
    await logged(desk, "ana", 50, 312, petition=True)
    await logged(desk, "ana", 40, 95)
    await logged(desk, "berta", 30, 640, number="")
    await logged(desk, "berta", 20, 0, direction="outbound", answered=False, outcome="no_answer")
    contact = await passed(desk)
    one = await desk.console(browser, "sofia", "#/registros", state=None)
    async with closing(one):
        page = one.page
        await expect(page.locator("tbody tr")).to_have_count(5)
        await expect(page.locator("tfoot")).to_contain_text("Total: 5")
        await expect(page.locator(".figure-line")).to_contain_text("Recibidas")
        assert await axe_violations(page) == []
        await picture(page, "registro-llamadas")
        await page.get_by_role("link", name="Realizadas: 1").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.get_by_role("button", name="Dirección: Realizada")).to_be_visible()
        address = page.url
        await page.get_by_role("button", name="Dirección: Realizada").click()
        await page.get_by_role("button", name="Duración").click()
        await expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Duración")
        await page.get_by_role("button", name="Columnas").click()
        await page.get_by_role("checkbox", name="Municipio").check()
        await page.keyboard.press("Escape")
        await expect(page.locator("tbody")).to_contain_text("Cajeme")
        await page.get_by_label("Ver como").select_option(label="Agente")
        await expect(page.locator("tbody tr")).to_have_count(2)
        assert await axe_violations(page) == []
        await picture(page, "registro-llamadas-agente", themes=("claro",))
        await page.locator("tbody tr", has_text="Berta").get_by_role("button").click()
        await expect(page.locator("tbody tr")).to_have_count(2)
        await page.get_by_label("Ver como").select_option(label="Cifras y fórmulas")
        await expect(page.locator(".register-figures")).to_contain_text("contestadas ÷ (contestadas + abandonadas)")
        await expect(page.get_by_text("Las cifras cuadran")).to_be_visible()
        assert await axe_violations(page) == []
        await picture(page, "registro-cifras", themes=("claro",))
        await page.get_by_role("button", name="Ayer").click()
        await page.get_by_label("Ver como").select_option(label="Lista")
        await expect(page.get_by_text("Sin registros en el periodo")).to_be_visible()

        await page.goto(f"{desk.url}/console/#/registros/transferidas")
        row = page.locator("tbody tr", has_text="Rechazada")
        await row.get_by_role("button", name="Verificar").click()
        await expect(row).to_contain_text("Por Sofía")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        panel = page.locator(".side-panel")
        await expect(panel.get_by_role("list", name="Transferencias")).to_contain_text("Pregunta por su pensión")
        await panel.get_by_role("button", name="Ver número").click()
        await expect(panel.get_by_role("list", name="Llamadas")).to_contain_text("+526530000003")
        assert await axe_violations(page) == []
        await picture(page, "registro-transferidas")
        await page.keyboard.press("Escape")
        await page.get_by_label("Ver como").select_option(label="Origen × destino")
        await expect(page.locator(".matrix tbody")).to_contain_text("Call Center")
        assert await axe_violations(page) == []
    (mark,) = desk.rows(transfers, transfers.c.interaction_id == contact)
    assert mark.verified_by == desk.staff["sofia"]
    assert desk.rows(access_log, access_log.c.action == "call.reveal")
    other = await desk.console(browser, "berta", address.split("/console/")[1], state=None, viewport=PHONE)
    async with closing(other):
        page = other.page
        await expect(page.get_by_role("button", name="Dirección: Realizada")).to_be_visible()
        await expect(page.locator("tbody tr")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert await axe_violations(page) == []


async def test_calls_that_inform_and_ask_are_read_grouped_and_counted(desk: Stage, browser: Browser) -> None:
    made = await desk.do("ana", "petition.create", **ABOUT, medium="phone")
    folio = made["petition"]["folio"]
    for reason, hours, asked in (("inform", 1, {}), ("ask", 2, {"questions": ("¿Cuántas viviendas son?",)})):
        due = ms(desk.clock.now() + timedelta(hours=hours))
        await desk.do("sofia", "callback.plan", reason=reason, folio=folio, due_at=due, **asked)
    one = await desk.console(browser, "sofia", "#/registros/informativas", state=None)
    async with closing(one):
        page = one.page
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(2)
        await expect(rows.filter(has_text="Pedir información")).to_contain_text("0 de 1 respuestas")
        await expect(rows.filter(has_text="Informativa")).to_contain_text(folio)
        await expect(page.locator("tfoot")).to_contain_text("2")
        assert await axe_violations(page) == []
        await picture(page, "registro-informativas", themes=("claro",))
        await page.get_by_role("button", name="Filtros").click()
        await page.get_by_role("combobox", name="Tipo").fill("informativa")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Ver la lista").click()
        await expect(rows).to_have_count(1)
        await page.get_by_role("button", name="Tipo: Informativa").click()
        await page.get_by_label("Ver como").select_option(label="Agente")
        await expect(rows).not_to_have_count(0)
        assert await axe_violations(page) == []
        await page.get_by_label("Ver como").select_option(label="Cifras y fórmulas")
        await expect(page.get_by_text("Las cifras cuadran")).to_be_visible()


async def test_what_nobody_captured_is_assigned_justified_and_gone(desk: Stage, browser: Browser) -> None:
    made = await desk.do("ana", "call.start", direction="inbound", number="631 000 0006")
    (item,) = desk.rows(work_items, work_items.c.id == made["item"]["id"])
    await desk.do("ana", "call.mark", item_id=item.id, epoch=item.epoch, what="ended")
    desk.write(insert(findings).values(id=desk.ids.new(), kind="unlogged_call", **finding(desk, item)))
    desk.write(insert(findings).values(id=desk.ids.new(), kind="no_disposition", **finding(desk, item)))
    one = await desk.console(browser, "sofia", "#/registros/sin-captura", state=None)
    async with closing(one):
        page = one.page
        await expect(page.locator("tbody tr")).to_have_count(2)
        await expect(page.locator(".figure-line")).to_contain_text("Llamada sin registro")
        assert await axe_violations(page) == []
        await picture(page, "registro-sin-captura")
        row = page.locator("tbody tr", has_text="Llamada sin registro")
        await row.get_by_role("button", name="Asignar").click()
        dialog = page.locator("dialog")
        await dialog.get_by_label("¿Quién la captura?").select_option(label="Ana")
        await dialog.get_by_role("button", name="Asignar").click()
        await expect(row).to_contain_text("Ana")
        await row.get_by_role("button", name="Justificar").click()
        await dialog.get_by_role("textbox").fill("Prueba del conmutador")
        await dialog.get_by_role("button", name="Guardar justificación").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("button", name="Resueltos").click()
        await expect(page.locator("tbody tr")).to_contain_text("Prueba del conmutador")


def finding(desk: Stage, item: Any) -> dict[str, Any]:
    """A finding in nobody's list, an hour old."""
    return {"interaction_id": item.interaction_id, "opened_at": desk.clock.now() - timedelta(hours=1)}
