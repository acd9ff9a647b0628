"""The worklist of what nobody captured: for a supervisor everybody's, for an agent the own."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.rules import faces
from contact_center.rules.faces import ms
from contact_center.rules.identity import mask_phone
from contact_center.rules.sight import sight_of
from contact_center.store import calls as call_store
from contact_center.store import finding_register as store
from contact_center.web import auth, inputs
from contact_center.web.house import house_of
from contact_center.web.petitions import cursor, read_cursor


class Asked(BaseModel):
    """What the worklist may be narrowed by."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "closed"] = "open"
    kind: str = Field(default="", max_length=40, pattern=r"^[a-z_]*$")
    agent: str = Field(default="", max_length=36, pattern=r"^[A-Za-z0-9_.\-]*$")
    after: str = Field(default="", max_length=80)
    limit: int = Field(default=50, ge=1, le=200)


async def findings(request: Request) -> Response:
    """What is not captured, the oldest first, with the call it is about and how many there are of each kind."""
    house, actor = house_of(request), auth.actor_of(request)
    given = inputs.query(request, Asked)
    sight = sight_of(actor, "capture.read")
    f = store.Filters(is_open=given.state == "open", kind=given.kind, agent=given.agent)
    async with house.db.read() as conn:
        rows = await store.page(conn, sight, f, after=read_cursor(given.after), limit=given.limit + 1)
        shown = rows[: given.limit]
        calls = await call_store.newest(conn, [one.interaction_id for one in shown])
        kinds = await store.summary(conn, sight, f)
    last = shown[-1] if len(rows) > given.limit else None
    return inputs.json(
        {
            "rows": [_row(one, calls.get(one.interaction_id)) for one in shown],
            "next": None if last is None else cursor(last.at, last.id),
            "total": sum(one.count for one in kinds),
            "kinds": [
                {"kind": one.kind, "count": one.count, "unassigned": one.unassigned, "oldest": ms(one.oldest)}
                for one in kinds
            ],
            "now": ms(house.clock.now()),
        }
    )


def _row(one: Any, call: Any | None) -> dict[str, Any]:
    hidden = one.restricted
    return {
        "id": one.id,
        "kind": one.kind,
        "interaction": one.interaction_id,
        "agent": one.agent_id,
        "opened_at": ms(one.opened_at),
        "closed_at": ms(one.closed_at),
        "closed_how": one.closed_how,
        "reason": one.reason,
        "channel": one.channel,
        "direction": one.direction,
        "started_at": ms(one.started_at),
        "label": None if hidden else faces.contact_label(_Contact(one)),
        "number": mask_phone(call.number) if call is not None and call.number and not hidden else None,
        "extension": None if call is None else call.extension,
        "result": None if call is None else call.state,
    }


class _Contact:
    """A row whose label is made from the id of its contact, not from that of the finding."""

    def __init__(self, row: Any) -> None:
        self._row = row
        self.id = row.interaction_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


routes: list[BaseRoute] = [auth.get("/api/v1/registers/findings", findings, "capture.read")]
