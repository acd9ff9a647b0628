"""E-mail: what the writer added, what a mail is, what its headers may do, and that no bytes break the parser."""

import time
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import mail_letter as letter
from channels import mail_wire as wire
from channels.mail_text import fold_quoted, plain_of
from channels.mail_wire import Kind
from contact_center.rules.messaging import OutboundFile, OutboundMessage
from tests.support.letters import dsn

OURS = frozenset({"atencion@sonora.example"})
NOW = datetime(2026, 11, 24, 16, 12, tzinfo=UTC)


def read(raw: str | bytes) -> wire.Mail:
    return wire.read(raw.encode() if isinstance(raw, str) else raw, ours=OURS, ref={"uid": 7})


def mail(body: str = "Hay un bache.", *, kind: str = "text/plain; charset=utf-8", **headers: str) -> str:
    given_headers = {
        "From": "María Ejemplo <maria@correo.example>",
        "To": "atencion@sonora.example",
        "Subject": "Bache",
        "Message-ID": "<m1@correo.example>",
        "Date": "Tue, 24 Nov 2026 09:12:00 -0700",
        "Content-Type": kind,
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\n" for name, value in given_headers.items()) + "\n" + body


GMAIL = """Sí, es en la calle Ejemplo.

El lun, 24 nov 2026 a las 9:12, Atención (<atencion@sonora.example>)
escribió:

> ¿En qué calle?
> Gracias
"""
OUTLOOK = """Gracias.

________________________________
De: Atención <atencion@sonora.example>
Enviado: lunes, 24 de noviembre de 2026
Para: María
Asunto: RE: Bache

¿En qué calle?
"""
OUTLOOK_OLD = "Gracias.\n\n-----Mensaje original-----\nDe: Atención\n¿En qué calle?"
APPLE = "Yes, there.\n\nOn 24 Nov 2026, at 09:12, Atención <atencion@sonora.example> wrote:\n\n> Where?\n"


@pytest.mark.parametrize(
    ("text", "added"),
    [
        (GMAIL, "Sí, es en la calle Ejemplo."),
        (OUTLOOK, "Gracias."),
        (OUTLOOK_OLD, "Gracias."),
        (APPLE, "Yes, there."),
        ("Hola\n\n-- \nMaría\nTel. 662", "Hola"),
        ("Hola\n\nEnviado desde mi iPhone", "Hola"),
        ("> ¿Dónde?\nEn la calle Ejemplo", "En la calle Ejemplo"),
        (
            "El lun, 24 nov 2026 a las 9:12, A <a@b.mx> escribió:\n> ¿Dónde?\n\nEn la calle Ejemplo",
            "En la calle Ejemplo",
        ),
        ("De: mi casa\nno sale agua", "De: mi casa\nno sale agua"),
        ("El martes mi vecino me escribió: que no hay agua", "El martes mi vecino me escribió: que no hay agua"),
        ("> todo\n> citado", "> todo\n> citado"),
        ("", ""),
    ],
)
def test_what_the_writer_added_is_told_from_what_is_quoted(text: str, added: str) -> None:
    assert fold_quoted(text)[0] == added


def test_an_answer_point_by_point_keeps_what_it_answers() -> None:
    text = "El lun, 24 nov 2026, A <a@b.mx> escribió:\n> ¿Dónde?\nEn la calle Ejemplo\n> ¿Desde cuándo?\nDesde ayer"
    added, _ = fold_quoted(text)
    assert "> ¿Desde cuándo?" in added and "Desde ayer" in added and "En la calle Ejemplo" in added


@given(
    st.lists(
        st.sampled_from(
            ["hola", "", "> cita", "De: x", "Para: y", "-- ", "El lun 3, a@b escribió:", "-----Mensaje original-----"]
        ),
        max_size=12,
    )
)
def test_every_word_is_in_one_of_the_two(lines: list[str]) -> None:
    text = "\n".join(lines)
    added, quoted = fold_quoted(text)
    assert sorted(f"{added}\n{quoted}".split()) == sorted(text.split())


@pytest.mark.parametrize(
    "text",
    [
        " " * 200_000,
        "-" * 200_000,
        "El " + "a " * 100_000,
        "El a@b 1 escribió:\n> x\ny\n" * 9_000,
        "De:\n" * 50_000,
        ">" * 200_000,
        "\n" * 200_000,
    ],
)
def test_folding_takes_no_longer_than_the_text_is_long(text: str) -> None:
    began = time.process_time()
    fold_quoted(text[:200_000])
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Uno</p><p>Dos<br>Tres</p>", "Uno\nDos\nTres"),
        ("<b>Hola</b> <script>alert(1)</script><style>p{}</style>mundo", "Hola mundo"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ('<a href="https://sonora.gob.mx/x">aquí</a>', "aquí (https://sonora.gob.mx/x)"),
        ('<a href="javascript:alert(1)">aquí</a>', "aquí"),
        ("<div>Sí</div><blockquote>¿Dónde?</blockquote>", "Sí\n> ¿Dónde?"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<img src=x onerror=alert(1)>Hola", "Hola"),
    ],
)
def test_html_becomes_plain_words(html: str, text: str) -> None:
    assert plain_of(html).strip() == text


@pytest.mark.parametrize(
    "html", ["<div>" * 200_000, "<blockquote>" * 80_000 + "x", "<a href='" + "x" * 500_000, "<" * 500_000]
)
def test_hostile_html_is_bounded(html: str) -> None:
    began = time.process_time()
    plain_of(html)
    assert time.process_time() - began < 3


def test_a_mail_is_who_what_when_and_what_it_answers() -> None:
    got = read(mail(GMAIL, References="<a@x> <b@x>", In_Reply_To="<b@x>"))
    assert (got.kind, got.address, got.name, got.subject) == (
        Kind.message,
        "maria@correo.example",
        "María Ejemplo",
        "Bache",
    )
    assert got.message_id == "<m1@correo.example>" and got.thread == ("<a@x>", "<b@x>")
    assert got.text == "Sí, es en la calle Ejemplo." and "¿En qué calle?" in got.quoted
    assert got.at == datetime(2026, 11, 24, 16, 12, tzinfo=UTC)


def test_a_mail_of_html_alone_is_read_and_one_without_words_says_its_subject() -> None:
    assert read(mail("<p>Hay <b>un</b> bache</p>", kind="text/html")).text == "Hay un bache"
    assert read(mail("")).text == "Bache"


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        ("Ñandú".encode(), "utf-8", "Ñandú"),
        ("Ñandú".encode("latin-1"), "iso-8859-1", "Ñandú"),
        ("«Ñandú» – sí".encode("cp1252"), "iso-8859-1", "«Ñandú» – sí"),
        ("Ñandú".encode(), "us-ascii", "Ñandú"),
        ("Ñandú".encode("cp1252"), "us-ascii", "Ñandú"),
        ("Ñandú".encode(), "x-unknown-99", "Ñandú"),
        (b"+AGE-hola", "utf-7", "+AGE-hola"),
        ("hola".encode("utf-16"), "utf-16", "hola"),
    ],
)
def test_a_charset_is_forgiven(body: bytes, charset: str, text: str) -> None:
    head = mail("", kind=f"text/plain; charset={charset}").encode()
    got = read(head.replace(b"\n\n", b"\nContent-Transfer-Encoding: 8bit\n\n") + body)
    assert got.text == text


def test_headers_in_other_alphabets_are_read() -> None:
    got = read(
        mail(Subject="=?utf-8?q?Petici=C3=B3n?= =?iso-8859-1?q?_=F1?=", From="=?utf-8?b?TWFyw61h?= <m@c.example>")
    )
    assert (got.subject, got.name) == ("Petición ñ", "María")


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, Kind.automatic),
        ({"Auto_Submitted": "no"}, Kind.message),
        ({"Subject": "Respuesta automática: Bache"}, Kind.automatic),
        ({"Subject": "Automatic reply: x"}, Kind.automatic),
        ({"Precedence": "auto_reply"}, Kind.automatic),
        ({"Precedence": "bulk"}, Kind.bulk),
        ({"List_Id": "<x.example>"}, Kind.bulk),
        ({"X_Autoreply": "yes"}, Kind.automatic),
        ({"Return_Path": "<>"}, Kind.automatic),
        ({"From": "no-reply@tienda.example"}, Kind.automatic),
        ({"From": "Atención <ATENCION@sonora.example>"}, Kind.own),
        ({"X_Contact_Center": "1"}, Kind.own),
        ({"From": "nadie"}, Kind.unusable),
        ({"From": ""}, Kind.unusable),
    ],
)
def test_a_mail_that_nobody_waits_an_answer_to_is_known(headers: dict[str, str], kind: Kind) -> None:
    assert read(mail(**headers)).kind is kind


@pytest.mark.parametrize(
    ("raw", "failed", "arrived", "reason"),
    [
        (dsn(), True, False, "unknown_address"),
        (dsn(status="5.2.2", said="552 5.2.2 over quota"), True, False, "mailbox_full"),
        (dsn(status="5.7.1", said="554 5.7.1 blocked"), True, False, "filtered"),
        (dsn(status="5.0.0", said="550 no such user here"), True, False, "unknown_address"),
        (dsn(action="delayed", status="4.4.7"), False, False, "delayed"),
        (dsn(action="delivered", status="2.0.0"), False, True, ""),
    ],
)
def test_a_delivery_report_says_what_became_of_which_mail(raw: str, failed: bool, arrived: bool, reason: str) -> None:
    got = read(raw)
    assert got.kind is Kind.report and got.bounce is not None
    assert (got.bounce.failed, got.bounce.arrived, got.bounce.reason) == (failed, arrived, reason)
    assert letter.quoted_ids(got.thread, "sonora.example") == ("<o1.0@sonora.example>",)


def test_what_a_mail_server_says_and_nobody_can_read_is_taken_for_nothing() -> None:
    assert read(mail("?", From="MAILER-DAEMON@mx.example", Return_Path="<>")).kind is Kind.bulk


def test_a_bounce_that_follows_no_standard_is_known_too() -> None:
    body = (
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<maria@correo.example>:\n550 5.1.1 no such user\n\n--- Below this line is a copy of the message.\n\n"
        "Message-ID: <o1.0@sonora.example>\n"
    )
    got = read(
        mail(
            body,
            From="MAILER-DAEMON@mx.example",
            Return_Path="<>",
            Subject="failure notice",
            In_Reply_To="<o1.0@sonora.example>",
        )
    )
    assert got.kind is Kind.report and got.bounce is not None and got.bounce.failed


def test_files_are_named_by_their_place_and_can_be_had() -> None:
    made = EmailMessage()
    made["From"], made["Message-ID"], made["Subject"] = "a@b.example", "<x@b.example>", "Fotos"
    made.set_content("Mire")
    made.add_alternative("<p>Mire</p><img src='cid:1'>", subtype="html")
    made.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="recibo\u202egpj.pdf")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="../../etc/foto.png")
    raw = made.as_bytes()
    got = read(raw)
    assert [(one.kind.value, one.media_type, one.size_bytes) for one in got.files] == [
        ("document", "application/pdf", 8),
        ("picture", "image/png", 4),
    ]
    assert "\u202e" not in got.files[0].name
    assert [wire.file_of(raw, one.ref["part"]) for one in got.files] == [b"%PDF-1.7", b"\x89PNG"]
    assert wire.file_of(raw, 99) is None


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    for one in (raw, mail().encode().replace(b"Bache", raw.replace(b"\n", b"")), mail().encode() + raw):
        assert read(one).message_id


def test_a_mail_nested_a_thousand_times_is_unusable_or_read_but_never_fatal() -> None:
    deep = "From: a@b.example\n" + "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3_000)
    )
    assert read(deep).kind in (Kind.unusable, Kind.message)


def out(**more: Any) -> OutboundMessage:
    return OutboundMessage(id="o1:0", conversation_id="c1", address="maria@correo.example", **({"text": "Hola"} | more))


def compose(**more: Any) -> EmailMessage:
    return letter.compose(out(**more), sender="atencion@sonora.example", name="Atención", now=NOW)


def test_an_answer_belongs_to_the_thread_and_says_its_folio_once() -> None:
    got = compose(
        thread=("<a@x>", "<b@x>"), reply_to="<b@x>", extra={"subject": "RE: Re: Bache", "folio": "CEAC-2026-000001"}
    )
    assert got["Subject"] == "Re: Bache [CEAC-2026-000001]"
    assert (got["In-Reply-To"], got["References"]) == ("<b@x>", "<a@x> <b@x>")
    assert got["Message-ID"] == "<o1.0@sonora.example>" and letter.is_ours(got["Message-ID"], "sonora.example")
    assert letter.reply_subject("Bache CEAC-2026-000001", "CEAC-2026-000001") == "Re: Bache CEAC-2026-000001"
    assert read(got.as_bytes()).kind is Kind.own


def test_what_a_stranger_wrote_adds_no_header() -> None:
    evil = "Hola\r\nBcc: todos@x.example\r\n\r\nCuerpo"
    got = compose(extra={"subject": evil}, thread=("<a@x>\r\nBcc: t@x", "<b@x\r\n>"), reply_to="<c@x>\nBcc: t@x")
    assert got["Bcc"] is None and got["References"] == "<a@x> <c@x>"
    assert b"\nBcc:" not in got.as_bytes()


def test_an_automatic_text_says_so_and_a_quotation_goes_below() -> None:
    got = compose(
        extra={"automatic": True, "quote": "¿Dónde?\n\nGracias", "quote_head": "El 24 de noviembre usted escribió:"}
    )
    assert got["Auto-Submitted"] == "auto-replied"
    assert got.get_content() == "Hola\n\nEl 24 de noviembre usted escribió:\n> ¿Dónde?\n>\n> Gracias\n"


def test_files_go_out_under_their_names() -> None:
    got = compose(files=(OutboundFile("oficio ñ.pdf", "application/pdf", b"%PDF"),))
    (file,) = got.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_payload(decode=True)) == (
        "oficio ñ.pdf",
        "application/pdf",
        b"%PDF",
    )
