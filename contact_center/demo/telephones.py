"""The demo's telephones: a simulated provider beside the service, citizens who call, and simulated agents' handsets."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import anyio
from anyio.streams.text import TextReceiveStream
from websockets.asyncio.client import connect

from contact_center.demo.line import TROUBLE, Refused, Stage, log
from contact_center.demo.texters import WHATSAPP
from contact_center.simulators.twilio import Config

START_S: Final = 20.0
EVERY_S: Final = (20.0, 45.0)
"""Seconds between two calls."""
NUMBER: Final = "+526621080000"
_PERSON: Final = ({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait_for_person": True})


@asynccontextmanager
async def provider(base: str, seed: int) -> AsyncIterator[dict[str, Any]]:
    """A simulated provider as a process of its own; yields the settings that point the house at it."""
    hooks, known = f"{base}/hooks/twilio/voice", Config()
    command = [sys.executable, "-m", "contact_center.simulators.twilio", "--port", "0", "--seed", str(seed)]
    command += ["--voice-url", f"{hooks}/in", "--voice-fallback-url", f"{hooks}/fallback"]
    command += ["--status-callback", f"{hooks}/status", "--number", NUMBER, "--whatsapp", WHATSAPP]
    command += ["--message-url", f"{base}/hooks/whatsapp/inbound", "--sms-url", f"{base}/hooks/sms/inbound"]
    async with await anyio.open_process(command, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            with anyio.fail_after(START_S):
                url = (await TextReceiveStream(process.stdout).receive()).strip()
            yield {
                "twilio_account": known.account_sid,
                "twilio_auth_token": known.auth_token,
                "twilio_api_key": known.api_key_sid,
                "twilio_api_secret": known.api_key_secret,
                "twilio_app": known.app_sid,
                "twilio_numbers": NUMBER,
                "twilio_sms_number": NUMBER,
                "twilio_whatsapp_number": WHATSAPP,
                "twilio_api_url": url,
            }
        finally:
            with suppress(ProcessLookupError):
                process.terminate()


def scripts(folio: tuple[str, str] | None) -> list[tuple[dict[str, Any], ...]]:
    """Return what citizens do when they call; most of them want a person."""
    asks = ({"wait_for": "escuchar de nuevo"}, {"press": "2"}, {"wait_for": "tecla de gato"})
    last: tuple[dict[str, Any], ...] = ({"hang_up": True},)
    if folio is not None:
        digits = "".join(char for char in folio[0] if char.isdigit())
        last = (
            {"press": f"{digits}#"},
            {"wait_for": "cuatro dígitos"},
            {"press": folio[1]},
            {"wait": 14},
            {"hang_up": True},
        )
    return [
        (*_PERSON, {"say_seconds": 25}, {"wait": 20}, {"hang_up": True}),
        (*_PERSON, {"say_seconds": 40}, {"wait": 45}, {"hang_up": True}),
        (*_PERSON, {"say_seconds": 12}, {"wait": 70}, {"say_seconds": 15}, {"hang_up": True}),
        (*asks, *last),
        (*_PERSON[:2], {"wait_for": "marque 2"}, {"press": "2"}, {"wait_for": "cuelgue"}, {"say_seconds": 14}),
        (*_PERSON[:2], {"wait_for": "marque 1"}, {"press": "1"}, {"wait": 12}, {"hang_up": True}),
        (*_PERSON, {"say_seconds": 30}, {"wait": 30}, {"hang_up": True}),
    ]


async def call_in(stage: Stage, api: str, folio: tuple[str, str] | None) -> None:
    """Let citizens call at a calm pace until cancelled."""
    plays = scripts(folio)
    number, left = 0, list[Any]()
    async with stage.client() as http:
        while True:
            await stage.pause(*EVERY_S)
            if not left:
                left = stage.draw.sample(plays, len(plays))
            number += 1
            body = {"from": f"+5266200000{number % 100:02d}", "to": NUMBER, "script": list(left.pop())}
            try:
                await http.post(f"{api}/sim/callers", json=body)
            except TROUBLE as error:
                log.info("caller_cut_off", error=type(error).__name__)


class Handset:
    """A simulated agent's telephone in a browser: rings, is answered, and says to the house that it is ready."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def run(self, device: dict[str, Any], ready: Callable[[bool], Awaitable[None]]) -> None:
        """Be a telephone until cancelled. `device` is what the house answers, `ready` tells it."""
        while True:
            try:
                async with connect(f"{device['url']}?token={device['token']}", proxy=None, open_timeout=10) as socket:
                    async for text in socket:
                        frame = json.loads(text)
                        if frame["type"] == "ready":
                            await ready(True)
                        elif frame["type"] == "incoming":
                            await self._stage.pause(1, 3)
                            await socket.send(json.dumps({"type": "accept", "call_sid": frame["call_sid"]}))
            except Refused as refused:
                log.info("handset_refused", code=refused.code)
            except TROUBLE as error:
                log.info("handset_cut_off", error=type(error).__name__)
            await self._stage.pause(5, 10)
