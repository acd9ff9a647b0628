"""A letter on the agent's desk, in a real browser and between real mail servers: subject, quotation, folio."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, expect

from contact_center.store.schema import petition_interactions, petitions
from tests.support.databases import copy_sqlite
from tests.support.looks import Looks
from tests.support.mail_servers import PASSWORD, USER, Mailbox, Postman, imap_server, smtp_server
from tests.support.mail_stage import OFFICE, letter
from tests.support.pictures import picture
from tests.support.registering import form
from tests.support.stage import Stage, closing, open_stage, until
from tests.support.talking import close, take


@dataclass
class PostOffice:
    """The service with a mailbox, and the street's side of it."""

    stage: Stage
    box: Mailbox
    postman: Postman
    portal: BlockingPortal

    def writes(self, text: str, message_id: str, **headers: str) -> None:
        self.portal.call(self.box.put, letter(text, message_id, **headers))


@pytest.fixture
def post(_sqlite_template: Path, tmp_path: Path) -> Iterator[PostOffice]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(smtp_server()) as (smtp, postman),
        portal.wrap_async_context_manager(imap_server()) as box,
    ):
        given: dict[str, Any] = {
            "mail_address": OFFICE,
            "mail_imap_url": f"imap://127.0.0.1:{box.port}",
            "mail_smtp_url": f"smtp://127.0.0.1:{smtp}",
            "mail_user": USER,
            "mail_password": PASSWORD,
        }
        with open_stage(copy_sqlite(_sqlite_template, tmp_path), tmp_path / "files", **given) as stage:
            stage.hire("ana", name="Ana Prueba López")
            yield PostOffice(stage, box, postman, portal)


async def test_a_letter_is_answered_with_its_subject_and_comes_back_to_its_folio(
    post: PostOffice, browser: Browser
) -> None:
    stage, looks = post.stage, Looks()
    agent = await stage.console(browser, "ana")
    async with closing(agent):
        desk = agent.page
        text = (
            "Buenas tardes.\nHay un bache frente a la primaria.\n\nEl lun, 23 nov 2026, Atención escribió:\n> ¿Dónde?"
        )
        post.writes(text, "<m1@correo.example>", Subject="Bache frente a la primaria")
        await take(desk)
        bubble = desk.locator(".bubble", has_text="Hay un bache").first
        await expect(bubble).to_contain_text("Asunto: Bache frente a la primaria")
        await expect(bubble.locator("summary", has_text="Texto citado")).to_be_visible()
        allowed = desk.get_by_role("group", name="Lo que permite este canal")
        await expect(allowed.get_by_label("Asunto")).to_have_value("Re: Bache frente a la primaria")
        await allowed.get_by_label("Citar").check()
        await looks.at(desk, "answering a letter")
        await picture(desk, "correo-respuesta", themes=("claro",))
        contact = desk.url.rsplit("/", 1)[1]
        made = await stage.do("ana", "petition.create", interaction_id=contact, **form())
        folio = made["petition"]["folio"]
        await desk.get_by_label("Respuesta para la persona").fill("Ya quedó registrada su petición.")
        await desk.keyboard.press("Enter")
        answer = (await until(lambda: [one for one in post.postman.mails if folio in str(one["Subject"])]))[0]
        assert answer["Subject"] == f"Re: Bache frente a la primaria [{folio}]"
        await close(desk, "Petición registrada")

        # The answer comes back to its petition, though the thread was lost on the way.
        post.writes("Gracias, sigue igual.", "<m2@correo.example>", Subject=str(answer["Subject"]))
        await take(desk)
        cites = desk.locator(".beyond-line", has_text="Cita el folio")
        await expect(cites).to_contain_text(folio)
        await expect(cites.get_by_role("button")).to_have_count(0)
        await looks.at(desk, "a letter that cites its folio")

        # Somebody else's letter only shows it.
        post.writes(
            "Soy vecino, también me afecta.", "<v1@correo.example>", From="v@x.example", Subject=f"Sobre {folio}"
        )
        await desk.get_by_role("region", name="Contacto para usted").get_by_role("button", name="Tomar").click()
        await expect(desk.get_by_role("log").get_by_text("Soy vecino")).to_be_visible()
        await cites.get_by_role("button", name="Vincular").click()
        await expect(desk.get_by_text(f"Folio {folio} vinculado")).to_be_visible()
        await expect(cites.get_by_role("button")).to_have_count(0)
        await picture(desk, "correo-folio-citado", themes=("claro",))
    assert looks.wrong == []
    assert len(stage.rows(petitions)) == 1
    assert sorted(one.relation for one in stage.rows(petition_interactions)) == ["created", "linked", "linked"]
