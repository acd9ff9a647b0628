"""P40: what is written without a line survives a reload and a day, shows as pending, is stored once on return."""

from contextlib import suppress

from playwright.async_api import Browser, BrowserContext, Error, Page, Route, WebSocketRoute, expect

from contact_center.store.schema import messages
from tests.support.stage import Stage, closing, until
from tests.support.talking import begin, write

DAY_S = 86_400
UNREACHABLE = ("Failed to load resource", "WebSocket connection", "ERR_FAILED", "ERR_INTERNET_DISCONNECTED", "net::")
FORGETS = 'try { localStorage.removeItem("chat.pending"); } catch {}'
"""The planted bug: what is on its way lives no longer than its page."""


class Tunnel:
    """A place without a line: pages still come out of the browser's own reach, the service does not answer."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._inside = False
        self._sockets: list[WebSocketRoute] = []

    async def open(self) -> None:
        """Stand between the page and the service."""
        await self._context.route("**/api/v1/**", self._request)
        await self._context.route_web_socket("**/socket", self._socket)

    async def enter(self) -> None:
        self._inside = True
        for one in self._sockets:
            with suppress(Error):  # it was closed already
                await one.close(code=3000, reason="tunnel")
        self._sockets.clear()

    def leave(self) -> None:
        self._inside = False

    async def _request(self, route: Route) -> None:
        await (route.abort("internetdisconnected") if self._inside else route.continue_())

    async def _socket(self, route: WebSocketRoute) -> None:
        if self._inside:
            await route.close(code=3000, reason="tunnel")
        else:
            route.connect_to_server()
            self._sockets.append(route)


def stored(stage: Stage, text: str) -> int:
    return len(stage.rows(messages, messages.c.text == text))


async def pending_marks(page: Page, text: str) -> int:
    return await page.locator("article.citizen.pending", has_text=text).count()


async def survives_reload_and_a_day(stage: Stage, browser: Browser, text: str, *, forgets: bool = False) -> bool:
    """Write in the tunnel, reload, let a day pass, come out; say whether it was kept, sent once, shown as pending."""
    citizen = await stage.citizen(browser)
    citizen.expected = UNREACHABLE
    page = citizen.page
    if forgets:
        await page.add_init_script(FORGETS)
        await page.reload()
    async with closing(citizen):
        tunnel = Tunnel(page.context)
        await tunnel.open()
        await page.reload()
        await begin(page)
        await write(page, f"Antes del túnel: {text}")
        await tunnel.enter()
        await page.get_by_label("Su mensaje").fill(text)
        await page.get_by_role("button", name="Enviar").click()
        await expect(page.locator("article.citizen.pending", has_text=text)).to_be_visible()
        await page.get_by_label("Su mensaje").fill("Esto aún no lo mando")
        await page.reload()
        assert stored(stage, text) == 0
        await stage.let_time_pass(DAY_S)
        await page.context.clock.set_system_time(stage.clock.now())
        tunnel.leave()
        await page.reload()
        try:
            await until(lambda: stored(stage, text) == 1, 8 if forgets else 15)
        except AssertionError:
            return False
        await expect(page.locator("article.citizen:not(.pending)", has_text=text).last).to_be_visible()
        assert await pending_marks(page, text) == 0
        await expect(page.get_by_label("Su mensaje")).to_have_value("Esto aún no lo mando")
        await page.reload()
        await expect(page.get_by_label("Su mensaje")).to_be_visible()
        return stored(stage, text) == 1


async def test_what_is_written_offline_survives_a_reload_and_a_day_and_is_sent_once(
    stage: Stage, browser: Browser
) -> None:
    assert await survives_reload_and_a_day(stage, browser, "Escrito en el túnel")


async def test_the_harness_notices_what_is_forgotten_on_reload(stage: Stage, browser: Browser) -> None:
    assert not await survives_reload_and_a_day(stage, browser, "Olvidado en el túnel", forgets=True)


async def test_a_line_that_breaks_before_the_answer_does_not_double_a_message(stage: Stage, browser: Browser) -> None:
    """The message arrives, its acknowledgement does not: what is sent again is the same."""
    citizen = await stage.citizen(browser)
    citizen.expected = UNREACHABLE
    page = citizen.page
    async with closing(citizen):
        deaf = True

        async def half_deaf(route: WebSocketRoute) -> None:
            server = route.connect_to_server()

            def pass_on(message: str | bytes) -> None:
                if not (deaf and isinstance(message, str) and '"ack"' in message and "sin respuesta" not in message):
                    route.send(message)

            server.on_message(pass_on)

        await page.context.route_web_socket("**/socket", half_deaf)
        await page.reload()
        await begin(page)
        await page.get_by_label("Su mensaje").fill("Mi línea se cortó")
        await page.get_by_role("button", name="Enviar").click()
        await until(lambda: stored(stage, "Mi línea se cortó") == 1)
        await expect(page.locator("article.citizen.pending", has_text="Mi línea se cortó")).to_be_visible()
        deaf = False
        await page.reload()
        await expect(page.locator("article.citizen:not(.pending)", has_text="Mi línea se cortó")).to_be_visible()
        assert stored(stage, "Mi línea se cortó") == 1
        assert await page.locator("article.citizen", has_text="Mi línea se cortó").count() == 1


async def test_the_browser_says_that_it_is_offline_and_the_message_waits(stage: Stage, browser: Browser) -> None:
    citizen = await stage.citizen(browser)
    citizen.expected = UNREACHABLE
    page = citizen.page
    async with closing(citizen):
        await begin(page)
        await write(page, "Con línea")
        await page.context.set_offline(True)
        await page.get_by_label("Su mensaje").fill("Sin línea")
        await page.get_by_role("button", name="Enviar").click()
        await expect(page.locator("article.citizen.pending", has_text="Sin línea")).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.locator("article.citizen:not(.pending)", has_text="Sin línea")).to_be_visible()
        assert stored(stage, "Sin línea") == 1
