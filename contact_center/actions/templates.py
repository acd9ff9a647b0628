"""Message templates as the provider lists them, and the window after which only they may be sent."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from pydantic import Field

from contact_center.actions import conversations, work
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid
from contact_center.rules.messaging import ChannelLimits, window_left_s
from contact_center.rules.templates import APPROVED, Template, TemplateRefused, fill
from contact_center.store import conversations as chat_store
from contact_center.store import templates as store
from contact_center.store import work as work_store

REMIND_BEFORE_S: Final = 3600
"""An hour before the window closes its agent is told: at 23 of 24 hours."""


class KeepTemplates(Body):
    """All templates that a channel's provider lists now."""

    channel: str = Field(max_length=40)
    templates: tuple[Any, ...] = Field(max_length=500)


@verb("channel.templates", action="admin.settings", door="system")
async def keep(tx: Tx, body: KeepTemplates) -> Answer:
    """Take over the provider's list. What is no longer on it stays, as gone. Idempotent."""
    known = await store.listed(tx.conn, body.channel)
    changed = 0
    for one in body.templates:
        changed += await _keep(tx, body.channel, one, known.pop(one.provider_id, None))
    for gone in known.values():
        if gone.status != "gone":
            await store.change(tx.conn, gone.id, status="gone", changed_at=tx.now)
            changed += 1
    await store.note_listed(tx.conn, body.channel, tx.now)
    if changed:
        tx.emit("reference.changed", what="channels")
    return {"changed": changed}


async def _keep(tx: Tx, channel: str, one: Template, before: Any | None) -> bool:
    values = {
        "name": one.name[:120],
        "language": one.language[:20],
        "category": one.category[:40],
        "body": one.body,
        "status": one.status[:20],
        "rejection": one.rejection[:300],
    }
    if before is None:
        own = {"id": tx.ids.new(), "channel": channel, "provider_id": one.provider_id[:60]}
        await store.add(tx.conn, {**own, **values, "changed_at": tx.now, "listed_at": tx.now})
        return True
    if all(getattr(before, name) == value for name, value in values.items()):
        return False
    await store.change(tx.conn, before.id, **values, changed_at=tx.now)
    return True


async def chosen(tx: Tx, source: str | None, text: str, extra: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what the channel gets for a template that an agent chose: the provider's id and the blanks' values.

    The text must be the template's own words, filled: what the citizen reads is what the thread shows. Raises Conflict
    `template_gone`, Invalid `template_blanks` or `template_text`.
    """
    choice = (extra or {}).get("template")
    if extra is None or choice is None:
        return extra
    row = await store.get(tx.conn, choice["id"])
    if row is None or row.channel != source or row.status != APPROVED:
        raise Conflict("template_gone")
    variables: dict[str, str] = choice.get("variables") or {}
    try:
        words = fill(row.body, variables)
    except TemplateRefused as error:
        raise Invalid(error.code, fields={error.blank: "template_blanks"}) from error
    if words.strip() != text.strip():
        raise Invalid("template_text")
    return {**extra, "template": {"sid": row.provider_id, "variables": variables, "name": row.name}}


class WindowBody(Body):
    """A conversation whose window may be about to close."""

    conversation_id: str = Field(max_length=36)


@verb("engine.window_closing", action="conversation.close", door="system")
async def window_closing(tx: Tx, body: WindowBody) -> Answer:
    """Tell the agent, once, that free words will not be taken much longer; ring when nobody has answered yet."""
    row = await chat_store.get(tx.conn, body.conversation_id)
    item = await work_store.open_item_of(tx.conn, body.conversation_id)
    limits = tx.limits.get(row.source or "") if row is not None else None
    if row is None or item is None or not row.is_open or limits is None:
        return {}
    left_s = window_left_s(limits, row.last_citizen_at, tx.now)
    if left_s is None or left_s > REMIND_BEFORE_S or await _is_told(tx, row.id):
        return {}
    unanswered = row.last_agent_at is None or row.last_agent_at < row.last_citizen_at
    closes_at = int((tx.now + timedelta(seconds=left_s)).timestamp() * 1000)
    level = "warning" if unanswered else "info"
    data = {"conversation": row.id, "channel": row.source, "closes_at": closes_at, "unanswered": unanswered}
    await work.alert(tx, "window_closing", subject=row.id, item=item.id, level=level, data=data)
    await conversations.add_message(
        tx, row.id, "system", None, "", code="window_closing", data={"closes_at": closes_at}
    )
    return {}


async def _is_told(tx: Tx, conversation_id: str) -> bool:
    return bool(await store.open_alert(tx.conn, "window_closing", conversation_id))


@verb("engine.window_settled", action="conversation.close", door="system")
async def window_settled(tx: Tx, body: WindowBody) -> Answer:
    """Stop ringing for a window that opened again or does not matter any more."""
    await work.clear_alerts(tx, body.conversation_id, ("window_closing",))
    return {}


def windows(limits: Mapping[str, ChannelLimits]) -> Sequence[tuple[str, int]]:
    """Return the channels with a window, and how long it is, in seconds."""
    return [(name, one.reply_window_s) for name, one in limits.items() if one.reply_window_s is not None]
