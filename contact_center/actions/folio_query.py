"""A citizen asks how a folio stands: the folio and the last four digits of the phone, in the chat or on its own page.

Whoever guesses learns nothing: a folio that does not exist and one with other digits get the same answer for the same
work, and three misses lock whoever asked, from where, and the folio asked about (PROMISES S15).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.writer import Writer
from contact_center.errors import Missing, TooMany
from contact_center.rules.access import Actor
from contact_center.rules.catalogues import CITIZEN_STATUS
from contact_center.rules.folios import OFFICE_ZONE, Folio, FolioFormat, find_last4
from contact_center.rules.model import PetitionState
from contact_center.rules.options import Options
from contact_center.rules.petitions import citizen_status
from contact_center.rules.textfold import fold
from contact_center.store import folio_query as store
from contact_center.store import petitions as petition_store
from contact_center.store.types import to_us

SHARED_ADDRESS_FACTOR = 10
"""An address is shared by many (mobile networks); with a visitor of its own it may fail this many times more often."""
REPEAT_S = 600
"""The same question from the same contact is noted once in this time."""
_EARLIER = 5
_BRACES = re.compile(r"\{year\}|\{number(?::0?(\d+)d?)?\}")
_ABOUT_FOLIO = re.compile(
    r"\bfolio\b|\b(?:estado|estatus|status|seguimiento|como va|que paso con|avance)\b.{0,40}\b"
    r"(?:mi|la|una) (?:peticion|solicitud|queja|tramite|reporte)\b"
)


def folio_format(options: Options) -> FolioFormat:
    """Return how the office writes its folios; the setting may spell year and number `AAAA`, `NNNNNN` or in braces."""

    def letters(match: re.Match[str]) -> str:
        return "AAAA" if match[0] == "{year}" else "N" * int(match[1] or 6)

    return FolioFormat(_BRACES.sub(letters, options.folio_template))


class FolioQuestion(Body):
    """What is asked, and a hash of where it comes from; made by `ask`, never by a client."""

    folio: str = Field(max_length=80)
    last4: str = Field(max_length=20)
    address_key: str | None = Field(default=None, max_length=64)


@verb("chat.folio", action="chat.folio", door="house")
async def answer_question(tx: Tx, body: FolioQuestion) -> Answer:
    """Answer about a folio; a miss is an answer too, so that its count is stored. Raises TooMany while locked."""
    found = await find_out(tx, (await _format(tx)).read(body.folio), body.last4, body.folio, address=body.address_key)
    return {"found": False} if found is None else {"found": True, **found.as_json()}


async def ask(
    writer: Writer, actor: Actor, *, folio: str, last4: str, address: str | None, known_visitor: bool = False
) -> Answer:
    """Ask from outside a conversation; `address` is where the request comes from, kept only as a hash.

    `known_visitor` says that the actor's id was proved by a token. Raises Missing `folio_not_found`, TooMany with
    `retry_after_s`.
    """
    key = f"{'v' if known_visitor else 'a'}:{_key(address)}" if address else None
    body = FolioQuestion(folio=folio[:80], last4=last4[:20], address_key=key)
    answer = await writer.submit(actor, "chat.folio", body)
    if not answer["found"]:
        raise Missing("folio_not_found")
    return answer


@dataclass(frozen=True, slots=True)
class FolioReply:
    """What the house says in the chat about a folio."""

    code: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    found: bool = False


async def answer_folio_text(tx: Tx, conversation: Any, visitor: Any, text: str) -> FolioReply | None:
    """Answer a citizen's words when they are a question about a folio (scenario E05); None leaves them to a person.

    Asks once for what is missing. A found folio is linked with the contact as `queried` and gets its follow-up.
    """
    fmt = await _format(tx)
    locale = conversation.locale
    prompted = await store.was_said(tx.conn, conversation.id, "folio_ask")
    asked = fmt.ask(text)
    last4 = asked.last4 if asked else find_last4(text) if prompted else None
    folio = asked.folio if asked else None
    if folio is None and last4 is not None:
        for earlier in await store.citizen_texts(tx.conn, conversation.id, _EARLIER):
            found_before = fmt.find_all(earlier)
            if found_before:
                folio = found_before[0]
                break
    if folio is None or last4 is None:
        wants = folio is not None or (asked is None and _ABOUT_FOLIO.search(fold(text)) is not None)
        return _say("folio_ask", locale) if wants and not prompted else None
    try:
        found = await find_out(tx, folio, last4, fmt.write(folio), interaction_id=conversation.id)
    except TooMany:
        return None
    if found is None:
        return _say("folio_not_found", locale)
    data = {"folio": found.folio, "status": found.code}
    return _say("folio_status", locale, data=data, found=True, **found.words(locale))


@dataclass(frozen=True, slots=True)
class Found:
    """What a citizen may know of a petition."""

    folio: str
    code: str
    label_es: str
    label_en: str
    since: datetime
    last_public: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "folio": self.folio,
            "status": self.code,
            "detail": self.label_es,
            "detail_en": self.label_en,
            "since": to_us(self.since) // 1000,
            "last_public": self.last_public,
        }

    def words(self, locale: str) -> dict[str, str]:
        day = self.since.astimezone(ZoneInfo(OFFICE_ZONE)).strftime("%d/%m/%Y")
        label = self.label_en if locale == "en" else self.label_es
        return {
            "folio": self.folio,
            "status": label,
            "day": day,
            "last": f" {self.last_public}" if self.last_public else "",
        }


async def find_out(
    tx: Tx,
    folio: Folio | None,
    last4: str,
    written: str,
    *,
    address: str | None = None,
    interaction_id: str | None = None,
) -> Found | None:
    """Return what may be told of a folio to whoever knows the four digits; None for a miss, which is counted.

    `written` is what was asked, `address` who asks: `a:<hash>` or, with a visitor proved by a token, `v:<hash>`.
    Raises TooMany while locked.
    """
    options = await tx.options()
    limits = _limits(tx, folio, written, address, options)
    until = await store.locked_until(tx.conn, list(limits), tx.now)
    if until is not None:
        raise TooMany(retry_after_s=max(1, int((until - tx.now).total_seconds())))
    row = await store.find(tx.conn, *((folio.year, folio.number) if folio else (0, 0)))
    right = (row.phone or "")[-4:] if row is not None else ""
    given = "".join(c for c in last4 if c.isdigit() and c.isascii())
    # One comparison of four characters, whatever is missing.
    if not compare_digest(right.rjust(4, "-"), given[-4:].rjust(4, "+") if len(given) == 4 else "++++"):
        await _count(tx, limits, options)
        return None
    assert row is not None
    await store.forget(tx.conn, list(limits))
    await _note(tx, row.folio, interaction_id)
    return await _found(tx, row)


def _limits(tx: Tx, folio: Folio | None, written: str, address: str | None, options: Options) -> dict[store.Key, int]:
    """Return who is counted, and how many misses each may have."""
    name = f"{folio.year}-{folio.number}" if folio else fold(written)
    limits = {("folio", _key(name)): options.folio_failures}
    kind, _, key = (address or "").partition(":")
    if kind != "a":
        limits["folio_visitor", _key(tx.actor.id)] = options.folio_failures
    if key:
        limits["folio_address", key] = options.folio_failures * (1 if kind == "a" else SHARED_ADDRESS_FACTOR)
    return limits


async def _count(tx: Tx, limits: Mapping[store.Key, int], options: Options) -> None:
    since = tx.now - timedelta(seconds=options.folio_lock_s)
    for key in sorted(limits):
        if await store.count_failure(tx.conn, key, now=tx.now, since=since) >= limits[key]:
            await store.lock(tx.conn, key, tx.now + timedelta(seconds=options.folio_lock_s))


async def _note(tx: Tx, folio: str, interaction_id: str | None) -> None:
    """Add the follow-up of a question and link the contact it came from; a repeat is not a second question."""
    kind, after = "citizen_query", tx.now - timedelta(seconds=REPEAT_S)
    if not await store.asked_before(tx.conn, folio, kind=kind, after=after, interaction_id=interaction_id):
        await petition_store.add_follow_up(
            tx.conn,
            {
                "id": tx.ids.new(),
                "folio": folio,
                "at": tx.now,
                "origin": "citizen",
                "kind": kind,
                "text": "Consulta ciudadana",
                "visible": False,
                "interaction_id": interaction_id,
            },
        )
    if interaction_id is not None and await petition_store.find_link(tx.conn, folio, interaction_id) is None:
        await petition_store.add_link(
            tx.conn, {"folio": folio, "interaction_id": interaction_id, "relation": "queried", "at": tx.now}
        )
        tx.emit("petition.changed", conversation=interaction_id, folio=folio, interaction=interaction_id)


async def _found(tx: Tx, row: Any) -> Found:
    state = PetitionState(row.state)
    told = {"dependency": row.dependency_name or "", "main_folio": row.duplicate_of or ""}
    public = await petition_store.last_public(tx.conn, row.folio)
    moved = await petition_store.last_move(tx.conn, row.folio)
    return Found(
        row.folio,
        CITIZEN_STATUS[state].code,
        citizen_status(state, **told),
        citizen_status(state, **told, language="en"),
        moved or row.received_at,
        public.text if public else None,
    )


def _fill(label: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: names.get(match[1], ""), label).strip()


_WORDS = {
    "folio_ask": (
        "Indique su folio y los últimos 4 dígitos de su teléfono, por ejemplo: CEAC-2026-000123, 0001. "
        "Si no los tiene a la mano, escríbanos y una persona le atenderá.",
        "Please write your folio and the last 4 digits of your phone, for example: CEAC-2026-000123, 0001. "
        "If you do not have them, write to us and a person will help you.",
    ),
    "folio_not_found": (
        "No encontramos un folio con esos datos. Verifique el folio y los últimos 4 dígitos de su teléfono.",
        "We found no folio with these data. Please check the folio and the last 4 digits of your phone.",
    ),
    "folio_status": (
        "Su petición con folio {folio} está: {status}, desde el {day}.{last}",
        "Your petition with folio {folio} is: {status}, since {day}.{last}",
    ),
}


def _say(
    code: str, locale: str, *, data: Mapping[str, Any] | None = None, found: bool = False, **values: str
) -> FolioReply:
    text = _WORDS[code][1 if locale == "en" else 0]
    return FolioReply(code, _fill(text, values) if values else text, dict(data or {}), found)


async def _format(tx: Tx) -> FolioFormat:
    return folio_format(await tx.options())


def _key(value: str) -> str:
    return sha256(value.encode(errors="replace")).hexdigest()[:40]
