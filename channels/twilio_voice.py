"""The telephone through Twilio: webhooks in, orders out, the provider's lists, recordings, tokens for browsers.

Put together from `twilio_hooks` (what we are asked and told), `twilio_orders` (what we ask for), `twilio_rest` (the
API) and the pure `twilio_wire` and `twiml`.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from starlette.routing import Route
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from channels import twilio_wire as wire
from channels.twilio_hooks import Hooks
from channels.twilio_orders import Orders
from channels.twilio_rest import Account, Rest
from channels.twiml import Site
from contact_center.errors import ProviderError
from contact_center.ports import Clock, ProviderCall, RecordingReport, VoiceDoor, VoiceOrder

CLOCKS_APART_S: Final = 60
"""A browser's token is good this much earlier, for clocks that differ."""


class TwilioVoice:
    """A `ports.VoiceProvider` with webhook routes. `client` holds its connections open."""

    name = wire.PROVIDER

    def __init__(self, account: Account, site: Site, door: VoiceDoor, clock: Clock) -> None:
        if not account.auth_tokens or not all(account.auth_tokens):
            raise ValueError("an account needs its auth token")
        self._account = account
        self._clock = clock
        self._rest = Rest(account)
        self._orders = Orders(account, site, self._rest)
        self._hooks = Hooks(account, site, self._rest, self._orders, door, clock)

    def routes(self) -> Sequence[Route]:
        """Return the webhook routes, below /hooks/twilio/voice."""
        return self._hooks.routes()

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[None]:
        """Hold the provider's client open; outside of it every request is `unreachable`."""
        async with self._rest:
            yield

    async def perform(self, order: VoiceOrder) -> str:
        """Do one order and return the provider's id for what it made, if anything. Never repeats a POST.

        Raises ProviderError with a plain code. Retryable: `unreachable`, `provider_busy`. `uncertain`. Final:
        `call_over`, `number_invalid`, `number_abroad`, `number_blocked`, `line_invalid`, `provider_credentials`,
        `provider_refused`.
        """
        return await self._orders.perform(order)

    async def calls_since(self, since: datetime) -> AsyncIterator[ProviderCall]:
        """Yield the calls with the outside that were made or came at or after an instant; devices are no calls."""
        query = {"StartTime>": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        async for row in self._rest.pages("Calls.json", "calls", query):
            call = _call(row)
            if call is not None and call.started_at >= since.replace(microsecond=0):
                yield call

    async def recordings_since(self, since: datetime) -> AsyncIterator[RecordingReport]:
        """Yield the finished recordings made at or after an instant: for one that no webhook told of."""
        query = {"DateCreated>": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        async for row in self._rest.pages("Recordings.json", "recordings", query):
            made = _instant(row.get("date_created"))
            if row.get("status") != "completed" or made is None or made < since.replace(microsecond=0):
                continue
            kind = "voicemail" if row.get("source") == "RecordVerb" else "recording"
            seconds = str(row.get("duration") or "")
            length = int(seconds) if seconds.isdecimal() else 0
            yield RecordingReport(self.name, str(row["sid"]), str(row.get("call_sid") or ""), kind, length)

    async def recording(self, provider_id: str) -> AsyncIterator[bytes]:
        """Yield a recording as WAV, 64 MiB at most. Raises ProviderError, `call_over` when it is not there."""
        async for chunk in self._rest.media(f"Recordings/{_sid(provider_id)}.wav"):
            yield chunk

    async def remove_recording(self, provider_id: str) -> None:
        """Delete the provider's copy. Idempotent. Raises ProviderError."""
        await self._rest.delete(f"Recordings/{_sid(provider_id)}.json")

    def device_token(self, user_id: str, *, valid_s: int) -> str:
        """Return a token that lets one agent's browser be called. It lets nobody call out: our orders do that.

        Raises ProviderError `provider_credentials` without an API key.
        """
        if not self._account.api_key_sid or not self._account.api_key_secret:
            raise ProviderError("provider_credentials", retryable=False)
        now = int(self._clock.now().timestamp())
        token = AccessToken(
            self._account.account_sid,
            self._account.api_key_sid,
            self._account.api_key_secret,
            grants=[VoiceGrant(incoming_allow=True)],
            identity=wire.identity_of(user_id),
            nbf=now - CLOCKS_APART_S,
            valid_until=now + valid_s,
        )
        return str(token.to_jwt())


def _sid(provider_id: str) -> str:
    if not (provider_id.isascii() and provider_id.isalnum()):
        raise ProviderError("provider_refused", retryable=False)
    return provider_id


def _call(row: dict[str, Any]) -> ProviderCall | None:
    """Return a row of the provider's list as a call, None for a leg to or from one of our own devices."""
    from_, to = str(row.get("from") or ""), str(row.get("to") or "")
    started = _instant(row.get("start_time")) or _instant(row.get("date_created"))
    if started is None or from_.startswith("client:") or to.startswith("client:"):
        return None
    inbound = row.get("direction") == "inbound"
    seconds = str(row.get("duration") or "")
    return ProviderCall(
        str(row["sid"]),
        "inbound" if inbound else "outbound",
        from_ if inbound else to,
        to if inbound else from_,
        str(row.get("status", "")),
        started,
        _instant(row.get("end_time")),
        int(seconds) if seconds.isdecimal() else 0,
    )


def _instant(text: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(text)).astimezone(UTC) if text else None
    except ValueError:
        return None
