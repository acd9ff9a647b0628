"""Who may do what: one table, one function, for HTTP, sockets, files, lists and fan-out alike (PROMISES §4.15, S10).

`can` answers for one object, `scope` says how far a list may reach. Everything not in the table is denied, and asking
about an action that is not in the table raises `KeyError`, so that a forgotten registration is loud. Source: DOMAIN
§2.2 and its rules. Pure: the caller loads the facts of the object into a `Scope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from contact_center.rules.model import ActorKind, Role


class Reach(IntEnum):
    """How far a right goes; a greater value reaches further, as far as comparing makes sense."""

    none = 0
    own = 1
    """Records the actor holds, wrote or is."""
    queue = 2
    """Records in a queue the actor is a member of, and own ones."""
    area = 3
    """Records of the actor's area, and own ones."""
    dependency = 4
    """Records referred to the actor's dependency (liaisons only)."""
    all = 5


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks. `id` is a user id for staff, a visitor id for a citizen, else a name."""

    kind: ActorKind
    id: str
    roles: frozenset[Role] = frozenset()
    area_id: str | None = None
    queue_ids: frozenset[str] = frozenset()
    session_id: str | None = None
    dependency_id: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The facts about one object that decide access to it; leave out what the object does not have."""

    owner_id: str | None = None
    """The user who holds it now (conversation, work item) or answers for it (petition)."""
    author_id: str | None = None
    """The user who captured or wrote it."""
    participant_ids: frozenset[str] = frozenset()
    """Users who hold or held a part of it, or were offered it and have the offer open."""
    area_id: str | None = None
    queue_ids: frozenset[str] = frozenset()
    dependency_ids: frozenset[str] = frozenset()
    """Bodies it was referred to."""
    visitor_id: str | None = None
    restricted: bool = False
    """Crisis, confidential complaint or sensitive data: fewer may read it, and every reading is logged."""
    assigned_to_area: bool = False
    """Whether a restricted record was given to the actor's area or dependency by name."""
    accused_user_ids: frozenset[str] = frozenset()
    accused_area_id: str | None = None
    accused_dependency_id: str | None = None
    reviewed: bool = False
    """Whether its capture was already reviewed; own edits end there."""
    waiting: bool = False
    """Whether it lies in its queue, with nobody holding it."""


_R = Role
_own, _queue, _area, _dep, _all = Reach.own, Reach.queue, Reach.area, Reach.dependency, Reach.all

_DESK: Final = (_R.agent, _R.supervisor)
_HEADS: Final = (_R.supervisor, _R.director, _R.coordination)
_OFFICE: Final = (_R.agent, _R.supervisor, _R.director, _R.coordination, _R.correspondence, _R.area)
_EVERYONE: Final = tuple(Role)


def _to(reach: Reach, *roles: Role) -> dict[Role, Reach]:
    return dict.fromkeys(roles, reach)


_STAFF: Final[Mapping[str, Mapping[Role, Reach]]] = MappingProxyType(
    {
        "session.use": _to(_own, *_EVERYONE),
        "agent.set_state": _to(_own, *_DESK, _R.area),
        # Work items: an agent sees and takes what waits in the own queues; an area takes what was turned over to it.
        "work.see_queue": {**_to(_queue, _R.agent, _R.area), **_to(_all, *_HEADS)},
        "work.accept": _to(_own, *_DESK, _R.area),
        "work.take": {**_to(_queue, _R.agent, _R.area), **_to(_all, _R.supervisor)},
        "work.transfer": {**_to(_own, _R.agent, _R.area), **_to(_all, _R.supervisor)},
        "work.assign": _to(_all, _R.supervisor),
        "work.take_over": _to(_all, _R.supervisor),
        "work.wrap_up": {**_to(_own, _R.agent, _R.area), **_to(_all, _R.supervisor)},
        # Conversations: systems manages and never reads; the auditor reads with a reason that is logged.
        "conversation.read": {
            **_to(_queue, _R.agent, _R.area),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.auditor),
        },
        "conversation.reply": _to(_own, *_DESK, _R.area),
        "conversation.note": {**_to(_own, _R.agent, _R.area), **_to(_all, _R.supervisor, _R.director)},
        "conversation.whisper": _to(_all, _R.supervisor),
        "conversation.close": {**_to(_own, _R.agent, _R.area), **_to(_all, _R.supervisor)},
        "conversation.watch": _to(_all, _R.supervisor, _R.director),
        "conversation.flag": {**_to(_own, _R.agent, _R.area), **_to(_all, _R.supervisor)},
        # People: whoever works on requests has to find the person; identifiers stay masked until revealed.
        "citizen.read": {**_to(_all, *_OFFICE), **_to(_all, _R.auditor)},
        "citizen.edit": {
            **_to(_all, _R.agent, _R.supervisor, _R.coordination, _R.correspondence),
            **_to(_area, _R.area),
        },
        "citizen.reveal": {
            **_to(_own, _R.agent, _R.area),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.correspondence, _R.auditor),
        },
        "citizen.merge": _to(_all, _R.agent, _R.supervisor, _R.coordination, _R.correspondence),
        "citizen.do_not_contact": {**_to(_all, _R.supervisor), **_to(_own, _R.agent)},
        # Petitions.
        "petition.create": _to(_all, *_OFFICE),
        "petition.read": {
            **_to(_all, _R.agent, _R.supervisor, _R.director, _R.coordination, _R.correspondence, _R.auditor),
            **_to(_area, _R.area),
            **_to(_dep, _R.liaison),
        },
        "petition.link": _to(_all, *_OFFICE),
        "petition.edit": {
            **_to(_own, _R.agent),
            **_to(_area, _R.director, _R.area),
            **_to(_all, _R.supervisor, _R.coordination, _R.correspondence),
        },
        "petition.move": {
            **_to(_own, _R.agent),
            **_to(_area, _R.area),
            **_to(_dep, _R.liaison),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.correspondence),
        },
        "petition.reassign": _to(_all, _R.supervisor, _R.director, _R.coordination, _R.correspondence),
        "petition.follow_up": {
            **_to(_all, _R.agent, _R.supervisor, _R.director, _R.coordination, _R.correspondence),
            **_to(_area, _R.area),
            **_to(_dep, _R.liaison),
        },
        "attachment.read": {
            **_to(_queue, _R.agent, _R.area),
            **_to(_dep, _R.liaison),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.correspondence, _R.auditor),
        },
        # The floor, the wall screen and searching.
        "floor.read": _to(_all, *_HEADS),
        "wall.read": _to(_all, *_HEADS),
        "search.use": {**_to(_all, *_OFFICE, _R.auditor), **_to(_dep, _R.liaison)},
        # Calls: the register of who called whom; listening in and recordings are logged.
        "call.use": _to(_own, *_DESK, _R.area),
        "call.read": {
            **_to(_own, _R.agent),
            **_to(_area, _R.area),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.auditor),
        },
        "call.reveal": {
            **_to(_own, _R.agent, _R.area),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.auditor),
        },
        "call.listen": _to(_all, _R.supervisor),
        "call.record": {**_to(_own, _R.agent), **_to(_all, _R.supervisor)},
        "call.verify": _to(_all, _R.supervisor),
        "call.import": _to(_all, _R.supervisor, _R.systems),
        "recording.read": {**_to(_own, _R.agent), **_to(_all, _R.supervisor, _R.coordination, _R.auditor)},
        "callback.plan": _to(_all, _R.agent, *_HEADS, _R.correspondence, _R.area),
        "callback.cancel": {
            **_to(_own, _R.agent, _R.area),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.correspondence),
        },
        "callback.read": {
            **_to(_queue, _R.agent),
            **_to(_area, _R.area),
            **_to(_all, *_HEADS, _R.correspondence, _R.auditor),
        },
        "callback.move": {**_to(_own, _R.agent), **_to(_area, _R.area), **_to(_all, *_HEADS, _R.correspondence)},
        "callback.assign": _to(_all, _R.supervisor),
        "callback.receive": {**_to(_own, _R.agent), **_to(_area, _R.area), **_to(_all, *_HEADS, _R.correspondence)},
        # Captures and reports.
        "capture.read": {
            **_to(_own, _R.agent, _R.area),
            **_to(_all, _R.supervisor, _R.director, _R.coordination, _R.auditor),
        },
        "capture.review": _to(_all, _R.supervisor),
        "report.own": _to(_own, *_DESK, _R.area),
        "report.read": {
            **_to(_area, _R.director, _R.area),
            **_to(_dep, _R.liaison),
            **_to(_all, _R.supervisor, _R.coordination, _R.correspondence, _R.systems, _R.auditor),
        },
        # The registers of calls: an agent's own, a department's or an area's with what is under it, the whole office.
        "register.read": {
            **_to(_own, _R.agent),
            **_to(_area, _R.supervisor, _R.director, _R.area),
            **_to(_all, _R.coordination, _R.systems, _R.auditor),
        },
        "report.export_personal": _to(_all, _R.supervisor, _R.director, _R.coordination, _R.correspondence, _R.auditor),
        # Administration.
        "admin.read": _to(_all, _R.supervisor, _R.systems, _R.auditor),
        "admin.users": _to(_all, _R.systems),
        "admin.queues": _to(_all, _R.systems),
        "admin.hours": _to(_all, _R.systems),
        "admin.replies": _to(_all, _R.supervisor, _R.systems),
        "admin.categories": _to(_all, _R.supervisor, _R.systems),
        "admin.texts": _to(_all, _R.systems),
        "admin.settings": _to(_all, _R.systems),
        "admin.sites": _to(_all, _R.systems),
        "admin.areas": _to(_all, _R.systems),
        "outbox.manage": {**_to(_own, _R.agent, _R.area), **_to(_all, _R.supervisor, _R.systems)},
        "audit.read": _to(_all, _R.coordination, _R.systems, _R.auditor),
        # A citizen's own doors; nobody signed in goes through them.
        "chat.use": {},
        "chat.folio": _to(_all, *_EVERYONE),
    }
)

ACTIONS: Final = frozenset(_STAFF)
"""Every action there is: the matrix tests walk it, and a command or route must name one of these."""

_VISITOR: Final[Mapping[str, Reach]] = MappingProxyType(
    {"chat.use": Reach.own, "chat.folio": Reach.all, "attachment.read": Reach.own}
)

READ_ONLY: Final = frozenset(one for one in ACTIONS if one.endswith((".read", ".see_queue", ".watch"))) | {
    "search.use",
    "report.own",
    "report.export_personal",
    "citizen.reveal",
    "call.reveal",
    "chat.folio",
    "session.use",
}
"""Actions that change nothing but the audit trail: all that an auditor can ever have."""

# Reading one's own work needs a real part in it; these two are open to queue members only while the item waits there.
_ONLY_WHILE_WAITING: Final = frozenset({"work.take", "conversation.read", "attachment.read"})
_RESTRICTED_READERS: Final = frozenset({_R.supervisor, _R.director, _R.coordination, _R.auditor})
_TOUCHES_PERSON: Final = (
    *("conversation.", "petition.", "citizen.", "attachment.", "capture.", "work."),
    *("call.", "callback.", "recording.", "register."),
)
_OPEN_TO_ACCUSED: Final = frozenset({"petition.create"})


def role_errors(roles: frozenset[Role]) -> tuple[str, ...]:
    """What is wrong with a set of roles: `roles_empty`, `auditor_alone` (the auditor holds no other role)."""
    if not roles:
        return ("roles_empty",)
    if Role.auditor in roles and len(roles) > 1:
        return ("auditor_alone",)
    return ()


def scope(actor: Actor, action: str) -> Reach:
    """How far `actor` may go with `action`, for list filters. Raises `KeyError` for an action that does not exist.

    A reach of `queue` or `area` always includes `own`. Use `can` for each object all the same: a list filter cannot
    express the rules about restricted records and accused people.
    """
    table = _STAFF[action]
    match actor.kind:
        case ActorKind.system:
            return Reach.all
        case ActorKind.visitor:
            return _VISITOR.get(action, Reach.none)
        case ActorKind.integrator:
            return Reach.none
        case ActorKind.staff:
            roles = actor.roles
            # A record that holds `auditor` with another role is broken: the safe reading is the auditor alone.
            if Role.auditor in roles:
                roles = frozenset({Role.auditor})
            return max((table.get(role, Reach.none) for role in roles), default=Reach.none)


def can(actor: Actor, action: str, obj: Scope | None = None) -> bool:
    """Whether `actor` may do `action` (to `obj`). Raises `KeyError` for an action that does not exist.

    Without an object it answers "to anything at all?", which is right for screens, menus and commands that make
    something new. The system may do everything; an integrator nothing here (its keys open only its own channel).
    """
    reach = scope(actor, action)
    if reach is Reach.none:
        return False
    if obj is None or actor.kind is ActorKind.system:
        return True
    if actor.kind is ActorKind.visitor:
        return reach is Reach.all or _is_own_visit(actor, obj)
    if _is_accused(actor, obj) and action.startswith(_TOUCHES_PERSON) and action not in _OPEN_TO_ACCUSED:
        return False
    if obj.restricted and action.startswith(_TOUCHES_PERSON) and not _may_touch_restricted(actor, obj):
        return False
    if action == "capture.review":
        return actor.id not in (obj.author_id, obj.owner_id) and actor.id not in obj.participant_ids
    if action == "petition.edit" and obj.reviewed and reach is Reach.own:
        return False
    return any(_covers(actor, action, one, obj) for one in _reaches(actor, action))


def _reaches(actor: Actor, action: str) -> frozenset[Reach]:
    """Every reach the actor's roles give: they add up, since `dependency` and `area` are not nested."""
    if Role.auditor in actor.roles:
        return frozenset({scope(actor, action)})
    table = _STAFF[action]
    return frozenset(table[role] for role in actor.roles if role in table)


def _covers(actor: Actor, action: str, reach: Reach, obj: Scope) -> bool:
    match reach:
        case Reach.all:
            return True
        case Reach.dependency:
            return actor.dependency_id is not None and actor.dependency_id in obj.dependency_ids
        case Reach.area:
            return _is_own(actor, obj) or (actor.area_id is not None and actor.area_id == obj.area_id)
        case Reach.queue:
            reachable = obj.waiting or action not in _ONLY_WHILE_WAITING
            return _is_own(actor, obj) or (reachable and not actor.queue_ids.isdisjoint(obj.queue_ids))
        case Reach.own:
            return _is_own(actor, obj, holder_only=action in _HOLDER_ONLY)
        case Reach.none:  # pragma: no cover - tables never hold it
            return False


# The right to speak or to end belongs to whoever holds it now, not to everybody who once had a part in it.
_HOLDER_ONLY: Final = frozenset(
    {"conversation.reply", "conversation.close", "work.transfer", "work.wrap_up", "work.accept", "agent.set_state"}
)


def _is_own(actor: Actor, obj: Scope, *, holder_only: bool = False) -> bool:
    if obj.owner_id is not None and actor.id == obj.owner_id:
        return True
    return not holder_only and (actor.id == obj.author_id or actor.id in obj.participant_ids)


def _is_own_visit(actor: Actor, obj: Scope) -> bool:
    return obj.visitor_id is not None and obj.visitor_id == actor.id


def _is_accused(actor: Actor, obj: Scope) -> bool:
    """Rule 12 of DOMAIN §2.9 and «the queja's accused area never sees it»: directors and coordination still do."""
    if actor.id in obj.accused_user_ids:
        return True
    if obj.accused_dependency_id is not None and actor.dependency_id == obj.accused_dependency_id:
        return True
    return (
        obj.accused_area_id is not None
        and actor.area_id == obj.accused_area_id
        and actor.roles.isdisjoint({Role.director, Role.coordination, Role.auditor})
    )


def _may_touch_restricted(actor: Actor, obj: Scope) -> bool:
    if not actor.roles.isdisjoint(_RESTRICTED_READERS) or _is_own(actor, obj):
        return True
    return obj.assigned_to_area or (obj.waiting and not actor.queue_ids.isdisjoint(obj.queue_ids))
