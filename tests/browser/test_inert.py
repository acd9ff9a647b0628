"""What strangers write is text, on every screen that shows it (PROMISES S20, §3: 1–22 and 29–34)."""

import unicodedata
from typing import Final

from playwright.async_api import Browser, Dialog, Page, Request, expect

from contact_center.store.schema import interactions, messages, petitions
from tests.support.registering import form as petition_form
from tests.support.stage import Stage, closing
from tests.support.talking import begin, take

MARKUP: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=fetch('//x')>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "JaVa\tScRiPt:alert(1)",
    "{{7*7}} ${7*7} <%=7*7%>",
    "</textarea><script>alert(1)</script>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "[x](javascript:alert(1))",
)
NAMES: Final = (
    "<b onmouseover=alert(1)>Ana",
    "factura\u202egpj.exe",
    "a\u200b\u200bb",
    "e" + "\u0301" * 1000,
    "Gobiеrno",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 20,
)
SHEETS: Final = (
    '=HYPERLINK("http://x","ok")',
    "+52…|cmd' /C calc'!A0",
    "@SUM(1)",
    "\t=1+1",
    "uno\r\nHTTP/1.1 200",
    "\x1b[2J\n2026 INFO login ok admin",
)
PAYLOADS: Final = (*MARKUP, *NAMES, *SHEETS)
LIVE: Final = """() => [...document.querySelectorAll(
  "main script, main svg[onload], main math, main mglyph, main b[onmouseover], main img[src='x'], main img[title]," +
  "a[href^='javascript' i], a[href^='data' i], [onerror], [onload], [onmouseover]")].map((one) => one.outerHTML)"""


class Watch:
    """Counts what a page that ran a stranger's words would do."""

    def __init__(self, page: Page, own: str) -> None:
        self.dialogs = 0
        self.foreign: list[str] = []
        self._own = (own, own.replace("http", "ws"), "data:", "blob:")
        page.on("dialog", self._on_dialog)
        page.on("request", self._on_request)

    async def _on_dialog(self, dialog: Dialog) -> None:
        self.dialogs += 1
        await dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(self._own):
            self.foreign.append(request.url)


def plain(text: str) -> str:
    """Return what is drawn of a text as it is: without piled-up marks and signs that nobody sees."""
    letters = (one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return " ".join("".join(one for one in letters if one.isprintable() or one.isspace()).split())


async def test_what_is_sent_as_a_message_is_shown_as_text_on_both_sides(stage: Stage, browser: Browser) -> None:
    stage.hire("ana")
    citizen = await stage.citizen(browser)
    agent = await stage.console(browser, "ana")
    watches = [Watch(one.page, stage.url) for one in (citizen, agent)]
    async with closing(citizen, agent):
        chat, desk = citizen.page, agent.page
        await begin(chat, name=NAMES[0])
        for payload in PAYLOADS:
            await chat.get_by_label("Su mensaje").fill(payload)
            await chat.get_by_role("button", name="Enviar").click()
        await expect(chat.locator("article.citizen:not(.pending):not(.failed)")).to_have_count(len(PAYLOADS))
        await take(desk)
        await expect(desk.get_by_role("log").get_by_text("login ok admin")).to_be_visible()
        for payload in PAYLOADS:
            await desk.get_by_label("Respuesta para la persona").fill(payload)
            await desk.locator(".send").click()
        await expect(chat.locator("article.agent")).to_have_count(len(PAYLOADS))
        await desk.locator(".thread-actions").get_by_role("button", name="Nota").click()
        for payload in MARKUP:
            await desk.get_by_label("Nota interna").fill(payload)
            await desk.get_by_role("button", name="Guardar nota").click()
        await expect(desk.get_by_role("log").get_by_text("Sólo la ve el personal")).to_have_count(len(MARKUP))
        for name in ("<img src=x onerror=alert(1)>.pdf", "factura\u202efdp.exe.pdf", "=cmd|'.pdf"):
            given = {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"}
            await chat.locator("input[type=file]").first.set_input_files(given)  # type: ignore[arg-type]
            await expect(chat.get_by_text("listo para enviar")).to_be_visible()
            await chat.get_by_role("button", name="Enviar", exact=True).click()
            await expect(chat.get_by_text("listo para enviar")).to_have_count(0)
        await expect(desk.get_by_role("log").get_by_text(".pdf")).to_have_count(3)
        for page in (chat, desk):
            flat = plain(await page.get_by_role("log").inner_text())
            # Where the direction of reading turns, the screens may say so: the words before it are enough.
            missing = [one for one in PAYLOADS if plain(one.partition("\u202e")[0])[:60] not in flat]
            assert missing == []
            assert await page.evaluate(LIVE) == []
            assert "49" not in flat.replace("${7*7}", ""), "a template was worked out"
    assert [(one.dialogs, one.foreign) for one in watches] == [(0, []), (0, [])]
    stored = {one.text for one in stage.rows(messages, messages.c.author_kind == "citizen")}
    assert set(MARKUP) - {MARKUP[5]} <= stored, "kept as it was written"


async def test_petitions_and_people_made_of_hostile_words_are_shown_as_text(stage: Stage, browser: Browser) -> None:
    contact = stage.rows(interactions)[0].id
    stage.hire("dora", locale="es")
    for at, payload in enumerate((*MARKUP, *SHEETS[:3], NAMES[0])):
        words = f"{payload} {'de prueba en la calle'} {at}"
        fields = petition_form(
            subject=words.replace("\t", " ")[:200], description=words, locality=payload.replace("\t", " ")[:100]
        )
        fields["requester"] = {"names": "<b>Ana</b>", "phone": "662 000 0001"}
        await stage.do("ana", "petition.create", **fields, interaction_id=contact, despite_duplicates=True)
    agent = await stage.console(browser, "ana", "#/peticiones", state=None)
    watch = Watch(agent.page, stage.url)
    async with closing(agent):
        page = agent.page
        await expect(page.locator("main tbody tr")).to_have_count(len(MARKUP) + 4)
        for payload in (MARKUP[0], MARKUP[1], MARKUP[8], SHEETS[0]):
            await expect(page.locator("main table")).to_contain_text(payload[:50])
        assert await page.evaluate(LIVE) == []
        for row in stage.rows(petitions)[:10]:
            await page.evaluate("(hash) => { location.hash = hash; }", f"#/peticiones/{row.folio}")
            await expect(page.get_by_role("region", name=row.folio)).to_contain_text(" ".join(row.subject.split())[:40])
            assert await page.evaluate(LIVE) == []
        await page.keyboard.press("Control+k")
        await page.get_by_role("combobox", name="Buscar o hacer").fill("prueba")
        await expect(page.get_by_role("option").filter(has_text="CEAC").first).to_be_visible()
        assert await page.evaluate(LIVE) == []
        await page.keyboard.press("Escape")
        await page.goto(f"{stage.url}/console/#/bandeja/{contact}")
        await page.get_by_role("tab", name="Petición").click()
        await expect(page.get_by_role("region", name="De este contacto")).to_contain_text("<script>")
        assert await page.evaluate(LIVE) == []
        kept = await page.context.request.get(f"{stage.url}/api/v1/conversations/{contact}/transcript")
        assert kept.ok and "&lt;script&gt;alert(1)" in await kept.text()
        printed = await page.context.new_page()
        on_paper = Watch(printed, stage.url)
        await printed.set_content(await kept.text())
        assert await printed.evaluate(LIVE.replace("main ", "")) == []
        assert (on_paper.dialogs, on_paper.foreign) == (0, [])
    assert (watch.dialogs, watch.foreign) == (0, [])


async def test_what_cannot_be_a_message_is_refused_and_nothing_of_it_is_kept(stage: Stage, browser: Browser) -> None:
    citizen = await stage.citizen(browser)
    citizen.expected = ("Failed to load resource",)
    async with closing(citizen):
        page = citizen.page
        await begin(page)
        before = len(stage.rows(messages))
        await page.get_by_label("Su mensaje").fill(" \t ")
        await expect(page.get_by_role("button", name="Enviar")).to_be_disabled()
        await page.get_by_label("Su mensaje").fill("x" * 4001)
        await expect(page.get_by_role("button", name="Enviar")).to_be_disabled()
        await expect(page.get_by_text("Sobran")).to_be_visible()
        answers = await page.evaluate(
            """async () => {
                const token = localStorage.getItem("chat.token");
                const send = async (text) => (await fetch("/api/v1/chat/messages", { method: "POST",
                    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
                    body: `{"client_id": "${crypto.randomUUID()}", "text": "${text}"}` })).status;
                return [await send("\\\\ud800"), await send("a\\\\u0000b"), await send(""), await send("   "),
                    await send("\\\\u200b\\\\u200b"), await send("x".repeat(4001)), await send("x".repeat(4194304))];
            }"""
        )
        assert all(400 <= status < 500 for status in answers), answers
        assert len(stage.rows(messages)) == before
