"""Fetch a document, run its verbs one after the other, and fall back when it is of no use."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import anyio

from contact_center.simulators.twilio import calls
from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.model import Exchange, Leg, Step, call_params
from contact_center.simulators.twilio.twiml import EVERYWHERE, Verb, parse
from contact_center.simulators.twilio.webhooks import DocumentError, Hook, Params

APOLOGY: Final = "We are sorry, an application error has occurred. Goodbye."
REDIRECTS: Final = 1_000
"""Documents one call may ask for before it is taken for an endless circle."""


class Jump(Exception):
    """The document gives way to another step, or to nothing."""

    def __init__(self, step: Step | None) -> None:
        super().__init__()
        self.step = step


class Left(Exception):
    """<Leave>: out of the queue."""


@dataclass(frozen=True, slots=True)
class Page:
    """A document that runs: where it came from, what it may say, and what its requests carry besides."""

    x: Exchange
    leg: Leg
    url: str
    allowed: frozenset[str] = EVERYWHERE
    more: Callable[[], Params] = dict
    is_nested: bool = False
    """Runs while a verb of another document waits: its failures are that document's."""

    def absolute(self, url: str) -> str:
        return urljoin(self.url, url) if self.url else url

    def go(self, kind: str, url: str, method: str = "POST", **params: str) -> Step:
        """Return the step that fetches and runs a document as the next one of this page's kind."""
        there = Page(self.x, self.leg, self.absolute(url), self.allowed, self.more, self.is_nested)
        return lambda: _fetch_and_run(there, kind, method or "POST", params)

    def hook(self, kind: str, url: str, method: str = "POST", **params: str) -> Hook:
        """Return a webhook of this call, relative to this page."""
        form = call_params(self.x, self.leg, **(self.more() | params))
        return Hook(kind, self.absolute(url), form, method or "POST", call_sid=self.leg.sid)


Handler = Callable[[Page, Verb], Awaitable[None]]
HANDLERS: Final[dict[str, Handler]] = {}


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register what a verb does."""

    def register(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        return handler

    return register


def document(x: Exchange, leg: Leg, kind: str, url: str, method: str = "POST", **params: str) -> Step:
    """Return the step that fetches a document for a call and runs it."""
    return Page(x, leg, "").go(kind, url, method, **params)


def inline(x: Exchange, leg: Leg, twiml: str) -> Step:
    """Return the step that runs TwiML given with a request."""
    page = Page(x, leg, "")

    async def step() -> Step | None:
        return await _guarded(page, lambda: _run_body(page, "text/xml", twiml.encode()))

    return step


async def run(page: Page, verbs: tuple[Verb, ...]) -> None:
    """Run verbs in order. Raises `Jump` when one of them leads elsewhere, `DocumentError` when one is of no use."""
    for verb in verbs:
        await HANDLERS[verb.name](page, verb)


async def loop(page: Page, kind: str, method: str) -> None:
    """Run a nested document again and again until cancelled, as music while waiting. Raises `DocumentError`, `Left`."""
    while True:
        began = page.x.now()
        step: Step | None = page.go(kind, page.url, method)
        while step is not None:
            step = await step()
        if (page.x.now() - began).total_seconds() * calls.pace(page.x) < 1:
            await sleep(page.x.elapse, 1)


async def end_call(page: Page) -> None:
    """Hang up from within the document; never returns."""
    calls.hang_up(page.x, page.leg, "twiml")
    await anyio.sleep_forever()


async def _fetch_and_run(page: Page, kind: str, method: str, params: Params) -> Step | None:
    async def body() -> Step | None:
        leg = page.leg
        leg.documents += 1
        if leg.documents > REDIRECTS:
            raise DocumentError(12400, "The call goes in circles")
        answer = await page.x.webhooks.fetch(page.hook(kind, page.url, method, **params))
        if answer.content_type.startswith("audio/"):
            await calls.speak(page.x, leg, f"♪ {page.url}", 10.0)
            return None
        return await _run_body(page, answer.content_type, answer.body)

    if page.is_nested:
        return await body()
    return await _guarded(page, body)


async def _run_body(page: Page, content_type: str, body: bytes) -> Step | None:
    x, leg = page.x, page.leg
    verbs = parse(content_type, body, page.allowed)
    if leg.answered_at is None:
        if verbs and verbs[0].name == "Reject":
            leg.ending = "busy" if verbs[0].get("reason") == "busy" else "no-answer"
            return None
        calls.answer(x, leg)
    try:
        await run(page, verbs)
    except Jump as jump:
        return jump.step
    return None


async def _guarded(page: Page, body: Callable[[], Awaitable[Step | None]]) -> Step | None:
    """Run a document; when it is of no use ask the fallback address, or apologise and end."""
    x, leg = page.x, page.leg
    try:
        return await body()
    except DocumentError as error:
        x.ledger.add("error", leg.sid, code=error.code, message=error.message, url=page.url)
        if leg.fallback_url and not leg.has_fallen_back:
            leg.has_fallen_back = True
            return document(x, leg, "fallback", leg.fallback_url, ErrorCode=str(error.code), ErrorUrl=page.url)
    if leg.answered_at is None:
        calls.answer(x, leg)
    await calls.speak(x, leg, APOLOGY)
    return None
