"""Promised calls in a real browser, where the day does not carry them: a full hour, an outage, nobody reached."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from contact_center.rules.faces import ms
from contact_center.rules.model import Role
from contact_center.store.schema import callbacks
from tests.support.looks import Looks
from tests.support.pictures import picture
from tests.support.stage import Stage, closing

QUIET: dict[str, Any] = {"reduced_motion": "reduce"}
TEN_TOMORROW = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
"""10:00 in Hermosillo."""


@pytest.fixture(scope="module")
def desk(stage: Stage) -> Stage:
    stage.hire("ana", name="Ana Prueba López")
    stage.hire("sofia", Role.supervisor, name="Sofía Prueba Ruiz")
    stage.option(callback_minutes=60)  # one call an hour
    return stage


async def promise(desk: Stage, number: str, due: datetime) -> str:
    made = await desk.do("ana", "callback.plan", reason="return", number=number, due_at=ms(due))
    return str(made["callback"]["id"])


async def test_a_full_hour_is_said_offers_another_and_is_overruled_on_purpose(desk: Stage, browser: Browser) -> None:
    looks = Looks()
    await promise(desk, "662 000 0010", TEN_TOMORROW)
    sofia = await desk.console(browser, "sofia", "#/citas", state=None, **QUIET)
    sofia.expected = ("409",)
    async with closing(sofia):
        page = sofia.page
        await expect(page.locator(".week-chip").first).to_be_visible()
        await page.locator("body").press("a")
        dialog = page.get_by_role("dialog", name="Programar una llamada")
        await dialog.get_by_label("Número").fill("662 000 0011")
        await dialog.get_by_label("Cuándo").fill("mañana 10:15")
        await expect(dialog.get_by_text("El turno no alcanza: a esa hora ya no hay lugar.")).to_be_visible()
        await dialog.get_by_role("button", name="Programar mañana a las 10:15").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("ya no hay lugar")
        assert len(desk.rows(callbacks)) == 1
        await looks.at(page, "a full hour")
        await picture(page, "llamada-sin-lugar", themes=("claro",))
        await dialog.get_by_role("button", name="Usar mañana a las 11:00").click()
        await expect(dialog.get_by_text("El turno no alcanza")).to_have_count(0)
        await dialog.get_by_label("Cuándo").fill("mañana 10:15")
        await dialog.get_by_label("Programarla de todos modos").check()
        await dialog.get_by_role("button", name="Programar mañana a las 10:15").click()
        await expect(page.get_by_text("Llamada programada: mañana a las 10:15.")).to_be_visible()
        await expect(dialog).to_have_count(0)
    (row,) = desk.rows(callbacks, callbacks.c.number == "+526620000011")
    assert row.due_at == TEN_TOMORROW + timedelta(minutes=15)
    assert looks.wrong == []


async def test_after_an_outage_the_board_says_what_is_late_until_it_is_caught_up(desk: Stage, browser: Browser) -> None:
    looks = Looks()
    desk.everybody_away()
    await desk.come_back_after((TEN_TOMORROW - desk.clock.now()).total_seconds() + 2 * 3600)
    sofia = await desk.console(browser, "sofia", "#/citas/atrasadas", state=None, **QUIET)
    async with closing(sofia):
        page = sofia.page
        notice = page.get_by_text("había 2 llamadas atrasadas")
        await expect(notice).to_be_visible()
        await expect(page.locator("tbody tr")).to_have_count(2)
        await expect(page.locator("tbody tr").first).to_contain_text("10:00")
        await looks.at(page, "after an outage")
        await picture(page, "citas-tras-corte", themes=("claro",))
        await page.goto(f"{desk.url}/console/#/piso")
        await expect(page.get_by_role("region", name="Alertas")).to_contain_text("Llamadas prometidas atrasadas")
        await page.goto(f"{desk.url}/console/#/citas/atrasadas")
        await expect(notice).to_be_visible()
        for number in ("+526620000010", "+526620000011"):
            (row,) = desk.rows(callbacks, callbacks.c.number == number)
            await desk.call_in_vain("ana", row.id)
        await desk.let_time_pass(70)
        await expect(notice).to_have_count(0)
        await expect(page.get_by_text("Todo está al día")).to_be_visible()
        await looks.at(page, "caught up")
    assert looks.wrong == []


async def test_a_call_that_never_reached_anybody_is_asked_for_again(desk: Stage, browser: Browser) -> None:
    looks = Looks()
    (row,) = desk.rows(callbacks, callbacks.c.number == "+526620000010")
    while row.state != "exhausted":
        await desk.let_time_pass((row.due_at - desk.clock.now()).total_seconds() + 60)
        await desk.call_in_vain("ana", row.id)
        (row,) = desk.rows(callbacks, callbacks.c.id == row.id)
    sofia = await desk.console(browser, "sofia", f"#/citas?ver={row.id}", state=None, **QUIET)
    async with closing(sofia):
        page = sofia.page
        panel = page.locator(".side-panel")
        await panel.get_by_role("button", name="Volver a pedir").click()
        dialog = page.get_by_role("dialog", name="Siguiente paso de la llamada")
        await expect(dialog.get_by_text("662 ••• •010")).to_be_visible()
        await dialog.get_by_label("Cuándo").fill("mañana 9:00")
        await looks.at(page, "asked for again")
        await dialog.get_by_role("button", name="Programar mañana a las 9:00").click()
        await expect(page.get_by_text("Llamada programada: mañana a las 9:00.")).to_be_visible()
    (again,) = desk.rows(callbacks, callbacks.c.again_of == row.id)
    assert (again.number, again.attempts, again.state) == (row.number, 0, "solicited")
    assert looks.wrong == []
