"""The console has nothing that axe finds, on any screen or state, in light and dark (PROMISES S42)."""

from playwright.async_api import Browser, Page, expect
from pyotp import TOTP
from sqlalchemy import insert

from contact_center.rules.model import Role
from contact_center.store.schema import canned_replies, findings, interactions
from tests.support.looks import Looks
from tests.support.pictures import picture
from tests.support.registering import form as petition_form
from tests.support.signed_in import PASSWORD, SECRET
from tests.support.stage import Stage, closing, set_state, until
from tests.support.talking import begin, reply, take, write

QUIET = {"reduced_motion": "reduce"}
SECTIONS = ("usuarios", "areas", "filas", "horarios", "respuestas", "categorias", "textos", "sitios", "ajustes")


async def test_nothing_is_wrong_on_the_way_in(stage: Stage, browser: Browser) -> None:
    stage.hire("sofia", Role.supervisor)
    looks = Looks()
    visitor = await stage.open(browser, "/console/", **QUIET)
    visitor.expected = ("401 (Unauthorized)",)
    async with closing(visitor):
        page = visitor.page
        await expect(page.get_by_role("button", name="Entrar")).to_be_visible()
        await looks.at(page, "sign-in")
        await page.get_by_role("button", name="Entrar").click()
        await looks.at(page, "sign-in, empty")
        await page.get_by_label("Usuario").fill("sofia")
        await page.get_by_label("Contraseña", exact=True).fill("no es esta")
        await page.get_by_role("button", name="Entrar").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await looks.at(page, "sign-in, refused")
        await page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Entrar").click()
        code = page.locator("#login-code")
        await expect(code).to_be_visible()
        await looks.at(page, "second step")
        await code.fill(TOTP(SECRET).at(int(stage.clock.now().timestamp())))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Piso")).to_be_visible()
    assert looks.wrong == []


async def test_nothing_is_wrong_on_any_state_of_the_desk(stage: Stage, browser: Browser) -> None:
    stage.hire("ana")
    stage.hire("beto")
    reply_row = {
        "id": stage.ids.new(),
        "shortcut": "saludo",
        "title": "Saludo",
        "text": "Buenos días, le atiende {agente}.",
    }
    stage.write(insert(canned_replies).values(**reply_row, updated_at=stage.clock.now()))
    looks = Looks()
    citizen = await stage.citizen(browser)
    agent = await stage.console(browser, "ana", state=None, **QUIET)
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        await expect(desk.get_by_text("Póngase «Disponible»")).to_be_visible()
        await looks.at(desk, "empty desk")
        await desk.locator(".status-button").click()
        await looks.at(desk, "choosing a state")
        await desk.keyboard.press("Escape")
        await begin(chat, name="María Ejemplo Uno", phone="662 000 0001")
        await write(chat, "Hay un bachezote en la calle Ejemplo, en Hermosillo")
        await desk.locator("[data-row]").first.click()
        await expect(desk.get_by_role("button", name="Tomar contacto")).to_be_visible()
        await looks.at(desk, "a contact in line, read")
        await set_state(desk)
        await expect(desk.get_by_role("region", name="Contacto para usted")).to_be_visible()
        await looks.at(desk, "an offer")
        await take(desk)
        await reply(desk, "Con gusto le atiendo.")
        await looks.at(desk, "a thread")
        await desk.get_by_label("Respuesta para la persona").fill("/")
        await expect(desk.get_by_role("listbox")).to_be_visible()
        await looks.at(desk, "canned replies")
        await desk.get_by_label("Respuesta para la persona").fill("")
        await desk.locator(".thread-actions").get_by_role("button", name="Nota").click()
        await desk.get_by_label("Nota interna").fill("Revisar con @")
        await expect(desk.get_by_role("listbox")).to_be_visible()
        await looks.at(desk, "a note with a mention")
        await desk.get_by_label("Nota interna").fill("Ya hay tres reportes iguales.")
        await desk.get_by_role("button", name="Guardar nota").click()
        await expect(desk.get_by_role("log").get_by_text("Ya hay tres reportes")).to_be_visible()
        await looks.at(desk, "a note kept")
        await desk.get_by_role("button", name="Más acciones").click()
        await looks.at(desk, "more actions")
        await desk.keyboard.press("Escape")

        await desk.get_by_role("tab", name="Historia").click()
        await looks.at(desk, "history")
        await desk.get_by_role("tab", name="Persona").click()
        await looks.at(desk, "nobody known")
        await desk.get_by_role("button", name="Registrar persona").click()
        await desk.get_by_label("CURP").fill("ABC")
        await desk.get_by_label("Teléfono").fill("662 000 0001")
        await expect(desk.get_by_text("La CURP tiene 18")).to_be_visible()
        await looks.at(desk, "person form, wrong")
        await desk.get_by_label("CURP").fill("")
        await desk.get_by_label("Nombre").fill("María")
        await desk.get_by_role("button", name="Guardar", exact=True).click()
        await expect(desk.locator(".masked").first).to_be_visible()
        await looks.at(desk, "person")
        await desk.get_by_role("button", name="Ver teléfono").click()
        await looks.at(desk, "asking to see a number")
        await desk.keyboard.press("Escape")

        await desk.get_by_role("tab", name="Petición").click()
        form = desk.get_by_role("form", name="Nueva petición")
        await expect(form.get_by_label("Categoría")).not_to_have_value("")
        await looks.at(desk, "petition form")
        await form.get_by_label("Categoría").click()
        await expect(desk.get_by_role("listbox", name="Categoría")).to_be_visible()
        await looks.at(desk, "petition form, categories")
        await desk.keyboard.press("Escape")
        await form.get_by_label("Asunto").fill("Bache")
        await form.get_by_role("button", name="Registrar y dar folio").click()
        await expect(desk.get_by_text("Revise estos datos")).to_be_visible()
        await looks.at(desk, "petition form, with errors")
        await form.get_by_label("Tipo").select_option("complaint")
        await looks.at(desk, "petition form, complaint")
        await desk.get_by_role("button", name="Vincular folio").click()
        await looks.at(desk, "linking a folio")
        await stage.do("ana", "petition.create", **petition_form(interaction_id=stage.rows(interactions)[0].id))
        await desk.get_by_role("tab", name="Persona").click()
        await desk.get_by_role("tab", name="Petición").click()
        await expect(desk.get_by_role("region", name="De este contacto")).to_be_visible()
        await looks.at(desk, "petitions of a contact")

        await desk.locator(".thread-actions").get_by_role("button", name="Transferir").click()
        await desk.get_by_role("dialog").get_by_role("button", name="Transferir").click()
        await looks.at(desk, "transfer, with errors")
        await picture(desk, "consola-transferir", themes=("claro",))
        await desk.keyboard.press("Escape")
        await desk.get_by_role("button", name="Buscar", exact=True).click()
        await looks.at(desk, "search")
        await desk.get_by_role("combobox", name="Buscar o hacer").fill("bache")
        await expect(desk.get_by_role("option").filter(has_text="CEAC").first).to_be_visible()
        await looks.at(desk, "search, with results")
        await desk.keyboard.press("Escape")
        await desk.get_by_role("button", name="Ayuda").click()
        await expect(desk.get_by_role("dialog")).to_contain_text("Buscar o hacer cualquier cosa")
        await looks.at(desk, "keys")
        await picture(desk, "consola-teclas", themes=("claro",))
        await desk.keyboard.press("Escape")
        await desk.get_by_role("button", name="Cuenta").click()
        await looks.at(desk, "account menu")
        await desk.keyboard.press("Escape")
        await desk.locator(".thread-actions").get_by_role("button", name="Cerrar").click()
        wrap = desk.get_by_role("form", name="Cierre y captura")
        await wrap.get_by_role("button", name="Cerrar y tomar").click()
        await expect(wrap.get_by_text("Elija un resultado")).to_be_visible()
        await looks.at(desk, "wrap-up, with errors")
        await desk.set_viewport_size({"width": 390, "height": 844})
        await looks.at(desk, "wrap-up, narrow")
        await desk.set_viewport_size({"width": 1440, "height": 900})
        await wrap.get_by_label("Resultado").select_option(label="Petición registrada")
        await wrap.get_by_role("button", name="Cerrar", exact=True).click()

        (contact,) = await until(lambda: stage.rows(interactions, interactions.c.state == "captured"))
        finding = {"id": stage.ids.new(), "kind": "no_disposition", "interaction_id": contact.id}
        stage.write(insert(findings).values(**finding, agent_id=stage.staff["ana"], opened_at=stage.clock.now()))
        await desk.reload()
        await desk.get_by_role("region", name="Sin captura").get_by_role("button", name="Justificar").click()
        await looks.at(desk, "justifying a finding")
        await desk.keyboard.press("Escape")
        await looks.at(desk, "findings")
        for screen, words in (("mi-dia", "Mi día"), ("cuenta", "Cuenta")):
            await go(desk, screen)
            await looks.at(desk, words)
            if screen == "mi-dia":
                await picture(desk, "mi-dia", themes=("claro",))
    assert looks.wrong == []


async def test_nothing_is_wrong_on_the_screens_of_supervision(stage: Stage, browser: Browser) -> None:
    looks = Looks()
    stage.hire("dora", Role.supervisor)
    citizen = await stage.citizen(browser)
    head = await stage.console(browser, "dora", "#/piso", state=None, **QUIET)
    async with closing(citizen, head):
        page = head.page
        await begin(citizen.page, name="Juan Prueba Dos")
        await write(citizen.page, "ya no quiero vivir")
        await expect(page.get_by_role("button", name="Ver").first).to_be_visible()
        await looks.at(page, "floor, crisis")
        await page.get_by_role("button", name="Ver").first.click()
        await looks.at(page, "floor, watching")
        await picture(page, "piso-ver", themes=("claro",))
        await page.set_viewport_size({"width": 390, "height": 844})
        await go(page, "piso")
        await looks.at(page, "floor, narrow")
        await page.set_viewport_size({"width": 1440, "height": 900})
        await go(page, "muro")
        await looks.at(page, "wall")
        await picture(page, "muro", themes=("oscuro",))
        await go(page, "peticiones")
        await looks.at(page, "petitions")
        await page.get_by_role("button", name="Filtros").click()
        await looks.at(page, "petitions, filters")
        await page.keyboard.press("Escape")
        form = petition_form(medium="web_chat", despite_duplicates=True)
        folio = (await stage.do("dora", "petition.create", **form))["petition"]["folio"]
        await go(page, f"peticiones/{folio}")
        panel = page.get_by_role("region", name=folio)
        for tab in ("Datos", "Seguimiento", "Atenciones"):
            await panel.get_by_role("tab", name=tab).click()
            await looks.at(page, f"petition, {tab}")
        await panel.get_by_role("button", name="Editar").click()
        await looks.at(page, "petition, editing")
        await go(page, "atenciones")
        await looks.at(page, "contacts")
        await go(page, f"atenciones?ver={stage.rows(interactions)[0].id}")
        await looks.at(page, "contact")
    assert looks.wrong == []


async def test_nothing_is_wrong_on_the_screens_of_systems(stage: Stage, browser: Browser) -> None:
    looks = Looks()
    stage.hire("raul", Role.systems)
    systems = await stage.console(browser, "raul", "#/admin/usuarios", state=None, **QUIET)
    async with closing(systems):
        page = systems.page
        for section in SECTIONS:
            await go(page, f"admin/{section}")
            await looks.at(page, section)
            await picture(page, f"ajustes-{section}", themes=("claro",))
            opener = page.locator("main button.primary:enabled, main tbody tr").first
            if await opener.count():
                await opener.click()
                await expect(page.locator("main form").first).to_be_visible()
                await looks.at(page, f"{section}, form")
    assert looks.wrong == []


async def go(page: Page, screen: str) -> None:
    """Open a screen and wait until it is drawn."""
    await page.evaluate("(hash) => { location.hash = hash; }", f"#/{screen}")
    await expect(page.locator("main h1")).to_be_visible()
    await expect(page.locator("main [class*=skeleton]")).to_have_count(0)
