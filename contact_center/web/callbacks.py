"""Promised calls as staff read them: lists, one with its script, what planning would say, the load, the ledger."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions import callback_load
from contact_center.actions.callbacks import scope_of
from contact_center.actions.kernel import Tx
from contact_center.errors import Missing
from contact_center.live import callback_views, petition_views
from contact_center.rules import access, faces, ledger
from contact_center.rules.callbacks import CallbackState, Standing
from contact_center.rules.sight import petition_scope, sight_of
from contact_center.store import calls as call_store
from contact_center.store import citizens as citizen_store
from contact_center.store import options as option_store
from contact_center.store import petitions as petition_store
from contact_center.store import promise_lists as store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store
from contact_center.web import auth, inputs
from contact_center.web.desk import record_reading
from contact_center.web.house import house_of
from contact_center.web.petitions import cursor, read_cursor

COUNT_LIMIT: Final = 10_000
MAX_DAYS: Final = 400
_ID = Field(default="", max_length=36)
_MS = Field(default=None, ge=0, le=10**14)


class Listed(BaseModel):
    """What a list of callbacks is narrowed by. Instants are milliseconds; `to` is not included."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    start: int | None = Field(default=None, alias="from", ge=0, le=10**14)
    to: int | None = _MS
    state: str = Field(default="", max_length=120)
    reason: Literal["", "inform", "ask", "return", "other"] = ""
    owner: str = _ID
    queue: str = _ID
    area: str = _ID
    folio: str = Field(default="", max_length=40)
    citizen: str = _ID
    requested: Literal["", "mine", "area"] = ""
    overdue: bool = False
    after: str = Field(default="", max_length=80)
    limit: int = Field(default=50, ge=1, le=200)


async def listed(request: Request) -> Response:
    """Callbacks the actor may see, by the time they are due."""
    house, actor = house_of(request), auth.actor_of(request)
    given, now = inputs.query(request, Listed), house.clock.now()
    async with house.db.read() as conn:
        family: tuple[str, ...] = ()
        if given.citizen:
            root = await citizen_store.root_of(conn, given.citizen)
            family = tuple(await citizen_store.family_of(conn, root)) if root else (given.citizen,)
        known = {one.value for one in CallbackState}
        filters = store.Filters(
            start=None if given.start is None else faces.from_ms(given.start),
            end=None if given.to is None else faces.from_ms(given.to),
            states=tuple(one for one in given.state.split(",") if one in known),
            reason=given.reason or None,
            owner=given.owner or None,
            queue=given.queue or None,
            area=given.area or None,
            folio=given.folio or None,
            citizens=family,
            requested_by=actor.id if given.requested == "mine" else None,
            requested_area=actor.area_id or "-" if given.requested == "area" else None,
            overdue_at=now if given.overdue else None,
        )
        sight = sight_of(actor, "callback.read")
        rows = await store.page(conn, sight, filters, after=read_cursor(given.after), limit=given.limit + 1)
        shown = await _views(conn, rows[: given.limit], actor, now)
        total = await store.count(conn, sight, filters, limit=COUNT_LIMIT)
    last = rows[given.limit - 1] if len(rows) > given.limit else None
    following = None if last is None else cursor(last.due_at, last.id)
    return inputs.json({"rows": shown, "next": following, "total": total})


async def _views(conn: Any, rows: Any, actor: access.Actor, now: datetime) -> list[dict[str, Any]]:
    promises = await promise_store.newest(conn, [row.id for row in rows])
    tries = (await option_store.load(conn)).callback_attempts
    return [
        {
            **callback_views.callback(row, promises.get(row.id), now, max_attempts=tries),
            "can": can(actor, row),
        }
        for row in rows
    ]


def can(actor: access.Actor, row: Any) -> list[str]:
    """Return what an actor may do to a callback now: the buttons of a screen."""
    scope = access.Scope(
        owner_id=row.item_owner_id or row.owner_id,
        author_id=row.requested_by,
        participant_ids=frozenset({row.owner_id, row.requested_by, row.holder_id} - {None}),
        area_id=row.area_id,
        queue_ids=frozenset({row.queue_id} - {None}),
        restricted=row.restricted,
        accused_user_ids=frozenset({row.accused_user_id} - {None}),
        waiting=row.item_state in {"waiting", "offered", "scheduled"},
    )
    is_open, mine = CallbackState(row.state).is_open, row.item_owner_id == actor.id
    free = is_open and row.dialling_id is None and (mine or row.item_owner_id is None)
    wanted = {
        "move": free,
        "cancel": free,
        "assign": is_open and row.item_owner_id is None,
        "receive": row.state in {"achieved", "exhausted"},
    }
    found = [name for name, possible in wanted.items() if possible and access.can(actor, f"callback.{name}", scope)]
    held = is_open and mine
    return [*found, *(["save"] if held else []), *(["start"] if held and row.dialling_id is None else [])]


async def one(request: Request) -> Response:
    """One callback with what to say, its promises and its tries. Reading a restricted one is recorded."""
    house, actor, now = house_of(request), auth.actor_of(request), house_of(request).clock.now()
    session = auth.session_of(request)
    async with house.db.read() as conn:
        row, joined = await _readable(conn, actor, request.path_params["id"])
        (view,) = await _views(conn, [joined], actor, now)
        petition = await petition_store.get(conn, row.folio) if row.folio else None
        if petition is not None and not access.can(actor, "petition.read", petition_scope(petition, actor)):
            petition = None
        tx = Tx(conn, now, house.ids, actor)
        script = await callback_load.script(tx, row, petition, agent=session.staff.display_name)
        promised = await promise_store.of_callback(conn, row.id)
        tries = await promise_store.tries_of(conn, row.id)
        folio_row = await petition_views.row(conn, petition.folio) if petition is not None else None
    if joined.restricted:
        await record_reading(request, "callback", row.id)
    return inputs.json(
        {
            "callback": view,
            "script": script,
            "petition": folio_row,
            "promises": [callback_views.promise(callback_views.Joined(one, joined), now) for one in promised],
            "tries": [callback_views.attempt(one) for one in tries],
        }
    )


async def _readable(conn: Any, actor: access.Actor, callback_id: str) -> tuple[Any, Any]:
    row = await call_store.get_callback(conn, callback_id)
    if row is None:
        raise Missing
    item = await work_store.open_item_of(conn, row.id)
    contact = await work_store.get_interaction(conn, row.id)
    if not access.can(actor, "callback.read", scope_of(row, item, contact)):
        raise Missing
    (joined,) = await store.by_ids(conn, [row.id])
    return row, joined


class Asked(BaseModel):
    """A call that somebody thinks of promising."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(default="", max_length=60)
    citizen: str = _ID
    folio: str = Field(default="", max_length=40)
    callback: str = _ID
    due_at: int | None = _MS
    due_local: str = Field(default="", max_length=16)
    not_after: int | None = _MS
    zone: str = Field(default="", max_length=60)
    queue: str = _ID


async def check(request: Request) -> Response:
    """What promising a call would be answered, and how full its hour is. Nothing is kept."""
    house, actor = house_of(request), auth.actor_of(request)
    given = inputs.query(request, Asked)
    async with house.db.read() as conn:
        tx = Tx(conn, house.clock.now(), house.ids, actor)
        number, citizen_id = given.number, given.citizen or None
        if given.callback:
            row, joined = await _readable(conn, actor, given.callback)
            number, citizen_id = row.number, joined.citizen_id
        elif given.folio:
            petition = await petition_store.get(conn, given.folio)
            if petition is None or not access.can(actor, "petition.read", petition_scope(petition, actor)):
                raise Missing
            number, citizen_id = number or petition.phone or "", citizen_id or petition.citizen_id
        if citizen_id and not number:
            citizen = await citizen_store.get(conn, citizen_id)
            number = (citizen.phone if citizen is not None else None) or ""
        found = await callback_load.preview(
            tx,
            number=number,
            citizen_id=citizen_id,
            zone=given.zone,
            queue_id=given.queue or None,
            due_at=given.due_at,
            due_local=given.due_local or None,
            not_after=given.not_after,
        )
    return inputs.json(found)


class Days(BaseModel):
    """Whose load, of which days."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    queue: str = _ID
    start: int | None = Field(default=None, alias="from", ge=0, le=10**14)
    days: int = Field(default=1, ge=1, le=14)


async def load(request: Request) -> Response:
    """What each hour of a queue can carry, and what is promised in it."""
    house, actor = house_of(request), auth.actor_of(request)
    given, now = inputs.query(request, Days), house.clock.now()
    async with house.db.read() as conn:
        tx = Tx(conn, now, house.ids, actor)
        start = now if given.start is None else faces.from_ms(given.start)
        hours = await callback_load.hours(tx, given.queue or None, start, given.days)
    return inputs.json({"hours": hours})


class Ledger(BaseModel):
    """Which promises: those whose time lies in the period; grouped by one thing."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    start: int | None = Field(default=None, alias="from", ge=0, le=10**14)
    to: int | None = _MS
    by: Literal["area", "agent", "reason", "day"] = "area"
    area: str = _ID
    agent: str = _ID
    reason: Literal["", "inform", "ask", "return", "other"] = ""
    standing: str = Field(default="", max_length=80)
    after: str = Field(default="", max_length=80)
    limit: int = Field(default=50, ge=1, le=200)

    def period(self, now: datetime) -> store.Period:
        """Return the period: the last seven days unless said, never more than a year and a bit."""
        end = now + timedelta(days=1) if self.to is None else faces.from_ms(self.to)
        start = end - timedelta(days=8) if self.start is None else faces.from_ms(self.start)
        known = {one.value for one in Standing}
        return store.Period(
            max(start, end - timedelta(days=MAX_DAYS)),
            end,
            area=self.area or None,
            agent=self.agent or None,
            reason=self.reason or None,
            standing=tuple(one for one in self.standing.split(",") if one in known),
        )


async def ledger_of(request: Request) -> Response:
    """Promises due, kept, late and broken, with the rate kept; every figure is a count of `promises`."""
    house, actor = house_of(request), auth.actor_of(request)
    given = inputs.query(request, Ledger)
    async with house.db.read() as conn:
        period = given.period(house.clock.now())
        rows = await store.ledger(conn, sight_of(actor, "callback.read"), period, given.by)
        names = await store.names_of(conn, given.by, {str(row.key) for row in rows if row.key is not None})
    counts = [ledger.Count(ledger.key_text(given.by, row.key), row.standing, row.count, row.reached) for row in rows]
    groups = ledger.grouped(counts)
    return inputs.json(
        {
            "from": faces.ms(period.start),
            "to": faces.ms(period.end),
            "total": ledger.figures(counts).as_json(),
            "groups": [{"key": key, "label": names.get(key or ""), **found.as_json()} for key, found in groups.items()],
        }
    )


async def promises(request: Request) -> Response:
    """The promises that the ledger counts, by their time."""
    house, actor = house_of(request), auth.actor_of(request)
    given, now = inputs.query(request, Ledger), house.clock.now()
    async with house.db.read() as conn:
        sight, period = sight_of(actor, "callback.read"), given.period(now)
        rows = await store.promises(conn, sight, period, after=read_cursor(given.after), limit=given.limit + 1)
        total = await store.count_promises(conn, sight, period)
    shown = rows[: given.limit]
    last = shown[-1] if len(rows) > given.limit else None
    return inputs.json(
        {
            "rows": [callback_views.promise(row, now) for row in shown],
            "next": None if last is None else cursor(last.at, last.id),
            "total": total,
        }
    )


async def overdue(request: Request) -> Response:
    """What is past its time and nobody has in hand, the oldest first: the board to catch up after an outage."""
    house, actor, now = house_of(request), auth.actor_of(request), house_of(request).clock.now()
    async with house.db.read() as conn:
        sight = sight_of(actor, "callback.read")
        rows = await store.page(conn, sight, store.Filters(overdue_at=now), after=None, limit=200)
        shown = await _views(conn, rows, actor, now)
        alert = await promise_store.open_alert(conn, "callbacks_overdue")
    since = None if alert is None else {"started_at": faces.ms(alert.at), **alert.data}
    return inputs.json({"rows": shown, "since": since})


routes: list[BaseRoute] = [
    auth.get("/api/v1/callbacks", listed, "callback.read"),
    auth.get("/api/v1/callbacks/check", check, "callback.plan"),
    auth.get("/api/v1/callbacks/load", load, "callback.read"),
    auth.get("/api/v1/callbacks/ledger", ledger_of, "callback.read"),
    auth.get("/api/v1/callbacks/promises", promises, "callback.read"),
    auth.get("/api/v1/callbacks/overdue", overdue, "callback.read"),
    auth.get("/api/v1/callbacks/{id}", one, "callback.read"),
]
