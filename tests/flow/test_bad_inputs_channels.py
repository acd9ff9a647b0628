"""PROMISES §3 through each messaging channel's door: words and names 1–34, files 35–48. Webhooks 49–65 are tested with
the channel that has them.

Whatever a stranger sends becomes words that can be stored, shown and searched, or is refused with a reason; and the
next person's message still arrives.
"""

import unicodedata
from typing import Any, Final

import pytest
from sqlalchemy import select

from contact_center.store.schema import attachments, visitors
from tests.flow.test_attachments_kinds import EICAR, HTML, SVG, docx, picture, png_header
from tests.support.doors import DOORS, StreetDoor, names, shown

WORDS: Final = {
    "1 script": "<script>alert(1)</script>",
    "6 javascript with a tab": "JaVa\tScRiPt:alert(1)",
    "7 templates": "{{7*7}} ${7*7} <%=7*7%>",
    "9 mutation": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=a()&gt;">',
    "12 right to left": "factura\u202egpj.exe",
    "14 marks": "a" + "\u0301" * 1_000,
    "15 half a pair": "hola \ud800 adios",
    "16 NUL": "a\u0000b",
    "18 NFD": unicodedata.normalize("NFD", "José"),
    "20 family": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 30,
    "21 long": "palabra " * 500,
    "21 far too long": "palabra " * 20_000,
    "23 SQL": "'; DROP TABLE messages; --",
    "29 formula": '=HYPERLINK("http://x","ok")',
    "33 header": "uno\r\nHTTP/1.1 200",
    "34 log line": "\x1b[2J\n2026 INFO login ok admin",
}
NAMES: Final = {
    "11 markup": "<b onmouseover=alert(1)>Ana",
    "12 right to left": "Ana\u202ecod.exe",
    "13 nothing to see": "\u200b\u200b",
    "14 marks": "A" + "\u0301" * 1_000,
    "15 half a pair": "Ana \ud800",
    "16 NUL": "A\u0000na",
    "19 look-alike": "Gobi\u0435rno",
    "33 header": "Ana\r\nBcc: todos@example.org",
    "long": "Ana " * 2_000,
}
PDF: Final = b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (a()) >> >> endobj\ntrailer << >>\n%%EOF\n"
BAD_FILES: Final = {
    "36 php": ("shell.php.jpg", b"GIF89a<?php system('id');", "image/jpeg"),
    "38 svg": ("dibujo.svg", SVG, "image/svg+xml"),
    "39 pdf with a script": ("acta.pdf", PDF, "application/pdf"),
    "41 pixels": ("grande.png", png_header(65_500, 65_500), "image/png"),
    "42 eicar": ("eicar.pdf", EICAR, "application/pdf"),
    "44 html": ("foto.png", HTML, "image/png"),
    "47 macro": ("acta.docm", docx({"word/vbaProject.bin": b"x"}), "application/vnd.ms-word.document.macroEnabled.12"),
}
BAD_NAMES: Final = {
    "35 path": "../../etc/passwd.jpg",
    "35 back": "..\\..\\boot.jpg",
    "35 percent": "%2e%2e%2ffoto.jpg",
    "37 NUL": "x.jpg\0.html",
    "45 long": "ñ" * 4_096 + ".jpg",
    "45 device": "CON",
    "45 dot": "foto.jpg.",
    "12 right to left": "foto\u202egpj.exe",
}


NO_MESSAGES: Final = {
    # No form of Twilio's has a NUL or 160,000 characters; the list of its messages would bring what was refused.
    "whatsapp": {"16 NUL", "21 far too long"},
    # Half a pair is no JSON: who sends it is told so, before anything is stored.
    "open_channel": {"15 half a pair"},
}


@pytest.fixture(params=sorted(DOORS))
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def way(channel: str) -> Any:
    return DOORS[channel]


def is_sound(text: str, most: int, *, one_line: bool = False) -> bool:
    """Say whether a text can be stored, sent, and drawn: bounded, whole, without what steers a terminal or a header."""
    controls = {one for one in text if unicodedata.category(one) == "Cc"} - (set() if one_line else {"\n", "\t"})
    piled = "\u0301" * 9
    return len(text) <= most and not controls and piled not in text and text.encode("utf-8").decode() == text


async def still_open(door: StreetDoor) -> bool:
    """Say whether the next person is heard, and nobody else's words are lost by it."""
    await door.say("¿Me leen?", person=9)
    await door.settled()
    return bool((await shown(door.house))[-1]["text"] == "¿Me leen?")


async def test_words_of_any_kind_arrive_as_words(channel: str, way: Any, database_url: str) -> None:
    async with way(database_url) as door:
        taken = [name for name, text in WORDS.items() if await door.say(text)]
        assert set(WORDS) - set(taken) == NO_MESSAGES.get(channel, set())
        await door.settled()
        said = [one["text"] for one in await shown(door.house)]
        assert all(is_sound(text, 8_001) for text in said)
        assert {"<script>alert(1)</script>", "{{7*7}} ${7*7} <%=7*7%>", "José"} <= set(said)
        assert "'; DROP TABLE messages; --" in said and any(text.startswith("palabra palabra") for text in said)
        assert len(said) == len(taken)
        assert await still_open(door)


async def test_nothing_to_read_is_no_message_or_says_that_it_is_none(way: Any, sqlite_database_url: str) -> None:
    async with way(sqlite_database_url) as door:
        for text in ("", "   ", "\u200b\u200b"):
            await door.say(text)
        await door.settled()
        assert all(one["text"].startswith("(") for one in await shown(door.house))
        assert await still_open(door)


async def test_a_name_is_one_line_of_bounded_words_or_none(channel: str, way: Any, database_url: str) -> None:
    async with way(database_url) as door:
        taken = [await door.say("Hola", name=name, person=person) for person, name in enumerate(NAMES.values(), 10)]
        await door.settled()
        known = await names(door.house)
        assert (
            len(known) == sum(taken) == len(NAMES) - len(NO_MESSAGES.get(channel, set()) & {"15 half a pair", "16 NUL"})
        )
        for name in known:
            assert name is None or (name.strip() and is_sound(name, 200, one_line=True) and "\u202e" not in name)
        assert known[2] is None or known[2].isprintable()
        assert await still_open(door)


async def test_a_hostile_file_is_refused_and_its_message_kept(way: Any, sqlite_database_url: str) -> None:
    async with way(sqlite_database_url) as door:
        for person, (name, content, kind) in enumerate(BAD_FILES.values(), 10):
            await door.file(name, content, kind, person=person)
        await door.settled()
        async with door.house.db.read() as conn:
            kept = (await conn.execute(select(attachments))).all()
        assert kept == []
        seen = await shown(door.house)
        assert len(seen) == len(BAD_FILES)
        for one in seen:
            files = (one["data"] or {}).get("media", [])
            assert files == [] or {file["state"] for file in files} == {"refused"}, one
        assert await still_open(door)


async def test_a_file_keeps_no_name_that_means_something_else(way: Any, sqlite_database_url: str) -> None:
    content = picture()
    async with way(sqlite_database_url) as door:
        for person, name in enumerate(BAD_NAMES.values(), 10):
            await door.file(name, content, "image/jpeg", person=person)
        await door.settled()
        async with door.house.db.read() as conn:
            kept = [row.name for row in (await conn.execute(select(attachments))).all()]
            people = len((await conn.execute(select(visitors))).all())
        assert people == len(BAD_NAMES) and kept
        for name in kept:
            assert not set(name) & set("/\\\0\u202e:") and ".." not in name and not name.endswith((".", " "))
            assert name.casefold().endswith((".jpg", ".jpeg")) and len(name.encode()) <= 255 and is_sound(name, 255)
            assert name.partition(".")[0].upper() not in ("CON", "AUX", "NUL")
        assert await still_open(door)
