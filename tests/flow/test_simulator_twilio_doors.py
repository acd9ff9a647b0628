"""The doors of the simulated Twilio: REST through the official client, faults, agents' devices, the process."""

import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from contact_center.simulators.twilio import Config, running_twilio
from tests.support.twilio_stage import CITIZEN, OFFICE, Stage, on_stage, staged


@pytest.mark.parametrize(
    ("outcome", "status"), [("busy", "busy"), ("no_answer", "no-answer"), ("out_of_service", "failed")]
)
@on_stage
async def test_a_called_number_behaves_as_the_table_says(stage: Stage, outcome: str, status: str) -> None:
    stage.sim.set_phone("+526620001122", outcome=outcome)
    made = await stage.rest(
        lambda client: client.calls.create(
            to="+526620001122",
            from_=OFFICE,
            url=f"{stage.house.url}/out",
            status_callback=f"{stage.house.url}/progress",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            timeout=20,
        )
    )
    await stage.pass_(40)
    assert made.status == "queued"
    assert (await stage.rest(lambda client: client.calls(str(made.sid)).fetch())).status == status
    told = stage.house.params("/progress")
    assert told[-1]["CallStatus"] == status
    assert [one["SequenceNumber"] for one in told] == [str(n) for n in range(len(told))]
    assert "/out" not in stage.house.paths()


@on_stage
async def test_calls_are_listed_in_pages_and_by_start(stage: Stage) -> None:
    for _ in range(5):
        await stage.call()
        await stage.pass_(60)
    found = await stage.rest(lambda client: client.calls.list(page_size=2))
    assert len({one.sid for one in found}) == 5
    late = await stage.rest(lambda client: client.calls.list(start_time_after=found[1].start_time))
    assert [one.sid for one in late] == [found[0].sid, found[1].sid]


@pytest.mark.parametrize(
    ("to", "from_", "code"),
    [
        ("911", OFFICE, 21211),
        ("+5216622334455", OFFICE, 21211),
        ("+8816123456789", OFFICE, 21215),
        ("+529001234567", OFFICE, 21216),
        (CITIZEN, "anonymous", 21212),
        (CITIZEN, "+526620000000", 21210),
    ],
)
@on_stage
async def test_what_may_not_be_called_is_refused(stage: Stage, to: str, from_: str, code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await stage.rest(lambda client: client.calls.create(to=to, from_=from_, twiml="<Response/>"))
    assert (caught.value.status, caught.value.code) == (400, code)
    assert stage.sim.ledger.bills == {}


@on_stage
async def test_the_doors_refuse_as_the_provider_does(stage: Stage) -> None:
    def fails(ask: Callable[[Client], object]) -> Callable[[Client], tuple[int, int | None]]:
        def run(client: Client) -> tuple[int, int | None]:
            with pytest.raises(TwilioRestException) as caught:
                ask(client)
            return caught.value.status, caught.value.code

        return run

    sid = "CA" + "0" * 32
    assert await stage.rest(fails(lambda client: client.calls(sid).fetch())) == (404, 20404)
    leg = await stage.call()
    await stage.pass_(1)
    assert await stage.rest(fails(lambda client: client.calls(leg.sid).update(twiml="<Response/>"))) == (400, 21220)
    bad = "http://example.com/twiml"
    create = fails(lambda client: client.calls.create(to=CITIZEN, from_=OFFICE, url=bad))
    assert await stage.rest(create) == (400, 21205)
    async with httpx2.AsyncClient(trust_env=False) as http:
        path = f"/2010-04-01/Accounts/{Config().account_sid}/Calls.json"
        answer = await http.get(stage.sim.url + path, auth=(Config().account_sid, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


@on_stage
async def test_faults_of_the_rest_door_come_as_told(stage: Stage) -> None:
    async def create() -> tuple[int, str]:
        account = stage.sim.exchange.config
        path = f"/2010-04-01/Accounts/{account.account_sid}/Calls.json"
        data = {"To": CITIZEN, "From": OFFICE, "Twiml": "<Response/>"}
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.post(stage.sim.url + path, data=data, auth=(account.account_sid, account.auth_token))
        return answer.status_code, answer.headers.get("retry-after", "")

    stage.sim.set_faults(
        rest=[{"answer": "429", "next": 1, "retry_after_s": 7}, {"answer": "accept_then_time_out", "next": 1}]
    )
    assert await create() == (429, "7")
    assert stage.sim.ledger.bills == {}
    assert (await create())[0] == 504
    assert stage.sim.ledger.bills == {"calls": 1}
    assert (await create())[0] == 201


async def test_dropped_and_doubled_webhooks_are_the_same_with_the_same_seed() -> None:
    async def run(seed: int) -> list[tuple[str, bool]]:
        async with staged() as stage:
            stage.sim.set_faults(seed=seed, webhooks=[{"kind": "status", "drop": 0.4, "duplicate": 0.4, "times": 3}])
            for _ in range(12):
                await stage.call()
                await stage.pass_(5)
            return [(one.call_sid, one["dropped"]) for one in stage.sim.ledger.of("webhook", webhook="status")]

    first = await run(7)
    assert await run(7) == first
    assert await run(8) != first
    assert {dropped for _, dropped in first} == {True, False}
    assert len(first) > 12


@on_stage
async def test_a_held_back_webhook_is_overtaken(stage: Stage) -> None:
    stage.sim.set_faults(webhooks=[{"kind": "status", "reorder": 1.0, "next": 1}])
    await stage.rest(
        lambda client: client.calls.create(
            to=CITIZEN,
            from_=OFFICE,
            twiml="<Response/>",
            status_callback=f"{stage.house.url}/progress",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )
    )
    await stage.pass_(30)
    assert [one["SequenceNumber"] for one in stage.house.params("/progress")][:2] == ["1", "0"]


def token(
    identity: str = "marta", *, secret: str = Config().api_key_secret, ttl: int = 3600, grants: bool = True
) -> str:
    """Return an access token as the house makes it."""
    account = Config()
    made = AccessToken(account.account_sid, account.api_key_sid, secret, identity=identity, ttl=ttl)
    if grants:
        made.add_grant(VoiceGrant(outgoing_application_sid=account.app_sid, incoming_allow=True))
    return str(made.to_jwt())


@asynccontextmanager
async def device(stage: Stage, word: str) -> AsyncIterator[ClientConnection]:
    url = stage.sim.url.replace("http://", "ws://") + f"/sim/device?token={word}"
    async with connect(url, compression=None, proxy=None) as socket:
        yield socket


async def frame(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next frame of a kind."""
    with anyio.fail_after(5):
        while True:
            found: dict[str, Any] = json.loads(await socket.recv())
            if found["type"] == kind:
                return found


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (token(secret="another" * 6), 20107),
        (token(ttl=-10), 20104),
        (token(grants=False), 20106),
        ("nonsense", 20101),
    ],
    ids=["secret", "expired", "grants", "nonsense"],
)
@on_stage
async def test_a_device_with_a_useless_token_is_turned_away(stage: Stage, word: str, code: int) -> None:
    async with device(stage, word) as socket:
        assert (await frame(socket, "error"))["code"] == code
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 4401


@on_stage
async def test_an_agents_device_is_rung_accepts_and_hears_the_end(stage: Stage) -> None:
    async with device(stage, token()) as socket:
        await frame(socket, "ready")
        made = await stage.rest(
            lambda client: client.conferences("sala").participants.create(
                from_=CITIZEN, to="client:marta?item=7", label="agent:marta", timeout=20
            )
        )
        incoming = await frame(socket, "incoming")
        assert incoming["call_sid"] == made.call_sid
        assert incoming["parameters"]["From"] == CITIZEN
        assert incoming["custom_parameters"] == {"item": "7"}
        await socket.send(json.dumps({"type": "accept"}))
        await frame(socket, "connected")
        await stage.time.settle()
        fetch = await stage.rest(
            lambda client: client.conferences(made.conference_sid).participants("agent:marta").fetch()
        )
        assert fetch.status == "connected"
        await stage.rest(lambda client: client.conferences(made.conference_sid).update(status="completed"))
        assert (await frame(socket, "disconnected"))["reason"] == "completed"


@on_stage
async def test_a_rejected_call_is_busy_and_an_absent_device_does_not_answer(stage: Stage) -> None:
    async with device(stage, token()) as socket:
        await frame(socket, "ready")
        made = await stage.rest(
            lambda client: client.calls.create(to="client:marta", from_=OFFICE, twiml="<Response/>")
        )
        sid = str(made.sid)
        await frame(socket, "incoming")
        await socket.send(json.dumps({"type": "reject", "call_sid": sid}))
        await stage.sim.ledger.wait_for(
            lambda entry: entry.kind == "call" and entry.call_sid == sid and entry["status"] == "busy"
        )
    absent = await stage.rest(lambda client: client.calls.create(to="client:luis", from_=OFFICE, twiml="<Response/>"))
    await stage.time.settle()
    assert (await stage.rest(lambda client: client.calls(str(absent.sid)).fetch())).status == "no-answer"


@on_stage
async def test_an_agent_calls_out_from_the_browser_and_talks_to_the_citizen(stage: Stage) -> None:
    stage.house.documents["/voice"] = lambda params: (
        f'<Dial callerId="{OFFICE}" action="/dialled"><Number>{params["number"]}</Number></Dial>'
    )
    stage.sim.set_phone(CITIZEN, answer_after_s=2, hang_up_after_s=30)
    async with device(stage, token()) as socket:
        await frame(socket, "ready")
        await socket.send(json.dumps({"type": "connect", "params": {"number": CITIZEN, "order": "9"}}))
        sid = (await frame(socket, "connecting"))["call_sid"]
        await frame(socket, "connected")
        await stage.pass_(60)
        await frame(socket, "disconnected")
    asked = stage.house.params("/voice")[0]
    assert (asked["From"], asked["order"], asked["ApplicationSid"]) == ("client:marta", "9", Config().app_sid)
    (dialled,) = stage.house.params("/dialled")
    assert (dialled["DialCallStatus"], dialled["DialCallDuration"]) == ("completed", "30")
    (child,) = await stage.rest(lambda client: client.calls.list(parent_call_sid=sid))
    assert (child.to, child.direction, child.status) == (CITIZEN, "outbound-dial", "completed")
    assert stage.house.bad_signatures == []


async def test_it_talks_to_this_machine_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        async with running_twilio(Config(voice_url="http://198.51.100.7/voice")):
            raise AssertionError("it started")


async def test_the_process_says_where_it_is_and_takes_callers_over_http() -> None:
    command = [sys.executable, "-m", "contact_center.simulators.twilio", "--pace=50", "--voice-url=http://127.0.0.1:1/"]
    async with await anyio.open_process(command, stderr=None) as process:
        assert process.stdout is not None
        with anyio.fail_after(30):
            url = (await process.stdout.receive()).decode().strip()
        async with httpx2.AsyncClient(base_url=url, trust_env=False) as http:
            wrong = await http.post("/sim/callers", json={"from": CITIZEN, "to": OFFICE, "script": [{"dance": 1}]})
            made = await http.post("/sim/callers", json={"from": CITIZEN, "to": OFFICE, "script": [{"wait": 1}]})
            with anyio.fail_after(10):
                while True:
                    ledger = (await http.get("/sim/ledger", params={"call_sid": made.json()["call_sid"]})).json()
                    if ledger["entries"][-1].get("status") == "completed":
                        break
        process.terminate()
        with anyio.fail_after(10):
            assert await process.wait() == 0
    assert (wrong.status_code, made.status_code) == (400, 201)
    assert [one["code"] for one in ledger["entries"] if one["kind"] == "error"] == [11205]
