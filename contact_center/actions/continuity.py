"""From one channel to another without repeating: the agent gives a code, or takes the one a caller reads out."""

from pydantic import Field

from contact_center.actions import codes, conversations
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Invalid
from contact_center.rules import continuity


class Give(Body):
    """The conversation to be gone on with elsewhere."""

    conversation_id: str = Field(max_length=36)


@verb("conversation.give_code", action="conversation.note")
async def give(tx: Tx, body: Give) -> Answer:
    """Make a code for a conversation or call and tell it to the citizen in writing; on the phone it is read out.

    Answers the code, once: only its hash is stored. Earlier codes of the conversation are void.
    """
    row, _ = await conversations.load(tx, body.conversation_id, "conversation.note")
    code = await codes.issue(tx, row.id)
    if row.channel != "phone" and row.is_open:
        hours = continuity.VALID_S // 3_600
        await conversations.say(tx, row, "continuity_code", "continuidad_codigo", codigo=code, horas=hours)
    return {"code": code, "expires_at": tx.now_us // 1000 + continuity.VALID_S * 1000}


class Take(Body):
    """A code that the citizen says, and where they are now."""

    conversation_id: str = Field(max_length=36)
    code: str = Field(max_length=40)


@verb("conversation.take_code", action="conversation.note")
async def take(tx: Tx, body: Take) -> Answer:
    """Go on with the conversation that a code is of. Answers `found` false for a wrong one, which is counted."""
    row, _ = await conversations.load(tx, body.conversation_id, "conversation.note")
    code = continuity.find(body.code if body.code.upper().lstrip().startswith("CC") else f"CC-{body.code}")
    if code is None:
        raise Invalid("invalid", fields={"code": "form"})
    origin = await codes.redeem(tx, row, code)
    if origin is not None:
        await conversations.note_continued(tx, row, origin)
    return {"found": origin is not None}
