"""What a file really is: the good ones are kept, every bad one of PROMISES §3 (35–48) is refused or made harmless."""

import io
import struct
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contact_center.errors import ContactCenterError, Invalid, Missing, NoSpace, TooLarge, UnsupportedKind
from contact_center.file_kinds import check_file
from contact_center.files import MAX_NAME_BYTES, DiskBlobs, content_disposition, safe_name

LIMIT = 10 * 1024 * 1024
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
TYPES = (
    b'<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="application/'
    b'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
BODY = b'<?xml version="1.0"?><w:document xmlns:w="w"><w:body/></w:document>'


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **save: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, kind, **save)
    return out.getvalue()


def docx(extra: dict[str, bytes] | None = None, *, types: bytes = TYPES, body: bytes = BODY) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": types, "word/document.xml": body, **(extra or {})}.items():
            archive.writestr(name, content)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "content", "declared", "media_type"),
    [
        ("recibo.pdf", PDF, "application/pdf", "application/pdf"),
        ("foto.JPG", picture(), "image/jpeg", "image/jpeg"),
        ("foto.jpeg", picture(), "", "image/jpeg"),
        ("captura.png", picture("PNG"), "application/octet-stream", "image/png"),
        ("carta.docx", docx(), "", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_the_four_kinds_are_kept(name: str, content: bytes, declared: str, media_type: str) -> None:
    kept = check_file(name, content, declared, max_bytes=LIMIT)
    assert (kept.name, kept.media_type) == (name, media_type)


HTML = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
REL = b'<Relationships><Relationship Id="1" Type="http://x/attachedTemplate" Target="http://e" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("name", "content", "declared"),
    [
        ("shell.php", b"<?php system($_GET['c']);", ""),
        ("a.phtml", b"GIF89a<?php system('id');", ""),
        ("shell.php.jpg", b"GIF89a<?php system('id');", "image/jpeg"),
        ("x.jpg%00.html", picture(), "image/jpeg"),
        ("x.jpg\0.html", picture(), "image/jpeg"),
        ("dibujo.svg", SVG, "image/svg+xml"),
        ("dibujo.png", SVG, "image/png"),
        ("pagina.png", HTML, "image/png"),
        ("foto.jpg", picture("PNG"), "image/jpeg"),
        ("foto.png", picture("PNG"), "text/html"),
        ("programa.exe", b"MZ" + b"\0" * 100, ""),
        ("factura\u202egpj.exe", b"MZ" + b"\0" * 100, ""),
        ("macro.docm", docx(), ""),
        ("hoja.xlsx", docx(), ""),
        ("contacto.vcf", b"BEGIN:VCARD\nEND:VCARD", "text/vcard"),
        ("archivo.zip", docx(), "application/zip"),
        ("eicar.txt", EICAR, "text/plain"),
        ("eicar.pdf", EICAR, "application/pdf"),
        ("eicar.pdf", PDF.replace(b"%%EOF", EICAR + b"\n%%EOF"), "application/pdf"),
        ("virus.docx", docx({"word/media/a.txt": EICAR}), ""),
        ("activo.pdf", PDF.replace(b"/Type", b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> /Type"), ""),
        ("escondido.pdf", PDF.replace(b"/Type", b"/A << /S /#4aava#53cript /J#53 (x) >> /Type"), ""),
        ("lanza.pdf", PDF.replace(b"/Type", b"/A << /S /Launch /F (cmd.exe) >> /Type"), ""),
        ("pagina.pdf", PDF + HTML, ""),
        ("pagina.pdf", HTML + PDF, ""),
        ("archivo.pdf", PDF + docx(), ""),
        ("cortado.pdf", PDF.replace(b"%%EOF", b""), ""),
        ("macro.docx", docx({"word/vbaProject.bin": b"x"}), ""),
        ("macro.docx", docx(types=TYPES.replace(b"document.main", b"document.macroEnabled.main")), ""),
        ("activo.docx", docx({"word/activeX/activeX1.xml": b"<x/>"}), ""),
        ("objeto.docx", docx({"word/embeddings/oleObject1.bin": b"x"}), ""),
        ("plantilla.docx", docx({"word/_rels/settings.xml.rels": REL + b"</Relationships>"}), ""),
        ("xxe.docx", docx(body=b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + BODY), ""),
        ("xxe.docx", docx(body=('<!DOCTYPE a [<!ENTITY x "y">]>' + BODY.decode()).encode("utf-16")), ""),
        ("ruta.docx", docx({"../../etc/cron.d/x": b"x"}), ""),
        ("vacio.docx", docx(body=BODY, types=b"<Types/>"), ""),
        ("falso.docx", b"PK\x03\x04" + b"\0" * 200, ""),
        ("roto.jpg", picture()[:200], "image/jpeg"),
        ("sin_extension", picture(), "image/jpeg"),
    ],
)
def test_what_is_not_one_of_them_is_refused(name: str, content: bytes, declared: str) -> None:
    with pytest.raises(UnsupportedKind) as refused:
        check_file(name, content, declared, max_bytes=LIMIT)
    assert (refused.value.code, refused.value.status) == ("file_kind", 415)


def test_javascript_packed_into_an_object_stream_is_found() -> None:
    packed = zlib.compress(b"5 0 << /S /JavaScript /JS (app.alert(1)) >>")
    stream = b"4 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\n" + packed + b"\nendstream endobj\n%%EOF"
    with pytest.raises(UnsupportedKind):
        check_file("oculto.pdf", PDF.replace(b"%%EOF", stream), "", max_bytes=LIMIT)


@pytest.mark.parametrize(("width", "height"), [(65_500, 65_500), (10_000, 9_000), (8_000, 6_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    with pytest.raises(TooLarge) as refused:
        check_file("bomba.png", png_header(width, height), "image/png", max_bytes=LIMIT)
    assert refused.value.status == 413


def test_a_zip_bomb_is_refused_within_its_budget() -> None:
    with pytest.raises(TooLarge):
        check_file("bomba.docx", docx({"word/big.xml": b"\0" * (101 * 1024 * 1024)}), "", max_bytes=LIMIT)
    many = {f"word/{number}.xml": b"<x/>" for number in range(2_100)}
    with pytest.raises(TooLarge):
        check_file("muchos.docx", docx(many), "", max_bytes=LIMIT)


def test_a_zip_that_lies_about_its_size_is_still_bounded() -> None:
    honest = docx({"word/big.xml": b"\0" * (60 * 1024 * 1024)})
    size = (60 * 1024 * 1024).to_bytes(4, "little")
    assert size in honest
    with pytest.raises((TooLarge, UnsupportedKind)):
        check_file("miente.docx", honest.replace(size, (10).to_bytes(4, "little")), "", max_bytes=LIMIT)


def test_too_many_bytes_and_none_are_refused() -> None:
    with pytest.raises(TooLarge):
        check_file("grande.pdf", PDF, "", max_bytes=len(PDF) - 1)
    with pytest.raises(Invalid):
        check_file("vacio.pdf", b"", "", max_bytes=LIMIT)


def test_a_photo_loses_its_place_and_its_camera_and_stays_upright() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Cámara de prueba"
    exif[0x0112] = 6  # turned by 90°
    exif.get_ifd(0x8825)[1] = "N"
    photo = picture(size=(40, 20), exif=exif, comment=b"escondido")
    assert b"prueba" in photo
    kept = check_file("foto.jpg", photo, "image/jpeg", max_bytes=LIMIT)
    with Image.open(io.BytesIO(kept.content)) as seen:
        assert seen.size == (20, 40)
        assert dict(seen.getexif()) == {}
    assert b"prueba" not in kept.content and b"escondido" not in kept.content


def test_what_is_hidden_behind_a_picture_does_not_travel_along() -> None:
    for kind, name in (("JPEG", "foto.jpg"), ("PNG", "foto.png")):
        kept = check_file(name, picture(kind) + docx() + HTML, "", max_bytes=LIMIT)
        assert b"PK\x03\x04" not in kept.content and b"<script>" not in kept.content


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\carta.pdf", "carta.pdf"),
        ("%2e%2e%2f%2e%2e%2fcarta.pdf", "carta.pdf"),
        ("factura\u202egpj.exe", "facturagpj.exe"),
        ("CON", "_CON"),
        ("aux.txt", "_aux.txt"),
        ("LPT1.tar.pdf", "_LPT1.tar.pdf"),
        ("carta.pdf.", "carta.pdf"),
        ("  carta  larga .pdf ", "carta larga.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("\u200b\u200b", "archivo"),
        ("", "archivo"),
        (".pdf", "archivo.pdf"),
        ("....", "archivo"),
        ('a<b>"c|d?.pdf', "a_b__c_d_.pdf"),
        ("Jose\u0301.pdf", "José.pdf"),
    ],
)
def test_a_name_shows_what_it_is(given_name: str, shown: str) -> None:
    assert safe_name(given_name) == shown


@given(st.text(max_size=5_000))
def test_any_name_becomes_a_bounded_harmless_one(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= MAX_NAME_BYTES
    assert safe_name(safe) == safe
    assert not set(safe) & set('/\\<>:"|?*\r\n\t\0\u202e')
    header = content_disposition(safe)
    assert header.isascii() and header.isprintable() and header.startswith("attachment; ")


@given(st.binary(max_size=2_000), st.sampled_from(["a.pdf", "a.png", "a.jpg", "a.docx"]))
def test_no_bytes_make_the_check_fall_over(content: bytes, name: str) -> None:
    statuses = set()
    for head in (b"", b"%PDF-1.4\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"PK\x03\x04"):
        try:
            check_file(name, head + content, "", max_bytes=LIMIT)
        except ContactCenterError as error:
            statuses.add(error.status)
    assert statuses <= {400, 413, 415}


async def test_a_blob_is_stored_once_by_its_content_for_the_owner_alone(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs", keep_free_bytes=0)
    name = sha256(PDF).hexdigest()
    for _ in range(2):
        await blobs.put(name, PDF)
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert [path.name for path in files] == [name]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert b"".join([chunk async for chunk in blobs.read(name)]) == PDF
    with pytest.raises(ValueError):
        await blobs.put("0" * 64, PDF)


@pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 64, "/etc/passwd", ""])
async def test_a_blob_that_is_not_there_is_missing(tmp_path: Path, name: str) -> None:
    blobs = DiskBlobs(tmp_path)
    with pytest.raises(Missing):
        _ = [chunk async for chunk in blobs.read(name)]


async def test_files_are_refused_before_the_disk_is_full(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path, keep_free_bytes=1 << 60)
    assert await blobs.free_bytes() == 0
    with pytest.raises(NoSpace) as refused:
        await blobs.put(sha256(PDF).hexdigest(), PDF)
    assert refused.value.status == 507
