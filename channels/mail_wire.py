"""E-mail that comes, as values: a raw message, and what it is: words, a bounce, an automatic answer, our own. Pure.

Sources: RFC 5322 (threads), RFC 3464 (delivery reports), RFC 3834 (automatic answers), RFC 2919 (lists); PROMISES P15,
S22, inputs 11–22, 33.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final, cast

from flufl.bounce import all_failures

from channels.mail_text import body_of, fold_quoted
from contact_center.rules.identity import normalise_email
from contact_center.rules.messaging import InboundMedia, MediaKind
from contact_center.rules.textfold import TextRefused, safe_line, safe_text

CHANNEL: Final = "email"
MARK: Final = "X-Contact-Center"
"""Header of every mail that leaves here: one that comes back with it is our own."""
SUBJECT_MAX: Final = 200
QUOTED_MAX: Final = 8_000
IDS_MAX: Final = 30
PARTS_MAX: Final = 200
FILES_MAX: Final = 20
ID: Final = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,248}>")
_AUTO_SUBJECT: Final = re.compile(
    r"^\s*(?:respuesta autom[aá]tica|fuera de (?:la )?oficina|auto(?:matic)?[ -]?(?:reply|response)|"
    r"out of (?:the )?office|ausencia|r[eé]ponse automatique|resposta autom[aá]tica)\b",
    re.IGNORECASE,
)
_ROBOTS: Final = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|no-?_?reply|do-?not-?reply|noresponder|bounces?)\b", re.I
)
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


class Kind(StrEnum):
    """What a mail is to us."""

    message = "message"
    report = "report"
    """A mail server says what became of one of ours."""
    automatic = "automatic"
    """An out-of-office notice and its like: nobody waits for an answer, and none is given."""
    bulk = "bulk"
    """A list, a newsletter."""
    own = "own"
    """What left here and came back."""
    unusable = "unusable"
    """Nobody to answer to."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says of one of our mails. `failed` False: it is late, or it arrived."""

    failed: bool
    arrived: bool
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as understood. `thread` are the ids it names as earlier ones, the nearest last."""

    kind: Kind
    message_id: str
    address: str = ""
    name: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    at: datetime | None = None
    thread: tuple[str, ...] = ()
    files: tuple[InboundMedia, ...] = ()
    bounce: Bounce | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def read(raw: bytes, *, ours: frozenset[str], ref: Mapping[str, Any]) -> Mail:
    """Understand a raw mail; `ref` names it for its files. Never raises: what breaks the parser is unusable."""
    try:
        return _read(raw, ours, ref)
    except Exception:  # noqa: BLE001 - nested a thousand times, or in another way that nobody foresaw
        return Mail(kind=Kind.unusable, message_id=made_up_id(raw))


def _read(raw: bytes, ours: frozenset[str], ref: Mapping[str, Any]) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    message_id = id_of(_header(message, "Message-ID")) or made_up_id(raw)
    thread = _thread(message)
    name, address = _sender(message)
    common: dict[str, Any] = {
        "message_id": message_id,
        "address": address,
        "name": name,
        "subject": _subject(message),
        "thread": thread,
        "at": _date(message),
    }
    if _is_own(message, address, ours):
        return Mail(kind=Kind.own, **common)
    if (bounce := _bounce(message)) is not None:
        return Mail(
            kind=Kind.report, bounce=bounce, **(common | {"thread": (*_embedded_ids(message), *reversed(thread))})
        )
    if not address:
        return Mail(kind=Kind.unusable, **common)
    if _is_bulk(message) or _is_daemon(address):  # a report that nobody can read says nothing that is certain
        return Mail(kind=Kind.bulk, **common)
    if _is_automatic(message, address):
        return Mail(kind=Kind.automatic, **common)
    added, quoted = fold_quoted(body_of(message))
    return Mail(
        kind=Kind.message,
        text=added or str(common["subject"]),
        quoted=_cleaned(quoted),
        files=_files(message, ref),
        **common,
    )


def file_of(raw: bytes, part: int) -> bytes | None:
    """Return the bytes of a mail's part by its place; None when there is none."""
    message = message_from_bytes(raw, policy=policy.default)
    for place, one in enumerate(message.walk()):
        if place == part:
            content = one.get_payload(decode=True)
            return content if isinstance(content, bytes) else None
    return None


def id_of(text: str) -> str:
    """Return the first message id in a header, empty when there is none that a header could carry again."""
    found = ID.search(text[:2_000])
    return found.group() if found else ""


def made_up_id(raw: bytes) -> str:
    """Return an id for a mail that came without one: the same for the same bytes."""
    return f"<{hashlib.sha256(raw).hexdigest()[:40]}@sin-identificador.invalid>"


def _header(message: Message, name: str) -> str:
    """Return a header's text, however broken it is."""
    try:
        value = message.get(name)
        return "" if value is None else str(value)
    except Exception:  # noqa: BLE001 - the parser of headers fails in many ways on what strangers send
        return ""


def _raw_header(message: Message, name: str) -> str:
    """Return a header as it was written, for one whose parser fails: an encoded name may hide a line end (input 33)."""
    return next((str(value)[:20_000] for key, value in message.raw_items() if key.lower() == name), "")


def _thread(message: Message) -> tuple[str, ...]:
    ids = ID.findall(_header(message, "References")[:20_000]) + ID.findall(_header(message, "In-Reply-To")[:2_000])
    return tuple(dict.fromkeys(reversed(ids)))[:IDS_MAX][::-1]


def _sender(message: Message) -> tuple[str, str]:
    """Return name and address of who wrote. Reply-To does not count: it would let one answer reach another person."""
    try:
        addresses = getattr(message["From"], "addresses", ())
    except Exception:  # noqa: BLE001 - as above
        addresses = ()
    first = next(iter(addresses), None)
    if first is None:
        found = re.findall(r"<([^<>\s]{3,254})>", _raw_header(message, "from"))
        return "", normalise_email(found[-1]) or "" if found else ""
    return one_line(first.display_name, 120), normalise_email(first.addr_spec) or ""


def _subject(message: Message) -> str:
    return one_line(_header(message, "Subject"), SUBJECT_MAX)


def one_line(text: str, longest: int) -> str:
    """Return text on one line, cut when it is too long; empty for what shows nothing."""
    try:
        cleaned = safe_line(_carriable(text[: 3 * longest]), 4 * longest)
    except TextRefused:
        return ""
    return cleaned if len(cleaned) <= longest else cleaned[: longest - 1].rstrip() + "…"


def _carriable(text: str) -> str:
    """Return text without what no database can hold; bytes that a header carried bare are taken for UTF-8."""
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
    return raw.decode("utf-8", "replace").replace("\0", " ")


def _cleaned(text: str) -> str:
    try:
        return safe_text(_carriable(text[:QUOTED_MAX]), QUOTED_MAX)
    except TextRefused:
        return ""


def _date(message: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_header(message, "Date"))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# --- what kind it is ------------------------------------------------------------------------------------------------


def _is_own(message: Message, address: str, ours: frozenset[str]) -> bool:
    return address in ours or bool(_header(message, MARK))


def _is_bulk(message: Message) -> bool:
    precedence = _header(message, "Precedence").strip().lower()
    return precedence in ("bulk", "list", "junk") or any(message.get(name) for name in ("List-Id", "List-Unsubscribe"))


def _is_daemon(address: str) -> bool:
    return address.partition("@")[0] in ("mailer-daemon", "postmaster", "mail-daemon")


def _is_automatic(message: Message, address: str) -> bool:
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse")):
        return True
    if (
        _header(message, "Precedence").strip().lower() == "auto_reply"
        or _header(message, "Return-Path").strip() == "<>"
    ):
        return True
    return bool(_ROBOTS.match(address) or _AUTO_SUBJECT.match(_header(message, "Subject")[:200]))


def _bounce(message: Message) -> Bounce | None:
    """Return what a delivery report says; None for other mails. Those that follow no standard are known too."""
    if message.get_content_type() == "multipart/report" and "delivery-status" in _header(message, "Content-Type"):
        return _standard(message)
    if _header(message, "Return-Path").strip() != "<>" and not _is_daemon(_sender(message)[1]):
        return None
    try:
        late, failed = all_failures(message)
    except Exception:  # noqa: BLE001 - written for well-formed mails; this one is a stranger's
        return None
    if not late and not failed:
        return None
    text = body_of(cast(EmailMessage, message))[:4_000]
    found = _STATUS.search(text)
    detail = found.group() if found else ""
    return Bounce(bool(failed), False, bounce_reason(detail, text), detail)


def _standard(message: Message) -> Bounce | None:
    for place, part in enumerate(message.walk()):
        if place > PARTS_MAX:
            break
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            action = _header(cast(Message, block), "Action").split("(")[0].strip().lower()
            status = _STATUS.search(_header(cast(Message, block), "Status"))
            said = _header(cast(Message, block), "Diagnostic-Code")[:500]
            code = status.group() if status else (found.group() if (found := _STATUS.search(said)) else "")
            if action.startswith(("fail", "error")):
                return Bounce(True, False, bounce_reason(code, said), code)
            if action in ("delivered", "relayed", "expanded"):
                return Bounce(False, action == "delivered", "", code)
            if action == "delayed":
                return Bounce(False, False, "delayed", code)
    return None


_REASONS: Final[Mapping[str, str]] = {
    "5.1.1": "unknown_address",
    "5.1.2": "unknown_domain",
    "5.1.3": "bad_address",
    "5.1.6": "unknown_address",
    "5.1.10": "unknown_address",
    "5.2.1": "unknown_address",
    "5.2.2": "mailbox_full",
    "4.2.2": "mailbox_full",
    "5.2.3": "file_refused",
    "5.3.4": "file_refused",
    "5.4.4": "unknown_domain",
    "4.4.7": "unreachable",
    "5.4.7": "unreachable",
}


def status_in(said: str) -> str:
    """Return the enhanced status code in what a server said, empty when there is none."""
    found = _STATUS.search(said[:500])
    return found.group() if found else ""


def bounce_reason(code: str, said: str) -> str:
    """Return our code of an enhanced status code (RFC 3463); by the words when there is none."""
    if code in _REASONS:
        return _REASONS[code]
    if code.startswith("5.7") or re.search(r"spam|blocked|blacklist|policy|reputation", said, re.IGNORECASE):
        return "filtered"
    if re.search(r"user unknown|no such user|does not exist|unknown user|not found|no existe", said, re.IGNORECASE):
        return "unknown_address"
    if re.search(r"quota|mailbox (?:is )?full|lleno", said, re.IGNORECASE):
        return "mailbox_full"
    return "refused"


def _embedded_ids(message: Message) -> tuple[str, ...]:
    """Return the id of the mail that a report is about, from the copy it carries."""
    found: list[str] = []
    for place, part in enumerate(message.walk()):
        if place > PARTS_MAX:
            break
        if place and part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                found.append(id_of(_header(message_from_bytes(content[:100_000], policy=policy.default), "Message-ID")))
        elif place and part.get("Message-ID") is not None:
            found.append(id_of(_header(part, "Message-ID")))
    return tuple(one for one in dict.fromkeys(found) if one)


def _files(message: EmailMessage, ref: Mapping[str, Any]) -> tuple[InboundMedia, ...]:
    """Return the files of a mail: what is attached, and pictures shown within; not bodies and signatures."""
    bodies = {id(one) for one in (message.get_body(("plain",)), message.get_body(("html",))) if one is not None}
    found: list[InboundMedia] = []
    for place, part in enumerate(message.walk()):
        if place > PARTS_MAX or len(found) == FILES_MAX:
            break
        kind = part.get_content_type()
        if (
            part.is_multipart()
            or id(part) in bodies
            or kind in ("application/pgp-signature", "application/pkcs7-signature")
        ):
            continue
        if (
            kind in ("text/plain", "text/html")
            and part.get_content_disposition() != "attachment"
            and not part.get_filename()
        ):
            continue
        try:
            name = part.get_filename() or ""
        except Exception:  # noqa: BLE001 - a file name is a header too
            name = ""
        found.append(
            InboundMedia(_media_kind(kind), {**ref, "part": place}, one_line(name, 200), kind[:100], _size(part))
        )
    return tuple(found)


def _size(part: Message) -> int | None:
    content = part.get_payload(decode=True)
    return len(content) if isinstance(content, bytes) else None


def _media_kind(media_type: str) -> MediaKind:
    family = media_type.partition("/")[0]
    return {"image": MediaKind.picture, "audio": MediaKind.audio, "video": MediaKind.video}.get(
        family, MediaKind.document
    )
