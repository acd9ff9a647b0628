"""Systems and supervisors manage the house: people, areas, queues, hours, replies, topics, texts, sites, settings."""

from typing import Any

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.setup import SetUp, shipped_texts
from contact_center.rules.model import Role
from contact_center.store import admin, people
from contact_center.store import texts as text_store
from tests.support.house import open_house
from tests.support.signed_in import Desk, client_of, desk, sign_in_as

NEW = {"username": "beto", "name": "Beto Prueba Dos", "roles": ["agent"], "area_id": "03.07.02.01"}


async def rows(desk_of: Desk, name: str) -> list[dict[str, Any]]:
    answer = await desk_of.get(f"/api/v1/admin/{name}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


async def refusal(desk_of: Desk, verb: str, /, **fields: Any) -> tuple[int, str, dict[str, str]]:
    answer = await desk_of.command(verb, **fields)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("fields", {})


async def queue_id(desk_of: Desk, name: str = "Chat Sonora") -> str:
    return next(str(row["id"]) for row in await rows(desk_of, "queues") if row["name"] == name)


async def test_a_new_member_of_staff_gets_a_password_once_and_has_to_change_it(database_url: str) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        queues = [{"queue_id": await queue_id(root), "level": 2}]
        made = await root.command("user.save", "one-client-id", **NEW, queues=queues)
        result = made.json()["result"]
        assert (result["user"]["queues"], result["user"]["display_name"]) == (queues, "Beto Prueba")
        again = await root.command("user.save", "one-client-id", **NEW, queues=queues)
        assert (again.json()["result"]["user"]["id"], again.json()["result"]["password"]) == (
            result["user"]["id"],
            None,
        )
        async with house.db.read() as conn:
            stored = str((await conn.exec_driver_sql("SELECT * FROM commands")).all())
        assert result["password"] not in stored, "the password is kept nowhere"
        async with client_of(house) as browser:
            signed = await sign_in_as(browser, "beto", result["password"])
            assert signed.json()["me"]["must_change_password"] is True
            assert (await browser.get("/api/v1/reference")).json()["error"]["code"] == "finish_sign_in"


MISFITS: list[tuple[dict[str, Any], int, str, str]] = [
    ({"username": "ROOT"}, 409, "username_taken", "username"),
    ({"username": "ro ot"}, 400, "invalid", "username"),
    ({"username": "<script>"}, 400, "invalid", "username"),
    ({"username": "a\u202eb"}, 400, "invalid", "username"),
    ({"name": "\u200b\u200b"}, 400, "invalid", "name"),
    ({"roles": ["agent", "auditor"]}, 400, "invalid", "roles"),
    ({"roles": []}, 422, "wrong_type", "roles"),
    ({"roles": ["king"]}, 422, "wrong_type", "roles.0"),
    ({"area_id": "99.99"}, 400, "invalid", "area_id"),
    ({"queues": [{"queue_id": "none"}]}, 400, "invalid", "queues"),
    ({"email": "not an address"}, 400, "invalid", "email"),
    ({"languages": ["klingon"]}, 400, "invalid", "languages"),
    ({"capacity_chat": -1}, 422, "wrong_type", "capacity_chat"),
    ({"password_hash": "x"}, 422, "unknown_field", "password_hash"),
    ({"_password_hash": "x"}, 422, "unknown_field", "_password_hash"),
    ({"must_change_password": False}, 422, "unknown_field", "must_change_password"),
]


async def test_a_member_of_staff_that_cannot_be_is_refused_by_field(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        root = await desk(house, "root", Role.systems)
        for change, status, code, field in MISFITS:
            found = await refusal(root, "user.save", **{**NEW, **change})
            assert found[:2] == (status, code) and field in found[2], (change, found)
        assert [row["username"] for row in await rows(root, "users")] == ["root"], "nothing half written"


async def test_names_that_fold_alike_cannot_both_sign_in(database_url: str) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        await root.must("user.save", **{**NEW, "username": "straße"})
        assert (await refusal(root, "user.save", **{**NEW, "username": "STRASSE"}))[1] == "username_taken"
        await root.must("user.save", **{**NEW, "username": "admin"})
        assert (await refusal(root, "user.save", **{**NEW, "username": "аdmin"}))[1] == "username_taken"


async def test_somebody_can_always_manage_the_others(database_url: str) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        me = {"id": root.actor.id, "username": "root", "name": "Root Prueba"}
        assert (await refusal(root, "user.disable", user_id=root.actor.id))[1] == "not_yourself"
        assert (await refusal(root, "user.save", **me, roles=["agent"]))[1] == "last_systems_user"
        other = await desk(house, "other", Role.systems)
        await other.must("user.disable", user_id=root.actor.id)
        self_demotion = {**me, "id": other.actor.id, "username": "other", "roles": ["agent"]}
        assert (await refusal(other, "user.save", **self_demotion))[1] == "last_systems_user"
        assert (await root.get("/api/v1/session")).status_code == 401
        await other.must("user.disable", user_id=root.actor.id, disabled=False)


async def test_who_changes_a_queue_sends_its_members_a_fresh_start(database_url: str) -> None:
    async with open_house(database_url) as house:
        root, ana = await desk(house, "root", Role.systems), await desk(house, "ana")
        queue = next(row for row in await rows(root, "queues") if row["name"] == "Recados")
        ear, others = house.watch_as(ana.actor), house.watch_as(root.actor)
        fields = {key: queue[key] for key in ("id", "name", "area_id", "calendar_id")}
        members = [{"user_id": root.actor.id, "level": 1}]
        saved = (await root.must("queue.save", **fields, target_s=120, members=members))["queue"]
        assert (saved["target_s"], saved["members"]) == (120, members)
        await house.settle()
        assert {"queue.changed", "reference.changed"} <= set(others.types())
        assert {"type": "resync", "reason": "access_changed"} in ear.frames, "what ana may see has changed"
        left = {await queue_id(root), await queue_id(root, "Línea telefónica")}
        assert set((await ana.get("/api/v1/session")).json()["me"]["queues"]) == left


IMPOSSIBLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("area.save", {"id": "x", "name": "X"}, "invalid", "id"),
    ("area.save", {"id": "03.07.09", "name": "X", "parent_id": "99.99"}, "invalid", "parent_id"),
    ("area.save", {"id": "03.07", "name": "X", "parent_id": "03.07.02.01"}, "invalid", "parent_id"),
    ("hours.save", {"name": "X", "week": {"mon": [["15:00", "15:00"]]}}, "invalid", "week"),
    ("hours.save", {"name": "X", "week": {"mon": [["08:00", "12:00"], ["11:00", "15:00"]]}}, "invalid", "week"),
    ("hours.save", {"name": "X", "week": {}, "zone": "America/../etc"}, "invalid", "zone"),
    ("hours.save", {"name": "X", "week": {"lunes": []}}, "wrong_type", "week.lunes.[key]"),
    ("hours.save", {"name": "X", "week": {"mon": [["8am", "3pm"]]}}, "wrong_type", "week.mon.0.0"),
    (
        "closure.save",
        {"kind": "holiday", "name": "X", "starts_on": "2026-12-25", "ends_on": "2026-12-24"},
        "invalid",
        "ends_on",
    ),
    (
        "closure.save",
        {"kind": "holiday", "name": "X", "starts_on": "2026-02-30", "ends_on": "2026-03-01"},
        "invalid",
        "starts_on",
    ),
    ("reply.save", {"shortcut": "no spaces", "title": "X", "text": "Y"}, "invalid", "shortcut"),
    ("reply.save", {"shortcut": "ok", "title": "X", "text": "\u200b"}, "invalid", "text"),
    ("category.save", {"code": "sp1", "group_name": "X", "name": "Y", "kind": "petition"}, "invalid", "code"),
    ("setting.save", {"key": "brand_accent", "value": "red"}, "invalid", "value"),
    ("setting.save", {"key": "agent_grace_s", "value": "60"}, "invalid", "value"),
    ("setting.save", {"key": "invented", "value": 1}, "invalid", "invented"),
    ("text.save", {"key": "cierre", "locale": "es", "value": "  "}, "invalid", "value"),
    ("text.save", {"key": "encuesta", "locale": "es", "value": "una"}, "invalid", "value"),
    ("text.save", {"key": "cierre", "locale": "es", "value": "{7*7} {nombre}"}, "placeholders", "value"),
    ("text.save", {"key": "folio_generado", "locale": "es", "value": "{folio}"}, "placeholders", "value"),
    *(
        ("site.save", {"name": "X", "origin": origin}, "invalid", "origin")
        for origin in (
            "https://x.gob.mx/path",
            "https://*.gob.mx",
            "*",
            "javascript:alert(1)",
            "https://x.gob.mx; script-src *",
            "https://user@x.gob.mx",
            "https://x.gob.mx:99999",
            "null",
        )
    ),
]


async def test_what_cannot_be_is_refused_by_field(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        root = await desk(house, "root", Role.systems)
        for verb, fields, code, field in IMPOSSIBLE:
            found = await refusal(root, verb, **fields)
            assert found[0] in (400, 422) and found[1] == code and field in found[2], (verb, fields, found)


async def test_what_is_saved_is_shown_and_the_consoles_are_told(database_url: str) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        ear = house.watch_as(root.actor)
        area = (await root.must("area.save", id="03.07.04", name="Nueva área", parent_id="03.07"))["area"]
        assert area in await rows(root, "areas")
        week = {"mon": [["08:00", "12:00"], ["13:00", "18:00"]], "sat": [["22:00", "02:00"]]}
        hours = (await root.must("hours.save", name="Guardias", week=week))["hours"]
        closure = await root.must(
            "closure.save", kind="guard", name="Guardia", starts_on="2026-12-24", ends_on="2026-12-24",
            ranges=[["09:00", "12:00"]], calendar_id=hours["id"],
        )  # fmt: skip
        shown = next(row for row in await rows(root, "hours") if row["id"] == hours["id"])
        assert (shown["week"], shown["closures"][0]["id"]) == (week, closure["closure"]["id"])
        await root.must("closure.delete", id=closure["closure"]["id"])
        assert (await refusal(root, "closure.delete", id=closure["closure"]["id"]))[:2] == (404, "missing")
        reply = (await root.must("reply.save", shortcut="/Hola", title="Saludo", text="Hola {nombre_agente}"))["reply"]
        assert reply["shortcut"] == "hola" and reply in await rows(root, "replies")
        assert (await refusal(root, "reply.save", shortcut="hola", title="X", text="Y"))[1] == "shortcut_taken"
        category = {"code": "ZZ01", "group_name": "Otros", "name": "Prueba", "kind": "petition", "keywords": ["Prueba"]}
        assert (await root.must("category.save", **category))["category"]["keywords"] == ["prueba"]
        text = (await root.must("text.save", key="cierre", locale="es", value="Hasta luego."))["text"]
        assert (text["value"], text["version"]) == ("Hasta luego.", 2)
        async with house.db.read() as conn:
            assert await text_store.render(conn, "cierre", "es") == "Hasta luego."
        site = (await root.must("site.save", origin="HTTPS://WWW.Sonora.gob.mx:443", name="Portal"))["site"]
        assert site["origin"] == "https://www.sonora.gob.mx"
        assert (await refusal(root, "site.save", origin=site["origin"], name="Otra"))[1] == "site_taken"
        await root.must("site.delete", id=site["id"])
        assert (await root.must("setting.save", key="long_wait_s", value=200))["setting"]["value"] == 200
        await house.settle()
        told = [event["what"] for event in ear.events if event["type"] == "reference.changed"]
        assert told == [
            *("areas", "hours", "hours", "hours", "replies", "categories", "texts", "sites", "sites", "settings")
        ]


async def test_a_channel_starts_in_one_queue_only(database_url: str) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        chat = next(row for row in await rows(root, "queues") if row["name"] == "Chat Sonora")
        new = {"name": "Otra", "area_id": chat["area_id"], "calendar_id": chat["calendar_id"]}
        assert (await refusal(root, "queue.save", **new, channels=["web_chat"]))[:2] == (409, "channel_taken")
        made = (await root.must("queue.save", **new, overflow_queue_id=chat["id"], overflow_after_s=60))["queue"]
        loop = {"id": made["id"], "overflow_queue_id": made["id"], "overflow_after_s": 60}
        assert (await refusal(root, "queue.save", **new, **loop))[2] == {"overflow_queue_id": "invalid"}


async def test_a_supervisor_manages_replies_and_topics_and_nothing_else(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        eva = await desk(house, "eva", Role.supervisor)
        await eva.must("reply.save", shortcut="hola", title="Saludo", text="Hola")
        for verb in ("user.save", "area.save", "queue.save", "hours.save", "text.save", "site.save", "setting.save"):
            assert (await refusal(eva, verb))[:2] == (403, "denied")


async def test_setting_up_again_adds_nothing_and_takes_back_no_change(database_url: str) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        await root.must("area.save", id="03.07", name="Nuestro nombre")
        await root.must("text.save", key="cierre", locale="es", value="Hasta luego.")
        before = {name: await rows(root, name) for name in ("areas", "queues", "hours", "texts", "categories")}
        assert await house.writer.submit(SYSTEM, "house.set_up", SetUp()) == {}
        assert before == {name: await rows(root, name) for name in before}
        assert (len(before["areas"]), len(before["categories"])) == (11, 60)


def test_every_text_exists_in_both_languages_with_the_same_placeholders() -> None:
    shipped = shipped_texts()
    assert shipped["es"].keys() == shipped["en"].keys()
    for key, value in shipped["es"].items():
        assert admin.placeholders(value) == admin.placeholders(shipped["en"][key]), key
        assert type(value) is type(shipped["en"][key])


async def test_the_reference_tables_are_answered_once_and_then_not_modified(database_url: str) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        first = await root.get("/api/v1/reference")
        tables = first.json()
        assert len(tables["municipalities"]) == 73 and tables["municipalities"][-1]["key"] == "00000"
        assert {"kinds", "media", "dispositions", "staff", "languages", "emergency_lines"} <= tables.keys()
        assert {row["code"] for row in tables["kinds"]} >= {"petition", "complaint"}
        again = await root.get("/api/v1/reference", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        await root.must("user.save", **NEW)
        changed = await root.get("/api/v1/reference", headers={"if-none-match": first.headers["etag"]})
        assert changed.status_code == 200 and len(changed.json()["staff"]) == 2


async def test_the_first_user_needs_the_token_that_was_printed_and_is_made_once(database_url: str) -> None:
    async with open_house(database_url) as house, client_of(house) as browser:
        house.app.state.setup_token = "printed-token"
        form = {"token": "printed-token", "username": "root", "name": "Rosa Uno", "password": "cuatro caballos verdes"}
        assert (await browser.get("/api/v1/setup")).json() == {"needed": True}
        wrong = await browser.post("/api/v1/setup", json={**form, "token": "guessed"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "setup_token")
        weak = await browser.post("/api/v1/setup", json={**form, "password": "contraseña123"})
        assert weak.json()["error"]["code"] == "breached_password"
        assert (await browser.post("/api/v1/setup", json=form)).status_code == 204
        assert (await browser.get("/api/v1/setup")).json() == {"needed": False}
        assert (await browser.post("/api/v1/setup", json=form)).status_code == 403
        house.app.state.setup_token = "another"
        again = await browser.post("/api/v1/setup", json={**form, "token": "another", "username": "eve"})
        assert (again.status_code, again.json()["error"]["code"]) == (409, "set_up_already")
        signed = (await sign_in_as(browser, "root")).json()["me"]
        assert (signed["roles"], signed["must_enrol_totp"]) == (["systems"], True)
        async with house.db.read() as conn:
            assert await people.count_users(conn) == 1
