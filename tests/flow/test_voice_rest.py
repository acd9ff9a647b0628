"""What the voice channel takes from the provider's API, and what it does not when that is not what it should be."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
import anyio.lowlevel
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn import Config as ServerConfig

from channels import twilio_rest
from channels.twilio_rest import Account
from channels.twilio_voice import TwilioVoice
from channels.twiml import Site
from contact_center.errors import ProviderError
from tests.support.clock import ManualClock
from tests.support.twilio_stage import QuietServer
from tests.support.voice_door import Door

ACCOUNT = "AC" + "1" * 32
TARGETS = {
    "metadata": "http://169.254.169.254/latest/meta-data",
    "host": "https://api.twilio.com.evil.example/x",
    "suffix": "https://eviltwilio.com/x",
    "user": "https://api.twilio.com@evil.example/x",
    "port": "https://media.twiliocdn.com:8443/x",
    "file": "file:///etc/passwd",
    "plain": "http://media.twiliocdn.com/x",
}


async def answer(request: Request) -> Response:
    name = request.path_params["name"].partition(".")[0]
    if name in TARGETS:
        return RedirectResponse(TARGETS[name])
    if name == "endless":

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(64):
                await anyio.lowlevel.checkpoint()
                yield b"x" * 65_536

        return StreamingResponse(chunks(), media_type="audio/x-wav")
    if name == "broken":
        return Response(b"{", media_type="application/json")
    if name == "gone":
        return JSONResponse({"code": 20404, "status": 404}, 404)
    return JSONResponse({"code": 20003, "status": 401}, 401)


async def elsewhere(_: Request) -> Response:
    """A page of a list whose next one is said to be on another host."""
    row = {"sid": "CA1", "from": "+526622334455", "to": "+526621080000", "direction": "inbound", "status": "completed"}
    times = {"start_time": "Tue, 24 Nov 2026 16:20:00 +0000", "end_time": None, "duration": None}
    return JSONResponse({"calls": [row | times], "next_page_uri": "http://169.254.169.254/2010-04-01/gone"})


@asynccontextmanager
async def provider() -> AsyncIterator[TwilioVoice]:
    base = f"/2010-04-01/Accounts/{ACCOUNT}"
    routes = [
        Route(f"{base}/Recordings/{{name}}", answer, methods=["GET", "DELETE"]),
        Route(f"{base}/Calls.json", elsewhere),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = QuietServer(ServerConfig(Starlette(routes=routes), lifespan="off", log_config=None, access_log=False))
        account = Account(ACCOUNT, ("token",), api_base=f"http://127.0.0.1:{listener.getsockname()[1]}")
        voice = TwilioVoice(account, Site("https://t.example.mx"), Door(), ManualClock())
        async with anyio.create_task_group() as tasks, voice.client():
            tasks.start_soon(server.serve, [listener])
            yield voice
            server.should_exit = True


async def test_a_recording_is_fetched_from_the_provider_only_and_never_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twilio_rest, "MEDIA_BYTES", 1_000_000)
    async with provider() as voice:
        for name in TARGETS:
            with pytest.raises(ProviderError) as refused:
                [chunk async for chunk in voice.recording(name)]
            assert (refused.value.code, refused.value.retryable) == ("provider_refused", False), name
        expected = {"endless": "recording_too_large", "gone": "call_over", "denied": "provider_credentials"}
        for name, code in expected.items():
            with pytest.raises(ProviderError) as refused:
                [chunk async for chunk in voice.recording(name)]
            assert (refused.value.code, refused.value.retryable) == (code, False), name
        with pytest.raises(ProviderError) as refused:
            [chunk async for chunk in voice.recording("../../Calls")]
        assert refused.value.code == "provider_refused"
        await voice.remove_recording("gone")
        with pytest.raises(ProviderError) as refused:
            await voice.remove_recording("denied")
        assert (refused.value.code, refused.value.retryable) == ("provider_credentials", False)


async def test_a_list_never_leads_to_another_host_and_secrets_are_not_shown() -> None:
    async with provider() as voice:
        listed = voice.calls_since(datetime(2026, 11, 24, tzinfo=UTC))
        assert (await anext(listed)).provider_call_id == "CA1"
        with pytest.raises(ProviderError) as lost:
            await anext(listed)
        assert lost.value.code == "call_over"  # the path was asked for at the provider's own host, where it is not
    account = Account(ACCOUNT, ("auth-secret",), api_key_secret="key-secret")
    assert "secret" not in repr(account).replace("api_key_secret", "")
    with pytest.raises(ValueError):
        TwilioVoice(Account(ACCOUNT, ()), Site("https://t.example.mx"), Door(), ManualClock())
    with pytest.raises(ProviderError):
        voice.device_token("u-1", valid_s=60)
    with pytest.raises(ProviderError) as closed:
        await voice.remove_recording("RE1")
    assert (closed.value.code, closed.value.retryable) == ("unreachable", True)
