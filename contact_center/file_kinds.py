"""What a file really is: extension, declared type and content must agree on one of four kinds (PROMISES S23).

Pictures are made anew from their pixels, so that neither place nor camera nor a second file behind them travels along.
Everything is bounded before it is unpacked: pixels, members, expanded bytes.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import puremagic
from PIL import Image, ImageOps

from contact_center.errors import Invalid, TooLarge, UnsupportedKind
from contact_center.files import safe_name

MAX_PIXELS: Final = 40_000_000
MAX_MEMBERS: Final = 2_000
MAX_EXPANDED_BYTES: Final = 100 * 1024 * 1024
MAX_XML_BYTES: Final = 50 * 1024 * 1024
JPEG_QUALITY: Final = 88
TYPES: Final = ("pdf", "jpg", "png", "docx")
"""What citizens and staff may send (DOMAIN §2.9 rule 16)."""

_PDF: Final = "application/pdf"
_JPEG: Final = "image/jpeg"
_PNG: Final = "image/png"
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BY_EXTENSION: Final[Mapping[str, str]] = MappingProxyType(
    {"pdf": _PDF, "jpg": _JPEG, "jpeg": _JPEG, "png": _PNG, "docx": _DOCX}
)
_DECLARED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        _PDF: frozenset({_PDF, "application/x-pdf"}),
        _JPEG: frozenset({_JPEG, "image/jpg", "image/pjpeg"}),
        _PNG: frozenset({_PNG, "image/x-png"}),
        _DOCX: frozenset({_DOCX, "application/zip", "application/x-zip-compressed", "application/msword"}),
    }
)
_ANY_DECLARED: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR"  # the test file every scanner agrees to refuse


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: a name to show, its true type, and the bytes to store."""

    name: str
    media_type: str
    content: bytes


def check_file(name: str, content: bytes, declared: str, *, max_bytes: int, sound: bool = False) -> CheckedFile:
    """Return the file to keep. `declared` is the sender's Content-Type, believed only when the content says the same.

    `sound`: voice notes and other sound are taken too, as messaging channels bring them.

    Blocking and heavy on pictures: run it in a worker thread. Raises Invalid `file_empty`, TooLarge `file_too_large`
    (bytes or pixels), UnsupportedKind `file_kind` with `why`.
    """
    if not content:
        raise Invalid("file_empty")
    if len(content) > max_bytes:
        raise TooLarge("file_too_large", max_bytes=max_bytes)
    shown = safe_name(name)
    extension = shown.rpartition(".")[2].lower()
    if sound and extension in _SOUND_BY_EXTENSION:
        return _check_sound(shown, extension, content)
    media_type = _BY_EXTENSION.get(extension)
    if media_type is None:
        raise UnsupportedKind(why="extension", types=TYPES)
    if declared.partition(";")[0].strip().lower() not in _DECLARED[media_type] | _ANY_DECLARED:
        raise UnsupportedKind(why="declared", types=TYPES)
    if media_type not in _guesses(content):
        raise UnsupportedKind(why="content", types=TYPES)
    if _EICAR in content:
        raise UnsupportedKind(why="harmful")
    kept = _CHECKS[media_type](content)
    if len(kept) > 2 * max_bytes:
        raise TooLarge("file_too_large", max_bytes=max_bytes)
    return CheckedFile(shown, media_type, kept)


def _guesses(content: bytes) -> frozenset[str]:
    try:
        return frozenset(one.mime_type for one in puremagic.magic_string(content))
    except (puremagic.PureError, ValueError):
        return frozenset()


def _refuse(why: str) -> UnsupportedKind:
    return UnsupportedKind(why=why, types=TYPES)


def _check_jpeg(content: bytes) -> bytes:
    return _redraw(content, "JPEG")


def _check_png(content: bytes) -> bytes:
    return _redraw(content, "PNG")


def _redraw(content: bytes, kind: str) -> bytes:
    """Decode within the pixel cap and encode again without metadata, upright."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge("file_too_large", max_pixels=MAX_PIXELS) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise _refuse("content") from error
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise TooLarge("file_too_large", max_pixels=MAX_PIXELS)
        try:
            upright = ImageOps.exif_transpose(image)
            upright.load()
            return _encode(upright, kind)
        except (OSError, SyntaxError, ValueError, zlib.error) as error:
            raise _refuse("content") from error


def _encode(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "JPEG":
        picture = image if image.mode in ("L", "RGB") else image.convert("RGB")
        picture.info = {}
        picture.save(out, "JPEG", quality=JPEG_QUALITY, exif=b"")
        return out.getvalue()
    transparency = image.info.get("transparency")
    image.info = {} if transparency is None else {"transparency": transparency}
    image.save(out, "PNG", exif=b"")
    return out.getvalue()


_SOUND_BY_EXTENSION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ogg": "audio/ogg",
        "oga": "audio/ogg",
        "opus": "audio/ogg",
        "mp3": "audio/mpeg",
        "m4a": "audio/mp4",
        "aac": "audio/aac",
        "amr": "audio/amr",
    }
)
_SOUND_HEADS: Final[Mapping[str, re.Pattern[bytes]]] = MappingProxyType(
    {
        "audio/ogg": re.compile(rb"OggS\x00"),
        "audio/mpeg": re.compile(rb"ID3|\xff[\xe2-\xfb]"),
        "audio/mp4": re.compile(rb"\x00\x00\x00.ftyp(?:M4A |mp42|isom|iso[2-9]|dash)", re.DOTALL),
        "audio/aac": re.compile(rb"\xff[\xf0-\xf9]"),
        "audio/amr": re.compile(rb"#!AMR(?:-WB)?\n"),
    }
)


def _check_sound(name: str, extension: str, content: bytes) -> CheckedFile:
    """Take a sound by the first bytes of its format; there is nothing in it that a player would run."""
    media_type = _SOUND_BY_EXTENSION[extension]
    if _SOUND_HEADS[media_type].match(content) is None or _MARKUP.search(content[:4_096]):
        raise _refuse("content")
    if _EICAR in content:
        raise UnsupportedKind(why="harmful")
    return CheckedFile(name, media_type, content)


_PDF_HEAD: Final = re.compile(rb"%PDF-[12]\.[0-9]")
_PDF_STREAM: Final = re.compile(rb"stream\r?\n")
_PDF_NAME_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_ACTIVE: Final = re.compile(
    rb"/(?:JS|JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|GoToE|GoToR)(?![A-Za-z0-9])"
)
_MARKUP: Final = re.compile(rb"<(?:!doctype\s+html|html|script|svg|iframe)[\s>/]|<\?php", re.IGNORECASE)


def _check_pdf(content: bytes) -> bytes:
    """Refuse a PDF that acts (scripts, launching, files inside) or that is a page or an archive at the same time."""
    if not _PDF_HEAD.match(content):
        raise _refuse("content")
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise _refuse("content")
    if b"PK\x03\x04" in content[end:]:
        raise _refuse("two_kinds")
    outside, packed = _split_streams(content)
    if _MARKUP.search(outside):
        raise _refuse("two_kinds")
    for part in (outside, *packed):
        if _PDF_ACTIVE.search(_PDF_NAME_ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), part)):
            raise _refuse("active_content")
    return content


def _split_streams(content: bytes) -> tuple[bytes, list[bytes]]:
    """Return what stands outside of streams, and the objects that were packed into object streams."""
    outside: list[bytes] = []
    packed: list[bytes] = []
    at = budget = 0
    while match := _PDF_STREAM.search(content, at):
        end = content.find(b"endstream", match.end())
        if end < 0:
            break
        head = content[at : match.start()]
        outside.append(head)
        if b"/ObjStm" in head[-2_000:]:
            unpacked = _inflate(content[match.end() : end], MAX_EXPANDED_BYTES - budget)
            budget += len(unpacked)
            packed.append(unpacked)
        at = end
    outside.append(content[at:])
    return b"".join(outside), packed


def _inflate(data: bytes, limit: int) -> bytes:
    unpack = zlib.decompressobj()
    try:
        out = unpack.decompress(data, limit)
    except zlib.error:
        return data  # not deflated, or encrypted: looked at as it is
    if unpack.unconsumed_tail:
        raise TooLarge("file_too_large")
    return out


_WORD_MAIN: Final = b"wordprocessingml.document.main+xml"
_ENTITY: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_EXTERNAL: Final = re.compile(rb"<Relationship\s[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE)
_BAD_MEMBER: Final = re.compile(r"vbaproject|activex|\.bin$|\.exe$|\.docm$|\.dotm$", re.IGNORECASE)


def _check_docx(content: bytes) -> bytes:
    """Refuse anything but a plain, bounded Word document: no macros, objects, outside templates or XML entities."""
    if not content.startswith(b"PK\x03\x04"):
        raise _refuse("content")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise _refuse("content") from error
    return content


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {one.filename for one in members}
    if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_EXPANDED_BYTES:
        raise TooLarge("file_too_large")
    if len(names) != len(members) or not {"[Content_Types].xml", "word/document.xml"} <= names:
        raise _refuse("content")
    budget = MAX_EXPANDED_BYTES
    for one in members:
        if one.flag_bits & 1 or one.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", one.filename):
            raise _refuse("content")
        if _BAD_MEMBER.search(one.filename):
            raise _refuse("active_content")
        budget -= _check_member(archive, one, budget)


def _check_member(archive: zipfile.ZipFile, one: zipfile.ZipInfo, budget: int) -> int:
    """Unpack one member within the budget, whatever its header claims, and look into it. Return its true size."""
    is_xml = one.filename.lower().endswith((".xml", ".rels"))
    size, kept = 0, bytearray()
    with archive.open(one) as stream:
        while chunk := stream.read(65_536):
            size += len(chunk)
            if size > budget or (is_xml and size > MAX_XML_BYTES):
                raise TooLarge("file_too_large")
            if is_xml or size <= 65_536:
                kept += chunk
    if _EICAR in kept:
        raise _refuse("harmful")
    if is_xml:
        _check_xml(one.filename, bytes(kept))
    return size


def _check_xml(name: str, text: bytes) -> None:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in text[:64]:
        text = text.replace(b"\x00", b"")  # UTF-16 hides nothing
    if _ENTITY.search(text):
        raise _refuse("active_content")
    if name == "[Content_Types].xml" and (_WORD_MAIN not in text or b"macroenabled" in text.lower()):
        raise _refuse("content")
    if name.lower().endswith(".rels"):
        for link in _EXTERNAL.findall(text):
            if b"/hyperlink" not in link.lower():
                raise _refuse("active_content")


_CHECKS: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {_PDF: _check_pdf, _JPEG: _check_jpeg, _PNG: _check_png, _DOCX: _check_docx}
)
