"""What every door does with strangers: from where, how much, how often, how broken (PROMISES S5, S6, S15, S17, S29).

One house serves all the cases of a test: opening one takes longer than asking it.
"""

from typing import Any

import httpx2 as httpx

from contact_center.rules.model import Role
from tests.flow.test_web_access import DOORS, address
from tests.support.house import open_house
from tests.support.signed_in import client_of, desk, limited_app

COMMAND = "/api/v1/commands/agent.set_state"
BODY = {"client_id": "one-client-id", "state": "available"}
LOOK_ALIKES = [
    "null",
    "http://evil.example",
    "http://127.0.0.1:8000.evil.example",
    "http://evil.example/?http://127.0.0.1:8000",
    "http://127.0.0.1:8001",
    "https://127.0.0.1:8000",
    "http://127.0.0.1:8000/",
    "http://127.0.0.1:8000@evil.example",
    "http://127.0.0.10:8000",
    "",
]


async def test_a_write_from_another_origin_is_refused(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana")
        for origin in LOOK_ALIKES:
            refused = await ana.post(COMMAND, BODY, headers={"origin": origin})
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "origin"), origin
            login = await ana.client.post("/api/v1/session", json={}, headers={"origin": origin})
            assert login.json()["error"]["code"] == "origin", f"signing somebody in from {origin}"
        for site in ("cross-site", "same-site", "none", "nonsense"):
            refused = await ana.post(COMMAND, BODY, headers={"sec-fetch-site": site})
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "origin"), site


async def test_a_write_needs_the_csrf_token_and_some_proof_of_origin(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana, eva = await desk(house, "ana"), await desk(house, "eva")
        for token in ("", "x", eva.csrf):
            refused = await ana.post(COMMAND, BODY, headers={"x-csrf-token": token})
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf")
        del ana.client.headers["origin"]
        assert (await ana.post(COMMAND, BODY)).json()["error"]["code"] == "origin"
        assert (await ana.post(COMMAND, BODY, headers={"sec-fetch-site": "same-origin"})).status_code == 200


async def test_a_form_of_another_site_cannot_be_a_command(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana")
        raw = b'{"client_id":"one-client-id","state":"available"}'
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            headers = {"x-csrf-token": ana.csrf, "content-type": kind}
            answer = await ana.client.post(COMMAND, content=raw, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_json"), kind


async def test_reading_changes_nothing_and_writing_needs_post(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana")
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"):
            answer = await ana.client.request(method, COMMAND, headers={"x-csrf-token": ana.csrf})
            assert answer.status_code == 405


SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


async def test_every_answer_says_what_a_browser_may_do_with_it(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        root = await desk(house, "root", Role.systems)
        for door in [one for one in DOORS if "GET" in (one.methods or ())]:
            for client in (root.client, client_of(house)):
                check_headers((await client.get(address(door))).headers)


def check_headers(headers: httpx.Headers) -> None:
    assert {name: headers.get(name) for name in SECURITY} == SECURITY
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy and "*" not in policy and "http:" not in policy
    assert "frame-ancestors" in policy or "sandbox" in policy
    assert headers["cross-origin-resource-policy"] in ("same-origin", "cross-origin")
    assert "geolocation=()" in headers["permissions-policy"]
    assert "server" not in headers and "x-powered-by" not in headers
    assert headers["cache-control"]
    assert len(headers.get_list("content-security-policy")) == 1


async def test_refusals_carry_the_same_headers(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        app = limited_app(house)
        async with client_of(house, app) as client:
            answers = [
                await client.get("/nothing/here"),
                await client.get("/chat", headers={"host": "evil.example"}),
                await client.post("/api/v1/session", content=b"x" * 300_000),
                *[await client.get("/api/v1/chat/config") for _ in range(121)][-1:],
            ]
        assert [one.status_code for one in answers] == [404, 400, 413, 429]
        for one in answers:
            assert one.headers["x-content-type-options"] == "nosniff"
            assert one.headers["content-security-policy"].startswith("default-src 'none'")
            assert set(one.json()["error"]) >= {"code", "message"}


async def test_only_registered_sites_may_frame_the_chat_and_nobody_the_console(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        root = await desk(house, "root", Role.systems)
        await root.must("site.save", origin="https://www.sonora.gob.mx", name="Portal")
        chat = (await root.get("/chat")).headers["content-security-policy"]
        assert "frame-ancestors 'self' https://www.sonora.gob.mx;" in chat
        console = (await root.get("/console/")).headers["content-security-policy"]
        assert "frame-ancestors 'none';" in console and "require-trusted-types-for 'script'" in console


async def test_a_request_for_another_host_is_turned_away(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house, client_of(house) as client:
        for host in ("evil", "127.0.0.1.evil.example", "", "127.0.0.1, evil", "[::2]"):
            answer = await client.get("/chat", headers={"host": host})
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_host"), host
        for host in ("127.0.0.1", "localhost:9999", "[::1]:8000"):
            assert (await client.get("/api/v1/setup", headers={"host": host})).status_code == 200, host


async def test_a_forwarded_address_is_believed_from_listed_proxies_only(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        forged = {"x-forwarded-for": "127.0.0.1", "x-remote-user": "admin", "forwarded": "for=127.0.0.1"}
        app = limited_app(house)
        async with client_of(house, app) as stranger:
            stranger._transport.client = ("203.0.113.9", 1)  # type: ignore[attr-defined]
            assert (await stranger.get("/metrics", headers=forged)).status_code == 404
        behind = limited_app(house, trusted_proxies=("10.0.0.0/8",))
        async with client_of(house, behind) as proxy:
            proxy._transport.client = ("10.1.1.1", 1)  # type: ignore[attr-defined]
            for forwarded, status in {
                "203.0.113.9": 404,
                "127.0.0.1, 203.0.113.9": 404,  # the first part is the stranger's own invention
                "203.0.113.9, 127.0.0.1, 10.2.2.2": 200,
                "nonsense": 404,
            }.items():
                answer = await proxy.get("/metrics", headers={"x-forwarded-for": forwarded})
                assert answer.status_code == status, forwarded


BROKEN = {
    "not json": b"{",
    "a list": b"[1]",
    "a text": b'"x"',
    "nothing": b"",
    "deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deeper than twenty": b'{"a":' * 21 + b"1" + b"}" * 21,
    "a key twice": b'{"client_id":"one-client-id","state":"available","state":"paused"}',
    "a long number": b'{"a":' + b"1" * 10_000 + b"}",
    "infinity": b'{"a":1e309}',
    "NaN": b'{"a":NaN}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "bad UTF-8": b'{"a":"\xff\xfe"}',
    "a lone surrogate": b'{"client_id":"one-client-id","reason":"\\ud800"}',
    "a NUL": b'{"client_id":"one-client-id","reason":"a\\u0000b"}',
    "a NUL in a key": b'{"a\\u0000b":1}',
}


async def test_broken_json_is_refused_clearly(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana")
        headers = {"x-csrf-token": ana.csrf, "content-type": "application/json"}
        for name, content in BROKEN.items():
            answer = await ana.client.post(COMMAND, content=content, headers=headers)
            expected = (413, "too_large") if name == "deep" else (400, "bad_json")
            if "surrogate" in name or "NUL" in name:
                expected = (400, "bad_characters")
            assert (answer.status_code, answer.json()["error"]["code"]) == expected, name


MISFITS: list[tuple[dict[str, Any], str, str]] = [
    ({"state": "available", "owner": "me"}, "unknown_field", "owner"),
    ({"state": "available", "__proto__": {"admin": True}}, "unknown_field", "__proto__"),
    ({"state": {"$gt": ""}}, "wrong_type", "state"),
    ({"state": ["available"]}, "wrong_type", "state"),
    ({"state": 1}, "wrong_type", "state"),
    ({"state": None}, "wrong_type", "state"),
    ({}, "wrong_type", "state"),
    ({"state": "OR 1=1 --"}, "wrong_type", "state"),
    ({"state": "paused", "reason": "x" * 41}, "wrong_type", "reason"),
]


async def test_fields_that_do_not_belong_are_named(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana")
        for fields, code, where in MISFITS:
            answer = await ana.command("agent.set_state", **fields)
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, code), fields
            assert where in answer.json()["error"]["fields"]
        for client_id in (None, 7, "short", "x" * 65, {"a": 1}, "with\nnewline", ""):
            answer = await ana.post(COMMAND, {"client_id": client_id, "state": "available"})
            assert answer.status_code == 422 and "client_id" in answer.json()["error"]["fields"], client_id


async def test_a_repeated_command_answers_the_same_and_another_body_is_refused(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await desk(house, "ana")
        first = await ana.command("agent.set_state", "one-client-id", state="available")
        again = await ana.command("agent.set_state", "one-client-id", state="available")
        assert (again.status_code, again.json()) == (200, first.json())
        other = await ana.command("agent.set_state", "one-client-id", state="offline")
        assert (other.status_code, other.json()["error"]["code"]) == (409, "client_id_reused")


async def test_a_body_that_says_it_is_small_and_is_not_is_cut_off(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana")

        async def endless() -> Any:
            for _ in range(1_000):
                yield b" " * 1_000

        headers = {"x-csrf-token": ana.csrf, "content-type": "application/json"}
        answer = await ana.client.post(COMMAND, content=endless(), headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
        for length in ("-1", "x", "1e3"):
            bad = await ana.client.post(COMMAND, content=b"{}", headers={**headers, "content-length": length})
            assert (bad.status_code, bad.json()["error"]["code"]) == (400, "bad_length")


async def test_ten_times_too_many_requests_are_slowed_down_and_say_for_how_long(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house, client_of(house, limited_app(house)) as client:
        answers = [await client.post("/api/v1/chat/folio", json={}) for _ in range(200)]
        slowed = [one for one in answers if one.status_code == 429]
        assert len(slowed) == 180
        assert 0 < int(slowed[0].headers["retry-after"]) <= 60
        house.clock.advance(61)
        assert (await client.post("/api/v1/chat/folio", json={})).status_code != 429


async def test_a_neighbourhood_shares_a_limit_and_the_next_one_does_not(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house, client_of(house, limited_app(house)) as client:
        statuses = []
        for number in range(70):
            client._transport.client = (f"203.0.113.{number}", 1)  # type: ignore[attr-defined]
            statuses.append((await client.post("/api/v1/chat/folio", json={})).status_code)
        assert statuses.count(429) == 10
        client._transport.client = ("198.51.100.7", 1)  # type: ignore[attr-defined]
        assert (await client.post("/api/v1/chat/folio", json={})).status_code != 429


async def knock(app: Any, path: str, headers: dict[str, str]) -> str:
    """Open a socket on bare ASGI and return the first thing the application says to it."""
    said: list[str] = []
    waiting = iter([{"type": "websocket.connect"}])

    async def receive() -> Any:
        return next(waiting, {"type": "websocket.disconnect", "code": 1001})

    async def send(message: Any) -> None:
        said.append(message["type"])

    scope = {
        "type": "websocket",
        "path": path,
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    return said[0]


async def test_a_socket_from_another_origin_is_refused_before_it_is_accepted(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana")
        known = {"cookie": f"session={ana.client.cookies['session']}", "host": "127.0.0.1:8000"}
        for path in ("/api/v1/console/socket", "/api/v1/chat/socket"):
            assert await knock(house.app, path, {**known, "origin": "http://127.0.0.1:8000"}) == "websocket.accept"
            for origin in LOOK_ALIKES:
                assert await knock(house.app, path, {**known, "origin": origin}) == "websocket.close", origin
            assert await knock(house.app, path, known) == "websocket.close", "no origin at all"
        nobody = {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"}
        assert await knock(house.app, "/api/v1/console/socket", nobody) == "websocket.close"
        evil = {**known, "host": "evil", "origin": "http://127.0.0.1:8000"}
        assert await knock(house.app, "/api/v1/console/socket", evil) == "websocket.close"


async def test_no_path_leads_out_of_the_built_files(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house, client_of(house) as client:
        for path in ("../console.html", "%2e%2e/%2e%2e/pyproject.toml", "..%2f..%2fmain.py", "", ".sources-sha256"):
            answer = await client.get(f"/assets/{path}")
            assert answer.status_code == 404 and b"import" not in answer.content, path
