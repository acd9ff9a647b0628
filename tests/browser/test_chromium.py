"""The browser is real, is as in Sonora, and tells when a page complains or is not accessible."""

from playwright.async_api import Browser

from tests.support.browser import WatchedPage, axe_violations, open_page

GOOD = "<!doctype html><html lang=es><title>Prueba</title><main><h1>Atención ciudadana</h1><p>Buenos días.</p></main>"


async def test_the_browser_shows_a_page_with_the_time_and_language_of_sonora(watched: WatchedPage) -> None:
    page = watched.page
    await page.set_content(GOOD)
    assert await page.get_by_role("heading", name="Atención ciudadana").is_visible()
    assert await page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "America/Hermosillo"
    assert await page.evaluate("navigator.language") == "es-MX"
    # Widths that differ by letter prove that a font was found.
    width = (
        "(text) => { const c = document.createElement('canvas').getContext('2d'); return c.measureText(text).width }"
    )
    assert await page.evaluate(width, "iiii") != await page.evaluate(width, "mmmm")


async def test_an_error_on_the_page_is_a_complaint(browser: Browser) -> None:
    watched = await open_page(browser, viewport={"width": 390, "height": 844})
    await watched.page.set_content("<script>console.error('se rompió'); throw new Error('algo')</script>")
    assert len(watched.unexpected()) == 2
    watched.expected = ("se rompió", "algo")
    assert watched.unexpected() == []
    await watched.page.context.close()


async def test_axe_finds_a_button_without_a_name_and_nothing_on_a_good_page(watched: WatchedPage) -> None:
    await watched.page.set_content(GOOD)
    assert await axe_violations(watched.page) == []
    await watched.page.set_content(GOOD.replace("<p>", "<button></button><p>"))
    assert any("button-name" in line for line in await axe_violations(watched.page))
