"""A channel with a window: free words for a day, templates after that, a reminder an hour before, opt-outs obeyed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from contact_center.errors import Conflict, Invalid
from contact_center.live import views
from contact_center.rules.messaging import InboundConsent, InboundMessage
from contact_center.rules.model import Channel
from contact_center.rules.templates import Template
from contact_center.store import templates as store
from tests.support.house import TestHouse, open_house
from tests.support.toy_channel import ToyChannel

GREETS = Template("HX1", "seguimiento", "es_MX", "utility", "Hola {{1}}, hay novedades.", "approved")
WORDS = "Hola Ana, hay novedades."


class Line:
    def __init__(self, house: TestHouse, toy: ToyChannel) -> None:
        self.house, self.toy = house, toy
        self._count = 0

    async def say(self, text: str) -> None:
        self._count += 1
        await self.toy.door.receive(
            InboundMessage(
                channel="toy", event_key=f"e{self._count}", address="ana", external_id=f"m{self._count}", text=text
            )
        )

    async def template(self, *templates: Template) -> list[Any]:
        await self.toy.door.keep_templates("toy", templates or (GREETS,))
        async with self.house.db.read() as conn:
            return list(await store.all_rows(conn))

    async def alerts(self) -> list[str]:
        async with self.house.db.read() as conn:
            return [one["kind"] for one in await views.alerts(conn, None)]

    async def deliver(self) -> Sequence[Mapping[str, Any]]:
        while await self.house.outbox.step("toy"):
            self.house.clock.advance(2)
        return [one.extra for one in self.toy.outbox]


@asynccontextmanager
async def open_line(database_url: str) -> AsyncIterator[Line]:
    toys: list[ToyChannel] = []

    def make(door: Any) -> list[ToyChannel]:
        toy = ToyChannel(door)
        toy.limits = replace(toy.limits, medium=Channel.whatsapp, reply_window_s=24 * 3600)
        toys.append(toy)
        return toys

    async with open_house(database_url, channels=make) as house:
        yield Line(house, toys[0])


async def test_after_a_day_only_a_template_goes_and_it_says_what_the_thread_shows(database_url: str) -> None:
    async with open_line(database_url) as line:
        house, agent = line.house, await line.house.staff("ana")
        await line.say("Hola")
        item = await house.take_first(agent)
        at = {"conversation_id": item["conversation"], "epoch": item["epoch"]}
        await house.do(agent, "conversation.reply", **at, text="Buenos días")
        (row,) = await line.template()
        house.clock.advance(24 * 3600)
        with pytest.raises(Conflict) as closed:
            await house.do(agent, "conversation.reply", **at, text="¿Sigue ahí?")
        assert closed.value.code == "window_closed"
        choice = {"template": {"id": row.id, "variables": {"1": "Ana"}}}
        with pytest.raises(Invalid) as other:
            await house.do(agent, "conversation.reply", **at, text="Otra cosa", extra=choice)
        assert other.value.code == "template_text"
        wrong = {"template": {"id": row.id, "variables": {"1": "a\nb"}}}
        with pytest.raises(Invalid) as blank:
            await house.do(agent, "conversation.reply", **at, text=WORDS, extra=wrong)
        assert blank.value.data["fields"] == {"1": "template_blanks"}
        for _ in range(2):
            await house.do(agent, "conversation.reply", "same-key-01", **at, text=WORDS, extra=choice)
        sent = [one for one in await line.deliver() if "template" in one]
        assert sent == [{"template": {"sid": "HX1", "variables": {"1": "Ana"}, "name": "seguimiento"}}]
        assert line.toy.outbox[-1].text == WORDS


async def test_a_template_that_is_not_approved_any_more_is_refused(database_url: str) -> None:
    async with open_line(database_url) as line:
        house, agent = line.house, await line.house.staff("ana")
        await line.say("Hola")
        item = await house.take_first(agent)
        (row,) = await line.template()
        (paused,) = await line.template(replace(GREETS, status="paused"))
        assert (paused.id, paused.status) == (row.id, "paused")
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"], "text": WORDS}
        with pytest.raises(Conflict) as caught:
            await house.do(
                agent, "conversation.reply", **fields, extra={"template": {"id": row.id, "variables": {"1": "Ana"}}}
            )
        assert caught.value.code == "template_gone"
        rows = await line.template(replace(GREETS, provider_id="HX2"))
        assert {one.provider_id: one.status for one in rows} == {"HX1": "gone", "HX2": "approved"}


async def test_an_hour_before_the_window_closes_its_agent_is_told_once(database_url: str) -> None:
    async with open_line(database_url) as line:
        house, agent = line.house, await line.house.staff("ana")
        console = house.watch_as(agent)
        await line.say("Hola")
        await house.take_first(agent)
        house.clock.advance(22.9 * 3600)
        await house.timers.windows()
        assert "window_closing" not in await line.alerts()
        house.clock.advance(0.2 * 3600)
        for _ in range(2):
            await house.timers.windows()
        await house.settle()
        told = [one["message"] for one in console.events if one["type"] == "message.added"]
        assert [one["code"] for one in told].count("window_closing") == 1
        assert "window_closing" in await line.alerts()
        assert not [one for one in await line.deliver() if one.get("code")]
        await line.say("Aquí sigo")
        await house.timers.windows()
        assert "window_closing" not in await line.alerts()


async def test_who_opted_out_is_not_written_to_and_the_agent_sees_why(database_url: str) -> None:
    async with open_line(database_url) as line:
        house, agent = line.house, await line.house.staff("ana")
        await line.say("Hola")
        item = await house.take_first(agent)
        await line.deliver()
        before = len(line.toy.outbox)
        stop = InboundConsent(channel="toy", event_key="stop", address="ana", allowed=False)
        await line.toy.door.receive(stop)
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"]}
        with pytest.raises(Conflict) as caught:
            await house.do(agent, "conversation.reply", **fields, text="Buenos días")
        assert caught.value.code == "opted_out"
        await line.deliver()
        assert len(line.toy.outbox) == before
        await line.toy.door.receive(replace(stop, event_key="start", allowed=True))
        await house.do(agent, "conversation.reply", **fields, text="Buenos días")
        await line.deliver()
        assert line.toy.outbox[-1].text == "Buenos días"
