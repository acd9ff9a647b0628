"""The journeys of citizen and agent by keyboard alone: no event of a mouse, and focus always to be seen."""

from contextlib import suppress

from playwright.async_api import Browser, Locator, Page, expect
from playwright.async_api import TimeoutError as TooLate

from contact_center.store.schema import conversations, interactions, petitions
from tests.support.signed_in import PASSWORD
from tests.support.stage import Stage, closing

COUNT_MICE = """
window.mice = 0;
for (const name of ["pointerdown", "mousedown", "touchstart"])
  addEventListener(name, () => { window.mice += 1; }, true);
"""
SHOWS_FOCUS = """(one) => [one, one.nextElementSibling, one.closest("form, label, div")].some((it) => {
  if (!it) return false; // A radio is drawn by its label; everything else draws its own ring.
  const style = getComputedStyle(it);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
})"""
SETTLED = """() => new Promise((done) => {
  let before = null, calm = 0, frames = 0;
  const look = () => {
    const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
    const fresh = document.querySelector(".boot, .screen-loading, .skeleton-block") !== null;
    const same = !fresh && stops.length === before?.length && stops.every((it, n) => it === before[n]);
    calm = same ? calm + 1 : 0;
    before = stops;
    frames += 1;
    if (calm >= 6 || frames > 300) done();
    else requestAnimationFrame(look);
  };
  look();
})"""
MOST_TABS = 60


async def settled(page: Page) -> None:
    """Wait until what can have the focus is the same for a few frames: one cannot walk a screen that is being laid."""
    await page.evaluate(SETTLED)


async def tab_to(page: Page, target: Locator, *, back: bool = False) -> None:
    """Press Tab until something has the focus, and see that what has it shows it."""
    await page.bring_to_front()
    await target.wait_for(state="attached")
    # A screen that was just drawn takes the focus itself a moment later; keys before that would go nowhere.
    with suppress(TooLate):
        await page.locator(":focus").first.wait_for(state="attached", timeout=500)
    for _press in range(MOST_TABS):
        if await target.evaluate("(one) => one === document.activeElement"):
            break
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    await expect(target).to_be_focused()
    # Styles of a screen that was just fetched may come a frame later.
    for _try in range(MOST_TABS):
        if await target.evaluate(SHOWS_FOCUS):
            return
        await page.wait_for_timeout(20)
    raise AssertionError(
        f"the focus is not to be seen on {await target.evaluate('(one) => one.outerHTML.slice(0, 120)')}"
    )


async def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go to something and press a key."""
    await tab_to(page, target)
    await page.keyboard.press(key)


async def mice(page: Page) -> int:
    found: int = await page.evaluate("window.mice")
    return found


async def test_a_chat_from_the_notice_to_the_survey_and_a_folio_without_a_mouse(stage: Stage, browser: Browser) -> None:
    stage.hire("ana")
    citizen = await stage.citizen(browser)
    agent = await stage.open(browser, "/console/")
    agent.expected = ("401 (Unauthorized)",)
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        for page in (chat, desk):
            await page.add_init_script(COUNT_MICE)
            await page.reload()

        # The agent signs in and becomes available.
        await tab_to(desk, desk.get_by_label("Usuario"))
        await desk.keyboard.type("ana")
        await tab_to(desk, desk.get_by_label("Contraseña", exact=True))
        await desk.keyboard.type(PASSWORD)
        await desk.keyboard.press("Enter")
        await press(desk, desk.locator(".status-button"))
        await expect(desk.locator(".pop-menu").get_by_role("button", name="Disponible")).to_be_focused()
        await desk.keyboard.press("Enter")
        await expect(desk.locator(".status-word")).to_have_text("Disponible")

        # The citizen reads the notice and writes.
        await press(chat, chat.get_by_role("button", name="Iniciar conversación"))
        await expect(chat.get_by_role("heading", name="Aviso de privacidad")).to_be_focused()
        await press(chat, chat.get_by_text("Leer el aviso completo"))
        await press(chat, chat.get_by_role("button", name="Acepto y continúo"))
        await tab_to(chat, chat.get_by_label("Nombre"))
        await chat.keyboard.type("María Ejemplo Uno")
        await tab_to(chat, chat.get_by_label("Teléfono"))
        await chat.keyboard.type("662 000 0001")
        await chat.keyboard.press("Enter")
        await expect(chat.get_by_label("Su mensaje")).to_be_focused()
        await chat.keyboard.type("Hay un bachezote en la calle Ejemplo, en Hermosillo")
        await chat.keyboard.press("Enter")

        # Enter takes the offer; R answers; P opens the form where the focus already is.
        await expect(desk.get_by_role("button", name="Tomar")).to_be_focused()
        await desk.keyboard.press("Enter")
        await expect(desk.get_by_label("Respuesta para la persona")).to_be_visible()
        await expect(desk.get_by_role("region", name="Contacto para usted")).to_have_count(0)
        await expect(desk.get_by_role("log").get_by_text("bachezote")).to_be_visible()
        await desk.keyboard.press("r")
        await expect(desk.get_by_label("Respuesta para la persona")).to_be_focused()
        await desk.keyboard.type("Con gusto le atiendo.")
        await desk.keyboard.press("Enter")
        await expect(chat.get_by_text("Con gusto le atiendo.")).to_be_visible()
        await desk.keyboard.press("Escape")
        await desk.keyboard.press("p")
        await expect(desk.locator("#petition-kind")).to_be_focused()
        await expect(desk.locator("#petition-category")).not_to_have_value("")
        await tab_to(desk, desk.locator("#petition-locality"))
        await desk.keyboard.type("Colonia Prueba")
        await press(desk, desk.get_by_role("button", name="Registrar y dar folio"))
        await expect(chat.get_by_role("button", name="Copiar")).to_be_visible()
        await expect(desk.get_by_role("region", name="De este contacto")).to_be_visible()

        # Another citizen waits, so that there is a next one.
        other = await stage.citizen(browser)
        async with closing(other):
            await press(other.page, other.page.get_by_role("button", name="Iniciar conversación"))
            await press(other.page, other.page.get_by_role("button", name="Acepto y continúo"))
            await press(other.page, other.page.get_by_role("button", name="Comenzar"))
            await expect(other.page.get_by_label("Su mensaje")).to_be_focused()
            await other.page.keyboard.type("Buenos días, tengo una pregunta")
            await other.page.keyboard.press("Enter")
            await expect(desk.get_by_role("region", name="Contacto para usted")).to_be_visible()

            # W opens the capture on its first field; a letter chooses; the last button takes the next one.
            await desk.evaluate("() => document.activeElement?.blur()")
            await desk.keyboard.press("w")
            result = desk.get_by_role("form", name="Cierre y captura").get_by_label("Resultado")
            await expect(result).to_be_focused()
            await desk.keyboard.type("Petición reg")
            await expect(result).to_have_value("petition_registered")
            await press(desk, desk.get_by_role("button", name="Cerrar y tomar la siguiente"))
            await expect(desk.get_by_role("log").get_by_text("tengo una pregunta")).to_be_visible()
            await expect(other.page.locator(".status [role=status]")).to_have_text("Le atiende Ana")

        # The survey: arrows choose, Enter sends.
        await expect(chat.get_by_role("heading", name="Gracias por comunicarse")).to_be_focused()
        await tab_to(chat, chat.get_by_role("radio", name="Muy mala"))
        for _step in range(4):
            await chat.keyboard.press("ArrowRight")
        await expect(chat.get_by_role("radio", name="Excelente")).to_be_checked()
        await press(chat, chat.get_by_role("button", name="Enviar respuestas"))
        await expect(chat.get_by_text("Sus respuestas quedaron guardadas")).to_be_focused()
        assert [await mice(chat), await mice(desk)] == [0, 0]

    assert [one.category for one in stage.rows(petitions)] == ["SP01"]
    assert {one.disposition for one in stage.rows(interactions)} == {"petition_registered", None}
    assert [one.survey["score"] for one in stage.rows(conversations) if one.survey] == [5]


async def test_keys_lead_everywhere_and_close_what_they_opened(stage: Stage, browser: Browser) -> None:
    stage.hire("beto")
    agent = await stage.console(browser, "beto", state=None)
    async with closing(agent):
        desk = agent.page
        await expect(desk.locator(".status-button")).to_be_visible()
        await desk.keyboard.press("?")
        help_page = desk.get_by_role("dialog", name="Teclas")
        await expect(help_page).to_be_visible()
        for key in ("Ctrl K", "Alt Enter", "Esc"):
            await expect(help_page).to_contain_text(key.split()[0])
        await desk.keyboard.press("Escape")
        await expect(help_page).to_have_count(0)
        await desk.keyboard.press("Control+k")
        search = desk.get_by_role("combobox", name="Buscar o hacer")
        await expect(search).to_be_focused()
        await desk.keyboard.type("Mi día")
        await desk.keyboard.press("Enter")
        await expect(desk.get_by_role("heading", name="Mi día")).to_be_visible()
