"""E01 over three channels: told in the web chat, gone on with by WhatsApp, closed by phone. One person, one folio."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.async_api import Browser, Page, expect

from contact_center.rules.model import Role
from contact_center.simulators.twilio import Config, Simulator, running_twilio
from contact_center.store.schema import citizens, interactions, petition_interactions, petitions, work_items
from tests.support.browser import axe_violations
from tests.support.databases import copy_sqlite
from tests.support.pictures import picture
from tests.support.processes import free_port
from tests.support.stage import Stage, closing, open_stage, until
from tests.support.talking import begin, close, finish, reply, take, turns, write

NUMBER = "6620000001"
WHATSAPP = "whatsapp:+5216620000001"
TEMPLATE = "Hola {{1}}, su petición {{2}} tiene novedades. Responda a este mensaje para conocerlas."


class Town:
    """The service, and a WhatsApp beside it."""

    def __init__(self, stage: Stage, sim: Simulator, portal: object) -> None:
        self.stage, self.sim, self._portal = stage, sim, portal

    def says(self, text: str, *, sender: str = WHATSAPP) -> None:
        self._portal.call(partial(self.sim.text_in, sender, text, profile_name="María Ejemplo"))  # type: ignore[attr-defined]

    def shown(self) -> list[str]:
        """What the citizen's telephone shows, in order."""
        return [str(one["text"]) for one in self.sim.ledger.of("received")]


@pytest.fixture(scope="module")
def town(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder, port = tmp_path_factory.mktemp("town"), free_port()
    account = Config(message_url=f"http://127.0.0.1:{port}/hooks/whatsapp/inbound", pace=20)
    given: dict[str, Any] = {
        "twilio_account": account.account_sid,
        "twilio_auth_token": account.auth_token,
        "twilio_whatsapp_number": account.whatsapp[0],
    }
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running_twilio(account)) as sim,
    ):
        sim.set_template(sid="HX" + "1" * 32, name="novedades", body=TEMPLATE, language="es_MX")
        database = copy_sqlite(_sqlite_template, folder)
        with open_stage(database, folder / "files", port=port, twilio_api_url=sim.url, **given) as stage:
            stage.hire("ana", name="Ana Prueba López")
            stage.hire("sol", Role.systems, name="Sol Prueba")
            yield Town(stage, sim, portal)


async def link(page: Page, folio: str) -> None:
    """Link the contact in hand to a petition that exists."""
    await page.get_by_role("tab", name="Petición").click()
    await page.get_by_role("button", name="Vincular folio").click()
    search = page.get_by_role("search").last
    await search.get_by_role("searchbox").fill(folio)
    await search.get_by_role("searchbox").press("Enter")
    await search.get_by_role("button", name="Vincular").click()
    await expect(page.get_by_role("region", name="De este contacto")).to_contain_text(folio)


async def test_one_person_one_folio_three_interactions_one_timeline(town: Town, browser: Browser) -> None:
    stage = town.stage
    first, second = turns("E01")
    citizen = await stage.citizen(browser)
    agent = await stage.console(browser, "ana")
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        await begin(chat, name="María Ejemplo Uno", phone=NUMBER)
        await write(chat, first)
        await take(desk)
        await reply(desk, turns("E01", "agente")[0])
        await write(chat, second)
        await desk.locator(".thread-actions").get_by_role("button", name="Petición").click()
        form = desk.get_by_role("form", name="Nueva petición")
        await expect(form.get_by_label("Municipio")).to_have_value("Hermosillo")
        await form.get_by_label("Asunto").fill("Bache en la calle Ejemplo esquina con Muestra")
        await form.get_by_label("Localidad o colonia").fill("Colonia Prueba")
        await form.get_by_label("Ubicación").fill("Calle Ejemplo, entre Muestra y Ensayo")
        await form.get_by_role("button", name="Registrar y dar folio").click()
        folio = await chat.locator(".folio b").inner_text()
        await close(desk, "Petición registrada")

        town.says("Buenas tardes, ya hay otro bache junto al primero")
        await take(desk)
        await expect(desk.get_by_role("log")).to_contain_text("junto al primero")
        allowed = desk.get_by_role("group", name="Lo que permite este canal")
        await expect(allowed).to_contain_text("Puede responder hasta las")
        await desk.get_by_role("button", name="Buscar persona").click()
        search = desk.get_by_role("search").last
        await search.get_by_role("searchbox").fill("María Ejemplo")
        await search.get_by_role("searchbox").press("Enter")
        await search.get_by_role("button", name="María").first.click()
        await expect(desk.get_by_role("heading", name="María E.").last).to_be_visible()
        await reply(desk, "Lo agrego a su petición, gracias.")
        await expect(desk.locator(".bubble-ours").last).to_contain_text("Leído")
        assert "Lo agrego a su petición, gracias." in town.shown()
        await link(desk, folio)
        assert await axe_violations(desk) == []
        await picture(desk, "whatsapp-ventana", themes=("claro",))

        await close(desk, "Se informó el estado del folio")

        await desk.keyboard.press("l")
        dialog = desk.get_by_role("dialog", name="Llamada")
        await dialog.get_by_label("Número").fill(NUMBER)
        await dialog.get_by_label("Número").press("Enter")
        bar = desk.get_by_role("region", name="Llamada")
        await bar.get_by_role("button", name="Sí, es esta persona").click()
        await link(desk, folio)
        await bar.get_by_role("button", name="Terminó").click()
        await desk.get_by_role("tab", name="Historia").click()
        before = desk.locator(".history .rows li")
        await expect(before).to_have_count(2)
        await expect(before.filter(has_text=folio)).to_have_count(2)
        await picture(desk, "tres-canales", themes=("claro",))
        await finish(desk, "Se informó el estado del folio")

    contacts = await until(
        lambda: [one for one in stage.rows(interactions) if one.state == "captured"][2:] and stage.rows(interactions)
    )
    assert sorted(one.channel for one in contacts) == ["phone", "web_chat", "whatsapp"]
    (person,) = {one.citizen_id for one in contacts}
    assert person is not None and len(stage.rows(citizens)) == 1
    assert [one.folio for one in stage.rows(petitions)] == [folio]
    assert {one.folio for one in stage.rows(petition_interactions)} == {folio}
    assert len(stage.rows(petition_interactions)) == 3


async def test_a_message_that_waited_a_day_is_answered_with_a_template(town: Town, browser: Browser) -> None:
    stage = town.stage
    stage.everybody_away()
    town.says("¿Ya saben cuándo lo arreglan?", sender="whatsapp:+526620000002")
    await until(lambda: [one for one in stage.rows(work_items) if one.state == "waiting"])
    await stage.let_time_pass(24 * 3600)
    agent = await stage.console(browser, "ana")
    async with closing(agent):
        desk = agent.page
        await desk.get_by_role("region", name="Contacto para usted").get_by_role("button", name="Tomar").click()
        allowed = desk.get_by_role("group", name="Lo que permite este canal")
        await expect(desk.get_by_text("sólo puede enviar una plantilla aprobada")).to_be_visible()
        await expect(desk.get_by_label("Respuesta para la persona")).to_have_count(0)
        await expect(allowed.get_by_role("button", name="Plantillas (1)")).to_be_visible()
        await desk.keyboard.press("Alt+p")
        await expect(allowed.locator("#template-choice")).to_be_focused()
        await allowed.get_by_role("button", name="Enviar plantilla").click()
        await expect(allowed.get_by_text("Llene este espacio")).to_have_count(2)
        await allowed.get_by_label("Espacio 1").fill("María")
        await allowed.get_by_label("Espacio 2").fill("CEAC-2026-000001")
        assert await axe_violations(desk) == []
        await picture(desk, "whatsapp-plantilla", themes=("claro",))
        await allowed.get_by_role("button", name="Enviar plantilla").click()
        await until(lambda: [one for one in town.shown() if one.startswith("Hola María, su petición CEAC")])
        await expect(desk.locator(".bubble-ours").last).to_contain_text("Leído")


async def test_channels_and_templates_are_listed_for_systems(town: Town, browser: Browser) -> None:
    page = await town.stage.console(browser, "sol", "#/admin/canales", state=None)
    async with closing(page):
        await expect(page.page.get_by_role("heading", name="WhatsApp")).to_be_visible()
        await expect(page.page.get_by_text("Funciona")).to_be_visible()
        await expect(page.page.get_by_role("row", name="novedades")).to_contain_text("Aprobada")
        assert await axe_violations(page.page) == []
        await picture(page.page, "sistemas-canales", themes=("claro",))
