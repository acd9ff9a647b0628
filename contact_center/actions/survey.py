"""After the chat: the citizen's short survey, and the transcript as a page to print."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from contact_center.actions import conversations
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid
from contact_center.rules.folios import OFFICE_ZONE
from contact_center.rules.model import Flag
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import citizens as citizen_store
from contact_center.store import conversations as store
from contact_center.store import folio_query as folio_store

SURVEYED: Final = frozenset({"closed", "closed_inactivity", "closed_self_service"})


class Survey(Body):
    """What the citizen thinks. Every answer is theirs to give; `declined` says that they would rather not."""

    score: int | None = Field(default=None, ge=1, le=5)
    resolved: str | None = Field(default=None, pattern="^(yes|partly|no)$")
    respectful: bool | None = None
    comment: str | None = Field(default=None, max_length=8_000)
    declined: bool = False


@verb("chat.survey", action="chat.use", door="visitor")
async def answer(tx: Tx, body: Survey) -> Answer:
    """Store the answers about the visitor's last conversation, once.

    Raises Conflict `survey_closed` when none is due: it goes on, was a crisis, was answered, or the person asked not to
    be contacted (DOMAIN §2.9 rule 14).
    """
    conversation_id = await store.latest_of_visitor(tx.conn, tx.actor.id)
    row = await store.get(tx.conn, conversation_id) if conversation_id else None
    if row is None or row.state not in SURVEYED or row.survey is not None or not (await tx.options()).survey:
        raise Conflict("survey_closed")
    if any(Flag(one).is_crisis for one in row.flags if one in Flag._value2member_map_) or await _is_left_alone(tx, row):
        raise Conflict("survey_closed")
    given = {"score": body.score, "resolved": body.resolved, "respectful": body.respectful, "comment": _comment(body)}
    if not body.declined and all(one is None for one in given.values()):
        raise Invalid("survey_empty")
    if body.declined:
        given = dict.fromkeys(given)
    await store.change(tx.conn, row.id, survey={**given, "declined": body.declined, "at": tx.now_us // 1000})
    tx.emit("conversation.changed", conversation=row.id)
    return {}


async def _is_left_alone(tx: Tx, row: Any) -> bool:
    if row.citizen_id is None:
        return False
    root = await citizen_store.root_of(tx.conn, row.citizen_id)
    person = await citizen_store.get(tx.conn, root or row.citizen_id)
    return bool(person is not None and person.do_not_contact)


def _comment(body: Survey) -> str | None:
    if body.comment is None or not body.comment.strip():
        return None
    try:
        return safe_text(body.comment, 2_000, field="comment")
    except TextRefused as error:
        raise Invalid(error.code) from error


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "title": "Transcripción de la conversación",
        "citizen": "Ciudadanía",
        "agent": "Agente",
        "system": "Sistema",
        "file": "Archivo",
        "started": "Inicio",
        "zone": "hora de Sonora",
        "empty": "Sin mensajes.",
    },
    "en": {
        "title": "Transcript of the conversation",
        "citizen": "Citizen",
        "agent": "Agent",
        "system": "System",
        "file": "File",
        "started": "Started",
        "zone": "Sonora time",
        "empty": "No messages.",
    },
}
TRANSCRIPT_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "h1{font-size:1.25rem}li{list-style:none;margin:0 0 .9rem;break-inside:avoid}ol{padding:0}"
    "time,.who{color:#555;font-size:.85rem}p{margin:.1rem 0;white-space:pre-wrap;overflow-wrap:anywhere}"
)
"""The only style of a transcript; its page allows nothing else to load."""


def transcript_html(
    *,
    office: str,
    brand: str,
    locale: str,
    opened_at: datetime,
    messages: Iterable[Mapping[str, Any]],
) -> str:
    """Return a conversation as one printable page without notes, links, scripts or anything that loads.

    `messages` are Message views; whatever people wrote is escaped and isolated, so that it can only be read.
    """
    words = _WORDS["en" if locale == "en" else "es"]
    rows = [_line(one, words) for one in messages if one["author"]["kind"] != "note"]
    title = f"{words['title']} · {brand}"
    lines = "".join(rows) or f"<li>{words['empty']}</li>"
    return (
        f'<!doctype html><html lang="{"en" if locale == "en" else "es"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{TRANSCRIPT_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<p>{escape(office)}</p><p>{words['started']}: {_local(opened_at)} ({words['zone']})</p>"
        f"<ol>{lines}</ol></body></html>"
    )


def _line(one: Mapping[str, Any], words: Mapping[str, str]) -> str:
    author = one["author"]
    who = words.get(author["kind"], words["system"])
    if author["kind"] == "agent" and author.get("name"):
        who = f"{who} · {author['name']}"
    at = datetime.fromtimestamp(one["at"] / 1000, ZoneInfo(OFFICE_ZONE)).strftime("%d/%m/%Y %H:%M")
    files = "".join(f"<p>{words['file']}: <bdi>{escape(file['name'])}</bdi></p>" for file in one["attachments"])
    text = f'<p dir="auto"><bdi>{escape(one["text"])}</bdi></p>' if one["text"] else ""
    return f'<li><span class="who"><bdi>{escape(who)}</bdi></span> <time>{at}</time>{text}{files}</li>'


def _local(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo(OFFICE_ZONE)).strftime("%d/%m/%Y %H:%M")


ASKED_S: Final = 86_400
"""How long a bare number is still an answer to the survey in a messaging channel."""


async def offer(tx: Tx, row: Any) -> None:
    """Ask for the survey in a messaging channel, after the end, unless it is not due (see `answer`)."""
    if row.source is None or not (await tx.options()).survey or await _is_left_alone(tx, row):
        return
    if any(Flag(one).is_crisis for one in row.flags if one in Flag._value2member_map_):
        return
    await conversations.say(tx, row, "survey", "encuesta_mensajeria")


async def answer_in_words(tx: Tx, visitor: Any, text: str, *, external_id: str) -> bool:
    """Take a bare number from 1 to 5 as the answer to a survey that was asked; say whether it was."""
    if text.strip(" .!") not in {"1", "2", "3", "4", "5"}:
        return False
    conversation_id = await store.latest_of_visitor(tx.conn, visitor.id)
    row = await store.get(tx.conn, conversation_id) if conversation_id else None
    if row is None or row.closed_at is None or (tx.now - row.closed_at).total_seconds() > ASKED_S:
        return False
    if row.survey is not None or not await folio_store.was_said(tx.conn, row.id, "survey"):
        return False
    await conversations.add_message(tx, row.id, "citizen", visitor.id, text, external_id=external_id[:120])
    await answer(tx, Survey(score=int(text.strip(" .!"))))
    await conversations.say(tx, row, "survey_thanks", "encuesta_gracias")
    return True
