"""The house as messaging channels reach it. What is not committed is not acknowledged (PROMISES P8)."""

from collections.abc import Sequence
from typing import Any

from contact_center.actions.inbound import Receive
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.outbox import Health
from contact_center.actions.templates import KeepTemplates
from contact_center.actions.writer import Writer
from contact_center.rules.messaging import Inbound
from contact_center.rules.templates import Template


class MessageIntake:
    """A `ports.MessageDoor` on the node's writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def receive(self, event: Inbound) -> None:
        """Take one event, once. Raises Unavailable when it could not be stored: the provider has to send it again."""
        await self._writer.submit(SYSTEM, "message.receive", Receive.model_construct(event=event))

    async def keep_templates(self, channel: str, templates: Sequence[Template]) -> None:
        """Take over a provider's list of templates."""
        body = KeepTemplates(channel=channel, templates=tuple(templates))
        await self._writer.submit(SYSTEM, "channel.templates", body)

    async def report_health(self, channel: str, problem: str | None, **facts: Any) -> None:
        """Ring for a channel that is broken, or stop ringing."""
        await self._writer.submit(SYSTEM, "channel.health", Health(channel=channel, problem=problem, facts=facts))
