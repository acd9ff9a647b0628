"""Twilio's REST API: one request at a time, under our own timeout, never repeated by itself.

A POST that may have arrived is never sent again here: its error is `uncertain`, and whoever asked finds out what became
of it (PROMISES P14). Messages of the provider are not passed on, since they repeat numbers; its error codes are.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import anyio
import httpx2
import msgspec

from contact_center.errors import ProviderError

API: Final = "https://api.twilio.com"
VERSION: Final = "2010-04-01"
TIMEOUT_S: Final = 5.0
"""For one request. Most orders make one or two; all of an order has 12 s, and its lease is 30."""
CONNECT_S: Final = 3.0
PAGE: Final = 500
MEDIA_BYTES: Final = 64 * 1024 * 1024
"""An hour of telephone sound is 58 MB."""
MEDIA_S: Final = 120.0
MEDIA_HOSTS: Final = (".twilio.com", ".twiliocdn.com")
"""Where the provider may send us for a recording's bytes (PROMISES S25)."""

_REFUSED: Final = {
    20003: "provider_credentials",
    20404: "call_over",
    21220: "call_over",
    21201: "number_invalid",
    21211: "number_invalid",
    21214: "number_invalid",
    21217: "number_invalid",
    21215: "number_abroad",
    21216: "number_blocked",
    21210: "line_invalid",
    21212: "line_invalid",
    21213: "line_invalid",
}
"""Plain reasons for what the provider refuses for good, by its error code."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account with the provider. `auth_tokens`: the present one first, then one that is being replaced."""

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    numbers: tuple[str, ...] = ()
    """The office's own numbers, E.164; calls are made from the first unless a line says otherwise."""
    api_key_sid: str = ""
    api_key_secret: str = field(default="", repr=False)
    api_base: str = API
    dial_prefixes: tuple[str, ...] = ("+52", "+1")
    """Countries that may be called (PROMISES S16)."""

    @property
    def credentials(self) -> tuple[str, str]:
        """Return who asks: the API key when there is one, which can be taken back without changing the webhooks."""
        if self.api_key_sid and self.api_key_secret:
            return self.api_key_sid, self.api_key_secret
        return self.account_sid, self.auth_tokens[0]


class Rest:
    """The provider's API below one account. Use as an async context manager; one client per process."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> "Rest":
        self._client = httpx2.AsyncClient(
            base_url=self._account.api_base,
            auth=self._account.credentials,
            timeout=httpx2.Timeout(TIMEOUT_S, connect=CONNECT_S),
            follow_redirects=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def post(self, path: str, form: Mapping[str, str | list[str]]) -> dict[str, Any]:
        """Ask for a change, once. Raises ProviderError: retryable only when the provider surely did nothing, code
        `uncertain` when nobody knows. Cancelled after it was sent, its fate is unknown too.
        """
        return await self._ask("POST", path, data=form)

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read. Raises ProviderError, code `call_over` for what is not there."""
        return await self._ask("GET", path, params=query)

    async def delete(self, path: str) -> None:
        """Remove. What is not there is removed. Raises ProviderError."""
        try:
            await self._ask("DELETE", path)
        except ProviderError as error:
            if error.data.get("provider_code") != 20404 and error.data.get("provider_status") != 404:
                raise

    async def pages(self, path: str, key: str, query: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Yield the rows of a list, page after page. Raises ProviderError."""
        answer = await self.get(path, {**query, "PageSize": str(PAGE)})
        while True:
            for row in answer.get(key, ()):
                yield row
            there = answer.get("next_page_uri")
            if not there:
                return
            # Only the path is believed: a page never leads to another host.
            parts = urlsplit(str(there))
            answer = await self._ask("GET", f"{parts.path}?{parts.query}", whole=True)

    async def at(self, url: str) -> dict[str, Any]:
        """Read at a whole address of the provider's, such as one of its newer services. Raises ProviderError."""
        return await self._ask("GET", url, whole=True)

    async def media(self, path: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file of the account, bounded. Raises ProviderError."""
        url: str | httpx2.URL = self._path(path)
        auth: Any = httpx2.USE_CLIENT_DEFAULT
        taken = 0
        with anyio.move_on_after(MEDIA_S) as limit, _told_as_ours():
            for _hop in range(3):
                async with self._open.stream("GET", url, auth=auth) as response:
                    if response.is_redirect:
                        url, auth = _checked(response), None
                        continue
                    if response.status_code != 200:
                        await response.aread()
                        raise refusal("GET", response)
                    async for chunk in response.aiter_bytes():
                        taken += len(chunk)
                        if taken > MEDIA_BYTES:
                            raise ProviderError("recording_too_large", retryable=False)
                        yield chunk
                    return
            raise ProviderError("provider_refused", retryable=False)
        if limit.cancelled_caught:
            raise ProviderError("unreachable", retryable=True)

    @property
    def _open(self) -> httpx2.AsyncClient:
        if self._client is None:
            raise ProviderError("unreachable", retryable=True)
        return self._client

    def _path(self, path: str) -> str:
        return f"/{VERSION}/Accounts/{self._account.account_sid}/{path}"

    async def _ask(self, method: str, path: str, *, whole: bool = False, **what: Any) -> dict[str, Any]:
        is_safe = method == "GET" or method == "DELETE"
        try:
            with anyio.fail_after(TIMEOUT_S):
                response = await self._open.request(method, path if whole else self._path(path), **what)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise ProviderError("unreachable", retryable=True) from error
        except (httpx2.TransportError, TimeoutError) as error:
            if is_safe:
                raise ProviderError("unreachable", retryable=True) from error
            raise ProviderError("uncertain", retryable=False) from error
        if not 200 <= response.status_code < 300:
            raise refusal(method, response)
        try:
            answer = msgspec.json.decode(response.content) if response.content else {}
        except msgspec.MsgspecError as error:
            raise ProviderError("uncertain" if not is_safe else "unreachable", retryable=is_safe) from error
        return answer if isinstance(answer, dict) else {}


class _told_as_ours:  # noqa: N801 - used as a with block
    """Turn the client's errors while reading into a retryable one of ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, httpx2.TransportError):
            raise ProviderError("unreachable", retryable=True) from error


def refusal(method: str, response: httpx2.Response) -> ProviderError:
    """Return what an answer that is no success means."""
    status, code = response.status_code, _code(response)
    data = {"provider_status": status, "provider_code": code}
    if status in (429, 503):
        return ProviderError("provider_busy", retryable=True, retry_after_s=_retry_after(response), **data)
    if status >= 500 or 300 <= status < 400:
        if method == "POST":
            return ProviderError("uncertain", retryable=False, **data)
        return ProviderError("unreachable", retryable=True, **data)
    if status in (401, 403):
        return ProviderError(_REFUSED.get(code, "provider_credentials"), retryable=False, **data)
    name = _REFUSED.get(code, "call_over" if status == 404 else "provider_refused")
    return ProviderError(name, retryable=False, **data)


def _code(response: httpx2.Response) -> int:
    try:
        body = msgspec.json.decode(response.content)
    except msgspec.MsgspecError:
        return 0
    code = body.get("code") if isinstance(body, dict) else 0
    return code if isinstance(code, int) else 0


def _retry_after(response: httpx2.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else None


def _checked(response: httpx2.Response) -> httpx2.URL:
    """Return where a file was moved to. Raises ProviderError for a place that is not the provider's."""
    there = response.url.join(response.headers.get("location", ""))
    if response.url.scheme == "http" and (there.scheme, there.netloc) == (response.url.scheme, response.url.netloc):
        return there  # a simulator on this machine, and nowhere else
    if there.scheme != "https" or there.port not in (None, 443) or there.userinfo:
        raise ProviderError("provider_refused", retryable=False)
    if not there.host.endswith(MEDIA_HOSTS):
        raise ProviderError("provider_refused", retryable=False)
    return there
