"""What citizens do in messaging channels: each event once, in the order it came (PROMISES P6).

A plain word in a conversation under way is stored with many others in a handful of statements, like the web chat's;
everything else goes one by one in a savepoint. An event that cannot be taken is off the record again: its provider
delivers it once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from contact_center.actions import addresses, cited, conversations, media, messages, outbox, survey
from contact_center.actions.kernel import VERBS, Answer, Body, Tx, Verb, actor_key, batch_verb, verb
from contact_center.actions.writer import Job, Outcome
from contact_center.errors import Conflict, ContactCenterError, Unavailable
from contact_center.rules import crisis
from contact_center.rules.access import Actor
from contact_center.rules.messaging import (
    DeliveryReport,
    Inbound,
    InboundConsent,
    InboundDeletion,
    InboundEdit,
    InboundMessage,
    InboundReaction,
    Location,
)
from contact_center.rules.model import ActorKind
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import conversations as chat_store
from contact_center.store import inbound as store
from contact_center.store import outbox as outbox_store

LONGEST_TEXT: Final = 8_000
"""A provider's longest, and more; what is beyond is cut and says so."""
MAX_MEDIA: Final = 10
MAX_REACTIONS: Final = 12

log = structlog.get_logger(__name__)


class Receive(Body):
    """One event of a messaging channel, as its wire made it."""

    event: Any


REMEMBERED: Final = timedelta(days=30)
"""How long a repeated delivery of an event is known for one (PROMISES P6)."""
FORGET_AT_ONCE: Final = 5_000


class Forget(Body):
    """Nothing but the moment."""


@verb("inbox.sweep", action="chat.use", door="system")
async def forget(tx: Tx, body: Forget) -> Answer:
    """Forget events that were taken long ago, so many at once. Idempotent. Answers whether there may be `more`."""
    forgotten = await store.forget_old(tx.conn, tx.now - REMEMBERED, FORGET_AT_ONCE)
    return {"more": forgotten == FORGET_AT_ONCE}


@dataclass(slots=True)
class Said:
    """A citizen's word on its way into a batch; it looks like a job of the web chat."""

    job: Job
    actor: Actor
    body: messages.ChatSend
    verb: Verb
    key: tuple[str, str]
    external_id: str
    client_id: str | None = None


@batch_verb("message.receive", Receive, action="chat.use", door="system")
async def receive_batch(tx: Tx, jobs: Sequence[Job]) -> list[tuple[Job, Outcome]]:
    """Take events in order. Idempotent on (channel, event key) for as long as the inbox remembers, 30 days."""
    fresh, outcomes = await _only_new(tx, jobs)
    at = await store.visitors_at(
        tx.conn,
        ((job.body.event.channel, job.body.event.address) for job in fresh if hasattr(job.body.event, "address")),
    )
    await chat_store.lock_visitors(tx.conn, list(at.values()))
    known = await chat_store.open_by_visitor(tx.conn, at.values())
    if await chat_store.lock_chats(tx.conn, [chat.conversation_id for chat in known.values()]):
        known = await chat_store.open_by_visitor(tx.conn, at.values())
    batch = messages.Batch(tx, {}, author="citizen")
    for job in fresh:
        event: Inbound = job.body.event
        visitor_id = at.get((event.channel, event.address)) if not isinstance(event, DeliveryReport) else None
        chat = known.get(visitor_id or "")
        if isinstance(event, InboundMessage) and visitor_id is not None and chat is not None and _has_only_words(event):
            text = clean(event.text)
            if text and messages.is_plain_citizen(chat, text, ()):
                actor = Actor(kind=ActorKind.visitor, id=visitor_id)
                said = Said(
                    job,
                    actor,
                    messages.ChatSend.model_construct(text=text, attachment_ids=()),
                    VERBS["chat.send"],
                    (actor_key(actor), ""),
                    event.external_id[:120],
                )
                batch.add(said, chat, text)
                continue
        await batch.flush()
        outcomes.append((job, await _alone(tx, event)))
        if not isinstance(event, DeliveryReport):
            at |= await store.visitors_at(tx.conn, [(event.channel, event.address)])
            known |= await chat_store.open_by_visitor(tx.conn, [at.get((event.channel, event.address), "")])
    await batch.flush()
    for one, outcome in batch.outcomes:
        if isinstance(outcome, ContactCenterError):
            outcomes.append((one.job, await _after_refusal(tx, one.job.body.event, outcome)))
        else:
            outcomes.append((one.job, {}))
    return outcomes


async def _only_new(tx: Tx, jobs: Sequence[Job]) -> tuple[list[Job], list[tuple[Job, Outcome]]]:
    """Record the events and return those never seen, and the answers of the others."""
    rows = [(tx.ids.new(), job.body.event.channel, job.body.event.event_key[:200], tx.now_us) for job in jobs]
    new = await store.add_new(tx.conn, rows)
    fresh: list[Job] = []
    outcomes: list[tuple[Job, Outcome]] = []
    for job, (_, channel, key, _at) in zip(jobs, rows, strict=True):
        if (channel, key) in new:
            new.remove((channel, key))
            fresh.append(job)
        else:
            outcomes.append((job, {}))
    return fresh, outcomes


def _has_only_words(event: InboundMessage) -> bool:
    return not (event.media or event.location or event.reply_to or event.opening or event.extra)


async def _alone(tx: Tx, event: Inbound) -> Outcome:
    """Take one event in a savepoint of its own."""
    inner = Tx(tx.conn, tx.now, tx.ids, tx.actor, limits=tx.limits)
    try:
        if event.channel not in tx.limits:
            raise Unavailable("unknown_channel")
        async with tx.conn.begin_nested():
            await _take(inner, event)
    except IntegrityError:
        return await _after_refusal(tx, event, Conflict())
    except DBAPIError:
        raise  # the whole batch runs again, or fails
    except ContactCenterError as error:
        return await _after_refusal(tx, event, error)
    except Exception:
        # Like a fault in any other verb: its savepoint is undone, its caller told, the node lives on.
        log.exception("inbound_failed", channel=event.channel, kind=type(event).__name__)
        return await _after_refusal(tx, event, ContactCenterError())
    tx.events += inner.events
    return {}


async def _after_refusal(tx: Tx, event: Inbound, error: ContactCenterError) -> Outcome:
    """An event that could not be taken may come again, unless what stands in the way is itself."""
    if isinstance(event, InboundMessage):
        visitor = await store.visitor_at(tx.conn, event.channel, event.address)
        if visitor and await store.find_message(tx.conn, visitor.id, event.external_id[:120]):
            return {}
    await store.forget_event(tx.conn, event.channel, event.event_key[:200])
    return error


async def _take(tx: Tx, event: Inbound) -> None:
    match event:
        case InboundMessage():
            await _message(tx, event)
        case InboundEdit():
            await _edit(tx, event)
        case InboundDeletion():
            await _mark(tx, event, deleted_at=tx.now_us // 1000)
        case InboundReaction():
            reactions = [clean(one)[:16] for one in event.emojis[:MAX_REACTIONS]]
            await _mark(tx, event, reactions=[one for one in reactions if one])
        case InboundConsent():
            await _consent(tx, event)
        case DeliveryReport():
            await outbox.apply_report(tx, event)


async def _message(tx: Tx, event: InboundMessage) -> None:
    visitor = await addresses.visitor_for(tx, event)
    if await store.find_message(tx.conn, visitor.id, event.external_id[:120]) is not None:
        return
    me = replace_actor(tx, visitor.id)
    text = clean(event.text)
    if event.opening:
        await _opened(me, visitor)
    elif not await _meant_otherwise(me, visitor, event, text):
        await _said(me, event, text)
    tx.events += me.events


def replace_actor(tx: Tx, visitor_id: str) -> Tx:
    """Return the same transaction in the citizen's name; its events are to be joined with the other's."""
    return Tx(tx.conn, tx.now, tx.ids, Actor(kind=ActorKind.visitor, id=visitor_id), limits=tx.limits)


async def _opened(tx: Tx, visitor: Any) -> None:
    """A bot was started and nothing said yet: greet, and say what can be done here."""
    row = await conversations.open_row(tx)
    if row.last_seq == 0:
        await chat_store.change_visitor(tx.conn, visitor.id, seen_at=tx.now)
        await conversations.greet(tx, row, visitor)
    await conversations.say(tx, row, "help", "ayuda_mensajeria")


async def _meant_otherwise(tx: Tx, visitor: Any, event: InboundMessage, text: str) -> bool:
    """Take words that answer something the house asked instead of beginning a conversation."""
    if event.media or event.location:
        return False
    known = await chat_store.open_by_visitor(tx.conn, [visitor.id])
    return visitor.id not in known and await survey.answer_in_words(tx, visitor, text, external_id=event.external_id)


async def _said(tx: Tx, event: InboundMessage, text: str) -> None:
    files = event.media[:MAX_MEDIA]
    facts: dict[str, Any] = dict(event.extra)
    if event.location is not None:
        place = event.location
        facts["location"] = {"latitude": place.latitude, "longitude": place.longitude, "name": clean(place.name)[:200]}
        text = "\n".join(one for one in (text, _place_words(place)) if one)
    if event.reply_to is not None:
        answered = await _message_named(tx, event.channel, tx.actor.id, event.reply_to)
        if answered is not None:
            facts["reply_to"] = answered.seq
    subject = clean(str(facts.get("subject") or ""))
    about = await cited.find(tx, subject) if subject else None
    if about is not None and not about.confidential:
        facts["folio"] = about.folio
    # Some say all in the subject; what only answers ours says nothing by it.
    text = text or (subject if event.reply_to is None else "")
    rows = media.rows_of(tx, event.channel, files)
    if rows:
        facts["media"] = [media.view_of(one) for one in rows]
    if not text and not rows:
        text = "(Mensaje de un tipo que no se puede mostrar)"
    answer = await conversations.citizen_message(
        tx, text, (), None, external_id=event.external_id[:120], data=facts or None, more=bool(rows)
    )
    await media.add(tx, rows, answer["id"], answer["conversation"])
    if about is not None:
        await cited.follow(tx, about, answer["conversation"])


def _place_words(place: Location) -> str:
    name = clean(place.name)[:200]
    spot = f"{place.latitude:.6f}, {place.longitude:.6f}"
    return f"Ubicación: {name} ({spot})" if name else f"Ubicación: {spot}"


async def _message_named(tx: Tx, channel: str, visitor_id: str, external_id: str) -> Any | None:
    """Return the message that a provider's id is about: the citizen's, or ours."""
    found = await store.find_message(tx.conn, visitor_id, external_id[:120])
    return found or await outbox_store.message_of_sending(tx.conn, channel, external_id[:160])


async def _target(tx: Tx, event: InboundEdit | InboundDeletion | InboundReaction) -> Any | None:
    visitor = await store.visitor_at(tx.conn, event.channel, event.address)
    if visitor is None:
        return None
    found = await _message_named(tx, event.channel, visitor.id, event.external_id)
    if found is not None and found.author_kind != "citizen" and not isinstance(event, InboundReaction):
        return None
    return found


async def _edit(tx: Tx, event: InboundEdit) -> None:
    """Show the new words and keep the old ones: what was said to the office stays on record."""
    message = await _target(tx, event)
    text = clean(event.text)
    if message is None or not text or text == message.text:
        return
    await store.add_edit(tx.conn, {"id": tx.ids.new(), "message_id": message.id, "text": message.text, "at": tx.now})
    data = {"before": message.text, **(message.data or {}), "edited_at": tx.now_us // 1000}
    await chat_store.change_message(tx.conn, message.id, text=text, data=data)
    outbox.tell_changed(tx, message)
    row = await chat_store.get(tx.conn, message.conversation_id)
    match = crisis.detect(text)
    if match is not None and row is not None and row.is_open and not conversations.is_crisis(row.flags):
        await conversations.raise_crisis(tx, row, match.kind.value)


async def _mark(tx: Tx, event: InboundDeletion | InboundReaction, **facts: Any) -> None:
    message = await _target(tx, event)
    if message is None or all((message.data or {}).get(key) == value for key, value in facts.items()):
        return
    await chat_store.change_message(tx.conn, message.id, data={**(message.data or {}), **facts})
    outbox.tell_changed(tx, message)


async def _consent(tx: Tx, event: InboundConsent) -> None:
    visitor = await store.visitor_at(tx.conn, event.channel, event.address)
    if visitor is None or (visitor.opted_out_at is None) == event.allowed:
        return
    await store.link_visitor(tx.conn, visitor.id, opted_out_at=None if event.allowed else tx.now)
    known = await chat_store.open_by_visitor(tx.conn, [visitor.id])
    if visitor.id in known:
        code = "opted_in" if event.allowed else "opted_out"
        await conversations.add_message(tx, known[visitor.id].conversation_id, "system", None, "", code=code)


def clean(raw: str) -> str:
    """Return a stranger's text fit to keep: never refused, since nobody would hear of it; cut when it is too long."""
    text = raw[: 4 * LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    try:
        return safe_text(text[:LONGEST_TEXT], LONGEST_TEXT) + ("…" if len(text) > LONGEST_TEXT else "")
    except TextRefused:
        return ""
