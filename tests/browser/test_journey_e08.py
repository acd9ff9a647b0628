"""E08 whole: somebody in danger writes at night; help at once, the supervisor knows, and nothing closes by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from contact_center.rules.model import Role
from contact_center.store.schema import alerts, conversations, interactions, petitions, work_items
from tests.support.databases import copy_sqlite
from tests.support.pictures import picture
from tests.support.stage import Stage, closing, open_stage
from tests.support.talking import begin, close, expected, status, take, turns, write

EVENING = datetime(2026, 11, 25, 3, 31, tzinfo=UTC)
"""20:31 in Hermosillo: the office is closed."""


@pytest.fixture(scope="module")
def night(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A service after hours."""
    folder = tmp_path_factory.mktemp("night")
    with open_stage(copy_sqlite(_sqlite_template, folder), folder / "files", EVENING) as running:
        yield running


async def test_somebody_in_danger_at_night_is_helped_at_once_and_never_closed(night: Stage, browser: Browser) -> None:
    night.hire("sofia", Role.supervisor, name="Sofía Prueba Ruiz")
    night.hire("ana", name="Ana Prueba López")
    first, second = turns("E08")
    floor = await night.console(browser, "sofia", "#/piso", state=None)
    citizen = await night.citizen(browser)
    async with closing(citizen):
        chat = citizen.page
        await expect(chat.get_by_text("Cerrado en este momento")).to_be_visible()
        await picture(chat, "chat-cerrado")
        await begin(chat, first="Escribir ahora")
        await write(chat, first)
        sent = night.clock.monotonic()
        help_card = chat.get_by_role("region", name="Hay ayuda en este momento")
        await expect(help_card.get_by_role("link", name="911", exact=True)).to_have_attribute("href", "tel:911")
        await expect(help_card.get_by_role("link", name="800 911 2000")).to_have_attribute("href", "tel:8009112000")
        await expect(chat.locator("article.system").filter(has_text="No está sola, no está solo")).to_be_visible()
        assert night.clock.monotonic() - sent < 5
        async with closing(floor):
            alert = floor.page.get_by_text("Crisis").first
            await expect(alert).to_be_visible(timeout=10_000)
            assert night.clock.monotonic() - sent < expected("E08")["alerta_supervision_seg"]
            await picture(floor.page, "piso-crisis")
            await picture(floor.page, "piso-crisis", width=390)
        await picture(chat, "chat-crisis")
        await write(chat, second)
        await expect(help_card).to_be_visible()

        # Nobody closes it: neither the clock nor the absence of an answer.
        for _hours in range(3):
            await night.let_time_pass(3_600)
        (row,) = night.rows(conversations)
        assert row.is_open

        guard = await night.console(browser, "ana")
        async with closing(guard):
            desk = guard.page
            offer = desk.get_by_role("region", name="Contacto para usted")
            await expect(offer).to_contain_text("crisis")
            await picture(desk, "consola-oferta-crisis")
            await take(desk)
            await expect(desk.get_by_text("Posible crisis de vida")).to_be_visible()
            await picture(desk, "consola-crisis")
            await expect(status(chat)).to_have_text("Le atiende Ana")
            await close(desk, "Crisis atendida")
            await expect(chat.get_by_role("heading", name="Gracias por comunicarse")).to_be_visible()
            await expect(chat.locator("form.survey")).to_have_count(0)

    (contact,) = night.rows(interactions)
    assert (contact.state, contact.disposition, contact.restricted) == ("captured", "crisis_attended", True)
    assert set(expected("E08")["banderas"]) <= {flag.replace("crisis_life", "crisis_vida") for flag in contact.flags}
    assert night.rows(petitions) == []
    assert [one.priority for one in night.rows(work_items)] == ["critical"]
    assert "crisis" in {one.kind for one in night.rows(alerts)}
