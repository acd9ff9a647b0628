"""What the telephone reads: who a number may belong to, while it is typed or while somebody is on the line."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.call_contact import scope_of
from contact_center.errors import Missing
from contact_center.rules import access, faces
from contact_center.rules.identity import normalise
from contact_center.rules.model import OPEN_PETITION_STATES
from contact_center.rules.sight import sight_of
from contact_center.store import calls as store
from contact_center.store import citizens as citizen_store
from contact_center.store import petitions as petition_store
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

MOST: Final = 5
_OPEN: Final = frozenset(state.value for state in OPEN_PETITION_STATES)


class Question(BaseModel):
    """A number as typed, or a call whose number it is. One of the two."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(default="", max_length=60)
    call: str = Field(default="", max_length=36)


async def people(request: Request) -> Response:
    """Return people who gave this number, each with open petitions: to be chosen by a person, never taken for them."""
    actor, house = auth.actor_of(request), house_of(request)
    asked = inputs.query(request, Question)
    async with house.db.read() as conn:
        number = normalise(asked.number).e164
        if asked.call:
            row = await store.scope_row(conn, asked.call)
            if row is None or not access.can(actor, "call.use", scope_of(row)):
                raise Missing
            number = row.number
        ids = await store.people_of_number(conn, number, MOST) if number else []
        rows = await citizen_store.get_many(conn, ids)
        found: list[dict[str, Any]] = []
        for citizen_id in ids:
            family = await citizen_store.family_of(conn, citizen_id)
            own = petition_store.Filters(citizens=tuple(family))
            page = await petition_store.page(conn, sight_of(actor, "petition.read"), own, after=None, limit=MOST * 4)
            opened = [one for one in page if one.state in _OPEN][:MOST]
            shown = faces.petition_rows(opened, house.clock.now())
            found.append({"citizen": faces.citizen_view(rows[citizen_id]), "petitions": shown})
    kind = normalise(asked.number).kind.value if asked.number else None
    return inputs.json({"people": found, "kind": kind})


routes: list[BaseRoute] = [auth.get("/api/v1/calls/people", people, "call.use")]
