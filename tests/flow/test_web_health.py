"""Whether the service says truly how it is, and describes itself whole."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute

from contact_center.rules.model import Role
from contact_center.web import health, pages
from contact_center.web.auth import Door
from contact_center.web.commands import staff_verbs
from tests.support.house import open_house
from tests.support.signed_in import client_of, desk, limited_app


async def test_ready_means_that_a_test_write_was_just_stored(database_url: str) -> None:
    async with open_house(database_url) as house, client_of(house) as client:
        assert (await client.get("/health/live")).json() == {"live": True}
        assert (await client.get("/health/ready")).json() == {"ready": True}
        async with house.db.read() as conn:
            rows = (await conn.exec_driver_sql("SELECT count(*) FROM throttles WHERE scope = 'health'")).scalar_one()
        assert rows == 1


async def test_ready_is_refused_while_the_database_cannot_be_written(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.5)
    async with open_house(sqlite_database_url) as house, client_of(house) as client:
        other = sqlite3.connect(sqlite_database_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = await client.get("/health/ready")
        assert (refused.status_code, refused.json()["ready"]) == (503, False)
        other.execute("ROLLBACK")
        other.close()
        monkeypatch.setattr(health, "PATIENCE_S", 10.0)
        assert (await client.get("/health/ready")).status_code == 503, "the answer is kept for two seconds"
        house.clock.advance(3)
        assert (await client.get("/health/ready")).status_code == 200


async def test_ready_is_refused_while_files_cannot_be_written(sqlite_database_url: str, tmp_path: Path) -> None:
    blocked = tmp_path / "not-a-folder"
    blocked.write_text("")
    async with open_house(sqlite_database_url, data_dir=blocked) as house, client_of(house) as client:
        refused = await client.get("/health/ready")
        assert (refused.status_code, refused.json()["problem"]) == (503, "files")


async def test_figures_are_for_listed_networks_or_the_token_and_name_nobody(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        await desk(house, "ana")
        app = limited_app(house, metrics_token="measure-me")
        async with client_of(house, app) as client:
            text = (await client.get("/metrics")).text
            assert "contact_center_request_seconds_count" in text and "ana" not in text.split()
            client._transport.client = ("203.0.113.9", 1)  # type: ignore[attr-defined]
            assert (await client.get("/metrics")).status_code == 404
            for token, status in {"measure-me": 200, "measure-m": 404, "": 404}.items():
                answer = await client.get("/metrics", headers={"authorization": f"Bearer {token}"})
                assert answer.status_code == status


async def test_methods_that_strangers_invent_make_no_new_figures(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house, client_of(house) as client:
        await client.request("INVENTED", "/chat")
        assert "INVENTED" not in (await client.get("/metrics")).text


def refs(value: Any) -> set[str]:
    """Every reference in a description."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(refs(one) for one in value.values()))
    if isinstance(value, list):
        return set[str]().union(*(refs(one) for one in value))
    return set()


async def test_the_description_lists_every_door_and_every_command(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house, client_of(house) as client:
        described = (await client.get("/openapi.json")).json()
        routes: list[BaseRoute] = house.app.routes
        for door in (one for one in routes if isinstance(one, Door) and "commands" not in one.path):
            for method in (door.methods or set()) - {"HEAD"}:
                operation = described["paths"][door.path.replace(":path", "")][method.lower()]
                assert operation["x-access"] == door.access
                assert operation["summary"], f"{door.path} needs a docstring"
        for name, verb in staff_verbs().items():
            operation = described["paths"][f"/api/v1/commands/{name}"]["post"]
            assert operation["x-access"] == verb.action and operation["summary"]
        schemas = described["components"]["schemas"]
        assert {one.rpartition("/")[2] for one in refs(described)} <= schemas.keys()
        body = described["paths"]["/api/v1/commands/work.accept"]["post"]["requestBody"]
        schema = schemas[body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
        assert schema["additionalProperties"] is False and set(schema["required"]) >= {"client_id", "offer_id"}
        ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]
        assert len(ids) == len(set(ids))


@pytest.mark.skipif(not pages.STATIC.is_dir(), reason="the UI was not built")
async def test_pages_are_asked_anew_and_their_files_are_kept_for_ever(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house, client_of(house) as client:
        page = await client.get("/console/")
        assert page.headers["cache-control"] == "no-cache"
        again = await client.get("/console/", headers={"if-none-match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["content-security-policy"] == page.headers["content-security-policy"]
        name = next((pages.STATIC / "assets").glob("*.js")).name
        asset = await client.get(f"/assets/{name}")
        assert (asset.status_code, asset.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        loader = await client.get("/widget.js")
        assert loader.headers["cross-origin-resource-policy"] == "cross-origin"
        assert (await client.get("/console")).headers["location"] == "/console/"
        assert (await client.get("/console/petitions")).status_code == 200


async def test_an_error_nobody_foresaw_is_told_without_details(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contact_center.web import reference

    async def fail(_conn: object) -> None:
        raise RuntimeError("secret detail +52 662 123 4567")

    monkeypatch.setattr(reference, "tables", fail)
    async with open_house(sqlite_database_url) as house:
        ana = await desk(house, "ana", Role.agent)
        answer = await ana.get("/api/v1/reference")
        assert answer.status_code == 500
        assert answer.json() == {"error": {"code": "error", "message": "Something went wrong."}}
        assert answer.headers["content-security-policy"] and answer.headers["x-request-id"]
