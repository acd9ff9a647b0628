"""How a citizen comes in: a visit with the privacy notice accepted, and a message left to be answered later."""

from pydantic import Field
from sqlalchemy import insert

from contact_center.actions import conversations, office, work
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid, Unavailable
from contact_center.rules import crisis, identity, privacy
from contact_center.rules.lifecycle import CONVERSATION, Facts, step
from contact_center.rules.model import ActorKind, ConversationState
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import conversations as store
from contact_center.store import texts
from contact_center.store import work as work_store
from contact_center.store.schema import consents
from contact_center.store.types import to_us

_VISITOR = frozenset({ActorKind.visitor})


class Visit(Body):
    """A visitor who has read the notice. `token_hash` is the SHA-256 of the capability, in hex."""

    token_hash: str = Field(pattern="^[0-9a-f]{64}$")
    notice_version: str = Field(min_length=1, max_length=40)
    locale: str = Field(pattern="^(es|en)$")
    name: str | None = Field(default=None, max_length=120)
    phone: str | None = Field(default=None, max_length=40)
    site: str | None = Field(default=None, max_length=200)


@verb("visit.open", action="agent.set_state", door="system")
async def open_visit(tx: Tx, body: Visit) -> Answer:
    """Store a visitor with the notice they accepted: version, time and channel. Nothing was stored before this.

    Raises Conflict `notice_changed` when the notice they read is not the one in force, Unavailable `notice_unpublished`
    while the office has not filled its blanks (DOMAIN §6).
    """
    options = await tx.options()
    if body.notice_version != options.notice_version:
        raise Conflict("notice_changed", version=options.notice_version)
    notice = await texts.find(tx.conn, privacy.NOTICE_KEY, "es")
    if privacy.missing_settings(str(notice or ""), options.notice_blanks()):
        raise Unavailable("notice_unpublished")
    visitor_id = tx.ids.new()
    await store.add_visitor(
        tx.conn,
        {
            "id": visitor_id,
            "token_hash": bytes.fromhex(body.token_hash),
            "name": name_of(body.name),
            "phone": phone_of(body.phone),
            "locale": body.locale,
            "site": body.site,
            "notice_version": body.notice_version,
            "notice_at": tx.now,
            "client_id": visitor_id,
            "created_at": tx.now,
            "seen_at": tx.now,
        },
    )
    await tx.conn.execute(
        insert(consents).values(
            id=tx.ids.new(),
            visitor_id=visitor_id,
            kind="notice",
            version=body.notice_version,
            channel="web_chat",
            at=tx.now,
        )
    )
    return {"visitor": visitor_id}


def name_of(raw: str | None) -> str | None:
    """Return a name fit to show, None for none. Raises Invalid with the field."""
    if raw is None or not raw.strip():
        return None
    try:
        return identity.clean_name(raw)
    except ValueError as error:
        raise Invalid("invalid", fields={"name": getattr(error, "code", "name")}) from error


def phone_of(raw: str | None) -> str | None:
    """Return a number in E.164, None for none. Raises Invalid with the field for what cannot be called."""
    if raw is None or not raw.strip():
        return None
    phone = identity.normalise(raw)
    if phone.e164 is None or phone.kind.value not in {"mexican", "foreign", "toll_free"}:
        raise Invalid("invalid", fields={"phone": "phone_" + phone.kind.value})
    return phone.e164


class Recado(Body):
    """A message left for later: out of hours, or «que me llamen»."""

    text: str = Field(min_length=1, max_length=20_000)
    name: str | None = Field(default=None, max_length=120)
    phone: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=254)
    call_me: bool = False
    prefer: str | None = Field(default=None, max_length=120)


@verb("chat.recado", action="chat.use", door="visitor")
async def leave_recado(tx: Tx, body: Recado) -> Answer:
    """Turn a citizen's words into a work item dated for the next opening, or for now while open.

    Whoever is being attended, or is in a crisis, goes on with a person instead: Conflict `being_served`.
    """
    try:
        text = safe_text(body.text, 4000)
    except TextRefused as error:
        raise Invalid(error.code) from error
    phone = phone_of(body.phone)
    if body.call_me and phone is None:
        raise Invalid("invalid", fields={"phone": "required"})
    row = await conversations.open_row(tx)
    if row.state not in {"started", "queued", "message_left"} or conversations.is_crisis(row.flags):
        raise Conflict("being_served")
    await store.change_visitor(tx.conn, row.visitor_id, name=name_of(body.name), phone=phone)
    lines = [
        text,
        *(f"{label}: {value}" for label, value in (("Correo", body.email), ("Prefiere", body.prefer)) if value),
    ]
    await conversations.add_message(
        tx, row.id, "citizen", tx.actor.id, "\n".join(lines), data={"call_me": body.call_me, "left": True}
    )
    await store.change(tx.conn, row.id, last_citizen_at=tx.now)
    match = crisis.detect(text)
    if match is not None:
        await conversations.raise_crisis(tx, row, match.kind.value)
        return {"reference": row.id[-6:].upper(), "answer_from": None}
    opening = await office.opening(tx, row.queue_id)
    flags = sorted({*row.flags, *(["call_me"] if body.call_me else []), *([] if opening.is_open else ["after_hours"])})
    await work_store.change_interaction(tx.conn, row.id, flags=flags)
    item = await work_store.open_item_of(tx.conn, row.id)
    if row.state != "message_left":
        state = step(CONVERSATION, ConversationState(row.state), "leave_message", Facts(by=_VISITOR, crisis=False))
        await store.change(tx.conn, row.id, state=state.value)
    if item is None:
        due_at = None if opening.is_open else opening.opens_at
        await work.enqueue(tx, row, kind="message", due_at=due_at, flags=flags)
    else:
        await work_store.change_item(tx.conn, item.id, kind="message", flags=flags)
        tx.emit("work.flagged", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)
    await conversations.say(
        tx,
        row,
        "message_left",
        "recado_recibido",
        data={"call_me": body.call_me},
        proximo_dia_habil=opening.next_day_text(row.locale) or opening.today_text(row.locale),
    )
    tx.emit("conversation.changed", conversation=row.id)
    answer_from = opening.opens_at or tx.now
    return {"reference": row.id[-6:].upper(), "answer_from": to_us(answer_from) // 1000}
