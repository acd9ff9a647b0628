"""What staff see of petitions and people, joined from the rows as they stand; the shapes are in `rules.faces`.

Nothing here asks who is looking: whoever calls has checked, or checks the frame it makes.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.rules.faces import View, citizen_view, petition_row
from contact_center.rules.sight import petition_scope
from contact_center.store import citizens as citizen_store
from contact_center.store import petitions as store


async def row(conn: AsyncConnection, folio: str, now: datetime | None = None) -> View | None:
    """Return the PetitionRow of a folio; without an instant, as of the last thing that was done about it."""
    found = await store.get_rows(conn, [folio])
    return petition_row(found[0], now or found[0].updated_at) if found else None


async def rows_of_interaction(conn: AsyncConnection, interaction_id: str, actor: Actor) -> list[View]:
    """Return the PetitionRow of every folio linked with a contact that the actor may see, as it was linked."""
    folios = (await store.folios_of(conn, [interaction_id])).get(interaction_id, [])
    rows = {one.folio: one for one in await store.get_rows(conn, folios)}
    may = [rows[folio] for folio in folios if access.can(actor, "petition.read", petition_scope(rows[folio], actor))]
    return [petition_row(one, one.updated_at) for one in may]


async def citizen(conn: AsyncConnection, citizen_id: str) -> View | None:
    """Return the Citizen view of the person behind a row, merged or not."""
    root = await citizen_store.root_of(conn, citizen_id)
    found = await citizen_store.get(conn, root) if root else None
    return None if found is None else citizen_view(found)
