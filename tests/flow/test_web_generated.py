"""Requests made from the service's own description, sent as people of every kind: none breaks it (PROMISES H8, S13)."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import Case
from schemathesis.core.result import Ok

from contact_center.rules.model import Role
from contact_center.web.openapi import describe
from tests.support.house import TestHouse, open_house
from tests.support.signed_in import Desk, client_of, desk

LEFT_OUT = ("/metrics", "/health/", "/api/v1/session", "/assets", "/console", "/openapi.json")
"""Pages and what would sign the test out or wait for the disk."""
ENDS_THE_WALK = {"user.disable", "user.reset_password", "user.reset_totp", "user.save"}


def cases(app: Any, count: int) -> list[Case[Any]]:
    """Draw `count` requests for each operation."""
    description = describe(app.routes)
    description["paths"] = {
        path: operations
        for path, operations in description["paths"].items()
        if not path.startswith(LEFT_OUT) and path.rpartition("/")[2] not in ENDS_THE_WALK
    }
    drawn: list[Case[Any]] = []
    for result in schemathesis.openapi.from_dict(description).get_all_operations():
        assert isinstance(result, Ok), result
        strategy = result.ok().as_strategy()

        @hypothesis.settings(
            max_examples=count,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(strategy)
        def draw(case: Case[Any]) -> None:
            drawn.append(case)

        draw()
    return drawn


async def send(house: TestHouse, case: Case[Any], who: Desk | None) -> None:
    """Send one request and check that the answer is one of those that are described."""
    client = client_of(house) if who is None else who.client
    headers = {} if who is None or case.method == "GET" else {"x-csrf-token": who.csrf}
    body: dict[str, Any] = {} if case.method == "GET" or not isinstance(case.body, dict) else {"json": case.body}
    try:
        request = client.build_request(case.method, case.formatted_path or "/", headers=headers, **body)
    except (UnicodeEncodeError, ValueError):
        return  # no client can send it
    answer = await client.send(request)
    where = (case.method, case.formatted_path, case.body)
    assert answer.status_code < 500 or answer.status_code in (503, 507), (where, answer.text)
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert isinstance(error["code"], str) and isinstance(error["message"], str), where
    assert answer.headers["x-content-type-options"] == "nosniff"


async def walk(database_url: str, count: int) -> int:
    async with open_house(database_url) as house:
        people: list[Desk | None] = [None]
        people += [await desk(house, role.value, role) for role in (Role.agent, Role.supervisor, Role.systems)]
        drawn = cases(house.app, count)
        for number, case in enumerate(drawn):
            await send(house, case, people[number % len(people)])
            await send(house, case, people[-1])
        return len(drawn)


async def test_no_request_that_fits_the_description_breaks_the_service(sqlite_database_url: str) -> None:
    assert await walk(sqlite_database_url, 2) > 100


@pytest.mark.soak
async def test_no_request_that_fits_the_description_breaks_the_service_at_length(database_url: str) -> None:
    await walk(database_url, 100)
