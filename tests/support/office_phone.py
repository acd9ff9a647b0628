"""The service with a telephone: the provider's simulator as a process beside it, their clocks begun together."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
from playwright.async_api import Locator, Page, expect

from contact_center.simulators.twilio import Config
from tests.support.clock import MORNING
from tests.support.processes import accepts_connections, free_port, start_server, stop_server
from tests.support.stage import WAIT_S, Stage, open_stage

OFFICE: Final = "+526621080000"
PACE: Final = 6
"""Waits are this many times shorter than a caller's, and long enough for a person at a slow browser."""
MICROPHONE: Final[dict[str, Any]] = {"permissions": ["microphone"], "reduced_motion": "reduce"}


@dataclass
class OfficePhone:
    """A stage, and the ways of the people who call it or are called."""

    stage: Stage
    simulator: str
    process: subprocess.Popen[bytes]

    def caller(self, *script: dict[str, Any], number: str = "+526622334455") -> str:
        """Let a citizen call the office; returns the provider's id of the call."""
        body = {"from": number, "to": OFFICE, "script": list(script)}
        return str(self._post("callers", body)["call_sid"])

    def hang_up(self, call_sid: str) -> None:
        """The citizen hangs up."""
        self._post(f"callers/{call_sid}", {"hang_up": True})

    def break_line(self, call_sid: str) -> None:
        """The network loses the call."""
        self._post(f"callers/{call_sid}", {"break_line": True})

    def telephone(self, number: str, **behaviour: Any) -> None:
        """Say how a called number behaves."""
        self._post("phones", {"number": number, **behaviour})

    def ledger(self, **query: str) -> list[dict[str, Any]]:
        """Return what the provider wrote down."""
        answer = httpx2.get(f"{self.simulator}/sim/ledger", params=query, trust_env=False)
        return list(answer.raise_for_status().json()["entries"])

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = httpx2.post(f"{self.simulator}/sim/{path}", json=body, trust_env=False)
        return dict(answer.raise_for_status().json())


@contextmanager
def open_office_phone(database_url: str, folder: Path) -> Iterator[OfficePhone]:
    """Run the provider's simulator and the service, each knowing the other's address, while the block lasts."""
    account = Config()
    port, provider = free_port(), free_port()
    hooks = f"http://127.0.0.1:{port}/hooks/twilio/voice"
    command = [sys.executable, "-m", "contact_center.simulators.twilio", "--port", str(provider), "--number", OFFICE]
    command += ["--voice-url", f"{hooks}/in", "--voice-fallback-url", f"{hooks}/fallback", "--pace", str(PACE)]
    command += ["--status-callback", f"{hooks}/status", "--start", MORNING.isoformat()]
    folder.mkdir(parents=True, exist_ok=True)
    process = start_server(command, is_ready=lambda: accepts_connections(provider), log=folder / "provider.log")
    settings = {
        "twilio_account": account.account_sid,
        "twilio_auth_token": account.auth_token,
        "twilio_api_key": account.api_key_sid,
        "twilio_api_secret": account.api_key_secret,
        "twilio_app": account.app_sid,
        "twilio_numbers": (OFFICE,),
        "twilio_api_url": f"http://127.0.0.1:{provider}",
    }
    try:
        with open_stage(database_url, folder, MORNING, port=port, **settings) as stage:
            yield OfficePhone(stage, f"http://127.0.0.1:{provider}", process)
    finally:
        stop_server(process)


def bar(page: Page) -> Locator:
    """The call that is spoken, above everything else."""
    return page.get_by_role("region", name="Llamada", exact=True)


async def take(page: Page) -> None:
    """Take the call that is offered, by its key."""
    await expect(page.get_by_role("region", name="Contacto para usted")).to_be_visible(timeout=WAIT_S * 1000)
    await page.keyboard.press("Enter")


async def speaking(page: Page) -> None:
    """Both are on the line."""
    await expect(bar(page).get_by_role("button", name="Silenciar")).to_be_visible()
    await expect(bar(page).get_by_role("status").first).to_have_text("En curso")


async def over(page: Page) -> None:
    """The call has ended for both."""
    await expect(bar(page).get_by_role("status").first).to_have_text("Terminada")
