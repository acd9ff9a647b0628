"""One contact of the registers, whole: its parts by agent, its calls, transfers and findings. Reading is recorded."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.office import Reading
from contact_center.errors import Missing
from contact_center.reports import registers as reports
from contact_center.rules import faces
from contact_center.rules.faces import ms
from contact_center.rules.identity import mask_phone
from contact_center.rules.sight import sight_of
from contact_center.store import contact_record as store
from contact_center.store import register
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

View = dict[str, Any]


async def contact(request: Request) -> Response:
    """One contact that a register lists to the actor; a restricted one leaves its mark in the access log."""
    house, actor = house_of(request), auth.actor_of(request)
    contact_id = request.path_params["id"]
    async with house.db.read() as conn:
        reach = await reports.reach_of(conn, actor)
        seen = (register.visible(sight_of(actor, "capture.read")), register.visible(reach.sight, reach.areas))
        row = await register.find(conn, contact_id, *seen)
        if row is None:
            raise Missing
        folios = await reports.visible_folios(conn, actor, [row.id])
        named = reports.sees_people(actor)
        capture = await store.note_of(conn, row.id)
        body = {
            "row": faces.interaction_rows([row], folios)[0],
            "capture": {
                "note": capture.note if named else None,
                "topic": capture.topic,
                "by": capture.captured_by,
                "at": ms(capture.captured_at),
            },
            "parts": [_part(one) for one in await store.parts_of(conn, row.id)],
            "calls": [_call(one, named) for one in await store.calls_of(conn, row.id)],
            "transfers": [_transfer(one, named) for one in await store.transfers_of(conn, row.id)],
            "findings": [_finding(one) for one in await store.findings_of(conn, row.id)],
        }
    if row.restricted:
        reading = Reading(action="interaction.read", object_kind="interaction", object_id=row.id)
        await house.writer.submit(actor, "access.record", reading)
    return inputs.json(body)


def _part(one: Any) -> View:
    return {
        "agent": one.agent_id,
        "queue": one.queue_id,
        "started_at": ms(one.started_at),
        "ended_at": ms(one.ended_at),
        "wrap_ended_at": ms(one.wrap_ended_at),
        "how": one.how,
        "ended_how": one.ended_how,
        "ring_s": one.ring_s,
        "talk_s": one.talk_s,
        "hold_s": one.hold_s,
    }


def _call(one: Any, named: bool) -> View:
    return {
        "id": one.id,
        "direction": one.direction,
        "purpose": one.purpose,
        "mode": one.mode,
        "state": one.state,
        "number": mask_phone(one.number) if one.number and named else None,
        "number_kind": one.number_kind,
        "started_at": ms(one.started_at),
        "queued_at": ms(one.queued_at),
        "answered_at": ms(one.answered_at),
        "ended_at": ms(one.ended_at),
        "talk_s": one.talk_s,
        "hold_s": one.hold_s,
        "ended_by": one.ended_by,
        "menu": one.menu,
        "folio": one.folio if named else None,
        "found_late": one.found_late,
    }


def _transfer(one: Any, named: bool) -> View:
    return {
        "id": one.id,
        "at": ms(one.at),
        "kind": one.kind,
        "from_agent": one.from_agent_id,
        "to_agent": one.to_agent_id,
        "to_queue": one.to_queue_id,
        "to_area": one.to_area_id,
        "outside": one.to_number is not None,
        "reason": one.reason,
        "note": one.note if named else None,
        "answer": one.answer,
        "answered_at": ms(one.answered_at),
        "verified_by": one.verified_by,
        "verified_at": ms(one.verified_at),
    }


def _finding(one: Any) -> View:
    return {
        "id": one.id,
        "kind": one.kind,
        "agent": one.agent_id,
        "opened_at": ms(one.opened_at),
        "closed_at": ms(one.closed_at),
        "closed_how": one.closed_how,
        "reason": one.reason,
    }


routes: list[BaseRoute] = [auth.get("/api/v1/interactions/{id}", contact, "register.read")]
