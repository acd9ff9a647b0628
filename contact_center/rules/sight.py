"""How far somebody sees in lists, as facts that SQL can filter by: the same answers as `access.can`, object by object.

Lists, counts and search are filtered in the database (PROMISES S11), so the table of `rules.access` is asked once for
each kind of relation and the answers travel as booleans. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from contact_center.rules import access
from contact_center.rules.access import Actor, Reach, Scope
from contact_center.rules.model import ActorKind, Role

_BY_NAME: Final = frozenset({Role.correspondence, Role.area, Role.liaison})
"""Who reads a restricted record because it was given to their area or dependency (DOMAIN §2.2 «if assigned»)."""


REFERRED_STATES: Final = frozenset(
    {
        "referred",
        "following_up",
        "answered",
        "concluded_satisfactory",
        "concluded_unsatisfactory",
        "archived",
    }
)
"""States in which the body named on a petition has it; before, it is only a proposal and its liaison sees nothing."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one actor may see with one action. An area or dependency is None when it opens nothing."""

    user_id: str
    everything: bool
    own: bool
    area_id: str | None
    dependency_id: str | None
    waiting_queue_ids: frozenset[str]
    restricted: bool
    """Restricted records too, without any part in them."""
    restricted_own: bool
    by_name: bool
    """Restricted records that were given to the actor's area or dependency."""
    hidden_area_id: str | None
    """Records that accuse a member of this area are hidden."""
    hidden_dependency_id: str | None = None
    """Records that are about this body are hidden: it is the actor's own."""

    @property
    def nothing(self) -> bool:
        return not (self.everything or self.own or self.area_id or self.dependency_id or self.waiting_queue_ids)


def sight_of(actor: Actor, action: str) -> Sight:
    """Return what `actor` sees with `action`. Raises KeyError for an action that does not exist."""

    def may(**facts: Any) -> bool:
        return access.can(actor, action, Scope(**facts))

    if access.scope(actor, action) is Reach.none:
        return Sight(actor.id, False, False, None, None, frozenset(), False, False, False, None)
    everything = may()
    in_area = actor.area_id is not None and may(area_id=actor.area_id)
    dependency = actor.dependency_id
    # Whatever relation lets the actor in, does an accusation against the own area shut the door again?
    related = {"owner_id": actor.id, "area_id": actor.area_id, "dependency_ids": frozenset({dependency} - {None})}
    hidden = actor.area_id is not None and may(**related) and not may(**related, accused_area_id=actor.area_id)
    waits = frozenset(q for q in actor.queue_ids if may(waiting=True, queue_ids=frozenset({q})))
    sees_dependency = dependency is not None and may(dependency_ids=frozenset({dependency}))
    return Sight(
        user_id=actor.id,
        everything=everything,
        own=may(owner_id=actor.id),
        area_id=actor.area_id if in_area else None,
        dependency_id=dependency if sees_dependency else None,
        waiting_queue_ids=waits,
        restricted=may(restricted=True, area_id=actor.area_id),
        restricted_own=may(restricted=True, owner_id=actor.id),
        by_name=is_by_name(actor),
        hidden_area_id=actor.area_id if hidden else None,
        hidden_dependency_id=dependency,
    )


def is_by_name(actor: Actor) -> bool:
    """Say whether the actor reads restricted records that were given to the own area or dependency."""
    return actor.kind is ActorKind.staff and not actor.roles.isdisjoint(_BY_NAME)


def petition_scope(row: Any, actor: Actor) -> Scope:
    """Return the facts that decide access to a petition, from a row of `store.petitions.get`."""
    wrote = actor.id == row.created_by  # who took a complaint knows it already
    by_area = row.area_id is not None and row.area_id == actor.area_id
    referred = frozenset({row.dependency_id, *row.copies} - {None}) if row.state in REFERRED_STATES else frozenset()
    by_dependency = actor.dependency_id in referred
    return Scope(
        owner_id=row.responsible_id,
        author_id=row.created_by,
        area_id=row.area_id,
        dependency_ids=referred,
        restricted=row.confidential,
        assigned_to_area=is_by_name(actor) and (by_area or by_dependency),
        accused_user_ids=frozenset({row.accused_user_id} - {None}),
        accused_area_id=None if wrote else row.accused_area_id,
        accused_dependency_id=row.accused_dependency_id,
        reviewed=row.origin_state == "reviewed",
    )


def contact_scope(row: Any, holder_ids: frozenset[str], actor: Actor) -> Scope:
    """Return the facts that decide access to an interaction, from a row of `store.register.get_contact`.

    `holder_ids` are those who hold or held a part of it: they heard the complaint themselves, and go on.
    """
    heard = actor.id in holder_ids or actor.id == row.owner_id
    return Scope(
        owner_id=row.owner_id,
        author_id=row.captured_by,
        participant_ids=holder_ids,
        area_id=row.area_id,
        queue_ids=frozenset({row.queue_id} - {None}),
        visitor_id=row.visitor_id,
        restricted=row.restricted,
        accused_user_ids=frozenset({row.accused_user_id} - {None}),
        accused_area_id=None if heard else row.accused_area_id,
        waiting=row.item_state in {"waiting", "offered", "scheduled"},
        reviewed=row.state == "reviewed",
    )
