"""Signing in, second factors, and the end of sessions, through the real application."""

from statistics import median
from time import perf_counter

import pytest

from contact_center.actions.accounts import Sweep
from contact_center.actions.kernel import SYSTEM
from contact_center.rules.model import Role
from contact_center.store import people
from contact_center.web.auth import hash_token
from tests.support.house import TestHouse, open_house
from tests.support.signed_in import (
    PASSWORD,
    SECRET,
    client_of,
    code_at,
    desk,
    limited_app,
    open_desk,
    sign_in_as,
    with_password,
)


async def test_a_right_password_opens_a_session_whose_token_is_stored_only_as_a_hash(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await with_password(house, "ana")
        async with client_of(house) as browser:
            answer = await sign_in_as(browser, "Ana")
            assert answer.status_code == 200
            cookie = answer.headers["set-cookie"]
            assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
            token = browser.cookies["session"]
            me = (await browser.get("/api/v1/session")).json()["me"]
            assert (me["id"], me["roles"], me["must_enrol_totp"]) == (ana.id, ["agent"], False)
            assert "conversation.reply" in me["can"] and "admin.users" not in me["can"]
        async with house.db.read() as conn:
            session = await people.session_by_token(conn, hash_token(token))
            assert session is not None and session.staff.id == ana.id


async def test_over_https_the_cookie_is_bound_to_the_host(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        await with_password(house, "ana")
        app = limited_app(house, public_url="https://chat.example.org")
        headers = {"host": "chat.example.org", "origin": "https://chat.example.org"}
        async with client_of(house, app, **headers) as browser:
            answer = await sign_in_as(browser, "ana")
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-session=") and "Secure" in cookie and "Domain" not in cookie
            assert "max-age=63072000" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("username", ["ana", "nobody"])
async def test_a_wrong_password_and_an_unknown_name_are_answered_the_same(database_url: str, username: str) -> None:
    async with open_house(database_url) as house:
        await with_password(house, "ana")
        async with client_of(house) as browser:
            answer = await sign_in_as(browser, username, "not the password")
            assert answer.status_code == 401
            assert answer.json() == {"error": {"code": "bad_credentials", "message": "Sign in first."}}
            assert "set-cookie" not in answer.headers


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        for number in range(6):
            await with_password(house, f"ana{number}")
        times: dict[str, list[float]] = {"ana": [], "nobody": []}
        async with client_of(house) as browser:
            for number in range(6):
                for name, taken in times.items():
                    started = perf_counter()
                    await sign_in_as(browser, f"{name}{number}", "not the password")
                    taken.append(perf_counter() - started)
        known, unknown = median(times["ana"]), median(times["nobody"])
        assert unknown > known / 2, "an unknown name is answered without hashing"


async def test_guessing_is_slowed_down_and_never_locks_for_ever(database_url: str) -> None:
    async with open_house(database_url) as house:
        await with_password(house, "ana")
        async with client_of(house) as browser:
            for _ in range(5):
                assert (await sign_in_as(browser, "ana", "wrong")).status_code == 401
            slowed = await sign_in_as(browser, "ana")
            assert slowed.status_code == 429
            assert slowed.json()["error"]["code"] == "too_many"
            assert int(slowed.headers["retry-after"]) == slowed.json()["error"]["retry_after_s"] == 10
            house.clock.advance(10)
            assert (await sign_in_as(browser, "ana")).status_code == 200


async def test_an_unknown_name_is_slowed_down_like_a_known_one(database_url: str) -> None:
    async with open_house(database_url) as house:
        async with client_of(house) as browser:
            answers = [await sign_in_as(browser, "nobody", "wrong") for _ in range(6)]
        assert [one.status_code for one in answers] == [401] * 5 + [429]


async def test_a_script_gets_at_most_ten_guesses_a_minute_at_one_account(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        await with_password(house, "ana")
        guesses = 0
        async with client_of(house) as browser:
            for second in range(150):
                browser._transport.client = (f"10.1.{second}.3", 5000)  # type: ignore[attr-defined]
                guesses += (await sign_in_as(browser, "ana", "wrong")).status_code == 401
                house.clock.advance(4)
        assert guesses <= 20, "more than two guesses a minute over ten minutes, whatever the address"


async def test_many_accounts_from_one_address_are_slowed_down_too(database_url: str) -> None:
    async with open_house(database_url) as house:
        async with client_of(house) as browser:
            answers = [(await sign_in_as(browser, f"user{n}", "wrong")).status_code for n in range(22)]
        assert answers == [401] * 20 + [429] * 2


async def test_the_second_factor_is_asked_for_and_each_code_works_once(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await with_password(house, "ana", Role.supervisor)
        async with house.db.write() as conn:
            await people.change_user(conn, ana.id, totp_secret=SECRET, totp_confirmed=True)
        async with client_of(house) as browser:
            asked = await sign_in_as(browser, "ana")
            assert (asked.status_code, asked.json()["error"]["code"]) == (401, "totp_required")
            assert "set-cookie" not in asked.headers
            wrong = await sign_in_as(browser, "ana", totp="000000")
            assert wrong.json()["error"]["code"] == "totp_wrong"
            assert (await sign_in_as(browser, "ana", totp=code_at(house))).status_code == 200
            again = await sign_in_as(browser, "ana", totp=code_at(house))
            assert (again.status_code, again.json()["error"]["code"]) == (401, "totp_wrong")
            house.clock.advance(30)
            assert (await sign_in_as(browser, "ana", totp=code_at(house))).status_code == 200


async def test_a_supervisor_without_a_second_factor_can_do_nothing_but_enrol(database_url: str) -> None:
    async with open_house(database_url) as house:
        eva = await with_password(house, "eva", Role.supervisor)
        async with client_of(house) as browser:
            first = (await sign_in_as(browser, "eva")).json()
            assert first["me"]["must_enrol_totp"] is True
            browser.headers["x-csrf-token"] = first["csrf"]
            refused = await browser.get("/api/v1/console/snapshot")
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "finish_sign_in")
            made = (await browser.post("/api/v1/session/totp/start")).json()
            assert made["uri"].startswith("otpauth://totp/") and made["svg"].startswith("<svg")
            assert (await browser.post("/api/v1/session/totp/confirm", json={"code": "000000"})).status_code == 400
            before = browser.cookies["session"]
            code = {"code": code_at(house, secret=made["secret"])}
            codes = (await browser.post("/api/v1/session/totp/confirm", json=code)).json()["recovery_codes"]
            assert len(set(codes)) == 8
            assert browser.cookies["session"] != before, "the token has to change when rights grow"
            assert (await browser.get("/api/v1/reference")).status_code == 200
            async with client_of(house) as old:
                old.cookies.set("session", before)
                assert (await old.get("/api/v1/session")).status_code == 401
        async with house.db.read() as conn:
            staff = await people.find(conn, eva.id)
            assert staff is not None and not set(codes) & set(staff.recovery_hashes)
        async with client_of(house) as browser:
            assert (await sign_in_as(browser, "eva", totp=codes[0].upper())).status_code == 200
            used = await sign_in_as(browser, "eva", totp=codes[0])
            assert used.json()["error"]["code"] == "totp_wrong"


async def test_a_new_password_has_to_be_good_and_ends_the_other_sessions(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await with_password(house, "ana")
        async with house.db.read() as conn:
            staff = await people.find(conn, ana.id)
        assert staff is not None
        other = await open_desk(house, ana, staff.password_hash)
        async with client_of(house) as browser:
            browser.headers["x-csrf-token"] = (await sign_in_as(browser, "ana")).json()["csrf"]
            for new, code in {
                "corta": "weak_password",
                "123456789012": "weak_password",
                "Bienvenido2026!": "breached_password",
                PASSWORD: "weak_password",
            }.items():
                answer = await browser.post("/api/v1/session/password", json={"current": PASSWORD, "new": new})
                assert (answer.status_code, answer.json()["error"]["code"]) == (400, code), new
            wrong = await browser.post("/api/v1/session/password", json={"current": "x", "new": "siete perros azules"})
            assert wrong.json()["error"]["code"] == "wrong_password"
            done = await browser.post(
                "/api/v1/session/password", json={"current": PASSWORD, "new": "siete perros azules"}
            )
            assert done.status_code == 204
            assert (await browser.get("/api/v1/session")).status_code == 200
            assert (await other.get("/api/v1/session")).status_code == 401
            assert (await sign_in_as(browser, "ana")).status_code == 401
            assert (await sign_in_as(browser, "ana", "siete perros azules")).status_code == 200


async def test_after_signing_out_the_same_cookie_opens_nothing(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await desk(house, "ana")
        token = ana.client.cookies["session"]
        assert (await ana.delete("/api/v1/session")).status_code == 204
        ana.client.cookies.set("session", token)
        assert (await ana.get("/api/v1/session")).status_code == 401
        refused = await ana.command("agent.set_state", state="available")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_signed_in")


async def test_signing_in_never_takes_over_a_token_that_was_planted(database_url: str) -> None:
    async with open_house(database_url) as house:
        await with_password(house, "ana")
        async with client_of(house) as browser:
            browser.cookies.set("session", "planted-by-somebody-else")
            await sign_in_as(browser, "ana")
            tokens = [cookie.value for cookie in browser.cookies.jar]
            assert any(token != "planted-by-somebody-else" for token in tokens)
        async with client_of(house) as attacker:
            attacker.cookies.set("session", "planted-by-somebody-else")
            assert (await attacker.get("/api/v1/session")).status_code == 401


async def test_an_idle_session_ends_and_so_does_an_old_one(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await desk(house, "ana")
        for _ in range(3):
            house.clock.advance(29 * 60)
            assert (await ana.get("/api/v1/session")).status_code == 200
        house.clock.advance(30 * 60)
        assert (await ana.get("/api/v1/session")).status_code == 401
        eva = await desk(house, "eva")
        for _ in range(26):
            house.clock.advance(28 * 60)
            last = (await eva.get("/api/v1/session")).status_code
        assert last == 401, "twelve hours are over"


async def ended(house: TestHouse, user_id: str) -> list[str]:
    """Why sessions of somebody ended, as the live feed is told."""
    from contact_center.store import events

    await house.settle()
    async with house.db.read() as conn:
        return [
            one.data["reason"]
            for one in await events.since(conn, 0, 5_000)
            if one.type == "session.ended" and one.user_id == user_id
        ]


async def test_the_sweep_ends_what_ran_out_and_tells_the_live_feed(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await desk(house, "ana")
        await house.writer.submit(SYSTEM, "session.sweep", Sweep())
        assert await ended(house, ana.actor.id) == []
        house.clock.advance(31 * 60)
        await house.writer.submit(SYSTEM, "session.sweep", Sweep())
        await house.writer.submit(SYSTEM, "session.sweep", Sweep())
        assert await ended(house, ana.actor.id) == ["ran_out"]


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("user.disable", {}),
        ("user.reset_password", {}),
        ("user.reset_totp", {}),
        ("user.save", {"username": "ana", "name": "Ana Prueba", "roles": ["agent", "area"]}),
    ],
)
async def test_whatever_takes_rights_away_ends_the_sessions_and_cuts_the_socket(
    database_url: str, verb: str, fields: dict[str, object]
) -> None:
    async with open_house(database_url) as house:
        root = await desk(house, "root", Role.systems)
        ana = await desk(house, "ana")
        ear = house.watch_as(ana.actor)
        key = {"id": ana.actor.id} if verb == "user.save" else {"user_id": ana.actor.id}
        await root.must(verb, **key, **fields)
        assert len(await ended(house, ana.actor.id)) == 1
        assert (await ana.get("/api/v1/session")).status_code == 401
        assert ear.closed is not None and ear.closed[0] == 4401
