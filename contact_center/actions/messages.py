"""Messages in and out. The common case, a word in a conversation that is already under way, takes a whole batch of
callers in
a handful of statements; everything that changes a state goes one by one through `actions.conversations`."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import Field
from sqlalchemy.exc import DBAPIError, IntegrityError

from contact_center.actions import conversations, outbox, templates
from contact_center.actions.kernel import Answer, Body, Tx, batch_verb
from contact_center.actions.writer import Job, Outcome
from contact_center.errors import ClientIdReused, Conflict, ContactCenterError, Invalid, Missing, StaleOwner
from contact_center.rules import access, continuity, crisis, lifecycle
from contact_center.rules.access import Scope
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import bulk
from contact_center.store import conversations as store
from contact_center.store.conversations import NewMessage, OpenChat, Sent
from contact_center.store.events import NewEvent

log = structlog.get_logger(__name__)

MAX_TEXT = 4_000
MAX_FILES = 10
_CITIZEN_HOT = frozenset({"queued", "assigned", "active"})
_AGENT_HOT = frozenset({"active", "waiting"})


class ChatSend(Body):
    """A citizen's message. The conversation is the visitor's open one, or a new one."""

    text: str = Field(default="", max_length=20_000)
    attachment_ids: tuple[str, ...] = Field(default=(), max_length=MAX_FILES)


class TemplateChoice(Body):
    """A template and what goes into its blanks."""

    id: str = Field(max_length=36)
    variables: dict[str, str] = Field(default_factory=dict, max_length=20)


class Extra(Body):
    """What a messaging channel takes besides words."""

    subject: str | None = Field(default=None, max_length=200)
    """Of an e-mail; the citizen's own when none is given."""
    quote: bool = False
    """Whether an e-mail repeats below what it answers."""
    template: TemplateChoice | None = None
    """What the text says, when it is a template's words."""


class Reply(Body):
    """An agent's message. `epoch` is the work item's, as last seen."""

    conversation_id: str = Field(max_length=36)
    epoch: int = Field(ge=0)
    text: str = Field(default="", max_length=20_000)
    attachment_ids: tuple[str, ...] = Field(default=(), max_length=MAX_FILES)
    extra: Extra | None = None


@batch_verb("chat.send", ChatSend, action="chat.use", door="visitor")
async def send_batch(tx: Tx, jobs: Sequence[Job]) -> list[tuple[Job, Outcome]]:
    """Take citizens' messages in order. Idempotent on (visitor, client id): a repeat answers the same seq."""
    visitors = [job.actor.id for job in jobs]
    await store.lock_visitors(tx.conn, visitors)
    known = await store.open_by_visitor(tx.conn, visitors)
    if await store.lock_chats(tx.conn, [chat.conversation_id for chat in known.values()]):
        known = await store.open_by_visitor(tx.conn, visitors)
    before = await store.sent_before(tx.conn, _keys(jobs))
    batch = Batch(tx, before, author="citizen")
    for job in jobs:
        if batch.replayed(job):
            continue
        try:
            text = _text(job.body)
            chat = known.get(job.actor.id)
            if chat is not None and is_plain_citizen(chat, text, job.body.attachment_ids):
                batch.add(job, chat, text)
                continue
        except ContactCenterError as error:
            batch.settle(job, error)
            continue
        await batch.flush()
        await batch.alone(job, text, conversations.citizen_message, job.body.attachment_ids)
        known |= await store.open_by_visitor(tx.conn, [job.actor.id])
    await batch.flush()
    return batch.outcomes


@batch_verb("conversation.reply", Reply, action="conversation.reply")
async def reply_batch(tx: Tx, jobs: Sequence[Job]) -> list[tuple[Job, Outcome]]:
    """Take agents' messages in order. Idempotent on (agent, client id)."""
    await store.lock_chats(tx.conn, [job.body.conversation_id for job in jobs])
    known = await store.chats_by_id(tx.conn, (job.body.conversation_id for job in jobs))
    before = await store.sent_before(tx.conn, _keys(jobs))
    batch = Batch(tx, before, author="agent")
    for job in jobs:
        if batch.replayed(job):
            continue
        body = job.body
        chat = known.get(body.conversation_id)
        try:
            text = _text(body)
            check_holder(job.actor, chat, body.epoch)
            extra = body.extra.model_dump(exclude_defaults=True) if body.extra else None
            extra = await templates.chosen(tx, chat.source if chat else None, text, extra)
            outbox.check_may_write(tx, chat, extra)
        except ContactCenterError as error:
            batch.settle(job, error)
            continue
        assert chat is not None
        if chat.state in _AGENT_HOT and not body.attachment_ids and text and not extra:
            batch.add(job, chat, text)
            continue
        await batch.flush()
        args = (body.conversation_id, body.epoch, body.attachment_ids, extra)
        await batch.alone(job, text, conversations.agent_message, *args)
        known |= await store.chats_by_id(tx.conn, [body.conversation_id])
    await batch.flush()
    return batch.outcomes


def check_holder(actor: access.Actor, chat: OpenChat | None, epoch: int) -> None:
    """Raise unless this actor holds this conversation with this epoch: Missing, Denied or StaleOwner."""
    if chat is None or chat.item_id is None:
        raise Missing if chat is None else Conflict("conversation_closed")
    scope = Scope(owner_id=actor.id, restricted=chat.restricted)
    if not access.can(actor, "conversation.reply", scope):
        raise Missing
    if chat.owner_id != actor.id or chat.epoch != epoch or chat.item_state != "held":
        raise StaleOwner(owner=chat.owner_id, epoch=chat.epoch)


def is_plain_citizen(chat: OpenChat, text: str, files: Sequence[str]) -> bool:
    """Say whether a citizen's word changes nothing but the thread."""
    if chat.state not in _CITIZEN_HOT or chat.item_id is None or files or not text:
        return False
    if chat.owner_id is None and conversations.asks_about_folio(text):
        return False
    return crisis.detect(text) is None and continuity.find(text) is None


def _text(body: Any) -> str:
    try:
        return safe_text(body.text, MAX_TEXT) if body.text.strip() or not body.attachment_ids else ""
    except TextRefused as error:
        raise Invalid(error.code) from error


def _keys(jobs: Sequence[Job]) -> list[tuple[str, str]]:
    return [(job.actor.id, job.client_id) for job in jobs if job.client_id]


class Batch:
    """Plain messages gathered until something that is not plain comes by, or the run ends.

    What is gathered is a job, or an event of a messaging channel that looks like one (`inbound.Said`).
    """

    def __init__(self, tx: Tx, before: dict[tuple[str, str], Sent], *, author: str) -> None:
        self._tx = tx
        self._before = before
        self._author = author
        self._now_us = tx.now_us
        self._seqs: dict[str, int] = {}
        self._rows: list[tuple[Any, OpenChat, NewMessage]] = []
        self.outcomes: list[tuple[Any, Outcome]] = []

    def settle(self, job: Any, outcome: Outcome) -> None:
        self.outcomes.append((job, outcome))

    def replayed(self, job: Any) -> bool:
        """Answer a client id that was stored before; the same words get the same answer."""
        sent = self._before.get((job.actor.id, job.client_id or ""))
        if sent is None or not job.client_id:
            return False
        try:
            same = _text(job.body) == sent.text
        except ContactCenterError:
            same = False
        self.settle(job, answer_of(sent) if same else ClientIdReused())
        return True

    def add(self, job: Any, chat: OpenChat, text: str) -> None:
        seq = self._seqs.get(chat.conversation_id, chat.last_seq) + 1
        self._seqs[chat.conversation_id] = seq
        message = NewMessage(
            self._tx.ids.new(),
            chat.conversation_id,
            seq,
            self._author,
            job.actor.id,
            text,
            self._now_us,
            job.client_id,
            delivery=outbox.first_state(chat.source, self._author),
            external_id=getattr(job, "external_id", None),
        )
        self._rows.append((job, chat, message))
        if job.client_id:
            self._before[job.actor.id, job.client_id] = _sent(message)

    async def flush(self) -> None:
        """Write what was gathered; on a UNIQUE refusal, one by one, so that one caller's clash is nobody else's."""
        rows, self._rows, self._seqs = self._rows, [], {}
        if not rows:
            return
        try:
            await self._write(rows)
        except IntegrityError:
            for job, chat, message in rows:
                chats = await store.chats_by_id(self._tx.conn, [chat.conversation_id])
                fresh = chats[chat.conversation_id]
                try:
                    await self._write([(job, fresh, message._replace(seq=fresh.last_seq + 1))])
                except IntegrityError:
                    self._before |= await store.sent_before(self._tx.conn, _keys([job]))
                    if not self.replayed(job):
                        self.settle(job, Conflict())

    async def _write(self, rows: Sequence[tuple[Any, OpenChat, NewMessage]]) -> None:
        tx = self._tx
        last = {chat.conversation_id: message.seq for _, chat, message in rows}
        advance = store.advance_citizen if self._author == "citizen" else store.advance_agent
        async with bulk.undo_on_error(tx.conn):
            await store.add_messages(tx.conn, [message for _, _, message in rows])
            await advance(tx.conn, [(seq, self._now_us, one) for one, seq in sorted(last.items())])
            await outbox.post(tx, [(chat.source, message) for _, chat, message in rows])
        for job, chat, message in rows:
            tx.events.append(message_event(self._now_us, job.key[0], chat, message))
            if self._author == "citizen":
                tx.said[message.id] = message
            self.settle(job, answer_of(message))

    async def alone(self, job: Job, text: str, act: Any, *args: Any) -> None:
        """Run one message that changes more than the thread, in a savepoint of its own."""
        tx = Tx(self._tx.conn, self._tx.now, self._tx.ids, job.actor, limits=self._tx.limits)
        try:
            tx.check(job.verb.action)
            async with tx.conn.begin_nested():
                answer = await act(tx, text, *args, job.client_id)
        except IntegrityError:
            self.settle(job, Conflict())
        except lifecycle.IllegalMove as error:
            self.settle(job, Conflict("conversation_closed", state=error.state))
        except ContactCenterError as error:
            self.settle(job, error)
        except DBAPIError:
            raise  # the whole batch runs again, or fails
        except Exception:
            log.exception("message_failed")  # as in the writer: one caller's fault, undone, not everybody's
            self.settle(job, ContactCenterError())
        else:
            self._tx.events += tx.events
            if job.client_id:
                self._before |= await store.sent_before(tx.conn, [(job.actor.id, job.client_id)])
            self.settle(job, answer)


def message_event(at_us: int, actor: str, chat: OpenChat, message: NewMessage) -> NewEvent:
    return NewEvent(
        at_us,
        "message.added",
        actor,
        item_id=chat.item_id,
        conversation_id=chat.conversation_id,
        message_id=message.id,
        user_id=chat.owner_id,
        data={"seq": message.seq, "kind": message.author_kind},
    )


def _sent(message: NewMessage) -> Sent:
    return Sent(message.id, message.conversation_id, message.seq, message.text, message.at_us)


def answer_of(sent: Sent | NewMessage) -> Answer:
    """Return what the sender is told: docs/protocol.md `ack`."""
    at_ms = sent.at_us // 1000
    return {"id": sent.id, "conversation": sent.conversation_id, "seq": sent.seq, "at": at_ms}


async def add_system_message(
    tx: Tx, conversation_id: str, code: str, *, text: str, data: Mapping[str, Any] | None = None
) -> str:
    """Say something to the citizen in the house's name; return the message's id."""
    return await conversations.add_message(tx, conversation_id, "system", None, text, code=code, data=data)
