"""E-mail that leaves, as values: what one sending looks like, its id and its subject. Pure.

Sources: RFC 5322 (threads), RFC 3834 (automatic answers); PROMISES P14, input 33.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from channels.mail_wire import IDS_MAX, MARK, QUOTED_MAX, SUBJECT_MAX, id_of, one_line
from contact_center.rules.messaging import OutboundMessage


def our_id(sending_id: str, domain: str) -> str:
    """Return the Message-ID of a sending: the same on every attempt, so that two copies are one to the receiver."""
    return f"<{sending_id.replace(':', '.')}@{domain}>"


def is_ours(message_id: str, domain: str) -> bool:
    """Say whether a message id is one that we gave."""
    return message_id.lower().endswith(f"@{domain.lower()}>")


def compose(message: OutboundMessage, *, sender: str, name: str, now: datetime) -> EmailMessage:
    """Return the mail for one sending. What a stranger wrote into a subject or an id cannot add a header (input 33)."""
    extra = message.extra
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address(one_line(name, 120), addr_spec=sender)
    mail["To"] = Address("", addr_spec=message.address)
    mail["Subject"] = reply_subject(str(extra.get("subject") or ""), str(extra.get("folio") or ""))
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = our_id(message.id, sender.partition("@")[2])
    thread = [one for one in map(id_of, message.thread) if one][-IDS_MAX:]
    answered = id_of(message.reply_to or "")
    if answered and answered not in thread:
        thread.append(answered)
    if thread:
        mail["In-Reply-To"] = answered or thread[-1]
        mail["References"] = " ".join(thread)
    mail[MARK] = "1"
    if extra.get("automatic"):
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(
        _letter(message.text, str(extra.get("quote") or ""), str(extra.get("quote_head") or "")), cte="quoted-printable"
    )
    for file in message.files:
        family, _, kind = file.media_type.partition("/")
        mail.add_attachment(
            file.content, maintype=family or "application", subtype=kind or "octet-stream", filename=file.name
        )
    return mail


def reply_subject(subject: str, folio: str) -> str:
    """Return the subject of an answer: one «Re:», and the folio when it is not there yet."""
    bare = one_line(subject, SUBJECT_MAX)
    while found := re.match(r"\s*(?:re|rv|fwd?|aw)\s*(?:\[\d+\])?:\s*", bare, re.IGNORECASE):
        bare = bare[found.end() :]
    text = f"Re: {bare}" if bare else "Coordinación Ejecutiva de Atención Ciudadana"
    return one_line(text if not folio or folio in text else f"{text} [{folio}]", SUBJECT_MAX + 40)


def _letter(text: str, quote: str, head: str) -> str:
    if not quote:
        return text + "\n"
    quoted = "\n".join(f"> {line}".rstrip() for line in quote[:QUOTED_MAX].split("\n"))
    return f"{text}\n\n{head}\n{quoted}\n" if head else f"{text}\n\n{quoted}\n"


def quoted_ids(ids: Sequence[str], domain: str) -> tuple[str, ...]:
    """Return those of a thread's ids that we gave, the nearest last."""
    return tuple(one for one in ids if is_ours(one, domain))
