"""The supervisor's screens against the running service: the floor live, watching, notes, handing over, taking over."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from contact_center.rules.model import Role
from contact_center.store.schema import events, work_items
from tests.support.browser import WatchedPage, axe_violations
from tests.support.pictures import picture
from tests.support.stage import PHONE, Stage, closing
from tests.support.talking import begin, take, write

WORDS = "Llevamos cuatro días sin agua en la comunidad"


@pytest.fixture(scope="module")
def crew(stage: Stage) -> Stage:
    """Two agents and a supervisor."""
    stage.hire("ana", name="Ana Prueba López")
    stage.hire("jorge", name="Jorge Ensayo Ruiz", level=2)
    stage.hire("sofia", Role.supervisor, name="Sofía Prueba Ruiz", level=9)
    return stage


@pytest_asyncio.fixture(loop_scope="session")
async def talk(crew: Stage, browser: Browser) -> AsyncIterator[tuple[Page, Page, Page]]:
    """A citizen whom Ana has answered, and the supervisor's floor: (citizen, Ana, floor)."""
    crew.everybody_away()
    floor = await crew.console(browser, "sofia", "#/piso", state=None)
    ana = await crew.console(browser, "ana")
    citizen = await crew.citizen(browser)
    async with closing(floor, ana, citizen):
        await begin(citizen.page, name="María Ejemplo")
        await write(citizen.page, WORDS)
        await take(ana.page)
        yield citizen.page, ana.page, floor.page
        row = crew.rows(work_items, work_items.c.state == "held")[0]
        await crew.do("sofia", "work.take_over", item_id=row.id, reason="Fin de la prueba")
        row = crew.rows(work_items, work_items.c.id == row.id)[0]
        capture = {"disposition": "test", "item_id": row.id}
        await crew.do("sofia", "work.finish", epoch=row.epoch, **capture)


async def test_a_supervisor_watches_whispers_and_reads_why_it_went_there(
    crew: Stage, talk: tuple[Page, Page, Page]
) -> None:
    citizen, ana, floor = talk
    await expect(floor.locator("tbody tr", has_text="María E.")).to_contain_text("Ana")
    await expect(floor.locator(".agent-row", has_text="Ana")).to_contain_text("1 de 3 en mano")
    await floor.locator("tbody tr", has_text="María E.").click()
    panel = floor.locator(".side-panel")
    await expect(panel.get_by_text(WORDS)).to_be_visible()
    assert await axe_violations(floor) == []
    # What is said next appears by itself.
    await write(citizen, "Y hay niños y personas grandes")
    await expect(panel.get_by_text("Y hay niños y personas grandes")).to_be_visible()
    await panel.get_by_label("Nota para Ana").fill("Pregunte cuántas familias son, por favor.")
    await floor.keyboard.press("Enter")
    await expect(ana.get_by_text("Pregunte cuántas familias son")).to_be_visible()
    await expect(citizen.get_by_text("Pregunte cuántas familias son")).to_have_count(0)
    await picture(floor, "piso-observar")
    await panel.get_by_role("tab", name="¿Por qué llegó aquí?").click()
    await expect(panel.get_by_text("Se ofreció a Ana")).to_be_visible()
    await expect(panel.get_by_text("Entró a la fila Chat Sonora")).to_be_visible()
    await picture(floor, "piso-porque", themes=("claro",))
    assert await axe_violations(floor) == []
    await floor.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    assert crew.rows(events, events.c.type == "access.recorded") or crew.rows(
        events, events.c.type.like("conversation.%")
    )


async def test_a_supervisor_hands_a_chat_to_somebody_else_by_keyboard_alone(talk: tuple[Page, Page, Page]) -> None:
    _, _, floor = talk
    await expect(floor.locator("tbody tr", has_text="María E.")).to_contain_text("Ana")
    await floor.keyboard.press("j")
    await floor.keyboard.press("Enter")
    panel = floor.locator(".side-panel")
    await expect(panel.get_by_role("heading", name="María E.")).to_be_focused()
    button = panel.get_by_role("button", name="Reasignar")
    for _step in range(30):
        if await button.evaluate("(one) => one === document.activeElement"):
            break
        await floor.keyboard.press("Tab")
    await floor.keyboard.press("Enter")
    await expect(floor.get_by_role("combobox", name="Asignar a (obligatorio)")).to_be_focused()
    await floor.keyboard.type("jorge")
    await floor.keyboard.press("Enter")
    await floor.keyboard.press("Tab")
    await floor.keyboard.type("Ana termina su turno")
    await floor.keyboard.press("Tab")
    await floor.keyboard.press("Tab")
    await expect(floor.locator("dialog").get_by_role("button", name="Asignar")).to_be_focused()
    await floor.keyboard.press("Enter")
    await expect(floor.locator("dialog")).to_have_count(0)
    await expect(floor.locator("tbody tr", has_text="María E.")).to_contain_text("Jorge")


async def test_taking_over_needs_a_reason_and_leaves_a_note_that_staff_see(talk: tuple[Page, Page, Page]) -> None:
    citizen, _, floor = talk
    await floor.locator("tbody tr", has_text="María E.").click()
    await floor.get_by_role("button", name="Tomar la atención").click()
    dialog = floor.locator("dialog")
    await dialog.get_by_role("button", name="Tomar la atención").click()
    await expect(dialog.get_by_text("Escriba el motivo.")).to_be_visible()
    assert await axe_violations(floor) == []
    await dialog.get_by_label("Motivo").fill("Caso delicado")
    await dialog.get_by_role("button", name="Tomar la atención").click()
    await expect(floor.get_by_label("Respuesta para la persona")).to_be_visible()
    await expect(floor.locator(".log").get_by_text("Caso delicado")).to_be_visible()
    await expect(citizen.get_by_text("Caso delicado")).to_have_count(0)


async def test_a_supervisor_follows_the_floor_on_a_phone_and_on_the_wall(crew: Stage, browser: Browser) -> None:
    crew.everybody_away()
    phone = await crew.console(browser, "sofia", "#/piso", state=None, viewport=PHONE)
    wall = await crew.console(browser, "sofia", "#/muro", state=None)
    citizen = await crew.citizen(browser)
    async with closing(phone, wall, citizen):
        await begin(citizen.page, name="José Ejemplo")
        await write(citizen.page, "Buenas tardes")
        card = phone.page.locator(".queue-card", has_text="Chat Sonora")
        await expect(card).to_contain_text("1 en fila")
        await expect(phone.page.locator("tbody tr", has_text="José E.")).to_be_visible()
        assert await phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await expect(wall.page.locator(".wall-figure", has_text="En espera")).to_contain_text("1")
        size = await wall.page.locator(".wall-figure dd").first.evaluate(
            "(one) => parseFloat(getComputedStyle(one).fontSize)"
        )
        assert size >= 72  # read from five metres on a screen of 24 inches
        await picture(wall.page, "muro")
        for page in (phone, wall):
            assert await axe_violations(page.page) == []
        await phone.page.locator("tbody tr", has_text="José E.").click()
        await phone.page.locator(".side-panel-foot").get_by_role("button", name="Atender").click()
        await expect(phone.page.get_by_label("Respuesta para la persona")).to_be_visible()


async def _states(page: WatchedPage, crew: Stage, paths: tuple[str, ...]) -> list[str]:
    found = []
    for path in paths:
        await page.page.goto(f"{crew.url}/console/{path}")
        await expect(page.page.locator("h1").first).to_be_visible()
        await expect(page.page.locator(".skeleton")).to_have_count(0)
        found += [f"{path}: {one}" for one in await axe_violations(page.page)]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_the_registers_in_light_and_dark(crew: Stage, browser: Browser, scheme: str) -> None:
    page = await crew.console(browser, "sofia", "#/piso", state=None, color_scheme=scheme)
    async with closing(page):
        paths = ("#/peticiones", "#/atenciones", "#/mi-dia", "#/cuenta", "#/piso", "#/muro")
        assert await _states(page, crew, paths) == []
