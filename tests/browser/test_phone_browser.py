"""The telephone in a real browser, through the provider's simulator as a process: received, made, passed on, lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import update

from contact_center.rules.model import Role
from contact_center.store.schema import access_log, callbacks, calls, interactions, queues, recordings, transfers
from tests.support.databases import copy_sqlite
from tests.support.looks import Looks
from tests.support.office_phone import MICROPHONE, OfficePhone, bar, open_office_phone, over, speaking, take
from tests.support.pictures import picture
from tests.support.registering import form as petition_form
from tests.support.stage import Stage, closing, set_state, until
from tests.support.talking import finish

TO_A_PERSON = ({"wait": 1}, {"press": "0"}, {"wait_for_person": True})


@pytest.fixture(scope="module")
def office(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficePhone]:
    """A service with a telephone, and its staff."""
    folder = tmp_path_factory.mktemp("phone")
    with open_office_phone(copy_sqlite(_sqlite_template, folder), folder / "files") as running:
        running.stage.hire("ana", name="Ana Prueba López")
        running.stage.hire("berta", name="Berta Prueba Ruiz")
        running.stage.hire("dora", Role.supervisor, name="Dora Prueba Soto")
        yield running


def state_of(stage: Stage, number: str) -> str:
    (call,) = stage.rows(calls, calls.c.number == number)
    return str(call.state)


async def test_a_call_is_taken_held_muted_and_ended_from_the_keys(office: OfficePhone, browser: Browser) -> None:
    stage, looks, number = office.stage, Looks(), "+526620000011"
    ana = await stage.console(browser, "ana", reduced_motion="reduce")
    async with closing(ana):
        page = ana.page
        await expect(page.get_by_role("button", name="Activar micrófono")).to_be_visible()
        await looks.at(page, "microphone wanted")
        await picture(page, "telefono-microfono", themes=("claro",))
        await page.context.grant_permissions(["microphone"])
        await page.get_by_role("button", name="Activar micrófono").click()
        await expect(page.get_by_text("Teléfono listo")).to_be_visible()
        office.caller({"wait": 1}, {"press": "1"}, {"wait_for_person": True}, number=number)
        offer = page.get_by_role("region", name="Contacto para usted")
        await expect(offer).to_contain_text("petición nueva")
        await looks.at(page, "a call offered")
        await picture(page, "telefono-oferta", themes=("claro",))
        await page.keyboard.press("Enter")
        await speaking(page)
        await expect(bar(page)).to_contain_text("662 ••• •011")
        await page.keyboard.press("m")
        await expect(bar(page)).to_contain_text("Silenciado: no se le oye")
        await looks.at(page, "speaking, muted")
        await page.keyboard.press("m")
        await page.keyboard.press("#")
        await page.keyboard.type("42#")
        await expect(page.locator(".keypad-sent")).to_have_text("42#")
        await looks.at(page, "keypad")
        await picture(page, "telefono-teclado", themes=("claro",))
        await page.keyboard.press("Escape")
        pressed = [
            one["frame"]["digits"]
            for one in office.ledger(kind="device")
            if "frame" in one and one["frame"].get("digits")
        ]
        assert pressed == ["4", "2", "#"]
        await expect(page.get_by_text("Ana en la línea")).to_have_count(1)
        await page.keyboard.press("h")
        await expect(bar(page).get_by_text("En espera").first).to_be_visible()
        await looks.at(page, "held")
        await picture(page, "telefono-en-espera", width=390)
        await picture(page, "telefono-en-espera")
        await page.keyboard.press("h")
        await expect(bar(page).get_by_text("En espera")).to_have_count(0)
        await page.keyboard.press("Shift+X")
        await over(page)
        await finish(page)
    assert looks.wrong == []
    (call,) = stage.rows(calls, calls.c.number == number)
    (contact,) = stage.rows(interactions, interactions.c.id == call.interaction_id)
    assert (call.state, call.mode, call.menu) == ("completed", "browser", "new_petition")
    assert (contact.state, contact.disposition) == ("captured", "oriented")


async def test_a_call_is_made_from_the_browser_and_the_citizen_ends_it(office: OfficePhone, browser: Browser) -> None:
    stage, number = office.stage, "+526440000012"
    office.telephone(number, outcome="answer", answer_after_s=1)
    ana = await stage.console(browser, "ana", **MICROPHONE)
    async with closing(ana):
        page = ana.page
        await expect(page.get_by_text("Teléfono listo")).to_be_visible()
        await page.locator("body").press("l")
        dialog = page.get_by_role("dialog", name="Llamada")
        await dialog.get_by_role("button", name="Voy a llamar").click()
        await expect(dialog.get_by_role("button", name="Este navegador")).to_have_attribute("aria-pressed", "true")
        await dialog.get_by_label("Número").fill("644 000 0012")
        await picture(page, "telefono-marcar", themes=("claro",))
        await dialog.get_by_role("button", name="Iniciar llamada").click()
        await speaking(page)
        (placed,) = await until(lambda: [one for one in office.ledger(kind="call") if one.get("to") == number][:1])
        office.hang_up(placed["call_sid"])
        await over(page)
        await finish(page)
    (call,) = stage.rows(calls, calls.c.number == number)
    assert (call.state, call.direction, call.mode) == ("completed", "outbound", "browser")


async def listen(floor: Page) -> Locator:
    """Listen to Ana's call from the floor; returns the part of the screen that says so."""
    spoken = floor.get_by_role("region", name="Llamadas en curso")
    await expect(spoken).to_contain_text("Ana con")
    await spoken.get_by_role("button", name="Escuchar").click()
    ear = floor.get_by_role("region", name="Escuchar la llamada")
    await expect(ear).to_contain_text("Está escuchando")
    return ear


async def consult_berta(page: Page) -> None:
    await page.locator("body").press("t")
    dialog = page.get_by_role("dialog", name="Transferir la llamada")
    await dialog.get_by_role("button", name="Asistida").click()
    await dialog.get_by_role("combobox", name="A quién").fill("berta")
    await page.get_by_role("option", name="Berta").first.click()
    await dialog.get_by_label("Motivo").select_option(label="Requiere especialista")
    await picture(page, "telefono-transferir", themes=("claro",))
    await dialog.get_by_role("button", name="Consultar").click()


async def test_a_call_is_handed_over_after_a_word_and_back_without_one_while_a_supervisor_hears(
    office: OfficePhone, browser: Browser
) -> None:
    stage, looks, number = office.stage, Looks(), "+526620000013"
    ana = await stage.console(browser, "ana", **MICROPHONE)
    berta = await stage.console(browser, "berta", state="offline", **MICROPHONE)
    dora = await stage.console(browser, "dora", "#/piso", state=None, **MICROPHONE)
    async with closing(ana, berta, dora):
        page, other, floor = ana.page, berta.page, dora.page
        await page.bring_to_front()
        await expect(page.get_by_text("Teléfono listo")).to_be_visible()
        office.caller(*TO_A_PERSON, number=number)
        await take(page)
        await speaking(page)
        # A supervisor hears, then helps, in sight of whose call it is.
        await floor.bring_to_front()
        ear = await listen(floor)
        await ear.get_by_role("button", name="Susurrar").click()
        await expect(ear).to_contain_text("Está susurrando")
        await looks.at(floor, "listening")
        await picture(floor, "piso-escuchar", themes=("claro",))
        await picture(floor, "piso-escuchar", themes=("oscuro",), width=390)
        await page.bring_to_front()
        await expect(bar(page)).to_contain_text("Supervisión escucha: Dora")
        await floor.bring_to_front()
        await ear.get_by_role("button", name="Dejar de escuchar").click()
        await expect(ear).to_have_count(0)
        # A word with a colleague first.
        await other.bring_to_front()
        await set_state(other)
        await page.bring_to_front()
        await consult_berta(page)
        await expect(bar(page)).to_contain_text("Llamando a Berta")
        await looks.at(page, "calling a colleague")
        await other.bring_to_front()
        await expect(other.get_by_role("region", name="Ana pide consultarle")).to_be_visible()
        await looks.at(other, "asked for a word")
        await picture(other, "telefono-consulta", themes=("claro",))
        await other.keyboard.press("Enter")
        await expect(other.get_by_role("region", name="En consulta con Ana")).to_be_visible()
        await page.bring_to_front()
        await expect(bar(page)).to_contain_text("Habla con Berta")
        await looks.at(page, "speaking with a colleague")
        await picture(page, "telefono-consultando", themes=("claro",))
        await page.keyboard.press("c")
        await other.bring_to_front()
        await other.locator("[data-row]").first.click()
        await speaking(other)
        # And back without one: the citizen waits in line, with the place they had.
        await other.locator("body").press("t")
        dialog = other.get_by_role("dialog", name="Transferir la llamada")
        await dialog.get_by_role("combobox", name="A quién").fill("ana")
        await other.get_by_role("option", name="Ana").first.click()
        await dialog.get_by_label("Motivo").select_option(label="Requiere especialista")
        await dialog.get_by_role("button", name="Transferir", exact=True).click()
        await page.bring_to_front()
        await take(page)
        await speaking(page)
        await page.keyboard.press("Shift+X")
        await over(page)
        await finish(page)
    assert looks.wrong == []
    (call,) = stage.rows(calls, calls.c.number == number)
    rows = stage.rows(transfers, transfers.c.interaction_id == call.interaction_id)
    assert sorted((one.kind, one.answer, one.to_agent_id) for one in rows) == [
        ("cold", "accepted", stage.staff["ana"]),
        ("warm", "accepted", stage.staff["berta"]),
    ]
    assert call.state == "completed"


async def test_a_call_whose_agent_is_lost_goes_to_the_next_and_a_voicemail_is_heard(
    office: OfficePhone, browser: Browser
) -> None:
    stage, looks, lost, left = office.stage, Looks(), "+526620000014", "+526620000015"
    ana = await stage.console(browser, "ana", **MICROPHONE)
    berta = await stage.console(browser, "berta", state="offline", **MICROPHONE)
    async with closing(berta):
        page, other = ana.page, berta.page
        await page.bring_to_front()
        await expect(page.get_by_text("Teléfono listo")).to_be_visible()
        office.caller(*TO_A_PERSON, number=lost)
        await take(page)
        await speaking(page)
        await other.bring_to_front()
        await set_state(other)
        await page.context.close()
        await until(lambda: stage.rows(calls, calls.c.number == lost, calls.c.alone_since.is_not(None)))
        await stage.let_time_pass(6)
        await take(other)
        await speaking(other)
        await other.keyboard.press("Shift+X")
        await over(other)
        await finish(other)
        await stage.let_time_pass(15)  # Ana has not been heard of for so long that nothing is offered to her
        office.caller(
            {"wait": 1},
            {"press": "0"},
            {"wait": 3},
            {"press": "2"},
            {"say_seconds": 12},
            {"hang_up": True},
            number=left,
        )
        await until(lambda: [one for one in stage.rows(recordings) if one.state == "removed_there"])
        await stage.let_time_pass(12)
        await take(other)
        player = other.get_by_role("group", name="Recado de voz")
        await expect(player).to_be_visible()
        await looks.at(other, "a voicemail")
        await picture(other, "telefono-recado", themes=("claro",))
        await player.get_by_role("combobox", name="Velocidad").select_option("2")
        await player.get_by_role("button", name="Reproducir").click()
        (heard,) = await until(lambda: stage.rows(access_log, access_log.c.action == "recording.read"))
        assert stage.staff["berta"] in heard.actor
        await other.wait_for_function("() => document.querySelector('audio').played.length === 1")
        await expect(player.get_by_role("button", name="Reproducir")).to_be_visible()
        await other.locator("body").press("w")
        await finish(other)
    assert looks.wrong == []
    assert state_of(stage, lost) == "completed"
    assert state_of(stage, left) == "message_left"


async def test_three_speak_a_supervisor_steps_in_and_what_is_private_is_not_recorded(
    office: OfficePhone, browser: Browser
) -> None:
    stage, looks, number = office.stage, Looks(), "+526620000017"
    stage.everybody_away()  # who was here before may still be taken for present
    stage.option(calls_barge=True)
    stage.write(update(queues).values(recording=True))
    ana = await stage.console(browser, "ana", **MICROPHONE)
    berta = await stage.console(browser, "berta", state="offline", **MICROPHONE)
    dora = await stage.console(browser, "dora", "#/piso", state=None, **MICROPHONE)
    async with closing(ana, berta, dora):
        page, other, floor = ana.page, berta.page, dora.page
        await page.bring_to_front()
        await expect(page.get_by_text("Teléfono listo")).to_be_visible()
        office.caller(*TO_A_PERSON, number=number)
        await take(page)
        await speaking(page)
        await expect(bar(page)).to_contain_text("Grabando")
        await bar(page).get_by_role("button", name="Pausar grabación").click()
        await expect(bar(page)).to_contain_text("Grabación en pausa")
        await looks.at(page, "a recording in pause")
        await bar(page).get_by_role("button", name="Seguir grabando").click()
        await expect(bar(page)).to_contain_text("Grabando")
        await other.bring_to_front()
        await set_state(other)
        await page.bring_to_front()
        await consult_berta(page)
        await other.bring_to_front()
        await expect(other.get_by_role("region", name="Ana pide consultarle")).to_be_visible()
        await other.keyboard.press("Enter")
        await page.bring_to_front()
        await expect(bar(page)).to_contain_text("Habla con Berta")
        await page.keyboard.press("u")
        await expect(bar(page)).to_contain_text("Hablan los tres")
        await looks.at(page, "three on the line")
        await picture(page, "telefono-tres", themes=("claro",))
        # By the office's own rule a supervisor may be heard by both, and both see who it is.
        await floor.bring_to_front()
        ear = await listen(floor)
        await ear.get_by_role("button", name="Intervenir").click()
        await expect(ear).to_contain_text("Está en la llamada")
        await looks.at(floor, "a supervisor on the line")
        await page.bring_to_front()
        await expect(bar(page)).to_contain_text("Supervisión en la llamada: Dora")
        await floor.bring_to_front()
        await ear.get_by_role("button", name="Dejar de escuchar").click()
        await expect(ear).to_have_count(0)
        # Her colleague leaves, she ends the call.
        await page.bring_to_front()
        await page.keyboard.press("v")
        await expect(bar(page).get_by_role("status").first).to_have_text("En curso")
        await page.keyboard.press("Shift+X")
        await over(page)
        await finish(page)
    stage.option(calls_barge=False)
    stage.write(update(queues).values(recording=False))
    assert looks.wrong == []
    assert state_of(stage, number) == "completed"
    watched = [one.action for one in stage.rows(access_log) if stage.staff["dora"] in one.actor]
    assert any("barge" in action for action in watched), watched


async def test_a_call_that_the_network_loses_is_captured_and_called_back(office: OfficePhone, browser: Browser) -> None:
    stage, looks, number = office.stage, Looks(), "+526620000016"
    stage.everybody_away()  # who was here before may still be taken for present
    ana = await stage.console(browser, "ana", **MICROPHONE)
    async with closing(ana):
        page = ana.page
        await expect(page.get_by_text("Teléfono listo")).to_be_visible()
        sid = office.caller(*TO_A_PERSON, number=number)
        await take(page)
        await speaking(page)
        office.break_line(sid)
        await expect(bar(page).get_by_role("status").first).to_have_text("Se cortó")
        await looks.at(page, "a call that was cut off")
        await picture(page, "telefono-cortada", themes=("claro",))
        await finish(page)
        await stage.let_time_pass(12)
        (owed,) = await until(lambda: stage.rows(callbacks, callbacks.c.number == number))
        assert owed.owner_id == stage.staff["ana"]
        await page.goto(f"{stage.url}/console/#/registros")
        await expect(page.get_by_role("row").filter(has_text="•016").first).to_contain_text("Caída")
        await looks.at(page, "the register with a dropped call")
    assert looks.wrong == []
    assert state_of(stage, number) == "dropped"


async def test_a_caller_who_learns_the_state_of_a_folio_by_keys_is_in_the_register(
    office: OfficePhone, browser: Browser
) -> None:
    stage, looks, number = office.stage, Looks(), "+526620000001"
    stage.everybody_away()
    folio = (await stage.do("ana", "petition.create", **petition_form(medium="phone")))["petition"]["folio"]
    keys = folio.removeprefix("CEAC-").replace("-", "")
    office.caller(
        *({"wait": 1}, {"press": "2"}, {"wait_for": "tecla de gato"}, {"press": f"{keys}#"}),
        *({"wait_for": "cuatro dígitos"}, {"press": "0001"}, {"wait_for": "puede colgar"}, {"hang_up": True}),
        number=number,
    )
    (call,) = await until(lambda: stage.rows(calls, calls.c.number == number, calls.c.state == "self_service"))
    await stage.let_time_pass(150)  # for reports that are late; the provider's clock stands: no token is good after it
    contact = interactions.c.id == call.interaction_id
    await until(lambda: stage.rows(interactions, contact, interactions.c.state == "captured"))
    dora = await stage.console(browser, "dora", "#/registros", state=None)
    async with closing(dora):
        page = dora.page
        row = page.get_by_role("row").filter(has_text="•001").first
        await expect(row).to_contain_text("Resuelta en el menú")
        await expect(row).to_contain_text("Capturada")
        await row.click()
        panel = page.locator(".side-panel")
        await expect(panel).to_contain_text("En el menú: estado de su folio")
        await expect(panel).not_to_contain_text("Abandonada")
        await looks.at(page, "a call that the menu answered")
        await page.goto(f"{stage.url}/console/#/peticiones/{folio}")
        await page.get_by_role("tab", name="Seguimiento").click()
        await expect(page.locator(".timeline")).to_contain_text("Consulta ciudadana")
    assert looks.wrong == []
