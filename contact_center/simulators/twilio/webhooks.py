"""Requests to the house: signed, retried and refused as the real provider does, with faults put in."""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import parse_qs, urldefrag, urlencode

import anyio
import httpx2
from anyio.abc import TaskGroup
from twilio.request_validator import RequestValidator

from contact_center.simulators.twilio.config import Config, is_loopback
from contact_center.simulators.twilio.elapse import Elapse, sleep
from contact_center.simulators.twilio.faults import HOLD_S, Fate, Faults
from contact_center.simulators.twilio.ledger import Ledger

BODY_BYTES: Final = 64 * 1024
CONNECTIONS: Final = 64
Params = dict[str, str]


class DocumentError(Exception):
    """A webhook or its answer was of no use: `code` is the one of the provider's error dictionary."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook to be sent. `kind` is for faults and the ledger, `lane` keeps the order within a call or conference."""

    kind: str
    url: str
    params: Params
    method: str = "POST"
    call_sid: str = ""
    lane: str = ""


class Lane:
    """Webhooks of one call or conference go in order: each waits for the one before."""

    def __init__(self) -> None:
        self.last: anyio.Event | None = None
        self.went = anyio.Event()


class Webhooks:
    def __init__(
        self,
        config: Config,
        elapse: Elapse,
        ledger: Ledger,
        faults: Faults,
        client: httpx2.AsyncClient,
        tasks: TaskGroup,
    ) -> None:
        self._config = config
        self._elapse = elapse
        self._ledger = ledger
        self._faults = faults
        self._client = client
        self._tasks = tasks
        self._validator = RequestValidator(config.auth_token)
        self._lanes: dict[str, Lane] = {}
        self._ordinals: Counter[str] = Counter()
        self._doors = anyio.CapacityLimiter(CONNECTIONS)

    def signature(self, url: str, params: Params) -> str:
        """Return `X-Twilio-Signature`: HMAC-SHA1 of the address without its fragment and the sorted form."""
        return str(self._validator.compute_signature(urldefrag(url).url, params))

    async def fetch(self, hook: Hook) -> Answer:
        """Ask for a document. Raises `DocumentError` when none comes within the time, or a status other than 2xx."""
        with self._elapse.busy():
            fate = self._fate(hook)
            if fate.drop:
                self._note(hook, dropped=True)
                raise DocumentError(11205, "HTTP connection failure")
        await sleep(self._elapse, fate.delay_s) if fate.delay_s else None
        for _ in range(fate.times - 1):
            self._tasks.start_soon(self._quietly, hook)
        return await self._send(hook)

    def notify(self, hook: Hook) -> None:
        """Send a webhook whose answer does not matter, after those of its lane that went before."""
        if not hook.url:
            return
        lane = self._lanes.setdefault(hook.lane or hook.call_sid, Lane())
        before, done = lane.last, anyio.Event()
        lane.last = done
        self._tasks.start_soon(self._deliver, hook, self._fate(hook), lane, before, done)

    async def _deliver(self, hook: Hook, fate: Fate, lane: Lane, before: anyio.Event | None, done: anyio.Event) -> None:
        try:
            if fate.drop:
                self._note(hook, dropped=True)
                return
            if before is not None:
                await before.wait()
            if fate.hold or fate.delay_s:
                done.set()
                await self._linger(fate, lane)
            async with anyio.create_task_group() as copies:
                for _ in range(fate.times):
                    copies.start_soon(self._quietly, hook)
            went, lane.went = lane.went, anyio.Event()
            went.set()
        finally:
            done.set()

    async def _linger(self, fate: Fate, lane: Lane) -> None:
        if fate.delay_s:
            await sleep(self._elapse, fate.delay_s)
        if fate.hold:
            went = lane.went
            with self._elapse.limit(HOLD_S):
                await went.wait()

    async def _quietly(self, hook: Hook) -> None:
        try:
            await self._send(hook)
        except DocumentError as error:
            self._ledger.add("error", hook.call_sid, code=error.code, message=error.message, url=hook.url)

    def _fate(self, hook: Hook) -> Fate:
        name = hook.params.get("StatusCallbackEvent") or hook.params.get("CallStatus", "")
        key = f"{hook.call_sid or hook.lane}|{hook.kind}|{name}"
        self._ordinals[key] += 1
        return self._faults.webhook(hook.kind, f"{key}|{self._ordinals[key]}")

    async def _send(self, hook: Hook) -> Answer:
        """Send once, and again as the address's `#rc=` allows (once by default) when the connection fails."""
        if not is_loopback(hook.url):
            self._note(hook, error=11210, text="not a loopback address")
            raise DocumentError(11210, f"The simulator talks to loopback addresses only, not to {hook.url}")
        overrides = parse_qs(urldefrag(hook.url).fragment)
        retries = overrides.get("rc", ["1"])[0]
        tries = 1 + min(5, int(retries) if retries.isdigit() else 1)
        wants = set(overrides.get("rp", ["ct"])[0].split(","))
        failure = DocumentError(11205, "HTTP connection failure")
        for turn in range(tries):
            try:
                answer = await self._once(hook, turn)
            except DocumentError as error:
                failure = error
                if not wants & {"all", "ct" if error.code == 11205 else "rt"}:
                    raise
                continue
            if 200 <= answer.status < 300:
                return answer
            failure = DocumentError(11200, f"Got HTTP {answer.status} response to {hook.url}")
            if not wants & {"all", f"{answer.status // 100}xx"}:
                raise failure
        raise failure

    async def _once(self, hook: Hook, turn: int) -> Answer:
        url = urldefrag(hook.url).url
        body = b""
        if hook.method == "GET":
            url += ("&" if "?" in url else "?") + urlencode(hook.params) if hook.params else ""
        else:
            body = urlencode(hook.params).encode()
        headers = {
            "X-Twilio-Signature": self.signature(url, hook.params if hook.method == "POST" else {}),
            "I-Twilio-Idempotency-Token": self._idempotency_token(hook),
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        with self._elapse.busy():
            try:
                async with self._doors:
                    with anyio.fail_after(self._config.webhook_timeout_s):
                        async with self._client.stream(hook.method, url, content=body, headers=headers) as response:
                            answer = await self._read(response)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                self._note(hook, error=11205, turn=turn)
                raise DocumentError(11205, "HTTP connection failure") from error
            except (httpx2.TransportError, httpx2.InvalidURL, TimeoutError) as error:
                self._note(hook, error=11200, turn=turn, text=type(error).__name__)
                raise DocumentError(11200, f"HTTP retrieval failure: {type(error).__name__}") from error
        if answer is None:
            self._note(hook, error=11750, turn=turn)
            raise DocumentError(11750, "TwiML response body too large")
        self._note(hook, status=answer.status, answer=answer, turn=turn)
        return answer

    async def _read(self, response: httpx2.Response) -> Answer | None:
        chunks = bytearray()
        is_media = response.headers.get("content-type", "").startswith("audio/")
        async for chunk in response.aiter_bytes():
            chunks += chunk
            if len(chunks) > BODY_BYTES and not is_media:
                return None
        return Answer(response.status_code, response.headers.get("content-type", ""), bytes(chunks))

    def _idempotency_token(self, hook: Hook) -> str:
        made = hashlib.sha256(f"{hook.kind}{hook.url}{sorted(hook.params.items())}".encode()).digest()
        return base64.urlsafe_b64encode(made[:18]).decode()

    def _note(
        self,
        hook: Hook,
        *,
        status: int = 0,
        answer: Answer | None = None,
        dropped: bool = False,
        error: int = 0,
        turn: int = 0,
        text: str = "",
    ) -> None:
        if answer is not None:
            text = "" if answer.content_type.startswith("audio/") else answer.body.decode("utf-8", "replace")
        self._ledger.add(
            "webhook",
            hook.call_sid,
            webhook=hook.kind,
            method=hook.method,
            url=hook.url,
            params=dict(hook.params),
            status=status,
            answer=text,
            dropped=dropped,
            error=error,
            turn=turn,
        )


def make_client(config: Config) -> httpx2.AsyncClient:
    """Return a client that keeps no cookies and asks no proxy."""
    return httpx2.AsyncClient(
        timeout=config.webhook_timeout_s,
        trust_env=False,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
    )
