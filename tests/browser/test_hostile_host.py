"""The widget inside pages of others: hostile styles, a strict policy, strangers who talk to it (PROMISES S6, S7)."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Frame, Page, expect
from sqlalchemy import insert

from contact_center.store.schema import sites
from tests.support.browser import WatchedPage, open_page
from tests.support.host_site import HostSite, open_host
from tests.support.stage import PHONE, Stage, closing, until
from tests.support.talking import begin, reply, take, write

CSS = """
body * { display: none !important; font-size: 99px !important; opacity: 0 !important; visibility: hidden !important;
  position: static !important; transform: scale(0) !important; pointer-events: none !important; color: red !important; }
iframe, button { width: 1px !important; height: 1px !important; }
"""
# A test cannot look into a closed shadow root; the page's own scripts cannot either, which the last test shows.
OPEN_SHADOWS = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: "open" }); };
"""
ADD_FRAME = "(src) => document.body.append(Object.assign(document.createElement('iframe'), { src }))"
STRANGER = """<!doctype html><title>x</title><script>
const all = [parent, ...Array.from({ length: parent.frames.length }, (_, at) => parent.frames[at])];
for (const one of all) for (const fact of [{ unread: 7 }, { shown: true }, { close: true }])
  one.postMessage({ contactCenter: 1, ...fact }, "*");
setTimeout(() => console.log("told everybody"), 200);
</script>"""


@pytest.fixture(scope="module")
def host() -> Iterator[HostSite]:
    with open_host() as site:
        yield site


async def visit(stage: Stage, host: HostSite, browser: Browser, address: str, *, policy: bool = True) -> WatchedPage:
    """Open a page of the host that carries our one line."""
    strict = f"default-src 'none'; script-src {stage.url}; frame-src {stage.url}; style-src 'self'"
    line = f'<script src="{stage.url}/widget.js" async></script>'
    body = f"<!doctype html><html lang=es><link rel=stylesheet href=/h.css><title>Sitio</title><p>Hola</p>{line}"
    host.serve("/h.css", CSS)
    host.serve("/", body, **({"content_security_policy": strict} if policy else {}))
    watched = await open_page(browser)
    await watched.page.add_init_script(OPEN_SHADOWS)
    await watched.page.context.clock.set_system_time(stage.clock.now())
    await watched.page.goto(address)
    return watched


def register(stage: Stage, host: HostSite) -> None:
    if not stage.rows(sites, sites.c.origin == host.origin):
        stage.write(insert(sites).values(id=stage.ids.new(), origin=host.origin, name="Sitio de prueba"))


def chat_frame(page: Page, stage: Stage) -> Frame | None:
    return next((frame for frame in page.frames if frame.url.startswith(f"{stage.url}/chat")), None)


async def test_one_line_brings_the_chat_to_a_page_with_hostile_styles_and_a_strict_policy(
    stage: Stage, host: HostSite, browser: Browser
) -> None:
    register(stage, host)
    stage.hire("ana")
    agent = await stage.console(browser, "ana")
    site = await visit(stage, host, browser, host.origin)
    async with closing(site, agent):
        page = site.page
        launcher = page.get_by_role("button", name="Abrir Chat Sonora")
        await expect(launcher).to_be_visible()
        box = await launcher.bounding_box()
        assert box is not None and box["width"] >= 44 and 44 <= box["height"] <= 80
        assert box["x"] + box["width"] > 1300 and box["y"] > 700, "at the bottom right, where it can be reached"
        assert chat_frame(page, stage) is None, "nothing of the chat is loaded before it is wanted"
        await launcher.click()
        frame = page.frame_locator("iframe")
        inside = await until(lambda: chat_frame(page, stage))
        await begin(inside, name="María Ejemplo Uno")
        await write(inside, "Hola desde otra página")
        await take(agent.page)
        await reply(agent.page, "Con gusto le atiendo.")
        await expect(frame.get_by_text("Con gusto le atiendo.")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("iframe")).to_be_hidden()
        await expect(launcher).to_be_focused()
        await reply(agent.page, "¿Sigue ahí?")
        await expect(page.get_by_role("button", name="Abrir Chat Sonora, 1 sin leer")).to_be_visible()


async def test_a_stranger_can_neither_speak_for_the_chat_nor_say_that_it_is_seen(
    stage: Stage, host: HostSite, browser: Browser
) -> None:
    register(stage, host)
    stage.everybody_away()
    stage.hire("beto")
    agent = await stage.console(browser, "beto")
    site = await visit(stage, host, browser, host.origin, policy=False)
    async with closing(site, agent):
        page = site.page
        await page.get_by_role("button", name="Abrir Chat Sonora").click()
        inside = await until(lambda: chat_frame(page, stage))
        await begin(inside)
        await write(inside, "Hola")
        await take(agent.page)
        await page.keyboard.press("Escape")
        await expect(page.locator("iframe").first).to_be_hidden()
        host.serve("/stranger", STRANGER)
        async with page.expect_console_message(lambda one: one.text == "told everybody"):
            await page.evaluate(ADD_FRAME, f"{host.stranger}/stranger")
        await reply(agent.page, "Le espero.")
        # Had it believed the stranger, it would count seven, none, or be open.
        await expect(page.get_by_role("button", name="Abrir Chat Sonora, 1 sin leer")).to_be_visible()
        await expect(page.locator("iframe").first).to_be_hidden()


async def test_a_site_that_is_not_registered_cannot_show_the_chat(
    stage: Stage, host: HostSite, browser: Browser
) -> None:
    register(stage, host)
    site = await visit(stage, host, browser, host.stranger)
    site.expected = ("frame-ancestors", "chrome-error")
    async with closing(site):
        async with site.page.expect_console_message(lambda one: "frame-ancestors" in one.text):
            await site.page.get_by_role("button", name="Abrir Chat Sonora").click()
        assert chat_frame(site.page, stage) is None or not await says(chat_frame(site.page, stage), "Iniciar")


async def says(frame: Frame | None, words: str) -> bool:
    return frame is not None and words in await frame.content()


async def test_no_other_site_opens_a_socket_even_in_the_browser_of_somebody_signed_in(
    stage: Stage, host: HostSite, browser: Browser
) -> None:
    stage.hire("carla")
    agent = await stage.console(browser, "carla")
    agent.expected = ("WebSocket", "403")
    async with closing(agent):
        page = await agent.page.context.new_page()
        host.serve("/socket", "<!doctype html><title>x</title><p>x</p>")
        for origin in (host.origin, host.stranger):
            await page.goto(f"{origin}/socket")
            for path in ("chat/socket", "console/socket"):
                address = f"{stage.url.replace('http', 'ws')}/api/v1/{path}"
                seen = await page.evaluate(
                    """(address) => new Promise((done) => {
                        const socket = new WebSocket(address);
                        socket.onopen = () => done("open");
                        socket.onclose = (event) => done(`closed ${event.code}`);
                    })""",
                    address,
                )
                assert seen == "closed 1006", (origin, path, seen)
        await page.close()


async def test_the_host_page_cannot_look_into_the_widget(stage: Stage, host: HostSite, browser: Browser) -> None:
    register(stage, host)
    await (await visit(stage, host, browser, host.origin, policy=False)).page.context.close()
    site = await open_page(browser, viewport=PHONE)
    async with closing(site):
        await site.page.goto(host.origin)
        widget = site.page.locator("#contact-center-widget")
        await widget.wait_for(state="attached")
        assert await widget.evaluate("(one) => one.shadowRoot") is None
        box = await widget.bounding_box()
        assert box is not None
        await site.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await until(lambda: chat_frame(site.page, stage))
        # A frame in a shadow tree is not among the page's frames: nobody there has a handle to it.
        assert await site.page.evaluate("() => frames.length") == 0
