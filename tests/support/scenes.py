"""For each verb somebody who has a reason to use it, in the office of `tests.support.morning`.

`SCENES` says who does what: a scene may prepare, then returns (actor, fields) of the one command that is looked at.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from contact_center.actions.kernel import SYSTEM
from contact_center.rules.access import Actor
from tests.support.morning import Stage
from tests.support.registering import form

Scene = Callable[[Stage], Awaitable[tuple[Actor, dict[str, Any]]]]
SCENES: dict[str, Scene] = {}


def scene(verb: str) -> Callable[[Scene], Scene]:
    """Name the verb a scene is about; `verb:variant` for a second scene of it."""

    def keep(play: Scene) -> Scene:
        assert verb not in SCENES
        SCENES[verb] = play
        return play

    return keep


def simple(verb: str, who: str, **fields: Any) -> None:
    """A scene that needs no preparation."""

    async def play(stage: Stage) -> tuple[Actor, dict[str, Any]]:
        return await stage.who(who), dict(fields)

    SCENES[verb] = play


def held(verb: str, who: str, chat: str, **fields: Any) -> None:
    """A scene about an item that somebody holds."""

    async def play(stage: Stage) -> tuple[Actor, dict[str, Any]]:
        return await stage.who(who), {**await stage.held(chat), **fields}

    SCENES[verb] = play


def thread(verb: str, who: str, chat: str, *, epoch: bool = False, **fields: Any) -> None:
    """A scene about a conversation."""

    async def play(stage: Stage) -> tuple[Actor, dict[str, Any]]:
        about = await stage.thread(chat)
        return await stage.who(who), {**(about if epoch else {"conversation_id": stage.chats[chat]}), **fields}

    SCENES[verb] = play


simple("agent.set_state", "ana", state="paused", reason="meal")
held("work.release", "ana", "activa", reason="Fin de turno")
held("work.return", "ana", "pasada", reason="No es conmigo")
held("work.capture", "ana", "activa", disposition="oriented")
held("work.finish", "ana", "cerrada", disposition="oriented")
held("work.finish:open", "ana", "activa", disposition="petition_registered")
thread("conversation.reply", "ana", "activa", epoch=True, text="Ya quedó registrado")
thread("conversation.reply:first", "ana", "nueva", epoch=True, text="Le atiende Ana")
thread("conversation.close", "ana", "activa", epoch=True)
thread("conversation.close:spam", "ana", "activa", epoch=True, how="spam")
thread("conversation.warn_abuse", "ana", "activa", epoch=True)
thread("conversation.note", "jefa", "activa", text="Ofrézcale folio", whisper=True)
thread("conversation.read", "ana", "activa", seq=3)
thread("conversation.watch", "jefa", "activa")
thread("conversation.flag", "ana", "activa", flag="minor", on=True)
thread("conversation.flag:crisis", "ana", "activa", flag="crisis_life", on=True)
thread("conversation.identify", "ana", "activa", citizen_id=None)
simple("area.save", "sistemas", id="03.07.09", name="Módulo Guaymas", parent_id="03.07")
simple("closure.save", "sistemas", kind="closure", name="Fumigación", starts_on="2026-12-01", ends_on="2026-12-01")
simple("reply.save", "jefa", shortcut="saludo2", title="Saludo", text="Buenos días, le atiende {agente}")
simple("site.save", "sistemas", origin="https://www.example.org", name="Portal")
simple("setting.save", "sistemas", key="long_wait_s", value=240)
simple("text.save", "sistemas", key="saludo_chat", locale="es", value="Bienvenida, bienvenido")


@scene("work.accept")
async def _accept(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {"offer_id": stage.facts["offer"]}


@scene("work.decline")
async def _decline(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {"offer_id": stage.facts["offer"], "reason": "busy"}


@scene("work.take")
async def _take(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {"item_id": (await stage.item("espera")).id}


@scene("work.assign")
async def _assign(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    fields = {"item_id": (await stage.item("activa")).id, "user_id": stage.people["berta"], "reason": "Conoce el caso"}
    return await stage.who("jefa"), fields


@scene("work.assign:offered")
async def _assign_offered(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("jefa"), {"item_id": (await stage.item("ofrecida")).id, "user_id": stage.people["berta"]}


@scene("work.take_over")
async def _take_over(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("jefa"), {"item_id": (await stage.item("activa")).id, "reason": "La atiendo yo"}


@scene("work.transfer")
async def _transfer(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    queue = await stage.queue("Recados")
    fields = {"to_kind": "queue", "to_id": queue.id, "reason": "competence", "note": "Ya tiene folio"}
    return await stage.who("ana"), {**await stage.held("activa"), **fields}


@scene("work.transfer:user")
async def _transfer_user(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    fields = {"to_kind": "user", "to_id": stage.people["berta"], "reason": "specialist"}
    return await stage.who("ana"), {**await stage.held("activa"), **fields}


@scene("conversation.note:mention")
async def _mention(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    fields = {"conversation_id": stage.chats["de_berta"], "text": "¿Lo ves, Ana?", "mentions": [stage.people["ana"]]}
    return await stage.who("berta"), fields


@scene("conversation.flag:off")
async def _unflag(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    chat = stage.chats["activa"]
    await stage.house.do(await stage.who("ana"), "conversation.flag", conversation_id=chat, flag="crisis_life", on=True)
    return await stage.who("jefa"), {"conversation_id": chat, "flag": "crisis_life", "on": False, "reason": "Un error"}


@scene("finding.justify")
async def _justify(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    from sqlalchemy import text

    async with stage.house.db.read() as conn:
        query = text("SELECT id FROM findings WHERE closed_at IS NULL ORDER BY id")
        finding = (await conn.execute(query)).scalars().first()
    return await stage.who("ana"), {"finding_id": finding, "reason": "La persona no respondió"}


@scene("citizen.save")
async def _save_citizen(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    names = {"names": "María", "first_surname": "Ejemplo", "second_surname": "Uno", "phone": "662 000 0003"}
    return await stage.who("ana"), {"conversation_id": stage.chats["activa"], **names}


@scene("petition.create")
async def _create(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    fields = form(subject="Fuga de agua", description="Hay una fuga de agua en la esquina", despite_duplicates=True)
    return await stage.who("ana"), {"interaction_id": stage.chats["pasada"], **fields}


@scene("petition.link")
async def _link(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    folio = stage.facts["other_petition"]["folio"]
    return await stage.who("ana"), {"interaction_id": stage.chats["activa"], "folio": folio}


@scene("petition.unlink")
async def _unlink(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    actor, fields = await _link(stage)
    await stage.house.do(actor, "petition.link", **fields)
    return actor, {**fields, "reason": "No es el mismo asunto"}


@scene("petition.follow_up")
async def _follow_up(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    fields = {"folio": stage.facts["petition"]["folio"], "text": "Se avisó a la dependencia", "visible": True}
    return await stage.who("ana"), {**fields, "interaction_id": stage.chats["activa"]}


@scene("petition.edit")
async def _edit(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    petition = stage.facts["petition"]
    fields = {"folio": petition["folio"], "version": petition["version"], "subject": "Bache enorme en la calle Ejemplo"}
    return await stage.who("jefa"), fields


@scene("reply.delete")
async def _delete_reply(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    boss = await stage.who("jefa")
    made = await stage.house.do(boss, "reply.save", shortcut="adios2", title="Adiós", text="Gracias por escribir")
    return boss, {"id": made["reply"]["id"]}


@scene("queue.save")
async def _save_queue(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    queue = await stage.queue("Chat Sonora")
    fields = {"name": queue.name, "area_id": queue.area_id, "calendar_id": queue.calendar_id, "channels": ["web_chat"]}
    return await stage.who("sistemas"), {"id": queue.id, **fields, "priority": 5}


@scene("hours.save")
async def _save_hours(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    queue = await stage.queue("Chat Sonora")
    week = {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    return await stage.who("sistemas"), {"id": queue.calendar_id, "name": "Horario general", "week": week}


@scene("chat.send")
async def _send(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("activa"), {"text": "¿Y cuándo lo arreglan?"}


@scene("chat.send:first")
async def _send_first(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.house.visitor(name="Luis Ejemplo"), {"text": "Hola, una pregunta"}


@scene("chat.send:crisis")
async def _send_crisis(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("espera"), {"text": "Ya no quiero vivir, me quiero matar"}


@scene("chat.end")
async def _end(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("activa"), {}


@scene("chat.end:waiting")
async def _end_waiting(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("ofrecida"), {}


@scene("chat.read")
async def _chat_read(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("activa"), {"seq": 2}


@scene("chat.recado")
async def _recado(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    fields = {"text": "Mejor llámenme", "call_me": True, "phone": "662 000 0004", "name": "Luis"}
    return await stage.house.visitor(), fields


@scene("chat.survey")
async def _survey(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("cerrada"), {"score": 5, "resolved": "yes"}


@scene("engine.offer")
async def _offer(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    until = stage.house.clock.now() + timedelta(seconds=20)
    fields = {"agent_id": stage.people["berta"], "expires_at": until, "reason": {"why": "longest_idle"}}
    return SYSTEM, {"item_id": (await stage.item("espera")).id, **fields}


@scene("engine.expire_offer")
async def _expire(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(21)
    return SYSTEM, {"offer_id": stage.facts["offer"]}


@scene("engine.overflow")
async def _overflow(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    queue = await stage.queue("Recados")
    return SYSTEM, {"item_id": (await stage.item("espera")).id, "to_queue_id": queue.id, "reason": {}}


@scene("engine.skip")
async def _skip(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return SYSTEM, {"rows": [[(await stage.item("espera")).id, "all_busy"]]}


@scene("engine.due")
async def _due(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(86_400)
    return SYSTEM, {"item_id": stage.facts["due_item"]}


@scene("engine.wrap_up_over")
async def _wrap_up_over(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(121)
    return SYSTEM, {"item_id": (await stage.item("cerrada")).id}


@scene("engine.no_first_reply")
async def _no_first_reply(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(61)
    return SYSTEM, await stage.held("nueva")


@scene("engine.quiet")
async def _quiet(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.house.do(await stage.who("ana"), "conversation.reply", text="¿Sigue?", **await stage.thread("activa"))
    await stage.later(301)
    return SYSTEM, {"conversation_id": stage.chats["activa"]}


@scene("engine.quiet:closes")
async def _quiet_closes(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    actor, fields = await _quiet(stage)
    await stage.house.do(actor, "engine.quiet", **fields)
    await stage.later(601)
    return actor, fields


@scene("engine.left")
async def _left(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(90_000)
    return SYSTEM, {"conversation_id": stage.chats["espera"]}


@scene("engine.long_wait")
async def _long_wait(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(301)
    return SYSTEM, {"item_id": (await stage.item("espera")).id}


@scene("engine.captures_overdue")
async def _overdue(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(3 * 86_400)
    return SYSTEM, {}


@scene("presence.joined")
async def _joined(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return SYSTEM, {"user_id": stage.people["jefa"]}


@scene("presence.lost")
async def _lost(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.later(61, "berta")
    return SYSTEM, {"user_id": stage.people["ana"]}
