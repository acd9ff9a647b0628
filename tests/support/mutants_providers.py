"""Planted bugs of SMS, WhatsApp and e-mail; see `tests.support.mutants`. Each breaks one promise."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

from channels import mail, twilio_rest, twilio_text, twilio_text_wire, twilio_wire
from contact_center.errors import ContactCenterError, ProviderError
from contact_center.jobs.media import MediaFetcher
from contact_center.rules.messaging import InboundMessage
from tests.support.mutants import _mutant


@_mutant
@contextmanager
def texts_lose_their_names() -> Iterator[None]:
    """Every delivery of a message looks like a new one."""
    inner, number = twilio_text_wire.parse_message, count()

    def parse_message(form: Any) -> Any:
        event, n = inner(form), next(number)
        if not isinstance(event, InboundMessage):
            return event
        return replace(event, event_key=f"{event.event_key}.{n}", external_id=f"{event.external_id}.{n}")

    with patch.object(twilio_text_wire, "parse_message", parse_message):
        yield


@_mutant
@contextmanager
def the_list_is_never_read() -> Iterator[None]:
    """What no webhook brought stays away."""

    async def look(self: Any) -> int:
        return 0

    with patch.object(twilio_text.TwilioText, "look", look):
        yield


@_mutant
@contextmanager
def no_answer_is_taken_for_no() -> Iterator[None]:
    """A POST whose answer got lost is made again."""
    inner = twilio_rest.Rest.post

    async def post(self: Any, path: str, form: Any) -> Any:
        try:
            return await inner(self, path, form)
        except ProviderError as error:
            if error.code == "uncertain":
                raise ProviderError("unreachable", retryable=True) from error
            raise

    with patch.object(twilio_rest.Rest, "post", post):
        yield


@_mutant
@contextmanager
def pauses_are_not_kept() -> Iterator[None]:
    """A provider that asks for a pause is asked again at once."""
    with patch.object(twilio_rest, "_retry_after", lambda response: 0.0):
        yield


@_mutant
@contextmanager
def anybody_may_sign() -> Iterator[None]:
    """A webhook is believed without its signature."""
    with patch.object(twilio_wire, "check_signed", lambda *_: None):
        yield


@_mutant
@contextmanager
def every_step_is_delivered() -> Iterator[None]:
    """What failed is shown as delivered."""
    states = dict.fromkeys(twilio_text_wire.STATES, twilio_text_wire.STATES["delivered"])
    with patch.object(twilio_text_wire, "STATES", states):
        yield


@_mutant
@contextmanager
def files_are_deleted_as_they_come() -> Iterator[None]:
    """The provider's copy of a file is deleted before ours is on disk."""
    inner = MediaFetcher._read

    async def _read(self: Any, channel: Any, ref: Any, max_bytes: int) -> bytes:
        content = await inner(self, channel, ref, max_bytes)
        await channel.forget(ref)
        return content

    with patch.object(MediaFetcher, "_read", _read):
        yield


@_mutant
@contextmanager
def texts_keep_no_pace() -> Iterator[None]:
    """A number's messages leave as fast as they can."""
    inner = twilio_text._limits

    def _limits(sender: Any) -> Any:
        return replace(inner(sender), per_s=100_000.0)

    with patch.object(twilio_text, "_limits", _limits):
        yield


@_mutant
@contextmanager
def mail_is_marked_before_it_is_stored() -> Iterator[None]:
    """A mail that the house could not take is gone."""
    inner = mail.MailChannel._one

    async def _one(self: Any, box: Any, uid: int) -> None:
        try:
            await inner(self, box, uid)
        except ContactCenterError:
            await self._in_thread(box.mark_read, uid)

    with patch.object(mail.MailChannel, "_one", _one):
        yield


@_mutant
@contextmanager
def a_cut_line_is_taken_for_no() -> Iterator[None]:
    """A mail whose fate is unknown is handed over again."""
    inner = mail.MailChannel._hand_over

    async def _hand_over(self: Any, client: Any, to: str, raw: bytes) -> None:
        try:
            await inner(self, client, to, raw)
        except ProviderError as error:
            raise ProviderError("unreachable", retryable=True) from error

    with patch.object(mail.MailChannel, "_hand_over", _hand_over):
        yield
