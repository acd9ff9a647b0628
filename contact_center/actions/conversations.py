"""A conversation's turning points: opening, out of hours, crisis, first answer, notes, ends.

Plain messages are in `messages`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contact_center.actions import addresses, cited, codes, folio_query, office, outbox, work
from contact_center.actions.attachments import claim_attachments
from contact_center.actions.kernel import Answer, Tx
from contact_center.errors import Conflict, Invalid, Missing, StaleOwner
from contact_center.rules import continuity, crisis, lifecycle
from contact_center.rules.access import Scope
from contact_center.rules.lifecycle import CONVERSATION, Facts, step
from contact_center.rules.model import ActorKind, ConversationState
from contact_center.rules.textfold import fold
from contact_center.store import captures as capture_store
from contact_center.store import conversations as store
from contact_center.store import texts
from contact_center.store import work as work_store
from contact_center.store.conversations import NewMessage

_FOLIO_WORDS = re.compile(r"\bfolio\b|\bceac\b", re.IGNORECASE)
_PERSON_WORDS = re.compile(
    r"(?:quiero |deseo |necesito )?(?:hablar |comunicarme )?(?:con )?(?:un |una |el |la )?"
    r"(?:agente|persona|humano|humana|operador|operadora|asesor|asesora|agent|human|person)(?: por favor)?"
)
_CRISIS_FLAGS = {"life": "crisis_life", "violence": "crisis_violence", "emergency": "emergency"}
_CRISIS_TEXTS = {"life": "crisis_vida", "violence": "crisis_violencia", "emergency": "emergencia"}
CRISIS_FLAGS = frozenset(_CRISIS_FLAGS.values())

_VISITOR: frozenset[Any] = frozenset({ActorKind.visitor})
_SYSTEM: frozenset[Any] = frozenset({ActorKind.system})


def asks_about_folio(text: str) -> bool:
    """Say whether a citizen's words may be a question about a folio, which the house answers by itself."""
    return _FOLIO_WORDS.search(text) is not None


def is_crisis(flags: Sequence[str]) -> bool:
    return not CRISIS_FLAGS.isdisjoint(flags)


def wants_person(text: str) -> bool:
    """Say whether a citizen asks for a person in so many words: «agente» always reaches one."""
    return _PERSON_WORDS.fullmatch(fold(text).strip(" ./!¡")) is not None


async def citizen_message(
    tx: Tx,
    text: str,
    files: Sequence[str],
    client_id: str | None,
    *,
    external_id: str | None = None,
    data: Mapping[str, Any] | None = None,
    more: bool = False,
) -> Answer:
    """Store a citizen's message and take the conversation where it leads: queue, left message, crisis, self-service.

    `more`: files of it are still at the provider, so that it may have no words.
    """
    row = await open_row(tx)
    visitor = await store.get_visitor(tx.conn, tx.actor.id)
    answer = await _store_message(
        tx, row, "citizen", text, files, client_id, external_id=external_id, data=data, more=more
    )
    # Whoever writes is there, also before their screen was counted: after a day without a connection, nobody has left.
    await store.change_visitor(tx.conn, visitor.id, seen_at=tx.now)
    if row.source is not None and row.last_seq == 0:
        await greet(tx, row, visitor)
    code = continuity.find(text)
    if code is not None:
        row = await _go_on(tx, row, code)
    await store.change(tx.conn, row.id, last_citizen_at=tx.now, inactivity_warned_at=None)
    subject = str((data or {}).get("subject") or "")
    match = crisis.detect(f"{subject}\n{text}" if subject else text)
    if match is not None and not is_crisis(row.flags):
        await raise_crisis(tx, row, match.kind.value)
        return answer
    if _answers_folios(row) and not is_crisis(row.flags) and not wants_person(text):
        is_letter = row.channel == "email"
        asked = cited.as_question(subject, text) if is_letter else text
        reply = await folio_query.answer_folio_text(tx, row, visitor, asked)
        if reply is not None:
            await _say(tx, row, reply.code, reply.text, reply.data)
            if not is_letter or cited.only_asks(subject, text):
                return answer
    opening = await office.opening(tx, row.queue_id)
    facts = Facts(by=_VISITOR, office_open=opening.is_open, crisis=is_crisis(row.flags), notice_shown=True)
    after = step(CONVERSATION, ConversationState(row.state), "citizen_message", facts)
    if after.value != row.state:
        await _arrive(tx, row, after, opening)
    return answer


async def _go_on(tx: Tx, row: Any, code: str) -> Any:
    """Take a continuity code that the citizen wrote, and say whether it was good."""
    origin = await codes.redeem(tx, row, code)
    await say(tx, row, "continuity", "continuidad_recibida" if origin else "continuidad_fallida")
    if origin is not None:
        await note_continued(tx, row, origin)
    return await store.get(tx.conn, row.id)


async def note_continued(tx: Tx, row: Any, origin: Any) -> None:
    """Leave a mark in both conversations, for staff to follow."""
    here = {"conversation": origin.id, "channel": origin.channel}
    await add_message(tx, row.id, "system", None, "", code="continues", data=here)
    there = {"conversation": row.id, "channel": row.channel}
    await add_message(tx, origin.id, "system", None, "", code="continued", data=there)


def _answers_folios(row: Any) -> bool:
    """Before a person is asked for; in a messaging channel also while one is waited for."""
    return row.state == "started" or (row.source is not None and row.state in {"queued", "message_left"})


async def greet(tx: Tx, row: Any, visitor: Any) -> None:
    """Say whose desk this is, and show the privacy notice once for each of its versions (PROMISES S36)."""
    options = await tx.options()
    words = [await texts.render(tx.conn, "saludo_mensajeria", row.locale, oficina=options.brand_office)]
    url = options.notice_url or options.notice_full_url
    if url and visitor.notice_version != options.notice_version:
        words.append(await texts.render(tx.conn, "aviso_mensajeria", row.locale, url_aviso=url))
        await addresses.note_notice(tx, visitor, options.notice_version)
        await store.change(tx.conn, row.id, notice_version=options.notice_version, notice_at=tx.now)
    await _say(tx, row, "greeting", "\n\n".join(one for one in words if one))


async def open_row(tx: Tx) -> Any:
    """Return the visitor's open conversation, a new one when there is none."""
    visitor = await store.get_visitor(tx.conn, tx.actor.id)
    known = await store.open_by_visitor(tx.conn, [visitor.id])
    chat_id = known[visitor.id].conversation_id if visitor.id in known else await _open(tx, visitor)
    row = await store.get(tx.conn, chat_id)
    assert row is not None
    return row


async def _open(tx: Tx, visitor: Any) -> str:
    options = await tx.options()
    queue = await office.queue_for(tx, visitor.channel)
    # In a messaging channel the notice goes out with the first answer: there is no way to show it earlier.
    shown = bool(visitor.notice_version) or visitor.source is not None
    state = step(CONVERSATION, None, "open", Facts(by=_VISITOR, notice_shown=shown))
    previous = await store.latest_closed(tx.conn, visitor.id, office.before(tx.now, options.reopen_link_s))
    conversation_id = tx.ids.new()
    await work_store.add_interaction(
        tx.conn,
        {
            "id": conversation_id,
            "channel": visitor.channel,
            "direction": "inbound",
            "citizen_id": previous.citizen_id if previous else await addresses.whose(tx, visitor),
            "area_id": queue.area_id,
            "queue_id": queue.id,
            "started_at": tx.now,
            "state": "pending",
            "flags": [],
            "restricted": False,
        },
    )
    await store.add(
        tx.conn,
        {
            "id": conversation_id,
            "channel": visitor.channel,
            "source": visitor.source,
            "visitor_id": visitor.id,
            "state": state.value,
            "locale": visitor.locale,
            "site": visitor.site,
            "opened_at": tx.now,
            "previous_id": previous.id if previous else None,
            "notice_version": visitor.notice_version or None,
            "notice_at": visitor.notice_at if visitor.notice_version else None,
            "is_open": True,
        },
    )
    tx.emit("conversation.opened", conversation=conversation_id, queue=queue.id, visitor=visitor.id)
    return conversation_id


async def _arrive(tx: Tx, row: Any, after: ConversationState, opening: office.Opening) -> None:
    """Bring a conversation that just left `started` before people: now, or when the office opens."""
    await store.change(tx.conn, row.id, state=after.value)
    if after is ConversationState.queued:
        await store.change(tx.conn, row.id, queued_at=tx.now)
        preferred = await _last_agent(tx, row)
        await work.enqueue(tx, row, kind="conversation", preferred=preferred)
    elif after is ConversationState.message_left:
        await work.enqueue(tx, row, kind="message", due_at=opening.opens_at)
        text = await texts.render(
            tx.conn,
            opening.closed_text,
            row.locale,
            horario=opening.hours_text(row.locale),
            proximo_dia_habil=opening.next_day_text(row.locale),
            fecha=opening.today_text(row.locale),
        )
        await _say(tx, row, "after_hours", text)
    tx.emit("conversation.changed", conversation=row.id)


async def _last_agent(tx: Tx, row: Any) -> str | None:
    if row.previous_id is None:
        return None
    previous = await work_store.get_interaction(tx.conn, row.previous_id)
    return previous.agent_id if previous else None


async def raise_crisis(tx: Tx, row: Any, kind: str) -> None:
    """Help lines at once, flag, head of the line at any hour, supervisors alerted. DOMAIN §2.5, §2.9 rule 13."""
    flags = [*row.flags, _CRISIS_FLAGS[kind]]
    await work_store.change_interaction(tx.conn, row.id, flags=flags, restricted=True)
    state = ConversationState(row.state)
    after = step(CONVERSATION, state, "crisis", Facts(by=_SYSTEM, crisis=True))
    if after is not state:
        await store.change(tx.conn, row.id, state=after.value, queued_at=row.queued_at or tx.now)
    text = await texts.render(tx.conn, _CRISIS_TEXTS[kind], row.locale)
    await _say(tx, row, "crisis", text, {"kind": kind})
    item = await work_store.open_item_of(tx.conn, row.id)
    if item is None:
        fresh = await store.get(tx.conn, row.id)
        item_id = await work.enqueue(tx, fresh, kind="conversation", flags=flags, priority="critical")
    else:
        item_id = item.id
        await work.escalate(tx, item, flags)
    await work.alert(tx, "crisis", subject=row.id, item=item_id, level="critical", data={"kind": kind})
    tx.emit("conversation.changed", conversation=row.id)


async def agent_message(
    tx: Tx,
    text: str,
    conversation_id: str,
    epoch: int,
    files: Sequence[str],
    extra: Mapping[str, Any] | None,
    client_id: str | None,
) -> Answer:
    """Store the holder's message that is the first one, or carries files. The caller checked who holds it."""
    row = await store.get(tx.conn, conversation_id)
    if row is None:
        raise Missing
    item = await work_store.open_item_of(tx.conn, conversation_id)
    if item is None or item.epoch != epoch or item.owner_id != tx.actor.id:
        raise StaleOwner(owner=item.owner_id if item else None)
    if row.channel == "phone":
        raise Conflict("no_reply_in_call")
    after = step(CONVERSATION, ConversationState(row.state), "agent_message", Facts(by=_roles(tx)))
    values: dict[str, Any] = {"state": after.value, "last_agent_at": tx.now}
    if row.first_reply_at is None:
        values["first_reply_at"] = tx.now
        wait_s = int((tx.now - row.queued_at).total_seconds()) if row.queued_at else None
        await work_store.change_interaction(tx.conn, row.id, answered_at=tx.now, wait_s=wait_s)
    await work_store.note_first_reply(tx.conn, item.id, tx.now)
    await store.change(tx.conn, row.id, **values)
    answer = await _store_message(tx, row, "agent", text, files, client_id, extra=extra)
    tx.emit("work.changed", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)
    return answer


def _roles(tx: Tx) -> frozenset[Any]:
    return lifecycle.by_of(tx.actor.kind, tx.actor.roles)


async def _store_message(
    tx: Tx,
    row: Any,
    author: str,
    text: str,
    files: Sequence[str],
    client_id: str | None,
    *,
    external_id: str | None = None,
    data: Mapping[str, Any] | None = None,
    extra: Mapping[str, Any] | None = None,
    more: bool = False,
) -> Answer:
    if not text and not files and not more:
        raise Invalid("empty")
    message_id = await add_message(
        tx,
        row.id,
        author,
        tx.actor.id,
        text,
        client_id=client_id,
        has_attachments=bool(files) or more,
        external_id=external_id,
        data=data,
        extra=extra,
    )
    if files:
        owner = {"visitor_id": tx.actor.id} if author == "citizen" else {"user_id": tx.actor.id}
        await claim_attachments(tx, files, row.id, message_id, **owner)
    seq = (await store.get_message(tx.conn, message_id)).seq  # type: ignore[union-attr]  # just stored
    return {"id": message_id, "conversation": row.id, "seq": seq, "at": tx.now_us // 1000}


async def add_message(
    tx: Tx,
    conversation_id: str,
    author: str,
    author_id: str | None,
    text: str,
    *,
    code: str | None = None,
    data: Mapping[str, Any] | None = None,
    client_id: str | None = None,
    has_attachments: bool = False,
    external_id: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> str:
    """Store one message under the conversation's next seq, emit it, and return its id.

    In a messaging channel what the citizen is to read goes into the outbox with it; `extra` is for the channel.
    """
    seq, source = await store.next_seq(tx.conn, conversation_id)
    item = await work_store.open_item_of(tx.conn, conversation_id)
    message = NewMessage(
        tx.ids.new(),
        conversation_id,
        seq,
        author,
        author_id,
        text,
        tx.now_us,
        client_id=client_id,
        delivery=outbox.first_state(source, author) if text or has_attachments else "sent",
        code=code,
        data=data,
        has_attachments=has_attachments,
        external_id=external_id,
    )
    await store.add_messages(tx.conn, [message])
    await outbox.post(tx, [(source, message)], extra=extra)
    tx.emit(
        "message.added",
        item=item.id if item else None,
        conversation=conversation_id,
        message=message.id,
        user=item.owner_id if item else None,
        seq=seq,
        kind=author,
    )
    return message.id


async def _say(tx: Tx, row: Any, code: str, text: str, data: Mapping[str, Any] | None = None) -> None:
    await add_message(tx, row.id, "system", None, text, code=code, data=data)


async def say(
    tx: Tx, row: Any, code: str, text_key: str, *, data: Mapping[str, Any] | None = None, **values: Any
) -> None:
    """Tell the citizen one of the office's texts in their language."""
    await _say(tx, row, code, await texts.render(tx.conn, text_key, row.locale, **values), data)


async def load(tx: Tx, conversation_id: str, action: str) -> tuple[Any, Any | None]:
    """Return a conversation and its open work item if the actor may do `action` to it; raise Missing otherwise."""
    row = await store.get(tx.conn, conversation_id)
    if row is None:
        raise Missing
    item = await work_store.open_item_of(tx.conn, conversation_id)
    tx.check_visible(action, await scope_of(tx, row, item))
    return row, item


async def scope_of(tx: Tx, row: Any, item: Any | None) -> Scope:
    """Return the facts that decide who may touch a conversation. Whoever shall capture it late has a part in it."""
    holders = frozenset(one.agent_id for one in await work_store.segments_of(tx.conn, row.id))
    holders |= await capture_store.finding_holders(tx.conn, row.id)
    return Scope(
        owner_id=item.owner_id if item else None,
        participant_ids=holders,
        queue_ids=frozenset({item.queue_id if item else row.queue_id}),
        visitor_id=row.visitor_id,
        restricted=row.restricted,
        accused_user_ids=frozenset({row.accused_user_id} - {None}),
        waiting=item is not None and item.state in {"waiting", "offered", "scheduled"},
    )
