"""The registers of calls through their doors: figures equal their rows in every order, and each sees the own part."""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import update

from contact_center.reports.definitions import CALLS, REGISTERS, TRANSFERS
from contact_center.rules.model import Role
from contact_center.store.schema import calls, interactions, users
from tests.support import calls as day
from tests.support.house import TestHouse, open_house
from tests.support.signed_in import Desk, closing, desk, open_desk

WEEK = {"period": "week"}
SORTS = {
    "calls": ("started", "wait", "length", "agent", "result", "purpose"),
    "transfers": ("at", "wait", "answer", "reason"),
    "requests": ("made", "due", "attempts", "result"),
}


async def read(one: Desk, register: str, **query: Any) -> dict[str, Any]:
    answer = await one.get(f"/api/v1/registers/{register}", params={**WEEK, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def every(one: Desk, register: str, limit: int = 2, **query: Any) -> list[dict[str, Any]]:
    """All rows, page by page."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = await read(one, register, limit=limit, after=after, **query)
        rows += page["rows"]
        if page["next"] is None:
            return rows
        after = page["next"]


async def office(house: TestHouse) -> tuple[Desk, dict[str, Desk]]:
    ana, berta = await house.staff("ana"), await house.staff("berta")
    await day.morning(house, ana, berta)
    agents = {"ana": await open_desk(house, ana), "berta": await open_desk(house, berta)}
    return await desk(house, "sofia", Role.supervisor), agents


def tally(rows: Iterable[dict[str, Any]], **where: Any) -> int:
    return sum(all(row[key] == value for key, value in where.items()) for row in rows)


async def test_the_figures_of_the_calls_are_counted_from_exactly_the_rows_shown(database_url: str) -> None:
    async with open_house(database_url) as house:
        sofia, _ = await office(house)
        async with closing(sofia):
            whole = await read(sofia, "calls")
            rows, n = await every(sofia, "calls"), whole["figures"]
            assert whole["balances"] and whole["total"] == len(rows) == len({row["id"] for row in rows})
            assert n["received"] == tally(rows, direction="inbound") == 8
            assert n["answered"] == tally(rows, outcome="answered") == 6
            assert n["abandoned"] == tally(rows, outcome="abandoned") == 2
            assert n["dropped"] == tally(rows, result="dropped") == 1
            assert n["made"] == tally(rows, direction="outbound") == n["made_inform"] == 3
            assert (n["reached"], n["not_reached"]) == (tally(rows, outcome="reached"), 2)
            assert n["with_folio"] == sum(bool(row["folios"]) for row in rows)
            assert n["attention_rate"] == pytest.approx(6 / 8)
            over = [
                row["length_s"]
                for row in rows
                if row["outcome"] in ("answered", "reached") and row["length_s"] is not None
            ]
            assert n["mean_length_s"] == pytest.approx(sum(over) / len(over))
            waits = [row["wait_s"] for row in rows if row["outcome"] == "answered" and row["wait_s"] is not None]
            assert n["mean_wait_s"] == pytest.approx(sum(waits) / len(waits))
            topics = {row["topic"] for row in rows}
            assert {"AG01", "SP01", None} <= topics
            assert next(row for row in rows if row["folios"])["municipality"] == "26030"
            assert all(row["number"] is None or "•" in row["number"] for row in rows)


@pytest.mark.parametrize("name", ["calls", "transfers"])
async def test_every_figure_opens_the_rows_it_counts_and_groups_add_up(database_url: str, name: str) -> None:
    async with open_house(database_url) as house:
        sofia, _ = await office(house)
        async with closing(sofia):
            whole = await read(sofia, name)
            for figure in REGISTERS[name].figures:
                if figure.where is not None:
                    opened = await read(sofia, name, **figure.where)
                    assert opened["total"] == whole["figures"][figure.key] == len(opened["rows"]), figure.key
            for grouping in REGISTERS[name].groupings:
                found = await read(sofia, name, by=grouping.key)
                first = REGISTERS[name].group_figures[0]
                assert sum(one["figures"][first] for one in found["groups"]) == whole["total"], grouping.key
                assert found["figures"] == whole["figures"]
                for one in found["groups"]:
                    where = opening(grouping.key, grouping.filter, one["key"])
                    assert (await read(sofia, name, **where))["total"] == one["figures"][first], grouping.key


def opening(by: str, name: str, key: Any) -> dict[str, Any]:
    """The filter that a group opens with, as the screen makes it."""
    if by == "matrix":
        return {"from_area": key[0], "to_area": key[1]}
    if by == "day":
        return {"period": "range", "from": key, "to": key}
    return {name: "none" if key is None else key}


@pytest.mark.parametrize("name", ["calls", "transfers"])
async def test_pages_in_any_order_give_each_row_once(database_url: str, name: str) -> None:
    async with open_house(database_url) as house:
        sofia, _ = await office(house)
        async with closing(sofia):
            ids = {row["id"] for row in (await read(sofia, name, limit=200))["rows"]}
            for sort in SORTS[name]:
                up = [row["id"] for row in await every(sofia, name, sort=sort, descending="0")]
                down = [row["id"] for row in await every(sofia, name, limit=3, sort=sort, descending="1")]
                assert len(up) == len(down) == len(ids) and set(up) == set(down) == ids, sort


async def test_a_transfer_is_listed_with_both_sides_and_marked_by_a_supervisor(database_url: str) -> None:
    async with open_house(database_url) as house:
        sofia, agents = await office(house)
        async with closing(sofia, *agents.values()):
            rows = await every(sofia, "transfers")
            taken = next(row for row in rows if row["answer"] == "accepted")
            assert (taken["from_agent"], taken["to_agent"]) == (agents["ana"].actor.id, agents["berta"].actor.id)
            assert (taken["kind"], taken["reason"], taken["answer_s"], taken["verified_by"]) == (
                "cold",
                "specialist",
                12,
                None,
            )
            refused = await agents["ana"].command("transfer.verify", transfer_id=taken["id"])
            assert refused.status_code == 403
            await sofia.must("transfer.verify", transfer_id=taken["id"])
            figures = (await read(sofia, "transfers"))["figures"]
            assert (figures["verified"], figures["unverified"], figures["refused"]) == (1, len(rows) - 1, 1)
            marked = await every(sofia, "transfers", verified="yes")
            assert [row["verified_by"] for row in marked] == [sofia.actor.id]


async def test_each_lists_the_own_calls_the_own_part_of_the_house_or_all_of_it(database_url: str) -> None:
    async with open_house(database_url) as house:
        sofia, agents = await office(house)
        everything = (await read(sofia, "calls"))["total"]
        people: dict[str, Desk] = {}
        for name, role, area in (
            ("elsewhere", Role.supervisor, "03.07.01"),
            ("dg", Role.director, "03.07.02"),
            ("dg_of_others", Role.director, "03.07.03"),
            ("head", Role.coordination, "03.07"),
            ("raul", Role.systems, "03.07.00.01.01"),
        ):
            someone = await desk(house, name, role)
            async with house.db.write() as conn:
                await conn.execute(update(users).where(users.c.id == someone.actor.id).values(area_id=area))
            people[name] = someone
        async with closing(sofia, *agents.values(), *people.values()):
            seen = {name: await every(one, "calls") for name, one in people.items()}
            own = await every(agents["berta"], "calls")
            assert {row["agent"] for row in own} == {agents["ana"].actor.id, agents["berta"].actor.id}
            assert len(own) == 2  # the one that was dropped, and the one that came to her
            assert (len(seen["elsewhere"]), len(seen["dg_of_others"])) == (0, 0)
            assert len(seen["dg"]) == len(seen["head"]) == len(seen["raul"]) == everything
            assert all(row["label"] is None and row["number"] is None for row in seen["raul"])
            assert any(row["label"] for row in seen["dg"])
            hidden = next(
                row for row in seen["head"] if row["agent"] == agents["berta"].actor.id and row["result"] == "dropped"
            )
            assert (await agents["ana"].get(f"/api/v1/interactions/{hidden['interaction']}")).status_code == 404
            whole = (await agents["berta"].get(f"/api/v1/interactions/{hidden['interaction']}")).json()
            assert [one["state"] for one in whole["calls"]] == ["dropped"]
            assert [one["agent"] for one in whole["parts"]] == [agents["berta"].actor.id]


async def test_an_empty_period_has_figures_without_a_denominator(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        sofia = await desk(house, "sofia", Role.supervisor)
        async with closing(sofia):
            for name in REGISTERS:
                found = await read(sofia, name, period="year", back=3)
                assert (found["rows"], found["next"], found["total"], found["balances"]) == ([], None, 0, True)
                assert all(value in (0, None) for value in found["figures"].values())
                assert any(value is None for value in found["figures"].values())


BAD = [
    {"query_operator": "OR 1=1 --"},
    {"sort": "name; DROP TABLE calls"},
    {"q": "%" * 10_000},
    {"agent": '{"$gt": ""}'},
    {"agent[$gt]": "x"},
    {"limit": "-1"},
    {"limit": "1000000000"},
    {"limit": "1e309"},
    {"limit": "NaN"},
    {"back": "-1"},
    {"hour": "24"},
    {"period": "range"},
    {"period": "range", "from": "2026-13-01"},
    {"period": "range", "from": "1790000000"},
    {"period": "range", "from": "2026-11-24", "to": "2026-11-01"},
    {"period": "range", "from": "1990-01-01", "to": "2026-11-01"},
    {"by": "agent_id) --"},
    {"after": "no-cursor"},
    {"after": "WzEsMiwzXQ=="},
    {"sort": "agent", "after": "WzEsMiwiYSJd"},
    {"descending": "maybe"},
    {"topic": "SP01' OR '1'='1"},
]


async def test_what_is_no_choice_of_the_register_is_refused(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        sofia = await desk(house, "sofia", Role.supervisor)
        async with closing(sofia):
            for query in BAD:
                answer = await sofia.get("/api/v1/registers/calls", params=query)
                assert answer.status_code in (400, 422), (query, answer.text)
            for text in ('NEAR( " * ', "%%%", "_", "'; DROP TABLE calls; --", "\\"):
                answer = await sofia.get("/api/v1/registers/calls", params={"q": text})
                assert (answer.status_code, answer.json()["total"]) == (200, 0), text
            same = (await sofia.get("/api/v1/registers/calls", params=[("limit", "1"), ("limit", "2")])).status_code
            assert same == 422


def test_each_definition_says_a_formula_for_every_figure_in_both_languages() -> None:
    for register in (CALLS, TRANSFERS):
        keys = [one.key for one in register.figures]
        assert len(set(keys)) == len(keys)
        assert all(one.formula_es and one.formula_en and one.label_es and one.label_en for one in register.figures)


async def test_a_missed_call_that_nobody_returns_is_somebodys_work_until_it_is_promised(database_url: str) -> None:
    async with open_house(database_url) as house:
        sofia = await desk(house, "sofia", Role.supervisor)
        ana = await desk(house, "ana")
        async with closing(sofia, ana):
            await day.missed(house, 41)
            async with house.db.write() as conn:  # as one that an exchange's old records brought in
                await conn.execute(update(calls).values(closed_out_at=house.clock.now()))
                known = {"state": "captured", "disposition": "call_abandoned", "no_petition_reason": "citizen_left"}
                await conn.execute(update(interactions).values(**known))
            house.clock.advance(601)
            await house.timers.audit()
            await house.timers.audit()
            work = (await sofia.get("/api/v1/registers/findings")).json()
            (row,) = work["rows"]
            assert (row["kind"], row["agent"], row["result"]) == ("missed_no_callback", None, "abandoned")
            assert work["kinds"] == [{**work["kinds"][0], "kind": "missed_no_callback", "count": 1, "unassigned": 1}]
            assert (await ana.get("/api/v1/registers/findings")).json()["rows"] == []
            await sofia.must("finding.assign", finding_id=row["id"], user_id=ana.actor.id)
            (hers,) = (await ana.get("/api/v1/registers/findings")).json()["rows"]
            assert (hers["id"], hers["number"]) == (row["id"], "662 ••• •041")
            due = int(house.clock.now().timestamp() * 1000) + 3_600_000
            plan = {"reason": "return", "due_at": due, "number": "6620000041", "interaction_id": row["interaction"]}
            await sofia.must("callback.plan", **plan)
            (done,) = (await sofia.get("/api/v1/registers/findings", params={"state": "closed"})).json()["rows"]
            assert done["closed_how"] == "called_back"
            await house.timers.audit()
            assert (await sofia.get("/api/v1/registers/findings")).json()["total"] == 0
            for query in ({"state": "x"}, {"kind": "a'b"}, {"limit": "0"}, {"sort": "kind"}):
                assert (await sofia.get("/api/v1/registers/findings", params=query)).status_code == 422
