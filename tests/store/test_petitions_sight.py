"""Lists, counts and searches show exactly what one may open: the SQL condition and `access.can` never disagree."""

from itertools import product
from typing import Any

from sqlalchemy import insert, select, update

from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind, Role
from contact_center.rules.sight import contact_scope, petition_scope, sight_of
from contact_center.store import petitions, register
from contact_center.store.schema import interactions, segments, users, work_items
from contact_center.store.schema import petitions as petition_table
from tests.support.house import TestHouse, open_house

AREAS = ("03.07.02.01", "03.07.01")
BODIES = (None, "SABG")


def actors(ids: dict[str, str]) -> list[Actor]:
    """Somebody of each role and of mixed ones, in each area, some of them with a part in what there is."""
    roles = [frozenset({role}) for role in Role]
    roles += [frozenset({Role.agent, Role.supervisor}), frozenset({Role.area, Role.liaison}), frozenset()]
    people: list[Actor] = []
    for who, of, area in product(("writer", "accused", "boss", "nobody"), roles, AREAS):
        people.append(
            Actor(
                kind=ActorKind.staff,
                id=ids.get(who, "nobody"),
                roles=of,
                area_id=area,
                queue_ids=frozenset({ids["queue"]}) if area == AREAS[0] else frozenset(),
                dependency_id="SABG" if Role.liaison in of else None,
            )
        )
    people.append(Actor(kind=ActorKind.visitor, id="visitor"))
    return people


async def people(house: TestHouse) -> dict[str, str]:
    ids = {}
    for name in ("writer", "accused", "boss"):
        ids[name] = (await house.staff(name, state=None)).id
    async with house.db.write() as conn:
        await conn.execute(update(users).where(users.c.id == ids["accused"]).values(area_id=AREAS[1]))
        items = await conn.execute(select(users.c.id))
        assert items.all()
    from contact_center.store import work

    async with house.db.read() as conn:
        ids["queue"] = (await work.all_queues(conn))[0].id
    return ids


async def test_no_list_shows_a_petition_that_could_not_be_opened_and_none_hides_one_that_could(
    database_url: str,
) -> None:
    async with open_house(database_url) as house:
        ids = await people(house)
        cases = list(
            product(
                AREAS, BODIES, ("registered", "referred"), (False, True), (None, ids["accused"]), (None, ids["boss"])
            )
        )
        about = list(product(((), ("CEDIS", "SABG")), (None, "SABG")))
        made: list[dict[str, Any]] = []
        for number, ((area, body, state, confidential, accused, responsible), (copies, accused_body)) in enumerate(
            product(cases, about), 1
        ):
            made.append(
                {
                    "folio": f"CEAC-2026-{number:06d}",
                    "year": 2026,
                    "number": number,
                    "kind": "complaint",
                    "medium": "phone",
                    "received_at": house.clock.now(),
                    "requester": {},
                    "confidential": confidential,
                    "accused_user_id": accused,
                    "subject": "Un asunto",
                    "description": "Una descripción",
                    "category": "GA01",
                    "municipality": "26030",
                    "priority": "normal",
                    "area_id": area,
                    "responsible_id": responsible,
                    "dependency_id": body,
                    "copies": list(copies),
                    "accused_dependency_id": accused_body,
                    "state": state,
                    "extra": {},
                    "created_by": ids["writer"],
                    "updated_at": house.clock.now(),
                }
            )
        async with house.db.write() as conn:
            await conn.execute(insert(petition_table), made)
        async with house.db.read() as conn:
            every = await petitions.get_rows(conn, [one["folio"] for one in made])
            assert len(every) == len(cases) * len(about)
            for actor in actors(ids):
                sight = sight_of(actor, "petition.read")
                listed = await petitions.page(conn, sight, petitions.Filters(), after=None, limit=1_000)
                openable = {
                    row.folio for row in every if access.can(actor, "petition.read", petition_scope(row, actor))
                }
                assert {row.folio for row in listed} == openable, actor
                assert await petitions.count(conn, sight, petitions.Filters()) == len(openable)
                one = await petitions.visible_among(conn, sight, [row.folio for row in every])
                assert one == openable


async def test_no_list_shows_a_contact_that_could_not_be_opened_and_none_hides_one_that_could(
    database_url: str,
) -> None:
    async with open_house(database_url) as house:
        ids = await people(house)
        cases = list(
            product(AREAS, (False, True), (None, ids["accused"]), ("waiting", "held", None), (None, ids["boss"]))
        )
        async with house.db.write() as conn:
            for number, (area, restricted, accused, item, had) in enumerate(cases):
                await conn.execute(
                    insert(interactions).values(
                        id=f"contact-{number:03d}",
                        channel="web_chat",
                        direction="inbound",
                        area_id=area,
                        queue_id=ids["queue"],
                        agent_id=had,
                        started_at=house.clock.now(),
                        state="pending",
                        flags=[],
                        restricted=restricted,
                        accused_user_id=accused,
                    )
                )
                if item is not None:
                    await conn.execute(
                        insert(work_items).values(
                            id=f"item-{number:03d}",
                            kind="conversation",
                            interaction_id=f"contact-{number:03d}",
                            channel="web_chat",
                            direction="inbound",
                            queue_id=ids["queue"],
                            state=item,
                            priority="normal",
                            flags=[],
                            skills=[],
                            visited_queue_ids=[],
                            declined=[],
                            enqueued_at=house.clock.now(),
                            queued_at=house.clock.now(),
                            since=house.clock.now(),
                            owner_id=ids["writer"] if item == "held" else None,
                        )
                    )
                    await _part(conn, house, number, ids["queue"], ids["writer"]) if item == "held" else None
                if had is not None:
                    await _part(conn, house, number, ids["queue"], had, epoch=2)
        async with house.db.read() as conn:
            every = {}
            for number in range(len(cases)):
                row = await register.get_contact(conn, f"contact-{number:03d}")
                every[f"contact-{number:03d}"] = (row, await register.holders_of(conn, f"contact-{number:03d}"))
            for actor in actors(ids):
                for action in ("conversation.read", "capture.read"):
                    sight = sight_of(actor, action)
                    listed = await register.page(conn, sight, register.Filters(), after=None, limit=1_000)
                    openable = {
                        key
                        for key, (row, holders) in every.items()
                        if access.can(actor, action, contact_scope(row, holders, actor))
                    }
                    assert {row.id for row in listed} == openable, (action, actor)
                    assert await register.count(conn, sight, register.Filters(), limit=1_000) == len(openable)


async def _part(conn: Any, house: TestHouse, number: int, queue: str, agent: str, epoch: int = 1) -> None:
    await conn.execute(
        insert(segments).values(
            id=f"segment-{number:03d}-{epoch}",
            interaction_id=f"contact-{number:03d}",
            work_item_id=f"item-{number:03d}",
            agent_id=agent,
            queue_id=queue,
            epoch=epoch,
            started_at=house.clock.now(),
        )
    )
