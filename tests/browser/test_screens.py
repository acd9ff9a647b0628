"""Signing in and the administration against the running service: what systems do on a new house's first day."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from contact_center.rules.model import Role
from contact_center.store.schema import calendars, options, queue_members, queues, sites, texts, users
from tests.support.browser import axe_violations
from tests.support.databases import copy_sqlite
from tests.support.pictures import picture
from tests.support.signed_in import PASSWORD
from tests.support.stage import PHONE, Stage, closing, open_stage

NEW = "una frase larga del desierto 47"
SECTIONS = ("usuarios", "areas", "filas", "horarios", "respuestas", "categorias", "textos", "sitios", "ajustes")


@pytest.fixture(scope="module")
def office(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A house with one systems user."""
    folder = tmp_path_factory.mktemp("office")
    with open_stage(copy_sqlite(_sqlite_template, folder), folder / "files") as running:
        running.hire("raul", Role.systems, name="Raúl Sistemas Prueba")
        yield running


async def test_a_new_colleague_changes_the_password_and_enrols_the_second_step(office: Stage, browser: Browser) -> None:
    office.hire(
        "nora", Role.supervisor, name="Nora Nueva", must_change_password=True, totp_secret=None, totp_confirmed=False
    )
    watched = await office.open(browser, "/console/")
    watched.expected = ("401",)
    async with closing(watched):
        page = watched.page
        await page.get_by_role("button", name="Entrar", exact=True).click()
        await expect(page.get_by_text("Escriba su usuario.")).to_be_visible()
        assert await axe_violations(page) == []
        await page.get_by_label("Usuario").fill("nora")
        await page.locator("#login-password").fill("no es esta frase")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("no son correctos")
        await page.locator("#login-password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Elija su contraseña")).to_be_focused()
        await page.locator("#password-next").fill("corta")
        await page.locator("#password-again").fill(NEW)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Use al menos 12 caracteres.")).to_be_visible()
        assert await axe_violations(page) == []
        await page.locator("#password-next").fill(NEW)
        await page.keyboard.press("Enter")
        code = page.get_by_role("img", name="Código QR")
        await expect(code).to_be_visible()
        assert await code.evaluate("(one) => one.complete && one.naturalWidth > 0")
        await picture(page, "entrar-segundo-paso", themes=("claro",))
        await page.get_by_text("¿No puede leerla?").click()
        secret = (await page.locator(".login-secret").inner_text()).replace(" ", "")
        digits = pyotp.TOTP(secret).at(office.clock.now())
        await page.get_by_label("Escriba los 6 dígitos").fill(digits)
        await page.keyboard.press("Enter")
        await expect(page.locator(".login-codes li")).not_to_have_count(0)
        assert await axe_violations(page) == []
        await expect(page.get_by_role("button", name="Continuar")).to_be_disabled()
        await page.get_by_label("Ya los guardé").check()
        await page.get_by_role("button", name="Continuar").click()
        await expect(page.get_by_role("navigation", name="Pantallas").or_(page.locator(".rail"))).to_be_visible()
    (row,) = office.rows(users, users.c.username == "nora")
    assert (row.must_change_password, row.totp_confirmed) == (False, True)


async def save(page: Page) -> None:
    await page.locator(".side-panel-foot").get_by_role("button", name="Guardar").click()


async def test_systems_add_a_colleague_who_gets_a_password_once_and_a_queue(office: Stage, browser: Browser) -> None:
    watched = await office.console(browser, "raul", "#/admin/usuarios", state=None)
    watched.expected = ("409",)
    async with closing(watched):
        page = watched.page
        await page.get_by_role("button", name="Nuevo usuario").click()
        await save(page)
        summary = page.get_by_role("alert").filter(has_text="Revise estos datos")
        await expect(summary).to_be_focused()
        await summary.get_by_role("button", name="Nombre: falta este dato.").click()
        await expect(page.get_by_label("Nombre (obligatorio)")).to_be_focused()
        await page.keyboard.type("Pedro Nuevo Salas")
        await page.get_by_label("Usuario (obligatorio)").fill("raul")
        await page.get_by_label("Agregar una fila").fill("chat")
        await page.keyboard.press("Enter")
        await save(page)
        await expect(page.locator(".field-error", has_text="Ya existe otro igual.")).to_be_visible()
        assert await axe_violations(page) == []
        await page.get_by_label("Usuario (obligatorio)").fill("pedro")
        # Leaving asks first, and what was typed is there after a reload.
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("heading", name="Hay cambios sin guardar")).to_be_visible()
        await page.get_by_role("button", name="Seguir editando").click()
        await page.reload()
        await expect(page.get_by_text("Recuperamos los cambios")).to_be_visible()
        await expect(page.get_by_label("Usuario (obligatorio)")).to_have_value("pedro")
        await save(page)
        await picture(page, "sistemas-contrasena", themes=("claro",))
        secret = await page.locator(".one-time code").inner_text()
        assert len(secret) >= 12
        await page.get_by_role("button", name="Ya la anoté").click()
        await expect(page.get_by_text(secret)).to_have_count(0)
        await expect(page.locator("tbody tr", has_text="Pedro Nuevo Salas")).to_contain_text("Chat Sonora")
    (row,) = office.rows(users, users.c.username == "pedro")
    assert row.must_change_password
    assert len(office.rows(queue_members, queue_members.c.user_id == row.id)) == 1


async def test_hours_take_several_ranges_and_say_what_they_mean_now(office: Stage, browser: Browser) -> None:
    watched = await office.console(browser, "raul", "#/admin/horarios", state=None)
    async with closing(watched):
        page = watched.page
        row = page.locator("tbody tr", has_text="Horario general")
        await expect(row).to_contain_text("Abierto ahora")
        await expect(row).to_contain_text("lun–vie 08:00–15:00")
        await row.click()
        tuesday = page.locator(".week-day", has_text="Martes")
        await tuesday.get_by_label("Martes: cierra").fill("9")
        await page.keyboard.press("Tab")
        await expect(tuesday.get_by_label("Martes: cierra")).to_have_value("09:00")
        await expect(page.locator(".side-panel-head")).to_contain_text("Cerrado ahora")
        await tuesday.get_by_role("button", name="Agregar horas: Martes").click()
        await tuesday.get_by_label("Martes: abre").nth(1).fill("830")
        await tuesday.get_by_label("Martes: cierra").nth(1).fill("14")
        await save(page)
        await expect(page.locator(".field-error", has_text="se enciman")).to_be_visible()
        await tuesday.get_by_label("Martes: abre").nth(1).fill("9:30")
        await expect(page.locator(".side-panel-head")).to_contain_text("Abre hoy a las 09:30.")
        await picture(page, "sistemas-horarios", themes=("claro",))
        assert await axe_violations(page) == []
        await save(page)
        await expect(row).to_contain_text("mar 08:00–09:00, 09:30–14:00")
    (row_kept,) = office.rows(calendars)
    assert row_kept.week["tue"] == [["08:00", "09:00"], ["09:30", "14:00"]]


async def test_the_privacy_notice_is_blocked_until_its_blanks_are_filled(office: Stage, browser: Browser) -> None:
    office.write(update(options).where(options.c.key == "notice_address").values(value=""))
    watched = await office.console(browser, "raul", "#/admin/textos", state=None)
    async with closing(watched):
        page = watched.page
        await expect(page.get_by_text("todavía no se puede publicar")).to_be_visible()
        await picture(page, "sistemas-aviso", themes=("claro",))
        await page.get_by_role("link", name="Domicilio de la oficina").click()
        field = page.get_by_label("Domicilio de la oficina")
        await expect(field).to_be_focused()
        await field.fill("Calle de Prueba 1, Hermosillo")
        await page.get_by_label("Aviso por inactividad (minutos)").fill("7")
        await page.get_by_role("button", name="Guardar").click()
        await expect(page.get_by_text("Aviso completo")).to_be_visible()
    saved = {row.key: row.value for row in office.rows(options)}
    assert (saved["notice_address"], saved["inactivity_notice_s"]) == ("Calle de Prueba 1, Hermosillo", 420)


async def test_a_text_keeps_its_placeholders_and_a_site_gets_its_line(office: Stage, browser: Browser) -> None:
    watched = await office.console(browser, "raul", "#/admin/textos?ver=transferencia", state=None)
    async with closing(watched):
        page = watched.page
        text = page.get_by_label("Texto (obligatorio)")
        await text.fill("Le comunicaremos con {area}.")
        await expect(page.locator(".variables")).to_contain_text("{area_destino} falta")
        await save(page)
        await expect(page.locator(".field-error")).to_contain_text("{area_destino}")
        await text.fill("Le comunicaremos con {area_destino}.")
        await save(page)
        await expect(
            page.get_by_role("status").or_(page.locator(".toast")).filter(has_text="Guardado").first
        ).to_be_visible()
        await page.goto(f"{office.url}/console/#/admin/sitios?ver=nuevo")
        await page.get_by_label("Nombre (obligatorio)").fill("Portal del estado")
        await page.get_by_label("Dirección del sitio (obligatorio)").fill("https://www.sonora.gob.mx/tramites?x=1")
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Dirección del sitio (obligatorio)")).to_have_value("https://www.sonora.gob.mx")
        await picture(page, "sistemas-sitio", themes=("claro",))
        await expect(page.locator(".script-line pre")).to_contain_text(f'<script src="{office.url}/widget.js"')
        await save(page)
        await expect(page.locator("tbody tr", has_text="Portal del estado")).to_be_visible()
    assert [row.origin for row in office.rows(sites)] == ["https://www.sonora.gob.mx"]
    kept = office.rows(texts, texts.c.key == "transferencia", texts.c.locale == "es")
    assert kept[0].value == "Le comunicaremos con {area_destino}."


async def test_a_queue_says_which_other_one_has_its_channel_already(office: Stage, browser: Browser) -> None:
    watched = await office.console(browser, "raul", "#/admin/filas?ver=nuevo", state=None)
    async with closing(watched):
        page = watched.page
        await page.get_by_label("Nombre (obligatorio)").fill("Mensajes")
        await page.get_by_role("combobox", name="Área (obligatorio)").fill("call center")
        await page.keyboard.press("Enter")
        await page.locator(".group-options").get_by_label("Chat Sonora").check()
        await save(page)
        await expect(page.locator(".field-error")).to_contain_text("ya entra en la fila Chat Sonora")
        await page.locator(".group-options").get_by_label("Chat Sonora").uncheck()
        await page.locator(".group-options").get_by_label("Telegram").check()
        await save(page)
        await expect(page.locator("tbody tr", has_text="Mensajes")).to_contain_text("Telegram")
    assert len(office.rows(queues, queues.c.name == "Mensajes")) == 1


@pytest.mark.parametrize(("scheme", "viewport"), [("light", PHONE), ("dark", {"width": 1024, "height": 768})])
async def test_axe_finds_nothing_in_any_section_of_the_administration(
    office: Stage, browser: Browser, scheme: str, viewport: dict[str, int]
) -> None:
    watched = await office.console(
        browser, "raul", "#/admin/usuarios", state=None, color_scheme=scheme, viewport=viewport
    )
    found: list[str] = []
    async with closing(watched):
        page = watched.page
        for section in SECTIONS:
            await page.goto(f"{office.url}/console/#/admin/{section}")
            await expect(page.locator(".sections a[aria-current=page]")).to_be_visible()
            await expect(page.locator(".skeleton")).to_have_count(0)
            if section != "ajustes" and await page.locator("tbody tr").count():
                await page.locator("tbody tr").first.click()
                await expect(page.locator(".side-panel")).to_be_visible()
            found += [f"{section}: {one}" for one in await axe_violations(page)]
            assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], section
    assert found == []
