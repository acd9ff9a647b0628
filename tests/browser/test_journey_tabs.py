"""A reload and a second tab, on both sides: nothing is lost, nothing is there twice."""

from playwright.async_api import Browser, expect

from contact_center.store.schema import conversations, messages
from tests.support.stage import Stage, closing
from tests.support.talking import begin, reply, status, take, write


async def test_reloads_and_second_tabs_lose_and_double_nothing(stage: Stage, browser: Browser) -> None:
    stage.hire("ana")
    citizen = await stage.citizen(browser)
    agent = await stage.console(browser, "ana")
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        await begin(chat, name="María Ejemplo Uno")
        await write(chat, "primero")
        await take(desk)
        await chat.get_by_label("Su mensaje").fill("sin enviar")
        await chat.reload()
        await expect(chat.get_by_label("Su mensaje")).to_have_value("sin enviar")
        await expect(chat.locator("article.citizen")).to_have_count(1)
        await expect(status(chat)).to_have_text("Le atiende Ana")

        tab = await chat.context.new_page()
        await tab.goto(f"{stage.url}/chat")
        await expect(tab.locator("article.citizen", has_text="primero")).to_be_visible()
        await write(tab, "segundo, desde otra pestaña")
        await expect(chat.locator("article.citizen", has_text="segundo")).to_have_count(1)
        await reply(desk, "Le leo en las dos.")
        for page in (chat, tab):
            await expect(page.locator("article.agent", has_text="Le leo en las dos.")).to_have_count(1)

        await desk.get_by_label("Respuesta para la persona").fill("un borrador")
        await desk.reload()
        await expect(desk.get_by_label("Respuesta para la persona")).to_have_value("un borrador")
        other = await desk.context.new_page()
        await other.goto(desk.url)
        await reply(other, "Desde la otra ventana.")
        await expect(desk.get_by_role("log").get_by_text("Desde la otra ventana.")).to_have_count(1)
        await expect(chat.get_by_text("Desde la otra ventana.")).to_have_count(1)
    assert len(stage.rows(conversations)) == 1
    said = [one.text for one in stage.rows(messages) if one.author_kind in {"citizen", "agent"}]
    assert said == ["primero", "segundo, desde otra pestaña", "Le leo en las dos.", "Desde la otra ventana."]
