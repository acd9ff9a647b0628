"""What staff add to a conversation without speaking in it:
notes, reading, watching, marks, the warning before an end.
"""

from pydantic import Field

from contact_center.actions import office, work
from contact_center.actions.conversations import CRISIS_FLAGS, add_message, is_crisis, load, raise_crisis, say
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Invalid, StaleOwner
from contact_center.rules.model import Role
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import conversations as store
from contact_center.store import work as work_store

_KINDS = {"crisis_life": "life", "crisis_violence": "violence", "emergency": "emergency"}


class Note(Body):
    """An internal note. `mentions` are staff ids; a whisper is a supervisor's word to the agent."""

    conversation_id: str = Field(max_length=36)
    text: str = Field(min_length=1, max_length=20_000)
    mentions: tuple[str, ...] = Field(default=(), max_length=20)
    whisper: bool = False


@verb("conversation.note", action="conversation.note")
async def note(tx: Tx, body: Note) -> Answer:
    """Add an internal note. It never reaches the citizen. Allowed after the end too."""
    row, _ = await load(tx, body.conversation_id, "conversation.whisper" if body.whisper else "conversation.note")
    try:
        text = safe_text(body.text, 4000)
    except TextRefused as error:
        raise Invalid(error.code) from error
    data = {"mentions": list(body.mentions), "whisper": body.whisper}
    message_id = await add_message(tx, row.id, "note", tx.actor.id, text, data=data)
    seq = (await store.get_message(tx.conn, message_id)).seq  # type: ignore[union-attr]  # just stored
    for user_id in dict.fromkeys(body.mentions):
        await office.mention(tx, row.id, message_id, seq, user_id)
    return {"message": {"id": message_id, "conversation": row.id, "seq": seq, "at": tx.now_us // 1000}}


class Read(Body):
    """How far the agent has read."""

    conversation_id: str = Field(max_length=36)
    seq: int = Field(ge=0)


@verb("conversation.read", action="conversation.read")
async def read(tx: Tx, body: Read) -> Answer:
    """Record how far the holder has read; never steps back, and a watcher's reading does not count."""
    row, item = await load(tx, body.conversation_id, "conversation.read")
    await office.see_mentions(tx, row.id)
    if item is not None and item.owner_id == tx.actor.id and body.seq > row.agent_read_seq:
        await store.change(tx.conn, row.id, agent_read_seq=min(body.seq, row.last_seq))
        tx.emit("conversation.changed", conversation=row.id)
    return {}


class CitizenRead(Body):
    """How far the citizen has read."""

    seq: int = Field(ge=0)


@verb("chat.read", action="chat.use", door="visitor")
async def citizen_read(tx: Tx, body: CitizenRead) -> Answer:
    """Record how far the citizen has read; never steps back."""
    known = await store.open_by_visitor(tx.conn, [tx.actor.id])
    chat = known.get(tx.actor.id)
    if chat is not None:
        row = await store.get(tx.conn, chat.conversation_id)
        if row is not None and body.seq > row.citizen_read_seq:
            await store.change(tx.conn, row.id, citizen_read_seq=min(body.seq, row.last_seq))
            tx.emit("conversation.changed", conversation=row.id)
    return {}


class Watch(Body):
    """Which conversation a supervisor wants to see live."""

    conversation_id: str = Field(max_length=36)


@verb("conversation.watch", action="conversation.watch")
async def watch(tx: Tx, body: Watch) -> Answer:
    """Record that somebody looks on. The socket's `watch` is refused without it."""
    row, item = await load(tx, body.conversation_id, "conversation.watch")
    await office.log_access(tx, "conversation.watch", "conversation", row.id)
    tx.emit("conversation.watched", item=item.id if item else None, conversation=row.id, user=tx.actor.id)
    return {}


class Flag(Body):
    """A mark on a conversation."""

    conversation_id: str = Field(max_length=36)
    flag: str = Field(
        pattern="^(crisis_life|crisis_violence|emergency|restricted|language|minor|older_adult|spam|abuse|call_me"
        "|vulnerable_group|document_pending|interpreter)$"
    )
    on: bool
    reason: str | None = Field(default=None, max_length=300)


@verb("conversation.flag", action="conversation.flag")
async def flag(tx: Tx, body: Flag) -> Answer:
    """Put or take a mark. A crisis mark jumps the line and alerts; only a supervisor takes one away, with a reason."""
    row, item = await load(tx, body.conversation_id, "conversation.flag")
    flags = [one for one in row.flags if one != body.flag]
    if body.on and body.flag in CRISIS_FLAGS and body.flag not in row.flags:
        await raise_crisis(tx, row, _KINDS[body.flag])
        return {}
    if not body.on and body.flag in {*CRISIS_FLAGS, "restricted"}:
        tx.check("work.assign")
        if Role.supervisor not in tx.actor.roles or not body.reason:
            raise Invalid("reason_required")
        await office.log_access(tx, "conversation.unflag", "conversation", row.id, body.reason)
    if body.on:
        flags.append(body.flag)
    restricted = bool({*CRISIS_FLAGS, "restricted"} & set(flags))
    await work_store.change_interaction(tx.conn, row.id, flags=flags, restricted=restricted)
    if item is not None:
        await work_store.change_item(tx.conn, item.id, flags=flags)
        tx.emit("work.flagged", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)
    if not is_crisis(flags):
        await work.clear_alerts(tx, row.id, ("crisis",))
    tx.emit("conversation.changed", conversation=row.id)
    return {}


class WarnAbuse(Body):
    """Which conversation gets the warning that comes before ending it for abuse."""

    conversation_id: str = Field(max_length=36)
    epoch: int = Field(ge=0)


@verb("conversation.warn_abuse", action="conversation.reply")
async def warn_abuse(tx: Tx, body: WarnAbuse) -> Answer:
    """Ask the citizen for respect, in the office's words. Needed before `close` with `abuse`."""
    row, item = await load(tx, body.conversation_id, "conversation.reply")
    if item is None or item.epoch != body.epoch:
        raise StaleOwner
    if "abuse" not in row.flags:
        await work_store.change_interaction(tx.conn, row.id, flags=[*row.flags, "abuse"])
        await work_store.change_item(tx.conn, item.id, flags=[*item.flags, "abuse"])
    await say(tx, row, "abuse_warning", "abuso_advertencia")
    tx.emit("work.flagged", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)
    return {}
